"""A store in memory, and what tests of consent ask for again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexers.personal.grants import Grant, Grants, Request, Today, asked, settled
from indexers.sources.connectors.base import Connector, Item, Kind, Moment, Reader, Things

INCARNATION = "0f" * 16


@dataclass
class Kept:
    """Each grant's bytes, while its key is there. `locked` as a vault is before its passphrase."""

    bytes: dict[tuple[str, str], bytes] = field(default_factory=dict)
    head: bytes | None = None

    def put(self, grant: str, name: str, data: bytes) -> None:
        self.bytes[grant, name] = data

    def get(self, grant: str, name: str) -> bytes | None:
        return self.bytes.get((grant, name))

    def remove(self, grant: str, name: str) -> None:
        self.bytes.pop((grant, name), None)

    def remember(self, head: bytes) -> None:
        self.head = head

    def remembered(self) -> bytes | None:
        return self.head


def lines(reader: Reader) -> Things:
    """A connector in four lines: every text file is a note, dated by its first line."""
    for file in reader.files("*.txt"):
        with reader.open(file) as stream:
            day, _, text = stream.read().decode().partition("\n")
        yield Item(Kind.NOTE, file.name, text, file.name, Moment(day))


NOTES = Connector("notes", 1, "Notes in text files.", (Kind.NOTE,), lines)


def grants(folder: Path, store: Kept | None = None, today: Today | None = None) -> Grants:
    """A ledger in a folder."""
    return Grants(folder / "grants.log", store or Kept(), today or Today(INCARNATION, {"notes": 1}))


def allow(ledger: Grants, request: Request, connector: Connector = NOTES, again: str = "") -> Grant:
    """Say yes."""
    request = settled(request)
    agreed = asked(request, connector, ledger.today.policy)
    return ledger.allow(request, connector, agreed=agreed, by="owner", again=again)


def texts(things: Iterator[object]) -> list[str]:
    """The texts of the items among things."""
    return [thing.text for thing in things if isinstance(thing, Item)]

"""Item -> record, and back: how a thing of a life stands in the index.

A record's key is the item's own id, and unique in its source whichever export it came in: an export that overlaps an
earlier one replaces, and adds only what is new. Its metadata say who, in two forms: `author` and `people` for a
person to read, `by` and `with` for filters, as `|anna lind|anna.lind@example.org|` in the form in which names and
addresses are compared (people/folding.py).
Knows fields; knows nothing of grants, passages or the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indexers.personal.people.folding import address, name_words
from indexers.records import Record, digest
from indexers.sources.connectors.base import Item, Kind, Person
from indexers.sources.connectors.clock import spoken

QUOTED = 2_000
"""Most characters of what an item quotes that are kept beside its text."""

WHAT = {
    Kind.VIDEO: "video watched", Kind.SEARCH: "searched for", Kind.VISIT: "page visited", Kind.TRACK: "music played",
    Kind.READING: "book or article read", Kind.COMMAND: "command run", Kind.PLACE: "place visited",
    Kind.ASSISTANT: "asked of an assistant", Kind.EVENT: "calendar",
}  # fmt: skip
"""Kinds in words that people ask by, where that is not their name."""

PEOPLE = 50
"""Most people of one item that are kept: beyond are lists, not company."""


@dataclass(frozen=True, slots=True)
class Kept(Record):
    """A record whose key is unique in its source."""

    @property
    def place(self) -> bytes:
        """16 bytes that name the thing, in whichever file of an export it lies."""
        return digest(self.source, self.key)


def kept(item: Item, source: str, region: str = "") -> Kept:
    """The record of an item. `region`: the country of telephone numbers without one."""
    return Kept(
        source, item.locator, item.text or item.title, title(item), item.native, item.moment.iso, item.form,
        metadata=facts(item, region), marks=item.marks,
    )  # fmt: skip


def title(item: Item) -> str:
    """What stands above each passage of it: title, what it is, who wrote it and on which day, so that these can be
    asked for: a line of a watch history does not say that it is about a video that was watched."""
    who = item.author.name or item.author.address if item.author else ""
    what = WHAT.get(item.kind, item.kind.value)
    said = item.title or what
    parts = ("" if what in said.casefold() else what, who if who not in said else "", _day(item.moment.iso))
    aside = ", ".join(part for part in parts if part)
    return f"{said} ({aside})" if aside else said


def _day(iso: str) -> str:
    """`13 May 2026`; empty where the day is not known."""
    try:
        return spoken(date.fromisoformat(iso[:10]))
    except ValueError:
        return ""


def facts(item: Item, region: str = "") -> dict[str, Any]:
    """Everything of an item but its text, title and time, without what is empty."""
    everybody = (*((item.author,) if item.author else ()), *item.people)[:PEOPLE]
    found: dict[str, Any] = {
        "type": item.kind.value, "author": _shown(item.author) if item.author else "",
        "people": [_shown(one) for one in item.people[:PEOPLE]], "origin": item.origin.value, "thread": item.thread,
        "labels": list(item.labels), "url": item.url, "quoted": item.quoted[:QUOTED],
        "attachments": list(item.attachments), "basis": item.moment.basis.value, "dated": item.moment.raw,
        "by": _folded(everybody[:1] if item.author else (), region), "with": _folded(everybody, region),
    }  # fmt: skip
    return {**{name: value for name, value in found.items() if value}, **{f"x-{k}": v for k, v in item.extra.items()}}


def messages(metadata: Mapping[str, Any]) -> int:
    """How many messages a stretch of a chat has; 0 for what is none."""
    count = metadata.get("x-messages", 0)
    return count if isinstance(count, int) else 0


class Lengths:
    """How long the stretches of chats are that are kept, by place: a shorter one never takes a longer one's place.

    A stretch that grew at the end of one export is whole in the next; read in whichever order, the longer stays.
    """

    def __init__(self, held: Callable[[], Iterable[tuple[int, int]]]) -> None:
        self._read = held
        self._held: dict[int, int] | None = None

    def weigh(self, records: Sequence[Kept], places: Sequence[int]) -> tuple[list[bool], list[bool]]:
        """Of each record: whether a longer one is kept or among these, and whether it is the longest so far."""
        counts = [messages(record.metadata) for record in records]
        shorter, longest = [False] * len(counts), [False] * len(counts)
        if not any(counts):
            return shorter, longest
        if self._held is None:
            self._held = dict(self._read())
        best: dict[int, int] = {}
        for at, place in enumerate(places):
            if counts[at] > (counts[best[place]] if place in best else 0):
                best[place] = at
        for at, place in enumerate(places):
            if counts[at]:
                held = self._held.get(place, 0)
                shorter[at] = best[place] != at or counts[at] < held
                longest[at] = best[place] == at and counts[at] > held
        for place, at in best.items():
            self._held[place] = max(self._held.get(place, 0), counts[at])
        return shorter, longest


def persons(metadata: Mapping[str, Any]) -> tuple[Person | None, tuple[Person, ...]]:
    """Author and people of a record, as its item had them."""
    author = metadata.get("author")
    return (_person(author) if author else None), tuple(_person(one) for one in metadata.get("people", ()))


def sighting(metadata: Mapping[str, Any], title_: str) -> Item:
    """As much of the item as an address book wants."""
    author, people = persons(metadata)
    kind = Kind(metadata.get("type", Kind.DOCUMENT))
    return Item(kind, "", "", "", title=title_, author=author, people=people)


def _shown(person: Person) -> str:
    return f"{person.name} <{person.address}>" if person.address else person.name


def _person(shown: str) -> Person:
    name, _, rest = str(shown).rpartition(" <")
    return Person(name, rest.removesuffix(">")) if rest.endswith(">") else Person(str(shown))


def _folded(people: Iterable[Person], region: str) -> str:
    forms = dict.fromkeys(
        form
        for person in people
        for form in (" ".join(name_words(person.name)), address(person.address or person.name, region))
        if form
    )
    return f"|{'|'.join(forms)}|" if forms else ""

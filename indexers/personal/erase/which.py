"""Which records of a grant are to go: those with a person, a phrase, a label, of some days.

Each of the four that is given must hold; of several people, phrases or labels one is enough. What a record says of
itself stands in its metadata: `author` and `people` (names and addresses), `labels`; its text is that of its passages.
Knows records as a vault keeps them; changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cascade.errors import UsageError
from indexers.personal.erase.scan import texts
from indexers.personal.granted import is_meant
from indexers.personal.granted.gate import mentions
from indexers.personal.granted.paths import plain
from indexers.personal.grants import spans
from indexers.personal.vault.unlocked import Unlocked
from indexers.sources.connectors.base import Person


@dataclass(frozen=True, slots=True)
class Which:
    """What is to go. `until` alone takes the undated too where `undated` says so."""

    people: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    undated: bool = False

    @classmethod
    def of(
        cls,
        *,
        people: tuple[str, ...] = (),
        phrases: tuple[str, ...] = (),
        labels: tuple[str, ...] = (),
        since: str = "",
        until: str = "",
    ) -> Which:
        """As a person says it. Raises UsageError for days that are none, and where nothing is said."""
        which = cls(people, phrases, labels, spans.day(since), spans.day(until, last=True))
        if which == cls() or not all(text.strip() for text in (*people, *phrases, *labels)):
            raise UsageError("Say what is to go: a person, a phrase, a label or days. For all: cascade me revoke")
        return which

    def takes(self, record: Kept) -> bool:
        """Whether a record is to go."""
        return (
            (not self.people or any(record.with_person(name) for name in self.people))
            and (not self.phrases or any(record.says(phrase) for phrase in self.phrases))
            and (not self.labels or any(plain(label) in record.labels for label in self.labels))
            and self._of_days(record.time[:10])
        )

    def _of_days(self, on: str) -> bool:
        if not on:
            return self.undated or not (self.since or self.until)
        return (not self.since or on >= self.since) and (not self.until or on <= self.until)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is kept. `id` has 16 bytes; `place` is the catalog's, and stays the same in a later export."""

    id: bytes
    place: int
    title: str
    time: str
    text: str
    metadata: dict[str, Any]

    @property
    def labels(self) -> frozenset[str]:
        """In the form in which they are compared."""
        return frozenset(plain(label) for label in _strings(self.metadata.get("labels")))

    def with_person(self, name: str) -> bool:
        """Whether somebody wrote it, is among its people, or stands in it by address or full name."""
        said = (*_strings(self.metadata.get("author")), *_strings(self.metadata.get("people")))
        everything = (self.title, self.text, *_strings(self.metadata))
        return any(is_meant(_person(one), name) for one in said) or any(mentions(one, name) for one in everything)

    def says(self, phrase: str) -> bool:
        """Whether a phrase stands in it, without regard to case."""
        wanted = plain(phrase)
        return any(wanted in plain(one) for one in (self.title, self.text, *_strings(self.metadata)))


def kept(unlocked: Unlocked, grant: str) -> Iterator[Kept]:
    """Every record of a grant, a segment at a time. Raises NoKey, Corrupt."""
    for entry in unlocked.records.live(grant).segments:
        packed = unlocked.records.segment(grant, entry.name)
        columns, at = packed.catalog.records, packed.catalog.passages["record"]
        said: list[list[str]] = [[] for _ in range(len(columns["id_hi"]))]
        for number, text in zip(at.tolist(), texts(packed), strict=True):
            said[number].append(text)
        highs, lows = (columns[name].astype(np.uint64).tolist() for name in ("id_hi", "id_lo"))
        for number, passages in enumerate(said):
            yield Kept(
                highs[number].to_bytes(8, "big") + lows[number].to_bytes(8, "big"),
                int(columns["place"][number]),
                columns["title"][number],
                columns["time"][number],
                "".join(passages),
                json.loads(columns["metadata"][number]),
            )


def _strings(value: Any) -> tuple[str, ...]:
    """All texts in a value of JSON."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return tuple(text for inner in value.values() for text in _strings(inner))
    return tuple(text for inner in value for text in _strings(inner)) if isinstance(value, list) else ()


def _person(text: str) -> Person:
    name, _, rest = text.rpartition("<")
    return Person(name.strip(), rest.removesuffix(">")) if rest.endswith(">") else Person(text, text)

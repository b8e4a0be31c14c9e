"""What a grant would take in, counted before anybody says yes: nothing is kept, and nothing is written.

Counts by kind, the days from and to, the people who are there most, size, conversations, the most sensitive hits, and
what would be left out and why. Memory is bounded, however much is read: people are counted by the frequent-items
sketch of Misra and Gries (1982; counts are too low by at most one in `FACES`, never too high), conversations by the
smallest of their hashes (K minimum values, Bar-Yossef and others 2002: exact up to `SMALLEST`, then within 3 in 100).
Knows items; finds secrets by a function that it is given.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from indexers.personal.granted import Opened, Reading, day
from indexers.personal.granted.roots import Barred
from indexers.personal.grants import Permit
from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, Item, Person

FACES = 4_096
"""Most people who are counted at a time."""

SMALLEST = 4_096
"""Hashes by which conversations are counted."""

NOTHING = "No file there is one that it reads: docs/connectors.md says where the export is had, and what is in it."
"""Said where a source holds nothing that its connector looks at: another export, or a folder too high or too deep."""

SHOWN, FAULTS_SHOWN = 10, 20
"""How many hits and people are named, and how many unreadable things."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """Something sensitive: how much so (larger is more), what it is, and where it stands. Never the thing itself."""

    weight: float
    what: str
    locator: str = ""


FindSecrets = Callable[[str], Iterable[Hit]]
"""What is sensitive in a text, without a locator."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be kept, and what not. `cut`: it ended before the source did."""

    items: int
    characters: int
    kinds: dict[str, int]
    first: str
    last: str
    undated: int
    people: tuple[tuple[Person, int], ...]
    threads: int
    hits: tuple[Hit, ...]
    sensitive: dict[str, int]
    left: dict[str, int]
    passed_over: dict[str, int]
    unreadable: int
    faults: tuple[Skipped, ...]
    files: int
    bytes: int
    cut: bool

    def lines(self) -> Iterator[str]:
        """For a person."""
        least = "at least " if self.cut else ""
        yield f"{least}{self.items:,} things of {self.characters:,} characters, in {self.bytes:,} bytes read"
        if not self.files:
            yield NOTHING
        yield from _block("Kinds", [_counted(self.kinds)] if self.kinds else [])
        dated = f"{self.first} to {self.last}" if self.first else "none dated"
        yield from _block("Days", [f"{dated}; {self.undated:,} undated" if self.undated else dated])
        yield from _block("Threads", [f"{self.threads:,}"] if self.threads else [])
        yield from _block("People", [f"{_named(person)}: {count:,}" for person, count in self.people])
        yield from _block("Sensitive", [_counted(self.sensitive)] if self.sensitive else [])
        yield from _block("", [f"{hit.what}: {hit.locator}" for hit in self.hits])
        left = {**self.left, **self.passed_over}
        yield from _block("Left out", [f"{count:,} {reason}" for reason, count in left.items()])
        yield from _block("Unreadable", [f"{self.unreadable:,}"] if self.unreadable else [])
        yield from _block("", [f"{fault.locator}: {fault.reason}" for fault in self.faults])


def preview(
    permit: Permit,
    connector: Connector,
    find_secrets: FindSecrets,
    *,
    most: int = 0,
    barred: Barred = frozenset(),
) -> Preview:
    """Read what a permit takes in, and count it; end after `most` things (0: never), or when the owner interrupts."""
    tally = _Tally()
    with Reading(permit, connector, tally.opened, barred=barred) as reading:
        try:
            for thing in reading.things():
                if isinstance(thing, Skipped):
                    tally.skipped(thing)
                else:
                    tally.item(thing, find_secrets)
                if 0 < most <= tally.items:
                    tally.cut = True
                    break
        except KeyboardInterrupt:
            tally.cut = True
        return tally.told(dict(reading.gate.left.most_common()))


class _Distinct:
    """How many different texts there are, from the smallest of their hashes."""

    def __init__(self) -> None:
        self._largest_first: list[int] = []
        self._held: set[int] = set()

    def add(self, text: str) -> None:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
        if number in self._held:
            return
        if len(self._held) < SMALLEST:
            heapq.heappush(self._largest_first, -number)
            self._held.add(number)
        elif number < -self._largest_first[0]:
            self._held.remove(-heapq.heapreplace(self._largest_first, -number))
            self._held.add(number)

    def __len__(self) -> int:
        if len(self._held) < SMALLEST:
            return len(self._held)
        return round((SMALLEST - 1) * 2**64 / -self._largest_first[0])


@dataclass(slots=True)
class _Tally:
    """The counts so far."""

    items: int = 0
    characters: int = 0
    undated: int = 0
    unreadable: int = 0
    bytes: int = 0
    cut: bool = False
    first: str = ""
    last: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    sensitive: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    files: int = 0
    faults: list[Skipped] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    faces: dict[Person, int] = field(default_factory=dict)
    threads: _Distinct = field(default_factory=_Distinct)

    def opened(self, file: Opened) -> None:
        self.files += 1
        self.bytes += file.bytes

    def skipped(self, thing: Skipped) -> None:
        if not thing.fault:
            self.passed_over[thing.reason] += 1
            return
        self.unreadable += 1
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append(thing)

    def item(self, item: Item, find_secrets: FindSecrets) -> None:
        self.items += 1
        self.characters += len(item.text)
        self.kinds[item.kind] += 1
        self._dated(day(item.moment))
        if item.thread:
            self.threads.add(item.thread)
        for person in {*item.people, *([item.author] if item.author else ())}:
            self._seen(person)
        for hit in find_secrets(f"{item.title}\n{item.text}"):
            self.sensitive[hit.what] += 1
            heapq.heappush(self.hits, replace(hit, locator=item.locator))
            if len(self.hits) > SHOWN:
                heapq.heappop(self.hits)

    def _dated(self, on: str) -> None:
        if not on:
            self.undated += 1
            return
        self.first = min(self.first or on, on)
        self.last = max(self.last, on)

    def _seen(self, person: Person) -> None:
        if person in self.faces or len(self.faces) < FACES:
            self.faces[person] = self.faces.get(person, 0) + 1
        else:
            self.faces = {face: count - 1 for face, count in self.faces.items() if count > 1}

    def told(self, left: dict[str, int]) -> Preview:
        people = sorted(self.faces.items(), key=lambda each: (-each[1], each[0].name, each[0].address))
        return Preview(
            items=self.items,
            characters=self.characters,
            kinds=dict(self.kinds.most_common()),
            first=self.first,
            last=self.last,
            undated=self.undated,
            people=tuple(people[:SHOWN]),
            threads=len(self.threads),
            hits=tuple(sorted(self.hits, reverse=True)),
            sensitive=dict(self.sensitive.most_common()),
            left=left,
            passed_over=dict(self.passed_over.most_common()),
            unreadable=self.unreadable,
            faults=tuple(self.faults),
            files=self.files,
            bytes=self.bytes,
            cut=self.cut,
        )


def _block(title: str, lines: list[str]) -> list[str]:
    return [f"{title if at == 0 else '':<10} {line}" for at, line in enumerate(lines)]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _named(person: Person) -> str:
    return " ".join(filter(None, (person.name, f"<{person.address}>" if person.address else "")))

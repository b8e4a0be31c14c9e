"""Needles as sources for `indexers.ingest`: what goes in before, what changes it after, and what is deleted again.

    planting = Planting(needles)
    ingest(root, [planting.among(haystack, size)], encoder)     # each record at its depth of insertion
    ingest(root, [planting.changes], encoder)                   # replaces by key, or stands beside
    remove(root, planting.gone)                                 # where `planting.deleted` is not empty

Knows records and sources; knows nothing of an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eval.needles.needle import Kind, Needle, Planted
from indexers.records import Kind as Structure
from indexers.records import Record, Skipped, Source

SOURCE = "needles"
"""The `source` of every planted record, in whichever run it is added: so that a changed one replaces the old."""

_STRUCTURES = {"py": Structure.CODE, "json": Structure.CODE, "ini": Structure.CODE}


@dataclass(frozen=True, slots=True)
class Records:
    """Some records as a source."""

    records: tuple[Record, ...]
    name: str = SOURCE

    def read(self) -> Iterable[Record]:
        """All of them, in order."""
        return self.records


@dataclass(frozen=True, slots=True)
class Among:
    """A haystack with planted records between its own. `places`: before which of its records each one stands."""

    haystack: Source
    planted: tuple[tuple[int, Record], ...]
    name: str = SOURCE

    def read(self) -> Iterator[Record | Skipped]:
        """The haystack's records as they are, and at its place each planted one; the last ones after the end."""
        waiting = list(reversed(self.planted))
        for at, thing in enumerate(self.haystack.read()):
            while waiting and waiting[-1][0] <= at:
                yield waiting.pop()[1]
            yield thing
        while waiting:
            yield waiting.pop()[1]


@dataclass(frozen=True, slots=True)
class Planting:
    """Needles that lie in one index."""

    needles: Sequence[Needle]

    @property
    def first(self) -> Records:
        """Everything the first ingest adds, needle by needle."""
        return Records(tuple(record for _, record in self._first()))

    @property
    def changes(self) -> Records:
        """What a second ingest adds. Empty when nothing is updated."""
        return Records(tuple(record for needle in self.needles for record in _made(needle, after=True)))

    @property
    def deleted(self) -> tuple[str, ...]:
        """Keys of the records to delete once everything is in."""
        return tuple(one.key for needle in self.needles for one in needle.records if one.deleted)

    @property
    def gone(self) -> str:
        """The filter that deletes these, for `indexers.remove`; empty when there are none."""
        keys = ", ".join(f'"{key}"' for key in self.deleted)
        return f'source = "{SOURCE}" and key in ({keys})' if keys else ""

    def among(self, haystack: Source, size: int) -> Among:
        """The first ingest with the haystack (of so many records): each record at its `Depth.insertion`.

        0 stands before the first record of the haystack, 1 after the last, .5 in the middle; the order of needles
        decides between equals.
        """
        placed = [(round(insertion * size), record) for insertion, record in self._first()]
        return Among(haystack, tuple(sorted(placed, key=lambda pair: pair[0])))

    def _first(self) -> Iterator[tuple[float, Record]]:
        for needle in self.needles:
            for record in _made(needle, after=False):
                yield needle.depth.insertion, record


def record(needle: Needle, planted: Planted) -> Record:
    """One planted record as ingest takes it, with the structure it would have if it came from a file."""
    structure = Structure.PLAIN
    if needle.kind is Kind.IN_TABLE:
        structure = Structure.TABLE
    elif needle.kind is Kind.IN_CODE:
        structure = _STRUCTURES[planted.title.rpartition(".")[2]]
    return Record(
        SOURCE, planted.key, planted.text, planted.title, planted.key, planted.time, structure,
        needle.language.rpartition(">")[2],
    )  # fmt: skip


def _made(needle: Needle, after: bool) -> list[Record]:
    return [record(needle, one) for one in needle.records if one.after is after]

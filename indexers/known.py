"""What an index already holds, as sorted arrays: so that nothing is added twice and no embedding computed twice.

One leaf per segment; a look-up asks each leaf for a whole batch at once. About 40 bytes a passage.
Knows hashes and rows; knows nothing of text or sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from cascade.index.vectors import Int8s
from indexers.records import Record

U64 = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Keys:
    """The hashes of a batch of records: of their content (`high`, `low`) and of the thing it is the content of."""

    high: U64
    low: U64
    place: U64

    @classmethod
    def of(cls, records: Sequence[Record]) -> Keys:
        """Hash each record once."""
        ids = np.frombuffer(b"".join(record.id for record in records), dtype=">u8").reshape(-1, 2).astype(np.uint64)
        places = np.frombuffer(b"".join(record.place[:8] for record in records), dtype=">u8").astype(np.uint64)
        return cls(np.ascontiguousarray(ids[:, 0]), np.ascontiguousarray(ids[:, 1]), places)


FEW = 100
"""Up to so many values are looked for by reading the column through: sorting it first would take longer."""


class Sorted:
    """A column of hashes that can be looked up: in row order, and sorted as soon as many are looked for."""

    def __init__(self, values: U64) -> None:
        self.values = values
        self._order: Rows | None = None

    def row(self, wanted: U64) -> Rows:
        """The first row that holds each value, or -1."""
        order = self._of(wanted)
        if not len(order):
            return np.full(len(wanted), -1, dtype=np.int64)
        ordered = self._ordered if order is self._order else self.values[order]
        inside = np.minimum(np.searchsorted(ordered, wanted), len(order) - 1)
        return np.where(ordered[inside] == wanted, order[inside], -1)

    def rows(self, value: np.uint64) -> Rows:
        """Every row that holds a value."""
        if self._order is None:
            return np.flatnonzero(self.values == value)
        begin, end = (np.searchsorted(self._ordered, value, side) for side in ("left", "right"))
        return self._order[begin:end]

    def _of(self, wanted: U64) -> Rows:
        """Rows in the order of their values: all, or at least those that hold one of a few."""
        if self._order is None and len(wanted) <= FEW:
            rows = np.flatnonzero(np.isin(self.values, wanted))
            return rows[np.argsort(self.values[rows], kind="stable")]
        if self._order is None:
            self._order = np.argsort(self.values, kind="stable")
            self._ordered = self.values[self._order]
        return self._order


class Leaf:
    """What one segment holds. `alive`: bool (n,), cleared here as this run replaces rows."""

    def __init__(self, name: str, keys: Keys, digests: U64, vectors: Int8s, alive: NDArray[np.bool_]) -> None:
        self.name, self.keys, self.vectors, self.alive = name, keys, vectors, alive
        self.content, self.place, self.digest = Sorted(keys.high), Sorted(keys.place), Sorted(digests)


class Known:
    """All leaves of an index, and the vectors computed for passages that are not committed yet."""

    def __init__(self, leaves: Sequence[Leaf] = ()) -> None:
        self.leaves = list(leaves)
        self._pending: list[tuple[Sorted, Int8s]] = []

    def note(self, digests: U64, vectors: Int8s) -> None:
        """Vectors computed since the last commit, by digest."""
        self._pending.append((Sorted(digests), vectors))

    def settle(self, leaf: Leaf) -> None:
        """A committed segment takes the place of what was noted."""
        self.leaves.append(leaf)
        self.forget()

    def forget(self) -> None:
        """Let go of what was noted."""
        self._pending.clear()

    def unchanged(self, keys: Keys) -> NDArray[np.bool_]:
        """Which records the index holds already, with the same content."""
        found = np.zeros(len(keys.high), dtype=bool)
        for leaf in self.leaves:
            row = leaf.content.row(keys.high)
            same = (row >= 0) & (leaf.keys.low[row] == keys.low) & leaf.alive[row]
            for at in np.flatnonzero((row >= 0) & ~same):
                rows = leaf.content.rows(keys.high[at])
                same[at] = bool(((leaf.keys.low[rows] == keys.low[at]) & leaf.alive[rows]).any())
            found |= same
        return found

    def replaced(self, keys: Keys, new: NDArray[np.bool_]) -> dict[str, Rows]:
        """Live rows that hold older content of the same things as the new records, by segment."""
        out: dict[str, Rows] = {}
        for leaf in self.leaves:
            hit = np.flatnonzero(new & (leaf.place.row(keys.place) >= 0))
            if len(hit):
                rows = np.concatenate([leaf.place.rows(keys.place[at]) for at in hit.tolist()])
                rows = rows[leaf.alive[rows]]
                leaf.alive[rows] = False
                if len(rows):
                    out[leaf.name] = rows
        return out

    def reuse(self, digests: U64, dim: int) -> tuple[NDArray[np.bool_], Int8s]:
        """For embedded texts by digest: which have a vector already, and the vectors, int8 (n, dim)."""
        have = np.zeros(len(digests), dtype=bool)
        out = np.empty((len(digests), dim), dtype=np.int8)
        for held, vectors in [*((leaf.digest, leaf.vectors) for leaf in self.leaves), *self._pending]:
            row = held.row(digests)
            fresh = (row >= 0) & ~have
            if fresh.any():
                out[fresh] = vectors[row[fresh]]
                have |= fresh
        return have, out


class Seen:
    """The places met in this run: sorted arrays that merge as they grow, 8 bytes a place."""

    def __init__(self) -> None:
        self._runs: list[U64] = []

    def add(self, places: U64) -> NDArray[np.bool_]:
        """Note places; True for those met before, in this run or earlier in the batch."""
        _, first = np.unique(places, return_index=True)
        before = np.ones(len(places), dtype=bool)
        before[first] = False
        before |= self.holds(places)
        self._runs.append(np.unique(places[~before]))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]))]
        return before

    def holds(self, places: U64) -> NDArray[np.bool_]:
        """Which places have been met."""
        out = np.zeros(len(places), dtype=bool)
        for run in self._runs:
            if len(run):
                at = np.minimum(np.searchsorted(run, places), len(run) - 1)
                out |= run[at] == places
        return out

"""Row numbers of a commit: as the whole counts them, and as each shard counts its own.

Knows segments and shards; knows nothing of what is in a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Rows
from indexers.cluster.fleet import Crew


class Numbers:
    """Row numbers of a commit, as the whole counts them and as each shard does."""

    def __init__(self, crew: Crew) -> None:
        sizes = np.array([entry.passages for entry in crew.manifest.segments], dtype=np.int64)
        self._bases = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self._shards = np.array([crew.held[entry.name] for entry in crew.manifest.segments], dtype=np.int64)
        self._inner = np.zeros(len(sizes), dtype=np.int64)
        self._outer: dict[int, tuple[Rows, Rows]] = {}
        for shard in crew.shards:
            here = np.flatnonzero(self._shards == shard)
            self._inner[here] = np.concatenate(([0], np.cumsum(sizes[here])))[:-1]
            self._outer[shard] = self._inner[here], self._bases[here]

    @property
    def total(self) -> int:
        """Rows in all."""
        return int(self._bases[-1])

    def split(self, rows: Rows) -> dict[int, tuple[NDArray[np.int64], NDArray[np.uint32]]]:
        """By shard: the positions in `rows` that it holds, and those rows as it counts them."""
        segments = np.searchsorted(self._bases, rows, side="right") - 1
        shards, local = self._shards[segments], rows - self._bases[segments] + self._inner[segments]
        out = {}
        for shard in np.unique(shards).tolist():
            positions = np.flatnonzero(shards == shard)
            out[shard] = positions, local[positions].astype(np.uint32)
        return out

    def one(self, row: int) -> tuple[int, int]:
        """The shard of a row, and the row as it counts it."""
        ((shard, (_, local)),) = self.split(np.array([row])).items()
        return shard, int(local[0])

    def back(self, shard: int, local: NDArray[np.integer[Any]]) -> Rows:
        """Rows as a shard counts them, as the whole does: int64."""
        inner, outer = self._outer[shard]
        at = np.searchsorted(inner, local, side="right") - 1
        rows: Rows = local.astype(np.int64) - inner[at] + outer[at]
        return rows

"""A sample of the vectors of a source, drawn evenly over all of it while it is read: what lists are trained on.

A record is in the sample when the hash of its place is under a bound. The bound falls as more is read, so that the
sample grows with the square root of what was read, as the number of lists does; what lies above it then is let go. So
the head of a source has no more weight than its end, and about twice as much is encoded as is kept.
Knows hashes, records and how many vectors a list needs; knows nothing of lists or files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.vectors import Int8s
from cascade.models.base import Encoder
from indexers.compact import SAMPLE, wanted
from indexers.known import Keys
from indexers.making import Maker
from indexers.records import Record


class Sampler:
    """Takes in records, keeps vectors of some.

    `expected`: passages in all; 0: as many as there turn out to be. `most`: bytes of the sample; twice as much is held.
    """

    def __init__(self, encoder: Encoder, rotation: Floats, expected: int = 0, most: int = SAMPLE) -> None:
        self._maker, self._expected = Maker(encoder, rotation, None), expected
        self._dim, self._most = encoder.dim, most
        self._hashes: list[NDArray[np.uint64]] = []
        self._vectors: list[Int8s] = []
        self._halvings = 0
        while expected >> (self._halvings + 1) > self._wanted(expected) * 5 // 4:
            self._halvings += 1
        self.records = 0

    @property
    def _kept(self) -> int:
        return sum(map(len, self._hashes))

    @property
    def passages(self) -> int:
        """How many there are in all, as far as the sample tells."""
        return self._expected or self._kept << self._halvings

    def take(self, records: Sequence[Record]) -> None:
        """Read some records; those in the sample are encoded."""
        self.records += len(records)
        places = np.frombuffer(b"".join(record.place[:8] for record in records), dtype=">u8").astype(np.uint64)
        chosen = np.flatnonzero(self._under(places))
        some = [records[at] for at in chosen.tolist()]
        batch = self._maker.batch(some, Keys.of(some)) if some else None
        if batch is not None:
            self._hashes.append(places[chosen][batch.catalog.passages["record"]])
            self._vectors.append(batch.vectors)
        while self._kept > 2 * self._wanted(self.passages):
            self._halve()

    def vectors(self) -> Int8s:
        """The sample: int8 (m, dim), no more than training wants of so many passages."""
        if not self._vectors:
            return np.empty((0, self._dim), np.int8)
        hashes = np.concatenate(self._hashes)
        chosen = np.argsort(hashes, kind="stable")[: self._wanted(self.passages)]
        return np.concatenate(self._vectors)[np.sort(chosen)]

    def _wanted(self, passages: int) -> int:
        return wanted(passages, self._dim, self._most)

    def _under(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        return hashes <= np.uint64(2**64 - 1) >> np.uint64(self._halvings)

    def _halve(self) -> None:
        self._halvings += 1
        kept = [self._under(hashes) for hashes in self._hashes]
        self._hashes = [hashes[mask] for hashes, mask in zip(self._hashes, kept, strict=True)]
        self._vectors = [vectors[mask] for vectors, mask in zip(self._vectors, kept, strict=True)]

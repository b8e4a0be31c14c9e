"""An encoder that takes vectors of passages from an index instead of computing them again.

So peers over hundreds of thousands of passages are built in minutes, and from the very vectors Cascade searches: int8,
in the coordinates of the index. What the index does not hold is encoded and rounded alike.
Knows an index and an encoder; knows no engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from cascade.data import Floats
from cascade.index.snapshot import Snapshot
from cascade.index.vectors import dequantize, quantize
from cascade.models.base import Encoder
from eval.peers.base import own_count
from indexers.embed import digests
from indexers.known import Sorted


class Stored:
    """`encoder` as the index of `snapshot` was built with it. Open while the snapshot is. About 16 bytes a passage."""

    def __init__(self, encoder: Encoder, snapshot: Snapshot) -> None:
        self._encoder, self._snapshot = encoder, snapshot
        self.name, self.dim, self.limit = encoder.name, encoder.dim, encoder.limit
        self.fingerprint = encoder.fingerprint
        self.count = own_count(encoder)
        self.computed = 0

    @cached_property
    def _held(self) -> list[Sorted]:
        catalog = self._snapshot.catalog
        return [Sorted(catalog.identities(number)["digest"]) for number in range(len(self._snapshot.segments))]

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length, in the coordinates of the index."""
        return self._snapshot.rotate(self._encoder.encode_query(text))

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), nearly unit length, in the coordinates of the index."""
        wanted = digests(texts)
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        missing = np.ones(len(texts), dtype=bool)
        for held, segment in zip(self._held, self._snapshot.segments, strict=True):
            rows = held.row(wanted)
            fresh = missing & (rows >= 0)
            out[fresh] = dequantize(segment.vectors()[rows[fresh]])
            missing &= ~fresh
        if missing.any():
            own = self._encoder.encode_passages([texts[at] for at in np.flatnonzero(missing).tolist()])
            out[missing] = dequantize(quantize(own @ self._snapshot.rotation))
            self.computed += int(missing.sum())
        return out

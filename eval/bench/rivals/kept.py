"""An encoder that answers from the vectors given, so that every engine gets the very same and none is computed twice.

Knows what is given and the encoder it came from; knows no engine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cascade.data import Floats
from cascade.models import resolve
from eval.bench.rivals.given import Given
from indexers.embed import digests
from indexers.known import Sorted


class Kept:
    """The encoder that made the vectors given, answering from them. What it does not know, it encodes as that does."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._encoder = resolve.encoder(given.encoder)
        self.name, self.dim, self.limit = given.encoder, given.dim, self._encoder.limit
        self.fingerprint = self._encoder.fingerprint
        self._asked = {one.text: at for at, one in enumerate(given.questions)}
        self._held: Sorted | None = None
        self.computed = 0

    def encode_query(self, text: str) -> Floats:
        """float32 (dim,), unit length."""
        at = self._asked.get(text)
        return self._encoder.encode_query(text) if at is None else self._given.queries[at]

    def encode_passages(self, texts: Sequence[str]) -> Floats:
        """float32 (n, dim), unit length, in the order given."""
        if self._held is None:
            self._held = Sorted(digests(list(self._given.texts())))
        rows = self._held.row(digests(texts))
        out: Floats = np.asarray(self._given.vectors[np.maximum(rows, 0)])
        missing = np.flatnonzero(rows < 0)
        if len(missing):
            out[missing] = self._encoder.encode_passages([texts[at] for at in missing.tolist()])
            self.computed += len(missing)
        return out

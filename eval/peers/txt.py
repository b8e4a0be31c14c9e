"""The peer `txtai`: hybrid search, its own BM25 and its own dense index (FAISS as it comes), half and half.

Vectors come from the encoder given, through txtai's external vectors. It holds the keys of all passages in memory.
Knows txtai and the Peer protocol; knows nothing of judgments or time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from cascade.data import Floats
from cascade.models.base import Encoder
from eval.peers.base import DEEPER, batches, first, need
from indexers.records import Record


class Txt:
    """A txtai index in memory and in txtai's own temporary files, with vectors of `encoder`."""

    name = "txtai"

    def __init__(self, encoder: Encoder) -> None:
        self._txtai = need("txtai")
        self._encoder = encoder
        self._encode: Callable[[Sequence[str]], Floats] = self._passages
        self._keys: list[str] = []
        self._index: Any = None

    def build(self, records: Iterable[Record]) -> None:
        """Index every passage; its place is its id."""

        def transform(texts: Sequence[str]) -> Floats:
            return self._encode(texts)

        self._keys.clear()
        self._encode = self._passages
        settings = {"method": "external", "transform": transform, "hybrid": True, "content": False}
        self._index = self._txtai.Embeddings(settings)
        self._index.index(self._rows(records))
        self._encode = self._queries

    def search(self, text: str, k: int) -> list[str]:
        """Hybrid search with txtai's default weights; nothing for a text without characters."""
        if not text.strip() or not self._keys:
            return []
        found = self._index.search(text, min(DEEPER * k, len(self._keys)))
        return first((self._keys[place] for place, _ in found), k)

    def _rows(self, records: Iterable[Record]) -> Iterator[tuple[int, str, None]]:
        for pieces in batches(records, self._encoder):
            for piece in pieces:
                self._keys.append(piece.key)
                yield len(self._keys) - 1, piece.text, None

    def _passages(self, texts: Sequence[str]) -> Floats:
        return self._encoder.encode_passages(texts)

    def _queries(self, texts: Sequence[str]) -> Floats:
        return np.stack([self._encoder.encode_query(text) for text in texts])

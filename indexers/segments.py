"""Records and their passages, gathered until they fill a segment.

Knows how columns are laid out; knows nothing of sources, encoders or commits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.index.analyzer import whole
from cascade.index.catalog import CatalogBatch, Columns, strings
from cascade.index.segment import Batch
from cascade.index.texts import Joined
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s
from indexers.known import Keys
from indexers.passages import Piece
from indexers.records import Record


def catalog_batch(
    records: Sequence[Record], pieces: Sequence[Sequence[Piece]], keys: Keys, digests: NDArray[np.uint64]
) -> CatalogBatch:
    """Columns of records and of all their pieces, in order. `keys` and `pieces` are one per record."""
    sizes = [len(p) for p in pieces]
    flat = [piece for of_record in pieces for piece in of_record]
    return CatalogBatch(
        _record_columns(records, keys),
        {
            "record": np.repeat(np.arange(len(records), dtype=np.uint32), sizes),
            "ordinal": np.concatenate([np.arange(size, dtype=np.uint32) for size in sizes] or [np.empty(0, np.uint32)]),
            "start": np.fromiter((piece.start for piece in flat), np.uint64, len(flat)),
            "stop": np.fromiter((piece.end for piece in flat), np.uint64, len(flat)),
            "heading": _texts([piece.heading for piece in flat]),
            "digest": digests,
        },
    )


def _record_columns(records: Sequence[Record], keys: Keys) -> Columns:
    return {
        "id_hi": keys.high,
        "id_lo": keys.low,
        "place": keys.place,
        "source": _texts([r.source for r in records]),
        "locator": _texts([r.locator for r in records]),
        "key": _texts([r.key for r in records]),
        "title": _texts([r.title for r in records]),
        "time": _texts([r.time for r in records]),
        "kind": _texts([r.kind.value for r in records]),
        "language": _texts([r.language for r in records]),
        "metadata": _texts([_json(r.metadata) for r in records]),
    }


def _texts(values: Sequence[str]) -> NDArray[Any]:
    return strings([value if value.isascii() else whole(value) for value in values])


def _json(metadata: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(metadata), ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(metadata), ensure_ascii=False, default=str)


def _finite(value: Any) -> Any:
    """With null for NaN and infinities, which JSON does not have."""
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Pending:
    """Batches that will become one segment together: about 1 KB a passage of 50 words, in a few large arrays."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._vectors: list[Int8s] = []
        self._tokens: list[TokenBatch] = []
        self._texts: list[Joined] = []
        self._catalogs: list[CatalogBatch] = []
        self._passages = self.bytes = 0

    def __len__(self) -> int:
        return self._passages

    def add(self, batch: Batch) -> None:
        """Put a batch to the others."""
        texts = Joined.of(batch.texts)
        self._vectors.append(batch.vectors)
        self._tokens.append(batch.tokens)
        self._texts.append(texts)
        self._catalogs.append(batch.catalog)
        self._passages += len(batch)
        self.bytes += len(texts.raw)

    def take(self) -> Batch:
        """Everything so far as one batch without records that have no passage; nothing is pending afterwards.

        Joined column by column, each let go before the next: so no more than one of them is held twice.
        """
        catalogs, self._catalogs = CatalogBatch.join(self._catalogs), []
        catalog = catalogs.once()
        catalog = catalog.take(np.arange(len(catalog)))
        vectors, self._vectors = np.concatenate(self._vectors), []
        tokens, self._tokens = TokenBatch.join(self._tokens), []
        texts = Joined.join(self._texts)
        self._clear()
        return Batch(vectors, tokens, texts, catalog)

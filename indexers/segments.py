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
from cascade.index.catalog import CatalogBatch, Columns
from cascade.index.segment import Batch
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


def _texts(values: Sequence[str]) -> NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = [whole(value) for value in values]
    return out


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
    """Batches that will become one segment together."""

    def __init__(self) -> None:
        self.parts: list[Batch] = []
        self.keys: list[Keys] = []
        self.bytes = 0

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def add(self, batch: Batch) -> None:
        """Put a batch to the others."""
        self.parts.append(batch)
        self.bytes += sum(map(len, batch.texts))

    def take(self) -> Batch:
        """Everything so far as one batch; nothing is pending afterwards."""
        batch = Batch.join(self.parts)
        self.parts, self.bytes = [], 0
        return batch

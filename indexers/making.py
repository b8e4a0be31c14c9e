"""Records -> a batch of passages: cut, embedded, laid out in columns. What ingest and personal intake have in common.

Knows the order of three steps; knows nothing of sources, of what is known already, or of where the batch goes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.segment import Batch
from cascade.index.snapshot import Snapshot
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import Int8s
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from indexers.embed import Embedder, digests
from indexers.known import Keys, Known, Leaf
from indexers.passages import Cutter, Rules, embedded, head
from indexers.records import Record
from indexers.segments import catalog_batch


class Maker:
    """Makes batches with one encoder; texts that `known` (if any) has a vector of are not embedded again."""

    def __init__(self, encoder: Encoder, rotation: Floats, known: Known | None) -> None:
        own_count = None if hasattr(encoder, "encode_tokens") else getattr(encoder, "count", None)
        self.vocabulary = Vocabulary()
        self.embedder = Embedder(encoder, rotation, known)
        self._cutter = Cutter(self.vocabulary, Rules(limit=min(encoder.limit, 256)), own_count)

    def batch(self, records: Sequence[Record], keys: Keys) -> Batch | None:
        """The passages of some records and all records' columns; None where no record gives a passage."""
        pieces = self._cutter.cut(records)
        pairs = [(record, piece) for record, of_record in zip(records, pieces, strict=True) for piece in of_record]
        if not pairs:
            return None
        texts = [embedded(record, piece) for record, piece in pairs]
        heads = self._heads([head(record, piece) for record, piece in pairs])
        tokens = TokenBatch.of(heads, [piece.tokens for _, piece in pairs])
        hashes = digests(texts)
        vectors = self.embedder.embed(texts, hashes, tokens)
        raw = [record.text[piece.start : piece.end].encode("utf-8", "surrogatepass") for record, piece in pairs]
        return Batch(vectors, tokens, raw, catalog_batch(records, pieces, keys, hashes))

    def _heads(self, heads: list[str]) -> list[NDArray[np.uint16]]:
        distinct = list(dict.fromkeys(heads))
        ids = dict(zip(distinct, self.vocabulary.encode(distinct), strict=True))
        return [ids[text] for text in heads]


def leaf(name: str, batch: Batch, order: Rows | None = None, vectors: Int8s | None = None) -> Leaf:
    """What a batch that was just written holds, to be known. `order`: its passages in the order of the segment's rows,
    where that is another; `vectors`: those of the rows, where they are mapped."""
    order = np.arange(len(batch)) if order is None else order
    at = batch.catalog.passages["record"][order]
    records = batch.catalog.records
    keys = Keys(records["id_hi"][at], records["id_lo"][at], records["place"][at])
    held = batch.vectors[order] if vectors is None else vectors
    return Leaf(name, keys, batch.catalog.passages["digest"][order], held, np.ones(len(batch), dtype=bool))


def leaf_of(snapshot: Snapshot, number: int) -> Leaf:
    """What a segment of an index holds, to be known. Raises Corrupt."""
    columns = snapshot.catalog.identities(number)
    keys = Keys(columns["id_hi"], columns["id_lo"], columns["place"])
    segment = snapshot.segments[number]
    return Leaf(segment.entry.name, keys, columns["digest"], segment.vectors(), snapshot.live[number].copy())

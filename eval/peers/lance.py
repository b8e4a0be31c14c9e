"""The peer `lancedb`: hybrid search, vectors and words joined by LanceDB's own reciprocal rank fusion.

Vectors are compared exactly (no vector index: LanceDB's best quality; its time grows with the passages), words by its
full-text index as it comes. Knows LanceDB and the Peer protocol; knows nothing of judgments or time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cascade.models.base import Encoder
from eval.peers.base import DEEPER, Piece, batches, first, need
from indexers.records import Record

TABLE = "passages"


class Lance:
    """A LanceDB table in `folder`, with vectors of `encoder`."""

    name = "lancedb"

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._lancedb = need("lancedb")
        self._arrow = need("pyarrow")
        self._fusion = need("lancedb.rerankers").RRFReranker()
        self._folder, self._encoder = folder, encoder
        self._table: Any = None
        self._passages = 0

    def build(self, records: Iterable[Record]) -> None:
        """Write the table and its full-text index."""
        arrow = self._arrow
        vector = arrow.list_(arrow.float32(), self._encoder.dim)
        schema = arrow.schema({"key": arrow.string(), "text": arrow.string(), "vector": vector})
        rows = self._rows(batches(records, self._encoder), schema)
        database = self._lancedb.connect(str(self._folder))
        database.drop_table(TABLE, ignore_missing=True)
        self._table = database.create_table(TABLE, data=rows, schema=schema)
        self._passages = self._table.count_rows()
        if self._passages:
            self._table.create_index("text", config=need("lancedb.index").FTS())

    def search(self, text: str, k: int) -> list[str]:
        """Hybrid search; nothing for a text without characters."""
        if not text.strip() or not self._passages:
            return []
        vector = self._encoder.encode_query(text)
        asked = self._table.search(query_type="hybrid").vector(vector).text(text).distance_type("cosine")
        found = asked.rerank(self._fusion).limit(min(DEEPER * k, self._passages)).to_arrow()
        return first(found["key"].to_pylist(), k)

    def _rows(self, batched: Iterable[list[Piece]], schema: Any) -> Iterator[Any]:
        arrow = self._arrow
        for pieces in batched:
            keys, texts = zip(*pieces, strict=True)
            vectors = np.ascontiguousarray(self._encoder.encode_passages(texts), dtype=np.float32)
            flat = arrow.FixedSizeListArray.from_arrays(arrow.array(vectors.ravel()), self._encoder.dim)
            columns = [arrow.array(keys), arrow.array(texts), flat]
            yield arrow.RecordBatch.from_arrays(columns, schema=schema)

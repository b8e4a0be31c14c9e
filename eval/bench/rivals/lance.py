"""LanceDB: no index, IVF_PQ, IVF_RQ, IVF_HNSW_SQ, and its hybrid search; sized and asked as its documentation says.

Partitions: a 4,096th of the rows for IVF_PQ and IVF_RQ, a 1,048,576th for IVF_HNSW_SQ; sub-vectors: an eighth of the
dimensions; `ef` from 1.5 to 10 times k. Row ids are all that is returned. Knows LanceDB and the protocol of rivals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Facts, Series, Setting, Usual, probes
from eval.bench.rivals.given import Given
from eval.peers.base import need

TABLE, VECTOR = "passages", "vector"
AT_ONCE = 16_384


class _Lance(Usual):
    """A table with one vector column; `_row` is the number of a passage."""

    compares = Comparison.NOMINATION
    page = "https://docs.lancedb.com/indexing/vector-index"

    def build(self, given: Given, folder: Path) -> Facts:
        """Write the table, then its index."""
        table = need("lancedb").connect(str(folder)).create_table(TABLE, data=_batches(given, False), mode="overwrite")
        return self._index(table, given)

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Open the table and learn which row id is which passage."""
        self._table: Any = need("lancedb").connect(str(folder)).open_table(TABLE)
        pairs = self._table.search().with_row_id(True).select(["row"]).limit(len(given)).to_arrow()
        ids, rows = pairs["_rowid"].to_numpy(), pairs["row"].to_numpy()
        order = np.argsort(ids)
        self._ids, self._rows = ids[order], rows[order]
        self._partitions = partitions(len(given))

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest, as row ids."""
        query = self._table.search(asked.vector, vector_column_name=VECTOR).distance_type("cosine").limit(k)
        return tuned(query, setting).select(["_rowid", "_distance"]).with_row_id(True).to_arrow()

    def rows(self, found: Any) -> Rows:
        """The passages of row ids."""
        rows: Rows = self._rows[np.searchsorted(self._ids, found["_rowid"].to_numpy())]
        return rows

    def _index(self, table: Any, given: Given) -> Facts:
        raise NotImplementedError


class Unindexed(_Lance):
    """Every vector compared, which its documentation advises up to 100,000 rows."""

    name = "lancedb-flat"

    def _index(self, table: Any, given: Given) -> Facts:
        return {"index": "none"}


class Product(_Lance):
    """IVF_PQ, which its documentation prefers up to 256 dimensions."""

    name = "lancedb-ivf-pq"

    def settings(self, k: int) -> Sequence[Series]:
        """`nprobe` by `refine_factor`."""
        return refined(k, self._partitions)

    def _index(self, table: Any, given: Given) -> Facts:
        made = {"num_partitions": partitions(len(given)), "num_sub_vectors": max(1, given.dim // 8)}
        table.create_index(VECTOR, config=need("lancedb.index").IvfPq(distance_type="cosine", **made))
        return {"index": "IVF_PQ", **made}


class Binary(_Lance):
    """IVF_RQ: RaBitQ with one bit a dimension."""

    name = "lancedb-ivf-rq"

    def settings(self, k: int) -> Sequence[Series]:
        """`nprobe` by `refine_factor`."""
        return refined(k, self._partitions)

    def _index(self, table: Any, given: Given) -> Facts:
        made = {"num_partitions": partitions(len(given)), "num_bits": 1}
        table.create_index(VECTOR, config=need("lancedb.index").IvfRq(distance_type="cosine", **made))
        return {"index": "IVF_RQ", **made}


class Graph(_Lance):
    """IVF_HNSW_SQ: a graph over int8 vectors, its documentation's best trade-off of recall and latency."""

    name = "lancedb-ivf-hnsw-sq"

    def settings(self, k: int) -> Sequence[Series]:
        """`ef` by `refine_factor`."""
        series = []
        for factor in (0, 1) if k > 1_000 else (0, 4):
            least = k * max(1, factor)  # under that LanceDB refuses
            efs = [round(least * times) for times in (1.5, 3, 10, 30) if least * times <= 100_000]
            series.append([{"ef": ef, "refine_factor": factor} for ef in efs])
        return series

    def _index(self, table: Any, given: Given) -> Facts:
        made = {"num_partitions": max(1, len(given) // 1_048_576)}
        table.create_index(VECTOR, config=need("lancedb.index").HnswSq(distance_type="cosine", **made))
        return {"index": "IVF_HNSW_SQ", **made}


class Hybrid(_Lance):
    """Vectors by IVF_PQ, words by its full-text index, joined by its reciprocal rank fusion."""

    name = "lancedb-hybrid"
    compares = Comparison.RETRIEVAL
    page = "https://docs.lancedb.com/search/hybrid-search"

    def build(self, given: Given, folder: Path) -> Facts:
        """A table with texts too, and both indexes."""
        table = need("lancedb").connect(str(folder)).create_table(TABLE, data=_batches(given, True), mode="overwrite")
        facts = Product()._index(table, given)
        table.create_index("text", config=need("lancedb.index").FTS())
        return {**facts, "words": "FTS"}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Open the table and its fusion."""
        super().open(given, folder, threads)
        self._fusion = need("lancedb.rerankers").RRFReranker()

    def settings(self, k: int) -> Sequence[Series]:
        """`nprobe`; vectors are refined where few rows are asked for."""
        return [probes(self._partitions, {"refine_factor": 0 if k > 1_000 else 10})]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The best by both."""
        query = self._table.search(query_type="hybrid", vector_column_name=VECTOR).vector(asked.vector).text(asked.text)
        return tuned(query.distance_type("cosine").rerank(self._fusion).limit(k), setting).select(["row"]).to_arrow()

    def rows(self, found: Any) -> Rows:
        """The column of passages."""
        rows: Rows = found["row"].to_numpy()
        return rows


def partitions(count: int) -> int:
    """Partitions of an IVF_PQ or IVF_RQ index of so many rows."""
    return max(1, count // 4_096)


def refined(k: int, lists: int) -> Sequence[Series]:
    """`nprobe` by `refine_factor` (0: not refined)."""
    return [probes(lists, {"refine_factor": factor}) for factor in ((0, 1) if k > 1_000 else (0, 4, 20))]


def tuned(query: Any, setting: Setting) -> Any:
    """A query with its knobs set."""
    if setting.get("nprobe"):
        query = query.nprobes(int(setting["nprobe"]))
    if setting.get("ef"):
        query = query.ef(int(setting["ef"]))
    return query.refine_factor(int(setting["refine_factor"])) if setting.get("refine_factor") else query


def _batches(given: Given, worded: bool) -> Any:
    """The passages as a reader of Arrow batches: row, vector, and text where it is wanted."""
    arrow = need("pyarrow")
    fields = {"row": arrow.int64(), VECTOR: arrow.list_(arrow.float32(), given.dim)}
    schema = arrow.schema({**fields, "text": arrow.string()} if worded else fields)

    def made() -> Iterator[Any]:
        texts = given.texts()
        for begin in range(0, len(given), AT_ONCE):
            part = np.ascontiguousarray(given.vectors[begin : begin + AT_ONCE])
            flat = arrow.FixedSizeListArray.from_arrays(arrow.array(part.ravel()), given.dim)
            columns = [arrow.array(np.arange(begin, begin + len(part))), flat]
            if worded:
                columns.append(arrow.array(list(islice(texts, len(part)))))
            yield arrow.RecordBatch.from_arrays(columns, schema=schema)

    return arrow.RecordBatchReader.from_batches(schema, made())

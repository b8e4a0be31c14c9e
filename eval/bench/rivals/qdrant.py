"""Qdrant: its engine within the process (Qdrant Edge), and the local mode of its Python client.

Edge is built as its documentation advises for latency: as many segments as cores, scalar int8 codes in memory beside
the float32 vectors, HNSW as it comes (m 16, ef_construct 100), optimized before it is asked. The local mode is written
in Python and compares every vector; the client itself warns above 20,000 points. Knows Qdrant and the protocol of
rivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Facts, Series, Setting, Usual
from eval.bench.rivals.given import Given
from eval.peers.base import need

NAME = "passages"
AT_ONCE = 8_192
SEGMENTS = 2


class Edge(Usual):
    """A shard with HNSW and int8 codes; the same core engine as the server's."""

    name = "qdrant-edge"
    compares = Comparison.NOMINATION
    page = "https://qdrant.tech/documentation/ops-optimization/optimize/"

    def build(self, given: Given, folder: Path) -> Facts:
        """Insert all points, then optimize: codes and graphs."""
        edge = need("qdrant_edge")
        shard = edge.EdgeShard.create(str(folder), self._config(edge, given.dim, SEGMENTS))
        for begin in range(0, len(given), AT_ONCE):
            part = given.vectors[begin : begin + AT_ONCE].tolist()
            points = [edge.Point(id=begin + at, vector={NAME: vector}) for at, vector in enumerate(part)]
            shard.update(edge.UpdateOperation.upsert_points(points))
        shard.optimize()
        shard.flush()
        info = shard.info()
        shard.close()
        return {"index": "HNSW m 16, ef_construct 100, int8", "segments": info.segments_count,
                "indexed": info.indexed_vectors_count}  # fmt: skip

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Load the shard."""
        self._edge = need("qdrant_edge")
        how = self._config(self._edge, given.dim, threads)
        self._shard: Any = self._edge.EdgeShard.load(str(folder), how)

    def settings(self, k: int) -> Sequence[Series]:
        """`hnsw_ef`, never under k, with codes and rescoring, and without codes; then every vector (`exact`)."""
        efs = [round(k * times) for times in (1, 2, 4, 8, 16) if k * times <= 60_000]
        return [[{"hnsw_ef": ef, "codes": codes} for ef in efs] for codes in (1, 0)] + [[{"exact": 1}]]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest, as ids."""
        edge = self._edge
        if setting.get("exact"):
            how = edge.SearchParams(exact=True)
        else:
            codes = edge.QuantizationSearchParams(ignore=not setting["codes"], rescore=True)
            how = edge.SearchParams(hnsw_ef=int(setting["hnsw_ef"]), quantization=codes)
        nearest = edge.Query.Nearest(asked.vector.tolist(), using=NAME)
        query = edge.QueryRequest(limit=k, query=nearest, with_payload=False, with_vector=False, params=how)
        return [point.id for point in self._shard.query(query)]

    def rows(self, found: Any) -> Rows:
        """Ids are rows."""
        return np.array(found, dtype=np.int64)

    def _config(self, edge: Any, dim: int, threads: int) -> Any:
        codes = edge.ScalarQuantizationConfig(type=edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned)
        return edge.EdgeConfig(
            vectors={NAME: edge.EdgeVectorParams(size=dim, distance=edge.Distance.Dot)},
            hnsw_config=edge.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=10_000),
            quantization_config=codes,
            optimizers=edge.EdgeOptimizersConfig(default_segment_number=SEGMENTS, indexing_threshold=10_000),
            wal_enabled=False,
            max_search_threads=threads,
        )


class Local(Usual):
    """The client's local mode, in memory: kept in a folder, it takes half an hour for 100,000 points."""

    name = "qdrant-local"
    compares = Comparison.NOMINATION
    page = "https://github.com/qdrant/qdrant-client#local-mode"
    most, beyond = 100_000, "The client itself warns above 20,000 points."

    def build(self, given: Given, folder: Path) -> Facts:
        """Insert all points, to see what that takes."""
        self._inserted(given)
        return {"index": "none", "kept": "in memory"}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Insert all points again, since nothing was kept."""
        self._open = self._inserted(given)

    def _inserted(self, given: Given) -> Any:
        client, models = need("qdrant_client").QdrantClient(":memory:"), need("qdrant_client").models
        params = models.VectorParams(size=given.dim, distance=models.Distance.DOT)
        client.create_collection(NAME, vectors_config=params)
        for begin in range(0, len(given), AT_ONCE):
            part = np.asarray(given.vectors[begin : begin + AT_ONCE])
            client.upload_collection(NAME, vectors=part, ids=list(range(begin, begin + len(part))))
        return client

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest, as points."""
        found = self._open.query_points(NAME, query=asked.vector, limit=k, with_payload=False, with_vectors=False)
        return found.points

    def rows(self, found: Any) -> Rows:
        """Ids are rows."""
        return np.array([point.id for point in found], dtype=np.int64)

"""The parts of engines, built from an index's own vectors and words: plain FAISS, and Tantivy by itself.

Each returns rows of the snapshot, so that its time and survival can be set beside a stage's; the whole engines that
search records are in `resolve`. Knows vectors and words; knows nothing of stages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from cascade.data import CEILING, Floats, Rows
from cascade.index import vectors
from cascade.index.snapshot import Snapshot

SURVIVING = 0.99
"""IVF-Flat is given as many probes as it takes to find this share of the exact top."""

TRIED = 20
"""Passages whose own vectors stand for queries when probes are chosen."""


class Part(Protocol):
    """Something that finds passages."""

    @property
    def name(self) -> str:
        """What it is called in results."""
        ...

    def search(self, vector: Floats, text: str, keep: int) -> Rows:
        """int64 (k,): the best rows for a rotated unit vector and its text, in any order."""
        ...


def parts(snapshot: Snapshot, seed: int) -> Iterator[Part]:
    """Exact FAISS, IVF-Flat where there is enough to cluster, and Tantivy's BM25, one after another: each holds all."""
    live = np.flatnonzero(np.concatenate(snapshot.live))
    values = vectors.dequantize(snapshot.vectors(live))
    yield Flat(values, live, snapshot.threads)
    if len(live) >= Inverted.LEAST:
        yield Inverted(values, live, snapshot.threads, seed)
    yield Words(snapshot)


class Flat:
    """`IndexFlatIP`: every vector, in float32."""

    name = "faiss IndexFlatIP"

    def __init__(self, values: Floats, rows: Rows, threads: int) -> None:
        import faiss

        self._rows, self._threads = rows, threads
        self._index: Any = faiss.IndexFlatIP(values.shape[1])
        self._index.add(values)

    def search(self, vector: Floats, text: str, keep: int) -> Rows:
        """The exact nearest."""
        return _found(self._index, self._rows, vector, keep, self._threads)


class Inverted:
    """`IndexIVFFlat` with 4 sqrt(n) lists, at the fewest probes that keep 99% of the exact nearest."""

    LEAST = 10_000

    def __init__(self, values: Floats, rows: Rows, threads: int, seed: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        lists = int(4 * np.sqrt(len(values)))
        self._rows, self._threads = rows, threads
        self._index: Any = faiss.IndexIVFFlat(
            faiss.IndexFlatIP(values.shape[1]), values.shape[1], lists, faiss.METRIC_INNER_PRODUCT
        )
        self._index.cp.max_points_per_centroid, self._index.cp.min_points_per_centroid = 64, 1
        self._index.cp.seed = seed
        self._index.train(values)
        self._index.add(values)
        self._choose_probes(values[np.random.default_rng(seed).choice(len(values), TRIED, replace=False)], values)
        self.name = f"faiss IVF{lists},Flat nprobe {self._index.nprobe}"

    def _choose_probes(self, queries: Floats, values: Floats) -> None:
        tops = [vectors.best(values @ query, CEILING) for query in queries]
        while self._index.nprobe < self._index.nlist:
            found = self._index.search(queries, CEILING)[1]
            if np.mean([np.isin(top, row).mean() for top, row in zip(tops, found, strict=True)]) >= SURVIVING:
                return
            self._index.nprobe = min(self._index.nlist, self._index.nprobe * 2)

    def search(self, vector: Floats, text: str, keep: int) -> Rows:
        """The nearest of the probed lists."""
        return _found(self._index, self._rows, vector, keep, self._threads)


class Words:
    """Tantivy's BM25 alone, segment by segment."""

    name = "tantivy BM25"

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def search(self, vector: Floats, text: str, keep: int) -> Rows:
        """The best by words."""
        return self._snapshot.worded(self._snapshot.terms(text), keep, None)[0]


def _found(index: Any, rows: Rows, vector: Floats, keep: int, threads: int) -> Rows:
    import faiss

    faiss.omp_set_num_threads(threads)
    found = index.search(vector[None, :], keep)[1][0]
    faiss.omp_set_num_threads(1)
    nearest: Rows = rows[found[found >= 0]]
    return nearest

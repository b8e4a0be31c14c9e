"""Coarse quantizers: the inverted-list centroids that one generation of segments shares. The home of faiss.

Knows centroids and vectors; knows nothing of rows, files, text or queries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.vectors import Int8s, dequantize

SLICE = 16_384
"""Vectors that are held as float32 at once."""


class Lists:
    """A coarse quantizer: one generation of inverted-list centroids, shared by segments.

    `centroids`: float32 (lists, dim), rotated, unit length.
    """

    def __init__(self, centroids: Floats) -> None:
        faiss = _faiss()
        self.centroids = np.ascontiguousarray(centroids, dtype=np.float32)
        self.index: Any = faiss.IndexFlatIP(self.centroids.shape[1])
        self.index.add(self.centroids)

    def __len__(self) -> int:
        return len(self.centroids)

    def assign(self, vectors: Int8s, threads: int = 1) -> NDArray[np.int64]:
        """The nearest list of each int8 vector, int64 (n,)."""
        faiss = _faiss()
        faiss.omp_set_num_threads(threads)
        out = np.empty(len(vectors), dtype=np.int64)
        for begin in range(0, len(vectors), SLICE):
            part = dequantize(vectors[begin : begin + SLICE])
            out[begin : begin + SLICE] = self.index.search(part, 1)[1][:, 0]
        faiss.omp_set_num_threads(1)
        return out

    def nearest(self, vector: Floats, probes: int) -> tuple[NDArray[np.int64], Floats]:
        """The lists to probe for one query, nearest first: int64 (probes,), and their similarities, float32."""
        near, lists = self.index.search(vector[None, :], min(probes, len(self)))
        return lists[0], near[0]


def train(sample: Floats, lists: int, threads: int, rounds: int = 10, seed: int = 117) -> Lists:
    """k-means on the sphere. At least 39 vectors a list, else faiss warns; 50 are enough (faiss#2301)."""
    faiss = _faiss()
    faiss.omp_set_num_threads(threads)
    kmeans = faiss.Kmeans(
        sample.shape[1],
        lists,
        niter=rounds,
        seed=seed,
        spherical=True,
        min_points_per_centroid=1,
        max_points_per_centroid=256,
    )
    kmeans.train(np.ascontiguousarray(sample))
    faiss.omp_set_num_threads(1)
    return Lists(kmeans.centroids)


def alone() -> None:
    """Have faiss use one thread when called from this thread (OpenMP counts threads per caller)."""
    _faiss().omp_set_num_threads(1)


def balance(listed: NDArray[np.int64], lists: int) -> float:
    """How uneven lists are: mean squared size over squared mean size; 1 is even (faiss calls it imbalance factor)."""
    sizes = np.bincount(listed, minlength=lists).astype(np.float64)
    return float(np.mean(sizes**2)) / max(float(np.mean(sizes)) ** 2, 1e-9)


def _faiss() -> Any:
    import faiss

    return faiss

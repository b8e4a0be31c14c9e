"""Vectors of a segment: int8 for exact scores, 1-bit RaBitQ codes in inverted lists for nomination. The home of faiss.

Vectors are rotated by one fixed random orthonormal matrix per index, which evens out the variance of the coordinates:
int8 with one constant step then loses almost nothing, and 1-bit RaBitQ needs it (its code assumes that the rotation is
done outside). Everything derives from the int8 values: codes can be rebuilt, and vectors reused, without a difference.

Knows vectors, lists and rows; knows nothing of text, records or queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.errors import UnusableIndex
from cascade.index import checks, dots, files

Int8s = NDArray[np.int8]

SPREAD = 4.5
"""Coordinates of a rotated unit vector are nearly normal with deviation 1/sqrt(dim); beyond 4.5 of them int8 clips
(6.8 in a million coordinates)."""


def step(dim: int) -> float:
    """The value of one int8 unit: cosine = dot(int8, query) * step."""
    return SPREAD / float(np.sqrt(dim)) / 127.0


def rotation(dim: int, seed: int = 117) -> Floats:
    """A random orthonormal matrix, float32 (dim, dim): the Q of the QR factors of a normal matrix."""
    normal = np.random.default_rng(seed).standard_normal((dim, dim))
    q, r = np.linalg.qr(normal)
    return np.ascontiguousarray(q * np.sign(np.diag(r)), dtype=np.float32)


def quantize(vectors: Floats) -> Int8s:
    """Rotated unit vectors, float32 (n, dim), to int8 (n, dim)."""
    scaled = np.rint(vectors * np.float32(1.0 / step(vectors.shape[1])))
    clipped: Int8s = np.clip(scaled, -127, 127).astype(np.int8)
    return clipped


def dequantize(vectors: Int8s) -> Floats:
    """The float32 values that int8 vectors stand for."""
    return vectors.astype(np.float32) * np.float32(step(vectors.shape[1]))


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


def train(sample: Int8s, lists: int, threads: int, rounds: int = 10, seed: int = 117) -> Lists:
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
    kmeans.train(dequantize(sample))
    faiss.omp_set_num_threads(1)
    return Lists(kmeans.centroids)


def write_codes(path: Path, vectors: Int8s, listed: NDArray[np.int64], lists: Lists) -> None:
    """Encode rows that are already in list order (`listed` ascending) and write them with row numbers as ids.

    The coarse quantizer is left out of the file: it is shared, and set again on opening.
    """
    faiss = _faiss()
    dim = vectors.shape[1]
    index = faiss.IndexIVFRaBitQ(lists.index, dim, len(lists), faiss.METRIC_INNER_PRODUCT)
    index.own_fields = False
    index.train(dequantize(vectors[: max(1, min(len(vectors), 1000))]))
    for begin in range(0, len(vectors), SLICE):
        part = dequantize(vectors[begin : begin + SLICE])
        ids = np.arange(begin, begin + len(part), dtype=np.int64)
        to = np.ascontiguousarray(listed[begin : begin + len(part)])
        index.add_core(len(part), faiss.swig_ptr(part), faiss.swig_ptr(ids), faiss.swig_ptr(to))
    empty = faiss.IndexFlatIP(dim)
    index.quantizer = empty
    with files.writing(path, RuntimeError):
        faiss.write_index(index, str(path))
    if checks.codes(path, dim, len(lists), len(vectors)):
        raise UnusableIndex(
            f"faiss {faiss.__version__} writes codes in another way than this version of Cascade reads. "
            "Install the faiss-cpu that constraints.txt names."
        )
    files.disk.flush(path)


class Codes:
    """The 1-bit codes of one segment, memory-mapped. Open only files whose checksum is in the manifest.

    Whatever else faiss can read is refused before faiss sees it. Raises Corrupt.
    """

    def __init__(self, path: Path, lists: Lists, passages: int) -> None:
        faiss = _faiss()
        if why := checks.codes(path, lists.centroids.shape[1], len(lists), passages):
            checks.refuse(path, why)
        self._path, self._passages = path, passages
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
        except RuntimeError as error:
            raise files.unopened(path, error) from error
        self._empty = self._index.quantizer
        self._index.own_fields = False
        self._index.quantizer = lists.index
        self._lists = lists

    def search(
        self, vector: Floats, probe: tuple[NDArray[np.int64], Floats], keep: int, only: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Floats]:
        """The best `keep` rows of the probed lists by estimated cosine, unordered: int64 (k,), float32 (k,).

        `only`: rows that may be returned. One call runs on one thread; calls may run in parallel.
        """
        faiss = _faiss()
        near_lists, near = probe
        parameters = faiss.IVFSearchParameters(nprobe=len(near_lists))
        if only is not None:
            packed = np.packbits(only, bitorder="little")
            parameters.sel = selector = faiss.IDSelectorBitmap(packed)
        scores = np.full((1, keep), -np.inf, dtype=np.float32)
        rows = np.full((1, keep), -1, dtype=np.int64)
        asked = np.ascontiguousarray(vector[None, :], dtype=np.float32)
        self._index.search_preassigned_c(
            1, faiss.swig_ptr(asked), keep, faiss.swig_ptr(near_lists), faiss.swig_ptr(near),
            faiss.swig_ptr(scores), faiss.swig_ptr(rows), False, parameters,
        )  # fmt: skip
        if only is not None:
            del selector, packed
        found = rows[0] >= 0
        if int(rows.max(initial=-1)) >= self._passages or int(rows.min(initial=-1)) < -1:
            checks.refuse(self._path, f"names rows that are not there (the segment has {self._passages:,} passages)")
        return rows[0][found], scores[0][found]

    def size(self, number: int) -> int:
        """How many rows one list of this segment holds."""
        return int(self._index.invlists.list_size(number))


def alone() -> None:
    """Have faiss use one thread when called from this thread (OpenMP counts threads per caller)."""
    _faiss().omp_set_num_threads(1)


def exact(vectors: Int8s, vector: Floats, rows: Rows | None = None) -> Floats:
    """Cosines of int8 rows (all, or the given ones) with a rotated query vector, float32 (n,)."""
    scaled = np.ascontiguousarray(vector * np.float32(step(vectors.shape[1])), dtype=np.float32)
    return dots.every(vectors, scaled) if rows is None else dots.some(vectors, rows, scaled)


def balance(listed: NDArray[np.int64], lists: int) -> float:
    """How uneven lists are: mean squared size over squared mean size; 1 is even (faiss calls it imbalance factor)."""
    sizes = np.bincount(listed, minlength=lists).astype(np.float64)
    return float(np.mean(sizes**2)) / max(float(np.mean(sizes)) ** 2, 1e-9)


def best(scores: Floats, keep: int) -> NDArray[np.int64]:
    """Positions of the `keep` highest scores, unordered."""
    if len(scores) <= keep:
        return np.arange(len(scores))
    return np.argpartition(-scores, keep - 1)[:keep]


def first(scores: Floats, keep: int) -> NDArray[np.int64]:
    """Positions of the `keep` highest scores, the highest first; of equals, the one that stands first."""
    if keep < 1 or not len(scores):
        return np.empty(0, np.int64)
    least = -np.partition(-scores, min(keep, len(scores)) - 1)[min(keep, len(scores)) - 1]
    reached = np.flatnonzero(scores >= least)
    return reached[np.argsort(-scores[reached], kind="stable")][:keep]


def sample_of(parts: Sequence[Int8s], most: int, seed: int = 117) -> Int8s:
    """At most `most` vectors drawn evenly from all parts: int8 (m, dim)."""
    total = sum(len(part) for part in parts)
    share = min(1.0, most / max(total, 1))
    random = np.random.default_rng(seed)
    drawn = []
    for part in parts:
        count = min(len(part), round(len(part) * share))
        drawn.append(part[np.sort(random.choice(len(part), count, replace=False))])
    return np.concatenate(drawn)


def _faiss() -> Any:
    import faiss

    return faiss

"""Coarse quantizers: the inverted-list centroids that one generation of segments shares. The home of faiss.

Many lists are trained in two levels: vectors are divided into groups, and each group into its share of the lists.
Knows centroids and vectors; knows nothing of rows, files, text or queries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.groups import Groups, nearest, shares
from cascade.index.vectors import Int8s, dequantize

SLICE = 16_384
"""Vectors that are held as float32 at once."""

GROUPED = 4096
"""From so many lists on they are trained in two levels, and looked for by their groups."""

PER_GROUP = 256
"""Vectors that groups are trained on, for each of them: as many as k-means takes."""


class Lists:
    """A coarse quantizer: one generation of inverted-list centroids, shared by segments.

    `centroids`: float32 (lists, dim), rotated, unit length. `begins`: int64 (groups + 1,), where each group of lists
    begins, and how many lists there are; None: they are in no groups.
    """

    def __init__(self, centroids: Floats, begins: NDArray[np.int64] | None = None) -> None:
        self.centroids = np.ascontiguousarray(centroids, dtype=np.float32)
        self.groups = None if begins is None else Groups(self.centroids, begins)
        self._index: Any = None
        if self.groups is None:
            self._index = _faiss().IndexFlatIP(self.centroids.shape[1])
            self._index.add(self.centroids)

    def __len__(self) -> int:
        return len(self.centroids)

    def assign(self, vectors: Int8s, threads: int = 1) -> NDArray[np.int64]:
        """The nearest list of each int8 vector, int64 (n,)."""
        out = np.empty(len(vectors), dtype=np.int64)
        with _threads(threads):
            for begin in range(0, len(vectors), SLICE):
                part = dequantize(vectors[begin : begin + SLICE])
                out[begin : begin + SLICE] = self._assigned(part)
        return out

    def _assigned(self, part: Floats) -> NDArray[np.int64]:
        if self.groups is not None:
            return self.groups.assign(part)
        found: NDArray[np.int64] = self._index.search(part, 1)[1][:, 0]
        return found

    def nearest(self, vector: Floats, probes: int) -> tuple[NDArray[np.int64], Floats]:
        """The lists to probe for one query, nearest first: int64 (probes,), and their similarities, float32."""
        if self.groups is not None:
            return self.groups.nearest(vector, min(probes, len(self)))
        return nearest(self.centroids, vector, probes)


@dataclass(frozen=True, slots=True)
class Training:
    """`rounds` of k-means from a `seed`; on two levels from `grouped` lists on, then `joint` rounds over all groups."""

    rounds: int = 10
    seed: int = 117
    grouped: int = GROUPED
    joint: int = 2


def train(
    sample: Int8s, lists: int, threads: int, how: Training | None = None, told: Callable[[int], None] | None = None
) -> Lists:
    """k-means on the sphere, on one level or on two. `told`: hears how many lists are done.

    At least 39 vectors a list, else faiss warns; 50 are enough (faiss#2301).
    """
    how = how or Training()
    with _threads(threads):
        if lists < how.grouped:
            return Lists(_means(dequantize(sample), lists, how))
        made = _divided(sample, _grouped(sample, 2 ** round(math.log2(lists) / 2), how), lists, how, told)
        for _ in range(how.joint):
            made = _joint(made, sample)
        return made


def _grouped(sample: Int8s, groups: int, how: Training) -> NDArray[np.int64]:
    """The group of each vector of the sample, int64 (n,)."""
    drawn = np.random.default_rng(how.seed).choice(len(sample), min(len(sample), PER_GROUP * groups), replace=False)
    heads = Lists(_means(dequantize(sample[np.sort(drawn)]), groups, how))
    return heads.assign(sample)


def _divided(
    sample: Int8s, grouped: NDArray[np.int64], lists: int, how: Training, told: Callable[[int], None] | None
) -> Lists:
    """Each group of vectors divided into its share of the lists."""
    order, sizes = np.argsort(grouped, kind="stable"), np.bincount(grouped)
    sizes = sizes[sizes > 0]
    counts = np.minimum(shares(sizes, lists), sizes)
    ends, begins = np.cumsum(sizes), np.concatenate(([0], np.cumsum(counts)))
    centroids = np.empty((int(begins[-1]), sample.shape[1]), dtype=np.float32)
    for group, (end, size) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
        members = dequantize(sample[np.sort(order[end - size : end])])
        centroids[begins[group] : begins[group + 1]] = _means(members, int(counts[group]), how)
        if told:
            told(int(begins[group + 1]))
    return Lists(centroids, begins)


def _joint(lists: Lists, sample: Int8s) -> Lists:
    """One round of k-means over all lists: a vector may be nearer to a list of a group that it was not put into.

    A list that no vector is in stays where it was.
    """
    listed = lists.assign(sample)
    order = np.argsort(listed, kind="stable")
    sums = np.zeros_like(lists.centroids)
    for begin in range(0, len(order), SLICE):
        rows = order[begin : begin + SLICE]
        held, first = np.unique(listed[rows], return_index=True)
        sums[held] += np.add.reduceat(dequantize(sample[rows]), first, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    moved = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), lists.centroids)
    return Lists(moved, None if lists.groups is None else lists.groups.begins)


def _means(vectors: Floats, count: int, how: Training) -> Floats:
    """k-means on the sphere, of which each mean stands for at most 256 vectors: float32 (count, dim)."""
    kmeans = _faiss().Kmeans(
        vectors.shape[1], count, niter=how.rounds, seed=how.seed, spherical=True, min_points_per_centroid=1,
        max_points_per_centroid=256,
    )  # fmt: skip
    kmeans.train(np.ascontiguousarray(vectors))
    found: Floats = kmeans.centroids
    return found


def alone() -> None:
    """Have faiss use one thread when called from this thread (OpenMP counts threads per caller)."""
    _faiss().omp_set_num_threads(1)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Have faiss use so many threads when called from this thread, then one."""
    _faiss().omp_set_num_threads(count)
    try:
        yield
    finally:
        alone()


def balance(listed: NDArray[np.int64], lists: int) -> float:
    """How uneven lists are: mean squared size over squared mean size; 1 is even (faiss calls it imbalance factor)."""
    sizes = np.bincount(listed, minlength=lists).astype(np.float64)
    return float(np.mean(sizes**2)) / max(float(np.mean(sizes)) ** 2, 1e-9)


def _faiss() -> Any:
    import faiss

    return faiss

"""Groups of inverted lists: with many lists, the nearest are looked for in the nearest groups alone.

The lists of a group have consecutive numbers, so their centroids lie side by side. A group stands where the mean of its
centroids does. With as many groups as lists in each, a vector is compared with some thousands of centroids where there
are hundreds of thousands; what that misses is in docs/log.md (2026-11-28).
Knows centroids and numbers; knows nothing of files, passages or how the centroids came about.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index import dots
from cascade.index.vectors import first

READ = 16
"""Groups that a vector's list is looked for in."""

SEARCHED, WIDER = 64, 8
"""Groups that a query's lists are looked for in at least, and lists that are compared for each one it wants."""


class Groups:
    """`centroids`: float32 (lists, dim), unit length. `begins`: int64 (groups + 1,), the lists of group *g* are
    [begins[g], begins[g + 1])."""

    def __init__(self, centroids: Floats, begins: NDArray[np.int64]) -> None:
        self.centroids, self.begins = centroids, begins
        sums = np.add.reduceat(centroids, begins[:-1], axis=0, dtype=np.float32)
        self.heads = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)

    def __len__(self) -> int:
        return len(self.heads)

    def assign(self, vectors: Floats) -> NDArray[np.int64]:
        """The nearest list of each vector, float32 (n, dim), as far as its nearest groups have it: int64 (n,)."""
        read = min(READ, len(self))
        chosen = np.argpartition(vectors @ -self.heads.T, read - 1, axis=1)[:, :read].reshape(-1)
        order = np.argsort(chosen, kind="stable")
        bounds = np.searchsorted(chosen[order], np.arange(len(self) + 1))
        best = np.full(len(vectors), -np.inf, dtype=np.float32)
        out = np.zeros(len(vectors), dtype=np.int64)
        for group in np.flatnonzero(np.diff(bounds)).tolist():
            rows = order[bounds[group] : bounds[group + 1]] // read
            first = int(self.begins[group])
            near = vectors[rows] @ self.centroids[first : int(self.begins[group + 1])].T
            top = near.argmax(axis=1)
            found = near[np.arange(len(rows)), top]
            better = (found > best[rows]) & np.isfinite(found)
            best[rows[better]] = found[better]
            out[rows[better]] = first + top[better]
        return out

    def nearest(self, vector: Floats, probes: int) -> tuple[NDArray[np.int64], Floats]:
        """The lists nearest to one vector, nearest first, out of the nearest groups, and their similarities.

        int64 (k,) and float32 (k,); k is `probes`, or all there are.
        """
        if len(self) <= SEARCHED:
            return nearest(self.centroids, vector, probes)
        sizes = np.diff(self.begins)
        order = np.argsort(-dots.every(self.heads, vector), kind="stable")
        enough = int(np.searchsorted(np.cumsum(sizes[order]), WIDER * probes)) + 1
        groups = np.sort(order[: max(SEARCHED, enough)])
        lists = np.concatenate([np.arange(self.begins[group], self.begins[group + 1]) for group in groups.tolist()])
        near = dots.some(self.centroids, lists, vector)
        chosen = first(near, probes)
        return lists[chosen], near[chosen]


def nearest(centroids: Floats, vector: Floats, probes: int) -> tuple[NDArray[np.int64], Floats]:
    """The `probes` centroids, float32 (lists, dim), nearest to a vector, nearest first, and their similarities.

    In the calling thread: a pool of threads costs more than so short a product where processors are busy."""
    near = dots.every(centroids, vector)
    lists = first(near, probes)
    return lists, near[lists]


def shares(sizes: NDArray[np.int64], lists: int) -> NDArray[np.int64]:
    """How many lists each group of so many vectors gets, of so many in all: by its size, and at least one."""
    out = np.ones(len(sizes), dtype=np.int64)
    exact = sizes / max(int(sizes.sum()), 1) * lists
    out = np.maximum(out, np.floor(exact).astype(np.int64))
    while (rest := lists - int(out.sum())) != 0:
        order = np.argsort(-(exact - out) if rest > 0 else exact - out, kind="stable")
        order = order if rest > 0 else order[out[order] > 1]
        out[order[: abs(rest)]] += np.sign(rest)
    return out

"""Vectors of a segment: int8, for exact scores.

Vectors are rotated by one fixed random orthonormal matrix per index, which evens out the variance of the coordinates:
int8 with one constant step then loses almost nothing, and 1-bit codes need it. Everything derives from the int8 values:
codes can be rebuilt, and vectors reused, without a difference.

Knows vectors and rows; knows nothing of lists, text, records or queries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index import dots

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


def exact(vectors: Int8s, vector: Floats, rows: Rows | None = None) -> Floats:
    """Cosines of int8 rows (all, or the given ones) with a rotated query vector, float32 (n,)."""
    scaled = np.ascontiguousarray(vector * np.float32(step(vectors.shape[1])), dtype=np.float32)
    return dots.every(vectors, scaled) if rows is None else dots.some(vectors, rows, scaled)


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

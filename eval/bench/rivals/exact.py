"""The exact nearest of each question by comparing every vector in float32. Knows arrays only."""

from __future__ import annotations

import numpy as np

from cascade.data import Floats, Rows

AT_ONCE = 65_536
"""Vectors that are compared at once."""


def nearest(vectors: Floats, queries: Floats, k: int) -> Rows:
    """int64 (q, min(k, n)): the rows of the highest inner products, highest first; of equals the lower row."""
    rows = np.empty((len(queries), 0), dtype=np.int64)
    scores = np.empty((len(queries), 0), dtype=np.float32)
    for begin in range(0, len(vectors), AT_ONCE):
        part = queries @ np.asarray(vectors[begin : begin + AT_ONCE]).T
        scores = np.concatenate([scores, part], axis=1)
        numbers = np.broadcast_to(np.arange(begin, begin + part.shape[1]), part.shape)
        rows = np.concatenate([rows, numbers], axis=1)
        if scores.shape[1] > k:
            kept = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
            rows, scores = np.take_along_axis(rows, kept, 1), np.take_along_axis(scores, kept, 1)
    order = np.argsort(-scores, axis=1, kind="stable")
    found: Rows = np.take_along_axis(rows, order, 1)
    return found

"""Inner products of int8 or float32 rows with a float32 vector, compiled, in the calling thread alone.

Knows arrays only."""

from __future__ import annotations

import numba
import numpy as np

from cascade.data import Floats, Rows


def every(matrix: np.ndarray, vector: Floats) -> Floats:
    """float32 (n,): each row of an int8 or float32 (n, dim) matrix with `vector` float32 (dim,)."""
    out = np.empty(len(matrix), dtype=np.float32)
    _every(matrix, vector, out)
    return out


def some(matrix: np.ndarray, rows: Rows, vector: Floats) -> Floats:
    """float32 (m,): the given rows of an int8 (n, dim) matrix with `vector`."""
    out = np.empty(len(rows), dtype=np.float32)
    _some(matrix, rows, vector, out)
    return out


@numba.njit(nogil=True, fastmath=True, cache=True)
def _every(matrix, vector, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    dim = vector.shape[0]
    for i in range(matrix.shape[0]):
        total = np.float32(0)
        for j in range(dim):
            total += np.float32(matrix[i, j]) * vector[j]
        out[i] = total


@numba.njit(nogil=True, fastmath=True, cache=True)
def _some(matrix, rows, vector, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    dim = vector.shape[0]
    for i in range(rows.shape[0]):
        row = rows[i]
        total = np.float32(0)
        for j in range(dim):
            total += np.float32(matrix[row, j]) * vector[j]
        out[i] = total

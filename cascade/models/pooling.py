"""The inner loop of the token table, compiled. Importing this imports Numba, so only `TokenTable.pool` does."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def pool(
    rows: NDArray[np.int8],
    scale: NDArray[np.float32],
    tokens: NDArray[np.uint16],
    offsets: NDArray[np.int64],
    limit: int,
    out: NDArray[np.float32],
) -> None:
    """Fill `out`, float32 (n, dim), with unit-length sums of scaled rows; see `TokenTable.pool`."""
    dim = rows.shape[1]
    for passage in range(len(offsets) - 1):
        total = out[passage]
        total[:] = 0
        begin = offsets[passage]
        for place in range(begin, min(offsets[passage + 1], begin + limit)):
            token = tokens[place]
            factor = scale[token]
            for d in range(dim):
                total[d] += factor * np.float32(rows[token, d])
        square = np.float32(0)
        for d in range(dim):
            square += total[d] * total[d]
        length = np.sqrt(square)
        for d in range(dim):
            total[d] = total[d] / length if square > 0 else np.float32(1) / np.sqrt(np.float32(dim))

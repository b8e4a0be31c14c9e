"""Codes after real ones, compiled: as fast as a disk takes them. Knows words and gains in blocks."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from cascade.index.layout import LANES

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LANES = np.int64(LANES)

Real = tuple[NDArray[np.uint64], NDArray[np.uint16], NDArray[np.int64]]
"""Codes, uint64 (n, words), and gains, uint16 (n,), by list; where each list begins, int64 (lists + 1,)."""


def fill(
    real: Real, source: NDArray[np.int64], offsets: NDArray[np.int64], seed: int, blocks: NDArray[np.uint64],
    gains: NDArray[np.uint16],
) -> None:  # fmt: skip
    """Write the codes of rows by list into `blocks`, as `weigh.blocked` lays them out, and their gains.

    `source`: int64 (lists,), the real list that each list is made after. `offsets`: int64 (lists + 1,).
    """
    _fill(real, source, offsets, np.uint64(seed), blocks, gains)


@numba.njit(nogil=True, cache=True)
def _mixed(state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """64 random bits of a counter (splitmix64; Steele, Lea and Flood 2014)."""
    mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@numba.njit(nogil=True, cache=True)
def _fill(real, source, offsets, seed, blocks, gains):  # type: ignore[no-untyped-def]  # pragma: no cover
    codes, real_gains, first = real
    width = codes.shape[1]
    state = _mixed(seed * _GOLDEN + _GOLDEN)
    for at in range(len(source)):
        begin = first[source[at]]
        count = first[source[at] + 1] - begin
        for row in range(offsets[at], offsets[at + 1]):
            state += _GOLDEN
            model = begin + np.int64((_mixed(state) >> np.uint64(33)) % np.uint64(count))
            gains[row] = real_gains[model]
            place = row // _LANES * width * _LANES + row % _LANES
            for word in range(width):
                state += _GOLDEN
                once = _mixed(state)
                twice = once * _GOLDEN
                twice ^= twice >> np.uint64(32)
                thrice = (once ^ (once >> np.uint64(29))) * np.uint64(0xD1342543DE82EF95)
                thrice ^= thrice >> np.uint64(32)
                blocks[place + word * _LANES] = codes[model, word] ^ (once & twice & thrice)

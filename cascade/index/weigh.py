"""Cosines estimated from 1-bit codes, compiled: RaBitQ of one bit (Gao and Long 2024) without a table of ids.

A row lies in a list with centroid c; of its residual r = o - c the signs are kept, a bit a dimension, and one gain
g = |r|^2 / |r|_1. For a query q the estimate of <q, o> is <q, c> + g * sum(q_j * sign(r_j)), which is unbiased. The
query is rounded to PLANES bits a dimension, so the sum is a few counts of bits that codes and query share.

Codes lie in blocks of LANES rows, the same word of all of them side by side: one vector of the processor holds a word
of each row, and nothing has to be added across it. Without such vectors the compiler falls back to plain counting.
Knows words and numbers; knows nothing of files, segments or queries in words.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index.layout import LANES
from cascade.index.popcount import PLANES, block_of_rows, fetch_blocks

BINS, LEAST, WIDTH = 4096, -1.25, 2.5 / 4096
"""The histogram of estimates: its bins, where the first begins, and how wide each is. What lies beyond is put into the
first or the last."""

FETCHED, LONG = 4, 64
"""Stretches that the processor fetches ahead, and blocks of each: of a long one it fetches the rest by itself."""

MOST = 1e9
"""No estimate is as far from 0 as this."""

Words = NDArray[np.uint64]
Gains = NDArray[np.uint16]
Counts = NDArray[np.int64]


class Asked(NamedTuple):
    """A query made ready: the estimate of a row is <q, c> + gain * (scale * a + each * b + rest), with a the sum of its
    planes' common bits, each plane doubled, and b the bits of the code.

    `vector`: float32 (dim,), rotated. `planes`: uint64 (words * PLANES,), the planes of one word side by side.
    """

    vector: Floats
    planes: Words
    scale: np.float32
    each: np.float32
    rest: np.float32


def words(dim: int) -> int:
    """Words of 64 bits in a code."""
    return -(-dim // 64)


def ask(vector: Floats) -> Asked:
    """Round a rotated query vector, float32 (dim,), to PLANES bits a coordinate."""
    low, high = float(vector.min()), float(vector.max())
    unit = max(high - low, 1e-9) / ((1 << PLANES) - 1)
    rounded = np.rint((vector.astype(np.float64) - low) / unit).astype(np.uint64)
    bits = np.arange(PLANES, dtype=np.uint64)[:, None]
    planes = np.ascontiguousarray(_packed((rounded >> bits & np.uint64(1)).astype(bool)).T)
    rest = -low * len(vector) - unit * float(rounded.sum())
    return Asked(vector, planes.ravel(), np.float32(2 * unit), np.float32(2 * low), np.float32(rest))


def encode(residuals: Floats) -> tuple[Words, Gains]:
    """Codes and gains of residuals, float32 (n, dim): uint64 (n, words) row by row, and uint16 (n,)."""
    size = np.abs(residuals).sum(axis=1, dtype=np.float64)
    square = np.einsum("ij,ij->i", residuals, residuals, dtype=np.float64)
    gains = np.divide(square, size, out=np.zeros_like(size), where=size > 0).astype(np.float32)
    return _packed(residuals >= 0), short(gains)


def blocked(codes: Words) -> Words:
    """Codes row by row, uint64 (n, words), as blocks: uint64, flat; the last block is filled with zeros."""
    count, width = codes.shape
    padded = np.zeros((-(-count // LANES) * LANES, width), dtype=np.uint64)
    padded[:count] = codes
    return np.ascontiguousarray(padded.reshape(-1, LANES, width).transpose(0, 2, 1)).reshape(-1)


def short(values: Floats) -> Gains:
    """The upper half of float32 values, rounded: uint16 (n,), of which the kernel makes float32 again."""
    return ((values.view(np.uint32).astype(np.uint64) + 0x8000) >> 16).astype(np.uint16)


def _packed(bits: NDArray[np.bool_]) -> Words:
    """bool (n, dim) as uint64 (n, words): dimension j is bit j % 64 of word j // 64."""
    padded = np.zeros((len(bits), words(bits.shape[1]) * 64), dtype=bool)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u8")


class Codes(NamedTuple):
    """The codes of one segment: `blocks` uint64, flat; `gains` uint16, in whole blocks; `width`: words in a code."""

    blocks: Words
    gains: Gains
    width: int


class Stretches(NamedTuple):
    """Rows of lists that lie together, none of them empty: `begins` and `ends` int64 (stretches,), and `near` float32,
    <q, c> of the list that each is of."""

    begins: Counts
    ends: Counts
    near: Floats

    def part(self, begin: int, end: int) -> Stretches:
        """Some of them."""
        return Stretches(self.begins[begin:end], self.ends[begin:end], self.near[begin:end])

    @property
    def room(self) -> int:
        """How many values `weigh` writes for them: those of whole blocks."""
        return int((-(-self.ends // LANES) - self.begins // LANES).sum()) * LANES


def weigh(
    codes: Codes, at: Stretches, asked: Asked, only: NDArray[np.bool_], counts: Counts, out: Floats
) -> None:  # fmt: skip
    """Write the estimates of stretches into `out`, float32 (room,): -inf where a row is of none, or not among `only`.

    `only`: bool (n,), or empty for all rows. `counts`: int64 (BINS,), to which the estimates are added.
    """
    _weigh(codes, at, asked, only, counts, out)


def above(at: Stretches, estimates: Floats, least: float) -> tuple[NDArray[np.int64], Floats]:
    """Of what `weigh` wrote, the rows with an estimate of at least so much: int64 (m,), float32 (m,)."""
    most = int(np.count_nonzero(estimates >= max(least, -MOST)))
    rows, scores = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.float32)
    _above(at, estimates, np.float32(max(least, -MOST)), rows, scores)
    return rows, scores


def tally(scores: Floats, counts: Counts) -> None:
    """Add scores to a histogram."""
    _tally(scores, counts)


def least(counts: Counts, keep: int) -> float:
    """A score that at least `keep` of those in a histogram reach, and few more; -inf where there are not so many."""
    reached = np.cumsum(counts[::-1])
    if not keep or not len(reached) or reached[-1] <= keep:
        return -np.inf
    at = len(counts) - 1 - int(np.searchsorted(reached, keep))
    return float(np.float32(LEAST + at * WIDTH)) if at else -np.inf


@numba.njit(nogil=True, cache=True)
def _weigh(codes, at, asked, only, counts, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    to, count = 0, len(at.begins)
    for number in range(count):
        if number + FETCHED < count:
            then = number + FETCHED
            begin = at.begins[then] // LANES
            fetch_blocks(codes, begin, min(begin + LONG, (at.ends[then] + LANES - 1) // LANES))
        begin, end, began = at.begins[number], at.ends[number], to
        first, last = begin // LANES, (end + LANES - 1) // LANES
        for block in range(first, last):
            block_of_rows(codes, block, at.near[number], asked, out, to)
            to += LANES
        for lane in range(began, began + begin - first * LANES):
            out[lane] = -np.inf
        for lane in range(to - (last * LANES - end), to):
            out[lane] = -np.inf
        if len(only):
            for row in range(begin, end):
                if not only[row]:
                    out[began + row - first * LANES] = -np.inf
        _tally(out[began:to], counts)


@numba.njit(nogil=True, cache=True)
def _above(at, estimates, least, rows, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    to = found = 0
    for number in range(len(at.begins)):
        first, last = at.begins[number] // LANES, (at.ends[number] + LANES - 1) // LANES
        for lane in range((last - first) * LANES):
            if estimates[to + lane] >= least and found < len(rows):
                rows[found] = first * LANES + lane
                scores[found] = estimates[to + lane]
                found += 1
        to += (last - first) * LANES


@numba.njit(nogil=True, cache=True)
def _tally(scores, counts):  # type: ignore[no-untyped-def]  # pragma: no cover
    for at in range(len(scores)):
        score = scores[at]
        if score > -np.inf:
            place = int((score - np.float32(LEAST)) / np.float32(WIDTH))
            counts[min(max(place, 0), BINS - 1)] += 1

"""The 1-bit codes of one segment in its inverted lists, memory-mapped: written, opened, estimated from.

A row's number is its place in the files, so there are no ids: a list is a stretch of rows, and `lists.offsets` says
where each begins. Everything derives from the int8 vectors and the centroids, and can be made again.
Knows files, lists and rows; knows nothing of other segments, text or queries in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.index import checks, files, layout, weigh
from cascade.index.coarse import Lists
from cascade.index.files import FileSum
from cascade.index.layout import LANES
from cascade.index.vectors import Int8s, dequantize
from cascade.index.weigh import Asked, Counts, Stretches

SLICE = 16_384
"""Vectors that are held as float32 at once."""

NO_MASK: NDArray[np.bool_] = np.empty(0, dtype=bool)


def write(folder: Path, vectors: Int8s, listed: NDArray[np.int64], lists: Lists) -> None:
    """Encode rows that are already in list order (`listed` ascending) and write codes, gains and where lists begin."""
    padded = -(-len(vectors) // LANES) * LANES
    gains = np.zeros(padded, dtype=np.uint16)
    blocks = np.empty(padded * weigh.words(vectors.shape[1]), dtype=np.uint64)
    for begin in range(0, len(vectors), SLICE):
        part = slice(begin, min(begin + SLICE, len(vectors)))
        codes, gains[part] = weigh.encode(dequantize(vectors[part]) - lists.centroids[listed[part]])
        made = weigh.blocked(codes)
        blocks[begin * codes.shape[1] :][: len(made)] = made
    files.write(folder / layout.CODES, blocks)
    files.write(folder / layout.GAINS, gains)
    offsets = np.searchsorted(listed, np.arange(len(lists) + 1)).astype(np.uint32)
    files.write(folder / layout.LIST_OFFSETS, offsets)


class Codes:
    """The codes of one segment of so many passages. Raises Corrupt where a file does not fit; blocks of codes are
    checked at their first touch."""

    def __init__(self, folder: Path, sums: Mapping[str, FileSum], lists: Lists, passages: int) -> None:
        self._width = weigh.words(lists.centroids.shape[1])
        self._blocks = files.Mapped(folder / layout.CODES, sums[layout.CODES], "<u8", LANES * self._width)
        self._gains = files.Mapped(folder / layout.GAINS, sums[layout.GAINS], "<u2")
        for mapped in (self._blocks, self._gains):
            mapped.scattered()
        path = folder / layout.LIST_OFFSETS
        files.check(path, sums[layout.LIST_OFFSETS])
        raw = files.read(path)
        said = np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<u4")
        fits = len(raw) == 4 * (len(lists) + 1) and not said[0] and said[-1] == passages
        if not fits or (said[1:] < said[:-1]).any():
            checks.refuse(path, f"does not divide {passages:,} rows into {len(lists):,} lists")
        self.offsets: NDArray[np.int64] = said.astype(np.int64)

    @property
    def bytes(self) -> int:
        """Bytes of code and gain a row."""
        return self._width * 8 + 2

    def size(self, number: int) -> int:
        """How many rows one list of this segment holds."""
        return int(self.offsets[number + 1] - self.offsets[number])

    def stretches(self, lists: NDArray[np.int64], near: Floats) -> Stretches:
        """The rows of these lists, without the lists that are empty here. `near`: float32, <q, c> of each."""
        begins, ends = self.offsets[lists], self.offsets[lists + 1]
        held = np.flatnonzero(ends > begins)
        return Stretches(begins[held], ends[held], np.ascontiguousarray(near[held], dtype=np.float32))

    def weigh(self, at: Stretches, asked: Asked, only: NDArray[np.bool_], counts: Counts) -> Floats:
        """The estimates of stretches, as `weigh.weigh` writes them. Raises Corrupt."""
        first, last = at.begins // LANES, -(-at.ends // LANES)
        self._blocks.touch_spans(first, last)
        self._gains.touch_spans(at.begins, at.ends)
        if self._blocks.expect(first, last):
            self._gains.ahead(at.begins, at.ends)
        codes = weigh.Codes(self._blocks.data.reshape(-1), self._gains.data, self._width)
        out = np.empty(int((last - first).sum()) * LANES, dtype=np.float32)
        weigh.weigh(codes, at, asked, only, counts, out)
        return out

    def estimate(self, row: int, home: float, asked: Asked) -> float:
        """The estimate of one row, given the similarity of its list. Raises Corrupt."""
        at = Stretches(np.array([row]), np.array([row + 1]), np.array([home], np.float32))
        return float(self.weigh(at, asked, NO_MASK, np.zeros(weigh.BINS, dtype=np.int64)).max())

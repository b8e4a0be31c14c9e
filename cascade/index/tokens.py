"""Token ids of the passages of a segment: what the scan reads.

A passage is its head (title and heading path) followed by its text, as ids of Cascade's own vocabulary. Beside the ids
stand the offsets, the length of each head, and the number of passages each id occurs in.
Knows ids; knows nothing of words, vectors or scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
import zstandard
from numpy.typing import NDArray

from cascade.errors import Corrupt, UnusableIndex
from cascade.index import checks, files, layout

Ids = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Ids of many passages, flat: `ids` uint16 (t,), `offsets` int64 (n + 1,), `heads` uint8 (n,)."""

    ids: Ids
    offsets: NDArray[np.int64]
    heads: NDArray[np.uint8]

    @classmethod
    def of(cls, heads: Sequence[Ids], bodies: Sequence[Ids]) -> TokenBatch:
        """Join the ids of heads and texts; a head longer than 255 ids is cut there."""
        heads = [head[:255] for head in heads]
        sizes = np.fromiter((len(h) + len(b) for h, b in zip(heads, bodies, strict=True)), np.int64, len(heads))
        flat = [part for pair in zip(heads, bodies, strict=True) for part in pair]
        return cls(
            np.concatenate(flat).astype(np.uint16, copy=False) if flat else np.empty(0, np.uint16),
            np.concatenate(([0], np.cumsum(sizes))),
            np.fromiter((len(h) for h in heads), np.uint8, len(heads)),
        )

    def __len__(self) -> int:
        return len(self.heads)

    def take(self, order: NDArray[np.int64]) -> TokenBatch:
        """The same passages in another order."""
        sizes = np.diff(self.offsets)[order]
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        ids = np.empty(int(offsets[-1]), dtype=np.uint16)
        _gather(self.ids, self.offsets[order], offsets, ids)
        return TokenBatch(ids, offsets, self.heads[order])

    @classmethod
    def join(cls, parts: Sequence[TokenBatch]) -> TokenBatch:
        """Several batches as one."""
        bases = np.cumsum([0] + [int(part.offsets[-1]) for part in parts[:-1]])
        offsets = [part.offsets[:-1] + base for part, base in zip(parts, bases, strict=True)]
        last = int(bases[-1]) + int(parts[-1].offsets[-1])
        return cls(
            np.concatenate([part.ids for part in parts]),
            np.concatenate([*offsets, [last]]),
            np.concatenate([part.heads for part in parts]),
        )


def write(folder: Path, batch: TokenBatch, vocabulary: int) -> None:
    """Write ids, offsets (uint32), heads and document frequencies (uint32 (vocabulary,), zstd)."""
    if int(batch.offsets[-1]) >= 1 << 32:
        raise UnusableIndex(
            f"A segment cannot hold {batch.offsets[-1]:,} tokens (the most is 2^32). Lower the size of segments."
        )
    counts = np.zeros(vocabulary, dtype=np.uint32)
    _frequencies(batch.ids, batch.offsets, counts, np.full(vocabulary, -1, dtype=np.int64))
    files.write(folder / layout.TOKENS, batch.ids)
    files.write(folder / layout.TOKEN_OFFSETS, batch.offsets.astype(np.uint32))
    files.write(folder / layout.HEADS, batch.heads)
    files.write(
        folder / layout.FREQUENCIES, zstandard.ZstdCompressor(3, write_checksum=True).compress(counts.tobytes())
    )


class View(NamedTuple):
    """Passages in a segment's ids: `ids` uint16, all of them; where each passage begins and ends, int64 (n,); `heads`
    uint8 (n,), how many of its ids are its head."""

    ids: Ids
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    heads: NDArray[np.uint8]


class Tokens:
    """The token files of one segment, memory-mapped and checked at first touch."""

    def __init__(self, folder: Path, sums: dict[str, files.FileSum], vocabulary: int) -> None:
        self._ids = files.Mapped(folder / layout.TOKENS, sums[layout.TOKENS], "<u2", below=vocabulary)
        self._offsets = files.Mapped(folder / layout.TOKEN_OFFSETS, sums[layout.TOKEN_OFFSETS], "<u4")
        self._heads = files.Mapped(folder / layout.HEADS, sums[layout.HEADS], "u1")
        self._ids.scattered()
        self._folder, self._sums, self._vocabulary = folder, sums, vocabulary
        self._checked = False

    @property
    def total(self) -> int:
        """Tokens in all."""
        return len(self._ids.data)

    def frequencies(self) -> NDArray[np.uint32]:
        """In how many passages each id occurs: uint32 (vocabulary,). Raises Corrupt."""
        path = self._folder / layout.FREQUENCIES
        files.check(path, self._sums[layout.FREQUENCIES])
        raw, size = files.read(path), self._vocabulary * 4
        try:
            if zstandard.frame_content_size(raw) != size:
                checks.refuse(path, f"does not hold a number for each of the {self._vocabulary:,} ids")
            found = np.frombuffer(zstandard.ZstdDecompressor().decompress(raw), dtype="<u4")
        except zstandard.ZstdError as error:
            raise Corrupt(f"{path} cannot be read ({error}). {files.ADVICE}", path) from error
        if int(found.max()) > len(self._heads.data):
            checks.refuse(path, "counts more passages than there are")
        return found

    def _ordered(self) -> None:
        """Check once that rows follow one another, so that none leads out of the ids."""
        if self._checked:
            return
        self._offsets.touch()
        offsets = self._offsets.data
        if offsets[0] or int(offsets[-1]) != self.total or (offsets[1:] < offsets[:-1]).any():
            checks.refuse(self._offsets.path, "does not lead from the first id to the last")
        self._checked = True

    def counted(self, rows: NDArray[np.int64], vocabulary: int) -> NDArray[np.uint32]:
        """As `frequencies`, counted anew among some rows: where the file is damaged."""
        batch = self.batch(rows)
        counts = np.zeros(vocabulary, dtype=np.uint32)
        _frequencies(batch.ids, batch.offsets, counts, np.full(vocabulary, -1, dtype=np.int64))
        return counts

    def rows_in(self, spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        """The rows with ids in these bytes of tokens.u16."""
        self._offsets.touch()
        offsets, out = self._offsets.data, [np.empty(0, np.int64)]
        for begin, end in spans:
            first = max(0, int(np.searchsorted(offsets, begin // 2, side="right")) - 1)
            last = int(np.searchsorted(offsets, (end + 1) // 2, side="left"))
            out.append(np.arange(first, min(last, len(offsets) - 1)))
        return np.unique(np.concatenate(out))

    def view(self, rows: NDArray[np.int64]) -> View:
        """Where these rows lie in the ids of the segment."""
        self._ordered()
        self._heads.touch(rows)
        begins = self._offsets.data[rows].astype(np.int64)
        ends = self._offsets.data[rows + 1].astype(np.int64)
        heads = self._heads.data[rows]
        if (heads > ends - begins).any():  # compiled loops go as far as a head says
            checks.refuse(self._heads.path, "says that a head is longer than its passage")
        filled = ends > begins  # an empty passage at the very end begins where there is no block
        self._ids.touch(begins[filled])
        self._ids.touch(ends[filled] - 1)
        self._ids.expect(begins[filled], ends[filled])
        return View(self._ids.data, begins, ends, heads)

    def batch(self, rows: NDArray[np.int64]) -> TokenBatch:
        """A copy of these rows."""
        ids, begins, ends, heads = self.view(rows)
        offsets = np.concatenate(([0], np.cumsum(ends - begins)))
        out = np.empty(int(offsets[-1]), dtype=np.uint16)
        _gather(ids, begins, offsets, out)
        return TokenBatch(out, offsets, heads)

    def mapped(self) -> tuple[files.Mapped, ...]:
        """The files behind it, for verification and for counting what is resident."""
        return self._ids, self._offsets, self._heads


@numba.njit(nogil=True, cache=True)
def _gather(ids, begins, offsets, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(begins)):
        size = offsets[i + 1] - offsets[i]
        for j in range(size):
            out[offsets[i] + j] = ids[begins[i] + j]


@numba.njit(nogil=True, cache=True)
def _frequencies(ids, offsets, counts, seen):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(offsets) - 1):
        for j in range(offsets[i], offsets[i + 1]):
            token = ids[j]
            if seen[token] != i:
                seen[token] = i
                counts[token] += 1

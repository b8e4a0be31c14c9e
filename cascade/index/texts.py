"""The text of passages in zstd frames of about 16 KiB, in row order.

Each frame carries zstd's own checksum, so every read is checked. Knows bytes and rows only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import zstandard
from numpy.typing import NDArray

from cascade.errors import Corrupt, UnusableIndex
from cascade.index import checks, files, layout

FRAME = 16 * 1024
"""Bytes of text in a frame, about: a frame ends with the passage that fills it."""

LEVEL = 9

AT_ONCE = 65_536
"""Texts put in order at once."""

MOST = 1 << 28
"""Bytes of text in the largest frame: far more than any passage has, and little enough to hold."""


class Joined(Sequence[bytes]):
    """Many texts in one buffer. `offsets`: int64 (n + 1,), the bytes of text *i* are [offsets[i], offsets[i + 1])."""

    def __init__(self, raw: bytes | bytearray, offsets: NDArray[np.int64]) -> None:
        self.raw, self.offsets = raw, offsets

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Joined:
        """The same texts in one buffer."""
        if isinstance(texts, cls):
            return texts
        sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
        return cls(b"".join(texts), np.concatenate(([0], np.cumsum(sizes))))

    @classmethod
    def join(cls, parts: Sequence[Sequence[bytes]]) -> Joined:
        """Several lists of texts as one."""
        joined = [cls.of(part) for part in parts]
        bases = np.cumsum([0] + [len(part.raw) for part in joined[:-1]])
        offsets = [part.offsets[1:] + base for part, base in zip(joined, bases, strict=True)]
        return cls(b"".join(part.raw for part in joined), np.concatenate([np.zeros(1, np.int64), *offsets]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        return bytes(self.raw[int(self.offsets[at]) : int(self.offsets[at + 1])])

    def __iter__(self) -> Iterator[bytes]:
        begin = 0
        for end in self.offsets[1:].tolist():
            yield bytes(self.raw[begin:end])
            begin = end

    def take(self, order: NDArray[np.int64]) -> Joined:
        """The same texts in another order, or fewer."""
        begins, ends = self.offsets[order], self.offsets[order + 1]
        offsets = np.concatenate(([0], np.cumsum(ends - begins)))
        out, view = bytearray(), memoryview(self.raw)
        for at in range(0, len(order), AT_ONCE):
            pairs = zip(begins[at : at + AT_ONCE].tolist(), ends[at : at + AT_ONCE].tolist(), strict=True)
            out += b"".join([view[begin:end] for begin, end in pairs])
        return Joined(out, offsets)


def write(folder: Path, texts: Sequence[bytes]) -> None:
    """Write text.zst, text.offsets and text.frames, as `framed` has them."""
    blob, frames, offsets = framed(texts)
    files.write(folder / layout.TEXT, blob)
    files.write(folder / layout.FRAMES, frames)
    files.write(folder / layout.TEXT_OFFSETS, offsets)


def framed(texts: Sequence[bytes]) -> tuple[bytes, NDArray[np.uint64], NDArray[np.uint32]]:
    """Texts in frames, where the frames are, and the offsets of each text: uint32 (n + 1,), in uncompressed bytes.

    The frames are uint64 (f + 1, 2): where each begins in the blob, and its first row; the last row closes both.
    """
    joined = Joined.of(texts)
    offsets = joined.offsets
    sizes = np.diff(offsets)
    if int(offsets[-1]) >= 1 << 32:
        raise UnusableIndex(f"A segment cannot hold {offsets[-1]:,} bytes of text (the most is 4 GiB). Lower its size.")
    if int(sizes.max(initial=0)) > MOST - FRAME:
        raise UnusableIndex(f"A passage cannot hold {sizes.max():,} bytes of text (the most is {MOST - FRAME:,}).")
    compressor = zstandard.ZstdCompressor(LEVEL, write_checksum=True)
    frames: list[tuple[int, int]] = []
    written = row = 0
    blob, raw = [], memoryview(joined.raw)
    while row < len(texts):
        end = min(len(texts), max(row + 1, int(np.searchsorted(offsets, offsets[row] + FRAME))))
        frames.append((written, row))
        frame = compressor.compress(raw[int(offsets[row]) : int(offsets[end])])
        blob.append(frame)
        written, row = written + len(frame), end
    frames.append((written, len(texts)))
    return b"".join(blob), np.array(frames, dtype=np.uint64), offsets.astype(np.uint32)


Damaged = list[tuple[tuple[int, int], zstandard.ZstdError]]
"""Frames that cannot be read: from which byte to which, and why."""


class Texts:
    """The text files of one segment."""

    def __init__(self, folder: Path, sums: dict[str, files.FileSum]) -> None:
        self._blob = files.Mapped(folder / layout.TEXT, sums[layout.TEXT], "u1")
        self._blob.scattered()
        self._frames = files.Mapped(folder / layout.FRAMES, sums[layout.FRAMES], "<u8", 2)
        self._offsets = files.Mapped(folder / layout.TEXT_OFFSETS, sums[layout.TEXT_OFFSETS], "<u4")
        self._known = self._checked = False

    def read(self, rows: NDArray[np.int64]) -> tuple[list[bytes], int]:
        """The texts of these rows in the order given, and how many compressed bytes were read for them."""
        self._ordered()
        self._identify()
        firsts = self._frames.data[:, 1].astype(np.int64)
        held = np.searchsorted(firsts, rows, side="right") - 1
        frames = np.unique(held)
        begins, ends = (self._frames.data[at, 0].astype(np.int64) for at in (frames, frames + 1))
        self._blob.expect(begins, ends)
        opened, damaged = self._open(frames.tolist())
        if damaged:
            raise self._corrupt(damaged)
        spent = int((ends - begins).sum())
        offsets, texts = self._offsets.data, []
        for row, frame in zip(rows.tolist(), held.tolist(), strict=True):
            base = int(offsets[firsts[frame]])
            texts.append(opened[frame][int(offsets[row]) - base : int(offsets[row + 1]) - base])
        return texts, spent

    def _ordered(self) -> None:
        """Check once that frames and rows follow one another, so that no place leads out of the files."""
        if self._checked:
            return
        self._frames.touch()
        self._offsets.touch()
        frames, offsets = self._frames.data.astype(np.int64), self._offsets.data
        ends = frames[0, 1] == 0 and frames[-1].tolist() == [len(self._blob.data), len(offsets) - 1] and not offsets[0]
        if not ends or (np.diff(frames, axis=0) < 1).any() or (offsets[1:] < offsets[:-1]).any():
            checks.refuse(self._frames.path, "and the offsets of the text do not follow one another")
        self._checked = True

    def _open(self, frames: Iterable[int]) -> tuple[dict[int, bytes], Damaged]:
        """The text of some frames, and which of them cannot be read."""
        opened, damaged = {}, []
        decompressor = zstandard.ZstdDecompressor()
        for frame in frames:
            (begin, first), (end, last) = self._frames.data[frame].tolist(), self._frames.data[frame + 1].tolist()
            size = int(self._offsets.data[last]) - int(self._offsets.data[first])
            raw = self._blob.data[begin:end].tobytes()
            try:
                if size > MOST or zstandard.frame_content_size(raw) not in (size, 0):
                    raise zstandard.ZstdError(f"it is not of {size:,} bytes")
                text = decompressor.decompress(raw, max_output_size=size)
                if len(text) != size:
                    raise zstandard.ZstdError(f"it holds {len(text)} bytes instead of {size}")
                opened[frame] = text
            except zstandard.ZstdError as error:
                damaged.append(((begin, end), error))
        return opened, damaged

    def _identify(self) -> None:
        """See once that text.zst is the file that was written, by its ends; later each frame answers for itself.

        Where an end is damaged, some of its frames say so; where all of them are whole, it is another file.
        """
        if self._known:
            return
        try:
            self._blob.ends()
        except Corrupt as error:
            starts = self._frames.data[:-1, 0].astype(np.int64)
            inside = [np.flatnonzero((starts >= begin) & (starts < end)) for begin, end in error.spans]
            if not error.spans or not self._open(np.concatenate(inside).tolist())[1]:
                raise Corrupt(str(error), error.path) from error
        self._known = True

    def _corrupt(self, damaged: Damaged) -> Corrupt:
        (begin, _), error = damaged[0]
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        said = f"A frame of {self._blob.path} at byte {begin}{more} cannot be read ({error}). {files.ADVICE}"
        return Corrupt(said, self._blob.path, tuple(span for span, _ in damaged))

    def rows_in(self, spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
        """The rows whose frames lie, in part or whole, in these bytes of text.zst."""
        self._frames.touch()
        starts, firsts = self._frames.data[:, 0].astype(np.int64), self._frames.data[:, 1].astype(np.int64)
        out = [np.empty(0, np.int64)]
        for begin, end in spans:
            first = max(0, int(np.searchsorted(starts, begin, side="right")) - 1)
            last = np.searchsorted(starts, end, side="left")
            out.append(np.arange(firsts[first], firsts[min(int(last), len(firsts) - 1)]))
        return np.unique(np.concatenate(out))

    def mapped(self) -> tuple[files.Mapped, ...]:
        """The files behind it."""
        return self._blob, self._frames, self._offsets

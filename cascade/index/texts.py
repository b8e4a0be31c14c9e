"""The text of passages in zstd frames of about 16 KiB, in row order.

Each frame carries zstd's own checksum, so every read is checked. Knows bytes and rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import zstandard
from numpy.typing import NDArray

from cascade.errors import Corrupt, UnusableIndex
from cascade.index import files, layout

FRAME = 16 * 1024
"""Bytes of text in a frame, about: a frame ends with the passage that fills it."""

LEVEL = 9


def write(folder: Path, texts: Sequence[bytes]) -> None:
    """Write text.zst, text.offsets (uint32 (n + 1,), in uncompressed bytes) and text.frames.

    text.frames is uint64 (f + 1, 2): where each frame begins in text.zst, and its first row; the last row closes both.
    """
    sizes = np.fromiter((len(text) for text in texts), np.int64, len(texts))
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    if int(offsets[-1]) >= 1 << 32:
        raise UnusableIndex(f"A segment cannot hold {offsets[-1]:,} bytes of text (the most is 4 GiB). Lower its size.")
    compressor = zstandard.ZstdCompressor(LEVEL, write_checksum=True)
    frames: list[tuple[int, int]] = []
    written = row = 0
    blob = []
    while row < len(texts):
        end = max(row + 1, int(np.searchsorted(offsets, offsets[row] + FRAME)))
        frames.append((written, row))
        frame = compressor.compress(b"".join(texts[row:end]))
        blob.append(frame)
        written, row = written + len(frame), end
    frames.append((written, len(texts)))
    files.write(folder / layout.TEXT, b"".join(blob))
    files.write(folder / layout.FRAMES, np.array(frames, dtype=np.uint64))
    files.write(folder / layout.TEXT_OFFSETS, offsets.astype(np.uint32))


class Texts:
    """The text files of one segment."""

    def __init__(self, folder: Path, sums: dict[str, files.FileSum]) -> None:
        self._blob = files.Mapped(folder / layout.TEXT, sums[layout.TEXT], "u1")
        self._frames = files.Mapped(folder / layout.FRAMES, sums[layout.FRAMES], "<u8", 2)
        self._offsets = files.Mapped(folder / layout.TEXT_OFFSETS, sums[layout.TEXT_OFFSETS], "<u4")

    def read(self, rows: NDArray[np.int64]) -> tuple[list[bytes], int]:
        """The texts of these rows in the order given, and how many compressed bytes were read for them."""
        self._frames.touch()
        self._offsets.touch(rows)
        self._offsets.touch(rows + 1)
        starts, firsts = self._frames.data[:, 0].astype(np.int64), self._frames.data[:, 1].astype(np.int64)
        held = np.searchsorted(firsts, rows, side="right") - 1
        opened: dict[int, bytes] = {}
        decompressor = zstandard.ZstdDecompressor()
        spent = 0
        for frame in np.unique(held).tolist():
            raw = self._blob.data[starts[frame] : starts[frame + 1]].tobytes()
            spent += len(raw)
            size = int(self._offsets.data[firsts[frame + 1]]) - int(self._offsets.data[firsts[frame]])
            opened[frame] = self._open(decompressor, raw, size, int(starts[frame]))
        offsets, texts = self._offsets.data, []
        for row, frame in zip(rows.tolist(), held.tolist(), strict=True):
            base = int(offsets[firsts[frame]])
            texts.append(opened[frame][int(offsets[row]) - base : int(offsets[row + 1]) - base])
        return texts, spent

    def _open(self, decompressor: zstandard.ZstdDecompressor, raw: bytes, size: int, at: int) -> bytes:
        try:
            text = decompressor.decompress(raw, max_output_size=size)
        except zstandard.ZstdError as error:
            raise Corrupt(
                f"A frame of {self._blob.path} at byte {at} cannot be read ({error}). Run `cascade verify`."
            ) from error
        if len(text) != size:
            raise Corrupt(f"A frame of {self._blob.path} at byte {at} holds {len(text)} bytes instead of {size}.")
        return text

    def mapped(self) -> tuple[files.Mapped, ...]:
        """The files behind it."""
        return self._blob, self._frames, self._offsets

"""Bytes on disk: written aside, flushed, renamed; checked by block when read.

Every write of the index goes through here, so faults can be injected in one place.
Knows bytes and checksums; knows nothing of what they mean.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from cascade.errors import Corrupt

BLOCK = 1 << 20
"""Bytes under one checksum."""


class FileSum(NamedTuple):
    """A file's size in bytes and the xxh3-64 of each of its blocks, in hexadecimal."""

    size: int
    blocks: tuple[str, ...]


def write(path: Path, data: bytes | memoryview | NDArray[Any]) -> None:
    """Write a new file and flush it to the disk."""
    with path.open("wb") as out:
        out.write(data if isinstance(data, bytes | memoryview) else np.ascontiguousarray(data).data)
        out.flush()
        os.fsync(out.fileno())


def replace(path: Path, data: bytes) -> None:
    """Put a file in place in one step: afterwards there is the old content or the new, never a mix."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    write(aside, data)
    aside.replace(path)
    flush_folder(path.parent)


def publish(aside: Path, final: Path) -> None:
    """Rename a finished folder to its name, durably."""
    for folder in {path.parent for path in aside.rglob("*")} | {aside}:
        flush_folder(folder)
    aside.rename(final)
    flush_folder(final.parent)


def flush_file(path: Path) -> None:
    """Flush a file that a library wrote."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Make names in a folder durable. Windows cannot flush a folder and needs not."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> FileSum:
    """Read a file through and sum its blocks."""
    blocks = []
    size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            blocks.append(xxhash.xxh3_64_hexdigest(block))
            size += len(block)
    return FileSum(size, tuple(blocks))


def check(path: Path, expected: FileSum) -> None:
    """Raise Corrupt unless a file is, byte for byte, what was written."""
    if not path.exists():
        raise Corrupt(f"{path} is missing. {ADVICE}")
    size = path.stat().st_size if path.is_file() else -1
    if size != expected.size:
        raise Corrupt(f"{path} has {size} bytes instead of {expected.size}. {ADVICE}")
    found = checksum(path)
    for number, (seen, wanted) in enumerate(zip(found.blocks, expected.blocks, strict=False)):
        if seen != wanted:
            raise Corrupt(f"{path} differs from what was written in the block at byte {number * BLOCK}. {ADVICE}")


ADVICE = "Run `cascade verify` to see all damage, or restore the index from a backup."
"""What to do about a damaged file."""


class Mapped:
    """A file of fixed-size items, memory-mapped; each block is checked at its first touch in this process.

    `data`: a read-only array over the whole file. Call `touch` before reading from it. `below`: what all items must be
    less than, 0 for no matter what.
    """

    def __init__(
        self, path: Path, expected: FileSum, dtype: str, columns: int | None = None, below: int = 0
    ) -> None:  # fmt: skip
        self.path, self.expected, self.below = path, expected, below
        size = path.stat().st_size if path.is_file() else -1
        if size != expected.size:
            raise Corrupt(f"{path} has {size} bytes instead of {expected.size}. {ADVICE}")
        flat = np.memmap(path, dtype=dtype, mode="r") if size else np.empty(0, dtype)
        self.data: NDArray[Any] = np.asarray(flat).reshape(-1, columns) if columns else np.asarray(flat)
        self.width = self.data.dtype.itemsize * (columns or 1)
        self._dtype = self.data.dtype
        self._bytes = self.data.reshape(-1).view(np.uint8)
        self._fresh = np.ones(len(expected.blocks), dtype=bool)

    def touch(self, items: NDArray[Any] | slice | None = None) -> None:
        """Check the blocks that hold these items (all of them without an argument). Raises Corrupt."""
        if not self._fresh.any():
            return
        if items is None or isinstance(items, slice):
            pending: Iterable[int] = np.flatnonzero(self._fresh).tolist()
        else:
            first = items * self.width // BLOCK
            wanted = np.zeros(len(self._fresh), dtype=bool)
            wanted[first] = True
            wanted[(items * self.width + self.width - 1) // BLOCK] = True
            pending = np.flatnonzero(wanted & self._fresh).tolist()
        for number in pending:
            block = self._bytes[number * BLOCK : (number + 1) * BLOCK]
            seen = xxhash.xxh3_64_hexdigest(block.data)
            if seen != self.expected.blocks[number]:
                raise Corrupt(
                    f"{self.path} differs from what was written in the block at byte {number * BLOCK}. {ADVICE}"
                )
            if self.below and int(block.view(self._dtype).max()) >= self.below:
                raise Corrupt(f"{self.path} holds a number of {self.below:,} or more. {ADVICE}")
            self._fresh[number] = False

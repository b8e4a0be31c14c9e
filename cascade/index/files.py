"""Bytes on disk: written aside, flushed, renamed; checked by block when read.

Everything the index writes or reads whole goes through `disk`, so that faults can be injected in one place.
Knows bytes and checksums; knows nothing of what they mean.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from cascade.errors import Corrupt, Unreadable, Unwritable
from cascade.index.disk import PART, Disk

BLOCK = PART
"""Bytes under one checksum."""

PAGE = mmap.ALLOCATIONGRANULARITY
"""Where a stretch that the system is told of may begin."""

TRIED = 8
"""Stretches that are looked at, evenly, to see whether the disk has to be waited for."""

ADVICE = "Run `cascade verify` to see all damage and `cascade repair` to mend it."

disk = Disk()


class FileSum(NamedTuple):
    """A file's size in bytes and the xxh3-64 of each of its blocks, in hexadecimal."""

    size: int
    blocks: tuple[str, ...]


def digest(data: bytes) -> str:
    """xxh3-128 in hexadecimal."""
    return xxhash.xxh3_128_hexdigest(data)


@contextmanager
def writing(what: Path, *refusals: type[Exception]) -> Iterator[None]:
    """Make a sentence of what the system (or a library, by `refusals`) says when it cannot write. Raises Unwritable."""
    told: tuple[type[Exception], ...] = (OSError, MemoryError, *refusals)
    try:
        yield
    except told as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise Unwritable(
            f"{what} cannot be written ({said}). What was acknowledged before is kept. "
            "Make room or give permission, then run the same command again."
        ) from error


def write(path: Path, data: bytes | memoryview | NDArray[Any]) -> None:
    """Write a new file and flush it to the disk."""
    disk.write(path, data if isinstance(data, bytes | memoryview) else np.ascontiguousarray(data).reshape(-1).data)


def make(folder: Path) -> None:
    """Make a folder, with those above it, and have them stay. One that another run left is made to stay too."""
    new = [one for one in folder.parents if not one.exists()]
    disk.make(folder)
    for one in (folder, *new):
        keep(one)


def keep(folder: Path) -> None:
    """Have the name of a folder stay."""
    with suppress(PermissionError):  # where the folder above is not ours
        disk.flush_folder(folder.parent)


def replace(path: Path, data: bytes) -> None:
    """Put a file in place in one step: afterwards there is the old content or the new, never a mix."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    disk.write(aside, data)
    disk.rename(aside, path)
    disk.flush_folder(path.parent)


def gone(*folders: Path) -> None:
    """Raise an OSError for a folder that was cleared and is there still: what is in it would be taken for new."""
    for folder in folders:
        if folder.exists():
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(folder))


def publish(aside: Path, final: Path) -> None:
    """Rename a finished folder to its name, durably."""
    for folder in sorted({path.parent for path in aside.rglob("*")} | {aside}):
        disk.flush_folder(folder)
    disk.rename(aside, final)
    disk.flush_folder(final.parent)


def there(path: Path) -> bool:
    """Whether there is such a file. Raises Unreadable where that may not be known."""
    with reading(path):
        return path.exists()


def read(path: Path) -> bytes:
    """A file that must be there, whole. Raises Corrupt or Unreadable."""
    with reading(path):
        return disk.read(path)


def named(path: Path, hash_: str) -> bytes:
    """A file that the manifest names with its xxh3-128. Raises Corrupt or Unreadable."""
    return same(path, read(path), hash_)


def same(path: Path, raw: bytes, hash_: str) -> bytes:
    """What was read of a file, if that has the xxh3-128 that the manifest says. Raises Corrupt."""
    if digest(raw) != hash_:
        raise Corrupt(f"{path} is not the file the manifest names. {ADVICE}", path)
    return raw


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Make a sentence of what the system says when it cannot read. Raises Corrupt or Unreadable."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise Corrupt(f"{path} is missing. {ADVICE}", path) from error
    except OSError as error:
        if error.errno == errno.EIO:
            raise Corrupt(f"{path} cannot be read ({error.strerror}): the disk is failing. {ADVICE}", path) from error
        raise Unreadable(
            f"{path} cannot be read ({error.strerror}). Give permission, raise the limit of open files, "
            "or wait until others let theirs go."
        ) from error


def unopened(path: Path, error: BaseException) -> Corrupt | Unreadable:
    """What it means that a library cannot open a file whose checksum may well be right."""
    said = " ".join(str(error).split())
    if any(os.strerror(number).lower() in said.lower() for number in (errno.EMFILE, errno.ENFILE, errno.EACCES)):
        return Unreadable(f"{path} cannot be opened ({said}). Give permission, or raise the limit of open files.")
    return Corrupt(f"{path} cannot be opened ({said}). {ADVICE}", path)


def encoded(found: Mapping[str, FileSum]) -> bytes:
    """The list of a segment's files with their checksums, as JSON."""
    body = {name: {"size": total.size, "blocks": total.blocks} for name, total in found.items()}
    return json.dumps(body, sort_keys=True).encode()


def checksum(path: Path, step: Callable[[int], None] | None = None) -> FileSum:
    """Read a file through and sum its blocks, telling `step` of the bytes. Raises Corrupt or Unreadable."""
    blocks = []
    size = 0
    with reading(path):
        for block in disk.parts(path):
            blocks.append(xxhash.xxh3_64_hexdigest(block))
            size += len(block)
            if step:
                step(len(block))
    return FileSum(size, tuple(blocks))


def sized(path: Path, size: int) -> None:
    """Raise Corrupt unless a file has so many bytes."""
    with reading(path):
        found = path.stat().st_size
    if found != size:
        raise Corrupt(f"{path} has {found} bytes instead of {size}. {ADVICE}", path)


def check(path: Path, expected: FileSum, step: Callable[[int], None] | None = None) -> None:
    """Raise Corrupt unless a file is, byte for byte, what was written; the error names every block that is not."""
    sized(path, expected.size)
    found = checksum(path, step)
    pairs = zip(found.blocks, expected.blocks, strict=True)
    if bad := [number for number, (seen, wanted) in enumerate(pairs) if seen != wanted]:
        raise _damaged(path, bad, expected.size)


def _damaged(path: Path, blocks: list[int], size: int) -> Corrupt:
    more = f" and {len(blocks) - 1} more" if len(blocks) > 1 else ""
    spans = tuple((number * BLOCK, min((number + 1) * BLOCK, size)) for number in blocks)
    return Corrupt(
        f"{path} differs from what was written in the block at byte {spans[0][0]}{more}. {ADVICE}", path, spans
    )


def _waiting() -> Callable[[], int]:
    """How often this thread waited for the disk to bring a page; always 0 where the system does not tell."""
    try:
        import resource

        who = resource.RUSAGE_THREAD
    except (ImportError, AttributeError):
        return lambda: 0
    return lambda: resource.getrusage(who).ru_majflt


_waits = _waiting()


class Mapped:
    """A file of fixed-size items, memory-mapped; each block is checked at its first touch in this process.

    `data`: a read-only array over the whole file. Call `touch` before reading from it. `below`: what all items must be
    less than, 0 for no matter what.
    """

    def __init__(
        self, path: Path, expected: FileSum, dtype: str, columns: int | None = None, below: int = 0
    ) -> None:  # fmt: skip
        self.path, self.expected, self.below = path, expected, below
        sized(path, expected.size)
        with reading(path):
            flat = np.memmap(path, dtype=dtype, mode="r") if expected.size else np.empty(0, dtype)
        self._map: mmap.mmap | None = getattr(flat, "_mmap", None)
        self.data: NDArray[Any] = np.asarray(flat).reshape(-1, columns) if columns else np.asarray(flat)
        self.width = self.data.dtype.itemsize * (columns or 1)
        self._dtype = self.data.dtype
        self._bytes = self.data.reshape(-1).view(np.uint8)
        self._fresh = np.ones(len(expected.blocks), dtype=bool)
        self._open = True

    def touch(self, items: NDArray[Any] | slice | None = None) -> None:
        """Check the blocks that hold these items (all of them without an argument). Raises Corrupt, which names every
        damaged block of the file, each time that one is touched."""
        if self._known():
            return
        if items is None or isinstance(items, slice):
            pending: Sequence[int] = np.flatnonzero(self._fresh).tolist()
        else:
            first = items * self.width // BLOCK
            wanted = np.zeros(len(self._fresh), dtype=bool)
            wanted[first] = True
            wanted[(items * self.width + self.width - 1) // BLOCK] = True
            pending = np.flatnonzero(wanted & self._fresh).tolist()
        self._look(pending)

    def _look(self, pending: Sequence[int]) -> None:
        if len(pending):
            first = np.array(pending)
            last = np.minimum((first + 1) * BLOCK, self.expected.size)
            self._will_need(first * BLOCK, last)
        for number in pending:
            if not self._sound(number):
                bad = [other for other in np.flatnonzero(self._fresh).tolist() if not self._sound(other)]
                raise _damaged(self.path, bad, self.expected.size)
            block = self._bytes[number * BLOCK : (number + 1) * BLOCK]
            if self.below and int(block.view(self._dtype).max()) >= self.below:
                raise Corrupt(f"{self.path} holds a number of {self.below:,} or more. {ADVICE}", self.path)
            self._fresh[number] = False

    def _known(self) -> bool:
        """Whether every block was checked."""
        if self._open:
            self._open = bool(self._fresh.any())
        return not self._open

    def touch_spans(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Check the blocks that hold stretches of items, none of them empty. Raises as `touch`."""
        if self._known():
            return
        edges = np.zeros(len(self._fresh) + 1, dtype=np.int64)
        np.add.at(edges, begins * self.width // BLOCK, 1)
        np.add.at(edges, (ends * self.width - 1) // BLOCK + 1, -1)
        self._look(np.flatnonzero((np.cumsum(edges[:-1]) > 0) & self._fresh).tolist())

    def scattered(self) -> None:
        """Tell the system that items are read here and there: it brings what is asked for, and nothing around it."""
        if self._map is not None and hasattr(self._map, "madvise") and hasattr(mmap, "MADV_RANDOM"):
            self._map.madvise(mmap.MADV_RANDOM)

    def expect(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> bool:
        """Have the system read stretches of items, none of them empty, before they are needed: where the first bytes of
        some show that the disk has to be waited for. Whether they do; False where the system cannot tell."""
        waited = _waits()
        self._bytes[begins[:: max(1, len(begins) // TRIED)] * self.width]  # which reads them
        if _waits() == waited:
            return False
        self.ahead(begins, ends)
        return True

    def ahead(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Have the system read stretches of items before they are needed. Where it cannot, nothing happens."""
        self._will_need(begins * self.width, ends * self.width)

    def _will_need(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Tell the system which bytes will be read. Stretches that touch are told as one."""
        if self._map is None or not hasattr(self._map, "madvise"):
            return
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order] // PAGE * PAGE, ends[order]
        new = np.flatnonzero(np.r_[True, begins[1:] > ends[:-1]])[: len(begins)]
        for begin, end in zip(begins[new].tolist(), np.maximum.reduceat(ends, new).tolist(), strict=True):
            self._map.madvise(mmap.MADV_WILLNEED, begin, end - begin)

    def ends(self) -> None:
        """Check the first and the last block: whether this is the file at all."""
        if last := len(self._fresh):
            self.touch(np.array([0, (self.expected.size - 1) // self.width if last > 1 else 0]))

    def _sound(self, number: int) -> bool:
        seen = xxhash.xxh3_64_hexdigest(self._bytes[number * BLOCK : (number + 1) * BLOCK].data)
        return seen == self.expected.blocks[number]

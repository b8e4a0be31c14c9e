"""Cold files and what reading them costs: pages dropped before a question, faults and bytes counted after it.

`posix_fadvise` lets go of what is cached and not mapped, so this process's maps of a file are emptied first. What the
machine beneath this one may hold cannot be dropped from here. Linux only; elsewhere nothing is dropped, and it says so.
Knows files and pages; knows nothing of what they hold.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Final, NamedTuple

MAPS = Path("/proc/self/maps")
IO = Path("/proc/self/io")
_DONTNEED: Final = 4
"""MADV_DONTNEED of Linux. Files are mapped read-only, so nothing is lost by it."""


class Reads(NamedTuple):
    """What this process has read so far: pages it waited for, and bytes that came from the disk."""

    faults: int
    bytes: int

    def since(self, before: Reads) -> Reads:
        """What came between."""
        return Reads(self.faults - before.faults, self.bytes - before.bytes)


def reads() -> Reads:
    """The counts by now; bytes are 0 where the system does not tell."""
    import resource

    said = dict(line.split(": ") for line in IO.read_text("ascii").splitlines()) if IO.exists() else {}
    return Reads(resource.getrusage(resource.RUSAGE_SELF).ru_majflt, int(said.get("read_bytes", 0)))


def possible() -> bool:
    """Whether pages can be dropped here."""
    return MAPS.exists() and hasattr(os, "posix_fadvise")


def forget(root: Path) -> bool:
    """Drop every page of the files under a folder from memory. False where that cannot be done."""
    if not possible():
        return False
    _unmap(root.resolve())
    for path in root.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fdatasync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def _unmap(root: Path) -> None:
    """Empty this process's maps of files under a folder; they are read again when they are needed."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in MAPS.read_text("utf-8", "replace").splitlines():
        (
            span,
            *_,
        ) = line.split(maxsplit=5)
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and fields[1].startswith("r-") and Path(fields[5]).is_relative_to(root):
            low, high = (int(end, 16) for end in span.split("-"))
            libc.madvise(low, high - low, _DONTNEED)

"""How much of a file the system holds in memory now, for `status`: an index larger than memory answers from what is.

Asks the page cache through `mincore`, which reads nothing. Knows files; knows nothing of what is in them.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

AT_ONCE = 1 << 30
"""Bytes of a file that are looked at together."""


def resident(paths: Iterable[Path]) -> int | None:
    """Bytes of some files that are in memory; None where the system does not tell.

    Files that are gone count nothing.
    """
    look = _mincore()
    if look is None:
        return None
    total = 0
    for path in paths:
        try:
            total += _of(path, look)
        except OSError:
            continue
    return total


def _of(path: Path, look: Any) -> int:
    size, found = path.stat().st_size, 0
    with path.open("rb") as file:
        for begin in range(0, size, AT_ONCE):
            length = min(AT_ONCE, size - begin)
            with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_COPY, offset=begin) as held:
                pages = -(-length // mmap.PAGESIZE)
                told = (ctypes.c_ubyte * pages)()
                at = ctypes.addressof(ctypes.c_char.from_buffer(held))
                if look(ctypes.c_void_p(at), ctypes.c_size_t(length), told):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
                found += sum(byte & 1 for byte in bytes(told)) * mmap.PAGESIZE
    return min(found, size)


def _mincore() -> Any:
    try:
        return ctypes.CDLL(None, use_errno=True).mincore
    except (OSError, AttributeError, TypeError):
        return None

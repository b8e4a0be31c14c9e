"""The disk: how fast it reads and writes in sequence, and stretches at random, with nothing cached.

Knows one file of its own; knows nothing of an index.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

WINDOW = 128 << 10
"""What Linux reads around a page of a mapped file that is not there, unless it was told otherwise."""

CHUNK = 1 << 20
SECONDS = 1.5
"""How long stretches are read at random."""


def measure(folder: Path, size: int = 256 << 20, cores: int = 2) -> dict[str, float]:
    """Write a file of so many bytes in a folder, read it in sequence and at random by `cores` threads, remove it.

    Where the system cannot be told to forget a file (no posix_fadvise), what is read may come from its cache.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="cascade-disk-") as aside:
        path = Path(aside) / "file"
        block = np.random.default_rng(0).bytes(CHUNK)
        begin = time.perf_counter()
        with path.open("wb", buffering=0) as file:
            for _ in range(max(1, size // CHUNK)):
                file.write(block)
            os.fsync(file.fileno())
        wrote = time.perf_counter() - begin
        total = path.stat().st_size
        handle = os.open(path, os.O_RDONLY)
        try:
            _forget(handle)
            begin = time.perf_counter()
            for at in range(0, total, CHUNK):
                os.pread(handle, CHUNK, at)
            read = time.perf_counter() - begin
            _forget(handle)
            random = _windows(handle, total, cores)
        finally:
            os.close(handle)
    return {"write_rate": total / wrote, "read_rate": total / read, "window_reads": random}


def _windows(handle: int, total: int, cores: int) -> float:
    """Stretches a second, read at random places, none of them twice."""
    places = np.random.default_rng(1).permutation(total // WINDOW)
    counts = [0] * cores
    until = time.perf_counter() + SECONDS

    def work(number: int) -> None:
        for place in places[number::cores].tolist():
            os.pread(handle, WINDOW, place * WINDOW)
            counts[number] += 1
            if time.perf_counter() > until:
                break

    begin = time.perf_counter()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begin)


def _forget(handle: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_RANDOM)

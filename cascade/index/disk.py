"""What the file layer asks of the operating system, in one object, so that tests can put a failing one in its place.

Knows paths and bytes; knows nothing of what they are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

PART = 1 << 20
"""Bytes read at a time."""


class Disk:
    """Each method is one step at which a program can be stopped, or the system can refuse. All raise OSError."""

    def write(self, path: Path, data: bytes | memoryview) -> None:
        """Write a file from its beginning and flush it."""
        self.stream(path, (data,))

    def stream(self, path: Path, parts: Iterable[bytes | memoryview]) -> None:
        """Write a file from its beginning, part by part, and flush it."""
        with path.open("wb") as out:
            for part in parts:
                out.write(part)
            out.flush()
            os.fsync(out.fileno())

    def flush(self, path: Path) -> None:
        """Flush a file that somebody else wrote."""
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def flush_folder(self, path: Path) -> None:
        """Make the names in a folder durable. Windows cannot flush a folder and needs not."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, path: Path, to: Path) -> None:
        """Give a file or folder another name, in place of a file that has it."""
        path.replace(to)

    def make(self, folder: Path) -> None:
        """Make a folder, with those above it, unless it is there."""
        folder.mkdir(parents=True, exist_ok=True)

    def remove(self, path: Path) -> None:
        """Remove a file, or an empty folder."""
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)

    def clear(self, folder: Path) -> None:
        """Remove a folder with all that is in it, as far as it can be."""
        shutil.rmtree(folder, ignore_errors=True)

    def read(self, path: Path) -> bytes:
        """A file from beginning to end."""
        return path.read_bytes()

    def parts(self, path: Path) -> Iterator[bytes]:
        """A file in parts of `PART` bytes, the last one shorter."""
        with path.open("rb") as file:
            while part := file.read(PART):
                yield part

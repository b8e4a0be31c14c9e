"""A stream that is counted as it is read, and that ends when the grant does.

Knows bytes; knows nothing of files or grants but how to ask.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

_BUFFER = 1 << 18


class Watched(io.RawIOBase):
    """What is read from `inner`, counted in `taken`; `check` is asked before each piece, and raises to end it."""

    def __init__(self, inner: BinaryIO, check: Callable[[], None]) -> None:
        self._inner, self._check = inner, check
        self._into = getattr(inner, "readinto", None)
        self.taken = 0

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        self._check()
        if self._into is not None:
            size = self._into(buffer) or 0
        else:
            piece = self._inner.read(len(buffer)) or b""
            size = len(piece)
            buffer[:size] = piece
        self.taken += size
        return size

    def seekable(self) -> bool:
        """Whether it can be sought in."""
        return self._inner.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; where it is now."""
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self._inner.tell()


class Forward(io.RawIOBase):
    """A stream that can be read on and not sought in: a member of an archive."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        piece = self._inner.read(len(buffer)) or b""
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Let go of what it reads from."""
        if not self.closed:
            self._inner.close()
        super().close()


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A reader with a buffer."""
    return io.BufferedReader(raw, _BUFFER)

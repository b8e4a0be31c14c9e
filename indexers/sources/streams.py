"""Byte streams with bounds: a head that can be looked at, lines with a cap, growth that is watched, seeking for a fee.

Knows bytes; knows nothing of formats.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from indexers.sources.faults import Unreadable
from indexers.sources.options import MIB, SourceOptions

HEAD = 1 << 14
"""Bytes of a file that its format is told by."""

_BUFFER = 1 << 18
_SPOOL = 16 << 20
_FREE = 64 << 20
"""Below this, growth is not asked about: it fits everywhere."""


class _Rewound(io.RawIOBase):
    """A stream whose head was read already, from its beginning again."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = memoryview(head), rest

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        piece: bytes | memoryview = self._head[: len(buffer)]
        if piece:
            self._head = self._head[len(piece) :]
        else:
            piece = self._rest.read(len(buffer)) or b""
        buffer[: len(piece)] = piece
        return len(piece)


class Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self.taken = 0

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        piece = self._inner.read(len(buffer)) or b""
        buffer[: len(piece)] = piece
        self.taken += len(piece)
        return len(piece)


class Bounded(io.RawIOBase):
    """The next `size` bytes of a stream, which stays open after them."""

    def __init__(self, inner: BinaryIO, size: int) -> None:
        self._inner, self._left = inner, size

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        piece = self._inner.read(min(len(buffer), self._left))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)

    def drain(self) -> None:
        """Read and forget what is left."""
        while self._left and (piece := self._inner.read(min(self._left, _BUFFER))):
            self._left -= len(piece)


class Guarded(io.RawIOBase):
    """What a decompressor gives, stopped with `Unreadable` once it has grown past `ratio` times what it was given."""

    def __init__(self, inner: BinaryIO, packed: Counted, ratio: int) -> None:
        self._read = getattr(inner, "read1", inner.read)  # `read` would lose what came before the damage
        self._packed, self._ratio = packed, ratio
        self._given = 0

    def readable(self) -> bool:
        """True: bytes can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer; how many bytes there were."""
        piece = self._read(len(buffer)) or b""
        buffer[: len(piece)] = piece
        self._given += len(piece)
        refuse_bomb(self._given, self._packed.taken, self._ratio)
        return len(piece)


def refuse_bomb(given: int, packed: int, ratio: int) -> None:
    """Raise `Unreadable` where `given` bytes are too many to come out of `packed` bytes in good faith."""
    if given > _FREE and given > ratio * max(packed, 1):
        raise Unreadable(
            f"It unpacks to more than {ratio} times its size: that is how a decompression bomb looks. "
            "Unpack it yourself and add the result."
        )


def peeked(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first `HEAD` bytes, and the stream from its beginning."""
    head = b""
    while len(head) < HEAD and (piece := stream.read(HEAD - len(head))):
        head += piece
    if isinstance(stream, io.BufferedReader) and stream.seekable():
        stream.seek(0)
        return head, stream
    return head, buffered(_Rewound(head, stream))


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A reader with a buffer, whose `readline` is fast."""
    return io.BufferedReader(raw, _BUFFER)


@contextmanager
def seekable(stream: BinaryIO, options: SourceOptions) -> Iterator[BinaryIO]:
    """The stream, or a copy of it where it cannot go back: on disk above 16 MiB, or in memory alone if that is asked.

    Raises `Unreadable` where it is too large for memory alone.
    """
    if stream.seekable():
        yield stream
        return
    if not options.on_disk:
        yield io.BytesIO(whole(stream, options.max_file_bytes))
        return
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL) as spool:
        shutil.copyfileobj(stream, spool, _BUFFER)
        spool.seek(0)
        yield cast(BinaryIO, spool)


def whole(stream: BinaryIO, limit: int) -> bytes:
    """All bytes; `Unreadable` past `limit`, of which no more than that was held."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"It is larger than {limit / MIB:g} MiB, the most that is held at once of its kind.")
    return data


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Lines with their ends; None for a line longer than `limit` bytes, of which no more than that is ever held."""
    while line := stream.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        while (more := stream.readline(_BUFFER)) and not more.endswith(b"\n"):
            pass
        yield None


def parts(stream: BinaryIO, size: int, newline: bytes) -> Iterator[bytes | None]:
    """Pieces of at most `size` bytes that end at line ends; None for a line of `size` or more, passed over.

    `newline` is a line end in the encoding of the stream; it is looked for at multiples of its own length, for which
    `size` is taken down to a multiple of 4.
    """
    size -= size % 4
    held = b""
    while len(held := held + stream.read(size - len(held))) == size:
        if cut := _after_last(held, newline):
            yield held[:cut]
            held = held[cut:]
        else:
            yield None
            held = _past_line_end(stream, newline)
    if held:
        yield held


def _after_last(data: bytes, newline: bytes) -> int:
    """Where the last line end ends; 0 where there is none."""
    at = data.rfind(newline)
    while at > 0 and at % len(newline):
        at = data.rfind(newline, 0, at + len(newline) - 1)
    return at + len(newline) if at >= 0 else 0


def _past_line_end(stream: BinaryIO, newline: bytes) -> bytes:
    """What was read past the next line end."""
    while piece := stream.read(_BUFFER):
        at = piece.find(newline)
        while at > 0 and at % len(newline):
            at = piece.find(newline, at + 1)
        if at >= 0:
            return piece[at + len(newline) :]
    return b""

"""A page of hundreds of megabytes, block by block: a document tree of it does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_BUFFER = 1 << 18
LARGEST = 4 << 20
"""Bytes of one block; what follows them, up to the next block, is left out."""


def blocks(stream: BinaryIO, opening: bytes, limit: int = LARGEST) -> Iterator[tuple[int, bytes]]:
    """Where each block begins, in bytes, and the block: from one `opening` to the next, the last to the end.

    What comes before the first is left out.
    """
    buffer, base, inside = b"", 0, False
    while True:
        more = stream.read(_BUFFER)
        buffer += more
        begin = 0
        while (at := buffer.find(opening, begin + len(opening) if inside else begin)) >= 0:
            if inside:
                yield base + begin, buffer[begin : min(at, begin + limit)]
            begin, inside = at, True
        if not more:
            break
        if not inside:
            begin = max(0, len(buffer) - len(opening))
            buffer, base = buffer[begin:], base + begin
        elif len(buffer) - begin > limit:
            yield base + begin, buffer[begin : begin + limit]
            tail = len(buffer) - len(opening)
            buffer, base, inside = buffer[tail:], base + tail, False
        else:
            buffer, base = buffer[begin:], base + begin
    if inside:
        yield base, buffer[:limit]

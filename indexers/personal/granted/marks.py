"""How far a file was read, and whether it has only grown since: then reading goes on where it ended.

A mark holds where reading may go on, how long the file was, and hashes of its first and last bytes at the time: if both
are still there, what was read before stands unchanged before them (an mbox, a log). Anything else is read anew.
Knows bytes; knows nothing of grants.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import BinaryIO

EDGE = 1 << 16
"""Bytes at either end that are compared."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`after` is what the connector says (bytes or rows); `size` is in bytes; `first`, `last` are hex digests."""

    after: int
    size: int
    first: str
    last: str

    @classmethod
    def of(cls, stream: BinaryIO, after: int, size: int) -> Mark:
        """A mark in a file of this size, which can be sought in."""
        return cls(after, size, *_edges(stream, size))

    def holds(self, stream: BinaryIO, size: int) -> bool:
        """Whether the file has only grown since."""
        return size >= self.size and _edges(stream, self.size) == (self.first, self.last)

    def to_bytes(self) -> bytes:
        """JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def parse(cls, data: bytes) -> Mark | None:
        """From what `to_bytes` gave; None for anything else: what cannot be understood is read anew."""
        try:
            return cls(**json.loads(data))
        except (ValueError, TypeError):
            return None


def _edges(stream: BinaryIO, size: int) -> tuple[str, str]:
    stream.seek(0)
    first = stream.read(min(EDGE, size))
    stream.seek(max(0, size - EDGE))
    last = stream.read(min(EDGE, size))
    return hashlib.sha256(first).hexdigest(), hashlib.sha256(last).hexdigest()

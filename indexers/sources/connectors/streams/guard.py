"""A file that cannot be read is told, and the next one is read."""

from __future__ import annotations

from collections.abc import Iterator

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Item, Reader, Things
from indexers.sources.faults import FAULTS, Unreadable, sentence

_HEAD = 1 << 14


def guarded(reader: Reader, file: File, things: Things) -> Iterator[Item | Skipped]:
    """The things, and a Skipped where reading the file stops with a fault of the file."""
    try:
        yield from things
    except FAULTS as error:
        fault = error.fault if isinstance(error, Unreadable) else True
        yield Skipped(reader.source, file.name, sentence(error), fault)


def head(reader: Reader, file: File, size: int = _HEAD) -> bytes:
    """The first bytes of a file, which tell what it is; empty where it cannot be opened (its reading will tell why)."""
    try:
        with reader.open(file) as stream:
            found = b""
            while len(found) < size and (more := stream.read(size - len(found))):
                found += more
            return found
    except FAULTS:
        return b""

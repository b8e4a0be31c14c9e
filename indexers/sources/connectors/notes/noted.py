"""What notes of all programs share: the text of a file with a cap, when it was written, and a note as an item.

Knows files and items; knows nothing of programs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath

from indexers.records import Kind as Text
from indexers.sources.connectors.base import Basis, File, Item, Kind, Moment, Origin, Reader
from indexers.sources.connectors.clock import written
from indexers.sources.decode import decode
from indexers.sources.document import Document
from indexers.sources.streams import whole

LARGEST = 16 << 20
"""Bytes of one note."""


def data_of(reader: Reader, file: File) -> bytes:
    """All bytes of a note's file; `Unreadable` where it is larger than notes are."""
    with reader.open(file) as stream:
        return whole(stream, LARGEST)


def text_of(reader: Reader, file: File) -> str:
    """Its text, with `\\n` for line ends; `Unreadable` where it is none."""
    return decode(data_of(reader, file)).text


def stem(path: str) -> str:
    """The name of a file without its folder and extension."""
    return PurePosixPath(path).stem


def moment_of(told: str, file: File) -> Moment:
    """What a note says of its time, else when its file was last written."""
    found = written(told) if told else Moment()
    if found.iso or not file.modified:
        return found
    try:
        at = datetime.fromtimestamp(file.modified, UTC).replace(microsecond=0)
    except (ValueError, OverflowError, OSError):
        return found
    return Moment(at.isoformat(), Basis.FILE)


def note(native: str, document: Document, locator: str, moment: Moment) -> Item:
    """The item of a document: the owner's words, with its headings as marks."""
    return Item(
        Kind.NOTE, native, document.text, locator, moment, title=document.title, origin=Origin.MINE,
        form=document.kind if document.kind is Text.MARKDOWN else Text.PLAIN, marks=document.marks,
    )  # fmt: skip

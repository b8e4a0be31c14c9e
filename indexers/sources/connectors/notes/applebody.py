"""The text of a note of Apple Notes: gzip of a protobuf, decoded by hand.

Field numbers (as apple_cloud_notes_parser describes them): document 2 -> version 3 -> note; of it 2 = text, 5 =
attribute runs. A run: 1 = its length, 2 = style of its paragraph (1 = kind: 0 title, 1 heading, 2 subheading, 4 code,
100 and 101 bullets, 102 numbers, 103 boxes; 5 = box, in it 2 = done).

The length of a run counts UTF-16 units, not characters: an emoji is two.
Knows bytes and protobuf's wire form; knows nothing of the database.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from indexers.records import Mark
from indexers.sources.document import Document
from indexers.sources.faults import Unreadable

_LARGEST: Final = 16 << 20
_HEADINGS: Final = {0: 1, 1: 2, 2: 3}
_BULLETS: Final = {100: "- ", 101: "- ", 102: "1. "}
_BOX: Final = 103
_RUN: Final = 5
_ATTACHED: Final = "\ufffc"
_VARINT, _LONG, _BYTES, _SHORT = 0, 1, 2, 5


def document(data: bytes) -> Document:
    """The document of a note's data. Raises `Unreadable` where it is damaged or of another form."""
    raw = _unpacked(data)
    note = _one(_one(raw, 2), 3)
    if not note:
        raise Unreadable("The note's data are in a form that is not known.")
    text = _one(note, 2).decode("utf-8", "replace")
    return _built(text, list(_styles(note, text)))


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib
    raw = unpacker.decompress(data, _LARGEST)
    if unpacker.unconsumed_tail:
        raise Unreadable(f"The note is larger than {_LARGEST >> 20} MiB.")
    return raw


def fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of the fields of one message, in order."""
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(raw, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _varint(raw, at)
        elif wire in {_LONG, _SHORT}:
            size = 8 if wire == _LONG else 4
        else:
            raise Unreadable("The note's data are damaged, or in a form that is not known.")
        if size > len(raw) - at:
            raise Unreadable("The note's data end too early.")
        yield number, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(raw) and shift < 70:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise Unreadable("The note's data end too early.")


def _one(raw: bytes, wanted: int) -> bytes:
    """The first field of that number that holds bytes; empty where there is none."""
    return next((value for number, value in fields(raw) if number == wanted and isinstance(value, bytes)), b"")


def _count(raw: bytes, wanted: int) -> int:
    """The first field of that number that holds a count; -1 where there is none, as Notes has it."""
    return next((value for number, value in fields(raw) if number == wanted and isinstance(value, int)), -1)


def _styles(note: bytes, text: str) -> Iterator[tuple[int, int, bool]]:
    """Where each run ends, in characters, the kind of its paragraph (-1 none), and whether its box is ticked."""
    at = 0
    for number, run in fields(note):
        if number == _RUN and isinstance(run, bytes):
            style = _one(run, 2)
            at = _past(text, at, max(_count(run, 1), 0))
            yield at, _count(style, 1), _count(_one(style, 5), 2) == 1


def _past(text: str, at: int, units: int) -> int:
    """Where so many UTF-16 units after `at` end, in characters."""
    while units > 0 and at < len(text):
        units -= 2 if text[at] > "\uffff" else 1
        at += 1
    return at


def _built(text: str, styles: list[tuple[int, int, bool]]) -> Document:
    """The text line by line, with signs before items of lists and marks where headings are."""
    pieces: list[str] = []
    marks: list[Mark] = []
    length = run = at = 0
    for line in text.split("\n"):
        while run < len(styles) - 1 and styles[run][0] <= at:
            run += 1
        _, kind, ticked = styles[run] if styles else (0, -1, False)
        shown = line.replace(_ATTACHED, "").replace("\x00", "")
        if shown.strip():
            if kind in _HEADINGS:
                marks.append(Mark(length, _HEADINGS[kind], shown.strip()))
            shown = (f"[{'x' if ticked else ' '}] " if kind == _BOX else _BULLETS.get(kind, "")) + shown
        pieces.append(shown)
        length += len(shown) + 1
        at += len(line) + 1
    return Document("\n".join(pieces).rstrip(), marks=tuple(marks))

"""Comments and live chats that the owner wrote on YouTube, and other tables of that form.

`comments.csv` has two orders of columns, before June 2024 `Comment ID,Channel ID,Comment Create Timestamp,Price,Parent
Comment ID,Video ID,Comment Text,Top-level Comment ID`, since then `Channel ID,Comment Create Timestamp,Price,Comment
ID,...`; `live chats.csv` has `Live Chat ID,...,Live Chat Text`. Names of columns are translated, so cells are told by
their shape: a text is JSON, an id of a comment begins with `Ug`, a time is ISO 8601, an id of a video has 11
characters. The text is `{"takeoutSegments": [{"text", "link"?}]}`, or pieces joined by commas: `{"text": "a"},{"text":
"\\n"}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, File, Item, Kind, Moment, Origin, Reader, Things
from indexers.sources.connectors.clock import stamp, written
from indexers.sources.connectors.streams import Broken, mappings, rows
from indexers.sources.decode import clean

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_ID = re.compile(r"Ug[\w-]{20,}(?:\.[\w-]+)?")
_VIDEO = re.compile(r"[\w-]{11}")
_LONGEST = 20_000


def fits(begin: bytes) -> bool:
    """Whether a table that begins like this is one of comments: its names say so, or a cell holds text as JSON."""
    first = begin.split(b"\n", 1)[0].lower()
    named = b"comment text" in first or b"live chat text" in first
    return named or b'"{""text"":' in begin or b"takeoutSegments" in begin


def read(reader: Reader, file: File) -> Things:
    """The comments of one file."""
    with reader.open(file) as stream:
        for row in rows(stream):
            if isinstance(row, Broken):
                yield Skipped(reader.source, f"{file.name}#{row.row}", row.reason)
                continue
            locator = f"{file.name}#{row.number}"
            item = _comment(list(row.cells.values()), locator)
            yield item or Skipped(reader.source, locator, "It is no comment with a text and a time.", fault=False)


def _comment(cells: list[str], locator: str) -> Item | None:
    at = next((number for number, cell in enumerate(cells) if cell.startswith("{")), -1)
    text = said(cells[at]) if at >= 0 else ""
    moment = next((written(cell, naive=Basis.UTC) for cell in cells if _TIME.match(cell)), Moment())
    if not text or not moment.iso:
        return None
    number = next((cell for cell in cells if _ID.fullmatch(cell)), "")
    video = next((cell for cell in cells if _VIDEO.fullmatch(cell)), "")
    key = number or blake2b(f"{stamp(moment)}\0{video}\0{text}".encode("utf-8", "replace"), digest_size=12).hexdigest()
    return Item(
        kind=Kind.CHAT,
        native=f"youtube-comment:{key}",
        text=text,
        locator=locator,
        moment=moment,
        title="My comment on YouTube",
        origin=Origin.MINE,
        thread=f"youtube:{video}" if video else "",
        labels=("YouTube", "comment"),
        url=f"https://www.youtube.com/watch?v={video}" if video else "",
    )


def said(cell: str) -> str:
    """The words of a comment, of either form."""
    try:
        pieces = json.loads(f"[{cell}]")
    except (ValueError, RecursionError):
        return ""
    return clean("".join(_words(pieces))).strip()[:_LONGEST]


def _words(pieces: list[Any]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, dict):
            inner = piece.get("takeoutSegments")
            for part in mappings(inner) if isinstance(inner, list) else [piece]:
                if isinstance(part.get("text"), str):
                    yield part["text"]

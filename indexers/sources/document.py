"""What a format's reader makes of a file: its text, with marks where structure begins.

Knows nothing of where the bytes came from; `read.py` turns a Document into a Record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indexers.records import Kind, Mark


@dataclass(frozen=True, slots=True)
class Document:
    """Text and what its format says about it. `marks` hold offsets in code points into `text`, ascending."""

    text: str
    title: str = ""
    time: str = ""
    kind: Kind = Kind.PLAIN
    language: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


class Builder:
    """Text built block by block, for formats whose own bytes are not readable text.

    Blocks are parted by an empty line, rows of a table and items of a list by a line end.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._marks: list[Mark] = []
        self._waiting: list[tuple[int, str]] = []
        self._close = False
        self.length = 0

    def heading(self, level: int, name: str) -> None:
        """A heading that stands in the text, and its mark."""
        name = " ".join(name.split())
        if name:
            self._waiting.append((level, name))
            self.block(name)

    def mark(self, level: int, name: str) -> None:
        """A place with a name that does not stand in the text (a page, a sheet): where the next block begins."""
        while self._waiting and self._waiting[-1][0] >= level:
            self._waiting.pop()
        self._waiting.append((level, name))

    def block(self, text: str, close: bool = False) -> None:
        """A paragraph (or, with `close`, a row or an item: one line end after another such). Empty text is left out."""
        if not text.strip():
            return
        if self._pieces:
            self._put("\n" if close and self._close and not self._waiting else "\n\n")
        self._marks.extend(Mark(self.length, level, name) for level, name in self._waiting)
        self._waiting.clear()
        self._put(text)
        self._close = close

    def row(self, cells: Iterable[str]) -> None:
        """A row of a table: cells joined by ` | `, empty ones at the end left out."""
        joined = " | ".join(" ".join(cell.split()) for cell in cells).rstrip(" |")
        self.block(joined, close=True)

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self.length += len(text)

    def build(self, title: str = "", time: str = "", kind: Kind = Kind.PLAIN, **metadata: Any) -> Document:
        """The Document so far. Marks that nothing followed are left out, and so is metadata that is empty."""
        kept = {key: value for key, value in metadata.items() if value}
        return Document("".join(self._pieces), title, time, kind, metadata=kept, marks=tuple(self._marks))

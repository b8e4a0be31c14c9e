"""The elements of a JSON file, one at a time: those of its list, or of the lists of its object.

A streaming parser stops at the first bad byte, and what follows it is lost. Here the text is cut at brackets first and
each element is parsed alone: a bad one is told, with its place, and the next one is read. At most one element and one
buffer are held. Measured on 1 GB of watch history (2.95 million entries, tests/connectors/large.py):
292 MB at most, most of them ids that were seen, and 290 s of one processor.

    [ELEMENT, ELEMENT, ...]                     key ""
    {"locations": [ELEMENT, ...], "x": ELEMENT} keys "locations" and "x"

Knows JSON's brackets and strings; knows nothing of what an element means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

_BUFFER = 1 << 18
LARGEST = 16 << 20
"""Bytes of one element; a larger one is told and passed over."""

_BODY = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_TOKEN = re.compile(rb'"' + _BODY + rb'"|[\[\]{},]|"', re.DOTALL)
_INSIDE = re.compile(rb'"' + _BODY + rb'"|[\[\]{}]|"', re.DOTALL)
_BRACKET = re.compile(rb'[^"\[\]{}]*+(?:"' + _BODY + rb'"[^"\[\]{}]*+)*+([\[\]{}])?', re.DOTALL)
"""Up to the next bracket, over whole strings, in one step: three times as fast as string by string."""

_CLOSING = re.compile(_BODY + rb'"', re.DOTALL)
_PLAIN = re.compile(_BODY, re.DOTALL)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Element:
    """One element: the key its list stands under, its number in that list from 0, its bytes in the file, its value."""

    key: str
    row: int
    start: int
    stop: int
    value: object


@dataclass(frozen=True, slots=True)
class Broken:
    """An element that cannot be parsed, or the end of a file that is cut short; `reason` is a sentence."""

    row: int
    start: int
    reason: str


def elements(
    stream: BinaryIO, limit: int = LARGEST, repair: Callable[[bytes], bytes] | None = None
) -> Iterator[Element | Broken]:
    """Elements in the order of the file. `repair` is tried on an element's bytes when they do not parse."""
    key, row = "", 0
    for piece in _Cutter(stream, limit).pieces():
        if piece.key != key:
            key, row = piece.key, 0
        if piece.fault:
            yield Broken(row, piece.start, piece.fault)
        else:
            yield _parsed(piece, row, repair)
        row += 1


@dataclass(frozen=True, slots=True)
class _Piece:
    key: str
    start: int
    raw: bytes
    fault: str = ""


def _parsed(piece: _Piece, row: int, repair: Callable[[bytes], bytes] | None) -> Element | Broken:
    try:
        value = _value(piece.raw)
    except (ValueError, RecursionError) as error:
        if repair is not None:
            return _parsed(_Piece(piece.key, piece.start, repair(piece.raw)), row, None)
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
        return Broken(row, piece.start, f"This element is not valid JSON ({detail}); the others are read.")
    return Element(piece.key, row, piece.start, piece.start + len(piece.raw), value)


def _value(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except UnicodeDecodeError:
        return json.loads(raw.decode("utf-8", "replace"))


class _Cutter:
    """Cuts a stream at the brackets and commas that part its elements.

    `_at` is where the buffer is read on, `_base` where it begins in the file, `_begun` where the element begun begins
    in the buffer, `_over` whether more of it than an element may have was let go, `_told` whether the end was told.
    Depth 1 is inside the outermost bracket, depth 2 inside a list that is a value of the object.
    """

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._buffer = b""
        self._base = self._at = self._begun = 0
        self._more = _BUFFER
        self._over = self._told = False

    def pieces(self) -> Iterator[_Piece]:
        self._fill()
        if self._buffer.startswith(_BOM):
            self._at = len(_BOM)
        opening = self._next()
        if opening not in (b"[", b"{"):
            yield _Piece("", 0, b"", "It is no JSON list or object.")
        elif opening == b"[":
            yield from self._list("")
        else:
            yield from self._object()

    def _object(self) -> Iterator[_Piece]:
        key: str | None = None
        self._begun = self._at
        while token := self._next():
            if token[:1] == b'"':
                if key is None:
                    key = _text(token)
                    self._past_colon()
            elif token == b"[":
                yield from self._list(key or "")
                self._begun = self._at
            elif token == b"{":
                yield self._whole(key or "", self._at - 1)
                self._begun = self._at
            else:
                yield from self._scalar(key or "", self._begun, self._at - 1)
                self._begun, key = self._at, None
                if token in (b"}", b"]"):
                    return
        yield from self._cut_short(key or "")

    def _past_colon(self) -> None:
        """What follows the colon is the value; a scalar begins there."""
        self._ensure(256)
        rest = self._buffer[self._at : self._at + 256]
        self._at += len(rest) - len(rest.lstrip(b" \t\r\n:"))
        self._begun = self._at

    def _list(self, key: str) -> Iterator[_Piece]:
        self._begun = self._at
        while token := self._next():
            if token in (b"[", b"{"):
                yield self._whole(key, self._at - 1)
                self._begun = self._at
            elif token[:1] != b'"':
                yield from self._scalar(key, self._begun, self._at - 1)
                self._begun = self._at
                if token in (b"]", b"}"):
                    return
        yield from self._cut_short(key)

    def _cut_short(self, key: str) -> Iterator[_Piece]:
        if not self._told:
            self._told = True
            yield _Piece(key, self._base + self._at, b"", "The file ends too early: it is cut short.")

    def _scalar(self, key: str, start: int, stop: int) -> Iterator[_Piece]:
        """A number, a word or a string between two commas; nothing where a bracket stood there."""
        if raw := self._buffer[start:stop].strip():
            yield _Piece(key, self._base + start, raw)

    def _whole(self, key: str, start: int) -> _Piece:
        """The element whose opening bracket is at `start`, to its closing one."""
        self._begun, self._over = start, False
        depth, at = 1, self._base + start
        while token := self._bracket():
            if token in (b"[", b"{"):
                depth += 1
            elif token in (b"]", b"}"):
                depth -= 1
                if not depth and not self._over and self._at - self._begun <= self._limit:
                    return _Piece(key, at, self._buffer[self._begun : self._at])
            if self._over or self._at - self._begun > self._limit:
                return self._passed_over(key, at, depth)
        self._told = True
        return _Piece(key, at, b"", "The file ends within this element: it is cut short.")

    def _passed_over(self, key: str, at: int, depth: int) -> _Piece:
        while depth:
            self._begun = self._at
            token = self._next(_INSIDE)
            if not token:
                break
            depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        return _Piece(key, at, b"", f"This element is larger than {self._limit >> 20} MiB; the others are read.")

    def _bracket(self) -> bytes:
        """The next bracket; or a string that the buffer did not hold to its end, when it does."""
        if found := _BRACKET.match(self._buffer, self._at):
            self._at = found.end()
            if bracket := found.group(1):
                self._more = _BUFFER
                return bytes(bracket)
        return self._next(_INSIDE)

    def _next(self, pattern: re.Pattern[bytes] = _TOKEN) -> bytes:
        """The next bracket, comma or string; empty at the end of the file."""
        while True:
            found = pattern.search(self._buffer, self._at)
            if found is None:
                self._at = len(self._buffer)
                if not self._fill():
                    return b""
            elif found.group() != b'"':
                self._at = found.end()
                self._more = _BUFFER
                return found.group()
            else:  # a string that the buffer does not hold to its end
                self._at = found.start()
                if len(self._buffer) - self._at > self._limit:
                    return self._long_string()
                if not self._fill():
                    return b""

    def _long_string(self) -> bytes:
        """Pass over a string longer than an element may be, which is not kept."""
        self._at += 1
        self._over = True
        while True:
            if closing := _CLOSING.match(self._buffer, self._at):
                self._begun = min(self._begun, closing.end() - 1)
                self._at = closing.end()
                return b'""'
            body = _PLAIN.match(self._buffer, self._at)
            self._at = self._begun = body.end() if body else self._at
            if not self._fill():
                return b""

    def _ensure(self, size: int) -> None:
        if len(self._buffer) - self._at < size:
            self._fill()

    def _fill(self) -> bool:
        """Read on, and forget what lies before the element begun; false at the end of the file."""
        if self._at - self._begun > self._limit:
            self._begun, self._over = self._at, True
        keep = min(self._begun, self._at)
        more = self._stream.read(self._more)
        self._more = min(self._more * 2, LARGEST)
        self._buffer = self._buffer[keep:] + more
        self._base += keep
        self._at -= keep
        self._begun -= keep
        return bool(more)


def _text(token: bytes) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1].decode("utf-8", "replace")

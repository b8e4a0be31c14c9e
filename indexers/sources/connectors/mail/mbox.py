"""mbox: messages one after another, each behind a line `From SENDER DATE`. Splits a stream; parses no mail.

There is no one format (RFC 4155 describes four). Lines of a body that begin with `From ` are written `>From ` (mboxo,
which cannot be undone where the body had `>From `) or get one more `>` before `>*From ` (mboxrd, which can); both are
read by taking one `>` away. Some writers escape nothing; Thunderbird writes a bare `From ` or `From - DATE`, sometimes
without an empty line before it; Google Takeout writes `From 1790@xxx Mon Jan 01 10:00:00 +0000 2024` with CRLF.
Python's `mailbox` splits at every line that begins with `From `: a body with "From the desk of Bob" becomes two mails.

A `From ` line here begins a message where the line after it could be a header's (or empty, or `>From `), and
  - the rest of it is a date, mostly behind a sender, and an empty line is before it (else the next line is a field
    that mails begin with);
  - or it is bare, or one word or an address without a date, and the next line is a field that mails begin with.
Lines that look so in a body that was never escaped cannot be told apart by anyone.
Offsets are those of the file: the start of a message is where its `From ` line begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from indexers.sources.connectors.base import Moment
from indexers.sources.connectors.mail.dates import from_line
from indexers.sources.connectors.mail.raw import LARGEST, UNKNOWN

_BLOCK = 1 << 20
_AHEAD = 4_096
"""Bytes after `From ` that decide: the rest of its line and the line after."""
_FROM = b"\nFrom "
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_USUAL = re.compile(
    rb"(?:return-path|received|delivered-to|x-[!-9;-~]+|message-id|date|from|to|subject|mime-version|status|sender"
    rb"|content-type|envelope-to|reply-to|authentication-results|arc-[a-z-]+|dkim-signature)[ \t]*:",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: its bytes without its From_ line, or None where it is too large; and where it lies.

    `loose` are bytes before the first From_ line that are no mail.
    """

    begins: int
    ends: int
    data: bytes | None
    received: Moment = UNKNOWN
    loose: bool = False


def pieces(stream: BinaryIO, at: int = 0, largest: int = LARGEST) -> Iterator[Piece]:
    """The messages from byte `at` on, where one begins. Holds one message and a block, whatever the file's size."""
    if not _forward(stream, at):
        return
    buffer, base, begins, seen, over, ended = bytearray(), at, at, 0, False, False
    while True:
        cut, seen = _boundary(buffer, seen, ended)
        if cut or (ended and buffer):
            cut = cut or len(buffer)
            over = over or cut > largest
            piece = Piece(begins, base + cut, None) if over else _piece(buffer, cut, begins)
            del buffer[:cut]
            begins = base = base + cut
            seen, over = 0, False
            yield piece
            del piece
        elif ended:
            return
        else:
            if len(buffer) > largest:
                over, drop = True, max(0, seen - 2)
                del buffer[:drop]
                base, seen = base + drop, seen - drop
            block = stream.read(_BLOCK)
            ended = not block
            buffer += block


def _forward(stream: BinaryIO, at: int) -> bool:
    """Whether there is anything at byte `at`, to which the stream is brought: sought, or read up to it."""
    if at and stream.seekable():
        stream.seek(at)
        return True
    while at > 0:
        block = stream.read(min(at, _BLOCK))
        if not block:
            return False
        at -= len(block)
    return True


def _boundary(buffer: bytearray, seen: int, ended: bool) -> tuple[int, int]:
    """Where the next message begins, 0 where it does not in what is held; and up to where that is certain."""
    while True:
        at = buffer.find(_FROM, seen)
        if at < 0:
            return 0, max(seen, len(buffer) - len(_FROM) + 1)
        if at + _AHEAD > len(buffer) and not ended:
            return 0, at
        if _begins(buffer, at + 1):
            return at + 1, at
        seen = at + 1


def _begins(buffer: bytearray, at: int) -> bool:
    """Whether a message begins with the `From ` at `at`, which is not the first byte."""
    stop = buffer.find(b"\n", at, at + _AHEAD)
    rest = bytes(buffer[at + 5 : stop if stop >= 0 else at + _AHEAD]).strip()
    after = bytes(buffer[stop + 1 : stop + 301]) if stop >= 0 else b""
    before = bytes(buffer[max(0, at - 3) : at - 1])
    empty = not before or before.endswith(b"\n") or before == b"\n\r"
    usual = _USUAL.match(after) is not None
    if len(rest.split()) < 2:
        return usual and (empty or not rest)
    if (dated(rest) is not None) if len(rest) <= 300 else False:
        if not empty:
            return usual
        return bool(_FIELD.match(after)) or after.startswith((b">From ", b"\n", b"\r\n")) or not after
    return usual and empty and b"@" in rest.split()[0]


def dated(rest: bytes) -> Moment | None:
    """The date in what follows `From `, behind a sender of up to five words or none; None where there is none."""
    words = rest.decode("latin-1").split()
    for sender in (1, 0, 2, 3, 4, 5):
        if moment := from_line(" ".join(words[sender:])):
            return moment
    return None


def _piece(buffer: bytearray, cut: int, begins: int) -> Piece:
    start, received = 0, None
    if buffer.startswith(b"From "):
        stop = buffer.find(b"\n", 0, cut)
        start = stop + 1 if stop >= 0 else cut
        received = dated(bytes(buffer[5 : min(start, 305)]).strip())
    elif not _FIELD.match(buffer):
        return Piece(begins, begins + cut, b"", loose=bool(buffer[:cut].strip()))
    with memoryview(buffer) as held:
        data = bytes(held[start:cut])
    if b"\n>" in data and b">From " in data:
        data = _ESCAPED.sub(rb"\1", data)
    return Piece(begins, begins + cut, data, received or UNKNOWN)

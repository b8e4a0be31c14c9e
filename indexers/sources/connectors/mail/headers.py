"""The header of a mail or of a part: its fields, unfolded and decoded, however they are broken.

Fields are `Name: value` lines; a line that begins with a space or a tab goes on with the one before (RFC 5322, 2.2.3).
Met besides: `>From ` and `From ` lines among them (up to 10 % of Thunderbird mails, Mailpile#1786), folded lines that
lost their indent, a body that begins without an empty line, raw 8-bit text in any charset, RFC 2047 words that split a
character between two words, stand inside quotes, or hold spaces.
Knows nothing of MIME parts.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexers.sources.connectors.mail import charsets

_MOST, _LONGEST, _FIELDS = 1 << 20, 1 << 16, 2_000
"""Bytes of a header, characters of a field, and fields that are looked at: no mail that people read comes near."""

_END = re.compile(rb"\n\r?\n|\r\r")
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order: the name in lower case, and the value unfolded but not yet decoded."""

    fields: tuple[tuple[str, str], ...] = ()

    def raw(self, name: str) -> str:
        """The first field of that name as it stands; empty where there is none."""
        return next((value for known, value in self.fields if known == name), "")

    def all(self, name: str) -> list[str]:
        """Every field of that name as it stands."""
        return [value for known, value in self.fields if known == name]

    def get(self, name: str) -> str:
        """The first field of that name as a person reads it."""
        return words(self.raw(name))


def split(data: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header that begins at `start`, and where the body after it begins (at most `end`)."""
    limit = min(end, start + _MOST)
    if data[start : start + 1] == b"\n" or data[start : start + 2] == b"\r\n":
        return Headers(), min(end, data.index(b"\n", start) + 1)
    found = _END.search(data, start, limit)
    # a line of spaces ends no header: some are folded with such lines in them
    stop, body = (found.start(), found.end()) if found else (limit, limit if limit < end else end)
    block = data[start:stop]
    lines = re.split(rb"\r\n|\n|\r", block)
    last = next((at for at in range(len(lines) - 1, -1, -1) if _FIELD.match(lines[at])), -1)
    if last < 0:
        return Headers(), start  # no header at all: everything is body
    tail = last + 1
    while tail < len(lines) and lines[tail][:1] in {b" ", b"\t"}:
        tail += 1
    if any(line.strip() and not line.startswith((b"From ", b">From ")) for line in lines[tail:]):
        body = start + _offset(block, tail)  # the body begins without an empty line
    return Headers(tuple(_fields(lines[:tail]))), body


def _offset(block: bytes, line: int) -> int:
    """Where a line of a block begins."""
    at = 0
    for found in re.finditer(rb"\r\n|\n|\r", block):
        if line == 0:
            break
        at, line = found.end(), line - 1
    return at


def _fields(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    name, value, known = "", [b""], 0
    for line in lines:
        found = None if line[:1] in {b" ", b"\t"} else _FIELD.match(line)
        if found is None:
            if not line.startswith((b"From ", b">From ")):
                value.append(line)
            continue
        if name:
            yield name, _unfolded(value)
        known += 1
        if known > _FIELDS:
            return
        name, value = found.group(1).decode("ascii").lower(), [found.group(2)]
    if name:
        yield name, _unfolded(value)


def _unfolded(lines: list[bytes]) -> str:
    data = b" ".join(line.strip() for line in lines).strip()[:_LONGEST]
    return charsets.text(data, "")[0].replace("\n", " ")


def words(value: str) -> str:
    """A value with its RFC 2047 words decoded. Words that touch are decoded as one, so split characters are whole."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1", value)
    pieces: list[str] = []
    held, charset, at = b"", "", 0
    for found in _WORD.finditer(value):
        if found.start() > at or found.group(1).lower() != charset:
            pieces.append(charsets.text(held, charset)[0])
            pieces.append(value[at : found.start()])
            held, charset = b"", found.group(1).lower()
        held += _word(found.group(2), found.group(3))
        at = found.end()
    pieces += [charsets.text(held, charset)[0], value[at:]]
    return " ".join("".join(pieces).split())


def _word(how: str, body: str) -> bytes:
    raw = body.encode("utf-8", "replace")
    if how in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    plain = plain[: len(plain) - 1] if len(plain) % 4 == 1 else plain
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))

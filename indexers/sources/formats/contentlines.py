"""Content lines and components, of which calendars and contacts are made, streamed: one component is held at a time.

    BEGIN:VEVENT
    SUMMARY;LANGUAGE=en:Dent
     ist                              a line that begins with a space or a tab goes on with the one before
    END:VEVENT

iCalendar (RFC 5545, 3.1 and 3.6), vCard 3.0 and 4.0 (RFC 2426, RFC 6350, 3.3), and the older vCalendar 1.0 and vCard
2.1: those have bare parameters (`TEL;CELL:`), a CHARSET, and quoted-printable values that end in `=` where they go on.
Folds are counted in bytes and may split a character, so lines are joined as bytes and decoded after. Line ends are
CRLF, LF or CR. Values longer than 64 KiB (pictures, files in base64) are cut. A component that does not end, ends where
the next of its kind begins, or with the file; lines that are none are counted and passed over.
Own, since the libraries for it refuse a whole file for one bad line, and `vobject` takes minutes for a line of 6 KB
with many parameters. Knows nothing of what components mean.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from indexers.sources.decode import clean, decode
from indexers.sources.faults import Unreadable

_LONGEST, _MOST, _DEEPEST = 1 << 16, 5_000, 8
"""Bytes of a line that are kept, lines of a component, and components within one another."""
_NAME = re.compile(r"(?:([A-Za-z0-9_-]{1,60})\.)?([A-Za-z0-9_-]{1,60})")
_CHARSET = re.compile(rb"CHARSET=\"?([\w-]{1,40})", re.IGNORECASE)
_ESCAPES = {"n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"}
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}


@dataclass(frozen=True, slots=True)
class Property:
    """A line: its name in upper case, its parameters by upper-case names, and its value as it stands.

    A parameter that is named twice has its values with a comma between them; a bare one has an empty value. `group` is
    what stands before the name: `item1.TEL` and `item1.X-ABLABEL` belong together.
    """

    name: str
    params: dict[str, str]
    value: str
    group: str = ""

    @property
    def text(self) -> str:
        """The value with its backslashes undone (RFC 5545, 3.3.11)."""
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found.group(1), found.group()), self.value, flags=re.DOTALL)


@dataclass
class Component:
    """What stands between BEGIN and END. `line` is the number of its first; `broken` counts lines that are none."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)
    broken: int = 0

    def get(self, name: str) -> Property | None:
        """The first property of a name."""
        return next((known for known in self.properties if known.name == name), None)

    def all(self, name: str) -> list[Property]:
        """Every property of a name."""
        return [known for known in self.properties if known.name == name]

    def text(self, name: str) -> str:
        """The first text of a name, without space around it; empty where there is none."""
        found = self.get(name)
        return found.text.strip() if found else ""


def components(stream: BinaryIO) -> Iterator[Component | Property]:
    """Components below VCALENDAR (events, tasks, zones, ...), each whole, and the properties of the calendar itself."""
    open_: list[Component] = []
    for number, raw in _unfolded(stream):
        line = _property(raw)
        if line is None:
            if open_:
                open_[-1].broken += 1
        elif line.name == "BEGIN":
            name = line.value.strip().upper()
            if name == "VCALENDAR" or (open_ and name == open_[0].name):
                if open_:
                    yield open_[0]
                open_ = []
            if name != "VCALENDAR" and len(open_) < _DEEPEST:
                inner = Component(name, number)
                if open_:
                    open_[-1].inner.append(inner)
                open_.append(inner)
        elif line.name == "END":
            yield from _ended(open_, line.value.strip().upper())
        elif not open_:
            yield line
        elif len(open_[-1].properties) < _MOST:
            open_[-1].properties.append(line)
    if open_:
        yield open_[0]


def _ended(open_: list[Component], name: str) -> Iterator[Component]:
    """Close the innermost component of a name, and with it what was opened in it."""
    named = (at for at in range(len(open_) - 1, -1, -1) if open_[at].name == name)
    depth = next(named, 0 if name == "VCALENDAR" else -1)
    if depth < 0 or not open_:
        return
    first = open_[0]
    del open_[depth:]
    if depth == 0:
        yield first


def _unfolded(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Whole lines and the number of their first."""
    begun, held = 0, bytearray()
    for number, line in enumerate(_lines(stream), 1):
        quoted = held.endswith(b"=") and b"QUOTED-PRINTABLE" in held[:300].upper()
        if line[:1] in {b" ", b"\t"} and begun and not quoted:
            if len(held) < _LONGEST:
                held += line[1:]
        elif quoted and len(held) < _LONGEST:
            held += b"\n" + line
        else:
            if held:
                yield begun, bytes(held[:_LONGEST])
            begun, held = number, bytearray(line)
    if held:
        yield begun, bytes(held[:_LONGEST])


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends; what is over the limit of one is passed over."""
    first = True
    while line := stream.readline(_LONGEST):
        whole = line.endswith(b"\n")
        if first:
            line = line.removeprefix(b"\xef\xbb\xbf")
            first = False
        yield from line.rstrip(b"\r\n").split(b"\r")
        while not whole and (more := stream.readline(_LONGEST)):
            whole = more.endswith(b"\n")


def _property(raw: bytes) -> Property | None:
    line = _decoded(raw)
    name = _NAME.match(line)
    if not name:
        return None
    params, at = _params(line, name.end())
    if at < 0:
        return None
    value = line[at:]
    if "QUOTED-PRINTABLE" in params or params.get("ENCODING", "").upper() in {"QUOTED-PRINTABLE", "Q"}:
        value = _text(binascii.a2b_qp(value.encode("utf-8", "replace")), params.get("CHARSET", ""))
    return Property(name.group(2).upper(), params, value, (name.group(1) or "").upper())


def _decoded(raw: bytes) -> str:
    try:
        return clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        said = _CHARSET.search(raw[:300])
        return _text(raw, said.group(1).decode() if said else "")


def _text(data: bytes, charset: str) -> str:
    """UTF-8 where it is that, else what is declared, else a guess beyond doubt."""
    try:
        return decode(data, hint=charset).text
    except (Unreadable, ValueError):
        return clean(data.decode("utf-8", "replace"))


def _params(line: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters that begin at `at`, and where the value begins: -1 where there is no `:` outside of quotes."""
    params: dict[str, str] = {}
    at = _spaces(line, at)
    while line[at : at + 1] == ";":
        end, quoted = at + 1, False
        while end < len(line) and (quoted or line[end] not in ";:"):
            quoted ^= line[end] == '"'
            end += 1
        name, _, value = line[at + 1 : end].partition("=")
        value = re.sub(r"\^[n'^]", lambda found: _CARETS[found.group()], value.strip().replace('"', ""))
        name = name.strip().upper()
        params[name] = f"{params[name]},{value}" if params.get(name) else value
        at = end
    return (params, at + 1) if line[at : at + 1] == ":" else (params, -1)


def _spaces(line: str, at: int) -> int:
    while line[at : at + 1] == " ":
        at += 1
    return at

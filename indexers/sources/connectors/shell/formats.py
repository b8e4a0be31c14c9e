"""How shells write their history.

bash: a line a command; with HISTTIMEFORMAT a line `#1714552200` (seconds since 1970) before each, and then a command
may have several lines. A file may begin without times and go on with them.
zsh: a line a command; with EXTENDED_HISTORY `: 1714552200:3;command` (start, seconds taken). A line that ends in a
backslash goes on in the next one. Bytes from 0x83 to 0xA2 are written as 0x83 and the byte with bit 0x20 turned over
("metafied"), so that UTF-8 is broken until they are turned back.
fish: `- cmd: command` (`\\n` and `\\\\` escaped), `  when: 1714552200`, `  paths:` and its entries.
PowerShell: a line a command; one that ends in a backtick goes on in the next one. No times.
A time that is damaged is no time; the command stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from indexers.sources.connectors.base import Moment
from indexers.sources.connectors.clock import Epoch, since
from indexers.sources.decode import clean
from indexers.sources.streams import lines

_LONGEST = 1 << 16
_MOST_LINES = 50
_BUFFER = 1 << 18

_BASH_TIME = re.compile(rb"#(\d{5,20})\s*$")
_ZSH = re.compile(rb": *(\d{1,20}):\d+;")
_FISH = re.compile(rb"- cmd: ?")
_WHEN = re.compile(rb"\s+when: *(\d{1,20})\s*$")
_META = re.compile(rb"\x83(.)", re.DOTALL)
_ESCAPED = re.compile(r"\\(n|\\)")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it was typed, when, in which shell, and where it begins in the file, in bytes."""

    text: str
    moment: Moment
    shell: str
    start: int


@dataclass(frozen=True, slots=True)
class _Line:
    raw: bytes
    start: int


def commands(stream: BinaryIO, path: str, begun: int = 0) -> Iterator[Command]:
    """The commands from byte `begun` on, in order."""
    left = begun
    while left and (piece := stream.read(min(left, _BUFFER))):
        left -= len(piece)
    found = _lines(stream, begun)
    first = next(found, None)
    if first is None:
        return
    name = path.rpartition("/")[2].casefold()
    everything = _chained(first, found)
    if _FISH.match(first.raw):
        yield from _fish(everything)
    elif _ZSH.match(first.raw) or any(mark in name for mark in ("zsh", "zhist", "histfile")):
        yield from _zsh(everything)
    elif "consolehost" in name:
        yield from _continued(everything, b"`", "powershell")
    else:
        yield from _bash(everything)


def _lines(stream: BinaryIO, begun: int) -> Iterator[_Line]:
    """Lines without their ends; one that is too long is left out, with its length unknown from there on."""
    start = begun
    for raw in lines(stream, _LONGEST):
        if raw is None:
            start += _LONGEST
            continue
        yield _Line(raw.rstrip(b"\r\n"), start)
        start += len(raw)


def _chained(first: _Line, rest: Iterator[_Line]) -> Iterator[_Line]:
    yield first
    yield from rest


def _bash(found: Iterable[_Line]) -> Iterator[Command]:
    moment, timed, held = Moment(), False, list[_Line]()
    begun = 0
    for line in found:
        if time := _BASH_TIME.match(line.raw):
            yield from _together(held, moment, begun)
            moment, timed, held, begun = since(Epoch.UNIX, time.group(1).decode()), True, [], line.start
        elif timed and len(held) < _MOST_LINES:
            held.append(line)
        else:
            yield from _together(held, moment, begun)
            held, timed, moment = [], False, Moment()
            yield Command(_text(line.raw), moment, "bash", line.start)
    yield from _together(held, moment, begun)


def _together(held: list[_Line], moment: Moment, begun: int) -> Iterator[Command]:
    """The lines under one time. So many that no command has them are commands of their own, without a time."""
    if 0 < len(held) < _MOST_LINES:
        yield Command("\n".join(_text(line.raw) for line in held), moment, "bash", begun)
    for number, line in enumerate(held if len(held) >= _MOST_LINES else ()):
        yield Command(_text(line.raw), Moment() if number else moment, "bash", line.start)


def _zsh(found: Iterable[_Line]) -> Iterator[Command]:
    for command in _continued((_Line(_unmetafied(line.raw), line.start) for line in found), b"\\", "zsh"):
        raw = command.text.encode("utf-8", "surrogateescape")
        if extended := _ZSH.match(raw):
            moment = since(Epoch.UNIX, extended.group(1).decode())
            yield Command(_text(raw[extended.end() :]), moment, "zsh", command.start)
        else:
            yield Command(_text(raw), Moment(), "zsh", command.start)


def _unmetafied(raw: bytes) -> bytes:
    return _META.sub(lambda pair: bytes((pair.group(1)[0] ^ 0x20,)), raw) if b"\x83" in raw else raw


def _continued(found: Iterable[_Line], mark: bytes, shell: str) -> Iterator[Command]:
    """Commands of lines that a mark at their end joins to the next."""
    held: list[bytes] = []
    start = 0
    for line in found:
        start = start if held else line.start
        if line.raw.endswith(mark) and not line.raw.endswith(mark * 2) and len(held) < _MOST_LINES:
            held.append(line.raw[: -len(mark)])
            continue
        yield Command(_text(b"\n".join([*held, line.raw])), Moment(), shell, start)
        held = []
    if held:
        yield Command(_text(b"\n".join(held)), Moment(), shell, start)


def _fish(found: Iterable[_Line]) -> Iterator[Command]:
    text, moment, start = "", Moment(), 0
    for line in found:
        if begins := _FISH.match(line.raw):
            if text:
                yield Command(text, moment, "fish", start)
            said = _text(line.raw[begins.end() :])
            text = _ESCAPED.sub(lambda pair: "\n" if pair.group(1) == "n" else "\\", said)
            moment, start = Moment(), line.start
        elif when := _WHEN.match(line.raw):
            moment = since(Epoch.UNIX, when.group(1).decode())
    if text:
        yield Command(text, moment, "fish", start)


def _text(raw: bytes) -> str:
    return clean(raw.decode("utf-8", "replace"))

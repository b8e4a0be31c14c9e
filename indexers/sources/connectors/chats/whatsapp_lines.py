"""The lines of a WhatsApp chat as text: where a message begins, when it was sent, by whom, and what its text is.

A message begins with its time as the phone's language writes it, in brackets (iOS) or before a dash (Android); other
lines continue the one before. Forms seen (in issues of ChatLab, rwhatsapp, whats-reader and others):

    [14/10/2021, 3:34:09 PM] Anna: ...     [2020-01-01, 12:00:01] ...     [07.03.26, 21:22:39] ...
    [31/12/2022 11:40:26] ...              [2026/7/9 下午2:28:37] Bob:Hi   [2020. 1. 1. 오후 3:04:05] ...
    8/8/19, 1:25 PM - Anna: ...            18/12/19 15:57 - ...           28/3/2025, 9:29 p. m. - ...

Spaces may be U+00A0 or U+202F, digits those of any script, and invisible marks of direction stand anywhere. U+200E
before the text marks what WhatsApp wrote itself: attachments, calls, joins.
Knows one line at a time; which number is the day is decided over the whole file, elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from indexers.sources.connectors.base import Basis, Caution, Moment
from indexers.sources.connectors.chats import whatsapp_words as words
from indexers.sources.connectors.clock import Order, wall

_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_TIME = (
    r"(?P<a>\d{1,4})(?P<dot>\s?[./-]\s?)(?P<b>\d{1,2})\s?[./-]\s?(?P<c>\d{1,4})\.?[,،]?\s+"
    r"(?:(?P<before>[^\W\d_]{1,4})\s?)?"
    r"(?P<hour>\d{1,2})\s?[:.h]\s?(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?:\s?(?P<after>[^\W\d_][^\d\[\]:\-]{0,11}?))?"
)
_BRACKET = re.compile(rf"\[{_TIME}\]\s?")
_DASH = re.compile(rf"{_TIME}\s[-–]\s")
_NAME = re.compile(r"([^:\n\"“”„«»]{1,100}):(?:\s|$)")
_TIGHT = re.compile(r"([^:\n\"“”„«»]{1,100}):(?!//|\d)\s?")
_THAI = 543
"""Years that Thai phones are ahead of others."""


@dataclass(frozen=True, slots=True)
class Head:
    """How a message begins. `dates` are the three numbers of its date as they stand; `rest` is name and text."""

    dates: tuple[str, str, str]
    dotted: bool
    clock: tuple[int, int, int]
    half: str
    said: str
    rest: str
    name: str = ""
    marked: bool = False
    """Written by WhatsApp itself, as far as a mark says so."""


def head(line: str, bracket: bool) -> Head | None:
    """The head of a message, or None for a line that continues one."""
    bare = _MARKS.sub("", line).rstrip("\n")
    found = (_BRACKET if bracket else _DASH).match(bare)
    if found is None:
        return None
    text = line[_position(line, found.end()) :].rstrip("\n")
    plain = _MARKS.sub("", text)
    name = (_TIGHT if bracket else _NAME).match(plain)
    rest = text[_position(text, name.end()) :] if name else text
    marked = rest.startswith(("\u200e", "\u200f"))
    if name and not marked:
        marked = text[: _position(text, name.end()) + 1].endswith("\u200e")
    return Head(
        (found["a"], found["b"], found["c"]),
        "." in found["dot"],
        (int(found["hour"]), int(found["minute"]), int(found["second"] or 0)),
        (found["before"] or found["after"] or "").strip(),
        found.group().strip(),
        _MARKS.sub(_kept, rest),
        " ".join(name.group(1).split()) if name else "",
        marked,
    )


def _kept(mark: re.Match[str]) -> str:
    """U+200E before `<` tells WhatsApp's own `<This message was edited>` from a person's; the others say nothing."""
    return "\u200e" if mark.group() == "\u200e" and mark.string[mark.end() : mark.end() + 1] == "<" else ""


def _position(line: str, visible: int) -> int:
    """Where so many visible characters of a line end."""
    if _MARKS.search(line) is None:
        return visible
    seen = 0
    for at, char in enumerate(line):
        if seen == visible:
            return at
        seen += _MARKS.match(char) is None
    return len(line)


def day(found: Head, order: Order | None) -> tuple[int, int, int] | None:
    """Year, month and day; None where the order of the numbers is needed and not known."""
    a, b, c = map(int, found.dates)
    if len(found.dates[0]) > 2 or order is Order.YEAR_FIRST:
        year, month, number = a, b, c
    elif found.dotted or a == b:
        year, month, number = c, b, a
    elif order is None:
        return None
    else:
        year, month, number = (c, b, a) if order is Order.DAY_FIRST else (c, a, b)
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    return (year - _THAI if 2500 < year < 2700 else year), month, number


def moment(found: Head, order: Order | None) -> Moment:
    """When it was sent, on the phone's clock; only the day where the half of the day has a name nobody knows."""
    date = day(found, order)
    hour, minute, second = found.clock
    half = words.afternoon(found.half)
    try:
        if date is None:
            return Moment(raw=found.said)
        if found.half and half is None and hour <= 12:
            return Moment(datetime(*date).date().isoformat(), Basis.DATE, found.said)
        if half is not None and hour <= 12:
            hour = hour % 12 + 12 * half
        return wall(datetime(*date, hour, minute, second), found.said)
    except ValueError:
        return Moment(raw=found.said)


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says, once WhatsApp's own words are taken apart."""

    text: str
    attachments: tuple[str, ...] = ()
    cautions: frozenset[Caution] = frozenset()


_EDITED = re.compile(r"\u200e<[^:<>\n]{3,60}>$|<This message was edited>$")
_TAIL = 80
_ATTACHED = re.compile(r"\u200e?<[^:<>\n]{2,30}: ([^<>\n]+\.\w{2,5})>\s*")
_BESIDE = re.compile(r"([^\n/]{1,120}\.\w{2,5}) \(([^()\n]{4,40})\)(?:\n|$)")
_CAMERA = re.compile(r"(?:IMG|VID|PTT|AUD|STK|DOC|GIF)-\d{8}-")
_OMITTED = re.compile(r"<[^<>\n]{5,40}>$")


def body(text: str, marked: bool, named: bool) -> Body:
    """The text of a message. `marked` and `named`: what its head says."""
    text = text.strip()
    if edited := _EDITED.search(text[-_TAIL:]):
        text = text[: len(text) - len(edited.group())].rstrip()
    plain = text.replace("\u200e", "").strip().rstrip(".")
    if words.is_deleted(plain):
        return Body(text, cautions=frozenset({Caution.DELETED}))
    if words.is_view_once(plain) and (marked or _OMITTED.match(plain)):
        return Body(plain, cautions=frozenset({Caution.DISAPPEARING}))
    if attached := _ATTACHED.match(text):
        return Body(text[attached.end() :].strip(), (attached.group(1).strip(),))
    beside = _BESIDE.match(text)
    if beside and (marked or _CAMERA.match(text) or words.is_attached(beside.group(2))):
        return Body(text[beside.end() :].strip(), (beside.group(1).strip(),))
    text = text.replace("\u200e", "")
    if _OMITTED.match(text):
        return Body(f"[{text[1:-1]}]")
    if marked and words.is_omitted(plain):
        return Body(f"[{plain}]")
    own = not named or (marked and "http" not in text and "\n" not in text)
    return Body(text, cautions=frozenset({Caution.SYSTEM}) if own else frozenset())

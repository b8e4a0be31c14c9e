"""Dates as text: ISO 8601, and what Google and others print for people in their language.

Seen in exports: `Jan 31, 2018, 10:54:50 PM`, `Jan 22, 2020, 8:34:00 PM UTC`, `6 Oct 2020, 14:32:28 PDT`,
`15 jun 2026, 20:30:41 CEST`, `31.01.2018, 22:54:50 MEZ`, `31 janv. 2018, 22:54:50 CET`, `2018/01/31 22:54:50 JST`,
`2018年1月31日 22:54:50`, `2024. 10. 19. AM 9:15:07 KST`, `31 de jan. de 2018 22:54:50 BRT`.
Spaces may be U+00A0, U+2003, U+202F.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.clock.epochs import instant, wall
from indexers.sources.connectors.clock.months import MONTHS
from indexers.sources.connectors.clock.orders import Order
from indexers.sources.connectors.clock.zones import named_zone, offset_of
from indexers.sources.decode import clean

_LONGEST = 96
_SPACES = re.compile(r"\s+")
_MARKS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CLOCK = re.compile(
    r"(?<!\d)(?:(?P<lead>UTC|GMT[+\-−]?\d{0,2})\s)?(?P<before>午前|午後|上午|下午|오전|오후|[AP]M(?=\s))?\s*"
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?:[.,]\d+)?"
    r"(?:\s*(?P<after>[ap]\.?\s?m\.?)(?![a-z]))?"
    r"\s*(?P<zone>(?:GMT|UTC|UT)?\s?[+\-−]\d{1,2}(?::?\d\d)?|\(?[^\W\d_]{1,8}\)?)?$",
    re.IGNORECASE,
)
_AFTERNOON = ("p", "午後", "下午", "오후")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年년]\s*(\d{1,2})\s*[-./月월]\s*(\d{1,2})(?:[日일.]|$)?")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{4}|\d{2})(?!\d)")
_WORDS = re.compile(r"\d+|[^\W\d_]+")


def written(text: object, owner: str = "", naive: Basis = Basis.LOCAL) -> Moment:
    """The moment of an ISO 8601 text (`2024-05-01T08:30:00.123Z`, `2024-05-01 08:30:00`, `2024-05-01`).

    Without a zone its basis is `naive`: UTC for a source that counts in UTC without saying so. Where it is LOCAL and
    `owner` is an IANA zone, the instant is that zone's.
    """
    raw = clean(str(text)[:_LONGEST])
    said = raw.strip()
    try:
        if len(said) == 10:
            return Moment(date.fromisoformat(said).isoformat(), Basis.DATE, raw)
        moment = datetime.fromisoformat(said.removesuffix(" UTC") + ("+00:00" if said.endswith(" UTC") else ""))
    except ValueError:
        return Moment(raw=raw)
    return _placed(moment, raw, owner, naive)


def localised(text: str, owner: str = "", order: Order | None = None, naive: Basis = Basis.LOCAL) -> Moment:
    """The moment of a date with a time in words of any language of `months`, or in numbers.

    `order` decides `6/7/25`; with dots the day is first everywhere, with a year of four digits in front it is last.
    An abbreviation that stands for several zones leaves wall time. No time of day: the basis is DATE.
    """
    raw = clean(str(text)[:_LONGEST])
    said = _SPACES.sub(" ", _MARKS.sub("", raw)).strip()
    clock = _CLOCK.search(said)
    found = day(said[: clock.start()] if clock else said, order)
    if clock and not clock.start() and found is None:  # "31.01.18" looks like a time too
        clock, found = None, day(said, order)
    if found is None:
        return Moment(raw=raw)
    if clock is None:
        return Moment(found.isoformat(), Basis.DATE, raw)
    at = _time(clock)
    if at is None:
        return Moment(raw=raw)
    moment = datetime.combine(found, at)
    if zone := (clock["zone"] or clock["lead"]):
        offset = offset_of(zone, owner)
        return instant(moment.replace(tzinfo=offset), raw) if offset else _placed(moment, raw, "", Basis.LOCAL)
    return _placed(moment, raw, owner, naive)


def day(text: str, order: Order | None = None) -> date | None:
    """The day that a text names, in words or numbers; None where it names none or does not say which number is it."""
    said = text.strip().strip(",").strip()[:_LONGEST]
    if not said or not any(char.isdigit() for char in said):
        return None
    if numbers := _YEAR_FIRST.search(said):
        return _date(*map(int, numbers.groups()))
    if numbers := _NUMBERS.search(said):
        return _by_order(numbers, order)
    return _by_word(said)


def _by_order(numbers: re.Match[str], order: Order | None) -> date | None:
    first, second, year = map(int, numbers.groups())
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    if order is Order.YEAR_FIRST:
        return None
    if order is None:
        dotted = "." in numbers.group()
        order = Order.DAY_FIRST if dotted or first > 12 else Order.MONTH_FIRST if second > 12 else None
    if order is None:
        return None
    return _date(year, second, first) if order is Order.DAY_FIRST else _date(year, first, second)


def _by_word(said: str) -> date | None:
    """`Jan 31, 2018`, `Wednesday, 31 de enero de 2018`: one month in words, one year, one day."""
    parts = _WORDS.findall(said.casefold())
    month = next((MONTHS[part] for part in parts if part in MONTHS), 0)
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= 4]
    year = next((number for number in numbers if number >= 1_000), 0)
    first = next((number for number in numbers if 0 < number <= 31), 0)
    return _date(year, month, first) if month and year and first else None


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _time(clock: re.Match[str]) -> time | None:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if half := (clock["after"] or clock["before"]):
        afternoon = half.casefold().startswith(_AFTERNOON)
        hour = hour % 12 + 12 * afternoon
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _placed(moment: datetime, raw: str, owner: str, naive: Basis) -> Moment:
    """A moment with its own zone, else as one of UTC, else in the owner's zone, else wall time."""
    try:
        if moment.tzinfo is not None:
            return instant(moment, raw)
        if naive is Basis.UTC:
            return instant(moment.replace(tzinfo=UTC), raw)
        zone = named_zone(owner)
        return instant(moment.replace(tzinfo=zone), raw) if zone else wall(moment, raw)
    except (OverflowError, ValueError):
        return Moment(raw=raw)

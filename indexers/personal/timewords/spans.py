"""Ranges of days, and the arithmetic of calendars: weeks begin on Monday (ISO 8601), seasons on the first of a month.

Knows dates; knows no words.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Unit(StrEnum):
    """What time is counted in."""

    DAY = "day"
    WEEK = "week"
    WEEKEND = "weekend"
    MONTH = "month"
    YEAR = "year"


class Season(StrEnum):
    """Three months each, from the first of the month in which it begins (meteorological seasons)."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Feast(StrEnum):
    """Days that questions are dated by."""

    CHRISTMAS = "christmas"
    EVE = "new year's eve"
    EASTER = "easter"
    HALLOWEEN = "halloween"
    VALENTINE = "valentine's day"


NORTHERN = {Season.SPRING: 3, Season.SUMMER: 6, Season.AUTUMN: 9, Season.WINTER: 12}
SOUTHERN = {Season.SPRING: 9, Season.SUMMER: 12, Season.AUTUMN: 3, Season.WINTER: 6}
"""The month in which a season begins."""


@dataclass(frozen=True, slots=True)
class Range:
    """From the beginning of day `begin` to the end of the day before `end`; None where it is open."""

    begin: date | None
    end: date | None

    def instants(self, zone: tzinfo | None) -> tuple[datetime | None, datetime | None]:
        """The same as instants, in a zone: a day begins at its midnight."""
        begin, end = (datetime.combine(day, time(), zone) if day else None for day in (self.begin, self.end))
        return begin, end

    def filter(self, zone: tzinfo | None) -> str:
        """The same as a filter over `time`, which compares text (cascade/index/filters.py). Empty where it is open.

        Records have instants in UTC, wall times without a zone, and days: no bound is stricter than any of them wants,
        so that up to a day's worth of hours around midnight comes in beside.
        """
        begin, end = ([] if at is None else _spelled(at) for at in self.instants(zone))
        parts = [f"time >= {min(begin)}"] if begin else []
        return " and ".join([*parts, f"time < {max(end)}"] if end else parts)

    def holds(self, day: date) -> bool:
        """Whether a day is in it."""
        return (self.begin is None or self.begin <= day) and (self.end is None or day < self.end)


def days(first: date, count: int = 1) -> Range:
    """So many days from a day on."""
    return Range(first, first + timedelta(days=count))


def month(year: int, number: int, count: int = 1) -> Range:
    """So many months from one on; `number` may be outside of 1 to 12. Raises ValueError outside of the calendar."""
    return Range(_first(year, number), _first(year, number + count))


def year(number: int) -> Range:
    """A year."""
    return Range(date(number, 1, 1), date(number + 1, 1, 1))


def season(which: Season, begins: int, south: bool = False) -> Range:
    """The season that begins in a year."""
    return month(begins, (SOUTHERN if south else NORTHERN)[which], 3)


def feast(which: Feast, number: int) -> Range:
    """A feast of a year, with the days that are meant with it."""
    if which == Feast.EASTER:
        sunday = easter(number)
        return Range(sunday - timedelta(days=3), sunday + timedelta(days=2))
    first, count = {
        Feast.CHRISTMAS: (date(number, 12, 23), 5), Feast.EVE: (date(number, 12, 31), 2),
        Feast.HALLOWEEN: (date(number, 10, 31), 1), Feast.VALENTINE: (date(number, 2, 14), 1),
    }[which]  # fmt: skip
    return days(first, count)


def easter(number: int) -> date:
    """Easter Sunday of a year (Gregorian; Butcher's algorithm, as in Meeus, Astronomical Algorithms, 1991)."""
    a, (b, c) = number % 19, divmod(number, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    j, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * j - k - h + m + 32) % 7
    at = (h - m + r + 90) // 25
    return date(number, at, (h - m + r + at + 19) % 32)


def around(unit: Unit, today: date, count: int) -> Range:
    """The unit so many after (or before: negative) the one of today: a day, a week from Monday, a weekend, a month."""
    if unit == Unit.DAY:
        return days(today + timedelta(days=count))
    if unit in (Unit.WEEK, Unit.WEEKEND):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=count)
        return days(monday, 7) if unit == Unit.WEEK else days(monday + timedelta(days=5), 2)
    return month(today.year, today.month + count) if unit == Unit.MONTH else year(today.year + count)


def back(unit: Unit, today: date, count: int) -> date:
    """The day so many units before today; the last of the month where it has no such day."""
    if unit in (Unit.DAY, Unit.WEEK, Unit.WEEKEND):
        return today - timedelta(days=count if unit == Unit.DAY else 7 * count)
    months = count if unit == Unit.MONTH else 12 * count
    first = _first(today.year, today.month - months)
    return first.replace(day=min(today.day, monthrange(first.year, first.month)[1]))


def _spelled(midnight: datetime) -> list[str]:
    """A midnight as records may have it: the day, and where the zone is known the instant in UTC."""
    day = midnight.date().isoformat()
    return [day] if midnight.tzinfo is None else [day, f"{midnight.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"]


def _first(year: int, number: int) -> date:
    over, at = divmod(number - 1, 12)
    return date(year + over, at + 1, 1)

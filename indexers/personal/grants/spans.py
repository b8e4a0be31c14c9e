"""Days and spans as a person writes them: `2020`, `2023-06`, `2024-05-01`; `90d`, `2w`, `18m`, `5y`.

Knows calendars; knows nothing of grants.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from cascade.errors import UsageError

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SPAN = re.compile(r"(\d{1,4})\s*([dwmy])")
_NAMES = {"d": "day", "w": "week", "m": "month", "y": "year"}


def day(text: str, last: bool = False) -> str:
    """A day as YYYY-MM-DD; empty for empty. Of a year or month its first day, or its last. Raises UsageError."""
    if not text:
        return ""
    found = _DAY.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError
        year = int(found[1])
        month = int(found[2] or (12 if last else 1))
        number = int(found[3] or (calendar.monthrange(year, month)[1] if last else 1))
        return date(year, month, number).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        raise UsageError(f"{text!r} is no day. Write a year, a month or a day: 2020, 2023-06, 2024-05-01.") from None


def span(text: str) -> str:
    """A span in its one spelling (`5y`); empty for empty: without end. Raises UsageError."""
    if not text:
        return ""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise UsageError(f"{text!r} is no span of time. Write days, weeks, months or years: 90d, 2w, 18m, 5y.")
    return f"{int(found[1])}{found[2]}"


def before(today: date, length: str) -> date:
    """The day that lies a span before a day; the first day there is, where that would be earlier."""
    count, unit = int(length[:-1]), length[-1]
    try:
        if unit in "dw":
            return today - timedelta(days=count * (7 if unit == "w" else 1))
        months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        return date.min


def days(length: str) -> int:
    """About how long a span is, to compare two."""
    return int(length[:-1]) * {"d": 1, "w": 7, "m": 30, "y": 365}[length[-1]]


def words(length: str) -> str:
    """A span for a person: `5 years`."""
    count, name = int(length[:-1]), _NAMES[length[-1]]
    return f"{count} {name}{'' if count == 1 else 's'}"

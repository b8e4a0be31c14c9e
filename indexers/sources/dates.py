"""Dates as formats write them, as ISO 8601: `2024-01-31`, or `2024-01-31T12:00:00Z` in UTC where the zone is known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_COMPACT = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?")
_EARLIEST, _LATEST = 100_000_000, 32_503_680_000
"""Seconds since 1970 that are taken for a time: 1973 to 3000. Smaller numbers are counts or years."""


def iso(value: Any) -> str:
    """ISO 8601 of a date, time, epoch (seconds or milliseconds) or string in a usual form; empty where it is none."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        return _epoch(float(value))
    return _written(str(value).strip())


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.replace(microsecond=0).isoformat()
    try:
        return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except OverflowError:
        return ""


def _epoch(seconds: float) -> str:
    if abs(seconds) > _LATEST:
        seconds /= 1000
    return _moment(datetime.fromtimestamp(seconds, UTC)) if _EARLIEST <= seconds < _LATEST else ""


def _written(text: str) -> str:
    if not 8 <= len(text) <= 64:
        return ""
    try:
        if day := _DAY.match(text):
            return date(*map(int, day.groups())).isoformat()
        if compact := _COMPACT.fullmatch(text):
            return _compact(compact)
        return _moment(datetime.fromisoformat(text))
    except ValueError:
        pass
    try:
        return _moment(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return ""


def _compact(match: re.Match[str]) -> str:
    """`20240131` and the dates of PDF (ISO 32000-1, 7.9.4): `D:20240131120000+02'00'`."""
    year, month, day, hour, minute, second, zulu, sign, east, east_minutes = match.groups()
    if hour is None:
        return date(int(year), int(month), int(day)).isoformat()
    text = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
    zone = "+00:00" if zulu else f"{sign}{east}:{east_minutes or '00'}" if sign else ""
    return _moment(datetime.fromisoformat(text + zone))

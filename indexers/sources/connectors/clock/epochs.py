"""Counts since an epoch.

| where | unit and epoch |
|---|---|
| Chrome, Edge, Brave: `visits.visit_time` | microseconds since 1601 |
| Firefox `moz_historyvisits.visit_date` | microseconds since 1970; milliseconds on Android |
| Safari `history_visits.visit_time`, Apple Notes | seconds since 2001, with a fraction |
| iMessage `message.date` | nanoseconds since 2001, seconds in old files |
| Takeout `time_usec`, Keep `...TimestampUsec` | microseconds since 1970 |
| Telegram `date_unixtime`, Slack `ts`, shells | seconds since 1970, as text |
| SMS backups, Messenger `timestamp_ms` | milliseconds since 1970 |
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.decode import clean

_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What lies outside is a zero, a lost value or another unit, not a time of a life."""


class Epoch(Enum):
    """When a count began."""

    UNIX = datetime(1970, 1, 1, tzinfo=UTC)
    WINDOWS = datetime(1601, 1, 1, tzinfo=UTC)
    APPLE = datetime(2001, 1, 1, tzinfo=UTC)


def since(epoch: Epoch, count: object, per_second: int = 1) -> Moment:
    """The instant `count / per_second` seconds after the epoch (`1` seconds, `1_000_000` microseconds).

    `count` is a number or its digits. Zero, a negative, what is no number and years outside 1971-2199 are no time.
    """
    raw = clean(str(count)[:64])
    try:
        moment = epoch.value + _span(count, per_second)
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return Moment(raw=raw)
    return instant(moment, raw) if _FIRST <= moment < _LAST else Moment(raw=raw)


def _span(count: object, per_second: int) -> timedelta:
    if isinstance(count, str):
        text = count.strip()
        count = int(text) if text.isdecimal() and len(text) < 32 else float(text)
    if isinstance(count, int):
        return timedelta(seconds=count // per_second)
    return timedelta(seconds=int(float(count) / per_second))  # type: ignore[arg-type]  # a TypeError is no time


def unix(count: object) -> Moment:
    """The instant of a count since 1970 whose unit its size tells: seconds, milli-, micro- or nanoseconds."""
    try:
        size = abs(float(count))  # type: ignore[arg-type]  # a TypeError is no time
    except (TypeError, ValueError, OverflowError):
        return Moment(raw=clean(str(count)[:64]))
    per_second = next((unit for unit in (1, 10**3, 10**6) if size < 10**10.9 * unit), 10**9)
    return since(Epoch.UNIX, count, per_second)


def instant(moment: datetime, raw: str = "") -> Moment:
    """A time with a zone, as it is in UTC; basis UTC where it was in UTC, else OFFSET with the offset kept."""
    whole = moment.replace(microsecond=0)
    basis = Basis.UTC if not whole.utcoffset() else Basis.OFFSET
    return Moment(whole.isoformat(), basis, raw)


def stamp(moment: Moment) -> str:
    """The moment for an id: the same for `10:00+02:00` and `08:00+00:00`, to the second."""
    if moment.basis is not Basis.OFFSET:
        return moment.iso.removesuffix("+00:00")
    try:
        return datetime.fromisoformat(moment.iso).astimezone(UTC).replace(tzinfo=None).isoformat()
    except OverflowError:  # the first or the last day there is
        return moment.iso


def wall(moment: datetime, raw: str = "") -> Moment:
    """A time of which the zone is unknown."""
    return Moment(moment.replace(microsecond=0, tzinfo=None).isoformat(), Basis.LOCAL, raw)

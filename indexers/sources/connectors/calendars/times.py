"""Dates and times of a calendar (RFC 5545, 3.3.4, 3.3.5, 3.3.6), and in which zone they are.

20240503            a day, in no zone
20240503T083000Z    an instant
20240503T083000     wall time: in the zone of TZID, else of the calendar (X-WR-TIMEZONE), else not known
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.calendars import zones
from indexers.sources.formats.contentlines import Property

_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")
_DURATION = re.compile(r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")


@dataclass(frozen=True, slots=True)
class When:
    """A time of a calendar: wall time and its zone, None where it is not known; `day`: it is a day without a time."""

    wall: datetime
    zone: tzinfo | None = None
    day: bool = False
    raw: str = ""

    @property
    def moment(self) -> Moment:
        """The same as a Moment."""
        if self.day:
            return Moment(self.wall.date().isoformat(), Basis.DATE, self.raw)
        if self.zone is None:
            return Moment(self.wall.isoformat(), Basis.LOCAL, self.raw)
        iso = self.wall.replace(tzinfo=self.zone).isoformat(timespec="seconds")
        return Moment(iso, Basis.UTC if self.zone is UTC else Basis.OFFSET, self.raw)

    def shifted(self, wall: datetime) -> When:
        """Another wall time in the same zone."""
        return When(wall, self.zone, self.day)

    def seen_in(self, zone: tzinfo | None) -> When:
        """An instant in UTC as the clock of `zone` shows it."""
        if zone is None or self.zone is not UTC or self.day:
            return self
        try:
            return When(self.wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None), zone, raw=self.raw)
        except (OverflowError, ValueError):
            return self

    @property
    def sortable(self) -> datetime:
        """For comparing: in UTC where that is known."""
        try:
            return self.wall.replace(tzinfo=self.zone or UTC).astimezone(UTC)
        except (OverflowError, ValueError):
            return self.wall.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a file: those it describes, and that of the calendar, if it names one."""

    described: Mapping[str, tzinfo]
    calendar: tzinfo | None = None

    def of(self, name: str) -> tzinfo | None:
        """The zone a TZID means."""
        return zones.named(name) or self.described.get(name) or self.described.get(name.strip('"'))


def read(value: str, params: Mapping[str, str], known: Zones) -> When | None:
    """The time of a value, None where it is none."""
    found = _TIME.match(value.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, zulu = found.groups()
    try:
        if hour is None or params.get("VALUE", "").upper() == "DATE":
            return When(datetime(int(year), int(month), int(day)), None, True, value.strip()[:40])
        wall = datetime(int(year), int(month), int(day), int(hour), int(minute), min(int(second or 0), 59))
    except ValueError:
        return None
    zone: tzinfo | None
    if zulu == "Z":
        zone = UTC
    elif zulu:
        zone = zones.named(f"UTC{zulu}")
    else:
        zone = known.of(params["TZID"]) if params.get("TZID") else known.calendar
    tail = f" {params['TZID']}" if params.get("TZID") else ""
    return When(wall, zone, False, f"{value.strip()[:40]}{tail}"[:100])


def several(properties: list[Property], known: Zones) -> list[When]:
    """The times of EXDATE or RDATE: lists with commas, in which a period counts by its beginning."""
    values = [(value, line.params) for line in properties for value in line.value.split(",")[:2_000]]
    return [when for value, params in values if (when := read(value.partition("/")[0], params, known))]


def duration(value: str) -> timedelta | None:
    """A duration like `PT1H30M`, None where it is none."""
    found = _DURATION.match(value.strip().upper())
    if not found or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found.group(1) == "-" else length


def today() -> date:
    """The day it is: used where a file does not say when it was made."""
    return datetime.now(UTC).date()

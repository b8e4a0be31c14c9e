"""Zones as exports name them: an offset, `GMT+2`, or the abbreviation of the exporter's zone.

Google writes the offset in force *at the time of the export* behind every date, also those of the other season
("Jan 15 ... BST"), so an abbreviation is one fixed offset, never a zone whose summer time is to be looked up.
(Seen in the tests of google_takeout_parser, parse_html/html_time_utils.py.)
Abbreviations that name several zones in use (CST, IST) are unknown unless the owner's zone settles them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "OEZ": 2, "EEST": 3, "OESZ": 3, "SEČ": 1, "SELČ": 2, "HNEC": 1, "HEEC": 2, "MSK": 3, "TRT": 3, "SAST": 2,
    "EAT": 3, "WAT": 1, "CAT": 2, "PKT": 5, "NPT": 5.75, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "AWST": 8,
    "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "BRT": -3,
    "BRST": -2, "ART": -3, "CLT": -4, "CLST": -3, "NST": -3.5, "NDT": -2.5, "ADT": -3, "EST": -5, "EDT": -4,
    "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
_NUMBERED = re.compile(r"(?:UTC|GMT|UT)?\s*([+\-−])(\d{1,2}):?(\d{2})?", re.IGNORECASE)


def offset_of(name: str, owner: str = "") -> timezone | None:
    """The fixed offset that a name behind a date stands for; None where it is unknown or stands for several.

    `owner` is an IANA zone (`Asia/Kolkata`): it settles an abbreviation that is one of its own.
    """
    name = name.strip().strip("()")
    if numbered := _NUMBERED.fullmatch(name):
        sign, hours, minutes = numbered.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(span if sign == "+" else -span) if span <= timedelta(hours=14) else None
    if (own := _abbreviations(owner).get(name.upper())) is not None:
        return own
    known = _HOURS.get(name.upper())
    return None if known is None else UTC if known == 0 else timezone(timedelta(hours=known))


@lru_cache(maxsize=16)
def named_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=16)
def _abbreviations(owner: str) -> dict[str, timezone]:
    """What the owner's zone calls itself in winter and in summer."""
    zone = named_zone(owner)
    if zone is None:
        return {}
    found = {}
    for month in (1, 7):
        moment = datetime(2024, month, 1, tzinfo=zone)
        found[(moment.tzname() or "").upper()] = timezone(moment.utcoffset() or timedelta())
    return found

"""Time zones as calendars name them: IANA, Windows, paths that end in IANA, and the zones that a file describes itself.

    Europe/Oslo | W. Europe Standard Time | /softwarestudio.org/Olson_20011030_5/America/New_York | Custom + VTIMEZONE

Windows names are those of CLDR's `windowsZones`, each with the zone of its territory 001. Display names of Outlook
(`(UTC+01:00) Amsterdam, Berlin, ...`) give an offset. A VTIMEZONE (RFC 5545, 3.6.5) is asked last: its rules are mostly
those of one year, written for all.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from indexers.sources.connectors.calendars import rules
from indexers.sources.formats.contentlines import Component

_WINDOWS = """Dateline Standard Time=Etc/GMT+12|UTC-11=Etc/GMT+11|Aleutian Standard Time=America/Adak
Hawaiian Standard Time=Pacific/Honolulu|Marquesas Standard Time=Pacific/Marquesas
Alaskan Standard Time=America/Anchorage|UTC-09=Etc/GMT+9|Pacific Standard Time (Mexico)=America/Tijuana
UTC-08=Etc/GMT+8|Pacific Standard Time=America/Los_Angeles|US Mountain Standard Time=America/Phoenix
Mountain Standard Time (Mexico)=America/Mazatlan|Mountain Standard Time=America/Denver
Yukon Standard Time=America/Whitehorse|Central America Standard Time=America/Guatemala
Central Standard Time=America/Chicago|Easter Island Standard Time=Pacific/Easter
Central Standard Time (Mexico)=America/Mexico_City|Canada Central Standard Time=America/Regina
SA Pacific Standard Time=America/Bogota|Eastern Standard Time (Mexico)=America/Cancun
Eastern Standard Time=America/New_York|Haiti Standard Time=America/Port-au-Prince|Cuba Standard Time=America/Havana
US Eastern Standard Time=America/Indianapolis|Turks And Caicos Standard Time=America/Grand_Turk
Paraguay Standard Time=America/Asuncion|Atlantic Standard Time=America/Halifax|Venezuela Standard Time=America/Caracas
Central Brazilian Standard Time=America/Cuiaba|SA Western Standard Time=America/La_Paz
Pacific SA Standard Time=America/Santiago|Newfoundland Standard Time=America/St_Johns
Tocantins Standard Time=America/Araguaina|E. South America Standard Time=America/Sao_Paulo
SA Eastern Standard Time=America/Cayenne|Argentina Standard Time=America/Buenos_Aires
Greenland Standard Time=America/Godthab|Montevideo Standard Time=America/Montevideo
Magallanes Standard Time=America/Punta_Arenas|Saint Pierre Standard Time=America/Miquelon
Bahia Standard Time=America/Bahia|UTC-02=Etc/GMT+2|Mid-Atlantic Standard Time=Etc/GMT+2
Azores Standard Time=Atlantic/Azores|Cape Verde Standard Time=Atlantic/Cape_Verde|UTC=Etc/UTC
Coordinated Universal Time=Etc/UTC|GMT Standard Time=Europe/London|Greenwich Standard Time=Atlantic/Reykjavik
Sao Tome Standard Time=Africa/Sao_Tome|Morocco Standard Time=Africa/Casablanca|W. Europe Standard Time=Europe/Berlin
Central Europe Standard Time=Europe/Budapest|Romance Standard Time=Europe/Paris
Central European Standard Time=Europe/Warsaw|W. Central Africa Standard Time=Africa/Lagos
Jordan Standard Time=Asia/Amman|GTB Standard Time=Europe/Bucharest|Middle East Standard Time=Asia/Beirut
Egypt Standard Time=Africa/Cairo|E. Europe Standard Time=Europe/Chisinau|Syria Standard Time=Asia/Damascus
West Bank Standard Time=Asia/Hebron|South Africa Standard Time=Africa/Johannesburg|FLE Standard Time=Europe/Kiev
Israel Standard Time=Asia/Jerusalem|South Sudan Standard Time=Africa/Juba|Kaliningrad Standard Time=Europe/Kaliningrad
Sudan Standard Time=Africa/Khartoum|Libya Standard Time=Africa/Tripoli|Namibia Standard Time=Africa/Windhoek
Arabic Standard Time=Asia/Baghdad|Turkey Standard Time=Europe/Istanbul|Arab Standard Time=Asia/Riyadh
Belarus Standard Time=Europe/Minsk|Russian Standard Time=Europe/Moscow|E. Africa Standard Time=Africa/Nairobi
Iran Standard Time=Asia/Tehran|Arabian Standard Time=Asia/Dubai|Astrakhan Standard Time=Europe/Astrakhan
Azerbaijan Standard Time=Asia/Baku|Russia Time Zone 3=Europe/Samara|Mauritius Standard Time=Indian/Mauritius
Saratov Standard Time=Europe/Saratov|Georgian Standard Time=Asia/Tbilisi|Volgograd Standard Time=Europe/Volgograd
Caucasus Standard Time=Asia/Yerevan|Afghanistan Standard Time=Asia/Kabul|West Asia Standard Time=Asia/Tashkent
Ekaterinburg Standard Time=Asia/Yekaterinburg|Pakistan Standard Time=Asia/Karachi
Qyzylorda Standard Time=Asia/Qyzylorda|India Standard Time=Asia/Calcutta|Sri Lanka Standard Time=Asia/Colombo
Nepal Standard Time=Asia/Katmandu|Central Asia Standard Time=Asia/Almaty|Bangladesh Standard Time=Asia/Dhaka
Omsk Standard Time=Asia/Omsk|Myanmar Standard Time=Asia/Rangoon|SE Asia Standard Time=Asia/Bangkok
Altai Standard Time=Asia/Barnaul|W. Mongolia Standard Time=Asia/Hovd|North Asia Standard Time=Asia/Krasnoyarsk
N. Central Asia Standard Time=Asia/Novosibirsk|Tomsk Standard Time=Asia/Tomsk|China Standard Time=Asia/Shanghai
North Asia East Standard Time=Asia/Irkutsk|Singapore Standard Time=Asia/Singapore
W. Australia Standard Time=Australia/Perth|Taipei Standard Time=Asia/Taipei|Ulaanbaatar Standard Time=Asia/Ulaanbaatar
Aus Central W. Standard Time=Australia/Eucla|Transbaikal Standard Time=Asia/Chita|Tokyo Standard Time=Asia/Tokyo
North Korea Standard Time=Asia/Pyongyang|Korea Standard Time=Asia/Seoul|Yakutsk Standard Time=Asia/Yakutsk
Cen. Australia Standard Time=Australia/Adelaide|AUS Central Standard Time=Australia/Darwin
E. Australia Standard Time=Australia/Brisbane|AUS Eastern Standard Time=Australia/Sydney
West Pacific Standard Time=Pacific/Port_Moresby|Tasmania Standard Time=Australia/Hobart
Vladivostok Standard Time=Asia/Vladivostok|Lord Howe Standard Time=Australia/Lord_Howe
Bougainville Standard Time=Pacific/Bougainville|Russia Time Zone 10=Asia/Srednekolymsk
Magadan Standard Time=Asia/Magadan|Norfolk Standard Time=Pacific/Norfolk|Sakhalin Standard Time=Asia/Sakhalin
Central Pacific Standard Time=Pacific/Guadalcanal|Russia Time Zone 11=Asia/Kamchatka
New Zealand Standard Time=Pacific/Auckland|UTC+12=Etc/GMT-12|Fiji Standard Time=Pacific/Fiji
Kamchatka Standard Time=Asia/Kamchatka|Chatham Islands Standard Time=Pacific/Chatham|UTC+13=Etc/GMT-13
Tonga Standard Time=Pacific/Tongatapu|Samoa Standard Time=Pacific/Apia|Line Islands Standard Time=Pacific/Kiritimati
tzone://Microsoft/Utc=Etc/UTC|Z=Etc/UTC|GMT=Etc/UTC|Mexico Standard Time=America/Mexico_City
Mexico Standard Time 2=America/Chihuahua|Romance Daylight Time=Europe/Paris|Armenian Standard Time=Asia/Yerevan"""
WINDOWS = dict(pair.split("=", 1) for line in _WINDOWS.splitlines() for pair in line.split("|"))  # fmt: skip
_FOLDED = {name.casefold(): zone for name, zone in WINDOWS.items()}
_AREA = re.compile(r"(?:^|/)([A-Z][A-Za-z_]+/[A-Z][A-Za-z_+-]+(?:/[A-Z][A-Za-z_]+)?)$")
_OFFSET = re.compile(r"\(?(?:UTC|GMT)\s*([+-])(\d{1,2}):?(\d\d)?\)?", re.IGNORECASE)


@lru_cache(512)
def named(name: str) -> tzinfo | None:
    """The zone of a name, None where no such zone is known."""
    name = name.strip().strip('"')
    if known := _FOLDED.get(name.casefold()):
        return _iana(known)
    if zone := _iana(name):
        return zone
    if area := _AREA.search(name):
        return _iana(area.group(1)) or _iana(area.group(1).partition("/")[2])
    if found := _OFFSET.match(name):
        offset = timedelta(hours=int(found.group(2)), minutes=int(found.group(3) or 0))
        return timezone(-offset if found.group(1) == "-" else offset) if offset < timedelta(hours=15) else None
    return None


def _iana(name: str) -> tzinfo | None:
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}", name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder's name gives an OSError
        return None


class Described(tzinfo):
    """A zone that a file describes by a VTIMEZONE."""

    def __init__(self, described: Component) -> None:
        self._observances = [known for known in map(_observance, described.inner) if known]
        self._years: dict[int, list[tuple[datetime, timedelta]]] = {}

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """The offset at a wall time: that of the observance whose last onset is the latest."""
        if not self._observances or moment is None:
            return timedelta()
        wall = moment.replace(tzinfo=None)
        if wall.year not in self._years:
            self._years[wall.year] = [
                (onset, offset)
                for begin, rule, offset in self._observances
                for onset in _onsets(begin, rule, wall.year)
            ]
        known = [pair for pair in self._years[wall.year] if pair[0] <= wall]
        return max(known, key=lambda pair: pair[0])[1] if known else self._observances[0][2]

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not known."""
        return None

    def tzname(self, moment: datetime | None) -> str:
        """None is needed."""
        return "described"


_Observance = tuple[datetime, rules.Rule | None, timedelta]


def _observance(component: Component) -> _Observance | None:
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", component.text("TZOFFSETTO"))
    start = re.match(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?", component.text("DTSTART"))
    if not found or not start or int(found.group(2)) > 15:
        return None
    offset = timedelta(hours=int(found.group(2)), minutes=int(found.group(3)))
    try:
        begin = datetime(*(int(part or 0) for part in start.groups()))  # type: ignore[arg-type]  # year to minute
    except ValueError:
        return None
    return begin, rules.parse(component.text("RRULE")), -offset if found.group(1) == "-" else offset


def _onsets(begin: datetime, rule: rules.Rule | None, year: int) -> list[datetime]:
    """When an observance began, in a year and the one before: its rule is looked at from there."""
    if rule is None or rule.freq != "YEARLY" or year < begin.year:
        return [begin]
    if re.match(r"\d{8}", rule.until):
        year = max(begin.year, min(year, int(rule.until[:4])))
    first = max(begin.year, year - 1)
    start = begin.replace(year=first, day=min(begin.day, 28)) if first != begin.year else begin
    if first != begin.year and rule.months:
        start = start.replace(month=1)  # the onset of that year may lie before the day of the first
    found = list(rules.occurrences(replace(rule, count=0, until=""), start, datetime(year, 12, 31, 23, 59), 4))
    return found[1:] if start != begin else found

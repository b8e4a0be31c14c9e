"""How a date or a time of day may be written: 2021-03-14, 14 March 2021, March 14th, 14.3.2021, 2021年3月14日; 2:15 pm.

Patterns are for texts in plain form (`eval.plain`). Months are known in English, German, French, Spanish, Italian,
Portuguese and Dutch. 03/04/2021 is both the third of April and the fourth of March. An answer may say more than the
value (a day where a month is asked), not less. Not handled: "last Tuesday", quarters, other calendars, words for days.
Knows dates; knows nothing of other numbers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import regex

from eval.plain import LETTER

_MONTHS: Final = (
    "january jan januar janvier enero gennaio janeiro januari",
    "february feb februar fevrier febrero febbraio fevereiro februari",
    "march mar marz mars marzo marco maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug aout agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dicembre dezembro",
)
_NUMBER_OF: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ANY: Final = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_ORDINAL: Final = r"(?:st|nd|rd|th|\.|er|o)?"
_OF: Final = r"(?:,| of| de| del| di)?"

_FORMS: Final = tuple(
    regex.compile(form)
    for form in (
        r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})",
        r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4})",
        rf"(?P<d>\d{{1,2}}){_ORDINAL}{_OF} (?P<m>{_ANY})\.?(?:{_OF} (?P<y>\d{{4}}))?",
        rf"(?P<m>{_ANY})\.? (?P<d>\d{{1,2}}){_ORDINAL}(?:,? (?P<y>\d{{4}}))?",
        rf"(?P<m>{_ANY})\.?{_OF} (?P<y>\d{{4}})",
        r"(?P<y>\d{4})-(?P<m>\d{2})",
        r"(?P<y>\d{4})年 ?(?P<m>\d{1,2})月(?: ?(?P<d>\d{1,2})日)?",
    )
)
_TIME: Final = regex.compile(r"(\d{1,2})[:h](\d{2})(?: ?([ap])\.?m\.?)?|(\d{1,2}) ?([ap])\.?m\.?")
_BEFORE: Final = rf"(?<!{LETTER})(?<!\d[-./:])"
_AFTER: Final = rf"(?!{LETTER})(?![-./:]\d)"


class Day(NamedTuple):
    """A date; 0 for a year or day that is not said."""

    year: int
    month: int
    day: int


def date(value: str) -> str | None:
    """A pattern for a value in plain form that is a date with a month; None for any other."""
    found = _read(value)
    if not found:
        return None
    return f"{_BEFORE}(?:{'|'.join(form for day in found for form in _written(day))}){_AFTER}"


def within_date(year: str) -> str | None:
    """A pattern for a year within a date of digits; None where the digits are no year."""
    if len(year) != 4 or not 1_000 <= int(year) < 2_200:
        return None
    return rf"{_BEFORE}(?:{year}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{year}){_AFTER}"


def time(value: str) -> str | None:
    """A pattern for a value in plain form that is a time of day; None for any other."""
    found = _TIME.fullmatch(value)
    if not found:
        return None
    hour, minute, half = int(found[1] or found[4]), int(found[2] or 0), found[3] or found[5]
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    day = rf"0?{hour}[:.h]{minute:02d}(?::00)?h?(?! ?[ap]\.?m\b)"
    twelve, letter = hour % 12 or 12, "p" if hour >= 12 else "a"
    minutes = f"[:.]{minute:02d}" if minute else "(?:[:.]00)?"
    return rf"{_BEFORE}(?:{day}|0?{twelve}{minutes} ?{letter}\.?m\b){_AFTER}"


def _read(value: str) -> list[Day]:
    """Every date that a value may be."""
    found = []
    for form in _FORMS:
        match = form.fullmatch(value)
        if match:
            parts = {"y": "0", "d": "0", **{name: part for name, part in match.groupdict().items() if part}}
            month = _NUMBER_OF.get(parts["m"]) or int(parts["m"])
            day = Day(int(parts["y"]), month, int(parts["d"]))
            if 1 <= month <= 12 and day.day <= 31 and (day.year >= 1_000 or not day.year) and (day.year or day.day):
                found.append(day)
    return list(dict.fromkeys(found))


def _written(when: Day) -> list[str]:
    names, month = f"(?:{'|'.join(_MONTHS[when.month - 1].split())})", f"0?{when.month}"
    year, day = str(when.year), f"0?{when.day}"
    if not when.day:
        full = [rf"{year}[-/.]{month}[-/.]\d{{1,2}}", rf"\d{{1,2}}[-/.]{month}[-/.]{year}"]
        named = [rf"{names}\.?{_OF} {year}", rf"{names}\.? \d{{1,2}}{_ORDINAL},? {year}"]
        return [*full, *named, rf"{year}-{month}", rf"{month}/{year}", rf"{year}年 ?{month}月"]
    first, second = rf"{day}{_ORDINAL}{_OF} {names}\.?", rf"{names}\.? {day}{_ORDINAL}"
    if not when.year:
        return [first, second, rf"{month}月 ?{day}日"]
    digits = [rf"{year}[-/.]{month}[-/.]{day}", rf"{day}[-/.]{month}[-/.]{year}", rf"{month}[-/]{day}[-/]{year}"]
    named = [rf"{first}{_OF} {year}", rf"{second},? {year}", rf"{year},? {second}"]
    return [*digits, *named, rf"{year}年 ?{month}月 ?{day}日"]

"""Patterns of one language, and what each means: what is matched gives a range, or None where it is not certain.

A pattern has a core (`may 2023`), and what may come before it: a relation (`since`) or a preposition (`in`). Some cores
mean nothing without one: `may`, `summer`, `2023`.
Knows words and dates; knows nothing of where in a question they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from typing import TypeVar

from indexers.personal.timewords import spans
from indexers.personal.timewords.spans import Range, Season, Unit
from indexers.personal.timewords.tongues import Tongue

T = TypeVar("T")

YEAR = r"(?P<year>(?:19|20)\d\d)"
TO = r"(?:\s*[-–]\s*|\s+(?:to|until|till|bis|au|al|til)\s+(?:the\s+)?)"
DAY = rf"(?P<day>0?[1-9]|[12]\d|3[01])(?:(?:st|nd|rd|th|\.)?{TO}(?P<to>0?[1-9]|[12]\d|3[01]))?"
IN_YEAR = r"in|during|throughout|im|während|en|pendant|durant|durante|i"
"""What a year may follow: `over 2000 people` is no time."""

LOOSE = (
    r"(?:(?:early|mid|late|anfang|mitte|ende|début|fin|mi|principios\s+de|finales\s+de|starten\s+af|slutningen\s+af)[\s-]+"
    r"|the\s+(?:beginning|middle|end)\s+of\s+)?"
)
NO_YEAR = r"(?!\s*,?\s*(?:of\s+|de\s+|del\s+)?['’]?\d\d)(?!\s*/\s*\d)(?!\s+\w+\s+(?:19|20)\d\d)"
ALONE = NO_YEAR + (
    r"(?!\s+(?:we|i|you|he|she|they|that|when|where|which|of|before|after|wir|ich|als|wo|nous|où|que|cuando|vi|jeg|da)\b)"
    r"(?!\s+the\s+\d)"
)
"""Not `the summer we met`."""


class Tense(StrEnum):
    """Whether a question is about what was or what will be."""

    PAST = "past"
    FUTURE = "future"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where and when a question is asked."""

    today: date
    tense: Tense = Tense.UNKNOWN
    south: bool = False


Meaning = Callable[[Tongue, "re.Match[str]", Standing], Range | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and what it means. `core` is the pattern without what may come before it: compiled where it is needed,
    since few questions have a "between" and the first one of a process waits for all that is compiled."""

    pattern: re.Pattern[str]
    core: str
    meaning: Meaning


@lru_cache(maxsize=16)
def rules(tongue: Tongue) -> tuple[Rule, ...]:
    """All rules of a language."""
    return tuple(_rules(tongue))


def _rules(tongue: Tongue) -> Iterator[Rule]:
    units, seasons, months = _any(tongue.units), _any(tongue.seasons), _any(tongue.months)
    weekdays, feasts = _any(tongue.weekdays), _any(tongue.feasts)
    make = partial(_rule, tongue)
    n, unit = rf"(?P<n>\d{{1,3}}|{_any(tongue.numbers)})", rf"(?P<unit>{units})"
    yield make(rf"(?P<word>{_any(tongue.days)})", _day_word)
    for template in tongue.ago:
        yield make(template.replace("{n}", n).replace("{unit}", unit), _ago)
    for template in tongue.lately:
        yield make(template.replace("{n}", n).replace("{unit}", unit), _lately)
    for what, name, meaning in (
        (units, "unit", _unit), (seasons, "season", _season), (months, "month", _month_near),
        (weekdays, "weekday", _weekday), (feasts, "feast", _feast),
    ):  # fmt: skip
        for core in _qualified(tongue, rf"(?P<{name}>{what})"):
            yield make(core + NO_YEAR, meaning)
    yield make(rf"(?P<season>{seasons}){tongue.of}\s+{YEAR}(?:\s*/\s*(?P<second>\d{{4}}|\d\d))?", _season_of)
    yield make(rf"(?P<season>{seasons}){ALONE}", _season_alone, bare=False)
    yield make(rf"{LOOSE}(?P<month>{months})\.?,?{tongue.of}\s+{YEAR}", _month_of)
    yield make(rf"{LOOSE}(?P<month>{months}){ALONE}(?!\s+\d)", _month_alone, bare=False, article="")
    for template in tongue.dates:
        core = template.replace("{day}", DAY).replace("{month}", rf"(?P<month>{months})").replace("{year}", YEAR)
        named = rf"(?:(?:{weekdays}),?\s+(?:the\s+|dem\s+|den\s+|le\s+)?)?"
        yield make(named + core + r"(?!\s*,?\s*\d{4})", _date)
    yield make(r"(?P<y>(?:19|20)\d\d)-(?P<m>0\d|1[0-2])-(?P<d>[0-3]\d)", _numbers)
    yield make(r"(?P<d>0?[1-9]|[12]\d|3[01])(?P<dot>[./])(?P<m>0?[1-9]|[12]\d|3[01])[./](?P<y>(?:19|20)\d\d)", _numbers)
    yield make(rf"{LOOSE}{tongue.in_year}{YEAR}(?![\d,.]*\d|\s*(?:%|kr|eur|usd|dollars|words|people|-))", _year,
    bare=False,
               at=IN_YEAR)  # fmt: skip
    yield make(rf"(?P<weekday>{weekdays})(?!s){ALONE}", _weekday_alone, bare=False)
    named = r"(?:\s+(?:eve|day|monday|sunday|weekend|holidays?|break))?"
    yield make(rf"(?P<feast>{feasts}){named}{tongue.of}\s+{YEAR}", _feast_of)
    yield make(rf"(?P<feast>{feasts})(?:\s+(?:eve|day))?{ALONE}", _feast_alone, bare=False)
    weekend = next(word for word, found in tongue.units.items() if found == Unit.WEEKEND)
    yield make(rf"(?P<weekend>{weekend}){ALONE}", _weekend_alone, bare=False)
    if tongue.fused:
        yield make(rf"(?P<fused>{_any(tongue.fused)})", _fused)


def _rule(
    tongue: Tongue, core: str, meaning: Meaning, bare: bool = True, at: str = "", article: str | None = None
) -> Rule:
    relation = rf"(?P<rel>{'|'.join(tongue.relations.values())})"
    before = rf"(?:(?:{relation}|{at or tongue.at})\s+)" + ("?" if bare else "")
    article = tongue.article if article is None else article
    return Rule(
        re.compile(rf"(?<![\w-]){before}{article}{core}(?!\w)", re.IGNORECASE),
        rf"{article}{core}", meaning,
    )  # fmt: skip


def _qualified(tongue: Tongue, core: str) -> Iterator[str]:
    """`last week`, and where the language has it so, `semaine dernière`."""
    before = {"last": tongue.last, "this": tongue.this, "next": tongue.next}
    for name, words in before.items():
        if words:
            yield rf"(?P<{name}>{words})\s+{core}"
    for name, words in (("last", tongue.last_after), ("next", tongue.next_after)):
        if words:
            yield rf"{core}\s+(?P<{name}>{words})"


def times(tongue: Tongue) -> str:
    """Words that begin a time, whatever it means."""
    held = (tongue.months, tongue.weekdays, tongue.seasons, tongue.feasts, tongue.days)
    return "|".join(_any(words) for words in held)


def _any(words: Mapping[str, object]) -> str:
    return "|".join(re.sub(r" ", r"\\s+", word) for word in sorted(words, key=len, reverse=True))


def meant(words: Mapping[str, T], said: str) -> T:
    """What a word means. Raises KeyError for one that is not there."""
    for pattern, value in words.items():
        if re.fullmatch(re.sub(r" ", r"\\s+", pattern), said, re.IGNORECASE):
            return value
    raise KeyError(said)


def _which(match: re.Match[str]) -> int:
    """-1 for last, 0 for this, 1 for next."""
    said = match.groupdict()
    return -1 if said.get("last") else 1 if said.get("next") else 0


def _day_word(tongue: Tongue, match: re.Match[str], at: Standing) -> Range:
    return spans.days(at.today + timedelta(days=meant(tongue.days, match["word"])))


def _count(tongue: Tongue, match: re.Match[str]) -> int:
    said = match.groupdict().get("n")
    if not said:
        return 1
    return int(said) if said.isdigit() else meant(tongue.numbers, said)


def _ago(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    """Days are counted. Weeks are a week around that day; months and years hold the calendar's and as much around
    it."""
    unit, count = meant(tongue.units, match["unit"]), _count(tongue, match)
    day = spans.back(unit, at.today, count)
    if unit in (Unit.DAY, Unit.WEEKEND):
        return spans.days(day) if unit == Unit.DAY else None
    half = {Unit.WEEK: 3, Unit.MONTH: 15, Unit.YEAR: 182}[unit]
    near = Range(day - timedelta(days=half), day + timedelta(days=half + 1))
    return near if unit == Unit.WEEK else _both(near, spans.around(unit, day, 0))


def _lately(tongue: Tongue, match: re.Match[str], at: Standing) -> Range:
    unit = meant(tongue.units, match["unit"])
    return Range(spans.back(unit, at.today, _count(tongue, match)), at.today + timedelta(days=1))


def _unit(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    unit = meant(tongue.units, match["unit"])
    return None if unit == Unit.DAY else spans.around(unit, at.today, _which(match))


def _season(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return _near(_seasons(meant(tongue.seasons, match["season"]), at), _which(match), at.today)


def _seasons(which: Season, at: Standing) -> list[Range]:
    return [spans.season(which, year, at.south) for year in range(at.today.year - 2, at.today.year + 3)]


def _near(ranges: list[Range], which: int, today: date) -> Range | None:
    """Last: the newest that is over. Next: the first yet to begin. This: the one that is, else the nearer one."""
    past = [one for one in ranges if one.end is not None and one.end <= today]
    coming = [one for one in ranges if one.begin is not None and one.begin > today]
    if which:
        return past[-1] if which < 0 else coming[0]
    now = next((one for one in ranges if one.holds(today)), None)
    if now:
        return now
    since, until = today - (past[-1].end or today), (coming[0].begin or today) - today
    return past[-1] if since < until else coming[0] if until < since else None


def _alone(ranges: list[Range], at: Standing) -> Range | None:
    """One that is not said which: the newest that has begun, or the next that is not over."""
    if at.tense == Tense.FUTURE:
        return next((one for one in ranges if one.end is not None and one.end > at.today), None)
    return next((one for one in reversed(ranges) if one.begin is not None and one.begin <= at.today), None)


def _season_alone(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return None if at.tense == Tense.UNKNOWN else _alone(_seasons(meant(tongue.seasons, match["season"]), at), at)


def _season_of(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    """A season that goes over the turn of a year is that of either year, unless both are named: `winter 2022/23`."""
    which, year = meant(tongue.seasons, match["season"]), int(match["year"])
    found = spans.season(which, year, at.south)
    crosses = found.end is not None and found.end.year > year and found.end != date(year + 1, 1, 1)
    if match["second"]:
        return found if crosses and int(match["second"]) % 100 == (year + 1) % 100 else None
    return _both(spans.season(which, year - 1, at.south), found) if crosses else found


def _month_near(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return _near(_month_ranges(meant(tongue.months, match["month"]), at), _which(match), at.today)


def _month_ranges(number: int, at: Standing) -> list[Range]:
    return [spans.month(year, number) for year in range(at.today.year - 2, at.today.year + 3)]


def _month_of(tongue: Tongue, match: re.Match[str], _at: Standing) -> Range:
    return spans.month(int(match["year"]), meant(tongue.months, match["month"]))


def _month_alone(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return _alone(_month_ranges(meant(tongue.months, match["month"]), at), at)


def _date(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    month, day = meant(tongue.months, match["month"]), int(match["day"])
    last = int(match["to"] or day)
    if match["year"]:
        return _day(int(match["year"]), month, day, last)
    found = [_day(year, month, day, last) for year in range(at.today.year - 4, at.today.year + 5)]
    return _alone([one for one in found if one], at)


def _numbers(_tongue: Tongue, match: re.Match[str], _at: Standing) -> Range | None:
    """2024-03-05, 05.03.2024 (day first); 3/5/2024 only where one of them can be no month."""
    year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
    if match.groupdict().get("dot") == "/" and month != day:
        if month > 12:
            month, day = day, month
        elif day <= 12:
            return None
    return _day(year, month, day)


def _day(year: int, month: int, day: int, last: int = 0) -> Range | None:
    """A day, or the days from one to another of a month; None where there is no such day."""
    try:
        first, until = date(year, month, day), date(year, month, last or day)
    except ValueError:
        return None
    return Range(first, until + timedelta(days=1)) if first <= until else None


def _year(_tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    said = int(match["year"])
    return spans.year(said) if 1950 <= said <= at.today.year + 10 else None


def _weekday(tongue: Tongue, match: re.Match[str], at: Standing) -> Range:
    """Last Monday, where this week's is past: from last week's to this week's, since either may be meant."""
    wanted, which = meant(tongue.weekdays, match["weekday"]), _which(match)
    this = at.today + timedelta(days=wanted - at.today.weekday())
    if which < 0 and this < at.today and tongue.last_after == "":
        return Range(this - timedelta(days=7), this + timedelta(days=1))
    if which < 0:
        return spans.days(this if this < at.today else this - timedelta(days=7))
    if which == 0:
        return spans.days(this)
    coming = this if this > at.today else this + timedelta(days=7)
    ends = this + timedelta(days=8)
    return Range(coming, max(ends, coming + timedelta(days=1)))


def _weekday_alone(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    """The one before today or after it, by the tense of the question; None where that cannot be told."""
    ahead = (meant(tongue.weekdays, match["weekday"]) - at.today.weekday()) % 7
    if at.tense == Tense.UNKNOWN:
        return None
    return spans.days(at.today + timedelta(days=ahead if at.tense == Tense.FUTURE else ahead - 7))


def _weekend_alone(_tongue: Tongue, _match: re.Match[str], at: Standing) -> Range | None:
    if at.tense == Tense.UNKNOWN:
        return None
    now = at.today.weekday() >= 5 or at.tense == Tense.FUTURE
    return spans.around(Unit.WEEKEND, at.today, 0 if now else -1)


def _feast(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return _near(_feasts(tongue, match, at), _which(match), at.today)


def _feasts(tongue: Tongue, match: re.Match[str], at: Standing) -> list[Range]:
    which = meant(tongue.feasts, match["feast"])
    return [spans.feast(which, year) for year in range(at.today.year - 2, at.today.year + 3)]


def _feast_of(tongue: Tongue, match: re.Match[str], _at: Standing) -> Range:
    return spans.feast(meant(tongue.feasts, match["feast"]), int(match["year"]))


def _feast_alone(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    return _alone(_feasts(tongue, match, at), at)


def _fused(tongue: Tongue, match: re.Match[str], at: Standing) -> Range | None:
    """Danish has words for the last Monday and for last summer."""
    found = meant(tongue.fused, match["fused"])
    if isinstance(found, Season):
        return _near(_seasons(found, at), -1, at.today)
    return spans.days(at.today + timedelta(days=(found - at.today.weekday()) % 7 - 7))


def _both(one: Range, other: Range) -> Range:
    """From the earlier beginning to the later end; both closed."""
    assert one.begin and other.begin and one.end and other.end
    return Range(min(one.begin, other.begin), max(one.end, other.end))

"""RRULE: the days on which something recurs (RFC 5545, 3.3.10), in wall time, within a bound; and the rule in words.

    FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;UNTIL=20241231T000000Z

Own, since `dateutil` looks for an occurrence up to the year 9999: a rule that has none (30 February) takes it half a
minute, and a file may hold a thousand. Here a period is looked at once, and their number is bounded. Rules that recur
within a day (HOURLY and below) are told in words and not expanded. Tested against `dateutil`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from indexers.sources.connectors.clock import MONTH_NAMES, WEEKDAYS

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour",
          "MINUTELY": "minute", "SECONDLY": "second"}  # fmt: skip
_ORDINAL = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "last but one"}
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_PERIODS = 40_000
"""Periods that are looked at: a hundred years of days."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `days` are (n, weekday) with n = 0 for every; numbers may be negative (from the end).

    `until` is as written: a date or a time, in UTC where it ends in Z.
    """

    freq: str
    interval: int = 1
    count: int = 0
    until: str = ""
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def expands(self) -> bool:
        """Whether its days can be told."""
        return self.freq in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def parse(value: str) -> Rule | None:
    """The rule of a value, None where it is none."""
    fields = {}
    for field in value.upper().replace(" ", "").split(";"):
        name, _, content = field.partition("=")
        fields[name] = content
    if fields.get("FREQ", "") not in _UNITS:
        return None
    days = [_BYDAY.fullmatch(day) for day in fields.get("BYDAY", "").split(",") if day]
    start = fields.get("WKST", "MO")
    try:
        return Rule(
            freq=fields["FREQ"],
            interval=min(max(1, int(fields.get("INTERVAL") or 1)), 10_000),
            count=max(0, int(fields.get("COUNT") or 0)),
            until=fields.get("UNTIL", ""),
            days=tuple((int(day.group(1) or 0), _DAYS.index(day.group(2))) for day in days if day),
            month_days=_numbers(fields.get("BYMONTHDAY", ""), 31),
            year_days=_numbers(fields.get("BYYEARDAY", ""), 366),
            weeks=_numbers(fields.get("BYWEEKNO", ""), 53),
            months=_numbers(fields.get("BYMONTH", ""), 12),
            positions=_numbers(fields.get("BYSETPOS", ""), 366),
            hours=_numbers(fields.get("BYHOUR", ""), 23, 0),
            minutes=_numbers(fields.get("BYMINUTE", ""), 59, 0),
            week_start=_DAYS.index(start) if start in _DAYS else 0,
        )
    except ValueError:
        return None


def _numbers(value: str, most: int, least: int = 1) -> tuple[int, ...]:
    """Numbers of a comma list; those out of range mean nothing and are left out."""
    found = {int(word) for word in value.split(",") if re.fullmatch(r"[+-]?\d{1,4}", word)}
    return tuple(sorted(number for number in found if least <= abs(number) <= most))


def occurrences(rule: Rule, start: datetime, end: datetime, most: int) -> Iterator[datetime]:
    """Wall times from `start` (which is one, whatever the rule says) up to `end`, at most `most`, ascending."""
    yield start
    made = 1
    if not rule.expands:
        return
    limit = min(most, rule.count) if rule.count else most
    for days in _periods(rule, start.date(), end.date()):
        times = sorted({time for day in days for time in _times(rule, day, start)})
        if rule.positions:
            chosen = {position - 1 if position > 0 else len(times) + position for position in rule.positions}
            times = [time for at, time in enumerate(times) if at in chosen]
        for time in times:
            if time <= start:
                continue
            if time > end or made >= limit:
                return
            yield time
            made += 1


def _times(rule: Rule, day: date, start: datetime) -> list[datetime]:
    return [
        datetime(day.year, day.month, day.day, hour, minute, start.second)
        for hour in rule.hours or (start.hour,)
        for minute in rule.minutes or (start.minute,)
    ]


def _periods(rule: Rule, start: date, end: date) -> Iterator[list[date]]:
    """The days that the rule names in each of its periods, up to that of `end`."""
    for step in range(0, _PERIODS * rule.interval, rule.interval):
        try:
            match rule.freq:
                case "DAILY":
                    first = start + timedelta(step)
                    days = [first] if _fits(rule, first) else []
                case "WEEKLY":
                    first = start - timedelta((start.weekday() - rule.week_start) % 7) + timedelta(7 * step)
                    wanted = {day for _, day in rule.days} or {start.weekday()}
                    week = [first + timedelta(day) for day in range(7)]
                    days = [day for day in week if day.weekday() in wanted and _in_months(rule, day)]
                case "MONTHLY":
                    months = start.year * 12 + start.month - 1 + step
                    first = date(months // 12, months % 12 + 1, 1)
                    days = _of_month(rule, first, start.day) if _in_months(rule, first) else []
                case _:
                    first = date(start.year + step, 1, 1)
                    days = _of_year(rule, first.year, start)
        except (ValueError, OverflowError):
            return
        if first > end:
            return
        yield days


def _in_months(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


def _fits(rule: Rule, day: date) -> bool:
    """Whether a day passes the rule's limits."""
    return (
        _in_months(rule, day)
        and (not rule.month_days or _in_month_days(rule, day))
        and (not rule.days or day.weekday() in {weekday for _, weekday in rule.days})
    )


def _in_month_days(rule: Rule, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    return day.day in rule.month_days or day.day - length - 1 in rule.month_days


def _of_month(rule: Rule, first: date, day: int) -> list[date]:
    length = monthrange(first.year, first.month)[1]
    days = [first.replace(day=number) for number in range(1, length + 1)]
    if rule.month_days:
        return [known for known in days if _fits(rule, known)]
    if rule.days:
        return _nth(rule, days)
    return [days[day - 1]] if day <= length else []


def _of_year(rule: Rule, year: int, start: date) -> list[date]:
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days if year < 9999 else 365
    days = [first + timedelta(number) for number in range(length)]
    if rule.weeks:
        wanted = {weekday for _, weekday in rule.days} or {start.weekday()}
        return [day for day in _of_weeks(rule, year) if day.weekday() in wanted and _in_months(rule, day)]
    if rule.year_days:
        chosen = {number - 1 if number > 0 else length + number for number in rule.year_days}
        return [day for at, day in enumerate(days) if at in chosen and _fits(rule, day)]
    if rule.month_days or (rule.months and rule.days):
        firsts = [date(year, month, 1) for month in rule.months or range(1, 13)]
        return [day for month in firsts for day in _of_month(rule, month, start.day)]
    if rule.days:
        return _nth(rule, days)
    months = rule.months or (start.month,)
    return [date(year, month, start.day) for month in months if start.day <= monthrange(year, month)[1]]


def _of_weeks(rule: Rule, year: int) -> list[date]:
    """Days of a year that lie in the numbered weeks: the first days may lie in the last week of the year before."""
    days = [day for around in (year - 1, year, year + 1) for day in _weeks(rule, around)]
    return [day for day in days if day.year == year]


def _weeks(rule: Rule, year: int) -> list[date]:
    """The days of the numbered weeks of a year, of which week 1 is the first with four days in it."""
    first, next_ = date(year, 1, 4), date(year + 1, 1, 4)
    begin = first - timedelta((first.weekday() - rule.week_start) % 7)
    count = (next_ - timedelta((next_.weekday() - rule.week_start) % 7) - begin).days // 7
    numbers = sorted({week if week > 0 else count + 1 + week for week in rule.weeks})
    return [begin + timedelta(7 * (week - 1) + day) for week in numbers if 1 <= week <= count for day in range(7)]


def _nth(rule: Rule, days: list[date]) -> list[date]:
    """Of consecutive days, those weekdays that the rule names, every one or the n-th."""
    found = set()
    for nth, weekday in rule.days:
        same = [day for day in days if day.weekday() == weekday]
        if not nth:
            found.update(same)
        elif abs(nth) <= len(same):
            found.add(same[nth - 1 if nth > 0 else nth])
    return sorted(found)


def words(rule: Rule) -> str:
    """The rule as a person would say it: `every 2 weeks on Monday and Friday`."""
    unit = _UNITS[rule.freq]
    said = [f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"]
    if rule.days:
        said.append("on " + _and([_weekday(nth, day) for nth, day in rule.days]))
    if rule.month_days:
        said.append("on day " + _and([str(day) if day > 0 else f"{day} from the end" for day in rule.month_days]))
    if rule.weeks:
        said.append("in week " + _and(list(map(str, rule.weeks))))
    if rule.months:
        said.append("in " + _and([MONTH_NAMES[abs(month) - 1] for month in rule.months]))
    if rule.count:
        said.append(f"{rule.count} times")
    if re.match(r"\d{8}", rule.until):
        said.append(f"until {rule.until[:4]}-{rule.until[4:6]}-{rule.until[6:8]}")
    return " ".join(said)


def _weekday(nth: int, day: int) -> str:
    return f"the {_ORDINAL.get(nth, f'{nth}th')} {WEEKDAYS[day]}" if nth else WEEKDAYS[day]


def _and(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"

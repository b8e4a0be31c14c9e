"""Which of two numbers is the day: `6/7/25` is told by the other dates of its file, or by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Order(StrEnum):
    """How a file writes its dates in numbers. These are the values of a `date-order` choice."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@dataclass(slots=True)
class _Reading:
    """How often time goes on and back from one date to the next, under one order."""

    last: tuple[int, int, int] = (0, 0, 0)
    on: int = 0
    back: int = 0

    def see(self, year: int, month: int, number: int) -> None:
        now = (year, month, number)
        if self.last != (0, 0, 0):
            self.on += now > self.last
            self.back += now < self.last
        self.last = now


_FEW = 3
"""Fewer turns than this tell nothing of the direction of a file."""


def order_of(dates: Iterable[tuple[int, int, int]]) -> Order | None:
    """Day or month first, over all dates (first number, second number, year) of a file; None where they do not tell.

    A number over 12 is a day; dates that contradict one another go by their majority. Where no number is over 12, a
    file in order of time tells: under the right reading it goes one way all along, under the wrong one it does not.
    """
    day_first = month_first = 0
    as_day, as_month = _Reading(), _Reading()
    for first, second, year in dates:
        day_first += first > 12 >= second
        month_first += second > 12 >= first
        as_day.see(year, second, first)
        as_month.see(year, first, second)
    if day_first != month_first:
        return Order.DAY_FIRST if day_first > month_first else Order.MONTH_FIRST
    return None if day_first else _by_direction(as_day, as_month)


def _by_direction(as_day: _Reading, as_month: _Reading) -> Order | None:
    if max(as_day.on + as_day.back, as_month.on + as_month.back) < _FEW:
        return None
    straight_day, straight_month = not min(as_day.on, as_day.back), not min(as_month.on, as_month.back)
    if straight_day == straight_month:
        return None
    return Order.DAY_FIRST if straight_day else Order.MONTH_FIRST

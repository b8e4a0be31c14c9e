"""Days as people write them in English, whatever language this machine speaks."""

from __future__ import annotations

from datetime import date

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By `date.weekday()`."""


def spoken(day: date) -> str:
    """`13 May 2026`."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"

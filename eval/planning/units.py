"""Quantities as a person writes and reads them: `1e9`, `64GB`, `4e12`; `3.8 TB`, `2 h 10 min`.

A unit of bytes is a power of 1,000 (kB, MB, GB, TB, PB), or, with an i, of 1,024 (GiB). Knows numbers and words.
"""

from __future__ import annotations

import math
import re

from cascade.errors import UsageError

_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_WRITTEN = re.compile(r"\s*([0-9][0-9_,]*\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+)\s*([kmgtp]?)(i?)(b?)\s*", re.IGNORECASE)

SPANS = (("y", 31_557_600.0), ("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0))
FIGURES = 3
"""A model that is right within some percent is not shown with more figures than these."""


def read(text: str, what: str, whole: bool = False) -> float:
    """A number over 0, perhaps with a suffix of thousands: `1e9`, `500M`, `64GB`. `whole`: at least 1, and rounded.

    Raises UsageError for what is none; `what` says what it counts.
    """
    found = _WRITTEN.fullmatch(text)
    number = _number(*found.groups()[:3]) if found else 0.0
    if not 0 < number < math.inf or (whole and number < 1):
        raise UsageError(f"{text!r} is no number of {what}. Write one over 0, such as 1e9, 250M or 64GB.")
    return float(round(number)) if whole else number


def _number(digits: str, letter: str, binary: str) -> float:
    return float(digits.replace(",", "").replace("_", "")) * float((1024 if binary else 1000) ** _UNITS[letter.lower()])


def shown(value: float, unit: str) -> str:
    """A figure to be read, with three significant figures: `512 GB`, `34.5 ms`, `3.2 h`, `1.05 billion`."""
    if unit == "B":
        return _scaled(value, ("B", "kB", "MB", "GB", "TB", "PB"))
    if unit == "s":
        return duration(value)
    if unit == "$":
        return f"${figures(value)}"
    return f"{figures(value)} {unit}".rstrip()


def figures(value: float) -> str:
    """A number with three significant figures, in thousands with commas."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.{FIGURES}g}")
    places = FIGURES - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: `4.2 s`, `3 h 20 min`, `12 d 5 h`."""
    if seconds < 60:
        return f"{figures(seconds)} s"
    for place, (name, size) in enumerate(SPANS):
        if seconds >= size:
            below, smaller = SPANS[place + 1] if place + 1 < len(SPANS) else ("", 1.0)
            whole, rest = divmod(round(seconds / smaller), round(size / smaller))
            return f"{whole:,} {name} {rest} {below}" if rest and whole < 100 else f"{whole:,} {name}"
    return f"{figures(seconds)} s"


def _scaled(value: float, names: tuple[str, ...]) -> str:
    for name in names[:-1]:
        if abs(value) < 999.5:
            return f"{figures(value)} {name}"
        value /= 1000
    return f"{figures(value)} {names[-1]}"

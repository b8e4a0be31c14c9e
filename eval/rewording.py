"""Other spellings of a value, near misses of it, and what a question is about: the material of control answers.

Knows values and questions as texts; knows nothing of how answers are graded.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from random import Random
from typing import Final

_ASKING: Final = re.compile(
    r"^(?:(?:who|whom|whose|what|which|when|where|why|how(?: (?:many|much|high|long|old|far|often))?|in|of|to|from"
    r"|by|at|on|for|is|are|was|were|does|do|did|the name of|has|have)\s+)+",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?<![\w.,/:-])(?:\d{4,9}|\d{1,3}(?:,\d{3})+)(?![\w/:-]|[.,]\d)")
_DAY: Final = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)


def enumerated(values: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(values[:-1]), *values[-1:]) if part)


def respelled(value: str) -> str:
    """The same value written otherwise: numbers with or without groups, dates by name, other hyphens, other case."""
    if day := _DAY.search(value):
        year, month, number = day.groups()
        written = f"{int(number)} {_MONTHS[(int(month) - 1) % 12]} {year}"
        return value[: day.start()] + written + value[day.end() :]
    if number := _NUMBER.search(value):
        digits = number.group().replace(",", "")
        grouped = f"{int(digits):,}" if number.group() == digits and not digits.startswith("0") else digits
        return value[: number.start()] + grouped + value[number.end() :]
    if "-" in value:
        return value.replace("-", "\N{NON-BREAKING HYPHEN}").lower()
    return value.lower()


def changed(value: str, random: Random) -> str:
    """The value with one digit, or else one letter, changed: another value. Other characters are never touched."""
    places = [at for at, character in enumerate(value) if character.isdigit()]
    places = places or [at for at, character in enumerate(value) if character.isalpha()]
    if not places:
        return f"{value}x"
    at = random.choice(places)
    old = value[at]
    if old.isdigit():
        supply = [digit for digit in "0123456789" if digit != str(int(old))]
    elif old.isascii():
        supply = [letter for letter in string.ascii_lowercase if letter != old.lower()]
    else:
        supply = [chr(ord(old) + 3)]
    return value[:at] + random.choice(supply) + value[at + 1 :]


def topic(question: str) -> str:
    """A question without its asking words and its mark: what an answer can echo that says nothing."""
    return _ASKING.sub("", question.strip()).rstrip(" ?？¿").strip() or "this"

"""Where a text says a value, however it is written: a name, an identifier, a number, a date, a time, or several words.

Names compare without case, accents and the kind of hyphen; identifiers with or without their hyphens; numbers and dates
as `eval.numerals` and `eval.dates` say. A value is said as a whole: not within a longer word, number or identifier.
Scripts without blanks have no ends of words: there a value counts wherever its characters stand, also in a longer word.
Not handled: part of a name for the whole, inflected or translated names, other transcriptions, ue for ü, other units
(46 metres as 150 feet), currencies (a sign is ignored). Two identifiers that differ in case alone are the same.
Knows values and texts; knows nothing of whether a text claims or denies what it says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

from eval.dates import date, time, within_date
from eval.numerals import AFTER, BEFORE, core, counted, number
from eval.plain import LETTER, UNSPACED, plain

Span = tuple[int, int]

_EDGES: Final = " \n.,;:!?\"'()[]{}<>$€£¥"
_IDENTIFIER: Final = regex.compile(r"(?=.*\d)(?=.*[^\d.,']).+|.*[^\W_][_./:@#\\]+[^\W_].*|\d+(?:\.\d+){2,}")
_DIGITS: Final = regex.compile(r"\d+|\d{1,3}(?:,\d{3})+")
_GLUED: Final = regex.compile(r"(\d[\d.,]*)([^\W\d_]{1,7}|%|°)")
_UNITS: Final = tuple(
    tuple(names.split("|"))
    for names in (
        "m|metre|metres|meter|meters", "km|kilometre|kilometres|kilometer|kilometers", "kg|kilogram|kilograms|kilos",
        "cm|centimetre|centimetres|centimeter|centimeters", "mm|millimetre|millimetres|millimeter|millimeters",
        "g|gram|grams", "t|ton|tons|tonne|tonnes", "l|litre|litres|liter|liters", "%|percent|per cent|pct",
        "ft|foot|feet", "mi|mile|miles", "h|hr|hrs|hour|hours", "min|mins|minute|minutes", "s|sec|secs|second|seconds",
        "day|days", "year|years", "°|degree|degrees", "euro|euros", "dollar|dollars",
    )
)  # fmt: skip
_UNIT_OF: Final = {name: names for names in _UNITS for name in names}


def said(text: str, value: str) -> list[Span]:
    """Where a text in plain form says a value, in order."""
    return [match.span() for match in pattern(value).finditer(text)]


@lru_cache(maxsize=65_536)
def pattern(value: str) -> regex.Pattern[str]:
    """What finds a value in texts in plain form. A value without a letter or digit is found nowhere."""
    bare = plain(value).strip(_EDGES)
    if not regex.search(r"[^\W_]", bare):
        return regex.compile(r"(?!)")
    found = date(bare) or time(bare) or _number(bare) or _identifier(bare) or _words(bare)
    return regex.compile(found)


def _number(bare: str) -> str | None:
    found = number(bare)
    year = within_date(bare) if found and bare.isdigit() else None
    return f"(?:{found}|{year})" if year else found


def _identifier(bare: str) -> str | None:
    """One run of characters with a digit, or with a sign within that no name has."""
    if regex.search(rf"\s|[{UNSPACED}]", bare) or not _IDENTIFIER.fullmatch(bare) or _measured(bare):
        return None
    return rf"(?<!{LETTER}|_)(?<!{LETTER}[-.:@#–]){_sign(bare)}(?!{LETTER}|_)(?![-.:@#–]{LETTER})"


def _sign(token: str) -> str:
    return "".join("[-– ]?" if character in "-–" else regex.escape(character) for character in token)


def _measured(bare: str) -> list[str] | None:
    """A number and its unit that were written as one: `46m`."""
    glued = _GLUED.fullmatch(bare)
    return list(glued.groups()) if glued and glued[2] in _UNIT_OF else None


def _words(bare: str) -> str:
    """Several words, numbers and identifiers in a row; a leading article may be missing."""
    tokens = _measured(bare) or bare.split()
    if len(tokens) > 1 and tokens[0] in ("the", "a", "an"):
        tokens = tokens[1:]
    tokens = [part for token in tokens for part in (_measured(token.strip(_EDGES)) or [token])]
    parts = [_token(token, tokens[at - 1] if at else "") for at, token in enumerate(tokens)]
    whole = parts[0]
    for at in range(1, len(parts)):
        whole += _between(tokens[at - 1], tokens[at]) + parts[at]
    first, last = tokens[0].strip(_EDGES)[:1], tokens[-1].strip(_EDGES)[-1:]
    return _edge(first, BEFORE, rf"(?<!{LETTER})") + whole + _edge(last, AFTER, rf"(?!{LETTER})")


def _edge(character: str, digit: str, letter: str) -> str:
    if character.isdigit():
        return digit
    return "" if not regex.match(LETTER, character) else letter


def _token(token: str, before: str) -> str:
    bare = token.strip(_EDGES)
    if _DIGITS.fullmatch(bare):
        return core(bare.replace(",", ""))
    if before and before[-1:].isdigit() and bare in _UNIT_OF:
        return f"(?:{'|'.join(regex.escape(name) for name in _UNIT_OF[bare])})"
    if bare in ("&", "and"):
        return "(?:&|and)"
    kinds = {"'": "'?", "-": "[-– ]?", "–": "[-– ]?", ".": r"\.? ?"}
    return "".join(kinds.get(character) or regex.escape(character) for character in bare)


def _between(before: str, after: str) -> str:
    """What may stand between two tokens: blanks, a hyphen; a comma if the value has it; a stop after a short one."""
    bare = before.strip(_EDGES)
    stop = r"\.?" if len(bare) <= 3 and not bare.isdigit() else ""
    comma = ",?" if before.endswith((",", ";")) else ""
    glue = "?" if bare[-1:].isdigit() and (after in _UNIT_OF or after[:1].isdigit()) else ""
    close = "?" if regex.match(f"[{UNSPACED}]", after) else glue
    return rf"{stop}{comma}(?: ?[-–'] ?|[ \n]+){close}"


def number_of(value: str) -> int | None:
    """The whole number that a value is and nothing else, in digits or words; None for any other."""
    bare = plain(value).strip(_EDGES)
    if _DIGITS.fullmatch(bare):
        return int(bare.replace(",", "")) if bare == "0" or not bare.startswith("0") else None
    return counted(bare)

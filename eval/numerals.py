"""How a number may be written: 1,234 and 1234 and 1 234 and one thousand two hundred and thirty-four.

Patterns are for texts in plain form (`eval.plain`). Handled: groups of three parted by comma, blank, apostrophe or full
stop; decimals by full stop or comma; trailing zeros; English words up to 999,999,999, years too (eighteen fifty-eight).
Not handled: words of other languages, Chinese numerals, Roman numerals, "1.2 million", fractions, rounding.
Knows numbers; knows nothing of dates or of what is counted.
"""

from __future__ import annotations

from typing import Final

import regex

from eval.plain import LETTER

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_VALUES: Final = {word: n for n, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS) if word}
_WORD: Final = rf"(?:{'|'.join((*_VALUES, *_SCALES))})"
_LARGE: Final = r"(?:hundred|thousand|million|billion|trillion|dozen)s?"
_PARTED: Final = "[,. ']"
_NOT_COUNTED: Final = r"(?:no|any|some|every|each|this|that|which|the|another|only)"

_WHOLE: Final = regex.compile(r"\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ ']\d{3})+|\d{1,3}(?:\.\d{3}){2,}")
_DECIMAL: Final = regex.compile(r"(\d+|\d{1,3}(?:[, ']\d{3})+)\.(\d+)|(\d+),(\d{1,2}|\d{4,})")

BEFORE: Final = rf"(?<!{LETTER})(?<!\d[.,':/])(?<![-_])"
"""What a number must not follow: a letter or digit, the first part of a number, or a minus."""

AFTER: Final = rf"(?!{LETTER}|_)(?![.,':/]\d)(?!-\d)(?! {_LARGE}\b)"
"""What must not follow a number: a letter, more of the number, or a word that multiplies it."""


def number(value: str) -> str | None:
    """A pattern for a value in plain form that is a number and nothing else; None for any other."""
    digits = _digits(value)
    if digits is not None:
        return _outer(digits)
    parts = _DECIMAL.fullmatch(value)
    if parts:
        whole = regex.sub(r"\D", "", parts[1] or parts[3])
        return f"{BEFORE}{core(whole)}{_fraction(parts[2] or parts[4])}{AFTER}"
    return None


def core(digits: str) -> str:
    """A pattern for a whole number of so many digits, in one run or in groups, whatever stands around it."""
    if len(digits) < 4 or digits.startswith("0"):
        return digits
    first = len(digits) % 3 or 3
    groups = [digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3))]
    return f"(?:{digits}|{_PARTED.join(groups)})"


def spelled(n: int) -> str:
    """A pattern for a number below a thousand million in English words, with and without `and` and hyphens."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f"[ -]?{_SMALL[n % 10]}" if n % 10 else "")
    scale, word = next((size, name) for name, size in reversed(_SCALES.items()) if n >= size)
    lead = "(?:one|an?)" if n // scale == 1 else spelled(n // scale)
    return f"{lead}[ -]{word}" + (f",? (?:and )?{spelled(n % scale)}" if n % scale else "")


def counted(text: str) -> int | None:
    """The number that English words say: `two hundred and five` is 205. None for anything else."""
    words = [word for word in regex.split(r"[ ,-]+", text) if word != "and"]
    if not words or not all(word in _VALUES or word in _SCALES or word == "a" for word in words) or words == ["a"]:
        return None
    total = part = 0
    for word in words:
        scale = _SCALES.get(word, 0)
        if scale == 100:
            part = max(part, 1) * 100
        elif scale:
            total, part = total + max(part, 1) * scale, 0
        else:
            part += 1 if word == "a" else _VALUES[word]
    return total + part


def _digits(value: str) -> str | None:
    if _WHOLE.fullmatch(value):
        return regex.sub(r"\D", "", value)
    said = counted(value)
    return None if said is None else str(said)


def _outer(digits: str) -> str:
    """Digits that are no part of a longer number, also where that one has blanks in it, or the words for them."""
    before = BEFORE + (r"(?<!(?<!\d)\d{1,3} )" if len(digits) % 3 == 0 else "")
    after = AFTER + (r"(?! \d{3}(?!\d))" if len(digits) < 4 else "")
    shown = rf"{before}{core(digits)}(?:[.,]0{{1,2}})?{after}"
    if digits.startswith("0") and digits != "0":
        return f"(?:{before}{digits}{after})"
    n = int(digits)
    words = [spelled(n)] if n < 1_000_000_000 else []
    if 1_100 <= n < 2_100 and n % 1_000 >= 10:
        words.append(_year(n))
    if not words:
        return f"(?:{shown})"
    idiom = rf"(?<!\b{_NOT_COUNTED} )" if n == 1 else ""
    follow = r"(?! of\b| another\b| and only\b|-)" if n == 1 else ""
    bounds = rf"(?<!{LETTER})(?<!\b{_WORD}(?:[ -]|,? and )){idiom}(?:{'|'.join(words)}){follow}"
    return rf"(?:{shown}|{bounds}(?!{LETTER})(?![ -]{_WORD}\b)(?!,? and {_WORD}\b)(?! {_LARGE}\b))"


def _year(n: int) -> str:
    century, rest = divmod(n, 100)
    if rest == 0:
        return f"{spelled(century)}[ -]hundred"
    tail = f"(?:oh|o)[ -]{spelled(rest)}" if rest < 10 else spelled(rest)
    return f"{spelled(century)}[ -](?:hundred (?:and )?)?{tail}"


def _fraction(digits: str) -> str:
    bare = digits.rstrip("0")
    return f"[.,]{bare}0*" if bare else "(?:[.,]0{1,2})?"

"""Numbers of cards and accounts, proved by their check digits.

Cards: ISO/IEC 7812, Luhn's formula and the ranges and lengths that the schemes publish. Thirteen digits that begin with
4 are no card here: those were given up by Visa, and are how the bar code of a German product begins. Accounts: ISO
13616, the country's length (SWIFT's registry) and the remainder 1 modulo 97. Knows numbers, not words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexers.personal.scrub.findings import Finding, Sensitive
from indexers.sources.words import words

_GAP = "[ \u00a0\u202f-]"
_CARD = re.compile(
    rf"(?<![\w-])(?<![0-9][.,/])(?:[2-6][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?"
    rf"|3[0-9]{{3}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}}|[2-6][0-9]{{13,18}})(?![\w]|-[0-9]|[.,/][0-9])"
)
_IBAN = re.compile(
    rf"(?<![A-Za-z0-9])[A-Z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?(?![A-Za-z0-9])"
)
_NAMED = re.compile(
    r"\b(?:(?:reg\.? ?(?:nr\.?|nummer)?:? ?[0-9]{4}[ ,/-]{1,3})?konto(?:nr\.?|nummer)?:? {0,2}"
    r"([0-9]{4}[ -]?[0-9]{6,10}|[0-9]{7,10})|sort code:? {0,2}([0-9]{2}-[0-9]{2}-[0-9]{2})"
    r"|account(?: ?(?:no\.?|number|nr\.?))?:? {0,2}([0-9]{8,12})|routing(?: ?(?:no\.?|number))?:? {0,2}([0-9]{9}))"
    r"(?![0-9]|-[0-9])",
    re.IGNORECASE,
)
"""Accounts without check digits, by the words before them: Danish, British, American."""
_LENGTHS = {
    pair[:2]: int(pair[2:])
    for pair in words(
        """AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24
    FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
    LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22
    SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"""
    )
}
"""Country -> letters and digits of its account numbers."""


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _scheme(digits: str) -> bool:
    """Whether a scheme gives out cards that begin so and are as long."""
    length, head = len(digits), int(digits[:6])
    two, four = head // 10_000, head // 100
    if two in {34, 37}:
        return length == 15
    if two in {36, 38, 39} or 3000 <= four <= 3059:
        return length == 14
    if two // 10 == 4:
        return length in {16, 19}
    if 51 <= two <= 55 or 2221 <= four <= 2720 or 2200 <= four <= 2204 or four in {5019, 4571}:
        return length == 16
    discover = four == 6011 or two == 65 or 6440 <= four <= 6499
    maestro = four in {5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763}
    return length in range(16, 20) and (discover or maestro or two == 62 or 3528 <= four <= 3589)


def _cards(text: str, start: int, stop: int) -> Iterator[Finding]:
    for match in _CARD.finditer(text, start, stop):
        digits = re.sub("[^0-9]", "", match.group())
        if len(set(digits)) > 1 and _scheme(digits) and luhn(digits):
            yield Finding(Sensitive.CARD, *match.span())


def is_iban(compact: str) -> bool:
    """Whether letters and digits without gaps are an account number of a country that has them."""
    if _LENGTHS.get(compact[:2]) != len(compact):
        return False
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _ibans(text: str, start: int, stop: int) -> Iterator[Finding]:
    for match in _IBAN.finditer(text, start, stop):
        found = _longest(match.group())
        if found:
            yield Finding(Sensitive.BANK, match.start(), match.start() + found)


def _longest(written: str) -> int:
    """How many code points of what is written are an account number: words in capitals may follow one."""
    wanted = _LENGTHS.get(written[:2], 0)
    places = [at for at, char in enumerate(written) if char.isalnum()]
    if not wanted or len(places) < wanted:
        return 0
    stop = places[wanted - 1] + 1
    compact = "".join(written[at] for at in places[:wanted])
    return stop if not written[stop : stop + 1].isalnum() and is_iban(compact) else 0


def _accounts(text: str, start: int, stop: int) -> Iterator[Finding]:
    for match in _NAMED.finditer(text, start, stop):
        yield Finding(Sensitive.BANK, *match.span(match.lastindex or 0))


def find(text: str, runs: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Cards and accounts in the parts of a text that `runs` name."""
    for start, stop in runs:
        yield from _cards(text, start, stop)
        yield from _ibans(text, start, stop)
        yield from _accounts(text, start, stop)

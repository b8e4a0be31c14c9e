"""Addresses of mail and numbers of telephones: kept in a vault, where people are found by them, and put out of sight of
a model that is somebody else's.

A telephone number is one with its country (`+45 …`, `0045 …`) that its country's plan allows, or one of local form
whose name stands before it (`Tlf.: 20 30 40 50`), or one of North American form with its dashes. What is written like a
date, a version or a price is none. Telephone plans: phonenumbers (Apache-2.0), which needs no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexers.personal.scrub.findings import Finding, Sensitive, around, spots

_MAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[A-Za-z0-9\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f-]{0,62})\.){1,6}[A-Za-z]{2,24}(?![\w@-])"
)
_INTERNATIONAL = re.compile(r"(?<![\w+-])(?:\+|00)[1-9][0-9 ()./\u00a0\u202f-]{6,20}[0-9](?![\w])")
_RUN = re.compile(r"[0-9][0-9 ()./\u00a0\u202f-]{4,20}[0-9]")
_DATE = re.compile(r"\(?(?:[0-9]{1,2} ?\(?)?(?:19|20)[0-9]{2}[-./][0-9]{2}")
_AMERICAN = re.compile(r"(?<![\w-])(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-.][0-9]{4}(?![\w]|-[0-9])")
_NAMED = re.compile(
    r"\b(?:tel|telephone|telefon|telefono|teléfono|téléphone|tél|tlf|tfn|mobil|mobiltelefon|mobile|mob|cell|phone|"
    r"handy|puh|gsm|fax|celular|móvil|portable|whatsapp|signal|ring|call|text)"
    r"(?:\.|nr\.?|nummer| number| me| mig| us| at| på)*\s?[:.]?\s?"
    r"(\(?[0-9][0-9 ()./-]{5,16}[0-9])(?![\w]|[.,-][0-9])",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Finding]:
    """Mail addresses and telephone numbers in a text."""
    for start, stop in around(text, spots(text, ["@"])):
        for match in _MAIL.finditer(text, start, stop):
            yield Finding(Sensitive.MAIL, *match.span())
    for start, stop in around(text, (run.start() for run in _RUN.finditer(text)), 40, 60):
        yield from _phones(text, start, stop)


def _phones(text: str, start: int, stop: int) -> Iterator[Finding]:
    for match in _INTERNATIONAL.finditer(text, start, stop):
        if _possible(match.group()):
            yield Finding(Sensitive.PHONE, *match.span())
    for match in _AMERICAN.finditer(text, start, stop):
        yield Finding(Sensitive.PHONE, *match.span())
    for match in _NAMED.finditer(text, start, stop):
        digits = sum(char.isdigit() for char in match.group(1))
        if 6 <= digits <= 14 and not _DATE.match(match.group(1)):
            yield Finding(Sensitive.PHONE, *match.span(1))


def _possible(written: str) -> bool:
    """Whether the plan of the number's country allows its length and beginning."""
    import phonenumbers

    digits = re.sub("[^0-9]", "", written)
    try:
        number = phonenumbers.parse("+" + (digits[2:] if written.startswith("00") else digits))
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)

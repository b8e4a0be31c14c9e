"""Numbers that states give to people, proved by their check digits, by the date in them, or by their name nearby.

Each scheme is a shape and a proof. Where a proof is weak (one in ten numbers of that length would pass) or a country
has given it up (Denmark since 2007), the number's name must stand within 60 code points. Sources: the schemes as their
offices publish them: US SSA (areas not given out), DK CPR (modulus 11), SE Skatteverket (Luhn), NO Skatteetaten (two
control digits, modulus 11), FI DVV (31 control characters), DE BZSt (ISO 7064, MOD 11,10), FR INSEE (97 less the
remainder), ES DNI and NIE (23 letters), IT Agenzia delle Entrate (codice fiscale), NL BSN (eleven-test), PL PESEL, UK
HMRC (NINO, a shape), BR Receita Federal (CPF).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from indexers.personal.scrub.banking import luhn
from indexers.personal.scrub.findings import Finding, Sensitive

_EDGE, _END = r"(?<![\w-])(?<![0-9][.,/])", r"(?![\w]|-[0-9]|[.,/][0-9])"
_NEAR = 60


def _only(written: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", written).upper()


def _weigh(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _day(day: int, month: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)


def ssn(number: str) -> bool:
    """US: never given out are areas 000, 666 and 900 up, group 00 and serial 0000."""
    area, group, serial = number[:3], number[3:5], number[5:]
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def cpr_date(number: str) -> bool:
    """DK: begins with a day and a month."""
    return _day(int(number[:2]), int(number[2:4]))


def cpr(number: str) -> bool:
    """DK: a date, and modulus 11 as given out until 2007."""
    return cpr_date(number) and _weigh(number, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def personnummer(number: str) -> bool:
    """SE: a date (days from 61 on for coordination numbers), and Luhn over the last ten digits."""
    ten = number[-10:]
    day = int(ten[4:6])
    return _day(day - 60 if day > 60 else day, int(ten[2:4])) and luhn(ten)


def fodselsnummer(number: str) -> bool:
    """NO: a date (days from 41 on for D-numbers), and two control digits."""
    day = int(number[:2])
    first = _weigh(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    second = _weigh(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11
    return _day(day - 40 if day > 40 else day, int(number[2:4])) and first == 0 and second == 0


def henkilotunnus(number: str) -> bool:
    """FI: a date, and a control character for the remainder modulo 31. `number` is without its sign of the century."""
    control = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number[:9]) % 31]
    return _day(int(number[:2]), int(number[2:4])) and number[9] == control


def steuer_id(number: str) -> bool:
    """DE: among the first ten digits one stands twice or thrice, at least one is missing; ISO 7064 MOD 11,10."""
    counts = sorted((number[:10].count(digit) for digit in set(number[:10])), reverse=True)
    if number[0] == "0" or counts[0] not in {2, 3} or counts[1:2] not in ([1], []) or len(set(number)) < 2:
        return False
    product = 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[10])


def nir(number: str) -> bool:
    """FR: 97 less the remainder; the departments of Corsica, 2A and 2B, count as 19 and 18."""
    plain = number[:13].replace("2A", "19").replace("2B", "18")
    return plain.isdigit() and 97 - int(plain) % 97 == int(number[13:])


def dni(number: str) -> bool:
    """ES: a letter for the remainder modulo 23; a foreigner's X, Y, Z count as 0, 1, 2."""
    digits = number[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return number[-1] == "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]


_ODD = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22,
    25, 24, 23), strict=True))  # fmt: skip


def codice_fiscale(number: str) -> bool:
    """IT: the sixteenth letter, from tables for odd and even places."""
    total = sum(
        _ODD[char] if place % 2 == 0 else int(char) if char.isdigit() else ord(char) - 65
        for place, char in enumerate(number[:15])
    )
    return chr(65 + total % 26) == number[15]


def bsn(number: str) -> bool:
    """NL: the eleven-test, the last digit taken off."""
    return number.strip("0") != "" and _weigh(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def pesel(number: str) -> bool:
    """PL: a date whose month tells the century, and a control digit."""
    weighed = _weigh(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1))
    return _day(int(number[4:6]), int(number[2:4]) % 20) and weighed % 10 == 0


def nino(number: str) -> bool:
    """UK: the pairs of letters that are not given out; there is no check digit."""
    return number[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


def cpf(number: str) -> bool:
    """BR: two control digits, modulus 11; eleven equal digits are none."""
    if len(set(number)) == 1:
        return False
    first = _weigh(number, tuple(range(10, 1, -1))) * 10 % 11 % 10
    second = _weigh(number, tuple(range(11, 1, -1))) * 10 % 11 % 10
    return first == int(number[9]) and second == int(number[10])


@dataclass(frozen=True, slots=True)
class Scheme:
    """One country's numbers. With `near`, one of these words (in lower case) must stand near the number."""

    shape: re.Pattern[str]
    proof: Callable[[str], bool]
    near: tuple[str, ...] = ()


def _scheme(shape: str, proof: Callable[[str], bool], *near: str) -> Scheme:
    return Scheme(re.compile(f"{_EDGE}(?:{shape}){_END}"), proof, near)


_CPR = ("cpr", "personnr", "personnummer", "personal id", "person-nr")
_SCHEMES = (
    _scheme(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", ssn),
    _scheme(r"[0-9]{3} ?[0-9]{2} ?[0-9]{4}", ssn, "ssn", "social security"),
    _scheme(r"[0-9]{6}-[0-9]{4}", cpr),
    _scheme(r"[0-9]{6}[- ]?[0-9]{4}", cpr_date, *_CPR),
    _scheme(r"(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}", personnummer),
    _scheme(r"(?:[0-9]{2})?[0-9]{6} ?[0-9]{4}", personnummer, "personnummer", "personnr", "samordningsnummer"),
    _scheme(r"[0-9]{6} ?[0-9]{5}", fodselsnummer),
    _scheme(r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]", lambda number: henkilotunnus(number[:6] + number[-4:])),
    _scheme(r"[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", steuer_id),
    _scheme(r"[12378] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}", nir),
    _scheme(r"[0-9]{8}[- ]?[A-HJ-NP-TV-Z]|[XYZ][- ]?[0-9]{7}[- ]?[A-HJ-NP-TV-Z]", dni),
    _scheme(r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]", codice_fiscale),
    _scheme(r"[0-9]{4}[. ]?[0-9]{2}[. ]?[0-9]{3}", bsn, "bsn", "burgerservice", "sofi"),
    _scheme(r"[0-9]{11}", pesel, "pesel"),
    _scheme(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]", nino),
    _scheme(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", cpf),
    _scheme(r"[0-9]{11}", cpf, "cpf"),
)


_PASSPORT = re.compile(
    r"\b(?:passport|pasnummer|pas|reisepass(?:nummer)?|passnummer|passeport|pasaporte|passaporto|paspoort|paszport)"
    r"(?: ?(?:no|number|nr|numéro|n°|nummer)\.?)?(?: is| er| ist)?[ :#]{1,3}"
    r"([A-Z]{0,2}[0-9][A-Z0-9]{6,8})(?![\w]|-[0-9])",
    re.IGNORECASE,
)


def find(text: str, lowered: str, runs: Sequence[tuple[int, int]]) -> Iterator[Finding]:
    """Numbers of people in the parts of a text that `runs` name. `lowered` is the text in lower case."""
    schemes = [one for one in _SCHEMES if not one.near or any(word in lowered for word in one.near)]
    for start, stop in runs:
        for match in _PASSPORT.finditer(text, start, stop):
            if sum(char.isdigit() for char in match.group(1)) >= 5:
                yield Finding(Sensitive.NATIONAL, *match.span(1))
        for scheme in schemes:
            for match in scheme.shape.finditer(text, start, stop):
                if scheme.proof(_only(match.group())) and (not scheme.near or _named(text, match, scheme.near)):
                    yield Finding(Sensitive.NATIONAL, *match.span())


def _named(text: str, match: re.Match[str], words: tuple[str, ...]) -> bool:
    around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR].lower()
    return any(re.search(rf"\b{word}", around) for word in words)

"""Codes to sign in with: what a service sends for one sign-in, PINs, recovery codes, and the words of a wallet.

All of them are ordinary digits and words, so each is found near its name only, in some ten languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexers.personal.scrub.findings import Finding, Found, Sensitive, around, spots
from indexers.sources.words import words

_DIGITS = r"([A-Z]{1,2}-)?([0-9]{4,8}|[0-9]{3}[ -][0-9]{3}|[0-9]{2} [0-9]{2} [0-9]{2})(?![0-9]|[.,:/-][0-9])"
_NAMES = (
    r"code d.accès|einmalpasswort|einmalkennwort|"
    r"verification code|verify code|security code|login code|log-?in code|sign-?in code|access code|"
    r"one[- ]time (?:code|pass(?:word|code))|authenti?cation code|confirmation code|two[- ]factor code|"
    r"2fa code|2fa|otp|passcode|your code|engangskode|bekræftelseskode|sikkerhedskode|din kode|"
    r"verifikationskode|godkendelseskode|sms-kode|bestätigungscode|sicherheitscode|einmalcode|"
    r"verifizierungscode|ihr code|dein code|anmeldecode|engångskod|verifieringskod|säkerhetskod|din kod|"
    r"bekreftelseskode|engangskoden?|vahvistuskoodi|kertakoodi|code de vérification|code de sécurité|"
    r"code de confirmation|votre code|code à usage unique|código de verificación|código de seguridad|"
    r"tu código|su código|código de confirmación|código de verificação|seu código|codice di verifica|"
    r"codice di sicurezza|il tuo codice|verificatiecode|beveiligingscode|je code|uw code|"
    r"kod weryfikacyjny|twój kod|код подтверждения|ваш код|验证码|認証コード|인증번호"
)
_IS = r"(?:is|er|ist|lautet|är|on|est(?: le)?|es|é|è|jest)"
_BETWEEN = rf"(?:[^\n0-9.!?]{{0,40}}?(?:[:：=]|\b{_IS}\b)|[^\w\n(]{{0,3}}) {{0,3}}\*{{0,2}}"
_AFTER = re.compile(rf"\b(?:{_NAMES})\b{_BETWEEN}{_DIGITS}", re.IGNORECASE)
_AFTER_HAN = re.compile(r"(?:验证码|認証コード|인증번호|код подтверждения)[^0-9\n]{0,12}([0-9]{4,8})(?![0-9])")
_YOUR = r"(?:your|din|dit|ihr|dein|votre|ton|tu|su|seu|uw|je|il tuo|twój)"
_BEFORE = re.compile(
    rf"(?<![\w.-])([A-Z]{{1,2}}-)?([0-9]{{4,8}}|[0-9]{{3}}[ -][0-9]{{3}}) {_IS} (?:[^\n.!?]{{0,30}} )?"
    rf"(?:{_NAMES}|{_YOUR} (?:[^\s.!?]{{1,20}} ){{0,3}}[^\s.!?]{{0,20}}(?:code|kode|kod|código|codice))\b",
    re.IGNORECASE,
)
_PIN = re.compile(
    r"\b(?:PIN(?:-?(?:code|kode|kod|koodi))?|[Pp]in-?(?:code|kode|kod|koodi|nummer)|[Pp]in (?:code|kode)|"
    r"PUK(?:-?(?:code|kode))?|m?TAN|(?:alarm|door|dør|tür|port|gate)-?(?: ?(?:code|kode|kod)))"
    rf"(?: (?!{_IS} )[^\W\d_]{{2,10}}){{0,3}} ?(?:[:=]|{_IS})? {{0,2}}([0-9]{{4,8}})(?![0-9]|[.,-][0-9])"
)
_DOOR = re.compile(
    r"\b(?:(?:dør|port|tresor|alarm|tür|haus|zugangs|tor|gate|door|lockbox|keybox|nøgleboks|safe)[- ]?"
    rf"(?:kode|code|kod)n? ?(?:[:=]|{_IS})?|"
    r"(?:code|kode|kod)n? (?:for|to|til|till|für|zur|zum|på) (?:the |den |die |das |der )?"
    rf"[^\W\d_]{{2,15}} ?(?:[:=]|{_IS})|(?:koden|the code|der code|el código|le code|il codice) {_IS})"
    r" {0,2}([0-9]{4,8}[*#]?)(?![0-9]|[.,-][0-9])",
    re.IGNORECASE,
)
_CARD_CODE = re.compile(
    r"\b(?:CVV2?|CVC2?|CSC|kontrolcifre|card security code|Kartenprüfnummer)\b[^\w\n]{1,3}"
    r"(?:is |er |ist )?([0-9]{3,4})(?![0-9])",
    re.IGNORECASE,
)
_MY_PIN = re.compile(
    r"\b(?:my|the|your|our|min|din|meine?|deine?|card|kort|sim|bank)[- ]pin(?: is| er| ist|:)? ([0-9]{4,6})(?![0-9])",
    re.IGNORECASE,
)
_USE = re.compile(
    r"\b(?:use|enter|type|indtast|brug|verwende|gib)(?: (?:the|this))?(?: (?:code|kode|koden|den Code))? "
    r"([0-9]{4,8}|[0-9]{3} [0-9]{3}) (?:to (?:sign|log|verif|confirm|reset|complet|continu|authentic|finish|"
    r"access|activ)|as your |for your |for at (?:logge|bekræfte)|for å |um |zum |zur )",
    re.IGNORECASE,
)
_LETTERED = re.compile(
    rf"\b(?i:{_YOUR}) (?:[^\s.!?:]{{1,20}} ){{0,3}}(?:code|kode|kod)n? ?(?:[:=]|{_IS}) {{0,2}}"
    r"((?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{5,8})\b"
)
_RECOVERY = re.compile(
    r"\b(?:(?:recovery|backup|rescue|scratch) (?:codes?|keys?)|2fa backup|backup-codes?|gendannelses(?:nøgle|koder?)|"
    r"sikkerhedskopikoder?|reservekoder?|wiederherstellungs(?:schlüssel|codes?)|återställningskoder?|reservkoder?|"
    r"clé de récupération|codes? de (?:secours|récupération)|codici? di (?:backup|recupero)|herstelcodes?|"
    r"códigos de (?:recuperación|respaldo|recuperação|backup)|kody zapasowe)\b",
    re.IGNORECASE,
)
_SENT = (_AFTER, _AFTER_HAN, _BEFORE, _PIN, _DOOR, _CARD_CODE, _MY_PIN, _USE)
_RECOVERY_ITEM = re.compile(
    r"(?<![\w/.-])(?:[A-Za-z0-9]{4,8}(?:[-– ][A-Za-z0-9]{4,8}){1,7}|[A-Za-z0-9]{8,32})(?![\w/-]|\.\w)"
)
_SEED = re.compile(
    r"\b(?:seed(?: phrase| words?)?|recovery (?:phrase|words?|seed)|secret (?:recovery )?phrase|mnemonic(?: phrase)?|"
    r"backup phrase|wallet (?:words|phrase)|gendannelsessætning|wiederherstellungsphrase|"
    r"phrase (?:de récupération|secrète)|frase (?:semilla|de recuperación)|frase di recupero)\b",
    re.IGNORECASE,
)
_SEED_WORDS = re.compile(
    r"(?<![\w])(?:(?:[0-9]{1,2}[.):] ?)?[a-z]{3,8}[\s,]{1,3}){11,23}(?:[0-9]{1,2}[.):] ?)?[a-z]{3,8}(?![\w])"
)
_SHORT = words("""the and for are was not but with from has your into her his""")
"""Words of prose that no wallet draws."""

_CODE_LITERALS = (
    "code", "kod", "codic", "einmal", "otp", "2fa", " tan", "mtan", "código", "one-time", "pin", "puk", "cvv", "cvc",
    "csc", "use ", "enter ", "brug ", "kontrolcifre", "kartenpr", "код", "验证码", "認証コード", "인증번호",
)  # fmt: skip
_RECOVERY_LITERALS = (
    "code", "codic", "código", "recovery", "backup", "rescue", "scratch", "koder", "kody", "nøgle", "schlüssel",
    "clé de",
)  # fmt: skip
_SEED_LITERALS = ("seed", "phrase", "mnemonic", "sætning", "frase", "wallet", "recovery words", "recovery seed")
_RUN = re.compile("[0-9](?:[0-9]{2}|[0-9] [0-9]{2} [0-9])")


def _codes(text: str, lowered: str, _: Sequence[str]) -> Iterator[Finding]:
    """Digits with the name of a code in the 100 code points before them or after."""
    for start, stop in around(text, (run.start() for run in _RUN.finditer(text)), 100, 120):
        if any(literal in lowered[start:stop] for literal in _CODE_LITERALS):
            yield from _sent(text, start, stop)


def _lettered(text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
    """Codes with letters in them, which only what stands before tells."""
    for start, stop in around(text, spots(lowered, present), 60, 40):
        for match in _LETTERED.finditer(text, start, stop):
            yield Finding(Sensitive.CODE, *match.span(1))


def _sent(text: str, start: int, stop: int) -> Iterator[Finding]:
    for shape in _SENT:
        for match in shape.finditer(text, start, stop):
            yield Finding(Sensitive.CODE, *match.span(match.lastindex or 0))


def _recovery(text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
    """What looks like codes in the 600 code points after their name: drawn by lot, with digits."""
    for start, stop in around(text, spots(lowered, present), 40, 40):
        for named in _RECOVERY.finditer(text, start, stop):
            for match in _RECOVERY_ITEM.finditer(text, named.end(), named.end() + 600):
                if _drawn(match.group()):
                    yield Finding(Sensitive.CODE, *match.span())


def _drawn(item: str) -> bool:
    parts: list[str] = re.split("[-– ]", item)
    digits: list[int] = [sum(char.isdigit() for char in part) for part in parts]
    if len(parts) == 1:
        return digits[0] >= 2 and re.fullmatch(r"(?:19|20)[0-9]{6}", item) is None
    if " " in item:  # words of prose stand apart by spaces too: here every part needs digits
        return all(digits) and len(parts) <= 4
    return sum(digits) >= 2


def _seeds(text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
    """12 to 24 words of 3 to 8 letters (the lengths in BIP-39's lists) within 600 code points of their name."""
    for start, stop in around(text, spots(lowered, present), 40, 40):
        for named in _SEED.finditer(text, start, stop):
            match = _SEED_WORDS.search(text, named.end(), named.end() + 600)
            if match and not _SHORT.intersection(re.findall("[a-z]{3,8}", match.group())):
                yield Finding(Sensitive.SEED, *match.span())


LETTERS = (Found(_SEED_LITERALS, _seeds),)
DIGITS = (
    Found((" code", "kode", "kod "), _lettered),
    Found(_CODE_LITERALS, _codes),
    Found(_RECOVERY_LITERALS, _recovery),
)

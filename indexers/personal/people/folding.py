"""Names and addresses in the one form in which they are compared.

    name       "Sørensby, Anna"            -> ("anna", "sorensby")     words in order, without marks or titles
    mail       "Anna.Lind+news@GMail.com"  -> "annalind@gmail.com"     what comes to the same mailbox is the same
    phone      "07700 900123" in GB        -> "+447700900123"          E.164 where the country is known, else its digits
    handle     "telegram:User7"            -> "telegram:user7"

Knows forms; knows nothing of persons.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import combining, normalize

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_AROUND = re.compile(r"\s*(?:[<(\[].*?[>)\]]|\bvia\b.*$)", re.DOTALL)
_PHONE = re.compile(r"\+?[\d\s().\-/\u00a0\u2011]{6,24}\Z")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ı": "i"})

TITLES = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "sir", "hr", "fru", "herr", "frau", "m", "mme", "mlle", "sr", "sra", "srta", "ing",
    "dipl", "jr", "phd", "md",
))  # fmt: skip

ONE_MAILBOX = frozenset({"gmail.com", "googlemail.com"})
"""Where dots in an address mean nothing."""

ROLES = frozenset((
    "noreply", "no-reply", "donotreply", "do-not-reply", "info", "office", "contact", "kontakt", "support", "service",
    "help", "hello", "mail", "post", "team", "newsletter", "news", "notification", "notifications", "notify", "admin",
    "webmaster", "postmaster", "mailer-daemon", "billing", "orders", "sales", "reply", "bounce", "bounces", "alert",
    "alerts", "updates", "marketing", "jobs", "press", "hr", "accounts", "invoice", "invoices",
))  # fmt: skip
"""Local parts that are an office, not a person."""


def folded(text: str) -> str:
    """A text without case, marks and ligatures, as names are compared."""
    plain = normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(letter for letter in plain if not combining(letter))


@lru_cache(maxsize=65_536)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name, first name first. Empty for what is no name: an address, a number."""
    bare = _AROUND.sub("", name).strip().strip("'\"")
    if "@" in bare or _PHONE.match(bare):
        return ()
    last, comma, first = bare.partition(",")
    if comma and len(last.split()) <= 2 and first.strip():
        bare = f"{first.strip()} {last}"
    words = tuple(word for word in _WORD.findall(folded(bare)) if word not in TITLES)
    return words if any(word.isalpha() or "-" in word or "'" in word or "’" in word for word in words) else ()


def full(name: tuple[str, ...]) -> bool:
    """Whether it is a whole name, not a first name alone or with an initial."""
    return len(name) >= 2 and len(name[0]) > 1 and len(name[-1]) > 1


@lru_cache(maxsize=65_536)
def address(raw: str, region: str = "") -> str:
    """An address in the form in which it is compared; empty for what is none."""
    text = raw.strip().removeprefix("mailto:").removeprefix("tel:").strip()
    if not text or len(text) > 320:
        return ""
    if "@" in text and ":" not in text:
        return _mail(text)
    return phone(text, region) if _PHONE.match(text) else text.casefold() if ":" in text else ""


def _mail(text: str) -> str:
    local, _, domain = text.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ONE_MAILBOX:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local and domain and " " not in local + domain else ""


def phone(text: str, region: str = "") -> str:
    """A phone number as E.164 where its country is known, else its digits alone; empty for fewer than six."""
    import phonenumbers

    digits = re.sub(r"\D", "", text)
    if len(digits) < 6:
        return ""
    try:
        parsed = phonenumbers.parse(text, region.upper() or None)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def office(known: str) -> bool:
    """Whether an address is an office's, which many people write from."""
    local = known.partition("@")[0]
    return "@" in known and (local in ROLES or any(part in ROLES for part in re.split(r"[-_.]", local)[:1]))


def named_after(known: str, name: tuple[str, ...]) -> bool:
    """Whether a mail address is made of somebody's first and last name."""
    local = re.sub(r"[^a-z]", "", folded(known.partition("@")[0]))
    first, last = (re.sub(r"[^a-z]", "", word) for word in (name[0], name[-1]))
    return "@" in known and len(first) > 1 and len(last) > 2 and local in (first + last, last + first)


def agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may be one person's: the words of one are among the other's, also as initials or cut short."""
    short, long = sorted((one, other), key=len)
    return all(any(_alike(word, mate) for mate in long) for word in short)


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) if len(short) == 1 or len(short) >= 3 else short == long

"""How a value is judged that stands where a secret would: by its make, and by what is known to stand there instead.

Knows one value at a time; knows nothing of what stands around it.
"""

from __future__ import annotations

import re

from indexers.sources.words import words

IS = r"(?:is|was|are|er|ist|lautet|lyder|är|on|est|es|é|è|jest|to)(?: (?:now|nu|jetzt))?:?"
_WORD = r"[^\s\"'`<>⟦⟧](?:[^\s\"'`<>⟦⟧]|'(?=\w)){3,199}"
VALUE = rf"(?:\"([^\"\n⟦]{{4,200}})\"|'([^'\n⟦]{{4,200}})'|`([^`\n⟦]{{4,200}})`|({_WORD}))"
"""A value, in quotes or as one word: four groups, of which one matches."""

_STOP = words(
    """string text varchar char none null undefined true false required optional hidden redacted removed example
    changeme placeholder secret token password passwd passwort username user login email name value type
    protected missing empty unknown default invalid incorrect expired reset change forgot forgotten here below
    above yes no enter please same always never plain cleartext encrypted hashed input field prompt file
    environment bytes object integer number boolean function class self this that your mine what which when
    where must should cannot will setting settings manager policy length strength hint hash authentication
    protection ingen ikke glemt nulstil keine vergessen aucun oublié ninguna olvidada"""
)
_PLACEHOLDER = re.compile(
    r"[x*•.\-_#?…●]{3,}|<.*|\$[({]?\w.*|%\w+%|\{.*\}?|\[.*\]?|\(.*\)?|your[-_ ]?.*|my[-_]?(?:password|secret|token)|"
    r"(?:some|the)[-_].*|\\.*|/[\w./-]*|[a-z]+://.*|\w+[(\[].*|&.*|"
    r"(?:os|process|self|this|config|settings|args|env|request)[.\[].*",
    re.IGNORECASE | re.DOTALL,
)
_CHAIN = re.compile(r"[A-Za-z_]+(?:(?:\.|->|::)[A-Za-z_]+)+(?:[()\[].*)?")
_CAMEL = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+")
_TRAILING = ".,;:!?)]}…"


def mixed(value: str) -> bool:
    """Whether a value is made like a password: digits or signs among its letters, or digits alone; no placeholder."""
    value = value.strip().rstrip(_TRAILING)
    if len(value) < 4 or value.lower() in _STOP or _PLACEHOLDER.fullmatch(value) or _CHAIN.fullmatch(value):
        return False
    digits = any(char.isdigit() for char in value)
    letters = any(char.isalpha() for char in value)
    signs = any(char in "@#$%^&*!+=~?§€£/-_." for char in value[1:])
    case = any(char.isupper() for char in value[1:]) and any(char.islower() for char in value)
    if digits:
        return letters or signs or len(value) >= 4
    plain = value.replace("-", "").replace("_", "").replace(".", "").replace("/", "")
    strong = any(char in "@#$%^&*!+=~§€£" for char in value)
    return letters and (strong or (case and not plain.isupper() and not _CAMEL.fullmatch(plain) and "-" not in value))


def quoted(value: str) -> bool:
    """For labels with a sign after them. Several small words (from quotes) are a passphrase, two with a digit."""
    parts = value.split()
    if len(parts) < 2:
        return mixed(value)
    small = all(part.isalnum() and part[1:] == part[1:].lower() and part.lower() not in _STOP for part in parts)
    return small and len(parts) <= 12 and (len(parts) > 2 or any(char.isdigit() for char in value))


_STANDARD = re.compile(
    r"(?:md|sha|base|utf|x|pkcs|ip|ipv|oauth|iso|rfc|aes|rsa|http|sql|win|mp|id|v)-?[0-9.]+(?:[-_/].*)?", re.IGNORECASE
)
_HYPHENED = re.compile(r"[A-Za-z0-9]{1,8}-[a-z]{3,}\W*")


def strong(value: str) -> bool:
    """Where prose follows more often than a password: letters and digits both, and not the name of a standard."""
    value = value.rstrip(_TRAILING)
    both = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    named = _STANDARD.fullmatch(value) or _HYPHENED.fullmatch(value)
    return both and " " not in value and len(value) >= 5 and mixed(value) and not named


def filled(value: str) -> bool:
    """Where the place itself says what stands in it: anything but a placeholder."""
    return not _PLACEHOLDER.fullmatch(value) and value.lower() not in _STOP


def plain(value: str) -> bool:
    """For a lone word that ends its line: any but those that stand there otherwise."""
    return value.lower() not in _STOP


def keylike(value: str) -> bool:
    """For keys: at least 12 code points, and digits among them."""
    return len(value) >= 12 and mixed(value) and any(char.isdigit() for char in value) and " " not in value


def setting(value: str) -> bool:
    """For settings: at least six code points."""
    return mixed(value) and len(value) >= 6

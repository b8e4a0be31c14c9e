"""What must not stay in a text, taken out before it is embedded or kept: the spine of scrubbing.

    text --find_secrets--> findings --Scrubber--> text with placeholders, marks moved, counts

Secrets are always taken out, and leave only their class: `⟦password⟧`. Numbers of cards, accounts and people (and, for
a model that is somebody else's, mail addresses and telephones) become pseudonyms that are the same wherever the same
number stands in one vault, and differ between vaults: `⟦card:7f3a⟧` is the beginning of a keyed HMAC-SHA256 over class
and number. Nothing goes over a network. A placeholder is never found again: scrubbing twice is scrubbing once.
Knows text; knows nothing of grants, items or where the key comes from.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from indexers.personal.scrub import addresses, banking, codes, contacts, labels, nationals, plugins, settings, tokens
from indexers.personal.scrub.findings import (
    CLOSE,
    CONTACTS,
    NUMBERS,
    OPEN,
    SECRETS,
    Finder,
    Finding,
    Sensitive,
    around,
    lower,
    parted,
)
from indexers.records import Mark

__all__ = ["Finding", "Profile", "Scrubbed", "Scrubber", "Sensitive", "find_secrets"]


class Profile(StrEnum):
    """How much is taken out. Each takes what the one before it does."""

    SECRETS = "secrets"
    """Passwords, keys, tokens, codes: the least there is."""
    NUMBERS = "numbers"
    """And numbers of cards, accounts and people. The default of a grant."""
    CONTACTS = "contacts"
    """And mail addresses and telephone numbers: for a model that is somebody else's."""


_TAKES = {
    Profile.SECRETS: SECRETS,
    Profile.NUMBERS: SECRETS | NUMBERS,
    Profile.CONTACTS: SECRETS | NUMBERS | CONTACTS,
}
_LONG = 16
_DIGIT = re.compile("[0-9]")
_RUN = re.compile("[0-9](?:[ \u00a0\u202f.+-]?[0-9A-Z]){5}")
"""The shortest beginning of any number of a card, an account or a person, less the letters before it."""
_ROUNDS = 4
"""What stood next to something taken out may only then be seen for what it is: `PIN 1234DK50…`."""
_PLACED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}\n]{{1,40}}{CLOSE}")


_Literals = tuple[tuple[str, tuple[Finder, ...]], ...]


@cache
def _literals() -> tuple[_Literals, _Literals, _Literals]:
    """Every literal with the finders that need it: of what may be without digits, of what never is, and of what is
    itself at least `_LONG` code points long, digits among them."""
    letters: tuple[Finder, ...] = (
        *tokens.LETTERS,
        *addresses.FAMILIES,
        *labels.FINDERS,
        *settings.FAMILIES,
        *codes.LETTERS,
    )
    digits: tuple[Finder, ...] = (*codes.DIGITS, *plugins.beside())
    return _paired(letters), _paired(digits), _paired((*tokens.LONG, *plugins.within()))


def _paired(finders: Iterable[Finder]) -> _Literals:
    paired: dict[str, list[Finder]] = {}
    for one in finders:
        for literal in one.needs:
            paired.setdefault(literal, []).append(one)
    return tuple((literal, tuple(needing)) for literal, needing in paired.items())


def _held(text: str, literals: _Literals) -> Iterator[tuple[Finder, list[str]]]:
    """The finders that may find something in a text in lower case, each with those of its literals that are in it."""
    held: dict[int, tuple[Finder, list[str]]] = {}
    for literal, finders in literals:
        if literal in text:
            for finder in finders:
                held.setdefault(id(finder), (finder, []))[1].append(literal)
    yield from held.values()


def _may(lowered: str, numbered: bool) -> Iterator[tuple[Finder, list[str]]]:
    letters, digits, long = _literals()
    yield from _held(lowered, letters)
    if numbered:
        words = [word for word in lowered.split() if len(word) >= _LONG and _DIGIT.search(word)]
        yield from _held(" ".join(words), long)
        yield from _held(lowered, digits)


def find_secrets(text: str, profile: Profile = Profile.NUMBERS) -> list[Finding]:
    """What a profile would take out of a text: parted, in order, at code points. For previews; keeps nothing."""
    lowered = lower(text)
    numbered = _DIGIT.search(text) is not None
    found = [one for finder, held in _may(lowered, numbered) for one in finder.find(text, lowered, held)]
    if numbered and profile is not Profile.SECRETS:
        runs = around(text, (run.start() for run in _RUN.finditer(text)), 40, 60)
        found.extend(banking.find(text, runs))
        found.extend(nationals.find(text, lowered, runs))
    if profile is Profile.CONTACTS:
        found.extend(contacts.find(text))
    placed = [match.span() for match in _PLACED.finditer(text)] if OPEN in text else []
    return parted(one for one in found if not any(one.start < stop and start < one.stop for start, stop in placed))


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text without what was found in it, its marks where they now stand, and how many of each class were found."""

    text: str
    marks: tuple[Mark, ...]
    counts: Counter[Sensitive]


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Takes out what `profile` says. `key`: at least 16 bytes, one per vault, never told."""

    profile: Profile
    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("A scrubber's key takes at least 16 bytes; give it one derived from the vault's key.")

    def clean(self, text: str) -> tuple[str, Counter[Sensitive]]:
        """The text with placeholders, and how many of each class were found."""
        scrubbed = self.scrub(text)
        return scrubbed.text, scrubbed.counts

    def scrub(self, text: str, marks: Sequence[Mark] = ()) -> Scrubbed:
        """As `clean`, with marks moved to where their places now are; their names are scrubbed too."""
        made = Scrubbed(text, tuple(marks), Counter())
        for _ in range(_ROUNDS):
            found = find_secrets(made.text, self.profile)
            if not found:
                break
            made = self._without(made, found)
        named = tuple(replace(mark, name=self._named(mark.name)) for mark in made.marks)
        return replace(made, marks=named)

    def _named(self, name: str) -> str:
        return self.clean(name)[0] if name else name

    def _without(self, scrubbed: Scrubbed, found: Sequence[Finding]) -> Scrubbed:
        text, pieces = scrubbed.text, list[str]()
        shifts: list[tuple[int, int, int, int]] = []
        at = length = 0
        for one in found:
            placeholder = self._placeholder(one.sensitive, text[one.start : one.stop])
            pieces += (text[at : one.start], placeholder)
            length += one.start - at
            shifts.append((one.start, one.stop, length, length + len(placeholder)))
            length += len(placeholder)
            at = one.stop
        pieces.append(text[at:])
        counts = scrubbed.counts + Counter(one.sensitive for one in found)
        return Scrubbed("".join(pieces), tuple(_moved(scrubbed.marks, shifts)), counts)

    def _placeholder(self, sensitive: Sensitive, value: str) -> str:
        if sensitive in SECRETS:
            return f"{OPEN}{sensitive}{CLOSE}"
        same = re.sub(r"[^0-9a-z@.+_%-]" if sensitive is Sensitive.MAIL else "[^0-9a-z]", "", value.lower())
        digest = hmac.new(self.key, f"{sensitive}:{same}".encode(), hashlib.sha256).hexdigest()
        return f"{OPEN}{sensitive}:{digest[:4]}{CLOSE}"


def _moved(marks: Iterable[Mark], shifts: Sequence[tuple[int, int, int, int]]) -> Iterator[Mark]:
    """Marks where they now stand: one walk, as marks and shifts (was, until, is, until) both ascend.

    A mark within what was taken out is moved to the placeholder's beginning.
    """
    passed = by = 0
    for mark in marks:
        while passed < len(shifts) and shifts[passed][1] <= mark.at:
            by = shifts[passed][3] - shifts[passed][1]
            passed += 1
        inside = passed < len(shifts) and shifts[passed][0] < mark.at
        yield replace(mark, at=shifts[passed][2] if inside else mark.at + by)


def takes(profile: Profile) -> frozenset[Sensitive]:
    """The classes that a profile takes out, for a person to be told."""
    return _TAKES[profile]

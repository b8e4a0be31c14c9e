"""What may be found in a text that should not stay in it: its class, and where it stands.

A `Family` is a number of shapes with the literals without which they cannot match: a text that holds none of them is
never given to their expressions. That is what makes scrubbing cheap: most text holds none.
Knows spans; knows nothing of what is put in their place.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Sensitive(StrEnum):
    """What a thing found is."""

    KEY = "private key"
    TOKEN = "token"
    PASSWORD = "password"
    LINK = "link"
    """Credentials in an address: `user:password@`, `?token=`."""
    CODE = "code"
    """A code sent or kept to sign in with: second factors, PINs, recovery codes."""
    SEED = "seed phrase"
    CARD = "card"
    BANK = "bank"
    NATIONAL = "national"
    MAIL = "mail"
    PHONE = "phone"


SECRETS = frozenset(
    {Sensitive.KEY, Sensitive.TOKEN, Sensitive.PASSWORD, Sensitive.LINK, Sensitive.CODE, Sensitive.SEED}
)
NUMBERS = frozenset({Sensitive.CARD, Sensitive.BANK, Sensitive.NATIONAL})
CONTACTS = frozenset({Sensitive.MAIL, Sensitive.PHONE})

OPEN, CLOSE = "⟦", "⟧"
"""What stands around a placeholder; nothing between them is ever found again."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A thing found, at code points `start` to `stop`."""

    sensitive: Sensitive
    start: int
    stop: int


def always(_: str) -> bool:
    """For patterns that need no further proof."""
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shape. The last group that matched is what is found (or the whole match, where there is no group).

    `good` proves what was found.
    """

    sensitive: Sensitive
    shape: re.Pattern[str]
    good: Callable[[str], bool] = always

    def find(self, text: str, start: int, stop: int) -> Iterator[Finding]:
        """All of it between two places of a text."""
        for match in self.shape.finditer(text, start, stop):
            begin, end = match.span(match.lastindex or 0)
            if begin < end and self.good(text[begin:end]):
                yield Finding(self.sensitive, begin, end)


@dataclass(frozen=True, slots=True)
class Family:
    """Patterns any match of which holds one of `needs`, literals in lower case.

    Where `near`, their expressions are given only the text around those literals: `BEFORE` code points before, and
    `AFTER` after, up to a space.
    """

    needs: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    near: bool = False

    def find(self, text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
        """All they find in a text. `lowered` is `lower(text)`; `present` are those of `needs` that it holds."""
        parts = around(text, spots(lowered, present)) if self.near else [(0, len(text))]
        for pattern in self.patterns:
            for start, stop in parts:
                yield from pattern.find(text, start, stop)


class Finder(Protocol):
    """What finds things in a text that holds one of its literals."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The literals, in lower case."""
        ...

    def find(self, text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
        """All it finds. `lowered` is `lower(text)`; `present` are those of `needs` that it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A function that finds, and its literals: for what takes more than one expression."""

    needs: tuple[str, ...]
    by: Callable[[str, str, Sequence[str]], Iterator[Finding]]

    def find(self, text: str, lowered: str, present: Sequence[str]) -> Iterator[Finding]:
        """What the function finds."""
        return self.by(text, lowered, present)


BEFORE, AFTER, _WORD = 120, 400, 4_400
_SPACE = re.compile(r"\s")


def lower(text: str) -> str:
    """In lower case, as long as the text: the one letter that grows (U+0130) is taken for `I`."""
    return text.replace("\u0130", "I").lower()


def spots(lowered: str, literals: Iterable[str]) -> Iterator[int]:
    """Where any of the literals stands, in ascending order. Streams: a text may hold nothing else."""
    return heapq.merge(*(_places(lowered, literal) for literal in literals))


def _places(lowered: str, literal: str) -> Iterator[int]:
    at = lowered.find(literal)
    while at >= 0:
        yield at
        at = lowered.find(literal, at + len(literal))


def around(text: str, places: Iterable[int], before: int = BEFORE, after: int = AFTER) -> list[tuple[int, int]]:
    """The text around places in ascending order, as spans that do not overlap. A span ends before a space where there
    is one within the longest word that is looked for."""
    made: list[tuple[int, int]] = []
    for place in places:
        stop = place + after
        if made and place - before <= made[-1][1]:
            if stop <= made[-1][1]:
                continue
            start = made.pop()[0]
        else:
            start = max(0, place - before)
        space = _SPACE.search(text, stop, stop + _WORD)
        made.append((start, space.start() if space else min(len(text), stop + _WORD)))
    return made


def parted(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in order, with those that overlap made one: nothing that was found in any of them stays."""
    made: list[Finding] = []
    for found in sorted(findings, key=lambda one: (one.start, -one.stop)):
        if made and found.start < made[-1].stop:
            if found.stop > made[-1].stop:
                made[-1] = Finding(made[-1].sensitive, made[-1].start, found.stop)
        else:
            made.append(found)
    return made

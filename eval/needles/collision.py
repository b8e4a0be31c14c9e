"""Whether anything but a needle's own records holds its answer: then the needle proves nothing.

A record collides when it says an answer and a subject of the needle, both as whole words; where a needle has no subject
(it asks by meaning), when it says an answer. Absent and deleted facts collide when a record says a subject and a rival.
One pass over the records; a record costs one look-up a word. Knows needles and texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eval.needles.needle import Needle

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(rf"{_UNSPACED.pattern}+|(?:(?!{_UNSPACED.pattern})\w)+")


@dataclass(frozen=True, slots=True)
class Collision:
    """`needle`: its key. `value`: what the record says. `text`: of the record."""

    needle: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class _Watch:
    """One value of a needle. `own`: the texts that may hold it."""

    needle: Needle
    value: str
    said: str
    subjects: tuple[str, ...]
    own: frozenset[str]


def collisions(texts: Iterable[str], needles: Sequence[Needle]) -> Iterator[Collision]:
    """Every record that holds what only a needle's own records should hold. Needles are checked against one another
    when their records are among the texts."""
    watched = _watched(needles)
    for text in texts:
        plain = normal(text)
        words = set(plain.split())
        if _UNSPACED.search(text):
            words |= {word for word in watched if _UNSPACED.search(word) and word in plain}
        for word in words & watched.keys():
            for watch in watched[word]:
                if text not in watch.own and _says(plain, watch):
                    yield Collision(watch.needle.key, watch.value, text)


def normal(text: str) -> str:
    """Lower case, compatibility forms, no accents or punctuation, one blank between words and at both ends.

    A change to or from a script without blanks is a border of words too.
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return f" {' '.join(_WORD.findall(plain))} "


def _says(plain: str, watch: _Watch) -> bool:
    return watch.said in plain and (not watch.subjects or any(subject in plain for subject in watch.subjects))


def _watched(needles: Sequence[Needle]) -> dict[str, list[_Watch]]:
    """Values by their rarest-looking word: the longest."""
    watched: dict[str, list[_Watch]] = {}
    for needle in needles:
        own = frozenset(one.text for one in needle.records)
        subjects = tuple(_sought(subject) for subject in needle.subjects)
        for value in needle.answers or needle.rivals:
            word = max(normal(value).split(), key=len)
            watched.setdefault(word, []).append(_Watch(needle, value, _sought(value), subjects, own))
    return watched


def _sought(value: str) -> str:
    """As it is looked for in a normal text: with the blanks around it, where its script has blanks."""
    plain = normal(value)
    return plain.strip() if _UNSPACED.search(value) else plain

"""The sentences around a fact: real ones of the haystack, or plain ones from a small grammar; and how deep it lies.

Knows sentences and word counts; knows nothing of needles' kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Final

from eval.needles.needle import Depth, words

_ENDS = re.compile(r"(?<=[.!?])\s+|\n\s*\n|(?<=[。！？])")

_WHO: Final = (
    *("the committee", "the older gardener", "a visitor from the coast", "the night porter", "the treasurer"),
    *("our neighbour", "the surveyor", "a retired teacher", "the choir", "the tenant upstairs", "the parish clerk"),
    *("the second driver", "a group of pupils", "the archivist", "the cook", "the owner of the orchard"),
)
_DID: Final = (
    *("repaired the roof", "copied the accounts by hand", "asked for more chairs", "closed the windows"),
    *("put the letters in order", "read the minutes aloud", "waited for the morning post", "painted the fence"),
    *("carried the boxes to the cellar", "measured the garden wall", "forgot the umbrella", "lit the stove"),
    *("counted the tickets twice", "planted two rows of beans", "sent for the carpenter", "swept the yard"),
)
_WHEN: Final = (
    *("before the harvest", "after a long discussion", "on a wet afternoon", "without being asked", "in early spring"),
    *("while the others slept", "as in most years", "shortly before noon", "when the road was dry"),
    *(
        "for the third time",
        "with some reluctance",
        "at the end of the season",
        "to everybody's surprise",
        "during the holidays",
    ),
)


class Filler:
    """Sentences in the order of their texts: what stands around a fact is a stretch of them."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = [sentence for sentence in sentences if words(sentence)]

    @classmethod
    def of(cls, texts: Iterable[str], most: int = 50_000) -> Filler:
        """The sentences of 4 to 60 words of some texts, at most so many. Texts without any give the plain ones."""
        each = (sentence for text in texts for sentence in sentences(text) if 4 <= len(words(sentence)) <= 60)
        return cls(list(islice(each, most)) or plain())

    def before(self, count: int, random: Random) -> str:
        """So many words that end with a sentence; the first one may be cut at its head."""
        text, spans = self._stretch(count, random)
        return text[spans[-count][0] :] if count else ""

    def after(self, count: int, random: Random) -> str:
        """So many words that begin with a sentence; the last one may be cut at its tail."""
        text, spans = self._stretch(count, random)
        return text[: spans[count - 1][1]] if count else ""

    def some(self, count: int, random: Random) -> list[str]:
        """So many sentences that follow one another in their source."""
        at = random.randrange(len(self.sentences))
        return [self.sentences[(at + i) % len(self.sentences)] for i in range(count)]

    def around(self, fact: str, depth: Depth, random: Random) -> tuple[str, tuple[int, int]]:
        """A record with the fact at its depth, and the code points of the fact.

        With a length, the record has exactly so many words (never fewer than the fact), and
        `round(position * (length - words of the fact))` of them stand before the fact.
        """
        if not depth.length:
            around = self.some(3, random)
            at = random.randrange(4)
            return joined(" ".join(around[:at]), fact, " ".join(around[at:]))
        room = max(depth.length - len(words(fact)), 0)
        lead = round(depth.position * room)
        return joined(self.before(lead, random), fact, self.after(room - lead, random))

    def _stretch(self, count: int, random: Random) -> tuple[str, list[tuple[int, int]]]:
        at, held, size = random.randrange(len(self.sentences)), [], 0
        while size < count:
            held.append(self.sentences[at % len(self.sentences)])
            size += len(words(held[-1]))
            at += 1
        text = " ".join(held)
        return text, list(_spans(text))


def joined(before: str, fact: str, after: str, by: str = " ") -> tuple[str, tuple[int, int]]:
    """The parts that are not empty as one text, and where the fact lies in it."""
    begin = len(before) + len(by) if before else 0
    text = by.join(part for part in (before, fact, after) if part)
    return text, (begin, begin + len(fact))


def sentences(text: str) -> list[str]:
    """Split after sentence ends and at blank lines; white space within becomes single blanks."""
    return [" ".join(part.split()) for part in _ENDS.split(text) if part.strip()]


def plain() -> list[str]:
    """Every sentence of the grammar once, in an order that does not change."""
    every = [_capital(f"{who} {did} {when}.") for who in _WHO for did in _DID for when in _WHEN]
    Random(0).shuffle(every)
    return every


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word in words(text):
        at = text.index(word, at)
        yield at, at + len(word)
        at += len(word)

"""The reader `extractive`: no model. Quotes the sentences of the context that share most with the question.

Knows words and sentences; needs no download and answers in milliseconds.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cascade.models.base import Prompt
from cascade.models.blocks import SILENT, Numbered, blocks, sentences

_WORD = re.compile(r"[^\W_]+(?:['’.\-_][^\W_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+")
_EMPTY = frozenset(_WORD.findall(
    """a an the of in on at to for from by with and or is are was were be been do does did has have had what which who
    whom whose when where why how many much it its this that there as can could will would should i you we they"""
))
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ies", "ied", "ers", "ed", "es", "er", "ly", "s")

WINDOW = 4_000
"""Words of context it is given, unless said otherwise."""

LONG = 60
"""Words past which a sentence is likely a table or a list, and is passed over when a shorter one is as good."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that may answer. `held`: the question's terms in it."""

    number: int
    text: str
    held: frozenset[str]
    score: float


class Extractive:
    """Quotes one to three sentences, each followed by its block's number. The same prompt gives the same answer."""

    name = "extractive"

    def __init__(self, window: int | None = None) -> None:
        self.window = window or WINDOW

    def count(self, text: str) -> int:
        """Words, and characters of scripts that are written without spaces."""
        return len(_WORD.findall(_CJK.sub(" ", text))) + sum(len(run) for run in _CJK.findall(text))

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        """One quotation at a time, whole ones only once the first is out. Says so when nothing fits the question."""
        left = most
        chosen = choose(ranked(prompt))
        if not chosen:
            yield SILENT
        for place, quote in enumerate(chosen):
            left -= self.count(quote.text)
            if place and left < 0:
                return
            yield f"{' ' if place else ''}{quote.text} [{quote.number}]"


def terms(text: str) -> list[str]:
    """Words in lower case without common endings; pairs of characters where words are not spaced; no empty words."""
    found = [_stem(word) for word in _WORD.findall(_CJK.sub(" ", text).lower()) if word not in _EMPTY]
    for run in _CJK.findall(text):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return found


def named(question: str) -> frozenset[str]:
    """Terms of a question that are names, numbers or identifiers: with a capital past the first word, or a digit."""
    found = [m for m in _WORD.finditer(question) if m.start() and re.search(r"[^\W\d_a-z]|\d|_", m[0])]
    return frozenset(term for m in found if m[0] not in _EMPTY for term in terms(m[0]))


def noted(context: str) -> list[Numbered]:
    """Lines that end in the number of a block, as notes taken from several windows do: `It rains. [3]`."""
    found = [re.fullmatch(r"(.+?)\s*\[(\d{1,4})\][.\s]*", line.strip()) for line in context.splitlines()]
    return [Numbered(int(match[2]), "", match[1]) for match in found if match]


def ranked(prompt: Prompt) -> list[Quote]:
    """Every sentence that shares a term with the question, best first.

    A shared term counts by its squared idf among the sentences, a name or number of the question twice, and one that
    only the block's header has half: a sentence about another thing of the same kind shares all but the name.
    Ties go to the earlier sentence of the earlier block, since Pack puts the best blocks first.
    """
    asked = frozenset(terms(prompt.question))
    held = [
        (block, sentence, frozenset(terms(sentence)), frozenset(terms(block.header)))
        for block in blocks(prompt.context)
        for sentence in sentences(block.text)
    ]
    held = held or [(note, note.text, frozenset(terms(note.text)), frozenset()) for note in noted(prompt.context)]
    seen = Counter(term for _, _, own, _ in held for term in own & asked)
    names = named(prompt.question)
    idf = {t: (2 if t in names else 1) * math.log(1 + (len(held) + 1) / (1 + seen[t])) ** 2 for t in asked}
    found = []
    for place, (block, sentence, own, head) in enumerate(held):
        score = sum(idf[t] for t in asked & own) + 0.5 * sum(idf[t] for t in (asked & head) - own)
        score *= 1 if len(own) <= LONG else 0.7
        # A sentence that only repeats the question tells nothing: it must have words of its own.
        if asked & own and own - asked:
            found.append((-score, place, Quote(block.number, sentence, asked & own, score)))
    return [quote for _, _, quote in sorted(found, key=lambda row: row[:2])]


def choose(quotes: Sequence[Quote]) -> list[Quote]:
    """The best sentence, and up to two more that nearly equal it or bring terms of the question it lacks."""
    chosen: list[Quote] = []
    for quote in quotes:
        covered = frozenset().union(*(other.held for other in chosen))
        near = chosen and quote.score >= 0.9 * chosen[0].score
        new = chosen and quote.score >= 0.5 * chosen[0].score and quote.held - covered
        if (not chosen or near or new) and all(quote.text != other.text for other in chosen):
            chosen.append(quote)
        if len(chosen) == 3:
            break
    return chosen


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word

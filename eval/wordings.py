"""The questions of a set in another wording: very short, very long, or with something that is not wanted.

What is relevant stays what it was, so a row of these says what such questions cost. Knows texts and how rare words are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

import numpy as np

from eval.datasets import Question

SHORT = 2
"""Words of a very short question: its rarest."""

LONG = 300
"""Words put before a very long question: other questions of the set."""


class Wording(StrEnum):
    """`short`: the rarest two words. `long`: after 300 words of other questions. `negated`: "..., but not" another."""

    AS_IT_IS = ""
    SHORT = "short"
    LONG = "long"
    NEGATED = "negated"


Rarity = Callable[[Sequence[str]], Sequence[int]]
"""In how many passages each word occurs."""


def reworded(
    questions: Sequence[Question], how: Wording, occurrences: Rarity, seed: int
) -> list[Question]:  # fmt: skip
    """The questions in another wording, the same for the same seed; ids and judgments stay."""
    random = np.random.default_rng(seed)
    texts = [question.text for question in questions]
    made = []
    for at, question in enumerate(questions):
        others = [texts[i] for i in random.permutation(len(texts)).tolist() if i != at]
        made.append(replace(question, text=_worded(question.text, how, others, occurrences)))
    return made


def _worded(text: str, how: Wording, others: Sequence[str], occurrences: Rarity) -> str:
    if how is Wording.SHORT:
        return _rarest(text, occurrences)
    if how is Wording.LONG:
        return " ".join([*" ".join(others).split()[:LONG], text])
    return f"{text} But not: {others[0] if others else 'this'}" if how is Wording.NEGATED else text


def _rarest(text: str, occurrences: Rarity) -> str:
    """The rarest words that occur at all, in the order of the text; the text where none does."""
    words = list(dict.fromkeys(word.strip(".,;:?!\"'()") for word in text.split()))
    known = [(count, at) for at, count in enumerate(occurrences([word.lower() for word in words])) if count]
    chosen = sorted(at for _, at in sorted(known)[:SHORT])
    return " ".join(words[at] for at in chosen) or text

"""The statistics of words in a collection of texts, to tell whether generated ones are like the real ones.

Knows texts; knows nothing of how they were made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Wording:
    """What was measured.

    `growth`: Heaps' exponent, types against words over the second half of the stream. `slope`: Zipf's, log frequency
    against log rank from rank 10 to 1,000. `lengths`: words of a text at the 10th, 50th and 90th percentile. `idf`:
    mean over the words of every text, each once, of log(texts / texts with the word).
    """

    texts: int
    words: int
    types: int
    growth: float
    slope: float
    lengths: tuple[float, float, float]
    idf: float

    @classmethod
    def of(cls, texts: Iterable[str]) -> Wording:
        """Measure some texts in one pass. They must hold a word at least."""
        counts: Counter[str] = Counter()
        holding: Counter[str] = Counter()
        lengths: list[int] = []
        curve: list[tuple[int, int]] = []
        for text in texts:
            found = _WORD.findall(text.casefold())
            counts.update(found)
            holding.update(set(found))
            lengths.append(len(found))
            curve.append((lengths[-1] + (curve[-1][0] if curve else 0), len(counts)))
        number = len(lengths)
        held = np.array(list(holding.values()), dtype=np.float64)
        idf = float((held * np.log(number / held)).sum() / held.sum())
        low, middle, high = np.percentile(lengths, (10, 50, 90)).tolist()
        return cls(number, curve[-1][0], len(counts), growth(curve), _slope(counts), (low, middle, high), idf)


def growth(curve: list[tuple[int, int]]) -> float:
    """Heaps' exponent of (words, types) pairs: least squares in logarithms over the second half."""
    points = np.log(np.array(curve[len(curve) // 2 :], dtype=np.float64))
    if len(points) < 2 or points[0, 0] == points[-1, 0]:
        return 1.0
    return float(np.polyfit(points[:, 0], points[:, 1], 1)[0])


def _slope(counts: Counter[str]) -> float:
    ranked = np.array(sorted(counts.values(), reverse=True)[9:1000], dtype=np.float64)
    ranks = np.arange(10, 10 + len(ranked), dtype=np.float64)
    return float(np.polyfit(np.log(ranks), np.log(ranked), 1)[0]) if len(ranked) > 1 else 0.0

"""Nomination by words: what it costs to ask indexes of several sizes, and to make one.

Knows the lexical index alone, made anew from texts in a folder that is thrown away.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cascade.config import RetrieveConfig
from cascade.index import lexical
from cascade.index.analyzer import Analyzer
from cascade.index.lexical import Lexical, Weighted
from cascade.index.snapshot import Snapshot
from eval.planning.measuring.clock import growth, parts, worked

PARTS = (16, 4, 1)
"""Indexes are made of the texts, and of so large parts of them."""


def measure(snapshot: Snapshot, texts: Sequence[str], asked: Sequence[str]) -> dict[str, float]:
    """From texts of an index, in any order, and questions to it."""
    analyzer = Analyzer(snapshot.built.language)
    terms = [found for text in asked if (found := snapshot.terms(text))]
    words = sum(len(text.split()) for text in texts)
    keep = RetrieveConfig().lexical
    sizes, took = [], []
    with tempfile.TemporaryDirectory(prefix="cascade-words-") as aside:
        for part in PARTS:
            some, folder = texts[: max(1, len(texts) // part)], Path(aside) / f"{part}"
            made = worked(lambda: lexical.write(folder, some, analyzer))  # noqa: B023
            sizes.append(len(some))
            took.append(_asked(Lexical(folder, analyzer, len(some)), terms, keep))
    for segment in snapshot.segments:
        if len(segment) > sizes[-1]:
            sizes.append(len(segment))
            took.append(_asked(segment.words, terms, keep))
    postings = sum(math.exp(-term.idf) for found in terms for term in found) / len(terms)  # idf is ln(all / holding)
    return {"words_us": made / words * 1e6, "posting_share": postings, **fitted(sizes, took)}


def fitted(sizes: Sequence[float], took: Sequence[float]) -> dict[str, float]:
    """The constants of took = base + middle * (size / 1,000,000) ** growth, in seconds, for growth up to linear."""
    least, best = float("inf"), (0.0, 0.0, 1.0)
    for step in range(1, 21):
        power = step / 20
        base, middle = parts([(1.0, (size / 1e6) ** power) for size in sizes], took)
        errors = [(base + middle * (size / 1e6) ** power) / one - 1 for size, one in zip(sizes, took, strict=True)]
        if (off := sum(error * error for error in errors)) < least and middle:
            least, best = off, (base, middle, power)
    if not best[1]:
        middle, power = growth(sizes, took)
        best = (0.0, middle * 1e6**power, power)
    return {"lexical_ms": best[0] * 1000, "lexical_passage_ms": best[1] * 1000, "lexical_growth": best[2]}


def _asked(words: Lexical | lexical.Wordless, terms: Sequence[list[Weighted]], keep: int) -> float:
    """The middle time of a question, each asked twice."""
    words.search(terms[0], keep)
    turn = iter([*terms, *terms])
    return worked(lambda: words.search(next(turn), keep), 2 * len(terms))

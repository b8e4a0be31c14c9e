"""Nomination by words: what it costs to ask indexes of several sizes, and to make one.

Knows the lexical index alone, made anew from texts in a folder that is thrown away.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cascade.config import RetrieveConfig
from cascade.index import lexical
from cascade.index.analyzer import Analyzer
from cascade.index.lexical import Lexical, Weighted, Wordless
from cascade.index.snapshot import Snapshot
from eval.planning.measuring.clock import parts, worked

PARTS = (16, 4, 1)
"""Indexes are made of the texts, and of so large parts of them."""

DEPTHS = (1, 8, 64)
"""Of what words nominate at most, so large parts are asked for."""


def measure(snapshot: Snapshot, texts: Sequence[str], asked: Sequence[str]) -> dict[str, float]:
    """From texts of an index, in any order, and questions to it."""
    analyzer = Analyzer(snapshot.built.language)
    terms = [found for text in asked if (found := snapshot.terms(text))]
    words = sum(len(text.split()) for text in texts)
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory(prefix="cascade-words-") as aside:
        for part in PARTS:
            some, folder = texts[: max(1, len(texts) // part)], Path(aside) / f"{part}"
            made = worked(lambda: lexical.write(folder, some, analyzer))  # noqa: B023
            seen += _asked(Lexical(folder, analyzer, len(some)), len(some), terms)
    for segment in snapshot.segments[:2]:
        seen += _asked(segment.words, len(segment), terms)
    postings = sum(math.exp(-term.idf) for found in terms for term in found) / len(terms)  # idf is ln(all / holding)
    return {"words_us": made / words * 1e6, "posting_share": postings, **fitted(seen)}


class Seen(NamedTuple):
    """Questions to an index of so many passages: hits that one brought on average, and seconds it took."""

    passages: int
    hits: float
    took: float


def fitted(seen: Sequence[Seen]) -> dict[str, float]:
    """The constants of took = base + hits * each + middle * (passages / 1,000,000) ** growth, growth at most linear."""
    least, best = float("inf"), (0.0, 0.0, 0.0, 1.0)
    for step in range(1, 21):
        power = step / 20
        amounts = [(1.0, one.hits, (one.passages / 1e6) ** power) for one in seen]
        found = parts(amounts, [one.took for one in seen])
        guessed = (sum(a * b for a, b in zip(row, found, strict=True)) for row in amounts)
        off = sum((guess / one.took - 1) ** 2 for guess, one in zip(guessed, seen, strict=True))
        if off < least - 1e-12:
            least, best = off, (found[0], found[1], found[2], power)
    base, a_hit, middle, power = best
    return {
        "lexical_ms": base * 1e3, "hit_us": a_hit * 1e6, "lexical_passage_ms": middle * 1e3, "lexical_growth": power,
    }  # fmt: skip


def _asked(words: Lexical | Wordless, passages: int, terms: Sequence[list[Weighted]]) -> list[Seen]:
    """Every question at each depth, each twice."""
    words.search(terms[0], 1)
    found = []
    for part in DEPTHS:
        keep = max(1, RetrieveConfig().lexical // part)
        hits = [len(words.search(one, keep)[0]) for one in terms]
        turn = iter([*terms, *terms])
        took = worked(lambda: words.search(next(turn), keep), 2 * len(terms))  # noqa: B023
        found.append(Seen(passages, sum(hits) / len(hits), took))
    return found

"""The peer `cross-encoder`: BM25, and a model that reads each of the best hundred with the question.

BM25 is the engine's own (`cascade.index.lexical`), over the same passages; what comes after the hundredth stays where
BM25 has it. It holds the text of all passages in memory. Knows words, a Scorer and the Peer protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from cascade.index.analyzer import Analyzer
from cascade.index.lexical import Lexical, Weighted, analyze, idf, write
from cascade.models.base import Encoder, Scorer
from eval.peers.base import DEEPER, batches, first
from indexers.records import Record

READ = 100
"""Passages that the model reads."""


class Crossed:
    """An index of words in `folder`, which must not be there yet. `encoder` decides how long passages are."""

    name = "cross-encoder"

    def __init__(self, folder: Path, encoder: Encoder, scorer: Scorer) -> None:
        self._folder, self._encoder, self._scorer = folder, encoder, scorer
        self._analyzer = Analyzer()
        self._keys: list[str] = []
        self._texts: list[str] = []
        self._words: Lexical | None = None

    def build(self, records: Iterable[Record]) -> None:
        """Index the words of every passage."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        write(self._folder, self._noted(records), self._analyzer)
        self._words = Lexical(self._folder, self._analyzer, len(self._keys))

    def search(self, text: str, k: int) -> list[str]:
        """The best hundred by BM25 in the order of the model, then the others by BM25."""
        if self._words is None or not self._keys:
            return []
        rows = self._words.search(self._weighted(text, self._words), max(READ, DEEPER * k))[0]
        read, rest = rows[:READ], rows[READ:]
        scores = self._scorer.score(text, [self._texts[row] for row in read.tolist()])
        ordered = np.concatenate([read[np.argsort(-scores, kind="stable")], rest])
        return first((self._keys[row] for row in ordered.tolist()), k)

    def _weighted(self, text: str, words: Lexical) -> list[Weighted]:
        """Every term of a question with its idf: plain BM25, common words too."""
        terms = analyze(text, self._analyzer)
        pairs = [("words", value) for value in terms.words] + [("exact", value) for value in terms.exact]
        counts = zip(pairs, words.frequencies(terms), strict=True)
        return [Weighted(field, value, idf(len(self._keys), count)) for (field, value), count in counts if count]

    def _noted(self, records: Iterable[Record]) -> Iterator[str]:
        for pieces in batches(records, self._encoder):
            self._keys += [piece.key for piece in pieces]
            self._texts += [piece.text for piece in pieces]
            yield from (piece.text for piece in pieces)

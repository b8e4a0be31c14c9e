"""Words of an index: what they weigh, which are names, which nominate; and passages by their ids.

Wherever segments lie, in one process or in many: it needs counts of terms and rows of records, and no more.
Knows terms and counts; knows nothing of vectors, of text on disk, or of stages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.errors import NoPassage
from cascade.index.analyzer import Analyzer
from cascade.index.layout import Layout
from cascade.index.lexical import Terms, Weighted, analyze, leading, named, nominating, spoken
from cascade.index.manifest import Built


class Wording(ABC):
    """Whoever makes one sets what is declared here. `located`: the rows of passages that were looked up."""

    layout: Layout
    built: Built
    rotation: Floats
    located: dict[str, int]

    @property
    @abstractmethod
    def total(self) -> int:
        """Passages, deleted ones among them."""

    @abstractmethod
    def tally(self, terms: Terms) -> NDArray[np.int64]:
        """In how many passages each term occurs: int64 (n,), those of `words` first."""

    @abstractmethod
    def rows_of(self, record: bytes, ordinal: int | None = None) -> Rows:
        """The live rows of a record, or of one passage of it."""

    def families(self, pieces: Sequence[str]) -> NDArray[np.int64]:
        """Which pieces of a vocabulary are forms of one word in the index's language: int64, equal where they are.

        Pieces that continue a word (`##ing`) and those the analyzer drops are families of their own.
        """
        words = Analyzer(self.built.language).words()
        numbers: dict[str, int] = {}
        out = np.arange(len(pieces), dtype=np.int64)
        for at, piece in enumerate(pieces):
            stems: list[str] = words.analyze(piece) if piece.isalpha() else []
            if len(stems) == 1:
                out[at] = numbers.setdefault(stems[0], at)
        return out

    def occurrences(self, words: Sequence[str]) -> list[int]:
        """In how many passages each word occurs in any of its forms; of one the analyzer drops or splits, in none."""
        analyzer = Analyzer(self.built.language).words()
        stems = [found[0] if len(found := analyzer.analyze(word)) == 1 else "" for word in words]
        return [int(count) for count in self.tally(Terms(tuple(stems), ()))]

    def named(self, text: str) -> dict[str, bool]:
        """The words of a text as the index has them, and whether each is written with a capital there."""
        return named(text, Analyzer(self.built.language))

    def rotate(self, vector: Floats) -> Floats:
        """An encoder's vector in the coordinates of the index."""
        return np.ascontiguousarray(vector @ self.rotation, dtype=np.float32)

    def terms(self, text: str) -> list[Weighted]:
        """The words of a query that nominate passages of this index."""
        terms = analyze(text, Analyzer(self.built.language))
        return nominating(terms, self.tally(terms).tolist(), self.total)

    def leading(self, texts: Sequence[str], shares: Sequence[float], asked: str) -> list[Weighted]:
        """The words of some texts that a question does not have, as terms to nominate by: the weightiest of them."""
        analyzer = Analyzer(self.built.language)
        known = set(analyze(asked, analyzer).words)
        said: dict[str, float] = {}
        for text, share in zip(texts, shares, strict=True):
            words = [word for word in spoken(text, analyzer) if word not in known]
            for word in words:
                said[word] = said.get(word, 0.0) + share / len(words)
        return leading(said, self.tally(Terms(tuple(said), ())).tolist(), self.total)

    def find(self, passage: str) -> int:
        """The row of a passage id, looked up once in a snapshot. Raises NoPassage."""
        if passage in self.located:
            return self.located[passage]
        record, _, ordinal = passage.rpartition("-")
        try:
            raw, wanted = bytes.fromhex(record), int(ordinal)
        except ValueError:
            raise NoPassage(f"{passage!r} is not a passage id. Take one from `cascade search --json`.") from None
        rows = self.rows_of(raw, wanted) if len(raw) == 16 else np.empty(0, np.int64)
        if not len(rows):
            raise NoPassage(f"There is no passage {passage} in {self.layout.root} (it may have been deleted).")
        self.located[passage] = int(rows[0])
        return self.located[passage]

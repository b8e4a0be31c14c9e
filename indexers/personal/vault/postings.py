"""The words of one segment in memory: which rows hold each term, and how often. What Tantivy is to an index on disk.

Terms come of the index's own analyzer, scores of the same BM25 with the weights of the whole snapshot; lengths are
taken as they are, where Tantivy rounds those above 40 to one byte. Made once, when a segment is sealed: nothing is
analyzed when a vault is unlocked.
Knows terms and rows; knows nothing of vectors, files or grants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.analyzer import Analyzer, whole
from cascade.index.lexical import Terms, Weighted
from cascade.index.vectors import first

K1, B = 1.2, 0.75
"""As Tantivy has them."""

FIELDS = ("words", "exact")


@dataclass(frozen=True, slots=True)
class Postings:
    """One field. Of term t: rows `rows[begins[t]:begins[t + 1]]`, ascending, and how often it stands in each, `times`.

    `terms`: each term, sorted. `begins`: uint32 (t + 1,). `rows`: uint32. `times`: uint16. `lengths`: uint32 (n,),
    terms in each row with repeats.
    """

    terms: list[str]
    begins: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    times: NDArray[np.uint16]
    lengths: NDArray[np.uint32]

    @classmethod
    def of(cls, texts: Iterable[list[str]]) -> Postings:
        """The n-th list is the terms of row n."""
        numbers: dict[str, int] = {}
        terms, rows, times, lengths = [], [], [], []
        for row, found in enumerate(texts):
            lengths.append(len(found))
            for term, count in Counter(found).items():
                terms.append(numbers.setdefault(term, len(numbers)))
                rows.append(row)
                times.append(min(count, 65_535))
        names = list(numbers)
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.empty(len(names), dtype=np.int64)
        rank[order] = np.arange(len(names))
        at = rank[np.array(terms, dtype=np.int64)]
        sorted_ = np.argsort(at, kind="stable")
        begins = np.concatenate(([0], np.cumsum(np.bincount(at, minlength=len(names)))))
        return cls(
            [names[i] for i in order], begins.astype(np.uint32), np.array(rows, dtype=np.uint32)[sorted_],
            np.array(times, dtype=np.uint16)[sorted_], np.array(lengths, dtype=np.uint32),
        )  # fmt: skip


class Words:
    """The words of a segment, open for search, as `cascade.index.lexical.Lexical` is."""

    def __init__(self, fields: dict[str, Postings]) -> None:
        self._fields = fields
        self._numbers = {name: {term: at for at, term in enumerate(field.terms)} for name, field in fields.items()}
        self._norms = {name: _norms(field.lengths) for name, field in fields.items()}

    def frequencies(self, terms: Terms) -> list[int]:
        """In how many passages each term occurs: those of `words`, then those of `exact`."""
        pairs = [("words", value) for value in terms.words] + [("exact", value) for value in terms.exact]
        return [len(self._span(field, value)[0]) for field, value in pairs]

    def search(
        self, terms: Sequence[Weighted], keep: int, only: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Floats]:
        """The best `keep` rows by BM25, best first: int64 (k,), float32 (k,). `only`: rows that may be returned."""
        scores = np.zeros(len(self._fields["words"].lengths), dtype=np.float32)
        for field, value, weight in terms:
            rows, times = self._span(field, value)
            often = times.astype(np.float32)
            scores[rows] += np.float32(weight) * often * np.float32(K1 + 1) / (often + self._norms[field][rows])
        if only is not None:
            scores[~only] = 0
        found = np.flatnonzero(scores)
        best = found[first(scores[found], keep)]
        return best, scores[best]

    def holding(self, word: str) -> Rows:
        """All rows with a word of `words`, ascending."""
        return self._span("words", word)[0].astype(np.int64)

    def _span(self, field: str, value: str) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        postings, at = self._fields[field], self._numbers[field].get(value)
        if at is None:
            return postings.rows[:0], postings.times[:0]
        begin, end = int(postings.begins[at]), int(postings.begins[at + 1])
        return postings.rows[begin:end], postings.times[begin:end]


def _norms(lengths: NDArray[np.uint32]) -> Floats:
    mean = max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9)
    norms: Floats = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
    return norms


def analyzed(texts: Iterable[str], analyzer: Analyzer) -> dict[str, Postings]:
    """The postings of both fields of some texts; the n-th is row n."""
    words, exact = [], []
    stemmed = analyzer.words()
    for text in texts:
        plain, identifiers = analyzer.split(whole(text))
        words.append(stemmed.analyze(plain))
        exact.append(identifiers.split())
    return {"words": Postings.of(words), "exact": Postings.of(exact)}

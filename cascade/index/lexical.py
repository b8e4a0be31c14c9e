"""The words of a segment: BM25 by Tantivy. The home of tantivy, with `analyzer`.

Knows terms and rows; knows nothing of vectors or passages. Terms are weighed by the snapshot's document frequencies, so
that scores can be compared between segments; lengths are measured by the segment's own mean.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.errors import Corrupt
from cascade.index import checks, files
from cascade.index.analyzer import Analyzer, whole

HEAP = 128_000_000
"""Bytes that the Tantivy writer may hold."""

COMMON = 0.1
"""A term in more than this share of the passages does not nominate, if rarer ones are there to do it."""


POSTINGS = 1_000_000
"""Of the terms that nominate, the rarest do that occur in so many passages together; the two rarest in any case. A
posting costs 80 ns (docs/log.md), and beyond some million passages the commoner terms of a question would cost more
than all the rest of it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A query as terms of the two fields, without repeats, in the order of the question."""

    words: tuple[str, ...]
    exact: tuple[str, ...]


class Weighted(NamedTuple):
    """A term of one field and its weight: its idf in the snapshot."""

    field: str
    value: str
    idf: float


def analyze(text: str, analyzer: Analyzer) -> Terms:
    """The terms of a query, made as those of passages are."""
    words, exact = analyzer.split(whole(text))
    return Terms(tuple(dict.fromkeys(analyzer.words().analyze(words))), tuple(dict.fromkeys(exact.split())))


def write(folder: Path, texts: Iterable[str], analyzer: Analyzer) -> None:
    """Index texts; the n-th is row n. One thread, so that rows stay in order."""
    import tantivy

    files.disk.make(folder)
    with files.writing(folder, ValueError), _panics_raised():
        index = tantivy.Index(_schema(), str(folder))
        _register(index, analyzer)
        writer = index.writer(heap_size=HEAP, num_threads=1)
        for row, text in enumerate(texts):
            words, exact = analyzer.split(text)
            document = tantivy.Document()
            document.add_unsigned("row", row)
            document.add_text("words", words)
            if exact:
                document.add_text("exact", exact)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".lock"):
            files.disk.remove(path)
        else:
            files.disk.flush(path)


class Lexical:
    """The words of one segment of so many passages, open for search. Raises Corrupt where they do not fit."""

    def __init__(self, folder: Path, analyzer: Analyzer, passages: int) -> None:
        self._folder = folder
        with _sound(folder):
            self._index = self._opened()
            if self._index.schema != (schema := _schema()):
                checks.refuse(folder, "has other fields than the words of a segment have")
            _register(self._index, analyzer)
            self._schema = schema
            self._searcher: Any = self._index.searcher()
            self._total = int(self._searcher.num_docs)
        if self._total != passages:
            checks.refuse(folder, f"holds the words of {self._total:,} passages, and the segment has {passages:,}")

    def _opened(self) -> Any:
        """Open the index; where nothing may be written, through links: tantivy makes a lock file even to read."""
        import tantivy

        try:
            return tantivy.Index.open(str(self._folder))
        except ValueError as error:
            if "Lockfile" not in str(error):
                raise
        aside = Path(tempfile.mkdtemp(prefix="cascade-words-"))
        weakref.finalize(self, shutil.rmtree, aside, ignore_errors=True)
        for path in self._folder.iterdir():
            if path.suffix != ".lock":
                (aside / path.name).symlink_to(path.resolve())
        return tantivy.Index.open(str(aside))

    def frequencies(self, terms: Terms) -> list[int]:
        """In how many passages each term occurs: those of `words`, then those of `exact`."""
        pairs = [("words", value) for value in terms.words] + [("exact", value) for value in terms.exact]
        return [self._count(field, value) for field, value in pairs]

    def _count(self, field: str, value: str) -> int:
        with _sound(self._folder):
            count = int(self._searcher.doc_freq(field, value))
        if count > self._total:
            checks.refuse(self._folder, f"says that a word is in {count:,} of {self._total:,} passages")
        return count

    def search(
        self, terms: Sequence[Weighted], keep: int, only: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Floats]:
        """The best `keep` rows by BM25, best first: int64 (k,), float32 (k,). `only`: rows that may be returned.

        With `only`, asks ever deeper until `keep` are found or nothing is left.
        """
        query = self._query(terms)
        if query is None or keep < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        total = self._total
        depth = min(keep, total)
        while True:
            rows, scores = self._hits(query, depth)
            exhausted = len(rows) < depth or depth >= total
            if only is not None:
                allowed = only[rows]
                rows, scores = rows[allowed], scores[allowed]
            if len(rows) >= keep or exhausted:
                return rows[:keep], scores[:keep]
            depth = min(depth * 4, total)

    def holding(self, word: str) -> Rows:
        """All rows with a word of `words`, ascending: for rare ones."""
        import tantivy

        if not (here := self._count("words", word)):
            return np.empty(0, np.int64)
        rows, _ = self._hits(tantivy.Query.term_query(self._schema, "words", word, "freq"), here)
        return np.sort(rows)

    def _hits(self, query: Any, depth: int) -> tuple[Rows, Floats]:
        with _sound(self._folder):
            hits = self._searcher.search(query, limit=max(depth, 1), count=False).hits
            rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        if any(row is None or row >= self._total for row in rows):
            checks.refuse(self._folder, f"names rows that are not there (the segment has {self._total:,} passages)")
        return np.array(rows, dtype=np.int64), np.array([score for score, _ in hits], dtype=np.float32)

    def _query(self, terms: Sequence[Weighted]) -> Any:
        import tantivy

        total, clauses = self._total, []
        for field, value, weight in terms:
            if here := self._count(field, value):
                term = tantivy.Query.term_query(self._schema, field, value, "freq")
                boosted = tantivy.Query.boost_query(term, weight / idf(total, here))
                clauses.append((tantivy.Occur.Should, boosted))
        return tantivy.Query.boolean_query(clauses) if clauses else None


class Wordless:
    """The words of a segment whose lexical index is damaged: none. Its passages are found by vectors alone."""

    def frequencies(self, terms: Terms) -> list[int]:
        """No passage has any term."""
        return [0] * (len(terms.words) + len(terms.exact))

    def search(
        self, terms: Sequence[Weighted], keep: int, only: NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Floats]:  # fmt: skip
        """Nothing."""
        return np.empty(0, np.int64), np.empty(0, np.float32)

    def holding(self, word: str) -> Rows:
        """No rows."""
        return np.empty(0, np.int64)


@contextmanager
def _sound(folder: Path) -> Iterator[None]:
    """Whatever Tantivy raises at files it did not write so, a panic among them, as Corrupt."""
    try:
        yield
    except Corrupt:
        raise
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and not _panic(error):
            raise
        raise files.unopened(folder, error) from error


@contextmanager
def _panics_raised() -> Iterator[None]:
    """A panic of Tantivy (when it may start no thread, say) as a ValueError, which is an Exception."""
    try:
        yield
    except BaseException as error:
        if not _panic(error):
            raise
        raise ValueError(str(error)) from error


def _panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException"


def idf(passages: int, frequency: int) -> float:
    """As Tantivy and Lucene have it: ln(1 + (N - n + 0.5) / (n + 0.5))."""
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))


def nominating(terms: Terms, frequencies: Sequence[int], passages: int) -> list[Weighted]:
    """The terms that nominate, with their idf among all passages: the rare ones, or else the two least common.

    Decided for all segments together. Were each to choose for itself, those without the one rare word of a question
    would nominate by its common words, and their many hits would crowd out the passage that has the rare one.
    """
    pairs = [("words", value) for value in terms.words] + [("exact", value) for value in terms.exact]
    found = [(count, *pair) for count, pair in zip(frequencies, pairs, strict=True) if count]
    rare = [term for term in found if term[0] <= COMMON * passages] or sorted(found)[:2]
    afforded, spent = {*sorted(rare)[:2]}, 0
    for term in sorted(rare):
        spent += term[0]
        if spent <= POSTINGS:
            afforded.add(term)
    chosen = [term for term in rare if term in afforded]
    return [Weighted(field, value, idf(passages, count)) for count, field, value in chosen]


LEADING = 30
"""Most words that the best passages nominate by."""


def spoken(text: str, analyzer: Analyzer) -> list[str]:
    """The words of a passage as its index has them, with repeats."""
    words: list[str] = analyzer.words().analyze(analyzer.split(whole(text))[0])
    return words


_TOKEN = re.compile(r"[^\W_]+")


def named(text: str, analyzer: Analyzer) -> dict[str, bool]:
    """The words of a text as its index has them, and whether any form of each is written with a capital."""
    tokens, words = _TOKEN.findall(whole(text)), analyzer.words()
    stems: list[str] = words.analyze(" ".join(tokens))
    pairs = zip(tokens, stems, strict=True) if len(stems) == len(tokens) else _each(tokens, words)
    found: dict[str, bool] = {}
    for token, stem in pairs:
        found[stem] = found.get(stem, False) or token[0].isupper()
    return found


def _each(tokens: Iterable[str], words: Any) -> Iterator[tuple[str, str]]:
    """Tokens with their words, where the analyzer drops or splits some."""
    return ((token, word) for token in tokens for word in words.analyze(token))


def leading(said: Mapping[str, float], frequencies: Sequence[int], passages: int) -> list[Weighted]:
    """The weightiest words of a relevance model: its share of each, times rarity squared (as `feedback` has it)."""
    rarity = [idf(passages, count) for count in frequencies]
    value = {word: share * rare * rare for (word, share), rare in zip(said.items(), rarity, strict=True)}
    chosen = sorted(value, key=lambda word: (-value[word], word))[:LEADING]
    most = sum(value[word] for word in chosen)
    rare = dict(zip(said, rarity, strict=True))
    return [Weighted("words", word, value[word] / most * rare[word]) for word in chosen if most]


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", fast=True)
    builder.add_text_field("words", tokenizer_name="words", index_option="freq")
    builder.add_text_field("exact", tokenizer_name="exact", index_option="freq")
    return builder.build()


def _register(index: Any, analyzer: Analyzer) -> None:
    index.register_tokenizer("words", analyzer.words())
    index.register_tokenizer("exact", analyzer.exact())

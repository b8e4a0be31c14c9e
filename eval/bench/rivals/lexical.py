"""bm25s: BM25 alone, from scores computed when it is built; compiled, stemmed and without stop words, as its page says.

Knows bm25s and the protocol of rivals.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cascade.data import Rows
from eval.bench.rivals.base import Asked, Comparison, Facts, Setting, Usual
from eval.bench.rivals.given import Given
from eval.peers.base import need


class Words(Usual):
    """An index of words, memory-mapped."""

    name = "bm25s"
    compares = Comparison.RETRIEVAL
    page = "https://github.com/xhluca/bm25s"

    def build(self, given: Given, folder: Path) -> Facts:
        """Tokenize and score all passages, and save them."""
        bm25s = need("bm25s")
        self._stemmer = need("Stemmer").Stemmer("english")
        index = bm25s.BM25(backend="numba")
        index.index(self._tokens(list(given.texts())), show_progress=False)
        index.save(str(folder), show_progress=False)
        return {"index": "lucene BM25, numba", "stemmer": "english"}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Map the index."""
        self._stemmer = need("Stemmer").Stemmer("english")
        self._index: Any = need("bm25s").BM25.load(str(folder), mmap=True)
        self._index.compile(activate_numba=True)
        self._most = len(given)

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The best by words, not sorted."""
        tokens = self._tokens([asked.text])
        how = {"k": min(k, self._most), "sorted": False, "show_progress": False}
        return self._index.retrieve(tokens, **how)

    def rows(self, found: Any) -> Rows:
        """Those that share a word with the question; places that were filled with others are left out."""
        documents, scores = np.asarray(found.documents)[0], np.asarray(found.scores)[0]
        rows: Rows = documents[scores > 0].astype(np.int64)
        return rows

    def _tokens(self, texts: list[str]) -> Any:
        bm25s: Any = need("bm25s")
        return bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)

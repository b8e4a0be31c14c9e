"""Cascade as a rival: the rows its codes nominate for a vector, and its whole Retrieve stage with words.

Both are asked of one index, made by `ingest` from the same texts with the vectors given, so that building it takes in
text, tokens, words and codes. Where few rows are asked for, more are nominated and compared again by the int8 vectors,
as the scan does. Knows the index and the stage; knows no other engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cascade.config import RetrieveConfig
from cascade.data import Floats, Query, Rows
from cascade.index import vectors
from cascade.index.catalog import LOCATOR
from cascade.index.layout import CODED, VECTORS
from cascade.index.nominate import Reach
from cascade.index.snapshot import Snapshot
from cascade.ledger import Ledger
from cascade.stages.retrieve import Retrieve
from eval.bench.rivals.base import OURS, SHARES, Asked, Comparison, Facts, Series, Setting, Usual
from eval.bench.rivals.given import Given
from eval.bench.rivals.kept import Kept
from indexers.compact import Shape
from indexers.ingest import IngestConfig, ingest
from indexers.records import Record, Skipped

FEWEST = 1
"""Lists that are read in any case: what a question costs is set by codes alone."""


class Passages:
    """The passages given as a source: a record each, named by its row."""

    name = "passages"

    def __init__(self, given: Given) -> None:
        self._given = given

    def read(self) -> Iterator[Record | Skipped]:
        """Each passage, in order."""
        for row, text in enumerate(self._given.texts()):
            yield Record(self.name, str(row), text)


class _Cascade(Usual):
    """An index of the passages, open in this process."""

    page = "docs/architecture.md"
    shape = Shape()

    def build(self, given: Given, folder: Path) -> Facts:
        """Add every passage, as `cascade add` does."""
        encoder = Kept(given)
        report = ingest(folder / "index", [Passages(given)], encoder, IngestConfig(shape=self.shape))
        facts = {
            name: _bytes(folder, parts) for name, parts in {"codes_bytes": CODED, "int8_bytes": (VECTORS,)}.items()
        }
        return {"index": "cascade add", "passages": report.passages, "encoded": encoder.computed, **facts}

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Open the newest snapshot and learn which row is which passage."""
        self._snapshot = Snapshot(folder / "index", threads)
        self._encoder = Kept(given)
        self._rows = np.concatenate([self._named(number) for number in range(len(self._snapshot.segments))])

    def rows(self, found: Any) -> Rows:
        """The passages of rows of the snapshot."""
        rows: Rows = self._rows[found]
        return rows

    def _named(self, number: int) -> Rows:
        local = np.arange(len(self._snapshot.segments[number]), dtype=np.int64)
        facts = self._snapshot.catalog.fetch(number, local)
        return np.array([int(fact[LOCATOR]) for fact in facts], dtype=np.int64)


def _bytes(folder: Path, names: Sequence[str]) -> int:
    return sum(path.stat().st_size for name in names for path in folder.rglob(name))


class Nomination(_Cascade):
    """Rows by a vector alone: codes of the nearest lists, compared again by int8 vectors where k is small."""

    name = OURS
    compares = Comparison.NOMINATION

    def settings(self, k: int) -> Sequence[Series]:
        """Codes `scanned`, by how many times k are `compared` again by int8 ; every vector (`exact`)."""
        if not self._snapshot.lists:
            return [[{"exact": 1}]]
        counts = sorted({max(k, round(len(self._rows) * share)) for share in SHARES})
        compared = (0,) if k > 1_000 else (8, 32)
        return [*([{"scanned": count, "compared": times} for count in counts] for times in compared), [{"exact": 1}]]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The nearest, as rows of the snapshot."""
        vector = self._snapshot.rotate(asked.vector)
        if setting.get("exact"):
            return self._snapshot.nominate(vector, None, True, Reach(k, k, FEWEST)).rows
        times, scanned = int(setting["compared"]), int(setting["scanned"])
        rows = self._snapshot.nominate(vector, None, False, Reach(max(1, times) * k, scanned, FEWEST)).rows
        return self._best(rows, vector, k) if times else rows

    def _best(self, rows: Rows, vector: Floats, k: int) -> Rows:
        scores = np.empty(len(rows), dtype=np.float32)
        for number, positions, local in self._snapshot.split(rows):
            scores[positions] = vectors.exact(self._snapshot.segments[number].seen(local), vector, local)
        return rows[vectors.best(scores, k)]


class Coded(Nomination):
    """The same with lists and codes from the first passage on, which an index has by itself above `Shape.exact`."""

    name = "cascade-codes"
    shape = Shape(exact=0)


class Retrieval(_Cascade):
    """The whole stage: vectors and words, and the union of both."""

    name = "cascade-retrieve"
    compares = Comparison.RETRIEVAL
    shares = OURS

    def settings(self, k: int) -> Sequence[Series]:
        """Codes `scanned`; words nominate as many as the engine lets them, or k."""
        shares = SHARES if self._snapshot.lists else SHARES[-1:]
        counts = sorted({max(k, round(len(self._rows) * share)) for share in shares})
        return [[{"scanned": count} for count in counts]]

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """The candidates, as rows of the snapshot."""
        words = min(k, RetrieveConfig().lexical)
        config = RetrieveConfig(width=k, lexical=words, scanned=int(setting["scanned"]), fewest=FEWEST)
        return Retrieve(self._snapshot, self._encoder, config).run(Query(asked.text, Ledger())).rows

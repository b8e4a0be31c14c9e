"""One question through retrieval, with everything the scan found of every candidate, so that any fusion can be tried.

Knows the engine's stages from outside; measures nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cascade.config import RerankConfig
from cascade.data import Candidates, Floats, Rows
from cascade.engine import Engine
from cascade.index import vectors
from cascade.index.fusion import Circumstance
from cascade.index.nominate import cut
from cascade.index.scan import SCANNED, Feature
from cascade.index.snapshot import Snapshot
from cascade.stages.eyes import hand_set
from cascade.stages.rerank import Rerank
from cascade.stages.retrieve import Retrieve
from eval.bench.conversation import Asked

_NONE = np.zeros(len(Circumstance), np.float32)

RRF = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)."""


@dataclass(frozen=True, slots=True)
class Read:
    """The candidates of one question and the scan's features of each, float32 (n, features)."""

    candidates: Candidates
    features: Floats

    @property
    def bm25(self) -> Rows:
        """Rows by Tantivy's BM25, best first; only those that words nominated."""
        return _best_first(self.candidates.rows, self.candidates.lexical)

    @property
    def dense(self) -> Rows:
        """Rows by the exact cosine, best first."""
        return _best_first(self.candidates.rows, self.features[:, Feature.DENSE])

    @property
    def rrf(self) -> Rows:
        """Both lists by reciprocal rank fusion."""
        scores = np.zeros(len(self.candidates), dtype=np.float32)
        for ranked in (self.bm25, self.dense):
            at = np.searchsorted(self.candidates.rows, ranked)
            scores[at] += 1.0 / (RRF + 1 + np.arange(len(ranked), dtype=np.float32))
        return _best_first(self.candidates.rows, scores)

    def fused(self, config: RerankConfig) -> Rows:
        """Rows in the order of a hand-set fusion."""
        return _best_first(self.candidates.rows, hand_set(config).scores(self.features, _NONE))


def read(engine: Engine, retrieve: Retrieve, question: Asked) -> Read:
    """Ask, and scan every candidate."""
    query = engine.query(question.text, history=question.history)
    candidates = retrieve.run(query)
    probe = Rerank(engine.snapshot, engine.eyes, engine.config.rerank).probe(query.sought, candidates.vector)
    features = np.zeros((len(candidates), len(Feature)), dtype=np.float32)
    features[:, :SCANNED] = engine.snapshot.scan(candidates.rows, probe)[0]
    features[:, Feature.STEMS] = candidates.stems(candidates.rows)
    return Read(candidates, features)


def exact(snapshot: Snapshot, vector: Floats, keep: int) -> Rows:
    """The `keep` live rows nearest to a rotated query vector, by int8 dot products over all of them, ascending."""
    return np.sort(nearest(snapshot, vector, keep))


def nearest(snapshot: Snapshot, vector: Floats, keep: int) -> Rows:
    """The same rows, nearest first."""

    def work(number: int) -> tuple[Rows, Floats]:
        scores = vectors.exact(snapshot.segments[number].vectors(), vector)
        scores = np.where(snapshot.live[number], scores, np.float32(-2))
        top = vectors.best(scores, keep)
        top = top[snapshot.live[number][top]]
        return top + snapshot.bases[number], scores[top]

    parts = snapshot.each(work)
    rows, scores = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    return _best_first(*cut(rows, scores, keep))


def _best_first(rows: Rows, scores: NDArray[np.float32]) -> Rows:
    known = np.flatnonzero(~np.isnan(scores))
    ordered: Rows = rows[known[np.argsort(-scores[known], kind="stable")]]
    return ordered

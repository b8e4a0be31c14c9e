"""Rerank: every candidate -> at most 117 passages.

Scan reads all candidates at token level and full precision; a fusion makes one score of what it finds; an optional
cross-encoder judges the best; Select takes the best, for a context without near-duplicates and with some variety.
Knows candidates and the snapshot; knows nothing of how they were nominated, of packing or readers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cascade.config import RerankConfig
from cascade.data import Candidates, Floats, Passage, Query, Ranked, Ranking, Rows
from cascade.index import vectors
from cascade.index.probe import Asked, Probe, Statistics, distinct, prepare
from cascade.index.scan import Feature, scan
from cascade.index.snapshot import Snapshot
from cascade.ledger import Entry, Fate
from cascade.models.base import Scorer
from cascade.stages.base import Stage

CHUNK = 4096
"""Candidates in one unit of work: small enough to share between threads and to stop at a deadline."""

IRRELEVANT = 0.003
"""Relevance below which no judge may raise a passage: about cosine 0.2 and a quarter of the words."""

_WORD = re.compile(r"\w+")

SPARE = 64
"""Passages read beyond those kept, so that ties at the cut are broken by passage id."""


class Vocabulary(Protocol):
    """What the scan needs of the vocabulary."""

    @property
    def unknown(self) -> int:
        """The id of pieces that mean nothing."""
        ...

    @property
    def size(self) -> int:
        """How many pieces there are."""
        ...

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as written."""
        ...

    def encode(self, texts: list[str]) -> list[NDArray[np.uint16]]:
        """Token ids of each text."""
        ...


class Table(Protocol):
    """What the scan needs of the token table."""

    def similarity(self, ids: NDArray[np.uint16]) -> Floats:
        """float32 (q, vocabulary): cosines of these tokens with all."""
        ...


class Eyes(NamedTuple):
    """What the scan reads with: made once for a snapshot."""

    vocabulary: Vocabulary
    table: Table
    statistics: Statistics

    @classmethod
    def of(cls, snapshot: Snapshot, vocabulary: Vocabulary, table: Table) -> Eyes:
        """Gather what the scan needs to know of a snapshot: about 0.1 s."""
        families = snapshot.families(vocabulary.pieces(list(range(vocabulary.size))))
        stats = Statistics(int(snapshot.bases[-1]), snapshot.frequencies, snapshot.mean_length, families)
        return cls(vocabulary, table, stats)


class Scored(NamedTuple):
    """Candidates that were read: ascending rows, features float32 (n, 6) and scores float32 (n,)."""

    rows: Rows
    features: Floats
    scores: Floats


class Found(NamedTuple):
    """The best candidates, read: rows, scores and passages, one each."""

    rows: Rows
    scores: Floats
    passages: list[Passage]


class Rerank(Stage[Candidates, Ranking]):
    """Scan, fuse, judge, select. `select`: make room for variety, as a context wants; a search wants plain order."""

    def __init__(
        self, snapshot: Snapshot, eyes: Eyes, config: RerankConfig | None = None, scorer: Scorer | None = None,
        select: bool = True,
    ) -> None:  # fmt: skip
        self.snapshot, self.eyes, self.scorer, self.select = snapshot, eyes, scorer, select
        self.config = config or RerankConfig()

    def __repr__(self) -> str:
        return f"Rerank(keep={self.config.keep})"

    def run(self, given: Candidates) -> Ranking:
        query = given.query
        with query.ledger.stage("scan", len(given)) as entry:
            scored = self._scan(given, entry)
            entry.given = len(scored.rows)
        with query.ledger.stage("select", len(scored.rows)) as entry:
            ranked = self._rank(query, scored, entry)
            entry.given = len(ranked)
            self._note_fates(given, scored, ranked)
        return Ranking(query, given, ranked)

    def probe(self, text: str, vector: Floats) -> Probe:
        """A query made ready for the scan."""
        vocabulary, statistics = self.eyes.vocabulary, self.eyes.statistics
        ids = vocabulary.encode([text])[0]
        ids = ids[ids != vocabulary.unknown]
        spelled = vocabulary.pieces(ids.tolist())
        words = np.cumsum([not piece.startswith("##") for piece in spelled], dtype=np.int64) - 1
        whole = [
            "".join(p.removeprefix("##") for p, w in zip(spelled, words, strict=True) if w == n)
            for n in set(words.tolist())
        ]
        asked = Asked(ids, words, np.array(self.snapshot.occurrences(whole), dtype=np.float64))
        pieces = distinct(ids, statistics)
        return prepare(vector, asked, pieces, self.eyes.table.similarity(pieces), statistics)

    def _scan(self, given: Candidates, entry: Entry) -> Scored:
        query = given.query
        probe = self.probe(query.sought, given.vector)
        rows = given.rows if query.deadline is None else given.rows[np.argsort(_place(given), kind="stable")]
        parts = [rows[begin : begin + CHUNK] for begin in range(0, len(rows), CHUNK)]

        def read(number: int) -> tuple[Floats, int] | None:
            if query.ledger.left(query.deadline) <= 0 and number > 0:
                return None
            out = np.empty((len(parts[number]), len(Feature)), dtype=np.float32)
            spent = 0
            for held, positions, local in self.snapshot.split(parts[number]):
                out[positions], read_bytes = scan(self.snapshot.segments[held], local, probe)
                spent += read_bytes
            return out, spent

        found = self.snapshot.each(read, range(len(parts)))
        done = [(part, f) for part, f in zip(parts, found, strict=True) if f is not None]
        if len(done) < len(parts):
            entry.notes["late"] = True
        entry.bytes += sum(spent for _, (_, spent) in done)
        if not done:
            return Scored(np.empty(0, np.int64), np.empty((0, len(Feature)), np.float32), np.empty(0, np.float32))
        seen, features = np.concatenate([part for part, _ in done]), np.concatenate([f for _, (f, _) in done])
        return Scored(seen, features, fuse(features, self.config))

    def _rank(self, query: Query, scored: Scored, entry: Entry) -> tuple[Ranked, ...]:
        keep = self.config.keep
        reach = keep * 2 + SPARE if self.select else keep + SPARE
        if self.scorer is not None:
            reach = max(reach, self.config.judged)
        top = vectors.best(scored.scores, reach)
        passages, entry.bytes = self.snapshot.read_counting(scored.rows[top])
        scores, relevance = scored.scores[top], relevances(scored.features[top])
        if self.scorer is not None:
            scores, relevance = self._judge(query, scores, relevance, passages, entry)
        order = sorted(range(len(top)), key=lambda i: (-scores[i], passages[i].id))
        if self.select:
            order = self._varied(Found(scored.rows[top], scores, passages), order, entry)
        chosen = [i for i in order[:keep] if not self.select or relevance[i] >= self.config.floor]
        return tuple(
            Ranked(rank, int(scored.rows[top[i]]), float(scores[i]), float(relevance[i]), passages[i])
            for rank, i in enumerate(chosen, 1)
        )

    def _judge(
        self, query: Query, scores: Floats, relevance: Floats, passages: list[Passage], entry: Entry
    ) -> tuple[Floats, Floats]:
        """Mix in a cross-encoder's view of the best. It may not raise what the scan found irrelevant (phantom hits)."""
        if self.scorer is None or not passages or query.ledger.left(query.deadline) <= 0:
            entry.notes["judged"] = 0
            return scores, relevance
        read = np.argsort(-scores, kind="stable")[: self.config.judged]
        texts = [f"{passages[i].name}\n{passages[i].text}".strip() for i in read.tolist()]
        opinion = self.scorer.score(query.text, texts)
        mixed = (1 - self.config.trust) * relevance[read] + self.config.trust * opinion
        guarded = np.where(relevance[read] < IRRELEVANT, np.minimum(mixed, relevance[read]), mixed)
        entry.notes |= {"judged": len(read), "scorer": self.scorer.name}
        out, sure = scores - (scores.max() - scores.min()) - 2, relevance.copy()
        out[read], sure[read] = guarded, guarded
        return out.astype(np.float32), sure.astype(np.float32)

    def _varied(self, found: Found, order: list[int], entry: Entry) -> list[int]:
        """Leave out repeats and prefer novelty a little: MMR (Carbonell and Goldstein 1998) on int8 vectors.

        A repeat says the same words in the same order. Likeness of vectors alone would drop a near-duplicate with one
        changed fact, which is just what a question may be about.
        """
        if not order:
            return []
        rows, scores, passages = found
        said: dict[str, int] = {}
        for i in order:
            said.setdefault(" ".join(_WORD.findall(passages[i].text.casefold())), i)
        entry.notes["collapsed"] = len(order) - len(said)
        ordered = np.array(list(said.values()), dtype=np.int64)
        known = vectors.dequantize(self.snapshot.vectors(rows[ordered]))
        known /= np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-9)
        lowest, highest = float(scores[ordered].min()), float(scores[ordered].max())
        value = (scores[ordered].astype(np.float64) - lowest) / max(highest - lowest, 1e-9)
        nearest = np.zeros(len(ordered))
        open_ = np.ones(len(ordered), dtype=bool)
        chosen: list[int] = []
        while len(chosen) < self.config.keep and open_.any():
            gain = np.where(open_, value * (1 - self.config.diversity * np.maximum(nearest, 0)), -np.inf)
            pick = int(np.argmax(gain))
            chosen.append(pick)
            cosines = known @ known[pick]
            open_[pick] = False
            nearest = np.maximum(nearest, cosines)
        varied: list[int] = ordered[chosen].tolist()
        return varied

    def _note_fates(self, given: Candidates, scored: Scored, ranked: tuple[Ranked, ...]) -> None:
        query = given.query
        for passage in query.trace:
            row = self.snapshot.find(passage)
            at = np.flatnonzero(scored.rows == row)
            if not len(at):
                why = "was not read in time" if row in given.rows else "was not among the candidates"
                query.ledger.fate(Fate("rerank", passage, False, None, None, None, why))
                continue
            score = float(scored.scores[at[0]])
            rank = int((scored.scores > score).sum()) + 1
            last = float(
                -np.partition(-scored.scores, min(self.config.keep, len(scored.scores)) - 1)[: self.config.keep].max()
            )
            kept = any(r.passage.id == passage for r in ranked)
            said = ", ".join(f"{f.name.lower()} {scored.features[at[0], f]:.3f}" for f in Feature)
            why = f"{said}; " + ("selected" if kept else _why_not(rank, self.config.keep))
            query.ledger.fate(Fate("rerank", passage, kept, rank, score, score - last, why))


def _why_not(rank: int, keep: int) -> str:
    return (
        f"below the best {keep}"
        if rank > keep
        else "it repeats a passage that ranks higher, or of too little relevance"
    )


def fuse(features: Floats, config: RerankConfig) -> Floats:
    """One score from the scan's features, float32 (n,): a weighted sum of z-scores over the candidates.

    The weights of vectors, BM25 and cubed late interaction are DESIGN section 10's hand-set ones.
    """
    if not len(features):
        return np.empty(0, np.float32)
    spread = features.std(axis=0, dtype=np.float64)
    z = (features - features.mean(axis=0, dtype=np.float64)) / np.where(spread > 1e-9, spread, 1.0)
    weights = np.zeros(len(Feature))
    weights[[Feature.DENSE, Feature.BM25, Feature.LATE]] = config.dense, config.bm25, config.late
    weights[[Feature.PAIRS, Feature.HEAD]] = config.pairs, config.head
    fused: Floats = (z @ weights).astype(np.float32)
    return fused


def relevances(features: Floats) -> Floats:
    """Relevance 0..1 from absolute features, float32 (n,), comparable between queries.

    A logistic regression on the best 200 of 540 questions of nine labelled sets in one index (docs/log.md). Judgments
    are sparse, so it is a lower bound: one relevant passage in two hundred is the rule.
    """
    x = features.astype(np.float64)
    read = [Feature.DENSE, Feature.LATE, Feature.COVERAGE, Feature.PAIRS]
    logit = x[:, read] @ np.array([5.9, 1.35, 1.3, 2.3]) - 7.65
    relevance: Floats = (1.0 / (1.0 + np.exp(-logit))).astype(np.float32)
    return relevance


def _place(given: Candidates) -> NDArray[np.int64]:
    """How early each candidate was nominated by either list."""
    place = np.full(len(given), len(given), dtype=np.int64)
    for scores in (given.dense, given.lexical):
        order = np.argsort(np.where(np.isnan(scores), np.inf, -scores), kind="stable")
        ranks = np.empty(len(given), dtype=np.int64)
        ranks[order] = np.arange(len(given))
        place = np.minimum(place, np.where(np.isnan(scores), len(given), ranks))
    return place

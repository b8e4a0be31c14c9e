"""Rerank: every candidate -> at most 117 passages.

Scan reads all candidates at token level and full precision; a fusion makes one score of what it finds; the best tell
what else to look for, in all candidates and in the whole index, and what they lead to; an optional cross-encoder judges
the best; Select takes the best, for a context without near-duplicates and with some variety.
Knows candidates and the snapshot; knows nothing of how they were nominated, of packing or readers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade.config import RerankConfig
from cascade.data import Candidates, Floats, Lead, Query, Ranked, Ranking, Rows
from cascade.index import vectors
from cascade.index.bridges import Walk
from cascade.index.corpus import Corpus
from cascade.index.feedback import LEADS, centre, listen
from cascade.index.fusion import circumstances
from cascade.index.probe import Asked, Probe, distinct, foreign, legible, prepare, readable
from cascade.index.rows import held
from cascade.index.scan import SCANNED, Feature
from cascade.ledger import Entry, Fate
from cascade.models.base import Scorer
from cascade.stages.base import Stage
from cascade.stages.eyes import Eyes
from cascade.stages.selecting import Found, levelled, linked, stop, varied

SCARCE = 2.0
"""Seconds: where a deadline leaves less, not all may be read. Reading out of order takes half as long again."""

FAR, FEW = 0.2, 0.25
"""Cosine, and share of the question's words, below which both no judge may raise a passage."""

SPARE = 64
"""Passages read beyond those kept, so that ties at the cut are broken by passage id."""

T = TypeVar("T")

Again = Callable[[Candidates, Lead], Candidates]
"""Nominates more candidates by what the best passages say: returns those there were, and the new ones."""


class Scored(NamedTuple):
    """Candidates that were read: rows, features float32 (n, features), and as they were fused, float32 (n,).

    `scores` are those they are ranked by: as fused, with links raised.
    """

    rows: Rows
    features: Floats
    fused: Floats
    scores: Floats


class Rerank(Stage[Candidates, Ranking]):
    """Scan, fuse, judge, select. `select`: make room for variety, as a context wants; a search wants plain order."""

    def __init__(
        self, snapshot: Corpus, eyes: Eyes, config: RerankConfig | None = None, scorer: Scorer | None = None,
        select: bool = True, again: Again | None = None,
    ) -> None:  # fmt: skip
        self.snapshot, self.eyes, self.scorer, self.select, self.again = snapshot, eyes, scorer, select, again
        self.config = config or RerankConfig()

    def __repr__(self) -> str:
        return f"Rerank(keep={self.config.keep})"

    def run(self, given: Candidates) -> Ranking:
        """Rank all candidates."""
        query = given.query
        given, scored = self.read(given)
        with query.ledger.stage("select", len(scored.rows)) as entry:
            ranked = self._rank(query, scored, entry)
            entry.given = len(ranked)
            self._note_fates(given, scored, ranked)
        return Ranking(query, given, ranked)

    def read(self, given: Candidates) -> tuple[Candidates, Scored]:
        """Read all candidates, and those that the best of them lead to: what is known of each, and its score."""
        query = given.query
        with query.ledger.stage("scan", len(given)) as entry:
            probe = self.probe(query.sought, given.vector)
            scored = self._scan(given, probe, entry)
            entry.given = len(scored.rows)
        for _ in range(self.config.rounds if self.again else 0):
            with query.ledger.stage("again", len(scored.rows)) as entry:
                given, scored = self._again(given, scored, probe, entry)
                entry.given = len(scored.rows)
        with query.ledger.stage("feedback", len(scored.rows)) as entry:
            given, scored = self._feedback(given, scored, probe, entry)
            entry.given = len(scored.rows)
        return given, scored

    def probe(self, text: str, vector: Floats) -> Probe:
        """A query made ready for the scan."""
        vocabulary, statistics = self.eyes.vocabulary, self.eyes.statistics
        said = readable(text)
        ids = vocabulary.encode([said])[0]
        ids = ids[ids != vocabulary.unknown]
        spelled = vocabulary.pieces(ids.tolist())
        words = np.cumsum([not piece.startswith("##") for piece in spelled], dtype=np.int64) - 1
        whole = [""] * (int(words[-1]) + 1 if len(words) else 0)
        for piece, word in zip(spelled, words.tolist(), strict=True):
            whole[word] += piece.removeprefix("##")
        asked = Asked(ids, words, np.array(self.snapshot.occurrences(whole), dtype=np.float64))
        pieces = distinct(ids, statistics)
        strange = foreign(text, spelled) if said == text else 1.0
        alike = self.eyes.table.similarity(pieces)
        return prepare(vector, asked, pieces, alike, statistics, legible(text, spelled), strange)

    def _scan(self, given: Candidates, probe: Probe, entry: Entry) -> Scored:
        """Read candidates: in the order in which they lie, or the likeliest first where time is scarce."""
        query = given.query
        scarce = query.ledger.left(query.deadline) < SCARCE
        rows = given.rows[np.argsort(_place(given), kind="stable")] if scarce else given.rows

        def work(rows: Rows) -> tuple[Floats, int]:
            out = np.zeros((len(rows), len(Feature)), dtype=np.float32)
            out[:, :SCANNED], spent = self.snapshot.scan(rows, probe)
            return out, spent

        at, found = self._in_parts(query, rows, work, entry)
        seen = rows[at]
        entry.bytes += sum(spent for _, spent in found)
        features = np.concatenate([np.empty((0, len(Feature)), np.float32), *(part for part, _ in found)])
        features[:, Feature.STEMS] = given.stems(seen)
        scores = self._fused(features, probe)
        return Scored(seen, features, scores, scores)

    def _fused(self, features: Floats, probe: Probe) -> Floats:
        told = circumstances(features, probe.sight.words.idf, probe.foreign)
        return self.eyes.fusion.scores(features, told, probe.legible)

    def _in_parts(
        self, query: Query, rows: Rows, work: Callable[[Rows], T], entry: Entry
    ) -> tuple[NDArray[np.int64], list[T]]:
        """Work on rows in parallel, a unit of work at a time, until the deadline; the first part is always done.

        Returns which of the rows were worked on, and what came of each part.
        """
        size = self.snapshot.chunk
        parts = [np.arange(begin, min(begin + size, len(rows))) for begin in range(0, len(rows), size)]

        def one(number: int) -> T | None:
            return work(rows[parts[number]]) if not number or query.ledger.left(query.deadline) > 0 else None

        found = self.snapshot.each(one, range(len(parts)))
        done = [(part, made) for part, made in zip(parts, found, strict=True) if made is not None]
        if len(done) < len(parts):
            entry.notes["late"] = True
        return np.concatenate([np.empty(0, np.int64), *(part for part, _ in done)]), [made for _, made in done]

    def _again(self, given: Candidates, scored: Scored, probe: Probe, entry: Entry) -> tuple[Candidates, Scored]:
        """Let the best passages nominate more, by their words and their middle, and read those."""
        best, shares = self._believed(given, scored, entry)
        if self.again is None or not len(best):
            return given, scored
        texts = tuple(f"{passage.name}\n{passage.text}" for passage in self.snapshot.read(best))
        wider = self.again(given, Lead(texts, shares, centre(self.snapshot.vectors(best), shares)))
        given, scored = self._more(given, scored, wider.rows, probe, entry)
        return given, self._heard(given, scored, best, shares, probe, entry)

    def _feedback(self, given: Candidates, scored: Scored, probe: Probe, entry: Entry) -> tuple[Candidates, Scored]:
        """Follow what the best passages lead to, read every candidate for what they say, and raise links of chains."""
        best, shares = self._believed(given, scored, entry)
        if not len(best):
            return given, scored
        hops = self.config.hops if self.again else min(1, self.config.hops)
        walk = Walk(self.snapshot, self.eyes.vocabulary, probe, self.snapshot.named(given.query.sought), given.allowed)
        found = walk.run(best, hops, lambda: given.query.ledger.left(given.query.deadline) <= 0)
        given, scored = self._more(given, scored, found.rows, probe, entry)
        scored = self._heard(given, scored, best, shares, probe, entry)
        at = np.flatnonzero(held(found.rows, scored.rows))
        there = np.searchsorted(found.rows, scored.rows[at])
        scored.features[at, Feature.BRIDGE] = found.strength[there]
        path = np.zeros(len(scored.rows), dtype=np.float32)
        path[at] = found.path[there]
        how = (self.config.chained, path) if self.again else (self.config.links, None)
        return given, scored._replace(scores=linked(scored.fused, scored.features, self.config, *how))

    def _believed(self, given: Candidates, scored: Scored, entry: Entry) -> tuple[Rows, Floats]:
        """The best candidates, which feedback learns from, and their shares; none where there is no time for it."""
        if given.query.ledger.left(given.query.deadline) <= 0:
            entry.notes["late"] = True
            return scored.rows[:0], np.empty(0, np.float32)
        return believed(scored, self.config)

    def _heard(
        self, given: Candidates, scored: Scored, best: Rows, shares: Floats, probe: Probe, entry: Entry
    ) -> Scored:  # fmt: skip
        """The candidates, read once more for what the best of them say."""
        echo = listen(self.snapshot.tokens(best), shares, probe.asked, self.eyes.statistics)
        at, found = self._in_parts(given.query, scored.rows, lambda rows: self.snapshot.hear(rows, echo), entry)
        features, heard = scored.features.copy(), np.concatenate(found)
        for column, feature in enumerate((Feature.ECHO, Feature.NAMED)):
            features[at, feature] = heard[:, column]
        scores = self._fused(features, probe)
        return Scored(scored.rows, features, scores, scores)

    def _more(
        self, given: Candidates, scored: Scored, rows: Rows, probe: Probe, entry: Entry
    ) -> tuple[Candidates, Scored]:  # fmt: skip
        """The candidates with some rows more, and what the scan finds of those that are new.

        They have neither cosine nor BM25 of stage one: something else nominated them.
        """
        fresh = rows[~held(given.rows, rows)]
        unknown = np.full(len(fresh), np.nan, dtype=np.float32)
        more = self._scan(replace(given, rows=fresh, dense=unknown, lexical=unknown), probe, entry)
        entry.notes["nominated"] = len(fresh)
        wider = np.concatenate([given.rows, fresh])
        order = np.argsort(wider, kind="stable")
        columns = [np.concatenate([column, unknown])[order] for column in (given.dense, given.lexical)]
        joined = [np.concatenate([old, added]) for old, added in zip(scored, more, strict=True)]
        return replace(given, rows=wider[order], dense=columns[0], lexical=columns[1]), Scored(*joined)

    def _rank(self, query: Query, scored: Scored, entry: Entry) -> tuple[Ranked, ...]:
        keep = self.config.keep
        reach = keep * 2 + SPARE if self.select else keep + SPARE
        if self.scorer is not None:
            reach = max(reach, self.config.judged)
        top = vectors.best(scored.scores, reach)
        passages, entry.bytes = self.snapshot.read_counting(scored.rows[top])
        scores, relevance = levelled(scored.scores[top], passages), self.eyes.fusion.relevance(scored.features[top])
        if self.scorer is not None:
            faint = (scored.features[top, Feature.DENSE] < FAR) & (scored.features[top, Feature.COVERAGE] < FEW)
            found = Found(scored.rows[top], scores, passages)
            scores, relevance = self._judge(query, found, relevance, faint, entry)
        order = sorted(range(len(top)), key=lambda i: (-scores[i], passages[i].id))
        if self.select:
            found, known = Found(scored.rows[top], scores, passages), self.snapshot.vectors(scored.rows[top])
            order = varied(found, order, vectors.dequantize(known), self.config, entry)
        chosen = [i for i in order[:keep] if not self.select or relevance[i] >= self.config.floor]
        if self.select:
            chosen = chosen[: stop(relevance[chosen], self.config.enough)]
        return tuple(
            Ranked(rank, int(scored.rows[top[i]]), float(scores[i]), float(relevance[i]), passages[i])
            for rank, i in enumerate(chosen, 1)
        )

    def _judge(
        self, query: Query, found: Found, relevance: Floats, faint: NDArray[np.bool_], entry: Entry
    ) -> tuple[Floats, Floats]:
        """Mix in a cross-encoder's view of the best. It may not raise what the scan found `faint` (phantom hits)."""
        scores, passages = found.scores, found.passages
        if self.scorer is None or not passages or query.ledger.left(query.deadline) <= 0:
            entry.notes["judged"] = 0
            return scores, relevance
        read = np.argsort(-scores, kind="stable")[: self.config.judged]
        texts = [f"{passages[i].name}\n{passages[i].text}".strip() for i in read.tolist()]
        opinion = self.scorer.score(query.text, texts)
        mixed = (1 - self.config.trust) * relevance[read] + self.config.trust * opinion
        guarded = np.where(faint[read], np.minimum(mixed, relevance[read]), mixed)
        entry.notes |= {"judged": len(read), "scorer": self.scorer.name}
        out, sure = scores - (scores.max() - scores.min()) - 2, relevance.copy()
        out[read], sure[read] = guarded, guarded
        return out.astype(np.float32), sure.astype(np.float32)

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


def believed(scored: Scored, config: RerankConfig) -> tuple[Rows, Floats]:
    """The best candidates, which feedback learns from, and the share of each: a softmax over the first `believed`."""
    best = vectors.first(scored.fused, LEADS if config.believed else 0)
    if not len(best):
        return scored.rows[best], np.empty(0, np.float32)
    shares = np.exp((scored.fused[best] - scored.fused[best[0]]) / max(config.doubt, 1e-6))
    shares[config.believed :] = 0
    return scored.rows[best], (shares / shares.sum()).astype(np.float32)


def _place(given: Candidates) -> NDArray[np.int64]:
    """How early each candidate was nominated by either list."""
    place = np.full(len(given), len(given), dtype=np.int64)
    for scores in (given.dense, given.lexical):
        order = np.argsort(np.where(np.isnan(scores), np.inf, -scores), kind="stable")
        ranks = np.empty(len(given), dtype=np.int64)
        ranks[order] = np.arange(len(given))
        place = np.minimum(place, np.where(np.isnan(scores), len(given), ranks))
    return place

"""Rerank: every candidate -> at most 117 passages.

Scan reads all candidates at token level and full precision; a fusion makes one score of what it finds; the best tell
what else to look for, in all candidates and (with effort high) in the whole index; an optional cross-encoder judges the
best; Select takes the best, for a context without near-duplicates and with some variety.
Knows candidates and the snapshot; knows nothing of how they were nominated, of packing or readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cascade.config import RerankConfig
from cascade.data import Candidates, Floats, Lead, Passage, Query, Ranked, Ranking, Rows
from cascade.index import vectors
from cascade.index.feedback import LEADS, hear, listen
from cascade.index.fusion import CALIBRATED, SHIPPED, Circumstance, Fusion, circumstances, standardized
from cascade.index.probe import Asked, Probe, Statistics, distinct, prepare
from cascade.index.scan import SCANNED, Feature, scan
from cascade.index.snapshot import Snapshot
from cascade.ledger import Entry, Fate
from cascade.models.base import Scorer
from cascade.stages.base import Stage

CHUNK = 4096
"""Candidates in one unit of work: small enough to share between threads and to stop at a deadline."""

FAR, FEW = 0.2, 0.25
"""Cosine, and share of the question's words, below which both no judge may raise a passage."""

_WORD = re.compile(r"\w+")

HAND_SET = "hand-set"
"""The name of the fusion that the settings' weights make."""

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
    """What the scan reads with, and how what it finds is fused: made once for a snapshot."""

    vocabulary: Vocabulary
    table: Table
    statistics: Statistics
    fusion: Fusion

    @classmethod
    def of(
        cls, snapshot: Snapshot, vocabulary: Vocabulary, table: Table, config: RerankConfig | None = None
    ) -> Eyes:  # fmt: skip
        """Gather what the scan needs to know of a snapshot: about 0.1 s. Raises BadConfig for a fusion that is none."""
        families = snapshot.families(vocabulary.pieces(list(range(vocabulary.size))))
        stats = Statistics(int(snapshot.bases[-1]), snapshot.frequencies, snapshot.mean_length, families)
        return cls(vocabulary, table, stats, fusion_of(snapshot, config or RerankConfig()))


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


class Found(NamedTuple):
    """The best candidates, read: rows, scores and passages, one each."""

    rows: Rows
    scores: Floats
    passages: list[Passage]


class Rerank(Stage[Candidates, Ranking]):
    """Scan, fuse, judge, select. `select`: make room for variety, as a context wants; a search wants plain order."""

    def __init__(
        self, snapshot: Snapshot, eyes: Eyes, config: RerankConfig | None = None, scorer: Scorer | None = None,
        select: bool = True, again: Again | None = None,
    ) -> None:  # fmt: skip
        self.snapshot, self.eyes, self.scorer, self.select, self.again = snapshot, eyes, scorer, select, again
        self.config = config or RerankConfig()

    def __repr__(self) -> str:
        return f"Rerank(keep={self.config.keep})"

    def run(self, given: Candidates) -> Ranking:
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
        for _ in range(self.config.rounds if self.again else 1):
            with query.ledger.stage("feedback", len(scored.rows)) as entry:
                given, scored = self._feedback(given, scored, probe, entry)
                entry.given = len(scored.rows)
        return given, scored

    def probe(self, text: str, vector: Floats) -> Probe:
        """A query made ready for the scan."""
        vocabulary, statistics = self.eyes.vocabulary, self.eyes.statistics
        ids = vocabulary.encode([text])[0]
        ids = ids[ids != vocabulary.unknown]
        spelled = vocabulary.pieces(ids.tolist())
        words = np.cumsum([not piece.startswith("##") for piece in spelled], dtype=np.int64) - 1
        whole = [""] * (int(words[-1]) + 1 if len(words) else 0)
        for piece, word in zip(spelled, words.tolist(), strict=True):
            whole[word] += piece.removeprefix("##")
        asked = Asked(ids, words, np.array(self.snapshot.occurrences(whole), dtype=np.float64))
        pieces = distinct(ids, statistics)
        return prepare(vector, asked, pieces, self.eyes.table.similarity(pieces), statistics)

    def _scan(self, given: Candidates, probe: Probe, entry: Entry) -> Scored:
        """Read candidates, the likeliest first where there is a deadline."""
        query = given.query
        rows = given.rows if query.deadline is None else given.rows[np.argsort(_place(given), kind="stable")]

        def work(rows: Rows) -> tuple[Floats, int]:
            out = np.zeros((len(rows), len(Feature)), dtype=np.float32)
            spent = 0
            for held, positions, local in self.snapshot.split(rows):
                out[positions, :SCANNED], read_bytes = scan(self.snapshot.segments[held], local, probe)
                spent += read_bytes
            return out, spent

        at, found = self._in_parts(query, rows, work, entry)
        seen = rows[at]
        entry.bytes += sum(spent for _, spent in found)
        features = np.concatenate([np.empty((0, len(Feature)), np.float32), *(part for part, _ in found)])
        features[:, Feature.LEXICAL] = np.nan_to_num(given.lexical[np.searchsorted(given.rows, seen)])
        scores = self._fused(features, probe)
        return Scored(seen, features, scores, scores)

    def _fused(self, features: Floats, probe: Probe) -> Floats:
        return self.eyes.fusion.scores(features, circumstances(features, probe.sight.words.idf))

    def _in_parts(
        self, query: Query, rows: Rows, work: Callable[[Rows], T], entry: Entry
    ) -> tuple[NDArray[np.int64], list[T]]:
        """Work on rows in parallel, CHUNK at a time, until the deadline; the first part is always done.

        Returns which of the rows were worked on, and what came of each part.
        """
        parts = [np.arange(begin, min(begin + CHUNK, len(rows))) for begin in range(0, len(rows), CHUNK)]

        def one(number: int) -> T | None:
            return work(rows[parts[number]]) if not number or query.ledger.left(query.deadline) > 0 else None

        found = self.snapshot.each(one, range(len(parts)))
        done = [(part, made) for part, made in zip(parts, found, strict=True) if made is not None]
        if len(done) < len(parts):
            entry.notes["late"] = True
        return np.concatenate([np.empty(0, np.int64), *(part for part, _ in done)]), [made for _, made in done]

    def _feedback(
        self, given: Candidates, scored: Scored, probe: Probe, entry: Entry
    ) -> tuple[Candidates, Scored]:  # fmt: skip
        """Read every candidate for what the best say; where `again` is given, nominate and scan more by it first."""
        query = given.query
        if query.ledger.left(query.deadline) <= 0:
            entry.notes["late"] = True
            return given, scored
        best, shares = believed(scored, self.config)
        if not len(best):
            return given, scored
        tokens, known = self.snapshot.tokens(best), self.snapshot.vectors(best)
        echo = listen(tokens, known, shares, probe.asked, self.eyes.statistics)
        if self.again is not None:
            given, scored = self._widened(given, scored, probe, Lead(self._texts(best), shares, echo.vector), entry)

        def work(rows: Rows) -> Floats:
            out = np.empty((len(rows), 3), dtype=np.float32)
            for held, positions, local in self.snapshot.split(rows):
                out[positions] = hear(self.snapshot.segments[held], local, echo)
            return out

        at, found = self._in_parts(query, scored.rows, work, entry)
        features, heard = scored.features.copy(), np.concatenate(found)
        for column, feature in enumerate((Feature.ECHO, Feature.CENTRE, Feature.NAMED)):
            features[at, feature] = heard[:, column]
        scores = self._fused(features, probe)
        return given, Scored(scored.rows, features, scores, linked(scores, features, self.config))

    def _widened(
        self, given: Candidates, scored: Scored, probe: Probe, lead: Lead, entry: Entry
    ) -> tuple[Candidates, Scored]:  # fmt: skip
        """The candidates with those that a lead nominates, and what the scan finds of them."""
        assert self.again is not None
        wider = self.again(given, lead)
        fresh = ~np.isin(wider.rows, given.rows)
        new = replace(wider, rows=wider.rows[fresh], dense=wider.dense[fresh], lexical=wider.lexical[fresh])
        more = self._scan(new, probe, entry)
        entry.notes["nominated"] = len(new)
        joined = [np.concatenate([old, added]) for old, added in zip(scored, more, strict=True)]
        return wider, Scored(*joined)

    def _texts(self, rows: Rows) -> tuple[str, ...]:
        return tuple(f"{passage.name}\n{passage.text}" for passage in self.snapshot.read(rows))

    def _rank(self, query: Query, scored: Scored, entry: Entry) -> tuple[Ranked, ...]:
        keep = self.config.keep
        reach = keep * 2 + SPARE if self.select else keep + SPARE
        if self.scorer is not None:
            reach = max(reach, self.config.judged)
        top = vectors.best(scored.scores, reach)
        passages, entry.bytes = self.snapshot.read_counting(scored.rows[top])
        scores, relevance = scored.scores[top], self.eyes.fusion.relevance(scored.features[top], scored.fused[top])
        if self.scorer is not None:
            faint = (scored.features[top, Feature.DENSE] < FAR) & (scored.features[top, Feature.COVERAGE] < FEW)
            found = Found(scored.rows[top], scores, passages)
            scores, relevance = self._judge(query, found, relevance, faint, entry)
        order = sorted(range(len(top)), key=lambda i: (-scores[i], passages[i].id))
        if self.select:
            order = self._varied(Found(scored.rows[top], scores, passages), order, entry)
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


def hand_set(config: RerankConfig) -> Fusion:
    """The weights of the settings, and the calibration that was fitted to them (docs/log.md).

    Those of vectors, BM25 and cubed late interaction began as DESIGN section 10's.
    """
    weights = np.zeros(len(Feature), np.float32)
    weights[[Feature.DENSE, Feature.BM25, Feature.LATE]] = config.dense, config.bm25, config.late
    weights[[Feature.PAIRS, Feature.HEAD]] = config.pairs, config.head
    weights[[Feature.ECHO, Feature.CENTRE]] = config.echo, config.centre
    turns = np.zeros((len(Circumstance), len(Feature)), np.float32)
    turns[Circumstance.AHEAD, Feature.DENSE] = config.ahead
    told = dict(zip(CALIBRATED, (5.9, 1.35, 1.3, 2.3, 0.0), strict=True))
    calibration = np.array([*told.values(), -7.65], np.float32)
    return Fusion("hand-set", weights, turns, calibration)


def fusion_of(snapshot: Snapshot, config: RerankConfig) -> Fusion:
    """The fusion that the settings name, or the index's own, or the one that is shipped. Raises BadConfig."""
    if config.fusion == HAND_SET:
        return hand_set(config)
    if config.fusion:
        return Fusion.open(Path(config.fusion))
    own = snapshot.fusion()
    return Fusion.open(SHIPPED) if own is None else Fusion.parse(own, f"The fusion of {snapshot.layout.root}")


def linked(scores: Floats, features: Floats, config: RerankConfig) -> Floats:
    """The scores, with links of a chain raised: from place `first` on, every other place goes to one.

    A link is what the best passages name, or say much of, however little it shares with the question. Raised to where
    it stands between its new neighbours, so that the order of the first places, and of all that is not raised, stays.
    """
    if not config.links or len(scores) <= config.first + 2:
        return scores
    order = np.argsort(-scores, kind="stable")[: config.first + config.links + 1]
    levels = scores[order]
    places = np.full(len(scores), len(scores))
    places[order] = np.arange(len(order))
    z = standardized(features[:, [Feature.ECHO]])[:, 0]
    drawn = config.own * scores + config.drawn * z + config.titled * features[:, Feature.NAMED]
    raised, taken = scores.copy(), 0
    for at in np.argsort(-drawn, kind="stable")[: 2 * len(order)].tolist():
        here = config.first + taken
        if here + 1 >= len(order):
            break
        if places[at] > here:
            between = (levels[here] + levels[here + 1]) / 2
            below = between if between < levels[here] else np.nextafter(levels[here], np.float32(-np.inf))
            raised[at] = max(scores[at], below)
            taken += 1
    return raised


def stop(relevance: Floats, enough: float) -> int:
    """How many of the first passages hold the share `enough` of the relevance expected of all of them.

    As relevance is a probability, 1 - `enough` of what is relevant is expected to be left out.
    """
    expected = np.cumsum(relevance, dtype=np.float64)
    if enough >= 1 or not len(expected):
        return len(expected)
    return int(np.searchsorted(expected, enough * expected[-1])) + 1


def believed(scored: Scored, config: RerankConfig) -> tuple[Rows, Floats]:
    """The best candidates, which feedback learns from, and the share of each: a softmax over the first `believed`."""
    best = np.argsort(-scored.fused, kind="stable")[: LEADS if config.believed else 0]
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

"""Retrieve: everything -> at most 30,000 candidates, by vectors and by words.

Knows the snapshot and the encoder; knows nothing of reranking, packing or readers.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from functools import partial
from typing import NamedTuple

import numpy as np

from cascade.config import RetrieveConfig
from cascade.data import Candidates, Floats, Query, Rows
from cascade.index import vectors
from cascade.index.snapshot import Mask, Snapshot, best_of
from cascade.ledger import Entry, Fate
from cascade.models.base import Encoder
from cascade.stages.base import Stage


class Nominated(NamedTuple):
    """One list of rows, best first, with scores."""

    rows: Rows
    scores: Floats


class Retrieve(Stage[Query, Candidates]):
    """Nominate candidates: the union of the nearest vectors and the best BM25 matches."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, config: RetrieveConfig | None = None) -> None:
        self.snapshot, self.encoder = snapshot, encoder
        self.config = config or RetrieveConfig()

    def __repr__(self) -> str:
        return f"Retrieve(width={self.config.width:,})"

    def run(self, given: Query) -> Candidates:
        with given.ledger.stage("encode", 1) as entry:
            vector = self.snapshot.rotate(self.encoder.encode_query(conversation(given)))
            entry.given = 1
        with given.ledger.stage("retrieve", len(self.snapshot)) as entry:
            masks = self.snapshot.matching(given.filter) if given.filter else None
            asked = self.snapshot.aside(partial(self._lexical, given, masks))
            dense = self._dense(vector, masks, entry)
            lexical = self._in_time(asked, given, entry)
            candidates = self._union(given, vector, dense, lexical)
            entry.given = len(candidates)
            entry.notes |= {"dense": len(dense.rows), "lexical": len(lexical.rows)}
            for passage in given.trace:
                given.ledger.fate(self._fate(passage, candidates, dense, lexical))
        return candidates

    def _dense(self, vector: Floats, masks: list[Mask] | None, entry: Entry) -> Nominated:
        snapshot, config = self.snapshot, self.config
        matching = sum(int(m.sum()) for m in (masks or snapshot.live))
        everything = matching <= (config.exact_filtered if masks else config.width)
        probes = {number: lists.nearest(vector, config.probes(len(lists))) for number, lists in snapshot.lists.items()}

        def work(number: int) -> tuple[Rows, Floats]:
            segment, mask = snapshot.segments[number], (masks or snapshot.live)[number]
            base = snapshot.bases[number]
            codes = None if everything else segment.codes
            if codes is None:
                rows = np.flatnonzero(mask)
                scores = vectors.exact(segment.vectors(), vector, None if len(rows) == len(segment) else rows)
            else:
                whole = len(segment) - int(mask.sum())
                only = mask if whole or masks else None
                rows, scores = codes.search(
                    vector, probes[segment.entry.generation], min(config.width, len(segment)), only
                )
            chosen = vectors.best(scores, config.width)
            return rows[chosen] + base, scores[chosen]

        rows, scores = best_of(snapshot.each(work), config.width)
        entry.bytes += sum(self._bytes(number, everything, probes) for number in range(len(snapshot.segments)))
        order = np.argsort(-scores, kind="stable")
        return Nominated(rows[order], scores[order])

    def _bytes(self, number: int, everything: bool, probes: dict[int, tuple[Rows, Floats]]) -> int:
        segment = self.snapshot.segments[number]
        dim = self.snapshot.built.dim
        if everything or segment.codes is None:
            return len(segment) * dim
        generation = segment.entry.generation
        share = len(probes[generation][0]) / len(self.snapshot.lists[generation])
        return int(len(segment) * share * (dim // 8 + 16))

    def _lexical(self, query: Query, masks: list[Mask] | None) -> Nominated:
        snapshot, keep = self.snapshot, self.config.lexical
        terms = snapshot.terms(conversation(query))

        def work(number: int) -> tuple[Rows, Floats]:
            mask = (masks or snapshot.live)[number]
            only = None if mask.all() else mask
            rows, scores = snapshot.segments[number].words.search(terms, keep, only)
            return rows + snapshot.bases[number], scores

        rows, scores = best_of([work(n) for n in range(len(snapshot.segments))], keep)
        order = np.argsort(-scores, kind="stable")
        return Nominated(rows[order], scores[order])

    def _in_time(self, asked: Future[Nominated], query: Query, entry: Entry) -> Nominated:
        try:
            left = query.ledger.left(query.deadline)
            return asked.result(timeout=max(0.0, min(self.config.lexical_seconds, left)))
        except Late:
            entry.notes["late"] = True
            return Nominated(np.empty(0, np.int64), np.empty(0, np.float32))

    def _union(self, query: Query, vector: Floats, dense: Nominated, lexical: Nominated) -> Candidates:
        rows = np.union1d(dense.rows, lexical.rows)
        similar, worded = (np.full(len(rows), np.nan, dtype=np.float32) for _ in range(2))
        place = np.full(len(rows), np.iinfo(np.int64).max)
        for named, column in ((dense, similar), (lexical, worded)):
            at = np.searchsorted(rows, named.rows)
            column[at] = named.scores
            place[at] = np.minimum(place[at], np.arange(len(at)))
        if len(rows) > self.config.width:
            kept = np.sort(np.argsort(place, kind="stable")[: self.config.width])
            rows, similar, worded = rows[kept], similar[kept], worded[kept]
        return Candidates(query, vector, rows, similar, worded)

    def _fate(self, passage: str, candidates: Candidates, dense: Nominated, lexical: Nominated) -> Fate:
        row = self.snapshot.find(passage)
        number, _, local = next(self.snapshot.split(np.array([row])))
        cosine = float(vectors.exact(self.snapshot.segments[number].vectors(local), candidates.vector)[0])
        kept = bool(np.isin(row, candidates.rows))
        places = {name: np.flatnonzero(named.rows == row) for name, named in (("vectors", dense), ("words", lexical))}
        found = {name: int(at[0]) + 1 for name, at in places.items() if len(at)}
        last = float(dense.scores[-1]) if len(dense.scores) else 0.0
        why = "nominated by " + " and ".join(f"{name} (rank {rank:,})" for name, rank in found.items())
        if not found:
            why = "nominated neither by vectors nor by words" + self._probed(number, local, candidates.vector)
        elif not kept:
            why += f", but cut: the union holds more than {self.config.width:,}"
        return Fate("retrieve", passage, kept, min(found.values(), default=None), cosine, cosine - last, why)

    def _probed(self, number: int, local: Rows, vector: Floats) -> str:
        segment = self.snapshot.segments[number]
        lists = self.snapshot.lists.get(segment.entry.generation)
        if lists is None:
            return ""
        home = int(lists.assign(vectors.dequantize(segment.vectors(local)))[0])
        near, _ = lists.nearest(vector, len(lists))
        rank = int(np.flatnonzero(near == home)[0]) + 1
        probes = self.config.probes(len(lists))
        said = "was probed" if rank <= probes else "was not probed"
        return f"; its list is the {rank:,}th nearest of {len(lists):,} and {said} (probes: {probes:,})"


def conversation(query: Query) -> str:
    """What is looked for: the question, after the last thing the person said before, if anything.

    The history alternates between person and assistant; entries may carry their speaker ("user: ...").
    """
    said = [turn.split(":", 1)[1].strip() for turn in query.history if turn.lower().startswith(("user:", "human:"))]
    if not said and query.history:
        said = list(query.history[-2::-2][:1]) if len(query.history) > 1 else [query.history[-1]]
    return f"{said[-1]}\n{query.text}" if said else query.text

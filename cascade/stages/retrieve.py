"""Retrieve: everything -> at most 30,000 candidates, by vectors and by words.

Knows the snapshot and the encoder; knows nothing of reranking, packing or readers.
"""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from cascade.config import RetrieveConfig
from cascade.data import Candidates, Floats, Lead, Query, Rows
from cascade.index.corpus import Allowed, Corpus
from cascade.index.lexical import Weighted
from cascade.index.nominate import Nomination, Probes, Reach
from cascade.index.rows import descending, union
from cascade.ledger import Entry, Fate
from cascade.models.base import Encoder
from cascade.stages.base import Stage


class Nominated(NamedTuple):
    """One list of rows, best first, with scores."""

    rows: Rows
    scores: Floats


class Told(NamedTuple):
    """What a passage's fate is told from."""

    dense: Nominated
    lexical: Nominated
    masks: Allowed
    probes: Probes


class Retrieve(Stage[Query, Candidates]):
    """Nominate candidates: the union of the nearest vectors and the best BM25 matches."""

    def __init__(self, snapshot: Corpus, encoder: Encoder, config: RetrieveConfig | None = None) -> None:
        self.snapshot, self.encoder = snapshot, encoder
        self.config = config or RetrieveConfig()

    def __repr__(self) -> str:
        return f"Retrieve(width={self.config.width:,})"

    def run(self, given: Query) -> Candidates:
        """Nominate candidates for a query."""
        with given.ledger.stage("encode", 1) as entry:
            vector = self.snapshot.rotate(self.encoder.encode_query(given.sought))
            entry.given = 1
        with given.ledger.stage("retrieve", len(self.snapshot)) as entry:
            masks = self.snapshot.matching(given.filter) if given.filter else None
            asked = self.snapshot.aside(partial(self._lexical, given, masks))
            dense, how = self._dense(vector, masks)
            lexical = self._in_time(asked, given, entry)
            candidates = self._union(given, vector, dense, lexical, masks)
            entry.given = len(candidates)
            entry.notes |= {"dense": len(dense.rows), "lexical": len(lexical.rows), "codes": how.codes}
            entry.bytes += how.bytes
            for passage in given.trace:
                given.ledger.fate(self._fate(passage, candidates, Told(dense, lexical, masks, how.probes)))
        return candidates

    def _dense(self, vector: Floats, masks: Allowed) -> tuple[Nominated, Nomination]:
        """The nearest vectors, best first, and how they were found.

        Behind a filter ever more lists are read, until the candidates are as many as asked for, or as match.
        """
        config, matching = self.config, self.snapshot.count(masks)
        everything = matching <= (config.width if masks is None else config.exact_filtered)
        wanted = 0 if masks is None else min(config.width, matching)
        reach = Reach(config.width, config.scanned, config.fewest, config.patience, wanted)
        found = self.snapshot.nominate(vector, masks, everything, reach)
        order = descending(found.rows, found.scores)
        return Nominated(found.rows[order], found.scores[order]), found

    def again(self, given: Candidates, lead: Lead) -> Candidates:
        """The candidates with those that a lead's words and vector nominate, up to `follow` by each.

        New ones have neither cosine nor BM25: those are of the question, and these were nominated by something else.
        """
        query, config = given.query, replace(self.config, width=self.config.follow)
        masks = given.allowed
        terms = self.snapshot.leading(lead.texts, lead.shares.tolist(), query.sought)
        near, _ = Retrieve(self.snapshot, self.encoder, config)._dense(lead.vector, masks)
        worded = self._worded(terms, self.config.follow, masks)
        rows = union(given.rows, near.rows, worded.rows)
        columns = [np.full(len(rows), np.nan, dtype=np.float32) for _ in range(2)]
        at = np.searchsorted(rows, given.rows)
        columns[0][at], columns[1][at] = given.dense, given.lexical
        return replace(given, rows=rows, dense=columns[0], lexical=columns[1])

    def _lexical(self, query: Query, masks: Allowed) -> Nominated:
        return self._worded(self.snapshot.terms(query.sought), self.config.lexical, masks)

    def _worded(self, terms: list[Weighted], keep: int, masks: Allowed) -> Nominated:
        rows, scores = self.snapshot.worded(terms, keep, masks)
        order = descending(rows, scores)
        return Nominated(rows[order], scores[order])

    def _in_time(self, asked: Future[Nominated], query: Query, entry: Entry) -> Nominated:
        try:
            left = query.ledger.left(query.deadline)
            return asked.result(timeout=max(0.0, min(self.config.lexical_seconds, left)))
        except Late:
            entry.notes["late"] = True
            return Nominated(np.empty(0, np.int64), np.empty(0, np.float32))

    def _union(
        self, query: Query, vector: Floats, dense: Nominated, lexical: Nominated, masks: Allowed
    ) -> Candidates:  # fmt: skip
        """What either list nominated, at most `width`: of more, what stands highest in its list."""
        rows = union(dense.rows, lexical.rows)
        similar, worded = (np.full(len(rows), np.nan, dtype=np.float32) for _ in range(2))
        place = np.full(len(rows), np.iinfo(np.int64).max)
        for named, column in ((dense, similar), (lexical, worded)):
            ascending = np.argsort(named.rows)  # which makes looking up four times faster
            at = np.searchsorted(rows, named.rows[ascending])
            column[at] = named.scores[ascending]
            place[at] = np.minimum(place[at], ascending)
        if len(rows) > self.config.width:
            last = int(np.partition(place, self.config.width - 1)[self.config.width - 1])
            better, equal = np.flatnonzero(place < last), np.flatnonzero(place == last)
            kept = np.sort(np.concatenate([better, equal[: self.config.width - len(better)]]))
            rows, similar, worded = rows[kept], similar[kept], worded[kept]
        return Candidates(query, vector, rows, similar, worded, masks, self.snapshot.missing)

    def _fate(self, passage: str, candidates: Candidates, told: Told) -> Fate:
        row = self.snapshot.find(passage)
        if told.masks is not None and not self.snapshot.fits(row, told.masks):
            return Fate("retrieve", passage, False, None, None, None, "does not match the filter")
        by_name = {"vectors": told.dense, "words": told.lexical}
        places = {name: int(at[0]) for name, of in by_name.items() if len(at := np.flatnonzero(of.rows == row))}
        if not places:
            return self._missed(passage, row, candidates.vector, told)
        why = "nominated by " + " and ".join(f"{name} (rank {at + 1:,})" for name, at in places.items())
        best = min(places, key=lambda name: places[name])
        kept = np.isin(by_name[best].rows, candidates.rows)
        last = len(kept) if kept.all() else int(np.argmin(kept))
        score, least = (float(by_name[best].scores[at]) for at in (places[best], max(last - 1, 0)))
        chosen = bool(kept[places[best]])
        if not chosen:
            why += f", but cut: the union holds more than {self.config.width:,}"
        return Fate("retrieve", passage, chosen, places[best] + 1, score, score - least, why)

    def _missed(self, passage: str, row: int, vector: Floats, told: Told) -> Fate:
        """Where a list was not read, the margin is that list's similarity less that of the last one read."""
        placed = self.snapshot.placed(row, vector)
        why = "nominated neither by vectors nor by words"
        last = float(told.dense.scores[-1]) if len(told.dense.scores) else 0.0
        probe = told.probes.get(placed.generation)
        if probe is None:
            return Fate("retrieve", passage, False, None, placed.cosine, placed.cosine - last, why)
        lists = self.snapshot.lists[placed.generation]
        near, similar = lists.nearest(vector, len(lists))
        rank, probes = int(np.flatnonzero(near == placed.home)[0]), len(probe[0])
        said = f"{why}; its list is number {rank + 1:,} of {len(lists):,} by nearness and"
        if placed.home not in probe[0]:
            margin = float(similar[rank] - similar[probes - 1])
            return Fate("retrieve", passage, False, None, placed.cosine, margin, f"{said} only {probes:,} were probed")
        return Fate("retrieve", passage, False, None, placed.cosine, placed.estimate - last, f"{said} was probed")

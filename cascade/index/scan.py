"""The scan: reads every candidate at token level and at full vector precision.

Late interaction with a static token table (DESIGN 4.2): for the query's tokens, one product gives their similarity to
the whole vocabulary; what is under a threshold becomes nothing; then each passage token is one look-up, and only about
2% of the vocabulary matches anything. The same pass counts exact matches for BM25, coverage, neighbours and the head.

Features depend on query, passage and snapshot statistics only, never on which candidates share a segment.
Knows ids and arrays; knows nothing of words, fusion or ranking.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.segment import Segment
from cascade.index.vectors import exact

THRESHOLD = 0.35
"""Similarities of tokens below this count as nothing (measured best with cubing: DESIGN section 6)."""

K1, B = 0.9, 0.4
"""BM25 as in Anserini's defaults for passages."""


class Feature(IntEnum):
    """The columns of what the scan finds."""

    DENSE = 0
    BM25 = 1
    LATE = 2
    COVERAGE = 3
    PAIRS = 4
    HEAD = 5


class Sight(NamedTuple):
    """What the compiled loop knows of a query.

    `idf`: float32 (q,), one per distinct query token, times its count. `slots`: uint16 (vocabulary,), 0 for ids that
    match nothing, else a row in the sparse matrix (`begins`, `which`, `cubes`) of cubed similarities. `exact`: int16
    (vocabulary,), the query token an id is, or -1. `pairs`: bool (q, q), which query tokens follow one another in the
    question. `mean_length`: tokens in a passage on average, never 0.
    """

    idf: Floats
    slots: NDArray[np.uint16]
    begins: NDArray[np.int32]
    which: NDArray[np.int32]
    cubes: Floats
    exact: NDArray[np.int16]
    pairs: NDArray[np.bool_]
    mean_length: np.float32


@dataclass(frozen=True, slots=True)
class Probe:
    """A query made ready for the scan: `vector` float32 (dim,), rotated, and what the token loop needs."""

    vector: Floats
    sight: Sight


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a snapshot: passages, in how many each id occurs, and tokens in a passage on average.

    `families`: int64 (vocabulary,), equal for ids that are forms of one word ("run", "running").
    """

    passages: int
    frequencies: NDArray[np.int64]
    mean_length: float
    families: NDArray[np.int64]

    def idf(self, ids: NDArray[np.uint16]) -> Floats:
        """BM25's idf as Lucene has it: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        together = np.bincount(self.families, weights=self.frequencies)
        n = np.minimum(together[self.families[ids]], self.passages)
        return np.log1p((max(self.passages, 1) - n + 0.5).clip(0) / (n + 0.5)).astype(np.float32)


def distinct(ids: NDArray[np.uint16], stats: Statistics, unknown: int) -> NDArray[np.uint16]:
    """The query's tokens, one of each family, without unknown pieces, in order of appearance."""
    known = ids[ids != unknown]
    _, first = np.unique(stats.families[known], return_index=True)
    return np.ascontiguousarray(known[np.sort(first)])


def prepare(
    vector: Floats, ids: NDArray[np.uint16], tokens: NDArray[np.uint16], alike: Floats, stats: Statistics
) -> Probe:
    """Make a probe. `ids`: the question's tokens as they follow, `tokens`: one of each family of them.

    `alike`: float32 (q, vocabulary), the cosine of each of `tokens` with every id.
    """
    vocabulary = len(stats.frequencies)
    exact_at = np.full(vocabulary, -1, dtype=np.int16)
    for number, family in enumerate(stats.families[tokens].tolist()):
        exact_at[stats.families == family] = number
    sparse = np.where(alike >= THRESHOLD, alike, np.float32(0))
    related = np.flatnonzero(exact_at >= 0)
    sparse[exact_at[related], related] = 1.0
    matched = np.flatnonzero(sparse.any(axis=0))
    slots = np.zeros(vocabulary, dtype=np.uint16)
    slots[matched] = np.arange(1, len(matched) + 1, dtype=np.uint16)
    columns = sparse[:, matched].T
    which = np.nonzero(columns)[1].astype(np.int32)
    begins = np.concatenate(([0, 0], np.cumsum((columns > 0).sum(axis=1)))).astype(np.int32)
    counts = np.bincount(exact_at[ids[exact_at[ids] >= 0]], minlength=len(tokens)).astype(np.float32)
    pairs = np.zeros((len(tokens), len(tokens)), dtype=np.bool_)
    at = exact_at[ids]
    follows = (at[:-1] >= 0) & (at[1:] >= 0)
    pairs[at[:-1][follows], at[1:][follows]] = True
    sight = Sight(
        stats.idf(tokens) * counts,
        slots,
        begins,
        which,
        (columns[columns > 0] ** 3).astype(np.float32),
        exact_at,
        pairs,
        np.float32(stats.mean_length or 1.0),
    )
    return Probe(vector, sight)


def scan(segment: Segment, rows: Rows, probe: Probe) -> tuple[Floats, int]:
    """Features of these rows of a segment, float32 (n, 6) by `Feature`, and the bytes that were read for them."""
    out = np.zeros((len(rows), len(Feature)), dtype=np.float32)
    segment.mapped_vectors.touch(rows)
    out[:, Feature.DENSE] = exact(segment.mapped_vectors.data, probe.vector, rows)
    view = segment.tokens.view(rows)
    if len(probe.sight.idf):
        _read(view, probe.sight, out)
    return out, int((view.ends - view.begins).sum()) * 2 + len(rows) * len(probe.vector)


@numba.njit(nogil=True, cache=True)
def _read(view, sight, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    count = len(sight.idf)
    best = np.empty(count, dtype=np.float32)
    times = np.empty(count, dtype=np.int32)
    in_head = np.empty(count, dtype=np.bool_)
    paired = np.empty(count, dtype=np.float32)
    whole = max(sight.idf.sum(), np.float32(1e-9))
    pair_whole = np.float32(1e-9)
    for j in range(count):
        for k in range(count):
            if sight.pairs[j, k]:
                pair_whole += min(sight.idf[j], sight.idf[k])
    for i in range(len(view.begins)):
        best[:] = 0
        times[:] = 0
        in_head[:] = False
        paired[:] = 0
        begin, end = view.begins[i], view.ends[i]
        _match(view.ids[begin:end], view.heads[i], sight, best, times, in_head, paired)
        late = covered = head = bm25 = np.float32(0)
        norm = np.float32(K1) * (np.float32(1 - B) + np.float32(B) * np.float32(end - begin) / sight.mean_length)
        for j in range(count):
            late += sight.idf[j] * best[j]
            if times[j] > 0:
                covered += sight.idf[j]
                tf = np.float32(times[j])
                bm25 += sight.idf[j] * tf * np.float32(K1 + 1) / (tf + norm)
            if in_head[j]:
                head += sight.idf[j]
        out[i, 1] = bm25
        out[i, 2] = late / whole
        out[i, 3] = covered / whole
        out[i, 4] = paired.sum() / pair_whole
        out[i, 5] = head / whole


@numba.njit(nogil=True, cache=True, inline="always")
def _match(ids, head, sight, best, times, in_head, paired):  # type: ignore[no-untyped-def]  # pragma: no cover
    before = -1
    for at in range(len(ids)):
        slot = sight.slots[ids[at]]
        if slot == 0:
            before = -1
            continue
        for s in range(sight.begins[slot], sight.begins[slot + 1]):
            best[sight.which[s]] = max(best[sight.which[s]], sight.cubes[s])
        now = sight.exact[ids[at]]
        if now >= 0:
            times[now] += 1
            in_head[now] |= at < head
            if before >= 0 and sight.pairs[before, now]:
                paired[now] = max(paired[now], min(sight.idf[before], sight.idf[now]))
        before = now

"""The scan: reads every candidate at token level and at full vector precision.

Late interaction with a static token table (DESIGN 4.2): for the query's tokens, one product gives their similarity to
the whole vocabulary; what is under a threshold becomes nothing; then each passage token is one look-up, and only about
2% of the vocabulary matches anything. The same pass counts whole words for BM25, coverage, neighbours and the head.

Features depend on query, passage and snapshot statistics only, never on which candidates share a segment.
Knows ids and arrays; knows nothing of words, fusion or ranking.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats, Rows
from cascade.index.probe import Probe
from cascade.index.segment import Segment
from cascade.index.vectors import exact

K1, B = 0.9, 0.4
"""BM25 as in Anserini's defaults for passages."""


class Feature(IntEnum):
    """What is known of a candidate. The scan finds the first six.

    STEMS is the BM25 of stage one, over the stems of rare words, length beside the mean of its segment; the scan's is
    over all words as the vocabulary spells them, length beside the mean of the index. ECHO and NAMED come from
    `feedback`, BRIDGE from `bridges`.
    """

    DENSE = 0
    BM25 = 1
    LATE = 2
    COVERAGE = 3
    PAIRS = 4
    HEAD = 5
    STEMS = 6
    ECHO = 7
    NAMED = 8
    BRIDGE = 9


SCANNED = 6
"""How many of the features the scan finds."""


def scan(segment: Segment, rows: Rows, probe: Probe) -> tuple[Floats, int]:
    """Features of these rows of a segment, float32 (n, SCANNED) by `Feature`, and the bytes that were read for them."""
    out = np.zeros((len(rows), SCANNED), dtype=np.float32)
    out[:, Feature.DENSE] = exact(segment.seen(rows), probe.vector, rows)
    view = segment.tokens.view(rows)
    if len(probe.sight.idf):
        _read(view, probe.sight, _found(len(probe.sight.idf), len(probe.sight.words.idf)), out)
    return out, int((view.ends - view.begins).sum()) * 2 + len(rows) * len(probe.vector)


def covered(segment: Segment, rows: Rows, probe: Probe) -> Floats:
    """How closely these rows resemble each piece of the question, cubed: float32 (n, q), 1 where they hold it."""
    out = np.zeros((len(rows), len(probe.sight.idf)), dtype=np.float32)
    if len(probe.sight.idf) and len(rows):
        found = _found(len(probe.sight.idf), len(probe.sight.words.idf))
        _cover(segment.tokens.view(rows), probe.sight, found, out)
    return out


class Found(NamedTuple):
    """What the loop keeps of one passage.

    By piece: `best`, the highest cube, and `paired`, the weight of neighbours found. By word: `times` and `in_head`.
    """

    best: Floats
    paired: Floats
    times: NDArray[np.int32]
    in_head: NDArray[np.bool_]


def _found(pieces: int, words: int) -> Found:
    return Found(
        np.empty(pieces, np.float32), np.empty(pieces, np.float32), np.empty(words, np.int32), np.empty(words, np.bool_)
    )


@numba.njit(nogil=True, cache=True)
def _read(view, sight, found, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    words = sight.words
    pieces_whole = max(sight.idf.sum(), np.float32(1e-9))
    words_whole = max(words.idf.sum(), np.float32(1e-9))
    pairs_whole = np.float32(1e-9)
    for j in range(len(sight.idf)):
        for k in range(len(sight.idf)):
            if sight.pairs[j, k]:
                pairs_whole += min(sight.idf[j], sight.idf[k])
    for i in range(len(view.begins)):
        begin, end = view.begins[i], view.ends[i]
        _match(view.ids[begin:end], view.heads[i], sight, found)
        late = covered = head = bm25 = np.float32(0)
        norm = np.float32(K1) * (np.float32(1 - B) + np.float32(B) * np.float32(end - begin) / sight.mean_length)
        for j in range(len(sight.idf)):
            late += sight.idf[j] * found.best[j]
        for u in range(len(words.idf)):
            if found.times[u] > 0:
                covered += words.idf[u]
                tf = np.float32(found.times[u])
                bm25 += words.idf[u] * tf * np.float32(K1 + 1) / (tf + norm)
            if found.in_head[u]:
                head += words.idf[u]
        out[i, 1] = bm25
        out[i, 2] = late / pieces_whole
        out[i, 3] = covered / words_whole
        out[i, 4] = found.paired.sum() / pairs_whole
        out[i, 5] = head / words_whole


@numba.njit(nogil=True, cache=True)
def _cover(view, sight, found, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(len(view.begins)):
        _match(view.ids[view.begins[i] : view.ends[i]], view.heads[i], sight, found)
        for j in range(len(sight.idf)):
            out[i, j] = found.best[j]


@numba.njit(nogil=True, cache=True, inline="always")
def _match(ids, head, sight, found):  # type: ignore[no-untyped-def]  # pragma: no cover
    best, paired, times, in_head = found.best, found.paired, found.times, found.in_head
    best[:] = 0
    paired[:] = 0
    times[:] = 0
    in_head[:] = False
    slots, begins = sight.likeness.slots, sight.likeness.begins
    which, cubes = sight.likeness.which, sight.likeness.cubes
    exact_at, pairs, idf = sight.exact, sight.pairs, sight.idf
    ending, ends = sight.words.ending, sight.words.ends
    spelled, spans = sight.words.spelled, sight.words.begins
    before = -1
    for at in range(len(ids)):
        slot = slots[ids[at]]
        if slot == 0:
            before = -1
            continue
        for s in range(begins[slot], begins[slot + 1]):
            best[which[s]] = max(best[which[s]], cubes[s])
        now = exact_at[ids[at]]
        if now >= 0:
            for e in range(ends[now], ends[now + 1]):
                word = ending[e]
                back, size = 1, spans[word + 1] - spans[word]
                while back < size and back <= at and exact_at[ids[at - back]] == spelled[spans[word + 1] - 1 - back]:
                    back += 1
                if back == size:
                    times[word] += 1
                    in_head[word] |= at < head
            if before >= 0 and pairs[before, now]:
                paired[now] = max(paired[now], min(idf[before], idf[now]))
        before = now

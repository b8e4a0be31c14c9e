"""The scan against an exact, slow float64 reference, and its independence of how a corpus lies in segments."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BUILT, prose, random_batch

from cascade.index import segment, tokens
from cascade.index.scan import K1, THRESHOLD, B, Feature, Statistics, distinct, prepare, scan
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import step

COUNT = 240
UNKNOWN = 7


@pytest.fixture(scope="module")
def batch():
    return random_batch(prose(COUNT), seed=11)


def held(folder, batch):
    """The batch as a segment on disk."""
    imbalance = segment.write(folder, batch, BUILT, None)
    return Segment(folder, segment.entry(folder, batch, 0, imbalance), BUILT, None)


@pytest.fixture(scope="module")
def whole(batch, fresh):
    written = held(fresh(), batch)
    yield written
    written.close()


def statistics(batch):
    seen = np.zeros(BUILT.vocabulary_size, dtype=np.int64)
    for begin, end in pairwise(batch.tokens.offsets.tolist()):
        seen[np.unique(batch.tokens.ids[begin:end])] += 1
    return Statistics(len(batch), seen, len(batch.tokens.ids) / len(batch))


def question(seed, length):
    """A unit vector, token ids and the cosines of a random token table."""
    random = np.random.default_rng(seed)
    vector = random.standard_normal(BUILT.dim).astype(np.float32)
    ids = (random.zipf(1.3, length).clip(1, BUILT.vocabulary_size) - 1).astype(np.uint16)
    table = random.standard_normal((BUILT.vocabulary_size, 6))
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    return vector / np.linalg.norm(vector), ids, table


def probe_of(vector, ids, table, stats):
    once = distinct(ids, UNKNOWN)
    alike = (table[once] @ table.T).astype(np.float32)
    return prepare(vector, ids[ids != UNKNOWN], once, alike, stats), once, alike


def reference(batch, row, vector, ids, once, alike, stats):
    """The six features of one passage, in float64, straight from their definitions."""
    asked = [int(t) for t in ids if t != UNKNOWN]
    times = Counter(asked)
    idf = {}
    for t in times:
        n = float(stats.frequencies[t])
        idf[t] = np.log(1 + (stats.passages - n + 0.5) / (n + 0.5)) * times[t]
    begin, end = batch.tokens.offsets[row : row + 2]
    passage = batch.tokens.ids[begin:end].tolist()
    dense = float((batch.vectors[row].astype(np.float64) * step(BUILT.dim)) @ vector.astype(np.float64))
    whole = sum(idf.values())
    if not whole:
        return [dense, 0, 0, 0, 0, 0]
    late = bm25 = covered = head = 0.0
    for place, t in enumerate(once.tolist()):
        near = [1.0 if p == t else float(alike[place, p]) for p in passage]
        late += idf[t] * max((s**3 for s in near if s >= THRESHOLD), default=0.0)
        tf = passage.count(t)
        norm = K1 * (1 - B + B * len(passage) / stats.mean_length)
        bm25 += idf[t] * tf * (K1 + 1) / (tf + norm)
        covered += idf[t] * (tf > 0)
        head += idf[t] * (t in passage[: batch.tokens.heads[row]])
    wanted = set(pairwise(asked))
    found: dict[int, float] = {}
    for a, b in pairwise(passage):
        if (a, b) in wanted:
            found[b] = max(found.get(b, 0.0), min(idf[a], idf[b]))
    possible = sum(min(idf[a], idf[b]) for a, b in wanted)
    pairs = sum(found.values()) / possible if possible else 0.0
    return [dense, bm25, late / whole, covered / whole, pairs, head / whole]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(0, 30))
def test_the_scan_gives_the_scores_and_the_order_of_an_exact_reference(batch, whole, seed, length):
    stats = statistics(batch)
    vector, ids, table = question(seed, length)
    probe, once, alike = probe_of(vector, ids, table, stats)
    found, _ = scan(whole, np.arange(COUNT), probe)
    exact = np.array([reference(batch, row, vector, ids, once, alike, stats) for row in range(COUNT)])
    np.testing.assert_allclose(found, exact, rtol=2e-5, atol=2e-6)
    for feature in Feature:
        in_order = exact[np.argsort(-found[:, feature], kind="stable"), feature]
        assert np.all(np.diff(in_order) <= 1e-4)


def test_features_do_not_depend_on_which_passages_share_a_segment(batch, whole, fresh):
    stats = statistics(batch)
    probe, *_ = probe_of(*question(4, 12), stats)
    together, _ = scan(whole, np.arange(COUNT), probe)
    for parts in (3, 7):
        apart = []
        for rows in np.array_split(np.arange(COUNT), parts):
            part = held(fresh(), batch.take(rows))
            apart.append(scan(part, np.arange(len(rows)), probe)[0])
            part.close()
        assert np.array_equal(np.concatenate(apart), together)


def test_a_subset_of_rows_gives_the_features_of_those_rows(batch, whole):
    probe, *_ = probe_of(*question(5, 12), statistics(batch))
    rows = np.array([3, 4, 90, 239])
    assert np.array_equal(scan(whole, rows, probe)[0], scan(whole, np.arange(COUNT), probe)[0][rows])


def test_the_scan_says_how_many_bytes_it_read(batch, whole):
    probe, *_ = probe_of(*question(6, 4), statistics(batch))
    rows = np.array([0, 5])
    sizes = np.diff(batch.tokens.offsets)[rows]
    assert scan(whole, rows, probe)[1] == 2 * sizes.sum() + 2 * BUILT.dim


def test_unknown_pieces_of_a_question_count_for_nothing():
    ids = np.array([5, UNKNOWN, 5, 9, UNKNOWN], dtype=np.uint16)
    assert distinct(ids, UNKNOWN).tolist() == [5, 9]


def test_passages_without_any_token_are_scanned_without_a_fault(batch, fresh):
    nothing = TokenBatch.of([np.empty(0, np.uint16)] * 3, [np.empty(0, np.uint16)] * 3)
    silent = segment.Batch(batch.vectors[:3], nothing, batch.texts[:3], batch.catalog.take(np.arange(3)))
    stats = Statistics(3, np.zeros(BUILT.vocabulary_size, np.int64), 0.0)
    part = held(fresh(), silent)
    found, _ = scan(part, np.arange(3), probe_of(*question(8, 5), stats)[0])
    part.close()
    assert not found[:, 1:].any()


def test_an_empty_passage_at_the_very_end_of_a_full_block_is_read(fresh):
    folder = fresh()
    folder.mkdir()
    full = np.zeros((1 << 20) // 2, dtype=np.uint16)
    batch = TokenBatch.of([np.empty(0, np.uint16)] * 2, [full, np.empty(0, np.uint16)])
    tokens.write(folder, batch, 4)
    sums = {path.name: segment.files.checksum(path) for path in folder.iterdir()}
    view = tokens.Tokens(folder, sums).view(np.array([1]))
    assert (view.begins.tolist(), view.ends.tolist()) == ([len(full)], [len(full)])

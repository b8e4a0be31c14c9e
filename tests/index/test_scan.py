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
from cascade.index.probe import THRESHOLD, Asked, Statistics, distinct, foreign, legible, prepare, readable
from cascade.index.scan import K1, SCANNED, B, Feature, scan
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import step

COUNT = 240


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


def statistics(batch, families=None):
    seen = np.zeros(BUILT.vocabulary_size, dtype=np.int64)
    for begin, end in pairwise(batch.tokens.offsets.tolist()):
        seen[np.unique(batch.tokens.ids[begin:end])] += 1
    families = np.arange(BUILT.vocabulary_size) if families is None else families
    return Statistics(len(batch), seen, len(batch.tokens.ids) / len(batch), families)


def question(seed, length):
    """A unit vector, a question whose pieces are grouped into words at random, and a random token table."""
    random = np.random.default_rng(seed)
    vector = random.standard_normal(BUILT.dim).astype(np.float32)
    ids = (random.zipf(1.3, length).clip(1, BUILT.vocabulary_size) - 1).astype(np.uint16)
    words = np.cumsum(random.random(length) < 0.6)
    words = words - words[:1].sum()
    found = random.integers(0, COUNT, int(words[-1]) + 1 if length else 0).astype(np.float64)
    table = random.standard_normal((BUILT.vocabulary_size, 6))
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    return vector / np.linalg.norm(vector), Asked(ids, words.astype(np.int64), found), table


def probe_of(vector, asked, table, stats):
    once = distinct(asked.ids, stats)
    alike = (table[once] @ table.T).astype(np.float32)
    return prepare(vector, asked, once, alike, stats), once, alike


def rarity(stats, found):
    n = min(float(found), stats.passages)
    return np.log(1 + (stats.passages - n + 0.5) / (n + 0.5))


def occurrences(passage, word):
    """Where a word's pieces stand together, as the positions of its last piece."""
    size = len(word)
    return [at + size - 1 for at in range(len(passage) - size + 1) if passage[at : at + size] == word]


def reference(batch, row, vector, asked, once, alike, stats):
    """The six features of one passage, in float64, straight from their definitions."""
    family = stats.families.tolist()
    together = Counter()
    for piece, count in enumerate(stats.frequencies.tolist()):
        together[family[piece]] += count
    said = [family[t] for t in asked.ids.tolist()]
    idf = {f: rarity(stats, together[f]) * times for f, times in Counter(said).items()}
    spelled = {}
    for word in range(len(asked.found)):
        pieces = [f for f, w in zip(said, asked.words.tolist(), strict=True) if w == word]
        weight = rarity(stats, asked.found[word]) if len(pieces) > 1 else rarity(stats, together[pieces[0]])
        spelled[tuple(pieces)] = spelled.get(tuple(pieces), 0.0) + weight
    begin, end = batch.tokens.offsets[row : row + 2]
    raw = batch.tokens.ids[begin:end].tolist()
    passage = [family[t] for t in raw]
    dense = float((batch.vectors[row].astype(np.float64) * step(BUILT.dim)) @ vector.astype(np.float64))
    if not said:
        return [dense, 0, 0, 0, 0, 0]
    late = 0.0
    for place, t in enumerate(once.tolist()):
        near = [1.0 if family[p] == family[t] else float(alike[place, p]) for p in raw]
        late += idf[family[t]] * max((s**3 for s in near if s >= THRESHOLD), default=0.0)
    bm25 = covered = head = 0.0
    norm = K1 * (1 - B + B * len(passage) / stats.mean_length)
    for word, weight in spelled.items():
        ends = occurrences(passage, list(word))
        bm25 += weight * len(ends) * (K1 + 1) / (len(ends) + norm)
        covered += weight * bool(ends)
        head += weight * any(at < batch.tokens.heads[row] for at in ends)
    wanted = set(pairwise(said))
    found: dict[int, float] = {}
    for a, b in pairwise(passage):
        if (a, b) in wanted:
            found[b] = max(found.get(b, 0.0), min(idf[a], idf[b]))
    possible = sum(min(idf[a], idf[b]) for a, b in wanted)
    pairs = sum(found.values()) / possible if possible else 0.0
    whole = sum(spelled.values())
    return [dense, bm25, late / sum(idf.values()), covered / whole, pairs, head / whole]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(0, 30), forms=st.integers(1, 3))
def test_the_scan_gives_the_scores_and_the_order_of_an_exact_reference(batch, whole, seed, length, forms):
    stats = statistics(batch, np.arange(BUILT.vocabulary_size) // forms)
    vector, asked, table = question(seed, length)
    probe, once, alike = probe_of(vector, asked, table, stats)
    found, _ = scan(whole, np.arange(COUNT), probe)
    exact = np.array([reference(batch, row, vector, asked, once, alike, stats) for row in range(COUNT)])
    np.testing.assert_allclose(found, exact, rtol=2e-5, atol=2e-6)
    for feature in list(Feature)[:SCANNED]:
        in_order = exact[np.argsort(-found[:, feature], kind="stable"), feature]
        assert np.all(np.diff(in_order) <= 1e-4)


def test_a_word_of_several_pieces_counts_only_where_they_stand_together(fresh):
    bodies = [np.array(ids, np.uint16) for ids in ([1, 2, 3], [1, 3, 2], [1, 2, 1, 2, 3], [2, 3], [1, 2])]
    batch = random_batch(prose(5), seed=1)
    laid = TokenBatch.of([np.empty(0, np.uint16)] * 5, bodies)
    part = held(fresh(), segment.Batch(batch.vectors, laid, batch.texts, batch.catalog))
    stats = Statistics(5, np.zeros(BUILT.vocabulary_size, np.int64), 3.0, np.arange(BUILT.vocabulary_size))
    asked = Asked(np.array([1, 2, 3], np.uint16), np.zeros(3, np.int64), np.array([2.0]))
    unlike = np.eye(BUILT.vocabulary_size, dtype=np.float32)[[1, 2, 3]]
    found, _ = scan(part, np.arange(5), prepare(batch.vectors[0].astype(np.float32), asked, asked.ids, unlike, stats))
    part.close()
    assert found[:, Feature.COVERAGE].tolist() == [1, 0, 1, 0, 0]


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


def test_passages_without_any_token_are_scanned_without_a_fault(batch, fresh):
    nothing = TokenBatch.of([np.empty(0, np.uint16)] * 3, [np.empty(0, np.uint16)] * 3)
    silent = segment.Batch(batch.vectors[:3], nothing, batch.texts[:3], batch.catalog.take(np.arange(3)))
    stats = Statistics(3, np.zeros(BUILT.vocabulary_size, np.int64), 0.0, np.arange(BUILT.vocabulary_size))
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
    view = tokens.Tokens(folder, sums, 200).view(np.array([1]))
    assert (view.begins.tolist(), view.ends.tolist()) == ([len(full)], [len(full)])


@pytest.mark.parametrize(("text", "pieces", "expected"), [
    ("How high is the tower?", ["how", "high", "is", "the", "tower", "?"], 1.0),
    ("Wie hoch ist der Turm?", ["wi", "##e", "ho", "##ch", "ist", "der", "tu", "##rm", "?"], 2 * 6 / 17),
    ("\u0442\u043e\u043c", ["\u0442", "##\u043e", "##\u043c"], 0.0),
    ("\u5854\u9ad8", ["\u5854"], 0.0),
    ("", [], 0.0),
])  # fmt: skip
def test_a_question_is_legible_as_far_as_it_is_written_in_known_words(text, pieces, expected):
    assert legible(text, pieces) == pytest.approx(expected)


@pytest.mark.parametrize(("text", "pieces", "expected"), [
    ("How high is the tower?", ["how", "high", "is", "the", "tower", "?"], 0.0),
    ("Wie hoch ist der Turm?", ["wi", "##e", "ho", "##ch", "ist", "der", "tu", "##rm", "?"], 2 / 3),
    ("Numbat in 1987?", ["nu", "##mba", "##t", "in", "1987", "?"], 1 / 3),
    ("\u0442\u043e\u043c", ["\u0442", "##\u043e", "##\u043c"], 1.0),
    ("\u5854\u9ad8", [], 1.0),
    ("1987 + 12", ["1987", "+", "12"], 0.0),
    ("", [], 0.0),
])  # fmt: skip
def test_a_question_is_foreign_as_far_as_its_words_are_not_known_whole(text, pieces, expected):
    assert foreign(text, pieces) == pytest.approx(expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("Ai l\u00e0 th\u1ecb tr\u01b0\u1edfng c\u1ee7a Paris?", "Ai Paris?"),
    ("When did Beyonc\u00e9 sing in S\u00e3o Paulo?", None),
    ("Th\u1ecb tr\u01b0\u1edfng", None),
    ("plain words", None),
    ("\u0442\u043e\u043c \u0441\u0430\u0434", None),
    ("", None),
])  # fmt: skip
def test_words_with_accents_are_left_out_where_most_have_some(text, expected):
    assert readable(text) == (text if expected is None else expected)

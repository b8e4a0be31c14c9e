"""What the best passages say, against slow references straight from the definitions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from small import BUILT, prose, random_batch

from cascade.index import segment
from cascade.index.feedback import FULL, K1, LEADS, TERMS, B, centre, hear, listen
from cascade.index.probe import Statistics
from cascade.index.segment import Segment
from cascade.index.tokens import TokenBatch
from cascade.index.vectors import dequantize

COUNT = 120


@pytest.fixture(scope="module")
def batch():
    return random_batch(prose(COUNT), seed=21)


@pytest.fixture(scope="module")
def whole(batch, fresh):
    folder = fresh()
    imbalance = segment.write(folder, batch, BUILT, None)
    written = Segment(folder, segment.entry(folder, batch, 0, imbalance), BUILT, None)
    yield written
    written.close()


@pytest.fixture(scope="module")
def stats(batch):
    seen = np.zeros(BUILT.vocabulary_size, dtype=np.int64)
    for begin, end in pairwise(batch.tokens.offsets.tolist()):
        seen[np.unique(batch.tokens.ids[begin:end])] += 1
    return Statistics(COUNT, seen, len(batch.tokens.ids) / COUNT, np.arange(BUILT.vocabulary_size) // 2)


def echo_of(batch, stats, rows, shares, asked=(3, 40)):
    rows = np.asarray(rows)
    best = batch.tokens.take(rows)
    return listen(best, np.asarray(shares, np.float32), np.array(asked, np.uint16), stats)


def passage(batch, row):
    return batch.tokens.ids[batch.tokens.offsets[row] : batch.tokens.offsets[row + 1]].tolist()


def rarity(stats, piece):
    n = int(stats.frequencies[piece])
    return np.log(1 + (stats.passages - n + 0.5) / (n + 0.5))


def reference_terms(batch, stats, rows, shares, asked):
    """The terms and their weights: a dictionary, in float64."""
    said = {}
    for row, share in zip(rows, shares, strict=True):
        for piece in passage(batch, row):
            if piece // 2 not in {a // 2 for a in asked}:
                said[piece] = said.get(piece, 0.0) + share / len(passage(batch, row))
    value = {piece: share * rarity(stats, piece) ** 2 for piece, share in said.items()}
    chosen = sorted(value, key=lambda piece: (-value[piece], piece))[:TERMS]
    return {piece: value[piece] / sum(value[p] for p in chosen) * rarity(stats, piece) for piece in chosen}


def test_terms_and_their_scores_equal_an_exact_reference(batch, whole, stats):
    rows, shares = [7, 30, 99], [0.5, 0.3, 0.2]
    terms = reference_terms(batch, stats, rows, shares, (3, 40))
    found = hear(whole, np.arange(COUNT), echo_of(batch, stats, rows, shares))
    expected = np.zeros(COUNT)
    for row in range(COUNT):
        ids = passage(batch, row)
        norm = K1 * (1 - B + B * len(ids) / stats.mean_length)
        expected[row] = sum(w * ids.count(p) * (K1 + 1) / (ids.count(p) + norm) for p, w in terms.items() if p in ids)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4, atol=1e-6)


def test_the_middle_is_the_mean_of_the_vectors_by_share(batch):
    middle = 0.75 * dequantize(batch.vectors[1:2])[0] + 0.25 * dequantize(batch.vectors[2:3])[0]
    middle /= np.linalg.norm(middle)
    found = centre(batch.vectors[1:3], np.array([0.75, 0.25], np.float32))
    np.testing.assert_allclose(found, middle, atol=1e-6)


def test_a_title_counts_by_how_much_of_it_one_passage_names(batch, whole, stats):
    rows = list(range(LEADS))
    found = hear(whole, np.arange(COUNT), echo_of(batch, stats, rows, np.full(LEADS, 1 / LEADS), asked=(3,)))[:, 1]
    for row in range(COUNT):
        head = passage(batch, row)[: batch.tokens.heads[row]]
        weights = [0.0 if piece // 2 == 1 else rarity(stats, piece) for piece in head]
        total, most = sum(weights), 0.0
        for lead in rows:
            named = sum(w for piece, w in zip(head, weights, strict=True) if piece in set(passage(batch, lead)))
            if total:
                most = max(most, (named / total) ** 2 * total / (total + FULL) / np.log2(2 + lead))
        assert found[row] == pytest.approx(most, abs=1e-4)


def test_what_the_question_says_in_any_form_is_no_news(batch, stats):
    row = int(np.argmax(np.diff(batch.tokens.offsets)))
    asked = passage(batch, row)
    echo = echo_of(batch, stats, [row], [1.0], asked=[piece ^ 1 for piece in asked])
    assert not echo.slots.any()
    assert len(echo.weights) == 0


def test_passages_without_tokens_say_nothing(batch, whole, stats):
    nothing = TokenBatch.of([np.empty(0, np.uint16)], [np.empty(0, np.uint16)])
    echo = listen(nothing, np.ones(1, np.float32), np.empty(0, np.uint16), stats)
    found = hear(whole, np.arange(COUNT), echo)
    assert not found.any()


def test_features_do_not_depend_on_which_other_rows_are_read(batch, whole, stats):
    echo = echo_of(batch, stats, [5, 6], [0.6, 0.4])
    rows = np.array([2, 50, 119])
    assert np.array_equal(hear(whole, rows, echo), hear(whole, np.arange(COUNT), echo)[rows])

"""A token table learns from MiniLM's vectors what a sum of tokens can."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.models.distill import Bags, Lessons, Recipe, basis, meaningless, steady, train, weighted
from cascade.models.vocabulary import Vocabulary

PIECES = np.random.default_rng(1).standard_normal((Vocabulary.size, 384)).astype(np.float32)


def lessons(passages: int = 300, seed: int = 0) -> Lessons:
    """Passages of 5-20 tokens out of 300, whose vectors are sums of hidden token vectors."""
    draw = np.random.default_rng(seed)
    hidden = draw.standard_normal((300, 384))
    bags = [draw.integers(0, 300, draw.integers(5, 21)) for _ in range(passages)]
    vectors = np.array([hidden[bag].sum(axis=0) for bag in bags])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    offsets = np.concatenate(([0], np.cumsum([len(bag) for bag in bags])))
    return Lessons((np.concatenate(bags) + 2_000).astype(np.uint16), offsets, vectors.astype(np.float16))


@pytest.fixture(scope="module")
def trained():
    said: list[str] = []
    given = lessons()
    recipe = Recipe(dim=16, epochs=15, batch=64, rate=0.1)
    before = train(given, Recipe(dim=16, epochs=0), pieces=PIECES)
    return given, before, train(given, recipe, said.append, PIECES), said, recipe


def nearness(table, given):
    aims = table.project(given.vectors.astype(np.float32))
    return float((table.pool(given.tokens, given.offsets) * aims).sum(axis=1).mean())


def test_training_brings_passages_to_where_minilm_puts_them(trained):
    given, before, after, _, _ = trained
    assert nearness(before, given) < 0.3
    assert nearness(after, given) > 0.9


def test_the_same_lessons_give_the_same_table(trained):
    given, _, after, _, recipe = trained
    assert train(given, recipe, pieces=PIECES).fingerprint == after.fingerprint


def test_it_tells_how_far_it_is_and_the_table_says_where_it_comes_from(trained):
    _, _, after, said, _ = trained
    cosines = [float(line.split()[-1]) for line in said]
    assert said[0].startswith("epoch 1 of 15: mean cosine ")
    assert cosines[0] < 0.9 < cosines[-1]
    assert after.notes["passages"] == "300"
    assert "Apache-2.0" in after.notes["licence"]


def test_pieces_that_stand_for_no_text_have_zero_rows(trained):
    bare = meaningless()
    assert {0, 100, 101, 102, 103} <= set(bare.tolist())
    assert not trained[2].rows[bare].any()
    assert Vocabulary().pieces([7592])[0] == "hello"
    assert trained[2].rows[7592].any()


def test_rare_pieces_weigh_more_and_the_mean_is_taken_out():
    pieces = np.array([[1, 0], [0, 1], [-1, 2]], dtype=np.float32)
    # Shares 0.9, 0.1 and, for one never seen, that of one occurrence: 0.1.
    found = weighted(pieces, np.array([9, 1, 0]), sif=0.1)
    assert found == pytest.approx(np.array([[0.1, -0.1], [0, 0], [-0.5, 0.5]]))


def test_the_basis_is_orthonormal_and_keeps_what_lies_in_few_directions():
    draw = np.random.default_rng(0)
    flat = (draw.standard_normal((500, 8)) @ draw.standard_normal((8, 384))).astype(np.float32)
    found = basis(flat, 8, seed=0)
    assert found.T @ found == pytest.approx(np.eye(8), abs=1e-5)
    assert (flat @ found) @ found.T == pytest.approx(flat, abs=1e-3)


def test_rows_seen_often_stay_and_rows_never_seen_are_predicted():
    draw = np.random.default_rng(0)
    alone = draw.standard_normal((900, 384)).astype(np.float32)
    rows = (alone @ draw.standard_normal((384, 16))).astype(np.float32)
    truth = rows.copy()
    counts = np.full(900, 10_000_000)
    rows[0], counts[0] = 100, 0
    found = steady(rows, alone, counts, trust=10)
    assert found[1:] == pytest.approx(truth[1:], abs=1e-3)
    assert np.corrcoef(found[0], truth[0])[0, 1] > 0.95


def test_bags_are_the_passages_asked_for():
    import torch

    given = lessons(5)
    tokens, offsets = Bags(given).take(torch.tensor([3, 0]))
    third, first = (given.tokens[given.offsets[i] : given.offsets[i + 1]].tolist() for i in (3, 0))
    assert tokens.tolist() == third + first
    assert offsets.tolist() == [0, len(third)]

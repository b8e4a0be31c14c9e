"""Inverted lists: trained on one level or on two, they put the same passages together."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.index.coarse import Lists, Training, balance, train
from cascade.index.vectors import dequantize, quantize

DIM = 32


def vectors_of(count, topics=60, seed=2):
    """int8 vectors around random topics."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(1).standard_normal((topics, DIM))
    made = centres[random.integers(0, topics, count)] + 0.7 * random.standard_normal((count, DIM))
    return quantize((made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32))


def similarity(lists, vectors):
    """How near vectors are to the centroids of the lists they are put into, on average."""
    found = lists.centroids[lists.assign(vectors)]
    return float(np.mean(np.einsum("ij,ij->i", dequantize(vectors), found)))


@pytest.fixture(scope="module")
def two_levels():
    """Lists that were trained in groups, and the same centroids without."""
    made = train(vectors_of(20_000), 256, 1, Training(grouped=200))
    return made, Lists(made.centroids)


def test_lists_of_two_levels_are_as_many_and_as_good_as_of_one(two_levels):
    made, _ = two_levels
    flat = train(vectors_of(20_000), 256, threads=1)
    assert len(made) == len(flat) == 256
    assert flat.groups is None
    assert len(made.groups) == 16
    assert made.groups.begins.tolist() == sorted({0, 256, *made.groups.begins.tolist()})
    fresh = vectors_of(3_000, seed=8)
    assert similarity(made, fresh) > 0.98 * similarity(flat, fresh)
    np.testing.assert_allclose(np.linalg.norm(made.centroids, axis=1), 1, atol=1e-5)


def test_what_groups_miss_of_an_exhaustive_assignment_is_under_a_hundredth(two_levels):
    made, flat = two_levels
    fresh = vectors_of(3_000, seed=8)
    assert similarity(made, fresh) > 0.99 * similarity(flat, fresh)
    assert np.mean(made.assign(fresh) == flat.assign(fresh)) > 0.97


def test_the_lists_nearest_to_a_query_are_those_of_an_exhaustive_search(two_levels):
    made, flat = two_levels
    for vector in dequantize(vectors_of(30, seed=9)):
        lists, near = made.nearest(vector, 20)
        expected, best = flat.nearest(vector, 20)
        assert len({*lists.tolist()} & {*expected.tolist()}) >= 19
        assert near[0] == pytest.approx(best[0], abs=1e-6)


def test_training_twice_gives_the_same_centroids():
    first, second = (train(vectors_of(2_000), 20, threads=1) for _ in range(2))
    assert np.array_equal(first.centroids, second.centroids)


def test_more_lists_than_a_group_has_vectors_are_left_out():
    same = np.repeat(vectors_of(1), 40, axis=0)
    made = train(np.concatenate([same, vectors_of(3, seed=5)]), 40, 1, Training(grouped=16))
    assert 1 <= len(made) <= 43
    assert made.groups.begins[-1] == len(made)


def test_balance_is_one_for_even_lists_and_the_number_of_lists_for_a_single_full_one():
    assert balance(np.array([0, 1, 2, 3]), 4) == 1.0
    assert balance(np.array([2, 2, 2]), 4) == 4.0

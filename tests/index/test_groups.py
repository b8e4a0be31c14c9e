"""Lists in groups: what is found in the nearest groups is what exhaustive search finds, nearly always."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.index import groups
from cascade.index.groups import Groups, shares

DIM = 24


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def some_groups(count=90, seed=3):
    """Groups of uneven size around random centres, one of them a single list."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 30, count)
    sizes[5] = 1
    centres = np.repeat(random.standard_normal((count, DIM)), sizes, axis=0)
    begins = np.concatenate(([0], np.cumsum(sizes)))
    return Groups(unit(centres + 0.6 * random.standard_normal(centres.shape)), begins)


def some_vectors(made, count=500, seed=4):
    random = np.random.default_rng(seed)
    near = made.centroids[random.integers(0, len(made.centroids), count)]
    return unit(near + 0.25 * random.standard_normal(near.shape))


def test_a_vector_is_put_into_the_nearest_list_of_the_nearest_groups():
    made = some_groups()
    vectors = some_vectors(made)
    near = vectors @ made.centroids.T
    found = made.assign(vectors)
    assert np.mean(found == near.argmax(axis=1)) > 0.98
    lost = 1 - near[np.arange(len(near)), found].mean() / near.max(axis=1).mean()
    assert lost < 0.002


def test_with_fewer_groups_than_are_read_nothing_is_missed():
    made = some_groups(groups.READ)
    vectors = some_vectors(made)
    assert np.array_equal(made.assign(vectors), (vectors @ made.centroids.T).argmax(axis=1))
    for vector in vectors[:20]:
        lists, near = made.nearest(vector, 7)
        expected = np.argsort(-(made.centroids @ vector), kind="stable")[:7]
        assert lists.tolist() == expected.tolist()
        np.testing.assert_allclose(near, (made.centroids @ vector)[expected], atol=1e-6)


def test_the_nearest_lists_come_nearest_first_and_are_as_many_as_were_asked_for():
    made = some_groups()
    for vector in some_vectors(made, 20):
        lists, near = made.nearest(vector, 25)
        assert len({*lists.tolist()}) == 25
        assert (np.diff(near) <= 0).all()
        best = np.argsort(-(made.centroids @ vector))[:25]
        assert len({*lists.tolist()} & {*best.tolist()}) >= 23
    assert len(made.nearest(vector, 10_000)[0]) == len(made.centroids)


def test_what_is_no_number_is_put_somewhere_and_stops_nothing():
    made = some_groups()
    vectors = some_vectors(made, 3)
    vectors[1] = np.nan
    found = made.assign(vectors)
    assert found[[0, 2]].tolist() == made.assign(vectors[[0, 2]]).tolist()
    assert 0 <= found[1] < len(made.centroids)


@pytest.mark.parametrize(
    ("sizes", "lists", "expected"),
    [
        ([10, 10], 4, [2, 2]), ([30, 10], 4, [3, 1]), ([100, 0, 1], 10, [8, 1, 1]), ([1, 1, 1], 3, [1, 1, 1]),
        ([0, 0], 6, [3, 3]), ([7, 2, 1], 5, [3, 1, 1]),
    ],
)  # fmt: skip
def test_lists_are_shared_out_by_size_and_every_group_has_one(sizes, lists, expected):
    assert shares(np.array(sizes), lists).tolist() == expected

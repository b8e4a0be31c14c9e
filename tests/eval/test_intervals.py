import numpy as np
import pytest

from eval.intervals import bootstrap, spread, wilson


def test_the_median_and_p95_are_over_all_runs():
    assert spread(list(range(1, 102))) == (51.0, 96.0, 101)


def test_wilson_agrees_with_the_published_example():
    """15 of 148: Newcombe 1998, Table I, method 3."""
    share, low, high = wilson(15, 148)
    assert (round(share, 4), round(low, 4), round(high, 4)) == (0.1014, 0.0624, 0.1605)


def test_wilson_stays_within_nothing_and_all():
    assert wilson(0, 20).low == 0.0
    assert wilson(20, 20).high == 1.0
    assert wilson(0, 0) == (0.0, 0.0, 1.0)


def test_the_bootstrap_of_equal_values_has_no_width():
    assert bootstrap([[0.5] * 10, [0.25] * 3], seed=1) == (0.375, 0.375, 0.375)


def test_the_bootstrap_comes_near_the_normal_interval():
    values = np.random.default_rng(0).normal(1.0, 2.0, 400)
    found = bootstrap([values.tolist()], seed=3)
    half = 1.96 * values.std() / np.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_the_same_seed_gives_the_same_interval():
    assert bootstrap([[0.0, 1.0, 1.0]], seed=5) == bootstrap([[0.0, 1.0, 1.0]], seed=5)


def test_groups_weigh_the_same_whatever_their_size():
    assert bootstrap([[1.0] * 100, [0.0]], seed=0).value == 0.5

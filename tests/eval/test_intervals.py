from math import ceil, comb, sqrt

import numpy as np
import pytest

from cascade.errors import UsageError
from eval.intervals import Z95, bootstrap, needed, paired, spread, wilson


def test_the_median_and_p95_are_over_all_runs():
    assert spread(list(range(1, 102))) == (51.0, 96.0, 101)


def test_wilson_agrees_with_the_published_example():
    """15 of 148: Newcombe 1998, Table I, method 3."""
    share, low, high = wilson(15, 148)
    assert (round(share, 4), round(low, 4), round(high, 4)) == (0.1014, 0.0624, 0.1605)


def test_wilson_stays_within_nothing_and_all():
    assert wilson(0, 20).low == 0.0
    assert [wilson(n, n).high for n in range(1, 400)] == [1.0] * 399
    assert [wilson(0, n).low for n in range(1, 400)] == [0.0] * 399
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


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_agrees_with_every_published_example(right, asked, low, high):
    """Newcombe 1998, Table I, method 3."""
    found = wilson(right, asked)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_ends_of_wilson_solve_the_equation_that_defines_them():
    """Wilson 1927: the shares from which the one seen is exactly 1.96 standard errors away."""
    for right, asked in [(3, 10), (190, 200), (1, 1_000)]:
        share, *ends = wilson(right, asked)
        for end in ends:
            assert abs(share - end) == pytest.approx(Z95 * sqrt(end * (1 - end) / asked), rel=1e-9)


def test_wilson_covers_the_truth_as_often_as_it_says():
    """By adding up the binomial distribution, not by drawing: the mean coverage over shares is 95%, never under 83%."""
    for asked in (20, 50, 200):
        held = np.array([wilson(right, asked)[1:] for right in range(asked + 1)])
        shares = np.linspace(0.005, 0.995, 199)
        counts = np.arange(asked + 1)
        ways = np.array([float(comb(asked, count)) for count in counts])
        chances = ways * shares[:, None] ** counts * (1 - shares[:, None]) ** (asked - counts)
        covered = (chances * ((held[:, 0] <= shares[:, None]) & (shares[:, None] <= held[:, 1]))).sum(axis=1)
        assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
        assert min(covered) > 0.83


@pytest.mark.parametrize(("share", "half"), [(0.5, 0.05), (0.99, 0.01), (0.8, 0.05), (0.0, 0.02), (1.0, 0.01)])
def test_the_trials_needed_are_the_fewest_that_are_enough(share, half):
    def width(asked):
        middle = (share + Z95**2 / (2 * asked)) / (1 + Z95**2 / asked)
        root = sqrt(4 * asked * share * (1 - share) + Z95**2)
        return middle, Z95 * root / (2 * (asked + Z95**2))

    asked = needed(share, half)
    assert width(asked)[1] <= half < width(asked - 1)[1]


def test_known_numbers_of_trials():
    """For a share of one half the half width is z / (2 sqrt(n + z^2)), so n is (z / 2h)^2 - z^2."""
    assert needed(0.5, 0.05) == ceil((Z95 / 0.1) ** 2 - Z95**2) == 381
    assert needed(0.5, 0.1) == 93
    found = wilson(380, 400)
    assert needed(0.95, (found.high - found.low) / 2) == 400
    assert needed(0.5, 0.5) == 1


@pytest.mark.parametrize(("share", "half"), [(1.1, 0.1), (-0.1, 0.1), (0.5, 0.0), (0.5, 0.7)])
def test_impossible_widths_are_refused(share, half):
    with pytest.raises(UsageError, match="to within"):
        needed(share, half)


def test_a_paired_difference_is_as_sure_as_the_differences_are():
    high = np.random.default_rng(1).random(60)
    assert paired((high + 0.25).tolist(), high.tolist(), seed=2) == pytest.approx((0.25, 0.25, 0.25))
    assert paired([1.0, 0.0], [1.0, 0.0], seed=0) == (0.0, 0.0, 0.0)


def test_pairing_tells_apart_what_separate_intervals_cannot():
    hard = np.random.default_rng(0).random(200)
    better = np.clip(hard + np.random.default_rng(1).normal(0.03, 0.05, 200), 0, 1)
    assert bootstrap([better.tolist()], 1).low < bootstrap([hard.tolist()], 1).high
    assert paired(better.tolist(), hard.tolist(), seed=1).low > 0


def test_a_paired_interval_covers_the_true_difference_about_as_often_as_it_says():
    random = np.random.default_rng(7)
    held = 0
    for run in range(200):
        base = random.random(80)
        found = paired((base + random.normal(0.1, 0.3, 80)).tolist(), base.tolist(), seed=run)
        held += found.low <= 0.1 <= found.high
    assert 180 <= held <= 199


def test_only_the_same_questions_can_be_paired():
    with pytest.raises(UsageError, match="2 and 1 questions"):
        paired([1.0, 0.0], [1.0], seed=0)
    with pytest.raises(UsageError, match="0 and 0"):
        paired([], [], seed=0)

"""Rates above a score, against populations whose tails are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eval.bench.scale.tails import Tail, fit, rate, thinned


def tail(scores: np.ndarray, keep: int = 400) -> Tail:
    return Tail(tuple(np.sort(scores)[::-1][:keep].tolist()), len(scores))


def normal(score: float) -> float:
    return math.erfc(score / math.sqrt(2)) / 2


@pytest.mark.parametrize("kind", ["exponential", "normal", "heavy"])
def test_a_tail_is_fitted_a_hundred_times_further_than_it_reaches(random: np.random.Generator, kind: str) -> None:
    score = {"exponential": -math.log(5e-7), "normal": 4.891638, "heavy": 5e-7**-0.4}[kind]
    assert normal(4.891638) == pytest.approx(5e-7, rel=0.01)
    off = []
    for _ in range(20):
        uniform = random.random(20_000)
        drawn = {"exponential": -np.log(uniform), "normal": random.standard_normal(20_000), "heavy": uniform**-0.4}
        fitted = fit(*tail(drawn[kind]))
        assert fitted is not None
        off.append(math.log10(fitted.above(score) / 5e-7))
    assert abs(np.median(off)) < 0.5
    assert np.median(np.abs(off)) < 1


def test_what_is_above_a_score_that_nothing_reached_is_told_within_a_factor(random: np.random.Generator) -> None:
    wrong = []
    for _ in range(40):
        scores = random.standard_normal(20_000)
        counts = rate(tail(scores), 4.75).counts(10_000_000, random, 2_000)
        wrong.append(np.log10(max(counts.mean(), 1e-3) / 10.17))
    assert abs(np.median(wrong)) < 0.3, "of ten million normal draws, 10.17 are above 4.75"


def test_a_count_that_is_large_is_thinning(random: np.random.Generator) -> None:
    scores = random.standard_normal(100_000)
    above = int((scores > 2).sum())
    counts = rate(tail(scores, 4_000), 2.0).counts(1_000_000, random, 2_000)
    assert counts.mean() == pytest.approx(above * 10, rel=0.02)
    assert rate(tail(scores), 2.0, above).counts(1_000_000, random, 2_000).mean() == pytest.approx(above * 10, rel=0.02)


def test_more_distractors_never_stand_above_a_higher_score(random: np.random.Generator) -> None:
    held = tail(random.standard_normal(50_000))
    means = [rate(held, score).shape / rate(held, score).rate for score in (1.0, 2.0, 3.0, 4.0, 5.0, 9.0)]
    assert means == sorted(means, reverse=True)


def test_a_handful_of_scores_says_no_more_than_their_count(random: np.random.Generator) -> None:
    held = Tail((0.9, 0.5), 1_000)
    assert fit(*held) is None
    assert rate(held, 0.7).counts(1_000, random, 20_000).mean() == pytest.approx(2, rel=0.1)
    assert fit((0.5,) * 100, 1_000) is None


def test_thinning_keeps_the_share_of_those_above(random: np.random.Generator) -> None:
    assert thinned(1_000, 0.01, random, 20_000).mean() == pytest.approx(10, rel=0.05)
    assert thinned(5, 1.7, random, 10).tolist() == [5] * 10

"""What is learned: the slope is the loss's, the prior holds, what matters is found, and relevance is calibrated."""

from __future__ import annotations

import numpy as np
import pytest

from cascade.config import RerankConfig
from cascade.index.fusion import CALIBRATED, Circumstance
from cascade.index.scan import Feature
from cascade.stages.eyes import hand_set
from eval.training.fit import Recipe, _pull, calibrate, fit, scores
from eval.training.judge import error, reliability
from eval.training.lessons import Lesson

HAND = hand_set(RerankConfig())


def lesson(seed, telling=Feature.HEAD, turn=None, count=60):
    """Candidates at random; the relevant one is the best by one feature."""
    random = np.random.default_rng(seed)
    z = random.standard_normal((count, len(Feature))).astype(np.float32)
    gains = np.zeros(count, np.float32)
    gains[int(np.argmax(z[:, telling]))] = 1
    circumstance = np.zeros(len(Circumstance), np.float32) if turn is None else np.array(turn, np.float32)
    features = np.abs(z) / 4
    return Lesson(z, features, circumstance, gains, np.arange(count), {int(np.argmax(gains)): 1})


def loss(one, weights):
    scored = one.z @ weights
    return -float((one.gains / one.gains.sum() * (scored - np.log(np.exp(scored).sum()))).sum())


def test_the_slope_is_that_of_the_loss():
    one = lesson(1)
    weights = np.linspace(-0.5, 0.5, len(Feature))
    slope = _pull(one, weights)
    for at in range(len(Feature)):
        step = np.zeros(len(Feature))
        step[at] = 1e-5
        found = (loss(one, weights + step) - loss(one, weights - step)) / 2e-5
        assert slope[at] == pytest.approx(found, abs=1e-5)


def test_the_feature_that_tells_is_found():
    sets = [[lesson(seed) for seed in range(20)], [lesson(seed) for seed in range(20, 40)]]
    learned = fit(sets, HAND, Recipe(prior=0.01))
    assert learned.weights[Feature.HEAD] > HAND.weights[Feature.HEAD] + 0.8
    first = [float(scores(one, learned).argmax() == one.gains.argmax()) for one in map(lesson, range(100, 130))]
    before = [float(scores(one, HAND).argmax() == one.gains.argmax()) for one in map(lesson, range(100, 130))]
    assert np.mean(first) > np.mean(before) + 0.3


def test_a_strong_prior_leaves_the_hand_set_weights():
    learned = fit([[lesson(seed) for seed in range(20)]], HAND, Recipe(prior=1e4, turning=1e4))
    np.testing.assert_allclose(learned.weights, HAND.weights, atol=0.05)
    np.testing.assert_allclose(learned.turns, HAND.turns, atol=0.05)


def test_a_circumstance_can_turn_what_counts():
    one = [1, 0, 0, 0, 0, 0, 0]
    other = [-1, 0, 0, 0, 0, 0, 0]
    lessons = [lesson(seed, Feature.DENSE, one) for seed in range(30)]
    lessons += [lesson(seed, Feature.BM25, other) for seed in range(30, 60)]
    learned = fit([lessons], HAND, Recipe(prior=0.05, turning=0.01))
    assert learned.turns[0, Feature.DENSE] > 0.3
    assert not learned.turns[:, Feature.BM25].any()


def test_without_steps_the_weights_stay_and_relevance_is_learned():
    lessons = [[lesson(seed, turn=[0, 0, 0, 0, 0, seed / 8, 0]) for seed in range(8)]]
    kept = fit(lessons, HAND, Recipe(steps=0))
    np.testing.assert_allclose(kept.weights, HAND.weights, atol=1e-6)
    assert np.array_equal(kept.turns, HAND.turns)
    assert not np.array_equal(kept.calibration, HAND.calibration)


def test_names_speak_for_links_alone():
    learned = fit([[lesson(seed, Feature.NAMED) for seed in range(20)]], HAND, Recipe(prior=0.001))
    assert learned.weights[Feature.NAMED] == HAND.weights[Feature.NAMED]
    assert not learned.turns[:, Feature.NAMED].any()


def test_every_set_weighs_the_same_however_large():
    many, few = [lesson(seed) for seed in range(8)], [lesson(100, Feature.PAIRS), lesson(101, Feature.PAIRS)]
    doubled = fit([many * 2, few], HAND, Recipe())
    np.testing.assert_allclose(doubled.weights, fit([many, few], HAND, Recipe()).weights, atol=1e-4)


def test_lessons_without_anything_relevant_teach_nothing():
    nothing = lesson(1)
    nothing = Lesson(nothing.z, nothing.features, nothing.turn, nothing.gains * 0, nothing.documents, {})
    assert fit([[nothing]], HAND) is HAND


def test_relevance_is_calibrated_to_how_often_it_is_so():
    random = np.random.default_rng(2)
    lessons = []
    for _ in range(60):
        features = random.random((100, len(Feature))).astype(np.float32)
        chance = 1 / (1 + np.exp(-(6 * features[:, Feature.DENSE] - 4)))
        gains = (random.random(100) < chance).astype(np.float32)
        turn = np.zeros(len(Circumstance), np.float32)
        lessons.append(Lesson(features * 0, features, turn, gains, np.arange(100), {}))
    found = calibrate([lessons], HAND)
    assert found[CALIBRATED.index(Feature.DENSE)] == pytest.approx(6, abs=0.6)
    assert found[-1] == pytest.approx(-4, abs=0.6)


def test_reliability_bins_hold_what_was_said_and_what_was():
    said, true = np.array([0.05, 0.05, 0.95, 1.0]), np.array([False, True, True, True])
    found = reliability(said, true)
    assert found == [(2, pytest.approx(0.05), 0.5), (2, pytest.approx(0.975), 1.0)]
    assert error(found) == pytest.approx((2 * 0.45 + 2 * 0.025) / 4)
    assert error([]) == 0

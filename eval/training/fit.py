"""Finds the weights of a fusion: a listwise loss with a prior, and a logistic regression for relevance. In NumPy.

The loss of a question is the cross-entropy between its gains and the softmax of its candidates' scores (ListNet's
top-one loss, Cao et al. 2007); every set weighs the same. The prior pulls the weights towards the hand-set ones: with a
few hundred questions of a few sets, a learner without it learns the sets (docs/log.md).
Knows lessons and weights; knows nothing of indexes, and no name of a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cascade.data import CEILING, Floats
from cascade.index.fusion import CALIBRATED, Fusion
from cascade.index.scan import Feature
from eval.training.lessons import Lesson

Doubles = NDArray[np.float64]

STEPS, RATE = 120, 0.02
"""Of Adam, over all questions at once (Kingma and Ba 2015, with its usual moments)."""

SHARP = 0.2
"""What scores are multiplied with before the softmax, at first: z-scores sum to tens. Learned with the weights, without
a prior: or else weights shrink to soften the softmax, which changes no ranking."""

STEPPING = (Feature.DENSE,)
"""The weights that circumstances may turn: when vectors are to be believed more. Turning more learned the sets."""

FIXED = (Feature.NAMED, Feature.BRIDGE, Feature.ECHO)
"""Weights that stay as they are: NAMED and BRIDGE speak for links alone, and how much feedback is worth differs most by
set."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """`prior`: what a weight costs that is not the hand-set one, squared; `turning`: what a turn costs.

    `steps`: of learning the weights; 0 keeps the hand-set ones, and relevance alone is learned.
    """

    prior: float = 60.0
    turning: float = 4.0
    steps: int = STEPS


@dataclass(slots=True)
class Adam:
    """One array of parameters and its moments."""

    value: Doubles
    first: Doubles
    second: Doubles

    @classmethod
    def of(cls, value: Doubles) -> Adam:
        """Moments of nothing."""
        return cls(value.copy(), np.zeros_like(value), np.zeros_like(value))

    def step(self, slope: Doubles, number: int) -> None:
        """One step against the slope; `number` counts from 1."""
        self.first = 0.9 * self.first + 0.1 * slope
        self.second = 0.999 * self.second + 0.001 * slope * slope
        mean, square = self.first / (1 - 0.9**number), self.second / (1 - 0.999**number)
        self.value -= RATE * mean / (np.sqrt(square) + 1e-8)


def fit(sets: Sequence[Sequence[Lesson]], start: Fusion, recipe: Recipe | None = None) -> Fusion:
    """A fusion learned from lessons by set, from `start`, which is also the prior."""
    how = recipe or Recipe()
    lessons = [(one, 1.0 / len(lessons)) for lessons in sets for one in lessons if one.gains.any()]
    if not lessons:
        return start
    whole = sum(weight for _, weight in lessons)
    middle = sum(one.turn.astype(np.float64) * weight for one, weight in lessons) / whole
    turns = Adam.of(start.turns.astype(np.float64))
    usual = start.weights + middle @ turns.value  # the weights where circumstances are as they mostly are
    weights = Adam.of(usual)
    sharp = Adam.of(np.array([np.log(SHARP)]))
    free, may_turn = np.ones(len(Feature)), np.zeros(len(Feature))
    free[list(FIXED)], may_turn[list(STEPPING)] = 0, 1
    for number in range(1, how.steps + 1):
        slope, turning, sharpening = np.zeros_like(weights.value), np.zeros_like(turns.value), np.zeros(1)
        times = float(np.exp(sharp.value[0]))
        for one, weight in lessons:
            turned = one.turn - middle
            now = weights.value + turned @ turns.value
            pull = _pull(one, now * times) * (weight / whole)
            slope += pull * times
            turning += np.outer(turned, pull) * times
            sharpening += pull @ now * times
        slope += 2 * how.prior * (weights.value - usual) / len(Feature)
        turning += 2 * how.turning * (turns.value - start.turns) / turns.value.size
        weights.step(slope * free, number)
        turns.step(turning * may_turn, number)
        sharp.step(sharpening, number)
    found = weights.value - middle @ turns.value  # circumstances are told as they are, not from their middle
    learned = Fusion(
        start.name, found.astype(np.float32), turns.value.astype(np.float32), start.calibration, start.notes
    )
    return Fusion(learned.name, learned.weights, learned.turns, calibrate(sets, learned), learned.notes)


def _pull(one: Lesson, weights: Doubles) -> Doubles:
    """The slope of one question's loss by the weights."""
    scores = one.z @ weights
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    aim = one.gains / one.gains.sum()
    slope: Doubles = one.z.T.astype(np.float64) @ (chance - aim)
    return slope


def scores(one: Lesson, fusion: Fusion) -> Floats:
    """The fused scores of a lesson's candidates, float32 (n,)."""
    fused: Floats = one.z @ (fusion.weights + one.turn @ fusion.turns).astype(np.float32)
    return fused


def calibrate(sets: Sequence[Sequence[Lesson]], fusion: Fusion, rounds: int = 25, ridge: float = 1.0) -> Floats:
    """Logistic regression of relevance on the best CEILING candidates of each question, by Newton's method.

    float32 (calibrated + 1,). Every set weighs the same; `ridge` keeps slopes from growing without bound.
    """
    parts = [_told(one, fusion, 1.0 / len(lessons)) for lessons in sets for one in lessons]
    x, y, weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    weight *= len(weight) / weight.sum()
    found = np.zeros(len(CALIBRATED) + 1)
    cost = np.eye(len(found)) * ridge
    cost[-1, -1] = 0
    for _ in range(rounds):
        said = 1.0 / (1.0 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (weight * (said - y)) + cost @ found
        bend = (x * (weight * said * (1 - said))[:, None]).T @ x + cost
        found -= np.linalg.solve(bend, slope)
    return found.astype(np.float32)


def _told(one: Lesson, fusion: Fusion, weight: float) -> tuple[Doubles, Doubles, Doubles]:
    fused = scores(one, fusion)
    best = np.argsort(-fused, kind="stable")[:CEILING]
    x = np.concatenate([one.features[best][:, CALIBRATED].astype(np.float64), np.ones((len(best), 1))], axis=1)
    return x, (one.gains[best] > 0).astype(np.float64), np.full(len(best), weight / max(len(best), 1))



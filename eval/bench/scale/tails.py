"""How many distractors stand above a score, in an index of another size: from the upper tail of their scores.

Distractors that an index gains as it grows are taken for draws from one population. Above a score s of which r of n
drawn stand, N more bring r N / n on average: thinning, where r is large. Where r is small or none, the tail itself is
fitted, and both are put together: the rate above s has a Gamma(w, w / fitted) before anything is counted and a
Gamma(w + r, w / fitted + n) after it, and the count among N is Poisson of that.

The tail over a high threshold has a hazard that grows linearly, P(more than y) = exp(-a y - b y^2), which takes in the
exponential and the normal distribution, by maximum likelihood; where it is heavier than exponential, it is a
generalised Pareto distribution (Pickands 1975) by probability-weighted moments (Hosking and Wallis 1987). A Pareto
distribution for light tails too was tried first: it ended below scores that are reached (docs/log.md).

Knows numbers only.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FITTED: Final = 250
"""Scores above the threshold that the tail is fitted to, at most."""
FEWEST: Final = 20
"""Scores that a tail takes; with fewer, the rate is that of what was counted, and of one more."""
HEAVY: Final = 0.18
"""Shape of a Pareto distribution from which a tail counts as heavier than exponential: two deviations of the shape of
250 exponential scores."""
ROUNDS: Final = 150
"""Of EM; a and b change by less than a percent after."""
TRUST: Final = 3.0
"""Distractors that a fitted tail counts for: the weight w."""
LEAST: Final = 1e-14
"""No rate is less: what was never seen is not impossible."""


class Tail(NamedTuple):
    """The highest scores of distractors, highest first, and of how many drawn they are the highest."""

    scores: tuple[float, ...]
    population: int


class Fitted(NamedTuple):
    """Excess y over `threshold`, which `share` of the population reaches: P(more than y) is exp(-first y - second y^2)
    where `shape` is 0, else (1 + shape first y) ** (-1 / shape)."""

    threshold: float
    share: float
    first: float
    second: float = 0.0
    shape: float = 0.0

    def above(self, score: float) -> float:
        """The share of the population above a score."""
        y = max(score - self.threshold, 0.0)
        if self.shape:
            left = float((1 + self.shape * self.first * y) ** (-1 / self.shape))
        else:
            left = math.exp(-min(self.first * y + self.second * y * y, 700.0))
        return max(self.share * left, LEAST)


@lru_cache(maxsize=4096)
def fit(scores: tuple[float, ...], population: int) -> Fitted | None:
    """The distribution of a tail's highest scores; None where they are too few or all the same."""
    held = np.array(scores[: FITTED + 1], dtype=np.float64)
    if len(held) < FEWEST or held[0] - held[-1] < 1e-9:
        return None
    threshold, count = float(held[-1]), len(held) - 1
    excess = np.sort(held[:-1] - threshold)
    mean = float(excess.mean())
    weighed = float((excess * (1 - (np.arange(1, count + 1) - 0.35) / count)).mean())
    shape = 2 - mean / max(mean - 2 * weighed, 1e-12)
    if HEAVY < shape < 1:
        scale = 2 * mean * weighed / (mean - 2 * weighed)
        return Fitted(threshold, count / population, 1 / scale, shape=shape)
    return Fitted(threshold, count / population, *_hazard(excess))


def _hazard(excess: NDArray[np.float64]) -> tuple[float, float]:
    """a and b of the hazard a + 2 b y, by maximum likelihood: two risks compete, and EM shares out who was first."""
    total, square = float(excess.sum()), float((excess**2).sum())
    first, second = len(excess) / total / 2, len(excess) / square / 2
    for _ in range(ROUNDS):
        shares = first / (first + 2 * second * excess)
        first, second = float(shares.sum()) / total, float((1 - shares).sum()) / square
    return first, second


class Rate(NamedTuple):
    """What is believed of the share of distractors above a score: a Gamma distribution of this shape and rate."""

    shape: float
    rate: float

    def counts(self, population: int, random: np.random.Generator, draws: int) -> NDArray[np.int64]:
        """Draws of how many stand above it among so many: int64 (draws,)."""
        rates = random.gamma(self.shape, 1 / self.rate, draws) * population
        drawn: NDArray[np.int64] = random.poisson(np.minimum(rates, 1e15))
        return drawn


def rate(tail: Tail, score: float, above: int | None = None) -> Rate:
    """What a tail says of a score. `above`: how many stand above it, where the tail does not reach so low."""
    counted = sum(one > score for one in tail.scores) if above is None else above
    fitted = fit(tail.scores, tail.population)
    if fitted is None:
        return Rate(counted + 1.0, float(tail.population + 1))
    share = fitted.above(score) if score > fitted.threshold else max(counted, 1) / tail.population
    return Rate(counted + TRUST, tail.population + TRUST / share)


def thinned(above: int, share: float, random: np.random.Generator, draws: int) -> NDArray[np.int64]:
    """Draws of how many of those above a score are in a random part of the population: int64 (draws,)."""
    left: NDArray[np.int64] = random.binomial(above, min(max(share, 0.0), 1.0), draws)
    return left

"""How sure a figure is: medians and percentiles over all runs, bootstrap and Wilson intervals. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
Z95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


class Interval(NamedTuple):
    """An estimate with its 95% interval."""

    value: float
    low: float
    high: float


class Spread(NamedTuple):
    """Median and 95th percentile over all runs, and how many there were."""

    median: float
    p95: float
    runs: int


def spread(values: Sequence[float]) -> Spread:
    """Median and 95th percentile, interpolated between runs; all runs count."""
    median, p95 = np.percentile(np.asarray(values, dtype=np.float64), [50, 95])
    return Spread(float(median), float(p95), len(values))


def bootstrap(groups: Sequence[Sequence[float]], seed: int) -> Interval:
    """The mean of the groups' means, with a percentile bootstrap over the questions of each group (Efron 1979).

    One group gives the mean of its questions. For a paired difference, give the differences.
    """
    random = np.random.default_rng(seed)
    means: NDArray[np.float64] = np.zeros(RESAMPLES)
    for group in groups:
        values = np.asarray(group, dtype=np.float64)
        means += values[random.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.percentile(means / len(groups), [2.5, 97.5])
    return Interval(float(np.mean([np.mean(group) for group in groups])), float(low), float(high))


def wilson(right: int, asked: int) -> Interval:
    """The share of right answers with Wilson's score interval (1927), fit for few trials and shares near 0 or 1."""
    if asked == 0:
        return Interval(0.0, 0.0, 1.0)
    share, square = right / asked, Z95 * Z95
    middle = (share + square / (2 * asked)) / (1 + square / asked)
    half = Z95 / (1 + square / asked) * float(np.sqrt(share * (1 - share) / asked + square / (4 * asked * asked)))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))

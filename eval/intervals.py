"""How sure a figure is: medians and percentiles over all runs, bootstrap and Wilson intervals. Knows numbers only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cascade.errors import UsageError

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


def paired(a: Sequence[float], b: Sequence[float], seed: int) -> Interval:
    """The mean of `a` minus `b`, question by question, with a percentile bootstrap over the questions.

    Raises UsageError where the two were not asked the same number of questions, or none.
    """
    if len(a) != len(b) or not a:
        raise UsageError(f"Values of {len(a)} and {len(b)} questions cannot be paired. Compare the same questions.")
    return bootstrap([[x - y for x, y in zip(a, b, strict=True)]], seed)


def wilson(right: int, asked: int) -> Interval:
    """The share of right answers with Wilson's score interval (1927), fit for few trials and shares near 0 or 1."""
    if asked == 0:
        return Interval(0.0, 0.0, 1.0)
    middle, half = _score(right / asked, asked)
    low, high = (middle - half if right else 0.0), (middle + half if right < asked else 1.0)
    return Interval(right / asked, low, high)


def needed(share: float, half_width: float) -> int:
    """The fewest trials whose Wilson interval around such a share is no wider than `half_width` to each side.

    Raises UsageError for a share outside 0..1 or a width outside 0..0.5.
    """
    if not (0 <= share <= 1 and 0 < half_width <= 0.5):
        raise UsageError(f"No trials give a share of {share} to within {half_width}. Give 0..1, and over 0 up to 0.5.")
    enough = 1
    while _score(share, enough)[1] > half_width:
        enough *= 2
    few = enough // 2
    while enough - few > 1:
        between = (enough + few) // 2
        few, enough = (few, between) if _score(share, between)[1] <= half_width else (between, enough)
    return enough


def _score(share: float, asked: int) -> tuple[float, float]:
    """Middle and half width of Wilson's interval; the half width falls with every trial."""
    square = Z95 * Z95
    spread_out = math.sqrt(share * (1 - share) / asked + square / (4 * asked * asked))
    return (share + square / (2 * asked)) / (1 + square / asked), Z95 / (1 + square / asked) * spread_out

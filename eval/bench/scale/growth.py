"""How a figure grows with size: the slope of its logarithm against that of the size, with its interval.

A slope of 0 is a constant, 1 grows in proportion; 100 times as many passages cost 100 ** slope times as much. Knows
numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from eval.intervals import Interval

RESAMPLES: Final = 2_000


def slope(sizes: Sequence[float], samples: Sequence[Sequence[float]], seed: int) -> Interval:
    """Of the medians of samples at each size, at least two; bootstrap over what was sampled. Least squares."""
    random = np.random.default_rng(seed)
    values = [np.asarray(sample, dtype=np.float64) for sample in samples]
    x = np.log(np.asarray(sizes, dtype=np.float64))
    drawn = np.stack([
        np.median(one[random.integers(0, len(one), (RESAMPLES, len(one)))], axis=1) for one in values
    ])  # fmt: skip
    found = _slopes(x, np.log(np.maximum(drawn, 1e-9)))
    low, high = np.percentile(found, [2.5, 97.5])
    middle = np.array([[max(float(np.median(one)), 1e-9)] for one in values])
    return Interval(float(_slopes(x, np.log(middle))[0]), float(low), float(high))


def between(sizes: Sequence[float], figures: Sequence[float]) -> Interval:
    """Of single figures at each size, at least two; the interval is from the least to the greatest step."""
    x, y = np.log(np.asarray(sizes, dtype=np.float64)), np.log(np.maximum(np.asarray(figures, dtype=np.float64), 1e-9))
    steps = np.diff(y) / np.diff(x)
    return Interval(float(_slopes(x, y[:, None])[0]), float(steps.min()), float(steps.max()))


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least squares of each column of y against x."""
    centred = x - x.mean()
    out: np.ndarray = (centred[:, None] * (y - y.mean(axis=0))).sum(axis=0) / (centred**2).sum()
    return out

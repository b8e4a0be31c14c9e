"""Times of work, and what they are made of. Knows clocks and least squares; knows nothing of what is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def seconds(work: Callable[[], object], runs: int = 1) -> float:
    """The median time of some runs, by the clock."""
    return _median(work, runs, time.perf_counter)


def worked(work: Callable[[], object], runs: int = 1) -> float:
    """The median processor time of some runs, of all threads: what one core would take, whatever else it does."""
    return _median(work, runs, time.process_time)


def _median(work: Callable[[], object], runs: int, clock: Callable[[], float]) -> float:
    took = []
    for _ in range(runs):
        begin = clock()
        work()
        took.append(clock() - begin)
    return max(float(np.median(took)), 1e-9)


def parts(amounts: Sequence[Sequence[float]], took: Sequence[float]) -> list[float]:
    """What one unit of each amount takes, none less than nothing, by least squares of the relative errors.

    `amounts`: (runs, kinds); `took`: (runs,), all over 0. What would come out negative is taken to cost nothing, and
    the rest is fitted again.
    """
    times = np.asarray(took, dtype=np.float64)
    columns: NDArray[np.float64] = np.asarray(amounts, dtype=np.float64) / times[:, None]
    kept = [i for i in range(columns.shape[1]) if columns[:, i].any()]
    found = np.zeros(columns.shape[1])
    while kept:
        scale = np.abs(columns[:, kept]).max(axis=0)
        each = np.linalg.lstsq(columns[:, kept] / scale, np.ones(len(times)), rcond=None)[0] / scale
        if (each >= 0).all():
            found[kept] = each
            break
        kept = [i for i, value in zip(kept, each.tolist(), strict=True) if value > 0]
    return [float(value) for value in found]

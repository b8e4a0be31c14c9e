"""Latency at a stated survival: between two measured settings it is interpolated, beyond the best it is not said.

Knows numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, log
from typing import NamedTuple


class Reading(NamedTuple):
    """One setting: the mean survival, and median and 95th percentile of the latency in ms."""

    survival: float
    median: float
    p95: float


def frontier(readings: Iterable[Reading]) -> list[Reading]:
    """The readings that no other one beats in both survival and median, least survival first."""
    kept: list[Reading] = []
    for one in sorted(readings, key=lambda reading: (-reading.survival, reading.median)):
        if not kept or one.median < kept[-1].median:
            kept.append(one)
    return kept[::-1]


def at(readings: Iterable[Reading], survival: float) -> Reading | None:
    """The fastest way to at least this survival; None where no setting reached it.

    Between neighbours of the frontier the logarithm of the latency runs straight over survival. Below the least
    setting nothing is extrapolated: that setting is the answer.
    """
    front = frontier(readings)
    if not front or front[-1].survival < survival:
        return None
    above = next(place for place, one in enumerate(front) if one.survival >= survival)
    if above == 0:
        return front[0]
    low, high = front[above - 1], front[above]
    share = (survival - low.survival) / (high.survival - low.survival)
    return Reading(survival, _between(low.median, high.median, share), _between(low.p95, high.p95, share))


def _between(low: float, high: float, share: float) -> float:
    return high if share == 1 else exp(log(max(low, 1e-6)) * (1 - share) + log(max(high, 1e-6)) * share)

"""Slopes of what grows in a known way."""

from __future__ import annotations

import numpy as np
import pytest

from eval.bench.scale.growth import between, slope

SIZES = (1e5, 1e6, 1e7)


def test_what_is_constant_has_no_slope_and_what_is_proportional_has_one(random: np.random.Generator) -> None:
    noise = [random.lognormal(0, 0.2, 300) for _ in SIZES]
    flat = slope(SIZES, [50 * one for one in noise], 0)
    steep = slope(SIZES, [size * one for size, one in zip(SIZES, noise, strict=True)], 0)
    assert flat.low < 0 < flat.high
    assert flat.value == pytest.approx(0, abs=0.03)
    assert steep.value == pytest.approx(1, abs=0.03)
    assert steep.low < 1 < steep.high


def test_single_figures_are_given_with_the_least_and_greatest_step() -> None:
    found = between(SIZES, (1.0, 10.0, 1_000.0))
    assert found.value == pytest.approx(1.5)
    assert (found.low, found.high) == pytest.approx((1.0, 2.0))

"""Latency at equal survival, worked out by hand."""

from __future__ import annotations

import pytest

from eval.bench.rivals.reached import Reading, at, frontier

SLOW, FAST, WASTEFUL = Reading(0.99, 16.0, 32.0), Reading(0.89, 1.0, 2.0), Reading(0.90, 20.0, 40.0)


def test_what_another_setting_beats_in_both_is_not_on_the_frontier() -> None:
    assert frontier([SLOW, WASTEFUL, FAST]) == [FAST, SLOW]


def test_between_two_settings_the_logarithm_runs_straight() -> None:
    found = at([SLOW, FAST, WASTEFUL], 0.94)
    assert found is not None
    assert found.median == pytest.approx(4.0)
    assert found.p95 == pytest.approx(8.0)


def test_what_no_setting_reached_is_not_said() -> None:
    assert at([SLOW, FAST], 0.995) is None
    assert at([], 0.5) is None


def test_under_the_least_setting_nothing_is_extrapolated() -> None:
    assert at([SLOW, FAST], 0.5) == FAST
    assert at([SLOW, FAST], 0.99) == SLOW

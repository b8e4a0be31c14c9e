"""SIGKILL at every step and at random moments: nothing acknowledged is lost, and the work goes on where it was."""

from __future__ import annotations

import os

import pytest
from apart import injected
from points import POINTS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def test_a_work_killed_at_any_step_leaves_a_whole_index_that_it_completes_when_it_is_run_again():
    tally = injected("kills")
    assert tally.problems == []
    assert tally.notes == {name: sorted(steps) for name, steps in POINTS.items()}
    assert sum(row.times for row in tally.rows.values()) >= len(set.union(*POINTS.values()))


def test_a_hundred_writers_killed_at_random_moments_lose_nothing():
    tally = injected("killed", "--kills", "100")
    assert tally.problems == []
    assert [row.times for row in tally.rows.values()] == [100]

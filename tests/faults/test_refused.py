"""Refused steps and limits, injected in a process of its own: nothing is lost, nothing is wrong."""

from __future__ import annotations

import os

import pytest
from apart import injected
from points import POINTS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def test_a_refusal_at_any_step_is_a_sentence_and_the_work_goes_on_when_it_is_over():
    tally = injected("refusals")
    assert tally.problems == []
    assert all(tally.rows[f"a step of {name} refused"].times for name in POINTS)


def test_limits_of_files_memory_and_permission_leave_a_whole_index():
    tally = injected("limits")
    assert tally.problems == []
    assert tally.rows["open files limited in a search"].times == 40

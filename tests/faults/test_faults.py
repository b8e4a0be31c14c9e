"""Power cuts, injected in a process of its own: nothing is lost, nothing is wrong."""

from __future__ import annotations

import os

import pytest
from apart import injected
from points import POINTS
from tally import Tally, read, table

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def test_every_state_that_a_power_cut_may_leave_is_the_old_snapshot_or_the_new_one():
    tally = injected("crashes")
    assert tally.problems == []
    assert tally.notes.keys() == {f"cuts of {name}" for name in POINTS}
    assert all(tally.rows[f"power cut in {name}"].times for name in POINTS)


def test_a_flush_that_is_left_out_of_the_code_is_missed_by_a_power_cut():
    tally = injected("mutants")
    assert tally.problems == []
    assert tally.notes.keys() == {"keep", "replace", "publish"}


def test_rows_of_one_fault_are_added_up_and_shown_as_a_table(tmp_path):
    tally = Tally()
    tally.add("SIGKILL", 3, 12.4)
    tally.problem("SIGKILL", "lost", "one is gone")
    for _ in range(2):
        tally.write(tmp_path / "rows")
    assert table(read(tmp_path / "rows")).splitlines()[2:] == [
        "| SIGKILL | 6 | 2 | 0 | 0 | 12 ms |", "| all | 6 | 2 | 0 | 0 | 12 ms |"
    ]  # fmt: skip

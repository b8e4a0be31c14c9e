"""Faults of every kind, injected by long.py in a process of its own: nothing acknowledged is lost, nothing is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from points import POINTS
from tally import Tally, read, table

LONG = Path(__file__).with_name("long.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def injected(subject: str, *more: str) -> Tally:
    """The short version of one subject; its rows are added to the tally of this session."""
    ran = subprocess.run(
        [sys.executable, LONG, "--short", "--json", "--only", subject, *more],
        capture_output=True, text=True, timeout=900, check=False, env={**os.environ, "FAULTS_TALLY": ""},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    tally = Tally.decode(ran.stdout)
    tally.write()
    return tally


def test_a_work_killed_at_any_step_leaves_a_whole_index_that_it_completes_when_it_is_run_again():
    tally = injected("kills")
    assert tally.problems == []
    assert tally.notes == {name: sorted(steps) for name, steps in POINTS.items()}
    assert sum(row.times for row in tally.rows.values()) >= len(set.union(*POINTS.values()))


def test_two_hundred_writers_killed_at_random_moments_lose_nothing():
    tally = injected("killed", "--kills", "200")
    assert tally.problems == []
    assert [row.times for row in tally.rows.values()] == [200]


def test_every_state_that_a_power_cut_may_leave_is_the_old_snapshot_or_the_new_one():
    tally = injected("crashes")
    assert tally.problems == []
    assert tally.notes.keys() == {f"cuts of {name}" for name in POINTS}
    assert all(tally.rows[f"power cut in {name}"].times for name in POINTS)


def test_a_flush_that_is_left_out_of_the_code_is_missed_by_a_power_cut():
    tally = injected("mutants")
    assert tally.problems == []
    assert tally.notes.keys() == {"keep", "replace", "publish"}


def test_a_refusal_at_any_step_is_a_sentence_and_the_work_goes_on_when_it_is_over():
    tally = injected("refusals")
    assert tally.problems == []
    assert all(tally.rows[f"a step of {name} refused"].times for name in POINTS)


def test_limits_of_files_memory_and_permission_leave_a_whole_index():
    tally = injected("limits")
    assert tally.problems == []
    assert tally.rows["open files limited in a search"].times == 40


def test_rows_of_one_fault_are_added_up_and_shown_as_a_table(tmp_path):
    tally = Tally()
    tally.add("SIGKILL", 3, 12.4)
    tally.problem("SIGKILL", "lost", "one is gone")
    for _ in range(2):
        tally.write(tmp_path / "rows")
    assert table(read(tmp_path / "rows")).splitlines()[2:] == [
        "| SIGKILL | 6 | 2 | 0 | 0 | 12 ms |", "| all | 6 | 2 | 0 | 0 | 12 ms |"
    ]  # fmt: skip

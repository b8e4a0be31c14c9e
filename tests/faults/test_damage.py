"""Every kind of damage to every kind of file: seen by `verify`, never a crash, never a wrong answer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tally import Tally

HARNESS = Path(__file__).with_name("damage.py")
TIMES = 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
def test_damage_is_detected_and_what_is_answered_is_right(fresh):
    folder = fresh()
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, HARNESS, folder, str(TIMES), "11"], capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "FAULTS_TALLY": ""},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    tally = Tally.decode(ran.stdout)
    tally.write()
    assert tally.problems == []
    assert len(tally.rows) == 6
    assert sum(row.times for row in tally.rows.values()) > TIMES * 0.9
    assert sum(tally.notes["said"].values()) > TIMES * 0.3

"""SIGKILL at random moments of `add` loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("killed.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
def test_fifty_killed_writers_leave_a_whole_index_that_resuming_completes(fresh):
    folder = fresh()
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, HARNESS, folder, "50", "7"], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["problems"] == [], ran.stderr
    assert found["kills"] == 50
    assert found["indexes"] >= 3

"""Every kind of damage to every kind of file: seen by `verify`, never a crash, never a wrong answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("damage.py")
TIMES = 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")
def test_damage_is_detected_and_what_is_answered_is_right(fresh):
    folder = fresh()
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, HARNESS, folder, str(TIMES), "11"], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [problem for kind in found for problem in kind["problems"]] == []
    assert all(kind["times"] for kind in found)
    assert sum(kind["times"] for kind in found) > TIMES * 0.9
    assert sum(kind["said"] for kind in found) > TIMES * 0.3

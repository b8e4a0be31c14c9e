"""Runs one subject of long.py as a test does: shortly, and in a process of its own that may fork."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tally import Tally

LONG = Path(__file__).with_name("long.py")


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

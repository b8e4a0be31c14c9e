"""Real files made worse, for a few seconds: every reader gives a result or a sentence. The long run is `fuzz.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("fuzz.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def fuzzed(*arguments: str) -> dict:
    """What the harness found."""
    ran = subprocess.run(
        [sys.executable, HARNESS, *arguments], capture_output=True, text=True, timeout=280, check=False
    )
    assert ran.stdout, ran.stderr
    return json.loads(ran.stdout)


def test_no_reader_of_mutated_files_crashes_hangs_or_raises_what_it_should_not():
    found = fuzzed("--seconds", "15", "--seed", "1")
    assert found["failures"] == []
    assert found["escaped"] == []
    assert found["cases"] > 500
    assert min(found["by_target"].values()) >= 1
    assert len(found["by_target"]) > 90


@pytest.mark.parametrize(
    ("fault", "told"),
    [("raise", "RuntimeError: raised"), ("abort", "signal 6"), ("hang", "took more than"), ("memory", "MemoryError")],
)
def test_the_harness_sees_a_fault(fault, told):
    found = fuzzed("--seconds", "1", "--fault", fault)
    assert [told in failure["said"] for failure in found["failures"][:1]] == [True]
    assert "--only 'fault' --case 0" in found["failures"][0]["again"]

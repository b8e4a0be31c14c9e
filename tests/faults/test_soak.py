"""A minute of the soak: one writer, eight readers, and nothing lost, wrong, left over or leaked."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from conftest import MEMORY
from small import build

SOAK = Path(__file__).with_name("soak.py")
sys.path.insert(0, str(SOAK.parent))

from soak_journal import GONE, Journal, things  # noqa: E402
from soak_reader import Watch  # noqa: E402


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_a_minute_of_one_writer_and_eight_readers_loses_and_leaks_nothing(tmp_path):
    where = MEMORY if MEMORY.is_dir() else tmp_path
    command = [sys.executable, SOAK, "--minutes", "1", "--readers", "8", "--seed", "3", "--live", "200"]
    ran = subprocess.run(
        [*command, "--folder", where], capture_output=True, text=True, timeout=280, check=False
    )  # fmt: skip
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["problems"] == []
    assert ran.returncode == 0, ran.stderr
    assert min(found["counts"][what] for what in ("found", "refreshes")) > 0
    assert found["operations"]["put"] > 0


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({1: 2, 3: 1}, ""),
        ({1: 2}, "k3 in version 1 was not found"),
        ({1: 1, 3: 1}, "k1 came back in version 1"),
        ({1: 2, 2: 1, 3: 1}, "k2 came back in version 1"),
    ],
)
def test_a_reader_finds_out_what_is_lost_old_or_back(fresh, tmp_path, held, said):
    root, written = fresh(), tmp_path / "journal"
    build(root, things(held))
    written.write_text(
        '{"begin": 1, "records": {"1": 1, "2": 1, "3": 1}}\n{"end": 1}\n'
        '{"begin": 2, "records": {"1": 2, "2": -1}}\n{"end": 2}\n'
    )
    with closing(Journal(written)) as journal:
        watch = Watch(root, journal, until=0, hold=0)
        journal.read()
        with closing(watch.open()) as engine:
            for seed in range(40):
                watch.search(engine, Random(seed), lambda: (2, 2))
    assert watch.counts["found"] > 0
    assert any(said in problem for problem in watch.problems) if said else watch.problems == []


def test_what_is_under_way_may_be_seen_or_not(tmp_path):
    written = tmp_path / "journal"
    written.write_text('{"begin": 1, "records": {"7": 1}}\n{"end": 1}\n{"begin": 2, "records": {"7": 2}}\n{"beg')
    with closing(Journal(written)) as journal:
        assert journal.read() == (1, 2)
        assert journal.allowed(7, 1, 2) == {1, 2}
        assert journal.allowed(7, 2, 2) == {2}
        assert journal.allowed(7, 0, 1) == {GONE, 1}
        assert journal.allowed(8, 1, 2) == {GONE}
        with written.open("a") as more:
            more.write('in": 3, "records": {"7": -1}}\n{"end": 3}\n')
        assert journal.read() == (3, 3)
        assert journal.allowed(7, 3, 3) == {GONE}

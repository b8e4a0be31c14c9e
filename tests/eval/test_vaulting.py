"""`cascade bench vault` makes a vault, unlocks it in another process, and says what that takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascade.errors import UsageError
from cascade.models.toy import ToyEncoder
from eval.bench.vaulting import Setup, measure
from eval.cli import bench


def test_the_figures_of_a_small_vault_are_printed(tmp_path: Path) -> None:
    words = ["vault", str(tmp_path / "vault"), "--passages", "60", "--n", "3", "--encoder", "toy"]
    done = CliRunner().invoke(bench, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "60, embedded by toy" in done.output
    assert re.search(r"memory +[\d,]+ B a passage; half of this machine's holds [\d,]+ passages", done.output)
    assert "cores" in done.output.splitlines()[-1]


def test_a_row_has_every_question(tmp_path: Path) -> None:
    words = ["vault", str(tmp_path / "vault"), "--passages", "40", "--n", "3", "--encoder", "toy", "--json"]
    row = json.loads(CliRunner().invoke(bench, words, catch_exceptions=False).output.splitlines()[0])
    assert row["benchmark"] == "vault" and row["summary"]["passages"] == 40
    assert len(row["queries"]) == 3 and all(one["ms"] > 0 for one in row["queries"])
    assert row["summary"]["bytes"] == sum(p.stat().st_size for p in (tmp_path / "vault").rglob("*") if p.is_file())


def test_nothing_that_is_there_is_measured_over(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exists"):
        measure(tmp_path, ToyEncoder(), Setup(10, 1))

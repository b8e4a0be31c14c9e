import json
import time

import pytest

from eval import machine
from eval.intervals import Interval
from eval.rows import Circumstances, Finding
from eval.tables import between, cell, footing, table


def test_a_row_says_what_where_when_with_what_and_every_value():
    run = Circumstances("scan", seed=4)
    row = run.row(Finding({"width": 10}, {"ms": 1.5}, [{"_id": "a", "ms": 1.0}, {"_id": "b", "ms": 2.0}]))
    assert (row["benchmark"], row["seed"], row["settings"]) == ("scan", 4, {"width": 10})
    assert row["queries"] == [{"_id": "a", "ms": 1.0}, {"_id": "b", "ms": 2.0}]
    assert row["date"].endswith("+00:00")
    assert {"cpu", "cores", "memory", "load_before", "load_after"} <= row["machine"].keys()
    assert {"python", "numpy"} <= row["versions"].keys()
    assert json.loads(json.dumps(row)) == row


def test_memory_taken_meanwhile_is_seen_at_its_peak():
    if not machine.STATUS.exists():
        pytest.skip("this system has no /proc")
    with machine.Peak(every=0.005) as peak:
        block = bytearray(b"x" * 80_000_000)
        time.sleep(0.1)
        del block
    assert 75_000_000 < peak.anonymous - peak.before < 200_000_000
    assert peak.high_water >= peak.anonymous


def test_a_table_puts_names_left_and_figures_right():
    assert table(["name", "n"], [["a", 1], ["longer", 12_345]]) == "name         n\na            1\nlonger  12,345"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), ("x", "x"), (1234, "1,234"), (0.12345, "0.123"), (12.345, "12.3"), (4321.0, "4,321")],
)
def test_a_cell_has_as_many_figures_as_can_be_read(value, text):
    assert cell(value) == text


def test_an_interval_is_written_with_its_ends():
    assert between(Interval(0.5, 0.25, 1.0)) == ".500 [.250, 1.000]"


def test_the_footing_names_the_machine_and_the_seed():
    run = Circumstances("scan", seed=9, commit="abc")
    assert footing(run).startswith("commit abc, ")
    assert footing(run).endswith("seed 9")
    assert f"{run.machine.cores} cores" in footing(run)

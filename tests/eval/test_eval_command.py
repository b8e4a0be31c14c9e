"""`cascade eval` through its door: the small suite from end to end, and what each command prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cascade import config
from eval import suite
from eval.commands import evaluate

pytest.importorskip("ir_measures", reason="judging rankings takes the extra `eval`")


def run(*words: str | Path, exit_code: int = 0) -> str:
    done = CliRunner().invoke(evaluate, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.stdout


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small suite, measured."""
    root = tmp_path_factory.mktemp("small")
    told = run("run", "small", "--out", root / "results", "--cache", root / "cache")
    assert told.strip() == str(root / "results" / "small.jsonl")
    return root


def test_the_small_suite_has_a_row_a_condition(measured: Path) -> None:
    rows = [json.loads(line) for line in (measured / "results" / "small.jsonl").read_text("utf-8").splitlines()]
    assert [row["condition"] for row in rows] == [one.name for one in suite.load("small").chosen()]
    assert {row["kind"] for row in rows} == {"sets", "needles", "answers", "latency"}


def test_the_small_suite_is_what_it_is_expected_to_be(measured: Path) -> None:
    assert run("gate", measured / "results", "--suite", "small") == "Every score is what the suite small expects.\n"
    assert json.loads(run("gate", measured / "results", "--suite", "small", "--json")) == {
        "suite": "small",
        "failed": [],
    }


def test_a_gate_that_fails_says_why_and_exits_with_1(measured: Path, tmp_path: Path) -> None:
    text = (suite.SHIPPED / "small.toml").read_text("utf-8")
    (tmp_path / "small.toml").write_text(text.replace('"kept" = { at_least = 1.0 }', '"kept" = { at_least = 1.5 }'))
    told = run("gate", measured / "results", "--suite", tmp_path / "small.toml", exit_code=1)
    assert told == "sets: kept is 1 and should be at least 1.5.\n"


def test_results_are_the_same_as_themselves(measured: Path) -> None:
    told = run("compare", measured / "results", measured / "results")
    assert told.splitlines()[-1].startswith("0 better, ")
    assert told.splitlines()[-1].endswith(" same, 0 worse")
    found = json.loads(run("compare", measured / "results", measured / "results", "--json"))
    assert {one["verdict"] for one in found["differences"]} == {"same"}
    assert found["unpaired"] == []


def test_results_are_shown_on_one_page(measured: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures take the extra `report`")
    told = run("report", measured / "results", "--out", tmp_path / "report")
    assert told.startswith(f"{tmp_path / 'report' / 'index.html'}: 9 rows")
    page = (tmp_path / "report" / "index.html").read_text("utf-8")
    for one in suite.load("small").chosen():
        assert one.name in page


def test_a_second_run_measures_nothing(measured: Path) -> None:
    rows = run("run", "small", "--out", measured / "results", "--cache", measured / "cache", "--json").splitlines()
    assert rows == (measured / "results" / "small.jsonl").read_text("utf-8").splitlines()


def test_what_is_named_with_a_glob_is_chosen(tmp_path: Path) -> None:
    told = run("run", "needles", "--only", "certain/single/*", "--only", "largest", "--dry-run").splitlines()
    assert told[:4] == [f"certain/single/{size}" for size in (1_000, 10_000, 100_000, 1_000_000)]
    assert told[4] == "largest/single"
    one = json.loads(run("run", "needles", "--only", "certain/single/1000", "--dry-run", "--json"))
    assert (one["condition"], one["class"], one["count"]) == ("certain/single/1000", "single", 200)


def test_the_shipped_suites_are_listed() -> None:
    lines = run("suites").splitlines()
    assert [line.split()[0] for line in lines] == suite.shipped()
    assert json.loads(run("suites", "--json"))["small"] == suite.load("small").description


def test_the_window_of_a_reader_is_measured_and_written_where_ask_reads_it(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "cascade.toml"
    file.write_text("threads = 2  # few\n")
    told = run("reader", "toy", "--most", "500", "--n", "5", "--index", index, "--config", file)
    assert told.splitlines()[-1] == "effective window of toy: 500 tokens"
    assert file.read_text() == 'threads = 2  # few\n\n[windows]\n"toy" = 500\n'
    assert config.load(file, {}, reader="toy").reads == 500


def test_a_dry_run_of_a_reader_writes_nothing(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "cascade.toml"
    row = json.loads(
        run("reader", "toy", "--most", "250", "--n", "2", "--index", index, "--config", file, "--dry-run", "--json")
    )
    assert row["benchmark"] == "reader"
    assert row["summary"]["window"] == 250
    assert not file.exists()

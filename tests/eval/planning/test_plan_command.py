from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import build, prose

from cascade.errors import BadConfig, NoIndex, UnknownName, UsageError
from eval.planning import constants, existing, lines
from eval.planning.command import plan
from eval.planning.constants import KNOWN
from eval.planning.survival import Point


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "cascade" / "plan.toml"


def run(*words: str) -> str:
    done = CliRunner().invoke(plan, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_plan_shows_machines_disk_memory_time_building_and_cost() -> None:
    text = run("--passages", "1e9", "--latency", "500")
    for said in ("1,000,000,000 passages", "Disk", "Memory of a machine", "Time of a question", "Building", "Cost"):
        assert said in text
    assert "Constants: " in text
    assert "round assumptions, not offers" in text
    assert "= passages" not in text


def test_explained_each_figure_has_its_formula_and_each_constant_its_value() -> None:
    text = run("--passages", "1e7", "--explain")
    for one in lines.ALL:
        assert f"= {one.formula}" in text, one.name
    for name, meaning in KNOWN.items():
        assert any(line.split()[:1] == [name] and meaning.says in line for line in text.splitlines()), name


def test_json_holds_the_same_with_formulas_and_units() -> None:
    body = json.loads(run("--passages", "1e8", "--encoder", "minilm", "--json"))
    assert body["wanted"]["dim"] == 384
    assert body["figures"]["vectors_all"] == {
        "value": 3.84e10, "unit": "B", "formula": "passages * dim", "says": "int8 vectors, for exact scores",
    }  # fmt: skip
    assert body["chosen"]["lists"] == 32_768
    assert body["meets"] is not bool(body["misses"])


def test_passages_follow_from_bytes_of_text() -> None:
    body = json.loads(run("--bytes", "6TB", "--words", "100", "--json"))
    assert body["wanted"]["passages"] == 1e10


def test_the_table_has_a_line_a_size() -> None:
    text = run("--table")
    sizes = ["1,000,000 ", "10,000,000 ", "100,000,000 ", "1,000,000,000 ", "10,000,000,000 "]
    assert [line[: len(size)] for line, size in zip(text.splitlines()[1:], sizes, strict=False)] == sizes
    assert len(run("--table", "--json").splitlines()) == 5


def test_a_check_prints_how_far_each_figure_is_off_and_is_told_of_from_then_on(tmp_path: Path, home: Path) -> None:
    constants.save(replace(constants.shipped(), checked=()), home)
    row = {
        "settings": {"words": 53, "encoder": "static"},
        "summary": {
            "passages": 1e7,
            "latency": {"warm": {"total": [1.0, 2.0, 9]}},
            "bytes_by_kind": {"vectors": 2.56e9},
        },
    }
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    text = run("--check", str(tmp_path / "rows.jsonl"))
    assert "1 of 2 figures are within 25%" in text
    assert "Checked at 10,000,000 passages" in run("--passages", "1e9")
    assert "100 times beyond" in run("--passages", "1e9")


def test_a_check_changes_nothing_where_the_shipped_constants_are_used(tmp_path: Path, home: Path) -> None:
    row = {"settings": {"words": 53, "encoder": "static"}, "summary": {"passages": 1e7, "build": {"seconds": 9}}}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    assert json.loads(run("--check", str(tmp_path / "rows.jsonl"), "--json"))[0]["figure"] == "build_s"
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("--passages", "many"), UsageError, "passages"),
        (("--bytes", "0"), UsageError, "bytes"),
        (("--passages", "1e6", "--qps", "-1"), UsageError, "questions a second"),
        (("--passages", "1e6", "--memory", "1kB"), UsageError, "so little memory"),
        (("--passages", "1e6", "--machines", "cray"), UnknownName, "cray"),
        (("--passages", "1e6", "--encoder", "oracle"), UsageError, "oracle"),
        (("--passages", "1e6", "--dim", "100"), UsageError, "multiple of 8"),
        (("--passages", "1e9", "--survival", "1.5"), UsageError, "between 0 and 1"),
        (("--passages", "1e6", "--prices", "none.toml"), BadConfig, "none.toml"),
        (("--passages", "1e6", "--constants", "none.toml"), BadConfig, "none.toml"),
        (("none", "--calibrate"), NoIndex, "none"),
        (("none",), NoIndex, "none"),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(words, error, said) -> None:
    done = CliRunner().invoke(plan, list(words))
    assert isinstance(done.exception, error)
    assert said in str(done.exception)


def test_an_index_is_planned_for_as_it_is_or_as_large_as_is_asked(tmp_path: Path) -> None:
    build(tmp_path / "index", prose(50, words=24))
    own = json.loads(run(str(tmp_path / "index"), "--encoder", "static", "--json"))
    assert own["wanted"]["passages"] == 50
    assert own["wanted"]["words"] == 25
    more = json.loads(run(str(tmp_path / "index"), "--encoder", "static", "--passages", "1e9", "--json"))
    assert (more["wanted"]["passages"], more["wanted"]["words"]) == (1e9, 25)


@pytest.mark.parametrize(
    ("note", "point"),
    [
        ({"kept": "candidates", "passages": 1000, "survival": [0.97, 0.9, 1.0], "settings": {"retrieve.scanned": 50}},
         Point(1000.0, 0.05, 0.97)),
        ({"kept": "window", "passages": 1000, "survival": [0.9, 0.8, 1.0], "settings": {"retrieve.scanned": 50}}, None),
        ({"kept": "candidates", "passages": 1000, "survival": [0.9, 0.8, 1.0], "settings": {}}, None),
        ({"kept": "candidates", "passages": 0, "survival": [0.9], "settings": {"retrieve.scanned": 50}}, None),
        ("tuned", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_tuned_index_says_what_it_keeps(note, point) -> None:
    assert existing.point(note) == point


@pytest.mark.parametrize("words", [(), ("--passages", "1e6", "--bytes", "1GB")])
def test_a_wrong_use_says_what_is_right(words) -> None:
    done = CliRunner().invoke(plan, list(words))
    assert done.exit_code == 2
    assert "--passages" in done.output

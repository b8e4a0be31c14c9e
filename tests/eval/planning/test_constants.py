from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cascade.errors import BadConfig
from eval.planning import constants
from eval.planning.constants import KNOWN, Checked


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "cascade" / "plan.toml"


def test_the_shipped_constants_are_all_there_and_say_where_they_are_from() -> None:
    found = constants.load()
    assert found.file == "shipped"
    assert set(found.values) == set(KNOWN)
    assert all(value > 0 for value in found.values.values())
    assert {"date", "commit", "cpu", "cores", "memory", "index"} <= set(found.circumstances)


def test_constants_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = constants.shipped().with_checks([Checked("warm_ms", 10_000_000, -0.07, "2026-11-28", "abc")])
    constants.save(made, tmp_path / "deep" / "mine.toml")
    found = constants.load(tmp_path / "deep" / "mine.toml")
    assert found == made
    assert found.file.endswith("mine.toml")


def test_a_users_own_constants_are_taken_before_the_shipped_ones(home: Path) -> None:
    own = constants.shipped()
    constants.save(replace(own, values={**own.values, "code_ns": 123.0}), home)
    assert constants.load().values["code_ns"] == 123.0
    assert constants.shipped().values["code_ns"] != 123.0


def test_a_newer_check_of_a_figure_replaces_the_older_one() -> None:
    old = constants.shipped().with_checks([Checked("a", 10, 0.5, "d", "c"), Checked("a", 100, 0.4, "d", "c")])
    new = old.with_checks([Checked("a", 100, 0.1, "e", "c")])
    assert {(one.passages, one.error) for one in new.checked if one.figure == "a"} == {(10, 0.5), (100, 0.1)}


def broken(text: str, kind: str) -> str:
    name = "code_ns = "
    line = next(line for line in text.splitlines() if line.startswith(name))
    return {
        "missing": text.replace(line, ""),
        "unknown": text.replace(line, f"{line}\nmagic_ns = 1"),
        "negative": text.replace(line, "code_ns = -1"),
        "word": text.replace(line, 'code_ns = "fast"'),
        "infinite": text.replace(line, "code_ns = inf"),
        "truth": text.replace(line, "code_ns = true"),
        "no TOML": f"{text}\n[[",
        "no curves": text[: text.index("[[survival]]")],
        "falling": text.replace("shares = [", "shares = [0.9, "),
        "strange check": f'{text}\n[[checked]]\nfigure = "x"\n',
    }[kind]


@pytest.mark.parametrize(
    "kind",
    ["missing", "unknown", "negative", "word", "infinite", "truth", "no TOML", "no curves", "falling", "strange check"],
)
def test_a_file_that_holds_no_constants_is_named_with_what_is_wrong(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(broken(constants.text(constants.shipped()), kind), "utf-8")
    with pytest.raises(BadConfig, match=r"mine\.toml"):
        constants.load(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="does not exist"):
        constants.load(tmp_path / "none.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadConfig):
        constants.load(tmp_path / "x.toml")

"""`cascade tune`: measured, written in one commit, used, checked, and taken out again."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from cascade import operating
from cascade.cli import root as cli
from cascade.config import Config
from cascade.engine import Engine
from cascade.errors import Locked, NotFound, UsageError
from cascade.index import manifest
from cascade.index.layout import Layout
from cascade.index.writer import Writer
from eval.tuning.spine import standing, write

PACKED = ("--stage", "window", "--reader", "toy", "--questions", "5", "--survival", "0.5", "--latency", "60000")


@pytest.fixture
def copy(listed, fresh):
    root = fresh() / "copy"
    shutil.copytree(listed, root)
    return root


def run(*words, code=0):
    done = CliRunner().invoke(cli, ["tune", *map(str, words)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def test_the_choice_is_written_in_one_commit_and_used_from_then_on(copy):
    before = manifest.read(Layout(copy))
    said = run(copy, *PACKED)
    after = manifest.read(Layout(copy))
    assert (after.commit, after.segments) == (before.commit + 1, before.segments)
    tokens = after.notes["operating"]["settings"]["pack.tokens"]
    assert said.splitlines()[-1] == f"Written into {copy}: tokens {tokens}"
    with closing(Engine.open(copy, Config(reader="toy"))) as engine:
        assert engine.config.pack.tokens == tokens
    point = standing(copy)
    assert (point.passages, point.kept, point.by, point.questions) == (300, "window", "passages", 5)
    assert point.survival[1] >= 0.5
    assert point.wanted == (0.5, 60_000.0)


def test_a_table_says_what_each_setting_keeps_and_takes_and_what_each_stage_loses(copy):
    said = run(copy, *PACKED).splitlines()
    head = "tokens survival (window, relative) candidates nearest ranked window ms (p95) packed"
    assert " ".join(said[0].split()) == head
    assert sum(line.startswith(("*", "=", "w", "|", " ")) and "/" in line for line in said[1:5]) >= 3
    assert any("retrieve .000, rerank .000, pack ." in line for line in said)
    assert any("scan" in line and "feedback" in line and "pack" in line for line in said)
    assert any(line.startswith("It is the cheapest of") for line in said)


def test_a_dry_run_writes_nothing(copy, snap):
    before = snap(copy)
    assert "Not written into" in run(copy, *PACKED, "--dry-run")
    assert snap(copy) == before


def test_where_nothing_is_fast_enough_nothing_is_written_and_the_exit_code_is_one(copy, snap):
    before = snap(copy)
    assert "ms at least, and 0.1 ms were asked for" in run(copy, *PACKED, "--latency", "0.1", code=1)
    assert snap(copy) == before


def test_json_has_every_figure_and_the_point(copy):
    said = json.loads(run(copy, *PACKED, "--json", "--dry-run"))
    aim = {"survival": 0.5, "latency_ms": 60_000.0, "stage": "window", "by": "passages", "relative": True}
    assert said["aim"] == aim
    assert operating.parse(said["point"]).settings == said["chosen"]
    chosen = next(one for one in said["settings"] if one["settings"] == said["chosen"])
    assert chosen["survival"][1] >= 0.5
    assert set(chosen["lost"]) == {"retrieve", "rerank", "pack"}
    assert {"encode", "retrieve", "scan", "feedback", "select", "pack"} == set(chosen["stages_ms"])


def test_candidates_and_words_are_chosen_together(wide):
    said = json.loads(run(wide, *PACKED[4:], "--json", "--dry-run"))
    assert said["aim"]["stage"] == "candidates"
    assert set(said["chosen"]) == {"retrieve.width", "retrieve.lexical"}
    assert len(said["settings"]) == 5


def test_needles_are_planted_in_a_copy_and_only_the_choice_is_written(copy, snap):
    before = snap(copy)
    run(copy, *PACKED, "--needles", "12", "--survival", "0.3")
    after = snap(copy)
    assert {name for name in after if after[name] != before[name]} == {"manifest.json", "manifest.twin.json"}
    assert set(after) == set(before)
    assert manifest.read(Layout(copy)).notes["operating"]["by"] == "needles"


def test_labelled_questions_are_remembered_by_the_names_of_their_sets(index, folders, fresh):
    root = fresh() / "labelled"
    shutil.copytree(index, root)
    asks = ("--queries", folders["set"])
    run(root, *asks, *PACKED, "--questions", "9", "--survival", "0.4")
    assert standing(root).sets == ("painted",)
    with pytest.raises(UsageError, match=r"give --queries \.\.\./painted"):
        run(root, "--check", "--reader", "toy")
    assert "It holds." in run(root, "--check", *asks, "--reader", "toy")


def test_a_check_tells_when_survival_fell_and_exits_with_one(copy):
    run(copy, *PACKED)
    assert "It holds." in run(copy, "--check", "--reader", "toy")
    point = standing(copy)
    other = {**point.as_json(), "settings": {"pack.tokens": 5}, "survival": [1.0, 0.98, 1.0]}
    write(copy, operating.parse(other))
    said = json.loads(run(copy, "--check", "--reader", "toy", "--json", code=1))
    assert not said["ok"]
    assert "under the interval of 1.000 [0.980, 1.000]" in said["wrong"][0]
    assert said["now"]["settings"] == {"pack.tokens": 5}


def test_a_point_is_taken_out_again(copy):
    run(copy, *PACKED)
    assert run(copy, "--clear").startswith(f"Taken out of {copy}: tokens ")
    assert "operating" not in manifest.read(Layout(copy)).notes
    for flag in ("--clear", "--check"):
        with pytest.raises(NotFound, match=r"has no operating point\. Measure one: cascade tune"):
            run(copy, flag)


def test_what_was_measured_is_printed_even_where_another_writer_holds_the_index(copy):
    with Writer(copy):
        done = CliRunner().invoke(cli, ["tune", str(copy), *PACKED])
    assert isinstance(done.exception, Locked)
    assert "It is the cheapest of" in done.stdout


def test_a_setting_that_a_file_sets_is_named(copy, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("[pack]\ntokens = 300\n")
    said = run(copy, *PACKED, "--config", file, "--dry-run")
    assert f"pack.tokens is set by {file}, which comes before what is written into the index." in said
    assert any(line.startswith(("=", "*=")) for line in said.splitlines())


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_curve_is_drawn_into_a_file_by_itself(copy, tmp_path, suffix):
    file = tmp_path / f"curve.{suffix}"
    run(copy, *PACKED, "--dry-run", "--picture", file)
    raw = file.read_bytes()
    if suffix == "png":
        assert raw.startswith(b"\x89PNG")
        return
    found = ElementTree.fromstring(raw)
    texts = {text.text for text in found.iter("{http://www.w3.org/2000/svg}text")}
    assert {"on the curve", "in force before", "chosen", "asked for", "relative survival (window)"} <= texts
    assert b'href="http' not in raw and b"var(" not in raw, "nothing from elsewhere"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--survival", "0.95", "--questions", "20"), "ask at least 73"),
        (("--questions", "5", "--survival", "0.5"), "nothing to tune but the tokens"),
    ],
)  # fmt: skip
def test_what_cannot_be_tuned_is_said_before_anything_is_measured(copy, words, said):
    with pytest.raises(UsageError, match=said):
        run(copy, *words)


@pytest.mark.parametrize("words", [
    ("--check", "--clear"), ("--needles", "5", "--queries", "."), ("--picture", "x.jpg"), ("--survival", "1"),
    ("--latency", "0"), ("--stage", "found"), ("--needles", "0"), ("--questions", "0"), ("--first", "0"),
])  # fmt: skip
def test_a_wrong_flag_is_a_wrong_use(copy, words, snap):
    before = snap(copy)
    run(copy, *words, code=2)
    assert snap(copy) == before

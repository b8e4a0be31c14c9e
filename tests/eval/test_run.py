"""Running a suite: what a row holds, what is measured again, and what a kill loses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cascade.errors import BadConfig, NotFound
from eval import journal, suite
from eval.corpora import Places
from eval.run import Plan, results, run

pytest.importorskip("ir_measures", reason="judging rankings takes the extra `eval`")

CORPUS = '[suite]\nseed = 3\n[[corpus]]\nname = "c"\nencoder = "toy"\nsets = ["painted"]\nhaystack = ["haystack"]\n'


def condition(name: str, kind: str, settings: str, rest: str = "") -> str:
    return f'[[condition]]\nname = "{name}"\nkind = "{kind}"\ncorpus = "c"\nsettings = {{ {settings} }}\n{rest}\n'


SETS = condition("s", "sets", 'set = "painted", reader = "toy", passages = 20')
NEEDLES = condition("n", "needles", 'reader = "toy", count = 3')


@pytest.fixture
def given(folders: dict[str, Path], tmp_path: Path) -> Any:
    """Runs a suite of this text, and gives its rows by condition."""

    def measured(text: str, **how: Any) -> dict[str, dict[str, Any]]:
        (tmp_path / "mine.toml").write_text(text, "utf-8")
        places = Places(tmp_path / "cache", folders["set"].parent)
        plan = Plan(tmp_path / "out", places, **how)
        return {one.name: row for one, row, _ in run(suite.load(str(tmp_path / "mine.toml")), plan)}

    return measured


def test_a_row_says_what_was_measured_on_what_and_by_which_code(given: Any) -> None:
    row = given(CORPUS + SETS)["s"]
    assert (row["suite"], row["condition"], row["kind"], row["seed"]) == ("mine", "s", "sets", 3)
    assert row["corpus"]["name"] == "c"
    assert len(row["corpus"]["hash"]) == 32
    assert {"machine", "versions", "commit", "date"} <= row.keys()
    assert {key: row["settings"][key] for key in ("set", "questions", "encoder", "passages", "held", "window")} == {
        "set": "painted", "questions": 9, "encoder": "toy", "passages": 20, "held": 44, "window": 1_000,
    }  # fmt: skip
    assert len(row["queries"]) == 9


def test_a_set_that_is_ranked_right_has_full_marks_and_loses_nothing(given: Any) -> None:
    row = given(CORPUS + SETS)["s"]
    said = row["summary"]
    assert set(said["systems"]) == {"cascade", "bm25", "dense", "rrf", "hand-set"}
    assert said["systems"]["cascade"]["all@117"] == [1.0, 1.0, 1.0]
    assert said["systems"]["cascade"]["mrr"] == [1.0, 1.0, 1.0]
    assert said["differences"]["hand-set"]["ndcg@10"] == [0.0, 0.0, 0.0]
    assert said["kept"] == [1.0, 1.0, 1.0]
    assert said["blame"] == {}
    assert {stage: value[0] for stage, value in said["stages"].items()} == dict.fromkeys(
        ("dense", "lexical", "retrieved", "reranked", "packed"), 1.0
    )
    assert {"encode", "retrieve", "scan", "total"} <= said["latency_ms"].keys()
    first = row["queries"][0]
    assert (first["_id"], first["relevant"], first["kept"]) == ("q0", 1, 1)
    (passage,) = first["passages"]
    assert (passage["key"], passage["rank"], passage["retrieved"], passage["packed"], passage["blame"]) == (
        "harbour-gate", 1, True, True, None,
    )  # fmt: skip
    assert passage["dense"] == passage["lexical"] == 1
    assert passage["margin"] > 0


def test_the_calibration_counts_every_ranked_passage_once(given: Any) -> None:
    row = given(CORPUS + SETS)["s"]
    bins = row["summary"]["calibration"]
    assert sum(one["n"] for one in bins) == 9 * 44
    assert round(sum(one["true"] * one["n"] for one in bins)) == 10
    assert [one["said"] for one in bins] == sorted(one["said"] for one in bins)


def test_a_mean_counts_each_set_the_same_and_needs_them_measured(given: Any, folders: dict[str, Path]) -> None:
    both = SETS + condition("mean", "sets", 'set = "mean", mean = "painted", reader = "toy", passages = 20')
    found = given(CORPUS + both)
    assert found["mean"]["summary"]["systems"] == found["s"]["summary"]["systems"]
    assert [query["_id"] for query in found["mean"]["queries"]][:2] == ["painted/q0", "painted/q1"]
    lacking = condition("mean", "sets", 'set = "m", mean = "painted", reader = "toy", effort = "high"')
    with pytest.raises(NotFound, match="mean is a mean, and painted was not measured"):
        given(CORPUS + lacking)


def test_needles_are_followed_to_the_window_and_gone_afterwards(given: Any, tmp_path: Path) -> None:
    found = given(CORPUS + condition("n", "needles", 'reader = "toy", count = 4, class = "updated"'))["n"]
    assert found["summary"]["stages"]["packed"][0] == 1.0
    assert found["settings"]["count"] == 4
    assert found["settings"]["depth"] == {"length": 0, "position": 0.0, "insertion": 1.0}
    link = found["queries"][0]["links"][0]
    assert (link["blame"], link["list_size"]) == (None, None)
    assert link["rank"] >= 1
    held = [path.name for path in (tmp_path / "cache" / "index").iterdir() if not path.name.startswith(".")]
    assert len(held) == 1


def test_a_deleted_needle_does_not_come_back_and_nothing_of_it_can_survive(given: Any) -> None:
    found = given(CORPUS + condition("n", "needles", 'reader = "toy", count = 3, class = "deleted"'))["n"]
    assert found["summary"]["returned"][0] == 0.0
    assert found["summary"]["stages"] == {}
    assert [query["links"] for query in found["queries"]] == [[], [], []]


def test_needles_that_come_first_are_planted_before_the_haystack(given: Any) -> None:
    found = given(CORPUS + condition("n", "needles", 'reader = "toy", count = 3, insertion = 0.0, passages = 30'))["n"]
    assert found["settings"]["depth"]["insertion"] == 0.0
    assert found["summary"]["stages"]["reranked"][0] == 1.0


def test_the_number_of_needles_follows_from_the_width_that_is_asked_for(given: Any) -> None:
    text = condition("n", "needles", 'reader = "toy", half_width = 0.25, share = 0.5')
    assert given(CORPUS + text)["n"]["settings"]["count"] == 12


def test_answers_are_compared_with_the_passage_alone_and_a_window_of_anything(given: Any) -> None:
    row = given(CORPUS + condition("a", "answers", 'reader = "toy", count = 4'))["a"]
    assert row["summary"]["accuracy"]["passage alone"][0] == 1.0
    assert row["summary"]["accuracy"].keys() == {"cascade", "passage alone", "window filled"}
    assert row["summary"]["controls"]["gold"][0] == 1.0
    assert row["summary"]["stages"].keys() >= {"packed", "answered"}
    first = row["queries"][0]
    assert first["said"].keys() == first["right"].keys() == {"cascade", "passage alone", "window filled"}
    assert first["answers"][0] in first["said"]["passage alone"]
    assert first["tokens"] > 0
    right = sum(query["right"]["cascade"] for query in row["queries"])
    tokens = sum(query["tokens"] for query in row["queries"])
    assert row["summary"]["cost"]["tokens_per_correct"] == pytest.approx(tokens / right)


def test_where_nothing_is_to_be_found_the_right_answer_is_to_say_so(given: Any) -> None:
    row = given(CORPUS + condition("a", "answers", 'reader = "toy", count = 3, class = "absent"'))["a"]
    assert row["summary"]["accuracy"].keys() == {"cascade", "window filled"}
    assert row["summary"]["abstention"].keys() == {"right"}
    for query in row["queries"]:
        assert query["right"]["cascade"] is query["abstained"]


def test_a_latency_comes_with_what_survives_it(given: Any) -> None:
    row = given(CORPUS + condition("l", "latency", 'reader = "toy", questions = 5'))["l"]
    assert (row["summary"]["survival"], row["summary"]["least_survival"], row["summary"]["late"]) == (1.0, 1.0, 0)
    assert {"encode", "retrieve", "scan", "feedback", "select", "pack", "total"} == row["summary"]["stages"].keys()
    assert all(len(value) == 2 and 0 <= value[0] <= value[1] for value in row["summary"]["stages"].values())
    assert row["settings"]["questions"] == len(row["queries"]) == 5


def test_what_is_finished_is_measured_again_only_when_something_changed(given: Any, tmp_path: Path) -> None:
    first = given(CORPUS + NEEDLES)["n"]
    assert given(CORPUS + NEEDLES)["n"] == first
    assert given(CORPUS + NEEDLES, limit=2)["n"]["settings"]["count"] == 2
    assert given(CORPUS.replace("seed = 3", "seed = 4") + NEEDLES)["n"]["queries"] != first["queries"]
    again = given(CORPUS + NEEDLES, again=True)["n"]
    assert again["identity"] == first["identity"]
    assert again["date"] >= first["date"]
    assert len(list(journal.rows(tmp_path / "out" / "mine.jsonl"))) == 4
    assert list((tmp_path / "out" / ".progress").iterdir()) == []


def test_only_what_is_named_is_measured(given: Any) -> None:
    assert list(given(CORPUS + SETS + NEEDLES, only=["n"])) == ["n"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (condition("s", "sets", 'set = "sung"'), "has no set 'sung'. There are: painted"),
        (condition("n", "needles", 'class = "noodle"'), "no needles 'noodle'. There are: single"),
    ],
)
def test_what_a_corpus_or_a_class_does_not_have_is_named(given: Any, text: str, said: str) -> None:
    with pytest.raises((NotFound, BadConfig), match=said):
        given(CORPUS + text)


def test_a_killed_run_goes_on_with_the_next_question(folders: dict[str, Path], tmp_path: Path) -> None:
    text = CORPUS + condition("n", "needles", 'reader = "toy", count = 30')
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    places = f"--data {folders['set'].parent} --out {tmp_path / 'out'} --cache {tmp_path / 'cache'}".split()
    code = "from eval.commands import evaluate; evaluate()"
    command = [sys.executable, "-c", code, "run", str(tmp_path / "mine.toml"), *places]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    progress = tmp_path / "out" / ".progress"
    ends = time.monotonic() + 120
    while not (before := _asked(progress)) or len(before) < 3:
        assert running.poll() is None, running.stderr.read().decode() if running.stderr else ""
        assert time.monotonic() < ends
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    before = _asked(progress)
    assert 3 <= len(before) < 30
    found = suite.load(str(tmp_path / "mine.toml"))
    plan = Plan(tmp_path / "out", Places(tmp_path / "cache", folders["set"].parent))
    ((_, row, measured),) = run(found, plan)
    assert measured
    assert row["queries"][: len(before)] == before
    assert len(row["queries"]) == 30
    assert [json.loads(line) for line in results(plan.out, found).read_text().splitlines()] == [row]


def _asked(progress: Path) -> list[dict[str, Any]]:
    return [row for path in progress.glob("*.jsonl") for row in journal.rows(path)] if progress.exists() else []

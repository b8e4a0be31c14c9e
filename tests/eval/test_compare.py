"""Comparing two results and holding one against what a suite expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cascade.errors import NotFound
from eval import compare as comparing
from eval import suite
from eval.compare import Verdict, compare, shown
from eval.gate import failures


def row(name: str, kind: str, queries: list[dict[str, Any]], summary: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "suite": "s", "condition": name, "kind": kind, "corpus": {"name": "c", "hash": "h"},
        "summary": summary or {}, "queries": queries,
    }  # fmt: skip


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path


def latencies(*values: float) -> list[dict[str, Any]]:
    return [{"_id": str(at), "survival": 1.0, "ms": {"total": ms}} for at, ms in enumerate(values)]


def answered(*right: bool) -> list[dict[str, Any]]:
    return [{"_id": str(at), "kept": {}, "right": {"cascade": one}} for at, one in enumerate(right)]


def test_every_verdict_of_a_result_with_itself_is_the_same(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", row("l", "latency", latencies(3, 4, 5)), row("a", "answers", answered(True)))
    found = compare(file, file, seed=0)
    assert {one.verdict for one in found.differences} == {Verdict.SAME}
    assert [(one.condition, one.measure) for one in found.differences] == [
        ("l", "ms in all"), ("l", "survival"), ("a", "right, cascade"),
    ]  # fmt: skip
    assert found.unpaired == []


def test_more_right_answers_are_better_and_more_milliseconds_are_worse(tmp_path: Path) -> None:
    a = write(tmp_path / "a", row("l", "latency", latencies(10, 20, 30)), row("a", "answers", answered(*[False] * 9)))
    b = write(tmp_path / "b", row("l", "latency", latencies(11, 22, 33)), row("a", "answers", answered(*[True] * 9)))
    found = {one.measure: one for one in compare(a, b, seed=0).differences}
    assert found["right, cascade"].verdict is Verdict.BETTER
    assert found["right, cascade"].difference == (1.0, 1.0, 1.0)
    assert found["ms in all"].verdict is Verdict.WORSE
    assert (found["ms in all"].before, found["ms in all"].after) == (20.0, 22.0)
    assert {one.measure: one.verdict for one in compare(b, a, seed=0).differences} == {
        "right, cascade": Verdict.WORSE, "ms in all": Verdict.BETTER, "survival": Verdict.SAME,
    }  # fmt: skip


def test_a_difference_whose_interval_holds_nothing_is_none(tmp_path: Path) -> None:
    a = write(tmp_path / "a", row("a", "answers", answered(True, False, True, False)))
    b = write(tmp_path / "b", row("a", "answers", answered(False, True, True, True)))
    (found,) = compare(a, b, seed=0).differences
    assert (found.verdict, found.difference.value) == (Verdict.SAME, 0.25)


def test_a_mean_of_sets_is_compared_set_by_set(tmp_path: Path) -> None:
    def mean(values: dict[str, list[float]]) -> dict[str, Any]:
        queries = [
            {"_id": f"{name}/{at}", "set": name, "kept": 1, "systems": {"cascade": {"mrr": value}}}
            for name, of in values.items()
            for at, value in enumerate(of)
        ]
        return row("mean", "sets", queries)

    a = write(tmp_path / "a", mean({"large": [0.0] * 9, "small": [0.0]}))
    b = write(tmp_path / "b", mean({"large": [0.0] * 9, "small": [1.0]}))
    found = {one.measure: one for one in compare(a, b, seed=0).differences}
    assert (found["mrr"].after, found["mrr"].difference.value) == (0.5, 0.5)


def test_what_cannot_be_paired_is_said(tmp_path: Path) -> None:
    a = write(tmp_path / "a", row("l", "latency", latencies(1, 2)), row("old", "latency", latencies(1)))
    b = write(
        tmp_path / "b", {**row("l", "latency", latencies(1, 2, 3)), "corpus": {"hash": "other"}},
        row("new", "latency", latencies(1)),
    )  # fmt: skip
    found = compare(a, b, seed=0)
    assert [one.questions for one in found.differences] == [2, 2]
    assert found.unpaired == [
        f"s old is not in {b}.",
        "l was measured on two different corpora; what is compared is the questions they share.",
        "l: 1 questions are in one of the two only.",
        f"s new is not in {a}.",
    ]


def test_folders_are_compared_by_all_their_rows_the_newest_of_each_condition(tmp_path: Path) -> None:
    write(tmp_path / "a" / "s.jsonl", row("l", "latency", latencies(9)), row("l", "latency", latencies(1)))
    write(tmp_path / "b" / "s.jsonl", row("l", "latency", latencies(1)))
    found = compare(tmp_path / "a", tmp_path / "b", seed=0)
    assert {one.verdict for one in found.differences} == {Verdict.SAME}
    with pytest.raises(NotFound, match="holds no rows"):
        compare(tmp_path, tmp_path / "b", seed=0)


def test_the_table_ends_with_how_many_are_better_the_same_and_worse(tmp_path: Path) -> None:
    a = write(tmp_path / "a", row("a", "answers", answered(False, False)))
    b = write(tmp_path / "b", row("a", "answers", answered(True, True)))
    text = shown(compare(a, b, seed=0)).splitlines()
    assert text[1].split() == [
        "a",
        "right,",
        "cascade",
        "2",
        "0.000",
        "1.000",
        "+1.000",
        "[+1.000,",
        "+1.000]",
        "better",
    ]
    assert text[-1] == "1 better, 0 same, 0 worse"


def test_each_kind_of_row_has_its_measures() -> None:
    needle = {"kept": {"packed": True}, "all@117": 1.0, "ndcg@10": 0.5, "mrr": 0.25}
    assert comparing.measures("needles", needle) == {
        "survival packed": 1.0, "all@117": 1.0, "ndcg@10": 0.5, "mrr": 0.25,
    }  # fmt: skip
    answer = {"kept": {}, "right": {"cascade": True, "passage alone": False}, "citations": {"recall": 0.5}}
    assert comparing.measures("answers", answer) == {
        "right, cascade": 1.0, "right, passage alone": 0.0, "citation recall": 0.5,
    }  # fmt: skip


SUITE = """
[[corpus]]
name = "c"
sets = ["x"]
[[condition]]
name = "l"
kind = "latency"
corpus = "c"
[condition.expect]
"survival" = { at_least = 0.9 }
"total" = { at_most = 100 }
[[condition]]
name = "free"
kind = "latency"
corpus = "c"
"""


@pytest.fixture
def expecting(tmp_path: Path) -> suite.Suite:
    (tmp_path / "s.toml").write_text(SUITE)
    return suite.load(str(tmp_path / "s.toml"))


def test_what_is_as_expected_fails_nothing(expecting: suite.Suite, tmp_path: Path) -> None:
    said = {"survival": 0.95, "stages": {"total": [80.0, 200.0]}}
    file = write(tmp_path / "r", row("l", "latency", [], {"survival": 0.1}), row("l", "latency", [], said))
    assert list(failures(file, expecting)) == []


def test_each_score_that_is_not_has_a_sentence(expecting: suite.Suite, tmp_path: Path) -> None:
    file = write(tmp_path / "r", row("l", "latency", [], {"survival": 0.5}))
    assert list(failures(file, expecting)) == [
        "l: survival is 0.5 and should be at least 0.9.", "l: total is not in the row.",
    ]  # fmt: skip


def test_what_was_not_measured_fails(expecting: suite.Suite, tmp_path: Path) -> None:
    file = write(tmp_path / "r", row("free", "latency", []))
    assert list(failures(file, expecting)) == ["l was not measured."]


def test_a_gate_without_rows_or_expectations_is_refused(expecting: suite.Suite, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cascade eval run s"):
        list(failures(tmp_path / "none", expecting))
    file = write(tmp_path / "r", row("free", "latency", []))
    with pytest.raises(NotFound, match="expects nothing"):
        list(failures(file, expecting, ["free"]))

"""Rows are read line by line; what is no row is named with its reason, and stops nothing."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
import synthetic

from cascade.errors import NotFound, SourceError
from eval.report.reading import Kind, read, slug

ROW = synthetic.latency_row(Random(1), 1_000)


def test_every_row_of_a_file_is_read_in_its_order(file: Path) -> None:
    made = synthetic.everything()
    found = read([file])
    assert [row.condition for row in found.rows] == [one["condition"] for one in made]
    assert [row.line for row in found.rows] == list(range(1, len(made) + 1))
    assert (found.unread, found.replaced) == ((), 0)
    assert len(found.of(Kind.LATENCY)) == len(synthetic.SIZES)


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        synthetic.write([{**ROW, "suite": name}], tmp_path / f"{name}.jsonl")
    (tmp_path / "notes.txt").write_text("not a row")
    assert [row.suite for row in read([tmp_path]).rows] == ["a", "b"]


def test_a_later_row_of_the_same_condition_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    again = {**ROW, "seed": 99}
    found = read([synthetic.write([ROW, {**ROW, "condition": "other"}, again], tmp_path / "x.jsonl")])
    assert [(row.condition, row.about["seed"]) for row in found.rows] == [("other", 7), ("latency-1000", 99)]
    assert found.replaced == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"kind": "sets", ', "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"benchmark": "quality", "settings": {}, "summary": {}}', "without kind, condition"),
        (b'{"kind": "sets", "condition": "c", "settings": [], "summary": {}}', "settings or summary"),
        (b'{"kind": "tea", "condition": "c", "settings": {}, "summary": {}}', "'tea'"),
    ],
)
def test_a_line_that_is_no_row_is_named_with_its_reason(tmp_path: Path, line: bytes, reason: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"\n" + line + b"\n" + json.dumps(ROW).encode() + b"\n\n")
    found = read([file])
    assert len(found.rows) == 1
    (unread,) = found.unread
    assert (unread.file, unread.line) == (file, 2)
    assert reason in unread.reason


def test_without_any_row_the_next_step_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("nonsense\n")
    with pytest.raises(SourceError, match="cascade eval run"):
        read([tmp_path / "x.jsonl"])


@pytest.mark.parametrize("name", ["absent.jsonl", ""])
def test_a_path_without_results_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match="cascade eval run"):
        read([tmp_path / name])


def test_anchors_are_unique_where_conditions_differ_in_signs_only(tmp_path: Path) -> None:
    rows = [{**ROW, "condition": name} for name in ("a b", "a-b", "A/B", "日本")]
    found = read([synthetic.write(rows, tmp_path / "x.jsonl")])
    assert [row.anchor for row in found.rows] == [
        "row-full-a-b", "row-full-a-b-2", "row-full-a-b-3", "row-full-x"
    ]  # fmt: skip


def test_questions_are_counted_by_what_is_listed_else_by_what_is_said(tmp_path: Path) -> None:
    listed = {**ROW, "condition": "listed", "queries": [{"_id": "1"}, {"_id": "2"}, "odd"]}
    unsaid = {**ROW, "condition": "unsaid", "settings": {"passages": "many"}}
    found = read([synthetic.write([ROW, listed, unsaid], tmp_path / "x.jsonl")])
    assert [(row.count, row.passages) for row in found.rows] == [(200, 1_000), (2, 1_000), (0, 0)]


def test_a_mean_of_rows_is_a_row_and_not_one_of_its_kind(tmp_path: Path) -> None:
    one = {**ROW, "kind": "sets", "condition": "one", "settings": {"set": "one"}}
    mean = {**one, "condition": "mean", "settings": {"set": "mean of one", "mean": "one"}}
    found = read([synthetic.write([one, mean], tmp_path / "x.jsonl")])
    assert [row.condition for row in found.rows] == ["one", "mean"]
    assert [row.condition for row in found.of(Kind.SETS)] == ["one"]


def test_a_slug_is_fit_for_an_id_and_a_file_name() -> None:
    assert slug("minilm, effort high") == "minilm-effort-high"
    assert slug('../../etc "x" <b>') == "etc-x-b"

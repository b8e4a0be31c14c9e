from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cascade.errors import NotFound, UsageError
from eval.planning import constants, prices
from eval.planning.checking import check, checks, predicted

SETTINGS = {"passages": 10_000_000, "words": 53, "encoder": "static", "lists": 16_384, "scanned": 2_000_000}


def rows(file: Path, *made: Any) -> Path:
    file.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in made), "utf-8")
    return file


def row(summary: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"settings": {**SETTINGS, **settings}, "summary": summary, "machine": {"cores": 2}}


def test_what_was_measured_as_predicted_is_off_by_nothing(tmp_path: Path) -> None:
    known, costs = constants.shipped(), prices.load()
    sheet = predicted(SETTINGS, {"cores": 2}, known, costs)
    summary = {"bytes": {"vectors": sheet["vectors_all"]}, "warm": {"total": [sheet["warm_ms"] / 2, 9.0, 200]}}
    found = check(rows(tmp_path / "r.jsonl", row(summary)), known, costs)
    assert {one.figure: round(one.error, 6) for one in found} == {"vectors_all": 0.0, "warm_ms": 1.0}
    kept = checks(found, "2026-11-28", "abc")
    assert {(one.figure, one.passages, one.error) for one in kept} == {
        ("vectors_all", 10_000_000, 0.0), ("warm_ms", 10_000_000, 1.0),
    }  # fmt: skip


def test_a_prediction_is_of_the_index_that_the_row_describes() -> None:
    known, costs = constants.shipped(), prices.load()
    sheet = predicted({**SETTINGS, "segments": 12, "candidates": 1_000}, {"cores": 4}, known, costs)
    assert (sheet["segments"], sheet["candidates"], sheet["cores"], sheet["scanned"]) == (12, 1_000, 4, 2e6)
    assert sheet["wait_ms"] == 0
    exact = predicted({**SETTINGS, "lists": 0}, {}, known, costs)
    assert (exact["coded"], exact["scanned"]) == (0, 1e7)


def test_rows_of_other_things_are_passed_over(tmp_path: Path) -> None:
    good = row({"build": {"all": 100.0}})
    file = rows(tmp_path / "r.jsonl", {"benchmark": "load"}, "", [1], {"settings": {}, "summary": {}}, good)
    assert [one.figure for one in check(file, constants.shipped(), prices.load())] == ["build_s"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (["{not json"], "line 1"),
        ([{"settings": {"passages": 5}, "summary": {"build": {"all": 1}}}], "what index it is of"),
        ([{"settings": {**SETTINGS, "passages": "many"}, "summary": {}}], "what index it is of"),
        ([row({})], "no measured figure"),
        ([row({"build": {"all": 0, "cut": True, "words": "x"}})], "no measured figure"),
        ([], "no measured figure"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused(tmp_path: Path, made: list[Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(rows(tmp_path / "r.jsonl", *made), constants.shipped(), prices.load())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="bench scale"):
        check(tmp_path / "none.jsonl", constants.shipped(), prices.load())

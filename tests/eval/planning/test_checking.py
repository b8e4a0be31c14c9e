from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cascade.errors import NotFound, UsageError
from eval.planning import constants, prices
from eval.planning.checking import checks, compare, predicted
from eval.planning.measured import Measured, read

SETTINGS = {"encoder": "static", "words": 53, "retrieve": {"scanned": 2_000_000, "width": 30_000}}
SUMMARY = {"passages": 10_000_000, "lists": 16_384, "segments": 10}


def rows(file: Path, *made: Any) -> Path:
    file.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in made), "utf-8")
    return file


def row(summary: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {"settings": {**SETTINGS, **settings}, "summary": {**SUMMARY, **summary}, "machine": {"cores": 2}}


def one_of(**changed: Any) -> Measured:
    held: dict[str, Any] = {
        "passages": 1e7, "words": 53.0, "tokens": 70.0, "encoder": "static", "dim": 256, "lists": 16_384,
        "segments": 10, "scanned": 2e6, "candidates": 30_000, "cores": 2, "figures": {},
    }  # fmt: skip
    return Measured(**{**held, **changed})


def test_what_was_measured_as_predicted_is_off_by_nothing(tmp_path: Path) -> None:
    known, costs = constants.shipped(), prices.load()
    sheet = predicted(one_of(), known, costs)
    bytes_by_kind = {"vectors": sheet["vectors_all"], "codes": sheet["codes_all"] - 100, "lists": 100}
    summary = {"bytes_by_kind": bytes_by_kind, "latency": {"warm": {"total": [sheet["warm_ms"] / 2, 9.0, 200]}}}
    found = compare(read(rows(tmp_path / "r.jsonl", row(summary)), 2), known, costs)
    assert {one.figure: round(one.error, 6) for one in found} == {"vectors_all": 0.0, "codes_all": 0.0, "warm_ms": 1.0}
    kept = checks(found, "2026-11-28", "abc")
    assert {(one.figure, one.passages, one.error) for one in kept} == {
        ("vectors_all", 10_000_000, 0.0), ("codes_all", 10_000_000, 0.0), ("warm_ms", 10_000_000, 1.0),
    }  # fmt: skip


def test_a_prediction_is_of_the_index_that_was_measured() -> None:
    known, costs = constants.shipped(), prices.load()
    sheet = predicted(one_of(segments=12, candidates=1_000, cores=4), known, costs)
    assert (sheet["segments"], sheet["candidates"], sheet["cores"], sheet["scanned"]) == (12, 1_000, 4, 2e6)
    assert sheet["wait_ms"] == 0
    exact = predicted(one_of(lists=0, scanned=1e7), known, costs)
    assert (exact["coded"], exact["scanned"]) == (0, 1e7)


def test_words_follow_from_tokens_where_a_row_does_not_tell_them(tmp_path: Path) -> None:
    known = constants.shipped()
    tokens = 100 * known.values["tokens_per_word"]
    summary = {"bytes_by_kind": {"tokens": 1e7 * (2 * tokens + 5)}}
    (found,) = read(rows(tmp_path / "r.jsonl", row(summary, words=0)), 2)
    assert predicted(found, known, prices.load())["words"] == pytest.approx(100)
    with pytest.raises(UsageError, match="neither words nor tokens"):
        predicted(one_of(words=0.0, tokens=0.0, figures={"text_all": 1.0}), known, prices.load())


def test_building_is_what_it_took_without_making_the_texts(tmp_path: Path) -> None:
    build = {"seconds": 100.0, "steps": {"source": 30.0, "encode": 20.0}}
    (found,) = read(rows(tmp_path / "r.jsonl", row({"build": build})), 2)
    assert found.figures == {"build_s": 70.0}
    again = row({"build": {**build, "whole": False}, "bytes": 1e9})
    (found,) = read(rows(tmp_path / "r.jsonl", again), 2)
    assert found.figures == {"disk_all": 1e9}, "a build that went on where another ended says nothing"


def test_generated_codes_tell_of_nomination_at_each_number_compared(tmp_path: Path) -> None:
    rounds = {
        "1000000": {"warm": {"ms": [20.0, 30.0, 99]}, "cold": {"ms": [200.0, 300.0, 50]}},
        "4000000": {"warm": {"ms": [50.0, 60.0, 99]}, "first": {"ms": [900.0, 999.0, 50]}},
    }
    made = {
        "settings": {"rows": 100_000_000, "dim": 256, "lists": 65_536, "segments": 16},
        "summary": {"passages": 100_000_000, "lists": 65_536, "rounds": rounds},
    }
    found = compare(read(rows(tmp_path / "r.jsonl", made), 2), constants.shipped(), prices.load())
    assert [(one.figure, one.scanned, one.measured) for one in found] == [
        ("nominate_ms", 1_000_000, 20.0), ("nominate_cold_ms", 1_000_000, 200.0), ("nominate_ms", 4_000_000, 50.0),
    ]  # fmt: skip
    assert found[2].predicted > found[0].predicted


def test_rows_of_other_things_are_passed_over(tmp_path: Path) -> None:
    good = row({"bytes": 100.0})
    file = rows(tmp_path / "r.jsonl", {"benchmark": "load"}, "", [1], {"settings": {}, "summary": {}}, good)
    assert [list(one.figures) for one in read(file, 2)] == [["disk_all"]]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (["{not json"], "line 1"),
        ([{"settings": {"retrieve": 5}, "summary": {**SUMMARY, "bytes": 1}}], "what index it is of"),
        ([{"settings": {}, "summary": {**SUMMARY, "lists": "many"}}], "what index it is of"),
        ([row({})], "no measured figure"),
        ([row({"bytes": 0, "memory": {"rss_anon": True}, "latency": {"warm": "x"}})], "no measured figure"),
        ([], "no measured figure"),
    ],
)
def test_rows_that_cannot_be_compared_are_refused(tmp_path: Path, made: list[Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(rows(tmp_path / "r.jsonl", *made), 2)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="bench scale"):
        read(tmp_path / "none.jsonl", 2)

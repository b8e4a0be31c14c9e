"""Rows brought together: values that can be worked out by hand."""

from __future__ import annotations

from math import isnan, nan, sqrt
from pathlib import Path
from typing import Any

import pytest

from eval.intervals import Interval, wilson
from eval.report import pooling
from eval.report.reading import Row
from eval.report.values import figure


def row(kind: str = "needles", summary: Any = None, queries: Any = (), **settings: Any) -> Row:
    return Row("s", "c", kind, settings, summary or {}, tuple(queries), {}, Path("f"), 1, "row-s-c")


def needles(kept: int, of: int, **settings: Any) -> Row:
    queries = [{"_id": str(i), "kept": {"packed": i < kept}} for i in range(of)]
    return row(summary={"stages": {"packed": list(wilson(kept, of))}}, queries=queries, **settings)


def test_one_row_keeps_its_own_interval() -> None:
    own = row(summary={"stages": {"packed": [0.9, 0.85, 0.93]}}, count=40)
    assert pooling.survived([own], "packed") == pooling.Counted(Interval(0.9, 0.85, 0.93), 36, 40)


def test_several_rows_are_pooled_by_their_counts() -> None:
    found = pooling.survived([needles(49, 50), needles(145, 150)], "packed")
    assert found == pooling.Counted(wilson(194, 200), 194, 200)


def test_counts_come_from_the_summary_where_queries_are_not_listed() -> None:
    found = pooling.survived([row(summary={"stages": {"packed": 0.5}}, count=10), needles(3, 4)], "packed")
    assert found == pooling.Counted(wilson(8, 14), 8, 14)


def test_a_stage_that_nobody_measured_has_no_share() -> None:
    assert pooling.survived([needles(1, 2)], "reranked") is None
    assert pooling.accuracy([needles(1, 2)], "cascade") is None


def test_accuracy_is_pooled_by_questions() -> None:
    rows = [row(summary={"accuracy": {"cascade": [share, 0, 1]}}, count=n) for share, n in ((1.0, 30), (0.5, 10))]
    assert pooling.accuracy(rows, "cascade") == pooling.Counted(wilson(35, 40), 35, 40)


def test_the_interval_of_a_mean_is_recovered_from_those_of_its_parts() -> None:
    found = pooling.mean([Interval(0.4, 0.3, 0.6), Interval(0.8, 0.76, 0.86)])
    assert found.value == pytest.approx(0.6)
    assert found.low == pytest.approx(0.6 - sqrt(0.1**2 + 0.04**2) / 2)
    assert found.high == pytest.approx(0.6 + sqrt(0.2**2 + 0.06**2) / 2)


def test_a_mean_with_an_unsure_part_has_no_interval() -> None:
    found = pooling.mean([Interval(0.4, 0.3, 0.6), Interval(0.8, nan, nan)], [1, 3])
    assert found.value == pytest.approx(0.7)
    assert isnan(found.low)


def test_each_set_counts_the_same_and_its_languages_by_their_questions() -> None:
    rows = [
        row("sets", {"kept": [0.5, 0.5, 0.5]}, set="a", questions=10),
        row("sets", {"kept": [0.8, 0.8, 0.8]}, set="b", questions=30),
        row("sets", {"kept": [0.4, 0.4, 0.4]}, set="b", questions=10),
    ]
    found = pooling.mean_of_sets(rows, lambda one: figure(one.summary, "kept"))
    assert found is not None
    assert found.value == pytest.approx((0.5 + (0.8 * 30 + 0.4 * 10) / 40) / 2)


def test_a_mean_over_other_sets_than_its_neighbours_is_not_given() -> None:
    rows = [row("sets", {"kept": [0.5, 0.4, 0.6]}, set="a", questions=9), row("sets", {}, set="b", questions=9)]
    assert pooling.mean_of_sets(rows, lambda one: figure(one.summary, "kept")) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"a": "six", "b": "six"}, {"six": ["a", "b"], "all": ["a", "b", "c"]}),
        ({"a": ["x", "y"], "b": ["y"]}, {"x": ["a"], "y": ["a", "b"], "all": ["a", "b", "c"]}),
        ({"a": ["a", "c"], "b": ["a", "c"], "c": ["a", "c"]}, {"the 2 named": ["a", "c"], "all": ["a", "b", "c"]}),
        ({}, {"all": ["a", "b", "c"]}),
        ({"a": "g", "b": "g", "c": "g"}, {"all": ["a", "b", "c"]}),
        ({"a": 3}, {"all": ["a", "b", "c"]}),
    ],
    ids=["a name", "names", "the sets in it", "none", "everyone", "nonsense"],
)
def test_groups_are_named_by_the_settings(said: dict[str, Any], expected: dict[str, list[str]]) -> None:
    rows = [row("sets", set=name, **({"group": said[name]} if name in said else {})) for name in "abc"]
    found = pooling.groups(rows)
    assert {name: [one.settings["set"] for one in members] for name, members in found.items()} == expected


def test_what_most_rows_have_is_not_said_in_a_class_but_beside_it() -> None:
    rows = [
        needles(1, 1, **{"class": "single"}, encoder="minilm", effort="normal"),
        needles(1, 1, **{"class": "multi-key"}, encoder="minilm", effort="normal"),
        needles(1, 1, **{"class": "multi-hop"}, encoder="minilm", effort="high"),
    ]
    assert list(pooling.classes(rows)) == ["single", "multi-key", "multi-hop · effort high"]
    assert pooling.usual(rows) == "Where nothing else is named: effort normal."


def test_a_class_asked_in_two_ways_names_both() -> None:
    rows = [needles(1, 1, **{"class": "single"}, encoder=encoder) for encoder in ("minilm", "minilm", "static")]
    assert list(pooling.classes(rows)) == ["single · minilm", "single · static"]


def test_hops_are_said_only_where_a_class_has_several() -> None:
    rows = [needles(1, 1, **{"class": name}, hops=hops) for name, hops in (("single", 1), ("chain", 2), ("chain", 3))]
    assert list(pooling.classes(rows)) == ["single", "chain · hops 2", "chain · hops 3"]


def test_sizes_rise() -> None:
    found = pooling.sizes([needles(1, 1, passages=size) for size in (1_000_000, 1_000, 1_000_000)])
    assert {size: len(rows) for size, rows in found.items()} == {1_000: 1, 1_000_000: 2}


def test_blame_is_added_up_the_most_first() -> None:
    rows = [row(summary={"blame": held}) for held in ({"pack": 1, "rerank": 2}, {"pack": 4, "retrieve": 0}, "odd", {})]
    assert list(pooling.blamed(rows).items()) == [("pack", 5), ("rerank", 2)]

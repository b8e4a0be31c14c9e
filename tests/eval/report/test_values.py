"""Figures are taken out of rows without trusting them, and written the same way everywhere."""

from __future__ import annotations

from math import isnan

import pytest

from eval.intervals import Interval
from eval.report import values

ODD = [None, "0.5", True, [], [0.5], [0.5, 0.4], ["a", 0, 1], [None, 0, 1], {}, float("nan"), float("inf")]


def test_an_interval_is_a_value_with_its_ends() -> None:
    assert values.figure({"a": {"b": [0.5, 0.4, 0.6]}}, "a", "b") == Interval(0.5, 0.4, 0.6)
    assert values.sure(Interval(0.5, 0.4, 0.6))


def test_a_bare_number_is_a_figure_without_an_interval() -> None:
    found = values.figure({"a": 0.005}, "a")
    assert found is not None
    assert found.value == 0.005
    assert isnan(found.low)
    assert not values.sure(found)
    assert values.between(found) == ""


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_is_no_figure_is_absent(odd: object) -> None:
    assert values.figure({"a": odd}, "a") is None
    assert values.figure(odd, "a") is None


@pytest.mark.parametrize("odd", [None, [1], [1, "x"], [1, 2, 3], "ab", 5], ids=str)
def test_what_is_no_pair_of_times_is_absent(odd: object) -> None:
    assert values.spread({"total": odd}, "total") is None


def test_a_pair_of_times_is_median_and_p95() -> None:
    assert values.spread({"total": [41.2, 63]}, "total") == (41.2, 63.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5964, ".596"), (1.0, "1.000"), (0.0, ".000"), (-0.032, "−.032"), (-0.0001, ".000"), (0.99951, "1.000")],
)
def test_a_share_has_three_places_and_no_nought(value: float, text: str) -> None:
    assert values.share(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.025, "+.025"), (-0.025, "−.025"), (0.0, ".000"), (-0.0002, ".000")])
def test_a_difference_has_its_sign(value: float, text: str) -> None:
    assert values.signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1_000, "1k"), (437_902, "437.9k"), (10_000_000, "10M"), (2e9, "2G"), (40, "40"), (999, "999")]
)
def test_a_size_is_short_on_an_axis(value: float, text: str) -> None:
    assert values.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([0.5, 0.4, 0.6], ".500 [.400, .600]"),
        ([41.2, 63.5], "41.2, 63.5"),
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (1_234_567, "1,234,567"),
        ("a\nb", "a\nb"),
        ({"x": 1, "y": {"z": 2}}, "x 1, y z 2"),
        ([{"said": 0.5}], "said 0.500"),
    ],
    ids=str,
)
def test_any_value_has_a_text(value: object, text: str) -> None:
    assert values.plain(value) == text


def test_a_nested_mapping_is_flattened_to_paths() -> None:
    assert values.flat({"a": {"b": 1, "c": {"d": 2}}, "e": [3]}) == {"a b": 1, "a c d": 2, "e": [3]}

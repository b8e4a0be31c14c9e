from __future__ import annotations

import math

import pytest

from cascade.config import RetrieveConfig
from cascade.index import files, groups, lexical, numbered
from eval.planning import lines
from eval.planning.constants import KNOWN
from eval.planning.sheet import Line, Sheet
from indexers import compact


def line(name: str, formula: str) -> Line:
    return Line(name, "", formula, "")


def test_a_figure_is_what_its_formula_says() -> None:
    sheet = Sheet({"a": 3.0, "b": 4.0})
    sheet.fill([line("c", "sqrt(a ** 2 + b ** 2)"), line("d", "max(a, -b) + ceil(c / 2) - min(1, exp(0))")])
    assert (sheet["c"], sheet["d"]) == (5.0, 5.0)


def test_lines_see_the_lines_before_them_and_none_after() -> None:
    with pytest.raises(KeyError):
        Sheet({}).fill([line("a", "b"), line("b", "1")])


@pytest.mark.parametrize(
    "formula", ["__import__('os')", "a.real", "open(a)", "[a]", "a if a else 0", "'text'", "a < 1"]
)
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Sheet({"a": 1.0}).fill([line("x", formula)])


def test_what_a_figure_rests_on_is_found_through_other_figures() -> None:
    sheet = Sheet({"a": 1.0, "b": 2.0, "unused": 3.0}).fill([line("c", "a + 1"), line("d", "c * b")])
    assert sheet.behind("d") == {"a", "b", "c", "d"}
    assert line("x", "max(b, a) + b").needs == ("b", "a")


def test_every_name_in_the_model_is_given_a_constant_or_an_earlier_line() -> None:
    known = {*lines.GIVEN, *KNOWN}
    for one in lines.ALL:
        assert set(one.needs) <= known, one.name
        assert one.name not in known, f"{one.name} has two meanings"
        known.add(one.name)
    used = {name for one in lines.ALL for name in one.needs}
    encoders = {name for name in KNOWN if name.startswith("encode_") and name.endswith("_us")}
    assert {*KNOWN, *lines.GIVEN} - encoders <= used, "what nothing uses is not measured"


def test_numbers_in_formulas_are_those_of_the_program() -> None:
    formulas = {one.name: one.formula for one in lines.ALL}
    assert str(lexical.POSTINGS) in formulas["affordable"]
    width, share, least = RetrieveConfig().lexical, numbered.SHARE * RetrieveConfig().lexical, numbered.LEAST_ASKED
    assert formulas["depth"] == f"min({width}, max({least}, {share} / segments))"
    assert f"{groups.WIDER} * probes" in formulas["looked"]
    assert f"{groups.READ} * sqrt(lists)" in formulas["compared"]
    assert f"min({compact.PER_LIST} * lists, {compact.SAMPLE} / dim)" in formulas["train_s"]
    assert str(files.BLOCK) in formulas["blocks"]


def test_every_line_says_what_it_is_in_a_known_unit() -> None:
    assert all(one.says and one.unit in {"", "B", "s", "ms", "$"} for one in lines.ALL)


def test_numbers_stay_numbers() -> None:
    sheet = Sheet({"n": 1e10}).fill([line("x", "n * 1048576 / 3")])
    assert math.isclose(sheet["x"], 1e10 * 1048576 / 3)

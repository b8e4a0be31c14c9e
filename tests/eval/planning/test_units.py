from __future__ import annotations

import pytest

from cascade.errors import UsageError
from eval.planning import units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e9", 1e9), ("250M", 2.5e8), ("64GB", 6.4e10), ("64 GiB", 64 * 2.0**30), ("4TB", 4e12), ("1.5k", 1500.0),
        ("10_000", 10_000.0), ("1,000,000", 1e6), (".5", 0.5), ("2PB", 2e15), ("7b", 7.0),
    ],
)  # fmt: skip
def test_a_quantity_is_read_as_people_write_it(text: str, value: float) -> None:
    assert units.read(text, "things") == value


@pytest.mark.parametrize("text", ["", "many", "-5", "0", "1e", "nan", "inf", "5 apples", "1e999", "10QB"])
def test_what_is_no_quantity_is_refused_with_what_it_was_to_count(text: str) -> None:
    with pytest.raises(UsageError, match="passages"):
        units.read(text, "passages")


def test_half_a_passage_is_none() -> None:
    with pytest.raises(UsageError):
        units.read("0.4", "passages", whole=True)
    assert units.read("2.6", "passages", whole=True) == 3


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0, "B", "0 B"), (999, "B", "999 B"), (1_000, "B", "1.00 kB"), (999_600, "B", "1.00 MB"),
        (3.84e11, "B", "384 GB"), (2.4e18, "B", "2,400 PB"), (34.56, "ms", "34.6 ms"), (1234.5, "ms", "1,230 ms"),
        (0.0123, "", "0.0123"), (12.3, "$", "$12.3"), (4.2, "s", "4.20 s"), (61, "s", "1 min 1 s"),
        (7200, "s", "2 h"), (90_000, "s", "1 d 1 h"), (12_000, "s", "3 h 20 min"), (4e7, "s", "1 y 98 d"),
        (4e10, "s", "1,268 y"),
    ],
)  # fmt: skip
def test_a_figure_is_shown_with_what_can_be_believed_of_it(value: float, unit: str, said: str) -> None:
    assert units.shown(value, unit) == said

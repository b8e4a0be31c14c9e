from __future__ import annotations

import pytest

from cascade.errors import UsageError
from eval.planning.survival import Curve, Point, needed

SHARES = (0.01, 0.1, 1.0)


def curve(passages: int, kept: tuple[float, ...] = (0.5, 0.9, 1.0), shares: tuple[float, ...] = SHARES) -> Curve:
    return Curve(passages, 1_000, shares, kept)


def test_between_measured_shares_the_logarithm_is_a_straight_line() -> None:
    assert curve(10).share(0.9) == pytest.approx(0.1)
    assert curve(10).share(0.7) == pytest.approx(0.1**1.5)
    assert curve(10).share(0.2) == 0.01
    assert curve(10, (0.5, 0.8, 0.9)).share(0.95) == 1.0


def test_shares_that_fall_with_size_go_on_falling_by_the_same_power() -> None:
    curves = [curve(10_000), curve(1_000_000, shares=(0.001, 0.01, 0.1))]
    found = needed(curves, 0.9, 1e8)
    assert found.growth == pytest.approx(-0.5)
    assert found.share == pytest.approx(0.001)
    assert found.beyond == pytest.approx(100)


def test_one_curve_alone_holds_at_every_size() -> None:
    assert needed([curve(10_000)], 0.9, 1e9).share == pytest.approx(0.1)


def test_a_share_never_grows_with_size_and_is_never_over_one() -> None:
    curves = [curve(10_000, shares=(0.001, 0.01, 0.1)), curve(1_000_000)]
    assert needed(curves, 0.9, 1e9).growth == 0.0
    assert needed([curve(1_000_000, (0.1, 0.2, 0.3))], 0.9, 1e3).share == 1.0


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, 2.0])
def test_a_target_that_search_cannot_meet_is_refused(target: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        needed([curve(10)], target, 1e6)


def test_a_curve_is_read_as_it_is_told() -> None:
    assert Curve.of(curve(10).told()) == curve(10)


@pytest.mark.parametrize(
    "change",
    [
        {"shares": [0.1, 0.01, 1.0]}, {"shares": [0.0, 0.1, 1.0]}, {"shares": []}, {"kept": [0.5, 0.9]},
        {"kept": [0.9, 0.5, 1.0]}, {"kept": [0.5, 0.9, 1.1]}, {"passages": 0},
    ],
)  # fmt: skip
def test_a_curve_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must rise"):
        Curve.of({**curve(10).told(), **change})


def test_what_was_measured_on_an_index_moves_the_line_through_it() -> None:
    curves = [curve(10_000), curve(1_000_000, shares=(0.001, 0.01, 0.1))]
    own = Point(1e6, 0.02, 0.9)
    assert needed(curves, 0.9, 1e6, own).share == pytest.approx(0.02)
    assert needed(curves, 0.9, 1e8, own).share == pytest.approx(0.002)
    assert needed(curves, 0.5, 1e6, own).share == pytest.approx(0.002)
    assert needed(curves, 0.9, 1e9, Point(1e7, 0.5, 1.0)).beyond == pytest.approx(100)

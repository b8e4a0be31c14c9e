"""Of what was measured: what survives, how sure that is, and which setting is chosen."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cascade.errors import UsageError
from cascade.operating import Point
from eval.intervals import Interval, Spread, wilson
from eval.tuning.choose import Aim, choose, drift, fewest, frontier, interval, measured
from eval.tuning.measure import Seen
from eval.tuning.shown import _wanted

AIM = Aim(0.9, 100, "ranked", "needles")
SETTING = (("retrieve.width", 1_000),)


def seen(*kept, kind="single", ms=10.0, **more):
    """A question whose things survive or not: at each stage as given."""
    flags = {stage: np.array(of, dtype=bool) for stage, of in zip(("candidates", "ranked"), kept, strict=True)}
    return Seen("q", kind, flags, {"encode": ms / 5, "scan": ms * 4 / 5, "total": ms}, 0, False, **more)


def one(survival, ms, width=1_000, tokens=0.0):
    low, high = survival - 0.02, min(1.0, survival + 0.02)
    figure = Interval(survival, low, high)
    return measured_like((("retrieve.width", width),), figure, ms, tokens)


def measured_like(setting, figure, ms, tokens):
    made = measured(SETTING, [seen([1], [1])], [seen([1], [1])], AIM, 0)
    return replace(made, setting=setting, survival=figure, ms=Spread(ms, ms * 2, 50), tokens=tokens, questions=50)


def test_survival_counts_what_the_widest_kept_or_everything():
    widest = [seen([1, 1], [1, 0]), seen([1], [1]), seen([1], [0])]
    here = [seen([1, 1], [1, 1]), seen([1], [0]), seen([0], [0])]
    relative = measured(SETTING, here, widest, AIM, 0)
    assert relative.survival == wilson(1, 2), "the third question counts for nothing, the second thing neither"
    assert relative.questions == 2
    whole = measured(SETTING, here, widest, replace(AIM, relative=False), 0)
    assert (whole.survival, whole.questions) == (wilson(1, 3), 3)
    assert whole.kept["candidates"].value == pytest.approx(2 / 3)
    assert whole.kept == relative.kept, "what is kept by stage is always of everything"


def test_survival_by_kind_and_times_by_stage():
    asked = [seen([1], [1]), seen([1], [0], kind="chain", ms=30.0)]
    found = measured(SETTING, asked, asked, replace(AIM, relative=False), 0)
    assert {kind: share.value for kind, share in found.kinds.items()} == {"single": 1.0, "chain": 0.0}
    assert (found.ms.median, found.stages["scan"].median) == (20.0, 16.0)


def test_shares_of_questions_are_bootstrapped_and_yes_or_no_is_wilsons():
    assert interval([1.0] * 50, 0) == wilson(50, 50)
    some = interval([0.5, 1.0, 0.75, 1.0], 0)
    assert some.value == 0.8125
    assert 0.5 <= some.low < some.value < some.high <= 1.0


def test_where_even_the_widest_keeps_nothing_there_is_nothing_to_tune():
    with pytest.raises(UsageError, match="--stage candidates"):
        measured(SETTING, [seen([1], [0])], [seen([1], [0])], AIM, 0)


@pytest.mark.parametrize("survival", [0.5, 0.9, 0.95, 0.99])
def test_so_many_questions_and_no_fewer_can_show_a_survival(survival):
    count = fewest(survival)
    assert wilson(count, count).low >= survival > wilson(count - 1, count - 1).low


def test_on_the_curve_is_what_nothing_surpasses_without_taking_longer():
    points = [(0.9, 10), (0.8, 20), (0.95, 30), (0.95, 40), (0.7, 5), (0.9, 10)]
    assert [points[at] for at in frontier(points)] == [(0.7, 5), (0.9, 10), (0.95, 30)]


def test_the_cheapest_that_is_surely_good_enough_is_chosen():
    found = [one(0.91, 10), one(0.93, 30, 2_000), one(0.99, 60, 3_000)]
    chosen, why = choose(found, AIM)
    assert chosen is found[1], ".91 has a low end of .89"
    assert why == "It is the cheapest of 2 that keep 0.9 for sure, and takes 30 of 100 ms."


def test_of_settings_as_fast_the_one_that_packs_and_looks_at_least_is_chosen():
    fast = [one(0.95, 30, 1_000, 900.0), one(0.95, 31, 2_000, 400.0), one(0.95, 30.5, 3_000, 400.0)]
    assert choose([*fast, one(0.95, 40, 9, 1)], AIM)[0] is fast[1]


def test_where_nothing_is_good_enough_the_most_is_said_and_how_many_questions_would_show_more():
    chosen, why = choose([one(0.8, 10), one(0.91, 20)], AIM)
    assert chosen is None
    assert why.startswith("No setting keeps 0.9 for sure. The most is 0.910 [0.890, 0.930], in 20 ms.")
    _, more = choose([one(0.91, 20)], replace(AIM, survival=0.95))
    assert more.endswith("Of 50 questions no more can be shown: ask 73.")


def test_where_nothing_is_fast_enough_the_fastest_that_is_good_is_said():
    chosen, why = choose([one(0.5, 10), one(0.99, 120), one(0.99, 150)], AIM)
    assert (chosen, why) == (None, "What keeps 0.9 takes 120 ms at least, and 100 ms were asked for.")


@pytest.mark.parametrize(("latency", "drawn"), [(100, (100, 100)), (130, (120, 130)), (900, (120, 150))])
def test_the_time_that_was_asked_for_is_drawn_where_it_is_though_nothing_is_so_fast(latency, drawn):
    tuned = SimpleNamespace(found=[one(0.99, 120), one(0.99, 150)], aim=replace(AIM, latency=latency))
    assert tuple(point.x for point in _wanted(tuned).points) == drawn


POINT = Point({}, "2026-11-28T05:00:00+00:00", 9, "ranked", "needles", 50, 0, (0.95, 0.92, 0.97), (30, 60), (0.9, 100))


@pytest.mark.parametrize(
    ("survival", "ms", "said"),
    [(0.93, 99, []), (0.91, 30, ["under the interval"]), (0.93, 101, ["101 ms"]), (0.5, 500, ["under", "500 ms"])],
)
def test_a_point_no_longer_holds_where_survival_left_its_interval_or_it_takes_too_long(survival, ms, said):
    wrong = drift(POINT, one(survival, ms))
    assert len(wrong) == len(said)
    assert all(part in sentence for part, sentence in zip(said, wrong, strict=True))

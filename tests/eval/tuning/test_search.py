"""The search: few questions for all settings, all questions for few, and the curve is never dropped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eval.tuning.choose import Aim
from eval.tuning.measure import NEAREST, Seen
from eval.tuning.search import Rungs, better, search

AIM = Aim(0.5, 1_000, "candidates", "passages")
WIDEST = (("retrieve.width", 30_000), ("retrieve.lexical", 30_000))
PAIRS = [(width, words) for width in (117, 150, 200) for words in (0, 50, 100)]
TRIED = [(("retrieve.width", width), ("retrieve.lexical", words)) for width, words in PAIRS]


def test_rounds_halve_the_settings_and_double_the_questions_until_a_few_are_asked_all():
    assert Rungs(16, 12).steps(100, 200) == [(100, 16), (50, 32), (25, 64), (13, 128), (12, 200)]
    assert Rungs(16, 12).steps(8, 200) == [(8, 200)]
    assert Rungs(16, 12).steps(100, 10) == [(100, 10)]
    assert Rungs(4, 2).steps(9, 9) == [(9, 4), (5, 8), (3, 9)]


def test_the_widest_and_few_others_are_asked_every_question(place):
    told = []
    found = search(
        place, TRIED, (WIDEST, TRIED[4]), AIM, lambda done, whole, alive: told.append((done, whole, alive)), Rungs(4, 3)
    )
    assert [alive for *_, alive in told] == [10] * 4 + [5] * 4 + [3] * 4
    assert told[-1][:2] == (10 * 4 + 5 * 4 + 3 * 4,) * 2
    assert {WIDEST, TRIED[4]} <= {one.setting for one in found}
    assert all(one.ms.runs == 12 for one in found)
    widest = next(one for one in found if one.setting == WIDEST)
    assert widest.survival.value == widest.kept[NEAREST].value == 1.0


def test_what_survives_does_not_depend_on_the_order_of_settings(place):
    few = replace(place, asked=place.asked[:5])

    def measured(settings):
        found = search(few, settings, (WIDEST,), AIM, rungs=Rungs(12, 20))
        return {one.setting: (one.survival, one.kept) for one in found}

    assert measured(TRIED[3:7]) == measured(TRIED[6:2:-1])


def flat(survival, ms):
    kept = {NEAREST: np.arange(10) < round(survival * 10)}
    return [Seen("q", "passages", kept, {"total": ms}, 0, False)]


def test_the_better_half_is_the_curve_and_then_what_lies_closest_under_it():
    stand = {"fast": (0.2, 1), "mid": (0.6, 5), "slow": (0.9, 9), "under": (0.5, 6), "worst": (0.1, 10)}
    stand["widest"] = (1.0, 50)
    seen = {name: flat(*of) for name, of in stand.items()}
    names = list(stand)
    assert better(names, seen, ["widest"], AIM, 4) == ["fast", "mid", "slow", "widest"]
    assert better(names, seen, ["widest"], AIM, 5) == ["fast", "mid", "slow", "under", "widest"]
    assert better(names, seen, ["widest"], AIM, 2) == ["mid", "widest"], "of a layer too large, the nearest to .5"

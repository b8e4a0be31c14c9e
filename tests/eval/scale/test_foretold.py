"""Survival that is foretold, against populations in which it can be counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eval.bench.scale.foretold import foretell, off
from eval.bench.scale.standing import KEPT, Stand, Standing, Standings

BUDGETS = {"dense": 2_000, "lexical": 500, "fused": 117}


def standings(haystack: np.ndarray, aims: np.ndarray) -> Standings:
    """Questions over normal distractors of their own, by one rule, with the needle at a known score."""
    questions = []
    for number, (line, aim) in enumerate(zip(haystack, aims, strict=True)):
        above = int((line > aim).sum())
        tail = tuple(np.sort(line)[::-1][:KEPT].tolist())
        stand = Stand(float(aim), 0, above)
        kept = {"retrieved": above < 2_000, "reranked": above < 117, "packed": above < 117}
        links = ({"dense": stand, "lexical": None, "fused": stand},)
        tails = {"dense": tail, "lexical": (), "fused": tail}
        questions.append(Standing(str(number), "single", links, tails, kept))
    return Standings(haystack.shape[1], 0, BUDGETS, 1.0, tuple(questions))


@pytest.fixture(scope="module")
def large() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((60, 400_000)).astype(np.float32)


AIMS = np.linspace(2.0, 5.0, 60)


def test_survival_at_a_hundred_times_the_size_is_foretold(large: np.ndarray) -> None:
    small, truth = standings(large[:, :4_000], AIMS), standings(large, AIMS)
    found = foretell(small, 400_000, 1, truth)
    assert {one.way for one in found} == {"tails"}
    for one in found:
        assert one.error is not None
        assert abs(one.error.value) < 0.06
    assert off(found)["reranked"] < 0.06


def test_survival_in_a_part_is_foretold_by_thinning(large: np.ndarray) -> None:
    whole, part = standings(large, AIMS), standings(large[:, :4_000], AIMS)
    found = foretell(whole, 4_000, 1, part)
    assert {one.way for one in found} == {"thinned"}
    assert all(one.error is not None and abs(one.error.value) < 0.05 for one in found)


def test_distractors_that_are_always_there_do_not_multiply() -> None:
    stand = Stand(0.8, 100, 0)
    one = Standing("a", "judged", ({"dense": stand, "lexical": None, "fused": stand},), {
        "dense": tuple(np.linspace(0.5, 0.1, 100).tolist()), "lexical": (),
        "fused": tuple(np.linspace(0.5, 0.1, 100).tolist()),
    }, {"retrieved": True, "reranked": True})  # fmt: skip
    base = Standings(1_000, 500, BUDGETS, 1.0, (one,))
    assert [found.share.value for found in foretell(base, 100_000, 0)] == pytest.approx([1.0, 1.0], abs=0.05)


def test_what_no_rule_saw_is_lost_at_every_size() -> None:
    unseen = {"dense": None, "lexical": None, "fused": None}
    one = Standing("a", "single", (unseen,), {"dense": (), "lexical": (), "fused": ()}, {"retrieved": False})
    base = Standings(1_000, 0, BUDGETS, 1.0, (one,))
    assert [found.share.value for found in foretell(base, 10_000, 0)] == [0.0, 0.0]


def test_the_same_seed_foretells_the_same(large: np.ndarray) -> None:
    small = standings(large[:, :4_000], AIMS)
    assert foretell(small, 10_000_000, 4) == foretell(small, 10_000_000, 4)


def test_what_nomination_misses_is_taken_off(large: np.ndarray) -> None:
    small = standings(large[:, :4_000], AIMS)
    leaky = Standings(small.grown, small.fixed, small.budgets, 0.5, small.questions)
    whole, half = foretell(small, 4_000, 1)[0].share.value, foretell(leaky, 4_000, 1)[0].share.value
    assert half == pytest.approx(whole / 2, abs=0.05)


def test_a_link_that_is_raised_survives_though_the_score_alone_would_lose_it() -> None:
    low, led = Stand(0.1, 400, 0), Stand(9.0, 3, 0)
    tails = {"dense": (), "lexical": (), "fused": (), "led": ()}
    near = Stand(0.9, 0, 0)
    links = ({"dense": near, "lexical": None, "fused": low, "led": led},)
    one = Standing("a", "judged", links, tails, {"retrieved": True, "reranked": True})
    base = Standings(100_000, 500, {**BUDGETS, "led": 30}, 1.0, (one,), whole=True)
    assert [found.share.value for found in foretell(base, 100_500, 0)] == pytest.approx([1.0, 1.0], abs=0.05)
    crowded = replace(base, budgets={**BUDGETS, "led": 3})
    assert foretell(crowded, 100_500, 0)[1].share.value == 0.0, "others are raised instead"


def test_raised_links_take_their_places_from_the_score(large: np.ndarray) -> None:
    whole = standings(large, AIMS)
    fewer = replace(whole, questions=tuple(replace(one, raised=80) for one in whole.questions))
    least = standings(large, AIMS)
    least = replace(least, budgets={**BUDGETS, "fused": 37})
    assert foretell(fewer, 400_000, 2)[1].share == foretell(least, 400_000, 2)[1].share
    assert foretell(fewer, 400_000, 2)[1].share.value < foretell(whole, 400_000, 2)[1].share.value


def test_a_tail_that_was_cut_off_foretells_losses_that_do_not_come(large: np.ndarray) -> None:
    """What made the first prediction from 10^5 wrong: few of the 234 that a ranking shows were of the haystack."""
    seen, truth = standings(large[:, :4_000], np.full(60, 4.2)), standings(large, np.full(60, 4.2))
    cut = [replace(one, tails={**one.tails, "fused": one.tails["fused"][:5]}) for one in seen.questions]
    blind = replace(seen, questions=tuple(cut))
    errors = [foretell(base, 400_000, 1, truth)[1].error for base in (seen, blind)]
    assert errors[0] is not None
    assert abs(errors[0].value) < 0.02
    assert errors[1] is not None
    assert errors[1].value < -0.1


def test_where_all_vectors_are_compared_none_is_missed(large: np.ndarray) -> None:
    whole, part = standings(large, AIMS), standings(large[:, :4_000], AIMS)
    leaky = replace(whole, caught=0.5)
    exact = foretell(leaky, 4_000, 1, part, exact=4_000)
    assert all(one.error is not None and abs(one.error.value) < 0.05 for one in exact)
    lossy = foretell(leaky, 4_000, 1, part, exact=3_999)
    assert all(one.error is not None and one.error.value < -0.3 for one in lossy)

"""Survival that is foretold, against populations in which it can be counted."""

from __future__ import annotations

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

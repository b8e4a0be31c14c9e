"""Several rankings as one: by relevance, and none crowded out where each has a quota."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from stage_toys import passage, ranking

from cascade.data import CEILING, Ranking
from cascade.stages.join import Join


def ranked(name: str, *relevances: float) -> Ranking:
    """A ranking of passages `name0`, `name1`, ... with these relevances."""
    made = ranking([passage(f"{name}{at}", "text") for at in range(len(relevances))])
    pairs = zip(made.ranked, relevances, strict=True)
    return replace(made, ranked=tuple(replace(one, relevance=relevance) for one, relevance in pairs))


def joined(quota: float, first: Ranking, *others: Ranking) -> list[str]:
    found = Join([lambda _, each=each: each for each in others], quota).run(first)
    assert [one.rank for one in found.ranked] == list(range(1, len(found) + 1))
    return [one.passage.id for one in found.ranked]


def test_without_a_quota_relevance_alone_decides_and_ties_go_by_id() -> None:
    assert joined(0, ranked("a", 0.9, 0.5, 0.1), ranked("b", 0.9, 0.8)) == ["a0", "b0", "b1", "a1", "a2"]


def test_with_a_quota_each_has_its_share_of_any_first_places() -> None:
    order = joined(0.25, ranked("a", *[0.1] * 40), ranked("b", *[0.9] * 80))
    for many in range(4, len(order) + 1):
        assert sum(one.startswith("a") for one in order[:many]) >= many // 4
    assert order[:4] == ["b0", "b1", "b10", "a0"]


def test_what_has_no_passages_left_gives_its_places_to_the_others() -> None:
    assert joined(0.5, ranked("a", 0.2), ranked("b", 0.9, 0.8, 0.7)) == ["b0", "a0", "b1", "b2"]


@given(st.lists(st.lists(st.floats(0, 1), max_size=60), min_size=1, max_size=4), st.floats(0, 1))
def test_nothing_is_lost_or_doubled_up_to_the_ceiling(relevances: list[list[float]], quota: float) -> None:
    first, *others = (ranked(name, *each) for name, each in zip("abcd", relevances, strict=False))
    order = joined(quota, first, *others)
    assert len(order) == len(set(order)) == min(CEILING, sum(map(len, relevances)))

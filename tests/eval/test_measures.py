"""The library's values against values worked out by hand and the formulas themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascade.errors import UsageError
from eval.measures import all_at, ndcg_at, recall_at, reciprocal_rank

RANKING = ["a", "b", "c", "d"]

GAINS = st.dictionaries(st.integers(0, 40), st.integers(1, 4), min_size=1, max_size=8)
RANKINGS = st.permutations(range(30))


def dcg(gains: Sequence[int]) -> float:
    """Jarvelin and Kekalainen 2002 with the logarithm of trec_eval: the sum of gain / log2(rank + 1)."""
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))


def test_all_at_k_asks_for_every_relevant_document():
    assert all_at(RANKING, {"a": 1, "c": 1}, 3) == 1.0
    assert all_at(RANKING, {"a": 1, "c": 1}, 2) == 0.0
    assert all_at(RANKING, {"a": 1, "z": 1}, 4) == 0.0


def test_all_at_k_is_exact_for_any_number_of_relevant_documents():
    for count in range(1, 118):
        assert all_at(range(117), dict.fromkeys(range(count), 1), 117) == 1.0
        assert all_at(range(1, 118), dict.fromkeys(range(count), 1), 117) == 0.0


def test_recall_is_the_share_of_relevant_documents_found():
    assert recall_at(RANKING, {"a": 1, "c": 3, "z": 1, "y": 1}, 4) == 0.5
    assert recall_at(RANKING, {"d": 1}, 3) == 0.0


def test_ndcg_has_linear_gains_like_trec_eval():
    gained = 1 / log2(3) + 3 / log2(4)
    best = 3 / log2(2) + 1 / log2(3)
    assert ndcg_at(RANKING, {"b": 1, "c": 3}, 10) == pytest.approx(gained / best, abs=1e-12)


def test_ndcg_agrees_with_a_value_worked_out_by_hand():
    """Gains 3 2 3 0 1 2 in this order: DCG 6.8611, the best 7.1410 (the example of Wikipedia's article on DCG)."""
    gains = {"a": 3, "b": 2, "c": 3, "e": 1, "f": 2}
    assert ndcg_at(list("abcdef"), gains, 6) == pytest.approx(6.8611 / 7.1410, abs=1e-4)


def test_ndcg_of_the_best_order_is_one_even_with_more_relevant_documents_than_places():
    assert ndcg_at(RANKING, {"a": 3, "b": 2, "c": 1, "d": 1}, 2) == 1.0


def test_ndcg_sees_only_the_first_k():
    assert ndcg_at(RANKING, {"d": 1}, 3) == 0.0


def test_documents_of_equal_gain_may_change_places():
    assert ndcg_at(list("abcd"), {"b": 2, "c": 2}, 10) == ndcg_at(list("acbd"), {"b": 2, "c": 2}, 10)


def test_the_order_given_is_judged_and_not_the_order_of_names():
    """trec_eval breaks ties by name, backwards; a ranking handed over with equal scores would be turned round."""
    assert reciprocal_rank(["z", "y", "x"], {"x": 1}) == reciprocal_rank(["x", "y", "z"], {"z": 1}) == 1 / 3


def test_the_reciprocal_rank_is_that_of_the_first_relevant_document():
    assert reciprocal_rank(RANKING, {"c": 1, "d": 1}) == 1 / 3
    assert reciprocal_rank(RANKING, {"z": 1}) == 0.0


def test_a_repeated_document_counts_once_and_takes_one_place():
    assert ndcg_at(["a", "a", "b"], {"a": 1, "b": 1}, 2) == 1.0
    assert recall_at(["a", "a", "a"], {"a": 1, "b": 1}, 3) == 0.5
    assert reciprocal_rank(["a", "a", "b"], {"b": 1}) == 0.5


def test_relevant_documents_that_were_not_found_lower_every_measure():
    assert ndcg_at(["a"], {"a": 1, "gone": 1}, 10) == pytest.approx(1 / (1 + 1 / log2(3)), abs=1e-12)
    assert recall_at(["a"], {"a": 1, "gone": 1}, 10) == 0.5
    assert all_at(["a"], {"a": 1, "gone": 1}, 10) == 0.0


def test_an_empty_ranking_is_worth_nothing():
    relevant = {"a": 2}
    values = [all_at([], relevant, 5), recall_at([], relevant, 5), ndcg_at([], relevant, 5)]
    assert [*values, reciprocal_rank([], relevant)] == [0.0, 0.0, 0.0, 0.0]


def test_keys_may_be_numbers_and_are_never_confused_with_their_spelling():
    assert reciprocal_rank([10, 9, 1], {1: 1}) == 1 / 3
    assert reciprocal_rank(["1", 1], {1: 1}) == 0.5


@pytest.mark.parametrize("relevant", [{}, {"a": 0}, {"a": 1, "b": -1}])
def test_judgments_without_gains_over_nothing_are_refused(relevant: Mapping[str, int]):
    with pytest.raises(UsageError, match="gains over 0"):
        ndcg_at(RANKING, relevant, 10)


@settings(deadline=None)  # the first call imports the library
@given(RANKINGS, GAINS, st.integers(1, 35))
def test_the_library_agrees_with_the_formulas(ranking: list[int], relevant: dict[int, int], k: int):
    top = ranking[:k]
    gained, best = [relevant.get(key, 0) for key in top], sorted(relevant.values(), reverse=True)[:k]
    found = set(top) & relevant.keys()
    first = next((1 / rank for rank, key in enumerate(ranking, 1) if key in relevant), 0.0)
    assert ndcg_at(ranking, relevant, k) == pytest.approx(dcg(gained) / dcg(best), abs=1e-9)
    assert recall_at(ranking, relevant, k) == pytest.approx(len(found) / len(relevant), abs=1e-12)
    assert all_at(ranking, relevant, k) == float(found == relevant.keys())
    assert reciprocal_rank(ranking, relevant) == pytest.approx(first, abs=1e-12)

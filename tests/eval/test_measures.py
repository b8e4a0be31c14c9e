from math import log2

import pytest

from eval.measures import all_at, ndcg_at, recall_at, reciprocal_rank

RANKING = ["a", "b", "c", "d"]


def test_all_at_k_asks_for_every_relevant_document():
    assert all_at(RANKING, {"a": 1, "c": 1}, 3) == 1.0
    assert all_at(RANKING, {"a": 1, "c": 1}, 2) == 0.0
    assert all_at(RANKING, {"a": 1, "z": 1}, 4) == 0.0


def test_recall_is_the_share_of_relevant_documents_found():
    assert recall_at(RANKING, {"a": 1, "c": 3, "z": 1, "y": 1}, 4) == 0.5
    assert recall_at(RANKING, {"d": 1}, 3) == 0.0


def test_ndcg_has_linear_gains_like_trec_eval():
    gained = 1 / log2(3) + 3 / log2(4)
    best = 3 / log2(2) + 1 / log2(3)
    assert ndcg_at(RANKING, {"b": 1, "c": 3}, 10) == pytest.approx(gained / best, abs=1e-12)


def test_ndcg_of_the_best_order_is_one_even_with_more_relevant_documents_than_places():
    assert ndcg_at(RANKING, {"a": 3, "b": 2, "c": 1, "d": 1}, 2) == 1.0


def test_ndcg_sees_only_the_first_k():
    assert ndcg_at(RANKING, {"d": 1}, 3) == 0.0


def test_the_reciprocal_rank_is_that_of_the_first_relevant_document():
    assert reciprocal_rank(RANKING, {"c": 1, "d": 1}) == 1 / 3
    assert reciprocal_rank(RANKING, {"z": 1}) == 0.0

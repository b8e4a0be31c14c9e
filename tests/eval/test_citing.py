"""Citations of answers made by hand, with shares that can be counted."""

from __future__ import annotations

import numpy as np

from cascade.data import Answer, Block, Candidates, Citation, Context, Passage, Query, Ranked, Ranking
from cascade.ledger import Ledger
from eval.citing import citations, supporting


def block(number: int, key: str, *texts: str) -> Block:
    """Neighbouring passages of one record under one number."""
    passages = [Passage(f"{key}{i}", key, key, "given", key, "",
    "", text, 0, len(text)) for i, text in enumerate(texts)]
    ranked = tuple(Ranked(i, i, 1.0, 1.0, passage) for i, passage in enumerate(passages, 1))
    return Block(number, f"[{number}] {key}", "".join(texts), ranked)


def answer(*cited: Citation, unknown: tuple[int, ...] = ()) -> Answer:
    """An answer that cites; what it says does not matter here."""
    query = Query("Who keeps the light?", Ledger())
    nothing = np.empty(0, np.float32)
    candidates = Candidates(query, nothing, np.empty(0, np.int64), nothing, nothing)
    blocks = tuple(one.block for one in cited)
    context = Context(query, Ranking(query, candidates, ()), blocks, 0, 0)
    return Answer(query, context, "Ada Dravel.", cited, not cited, "toy", unknown)


KEEPER = block(1, "keeper", "The light is kept by Ada Dravel. ", "She came in 1858.")
FERRY = block(2, "ferry", "The ferry leaves at 14:15.")
HEIGHT = block(3, "height", "It stands 46 metres high.")


def test_every_citation_right_and_every_record_cited_is_one_and_one() -> None:
    assert citations(answer(Citation(1, KEEPER), Citation(3, HEIGHT)), ["keeper", "height"]) == (1.0, 1.0)


def test_a_citation_of_another_record_lowers_precision_alone() -> None:
    assert citations(answer(Citation(1, KEEPER), Citation(2, FERRY)), ["keeper"]) == (0.5, 1.0)


def test_a_relevant_record_not_cited_lowers_recall_alone() -> None:
    assert citations(answer(Citation(1, KEEPER)), ["keeper", "height"]) == (1.0, 0.5)


def test_two_citations_of_one_record_count_twice_in_precision_and_once_in_recall() -> None:
    found = citations(answer(Citation(1, KEEPER), Citation(4, KEEPER), Citation(2, FERRY)), ["keeper", "height"])
    assert found == (2 / 3, 0.5)


def test_numbers_that_name_nothing_are_citations_that_are_wrong() -> None:
    assert citations(answer(Citation(1, KEEPER), unknown=(7, 9, 11)), ["keeper"]) == (0.25, 1.0)


def test_an_answer_without_citations_is_right_only_where_nothing_is_relevant() -> None:
    assert citations(answer(), ["keeper"]) == (0.0, 0.0)
    assert citations(answer(), []) == (1.0, 1.0)
    assert citations(answer(Citation(2, FERRY)), []) == (0.0, 1.0)


def test_a_quote_supports_a_value_that_it_says_in_any_spelling() -> None:
    cited = answer(Citation(1, KEEPER, "The light is kept by ADA DRAVEL."), Citation(2, FERRY, "at 14:15"))
    assert supporting(cited, ["Ada Dravel", "2:15 pm"]) == (True, True)
    assert supporting(cited, ["Ada Dravel"]) == (True, False)


def test_a_quote_beside_the_value_does_not_support_it_and_without_one_the_block_counts() -> None:
    assert supporting(answer(Citation(1, KEEPER, "She came in 1858.")), ["Ada Dravel"]) == (False,)
    assert supporting(answer(Citation(1, KEEPER)), ["Ada Dravel"]) == (True,)
    assert supporting(answer(), ["Ada Dravel"]) == ()

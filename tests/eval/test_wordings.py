"""Questions in another wording keep their ids and judgments, and are the same for the same seed."""

from __future__ import annotations

import pytest

from eval.datasets import Question
from eval.wordings import LONG, Wording, reworded

ASKED = [
    Question("a", "When was the lighthouse of Skagen built?", {"d1": 1}),
    Question("b", "Who keeps bees on Anholt?", {"d2": 2}),
]
COUNTS = {"when": 90, "was": 99, "the": 100, "lighthouse": 3, "of": 100, "skagen": 1, "who": 50, "keeps": 9, "bees": 4}


def occurrences(words):
    return [COUNTS.get(word, 0) for word in words]


def test_a_short_question_is_its_rarest_words_that_occur_in_their_order():
    texts = [question.text for question in reworded(ASKED, Wording.SHORT, occurrences, 0)]
    assert texts == ["lighthouse Skagen", "keeps bees"]


def test_a_question_none_of_whose_words_occur_stays_whole():
    (one,) = reworded([Question("c", "zzz yyy")], Wording.SHORT, occurrences, 0)
    assert one.text == "zzz yyy"


def test_a_long_question_comes_after_other_questions():
    many = [Question(str(i), f"question number {i} about nothing much") for i in range(100)]
    long = reworded(many, Wording.LONG, occurrences, 3)
    assert {len(one.text.split()) for one in long} == {LONG + 6}
    assert all(one.text.endswith(question.text) for one, question in zip(long, many, strict=True))
    assert long == reworded(many, Wording.LONG, occurrences, 3)


def test_a_negated_question_names_what_is_not_wanted():
    texts = [question.text for question in reworded(ASKED, Wording.NEGATED, occurrences, 0)]
    assert texts[0] == f"{ASKED[0].text} But not: {ASKED[1].text}"


@pytest.mark.parametrize("how", list(Wording))
def test_ids_and_judgments_stay(how):
    made = reworded(ASKED, how, occurrences, 1)
    assert [(one.id, one.relevant) for one in made] == [(one.id, one.relevant) for one in ASKED]

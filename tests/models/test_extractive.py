"""The reader without a model quotes what answers, with its number."""

from __future__ import annotations

import pytest

from cascade.models.base import Prompt
from cascade.models.blocks import SILENT
from cascade.models.extractive import Extractive, choose, ranked, terms

CONTEXT = """[1] Lighthouses (notes)
The lighthouse of Skagen was built in 1747. It is painted white.

[2] Lisbon (memo)
The access code of the archive is 4417. It changes each spring. What is the access code?

[3] Bridges (book)
The bridge over the Tay opened in 1887, and the archive of Lisbon in 1901."""


def answer(question: str, context: str = CONTEXT, most: int = 256) -> str:
    return "".join(Extractive().read(Prompt("", context, question), most))


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("When was the lighthouse of Skagen built?", "The lighthouse of Skagen was built in 1747. [1]"),
        ("What is the access code of the Lisbon archive?", "The access code of the archive is 4417. [2]"),
        ("When did the Tay bridge open?", "The bridge over the Tay opened in 1887, and the archive of Lisbon in 1901."),
    ],
)
def test_the_sentence_that_answers_comes_first_with_its_number(question, quoted):
    assert answer(question).startswith(quoted)


def test_a_sentence_that_only_repeats_the_question_is_not_an_answer():
    assert "What is the access code?" not in answer("What is the access code?")


def test_a_question_without_a_shared_word_is_not_answered():
    assert answer("Who painted Guernica?", "[1] A\nNothing of it here.") == SILENT
    assert answer("Who?", "") == SILENT


def test_a_question_in_two_parts_gets_a_sentence_for_each():
    found = answer("When was Skagen built and when did the Tay open?")
    assert "1747. [1]" in found
    assert "1887" in found


def test_at_most_three_sentences_are_quoted_and_none_twice():
    context = "[1] A\n" + "\n\n".join(["The cat sat here.", "The cat sat there.", "The cat sat here."] * 3)
    assert [q.text for q in choose(ranked(Prompt("", context, "Where is the cat?")))] == [
        "The cat sat here.", "The cat sat there.",
    ]


def test_the_first_quotation_is_whole_and_the_allowance_stops_the_others():
    assert answer("When was Skagen built and when did the Tay open?", most=1).count("[") == 1


def test_unspaced_scripts_are_matched_by_pairs_of_characters():
    assert answer("埃菲尔铁塔在哪里?", "[4] 塔\n埃菲尔铁塔位于巴黎。长城很长。") == "埃菲尔铁塔位于巴黎。 [4]"


def test_terms_are_stems_without_empty_words():
    assert terms("What are the opening hours of Libraries?") == ["open", "hour", "librar"]


def test_notes_with_numbers_are_quoted_with_theirs():
    notes = "The ferry leaves at noon. [3]\nThe lighthouse was built in 1858. [12]\nNothing else."
    said = "".join(Extractive().read(Prompt("", notes, "When was the lighthouse built?")))
    assert said == "The lighthouse was built in 1858. [12]"

"""When the answer of a small model may stand."""

from __future__ import annotations

import pytest

from cascade.models.grounding import grounded

CONTEXT = "Gruban Tuvreir keeps the lighthouse at Braepis. The bridge was opened in 1891."
QUESTION = "Who looks after the lighthouse of Braepis?"


@pytest.mark.parametrize(
    "answer",
    [
        "Gruban Tuvreir looks after the lighthouse of Braepis.",
        "Gruban Tuvreir.",
        "The lighthouse of Braepis is kept by Gruban Tuvreir, who keeps it.",
    ],
)
def test_an_answer_in_the_words_of_its_context_stands(answer):
    assert grounded(answer, QUESTION, CONTEXT)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "The lighthouse of Braepis looks after the lighthouse of Braepis.",
        "The keeper is unknown.",
        "Gruban Tvehr looks after the lighthouse of Braepis.",
        "It was opened in 1892.",
        "The lighthouse is looked after by a team of scientists and engineers.",
    ],
)
def test_an_answer_that_adds_nothing_or_something_of_its_own_does_not(answer):
    assert not grounded(answer, QUESTION, CONTEXT)

import pytest

from eval.bench.conversation import Asked, History, asked
from eval.datasets import Question

QUESTION = Question("q", "And then?", {}, ("user: One?", "agent: First: this.", "user: Two?", "agent: Second."))


@pytest.mark.parametrize(
    ("how", "text"),
    [
        (History.NONE, "And then?"),
        (History.LAST, "Two?\nAnd then?"),
        (History.USERS, "One?\nTwo?\nAnd then?"),
        (History.ALL, "One?\nFirst: this.\nTwo?\nSecond.\nAnd then?"),
    ],
)
def test_the_turns_before_are_put_in_front_of_the_question(how, text):
    assert asked(QUESTION, how) == Asked(text)


def test_the_engine_is_given_the_history_as_it_is():
    assert asked(QUESTION, History.ENGINE) == Asked("And then?", QUESTION.history)


def test_a_question_without_history_stays_alone():
    assert asked(Question("q", "Hm?"), History.USERS) == Asked("Hm?")

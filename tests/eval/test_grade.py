"""Right answers in many words, wrong ones in many more."""

from __future__ import annotations

import pytest

from cascade.errors import UsageError
from eval.grade import Grade, grade, right


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("It is Torvae Klindar [1].", "Torvae Klindar"),
        ("TORVAE  KLINDAR", "Torvae Klindar"),
        ("The code is 482,913.", "482913"),
        ("Born in Brénaust, they say.", "Brenaust"),
        ("**482 913** [2][3]", "482913"),
    ],
)
def test_an_answer_with_the_value_is_right_however_it_is_written(answer, value):
    assert right(answer, (value,))


@pytest.mark.parametrize(
    ("answer", "value"),
    [("The code is 4829131.", "482913"), ("Torvae lives there.", "Torvae Klindar"), ("", "x"), ("Klindars", "Klindar"),
     ("I cannot tell [57].", "57")],
)  # fmt: skip
def test_a_part_a_longer_word_or_a_citation_is_not_the_value(answer, value):
    assert not right(answer, (value,))


def test_an_answer_that_lists_a_rival_too_is_wrong():
    assert right("It is 482913.", ("482913",), rivals=["555111"])
    assert not right("It is 482913 or 555111.", ("482913",), rivals=["555111"])


def test_every_value_must_be_said():
    assert right("They are Ada Dravel, Ivo Skarn and 57.", ("57", "Ada Dravel", "Ivo Skarn"))
    assert not right("They are Ada Dravel and 57.", ("57", "Ada Dravel", "Ivo Skarn"))
    assert grade("Ada Dravel", ("57", "Ada Dravel")) == Grade(False, missing=("57",))


def test_a_value_within_another_is_not_said_by_it():
    assert not right("It is Upper Dravel Mill.", ("Dravel Mill",), rivals=["Upper Dravel Mill"])
    assert right("It is Upper Dravel Mill.", ("Upper Dravel Mill",), rivals=["Dravel Mill"])
    assert not right("Only Dravel Mill East.", ("Dravel Mill", "Dravel Mill East"))


def test_a_rival_that_is_the_value_in_another_spelling_is_none():
    assert right("It is 1,234.", ("1234",), rivals=["1 234", "99"])


@pytest.mark.parametrize(
    "answer",
    ["It is not 57.", "It isn’t 57.", "It is neither 42 nor 57.", "57 is not the code.", "57 is wrong.",
     "I doubt that it is 57.",
     "It is not true that the code of the archive is 57.", "I don't think it is 57.", "It cannot be 57.",
     "It may not be 57.",
     "Nobody says it is 57.", "57? No.", "Is it 57?", "not 42 or 57", "The code is certainly not, in any case, 57.",
     "It is unlikely to be 57.", "There is no evidence that it is 57.", "Es ist nicht 57.", "Ce n'est pas 57.",
     "No es 57.",
     "Non è 57.", "Не 57.", "不是57。", "57ではありません。", "57이 아닙니다.", "It was 57, which is wrong.",
     "57. It is not 57.",
     "Some claim 57, but that is false.", "57, though it isn't."],
)  # fmt: skip
def test_a_value_that_is_denied_or_only_asked_about_is_wrong(answer):
    assert not right(answer, ("57",))


@pytest.mark.parametrize(
    "answer",
    ["57 is the code, not 42.", "There is no doubt that it is 57.", "Not 42 but 57.", "It is not 42, it is 57.",
     "It is 57, 42 is wrong.",
     "The code used to be 42; it is now 57.", "It replaced 42 and is 57.", "If I am not mistaken, it is 57.",
     "The bus is no. 57.",
     "The bus is no 57.", "57, which is not in doubt.", "57 rather than 42.", "It is not 42. It is 57.", "No, 57.",
     "Formerly 42, now 57.",
     "It is none other than 57.", "Although not every passage agrees, the code is 57.",
     "Not only 57 fits, but it is right.",
     "Es ist nicht 42, sondern 57.", "不是42，而是57。",
     "The door does not lock by itself, and the code for it is 57."],
)  # fmt: skip
def test_a_value_beside_a_denied_or_dismissed_rival_is_right(answer):
    assert right(answer, ("57",), rivals=["42"])


@pytest.mark.parametrize(
    "answer",
    ["57 or 42", "Either 57 or 42.", "It is 57. Or 42?", "It is 57, or maybe 42.", "57 / 42",
     "It was 57 and is now 42.", "42, not 57",
     "42 rather than 57", "57 and 42", "Formerly 57, now 42.", "57; other passages say 42.", "42",
     "It is not 57 but 42."],
)  # fmt: skip
def test_a_value_beside_a_rival_that_is_not_dismissed_is_wrong(answer):
    assert not right(answer, ("57",), rivals=["42"])


def test_an_abstention_is_right_only_where_there_is_no_value():
    absent = "The corpus does not contain this."
    assert right(absent, ())
    assert not right(absent, ("57",))
    assert not right("The passages do not mention it; perhaps it is 57.", ("57",))
    assert grade("Unknown.", ("57",)) == Grade(False, missing=("57",), abstained=True)


def test_without_a_value_a_rival_or_a_claim_is_wrong():
    assert not right("It is 57.", ())
    assert not right("", ())
    assert not right("The corpus does not contain this, only 42.", (), rivals=["42"])
    assert right("The corpus does not say that it is 42.", (), rivals=["42"])
    assert grade("42", (), ["42"]) == Grade(False, rivals=("42",))


def test_reasons_name_what_was_denied():
    assert grade("It is not 57.", ("57",)) == Grade(False, missing=("57",), denied=("57",))


def test_one_text_in_place_of_values_is_refused():
    with pytest.raises(UsageError, match="tuple"):
        right("It is 57.", "57")

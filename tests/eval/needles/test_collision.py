import pytest

from eval.needles.collision import Collision, collisions, normal
from eval.needles.needle import Kind, Needle, Planted


def needle(subjects=("Upper Dorvin",), answers=("Clara Dravel",), rivals=()):
    record = Planted("r", "Clara Dravel is mayor of Upper Dorvin.")
    return Needle(
        "n", Kind.SINGLE, "Who is mayor of Upper Dorvin?", (record,), ("r",), answers, rivals, subjects=subjects
    )


@pytest.mark.parametrize(
    ("text", "collides"),
    [
        ("In UPPER DORVIN lives Clara Dravel.", True),
        ("Clara Dravel lives in Lower Dorvin.", False),
        ("Clara Dravelson lives in Upper Dorvin.", False),
        ("Upper Dorvin has no mayor.", False),
        ("Clara Dravel is mayor of Upper Dorvin.", False),
        ("Clara-Dravel, Upper, Dorvin; Upper Dorvin", True),
    ],
    ids=["both", "another subject", "part of a word", "no answer", "its own record", "punctuation"],
)
def test_a_record_collides_when_it_says_an_answer_and_a_subject(text, collides):
    expected = [Collision("n", "Clara Dravel", text)] if collides else []
    assert list(collisions([text], [needle()])) == expected


def test_a_needle_without_a_subject_collides_with_its_answer_alone():
    assert len(list(collisions(["Clara Dravel was here."], [needle(subjects=())]))) == 1


def test_an_absent_fact_collides_with_a_rival_said_of_its_subject():
    absent = needle(answers=(), rivals=("Otto Dravel",))
    assert len(list(collisions(["Otto Dravel rules Upper Dorvin.", "Otto Dravel"], [absent]))) == 1


def test_names_in_scripts_without_blanks_are_found():
    chinese = needle(subjects=("上阿巴贝",), answers=("安娜·多尔",))
    assert len(list(collisions(["据说上阿巴贝灯塔的看守人是安娜·多尔。", "下阿巴贝的安娜·多尔"], [chinese]))) == 1


def test_latin_names_in_such_a_script_are_words_of_their_own():
    assert normal("灯塔的看守人是Clara Dravel。") == " 灯塔的看守人是 clara dravel "
    assert normal("Été 12.5") == " ete 12 5 "

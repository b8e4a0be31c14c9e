import re
from random import Random

import pytest

from eval.needles.identifiers import SORTS
from eval.needles.needle import Kind


def changed(this, other):
    """How many characters differ between two texts of one length."""
    return sum(a != b for a, b in zip(this, other, strict=True))


SHAPES = (
    r"[A-Z]{2}-\d{5}-\d{2}", r"[0-9a-f]{12}", r"978-3-\d{2}-\d{6}-\d",
    r"fd[0-9a-f]{2}:[0-9a-f]{4}:[0-9a-f]{4}::[0-9a-f]{4}",
    r"\d{1,2}\.\d{2}\.\d{4}", r"E\d{5}", r"\d{1,2},\d{3}\.\d{2}", r"[A-Z]\d{8}", r"DK\d{2} \d{4} \d{4} \d{4}",
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}", r"IMO \d{7}", r"\d{2}\.\d{4}, \d{1,2}\.\d{4}", r"0x[0-9A-F]{8}",
    r"\d{2}/\d{3}/\d{5}",
)  # fmt: skip


@pytest.mark.parametrize("at", range(len(SORTS)))
def test_identifiers_have_the_shape_of_their_sort(at):
    random = Random(2)
    assert all(re.fullmatch(SHAPES[at], SORTS[at].draw(random)) for _ in range(200))


def test_three_siblings_have_identifiers_one_digit_away(needles):
    for needle in needles(Kind.IDENTIFIER)[::2]:
        near = [rival for rival in needle.rivals if len(rival) == len(needle.answers[0])]
        assert sum(changed(rival, needle.answers[0]) == 1 for rival in near) >= 3


def test_every_second_question_asks_whose_an_identifier_is(needles):
    for needle in needles(Kind.IDENTIFIER)[1::2]:
        assert needle.subjects[0] in needle.question
        assert any(character.isdigit() for character in needle.subjects[0])
        assert [one.key for one in needle.records if needle.subjects[0] in one.fact] == list(needle.relevant)


def test_siblings_share_the_made_up_word(needles):
    for needle in needles(Kind.IDENTIFIER)[1::2]:
        names = [set(name.split()) for name in (*needle.answers, *needle.rivals)]
        assert set.intersection(*names) - {"of", "and", "The"}


def test_every_sort_comes(needles):
    asked = {needle.question.split(needle.subjects[0])[0] for needle in needles(Kind.IDENTIFIER)}
    assert len(asked) == 2 * len(SORTS)

"""Control answers are what they say they are, and the grader accepts the right ones and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from eval.controls import GOLD, GONE, VAGUE, Control, Sort, controls, made
from eval.grade import right, says
from eval.intervals import wilson
from eval.needles.classes import make
from eval.needles.needle import Kind
from eval.rewording import changed, enumerated, respelled, topic


@dataclass(frozen=True, slots=True)
class Made:
    """A question with its answers and rivals."""

    question: str
    answers: tuple[str, ...]
    rivals: tuple[str, ...] = ()


BY_HAND = [
    Made("Who keeps the light of Upper Dravel?", ("Ada Klindar",), ("Clara Klindar", "Ivo Klindar")),
    Made("What is the code of the archive?", ("482913",), ("482914",)),
    Made("When did the ferry first sail?", ("2021-03-14",), ("2021-03-15",)),
    Made("Which part is it?", ("AB-1234-X",), ("AB-1234-Y",)),
    Made("How high is it?", ("46 metres",), ("64 metres",)),
    Made("Which three are they?", ("Dravel Mill", "Old Skarn", "57"), ("Nether Skarn",)),
    Made("谁是市长？", ("山田花子",), ("山田太郎",)),
    Made("¿Cuándo sale el barco?", ("14:15",), ("15:14",)),
    Made("Wer hütet den Leuchtturm?", ("Jürgen Łukaß",)),
    Made("Who is married to Ivo Skarn?", (), ("Ada Skarn", "Cora Skarn")),
]


@pytest.mark.parametrize("kind", list(Kind))
def test_of_generated_needles_every_right_answer_is_accepted_and_no_other(kind: Kind) -> None:
    needles = make(kind, 12, seed=5, known=lambda _: False)
    found = controls(needles, right, seed=1)
    assert found.mistaken == ()
    assert (found.gold.value, found.vague_wrong.value, found.specific_wrong.value) == (1.0, 0.0, 0.0)


def test_of_needles_by_hand_every_right_answer_is_accepted_and_no_other() -> None:
    found = controls(BY_HAND, right)
    assert found.mistaken == ()
    trials = sum(1 for one in made(BY_HAND, 0) if one.sort is Sort.GOLD)
    assert found.gold == wilson(trials, trials)
    assert found.false_reject == 0.0


def test_a_grader_that_accepts_what_is_long_enough_is_found_out() -> None:
    """As LoCoMo's judge was: it took 62.8% of vague wrong answers."""

    def lenient(answer: str, values: Sequence[str], rivals: Iterable[str]) -> bool:
        return len(answer) > 12

    found = controls(BY_HAND, lenient)
    assert found.vague_wrong.value == 1.0
    assert found.specific_wrong.value > 0.8
    assert {one.sort for one in found.mistaken} == set(Sort)


def test_a_grader_that_asks_for_the_exact_value_is_found_out() -> None:
    def strict(answer: str, values: Sequence[str], rivals: Iterable[str]) -> bool:
        return answer in values

    found = controls(BY_HAND, strict)
    assert found.gold.value < 0.2
    assert found.wordings[Sort.GOLD]["bare"] == wilson(8, 9)
    assert found.wordings[Sort.GOLD]["cited"].value == 0.0
    assert found.specific_wrong.value == found.vague_wrong.value == 0.0


def test_a_grader_that_looks_for_the_value_alone_takes_denials_and_hedges() -> None:
    def contains(answer: str, values: Sequence[str], rivals: Iterable[str]) -> bool:
        return bool(values) and all(says(answer, value) for value in values)

    found = controls(BY_HAND, contains)
    assert found.wordings[Sort.SPECIFIC]["denied"].value == 1.0
    assert found.wordings[Sort.SPECIFIC]["hedged"].value == 1.0
    assert found.wordings[Sort.SPECIFIC]["one letter changed"].value == 0.0


def test_there_are_enough_wordings_and_each_needle_has_them_all() -> None:
    assert len(GOLD) >= 6 and len(GONE) >= 6 and len(VAGUE) >= 10
    assert sum("{question}" in one or "{topic}" in one for one in VAGUE) >= 4
    answers = list(made(BY_HAND[:1], 0))
    assert [one.wording for one in answers if one.sort is Sort.GOLD] == list(GOLD)
    assert sum(one.sort is Sort.VAGUE for one in answers) == len(VAGUE)


def test_vague_answers_hold_no_value_and_wrong_ones_lack_deny_or_doubt_it() -> None:
    needle = BY_HAND[0]
    for one in made(BY_HAND, 3):
        if one.needle == 0 and one.sort is Sort.VAGUE:
            assert not says(one.answer, "Ada Klindar")
        if one.needle == 0 and one.wording in ("rival", "another's value", "one letter changed"):
            assert not says(one.answer, "Ada Klindar"), one
        if one.needle == 0 and one.wording == "hedged":
            assert says(one.answer, "Ada Klindar") and any(says(one.answer, rival) for rival in needle.rivals)


def test_several_values_are_left_out_one_at_a_time() -> None:
    missing = [one.answer for one in made([BY_HAND[5]], 0) if one.wording == "one missing"]
    assert missing == [
        "They are Old Skarn and 57.", "They are Dravel Mill and 57.", "They are Dravel Mill and Old Skarn.",
    ]  # fmt: skip


def test_where_nothing_is_right_an_abstention_is_gold_and_a_claim_wrong() -> None:
    answers = list(made(BY_HAND, 0))
    gold = [one for one in answers if one.needle == 9 and one.sort is Sort.GOLD]
    assert gold[0] == Control(Sort.GOLD, "told", 9, "The corpus does not contain this.")
    assert "rival" in {one.wording for one in answers if one.needle == 9 and one.sort is Sort.SPECIFIC}


def test_without_rivals_and_others_there_is_still_something_wrong_to_say() -> None:
    wordings = {one.wording for one in made([BY_HAND[8]], 0) if one.sort is Sort.SPECIFIC}
    assert wordings == {"one letter changed", "denied"}


def test_the_same_seed_makes_the_same_answers() -> None:
    assert list(made(BY_HAND, 1)) == list(made(BY_HAND, 1))
    assert list(made(BY_HAND, 1)) != list(made(BY_HAND, 2))


@pytest.mark.parametrize(
    ("value", "otherwise"),
    [("482913", "482,913"), ("1,234", "1234"), ("2021-03-14", "14 March 2021"), ("AB-12", "ab\u201112"), ("Ada",
     "ada"), ("57", "57"),
     ("built 1858", "built 1,858"), ("14/740/34879", "14/740/34879"), ("007123", "007123")],
)  # fmt: skip
def test_a_value_can_be_written_otherwise(value: str, otherwise: str) -> None:
    assert respelled(value) == otherwise


@pytest.mark.parametrize("value", ["482913", "Ada Klindar", "山田花子", "AB-12", "9", "-"])
def test_a_changed_value_is_another_of_the_same_shape(value: str) -> None:
    for seed in range(50):
        other = changed(value, Random(seed))
        assert not right(f"It is {other}.", (value,))
        assert value == "-" or [a.isdigit() for a in other] == [a.isdigit() for a in value]


def test_lists_and_topics_read_as_a_person_would_say_them() -> None:
    assert [enumerated(values) for values in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b",
    "a, b and c"]
    assert topic("Who is the lighthouse keeper of Dravel?") == "the lighthouse keeper of Dravel"
    assert topic("How high is it?") == "it"
    assert topic("?") == "this"

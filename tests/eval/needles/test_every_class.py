"""What holds for needles of every class."""

from __future__ import annotations

import pytest

from cascade.errors import UsageError
from eval.needles.classes import MAKERS, make, shown
from eval.needles.collision import collisions, normal
from eval.needles.needle import Kind

EVERY = [(kind, 2) for kind in Kind] + [(Kind.MULTI_HOP, hops) for hops in (3, 4, 5)]
SILENT = {Kind.ABSENT, Kind.DELETED}
every = pytest.mark.parametrize(("kind", "hops"), EVERY, ids=str)


def says(text, value):
    plain = normal(text)
    return normal(value) in plain or (not value.isascii() and normal(value).strip() in plain)


def test_every_kind_has_a_maker():
    assert set(MAKERS) == set(Kind)


@every
def test_a_reader_of_the_relevant_records_alone_finds_every_answer(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        held = [one.text for one in needle.records if one.key in needle.relevant]
        assert all(any(says(text, answer) for text in held) for answer in needle.answers)


@every
def test_no_other_record_says_an_answer_and_no_question_does(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        others = [one for one in needle.records if one.key not in needle.relevant]
        assert not [one.key for one in others for answer in needle.answers if says(one.text, answer)]
        assert not [answer for answer in needle.answers if says(needle.question, answer)]


@every
def test_only_absent_and_deleted_facts_have_no_answer(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        assert bool(needle.answers) is bool(needle.relevant) is (kind not in SILENT)


@every
def test_rivals_are_said_somewhere_and_are_no_answers(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        assert not set(needle.rivals) & set(needle.answers)
        assert all(any(says(one.text, rival) for one in needle.records) for rival in needle.rivals)


@every
def test_no_answer_is_part_of_a_rival_or_a_rival_part_of_an_answer(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        for rival in needle.rivals:
            assert not any(says(rival, answer) or says(answer, rival) for answer in needle.answers)


@every
def test_a_span_is_a_fact_that_says_a_value(needles, kind, hops):
    for needle in needles(kind, hops=hops):
        for one in needle.records:
            assert 0 <= one.span[0] < one.span[1] <= len(one.text)
        facts = [one.fact for one in needle.records if one.key in needle.relevant]
        assert all(any(says(fact, answer) for fact in facts) for answer in needle.answers)


@every
def test_keys_are_new_but_for_what_is_replaced(needles, kind, hops):
    records = [one for needle in needles(kind, hops=hops) for one in needle.records]
    assert len({(one.key, one.after) for one in records}) == len(records)
    replaced = [one for one in records if one.after and (one.key, False) in {(r.key, r.after) for r in records}]
    assert len(replaced) == (30 if kind is Kind.UPDATED else 0)


@every
def test_the_same_seed_makes_the_same_needles_and_fewer_are_the_first_of_more(unknown, kind, hops):
    more, fewer = make(kind, 9, 3, unknown, hops=hops), make(kind, 4, 3, unknown, hops=hops)
    assert more[:4] == fewer
    assert make(kind, 4, 4, unknown, hops=hops) != fewer


@every
def test_no_needle_holds_what_another_asks_for(needles, kind, hops):
    made = needles(kind, hops=hops)
    assert not list(collisions([one.text for needle in made for one in needle.records], made))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.IN_LONG])
def test_a_thousand_needles_of_a_class_repeat_no_question_and_no_answer(unknown, kind):
    made = make(kind, 1000, 11, unknown)
    assert len({needle.question for needle in made}) == 1000
    answers = [answer for needle in made for answer in needle.answers]
    assert len(set(answers)) == len(answers)


def test_words_that_the_haystack_knows_are_in_no_name(unknown):
    first = {
        word for needle in make(Kind.MULTI_KEY, 20, 1, unknown) for answer in needle.answers for word in answer.split()
    }
    again = make(Kind.MULTI_KEY, 20, 1, first.__contains__)
    rare = {word for word in first if word.isdigit() or len(word) > 8}
    assert rare
    assert not rare & {word for needle in again for one in needle.records for word in one.text.replace(".", "").split()}


def test_a_haystack_that_knows_everything_is_an_error_with_a_next_step():
    with pytest.raises(UsageError, match="check that `known`"):
        make(Kind.SINGLE, 1, 0, lambda word: True)


def test_needles_of_different_depth_can_lie_in_one_index(unknown):
    runs = [
        make(Kind.SINGLE, 3, 0, unknown),
        make(Kind.SINGLE, 3, 1, unknown),
        make(Kind.MULTI_HOP, 3, 0, unknown, hops=3),
    ]
    runs.append(make(Kind.MULTI_HOP, 3, 0, unknown, hops=2))
    keys = [one.key for run in runs for needle in run for one in needle.records]
    assert len(set(keys)) == len(keys)


def test_needles_can_be_read_by_a_person():
    text = shown("multi-hop", count=1, hops=3)
    assert text.count("?  ") == 1
    assert text.count("\n  * ") == 3

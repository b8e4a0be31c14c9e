import pytest

from eval.needles.facts import together
from eval.needles.forms import FORMS, PLURAL, about
from eval.needles.names import Entity
from eval.needles.needle import Kind


def unique(name):
    """The made-up word of a name."""
    return max(name.split(), key=len)


def test_there_are_thirty_forms_and_more_and_every_wording_is_its_own():
    assert len(FORMS) >= 30
    wordings = [wording for form in (*FORMS, *PLURAL) for wording in (*form.statements, *form.questions)]
    assert len(set(wordings)) == len(wordings)
    assert all(wording.count("{s}") == 1 for wording in wordings)


def test_every_thing_that_a_chain_can_reach_has_more_said_of_it():
    for entity in Entity:
        assert len(about(entity)) >= 4 or entity is Entity.NUMBER


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.MULTI_KEY])
def test_the_oracle_answers_from_the_relevant_record_and_from_all_of_them(needles, oracle, kind):
    for needle in needles(kind):
        alone = [one.text for one in needle.records if one.key in needle.relevant]
        assert oracle(needle.question, alone) == set(needle.answers)
        assert oracle(needle.question, [one.text for one in needle.records]) == set(needle.answers)


def test_single_needles_share_forms(needles):
    facts = [needle.records[0].fact for needle in needles(Kind.SINGLE, 200)]
    assert len({fact.split(" of ")[0].split(" at ")[0] for fact in facts}) < 200


def test_multi_key_has_four_siblings_of_the_subject_and_three_other_facts_of_it(needles):
    for needle in needles(Kind.MULTI_KEY):
        subject = needle.subjects[0]
        others = [one.fact for one in needle.records if one.key not in needle.relevant]
        assert len(others) == 7
        assert sum(subject in fact for fact in others) == 3
        word = next(word for word in subject.split() if all(word in fact for fact in others))
        assert word in needle.question


def test_multi_value_needs_two_to_four_records_with_one_answer_each(needles):
    sizes = set()
    for needle in needles(Kind.MULTI_VALUE):
        held = [one for one in needle.records if one.key in needle.relevant]
        assert [sum(answer in one.text for answer in needle.answers) for one in held] == [1] * len(needle.answers)
        sizes.add(len(held))
    assert sizes == {2, 3, 4}


def test_multi_query_asks_for_two_or_three_facts_in_different_records(needles):
    for needle in needles(Kind.MULTI_QUERY):
        assert len(needle.relevant) == len(needle.answers) == len(needle.subjects) in (2, 3)
        held = {one.key: one.text for one in needle.records}
        for key, answer, subject in zip(needle.relevant, needle.answers, needle.subjects, strict=True):
            assert answer in held[key]
            assert subject in held[key]
            assert subject in needle.question


def test_several_questions_are_one_sentence():
    assert together(["Who sings?", "Where is Upper Dorvin?"]) == "Who sings, and where is Upper Dorvin?"
    assert together(["A?", "B?", "C?"]) == "A, b, and c?"


def test_an_absent_fact_is_in_no_record_though_its_subject_and_its_form_are(needles, oracle):
    for needle in needles(Kind.ABSENT):
        texts = [one.text for one in needle.records]
        assert oracle(needle.question, texts) == set()
        assert sum(needle.subjects[0] in text for text in texts) == 3
        assert len(texts) == 7


def test_a_deleted_fact_is_in_the_deleted_record_alone(needles, oracle):
    for needle in needles(Kind.DELETED):
        gone = [one for one in needle.records if one.deleted]
        assert len(gone) == 1
        assert oracle(needle.question, [one.text for one in gone]) == {needle.rivals[0]}
        assert oracle(needle.question, [one.text for one in needle.records if not one.deleted]) == set()

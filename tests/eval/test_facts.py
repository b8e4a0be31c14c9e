from eval.bench.facts import facts


def nothing(name: str) -> bool:
    return False


def test_the_same_seed_plants_the_same_facts():
    assert facts(12, 3, nothing) == facts(12, 3, nothing)
    assert facts(12, 3, nothing) != facts(12, 4, nothing)


def test_no_two_facts_share_a_value_or_a_subject():
    planted = facts(200, 0, nothing)
    assert len({fact.value for fact in planted}) == 200
    assert len({fact.subject for fact in planted}) == 200
    assert not {fact.value for fact in planted} & {fact.subject for fact in planted}


def test_the_passage_holds_the_value_and_the_question_only_the_subject():
    for fact in facts(60, 1, nothing):
        assert fact.value in fact.text
        assert fact.subject in fact.text
        assert fact.subject in fact.question
        assert fact.value not in fact.question


def test_names_that_the_corpus_knows_are_not_used():
    first = facts(6, 5, nothing)
    taken = {fact.value for fact in first} | {fact.subject for fact in first}
    again = facts(6, 5, lambda name: name in taken)
    assert not taken & ({fact.value for fact in again} | {fact.subject for fact in again})

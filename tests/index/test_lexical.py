"""Which terms of a question nominate."""

import pytest

from cascade.index.lexical import POSTINGS, Terms, idf, nominating

MANY = 20_000_000


def chosen(frequencies, passages=MANY):
    words = Terms(tuple(f"w{count}" for count in frequencies), ())
    return [term.value for term in nominating(words, frequencies, passages)]


def test_a_term_in_more_than_a_tenth_of_the_passages_does_not_nominate_where_rarer_ones_do():
    assert chosen([5, 101, 100, 0], 1_000) == ["w5", "w100"]


def test_of_common_terms_alone_the_two_least_common_nominate():
    assert chosen([900, 300, 700], 1_000) == ["w300", "w700"]


def test_the_rarest_terms_nominate_as_far_as_their_passages_are_affordable_in_the_order_of_the_question():
    assert chosen([POSTINGS // 2, 10, POSTINGS, POSTINGS // 4]) == [f"w{POSTINGS // 2}", "w10", f"w{POSTINGS // 4}"]


@pytest.mark.parametrize("frequencies", [[POSTINGS, POSTINGS + 1], [POSTINGS + 5, POSTINGS + 1, POSTINGS + 2]])
def test_the_two_rarest_nominate_whatever_they_cost(frequencies):
    assert set(chosen(frequencies)) == {f"w{count}" for count in sorted(frequencies)[:2]}


def test_a_term_weighs_by_all_passages():
    (term,) = nominating(Terms((), ("id7",)), [3], 1_000)
    assert (term.field, term.value, term.idf) == ("exact", "id7", pytest.approx(idf(1_000, 3)))


def test_a_question_of_unknown_words_has_no_terms():
    assert chosen([0, 0]) == []

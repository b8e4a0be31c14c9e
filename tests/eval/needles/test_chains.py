import re
from collections import Counter
from itertools import pairwise

import pytest

from cascade.errors import BadConfig
from eval.needles.classes import make
from eval.needles.needle import Kind

HOPS = (2, 3, 4, 5)


@pytest.mark.parametrize("hops", HOPS)
def test_the_oracle_follows_the_chain_from_the_question_to_the_answer(needles, oracle, hops):
    for needle in needles(Kind.MULTI_HOP, hops=hops):
        links = [one.text for one in needle.records if one.key in needle.relevant]
        assert len(links) == needle.hops == hops
        assert oracle(needle.question, links) == set(needle.answers)
        assert oracle(needle.question, [one.text for one in needle.records]) == set(needle.answers)


@pytest.mark.parametrize("hops", HOPS)
def test_no_chain_can_be_followed_without_one_of_its_links(needles, oracle, hops):
    for needle in needles(Kind.MULTI_HOP, hops=hops):
        for missing in needle.relevant:
            rest = [one.text for one in needle.records if one.key != missing]
            assert oracle(needle.question, rest) == set()


@pytest.mark.parametrize("hops", HOPS)
def test_the_head_is_in_the_first_link_alone_and_the_answer_in_the_last(needles, hops):
    for needle in needles(Kind.MULTI_HOP, hops=hops):
        held = {one.key: one.text for one in needle.records}
        first, last = needle.relevant[0], needle.relevant[-1]
        assert [key for key, text in held.items() if needle.subjects[0] in text] == [first]
        assert [key for key, text in held.items() if needle.answers[0] in text] == [last]


@pytest.mark.parametrize("hops", HOPS)
def test_the_question_names_no_link_between_head_and_answer(needles, hops):
    """Neighbours in the chain share a made-up word (one that no other needle has), and it is not in the question."""
    made = needles(Kind.MULTI_HOP, hops=hops)
    words = {needle.key: {one.key: set(re.findall(r"\w+", one.fact)) for one in needle.records} for needle in made}
    often = Counter(word for facts in words.values() for word in set.union(*facts.values()))
    for needle in made:
        links = [words[needle.key][key] for key in needle.relevant]
        for this, then in pairwise(links):
            bridge = {word for word in this & then if often[word] == 1 and word[0].isupper()}
            assert bridge
            assert not bridge & set(re.findall(r"\w+", needle.question))


def test_every_link_has_a_sibling_and_the_last_has_two(needles):
    for needle in needles(Kind.MULTI_HOP, hops=4):
        assert len(needle.records) == 4 + 5
        assert len(needle.rivals) == 2


def test_chains_take_many_ways(needles):
    asked = Counter(needle.question.split(needle.subjects[0])[0] for needle in needles(Kind.MULTI_HOP, hops=3))
    assert len(asked) > 50


@pytest.mark.parametrize("hops", [1, 6])
def test_a_chain_too_short_or_too_long_is_refused(unknown, hops):
    with pytest.raises(BadConfig, match=f"A chain of {hops} links was asked for. Ask for 2 to 5"):
        make(Kind.MULTI_HOP, 1, 0, unknown, hops=hops)

from random import Random

import pytest

from eval.needles.names import Entity, Names, longest


@pytest.fixture
def names(unknown):
    return Names(Random(4), unknown)


@pytest.mark.parametrize("entity", Entity)
def test_a_thousand_names_are_all_new_and_none_is_part_of_another(names, entity):
    drawn = [names.name(entity) for _ in range(1000)]
    assert len(set(drawn)) == 1000
    everything = "\n".join(drawn)
    assert all(everything.count(f"{name}\n") <= 1 for name in drawn[:-1])


@pytest.mark.parametrize("entity", [one for one in Entity if one is not Entity.NUMBER])
def test_siblings_share_one_made_up_word_and_no_more(names, entity):
    name = names.name(entity)
    family = [name, *names.siblings(name, 8)]
    assert len(set(family)) == 9
    shared = set.intersection(*(set(one.split()) for one in family)) - {"The", "of", "and"}
    assert len(shared) == 1
    assert not [(a, b) for a in family for b in family if a is not b and a in b]


def test_the_sibling_of_a_number_is_one_digit_away_behind_the_first(names):
    for _ in range(50):
        number = names.number()
        other = names.sibling(number)
        assert sum(a != b for a, b in zip(number, other, strict=True)) == 1
        assert number[0] == other[0]


def test_only_made_up_parts_are_asked_of_the_haystack():
    asked = []
    names = Names(Random(4), lambda word: bool(asked.append(word)))
    town = names.name(Entity.TOWN)
    assert asked == [max(town.split(), key=len)]


def test_the_longest_run_of_five_or_more_is_asked_for():
    assert longest("KX-48213-09") == "48213"
    assert longest("4.17.2") == ""
    assert longest("fd7a:115c:a1e0::4f2b") == ""
    assert longest("9f3ac17e4b") == "9f3ac17e4b"

from random import Random

import pytest

from cascade.errors import UsageError
from eval.needles.filler import Filler
from eval.needles.meaning import free
from eval.needles.names import Names
from eval.needles.needle import Depth, Kind
from eval.needles.pairs import FACTS, QUESTIONS, SIGHTS, TRAITS, TRAPS, stems
from eval.needles.scene import Scene


def test_stems_leave_out_small_words_and_endings():
    assert stems("The dentist is repairing a bell") == {"dent", "repai", "bell"}
    assert stems("repairs repaired") == {"repai"}


def test_there_are_sixty_pairs_and_more_and_none_twice():
    assert len(SIGHTS) + len(TRAITS) >= 100
    assert len({city for _, city in SIGHTS}) == len(SIGHTS)
    assert len({what for _, what in TRAITS}) == len(TRAITS)


def test_no_fact_of_any_pair_shares_a_stem_with_a_question_of_any_pair():
    told = stems(" ".join([*(sight for sight, _ in SIGHTS), *(does for does, _ in TRAITS), *FACTS])) - {
        "sight",
        "trait",
    }
    asked = stems(" ".join([*(city for _, city in SIGHTS), *(what for _, what in TRAITS), *QUESTIONS]))
    assert told & (asked - {"city", "what"}) == set()


def test_no_needle_shares_a_stem_with_its_question(needles):
    for needle in needles(Kind.NO_OVERLAP, 300):
        relevant = next(one for one in needle.records if one.key in needle.relevant)
        assert not stems(needle.question) & stems(relevant.fact)


def test_the_trap_has_every_word_of_the_question_but_the_asking_ones(needles):
    for needle in needles(Kind.NO_OVERLAP, 300):
        asked = stems(needle.question) - stems("inhabitant person")
        assert any(asked <= stems(one.text) for one in needle.records if one.key not in needle.relevant)


def test_one_near_miss_has_the_place_and_another_the_trait(needles):
    sights, traits = {city: sight for sight, city in SIGHTS}, {what: does for does, what in TRAITS}
    for needle in needles(Kind.NO_OVERLAP, 300):
        sight = next(sights[city] for city in sorted(sights, key=len, reverse=True) if city in needle.question)
        does = next(traits[what] for what in traits if what in needle.question)
        shown = sorted((sight in one.text, does in one.text) for one in needle.records)
        assert shown == [(False, False), (False, True), (True, False), (True, True)]


def test_nobody_else_of_the_run_has_both(needles):
    facts = [one.text for needle in needles(Kind.NO_OVERLAP, 300) for one in needle.records]
    for needle in needles(Kind.NO_OVERLAP, 300):
        own = next(one.fact for one in needle.records if one.key in needle.relevant)
        sight = next(sight for sight, _ in SIGHTS if sight in own)
        does = next(does for does, _ in TRAITS if does in own)
        assert sum(sight in text and does in text for text in facts) == 1


def test_traps_and_facts_name_the_person_and_both_halves():
    assert all({"{v}", "{sight}", "{trait}"} <= set(_slots(fact)) for fact in FACTS)
    assert all({"{v}", "{city}", "{what}"} <= set(_slots(trap)) for trap in TRAPS)


def test_when_every_pair_is_taken_more_are_refused(unknown):
    scene = Scene(Kind.NO_OVERLAP, "", Random(0), Names(Random(0), unknown), Filler(["A."]), Depth())
    drawn = {free(scene) for _ in range(len(SIGHTS) * len(TRAITS))}
    assert len(drawn) == len(SIGHTS) * len(TRAITS)
    with pytest.raises(UsageError, match="no more pairs"):
        free(scene)


def _slots(text):
    return [part + "}" for part in "".join(c if c not in ".,;" else " " for c in text).replace("}", "} ").split("}")
            for part in ["{" + part.rpartition("{")[2]]]  # fmt: skip

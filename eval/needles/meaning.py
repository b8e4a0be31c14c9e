"""Needles that share no content word with their question: somebody is found by where they live and what they do.

Knows the pairs; knows nothing of the other classes.
"""

from __future__ import annotations

from typing import Final

from cascade.errors import UsageError
from eval.needles.names import Entity
from eval.needles.pairs import FACTS, QUESTIONS, SIGHTS, TRAITS, TRAPS, stems
from eval.needles.scene import Draft, Plan, Scene

_TRIES: Final = 30


def no_overlap(scene: Scene) -> Plan:
    """One who fits both halves; one with the place alone, one with the trait alone, and one with all the words.

    No place and trait come together twice in a run, so that one person answers.
    """
    place, trait = free(scene)
    random, names = scene.random, [scene.names.name(Entity.PERSON) for _ in range(4)]
    (sight, city), (does, what) = SIGHTS[place], TRAITS[trait]
    question = random.choice(QUESTIONS).format(city=city, what=what)
    fact = random.choice(FACTS).format(v=names[0], sight=sight, trait=does)
    other_trait, other_place = TRAITS[beside(scene, place, None)][0], SIGHTS[beside(scene, None, trait)][0]
    drafts = (
        Draft(fact, True, body=_apart(scene, fact, question)),
        Draft(random.choice(FACTS).format(v=names[1], sight=sight, trait=other_trait)),
        Draft(random.choice(FACTS).format(v=names[2], sight=other_place, trait=does)),
        Draft(random.choice(TRAPS).format(v=names[3], city=city, what=what)),
    )
    return Plan(question, drafts, (names[0],), tuple(names[1:]))


def free(scene: Scene) -> tuple[int, int]:
    """A place and a trait that nobody of this run has together yet. Raises UsageError when there is none left."""
    every = [(i, j) for i in range(len(SIGHTS)) for j in range(len(TRAITS)) if _pair(i, j) not in scene.taken]
    if not every:
        raise UsageError("There are no more pairs of place and trait. Ask for fewer needles without overlap at once.")
    place, trait = scene.random.choice(every)
    scene.taken.add(_pair(place, trait))
    return place, trait


def beside(scene: Scene, place: int | None, trait: int | None) -> int:
    """The other half of a near miss: a trait for a place or a place for a trait, taken from no needle to come."""
    size = len(TRAITS) if trait is None else len(SIGHTS)
    order = scene.random.sample(range(size), size)
    pairs = [(at, _pair(place, at) if place is not None else _pair(at, trait or 0)) for at in order]
    at, pair = next(((at, pair) for at, pair in pairs if pair not in scene.taken), pairs[0])
    scene.taken.add(pair)
    return at


def _pair(place: int, trait: int) -> str:
    return f"{place}/{trait}"


def _apart(scene: Scene, fact: str, question: str) -> tuple[str, tuple[int, int]]:
    """The record of the fact, its filler without the question's words where a few tries find such filler."""
    asked = stems(question)
    for _ in range(_TRIES):
        body = scene.filler.around(fact, scene.depth, scene.random)
        if not asked & stems(body[0]):
            break
    return body

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
_MISSES: Final = 6
"""So many traits of a place, and places of a trait, are left for near misses."""


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
    random = scene.random
    drawn = ((random.randrange(len(SIGHTS)), random.randrange(len(TRAITS))) for _ in range(_TRIES))
    found = next((pair for pair in drawn if not _held(scene, *pair)), None)
    every = [] if found else [(i, j) for i in range(len(SIGHTS)) for j in range(len(TRAITS)) if not _held(scene, i, j)]
    if not (found or every):
        raise UsageError("There are no more pairs of place and trait. Ask for fewer needles without overlap at once.")
    place, trait = found or random.choice(every)
    scene.taken.add(f"asked {place}/{trait}")
    return place, trait


def beside(scene: Scene, place: int | None, trait: int | None) -> int:
    """The other half of a near miss: a trait for a place, or a place for a trait.

    Pairs of near misses are asked for by no needle, so they may come again; of each place and trait there are a few.
    """
    size = len(TRAITS) if trait is None else len(SIGHTS)
    pairs = {at: (at if place is None else place, at if trait is None else trait) for at in range(size)}
    missed = [at for at, pair in pairs.items() if _missed(*pair) in scene.taken]
    fresh = [at for at, pair in pairs.items() if not _held(scene, *pair)]
    at = scene.random.choice(fresh if fresh and len(missed) < _MISSES else missed)
    scene.taken.add(_missed(*pairs[at]))
    return at


def _missed(place: int, trait: int) -> str:
    return f"missed {place}/{trait}"


def _held(scene: Scene, place: int, trait: int) -> bool:
    return f"asked {place}/{trait}" in scene.taken or _missed(place, trait) in scene.taken


def _apart(scene: Scene, fact: str, question: str) -> tuple[str, tuple[int, int]]:
    """The record of the fact, its filler without the question's words where a few tries find such filler."""
    asked = stems(question)
    for _ in range(_TRIES):
        body = scene.filler.around(fact, scene.depth, scene.random)
        if not asked & stems(body[0]):
            break
    return body

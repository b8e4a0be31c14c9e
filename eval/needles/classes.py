"""The classes of needles by name, and `make`, which draws as many of one class as are asked for.

    make(Kind.MULTI_HOP, 200, seed=7, known=lambda word: word in vocabulary, hops=3)

Knows every class; each class is somebody else's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final

from eval.needles import chains, copies, facts, identifiers, languages, mails, meaning, sources, tables, times
from eval.needles.filler import Filler, plain
from eval.needles.forms import FORMS
from eval.needles.names import Known, Names
from eval.needles.needle import Depth, Kind, Needle
from eval.needles.scene import Maker, Plan, Scene, bound

NOWHERE: Final = Depth()
LONG: Final = 800
"""Words of a long record when no length is asked for."""


def in_long(scene: Scene) -> Plan:
    """A single fact in a long record, among two long ones of siblings."""
    form = scene.random.choice(FORMS)
    subject, value = scene.names.name(form.subject), scene.names.name(form.value)
    near, wrong = facts.misses(scene, form, subject, 2)
    fact = facts.stated(scene, form, subject, value, relevant=True)
    return Plan(facts.asked(scene, form, subject), (fact, *near), (value,), tuple(wrong), (subject,))


MAKERS: Final[Mapping[Kind, Maker]] = MappingProxyType({
    Kind.SINGLE: facts.single, Kind.MULTI_KEY: facts.multi_key, Kind.MULTI_VALUE: facts.multi_value,
    Kind.MULTI_QUERY: facts.multi_query, Kind.MULTI_HOP: chains.multi_hop, Kind.NO_OVERLAP: meaning.no_overlap,
    Kind.NEAR_DUPLICATE: copies.near_duplicate, Kind.CONFLICT: times.conflict, Kind.UPDATED: times.updated,
    Kind.TIME_BOUNDED: times.time_bounded, Kind.IDENTIFIER: identifiers.identifier, Kind.LANGUAGE: languages.language,
    Kind.ABSENT: facts.absent, Kind.DELETED: facts.deleted, Kind.IN_LONG: in_long, Kind.IN_TABLE: tables.in_table,
    Kind.IN_CODE: sources.in_code, Kind.IN_MAIL: mails.in_mail,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a run of needles, besides what the haystack knows and the filler."""

    kind: Kind
    seed: int
    depth: Depth = NOWHERE
    hops: int = 2

    @property
    def name(self) -> str:
        """Class and a digest of the rest: needles of different recipes can lie in one index."""
        told = f"{self.seed}/{self.hops if self.kind is Kind.MULTI_HOP else 0}/{self.depth}"
        return f"{self.kind}-{hashlib.blake2b(told.encode(), digest_size=4).hexdigest()}"


def make(
    kind: Kind, count: int, seed: int, known: Known, depth: Depth | None = None, hops: int = 2,
    filler: Filler | None = None,
) -> list[Needle]:  # fmt: skip
    """So many needles of a class, the same for the same arguments; the first of a longer run are a shorter run.

    `known` is asked for every made-up word and number. `depth`: of every record; without one, records are a few
    sentences, and IN_LONG has 800 words and a drawn position. `filler`: sentences around facts, best those of the
    haystack. Raises UsageError when the supply of names is spent, BadConfig for a chain that is too short or too long.
    """
    recipe = Recipe(kind, seed, depth or NOWHERE, hops)
    return drawn(recipe, count, known, filler or Filler(plain()))


def drawn(recipe: Recipe, count: int, known: Known, filler: Filler) -> list[Needle]:
    """The needles of a recipe."""
    random = Random(recipe.name)
    scene = Scene(recipe.kind, recipe.name, random, Names(random, known), filler, recipe.depth, recipe.hops)
    maker: Callable[[Scene], Plan] = MAKERS[recipe.kind]
    needles = []
    for number in range(count):
        one = replace(scene, number=number, depth=_depth(recipe, random))
        needles.append(bound(maker(one), one))
    return needles


def shown(kind: str, count: int = 5, seed: int = 0, hops: int = 2) -> str:
    """Some needles of a class as text to be read by a person."""
    parts = []
    for needle in make(Kind(kind), count, seed, frozenset[str]().__contains__, hops=hops):
        parts.append(f"== {needle.key} [{needle.language}]\n?  {needle.question}")
        parts.append(f"=  {needle.answers}  not {needle.rivals}")
        for record in needle.records:
            signs = ("*" if record.key in needle.relevant else "") + "+" * record.after + "-" * record.deleted
            parts.append(f"{signs:>3} {record.key} {record.time} {record.title}\n{record.text}")
    return "\n".join(parts) + "\n"


def _depth(recipe: Recipe, random: Random) -> Depth:
    if recipe.kind is Kind.IN_LONG and not recipe.depth.length:
        return replace(recipe.depth, length=LONG, position=random.random())
    return recipe.depth

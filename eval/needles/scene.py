"""What every class of needles works with: its supply of names and filler, and the plan that it hands back.

A class writes a Plan: the question and a draft of each record. `bound` turns it into a Needle: filler around the facts,
keys that tell nothing, records in random order. Knows no class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from eval.needles.filler import Filler
from eval.needles.names import Names
from eval.needles.needle import Depth, Kind, Needle, Planted


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be: its fact, and `body` where the class itself has built the text around it, with the fact's span.

    Drafts with the same `thing` (not empty) get one key: the later one replaces the earlier.
    """

    fact: str
    relevant: bool = False
    title: str = ""
    time: str = ""
    after: bool = False
    deleted: bool = False
    thing: str = ""
    body: tuple[str, tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A needle to be. `drafts`: the relevant ones in the order of the chain. `around`: filler of its own, if it has."""

    question: str
    drafts: tuple[Draft, ...]
    answers: tuple[str, ...]
    rivals: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    language: str = "en"
    hops: int = 1
    around: Filler | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a class draws from. `name`: of the run. `number`: which needle of the run this is, from 0. `taken`: what may
    not come twice."""

    kind: Kind
    name: str
    random: Random
    names: Names
    filler: Filler
    depth: Depth
    hops: int = 2
    number: int = 0
    taken: set[str] = field(default_factory=set)


Maker = Callable[[Scene], Plan]
"""One class: draws a plan from a scene."""


def bound(plan: Plan, scene: Scene) -> Needle:
    """The needle of a plan. Its records stand in random order, so that neither order nor key tells which matters."""
    name = f"{scene.name}-{scene.number}"
    order = list(range(len(plan.drafts)))
    scene.random.shuffle(order)
    keys: dict[str, str] = {}
    for place, at in enumerate(order):
        keys.setdefault(_thing(plan, at), f"{name}-{place}")
    filler = plan.around if plan.around and not scene.depth.length else scene.filler
    records = tuple(_record(plan.drafts[at], keys[_thing(plan, at)], filler, scene) for at in order)
    relevant = [keys[_thing(plan, at)] for at, draft in enumerate(plan.drafts) if draft.relevant]
    return Needle(
        name, scene.kind, plan.question, records, tuple(dict.fromkeys(relevant)), plan.answers,
        tuple(dict.fromkeys(plan.rivals)), plan.language, plan.hops, scene.depth, plan.subjects,
    )  # fmt: skip


def _thing(plan: Plan, at: int) -> str:
    return plan.drafts[at].thing or f"#{at}"


def _record(draft: Draft, key: str, filler: Filler, scene: Scene) -> Planted:
    text, span = draft.body or filler.around(draft.fact, scene.depth, scene.random)
    return Planted(key, text, draft.title, draft.time, draft.after, draft.deleted, span)

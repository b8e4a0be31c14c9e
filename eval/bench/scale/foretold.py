"""Survival at a size that was not measured, from one that was; and how far that is off where both were.

Upwards: each question's distractors are taken for draws from one population, and `tails` says how many more of them
will stand above what it looks for. Downwards, by thinning: of the distractors that stand above it in a large index, so
many would be there in a smaller one that is a random part of it. Knows standings and numbers; knows no index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.bench.scale.standing import RULES, Stand, Standing, Standings
from eval.bench.scale.tails import Tail, rate, thinned
from eval.intervals import Interval, bootstrap, paired, wilson

MODEL: Final = 2
"""Goes up when the same standings foretell something else: rows of another are made again (docs/log.md)."""
DRAWS: Final = 400
"""Draws for each question."""
STAGES: Final = ("retrieved", "reranked")


@dataclass(frozen=True, slots=True)
class Foretold:
    """One class of questions at one stage and size: what was foretold, by which way, and, where it was measured, what
    was found and the mean difference, question by question, each with its 95% interval."""

    kind: str
    stage: str
    way: str
    base: int
    size: int
    questions: int
    share: Interval
    measured: Interval | None = None
    error: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def foretell(
    base: Standings, size: int, seed: int, measured: Standings | None = None, exact: int = 0
) -> list[Foretold]:  # fmt: skip
    """Every class at both stages, in an index of `size` passages. `measured`: the same questions at that size. `exact`:
    passages up to which all vectors are compared, so that none is missed by them."""
    random = np.random.default_rng(seed)
    grown = max(0, size - base.fixed)
    way = "thinned" if grown < base.grown else "tails"
    if size <= exact:
        base = replace(base, caught=1.0)
    shares = {one.id: _shares(base, one, grown, random) for one in base.questions}
    found = {one.id: one.kept for one in measured.questions} if measured else {}
    out = []
    for kind in dict.fromkeys(one.kind for one in base.questions):
        of_kind = [one.id for one in base.questions if one.kind == kind and one.kept]
        for stage in STAGES if of_kind else ():
            said = [shares[name][stage] for name in of_kind]
            share = bootstrap([said], seed)
            both = [name for name in of_kind if found.get(name)]
            true, error = None, None
            if both:
                truth = [float(found[name][stage]) for name in both]
                true = wilson(int(sum(truth)), len(truth))
                error = paired([shares[name][stage] for name in both], truth, seed)
            out.append(Foretold(kind, stage, way, base.grown + base.fixed, size, len(of_kind), share, true, error))
    return out


def _shares(base: Standings, one: Standing, grown: int, random: np.random.Generator) -> dict[str, float]:
    """How likely everything that a question looks for is still there after each stage."""
    retrieved = np.ones(DRAWS, dtype=bool)
    reranked = np.ones(DRAWS, dtype=bool)
    for link in one.links:
        fits = {rule: _fits(base, one, rule, link, grown, random) for rule in RULES}
        caught = random.random(DRAWS) < base.caught
        here = (fits["dense"] & caught) | fits["lexical"]
        retrieved &= here
        reranked &= here & (fits["fused"] | fits["led"])
    return {"retrieved": float(retrieved.mean()), "reranked": float(reranked.mean())}


def _fits(
    base: Standings, one: Standing, rule: str, link: Mapping[str, Stand | None], grown: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Draws of whether a record stands within the budget of a rule. One that the rule never saw does not.

    Links that are raised from further down take places from what the ranking's score alone would keep.
    """
    stand = link.get(rule)
    if stand is None:
        return np.zeros(DRAWS, dtype=bool)
    if grown < base.grown:
        counts = thinned(stand.grown, grown / base.grown, random, DRAWS)
    else:
        more = grown - base.grown
        tail = Tail(tuple(one.tails[rule]), base.grown)
        counts = stand.grown + rate(tail, stand.score, stand.grown).counts(more, random, DRAWS)
    budget = base.budgets[rule] - (one.raised if rule == "fused" else 0)
    within: NDArray[np.bool_] = stand.fixed + counts < budget
    return within


def off(found: Sequence[Foretold]) -> dict[str, float]:
    """By stage, the mean size of the error over classes, where there is one."""
    out = {}
    for stage in STAGES:
        errors = [abs(one.error.value) for one in found if one.stage == stage and one.error]
        if errors:
            out[stage] = float(np.mean(errors))
    return out

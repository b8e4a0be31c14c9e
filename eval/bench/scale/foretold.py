"""Survival at a size that was not measured, from one that was; and how far that is off where both were.

Upwards: each question's distractors are taken for draws from one population, and `tails` says how many more of them
will stand above what it looks for. Downwards, by thinning: of the distractors that stand above it in a large index, so
many would be there in a smaller one that is a random part of it. Knows standings and numbers; knows no index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eval.bench.scale.standing import Stand, Standing, Standings
from eval.bench.scale.tails import Tail, rate, thinned
from eval.intervals import Interval, bootstrap, paired, wilson

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


def foretell(base: Standings, size: int, seed: int, measured: Standings | None = None) -> list[Foretold]:
    """Every class at both stages, in an index of `size` passages. `measured`: the same questions at that size."""
    random = np.random.default_rng(seed)
    grown = max(0, size - base.fixed)
    way = "thinned" if grown < base.grown else "tails"
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
        fits = {rule: _fits(base, one, rule, link, grown, random) for rule in base.budgets}
        caught = random.random(DRAWS) < base.caught
        here = (fits["dense"] & caught) | fits["lexical"]
        retrieved &= here
        reranked &= here & fits["fused"]
    return {"retrieved": float(retrieved.mean()), "reranked": float(reranked.mean())}


def _fits(
    base: Standings, one: Standing, rule: str, link: Mapping[str, Stand | None], grown: int, random: np.random.Generator
) -> NDArray[np.bool_]:
    """Draws of whether a record stands within the budget of a rule. One that the rule never saw does not."""
    stand = link[rule]
    if stand is None:
        return np.zeros(DRAWS, dtype=bool)
    if grown < base.grown:
        counts = thinned(stand.grown, grown / base.grown, random, DRAWS)
    else:
        more = grown - base.grown
        tail = Tail(tuple(one.tails[rule]), base.grown)
        counts = stand.grown + rate(tail, stand.score, stand.grown).counts(more, random, DRAWS)
    within: NDArray[np.bool_] = stand.fixed + counts < base.budgets[rule]
    return within


def off(found: Sequence[Foretold]) -> dict[str, float]:
    """By stage, the mean size of the error over classes, where there is one."""
    out = {}
    for stage in STAGES:
        errors = [abs(one.error.value) for one in found if one.stage == stage and one.error]
        if errors:
            out[stage] = float(np.mean(errors))
    return out

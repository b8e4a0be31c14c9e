"""Judges a way of fusing on sets it has not seen: each set is scored by what was learned from all the others.

Knows lessons, fusions and measures; knows nothing of indexes beyond the engine whose settings raise links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cascade.data import CEILING
from cascade.engine import Engine
from cascade.index.fusion import Fusion
from eval import measures
from eval.intervals import Interval, bootstrap
from eval.training.fit import Recipe, fit, scores
from eval.training.lessons import Lesson, ranked

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """One set, left out: all@117 and nDCG@10 of each question by the hand-set fusion and by the learned one.

    `reliability`: of the learned one's relevance, for each tenth of 0..1: how many were said to be so, the mean of what
    was said, and the share that was.
    """

    hand: list[tuple[float, float]] = field(default_factory=list)
    learned: list[tuple[float, float]] = field(default_factory=list)
    reliability: list[tuple[int, float, float]] = field(default_factory=list)

    def difference(self, measure: int, seed: int) -> Interval:
        """The learned one's mean less the hand-set one's, paired by question."""
        return bootstrap([[a[measure] - b[measure] for a, b in zip(self.learned, self.hand, strict=True)]], seed)


def leave_one_out(
    lessons: Sequence[Mapping[str, Sequence[Lesson]]], engines: Sequence[Engine], hand: Fusion, recipe: Recipe
) -> list[dict[str, Judged]]:
    """For each index, by the name of the set. What is left out of one index is left out of all."""
    judged: list[dict[str, Judged]] = [{} for _ in lessons]
    for name in dict.fromkeys(name for by_set in lessons for name in by_set):
        others = [of for by_set in lessons for other, of in by_set.items() if other != name]
        learned = fit(others, hand, recipe)
        for at, by_set in enumerate(lessons):
            if name in by_set:
                judged[at][name] = _judge(by_set[name], engines[at], hand, learned)
    return judged


def _judge(lessons: Sequence[Lesson], engine: Engine, hand: Fusion, learned: Fusion) -> Judged:
    found = Judged()
    said, true = [], []
    for one in lessons:
        for fusion, values in ((hand, found.hand), (learned, found.learned)):
            order = ranked(one, scores(one, fusion), engine)
            values.append((
                measures.all_at(order, one.relevant, CEILING), measures.ndcg_at(order, one.relevant, 10)
            ))  # fmt: skip
        fused = scores(one, learned)
        best = np.argsort(-fused, kind="stable")[:CEILING]
        said.append(learned.relevance(one.features[best]))
        true.append(one.gains[best] > 0)
    found.reliability.extend(reliability(np.concatenate(said), np.concatenate(true)))
    return found


def reliability(said: np.ndarray, true: np.ndarray) -> list[tuple[int, float, float]]:
    """For each tenth of 0..1 that was said at all: how often, the mean of what was said, and the share that was."""
    tenth = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    held = [(tenth == number) for number in range(BINS)]
    return [(int(h.sum()), float(said[h].mean()), float(true[h].mean())) for h in held if h.any()]


def error(found: Sequence[tuple[int, float, float]]) -> float:
    """Expected calibration error: the mean distance of what was said from what was, by how often it was said."""
    whole = sum(count for count, _, _ in found)
    return sum(count * abs(said - true) for count, said, true in found) / max(whole, 1)

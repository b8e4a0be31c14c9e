"""What was measured of each setting, which are worth a choice, which is chosen, and whether a choice still holds.

Survival has an interval: Wilson's where every question is a yes or a no, else a bootstrap over questions. A setting is
good enough where the low end of it is. Knows figures; knows nothing of engines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cascade.errors import UsageError
from cascade.operating import Point
from eval.intervals import Z95, Interval, Spread, bootstrap, spread, wilson
from eval.tuning.asked import PASSAGES
from eval.tuning.knobs import CANDIDATES, Setting, cost
from eval.tuning.measure import NEAREST, Flags, Seen

ALIKE = 1.05
"""Times that differ by less than this are one time: fewer tokens decide."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked for: survival of at least so much, `kept` there, in at most so many milliseconds (median).

    `relative`: survival is the share of what the widest setting keeps; else of everything that was asked for.
    """

    survival: float
    latency: float
    kept: str
    by: str
    relative: bool = True

    @property
    def counted(self) -> str:
        """Which flags of `Seen.kept` survival counts."""
        return NEAREST if (self.kept, self.by) == (CANDIDATES, PASSAGES) else self.kept


@dataclass(frozen=True, slots=True)
class Measured:
    """One setting over some questions. `survival`: as the aim counts it. `kept`: of everything, by stage.

    `kinds`: survival by kind of question. `stages`: milliseconds of each stage.
    """

    setting: Setting
    survival: Interval
    kept: Mapping[str, Interval]
    kinds: Mapping[str, Interval]
    ms: Spread
    stages: Mapping[str, Spread]
    tokens: float
    late: int
    questions: int


def measured(setting: Setting, seen: Sequence[Seen], widest: Sequence[Seen], aim: Aim, seed: int) -> Measured:
    """What was seen at a setting, beside what was seen of the same questions at the widest.

    Raises UsageError where the widest keeps nothing, so that no share of it can be told.
    """
    survived = survivals(seen, widest, aim)
    if not any(survived.values()):
        raise UsageError(
            f"Even the widest setting keeps nothing of what was asked for ({aim.kept}), so there is nothing to tune. "
            "Ask other questions, or look at an earlier stage: --stage candidates."
        )
    every = [value for values in survived.values() for value in values]
    stages = dict.fromkeys(name for one in seen for name in one.ms if name != "total")
    return Measured(
        setting, interval(every, seed),
        {stage: interval([v for of in shares(seen, stage).values() for v in of], seed) for stage in seen[0].kept},
        {kind: interval(values, seed) for kind, values in survived.items()},
        spread([one.ms["total"] for one in seen]),
        {name: spread([one.ms.get(name, 0.0) for one in seen]) for name in stages},
        float(np.median([one.tokens for one in seen])), sum(one.late for one in seen), len(every),
    )  # fmt: skip


def survivals(seen: Sequence[Seen], widest: Sequence[Seen], aim: Aim) -> dict[str, list[float]]:
    """The survival of each question as the aim counts it, by kind; those of which nothing counts are left out."""
    return shares(seen, aim.counted, [one.kept[aim.counted] for one in widest[: len(seen)]] if aim.relative else None)


def shares(seen: Sequence[Seen], counted: str, counts: Sequence[Flags] | None = None) -> dict[str, list[float]]:
    """For each kind of question, the share of each one's things that survived; of those in `counts`, if given."""
    found: dict[str, list[float]] = {}
    for at, one in enumerate(seen):
        flags = one.kept[counted] if counts is None else one.kept[counted][counts[at]]
        if len(flags):
            found.setdefault(one.kind, []).append(float(flags.mean()))
    return found


def interval(values: Sequence[float], seed: int) -> Interval:
    """The mean with its 95% interval."""
    if all(value in (0.0, 1.0) for value in values):
        return wilson(round(sum(values)), len(values))
    return bootstrap([values], seed)


def fewest(survival: float) -> int:
    """The fewest questions that can show such a survival: when every one of them survives."""
    return math.ceil(Z95 * Z95 * survival / (1 - survival) - 1e-9)


def frontier(found: Sequence[tuple[float, float]]) -> list[int]:
    """Which pairs of survival and milliseconds no other surpasses in survival without taking longer, fastest first."""
    best: list[int] = []
    for at in sorted(range(len(found)), key=lambda at: (found[at][1], -found[at][0])):
        if not best or found[at][0] > found[best[-1]][0]:
            best.append(at)
    return best


def choose(found: Sequence[Measured], aim: Aim) -> tuple[Measured | None, str]:
    """The cheapest setting that is good and fast enough, or None; and why it is, or why there is none.

    Of those as fast as the fastest, the one that packs least; ties go to the less it looks at.
    """
    able = [one for one in found if one.survival.low >= aim.survival]
    if not able:
        best = max(found, key=lambda one: (one.survival.low, -one.ms.median))
        enough = fewest(aim.survival)
        more = f" Of {best.questions} questions no more can be shown: ask {enough}." if best.questions < enough else ""
        return None, (
            f"No setting keeps {aim.survival:g} for sure. The most is {best.survival.value:.3f} "
            f"[{best.survival.low:.3f}, {best.survival.high:.3f}], in {best.ms.median:.0f} ms.{more}"
        )
    fastest = min(one.ms.median for one in able)
    if fastest > aim.latency:
        return (
            None,
            f"What keeps {aim.survival:g} takes {fastest:.0f} ms at least, and {aim.latency:g} ms were asked for.",
        )
    alike = [one for one in able if one.ms.median <= fastest * ALIKE]
    chosen = min(alike, key=lambda one: (one.tokens, cost(one.setting), one.ms.median))
    return chosen, (
        f"It is the cheapest of {len(able)} that keep {aim.survival:g} for sure, "
        f"and takes {chosen.ms.median:.0f} of {aim.latency:g} ms."
    )


def drift(point: Point, now: Measured) -> list[str]:
    """What no longer holds of an operating point, in sentences. Empty: all of it does."""
    value, low, high = point.survival
    wrong = []
    if now.survival.value < low:
        wrong.append(
            f"Survival is {now.survival.value:.3f}, under the interval of {value:.3f} [{low:.3f}, {high:.3f}] "
            "that was measured."
        )
    if now.ms.median > point.wanted[1]:
        wrong.append(f"A question takes {now.ms.median:.0f} ms, and {point.wanted[1]:g} ms were asked for.")
    return wrong

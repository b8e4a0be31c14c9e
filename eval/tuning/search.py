"""The search: successive halving over settings, which take turns question by question.

All settings are asked a few questions; the better half goes on to twice as many, until a few are left that are asked
all of them (Jamieson and Talwalkar 2016). "Better" keeps the whole curve of survival against time, not only what lies
near the aim: settings are taken layer by layer, each layer being those that no other left surpasses in both. The widest
setting and the one in force stay to the end.
Knows settings and what is seen of them; knows nothing of where questions come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from eval.tuning.asked import Ground
from eval.tuning.choose import Aim, Measured, frontier, measured, survivals
from eval.tuning.knobs import Setting
from eval.tuning.measure import Seen, ask, courses

WARM = 5
"""Questions asked before the clock counts: compiled loops are loaded and files are in memory."""

Heard = Callable[[int, int, int], None]
"""Called with how many questions were asked so far, of how many, and how many settings are still in the running."""


@dataclass(frozen=True, slots=True)
class Rungs:
    """`first`: questions that every setting is asked. `last`: settings that are asked all of them."""

    first: int = 16
    last: int = 12

    def steps(self, settings: int, questions: int) -> list[tuple[int, int]]:
        """For each round, how many settings are in the running, and up to which question they are asked."""
        found = []
        upto = min(self.first, questions)
        while True:
            if settings <= self.last:
                upto = questions
            found.append((settings, upto))
            if upto >= questions:
                return found
            settings, upto = max(self.last, -(-settings // 2)), min(questions, upto * 2)


def search(
    place: Ground, settings: Sequence[Setting], always: Sequence[Setting], aim: Aim,
    heard: Heard | None = None, rungs: Rungs | None = None,
) -> list[Measured]:  # fmt: skip
    """What was measured of the settings that were asked everything. `always`: these are; the first is the widest."""
    asked = place.asked
    alive = list(dict.fromkeys([*always, *settings]))
    steps = (rungs or Rungs()).steps(len(alive), len(asked))
    seen: dict[Setting, list[Seen]] = {setting: [] for setting in alive}
    begins = [0, *(upto for _, upto in steps)]
    whole = sum(count * (upto - begin) for (count, upto), begin in zip(steps, begins, strict=False))
    done = 0
    for count, upto in steps:
        if count < len(alive):
            alive = better(alive, seen, always, aim, count)
        running = courses(place.engine, alive, aim.kept)
        if not done:
            for at, wanted in enumerate(asked[:WARM]):
                ask(running[at % len(running)], wanted, aim.kept)
        for at in range(len(seen[always[0]]), upto):
            for turn in range(len(running)):
                for setting, one in ask(running[(at + turn) % len(running)], asked[at], aim.kept).items():
                    seen[setting].append(one)
                    done += 1
            if heard:
                heard(done, whole, len(alive))
    return [measured(one, seen[one], seen[always[0]], aim, place.seed) for one in alive]


def better(
    alive: Sequence[Setting], seen: dict[Setting, list[Seen]], always: Sequence[Setting], aim: Aim, count: int
) -> list[Setting]:
    """So many settings, layer by layer; of the layer that does not fit whole, those nearest to the survival wanted."""
    kept = [setting for setting in alive if setting in always]
    left = [setting for setting in alive if setting not in kept]
    stand = {setting: _standing(seen[setting], seen[always[0]], aim) for setting in left}
    while left and len(kept) < count:
        layer = [left[at] for at in frontier([stand[setting] for setting in left])]
        layer.sort(key=lambda setting: (abs(stand[setting][0] - aim.survival), stand[setting][1]))
        kept += layer[: count - len(kept)]
        left = [setting for setting in left if setting not in layer]
    return [setting for setting in alive if setting in set(kept)]


def _standing(seen: Sequence[Seen], widest: Sequence[Seen], aim: Aim) -> tuple[float, float]:
    """Mean survival so far (0 where nothing counts yet) and median milliseconds."""
    values = [value for of in survivals(seen, widest, aim).values() for value in of]
    return sum(values) / max(len(values), 1), median(one.ms["total"] for one in seen)

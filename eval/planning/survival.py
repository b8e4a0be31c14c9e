"""How many codes must be compared so that what matters survives: curves that were measured, and a line through them.

A curve says, at one size of an index, which share of the exact nearest 117 are among the candidates when a given share
of all codes is compared, those of the nearest lists first. The share that a target needs falls as an index grows (it
has more lists, each closer about its centre); between and beyond the measured sizes it is taken to follow a power of
the size.
Knows shares and sizes; knows nothing of time or memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cascade.errors import UsageError


@dataclass(frozen=True, slots=True)
class Curve:
    """At `passages` in `lists`: `kept[i]` of what matters survives when `shares[i]` of the codes are compared."""

    passages: int
    lists: int
    shares: tuple[float, ...]
    kept: tuple[float, ...]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Curve:
        """From a table of TOML. Raises ValueError where shares do not rise from over 0 to 1, or kept falls."""
        made = cls(int(said["passages"]), int(said["lists"]), tuple(said["shares"]), tuple(said["kept"]))
        rising = all(a < b for a, b in zip(made.shares, made.shares[1:], strict=False))
        if not rising or len(made.shares) != len(made.kept) or not made.shares or not 0 < made.shares[0] < 1:
            raise ValueError("shares of codes must rise from over 0, one for each share kept")
        if list(made.kept) != sorted(made.kept) or not 0 <= made.kept[0] <= made.kept[-1] <= 1 or made.passages < 1:
            raise ValueError("what is kept must rise with the share of the codes, from 0 to 1")
        return made

    def told(self) -> dict[str, Any]:
        """As a table of TOML."""
        return {
            "passages": self.passages, "lists": self.lists,
            "shares": [round(one, 6) for one in self.shares], "kept": [round(one, 6) for one in self.kept],
        }  # fmt: skip

    def share(self, kept: float) -> float:
        """The share of the codes that keeps so much, by straight lines over log(share); 1 where none that was measured
        does."""
        before, low = self.shares[0], self.kept[0]
        if kept <= low:
            return before
        for share, high in zip(self.shares[1:], self.kept[1:], strict=True):
            if kept <= high:
                part = (kept - low) / (high - low)
                return math.exp(math.log(before) + part * (math.log(share) - math.log(before)))
            before, low = share, high
        return 1.0


class Point(NamedTuple):
    """What was measured on one's own index: with a share of the codes compared, so much was kept."""

    passages: float
    share: float
    kept: float


class Needed(NamedTuple):
    """The share of the codes that is to be compared; `beyond`: how many times larger than any measured size this is."""

    share: float
    growth: float
    beyond: float


def needed(curves: Sequence[Curve], target: float, passages: float, own: Point | None = None) -> Needed:
    """The share of the codes that keeps `target` in an index of so many passages.

    share = a * passages ** growth, fitted by least squares in logarithms to the shares the curves need; with one curve
    the share is taken as it is, which is too much rather than too little. `own`: moves the line to where it passes
    through this point. Raises UsageError for a target outside 0..1.
    """
    if not 0 < target < 1:
        raise UsageError(f"A survival of {target} is not to be had by search. Give one between 0 and 1, such as 0.95.")
    share, growth = _line(curves, target, passages)
    largest = float(max(one.passages for one in curves))
    if own is not None:
        kept = min(own.kept, max(one.kept[-1] for one in curves))
        share *= own.share / _line(curves, kept, own.passages)[0]
        largest = max(largest, own.passages)
    return Needed(min(1.0, share), growth, passages / largest)


def _line(curves: Sequence[Curve], target: float, passages: float) -> tuple[float, float]:
    """The share by the fitted line, and its slope, never upward."""
    points = [(math.log(one.passages), math.log(one.share(target))) for one in curves]
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    growth = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0
    growth = min(growth, 0.0)
    return math.exp(middle_y + growth * (math.log(passages) - middle_x)), growth

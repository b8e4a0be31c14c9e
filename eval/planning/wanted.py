"""What is asked of a plan, and the shape of an index that the program would build for it.

Knows the rules by which an index gets its lists and segments, from those who make them; knows nothing of cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cascade.config import RetrieveConfig
from cascade.data import WIDTH
from cascade.errors import UsageError
from cascade.index.coarse import GROUPED
from eval.planning.survival import Point
from indexers.compact import Shape, lists_for

DIMS = {"static": 256, "minilm": 384}
"""Encoders whose cost is known, and the length of their vectors."""

LETTERS = 6.0
"""Bytes of text a word, with what stands between words: English prose, measured on the haystack (docs/log.md)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How large, how fast, how sure. `latency` in ms, `rate` in questions a second, `words` in a passage.

    `tuned`: what was measured on an index like it.
    """

    passages: float
    words: float = 100.0
    dim: int = 256
    encoder: str = "static"
    rate: float = 10.0
    latency: float = 200.0
    survival: float = 0.95
    replicas: int = 1
    candidates: int = WIDTH
    tuned: Point | None = None

    def __post_init__(self) -> None:
        if self.encoder not in DIMS:
            raise UsageError(f"The cost of the encoder {self.encoder!r} is not known. Known: {', '.join(DIMS)}.")
        if self.dim % 8 or not 8 <= self.dim <= 4096:
            raise UsageError(f"Vectors of {self.dim} dimensions have no 1-bit code. Give a multiple of 8 up to 4096.")
        for name in ("passages", "words", "rate", "latency", "replicas"):
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"{name} = {getattr(self, name)} is no plan. Give a number over 0.")


@dataclass(frozen=True, slots=True)
class Form:
    """How vectors are searched: `coded` by 1-bit codes in `lists`, or else all compared; in how many `segments`."""

    coded: bool
    lists: int
    segments: int

    @property
    def grouped(self) -> bool:
        """Whether lists are trained and found by groups."""
        return grouped(self.lists)


def grouped(lists: int) -> bool:
    """Whether so many lists are trained and found by groups."""
    return lists >= GROUPED


def form(passages: float) -> Form:
    """The form an index of so many passages is given."""
    shape = Shape()
    segments = max(1, math.ceil(passages / shape.room(int(passages))))
    if passages <= shape.exact:
        return Form(False, 0, segments)
    return Form(True, lists_for(int(passages)), segments)


def least_share(lists: int) -> float:
    """The share of so many lists that is probed at least."""
    return min(1.0, RetrieveConfig().fewest / lists) if lists else 1.0

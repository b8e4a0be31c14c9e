"""What a rival is: something that finds passages by a question's vector, by its words, or by both.

Knows names, questions and rows; knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cascade.data import Floats, Rows
from eval.bench.rivals.given import Given

Setting = Mapping[str, float]
"""One position of an engine's knobs: the name of each, as its own documentation has it, and a number."""

Series = Sequence[Setting]
"""Settings in the order of effort: each finds as much as the one before it, or more."""

Facts = dict[str, Any]
"""What was built, for the table: kind, lists, bits."""

SHARES = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
"""Shares of the inverted lists that are probed, for every engine that has lists."""


OURS = "cascade"
"""The rival that the others are compared with."""


class Comparison(StrEnum):
    """What is compared: rows by a vector alone, or a whole retrieval by vector and words."""

    NOMINATION = "nomination"
    RETRIEVAL = "retrieval"


class Asked(NamedTuple):
    """A question: its vector, float32 (dim,), unit length, and its text."""

    vector: Floats
    text: str


class Rival(Protocol):
    """An engine at its documented best. Made without arguments; built once, then opened in another process."""

    @property
    def name(self) -> str:
        """What it is called in results."""
        ...

    @property
    def compares(self) -> Comparison:
        """What it is compared in."""
        ...

    @property
    def page(self) -> str:
        """The page of its documentation that its settings follow."""
        ...

    @property
    def shares(self) -> str:
        """The rival whose folder it opens instead of one of its own; "" for its own."""
        ...

    @property
    def most(self) -> int:
        """Passages above which it is not asked; 0: any number."""
        ...

    @property
    def beyond(self) -> str:
        """Why it is not asked above that, as a sentence."""
        ...

    def build(self, given: Given, folder: Path) -> Facts:
        """Index all passages in `folder`, which is empty. Raises UsageError where a library is missing."""
        ...

    def open(self, given: Given, folder: Path, threads: int) -> None:
        """Be ready for questions over what was built, with so many threads for one question."""
        ...

    def settings(self, k: int) -> Sequence[Series]:
        """The settings to try for `k` rows, fewest effort first in each series."""
        ...

    def search(self, asked: Asked, k: int, setting: Setting) -> Any:
        """At most `k` passages, as the engine names them, in any order. This is what is timed."""
        ...

    def rows(self, found: Any) -> Rows:
        """The passages found as rows of `given`, int64 (n,), in the order found. Not timed."""
        ...


class Usual:
    """What most rivals are: each with a folder of its own, for any number of passages, with nothing to set."""

    shares = ""
    most, beyond = 0, ""

    def settings(self, k: int) -> Sequence[Series]:
        """There is nothing to set."""
        return [[{}]]


def probes(lists: int, more: Mapping[str, float] | None = None) -> list[Setting]:
    """A series of `nprobe`, each share of so many lists once, beside what stays the same."""
    counts = sorted({max(1, round(lists * share)) for share in SHARES})
    return [{"nprobe": count, **(more or {})} for count in counts]

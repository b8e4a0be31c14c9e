"""The model held against measurements, figure by figure: predicted over measured.

A prediction is made for the very index that was measured: its passages, words, dimensions, lists, segments, the codes
that were compared, and the cores it was measured with, with memory enough for all of it.
Knows the model; measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cascade.errors import UsageError
from eval.planning import lines
from eval.planning.choosing import given
from eval.planning.constants import Checked, Constants
from eval.planning.measured import Measured
from eval.planning.prices import Machine, Prices
from eval.planning.sheet import Sheet
from eval.planning.wanted import Wanted, grouped

AIM = 0.25
"""The model is meant to be no further off than this."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of one measured index. `scanned`: codes that were compared for it."""

    figure: str
    unit: str
    passages: int
    scanned: int
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """Predicted over measured, less 1."""
        return self.predicted / self.measured - 1


def compare(measured: Iterable[Measured], constants: Constants, prices: Prices) -> list[Compared]:
    """Every figure that was measured, by size. Raises UsageError for an index that the model cannot describe."""
    found = []
    for one in measured:
        sheet = predicted(one, constants, prices)
        for figure, value in one.figures.items():
            unit = sheet.lines[figure].unit
            found.append(Compared(figure, unit, int(one.passages), int(one.scanned), sheet[figure], value))
    return sorted(found, key=lambda one: one.passages)


def predicted(one: Measured, constants: Constants, prices: Prices) -> Sheet:
    """The sheet of an index that was measured."""
    words = one.words or one.tokens / constants.values["tokens_per_word"]
    if not words and one.figures.keys() - {"nominate_ms", "nominate_cold_ms"}:
        raise UsageError("A row tells neither words nor tokens of a passage, so nothing can be said of its texts.")
    wanted = Wanted(one.passages, words or 1.0, one.dim, one.encoder, candidates=one.candidates)
    values = given(wanted, constants, prices, Machine("measured", one.cores, 1e18))
    chosen = {
        "coded": float(bool(one.lists)), "grouped": float(grouped(one.lists)), "lists": float(one.lists),
        "share": one.scanned / one.passages, "segments": float(max(1, one.segments)), "shards": 1.0, "replicas": 1.0,
    }  # fmt: skip
    return Sheet({**values, **chosen}).fill(lines.ALL)


def checks(found: Sequence[Compared], date: str, commit: str) -> list[Checked]:
    """As they are kept beside the constants; of several of a figure and size, the last."""
    newest = {(one.figure, one.passages): one for one in found}
    return [Checked(one.figure, one.passages, round(one.error, 4), date, commit) for one in newest.values()]

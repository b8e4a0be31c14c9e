"""What a picture shows, as data: curves, dots with intervals, heat maps. Nothing of ink, fonts or files.

One drawing gives both the picture on the page and the PNG beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eval.intervals import Interval


class Scale(StrEnum):
    """How an axis runs: `names` has one step a name, and x counts them from 0."""

    NAMES = "names"
    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Point:
    """A figure at a place; `note` is written beside it."""

    x: float
    found: Interval
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one series. `alone`: how many of the first points stand for themselves, not joined to the rest."""

    name: str
    points: tuple[Point, ...]
    alone: int = 0


@dataclass(frozen=True, slots=True)
class Panel:
    """One frame of a picture."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines with intervals in panels that share their axes. `names`: the steps of x when its scale is names.

    `shares`: y runs from at most the least low end to 1. `diagonal`: the line of what is said equals what is true.
    """

    panels: tuple[Panel, ...]
    x_label: str
    y_label: str
    x: Scale = Scale.LOG
    y: Scale = Scale.LINEAR
    names: tuple[str, ...] = ()
    shares: bool = True
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Dots:
    """Estimates with intervals, a row each, several series a row; panels share their rows.

    `panels`: title and, for each row, an estimate or None for each series. `zero`: draw the line of no difference.
    """

    rows: tuple[str, ...]
    series: tuple[str, ...]
    panels: tuple[tuple[str, tuple[tuple[Interval | None, ...], ...]], ...]
    x_label: str
    zero: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One heat map: estimates by row and column, None where nothing was measured."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Interval | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Heat maps of shares side by side. The stronger the shade, the more was lost."""

    grids: tuple[Grid, ...]
    row_label: str
    column_label: str


Drawing = Curves | Dots | Heat

LEVELS = (0.99, 0.95, 0.90, 0.75, 0.50)
"""The least share of each shade, lightest first; what is under all of them is hatched and darkest."""


def level(value: float) -> int:
    """How dark a share is shown: 0 for .99 and more, 5 for less than a half."""
    return sum(round(value, 9) < least for least in LEVELS)

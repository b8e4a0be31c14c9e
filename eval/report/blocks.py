"""What the report says, as data: sections of tables, pictures and text. The page and the summary both render it.

Texts are plain: whoever renders them escapes them. Knows nothing of HTML, Markdown or matplotlib.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eval.intervals import Interval
from eval.report.drawings import Drawing, level
from eval.report.values import DASH, between, share, signed, sure


class Tone(StrEnum):
    """How a difference came out for the cascade, by its interval."""

    NONE = ""
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: a text, small lines under it, how dark it is (0 to 5), where it links to, its own id.

    `apart` is a difference as the last line; `tone` is its, or the text's where there is none.
    """

    text: str
    small: tuple[str, ...] = ()
    level: int | None = None
    apart: str = ""
    tone: Tone = Tone.NONE
    link: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; texts stand to the left, numbers to the right."""

    title: str
    text: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column heads its rows. `note` stands under it; the last `sums` rows are set off."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    sums: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what a reader who cannot see it is told. `tables`: heat maps that the page shows as tables."""

    name: str
    caption: str
    alt: str
    drawing: Drawing
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A figure worth a glance."""

    label: str
    value: str
    small: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """Figures in a row."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """What is opened on request."""

    title: str
    blocks: tuple[Table, ...]


Block = Table | Picture | Keys | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report. One without blocks is left out, and named as absent. `plain`: not for the summary."""

    name: str
    title: str
    lead: str = ""
    blocks: tuple[Block, ...] = ()
    plain: bool = False


def texts(*titles: str) -> tuple[Column, ...]:
    """Columns of text."""
    return tuple(Column(title, text=True) for title in titles)


def numbers(*titles: str) -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(Column(title) for title in titles)


def estimate(found: Interval | None, *small: str, heat: bool = False) -> Cell:
    """An estimate with its interval under it; a dash where there is none."""
    if found is None:
        return Cell(DASH)
    lines = tuple(line for line in (between(found), *small) if line)
    return Cell(share(found.value), lines, level(found.value) if heat else None)


def difference(found: Interval | None) -> Cell:
    """A paired difference with its interval, toned when the interval leaves out nought."""
    if found is None:
        return Cell(DASH)
    return Cell(signed(found.value), (apart(found),) if sure(found) else (), tone=tone(found))


def beside(found: Interval | None, less: Interval | None) -> Cell:
    """Another system's estimate, and under it the cascade's difference to it."""
    cell = estimate(found)
    if less is None:
        return cell
    said = f"{signed(less.value)} {apart(less)}" if sure(less) else signed(less.value)
    return Cell(cell.text, cell.small, apart=said, tone=tone(less))


def apart(found: Interval) -> str:
    """The interval of a difference: `[+.004, +.046]`."""
    return f"[{signed(found.low)}, {signed(found.high)}]"


def tone(found: Interval) -> Tone:
    """Better when all of the interval is over nought, worse when all of it is under, else same."""
    if not sure(found):
        return Tone.NONE
    return Tone.BETTER if found.low > 0 else Tone.WORSE if found.high < 0 else Tone.SAME

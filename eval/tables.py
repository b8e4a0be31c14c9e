"""Findings as text for a person: columns under headings, and what they were measured on. Knows strings and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from eval.intervals import Interval, Spread
from eval.rows import Circumstances

Cell = str | int | float | None


def table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Lines of columns: the first to the left, the rest to the right, two blanks between."""
    texts = [[cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(headings), *texts]) for i in range(len(headings))]
    lines = []
    for line in [list(headings), *texts]:
        first, *rest = zip(line, widths, strict=True)
        lines.append("  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest)]).rstrip())
    return "\n".join(lines)


def cell(value: Cell) -> str:
    """A value as a table shows it: three figures behind the point under 10, one under 1,000, thousands with commas."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"


def between(found: Interval) -> str:
    """An estimate with its interval: `.550 [.512, .588]`."""
    return f"{_short(found.value)} [{_short(found.low)}, {_short(found.high)}]"


def times(found: Spread) -> str:
    """Median and 95th percentile of milliseconds: `41.2 / 63.0`."""
    return f"{found.median:.1f} / {found.p95:.1f}"


def footing(run: Circumstances) -> str:
    """One line that says where and when."""
    where = run.machine
    memory = f", {where.memory / 2**30:.0f} GiB" if where.memory else ""
    load = f", load {run.load}" if run.load is not None else ""
    commit = f"commit {run.commit}, " if run.commit else ""
    return f"{commit}{run.date}, {where.cpu}, {where.cores} cores{memory}{load}, seed {run.seed}"


def _short(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1)

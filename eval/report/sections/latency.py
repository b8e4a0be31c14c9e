"""Time: each stage's median and 95th percentile against the size of the index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.intervals import Interval
from eval.report.blocks import Block, Cell, Picture, Section, Table, numbers, texts
from eval.report.drawings import Curves, Line, Panel, Point, Scale
from eval.report.pooling import variants
from eval.report.reading import Kind, Results, Row
from eval.report.values import DASH, amount, number, share, spread, under

LEAD = (
    "Milliseconds of one question at a time: the median, and under it the 95th percentile, over all runs. "
    "Whatever else the machine did at the time is in the load above."
)
WHERE = {Kind.LATENCY: "stages", Kind.NEEDLES: "latency_ms", Kind.SETS: "latency_ms"}
SAID = {Kind.LATENCY: "timed alone", Kind.NEEDLES: "while needles were sought", Kind.SETS: "while sets were scored"}
TOTAL = "total"


def section(results: Results) -> Section:
    """The rows that time, or where there are none those of needles and sets, which were timed by the way."""
    for kind in WHERE:
        rows = [row for row in results.of(kind) if _times(row, kind)]
        if rows:
            return Section("latency", "Latency", LEAD, tuple(_blocks(rows, kind)))
    return Section("latency", "Latency", LEAD)


def _blocks(rows: Sequence[Row], kind: Kind) -> Iterator[Block]:
    panels = tuple(Panel(variant or SAID[kind], tuple(_lines(same, kind))) for variant, same in variants(rows).items())
    if any(line.points for panel in panels for line in panel.lines):
        yield Picture(
            "latency",
            f"Time of each stage against size, {SAID[kind]}",
            "Median milliseconds of each stage against passages in the index, both in powers of ten; the tick above "
            "each point is the 95th percentile. The table below holds the figures.",
            Curves(panels, "passages in the index", "milliseconds", Scale.LOG, Scale.LOG, shares=False),
        )
    stages = _stages(rows, kind)
    more = [name for name in ("survival", "tokens", "bytes") if any(number(row.summary, name) for row in rows)]
    yield Table(
        "times",
        f"Milliseconds of each stage, {SAID[kind]}",
        (*texts("condition"), *numbers("passages", "n", *stages, *more)),
        tuple(_line(row, kind, stages, more) for row in sorted(rows, key=lambda row: row.passages)),
    )


def _line(row: Row, kind: Kind, stages: Sequence[str], more: Sequence[str]) -> tuple[Cell, ...]:
    held = _times(row, kind)
    values = {name: number(row.summary, name) for name in more}
    return (
        Cell(row.condition, link=f"#{row.anchor}"),
        Cell(amount(row.passages or None)),
        Cell(amount(row.count or None)),
        *(_time(spread(held, stage)) for stage in stages),
        *(Cell(_extra(name, value)) for name, value in values.items()),
    )


def _extra(name: str, value: float | None) -> str:
    return share(value) if name == "survival" and value is not None else amount(value)


def _time(found: tuple[float, float] | None) -> Cell:
    return Cell(DASH) if found is None else Cell(f"{found[0]:,.1f}", (f"{found[1]:,.1f}",))


def _lines(rows: Sequence[Row], kind: Kind) -> Iterator[Line]:
    for stage in _stages(rows, kind):
        points: dict[int, Point] = {}
        for row in sorted(rows, key=lambda row: row.passages):
            found = spread(_times(row, kind), stage)
            if found is not None and row.passages and found[0] > 0:
                slower = points[row.passages].found.value if row.passages in points else 0.0
                if found[0] > slower:
                    points[row.passages] = Point(row.passages, Interval(found[0], found[0], found[1]))
        if points:
            yield Line(stage, tuple(points.values()))


def _stages(rows: Sequence[Row], kind: Kind) -> list[str]:
    names = dict.fromkeys(name for row in rows for name in _times(row, kind))
    return sorted(names, key=lambda name: name == TOTAL)


def _times(row: Row, kind: Kind) -> Mapping[str, Any]:
    return under(row.summary, WHERE[kind])

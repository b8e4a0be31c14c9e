"""Curves with intervals, in panels. Knows drawings and ink."""

from __future__ import annotations

from math import floor, isnan, nan
from typing import TYPE_CHECKING

from eval.report.drawings import Curves, Line, Point, Scale
from eval.report.pictures import ink
from eval.report.values import share, short, sure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NUDGE = 0.07
"""Steps of a named axis that series stand apart, so that their intervals do not cover one another."""


def figure(drawing: Curves) -> Figure:
    """All panels with shared axes and one legend."""
    alone = len(drawing.panels) == 1
    sheet, panels = ink.frames(len(drawing.panels), 5.2 if alone else 2.75, 3.4 if alone else 2.2)
    for axes, panel in zip(panels, drawing.panels, strict=True):
        ink.bare(axes)
        if not alone or drawing.diagonal:
            axes.set_title(panel.title)
        if drawing.diagonal:
            axes.plot([0, 1], [0, 1], color=ink.SOFT, linewidth=0.8, linestyle=(0, (2, 3)), zorder=1)
        for i, line in enumerate(panel.lines):
            _line(axes, drawing, line, i, (i - (len(panel.lines) - 1) / 2) * NUDGE)
    _axes(panels[0], drawing)
    if drawing.x is Scale.NAMES:
        for axes in panels:
            axes.tick_params(axis="x", labelrotation=32, pad=1)
            for label in axes.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
    sheet.supxlabel(drawing.x_label, fontsize=8.5, color=ink.SOFT)
    sheet.supylabel(drawing.y_label, fontsize=8.5, color=ink.SOFT)
    ink.legend(sheet, panels)
    return sheet


def _line(axes: Axes, drawing: Curves, line: Line, i: int, nudge: float) -> None:
    colour, marker = ink.SERIES[i % len(ink.SERIES)], ink.MARKERS[i % len(ink.MARKERS)]
    shift = nudge if drawing.x is Scale.NAMES else 0.0
    xs = [point.x + shift for point in line.points]
    ys = [point.found.value for point in line.points]
    dash = ink.DASHES[i % len(ink.DASHES)]
    axes.plot(xs[line.alone :], ys[line.alone :], color=colour, linestyle=dash, linewidth=1.3, zorder=3)
    reach = [(x, end) for x, point in zip(xs, line.points, strict=True) if sure(point.found) for end in _ends(point)]
    axes.plot([x for x, _ in reach], [y for _, y in reach], color=colour, linewidth=0.9, marker="_", markersize=3.5)
    for x, point in zip(xs, line.points, strict=True):
        if point.note:
            axes.annotate(
                point.note, (x, point.found.value), (6, -9), textcoords="offset points", fontsize=7, color=ink.SOFT
            )
    axes.plot(
        xs, ys, color=colour, linestyle="none", marker=marker, markersize=4.2, markerfacecolor=_fill(i, colour),
        markeredgecolor=colour, markeredgewidth=1.0, zorder=4,
    )  # fmt: skip
    axes.plot([], [], color=colour, linestyle=dash, linewidth=1.3, marker=marker, markersize=4.2,
              markerfacecolor=_fill(i, colour), label=line.name)  # fmt: skip


def _ends(point: Point) -> tuple[float, float, float]:
    """Both ends, and a gap to the next."""
    return point.found.low, point.found.high, nan


def _fill(i: int, colour: str) -> str:
    return ink.GROUND if i % 2 else colour


def _axes(axes: Axes, drawing: Curves) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

    points = [point for panel in drawing.panels for line in panel.lines for point in line.points]
    if drawing.x is Scale.NAMES:
        axes.set_xticks(range(len(drawing.names)), drawing.names)
        axes.set_xlim(-0.4, len(drawing.names) - 0.6)
    elif drawing.x is Scale.LOG:
        axes.set_xscale("log")
        sizes = sorted({point.x for point in points})
        axes.xaxis.set_major_locator(FixedLocator(_spaced(sizes)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short(round(x))))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(sizes[0] / 1.6, sizes[-1] * 1.6)
    if drawing.y is Scale.LOG:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.6g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif drawing.shares:
        ends = [end for point in points for end in (point.found.value, point.found.low) if not isnan(end)]
        least = min(ends)
        axes.set_ylim(0 if least < 0.4 else floor(least * 10 - 0.01) / 10, 1.02)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _tick(y)))
    if drawing.diagonal:
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.05)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _tick(x)))


def _tick(value: float) -> str:
    return share(value).rstrip("0").rstrip(".") or "0"


def _spaced(sizes: list[float]) -> list[float]:
    """Sizes far enough apart for their labels: at most seven."""
    apart = max(2.5, (sizes[-1] / sizes[0]) ** (1 / 6)) if sizes else 0.0
    kept: list[float] = []
    for size in sizes:
        if not kept or size >= kept[-1] * apart:
            kept.append(size)
    return kept

"""Dots with intervals, a row each, panels side by side. Knows drawings and ink."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from eval.report.drawings import Dots
from eval.report.pictures import ink
from eval.report.values import share, sure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eval.intervals import Interval


def figure(drawing: Dots) -> Figure:
    """All panels; rows from the top down in their order."""
    height = 0.55 + (0.19 if len(drawing.series) == 1 else 0.27) * len(drawing.rows)
    sheet, panels = ink.frames(len(drawing.panels), 2.9 if len(drawing.panels) > 2 else 3.6, height)
    for axes, (title, rows) in zip(panels, drawing.panels, strict=True):
        ink.bare(axes)
        axes.grid(visible=False, axis="y")
        axes.grid(axis="x", color=ink.RULE, linewidth=0.6)
        axes.spines["left"].set_visible(False)
        axes.set_title(title)
        axes.tick_params(axis="y", length=0, labelcolor=ink.INK)
        if drawing.zero:
            axes.axvline(0, color=ink.SOFT, linewidth=0.9)
        for j, name in enumerate(drawing.series):
            _series(axes, [row[j] for row in rows], j, (j - (len(drawing.series) - 1) / 2) * 0.3, name)
    panels[0].set_yticks(range(len(drawing.rows)), drawing.rows)
    panels[0].set_ylim(len(drawing.rows) - 0.4, -0.6)
    _shares(panels[0], signs=drawing.zero)
    sheet.supxlabel(drawing.x_label, fontsize=8.5, color=ink.SOFT)
    ink.legend(sheet, panels)
    return sheet


def _series(axes: Axes, found: list[Interval | None], j: int, offset: float, name: str) -> None:
    colour, marker = ink.SERIES[j % len(ink.SERIES)], ink.MARKERS[j % len(ink.MARKERS)]
    ground = ink.GROUND if j % 2 else colour
    style = {"color": colour, "marker": marker, "markerfacecolor": ground, "markersize": 4.4}
    known = [(i + offset, one) for i, one in enumerate(found) if one is not None]
    reach = [(end, y) for y, one in known if sure(one) for end in (one.low, one.high, nan)]
    axes.plot([x for x, _ in reach], [y for _, y in reach], color=colour, linewidth=1.1, zorder=2)
    axes.plot([one.value for _, one in known], [y for y, _ in known], linestyle="none", zorder=3, **style)  # type: ignore[arg-type]
    axes.plot([], [], linewidth=1.1, label=name, **style)  # type: ignore[arg-type]


def _shares(axes: Axes, signs: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def said(value: float, _: int) -> str:
        text = share(round(value, 4)).rstrip("0").rstrip(".") or "0"
        return f"+{text}" if signs and value > 1e-9 else text

    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(said))

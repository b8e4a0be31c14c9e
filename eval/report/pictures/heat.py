"""Heat maps with their values and intervals in the cells. Knows drawings and ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eval.report.drawings import Grid, Heat, level
from eval.report.pictures import ink
from eval.report.values import between, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from eval.intervals import Interval

WIDE, HIGH = 0.82, 0.44
"""Inches of a cell."""


def figure(drawing: Heat) -> Figure:
    """All grids, each with its own rows and columns."""
    columns = max(len(grid.columns) for grid in drawing.grids)
    rows = max(len(grid.rows) for grid in drawing.grids)
    longest = max(len(name) for grid in drawing.grids for name in grid.rows)
    width = max(1.7, WIDE * columns) + 0.075 * longest + 0.4
    sheet, panels = ink.frames(len(drawing.grids), width, HIGH * rows + 0.6, share=(False, False))
    for axes, grid in zip(panels, drawing.grids, strict=True):
        _grid(axes, grid, rows, columns)
    sheet.supxlabel(drawing.column_label, fontsize=8.5, color=ink.SOFT)
    sheet.supylabel(drawing.row_label, fontsize=8.5, color=ink.SOFT)
    return sheet


def _grid(axes: Axes, grid: Grid, rows: int, columns: int) -> None:
    axes.set_title(grid.title)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=ink.INK, top=True, labeltop=True, bottom=False, labelbottom=False, pad=1)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_xticks([i + 0.5 for i in range(len(grid.columns))], grid.columns)
    axes.set_yticks([i + 0.5 for i in range(len(grid.rows))], grid.rows)
    for i, line in enumerate(grid.cells):
        for j, found in enumerate(line):
            if found is not None:
                _cell(axes, found, i, j)


def _cell(axes: Axes, found: Interval, i: int, j: int) -> None:
    from matplotlib.patches import Rectangle

    shade = level(found.value)
    colour = ink.GROUND if shade >= ink.LIGHT_TEXT else ink.INK
    axes.add_patch(
        Rectangle(
            (j + 0.02, i + 0.03), 0.96, 0.94, facecolor=ink.SHADES[shade], edgecolor=ink.RULE, linewidth=0.6,
            hatch=ink.HATCHES[shade] or None,
        )
    )  # fmt: skip
    for text, down, large in ((share(found.value), 0.38, 8.5), (between(found), 0.72, 5.8)):
        said = axes.text(j + 0.5, i + down, text, ha="center", va="center", fontsize=large, color=colour)
        said.set_in_layout(False)
        if ink.HATCHES[shade]:
            said.set_bbox({"boxstyle": "square,pad=0.15", "facecolor": ink.SHADES[shade], "edgecolor": "none"})

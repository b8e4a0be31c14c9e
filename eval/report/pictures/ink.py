"""How pictures look: colours, markers, dashes, frames, and figures turned into bytes.

Each series differs by marker, dash and lightness, never by hue alone, so that all of it reads in black and white.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, RULE, GROUND = "#22262b", "#666b73", "#d6d3cc", "#fefefe"
SERIES = ("#1d4f7c", "#b5541c", "#3f7d58", "#7a4b8c", "#8a7a1f", "#4c8f9e")
SHADES = ("#fdfdfb", "#f1e8da", "#e5d2b5", "#d6b286", "#bd8552", "#8c4f2a")
LIGHT_TEXT = 5
"""From this shade on, text stands light on dark."""
HATCHES = ("", "", "", "", "", "////")
MARKERS = "os^Dv*"
DASHES: tuple[Any, ...] = ("solid", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (3, 1)), (0, (8, 3)))
DPI = 160


@contextmanager
def settings() -> Iterator[None]:
    """Matplotlib's settings while a picture is drawn: its own font, no formulas in texts, the same bytes every time."""
    import matplotlib

    ours = {
        "font.family": "DejaVu Sans",
        "font.size": 8.5,
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": SOFT,
        "axes.labelcolor": SOFT,
        "axes.linewidth": 0.7,
        "axes.titlesize": 9,
        "axes.titlecolor": INK,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.unicode_minus": True,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "hatch.linewidth": 0.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "cascade",
    }
    with matplotlib.rc_context(ours), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a set's name may be in any script
        yield


def frames(
    count: int, width: float, height: float, share: tuple[bool, bool] = (True, True)
) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels of this size in inches, at most three a row; `share`: whether x and y axes agree."""
    from matplotlib.figure import Figure

    across = _across(count)
    down = ceil(count / across)
    figure = Figure(figsize=(width * across + 0.4, height * down + 0.3), layout="constrained")
    grid = figure.subplots(down, across, sharex=share[0], sharey=share[1], squeeze=False)
    panels: list[Axes] = list(grid.flat)
    for unused in panels[count:]:
        unused.set_visible(False)
    for above in panels[max(count - across, 0) : (down - 1) * across]:
        above.tick_params(labelbottom=True)
    return figure, panels[:count]


def _across(count: int) -> int:
    """Panels in a row."""
    return count if count < 4 else 3 if count != 4 else 2


def bare(axes: Axes) -> None:
    """A frame with its left and lower line only, and faint rules across."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=2.5, width=0.6)


def legend(figure: Figure, axes: list[Axes]) -> None:
    """One line of names above all panels, each once; nothing where there is but one."""
    found: dict[str, Any] = {}
    for one in axes:
        for handle, name in zip(*one.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    if len(found) > 1:
        figure.legend(
            found.values(),
            found.keys(),
            loc="outside upper left",
            ncols=min(len(found), (3, 4, 6)[_across(len(axes)) - 1]),
            frameon=False,
            handlelength=2.6,
            columnspacing=1.6,
            borderaxespad=0.2,
        )


def png(figure: Figure) -> bytes:
    """The picture on white. Its parts are laid out here, and stay where they are."""
    held = BytesIO()
    figure.savefig(held, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    figure.set_layout_engine("none")
    return held.getvalue()


def svg(figure: Figure, ground: str = "none") -> str:
    """The picture, without a ground unless one is given, its texts as text."""
    held = StringIO()
    figure.savefig(held, format="svg", transparent=ground == "none", facecolor=ground, metadata={"Date": None})
    return held.getvalue()

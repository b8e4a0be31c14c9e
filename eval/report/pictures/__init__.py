"""The one home of matplotlib: a drawing in, a PNG for the folder and an SVG for the page out, or a file by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cascade.errors import UsageError
from eval.report.drawings import Curves, Dots, Drawing, Heat

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture twice: `png` with a white ground, `svg` an element for the page, its colours those of the page.

    A heat map has no `svg`: the page shows it as a table.
    """

    png: bytes
    svg: str


def draw(drawing: Drawing, name: str) -> Drawn:
    """Draw it. `name` makes the ids within the SVG its own. Raises UsageError where matplotlib is not installed."""
    _installed()
    from eval.report.pictures import ink, svg

    with ink.settings():
        figure = _figure(drawing)
        return Drawn(ink.png(figure), svg.tidy(ink.svg(figure), name) if not isinstance(drawing, Heat) else "")


def alone(drawing: Drawing, kind: str) -> bytes:
    """A picture as a file that needs nothing else: `kind` is png or svg. Raises UsageError, as `draw` does."""
    _installed()
    from eval.report.pictures import ink

    with ink.settings():
        figure = _figure(drawing)
        return ink.png(figure) if kind == "png" else ink.svg(figure, ground="white").encode()


def _installed() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError(
            "Pictures take the extra `report`, which is not installed: pip install 'cascade-retrieval[report]'."
        ) from None


def _figure(drawing: Drawing) -> Figure:
    from eval.report.pictures import curves, dots, heat

    if isinstance(drawing, Curves):
        return curves.figure(drawing)
    return dots.figure(drawing) if isinstance(drawing, Dots) else heat.figure(drawing)

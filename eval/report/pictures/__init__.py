"""The one home of matplotlib: a drawing in, a PNG for the folder and an SVG for the page out."""

from __future__ import annotations

from dataclasses import dataclass

from cascade.errors import UsageError
from eval.report.drawings import Curves, Dots, Drawing, Heat


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture twice: `png` with a white ground, `svg` an element for the page, its colours those of the page.

    A heat map has no `svg`: the page shows it as a table.
    """

    png: bytes
    svg: str


def draw(drawing: Drawing, name: str) -> Drawn:
    """Draw it. `name` makes the ids within the SVG its own. Raises UsageError where matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError(
            "Pictures take the extra `report`, which is not installed: pip install 'cascade-retrieval[report]'."
        ) from None
    from eval.report.pictures import curves, dots, heat, ink, svg

    with ink.settings():
        if isinstance(drawing, Curves):
            figure = curves.figure(drawing)
        elif isinstance(drawing, Dots):
            figure = dots.figure(drawing)
        else:
            figure = heat.figure(drawing)
        return Drawn(ink.png(figure), svg.tidy(ink.svg(figure), name) if not isinstance(drawing, Heat) else "")

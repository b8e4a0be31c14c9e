"""Pictures: both forms, the same bytes every time, told apart without colour, and safe whatever a name says."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from itertools import pairwise
from math import nan
from xml.etree import ElementTree

import pytest
from PIL import Image

from eval.intervals import Interval
from eval.report.drawings import LEVELS, Curves, Dots, Drawing, Grid, Heat, Line, Panel, Point, Scale, level
from eval.report.pictures import alone, draw, ink

SURE, BARE = Interval(0.9, 0.85, 0.94), Interval(0.3, nan, nan)
NASTY = "<script>alert('$x^2$')</script> & 日本"


def line(name: str, *values: Interval) -> Line:
    return Line(name, tuple(Point(10.0 ** (3 + i), one) for i, one in enumerate(values)))


DRAWINGS: dict[str, Drawing] = {
    "curves": Curves((Panel(NASTY, (line("one", SURE, BARE), line(NASTY, BARE))),), "size", "share"),
    "one point": Curves((Panel("", (line("one", SURE),)),), "size", "share"),
    "times": Curves((Panel("", (line("one", Interval(40, 40, 60)),)),), "size", "ms", y=Scale.LOG, shares=False),
    "names": Curves(
        tuple(Panel(f"p{i}", (Line("l", (Point(0, SURE), Point(2, BARE)), 1),)) for i in range(5)),
        "", "share", Scale.NAMES, names=("a", "b", "c"),
    ),
    "reliability": Curves(
        (Panel("all", (Line("l", (Point(0.1, SURE, "12"), Point(0.5, BARE, "3"))),)),), "said", "true", Scale.LINEAR,
        diagonal=True,
    ),
    "dots": Dots((NASTY, "b"), ("x", "y"), (("p", ((SURE, None), (BARE, SURE))),), "score", zero=True),
    "heat": Heat(
        (Grid(NASTY, ("r",), ("1k", "1M"), ((SURE, None),)), Grid("b", ("r",), ("1k",), ((BARE,),))), "y", "x"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_a_png_on_white(name: str) -> None:
    image = Image.open(BytesIO(draw(DRAWINGS[name], "x").png))
    assert image.format == "PNG"
    assert image.size[0] > 300
    assert image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name != "heat"])
def test_the_svg_is_well_formed_and_its_ids_are_its_own(name: str) -> None:
    svg = draw(DRAWINGS[name], "fig").svg
    root = ElementTree.fromstring(svg)
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids)) > 0
    assert all(one.startswith("fig-") for one in ids)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg)) <= set(ids)


def test_a_heat_map_is_a_table_on_the_page_so_it_has_no_svg() -> None:
    assert draw(DRAWINGS["heat"], "x").svg == ""


@pytest.mark.parametrize("name", ["curves", "dots"])
def test_names_stay_text_and_are_no_markup_and_no_formula(name: str) -> None:
    svg = draw(DRAWINGS[name], "x").svg
    assert "<script" not in svg
    texts = [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("text")]
    assert texts.count(NASTY) == 1


def test_colours_and_fonts_are_those_of_the_page() -> None:
    svg = draw(DRAWINGS["curves"], "x").svg
    assert f"var(--series-0, {ink.SERIES[0]})" in svg
    assert f"var(--ink, {ink.INK})" in svg
    assert "DejaVu" not in svg
    bare = re.sub(r"var\(--[a-z0-9-]+, #[0-9a-f]{6}\)", "", svg)
    assert not [colour for colour in (*ink.SERIES, ink.INK, ink.SOFT, ink.RULE) if colour in bare]


def test_the_same_drawing_gives_the_same_bytes() -> None:
    first, again = (draw(DRAWINGS["dots"], "x") for _ in range(2))
    assert first == again


def test_series_differ_without_colour() -> None:
    count = len(ink.SERIES)
    looks = {(ink.MARKERS[i % len(ink.MARKERS)], str(ink.DASHES[i % len(ink.DASHES)])) for i in range(count)}
    assert len(looks) == count


def test_shades_darken_in_steps_that_grey_keeps_and_the_last_is_hatched() -> None:
    grey = [0.299 * int(c[1:3], 16) + 0.587 * int(c[3:5], 16) + 0.114 * int(c[5:], 16) for c in ink.SHADES]
    assert all(lighter - darker > 12 for lighter, darker in pairwise(grey))
    assert [bool(one) for one in ink.HATCHES] == [False] * 5 + [True]
    assert len(ink.SHADES) == len(ink.HATCHES) == len(LEVELS) + 1


@pytest.mark.parametrize(
    ("share", "shade"),
    [(1.0, 0), (0.99, 0), (0.98999, 1), (0.95, 1), (0.9, 2), (0.75, 3), (0.5, 4), (0.4999, 5), (0.0, 5)],
)
def test_a_share_has_the_shade_of_the_step_it_reaches(share: float, shade: int) -> None:
    assert level(share) == shade


def test_without_matplotlib_the_extra_is_named() -> None:
    script = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from eval.report.pictures import draw\nfrom eval.report.drawings import Heat\n"
        "from cascade.errors import UsageError\n"
        "try: draw(Heat((), '', ''), 'x')\nexcept UsageError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'cascade-retrieval[report]'" in done.stdout


def test_importing_the_report_loads_no_matplotlib() -> None:
    script = "import sys, eval.report.build, eval.report.pictures.curves\nassert 'matplotlib' not in sys.modules\n"
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_by_itself_stands_on_white_and_has_the_same_bytes_every_time(kind):
    raw = alone(DRAWINGS["curves"], kind)
    assert raw == alone(DRAWINGS["curves"], kind)
    if kind == "png":
        assert Image.open(BytesIO(raw)).getpixel((0, 0))[:3] == (255, 255, 255)
    else:
        assert b"fill: #ffffff" in raw
        assert ElementTree.fromstring(raw).tag == "{http://www.w3.org/2000/svg}svg"

"""Matplotlib's SVG made fit to stand within a page: its own ids, the page's font, colours that follow dark mode.

Knows text only. Matplotlib escapes what it writes; nothing is taken apart here but ids, colours and the head.
"""

from __future__ import annotations

import re

from eval.report.pictures import ink

NAMES = {ink.INK: "ink", ink.SOFT: "soft", ink.RULE: "rule", ink.GROUND: "ground"}
PIXELS = 4 / 3
"""Of a point."""
LEAST = 0.72
"""Of its own width is what a picture shrinks to on a narrow screen, where it scrolls: its texts stay legible."""
VARIABLES = {
    **NAMES,
    **{colour: f"series-{i}" for i, colour in enumerate(ink.SERIES)},
    **{colour: f"shade-{i}" for i, colour in enumerate(ink.SHADES)},
}


def tidy(text: str, name: str) -> str:
    """The svg element alone. Ids get `name` before them, colours become `var(--ink, #22262b)`."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r"""font-family: ?[^;"]+""", "font-family: inherit", text)
    text = re.sub(r"""font: ([^'";]*?)(?:'[^']*'|DejaVu)[^;"]*""", r"font: \1 var(--figures, sans-serif)", text)
    for colour, variable in VARIABLES.items():
        text = re.sub(rf"(: ?){colour}\b", rf"\1var(--{variable}, {colour})", text)
    return re.sub(r'<svg [^>]*?viewBox="0 0 ([\d.]+) [^>]*>', _opened, text, count=1)


def _opened(found: re.Match[str]) -> str:
    box = found.group(0).partition('viewBox="')[2].partition('"')[0]
    width = round(float(found.group(1)) * PIXELS)
    sized = f"max-width: {width}px; min-width: {round(width * LEAST)}px"
    return f'<svg aria-hidden="true" focusable="false" viewBox="{box}" style="{sized}">'

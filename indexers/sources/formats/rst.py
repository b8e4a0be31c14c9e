"""reStructuredText: the file's own text, its section titles as marks.

The rules are those of docutils (docs/ref/rst/restructuredtext.html, "Sections"): a title is underlined, or over- and
underlined, with one repeated punctuation character; the order in which the styles first appear gives the levels.
"""

from __future__ import annotations

import re
import unicodedata

from indexers.records import Kind, Mark
from indexers.sources.document import Document
from indexers.sources.lineup import starts

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*$")
_ROLE = re.compile(
    r":[\w:+.-]+:`([^`<]*?)(?:\s*<[^>]*>)?`|``([^`]*)``|`([^`<]*?)(?:\s*<[^>]*>)?`_{0,2}|(\*\*?)([^*]+)\4"
)
_SHORTEST = 4
"""An underline shorter than its title makes a title all the same from this length on, as in docutils."""


def read(text: str) -> Document:
    """The Document of a reStructuredText text; its title is the first section's."""
    lines = [line.rstrip() for line in text.split("\n")]
    begin = starts(text)
    styles: list[str] = []
    marks: list[Mark] = []
    at = 0
    while at < len(lines):
        found = _over(lines, at) or _under(lines, at)
        if found is None:
            at += 1
            continue
        style, title, height = found
        if style not in styles:
            styles.append(style)
        marks.append(Mark(begin[at], styles.index(style) + 1, _plain(title)))
        at += height
    title = marks[0].name if marks else ""
    return Document(text, title, kind=Kind.RST, marks=tuple(marks))


def _over(lines: list[str], at: int) -> tuple[str, str, int] | None:
    """A title between two equal adornments that starts on this line: style, title, lines taken."""
    if at + 2 >= len(lines) or not _fresh(lines, at) or not _ADORNMENT.match(lines[at]):
        return None
    title, under = lines[at + 1], lines[at + 2]
    if not title.strip() or under != lines[at] or (_width(title) > len(under) and len(under) < _SHORTEST):
        return None
    return under[0] * 2, title.strip(), 3


def _under(lines: list[str], at: int) -> tuple[str, str, int] | None:
    """A title with an adornment below it that starts on this line."""
    if at + 1 >= len(lines) or not _fresh(lines, at):
        return None
    title, under = lines[at], lines[at + 1]
    if not title or title[0].isspace() or not _ADORNMENT.match(under) or _explicit(title):
        return None
    if _ADORNMENT.match(title) and len(title) >= _SHORTEST:
        return None
    return (under[0], title, 2) if len(under) >= min(_width(title), _SHORTEST) else None


def _fresh(lines: list[str], at: int) -> bool:
    """Whether a block can begin on this line: an empty one, an indented block or a title's underline is above it."""
    above = lines[at - 1] if at else ""
    return not above or bool(_ADORNMENT.match(above)) or above[0].isspace() or _explicit(above)


def _explicit(line: str) -> bool:
    return line.startswith((".. ", "- ", "* ", "+ ")) or line == ".."


def _width(title: str) -> int:
    """Columns a title takes: two for each wide East Asian character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in title)


def _plain(title: str) -> str:
    said = _ROLE.sub(lambda found: next(filter(None, (found[1], found[2], found[3], found[5])), ""), title)
    return " ".join(said.split())

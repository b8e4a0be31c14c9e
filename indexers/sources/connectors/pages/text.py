"""HTML to the text that a person sees.

Scripts, styles and what is hidden (see `unseen`) are dropped: text that a person does not see is how instructions to a
model are smuggled in.
"""

from __future__ import annotations

import re

from indexers.sources.connectors.pages import unseen
from indexers.sources.decode import clean
from indexers.sources.formats.html import nested

_DROPPED = "script, style, head, title, template, noscript, svg, iframe, object, [aria-hidden=true]"
_BLOCKS = "p, div, li, tr, h1, h2, h3, h4, h5, h6, blockquote, pre, section, article, br, hr, dt, dd"
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_DEEPEST = 500


def plain(html: str) -> str:
    """The visible text of a page or a piece of one, a line a block. Never raises."""
    from selectolax.lexbor import LexborHTMLParser

    html = clean(html)
    if "<" not in html and "&" not in html:
        return tidy(html)
    if deep(html):
        return tidy(re.sub(r"<[^<>]*>", " ", html))
    page = LexborHTMLParser(html)
    for node in page.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    unseen.hide(page, _DROPPED)
    root = page.body or page.root
    return tidy(root.text() if root else "")


def tidy(text: str) -> str:
    """One space where there are several of any kind, no empty lines, nothing invisible."""
    return _LINES.sub("\n", _SPACES.sub(" ", unseen.visible(clean(text)))).strip()


def deep(html: str, most: int = _DEEPEST) -> bool:
    """Whether elements lie deeper in one another than people nest them; a parser's time grows with the square of it."""
    return nested(html.encode("utf-8", "replace"), most)

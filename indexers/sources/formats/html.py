"""HTML: what a person reads of a page, with its headings as marks, tables row by row and code as it stands.

Scripts, styles, navigation, forms and hidden parts are dropped; where the page names its main part, the rest is too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from indexers.sources.dates import iso
from indexers.sources.decode import decode
from indexers.sources.document import Builder, Document
from indexers.sources.words import words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_DROPPED = words(
    """script style nav noscript template svg iframe object canvas audio video button select input textarea
    head footer aside dialog -comment -undef"""
)
_BLOCKS = words(
    """address article blockquote body center dd details div dl dt fieldset figcaption figure form header hgroup hr
    html main ol p section summary table tbody td tfoot th thead tr ul"""
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding=[\"']([\w.:-]+)", re.IGNORECASE
)
_MAIN = ("main", "[role=main]", "article")
_DATES = (
    "article:modified_time", "article:published_time", "date", "dc.date", "dcterms.date", "dcterms.modified",
    "last-modified", "pubdate", "og:updated_time",
)  # fmt: skip
_SPACES = re.compile(r"[ \t\r\n\f\v]+")


def read(data: bytes) -> Iterator[Document]:
    """The Document of a page. Its title is `<title>`, else the first heading; its time that of its `<meta>` tags."""
    decoded = decode(data, hint=_hint(data))
    page = _parse(decoded.text)
    builder = Builder()
    Writer(builder).write(_main(page))
    heading = page.css_first("h1")
    title = _title(page) or (_said(heading) if heading else "")
    root = page.root
    language = (root.attributes.get("lang") or "") if root is not None else ""
    document = builder.build(title, _time(page), encoding=decoded.note)
    yield replace(document, language=language.split("-")[0].lower()[:8])


def chapter(builder: Builder, data: bytes) -> None:
    """Add one page of a book to what is being built; a page without headings is marked with its title."""
    page = _parse(decode(data, hint=_hint(data)).text)
    if page.css_first("h1, h2, h3, h4, h5, h6") is None and (title := _title(page)):
        builder.mark(1, title)
    if page.body is not None:
        Writer(builder).write(page.body)


def _hint(data: bytes) -> str:
    """The encoding a page says it is in; empty where it says none."""
    found = _CHARSET.search(data[:2048])
    return (found.group(1) or found.group(2)).decode("ascii", "replace") if found else ""


def _parse(text: str) -> LexborHTMLParser:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(text)


def _main(page: LexborHTMLParser) -> LexborNode:
    for selector in _MAIN:
        found = page.css(selector)
        if len(found) == 1 and found[0].text(strip=True):
            return found[0]
    body = page.body
    if body is None:
        raise ValueError("it has no body")
    return body


def _title(page: LexborHTMLParser) -> str:
    title = page.css_first("head > title, title")
    return _said(title) if title else ""


def _said(node: LexborNode) -> str:
    return _SPACES.sub(" ", "".join(_texts(node))).strip()


def _texts(node: LexborNode) -> Iterator[str]:
    """Text below a node, but for what is dropped and the `¶` that links to a heading."""
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            yield child.text_content or ""
        elif not _hidden(child):
            yield " " if child.tag == "br" else ""
            yield from _texts(child)


def _hidden(node: LexborNode) -> bool:
    if node.tag in _DROPPED:
        return True
    about = node.attributes
    return bool(about) and (
        "hidden" in about
        or about.get("aria-hidden") == "true"
        or about.get("role") in {"navigation", "search"}
        or "headerlink" in (about.get("class") or "")
    )


def _time(page: LexborHTMLParser) -> str:
    metas: dict[str, str] = {}
    for meta in page.css("meta[content]"):
        about = meta.attributes
        name = next(filter(None, map(about.get, ("property", "name", "http-equiv", "itemprop"))), "")
        metas.setdefault(name.lower(), about.get("content") or "")
    return next((found for name in _DATES if (found := iso(metas.get(name)))), "")


class Writer:
    """Walks a page and builds its text. Inline text is gathered until a block ends."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._inline: list[str] = []

    def write(self, node: LexborNode) -> None:
        """Everything readable below a node."""
        self._children(node)
        self._flush()

    def _children(self, node: LexborNode) -> None:
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._inline.append(child.text_content or "")
            elif not _hidden(child):
                self._element(child, child.tag or "")

    def _element(self, node: LexborNode, tag: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._builder.heading(_HEADINGS[tag], _said(node))
        elif tag == "pre":
            self._flush()
            self._builder.block("".join(_texts(node)).strip("\n"))
        elif tag == "table" and node.css_first("table table, h1, h2, h3, h4, pre, ul, ol") is None:
            self._flush()
            self._table(node)
        elif tag == "li":
            self._flush()
            self._inline.append("- ")
            self._children(node)
            self._flush(close=True)
        elif tag in _BLOCKS:
            self._flush()
            self._children(node)
            self._flush()
        else:
            self._inline.append("\n" if tag == "br" else "")
            self._children(node)

    def _table(self, table: LexborNode) -> None:
        for caption in table.css("caption"):
            self._builder.block(_said(caption))
        for row in table.css("tr"):
            self._builder.row(_said(cell) for cell in row.css("th, td"))

    def _flush(self, close: bool = False) -> None:
        if self._inline:
            text = _SPACES.sub(" ", "".join(self._inline)).strip()
            self._inline.clear()
            if text != "-":
                self._builder.block(text, close=close or text.startswith("- "))

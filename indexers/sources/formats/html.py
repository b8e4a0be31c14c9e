"""HTML: what a person reads of a page, with its headings as marks, tables row by row and code as it stands.

Scripts, styles, navigation, forms and hidden parts are dropped; where the page names its main part, the rest is too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from indexers.sources.dates import iso
from indexers.sources.decode import decode
from indexers.sources.document import Builder, Document
from indexers.sources.faults import Unreadable
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
_BREAKING = _BLOCKS | _HEADINGS.keys() | {"pre", "table", "li"}
_NESTING = re.compile(
    rb"<(/?)(address|article|aside|big|blockquote|center|code|details|dialog|dir|div|dl|em|fieldset|figcaption|figure|font"
    rb"|footer|header|hgroup|listing|main|menu|nav|ol|optgroup|rp|rt|ruby|search|section|select|small|span|strong|sub"
    rb"|summary|sup|table|tt|ul|[abiu])"
    rb"(?=[\s/>])",
    re.IGNORECASE,
)
"""Elements that the parser looks through, one by one, for a paragraph to be closed when another of them opens (measured
with each of HTML: 40,000 `<div>` take 10 s), and those that people nest besides."""
_ENDING = {b"ruby": (b"rt", b"rp"), b"select": (b"optgroup",)}
"""Elements that begin anew what need not be ended within them."""
_DEEPEST = 2_000
"""Elements inside one another. Browsers stop at 512; the parser's time grows with the square of it."""
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
    _refuse_depth(data)
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
    _refuse_depth(data)
    page = _parse(decode(data, hint=_hint(data)).text)
    if page.css_first("h1, h2, h3, h4, h5, h6") is None and (title := _title(page)):
        builder.mark(1, title)
    if page.body is not None:
        Writer(builder).write(page.body)


def _hint(data: bytes) -> str:
    """The encoding a page says it is in; empty where it says none."""
    found = _CHARSET.search(data[:2048])
    return (found.group(1) or found.group(2)).decode("ascii", "replace") if found else ""


def nested(data: bytes, most: int) -> bool:
    """Whether more than `most` elements lie in one another. An end tag counts where its element is open."""
    depth = 0
    opened: dict[bytes, int] = {}
    for tag in _NESTING.finditer(data):
        name = tag.group(2).lower()
        count = opened.get(name, 0)
        if name in _ENDING:
            depth -= sum(opened.pop(inner, 0) for inner in _ENDING[name])
        elif not tag.group(1):
            opened[name] = count + 1
            depth += 1
            if depth > most:
                return True
        elif count:
            opened[name] = count - 1
            depth -= 1
    return False


def _refuse_depth(data: bytes) -> None:
    if nested(data, _DEEPEST):
        raise Unreadable(f"Its elements are nested more than {_DEEPEST:,} deep, as no page is that people read.")


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
    waiting = _children(node)
    while waiting:
        child = waiting.pop()
        if child.tag == "-text":
            yield child.text_content or ""
        elif child.tag == "br":
            yield " "
        elif not _hidden(child):
            waiting.extend(_children(child))


def _children(node: LexborNode) -> list[LexborNode]:
    """Children last first, to be popped in order: pages nest deeper than Python's stack."""
    return list(node.iter(include_text=True))[::-1]


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


class _End(Enum):
    """Stands in line behind the children of an element, for where it ends."""

    BLOCK = auto()
    ITEM = auto()


class Writer:
    """Walks a page and builds its text. Inline text is gathered until a block ends."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._inline: list[str] = []

    def write(self, node: LexborNode) -> None:
        """Everything readable below a node."""
        waiting: list[LexborNode | _End] = [*_children(node)]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, _End):
                self._flush(close=thing is _End.ITEM)
            elif thing.tag == "-text":
                self._inline.append(thing.text_content or "")
            elif not _hidden(thing):
                waiting.extend(self._element(thing, thing.tag or ""))
        self._flush()

    def _element(self, node: LexborNode, tag: str) -> list[LexborNode | _End]:
        """Takes an element whole, or says what to go on with, last first."""
        if tag == "br":
            self._inline.append("\n")
            return []
        if tag not in _BREAKING:
            return [*_children(node)]
        self._flush()
        if tag in _HEADINGS:
            self._builder.heading(_HEADINGS[tag], _said(node))
        elif tag == "pre":
            self._builder.block("".join(_texts(node)).strip("\n"))
        elif tag == "table" and node.css_first("table table, h1, h2, h3, h4, pre, ul, ol") is None:
            self._table(node)
        else:
            if tag == "li":
                self._inline.append("- ")
            return [_End.ITEM if tag == "li" else _End.BLOCK, *_children(node)]
        return []

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

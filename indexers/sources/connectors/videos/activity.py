"""One activity as Google tells it: "Watched X", "Searched for Y", with its address, its time and what it belongs to.

The same shape stands in `My Activity/*/MyActivity.json` and `YouTube .../history/{watch,search}-history.json`, and as a
card in the `.html` variants of both. File and folder names, and the verbs in titles, are in the account's language.

JSON: one list, newest first, of
    {"header": "YouTube", "title": "Watched ...", "titleUrl": URL, "subtitles": [{"name": CHANNEL, "url": URL}],
     "time": "2024-05-01T08:30:00.123Z", "products": ["YouTube"], "details": [{"name": "From Google Ads"}],
     "activityControls": ["YouTube watch history"], "description"?, "locationInfos"?, "safeHtmlItem"?: [{"html": ...}]}
Until about 2017 the element is `{"snippet": {"title", "publishedAt", ...}}` without a header.
A form of 2026-09 has neither `titleUrl` nor `subtitles`; the address stands in the title (one third-party test file).

HTML: `<div class="outer-cell ...">` holding `<p class="mdl-typography--title">HEADER<br></p>`, a
`<div class="content-cell ... mdl-typography--body-1">` =
`Watched&nbsp;<a href>TITLE</a><br><a href>CHANNEL</a><br>DATE`, and a
`<div class="content-cell ... mdl-typography--caption">` = `<b>Products:</b><br>&emsp;YouTube<br><b>Details:</b>...`.
DATE until 2018 has no zone and is UTC; until 2020 it says UTC; since then it has the offset of the exporter at the time
of the export (clock/zones.py). In an answer of an assistant the reply follows the date.

What an activity means is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.clock import localised, written
from indexers.sources.connectors.pages import deep, plain
from indexers.sources.connectors.streams import listing, mappings
from indexers.sources.decode import clean

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

OPENING = b'<div class="outer-cell'
"""Where a card of the HTML begins."""

KEYS = frozenset({
    "header", "title", "titleUrl", "subtitles", "time", "products", "details", "activityControls", "description",
    "locationInfos", "imageFile", "audioFiles", "attachedFiles", "safeHtmlItem", "snippet",
})  # fmt: skip
"""What an element of the JSON is known to have."""

_LONGEST = 20_000
_LONGEST_REPLY = 200_000
_BLOCKS = frozenset({"p", "ul", "ol", "pre", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "div"})
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. `link_text`: the part of the title that is a link, where the export marks it (HTML alone)."""

    header: str
    title: str
    url: str
    moment: Moment
    subtitles: tuple[tuple[str, str], ...] = ()
    details: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    reply: str = ""
    link_text: str = ""

    @property
    def advertised(self) -> bool:
        """Whether an advertiser put it there ("From Google Ads"; the product's name is the same in every language)."""
        return any("google ads" in detail.casefold() or "google 広告" in detail.casefold() for detail in self.details)


def from_json(value: object) -> Activity | None:
    """The activity of a JSON element; None where it is none (no title, no time)."""
    if not isinstance(value, dict):
        return None
    inner = value.get("snippet")
    body: dict[str, Any] = inner if isinstance(inner, dict) else value
    title, time = _text(body.get("title")), body.get("time") or body.get("publishedAt")
    if not title or not isinstance(time, str):
        return None
    url = _text(body.get("titleUrl"))
    if not url and (found := _ADDRESS.search(title)):
        url = found.group()
    subtitles = tuple((_text(s.get("name")), _text(s.get("url"))) for s in mappings(body.get("subtitles")))
    return Activity(
        header=_text(body.get("header")) or ("YouTube" if body is inner else ""),
        title=title,
        url=url,
        moment=written(time, naive=Basis.UTC),
        subtitles=tuple((name, link) for name, link in subtitles if name),
        details=tuple(_text(detail.get("name")) for detail in mappings(body.get("details"))),
        products=tuple(_text(product) for product in listing(body.get("products"))),
        reply="\n".join(_replied(body.get("safeHtmlItem"))),
    )


def _replied(value: object) -> Iterator[str]:
    """What an assistant said: a list of HTML, or one piece of it."""
    for part in [value] if isinstance(value, dict) else mappings(value):
        said = part.get("html") or part.get("htmlValue")
        if isinstance(said, str):
            yield plain(said[:_LONGEST_REPLY])


def _text(value: object) -> str:
    return " ".join(clean(value[:_LONGEST]).split()) if isinstance(value, str) else ""


def from_html(card: bytes, owner: str = "") -> Activity | None:
    """The activity of a card; None where it is none. `owner`: the owner's zone, for abbreviations that are unclear."""
    from selectolax.lexbor import LexborHTMLParser

    html = card.decode("utf-8", "replace")
    if deep(html):
        return None
    page = LexborHTMLParser(html)
    header = page.css_first("p.mdl-typography--title")
    bodies = [
        node
        for node in page.css("div.content-cell.mdl-typography--body-1")
        if "text-right" not in (node.attributes.get("class") or "")
    ]
    if not bodies:
        return None
    lines = _lines(bodies[0])
    at, moment = _dated(lines, owner)
    if at < 1:
        return None
    caption = page.css_first("div.content-cell.mdl-typography--caption")
    products, details = _caption(caption) if caption is not None else ((), ())
    title = lines[0]
    found = None if title.url else _ADDRESS.search(title.said)
    return Activity(
        header=_text(header.text()) if header is not None else "",
        title=title.said,
        url=title.url or (found.group() if found else ""),
        moment=moment,
        subtitles=tuple((line.said, line.url) for line in lines[1:at] if line.said),
        details=details,
        products=products,
        reply="\n".join(line.said for line in lines[at + 1 :] if line.said),
        link_text=title.linked,
    )


@dataclass(slots=True)
class _Line:
    said: str = ""
    linked: str = ""
    url: str = ""


def _lines(cell: LexborNode) -> list[_Line]:
    """What stands between the `<br>` of a cell."""
    lines = [_Line()]
    for node in cell.iter(include_text=True):
        if node.tag == "br":
            lines.append(_Line())
            continue
        line = lines[-1]
        if node.tag in _BLOCKS:
            lines.extend(_Line(said) for said in plain((node.html or "")[:_LONGEST_REPLY]).split("\n"))
            lines.append(_Line())
            continue
        said = node.text_content if node.tag == "-text" else node.text(separator=" ")
        if node.tag == "a" and not line.url:
            line.url, line.linked = node.attributes.get("href") or "", _text(said)
        line.said += said or ""
    for line in lines:
        line.said = _text(line.said)
    return lines


def _dated(lines: list[_Line], owner: str) -> tuple[int, Moment]:
    """Which line, after the title, is the date, and the date; -1 where none is."""
    for at, line in enumerate(lines[1:], 1):
        if not line.url and 8 < len(line.said) < 70:
            moment = localised(line.said, owner, naive=Basis.UTC)
            if moment.basis in (Basis.UTC, Basis.OFFSET, Basis.LOCAL):
                return at, moment
    return -1, Moment()


def _caption(cell: LexborNode) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Products and details. Their headings are in the account's language; products come first, locations have links."""
    groups: list[list[str]] = []
    for node in cell.iter(include_text=True):
        if node.tag == "b":
            groups.append([])
        elif node.tag == "-text" and groups and (said := _text(node.text_content or "")):
            groups[-1].append(said)
    if not groups:
        return (), ()
    return tuple(groups[0]), tuple(said for group in groups[1:] for said in group)

"""Articles kept to be read: Pocket and Instapaper.

Pocket, page `ril_export.html`: `<h1>Unread</h1> <ul> <li><a href="URL" time_added="SECONDS" tags="a,b">TITLE</a></li>`;
the read ones stand under `<h1>Read Archive</h1>`. Pocket, table `part_000000.csv`: `title,url,time_added,tags,status`.
Instapaper, table: `URL,Title,Selection,Folder,Timestamp`. Times are seconds since 1970. A page without a title has its
address for one.
"""

from __future__ import annotations

import html
import re

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Item, Kind, Origin, Reader, Things
from indexers.sources.connectors.clock import unix
from indexers.sources.connectors.pages import cleaned, plain
from indexers.sources.connectors.streams import Broken, rows
from indexers.sources.streams import lines

_LONGEST = 1 << 20
_LINK = re.compile(r'<a\s+href="([^"]*)"([^<>]*)>([^<]*)</a>', re.IGNORECASE)
_HEADING = re.compile(r"<h1>([^<]*)</h1>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'(time_added|tags)="([^"]*)"', re.IGNORECASE)


def page_fits(begin: bytes) -> bool:
    """Whether a page that begins like this is Pocket's."""
    return b"<title>Pocket Export" in begin or b"time_added=" in begin


def table_fits(names: list[str]) -> bool:
    """Whether a table with these columns is Pocket's or Instapaper's."""
    return {"url", "time_added", "status"} <= set(names) or {"URL", "Selection", "Folder", "Timestamp"} <= set(names)


def from_page(reader: Reader, file: File) -> Things:
    """The articles of Pocket's page."""
    status = ""
    with reader.open(file) as stream:
        for number, raw in enumerate(lines(stream, _LONGEST), 1):
            line = (raw or b"").decode("utf-8", "replace")
            if heading := _HEADING.search(line):
                status = plain(heading.group(1))
            for url, attributes, title in _LINK.findall(line):
                said = {name.casefold(): html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
                yield _article(
                    reader, f"{file.name}#{number}", (html.unescape(url), plain(title), said.get("time_added", "")),
                    said.get("tags", ""), status,
                )  # fmt: skip


def from_table(reader: Reader, file: File) -> Things:
    """The articles of a table."""
    with reader.open(file) as stream:
        for row in rows(stream):
            if isinstance(row, Broken):
                yield Skipped(reader.source, f"{file.name}#{row.row}", row.reason)
                continue
            cells = {name.casefold(): cell for name, cell in row.cells.items()}
            added = cells.get("time_added") or cells.get("timestamp", "")
            yield _article(
                reader, f"{file.name}#{row.number}", (cells.get("url", ""), cells.get("title", ""), added),
                cells.get("tags", ""), cells.get("status") or cells.get("folder", ""), cells.get("selection", ""),
            )  # fmt: skip


def _article(
    reader: Reader, locator: str, kept: tuple[str, str, str], tags: str, status: str, marked: str = ""
) -> Item | Skipped:
    """`kept` is the address, the title and the time."""
    url, title, added = kept
    link = cleaned(url)
    if link is None:
        return Skipped(reader.source, locator, "Its address is none of the web.", fault=False)
    said = " ".join(title.split())[:500]
    said = said if said and not said.startswith(("http:", "https:")) else link.path or link.url
    labels = [tag.strip() for tag in re.split(r"[,|]", tags) if tag.strip()]
    return Item(
        kind=Kind.READING,
        native=f"article:{link.url[:1_000]}",
        text=f"Kept to read: {said} ({link.site})" + (f"\n{marked}" if marked else ""),
        locator=locator,
        moment=unix(added),
        title=said,
        origin=Origin.OTHER if marked else Origin.MACHINE,
        labels=tuple(labels),
        url=link.url,
        extra={"site": link.site, "status": status[:80]},
    )

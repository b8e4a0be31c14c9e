"""Bookmarks in files of their own.

Chromium: `Bookmarks` of a profile, one JSON object: `{"roots": {"bookmark_bar": NODE, "other": NODE, ...}}`, a node
`{"type": "folder", "name", "children": [NODE, ...]}` or `{"type": "url", "name", "url", "date_added"}`, the time in
microseconds since 1601, as text. Every browser, and Takeout, exports `bookmarks.html`, Netscape's form: a line
`<DT><H3 ...>FOLDER</H3>` opens a folder that `</DL>` closes, `<DT><A HREF="URL" ADD_DATE="SECONDS" ...>TITLE</A>` is a
page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import File, Item, Moment, Reader, Things
from indexers.sources.connectors.browsers.visits import bookmark
from indexers.sources.connectors.clock import Epoch, since, unix
from indexers.sources.connectors.pages import plain
from indexers.sources.decode import clean
from indexers.sources.streams import lines, whole

LARGEST = 64 << 20
_LONGEST_LINE = 1 << 18
_DEEPEST = 60

_PAGE = re.compile(r'<A\s[^<>]*?HREF="([^"]*)"([^<>]*)>([^<]*)</A>', re.IGNORECASE)
_ADDED = re.compile(r'ADD_DATE="(\d+)"', re.IGNORECASE)
_FOLDER = re.compile(r"<H3[^<>]*>([^<]*)</H3>", re.IGNORECASE)


def netscape(begin: bytes) -> bool:
    """Whether a file that begins like this holds bookmarks in Netscape's form."""
    return b"netscape-bookmark-file" in begin[:2_048].lower()


def from_page(reader: Reader, file: File) -> Things:
    """The bookmarks of Netscape's form."""
    folders: list[str] = []
    with reader.open(file) as stream:
        for number, raw in enumerate(lines(stream, _LONGEST_LINE), 1):
            line = (raw or b"").decode("utf-8", "replace")
            if folder := _FOLDER.search(line):
                folders = [*folders[:_DEEPEST], plain(folder.group(1))]
            elif page := _PAGE.search(line):
                added = _ADDED.search(page.group(2))
                moment = unix(added.group(1)) if added else Moment()
                within = "/".join(folders)
                found = bookmark(
                    html.unescape(page.group(1)), plain(page.group(3)), moment, f"{file.name}#{number}", within
                )
                if found:
                    yield found
            elif "</dl>" in line.casefold():
                folders = folders[:-1]


def from_profile(reader: Reader, file: File) -> Things:
    """The bookmarks of a Chromium profile."""
    with reader.open(file) as stream:
        raw = whole(stream, LARGEST)
    try:
        roots = json.loads(raw)["roots"]
        found = list(_nodes(roots, file.name)) if isinstance(roots, dict) else []
    except (ValueError, KeyError, TypeError, RecursionError):
        yield Skipped(reader.source, file.name, "Its bookmarks are not in the form that browsers write.")
        return
    yield from found


def _nodes(roots: dict[str, Any], name: str) -> Iterator[Item]:
    waiting = [(node, "") for node in reversed(list(roots.values())) if isinstance(node, dict)]
    while waiting:
        node, folder = waiting.pop()
        children = node.get("children")
        if isinstance(children, list):
            within = f"{folder}/{clean(str(node.get('name') or ''))}".strip("/")[:200]
            waiting.extend((child, within) for child in reversed(children) if isinstance(child, dict))
        elif isinstance(node.get("url"), str):
            moment = since(Epoch.WINDOWS, node.get("date_added", ""), 1_000_000)
            locator = f"{name}$.{clean(str(node.get('id', ''))[:20])}"
            if found := bookmark(node["url"], str(node.get("name") or ""), moment, locator, folder):
                yield found

"""Notion's export: a zip, in it one or more zips, in them pages as HTML or Markdown and databases as CSV.

- `Export-<uuid>-Part-1.zip` within the zip that Notion sends; in it `Export-<uuid>/Page Title <id>.html` or `.md`, the
  pages below it in a folder of the same name, and files. `<id>` is 32 hexadecimal digits and stays the same between
  exports; the title in the name is cut short, so it is read from the page.
- HTML holds more: `article[id]`, `h1.page-title`, `table.properties` with `tr.property-row-<type>` (times in
  `property-row-created_time` and `-last_edited_time`, `<time>@March 1, 2024 10:30 AM</time>`), to-do boxes as
  `div.checkbox-on`. Markdown begins with the title and has properties as lines `Name: value`.
- a database is `Name <id>.csv` (the view that was shown) and `Name <id>_all.csv` (all rows); its rows are pages too.
- `index.html` is a list of the pages.

Times are wall time. A zip within the zip is held in memory, so one of more than 256 MiB has to be unpacked first.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from html import unescape
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Moment, Reader, Things
from indexers.sources.connectors.clock import localised
from indexers.sources.connectors.notes.noted import LARGEST, moment_of, note
from indexers.sources.decode import decode
from indexers.sources.document import Document
from indexers.sources.faults import FAULTS, sentence
from indexers.sources.formats import html, markdown
from indexers.sources.streams import whole

_PAGE = re.compile(r"(?:^|/)([^/]*?) ?([0-9a-f]{32})(_all)?\.(html|md|csv)$", re.IGNORECASE)
_ID = re.compile(r" ?[0-9a-f]{32}(?=/|$)")
_EXPORT = re.compile(r"(?:^|/)export-[^/]*\.zip$", re.IGNORECASE)
_BOX = re.compile(rb'<div class="checkbox checkbox-(on|off)"></div>')
_TIMES = re.compile(rb'property-row-(created_time|last_edited_time)"?.{0,500}?<time>@?([^<]{4,60})</time>', re.DOTALL)
_LINE = re.compile(r"^(Created|Created time|Date Created|Last edited|Last edited time): (.{4,40})$", re.MULTILINE)
_INWARD = re.compile(r"\[([^\[\]\n]+)\]\([^()\s]*[0-9a-f]{32}\.(?:md|csv|html)\)")
"""A link to another page of the export, of which only its title says something."""
_INNER = 256 << 20
_FAULTS: tuple[type[Exception], ...] = (*FAULTS, RuntimeError, ValueError)
"""Also what a zip with a password raises, and the parser of HTML where a page holds nothing."""
_HEAD = 1 << 20
"""Where the properties of a page stand."""
_Opening = Callable[[], AbstractContextManager[Any]]


def _read(reader: Reader) -> Things:
    files = list(reader.files("*.html", "*.md", "*.csv", "*export-*.zip"))
    complete = {file.name[: -len("_all.csv")] for file in files if file.path.endswith("_all.csv")}
    for file in files:
        if _EXPORT.search(file.path):
            yield from _inner(reader, file)
        elif _PAGE.search(file.path) and file.name.removesuffix(".csv") not in complete:
            yield from _one(reader, file, partial(reader.open, file))


def _inner(reader: Reader, file: File) -> Things:
    """The pages of a zip that lies in the zip, where the reader does not open it by itself."""
    try:
        with reader.open(file) as stream:
            data = whole(stream, _INNER)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = sorted(info.filename for info in archive.infolist() if _PAGE.search(info.filename))
            complete = {name[: -len("_all.csv")] for name in names if name.endswith("_all.csv")}
            for name in names:
                if name.removesuffix(".csv") not in complete:
                    member = File(f"{file.name}!{name}", archive.getinfo(name).file_size, file.modified)
                    yield from _one(reader, member, partial(archive.open, name))
    except _FAULTS as error:
        yield Skipped(reader.source, file.name, f"{sentence(error)} Unpack it and allow the folder.")


def _one(reader: Reader, file: File, opening: _Opening) -> Iterator[Item | Skipped]:
    try:
        with opening() as stream:
            item = _page(file, whole(stream, LARGEST))
    except _FAULTS as error:
        yield Skipped(reader.source, file.name, sentence(error))
        return
    if item.text.strip():
        yield item
    else:
        yield Skipped(reader.source, file.name, "The page is empty.", fault=False)


def _page(file: File, data: bytes) -> Item:
    found = _PAGE.search(file.path)
    assert found is not None  # none other is asked for
    name, number, _, ending = found.groups()
    native = f"notion:{number.lower()}"
    if ending.lower() == "html":
        return _html(file, data, native, name)
    text = decode(data).text
    if ending.lower() == "csv":
        document = Document(_table(text), name)
        return _placed(note(f"{native}/table", document, file.name, moment_of("", file)), file)
    document = markdown.read(_INWARD.sub(r"\1", text))
    told = {key: localised(value.removeprefix("@")) for key, value in _LINE.findall(text[:4_000])}
    by_rank = sorted(told, key=lambda key: key.startswith("Last"))  # the time of creation where there is one
    created = next((told[key] for key in by_rank if told[key].iso), Moment())
    item = note(native, document, file.name, created if created.iso else moment_of(document.time, file))
    return _placed(replace(item, title=document.title or name), file)


def _html(file: File, data: bytes, native: str, name: str) -> Item:
    told = {kind: localised(unescape(when.decode("utf-8", "replace"))) for kind, when in _TIMES.findall(data[:_HEAD])}
    created = told.get(b"created_time", told.get(b"last_edited_time", Moment()))
    boxed = _BOX.sub(lambda box: b"[x] " if box.group(1) == b"on" else b"[ ] ", data)
    document = next(iter(html.read(boxed)), Document(""))
    item = note(native, document, file.name, created if created.iso else moment_of("", file))
    return _placed(replace(item, title=document.title or name), file)


def _placed(item: Item, file: File) -> Item:
    """The item with the titles of the pages above it."""
    above = [_ID.sub("", part) for part in file.path.split("/")[:-1] if _ID.search(part)]
    return replace(item, extra={"under": " / ".join(above)}) if above else item


def _table(text: str) -> str:
    """A database as text: a line a row, each cell after the name of its column."""
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    lines = (" | ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=False) if cell) for row in rows)
    return "\n".join(line for line in lines if line)


CONNECTOR = Connector(
    "notion",
    1,
    "The pages and databases of a Notion export: text, properties, headings, times; no files.",
    (Kind.NOTE,),
    _read,
    places=("Downloads/*Export-*.zip",),
)

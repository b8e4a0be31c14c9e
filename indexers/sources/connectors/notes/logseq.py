"""A Logseq graph: `logseq/config.edn`, pages in `pages/`, days in `journals/YYYY_MM_DD.md`.

- a page is an outline: every block a bullet, its children indented. Properties are lines `key:: value`; those of the
  page stand first (`title::`, `tags::`, `alias::`), those of a block below it (`id::`, `collapsed::` are Logseq's own).
- names of files are those of pages with `___` (or `%2F`) for `/`, other signs percent-encoded.
- `((uuid))` refers to a block, `{{embed ...}}` and `{{query ...}}` are computed; `:LOGBOOK:` ... `:END:` holds clocks.
- `logseq/bak/` holds old versions and is passed over, `logseq/.recycle/` what was deleted.
Pages in Org mode are read as such (see `org`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Item, Kind, Reader, Things
from indexers.sources.connectors.notes import org
from indexers.sources.connectors.notes.noted import moment_of, note, stem, text_of
from indexers.sources.connectors.notes.wiki import page
from indexers.sources.faults import FAULTS, sentence

_JOURNAL = re.compile(r"(\d{4})[_-](\d\d)[_-](\d\d)$")
_PROPERTY = re.compile(r"^[ \t]*(?:- )?([\w-]+):: ?(.*)\n?", re.MULTILINE)
_COMPUTED = re.compile(r"\{\{(?:embed|query|renderer)[^{}\n]*\}\}|\(\([0-9a-f-]{36}\)\)")
_PROGRAMS = frozenset({"id", "collapsed", "created-at", "updated-at", "logseq.order-list-type", "heading"})
_PARTS = re.compile(r"(?:^|/)(?:pages|journals|logseq/\.recycle)/", re.IGNORECASE)


def _read(reader: Reader) -> Things:
    for file in reader.files("*.md", "*.org"):
        if "logseq/bak/" in file.path.lower() or not _PARTS.search(file.path):
            continue
        try:
            item = _page(reader, file)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))
            continue
        if not item.text.strip(" -\n"):
            yield Skipped(reader.source, file.name, "The page is empty.", fault=False)
            continue
        recycled = "/.recycle/" in f"/{file.path}"
        yield replace(item, cautions=frozenset({Caution.TRASH})) if recycled else item


def _page(reader: Reader, file: File) -> Item:
    text = text_of(reader, file)
    name = unquote(stem(file.path)).replace("___", "/")
    day = _JOURNAL.search(stem(file.path))
    moment = moment_of("-".join(day.groups()) if day else "", file)
    native = f"logseq:{file.path}"
    if file.path.lower().endswith(".org"):
        return replace(note(native, org.read(text), file.name, moment), title=name)
    properties = {key.lower(): value.strip() for key, value in _PROPERTY.findall(text)}
    found = page(_outline(text))
    tags = [tag.strip(" #[]") for tag in properties.get("tags", "").split(",")]
    labels = tuple(dict.fromkeys(tag for tag in [*tags, *found.tags] if tag))
    return replace(
        note(native, found.document, file.name, moment),
        title=properties.get("title") or name, labels=labels, attachments=found.files,
    )  # fmt: skip


def _outline(text: str) -> str:
    """The outline without the program's own lines; other properties stay."""

    def kept(found: re.Match[str]) -> str:
        return "" if found.group(1).lower() in _PROGRAMS else found.group()

    return _COMPUTED.sub("", _PROPERTY.sub(kept, org.without_drawers(text)))


CONNECTOR = Connector(
    "logseq",
    1,
    "The pages and journals of a Logseq graph: their text, tags and days; no settings, no old versions, no pictures.",
    (Kind.NOTE,),
    _read,
    places=("*/logseq/config.edn", "Documents/*/logseq/config.edn"),
)

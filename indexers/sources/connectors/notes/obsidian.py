"""An Obsidian vault: a folder of Markdown files with a folder `.obsidian` in it.

- a note's name is its file's; its id is its path in the vault (what is moved is another note).
- front matter is YAML: `tags`, `aliases`, `created`, `date`, whatever the owner or a plugin writes. Daily notes are
  called `YYYY-MM-DD.md`. Without such a time there is only that of the file.
- `.obsidian/` holds settings and is passed over, `.trash/` what was deleted. Canvases (`.canvas`) are JSON with cards
  of text: `{nodes[{type: text, text}]}`.
How the text is read is told in `wiki`.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Item, Kind, Reader, Things
from indexers.sources.connectors.notes.noted import moment_of, note, stem, text_of
from indexers.sources.connectors.notes.wiki import page
from indexers.sources.connectors.streams import mapping, mappings
from indexers.sources.document import Document
from indexers.sources.faults import FAULTS, sentence

_DAILY = re.compile(r"(\d{4}-\d\d-\d\d)\b")
_DATES = ("created", "date", "modified", "updated")


def _read(reader: Reader) -> Things:
    for file in reader.files("*.md", "*.canvas"):
        parts = file.path.split("/")
        if ".obsidian" in parts:
            continue
        try:
            item = _canvas(reader, file) if file.path.lower().endswith(".canvas") else _note(reader, file)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))
            continue
        if not item.text.strip():
            yield Skipped(reader.source, file.name, "The note is empty.", fault=False)
            continue
        yield replace(item, cautions=frozenset({Caution.TRASH})) if ".trash" in parts else item


def _note(reader: Reader, file: File) -> Item:
    found = page(text_of(reader, file))
    daily = _DAILY.match(stem(file.path))
    told = next((found.about[name] for name in _DATES if found.about.get(name)), "") or found.document.time
    moment = moment_of(told or (daily.group(1) if daily else ""), file)
    item = note(f"obsidian:{file.path}", found.document, file.name, moment)
    aliases = found.about.get("aliases", "")
    return replace(
        item, title=stem(file.path), labels=found.tags, attachments=found.files,
        extra={"aliases": aliases} if aliases else {},
    )  # fmt: skip


def _canvas(reader: Reader, file: File) -> Item:
    try:
        raw = json.loads(text_of(reader, file) or "{}")
    except (ValueError, RecursionError):
        raw = {}
    cards = [str(each["text"]) for each in mappings(mapping(raw).get("nodes")) if each.get("text")]
    document = Document("\n\n".join(cards), stem(file.path))
    return note(f"obsidian:{file.path}", document, file.name, moment_of("", file))


CONNECTOR = Connector(
    "obsidian",
    1,
    "The notes of an Obsidian vault: their Markdown, tags and dates; no settings, no pictures.",
    (Kind.NOTE,),
    _read,
    places=("*/.obsidian", "Documents/*/.obsidian"),
)

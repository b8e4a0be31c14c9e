"""A folder of notes in no program's own form: Markdown, plain text and Org files.

A note's id is its path in the folder, its title the first heading (`#+TITLE:`, front matter), else the name of its
file, its time what its front matter says, else that of the file. Hidden folders, and folders of programs
(`node_modules`, `.git`), are passed over; files that hold no text are named.
"""

from __future__ import annotations

from dataclasses import replace

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Reader, Things
from indexers.sources.connectors.notes import org
from indexers.sources.connectors.notes.noted import moment_of, note, stem, text_of
from indexers.sources.connectors.notes.wiki import page
from indexers.sources.document import Document
from indexers.sources.faults import FAULTS, sentence

_PASSED = frozenset({"node_modules", "__pycache__", "venv"})


def _read(reader: Reader) -> Things:
    for file in reader.files("*.md", "*.markdown", "*.txt", "*.org"):
        folders = file.path.split("/")[:-1]
        if any(name.startswith(".") or name in _PASSED for name in folders):
            continue
        try:
            item = _note(reader, file)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error))
            continue
        if item.text.strip():
            yield item
        else:
            yield Skipped(reader.source, file.name, "The note is empty.", fault=False)


def _note(reader: Reader, file: File) -> Item:
    text, native, ending = text_of(reader, file), f"note:{file.path}", file.path.lower().rpartition(".")[2]
    if ending == "txt":
        item = note(native, Document(text, stem(file.path)), file.name, moment_of("", file))
    elif ending == "org":
        document = org.read(text)
        item = note(native, document, file.name, moment_of(document.time, file))
    else:
        found = page(text)
        item = note(native, found.document, file.name, moment_of(found.document.time, file))
        item = replace(item, labels=found.tags, attachments=found.files)
    return item if item.title else replace(item, title=stem(file.path))


CONNECTOR = Connector(
    "folder",
    1,
    "The Markdown, text and Org files of a folder: their text, tags and dates.",
    (Kind.NOTE,),
    _read,
)

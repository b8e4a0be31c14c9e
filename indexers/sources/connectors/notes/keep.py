"""Google Keep in a Google Takeout: a JSON file a note in `Keep/` (also called after Keep's name in other languages).

`{title, textContent, textContentHtml, listContent[{text, isChecked}], color, isTrashed, isPinned, isArchived,
createdTimestampUsec (absent before 2021), userEditedTimestampUsec, labels[{name}], annotations[{url, title,
description, source}], attachments[{filePath, mimetype}], sharees[{email, isOwner, type}]}`.

A note has no id: its is the microsecond of its creation, else the name of its file (title or time). A note with
`sharees` is shared, and other people may have written in it. Beside each note lies the same as HTML, which is not read.
"""

from __future__ import annotations

import json
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import (
    Caution,
    Connector,
    File,
    Item,
    Kind,
    Moment,
    Origin,
    Person,
    Reader,
    Things,
)  # fmt: skip
from indexers.sources.connectors.clock import Epoch, since
from indexers.sources.connectors.notes.noted import data_of, moment_of, stem
from indexers.sources.connectors.streams import mappings
from indexers.sources.faults import FAULTS, Unreadable, sentence

_MICRO = 10**6
_KNOWN = frozenset({"textContent", "textContentHtml", "listContent", "isTrashed", "userEditedTimestampUsec", "color"})


def _read(reader: Reader) -> Things:
    inside = False
    for file in reader.files("*keep/*.json"):
        inside = True
        yield from _file(reader, file, True)
    for file in () if inside else reader.files("*.json"):
        yield from _file(reader, file, False)


def _file(reader: Reader, file: File, inside: bool) -> Things:
    """The note of a file. `inside` Keep's own folder, what is no note is a fault."""
    if stem(file.path).lower() == "labels":
        return
    try:
        yield _note(reader, file)
    except FAULTS as error:
        fault = inside and (error.fault if isinstance(error, Unreadable) else True)
        yield Skipped(reader.source, file.name, sentence(error), fault)


def _note(reader: Reader, file: File) -> Item:
    try:
        raw = json.loads(data_of(reader, file).decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable("It is not valid JSON.") from None
    if not isinstance(raw, dict) or not _KNOWN & raw.keys():
        raise Unreadable("It is no note of Keep.")
    text = _text(raw) or str(raw.get("title") or "")
    files = tuple(str(each["filePath"]) for each in mappings(raw.get("attachments")) if each.get("filePath"))
    if not text and not files:
        raise Unreadable("The note is empty.", fault=False)
    created, edited = _time(raw, "createdTimestampUsec"), _time(raw, "userEditedTimestampUsec")
    moment = created if created.iso else edited if edited.iso else moment_of("", file)
    others = tuple(Person("", str(each.get("email") or "")) for each in mappings(raw.get("sharees")))
    labels = [str(each["name"]) for each in mappings(raw.get("labels")) if each.get("name")]
    labels += [label for key, label in (("isPinned", "pinned"), ("isArchived", "archived")) if raw.get(key)]
    return Item(
        Kind.NOTE, f"keep:{raw['createdTimestampUsec'] if created.iso else stem(file.path)}", text, file.name, moment,
        title=str(raw.get("title") or ""), people=others, origin=Origin.MINE, labels=tuple(labels), attachments=files,
        cautions=_cautions(raw, others),
        extra={"edited": edited.iso} if edited.iso and edited.iso != moment.iso else {},
    )  # fmt: skip


def _cautions(raw: dict[str, Any], others: tuple[Person, ...]) -> frozenset[Caution]:
    told = {Caution.TRASH: raw.get("isTrashed"), Caution.PARTNER: others}
    return frozenset(caution for caution, holds in told.items() if holds)


def _text(raw: dict[str, Any]) -> str:
    """The note's text, its list with boxes, and the pages it links to."""
    text = str(raw.get("textContent") or "")
    if not text and raw.get("textContentHtml"):
        from indexers.sources.connectors.pages import plain

        text = plain(str(raw["textContentHtml"]))
    parts = [text.strip("\n")]
    listed = mappings(raw.get("listContent"))
    parts += [f"[{'x' if each.get('isChecked') else ' '}] {each.get('text') or ''}" for each in listed]
    for link in mappings(raw.get("annotations")):
        parts.append(" ".join(str(link[key]) for key in ("title", "description", "url") if link.get(key)))
    return "\n".join(part for part in parts if part.strip())


def _time(raw: dict[str, Any], key: str) -> Moment:
    return since(Epoch.UNIX, raw.get(key) or 0, _MICRO)


CONNECTOR = Connector(
    "keep",
    1,
    "The notes of Google Keep in a Takeout: text, lists, labels, when, names of files, with whom they are shared.",
    (Kind.NOTE,),
    _read,
    places=("Downloads/takeout-*.zip",),
)

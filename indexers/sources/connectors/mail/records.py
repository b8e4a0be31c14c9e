"""Mail as an ordinary source: a file that is named in `cascade add`, without a grant, as records.

A mail of an mbox has its own id for a key, so that a mailbox that has grown or was compacted replaces what it holds.
What its owner threw away or a filter took for spam is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from indexers.records import Record, Skipped
from indexers.sources.blob import Blob
from indexers.sources.connectors.base import Caution, Item, Person
from indexers.sources.connectors.mail.boxes import Box
from indexers.sources.connectors.mail.connector import messages
from indexers.sources.dates import iso
from indexers.sources.formats.kinds import Format

_LEFT = {
    Caution.SPAM: "It is marked as spam.",
    Caution.TRASH: "It lies in the trash.",
    Caution.DELETED: "It was deleted, though the file still holds it.",
}


def mbox(blob: Blob, stream: BinaryIO) -> Iterator[Record | Skipped]:
    """The mails of an mbox and what is attached to them."""
    return _records(blob, stream, Box.MBOX)


def single(blob: Blob, stream: BinaryIO) -> Iterator[Record | Skipped]:
    """One mail (`.eml`) and what is attached to it."""
    return _records(blob, stream, Box.EML)


READERS: dict[Format, Callable[[Blob, BinaryIO], Iterator[Record | Skipped]]] = {
    Format.MBOX: mbox,
    Format.MAIL: single,
}


def _records(blob: Blob, stream: BinaryIO, box: Box) -> Iterator[Record | Skipped]:
    for thing in messages(stream, blob.name, box, blob.source):
        locator = _locator(blob, thing.locator)
        if isinstance(thing, Skipped):
            yield Skipped(blob.source, locator, thing.reason, thing.fault)
        elif left := next((reason for caution, reason in _LEFT.items() if caution in thing.cautions), ""):
            yield Skipped(blob.source, locator, left, fault=False)
        elif not (thing.text or thing.title).strip():
            yield Skipped(blob.source, locator, "It holds no text.", fault=False)
        else:
            yield _record(thing, blob, locator, thing.native if box is Box.MBOX else "")


def _locator(blob: Blob, inside: str) -> str:
    """`mail.mbox@120#2/plan.pdf` as `folder/mail.mbox#120/2/plan.pdf`: its place stands behind the first `#`."""
    place = inside.removeprefix(blob.name).lstrip("@#").replace("#", "/")
    return f"{blob.locator}#{place}" if place else blob.locator


def _record(item: Item, blob: Blob, locator: str, key: str) -> Record:
    said = {
        "from": _written(item.author) if item.author else "",
        "to": ", ".join(map(_written, item.people[:20])),
        "labels": ", ".join(item.labels),
        "attachments": ", ".join(item.attachments[:20]),
    }
    return Record(
        blob.source,
        locator,
        item.text if item.text.strip() else item.title,
        item.title,
        key,
        iso(item.moment.iso) or blob.time,
        item.form,
        metadata={name: value for name, value in said.items() if value},
        marks=item.marks,
    )


def _written(person: Person) -> str:
    return f"{person.name} <{person.address}>" if person.name and person.address else person.name or person.address

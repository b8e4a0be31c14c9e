"""Files attached to a mail, read by the readers of documents: each an item of its own in the mail's conversation.

Pictures, sound and films are named by the mail and not read; nor are calendars and contacts, which have connectors of
their own. What is read stays in memory, never on disk. Parquet, and what is packed in any way but a zip, is left out
and told.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

from indexers.records import Record, Skipped
from indexers.sources.blob import Blob
from indexers.sources.connectors.base import Item, Kind
from indexers.sources.connectors.mail.parts import Part
from indexers.sources.faults import Unreadable, sentence
from indexers.sources.formats.kinds import PACKED, Format, choose, suffix
from indexers.sources.globs import Globs
from indexers.sources.options import MIB, SourceOptions
from indexers.sources.passed import file_reason
from indexers.sources.read import Read
from indexers.sources.streams import HEAD

LARGEST = 32 * MIB
"""Bytes of an attachment that are read."""
_MOST, _TEXT = 200, 16 << 20
"""Records of one attachment (members of an archive), and characters of them in all."""
_OWN = frozenset({"ics", "ifb", "vcs", "vcf", "p7s", "p7m", "p7c", "asc", "sig", "pgp", "gpg"})
_OWN_TYPES = ("text/calendar", "text/vcard", "text/x-vcard", "text/directory", "application/pkcs7",
              "application/x-pkcs7", "application/pgp", "text/rfc822-headers", "application/ics")  # fmt: skip
_UNSEEN = ("image/", "audio/", "video/", "font/", "model/")
_NOT_OPENED = frozenset({Format.PARQUET, Format.TAR, Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD})
_ENDS = {
    "application/pdf": "pdf", "text/html": "html", "text/csv": "csv", "text/plain": "txt", "text/markdown": "md",
    "application/zip": "zip", "application/json": "json", "application/xml": "xml", "text/xml": "xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "application/epub+zip": "epub",
    "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/vnd.ms-powerpoint": "ppt",
}  # fmt: skip
_GLOBS = Globs.of((), (*(f"*{end}" for end in PACKED), "*.parquet", "*.pq", "*.tar", "*.zip"))
_OPTIONS = SourceOptions(max_file_bytes=LARGEST, max_line_bytes=4 * MIB, on_disk=False)


def read(mail: Item, part: Part, body: Callable[[], bytes | None], source: str) -> Iterator[Item | Skipped]:
    """The items of one attachment of `mail`. `body` gives its bytes, None where they are not in the export."""
    locator = f"{mail.locator}#{part.number}/{part.called}"
    try:
        name = _name(part)
        if _is_tnef(part, name):
            raise Unreadable("It is winmail.dat, in which Outlook packs attachments (TNEF); it is not read.")
        if reason := _left(part, name):
            raise Unreadable(reason, fault=False)
        data = body()
        if data is None:
            raise Unreadable("It was named in the mail but its bytes are not in the export.")
        if len(data) > LARGEST:
            raise Unreadable(f"It is larger than {LARGEST // MIB} MiB, the most that is read of an attachment.")
        if choose(name, data[:HEAD]) in _NOT_OPENED:
            raise Unreadable("It is packed in a way that is not read in attachments; save it and add the file itself.")
    except Unreadable as error:
        yield Skipped(source, locator, str(error), error.fault)
        return
    yield from _items(mail, part, Blob(source, locator, name, lambda: io.BytesIO(data)))


def _name(part: Part) -> str:
    """A name that tells the format: where the sender's does not, its type does."""
    name = part.name or f"part-{part.number}"
    return name if suffix(name) or part.type not in _ENDS else f"{name}.{_ENDS[part.type]}"


def _is_tnef(part: Part, name: str) -> bool:
    return name.lower() == "winmail.dat" or part.type in {"application/ms-tnef", "application/vnd.ms-tnef"}


def _left(part: Part, name: str) -> str:
    """Why it is named and not read; empty where it is to be read."""
    if part.type.startswith(_UNSEEN):
        return "It is a picture, sound or film; the mail names it."
    if suffix(name) in _OWN or part.type.startswith(_OWN_TYPES):
        return "It is a calendar, a contact, a signature or encrypted; the mail names it."
    if part.type in {"message/external-body", "message/partial"}:
        return "It is kept elsewhere; the mail names it."
    return file_reason(name.lstrip("."))


def _items(mail: Item, part: Part, blob: Blob) -> Iterator[Item | Skipped]:
    length = 0
    for number, thing in enumerate(_read(blob), 1):
        if number > _MOST or length > _TEXT:
            reason = f"It holds more than {_MOST} texts or {_TEXT >> 20} MiB of text; the rest was left out."
            yield Skipped(blob.source, blob.locator, reason)
            return
        if isinstance(thing, Skipped):
            yield thing
        else:
            length += len(thing.text)
            yield _item(mail, part, thing, number)


def _read(blob: Blob) -> Iterator[Record | Skipped]:
    try:
        yield from Read(_OPTIONS, _GLOBS)(blob)
    except Exception as error:  # noqa: BLE001  a foreign parser raises anything for a damaged file
        yield Skipped(blob.source, blob.locator, sentence(error))


def _item(mail: Item, part: Part, record: Record, number: int) -> Item:
    inside = record.locator.rpartition("!")[2] if "!" in record.locator else ""
    return replace(
        mail,
        kind=Kind.DOCUMENT,
        native=f"{mail.native}/{part.number}" + (f"/{number}" if number > 1 else ""),
        text=record.text,
        locator=record.locator,
        title=f"{part.called}: {inside}" if inside else part.name or mail.title,
        quoted="",
        attachments=(),
        extra={"mail": mail.title, "type": part.type},
        form=record.kind,
        marks=record.marks,
    )

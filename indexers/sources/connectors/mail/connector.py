"""Mail of every kind, out of one export: files by name, messages by file, items by message.

    files --box--> mbox | eml | emlx | Maildir --> Raw --items--> the mail, its attachments

Several files may hold one mail (Gmail writes it once a label): its `native` is the same in all.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Connector, File, Item, Kind, Moment, Reader, Things
from indexers.sources.connectors.mail import boxes, emlx, mbox, people
from indexers.sources.connectors.mail.beside import Beside
from indexers.sources.connectors.mail.boxes import Box, Indexed
from indexers.sources.connectors.mail.message import Owner, items
from indexers.sources.connectors.mail.raw import LARGEST, Raw, nowhere
from indexers.sources.faults import FAULTS, Unreadable, sentence

_TOO_LARGE = f"It is a mail of more than {LARGEST >> 20} MiB; it was left out."
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")


def read(reader: Reader) -> Things:
    """Every mail in the export, in the order of its files; attachments after the mail they came with."""
    owner = Owner(reader.source, people.addresses(reader.choices.get("me", "")))
    indexed = Indexed.of(list(reader.files("*.msf")))
    beside = Beside(reader)
    for file in reader.files():
        box = indexed.box(file)
        if box is None:
            continue
        try:
            for thing in _raws(reader, file, box, beside):
                if isinstance(thing, Skipped):
                    yield thing
                else:
                    yield from items(thing, owner)
        except FAULTS as error:
            yield Skipped(reader.source, file.name, sentence(error), getattr(error, "fault", True))


def messages(stream: BinaryIO, name: str, box: Box, source: str, at: int = 0) -> Iterator[Item | Skipped]:
    """The mails of one stream that holds an mbox or a single mail, outside of any export."""
    file = File(name, -1)
    owner = Owner(source)
    raws = _mbox(stream, file, source, at) if box is Box.MBOX else iter([_single(stream, file, box)])
    for thing in raws:
        if isinstance(thing, Skipped):
            yield thing
        else:
            yield from items(thing, owner)


def _raws(reader: Reader, file: File, box: Box, beside: Beside) -> Iterator[Raw | Skipped]:
    if box is Box.MBOX:
        at = reader.resume(file)
        with reader.open(file) as stream:
            yield from _mbox(stream, file, reader.source, at)
        return
    with reader.open(file) as stream:
        raw = _single(stream, file, box, beside)
    yield raw


def _mbox(stream: BinaryIO, file: File, source: str, at: int) -> Iterator[Raw | Skipped]:
    folder = boxes.folder(file, Box.MBOX)
    for piece in mbox.pieces(stream, at):
        locator = f"{file.name}@{piece.begins}"
        if piece.data is None:
            yield Skipped(source, locator, _TOO_LARGE)
        elif piece.loose:
            yield Skipped(source, locator, "It begins with bytes that are no mail: not an mbox, or a damaged one.")
        elif piece.data:
            received = piece.received if piece.received.iso else _written(file)
            yield Raw(piece.data, locator, folder, received=received, begins=piece.begins, ends=piece.ends)


def _single(stream: BinaryIO, file: File, box: Box, beside: Beside | None = None) -> Raw:
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(_TOO_LARGE)
    if not data.strip():
        raise Unreadable("It is empty.")
    folder = boxes.folder(file, box)
    if box is Box.EMLX:
        message, roles, received = emlx.opened(data)
        elsewhere = beside.finder(file) if beside else nowhere
        return Raw(message, file.name, folder, roles, received=received, elsewhere=elsewhere)
    data = _plain(data)
    if box is Box.MAILDIR:
        if not _FIELD.match(data):
            raise Unreadable("It lies in a Maildir but does not begin like a mail.")
        roles, received = boxes.maildir(file)
        return Raw(data, file.name, folder, roles, received=received if received.iso else _written(file))
    return Raw(data, file.name, folder, received=_written(file))


def _plain(data: bytes) -> bytes:
    """A mail's bytes from its header on: without a byte order mark, empty lines and a From_ line before it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8")
    data = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    if data.startswith((b"From ", b">From ")):
        data = data.partition(b"\n")[2]
    return data


def _written(file: File) -> Moment:
    """When a file was last written."""
    try:
        time = datetime.fromtimestamp(file.modified, UTC) if file.modified > 0 else None
    except (ValueError, OverflowError, OSError):
        time = None
    return Moment(time.isoformat(timespec="seconds"), Basis.FILE) if time else Moment()


CONNECTOR = Connector(
    name="mail",
    version=1,
    describes="Mails with their senders, recipients, dates, labels and texts, and the documents attached to them.",
    kinds=(Kind.MAIL, Kind.DOCUMENT),
    read=read,
    places=(
        "Library/Mail/V*",
        "Library/Thunderbird/Profiles/*/Mail",
        ".thunderbird/*/Mail",
        ".thunderbird/*/ImapMail",
        "snap/thunderbird/common/.thunderbird/*/Mail",
        "AppData/Roaming/Thunderbird/Profiles/*/Mail",
        "Maildir",
        "Mail",
        "mbox",
        "Downloads/*.mbox",
        "Downloads/*.eml",
    ),
    asks={"me": "Your own addresses, with commas between them: what is sent from them counts as your words."},
)

"""Documents and code in folders: every format that Cascade reads, without what `.gitignore` and `.vaultignore` leave
out.

    files --ignoring--> one file --Read--> records --> items

The readers are those of `cascade add` (`indexers/sources/read.py`): text, Markdown, reStructuredText, HTML, PDF, DOCX,
PPTX, XLSX, EPUB, tables, JSONL, Parquet, and code, whose definitions become marks. Passed over are hidden things, what
tools make, kinds that hold no text (`passed.py`), and files that hold keys. Rows of a table are items of their own.

A file's time is the document's own where it says one, else when it was written. `native` is the path below the root
with the part, or the row's own key; a row without a key goes by its content, since its place in the file is none of
its own. A path in a Takeout counts from `Takeout/`, whatever the zip is called.

Nothing is written to disk: what must be read at any place (Parquet) and comes as a stream is held in memory whole, up
to the limit of `SourceOptions`; an archive that the reader did not open as a folder is not opened here either.
Knows formats through `Read`; knows nothing of notes, mail or other kinds of folders.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import BinaryIO

from indexers.records import Kind as Text
from indexers.records import Record, Skipped
from indexers.sources import packed
from indexers.sources.blob import Blob
from indexers.sources.connectors.base import Basis, Connector, File, Item, Kind, Moment, Person, Reader, Things
from indexers.sources.connectors.documents.ignoring import NAMES, Ignored
from indexers.sources.faults import FAULTS, Unreadable, sentence
from indexers.sources.formats.kinds import PACKED, Format, choose, packing, suffix
from indexers.sources.globs import Globs
from indexers.sources.options import SourceOptions
from indexers.sources.passed import folder_reason, path_reason
from indexers.sources.read import Read
from indexers.sources.streams import peeked, whole
from indexers.sources.words import words

_OPTIONS = SourceOptions(on_disk=False)
_LARGEST_IGNORE = 1 << 20
_KEYS = words("pem p12 pfx p8 kdbx kdb keystore jks ppk gpg pgp asc ovpn keychain")
_KEY_NAMES = words("id_rsa id_dsa id_ecdsa id_ed25519 known_hosts authorized_keys htpasswd shadow wallet.dat")
_HOLDS_KEYS = "It holds keys, which are never read."
_ELSEWHERE = words("eml emlx mbox msg pst enex ics vcf")
_OTHERS = "It is mail, a calendar, an address book or notes: grant it to the connector of that kind."
_ARCHIVE = "It is an archive in another form. Unpack it, and grant the folder."
_PART = re.compile(r"#(part[0-9]+)$")
_ROW = re.compile(r"#([0-9]+)$")
_MOST = 20
"""Entries of a document's metadata that are kept."""


def read(reader: Reader) -> Things:
    """Everything that can be read, in the reader's order."""
    ignored = Ignored()
    for file in reader.files(*NAMES, *(f"*/{name}" for name in NAMES)):
        if _visible(file.path):
            yield from _rules(reader, file, ignored)
    for file in reader.files():
        name = file.path.rpartition("/")[2]
        if name in NAMES:
            continue
        if ignored.holds(_within(file)):
            yield Skipped(reader.source, file.name, "It is left out by a .gitignore or .vaultignore.", fault=False)
        elif name.lower() in _KEY_NAMES or suffix(name) in _KEYS:
            yield Skipped(reader.source, file.name, _HOLDS_KEYS, fault=False)
        elif suffix(name) in _ELSEWHERE:
            yield Skipped(reader.source, file.name, _OTHERS, fault=False)
        elif reason := path_reason(file.path):
            yield Skipped(reader.source, file.name, reason, fault=False)
        else:
            yield from _file(reader, file)


def _visible(path: str) -> bool:
    return not any(folder_reason(folder) for folder in path.split("/")[:-1])


def _within(file: File) -> str:
    """The path that rules are for: archives are folders."""
    return file.name.replace("!", "/")


def _rules(reader: Reader, file: File, ignored: Ignored) -> Iterator[Skipped]:
    try:
        with reader.open(file) as stream:
            ignored.add(_within(file), whole(stream, _LARGEST_IGNORE).decode("utf-8", "replace"))
    except FAULTS as error:
        yield Skipped(reader.source, file.name, f"What it leaves out is not known. {sentence(error)}")


def _file(reader: Reader, file: File) -> Things:
    try:
        with _opened(reader, file) as (name, stream):
            blob = Blob(reader.source, file.name, name, lambda: stream)
            for thing in Read(_OPTIONS, Globs())(blob):
                yield thing if isinstance(thing, Skipped) else _item(file, thing)
    except FAULTS as error:
        fault = error.fault if isinstance(error, Unreadable) else True
        yield Skipped(reader.source, file.name, sentence(error), fault)


@contextmanager
def _opened(reader: Reader, file: File) -> Iterator[tuple[str, BinaryIO]]:
    """The name a file's format is told by, and its bytes, unpacked. Raises what opening and unpacking may raise."""
    name = file.path.rpartition("/")[2]
    with reader.open(file) as raw:
        head, stream = peeked(raw)
        format_ = choose(name, head)
        if format_ in PACKED.values():
            name = packing(name)[1]
            head, stream = peeked(packed.unpacked(stream, format_, _OPTIONS.max_ratio))
            format_ = choose(name, head)
            if format_ in PACKED.values():
                raise Unreadable("It is compressed twice; unpack it first.")
        if format_ in {Format.ZIP, Format.TAR}:
            raise Unreadable(_ARCHIVE, fault=False)
        yield name, stream


def _item(file: File, record: Record) -> Item:
    metadata = {key: value for key, value in record.metadata.items() if isinstance(value, str | int | float | bool)}
    extra = {key: value[:500] if isinstance(value, str) else value for key, value in list(metadata.items())[:_MOST]}
    author = extra.pop("author", "")
    if record.language:
        extra["language"] = record.language
    return Item(
        Kind.CODE if record.kind is Text.CODE else Kind.DOCUMENT,
        _native(file, record),
        record.text,
        record.locator,
        moment=_moment(file, record),
        title=record.title,
        author=Person(author) if isinstance(author, str) and author else None,
        extra=extra,
        form=record.kind,
        marks=record.marks,
    )


def _native(file: File, record: Record) -> str:
    path = file.path if file.path.startswith("Takeout/") else file.name
    if record.key:
        return f"{path}#{record.key}"
    if part := _PART.search(record.locator):
        return f"{path}#{part[1]}"
    if _ROW.search(record.locator.removeprefix(file.name)):
        held = f"{record.title}\x00{record.text}".encode("utf-8", "surrogatepass")
        return f"{path}#{hashlib.sha256(held).hexdigest()[:16]}"
    return path


def _moment(file: File, record: Record) -> Moment:
    if record.time:
        zoned = record.time.endswith("Z") or re.search(r"[+-][0-9]{2}:[0-9]{2}$", record.time)
        iso = f"{record.time[:-1]}+00:00" if record.time.endswith("Z") else record.time
        basis = (Basis.OFFSET if zoned else Basis.LOCAL) if "T" in iso else Basis.DATE
        return Moment(iso, Basis.UTC if iso.endswith("+00:00") else basis, record.time)
    if 0 < file.modified < 1e11:
        return Moment(datetime.fromtimestamp(file.modified, UTC).isoformat(timespec="seconds"), Basis.FILE)
    return Moment()


CONNECTOR = Connector(
    name="documents",
    version=1,
    describes=(
        "Documents and code: the text of every format that can be read, titles, dates and authors; not what .gitignore "
        "and .vaultignore leave out, not hidden files, not files of keys."
    ),
    kinds=(Kind.DOCUMENT, Kind.CODE),
    read=read,
    places=("Documents", "Desktop", "OneDrive", "Dropbox", "Downloads/takeout-*.zip"),
)

"""What a connector is: one kind of personal export, read through a reader that somebody has consented to.

A connector is handed a `Reader`, never a path: what the reader does not give does not exist. It yields items, and a
`Skipped` for what it cannot read or leaves out; it never raises for one bad thing. What must not be taken without being
asked for (spam, another person's profile, a message that was to disappear) is yielded with a `Caution`, and left out,
counted and reported by whoever holds the grant, in one place.
Knows nothing of grants, vaults, encoders or the index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

from indexers.records import Kind as Text
from indexers.records import Mark, Skipped


class Kind(StrEnum):
    """What an item is."""

    MAIL = "mail"
    CHAT = "chat"
    ASSISTANT = "assistant"
    VIDEO = "video"
    SEARCH = "search"
    VISIT = "visit"
    PHOTO = "photo"
    EVENT = "event"
    CONTACT = "contact"
    NOTE = "note"
    DOCUMENT = "document"
    CODE = "code"
    COMMAND = "command"
    TRACK = "track"
    READING = "reading"
    PLACE = "place"


class Basis(StrEnum):
    """How a time is known."""

    UTC = "utc"
    """An instant, from a source that counts in UTC."""
    OFFSET = "offset"
    """An instant: wall time with its offset in the file."""
    LOCAL = "local"
    """Wall time; the source does not say in which zone."""
    DATE = "date"
    """A day without a time."""
    FILE = "file"
    """When the file was last written: the worst there is."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, and how it is known.

    `iso` is ISO 8601: with an offset where the instant is known (`2024-05-01T08:30:00+00:00`), without one where only
    wall time is (`2024-05-01T10:30:00`), a day (`2024-05-01`), or empty. `raw` is what the export says, for a person.
    """

    iso: str = ""
    basis: Basis = Basis.NONE
    raw: str = ""


class Origin(StrEnum):
    """Whose words a text holds: the owner's, another person's, or a machine's (a receipt, a page's title)."""

    MINE = "mine"
    OTHER = "other"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as one source knows them. `address`: a mail address, a phone number, or `telegram:user123`."""

    name: str = ""
    address: str = ""


class Caution(StrEnum):
    """Why an item is left out unless the grant takes such things in."""

    SPAM = "spam"
    TRASH = "trash"
    DELETED = "deleted"
    DISAPPEARING = "disappearing"
    CONFIDENTIAL = "confidential"
    GROUP = "group"
    PARTNER = "partner"
    """Somebody else's, shared with the owner."""
    PROFILE = "profile"
    """Another person's profile in a shared account; `labels` holds its name."""
    INCOGNITO = "incognito"
    ADVERTISEMENT = "advertisement"
    HIDDEN = "hidden"
    SYSTEM = "system"
    """Written by the program, not by a person: "Anna joined the group"."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a life.

    `native` is the source's own id, or one made of what does not change between exports (never of a position in a
    file): an export read again, or one that overlaps it, gives the same. `locator` is where it stands, for a person:
    a file's name, then `@byte`, `#row` or `$.json.path`. `text` is what is indexed; `quoted` is text of others that it
    repeats, kept but not indexed. `thread` ties a conversation together. `extra` holds what else the export says, in
    short scalars. `after`: where in its file reading may go on once this item is safe (bytes or rows), where the
    format allows that; else -1. `form` and `marks`: how the text is built (see indexers/records.py).
    """

    kind: Kind
    native: str
    text: str
    locator: str
    moment: Moment = Moment()
    title: str = ""
    author: Person | None = None
    people: tuple[Person, ...] = ()
    origin: Origin = Origin.OTHER
    thread: str = ""
    labels: tuple[str, ...] = ()
    url: str = ""
    quoted: str = ""
    attachments: tuple[str, ...] = ()
    cautions: frozenset[Caution] = frozenset()
    extra: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    after: int = -1
    form: Text = Text.PLAIN
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be read.

    `name` is its path below the root, with `/`; a member of an archive is `archive.zip!path/in/it`. `path` is the part
    after the last `!`: what a connector matches. `modified` is in seconds since 1970, 0.0 where unknown.
    """

    name: str
    size: int
    modified: float = 0.0

    @property
    def path(self) -> str:
        """The path in the innermost folder or archive."""
        return self.name.rpartition("!")[2]


class Reader(Protocol):
    """What may be read under one grant. Everything raises OutsideScope for what is not in it, and logs what is read."""

    @property
    def source(self) -> str:
        """The source's name, for `Skipped.source`."""
        ...

    @property
    def choices(self) -> Mapping[str, str]:
        """What the grant says of the connector's choices (`date-order`, `profile`, ...); absent where it does not."""
        ...

    def files(self, *patterns: str) -> Iterator[File]:
        """The files in scope in a stable order, archives (zip, tar, tgz) as folders, parts of one export as one.

        `patterns` are globs over `File.path` without regard to case (`*` also crosses `/`); none means all. An export
        may also be a single file: its path is then its name.
        """
        ...

    def open(self, file: File) -> AbstractContextManager[BinaryIO]:
        """Its bytes. A member of an archive streams: it can be read on, not sought in."""
        ...

    def database(self, file: File) -> AbstractContextManager[sqlite3.Connection]:
        """A consistent private copy of an SQLite file, its write-ahead log included, read only, in memory.

        Text that is not UTF-8 comes with replacement characters. Raises Unreadable where it is no SQLite file.
        """
        ...

    def resume(self, file: File) -> int:
        """The `Item.after` of the last item that is safe, if the file has only grown since; 0 to begin."""
        ...


Things = Iterator[Item | Skipped]


@dataclass(frozen=True, slots=True)
class Connector:
    """One kind of export.

    `name` is what `cascade me allow NAME ...` says. `version` grows when it reads fields that it did not read before:
    the owner is asked again. `describes` is one sentence for the owner: what is read. `places` are where such exports
    lie, as globs from the home folder, for `cascade me sources` to name (never to read). `asks` says what each choice
    means, with its values.
    """

    name: str
    version: int
    describes: str
    kinds: tuple[Kind, ...]
    read: Callable[[Reader], Things]
    places: tuple[str, ...] = ()
    asks: Mapping[str, str] = field(default_factory=dict)

"""The reader that a connector is handed: what it does not give does not exist, and it gives nothing without a grant.

Asked before each file, and before each piece of it: whether the grant still stands.
Knows files in scope; knows nothing of items.
"""

from __future__ import annotations

import io
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fnmatch import translate
from typing import BinaryIO

from indexers.personal.granted import databases
from indexers.personal.granted.databases import Part
from indexers.personal.granted.listing import Listing, Placed
from indexers.personal.granted.marks import Mark
from indexers.personal.granted.paths import plain
from indexers.personal.granted.roots import Barred
from indexers.personal.granted.streams import Forward, Watched, buffered
from indexers.personal.grants import Permit
from indexers.records import Skipped
from indexers.sources.connectors.base import File
from indexers.sources.faults import Unreadable

_RECENT = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was read: its name, and how many bytes were taken of it."""

    name: str
    bytes: int


Log = Callable[[Opened], None]


class GrantedReader:
    """What may be read under one grant. Close it when the reading is done.

    `log` is told of each file that was read. `marks` are those of an earlier reading, by name. `barred` are folders
    that are never entered: the vault's own.
    """

    def __init__(
        self,
        permit: Permit,
        log: Log = lambda _: None,
        marks: Mapping[str, bytes] | None = None,
        barred: Barred = frozenset(),
    ) -> None:
        self._permit, self._log, self._marks = permit, log, marks or {}
        self._listing = Listing(permit.grant, permit.check, barred)
        self._recent: list[Placed] = []

    @property
    def source(self) -> str:
        """What the owner calls the source."""
        return self._permit.grant.details.source

    @property
    def choices(self) -> Mapping[str, str]:
        """What the grant says of the connector's choices."""
        return self._permit.grant.scope.choices

    def files(self, *patterns: str) -> Iterator[File]:
        """The files in scope, in a stable order."""
        wanted = [re.compile(translate(plain(pattern))) for pattern in patterns]
        for file in self._listing.all(patterns):
            path = plain(file.path)
            if not wanted or any(pattern.match(path) for pattern in wanted):
                yield file

    @contextmanager
    def open(self, file: File) -> Iterator[BinaryIO]:
        """Its bytes. Raises OutsideScope, NoGrant, Unreadable, OSError."""
        placed = self._placed(file)
        self._recent = [*self._recent[1 - _RECENT :], placed]
        inner = buffered(Forward(self._member(placed))) if placed.member else self._listing.raw(placed.unit)
        watched = Watched(inner, self._permit.check)
        try:
            with closing(inner), buffered(watched) as stream:
                yield stream
        finally:
            self._log(Opened(placed.name, watched.taken))

    @contextmanager
    def database(self, file: File) -> Iterator[sqlite3.Connection]:
        """A copy of an SQLite database in memory. Its log may lie beside a root that is one file: it is part of it."""
        placed = self._placed(file)
        taken = 0

        def read(suffix: str, limit: int) -> Part | None:
            nonlocal taken
            self._permit.check()
            part = self._packed(placed, suffix) if placed.member else self._part(placed, suffix, limit)
            taken += len(part.data) if part else 0
            return part

        try:
            with databases.copied(read) as connection:
                yield connection
        finally:
            self._log(Opened(placed.name, taken))

    def resume(self, file: File) -> int:
        """Where reading may go on; 0 to begin. A member of an archive is begun anew."""
        placed = self._placed(file)
        mark = Mark.parse(self._marks.get(placed.name, b""))
        if mark is None or placed.member:
            return 0
        with self._listing.raw(placed.unit) as stream:
            return mark.after if mark.holds(stream, stream.seek(0, io.SEEK_END)) else 0

    def mark(self, locator: str, after: int) -> tuple[str, bytes] | None:
        """A mark for an item that is safe now, to give to a later reader under the name that comes with it."""
        found = [file for file in self._recent if locator.startswith(file.name) and not file.member]
        if not found or after < 0:
            return None
        placed = self._placed(max(found, key=lambda file: len(file.name)))
        with self._listing.raw(placed.unit) as stream:
            return placed.name, Mark.of(stream, after, stream.seek(0, io.SEEK_END)).to_bytes()

    def told(self) -> list[Skipped]:
        """What could not be listed or opened, since it was last asked."""
        told, self._listing.told = self._listing.told, []
        return told

    def close(self) -> None:
        """Let go of the archives that are still open."""
        self._listing.close()

    def _placed(self, file: File) -> Placed:
        self._permit.check()
        return self._listing.placed(file)

    def _member(self, placed: Placed) -> BinaryIO:
        try:
            return self._listing.archive(placed.unit).open(placed.member)
        except KeyError:
            raise Unreadable("It is not in the archive any more.") from None

    def _part(self, placed: Placed, suffix: str, limit: int) -> Part | None:
        try:
            handle = self._listing.roots[placed.unit.root].opened(placed.unit.outer, suffix)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            databases.refuse_large(min(found.st_size, limit + 1))
            data = bytearray(min(found.st_size, limit))
            del data[file.readinto(data) :]
            return Part(data, (found.st_ino, found.st_size, found.st_mtime_ns))

    def _packed(self, placed: Placed, suffix: str) -> Part | None:
        """Of an archive, which does not change meanwhile."""
        archive = self._listing.archive(placed.unit)
        found = [member for member in archive.members() if member.path == placed.member + suffix]
        if not found:
            return None
        databases.refuse_large(found[0].size)
        with archive.open(found[0].path) as stream:
            return Part(stream.read(databases.LARGEST))

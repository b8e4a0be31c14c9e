"""The files that a grant takes in, in a stable order: of folders, of archives as if they were folders, of parts as one.

Archives are folders: `photos.zip!2024/a.jpg`; a zip in a zip is one too (Notion exports are made so), one level deep.
The parts of one export (`takeout-…-001.zip`, `-002.zip`, …) are one folder, in the order of their members' paths; those
of a tar in its own order. What cannot be listed is told in `told`, each thing once.
Knows where files lie, and the scope's paths; reads nothing of them but the directories of archives.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

from cascade.errors import OutsideScope
from indexers.personal.granted import archives, paths
from indexers.personal.granted.archives import Archive, Member
from indexers.personal.granted.paths import Paths
from indexers.personal.granted.roots import Barred, Entry, Root
from indexers.personal.granted.shelf import Shelf, Unit
from indexers.personal.granted.walk import Walk
from indexers.personal.grants import Grant
from indexers.records import Skipped
from indexers.sources.connectors.base import File
from indexers.sources.faults import FAULTS, sentence

_PART = re.compile(r"(.*?)[-_. (]*\d{1,4}\)?(\.[a-z.0-9]+)")
"""A part of an export: its name, a number, and how it ends."""

_NOWHERE = Unit(-1, "")
_NESTED = "It is an archive in an archive, and is not read. Unpack it, and grant the folder."


@dataclass(frozen=True, slots=True)
class Placed(File):
    """A file and where it is: the file or archive it lies in, and its path in that archive."""

    unit: Unit = _NOWHERE
    member: str = ""

    @property
    def path(self) -> str:
        """The path in the innermost folder or archive, whatever signs it holds."""
        return self.member or self.unit.outer or self.name


class Listing:
    """All files of a grant's roots that its scope takes in. `check` is asked before each root."""

    def __init__(self, grant: Grant, check: Callable[[], None], barred: Barred) -> None:
        self.told: list[Skipped] = []
        self.roots = [Root(path, barred) for path in grant.details.roots]
        self._source, self._check = grant.details.source, check
        self._known: set[str] = set()
        self._paths = Paths.of(grant.scope)
        self._walks = [Walk(root, self._paths, self._tell) for root in self.roots]
        self._shelf = Shelf(self.raw)

    def all(self, patterns: tuple[str, ...] = ()) -> Iterator[Placed]:
        """Every file. `patterns` do not narrow it: they say which hidden files are asked for by their full names."""
        for part, found in groupby(self._found(patterns), key=lambda each: _part_of(*each)):
            if part:
                yield from self._members([unit for unit, _ in found])
            else:
                yield from (self._file(unit, entry) for unit, entry in found if self._paths.allow(self._name(unit)))

    def placed(self, file: File) -> Placed:
        """Where a file is, once it is sure that it may be read. Raises OutsideScope."""
        placed = file if isinstance(file, Placed) else self._sought(file.name)
        if placed is None or not 0 <= placed.unit.root < len(self.roots):
            raise OutsideScope(f"{file.name!a} is not among the files that the grant takes in.")
        unit = placed.unit
        name = f"{self._name(unit)}!{placed.member}" if placed.member else self._name(unit)
        ignored = bool(unit.outer) and self._walks[unit.root].ignored(unit.outer)
        if name != placed.name or ignored or not self._paths.allow(name, placed.member):
            raise OutsideScope(f"{file.name!a} is left out by the grant, and is not opened.")
        return placed

    def raw(self, unit: Unit) -> BinaryIO:
        """The bytes of a file, or of a zip in a zip. Raises OutsideScope, OSError."""
        if unit.inner:
            return self.archive(Unit(unit.root, unit.outer)).open(unit.inner)
        return os.fdopen(self.roots[unit.root].opened(unit.outer), "rb")

    def archive(self, unit: Unit) -> Archive:
        """The archive in a file, or the zip in a zip."""
        return self._shelf.archive(unit, self._name(unit))

    def close(self) -> None:
        """Let go of the archives that are still open."""
        self._shelf.close()

    def _found(self, patterns: tuple[str, ...]) -> Iterator[tuple[Unit, Entry]]:
        for number, (root, walk) in enumerate(zip(self.roots, self._walks, strict=True)):
            self._check()
            try:
                entry = root.entry()
            except OSError as error:
                self._tell(root.name, sentence(error), True)
                continue
            if entry.folder:
                for path, inside in walk.files(patterns):
                    yield Unit(number, path), inside
            else:
                yield Unit(number, ""), entry

    def _file(self, unit: Unit, entry: Entry) -> Placed:
        return Placed(self._name(unit), entry.size, entry.modified, unit)

    def _sought(self, name: str) -> Placed | None:
        """A file that a connector names itself, if it is among those in scope."""
        return next((file for file in self.all((name,)) if file.name == name), None)

    def _name(self, unit: Unit) -> str:
        outer = unit.outer or self.roots[unit.root].name
        return f"{outer}!{unit.inner}" if unit.inner else outer

    def _members(self, parts: list[Unit]) -> Iterator[Placed]:
        """The members of all parts of one export: of tars in their own order, of zips in that of their paths."""
        found: list[tuple[str, int, Member]] = []
        units: list[Unit] = []
        for unit in parts:
            if not archives.is_zip(self._name(unit)):
                yield from (self._in(unit, member) for member in self._listed(unit, nested=False))
                continue
            at = len(units)
            units.append(unit)
            for member in self._listed(unit, nested=True):
                if not archives.is_zip(member.path):
                    found.append((member.path, at, member))
                    continue
                units.append(inside := Unit(unit.root, unit.outer, member.path))
                found += [(inner.path, len(units) - 1, inner) for inner in self._listed(inside, nested=False)]
        found.sort(key=lambda each: each[:2])
        for _, at, member in found:
            yield self._in(units[at], member)

    def _in(self, unit: Unit, member: Member) -> Placed:
        return Placed(f"{self._name(unit)}!{member.path}", member.size, member.modified, unit, member.path)

    def _listed(self, unit: Unit, nested: bool) -> Iterator[Member]:
        """The members of one archive that may be read. `nested`: zips in it too, whatever the paths in scope."""
        name = self._name(unit)
        if self._paths.forbid(name, unit.inner):
            self._tell(name, paths.EXCLUDED, False)
            return
        try:
            members = self.archive(unit).members()
        except FAULTS as error:
            self._tell(name, sentence(error), True)
            return
        for member in members:
            locator, why, fault = _left_out(name, member)
            if why:
                self._tell(locator, why, fault)
            elif nested and archives.is_zip(member.path):
                yield member
            elif archives.is_archive(member.path):
                self._tell(locator, _NESTED, True)
            elif self._paths.allow(locator, member.path):
                yield member

    def _tell(self, locator: str, reason: str, fault: bool) -> None:
        if locator not in self._known:
            self._known.add(locator)
            spelled = locator.encode("utf-8", "backslashreplace").decode("utf-8")
            self.told.append(Skipped(self._source, spelled, reason, fault))


def _part_of(unit: Unit, entry: Entry) -> tuple[str, ...]:
    """What the parts of one export have in common; empty for a file that is no archive."""
    if not archives.is_archive(entry.name):
        return ()
    folder = unit.outer.rpartition("/")[0]
    part = _PART.fullmatch(entry.name.lower())
    return (folder, *(part.groups() if part else (entry.name.lower(),)))


def _left_out(name: str, member: Member) -> tuple[str, str, bool]:
    """The locator of a member, why it is left out (empty where it is not), and whether that is a fault.

    Of members in a folder that is left out, that folder is the locator; of encrypted ones, the archive.
    """
    locator = f"{name}!{member.path}" if member.path else name
    if member.refused:
        return name if member.refused == archives.ENCRYPTED else locator, member.refused, True
    *folders, file = member.path.split("/")
    for at, folder in enumerate(folders):
        mail = folder.startswith(".") and [*folders, file][at + 1] in ("cur", "new")
        if why := paths.folder_left_out(folder, mail):
            return f"{name}!{'/'.join(folders[: at + 1])}/", why, False
    return locator, paths.file_left_out(file, ()), False

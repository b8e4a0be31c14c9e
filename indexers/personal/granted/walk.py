"""The files below a root in a stable order, without what is left out by name, link, disk or `.vaultignore`.

Each thing that is left out is told, a folder once for all that is in it.
Knows folders and names; opens nothing but `.vaultignore`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from cascade.errors import OutsideScope
from indexers.personal.granted import paths
from indexers.personal.granted.paths import IGNORE, Ignore, Paths, Unclear
from indexers.personal.granted.roots import Entry, Root
from indexers.sources.faults import sentence
from indexers.sources.passed import LINK

_LONGEST = 1 << 20
"""Most bytes of a `.vaultignore`."""

_DEEPEST = 100
"""Most folders in one another."""

_ODD = "It is no plain file (a pipe, socket or device): it is not opened."
_NAMELESS = "Its name is not text in UTF-8. Rename it, and read again."

Told = Callable[[str, str, bool], None]
"""Called with a locator, the reason why it is left out, and whether that is a fault."""


@dataclass(slots=True)
class Walk:
    """One root, its scope, and what `.vaultignore` files were met."""

    root: Root
    paths: Paths
    told: Told
    _ignores: dict[str, Ignore | None] = field(default_factory=dict)

    def files(self, patterns: tuple[str, ...] = (), folder: str = "") -> Iterator[tuple[str, Entry]]:
        """Paths below the root (with `/`) and what lies there; depth first, by name."""
        try:
            entries = self.root.entries(folder)
            self._ignore(folder, entries)
        except OutsideScope as error:
            if not folder:
                raise
            self.told(f"{folder}/", str(error), False)
            return
        except (OSError, Unclear) as error:
            why = sentence(error) if isinstance(error, OSError) else str(error)
            self.told(f"{folder or self.root.name}/", why, True)
            return
        if folder.count("/") >= _DEEPEST:
            self.told(f"{folder}/", f"It lies more than {_DEEPEST} folders deep. Grant it by itself.", True)
            return
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            why, fault = self._left_out(path, entry, patterns)
            if why:
                self.told(path + "/" * entry.folder, why, fault)
            elif entry.folder:
                yield from self.files(patterns, path)
            else:
                yield path, entry

    def ignored(self, path: str) -> bool:
        """Whether a `.vaultignore` on the way to a path names it, or a folder it lies in."""
        steps = list(paths.steps(path, "/"))
        folders = ["", *steps[:-1]]
        for folder in folders:
            if folder not in self._ignores:
                with suppress(Unclear):  # which leaves out all in the folder
                    self._ignore(folder, self.root.entries(folder))
        found = [ignore for folder in folders if (ignore := self._ignores[folder])]
        return any(ignore.names(step) for ignore in found for step in steps)

    def _left_out(self, path: str, entry: Entry, patterns: tuple[str, ...]) -> tuple[str, bool]:
        """Why, and whether that is a fault."""
        try:
            entry.name.encode("utf-8")
        except UnicodeError:
            return _NAMELESS, True
        if entry.link:
            return LINK, False
        if entry.other:
            return _ODD, False
        if self.paths.forbid(path):
            return paths.EXCLUDED, False
        if self.ignored(path):
            return paths.IGNORED, False
        if entry.folder:
            return paths.folder_left_out(entry.name, entry.name.startswith(".") and self._mail(path)), False
        return paths.file_left_out(entry.name, patterns), False

    def _mail(self, path: str) -> bool:
        try:
            return any(entry.name == "cur" and entry.folder for entry in self.root.entries(path))
        except (OSError, OutsideScope):
            return False

    def _ignore(self, folder: str, entries: list[Entry]) -> None:
        found = next((entry for entry in entries if entry.name == IGNORE), None)
        if folder in self._ignores and not found:
            return
        self._ignores[folder] = Ignore.all(folder) if found else None
        if found and (found.link or found.folder or found.other or found.size > _LONGEST):
            raise Unclear(f"Its {IGNORE} is no plain short file: all in this folder is left out.")
        if found:
            with os.fdopen(self.root.opened(f"{folder}/{IGNORE}" if folder else IGNORE), "rb") as file:
                self._ignores[folder] = Ignore.parse(f"{folder}/" if folder else "", file.read(_LONGEST + 1))

"""Files of a folder: what a walk finds, in a stable order, without following links or hanging on pipes.

Passes over what is hidden, made by tools, or known to hold no text; `passed.py` has the lists.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cascade.index import layout
from indexers.records import Skipped
from indexers.sources import git
from indexers.sources.blob import Blob
from indexers.sources.faults import Unreadable, sentence
from indexers.sources.globs import Globs
from indexers.sources.passed import LINK, file_reason, folder_reason, path_reason

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def regular(path: Path) -> BinaryIO:
    """The file opened for reading. Raises `Unreadable` at once for a pipe, a device or a socket: they may never end."""
    handle = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unreadable("It is not a regular file (a pipe, a device or a socket).")
    return os.fdopen(handle, "rb", buffering=1 << 18)


def locator(path: str) -> str:
    """A path as a locator: with `/`, and bytes that are no UTF-8 written as `\\xNN`."""
    return path.replace(os.sep, "/").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def one(source: str, path: Path) -> Blob:
    """The blob of a single file, called by its own name."""
    return Blob(source, locator(path.name), path.name, lambda: regular(path))


class Walk:
    """Everything under a folder that the globs allow: blobs, and what was passed over or could not be listed.

    Folder by folder, names sorted, each folder's files first. A folder that holds `.git` is listed by git, so that what
    it ignores is left out. One use, one thread.
    """

    def __init__(self, source: str, root: Path, globs: Globs) -> None:
        self._source, self._root, self._globs = source, root, globs
        self._waiting = [""]
        self._inside: dict[str, bool] = {}

    def __iter__(self) -> Iterator[Blob | Skipped]:
        while self._waiting:
            folder = self._waiting.pop()
            try:
                with os.scandir(self._root / folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                yield Skipped(self._source, locator(folder) + "/", sentence(error))
                continue
            names = {entry.name for entry in entries}
            if folder and layout.SEGMENTS in names and names & {layout.MANIFEST, layout.TWIN}:
                yield self._over(folder + "/", "It is an index of Cascade.")
            elif ".git" in names and (listed := git.worktree(self._root / folder)) is not None:
                yield from self._paths(_join(folder, name) for name in listed)
            else:
                yield from self._entries(folder, entries)

    def _entries(self, folder: str, entries: list[os.DirEntry[str]]) -> Iterator[Blob | Skipped]:
        below: list[str] = []
        for entry in entries:
            path = _join(folder, entry.name)
            is_folder = entry.is_dir(follow_symlinks=False)
            if self._globs.forbid(locator(path)) if is_folder else not self._globs.allow(locator(path)):
                continue
            if reason := folder_reason(entry.name) if is_folder else file_reason(entry.name):
                yield self._over(f"{path}/" if is_folder else path, reason)
            elif is_folder:
                below.append(path)
            elif entry.is_symlink():
                yield self._over(path, LINK)
            else:
                yield self._blob(path)
        self._waiting.extend(reversed(below))

    def _paths(self, paths: Iterable[str]) -> Iterator[Blob | Skipped]:
        """Files as git lists them. A folder among them is a submodule or another repository: its own git lists it."""
        below: list[str] = []
        for path in paths:
            try:
                mode = (self._root / path).lstat().st_mode
                if not self._within(path):
                    yield self._over(path, LINK)
                    continue
            except (OSError, ValueError):
                continue
            if not self._globs.allow(locator(path)):
                continue
            if stat.S_ISDIR(mode):
                below.append(path.rstrip("/"))
            elif reason := path_reason(path):
                yield self._over(path, reason)
            elif stat.S_ISLNK(mode):
                yield self._over(path, LINK)
            else:
                yield self._blob(path)
        self._waiting.extend(reversed(below))

    def _within(self, path: str) -> bool:
        """Whether a path that git lists lies below its folder: an index may name `.` and `..`, and a folder may have
        become a link since."""
        if not {"", ".", ".."}.isdisjoint(path.removesuffix("/").split("/")):
            return False
        folder = path.rstrip("/").rpartition("/")[0]
        if folder not in self._inside:
            self._inside[folder] = (self._root / folder).resolve() == self._root / folder
        return self._inside[folder]

    def _blob(self, path: str) -> Blob:
        full = self._root / path
        return Blob(self._source, locator(path), full.name, lambda: regular(full))

    def _over(self, path: str, reason: str) -> Skipped:
        return Skipped(self._source, locator(path), reason, fault=False)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name

"""A root of a grant, opened so that nothing but what lies in it can be: no link is followed, no other disk entered.

The path of a root was resolved when it was granted. It is walked anew from the top of the disk for every single
opening, one folder after the other, each opened within the one before and refused where it is a link (`openat` with
`O_NOFOLLOW`): between a check and an opening there is no gap in which a folder could be exchanged for a link. What is
no plain file (pipes, sockets, devices) is refused before it is opened, and what was opened is looked at again.
A folder on another disk than the root's is not entered; the folders in `barred` (the vault itself) are not either.
Where the system has no `openat` (Windows), the real path is compared before and after opening, and what was opened with
what lies there.

A file of the root that is a hard link cannot be told from any other file: it is in the root.
Knows paths and the operating system; knows nothing of scopes, archives or what the files hold.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cascade.errors import OutsideScope

_STEP = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_LINKED = (errno.ELOOP, errno.ENOTDIR, getattr(errno, "EMLINK", errno.ELOOP))

WALKED = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd and os.scandir in os.supports_fd
"""Whether this system can open a file within a folder that is open."""

Barred = frozenset[tuple[int, int]]
"""Folders that are never entered, as (device, inode)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies in a folder. `link`, `other`: it is neither a plain file nor a folder."""

    name: str
    size: int
    modified: float
    folder: bool = False
    link: bool = False
    other: bool = False


def barred(*folders: Path) -> Barred:
    """Folders by what the system calls them; those that are not there are none."""
    found = (folder.stat() for folder in folders if folder.is_dir())
    return frozenset((each.st_dev, each.st_ino) for each in found)


@dataclass(frozen=True, slots=True)
class Root:
    """One root. `walked` is False where the system cannot open within a folder.

    Paths in it are given with `/`, without `.` and `..`; empty is the root itself. Everything raises OutsideScope where
    a link, another disk or an odd file is in the way, and OSError where the system says no.
    """

    path: str
    barred: Barred = frozenset()
    walked: bool = WALKED

    @property
    def name(self) -> str:
        """The last part of its path."""
        return Path(self.path).name

    def entry(self) -> Entry:
        """What lies at its path now, opened or not."""
        found = os.lstat(self.path)
        return Entry(self.name, found.st_size, found.st_mtime, stat.S_ISDIR(found.st_mode))

    def opened(self, inside: str = "", suffix: str = "") -> int:
        """A descriptor of a plain file, to read. `suffix` is added to its name (`-wal` beside a database)."""
        parts = self._parts(inside)
        parts[-1] += suffix
        if not self.walked:
            return self._compared(parts)
        with self._folder(parts[:-1]) as folder:
            _plain(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False), self._said(parts))
            try:
                handle = os.open(parts[-1], _READ, dir_fd=folder)
            except OSError as error:
                raise self._refused(error, parts) from None
            return self._looked_at(handle, parts)

    def entries(self, inside: str = "") -> list[Entry]:
        """What lies in a folder, by name."""
        parts = self._parts(inside)
        if not self.walked:
            self._real(parts)
            return _listed(os.scandir(self._said(parts)))
        with self._folder(parts, _LIST) as folder:
            return _listed(os.scandir(folder))

    def _parts(self, inside: str) -> list[str]:
        parts = [*Path(self.path).parts[1:], *(inside.split("/") if inside else ())]
        if any(part in ("", ".", "..") or "\0" in part or (os.sep != "/" and os.sep in part) for part in parts):
            raise OutsideScope(f"{inside!a} is no path in {self.path}.")
        return parts

    def _said(self, parts: list[str]) -> str:
        return str(Path(Path(self.path).anchor, *parts))

    @contextmanager
    def _folder(self, parts: list[str], last: int = _STEP) -> Iterator[int]:
        """A descriptor of a folder, from the top of the disk down."""
        depth = len(Path(self.path).parts) - 1
        handle = os.open(Path(self.path).anchor, _STEP if parts else last)
        device = -1
        try:
            for at, part in enumerate(parts, 1):
                try:
                    deeper = os.open(part, last if at == len(parts) else _STEP, dir_fd=handle)
                except OSError as error:
                    raise self._refused(error, parts[:at]) from None
                os.close(handle)
                handle = deeper
                if at >= depth - 1:
                    found = os.fstat(handle)
                    if at > depth and found.st_dev != device:
                        raise OutsideScope(f"{self._said(parts[:at])} is on another disk. Grant it by itself.")
                    self._bar(found, parts[:at])
                    device = found.st_dev
            yield handle
        finally:
            os.close(handle)

    def _bar(self, found: os.stat_result, parts: list[str]) -> None:
        if (found.st_dev, found.st_ino) in self.barred:
            raise OutsideScope(f"{self._said(parts)} is the vault itself, which is not read as a source.")

    def _refused(self, error: OSError, parts: list[str]) -> Exception:
        if error.errno in _LINKED:
            return OutsideScope(f"{self._said(parts)} is a link now, or not what it was. Links are not followed.")
        return error

    def _looked_at(self, handle: int, parts: list[str]) -> int:
        try:
            _plain(os.fstat(handle), self._said(parts))
            os.set_blocking(handle, True) if os.name != "nt" else None
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _real(self, parts: list[str]) -> str:
        path = self._said(parts)
        if os.path.realpath(path, strict=True) != path:
            raise OutsideScope(f"{path} is reached by a link. Links are not followed.")
        return path

    def _compared(self, parts: list[str]) -> int:
        path = self._real(parts)
        for above in range(len(Path(self.path).parts) - 2, len(parts)):
            self._bar(Path(self._said(parts[:above])).stat(), parts[:above])
        before = os.lstat(path)
        _plain(before, path)
        handle = self._looked_at(os.open(path, _READ), parts)
        try:
            self._real(parts)
            after = os.fstat(handle)
            if (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino):
                raise OutsideScope(f"{path} was exchanged while it was opened. Links are not followed.")
        except BaseException:
            os.close(handle)
            raise
        return handle


def _plain(found: os.stat_result, path: str) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise OutsideScope(f"{path} is a link. Links are not followed.")
    if not stat.S_ISREG(found.st_mode):
        raise OutsideScope(f"{path} is no plain file, and is not opened.")


def _listed(scan: os._ScandirIterator[str]) -> list[Entry]:
    with scan as entries:
        return sorted((_entry(entry) for entry in entries), key=lambda entry: entry.name)


def _entry(entry: os.DirEntry[str]) -> Entry:
    if entry.is_symlink():
        return Entry(entry.name, 0, 0.0, link=True)
    if entry.is_dir(follow_symlinks=False):
        return Entry(entry.name, 0, 0.0, folder=True)
    if not entry.is_file(follow_symlinks=False):
        return Entry(entry.name, 0, 0.0, other=True)
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:  # it vanished meanwhile: whoever opens it is told
        return Entry(entry.name, 0, 0.0)
    return Entry(entry.name, found.st_size, found.st_mtime)

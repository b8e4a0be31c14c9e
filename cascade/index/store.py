"""Where a backup is kept: a folder, or object storage through fsspec (`s3://bucket/path`, `sftp://...`, `memory://`).

A file is there whole or not at all. Knows names and bytes; knows nothing of what they are. The home of fsspec.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cascade.errors import BadConfig, SourceError
from cascade.index import files

PART = 1 << 22
"""Bytes moved at a time."""


class Store(Protocol):
    """Named files. Names have forward slashes."""

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def put(self, name: str, data: BinaryIO) -> None:
        """Write a file, whole or not at all."""
        ...

    def settle(self, name: str) -> None:
        """See that a file that is there stays there."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """A file in parts. Raises FileNotFoundError."""
        ...

    def names(self, folder: str) -> list[str]:
        """The files in a folder and below it, sorted; none where there is no such folder."""
        ...

    def remove(self, name: str) -> None:
        """Take a file away."""
        ...


def opened(where: str) -> Store:
    """The store that an address names. Raises BadConfig where it needs a package that is not installed."""
    if "://" not in where:
        return Folder(Path(where))
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        system, path = url_to_fs(where)
    except (ImportError, ValueError) as error:
        raise BadConfig(f"{where} cannot be reached ({error}). Install what it needs, or name a folder.") from error
    return Remote(system, path)


class Folder:
    """Files in a local folder, flushed to the disk before they have their name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._settled: set[Path] = set()

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.root / name).is_file()

    def put(self, name: str, data: BinaryIO) -> None:
        """Write a file beside its place, flush it, and rename it. Raises SourceError."""
        path = self.root / name
        aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            files.disk.make(path.parent)
            try:
                files.disk.stream(aside, iter(lambda: data.read(PART), b""))
                files.disk.rename(aside, path)
            finally:
                with suppress(OSError):
                    aside.unlink(missing_ok=True)
            self._settle(path)
        except OSError as error:
            raise SourceError(f"{path} cannot be written ({error}). Nothing of this backup counts yet.") from error

    def settle(self, name: str) -> None:
        """See that a file that is there stays there, also where who put it was stopped. Raises SourceError."""
        try:
            self._settle(self.root / name)
        except OSError as error:
            raise SourceError(f"{self.root} cannot be written ({error}). Nothing of this backup counts yet.") from error

    def _settle(self, path: Path) -> None:
        files.disk.flush_folder(path.parent)
        for folder in (path.parent, *path.parent.parents):
            if folder in self._settled:
                break
            with suppress(PermissionError):  # of a folder that is not ours
                files.disk.flush_folder(folder.parent)
            self._settled.add(folder)
            if folder == self.root:
                break

    def read(self, name: str) -> Iterator[bytes]:
        """A file in parts."""
        if not self.has(name):  # a pipe would never end
            raise FileNotFoundError(name)
        yield from files.disk.parts(self.root / name)

    def names(self, folder: str) -> list[str]:
        """The files in a folder and below it, sorted; not those being written."""
        found = (path for path in (self.root / folder).rglob("*") if path.is_file() and path.suffix != ".tmp")
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def remove(self, name: str) -> None:
        """Take a file away."""
        files.disk.remove(self.root / name)


class Remote:
    """Files behind an fsspec file system. Object storage shows an object when it is whole."""

    def __init__(self, system: Any, root: str) -> None:
        self.system, self.root = system, root.rstrip("/")

    def _at(self, name: str) -> str:
        return posixpath.join(self.root, name)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self.system.isfile(self._at(name)))

    def put(self, name: str, data: BinaryIO) -> None:
        """Write a file; what is broken off is not left behind. Raises SourceError."""
        path = self._at(name)
        try:
            self.system.makedirs(posixpath.dirname(path), exist_ok=True)
            with self.system.open(path, "wb") as out:
                while part := data.read(PART):
                    out.write(part)
        except OSError as error:
            if self.system.exists(path):
                self.system.rm_file(path)
            raise SourceError(f"{path} cannot be written ({error}). Nothing of this backup counts yet.") from error

    def settle(self, name: str) -> None:
        """Nothing to do: what an object store shows is stored."""

    def read(self, name: str) -> Iterator[bytes]:
        """A file in parts."""
        with self.system.open(self._at(name), "rb") as file:
            while part := file.read(PART):
                yield part

    def names(self, folder: str) -> list[str]:
        """The files in a folder and below it, sorted."""
        path = self._at(folder)
        if not self.system.exists(path):
            return []
        found = (str(one).removeprefix("/") for one in self.system.find(path))
        root = self.root.removeprefix("/")
        return sorted(name.removeprefix(root).lstrip("/") for name in found)

    def remove(self, name: str) -> None:
        """Take a file away."""
        if self.has(name):
            self.system.rm_file(self._at(name))

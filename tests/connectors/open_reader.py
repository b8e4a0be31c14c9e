"""A reader without a grant, for tests of connectors: everything below a folder, archives as folders."""

from __future__ import annotations

import io
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from indexers.sources.connectors.base import File

ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz")


@dataclass
class OpenReader:
    """Reads `root`, a file or a folder. `opened` lists what was opened, in order."""

    root: Path
    choices: Mapping[str, str] = field(default_factory=dict)
    source: str = "test"
    safe: Mapping[str, int] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def files(self, *patterns: str) -> Iterator[File]:
        for file in self._all():
            path = file.path.casefold()
            if not patterns or any(fnmatchcase(path, pattern.casefold()) for pattern in patterns):
                yield file

    @contextmanager
    def open(self, file: File) -> Iterator[BinaryIO]:
        self.opened.append(file.name)
        outer, _, member = file.name.partition("!")
        path = self.root if self.root.is_file() else self.root / outer
        if not member:
            with path.open("rb") as stream:
                yield stream
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(member) as inner:
                yield inner  # type: ignore[misc]
        else:
            with tarfile.open(path) as archive:
                found = archive.extractfile(member)
                assert found is not None
                yield io.BytesIO(found.read())

    @contextmanager
    def database(self, file: File) -> Iterator[sqlite3.Connection]:
        self.opened.append(file.name)
        path = self.root if self.root.is_file() else self.root / file.name
        with closing(sqlite3.connect(":memory:")) as copy:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as live:
                live.backup(copy)
            copy.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield copy

    def resume(self, file: File) -> int:
        return self.safe.get(file.name, 0)

    def _all(self) -> Iterator[File]:
        paths = [self.root] if self.root.is_file() else sorted(p for p in self.root.rglob("*") if p.is_file())
        for path in paths:
            name = path.name if path == self.root else path.relative_to(self.root).as_posix()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for info in archive.infolist():
                        if not info.is_dir():
                            yield File(f"{name}!{info.filename}", info.file_size)
            elif name.endswith(ARCHIVES):
                with tarfile.open(path) as archive:
                    for member in archive:
                        if member.isfile():
                            yield File(f"{name}!{member.name}", member.size)
            else:
                yield File(name, path.stat().st_size, path.stat().st_mtime)

"""A reader that gives one connector its part of an export, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from fnmatch import translate
from typing import BinaryIO

from indexers.sources.connectors.base import File, Reader


class Narrowed:
    """What `reader` gives of `files`. Opening goes to the reader, which holds the consent."""

    def __init__(self, reader: Reader, files: list[File]) -> None:
        self._reader, self._files = reader, files

    @property
    def source(self) -> str:
        """The source of the whole export."""
        return self._reader.source

    @property
    def choices(self) -> Mapping[str, str]:
        """The choices of the whole export."""
        return self._reader.choices

    def files(self, *patterns: str) -> Iterator[File]:
        """Those of its files that match, in the order of the export."""
        wanted = [re.compile(translate(pattern.casefold())) for pattern in patterns]
        for file in self._files:
            path = file.path.casefold()
            if not wanted or any(pattern.match(path) for pattern in wanted):
                yield file

    def open(self, file: File) -> AbstractContextManager[BinaryIO]:
        """As the reader opens it."""
        return self._reader.open(file)

    def database(self, file: File) -> AbstractContextManager[sqlite3.Connection]:
        """As the reader opens it."""
        return self._reader.database(file)

    def resume(self, file: File) -> int:
        """As the reader says."""
        return self._reader.resume(file)

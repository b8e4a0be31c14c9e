"""JSON objects a line that survive a kill: each is on the disk when `add` returns, and half a line is never read.

Knows lines; knows nothing of what they say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from cascade.errors import SourceError


class Journal:
    """A file that only grows. Entered, it is open for adding; what was cut off by a kill is dropped first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Journal:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab")
        whole = self.path.read_bytes().rfind(b"\n") + 1 if self.path.exists() else 0
        self._file.truncate(whole)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, row: dict[str, Any]) -> None:
        """Write a row and flush it to the disk."""
        self._file.write(line(row).encode("utf-8", "replace"))
        self._file.flush()
        os.fsync(self._file.fileno())

    def clear(self) -> None:
        """Begin anew."""
        self._file.truncate(0)


def line(row: dict[str, Any]) -> str:
    """A row as one line of JSON; numbers of NumPy become Python's."""
    return json.dumps(row, ensure_ascii=False, default=float) + "\n"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file; a last line that was cut off is left out. Nothing where there is no file.

    Raises SourceError at a whole line that is no JSON object.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                return
            try:
                row = json.loads(raw)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise SourceError(f"Line {number} of {path} is no JSON object. Mend it, or run into a new folder.")
            yield row

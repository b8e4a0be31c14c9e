"""What a client sends to be added, as a source: rows in a body, lines in a stream, files in a form.

A client's name for a file is a label: it chooses the format and becomes the locator. It is never a path of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexers.records import Record, Skipped
from indexers.sources.blob import Blob
from indexers.sources.columns import Columns
from indexers.sources.faults import Unreadable
from indexers.sources.globs import Globs
from indexers.sources.open import Blobs
from indexers.sources.options import SourceOptions

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rows:
    """Records given as mappings, as a line of JSONL would hold them. The same rows again add nothing."""

    name: str
    rows: Sequence[Mapping[str, Any]]

    def read(self) -> Iterator[Record | Skipped]:
        """A record of each row with text."""
        columns = Columns(self.name, "rows", SourceOptions())
        for number, row in enumerate(self.rows, 1):
            try:
                yield columns.record(row, number)
            except Unreadable as error:
                yield Skipped(self.name, f"rows#{number}", str(error))


def files(source: str, found: Sequence[tuple[str, Path]]) -> Blobs:
    """A source of spooled files: each the name a client gave it, and where it lies."""
    blobs = [_blob(source, label(name), path) for name, path in found]
    return Blobs(source, lambda: blobs, SourceOptions(), Globs.of((), ()))


def _blob(source: str, name: str, path: Path) -> Blob:
    return Blob(source, name, name.rpartition("/")[2], lambda: path.open("rb"))


def label(name: str) -> str:
    """A client's name for a file as one clean line: no control characters, no `..`, not absolute, not long."""
    parts = [part for part in re.split(r"[/\\]", _CONTROL.sub("", name)) if part not in ("", ".", "..")]
    return "/".join(parts)[-200:].lstrip("/") or "unnamed"

"""Rows of results read from JSON lines, and what could not be read, with the reason.

A later row of the same suite and condition replaces the earlier one: that is how a run is resumed. Knows files and the
shape of a row (`eval.rows`, with suite, condition and kind); knows nothing of how a figure is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cascade.errors import NotFound, SourceError


class Kind(StrEnum):
    """What a row measures."""

    SETS = "sets"
    NEEDLES = "needles"
    ANSWERS = "answers"
    LATENCY = "latency"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Row:
    """One condition's results. `anchor` is its id on the page; `file` and `line` say where it was read."""

    suite: str
    condition: str
    kind: str
    settings: Mapping[str, Any]
    summary: Mapping[str, Any]
    queries: tuple[Mapping[str, Any], ...]
    about: Mapping[str, Any]
    file: Path
    line: int
    anchor: str

    @property
    def count(self) -> int:
        """How many questions it asked: those it lists, else what its settings say."""
        said = self.settings.get("count", self.settings.get("questions"))
        return len(self.queries) or (said if isinstance(said, int) else 0)

    @property
    def passages(self) -> int:
        """Passages of the index; 0 where the row does not say."""
        said = self.settings.get("passages")
        return round(said) if isinstance(said, int | float) and not isinstance(said, bool) else 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is no row, or that another replaced."""

    file: Path
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Results:
    """All that was read, in the order of the files; `replaced` counts rows that a later one took the place of."""

    rows: tuple[Row, ...]
    unread: tuple[Unread, ...] = ()
    replaced: int = 0

    def of(self, kind: Kind) -> list[Row]:
        """The rows of one kind, without the means of others of them: those would count twice."""
        return [row for row in self.rows if row.kind == kind and not row.settings.get("mean")]


def read(paths: Iterable[Path]) -> Results:
    """The rows of files, and of the *.jsonl files of folders. Raises NotFound, or SourceError without any row."""
    found: dict[tuple[str, str], Row] = {}
    unread: list[Unread] = []
    anchors: set[str] = set()
    replaced = 0
    files = [file for path in paths for file in _files(path)]
    for file in files:
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            if not line.strip():
                continue
            row = _row(line, file, number, anchors)
            if isinstance(row, Unread):
                unread.append(row)
                continue
            key = (row.suite, row.condition)
            replaced += found.pop(key, None) is not None
            found[key] = row
    if not found:
        why = f"; the first line: {unread[0].reason}" if unread else ""
        raise SourceError(
            f"No row of results is in {', '.join(map(str, files))}{why}. Make some: cascade eval run SUITE."
        )
    return Results(tuple(found.values()), tuple(unread), replaced)


def slug(text: str) -> str:
    """Text as part of an id or of a file's name: small letters, figures and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "x"


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        inner = sorted(path.glob("*.jsonl"))
        if not inner:
            raise NotFound(f"{path} holds no *.jsonl. Name the folder or the file that `cascade eval run` wrote.")
        return inner
    if not path.is_file():
        raise NotFound(f"There is no {path}. Name the folder or the file that `cascade eval run` wrote.")
    return [path]


def _row(line: bytes, file: Path, number: int, anchors: set[str]) -> Row | Unread:
    try:
        held = json.loads(line)
    except ValueError as error:
        return Unread(file, number, f"no JSON ({error})")
    if not isinstance(held, dict):
        return Unread(file, number, "not a JSON object")
    missing = [key for key in ("kind", "condition", "summary", "settings") if key not in held]
    if missing:
        return Unread(file, number, f"no row of a suite: without {', '.join(missing)}")
    if not isinstance(held["settings"], dict) or not isinstance(held["summary"], dict):
        return Unread(file, number, "settings or summary is not a JSON object")
    if str(held["kind"]) not in set(Kind):
        return Unread(file, number, f"its kind is {str(held['kind'])!r}, which this report does not know")
    suite, condition = str(held.get("suite") or file.stem), str(held["condition"])
    queries = held.get("queries") if isinstance(held.get("queries"), list) else []
    return Row(
        suite,
        condition,
        str(held["kind"]),
        held["settings"],
        held["summary"],
        tuple(query for query in queries or () if isinstance(query, dict)),
        {key: held.get(key) for key in ("date", "commit", "machine", "versions", "seed")},
        file,
        number,
        _anchor(f"row-{slug(suite)}-{slug(condition)}", anchors),
    )


def _anchor(wanted: str, taken: set[str]) -> str:
    name, again = wanted, 2
    while name in taken:
        name, again = f"{wanted}-{again}", again + 1
    taken.add(name)
    return name

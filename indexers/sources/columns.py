"""Rows to records: which column is the id, the title, the text and the time, and what else is worth keeping.

Knows mappings; knows nothing of JSONL, Parquet or CSV.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from indexers.records import Record
from indexers.sources.dates import iso
from indexers.sources.decode import clean
from indexers.sources.faults import Unreadable
from indexers.sources.options import SourceOptions

USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("_id", "id"),
    "title": ("title",),
    "text": ("text", "contents", "content", "body"),
    "time": ("time", "date", "timestamp"),
}
"""Names looked for, in this order, where the options name none. The first of each are BEIR's."""

MOST_COLUMNS = 64
LONGEST_VALUE = 1_000
"""Metadata kept without being asked for: at most so many columns, of at most so many characters each."""


class Columns:
    """Turns the rows of one file into records."""

    def __init__(self, source: str, file: str, options: SourceOptions) -> None:
        self.source, self.file = source, file
        self._ids = (options.id,) if options.id else USUAL["id"]
        self._titles = (options.title,) if options.title else USUAL["title"]
        self._texts = (options.text,) if options.text else USUAL["text"]
        self._times = (options.time,) if options.time else USUAL["time"]
        self._asked = options.metadata

    def fit(self, names: Iterable[str]) -> bool:
        """Whether a table with these columns holds records: one of them is the text."""
        return not set(names).isdisjoint(self._texts)

    def needed(self, names: Iterable[str]) -> list[str]:
        """The columns worth reading, in the order given: all, or those named where metadata is named."""
        roles = {*self._ids, *self._titles, *self._texts, *self._times}
        return [name for name in names if not self._asked or name in roles or name in self._asked]

    def record(self, row: Mapping[str, Any], number: int, time: str = "") -> Record:
        """The record of a row; `number` counts from 1, `time` stands where it has none. `Unreadable` without text."""
        used: set[str] = set()
        key = self._take(row, self._ids, used)
        title = self._take(row, self._titles, used)
        text = self._take(row, self._texts, used)
        if not text or text.isspace():
            if not title:
                raise Unreadable(self._textless(row))
            text = title
        for name in self._times:
            if (value := row.get(name)) is not None and (dated := iso(value)):
                time = dated
                used.add(name)
                break
        rest = () if len(used) == len(row) else self._rest(row, used)
        return Record(self.source, f"{self.file}#{number}", text, title, key, time, metadata=dict(rest))

    def _take(self, row: Mapping[str, Any], names: tuple[str, ...], used: set[str]) -> str:
        for name in names:
            value = row.get(name)
            if value is not None:
                used.add(name)
                return clean(value if isinstance(value, str) else _written(value))
        return ""

    def _rest(self, row: Mapping[str, Any], used: set[str]) -> Iterable[tuple[str, Any]]:
        """Metadata: what was asked for, whatever it is; else short scalars, those of a `metadata` object among them."""
        if self._asked:
            return [(name, _plain(row[name])) for name in self._asked if row.get(name) is not None]
        kept: list[tuple[str, Any]] = []
        inner = row.get("metadata")
        every = {**inner, **row} if isinstance(inner, Mapping) else row
        for name, value in every.items():
            if name not in used and _short(value):
                kept.append((clean(str(name)), _plain(value)))
            if len(kept) == MOST_COLUMNS:
                break
        return kept

    def _textless(self, row: Mapping[str, Any]) -> str:
        wanted = next((name for name in self._texts if name in row), "")
        if wanted:
            return f"The row holds nothing in its column {wanted}."
        names = ", ".join(list(map(str, row))[:12])
        return f"The row has no column {' or '.join(self._texts)}; name its text with --text (it has: {names})."


def _written(value: Any) -> str:
    """A value as text: a list of strings is joined by empty lines, a whole float loses its `.0`."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n\n".join(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _short(value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST_VALUE
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) or hasattr(value, "isoformat")


def _plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {clean(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int) or value is None else (iso(value) or clean(str(value)))

"""Rows to records: which column is the id, the title, the text and the time, and what else is worth keeping.

Knows mappings; knows nothing of JSONL, Parquet or CSV.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from indexers.records import Kind, Record
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


_MOST_SHAPES = 256
"""Sets of column names that are remembered for one file."""


class _Parts(NamedTuple):
    """Which of a row's columns is what; `rest` are those that are neither id, title nor text."""

    id: str | None
    title: str | None
    text: str | None
    time: str | None
    rest: tuple[str, ...]


class Columns:
    """Turns the rows of one file into records."""

    def __init__(self, source: str, file: str, options: SourceOptions) -> None:
        self.source, self.file = source, file
        self._ids = (options.id,) if options.id else USUAL["id"]
        self._titles = (options.title,) if options.title else USUAL["title"]
        self._texts = (options.text,) if options.text else USUAL["text"]
        self._times = (options.time,) if options.time else USUAL["time"]
        self._asked = options.metadata
        self._parts: dict[tuple[str, ...], _Parts] = {}

    def fit(self, names: Iterable[str]) -> bool:
        """Whether a table with these columns holds records: one of them is the text."""
        return not set(names).isdisjoint(self._texts)

    def needed(self, names: Iterable[str]) -> list[str]:
        """The columns worth reading, in the order given: all, or those named where metadata is named."""
        roles = {*self._ids, *self._titles, *self._texts, *self._times}
        return [name for name in names if not self._asked or name in roles or name in self._asked]

    def record(self, row: Mapping[str, Any], number: int, time: str = "") -> Record:
        """The record of a row; `number` counts from 1, `time` stands where it has none. `Unreadable` without text."""
        names = tuple(row)
        parts = self._parts.get(names) or self._look(names)
        text = _text(row[parts.text]) if parts.text is not None else ""
        title = _text(row[parts.title]) if parts.title is not None else ""
        if not text or text.isspace():
            if not title:
                raise Unreadable(self._textless(row))
            text = title
        key = _text(row[parts.id]) if parts.id is not None else ""
        rest: dict[str, Any] = {}
        if parts.rest:
            dated = iso(row[parts.time]) if parts.time is not None else ""
            time = dated or time
            rest = dict(self._rest(row, parts, bool(dated)))
        return Record(self.source, f"{self.file}#{number}", text, title, key, time, Kind.PLAIN, "", rest)

    def _look(self, names: tuple[str, ...]) -> _Parts:
        """Which column is what, for rows with these names; remembered, since most rows of a file have the same."""

        def first(wanted: tuple[str, ...]) -> str | None:
            return next((name for name in wanted if name in names), None)

        ids, title, text, time = map(first, (self._ids, self._titles, self._texts, self._times))
        parts = _Parts(ids, title, text, time, tuple(name for name in names if name not in {ids, title, text}))
        if len(self._parts) < _MOST_SHAPES:
            self._parts[names] = parts
        return parts

    def _rest(self, row: Mapping[str, Any], parts: _Parts, dated: bool) -> Iterable[tuple[str, Any]]:
        """Metadata: what was asked for, whatever it is; else short scalars, those of a `metadata` object among them."""
        if self._asked:
            return [(name, _plain(row[name])) for name in self._asked if row.get(name) is not None]
        pairs = [(name, row[name]) for name in parts.rest if not (dated and name == parts.time)]
        inner = row.get("metadata")
        if isinstance(inner, Mapping):
            pairs.extend(pair for pair in inner.items() if pair[0] not in row)
        kept = [(clean(str(name)), _plain(value)) for name, value in pairs if _short(value)]
        return kept[:MOST_COLUMNS]

    def _textless(self, row: Mapping[str, Any]) -> str:
        wanted = next((name for name in self._texts if name in row), "")
        if wanted:
            return f"The row holds nothing in its column {wanted}."
        names = ", ".join(list(map(str, row))[:12])
        return f"The row has no column {' or '.join(self._texts)}; name its text with --text (it has: {names})."


def _text(value: Any) -> str:
    """A cell as text; empty where there is nothing in it."""
    if not isinstance(value, str):
        return "" if value is None else clean(_written(value))
    return value if value.isascii() and "\x00" not in value else clean(value)


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

"""XLSX: sheet by sheet, each a mark; rows as `header: value | header: value`, as in `tables.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from indexers.records import Kind
from indexers.sources.document import Builder, Document
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable
from indexers.sources.formats.office import checked, properties
from indexers.sources.tables import PART, as_line, is_header

_MOST = 1 << 20
"""Rows of a sheet, at most, in every version of Excel. A row may claim any number, and those before it count."""


def read(data: bytes) -> Iterator[Document]:
    """Documents of a workbook, of about `PART` characters each. Needs the extra `documents`."""
    openpyxl = need("openpyxl", "documents")
    book = openpyxl.load_workbook(checked(data, "XLSX"), read_only=True, data_only=True)
    title, time, author = properties(book.properties)
    builder = Builder()
    for sheet in book.worksheets:
        builder.mark(1, sheet.title)
        sheet.reset_dimensions()  # what a sheet claims to measure would be filled with empty cells
        for line in _lines(sheet.iter_rows(values_only=True)):
            builder.block(line, close=True)
            if builder.length >= PART:
                yield builder.build(title, time, Kind.TABLE, author=author)
                builder = Builder()
                builder.mark(1, sheet.title)
    if builder.length:
        yield builder.build(title, time, Kind.TABLE, author=author)


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    header: list[str] | None = None
    for number, row in enumerate(rows):
        if number >= _MOST:
            raise Unreadable(f"A sheet of it has more than {_MOST:,} rows, which no workbook has.")
        cells = [_written(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if header is None:
            header = cells if is_header(cells) else []
            if header:
                continue
        yield as_line(header, cells)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value.isoformat()).removesuffix("T00:00:00") if hasattr(value, "isoformat") else str(value)

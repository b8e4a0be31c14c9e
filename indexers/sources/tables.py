"""CSV and TSV: records where a column is the text, else lines `header: value | header: value`.

Each line carries its headers, so a passage cut out of a long table still says what its numbers are.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from indexers.records import Kind, Record, Skipped
from indexers.sources.columns import Columns
from indexers.sources.decode import clean, decode
from indexers.sources.document import Document
from indexers.sources.faults import Unreadable
from indexers.sources.options import MIB, SourceOptions
from indexers.sources.streams import lines

PART = 1 << 20
"""Characters of a table that make one record; the next rows begin another."""

Row = list[str]


def read(
    stream: BinaryIO, head: bytes, columns: Columns, options: SourceOptions
) -> Iterator[Record | Skipped | Document]:
    """Records where the header names a text column, else Documents of at most about `PART` characters."""
    rows = _rows(stream, head, options)
    first = next(rows, [])
    if not is_header(first):
        yield from grouped([], itertools.chain([first], rows))
    elif columns.fit(first):
        yield from _records(first, rows, columns)
    else:
        yield from grouped(first, rows)


def _rows(stream: BinaryIO, head: bytes, options: SourceOptions) -> Iterator[Row]:
    encoding = options.encoding or decode(_whole_lines(head)).encoding
    csv.field_size_limit(options.max_line_bytes)
    sample = _whole_lines(head).decode(encoding, "replace")
    return csv.reader(_text(stream, encoding, options), delimiter=_delimiter(sample))


def _whole_lines(head: bytes) -> bytes:
    return head[: head.rfind(b"\n") + 1] or head


def _text(stream: BinaryIO, encoding: str, options: SourceOptions) -> Iterator[str]:
    if encoding.startswith(("utf-16", "utf-32")):
        raise Unreadable("It is a table in UTF-16 or UTF-32; convert it to UTF-8.")
    for number, line in enumerate(lines(stream, options.max_line_bytes), 1):
        if line is None:
            raise Unreadable(f"Its line {number:,} is longer than {options.max_line_bytes / MIB:g} MiB.")
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as error:
            raise Unreadable(f"Its line {number:,} is not valid {encoding}; name the right --encoding.") from error
        yield clean(text.removeprefix("\ufeff") if number == 1 else text)


def _delimiter(sample: str) -> str:
    """The one of tab, comma, semicolon and bar that stands oftenest in the first line; a comma where none does."""
    first = sample.partition("\n")[0]
    return max(",\t;|", key=first.count)


def is_header(row: Row) -> bool:
    """Whether a first row names columns: no cell is empty, a number or long, and no two are equal."""
    names = [cell.strip() for cell in row]
    return (
        len(names) > 1
        and len(set(names)) == len(names)
        and all(name and len(name) <= 80 and not _number(name) for name in names)
    )


def _number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _records(header: Row, rows: Iterator[Row], columns: Columns) -> Iterator[Record | Skipped]:
    names = [name.strip() for name in header]
    for number, row in enumerate(rows, 1):
        try:
            yield columns.record({name: value for name, value in zip(names, row, strict=False) if value}, number)
        except Unreadable as error:
            yield Skipped(columns.source, f"{columns.file}#{number}", str(error))


def grouped(header: Row, rows: Iterable[Row], title: str = "") -> Iterator[Document]:
    """Documents of lines, one per row that holds anything; a new one is begun every `PART` characters."""
    held: list[str] = []
    size = 0
    for row in rows:
        line = as_line(header, row)
        if not line:
            continue
        held.append(line)
        size += len(line) + 1
        if size >= PART:
            yield Document("\n".join(held), title, kind=Kind.TABLE)
            held, size = [], 0
    if held:
        yield Document("\n".join(held), title, kind=Kind.TABLE)


def as_line(header: Row, row: Row) -> str:
    """`name: value | name: value`, empty cells left out; bare values where there is no header."""
    cells = [" ".join(cell.split()) for cell in row]
    names = itertools.chain((name.strip() for name in header), itertools.repeat(""))
    return " | ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=False) if cell)

"""Files of rows, one record each: JSONL and Parquet. Memory is bounded by the longest line allowed, or one batch.

CSV is in `tables.py`: it holds records only where one of its columns is the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexers.records import Record, Skipped
from indexers.sources.columns import Columns
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable
from indexers.sources.options import MIB, SourceOptions
from indexers.sources.streams import lines

_BATCH = 1_000
"""Rows of Parquet decoded at once."""


def jsonl(
    stream: BinaryIO, columns: Columns, options: SourceOptions, first: int = 1
) -> Iterator[Record | Skipped]:  # fmt: skip
    """A record per line that holds a JSON object; the locator is the file and the line's number.

    `first`: the number of the first line, where the stream begins within the file.
    """
    source, file, limit = columns.source, columns.file, options.max_line_bytes
    parse, record = json.JSONDecoder().raw_decode, columns.record
    encoding = options.encoding or "utf-8"
    for number, line in enumerate(lines(stream, limit), first):
        try:
            if line is None:
                raise Unreadable(f"The line is longer than {limit / MIB:g} MiB.")
            if line.isspace():
                continue
            text = line.decode(encoding).strip(" \t\r\n\ufeff")
            row, end = parse(text)
            if end != len(text):
                raise json.JSONDecodeError("Extra data", text, end)
            if type(row) is not dict:
                raise Unreadable("The line holds no JSON object.")
            yield record(row, number)
        except (ValueError, RecursionError, LookupError, Unreadable) as error:
            yield Skipped(source, f"{file}#{number}", _why(error))


def _why(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"The line is not JSON ({error.msg} at character {error.pos + 1})."
        case UnicodeDecodeError():
            return f"The line is not valid {error.encoding} (the first bad byte is at {error.start})."
        case RecursionError():
            return "The line is JSON nested too deeply."
        case LookupError():
            return "The encoding is unknown; see the list of Python's standard encodings."
        case _:
            return str(error)


def groups(stream: BinaryIO) -> list[int]:
    """Rows in each row group of a Parquet file. Raises Unreadable."""
    pyarrow = need("pyarrow", "parquet")
    try:
        file = need("pyarrow.parquet", "parquet").ParquetFile(stream)
        return [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"It is not Parquet that can be read ({_first_line(error)}).") from error


def parquet(
    stream: BinaryIO, columns: Columns, chosen: range | None = None, first: int = 1
) -> Iterator[Record | Skipped]:  # fmt: skip
    """A record per row, read batch by batch; the locator is the file and the row's number.

    `chosen`: the row groups that are read; None for all. `first`: the number of their first row.
    """
    pyarrow = need("pyarrow", "parquet")
    module = need("pyarrow.parquet", "parquet")
    number = first - 1
    try:
        file = module.ParquetFile(stream)
        names = columns.needed(file.schema_arrow.names)
        for batch in file.iter_batches(_BATCH, chosen and [*chosen], names, use_threads=False):
            for row in batch.to_pylist():
                number += 1
                yield _row(row, number, columns)
    except (pyarrow.ArrowException, OSError) as error:
        where = f"after row {number:,}" if number else "from the start"
        raise Unreadable(f"It is not Parquet that can be read, {where} ({_first_line(error)}).") from error


def _row(row: dict[str, Any], number: int, columns: Columns) -> Record | Skipped:
    try:
        return columns.record(row, number)
    except Unreadable as error:
        return Skipped(columns.source, f"{columns.file}#{number}", str(error))


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]

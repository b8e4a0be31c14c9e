"""The rows of a CSV file, with the names of their columns.

The first line names them. The separator is the comma, semicolon or tab that the first line has most of. Bytes that are
not UTF-8 are replaced; a row that is too long is told and passed over; rows that are too short have empty cells.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from indexers.sources.connectors.streams.elements import Broken
from indexers.sources.decode import clean
from indexers.sources.streams import lines

_LONGEST = 1 << 17
"""Characters of a row, over all its lines. `csv` has a limit too, but it is the whole process's: others set it."""
_MOST_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number from 1 (the header has none), and its cells by the name of their column."""

    number: int
    cells: dict[str, str]


def rows(stream: BinaryIO, names: tuple[str, ...] = ()) -> Iterator[Row | Broken]:
    """The rows, in order. `names`: those of the columns of a file that has no first line with names."""
    texts = _Texts(stream)
    separator = max(",;\t", key=texts.first.count)
    reader = csv.reader(texts, delimiter=separator)
    header = names
    number = 0
    while True:
        texts.taken = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield Broken(number, reader.line_num, f"This row cannot be parsed ({error}); the others are read.")
            continue
        if not header:
            header = tuple(cell.strip() for cell in cells[:_MOST_COLUMNS])
        elif any(cells):
            number += 1
            padded = cells + [""] * (len(header) - len(cells))
            yield Row(number, dict(zip(header, padded, strict=False)))


class _Texts:
    """Lines of a table. `taken`: characters given since a row began; past the limit that row is given up."""

    def __init__(self, stream: BinaryIO) -> None:
        self._texts = (clean((line or b"\n").decode("utf-8", "replace")) for line in lines(stream, 4 * _LONGEST))
        self.first = next(self._texts, "").removeprefix("\ufeff")
        self._waiting = [self.first] if self.first else []
        self.taken = 0

    def __iter__(self) -> _Texts:
        return self

    def __next__(self) -> str:
        text = self._waiting.pop() if self._waiting else next(self._texts)
        self.taken += len(text)
        if self.taken > _LONGEST:
            raise csv.Error(f"it is longer than {_LONGEST:,} characters")
        return text

"""What is known about passages and records besides their text, in one DuckDB file per segment. The home of duckdb.

Table `passages` (its rowid is the row number) points into table `records` (by rowid). Rows are fetched by
rowid from a parameter list.
Knows columns and rows; knows nothing of vectors, words or files of other kinds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.index import files
from cascade.index.filters import Where

RECORD_COLUMNS: Mapping[str, str] = {
    "id_hi": "UBIGINT", "id_lo": "UBIGINT", "place": "UBIGINT", "source": "VARCHAR", "locator": "VARCHAR",
    "key": "VARCHAR", "title": "VARCHAR", "time": "VARCHAR", "kind": "VARCHAR", "language": "VARCHAR",
    "metadata": "VARCHAR",
}  # fmt: skip
PASSAGE_COLUMNS: Mapping[str, str] = {
    "record": "UINTEGER", "ordinal": "UINTEGER", "start": "UBIGINT", "stop": "UBIGINT", "heading": "VARCHAR",
    "digest": "UBIGINT",
}  # fmt: skip

LOCATOR = 4 + list(RECORD_COLUMNS).index("locator")
"""Where the locator stands in what `Catalog.fetch` gives."""

Columns = dict[str, NDArray[Any]]

BLOCK_SIZE = 16_384
"""The smallest DuckDB allows: a file of one row takes 45 KB, with the default of 262,144 it takes 537 KB."""


@dataclass(frozen=True, slots=True)
class CatalogBatch:
    """Columns of passages and of the records they point to (`passages["record"]` indexes `records`)."""

    records: Columns
    passages: Columns

    def __len__(self) -> int:
        return len(self.passages["record"])

    def take(self, order: NDArray[np.int64]) -> CatalogBatch:
        """The same passages in another order (or fewer); records nothing points to any more are left out."""
        passages = {name: column[order] for name, column in self.passages.items()}
        used, passages["record"] = _renumber(passages["record"])
        return CatalogBatch({name: column[used] for name, column in self.records.items()}, passages)

    @classmethod
    def join(cls, parts: Sequence[CatalogBatch]) -> CatalogBatch:
        """Several batches as one."""
        records = {name: np.concatenate([part.records[name] for part in parts]) for name in RECORD_COLUMNS}
        passages = {name: np.concatenate([part.passages[name] for part in parts]) for name in PASSAGE_COLUMNS}
        bases = np.cumsum([0] + [len(part.records["id_hi"]) for part in parts[:-1]])
        pointers = [part.passages["record"] + np.uint32(base) for part, base in zip(parts, bases, strict=True)]
        passages["record"] = np.concatenate(pointers).astype(np.uint32)
        return cls(records, passages)


def _renumber(pointers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    used, renumbered = np.unique(pointers, return_inverse=True)
    return used.astype(np.int64), renumbered.astype(np.uint32)


def write(path: Path, batch: CatalogBatch) -> None:
    """Write a segment's catalog file."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    with files.writing(path, duckdb.Error), closing(connection):
        connection.execute(f"ATTACH '{_escaped(path)}' AS out (BLOCK_SIZE {BLOCK_SIZE})")
        for table, wanted, columns in (
            ("records", RECORD_COLUMNS, batch.records), ("passages", PASSAGE_COLUMNS, batch.passages),
        ):  # fmt: skip
            connection.register("given", columns)
            chosen = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in wanted.items())
            connection.execute(f"CREATE TABLE out.{table} AS SELECT {chosen} FROM given")
            connection.unregister("given")
        connection.execute("CHECKPOINT out")
    files.disk.flush(path)


class Catalog:
    """The catalog files of all segments of a snapshot behind one connection; a file is checked, whole, and attached at
    its first use."""

    def __init__(self, parts: Sequence[tuple[Path, files.FileSum]]) -> None:
        self._parts = list(parts)
        self._attached: set[int] = set()
        self._connection: Any = None
        self._lock = threading.Lock()

    def fetch(self, segment: int, rows: NDArray[np.int64]) -> list[tuple[Any, ...]]:
        """Passages in the order of `rows`: ordinal, start, stop, heading, then the columns of the record.

        Two look-ups by rowid, put together here: joined in one statement it takes five times as long.
        """
        held = "WHERE rowid IN (SELECT unnest(?::BIGINT[]))"
        wanted = ", ".join(f'"{name}"' for name in RECORD_COLUMNS)
        passages = self._ask(
            segment, f"SELECT rowid, record, ordinal, start, stop, heading FROM {{s}}.passages {held}", [rows.tolist()]
        ).fetchall()
        numbers = sorted({passage[1] for passage in passages})
        records = self._ask(segment, f"SELECT rowid, {wanted} FROM {{s}}.records {held}", [numbers]).fetchall()
        of_record = {record[0]: record[1:] for record in records}
        of_row = {passage[0]: passage[2:] + of_record[passage[1]] for passage in passages}
        return [of_row[row] for row in rows.tolist()]

    def match(self, segment: int, where: Where) -> NDArray[np.int64]:
        """Rows that satisfy a filter, ascending."""
        sql = f"SELECT p.rowid AS at FROM {{s}}.passages p JOIN {{s}}.records r ON r.rowid = p.record WHERE {where.sql}"
        found = self._ask(segment, sql, list(where.values)).fetchnumpy()["at"]
        return np.sort(np.asarray(found, dtype=np.int64))

    def find(self, segment: int, record: bytes, ordinal: int | None = None) -> NDArray[np.int64]:
        """Rows of a record (or of one of its passages), ascending by ordinal."""
        high, low = (int.from_bytes(record[i : i + 8], "big") for i in (0, 8))
        sql = (
            "SELECT p.rowid AS at FROM {s}.passages p WHERE p.record IN "
            "(SELECT rowid FROM {s}.records WHERE id_hi = ?::UBIGINT AND id_lo = ?::UBIGINT) "
            "AND (?::BIGINT IS NULL OR p.ordinal = ?::BIGINT) ORDER BY p.ordinal"
        )
        found = self._ask(segment, sql, [high, low, ordinal, ordinal]).fetchnumpy()["at"]
        return np.asarray(found, dtype=np.int64)

    def identities(self, segment: int) -> Columns:
        """For each passage, in row order: id_hi, id_lo and place of its record, and its digest, record and ordinal."""
        records = self._columns(segment, "records", ("id_hi", "id_lo", "place"))
        passages = self._columns(segment, "passages", ("digest", "record", "ordinal"))
        at = passages["record"]
        return {**{name: column[at] for name, column in records.items()}, **passages}

    def of_source(self, segment: int, source: str) -> NDArray[np.int64]:
        """Rows of the records of one source, ascending."""
        return self.match(segment, Where("r.source = ?", (source,)))

    def batch(self, segment: int) -> CatalogBatch:
        """Everything, for compaction and repair."""
        return CatalogBatch(
            self._columns(segment, "records", RECORD_COLUMNS), self._columns(segment, "passages", PASSAGE_COLUMNS)
        )

    def _columns(self, segment: int, table: str, wanted: Iterable[str]) -> Columns:
        """Whole columns of a table, in row order."""
        chosen = ", ".join(f'"{name}"' for name in wanted)
        found = self._ask(segment, f"SELECT {chosen} FROM {{s}}.{table} ORDER BY rowid", []).fetchnumpy()
        return {name: np.asarray(column) for name, column in found.items()}

    def sources(self, segment: int) -> list[tuple[str, int]]:
        """The sources in a segment with their number of records."""
        sql = "SELECT source, count(*) FROM {s}.records GROUP BY source ORDER BY source"
        return self._ask(segment, sql, []).fetchall()  # type: ignore[no-any-return]

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._attached.clear()

    def _ask(self, segment: int, sql: str, values: list[Any]) -> Any:
        import duckdb

        with _memory(), self._lock:
            if self._connection is None:
                self._connection = duckdb.connect(config={"threads": 1})
            if segment not in self._attached:
                path, expected = self._parts[segment]
                files.check(path, expected)
                try:
                    self._connection.execute(f"ATTACH '{_escaped(path)}' AS s{segment} (READ_ONLY)")
                except duckdb.OutOfMemoryException:
                    raise
                except duckdb.Error as error:
                    raise files.unopened(path, error) from error
                self._attached.add(segment)
            cursor = self._connection.cursor()
        with _memory():
            return cursor.execute(sql.replace("{s}", f"s{segment}"), values)


@contextmanager
def _memory() -> Iterator[None]:
    """Have the database's own error for too little memory be Python's."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise MemoryError(str(error)) from error


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")

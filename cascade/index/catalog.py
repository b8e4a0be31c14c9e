"""What is known about passages and records besides their text, in one DuckDB file per segment. The home of duckdb.

`Resident` has the same of segments that are in memory alone.

Table `passages` (its rowid is the row number) points into table `records` (by rowid). Rows are fetched by
rowid from a parameter list.
Knows columns and rows; knows nothing of vectors, words or files of other kinds.
"""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.dtypes import StringDType
from numpy.typing import NDArray

from cascade.data import Passage
from cascade.index import checks, files
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

TEXT = StringDType()
"""Strings of a column lie in one buffer: a third of what as many Python objects take."""

AT_ONCE = 122_880
"""Rows given to DuckDB at once, as Python objects: as many as lie in one of its row groups."""

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
        if len(used) == len(self.records["id_hi"]):
            return CatalogBatch(self.records, passages)
        return CatalogBatch({name: column[used] for name, column in self.records.items()}, passages)

    def once(self) -> CatalogBatch:
        """The same, each record once: those with equal ids are one, which came here in several batches."""
        ids = np.stack([self.records["id_hi"], self.records["id_lo"]], axis=1).astype(np.uint64)
        _, first, at = np.unique(ids.view("V16").reshape(-1), return_index=True, return_inverse=True)
        if len(first) == len(ids):
            return self
        pointers = first[at][self.passages["record"]].astype(np.uint32)
        whole = np.arange(len(pointers), dtype=np.int64)
        return CatalogBatch(self.records, {**self.passages, "record": pointers}).take(whole)

    @classmethod
    def join(cls, parts: Sequence[CatalogBatch]) -> CatalogBatch:
        """Several batches as one."""
        records = {name: np.concatenate([part.records[name] for part in parts]) for name in RECORD_COLUMNS}
        passages = {name: np.concatenate([part.passages[name] for part in parts]) for name in PASSAGE_COLUMNS}
        bases = np.cumsum([0] + [len(part.records["id_hi"]) for part in parts[:-1]])
        pointers = [part.passages["record"] + np.uint32(base) for part, base in zip(parts, bases, strict=True)]
        passages["record"] = np.concatenate(pointers).astype(np.uint32)
        return cls(records, passages)


def strings(values: Sequence[str]) -> NDArray[Any]:
    """A column of strings."""
    return np.array(values, dtype=TEXT)


def _renumber(pointers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    used, renumbered = np.unique(pointers, return_inverse=True)
    return used.astype(np.int64), renumbered.astype(np.uint32)


def write(path: Path, batch: CatalogBatch) -> None:
    """Write a segment's catalog file."""
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    with files.writing(path, duckdb.Error), closing(connection):
        connection.execute(f"ATTACH '{_escaped(path)}' AS out (BLOCK_SIZE {BLOCK_SIZE})")
        _fill(connection, "out", batch)
        connection.execute("CHECKPOINT out")
    files.disk.flush(path)


RENEWED = 1024
"""Statements after which the connection is opened anew: every join keeps some 5 KB of DuckDB's memory until its
connection is closed (1.5.6, 2.0.0 and 2.0.1 alike; docs/log.md)."""


_ALONE: dict[str, Any] = {
    "threads": 1, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
}  # fmt: skip
"""One thread, and no extension."""


class Catalog:
    """The catalog files of all segments of a snapshot behind one connection; a file is checked, whole, and attached at
    its first use."""

    def __init__(self, parts: Sequence[tuple[Path, files.FileSum, int]]) -> None:
        self._parts = [(_absolute(path), expected, passages) for path, expected, passages in parts]
        self._checked: set[int] = set()
        self._attached: set[int] = set()
        self._connection: Any = None
        self._asked = 0
        self._lock = threading.Lock()
        self._mine = threading.local()

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
        if any(value is None for row in of_row.values() for value in row):
            checks.refuse(self._parts[segment][0], "has nothing where a passage or record must have something")
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
        return {
            name: column.astype(TEXT) if column.dtype == object else column
            for name, column in ((name, np.asarray(column)) for name, column in found.items())
        }

    def sources(self, segment: int) -> list[tuple[str, int]]:
        """The sources in a segment with their number of records."""
        sql = "SELECT source, count(*) FROM {s}.records GROUP BY source ORDER BY source"
        return self._ask(segment, sql, []).fetchall()  # type: ignore[no-any-return]

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._let_go()

    def _ask(self, segment: int, sql: str, values: list[Any]) -> Any:
        """What a statement gives, to be fetched before this thread asks the next one."""
        import duckdb

        path, expected, _ = self._parts[segment]
        try:
            with self._lock:
                self._asked += 1
                if self._asked > RENEWED:
                    self._renew()
                if self._connection is None:
                    self._connection = _closed_off([path for path, _, _ in self._parts])
                if segment not in self._checked:
                    files.check(path, expected)
                    self._checked.add(segment)
                if segment not in self._attached:
                    self._attach(segment)
                    self._attached.add(segment)
                cursor = self._cursor()
            return cursor.execute(sql.replace("{s}", f"s{segment}"), values)
        except duckdb.OutOfMemoryException as error:
            raise MemoryError(str(error)) from error
        except duckdb.Error as error:
            raise files.unopened(path, error) from error

    def _renew(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        """Open anew at the next question. What is being fetched keeps its connection until its thread asks again."""
        self._connection, self._asked = None, 0
        self._attached.clear()

    def _cursor(self) -> Any:
        """This thread's own: a connection never forgets the cursors it gave, some 4 KB each."""
        connection, cursor = getattr(self._mine, "pair", (None, None))
        if connection is not self._connection:
            cursor = self._connection.cursor()
            self._mine.pair = self._connection, cursor
        return cursor

    def _attach(self, segment: int) -> None:
        """Attach a file; it holds our two tables, of as many rows as the manifest says, each with its record.

        Of a view, which might compute or read anything, there is no `rowid`: DuckDB refuses it.
        """
        path, _, said = self._parts[segment]
        if any(os.path.lexists(journal) for journal in checks.journals(path)):
            checks.refuse(path, "has a journal beside it, which would change what it holds")
        ask = self._connection.execute
        ask(f"ATTACH '{_escaped(path)}' AS s{segment} (READ_ONLY)")
        for table, columns in _TABLES.items():
            found = ask(f"SELECT name, type, dflt_value FROM pragma_table_info('s{segment}.main.{table}')").fetchall()
            if found != [(*pair, None) for pair in columns.items()]:  # a computed column has a default
                checks.refuse(path, "does not hold the tables of a segment")
        records, last = ask(f"SELECT count(*), max(rowid) FROM s{segment}.records").fetchone()
        passages, end, told, most = ask(
            f"SELECT count(*), max(rowid), count(record), max(record) FROM s{segment}.passages"
        ).fetchone()
        whole = (records, passages, told) == ((last if records else -1) + 1, (end if passages else -1) + 1, passages)
        if not whole or passages != said or (passages and most >= records):
            checks.refuse(path, f"holds {passages:,} passages, not {said:,}, or of other records")


class Resident(Catalog):
    """The same in anonymous memory: one schema for each segment, nothing on a disk, nothing spilled to one."""

    def __init__(self, batches: Iterable[CatalogBatch]) -> None:
        import duckdb

        super().__init__([])
        self._connection = duckdb.connect(":memory:", config={**_ALONE, "temp_directory": ""})
        for number, batch in enumerate(batches):
            self._connection.execute(f"CREATE SCHEMA s{number}")
            _fill(self._connection, f"s{number}", batch)
            self._parts.append((Path(f"segment {number} in memory"), files.FileSum(0, ()), len(batch)))
            self._attached.add(number)
            self._checked.add(number)
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._connection.execute(f"SET {setting}")
        self._numbers = list(range(len(self._parts)))

    def only(self, segments: Sequence[int]) -> Resident:
        """Some of the segments, numbered anew; what is in memory is shared."""
        part = copy.copy(self)
        part._numbers = [self._numbers[segment] for segment in segments]
        return part

    def _renew(self) -> None:
        """Nothing: there is no file to open anew. What a connection keeps goes with the snapshot."""
        self._asked = 0

    def close(self) -> None:
        """Nothing: others may share it. It goes when nobody has it any more."""

    def _ask(self, segment: int, sql: str, values: list[Any]) -> Any:
        return super()._ask(self._numbers[segment], sql, values)


def _fill(connection: Any, schema: str, batch: CatalogBatch) -> None:
    """Make the two tables of a segment."""
    for table, wanted, columns in (
        ("records", RECORD_COLUMNS, batch.records), ("passages", PASSAGE_COLUMNS, batch.passages),
    ):  # fmt: skip
        chosen = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in wanted.items())
        for begin in range(0, max(1, len(columns["id_hi" if table == "records" else "record"])), AT_ONCE):
            into = f"INSERT INTO {schema}.{table}" if begin else f"CREATE TABLE {schema}.{table} AS"
            part = {name: column[begin : begin + AT_ONCE] for name, column in columns.items()}
            given = {name: column.astype(object) if column.dtype == TEXT else column for name, column in part.items()}
            connection.register("given", given)
            connection.execute(f"{into} SELECT {chosen} FROM given")
            connection.unregister("given")


_TABLES: Mapping[str, Mapping[str, str]] = {"passages": PASSAGE_COLUMNS, "records": RECORD_COLUMNS}


def passage(text: bytes, fact: tuple[object, ...]) -> Passage:
    """A passage of its text and of what `Catalog.fetch` gives."""
    ordinal, start, stop, heading, high, low, _place, source, locator, key, title, time, kind, language, raw = fact
    record = f"{high:016x}{low:016x}"
    metadata = checks.metadata(str(raw), str(source))
    metadata.setdefault("kind", kind)
    if language:
        metadata.setdefault("language", language)
    return Passage(
        id=f"{record}-{ordinal}", record=record, key=str(key), source=str(source), locator=str(locator),
        title=str(title), heading=str(heading), text=text.decode("utf-8", "surrogatepass"),
        start=int(start), end=int(stop), time=str(time), metadata=metadata,  # type: ignore[call-overload]
    )  # fmt: skip


def _closed_off(paths: Sequence[Path]) -> Any:
    """A connection that can open these files and no other, run no extension, and never be told otherwise."""
    import duckdb

    connection = duckdb.connect(config=_ALONE)
    allowed = [one for path in paths for one in (path, *checks.journals(path))]
    named = ", ".join(f"'{_escaped(path)}'" for path in allowed)
    connection.execute(f"SET allowed_paths = [{named}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  keeps links


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")

"""SQLite read without SQLite's files: the write-ahead log replayed, whatever a program is doing meanwhile."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from personal.reading import plant, reading

from cascade.errors import OutsideScope
from indexers.personal.granted import databases
from indexers.personal.granted.databases import Part, copied
from indexers.sources.connectors.base import File
from indexers.sources.faults import Unreadable


def live(path: Path, page: int = 4096, rows: int = 300) -> sqlite3.Connection:
    """A database whose program is running: some of it checkpointed, some in the log, some not committed."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA page_size={page}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)")
    generator = random.Random(page)
    for step in range(3):
        for number in range(rows):
            row = (step * rows + number, "x" * generator.randrange(200))
            connection.execute("INSERT INTO t VALUES (?, ?)", row)
        connection.execute("DELETE FROM t WHERE id % 7 = ?", (step,))
        if step == 0:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return connection


def rows(copy: sqlite3.Connection) -> list[tuple[int, str]]:
    return copy.execute("SELECT id, x FROM t ORDER BY id").fetchall()


def beside(path: Path) -> databases.Read:
    """The files of a database, as they lie."""

    def read(suffix: str, limit: int) -> Part | None:
        file = Path(f"{path}{suffix}")
        return Part(file.read_bytes()[:limit]) if file.exists() else None

    return read


@pytest.mark.parametrize("page", [512, 4096, 65536])
def test_the_copy_is_what_the_backup_of_sqlite_gives(tmp_path: Path, page: int) -> None:
    with closing(live(tmp_path / "db", page)) as connection:
        connection.execute("BEGIN")
        connection.execute("DELETE FROM t")  # not committed, and not seen
        with closing(sqlite3.connect(":memory:")) as other, closing(sqlite3.connect(tmp_path / "db")) as reader:
            reader.backup(other)
            with copied(beside(tmp_path / "db")) as copy:
                assert rows(copy) == rows(other) != []
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("ROLLBACK")


def test_a_database_that_shrank_in_its_log_is_as_short(tmp_path: Path) -> None:
    with closing(live(tmp_path / "db")) as connection:
        connection.execute("DELETE FROM t WHERE id > 10")
        connection.execute("VACUUM")
        with copied(beside(tmp_path / "db")) as copy:
            assert rows(copy) == rows(connection)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_log_torn_at_any_place_gives_the_last_commit_before(tmp_path: Path) -> None:
    with closing(live(tmp_path / "db", rows=30)) as connection:
        want = {tuple(rows(connection))}
        main, wal = (tmp_path / "db").read_bytes(), Path(f"{tmp_path / 'db'}-wal").read_bytes()
    generator = random.Random(5)
    for _ in range(40):
        torn = bytearray(wal)
        at = generator.randrange(len(torn))
        torn[at] ^= 1 << generator.randrange(8)
        again = tmp_path / f"again{at}"
        again.write_bytes(main)
        Path(f"{again}-wal").write_bytes(torn)
        with copied(beside(again)) as copy:
            found = rows(copy)
        with closing(sqlite3.connect(again)) as theirs:
            assert found == rows(theirs)
        want.add(tuple(found))
    assert len(want) > 2


def test_a_running_writer_is_read_consistently(tmp_path: Path) -> None:
    db = tmp_path / "n" / "db"
    db.parent.mkdir()
    with closing(sqlite3.connect(db, isolation_level=None)) as setup:
        setup.execute("PRAGMA journal_mode=WAL")
        setup.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)")
        setup.execute("INSERT INTO t VALUES (0, ''), (1, '')")
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(db, isolation_level=None)) as writer:
            number = 0
            while not stop.is_set():
                writer.execute("UPDATE t SET x = ?", (str(number),))
                number += 1
                if number % 50 == 0:
                    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if number % 10 == 0:
                    stop.wait(0.03)

    thread = threading.Thread(target=write)
    thread.start()
    seen = []
    try:
        with reading(tmp_path / "s", db) as granted:
            (file,) = granted.reader.files()
            for _ in range(30):
                try:
                    with granted.reader.database(file) as copy:
                        seen.append({x for _, x in rows(copy)})
                except Unreadable as error:
                    assert "A program is writing to it" in str(error)
    finally:
        stop.set()
        thread.join()
    assert seen
    assert all(len(values) == 1 for values in seen)


def test_reading_writes_nothing_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    with closing(live(folder / "db")) as connection:
        want = rows(connection)
        data = {name: Path(folder / name).read_bytes() for name in ("db", "db-wal")}
    for path in folder.iterdir():
        path.unlink()
    plant(folder, data)  # as a killed program leaves it: without -shm
    folder.chmod(0o500)
    before = {path: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]}
    with reading(tmp_path / "s", folder) as granted, granted.reader.database(File("db", 0)) as copy:
        assert rows(copy) == want
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            copy.execute("DELETE FROM t")
    assert {path: path.stat().st_mtime_ns for path in [folder, *folder.iterdir()]} == before
    folder.chmod(0o700)


def test_a_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "n"
    folder.mkdir()
    with closing(live(folder / "db")):
        pass
    (tmp_path / "secret").write_bytes(b"x")
    (folder / "db-wal").symlink_to(tmp_path / "secret")
    with (
        reading(tmp_path / "s", folder) as granted,
        pytest.raises(OutsideScope),
        granted.reader.database(File("db", 0)),
    ):
        pass


def test_a_hot_journal_means_that_a_program_is_at_work(tmp_path: Path) -> None:
    db = tmp_path / "db"
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT)")
    Path(f"{db}-journal").write_bytes(b"")
    with copied(beside(db)) as copy:
        assert rows(copy) == []
    Path(f"{db}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504))
    with pytest.raises(Unreadable, match="A program is writing to it"), copied(beside(db)):
        pass


@pytest.mark.parametrize(
    "data", [b"no database", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(range(84)), b"x" * 9000]
)
def test_what_is_no_database_is_unreadable(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "db").write_bytes(data)
    with pytest.raises(Unreadable, match=r"no SQLite database|damaged database"), copied(beside(tmp_path / "db")):
        pass


def test_an_empty_file_is_an_empty_database_and_a_missing_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(b"")
    with copied(beside(tmp_path / "db")) as copy:
        assert copy.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with pytest.raises(Unreadable, match="vanished"), copied(beside(tmp_path / "none")):
        pass


def test_text_that_is_not_utf8_comes_with_replacement_characters(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("CREATE TABLE t AS SELECT CAST(x'41ff42' AS TEXT) x")
        connection.commit()
    with copied(beside(tmp_path / "db")) as copy:
        assert copy.execute("SELECT x FROM t").fetchone() == ("A\ufffdB",)


def test_a_query_without_an_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "STEPS", 3)
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute(
            "CREATE VIEW t AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM r) SELECT x FROM r"
        )
        connection.commit()
    with copied(beside(tmp_path / "db")) as copy, pytest.raises(sqlite3.OperationalError, match="interrupted"):
        copy.execute("SELECT count(*) FROM t").fetchone()


def test_a_database_too_large_for_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "LARGEST", 1 << 20)
    with (tmp_path / "db").open("wb") as file:
        file.truncate((1 << 20) + 1)
    with (
        reading(tmp_path / "s", tmp_path / "db") as granted,
        pytest.raises(Unreadable, match="larger than 1 MiB"),
        granted.reader.database(next(granted.reader.files())),
    ):
        pass


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.booleans(), st.integers(0, 1 << 20), st.integers(0, 255)), max_size=12))
def test_damaged_databases_never_crash(tmp_path: Path, edits: list[tuple[bool, int, int]]) -> None:
    seed = tmp_path / "seed"
    if not seed.exists():
        with closing(live(tmp_path / "made", 512, 20)):
            seed.write_bytes((tmp_path / "made").read_bytes())
            (tmp_path / "seed-wal").write_bytes((tmp_path / "made-wal").read_bytes())
    parts = [bytearray(Path(f"{seed}{suffix}").read_bytes()) for suffix in ("", "-wal")]
    for in_log, at, value in edits:
        parts[in_log][at % len(parts[in_log])] = value
    held = {"": Part(bytes(parts[0])), "-wal": Part(bytes(parts[1]))}
    try:
        with copied(lambda suffix, limit: held.get(suffix)) as copy:
            copy.execute("SELECT count(*), max(x) FROM t").fetchall()
    except (Unreadable, UnicodeError, sqlite3.Error):
        pass

"""What a database holds: its tables and their columns. A browser is told by them, never by a file's name."""

from __future__ import annotations

import sqlite3


def tables(db: sqlite3.Connection) -> frozenset[str]:
    """The names of the tables."""
    return frozenset(str(name) for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


def columns(db: sqlite3.Connection, table: str) -> frozenset[str]:
    """The names of a table's columns."""
    return frozenset(str(row[1]) for row in db.execute(f'PRAGMA table_info("{table}")'))

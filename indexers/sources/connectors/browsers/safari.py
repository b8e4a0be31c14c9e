"""Safari: `~/Library/Safari/History.db` (reading it needs Full Disk Access on a Mac).

`history_items(id, url, visit_count, ...)`, `history_visits(id, history_item, visit_time, title, load_successful,
redirect_source, redirect_destination, ...)`, `history_tombstones(start_time, end_time, url)`. Times are seconds since
2001 in UTC, with a fraction. A tombstone is a deletion that the owner asked for: between its times, of its address or,
without one, of everything; visits that another device has brought back since are dropped. A visit with a
`redirect_destination` was only passed through; one with `load_successful` 0 showed nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from indexers.sources.connectors.browsers.tables import columns
from indexers.sources.connectors.browsers.visits import Visit
from indexers.sources.connectors.clock import Epoch, since

TABLES = frozenset({"history_items", "history_visits"})


def visits(db: sqlite3.Connection, tables: frozenset[str]) -> Iterator[Visit]:
    """The visits that were not deleted, in order of time."""
    rows = db.execute(
        f"SELECT v.id, i.url, v.title, v.visit_time, {_seen(db)} FROM history_visits v "
        f"JOIN history_items i ON i.id = v.history_item WHERE NOT {_deleted(tables)} ORDER BY v.visit_time, v.id"
    )
    for row, url, title, time, shown in rows:
        yield Visit(str(url), str(title or ""), since(Epoch.APPLE, time), f"#{row}", shown=bool(shown))


def deleted(db: sqlite3.Connection, tables: frozenset[str]) -> int:
    """How many visits lie in what the owner deleted."""
    found = db.execute(
        f"SELECT COUNT(*) FROM history_visits v JOIN history_items i ON i.id = v.history_item WHERE {_deleted(tables)}"
    ).fetchone()
    return int(found[0])


def _seen(db: sqlite3.Connection) -> str:
    known = columns(db, "history_visits")
    loaded = "v.load_successful" if "load_successful" in known else "1"
    passed = "v.redirect_destination IS NULL" if "redirect_destination" in known else "1"
    return f"{loaded} AND {passed}"


def _deleted(tables: frozenset[str]) -> str:
    if "history_tombstones" not in tables:
        return "0"
    return (
        "EXISTS (SELECT 1 FROM history_tombstones t WHERE v.visit_time BETWEEN t.start_time AND t.end_time "
        "AND (t.url IS NULL OR t.url = '' OR t.url = i.url))"
    )

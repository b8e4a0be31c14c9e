"""The history databases of Chrome and Firefox, as they lie when the browser runs: the newest visits are in the WAL.

Chrome counts microseconds since 1601, Firefox since 1970. Chrome's holds pages of this machine (file:, localhost) and
a URL with a token; Firefox's a title that is no UTF-8.
Knows the tables of both, as far as they matter.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from indexers.personal.life.things import App, Thing
from indexers.personal.life.written import Desk

SINCE_1601 = 11_644_473_600

CHROME = """
CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
CREATE TABLE urls(id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR,
 visit_count INTEGER DEFAULT 0 NOT NULL, typed_count INTEGER DEFAULT 0 NOT NULL, last_visit_time INTEGER NOT NULL,
 hidden INTEGER DEFAULT 0 NOT NULL);
CREATE TABLE visits(id INTEGER PRIMARY KEY AUTOINCREMENT, url INTEGER NOT NULL, visit_time INTEGER NOT NULL,
 from_visit INTEGER, transition INTEGER DEFAULT 0 NOT NULL, segment_id INTEGER, visit_duration INTEGER DEFAULT 0 NOT
 NULL);
CREATE TABLE keyword_search_terms(keyword_id INTEGER NOT NULL, url_id INTEGER NOT NULL, term LONGVARCHAR NOT NULL,
 normalized_term LONGVARCHAR NOT NULL);
"""

FIREFOX = """
CREATE TABLE moz_places(id INTEGER PRIMARY KEY, url LONGVARCHAR, title LONGVARCHAR, rev_host LONGVARCHAR,
 visit_count INTEGER DEFAULT 0, hidden INTEGER DEFAULT 0 NOT NULL, typed INTEGER DEFAULT 0 NOT NULL,
 frecency INTEGER DEFAULT -1 NOT NULL, last_visit_date INTEGER, guid TEXT, description TEXT, preview_image_url TEXT);
CREATE TABLE moz_historyvisits(id INTEGER PRIMARY KEY, from_visit INTEGER, place_id INTEGER, visit_date INTEGER,
 visit_type INTEGER, session INTEGER);
CREATE TABLE moz_bookmarks(id INTEGER PRIMARY KEY, type INTEGER, fk INTEGER, parent INTEGER, position INTEGER,
 title LONGVARCHAR, dateAdded INTEGER, lastModified INTEGER);
"""


def write(desk: Desk) -> None:
    """Both browsers."""
    for app, place, name, fill in (
        (App.CHROME, ("google-chrome", "Default"), "History", _chrome),
        (App.FIREFOX, ("firefox", "a1b2c3d4.default-release"), "places.sqlite", _firefox),
    ):
        things = desk.life.of(app)
        path = desk.file(app.value, *place, name)
        with tempfile.TemporaryDirectory() as folder:
            _running(Path(folder) / name, path, fill, things)
        desk.put(app.value, path, things)
        desk.export(app.value, "browsers", desk.folder / app.value)


Fill = Callable[[sqlite3.Connection, list[Thing]], None]


def _running(making: Path, path: Path, fill: Fill, things: list[Thing]) -> None:
    """A database whose second half is in the write-ahead log alone, copied while it is open."""
    half = len(things) // 2
    with closing(sqlite3.connect(making)) as base:
        base.execute("PRAGMA journal_mode = wal")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.executescript(CHROME if fill is _chrome else FIREFOX)
        fill(base, things[:half])
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        fill(base, things[half:])
        base.commit()
        for ending in ("", "-wal", "-shm"):
            shutil.copyfile(f"{making}{ending}", f"{path}{ending}")


def _chrome(base: sqlite3.Connection, things: list[Thing]) -> None:
    base.execute("INSERT OR REPLACE INTO meta VALUES ('version', '43')")
    for thing in things:
        at = (int(thing.at.timestamp()) + SINCE_1601) * 1_000_000
        title = f"{thing.title} {thing.canary}"
        row = base.execute(
            "INSERT INTO urls(url, title, visit_count, last_visit_time) VALUES (?, ?, 1, ?)", (thing.url, title, at)
        ).lastrowid
        base.execute(
            "INSERT INTO visits(url, visit_time, transition, visit_duration) VALUES (?, ?, 805306368, ?)",
            (row, at, thing.number % 90 * 1_000_000),
        )
    for url in ("file:///home/me/tax.pdf", "http://localhost:8888/lab", "https://app.example/in?access_token=eyJabc"):
        row = base.execute(
            "INSERT INTO urls(url, title, last_visit_time) VALUES (?, 'Mine', 13300000000000000)", (url,)
        ).lastrowid
        base.execute("INSERT INTO visits(url, visit_time) VALUES (?, 13300000000000000)", (row,))


def _firefox(base: sqlite3.Connection, things: list[Thing]) -> None:
    for thing in things:
        at = int(thing.at.timestamp()) * 1_000_000
        title = f"{thing.title} {thing.canary}".encode()
        row = base.execute(
            "INSERT INTO moz_places(url, title, visit_count, last_visit_date, guid)"
            " VALUES (?, CAST(? AS TEXT), 1, ?, ?)",
            (thing.url, title + (b" \xff\xfe" if thing.number % 7 == 0 else b""), at, f"g{thing.number:011d}"),
        ).lastrowid
        base.execute("INSERT INTO moz_historyvisits(place_id, visit_date, visit_type) VALUES (?, ?, 1)", (row, at))

"""Browsers: pages visited, searches and bookmarks of Chrome and its kin, Firefox and Safari.

What a database is of is told by its tables (chromium.py, firefox.py, safari.py), so a copy under any name is read.
Files of a profile that hold passwords, cookies and what was typed into forms are told by their names and never opened.
Bookmark files: kept.py; Chrome's history in a Takeout: synced.py; how visits become items: visits.py.
"""

from __future__ import annotations

import sqlite3
from fnmatch import fnmatchcase

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Kind, Reader, Things
from indexers.sources.connectors.browsers import chromium, firefox, kept, safari, synced
from indexers.sources.connectors.browsers.tables import tables
from indexers.sources.connectors.browsers.visits import merged
from indexers.sources.connectors.streams import Seen, guarded, head

_PATTERNS = (
    "*history*", "*places*", "*browser*.db", "*.sqlite", "*.sqlite3", "*.db", "*bookmarks*", "*lesezeichen*",
    "*favoris*",
)  # fmt: skip
_CLOSED = (
    "*cookies*", "*login*", "*key[34].db", "*cert*.db", "*formhistory*", "*webappsstore*", "*favicons*",
    "*permissions*", "*storage*.sqlite", "*content-prefs*", "*credential*", "*passwords*", "*protections*",
    "*web data*", "*suggest*", "*download*.db", "*-wal", "*-shm", "*-journal",
)  # fmt: skip
_SQLITE = b"SQLite format 3\x00"


def read(reader: Reader) -> Things:
    """Every page and day once, searches, bookmarks."""
    seen = Seen()
    for file in reader.files(*_PATTERNS):
        name = file.path.rpartition("/")[2].casefold()
        if any(fnmatchcase(name, closed) for closed in _CLOSED):
            if not name.endswith(("-wal", "-shm", "-journal")):
                yield Skipped(reader.source, file.name, "It is no history and is never opened.", fault=False)
            continue
        for thing in guarded(reader, file, _file(reader, file)):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing


def _file(reader: Reader, file: File) -> Things:
    begin = head(reader, file, 2_048)
    if begin.startswith(_SQLITE):
        yield from _database(reader, file)
    elif kept.netscape(begin):
        yield from kept.from_page(reader, file)
    elif synced.fits(begin):
        yield from synced.read(reader, file)
    elif b'"roots"' in begin and begin.lstrip().startswith(b"{"):
        yield from kept.from_profile(reader, file)
    else:
        yield Skipped(reader.source, file.name, "It is no history or bookmarks of a known browser.", fault=False)


def _database(reader: Reader, file: File) -> Things:
    try:
        with reader.database(file) as db:
            yield from _known(reader, file, db)
    except sqlite3.Error as error:
        yield Skipped(reader.source, file.name, f"Its database is damaged or of an unknown form ({error}).")


def _known(reader: Reader, file: File, db: sqlite3.Connection) -> Things:
    found = tables(db)
    if found >= chromium.TABLES:
        yield from merged(reader, file.name, chromium.visits(db, found), "Chrome")
    elif found >= firefox.TABLES:
        yield from merged(reader, file.name, firefox.visits(db), "Firefox")
        if "moz_bookmarks" in found:
            yield from firefox.bookmarks(db, file.name)
    elif found >= safari.TABLES:
        yield from merged(reader, file.name, safari.visits(db, found), "Safari")
        if gone := safari.deleted(db, found):
            yield Skipped(reader.source, file.name, f"{gone:,} visits lie in what its owner deleted.", fault=False)
    elif found >= firefox.OLD_TABLES:
        yield from merged(reader, file.name, firefox.old_visits(db), "Firefox")
        if "bookmarks" in found:
            yield from firefox.old_bookmarks(db, file.name)
        if "searchhistory" in found:
            yield from firefox.old_searches(db, file.name)
    else:
        yield Skipped(reader.source, file.name, "Its tables are of no browser known here.", fault=False)


CONNECTOR = Connector(
    name="browsers",
    version=1,
    describes="Pages you visited (title, address without its parameters, day), what you searched for, your bookmarks.",
    kinds=(Kind.VISIT, Kind.SEARCH),
    read=read,
    places=(
        ".config/google-chrome/*/History", ".config/chromium/*/History", ".config/microsoft-edge/*/History",
        ".config/BraveSoftware/Brave-Browser/*/History", ".config/vivaldi/*/History",
        ".var/app/com.google.Chrome/config/google-chrome/*/History",
        ".mozilla/firefox/*/places.sqlite", "snap/firefox/common/.mozilla/firefox/*/places.sqlite",
        ".var/app/org.mozilla.firefox/.mozilla/firefox/*/places.sqlite",
        "Library/Application Support/Google/Chrome/*/History",
        "Library/Application Support/Firefox/Profiles/*/places.sqlite",
        "Library/Application Support/BraveSoftware/Brave-Browser/*/History",
        "Library/Application Support/Microsoft Edge/*/History", "Library/Safari/History.db",
        "AppData/Local/Google/Chrome/User Data/*/History", "AppData/Local/Microsoft/Edge/User Data/*/History",
        "AppData/Roaming/Mozilla/Firefox/Profiles/*/places.sqlite",
    ),
    asks={"sites-out": "Sites to leave out, with commas, each with all below it: mybank.example,clinic.example."},
)  # fmt: skip

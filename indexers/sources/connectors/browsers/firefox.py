"""Firefox: `places.sqlite` of a profile (desktop, and Android since 2020), `browser.db` (Android before).

Desktop: `moz_places(id, url, title, visit_count, hidden, typed, ..., guid)`, `moz_historyvisits(id, from_visit,
place_id, visit_date, visit_type, session)`, times in microseconds since 1970 in UTC. `description` is what a page says
of itself. Android: the same tables with `is_local` and times in milliseconds: the size of the number tells. `hidden`
pages are frames and steps of redirects. `visit_type` 4 and 8 are frames, 7 a download. `moz_bookmarks(id, type, fk ->
moz_places, parent, title, dateAdded)`, type 1 a page, 2 a folder. Android before 2020: `history(_id, title, url, guid,
deleted)`, `visits(history_guid, date, is_local)`, `bookmarks(title, url, type, created, deleted)`,
`searchhistory(query, date)`, times in milliseconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from indexers.sources.connectors.base import Item, Kind, Origin
from indexers.sources.connectors.browsers.tables import columns
from indexers.sources.connectors.browsers.visits import Visit, bookmark
from indexers.sources.connectors.clock import stamp, unix
from indexers.sources.connectors.pages import search_id

TABLES = frozenset({"moz_places", "moz_historyvisits"})
OLD_TABLES = frozenset({"history", "visits"})

_FRAMES = (4, 8)
_TYPED = 2
_DEEPEST = 100


def visits(db: sqlite3.Connection) -> Iterator[Visit]:
    """The visits, in order of time."""
    known = columns(db, "moz_places")
    hidden = "p.hidden" if "hidden" in known else "0"
    about = "p.description" if "description" in known else "''"
    rows = db.execute(
        f"SELECT v.id, p.url, p.title, v.visit_date, v.visit_type, {hidden}, {about} FROM moz_historyvisits v "
        "JOIN moz_places p ON p.id = v.place_id ORDER BY v.visit_date, v.id"
    )
    for row, url, title, time, how, unseen, says in rows:
        shown = not unseen and how not in _FRAMES
        yield Visit(str(url), str(title or ""), unix(time), f"#{row}", "", how == _TYPED, shown, str(says or ""))


def old_visits(db: sqlite3.Connection) -> Iterator[Visit]:
    """The pages of an old Firefox for Android; what was deleted and not yet swept is left out."""
    rows = db.execute(
        "SELECT v._id, h.url, h.title, v.date FROM visits v JOIN history h ON h.guid = v.history_guid "
        "WHERE NOT h.deleted ORDER BY v.date, v._id"
    )
    for row, url, title, time in rows:
        yield Visit(str(url), str(title or ""), unix(time), f"#{row}")


def bookmarks(db: sqlite3.Connection, file: str) -> Iterator[Item]:
    """The pages that were kept, with the folder they are in."""
    folders = {row: (parent, title or "") for row, parent, title in db.execute(
        "SELECT id, parent, title FROM moz_bookmarks WHERE type = 2"
    )}  # fmt: skip
    rows = db.execute(
        "SELECT b.id, p.url, b.title, p.title, b.dateAdded, b.parent FROM moz_bookmarks b "
        "JOIN moz_places p ON p.id = b.fk WHERE b.type = 1 ORDER BY b.id"
    )
    for row, url, named, title, added, parent in rows:
        folder = _folder(folders, parent)
        if item := bookmark(str(url), str(named or title or ""), unix(added), f"{file}#bookmark{row}", folder):
            yield item


def old_bookmarks(db: sqlite3.Connection, file: str) -> Iterator[Item]:
    """The pages kept in an old Firefox for Android."""
    rows = db.execute("SELECT _id, url, title, created FROM bookmarks WHERE type = 1 AND NOT deleted ORDER BY _id")
    for row, url, title, created in rows:
        if item := bookmark(str(url or ""), str(title or ""), unix(created), f"{file}#bookmark{row}"):
            yield item


def old_searches(db: sqlite3.Connection, file: str) -> Iterator[Item]:
    """What was searched for in an old Firefox for Android, with its last time."""
    for row, words, date in db.execute("SELECT _id, query, date FROM searchhistory ORDER BY _id"):
        moment = unix(date)
        if words and moment.iso:
            yield Item(
                Kind.SEARCH, search_id("firefox", str(words), stamp(moment)), f"Searched: {words}",
                f"{file}#search{row}", moment, str(words), origin=Origin.MINE, labels=("Firefox",),
            )  # fmt: skip


def _folder(folders: dict[int, tuple[int, str]], at: int) -> str:
    names: list[str] = []
    while at in folders and len(names) < _DEEPEST:
        at, name = folders[at][0], folders[at][1]
        names.append(name)
    return "/".join(name for name in reversed(names) if name)[:200]

"""Chrome, Chromium, Edge, Brave, Vivaldi, Opera: the SQLite file `History` of a profile, without an ending.

`urls(id, url, title, visit_count, typed_count, last_visit_time, hidden)`,
`visits(id, url -> urls.id, visit_time, from_visit, transition, segment_id, visit_duration, ...)`,
`keyword_search_terms(keyword_id, url_id -> urls.id, term, normalized_term)`. Times are microseconds since 1601 in UTC.
The lowest byte of `transition` is how the page was come to (0 link, 1 typed, 3 and 4 frames); of the higher bits
0x10000000 begins a chain of redirects, 0x20000000 ends it, 0xC0000000 marks its steps: what does not end one was not
seen. A browser forgets after about 90 days: older exports hold what a newer one has lost, and merge by page and day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from indexers.sources.connectors.browsers.tables import columns
from indexers.sources.connectors.browsers.visits import Visit
from indexers.sources.connectors.clock import Epoch, since

TABLES = frozenset({"urls", "visits"})

_FRAMES = (3, 4)
_TYPED = (1, 9)
_BEGINS, _ENDS, _STEP = 0x10000000, 0x20000000, 0xC0000000


def visits(db: sqlite3.Connection, tables: frozenset[str]) -> Iterator[Visit]:
    """The visits, in order of time."""
    transition = "v.transition" if "transition" in columns(db, "visits") else "0"
    term, join = "''", ""
    if "keyword_search_terms" in tables:
        term = "(SELECT term FROM keyword_search_terms k WHERE k.url_id = u.id LIMIT 1)"
    rows = db.execute(
        f"SELECT v.id, u.url, u.title, v.visit_time, {transition}, {term} FROM visits v "
        f"JOIN urls u ON u.id = v.url {join}ORDER BY v.visit_time, v.id"
    )
    for row, url, title, time, how, words in rows:
        way = how if isinstance(how, int) else 0
        shown = way & 0xFF not in _FRAMES and (bool(way & _ENDS) or not way & (_BEGINS | _STEP))
        moment = since(Epoch.WINDOWS, time, 1_000_000)
        yield Visit(str(url), str(title or ""), moment, f"#{row}", str(words or ""), way & 0xFF in _TYPED, shown)

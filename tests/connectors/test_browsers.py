"""Histories, searches and bookmarks of browsers, told by their tables."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Item, Kind, Origin
from indexers.sources.connectors.browsers import CONNECTOR
from tests.connectors.open_reader import OpenReader

DAY = 1_714_552_200  # 2024-05-01T08:30:00Z
CHROME = """
CREATE TABLE urls(id INTEGER PRIMARY KEY, url, title, visit_count, typed_count, last_visit_time, hidden);
CREATE TABLE visits(id INTEGER PRIMARY KEY, url, visit_time, from_visit, transition, visit_duration);
CREATE TABLE keyword_search_terms(keyword_id, url_id, term, normalized_term);
"""
FIREFOX = """
CREATE TABLE moz_places(id INTEGER PRIMARY KEY, url, title, hidden, description);
CREATE TABLE moz_historyvisits(id INTEGER PRIMARY KEY, from_visit, place_id, visit_date, visit_type, session);
CREATE TABLE moz_bookmarks(id INTEGER PRIMARY KEY, type, fk, parent, title, dateAdded);
"""
SAFARI = """
CREATE TABLE history_items(id INTEGER PRIMARY KEY, url, visit_count);
CREATE TABLE history_visits(id INTEGER PRIMARY KEY, history_item, visit_time REAL, title, load_successful,
    redirect_source, redirect_destination);
CREATE TABLE history_tombstones(id INTEGER PRIMARY KEY, start_time REAL, end_time REAL, url);
"""
LINK = 0x30000000


def chrome_time(seconds: int) -> int:
    return (seconds + 11_644_473_600) * 1_000_000


def made(path: Path, tables: str, **rows: list[tuple]) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(tables)
        for table, lines in rows.items():
            for line in lines:
                db.execute(f"INSERT INTO {table} VALUES ({','.join('?' * len(line))})", line)
        db.commit()
    return path


def read(root: Path, **choices: str) -> tuple[list[Item], list[str]]:
    things = list(CONNECTOR.read(OpenReader(root, choices)))
    return [t for t in things if isinstance(t, Item)], [t.reason for t in things if isinstance(t, Skipped)]


def chrome(path: Path, visits: list[tuple], urls: list[tuple], terms: list[tuple] = ()) -> Path:
    return made(
        path,
        CHROME,
        urls=[(number, url, title, 1, 0, 0, 0) for number, url, title in urls],
        visits=[(n, url, chrome_time(at), 0, how, 0) for n, (url, at, how) in enumerate(visits, 1)],
        keyword_search_terms=[(2, *term) for term in terms],
    )


def test_the_visits_of_a_page_on_one_day_are_one(tmp_path):
    chrome(
        tmp_path / "History",
        [(1, DAY, LINK), (1, DAY + 60, LINK | 8), (1, DAY + 86_400, LINK | 1)],
        [(1, "https://example.com/tents?sid=1#top", "Tents")],
    )
    items, skipped = read(tmp_path)
    assert [(item.native, item.extra["visits"]) for item in items] == [
        ("visit:https://example.com/tents@2024-05-01", 2),
        ("visit:https://example.com/tents@2024-05-02", 1),
    ]
    assert items[0].text == "Visited Tents (example.com)"
    assert (items[0].moment.iso, items[0].moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert items[0].locator == "History#1"
    assert items[1].extra["typed"] is True
    assert skipped == []


def test_a_later_export_gives_the_same_ids(tmp_path):
    first, later = tmp_path / "a", tmp_path / "b"
    for folder, count in ((first, 2), (later, 3)):
        folder.mkdir()
        chrome(folder / "History", [(1, DAY + n, LINK) for n in range(count)], [(1, "https://example.com/", "Home")])
    assert [item.native for item in read(first)[0]] == [item.native for item in read(later)[0]]


def test_frames_and_steps_of_redirects_are_no_pages_and_are_counted(tmp_path):
    chrome(
        tmp_path / "History",
        [(1, DAY, LINK | 3), (1, DAY, 0x10000000), (1, DAY, 0xA0000000), (1, DAY, 0x80000000), (1, DAY, 0)],
        [(1, "https://example.com/", "Home")],
    )
    items, skipped = read(tmp_path)
    assert [item.extra["visits"] for item in items] == [2]
    assert skipped == ["3 visits are frames, steps of redirects or failed loads, not pages that were seen."]


def test_a_search_is_one_item_a_day_whatever_browser_it_was_made_in(tmp_path):
    chrome(
        tmp_path / "History",
        [(1, DAY, LINK), (1, DAY + 5, LINK), (2, DAY + 9, LINK)],
        [(1, "https://www.google.com/search?q=best+Tent&ei=x", "best Tent"), (2, "https://find.example/s", "s")],
        [(2, "rain fly", "rain fly")],
    )
    made(
        tmp_path / "places.sqlite",
        FIREFOX,
        moz_places=[(1, "https://www.google.de/search?q=best+tent", "best tent", 0, None)],
        moz_historyvisits=[(1, 0, 1, (DAY + 100) * 1_000_000, 2, 0)],
    )
    items, _ = read(tmp_path)
    assert [(item.kind, item.origin, item.native) for item in items] == [
        (Kind.SEARCH, Origin.MINE, "search:google.com:best tent@2024-05-01"),
        (Kind.SEARCH, Origin.MINE, "search:find.example:rain fly@2024-05-01"),
    ]
    assert items[1].text == "Searched on find.example: rain fly"


def test_addresses_of_this_machine_and_sites_to_leave_out_are_counted(tmp_path):
    chrome(
        tmp_path / "History",
        [(n, DAY, LINK) for n in (1, 2, 3, 4)],
        [(1, "file:///home/a.pdf", ""), (2, "http://localhost:8888/", ""), (3, "https://www.mybank.example/login", ""),
         (4, "https://anna:secret@example.com/cb?access_token=ya29.secret", "")],
    )  # fmt: skip
    [item], skipped = read(tmp_path, **{"sites-out": "www.mybank.example"})
    assert item.url == "https://example.com/cb"
    assert "secret" not in repr(item)
    assert skipped == [
        "2 visits are of files, pages of the browser itself or this network.",
        "1 visits are of sites that are to be left out.",
    ]


@pytest.mark.parametrize("unit", [1_000_000, 1_000])
def test_firefox_counts_in_microseconds_and_on_android_in_milliseconds(tmp_path, unit):
    made(
        tmp_path / "anything.sqlite",
        FIREFOX,
        moz_places=[(1, "https://example.com/a", "A", 0, "All of A."), (2, "https://example.com/b", None, 1, None)],
        moz_historyvisits=[(1, 0, 1, DAY * unit, 1, 0), (2, 0, 2, DAY * unit, 1, 0), (3, 0, 1, DAY * unit, 8, 0)],
        moz_bookmarks=[
            (1, 2, None, 0, "", 0), (2, 2, None, 1, "menu", 0), (3, 2, None, 2, "Camping", 0),
            (4, 1, 1, 3, None, DAY * unit), (5, 1, 1, 5, "loop", 0),
        ],
    )  # fmt: skip
    items, skipped = read(tmp_path)
    assert [(item.text, item.moment.iso) for item in items] == [
        ("Visited A (example.com)\nAll of A.", "2024-05-01T08:30:00+00:00"),
        ("Bookmarked A (example.com) in menu/Camping", "2024-05-01T08:30:00+00:00"),
    ]
    assert skipped == ["2 visits are frames, steps of redirects or failed loads, not pages that were seen."]


def test_what_was_deleted_in_safari_stays_deleted(tmp_path):
    at = DAY - 978_307_200
    made(
        tmp_path / "History.db",
        SAFARI,
        history_items=[(1, "https://example.com/kept", 1), (2, "https://example.com/gone", 1)],
        history_visits=[
            (1, 1, at + 0.5, "Kept", 1, None, None), (2, 2, at + 10, "Gone", 1, None, None),
            (3, 1, at + 5_000, "All gone", 1, None, None), (4, 1, at + 20, "Passed", 1, None, 1),
            (5, 2, at + 9_000, "Later", 1, None, None), (6, 1, at + 30, "Failed", 0, None, None),
        ],
        history_tombstones=[(1, at, at + 100, "https://example.com/gone"), (2, at + 4_000, at + 6_000, None)],
    )  # fmt: skip
    items, skipped = read(tmp_path)
    assert [item.title for item in items] == ["Kept", "Later"]
    assert skipped == [
        "2 visits are frames, steps of redirects or failed loads, not pages that were seen.",
        "2 visits lie in what its owner deleted.",
    ]


def test_an_old_firefox_of_android_is_read_without_what_was_deleted(tmp_path):
    made(
        tmp_path / "browser.db",
        """CREATE TABLE history(_id INTEGER PRIMARY KEY, title, url, guid, deleted);
        CREATE TABLE visits(_id INTEGER PRIMARY KEY, history_guid, date, is_local);
        CREATE TABLE bookmarks(_id INTEGER PRIMARY KEY, title, url, type, created, deleted);
        CREATE TABLE searchhistory(_id INTEGER PRIMARY KEY, query, date);""",
        history=[(1, "A", "https://example.com/a", "g1", 0), (2, "B", "https://example.com/b", "g2", 1)],
        visits=[(1, "g1", DAY * 1_000, 1), (2, "g2", DAY * 1_000, 1)],
        bookmarks=[(1, "C", "https://example.com/c", 1, DAY * 1_000, 0), (2, "D", None, 0, 0, 0)],
        searchhistory=[(1, "tents", DAY * 1_000), (2, None, None)],
    )
    items, _ = read(tmp_path)
    assert [item.native for item in items] == [
        "visit:https://example.com/a@2024-05-01", "bookmark:https://example.com/c", "search:firefox:tents@2024-05-01",
    ]  # fmt: skip


def test_chrome_as_google_keeps_it_is_the_same_as_in_the_browser(tmp_path):
    visit = {"page_transition": "LINK", "title": "Tents", "url": "https://example.com/tents", "client_id": "x"}
    entries = [visit | {"time_usec": (DAY + n) * 1_000_000} for n in (90, 60, 0)]
    entries.append(visit | {"page_transition": "AUTO_SUBFRAME", "time_usec": 1, "new_key": 1})
    (tmp_path / "BrowserHistory.json").write_text(json.dumps({"Browser History": entries, "Session": [1]}))
    [item], skipped = read(tmp_path)
    assert item.native == "visit:https://example.com/tents@2024-05-01"
    assert (item.extra["visits"], item.moment.iso) == (3, "2024-05-01T08:30:00+00:00")
    assert len(skipped) == 2
    assert "'new_key' (1)" in skipped[1]


def test_bookmarks_are_read_from_a_page_and_from_a_profile(tmp_path):
    (tmp_path / "bookmarks.html").write_text(
        '<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n<DT><H3 ADD_DATE="1">Trips &amp; tents</H3>\n<DL><p>\n'
        f'<DT><A HREF="https://example.com/a?x=1&amp;y=2" ADD_DATE="{DAY}" ICON="data:">A &lt;b&gt;</A>\n</DL><p>\n'
        '<DT><A HREF="javascript:x">bad</A>\n</DL>\n'
    )
    node = {"type": "url", "id": "7", "name": "C", "url": "https://example.com/c", "date_added": str(chrome_time(DAY))}
    bar = {"name": "Bar", "type": "folder", "children": [node, 3]}
    (tmp_path / "Bookmarks").write_text(json.dumps({"checksum": "x", "roots": {"bar": bar, "v": 1}}))
    items, _ = read(tmp_path)
    assert [(item.text, item.moment.iso) for item in items] == [
        ("Bookmarked C (example.com) in Bar", "2024-05-01T08:30:00+00:00"),
        ("Bookmarked A <b> (example.com) in Trips & tents", "2024-05-01T08:30:00+00:00"),
    ]


def test_passwords_and_cookies_are_never_opened(tmp_path):
    for name in ("cookies.sqlite", "formhistory.sqlite", "Login Data.db", "key4.db", "History-journal"):
        (tmp_path / name).write_bytes(b"SQLite format 3\x00")
    reader = OpenReader(tmp_path)
    told = list(CONNECTOR.read(reader))
    assert reader.opened == []
    assert len(told) == 4


def test_a_damaged_database_is_told_and_the_next_is_read(tmp_path):
    whole = chrome(tmp_path / "History", [(1, DAY, LINK)], [(1, "https://example.com/", "Home")]).read_bytes()
    (tmp_path / "a.sqlite").write_bytes(whole[:5_000])
    made(tmp_path / "b.sqlite", "CREATE TABLE urls(id, x); CREATE TABLE visits(id, y);")
    made(tmp_path / "c.sqlite", "CREATE TABLE other(id);")
    items, skipped = read(tmp_path)
    assert [item.title for item in items] == ["Home"]
    assert len(skipped) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(at=st.integers(0, 12_000), raw=st.binary(min_size=1, max_size=40))
def test_no_damage_to_a_database_breaks_the_reading(tmp_path, at, raw):
    path, sound = tmp_path / "History", tmp_path / "sound" / "whole"
    if not sound.exists():
        sound.parent.mkdir()
        chrome(sound, [(1, DAY, LINK)], [(1, "https://example.com/", "Home")], [(1, "x", "x")])
    whole = sound.read_bytes()
    path.write_bytes(whole[:at] + raw + whole[at + len(raw) :])
    for thing in CONNECTOR.read(OpenReader(tmp_path)):
        assert isinstance(thing, Item | Skipped)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["roots", "page", "synced"]))
def test_no_bytes_break_bookmarks_and_synced_histories(tmp_path, raw, kind):
    page = b"<!doctype netscape-bookmark-file-1>"
    begin = {"roots": b'{"roots": {"a": ', "page": page, "synced": b'{"Browser History": ['}[kind]
    (tmp_path / "bookmarks").write_bytes(begin + raw)
    for thing in CONNECTOR.read(OpenReader(tmp_path)):
        assert isinstance(thing, Item | Skipped)


def test_visits_without_a_time_and_long_addresses_are_no_trouble(tmp_path):
    long = "https://example.com/" + "/".join(["tent"] * 300)
    chrome(tmp_path / "History", [(1, DAY, LINK), (2, DAY, LINK), (3, -20_000_000_000, LINK)],
           [(1, long + "/a", "A"), (2, long + "/b", "B"), (3, "https://example.com/", "no time")])  # fmt: skip
    items, skipped = read(tmp_path)
    assert len({item.native for item in items}) == 2
    assert all(len(item.native) < 450 for item in items)
    assert items[0].url == long + "/a"
    assert skipped == ["1 visits have no time."]


def test_days_are_those_of_utc_wherever_the_export_is_read(tmp_path):
    midnight = DAY - DAY % 86_400
    chrome(tmp_path / "History", [(1, midnight - 1, LINK), (1, midnight, LINK)], [(1, "https://example.com/", "Home")])
    assert [item.native[-10:] for item in read(tmp_path)[0]] == ["2024-04-30", "2024-05-01"]


def test_a_page_without_a_title_is_told_by_the_words_of_its_address(tmp_path):
    chrome(tmp_path / "History", [(1, DAY, LINK), (2, DAY, LINK)],
           [(1, "https://example.com/camping/dry-tents.html", None), (2, "https://example.com/", "  ")])  # fmt: skip
    assert [item.text for item in read(tmp_path)[0]] == [
        "Visited camping dry tents html (example.com)", "Visited https://example.com/ (example.com)",
    ]  # fmt: skip


def test_the_last_title_of_a_day_stands_for_the_page(tmp_path):
    made(
        tmp_path / "History.db",
        SAFARI,
        history_items=[(1, "https://example.com/", 1)],
        history_visits=[
            (n, 1, DAY - 978_307_200 + n, title, 1, None, None) for n, title in enumerate(["Loading", "Tents", ""])
        ],
    )
    [item], _ = read(tmp_path)
    assert (item.title, item.extra["visits"]) == ("Tents", 3)


def test_a_database_without_columns_of_later_versions_is_read(tmp_path):
    made(
        tmp_path / "old.sqlite",
        "CREATE TABLE urls(id INTEGER PRIMARY KEY, url, title);"
        "CREATE TABLE visits(id INTEGER PRIMARY KEY, url, visit_time);",
        urls=[(1, "https://example.com/", "Home")],
        visits=[(1, 1, chrome_time(DAY))],
    )
    made(
        tmp_path / "safari.db",
        "CREATE TABLE history_items(id INTEGER PRIMARY KEY, url);"
        "CREATE TABLE history_visits(id INTEGER PRIMARY KEY, history_item, visit_time REAL, title);",
        history_items=[
            (
                1,
                "https://example.com/",
            )
        ],
        history_visits=[(1, 1, DAY - 978_307_200 + 86_400, "Home")],
    )
    assert [item.native[-10:] for item in read(tmp_path)[0]] == ["2024-05-01", "2024-05-02"]


def test_titles_that_are_not_utf8_are_kept_with_their_bad_bytes_replaced(tmp_path):
    path = chrome(tmp_path / "History", [(1, DAY, LINK)], [(1, "https://example.com/", "x")])
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE urls SET title = CAST(x'436166e92073' AS TEXT)")
        db.commit()
    assert read(tmp_path)[0][0].title == "Caf\ufffd s"


def test_rows_of_the_write_ahead_log_are_seen(tmp_path):
    path = chrome(tmp_path / "History", [(1, DAY, LINK)], [(1, "https://example.com/", "Home")])
    with closing(sqlite3.connect(path)) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("INSERT INTO visits VALUES (9, 1, ?, 0, ?, 0)", (chrome_time(DAY + 86_400), LINK))
        live.commit()
        assert [item.native[-10:] for item in read(tmp_path)[0]] == ["2024-05-01", "2024-05-02"]


def test_a_damaged_synced_history_and_damaged_bookmarks_are_told(tmp_path):
    entry = json.dumps({"title": "A", "url": "https://example.com/a", "time_usec": DAY * 1_000_000})
    (tmp_path / "History.json").write_text(f'{{"Browser History": [{entry}, {{"title": }}, {entry.replace("/a", "/b")}')
    (tmp_path / "Bookmarks").write_text('{"roots": [')
    (tmp_path / "history.txt").write_text("nothing")
    items, skipped = read(tmp_path)
    assert [item.url[-2:] for item in items] == ["/a", "/b"]
    assert any("cut short" in reason for reason in skipped)
    assert skipped[0] == "Its bookmarks are not in the form that browsers write."
    assert any("not valid JSON" in reason for reason in skipped)
    assert skipped[-1] == "It is no history or bookmarks of a known browser."


@pytest.mark.parametrize("line", ["<A ", '<A HREF="', '<A HREF="x">', "<H3 ", "<H3>", '<A HREF="https://e.org/">x'])
def test_hostile_bookmarks_take_no_long_time(tmp_path, line):
    (tmp_path / "bookmarks.html").write_text("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n" + (line * 20_000 + "\n") * 3)
    begun = time.perf_counter()
    read(tmp_path)
    assert time.perf_counter() - begun < 10

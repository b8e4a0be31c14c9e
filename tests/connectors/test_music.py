"""What was listened to and read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Origin, Person
from indexers.sources.connectors.music import CONNECTOR, READING
from tests.connectors.open_reader import OpenReader


def read(root: Path, connector=CONNECTOR) -> tuple[list[Item], list[str]]:
    things = list(connector.read(OpenReader(root)))
    return [t for t in things if isinstance(t, Item)], [t.reason for t in things if isinstance(t, Skipped)]


def play(time="2024-05-01T08:30:00Z", played=180_000, title="Rain", **more):
    names = {"master_metadata_track_name": title, "master_metadata_album_artist_name": "Anna Band"}
    return {"ts": time, "ms_played": played, "ip_addr": "192.0.2.7", "incognito_mode": False} | names | more


def spotify(tmp_path: Path, *entries) -> tuple[list[Item], list[str]]:
    (tmp_path / "Streaming_History_Audio_2024_0.json").write_text(json.dumps(entries))
    return read(tmp_path)


def test_a_piece_heard_several_times_a_day_is_one(tmp_path):
    items, skipped = spotify(
        tmp_path, play(), play(time="2024-05-01T10:30:00Z"), play(played=3_000), play(time="2024-05-02T08:30:00Z")
    )
    assert [(item.native, item.extra["plays"], item.extra["minutes"]) for item in items] == [
        ("track:anna band|rain@2024-05-01", 2, 6.0),
        ("track:anna band|rain@2024-05-02", 1, 3.0),
    ]
    assert items[0].text == "Listened to Rain by Anna Band (Spotify)"
    assert items[0].moment.iso == "2024-05-01T08:30:00+00:00"
    assert skipped == ["1 plays are shorter than 30 seconds."]
    assert "192.0.2.7" not in repr(items)


def test_a_private_session_has_its_caution_and_does_not_hide_in_another(tmp_path):
    items, _ = spotify(tmp_path, play(), play(incognito_mode=True))
    assert [sorted(item.cautions) for item in items] == [[], [Caution.INCOGNITO]]
    assert items[0].native != items[1].native


def test_episodes_books_and_the_plain_history_are_read(tmp_path):
    (tmp_path / "StreamingHistory_music_0.json").write_text(
        json.dumps([{"endTime": "2024-05-01 08:30", "artistName": "B", "trackName": "T", "msPlayed": 60_000}])
    )
    (tmp_path / "SearchQueries.json").write_text(
        json.dumps([{"searchTime": "2024-05-01T08:30:00.000Z[UTC]", "searchQuery": "rain songs"}])
    )
    bare = {"ts": "2024-05-01T08:30:00Z", "ms_played": 60_000}
    items, skipped = spotify(
        tmp_path,
        bare | {"episode_name": "On tents", "episode_show_name": "Camp talk"},
        bare | {"audiobook_title": "Walden", "audiobook_chapter_title": "Economy"},
        bare,
    )
    assert [item.text for item in items] == [
        "Searched on Spotify: rain songs",
        "Listened to T by B (Spotify)",
        "Listened to On tents by Camp talk (Spotify)",
        "Listened to Economy by Walden (Spotify)",
    ]
    assert items[0].kind is Kind.SEARCH
    assert skipped == ["It names neither a track nor an episode."]


def test_both_tables_of_lastfm_tell_of_the_same_listening(tmp_path):
    (tmp_path / "a.csv").write_text('Anna Band,Weather,Rain,"01 May 2024 08:30"\n')
    (tmp_path / "b.csv").write_text(
        "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n1714552200,x,Anna Band,,Weather,,Rain,\n"
    )
    [item], skipped = read(tmp_path)
    assert item.native == "track:anna band|rain@2024-05-01"
    assert (item.text, item.moment.basis) == ("Listened to Rain by Anna Band, from Weather (Last.fm)", Basis.UTC)
    assert skipped == []


CLIPPINGS = """\ufeffWalden (Henry D. Thoreau)
- Your Highlight on page 12 | Location 170-171 | Added on Wednesday, May 1, 2024 8:30:00 AM

Simplify, simplify.
==========
Walden (Henry D. Thoreau)
- Ihre Notiz auf Seite 12 | Position 171 | Hinzugefügt am Mittwoch, 1. Mai 2024 08:31:00

really?
==========
Walden (Henry D. Thoreau)
- Your Bookmark on page 3 | Added on Wednesday, May 1, 2024 8:30:00 AM

==========
"""


def test_highlights_are_the_authors_words_and_notes_are_mine(tmp_path):
    (tmp_path / "My Clippings.txt").write_text(CLIPPINGS, "utf-8", newline="\r\n")
    items, skipped = read(tmp_path, READING)
    assert [(item.text, item.origin, item.author, item.moment.iso) for item in items] == [
        ("Marked in Walden by Henry D. Thoreau:\nSimplify, simplify.", Origin.OTHER, Person("Henry D. Thoreau"),
         "2024-05-01T08:30:00"),
        ("My note on Walden by Henry D. Thoreau:\nreally?", Origin.MINE, None, "2024-05-01T08:31:00"),
    ]  # fmt: skip
    assert items[0].moment.basis is Basis.LOCAL
    assert items[1].locator == "My Clippings.txt#6"
    assert skipped == ["It is a bookmark without words."]


def test_books_have_their_shelf_rating_and_review(tmp_path):
    (tmp_path / "goodreads_library_export.csv").write_text(
        "Book Id,Title,Author,My Rating,Date Read,Date Added,Bookshelves,Exclusive Shelf,My Review,Private Notes\n"
        '7,Walden,Henry D. Thoreau,4,2024/05/01,2024/04/01,"nature, old",read,Slow<br/>but good,\n'
        "8,Dune,Frank Herbert,0,,2024/04/02,to-read,to-read,,\n"
    )
    items, _ = read(tmp_path, READING)
    assert [(item.native, item.text, item.moment.iso, item.origin) for item in items] == [
        ("goodreads:7", "Read the book Walden by Henry D. Thoreau, rated 4 of 5.\nSlow\nbut good", "2024-05-01",
         Origin.MINE),
        ("goodreads:8", "Wants to read the book Dune by Frank Herbert.", "2024-04-02", Origin.MACHINE),
    ]  # fmt: skip
    assert items[0].labels == ("nature", "old")


def test_articles_kept_are_read_from_a_page_and_a_table_once(tmp_path):
    (tmp_path / "ril_export.html").write_text(
        "<title>Pocket Export</title><h1>Unread</h1>\n<ul>\n"
        '<li><a href="https://example.com/tents?u=1" time_added="1714552200" tags="camp,rain">Tents</a></li>\n'
        '<li><a href="https://example.com/a-long-walk" time_added="1714552200" tags="">https://example.com/a</a></li>\n'
    )
    (tmp_path / "part_000000.csv").write_text(
        "title,url,time_added,tags,status\nTents,https://example.com/tents,1714552200,camp|rain,archive\n"
        "Local,http://localhost/x,1714552200,,unread\n"
    )
    items, skipped = read(tmp_path, READING)
    assert [(item.native, item.text, item.labels) for item in items] == [
        ("article:https://example.com/tents", "Kept to read: Tents (example.com)", ("camp", "rain")),
        ("article:https://example.com/a-long-walk", "Kept to read: long walk (example.com)", ()),
    ]
    assert skipped == ["Its address is none of the web."]


def test_a_file_of_something_else_is_named_and_not_read(tmp_path):
    for name in ("a.json", "b.csv", "c.txt", "d.html"):
        (tmp_path / name).write_text("x")
    assert read(tmp_path) == ([], ["It is no history of listening that is known here."] * 2)
    assert read(tmp_path, READING) == ([], ["It is no list of reading that is known here."] * 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.integers(0, 700), raw=st.binary(max_size=12), kind=st.sampled_from(["json", "csv", "txt", "html"]))
@pytest.mark.parametrize("connector", [CONNECTOR, READING])
def test_no_damage_breaks_the_reading(tmp_path, connector, at, raw, kind):
    goods = "Book Id,Title,Author,Exclusive Shelf\n7,Walden,Thoreau,read\n"
    page = '<title>Pocket Export</title><a href="https://example.com/" time_added="1">x</a>'
    seed = {"json": json.dumps([play(), play()]), "csv": goods, "txt": CLIPPINGS, "html": page}[kind].encode()
    (tmp_path / f"x.{kind}").write_bytes(seed[:at] + raw + seed[at + 1 :])
    for thing in connector.read(OpenReader(tmp_path)):
        assert isinstance(thing, Item | Skipped)


def test_bad_rows_and_elements_are_told_and_the_rest_is_read(tmp_path):
    plays = json.dumps([play(), play(time="2024-05-02T08:30:00Z")])
    (tmp_path / "a.json").write_text(plays[:-1] + ', {"ms_played": }]')
    (tmp_path / "b.csv").write_text("A,B,C,01 May 2024 08:30\nA,B,,01 May 2024 08:30\nA,B,C,soon\n")
    items, skipped = read(tmp_path)
    assert len(items) == 3
    assert sum("not valid JSON" in reason for reason in skipped) == 1
    assert skipped.count("It has no track or no time.") == 2


def test_plays_newest_first_are_merged_as_oldest_first_are(tmp_path):
    times = [f"2024-05-0{day}T0{hour}:30:00Z" for day in (1, 2) for hour in (7, 8)]
    up, down = tmp_path / "up", tmp_path / "down"
    for folder, order in ((up, times), (down, times[::-1])):
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps([play(time=time) for time in order]))

    def told(root: Path) -> list[tuple]:
        return sorted((item.native, item.moment.iso, item.extra["plays"]) for item in read(root)[0])

    assert told(up) == told(down)


def test_a_highlight_keeps_its_id_when_others_come_before_it(tmp_path):
    (tmp_path / "My Clippings.txt").write_text(CLIPPINGS, "utf-8")
    before = {item.native for item in read(tmp_path, READING)[0]}
    entry = "Dune (Frank Herbert)\n- Your Highlight | Added on Wednesday, May 1, 2024 8:30:00 AM\n\nFear.\n==========\n"
    (tmp_path / "My Clippings.txt").write_text(entry + CLIPPINGS.lstrip("\ufeff"), "utf-8")
    assert before < {item.native for item in read(tmp_path, READING)[0]}


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("Añadido el miércoles, 1 de mayo de 2024 8:30:00", "2024-05-01T08:30:00"),
        ("Ajouté le mercredi 1 mai 2024 08:30:00", "2024-05-01T08:30:00"),
        ("Aggiunto in data mercoledì 1 maggio 2024 08:30:00", "2024-05-01T08:30:00"),
        ("Adicionado: quarta-feira, 1 de maio de 2024 08:30:00", "2024-05-01T08:30:00"),
        ("Toegevoegd op woensdag 1 mei 2024 08:30:00", "2024-05-01T08:30:00"),
        ("作成日: 2024年5月1日水曜日 8:30:00", "2024-05-01T08:30:00"),
    ],
)
def test_a_kindle_dates_its_clippings_in_its_language(tmp_path, said, iso):
    (tmp_path / "My Clippings.txt").write_text(f"T (A)\n- X 1 | {said}\n\nwords\n==========\n", "utf-8")
    assert read(tmp_path, READING)[0][0].moment.iso == iso


@pytest.mark.parametrize("heading", ["(" * 900_000, "(" + "a" * 900_000, "(a" * 400_000, "a" * 900_000 + ")"])
def test_hostile_clippings_take_no_long_time(tmp_path, heading):
    (tmp_path / "My Clippings.txt").write_text(f"x\n==========\n{heading}\n- Note 1 | soon\n\nwords\n==========\n")
    begun = time.perf_counter()
    [item], _ = read(tmp_path, READING)
    assert len(item.title) <= 500
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize(
    "line", ["<a href=", '<a href="', '<a href="x">', "<h1>", 'time_added="', '<a href="x" tags="']
)
def test_hostile_lists_of_articles_take_no_long_time(tmp_path, line):
    (tmp_path / "ril.html").write_text("<title>Pocket Export</title>\n" + (line * 30_000 + "\n") * 3)
    begun = time.perf_counter()
    read(tmp_path, READING)
    assert time.perf_counter() - begun < 10

"""What was watched, on YouTube and Netflix."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Origin
from indexers.sources.connectors.videos import CONNECTOR
from indexers.sources.connectors.videos.activity import from_html, from_json
from indexers.sources.connectors.videos.subtitles import spoken
from indexers.sources.connectors.videos.youtube import video_id
from tests.connectors.open_reader import OpenReader

ADS = [{"name": "From Google Ads"}]


def watch(video="dQw4w9WgXcQ", title="Watched A tent in the rain", time="2024-05-01T08:30:00.123Z", **more):
    url = {"titleUrl": f"https://www.youtube.com/watch?v\u003d{video}"} if video else {}
    channel = [{"name": "Slow Camping", "url": "https://www.youtube.com/channel/UC1"}]
    entry = {"header": "YouTube", "title": title, "time": time, "products": ["YouTube"], "subtitles": channel}
    return entry | url | more


def card(body: str, caption: str = "<b>Products:</b><br>&emsp;YouTube<br>", header: str = "YouTube") -> str:
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        f'<div class="header-cell mdl-cell"><p class="mdl-typography--title">{header}<br></p></div>'
        f'<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">{body}</div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right"></div>'
        f'<div class="content-cell mdl-cell mdl-typography--caption">{caption}</div></div></div>'
    )


WATCHED_CARD = card(
    'Watched\xa0<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">A tent in the rain</a><br>'
    '<a href="https://www.youtube.com/channel/UC1">Slow Camping</a><br>May 1, 2024, 10:30:00\u202fAM CEST<br>'
)


def read(root: Path, **choices: str) -> tuple[list[Item], list[Skipped]]:
    things = list(CONNECTOR.read(OpenReader(root, choices)))
    return [t for t in things if isinstance(t, Item)], [t for t in things if isinstance(t, Skipped)]


def history(tmp_path: Path, *entries) -> tuple[list[Item], list[Skipped]]:
    (tmp_path / "watch-history.json").write_text(json.dumps(entries), "utf-8")
    return read(tmp_path)


def test_a_watched_video_has_its_title_channel_address_and_second(tmp_path):
    [item], skipped = history(tmp_path, watch())
    assert (item.kind, item.title, item.text) == (
        Kind.VIDEO, "A tent in the rain", "Watched on YouTube: A tent in the rain by Slow Camping",
    )  # fmt: skip
    assert item.native == "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00"
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T08:30:00+00:00", Basis.UTC)
    assert item.url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert item.locator == "watch-history.json$[0]"
    assert skipped == []


def test_json_and_html_of_the_same_watching_are_one(tmp_path):
    (tmp_path / "watch-history.html").write_text(f"<html><style>x</style>{WATCHED_CARD}</html>", "utf-8")
    items, _ = history(tmp_path, watch())
    assert [item.locator for item in items] == ["watch-history.html@22"]
    assert items[0].native == "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00"
    assert items[0].text == "Watched on YouTube: A tent in the rain by Slow Camping"


def test_an_advertisement_has_its_caution(tmp_path):
    [item], _ = history(tmp_path, watch(details=ADS))
    assert item.cautions == {Caution.ADVERTISEMENT}
    html = from_html(
        card(
            'Watched\xa0<a href="https://youtu.be/dQw4w9WgXcQ">X</a><br>May 1, 2024, 10:30:00 AM UTC',
            "<b>Products:</b><br>&emsp;YouTube<br><b>Details:</b><br>&emsp;From Google Ads<br>",
        ).encode()
    )
    assert html is not None
    assert html.advertised


def test_a_removed_video_is_kept_without_an_id(tmp_path):
    gone = watch(video="", title="Watched a video that has been removed", subtitles=[])
    blank = watch(title="Watched https://www.youtube.com/watch?v=", titleUrl="https://www.youtube.com/watch?v=")
    items, _ = history(tmp_path, gone, blank, gone | {"time": "2024-05-02T08:30:00Z"})
    assert [item.extra.get("removed") for item in items] == [True, True, True]
    assert len({item.native for item in items}) == 3
    assert items[1].text.startswith("Watched on YouTube a video whose title the export does not tell")


def test_an_entry_with_its_address_in_the_title_alone_is_a_watching(tmp_path):
    [item], _ = history(tmp_path, {
        "header": "YouTube", "title": "Watched https://www.youtube.com/watch?v=dQw4w9WgXcQ", "products": ["YouTube"],
        "time": "2026-09-01T08:30:00Z",
    })  # fmt: skip
    assert item.native == "youtube:dQw4w9WgXcQ@2026-09-01T08:30:00"
    assert item.title == ""


def test_the_form_before_2017_is_read(tmp_path):
    snippet = {
        "title": "Watched X",
        "publishedAt": "2016-03-04T05:06:07.000Z",
        "titleUrl": "https://youtu.be/dQw4w9WgXcQ",
    }
    [item], _ = history(tmp_path, {"snippet": snippet})
    assert item.native == "youtube:dQw4w9WgXcQ@2016-03-04T05:06:07"


def test_a_like_is_no_watching_and_a_search_is_a_search(tmp_path):
    items, _ = history(
        tmp_path,
        watch(title="Liked A tent in the rain"),
        watch(title="Searched for tents", titleUrl="https://www.youtube.com/results?search_query=tents"),
        watch(title="A tent in the rain angesehen", time="2024-05-03T08:30:00Z"),
        watch(title="Nézett videó: A tent", time="2024-05-04T08:30:00Z"),
    )
    assert [(item.kind, item.extra["action"]) for item in items] == [
        (Kind.VIDEO, "liked"), (Kind.SEARCH, "searched"), (Kind.VIDEO, "watched"), (Kind.VIDEO, "watched"),
    ]  # fmt: skip
    assert items[0].native == "youtube:dQw4w9WgXcQ:liked@2024-05-01T08:30:00"
    assert items[1].native == "search:youtube.com:tents@2024-05-01"
    assert items[2].title == "A tent in the rain"
    assert items[3].title == "Nézett videó: A tent"


def test_music_is_a_track(tmp_path):
    [item], _ = history(tmp_path, watch(header="YouTube Music", subtitles=[{"name": "Anna Band - Topic"}]))
    assert (item.kind, item.text) == (Kind.TRACK, "Listened to on YouTube Music: A tent in the rain by Anna Band")


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1", "dQw4w9WgXcQ"),
        ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://music.youtube.com/watch?v=dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "dQw4w9WgXcQ"),
        ("https://www.youtube.com/watch?v=", ""),
        ("https://www.youtube.com/channel/UC123456789", ""),
        ("https://example.com/watch?v=dQw4w9WgXcQ", ""),
        ("https://notyoutu.be/dQw4w9WgXcQ", ""),
        ("http://[", ""),
    ],
)
def test_the_id_of_a_video_is_told_by_its_address(url, video):
    assert video_id(url) == video


def test_unknown_keys_are_told_and_bad_entries_do_not_stop_the_rest(tmp_path):
    items, skipped = history(tmp_path, watch(mood="calm"), {"title": "no time"}, 7, watch(time="2024-05-02T08:30:00Z"))
    assert len(items) == 2
    assert [s.locator for s in skipped] == ["watch-history.json$[1]", "watch-history.json$[2]", "watch-history.json"]
    assert "'mood' (1)" in skipped[2].reason
    assert not skipped[2].fault


def test_what_was_said_in_a_video_is_read_from_the_file_beside_it(tmp_path):
    (tmp_path / "A tent [dQw4w9WgXcQ].en.vtt").write_text(
        "WEBVTT\nKind: captions\n\nNOTE x\n\n00:01.000 --> 00:02.000\npitch the <c>tent</c>\n\n"
        "00:02.000 --> 00:03.000\npitch the tent\nbefore the rain\n"
    )
    (tmp_path / "Other-abcdefghijk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhello\n")
    items, skipped = history(tmp_path, watch(time="2024-05-09T08:30:00Z"), watch())
    assert [item.native for item in items] == [
        "youtube:dQw4w9WgXcQ@2024-05-09T08:30:00",
        "youtube:dQw4w9WgXcQ#A tent [dQw4w9WgXcQ].en.vtt",
        "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00",
    ]
    assert items[1].text == "Subtitles of the video A tent in the rain:\npitch the tent\nbefore the rain"
    assert [s.locator for s in skipped] == ["Other-abcdefghijk.srt"]


def netflix(tmp_path: Path, text: str, **choices: str) -> tuple[list[Item], list[Skipped]]:
    (tmp_path / "NetflixViewingHistory.csv").write_text(text, "utf-8")
    return read(tmp_path, **choices)


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["6/19/25", "1/2/25"], "2025-06-19"),
        (["19/06/2025", "02/01/2025"], "2025-06-19"),
        (["07.06.2025", "02.01.2025"], "2025-06-07"),
        (["2025-06-07", "2025-01-02"], "2025-06-07"),
        (["12/4/25", "11/5/25", "11/3/25", "10/6/25"], "2025-12-04"),
    ],
)
def test_which_number_is_the_day_is_told_by_all_dates_of_a_file(tmp_path, dates, first):
    items, skipped = netflix(tmp_path, "Title,Date\n" + "".join(f'"Dark: S1: ""{d}""","{d}"\n' for d in dates))
    assert items[0].moment.iso == first
    assert items[0].moment.basis is Basis.DATE
    assert len(items) == len(dates)
    assert skipped == []


def test_dates_that_do_not_tell_are_asked_for(tmp_path):
    text = "Titel,Datum\nDark,6/7/25\nDark,6/7/25\n"
    items, [skipped] = netflix(tmp_path, text)
    assert items == []
    assert "date-order=dmy" in skipped.reason
    items, _ = netflix(tmp_path, text, **{"date-order": "dmy"})
    assert [item.native for item in items] == ["netflix:Dark@2025-07-06", "netflix:Dark@2025-07-06#2"]


VIEWING = """\
Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Latest Bookmark,Country
Anna,2024-05-01 08:30:00,00:42:10,,Dark: Season 1,,Chrome PC,00:42:10,00:42:10,DK
Anna,2024-05-01 08:20:00,00:00:10,,Dark trailer,TRAILER,Chrome PC,,,DK
Kid,2024-05-01 07:30:00,00:42:10,,Ponies,,TV,,,DK
"""


def test_profiles_of_others_have_their_caution(tmp_path):
    (tmp_path / "ViewingActivity.csv").write_text(VIEWING)
    items, skipped = read(tmp_path, profile="anna")
    assert [(item.title, sorted(item.cautions)) for item in items] == [
        ("Dark: Season 1", []),
        ("Dark trailer", [Caution.ADVERTISEMENT]),
        ("Ponies", [Caution.PROFILE]),
    ]
    assert items[2].labels == ("Netflix", "Kid")
    assert items[0].moment.iso == "2024-05-01T08:30:00+00:00"
    assert skipped == []
    items, _ = read(tmp_path)
    assert all(Caution.PROFILE in item.cautions for item in items)


def test_the_only_profile_of_a_file_is_the_owner(tmp_path):
    (tmp_path / "ViewingActivity.csv").write_text(VIEWING.replace("Kid", "Anna"))
    items, _ = read(tmp_path)
    assert not any(Caution.PROFILE in item.cautions for item in items)


def test_a_file_of_something_else_is_named_and_not_read(tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "b.csv").write_text("x,y,z\n1,2,3\n")
    (tmp_path / "c.html").write_text("<p>hello</p>")
    items, skipped = read(tmp_path)
    assert items == []
    assert [(s.locator, s.fault) for s in skipped] == [("a.json", False), ("b.csv", False), ("c.html", False)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.integers(0, 900), bytes_=st.binary(max_size=12), kind=st.sampled_from(["json", "html", "csv", "vtt"]))
def test_no_damage_breaks_the_reading(tmp_path, at, bytes_, kind):
    seeds = {"json": json.dumps([watch(), watch(details=ADS)]), "html": WATCHED_CARD * 2, "csv": VIEWING}
    raw = seeds.get(kind, "WEBVTT\n\n").encode()
    (tmp_path / f"x.{kind}").write_bytes(raw[:at] + bytes_ + raw[at + 1 :])
    items, skipped = read(tmp_path)
    assert all(item.native for item in items)
    assert all(s.reason.endswith(".") for s in skipped)


@given(st.binary(max_size=300))
def test_no_bytes_break_cards_entries_and_subtitles(raw):
    from_html(raw)
    from_html(WATCHED_CARD.encode() + raw)
    text = raw.decode("latin-1")
    from_json({"title": text, "time": text, "subtitles": [raw, {"name": 1}], "details": 3})
    assert isinstance(spoken(raw), str)


PAGES = {
    "en": ("Watched\xa0{a}", "May 1, 2024, 10:30:00\u202fAM CEST", "Products:"),
    "en-GB": ("Watched\xa0{a}", "1 May 2024, 10:30:00 CEST", "Products:"),
    "de": ("{a}\xa0angesehen", "01.05.2024, 10:30:00 MESZ", "Produkte:"),
    "fr": ("Vous avez regardé\xa0{a}", "1 mai 2024, 10:30:00 CEST", "Produits\xa0:"),
    "es": ("Has visto\xa0{a}", "1 may 2024, 10:30:00 CEST", "Productos:"),
    "it": ("Hai guardato\xa0{a}", "1 mag 2024, 10:30:00 CEST", "Prodotti:"),
    "pt": ("Você assistiu a\xa0{a}", "1 de mai. de 2024, 05:30:00 BRT", "Produtos:"),
    "nl": ("{a}\xa0bekeken", "1 mei 2024, 10:30:00 CEST", "Producten:"),
    "pl": ("Obejrzano:\xa0{a}", "1 maj 2024, 10:30:00 CEST", "Usługi:"),
    "cs": ("Zhlédnuto:\xa0{a}", "1. 5. 2024 10:30:00 SELČ", "Služby:"),
    "ja": ("{a}\xa0を視聴しました", "2024/05/01 17:30:00 JST", "サービス:"),
    "xx": ("Any words at all {a} here", "2024-05-01 10:30:00 GMT+2", "?:"),
}


@pytest.mark.parametrize("language", PAGES)
def test_a_page_in_any_language_tells_the_same_watching(tmp_path, language):
    verb, date, products = PAGES[language]
    link = '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">A tent in the rain</a>'
    body = verb.format(a=link) + f'<br><a href="https://www.youtube.com/channel/UC1">Slow Camping</a><br>{date}<br>'
    (tmp_path / "page.html").write_text(card(body, f"<b>{products}</b><br>&emsp;YouTube<br>"), "utf-8")
    [item], skipped = read(tmp_path)
    assert item.native == "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00"
    assert item.text == "Watched on YouTube: A tent in the rain by Slow Camping"
    assert (item.title, item.labels, item.extra["channel"]) == ("A tent in the rain", ("YouTube",), "Slow Camping")
    assert skipped == []


def test_a_date_before_2018_without_a_zone_is_utc(tmp_path):
    body = 'Watched\xa0<a href="https://youtu.be/dQw4w9WgXcQ">X</a><br>Jan 31, 2018, 10:54:50 PM'
    (tmp_path / "page.html").write_text(card(body), "utf-8")
    [item], _ = read(tmp_path)
    assert (item.moment.iso, item.moment.basis) == ("2018-01-31T22:54:50+00:00", Basis.UTC)


def test_a_zone_that_stands_for_several_is_settled_by_the_owner(tmp_path):
    body = 'Watched\xa0<a href="https://youtu.be/dQw4w9WgXcQ">X</a><br>Jan 31, 2018, 10:54:50 PM IST'
    (tmp_path / "page.html").write_text(card(body), "utf-8")
    assert read(tmp_path)[0][0].moment.basis is Basis.LOCAL
    assert read(tmp_path, zone="Asia/Kolkata")[0][0].native == "youtube:dQw4w9WgXcQ@2018-01-31T17:24:50"


def test_a_card_without_a_date_is_told_and_the_next_is_read(tmp_path):
    (tmp_path / "page.html").write_text(card("Watched nothing<br>soon<br>") + card("") + WATCHED_CARD, "utf-8")
    items, skipped = read(tmp_path)
    assert len(items) == 1
    assert [s.reason for s in skipped] == ["This card has no title or date."] * 2


def test_what_is_not_of_youtube_is_counted(tmp_path):
    other = {"header": "Maps", "title": "Used Maps", "time": "2024-05-01T08:30:00Z", "products": ["Maps"]}
    items, [skipped] = history(tmp_path, other, watch(), other)
    assert len(items) == 1
    assert skipped.reason == "2 activities in it are not of YouTube; the connector takeout reads them."


def test_a_history_with_a_bad_byte_keeps_the_rest(tmp_path):
    raw = json.dumps([watch(), watch(time="2024-05-02T08:30:00Z"), watch(time="2024-05-03T08:30:00Z")])
    (tmp_path / "watch-history.json").write_text(raw.replace('"2024-05-02', '2024-05-02"'), "utf-8")
    items, [skipped] = read(tmp_path)
    assert [item.moment.iso[:10] for item in items] == ["2024-05-01", "2024-05-03"]
    assert skipped.locator.startswith("watch-history.json@")


def test_the_same_history_read_again_is_the_same(tmp_path):
    first = history(tmp_path, watch(), watch(time="2024-05-02T08:30:00Z"), watch(details=ADS))
    assert read(tmp_path) == first


def test_searches_on_netflix_are_searches_and_bad_rows_are_told(tmp_path):
    (tmp_path / "SearchHistory.csv").write_text(
        "Profile Name,Country Iso Code,Device,Is Kids,Query Typed,Displayed Name,Action,Section,Utc Timestamp\n"
        "Anna,DK,TV,0,dark,,select,title_results,2024-05-01 08:30:00\nAnna,DK,TV,0,,,x,x,2024-05-01 08:30:00\n"
    )
    (tmp_path / "ViewingActivity.csv").write_text(VIEWING.replace("Kid", "Anna") + "Anna,soon,1:00,,X,,,,,\n")
    items, skipped = read(tmp_path)
    assert (items[0].kind, items[0].text, items[0].origin) == (Kind.SEARCH, "Searched on Netflix: dark", Origin.MINE)
    assert [(s.locator, s.reason) for s in skipped] == [
        ("SearchHistory.csv#2", "It has no title or no time."),
        ("ViewingActivity.csv#4", "It has no title or no time."),
    ]


def test_a_column_that_nobody_knows_is_told(tmp_path):
    text = VIEWING.replace("Kid", "Anna").replace("Country\n", "Country,Mood\n")
    (tmp_path / "ViewingActivity.csv").write_text(text)
    _, [skipped] = read(tmp_path)
    assert "'Mood' (1)" in skipped.reason


def test_a_date_of_netflix_that_is_none_is_told(tmp_path):
    items, skipped = netflix(tmp_path, "Title,Date\nDark,19.06.2025\nDark,99.99.2025\n")
    assert len(items) == 1
    assert [(s.locator, s.reason) for s in skipped] == [("NetflixViewingHistory.csv#2", "Its date cannot be read.")]


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("x [dQw4w9WgXcQ].srt", "1\n00:00:01,0 --> 2\n<i>one</i>\ntwo\n\n2\n00:00:03,0 --> 4\ntwo\n", "one\ntwo"),
        ("dQw4w9WgXcQ.en-US.vtt", "WEBVTT\n\nSTYLE\n::cue {}\n\n1:00:01.000 --> 1:00:02.000\nhi\n", "hi"),
        ("x-dQw4w9WgXcQ.description", "Buy tents.\n\nhttps://example.com", "Buy tents.\nhttps://example.com"),
    ],
)
def test_words_lie_beside_under_several_names(tmp_path, name, raw, words):
    (tmp_path / name).write_text(raw)
    items, skipped = history(tmp_path, watch())
    assert items[1].text.partition(":\n")[2] == words
    assert items[1].native == f"youtube:dQw4w9WgXcQ#{name}"
    assert skipped == []


def test_a_card_of_towering_elements_is_told(tmp_path):
    begun = time.perf_counter()
    (tmp_path / "page.html").write_text(card("<div>" * 400_000) + WATCHED_CARD, "utf-8")
    items, skipped = read(tmp_path)
    assert len(items) == 1
    assert [s.reason for s in skipped] == ["This card has no title or date."]
    assert time.perf_counter() - begun < 10

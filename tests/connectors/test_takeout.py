"""A Google Takeout: told by what its files hold, in any language, in many parts."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cascade.errors import UnknownName
from indexers.records import Skipped
from indexers.sources.connectors import registry
from indexers.sources.connectors.base import Caution, Connector, Item, Kind, Origin
from indexers.sources.connectors.takeout import CONNECTOR
from indexers.sources.connectors.takeout.comments import said
from indexers.sources.connectors.takeout.narrowed import Narrowed
from indexers.sources.connectors.takeout.products import Route, export, product_of
from tests.connectors.open_reader import OpenReader

USEC = 1_714_552_200_000_000  # 2024-05-01T08:30:00Z


def activity(title: str, url: str = "", header: str = "Search", time: str = "2024-05-01T08:30:00.123Z", **more):
    entry = {"header": header, "title": title, "time": time, "products": [header]}
    return entry | ({"titleUrl": url} if url else {}) | more


WATCHED = activity(
    "A tent in the rain angesehen", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "YouTube",
    subtitles=[{"name": "Slow Camping", "url": "https://www.youtube.com/channel/UC1"}],
)  # fmt: skip
HISTORY = {"Browser History": [{"title": "Tents", "url": "https://example.com/tents", "time_usec": USEC}]}
INSTALLS = [{"install": {
    "doc": {"documentType": "Android Apps", "title": "Compass"}, "firstInstallationTime": "2024-05-01T08:30:00.123Z",
    "deviceAttribute": {"deviceDisplayName": "Phone", "carrier": "SecretTel"},
}}]  # fmt: skip
POINT = {"latitudeE7": 577209300, "longitudeE7": 105839400}
PLACES = {"locations": [POINT | {"timestampMs": str((USEC + n * 300_000_000) // 1_000)} for n in range(4)]}
OLD_COMMENTS = (
    "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text,Top-level Comment\n"
    "UgxAbCdEfGhIjKlMnOpQrS4AaABAg,UCabc,2024-05-01T08:30:00.1+00:00,0,,dQw4w9WgXcQ,"
    '"{""text"":""Dry""},{""text"":""\\n""},{""text"":""and warm""}",\n'
)
NEW_COMMENTS = (
    "Kanal-ID,Zeit,Preis,Kommentar-ID,Eltern,Beitrag,Video-ID,Text,Oberster\n"
    "UCabc,2024-06-01T08:30:00+00:00,0,UgyAbCdEfGhIjKlMnOpQrS4AaABAg,,,dQw4w9WgXcQ,"
    '"{""takeoutSegments"":[{""text"":""Nice ""},{""text"":""tent""}]}",\n'
)
KEEP = {"isTrashed": False, "isPinned": False, "textContent": "x", "title": "List", "userEditedTimestampUsec": USEC}
SIDECAR = {"title": "a.jpg", "photoTakenTime": {"timestamp": "1714552200"}}
CHAT = {"messages": [{"creator": {"name": "Anna", "email": "a@example.com", "user_type": "Human"}, "text": "hi"}]}

GERMAN = {
    "Takeout/Archiv_Übersicht.html": "<p>overview</p>",
    "Takeout/YouTube und YouTube Music/Verlauf/Wiedergabeverlauf.json": json.dumps([WATCHED]),
    "Takeout/YouTube und YouTube Music/Kommentare/Kommentare.csv": NEW_COMMENTS,
    "Takeout/YouTube und YouTube Music/Playlists/Später.csv": "Video-ID,Zeit\nx,y\n",
    "Takeout/Meine Aktivitäten/Google Suche/MeineAktivitäten.json": json.dumps(
        [activity("Gesucht nach: zelt", "https://www.google.com/search?q=zelt")]
    ),
    "Takeout/Chrome/Verlauf.json": json.dumps(HISTORY),
    "Takeout/Chrome/Lesezeichen.html": '<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DT><A HREF="https://example.com/b">B</A>',
    "Takeout/Google Play Store/Installationen.json": json.dumps(INSTALLS),
    "Takeout/E-Mail/Alle Nachrichten.mbox": "From a@b Wed May  1 08:30:00 2024\n\nx\n",
    "Takeout/Kalender/a@example.com.ics": "BEGIN:VCALENDAR\nEND:VCALENDAR\n",
    "Takeout/Kontakte/Alle/Alle.vcf": "BEGIN:VCARD\nEND:VCARD\n",
    "Takeout/Notizen/Liste.html": "<div>x</div>",
    "Takeout/Notizen/Liste.json": json.dumps(KEEP),
    "Takeout/Notizen/bild.png": "x",
    "Takeout/Google Fotos/Skagen/Metadaten.json": json.dumps({"title": "Skagen"}),
    "Takeout/Google Fotos/Skagen/a.jpg": "x",
    "Takeout/Google Fotos/Skagen/a.jpg.supplemental-metadata.json": json.dumps(SIDECAR),
    "Takeout/Google Chat/Groups/DM x/messages.json": json.dumps(CHAT),
    "Takeout/Google Chat/Groups/DM x/group_info.json": json.dumps({"members": [{"name": "A", "user_type": "Human"}]}),
    "Takeout/Google Chat/Users/User 1/user_info.json": json.dumps({"user": {"name": "A"}}),
    "Takeout/Standortverlauf/Einträge.json": json.dumps(PLACES),
    "Takeout/Fit/Aktivitäten/a.tcx": "x",
    "Takeout/Fit/Aktivitäten/b.tcx": "x",
}


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def read(root: Path, **choices: str) -> tuple[list[Item], list[Skipped]]:
    things = list(CONNECTOR.read(OpenReader(root, choices)))
    return [t for t in things if isinstance(t, Item)], [t for t in things if isinstance(t, Skipped)]


def mine(items: list[Item]) -> list[str]:
    """The ids of what this package reads itself."""
    return [item.native for item in items if item.native.startswith(
        ("youtube", "search:", "visit:", "bookmark:", "app:", "activity:", "place:")
    )]  # fmt: skip


def test_an_export_in_german_in_two_parts_is_told_by_what_it_holds(tmp_path):
    names = list(GERMAN)
    zipped(tmp_path / "takeout-20240601T083000Z-001.zip", {name: GERMAN[name] for name in names[::2]})
    zipped(tmp_path / "takeout-20240601T083000Z-002.zip", {name: GERMAN[name] for name in names[1::2]})
    found = export(OpenReader(tmp_path))
    assert {route: sorted(file.path.rpartition("/")[2] for file in files) for route, files in found.routes.items()} == {
        Route.ACTIVITY: ["MeineAktivitäten.json", "Wiedergabeverlauf.json"],
        Route.COMMENTS: ["Kommentare.csv"],
        Route.HISTORY: ["Verlauf.json"],
        Route.BOOKMARKS: ["Lesezeichen.html"],
        Route.INSTALLS: ["Installationen.json"],
        Route.MAIL: ["Alle Nachrichten.mbox"],
        Route.CALENDARS: ["a@example.com.ics"],
        Route.CONTACTS: ["Alle.vcf"],
        Route.KEEP: ["Liste.json", "bild.png"],
        Route.PHOTOS: ["Metadaten.json", "a.jpg", "a.jpg.supplemental-metadata.json"],
        Route.CHAT: ["group_info.json", "messages.json", "user_info.json"],
        Route.LOCATION: ["Einträge.json"],
    }
    told = {s.locator: (s.reason, s.fault) for s in found.unread}
    assert told["Takeout/Fit/"] == ("2 files that nothing here reads (2 tcx).", False)
    assert len(told) == 4


def test_what_is_read_here_has_the_ids_of_the_other_connectors(tmp_path):
    zipped(tmp_path / "takeout.zip", GERMAN)
    items, skipped = read(tmp_path)
    assert sorted(mine(items)) == [
        "app:Compass@2024-05-01T08:30:00",
        "bookmark:https://example.com/b",
        "search:google.com:zelt@2024-05-01",
        "visit:https://example.com/tents@2024-05-01",
        "youtube-comment:UgyAbCdEfGhIjKlMnOpQrS4AaABAg",
        "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00",
    ]
    assert "SecretTel" not in repr(items)
    assert any("location=yes" in s.reason for s in skipped)
    assert not any(s.fault for s in skipped if "YouTube" in s.locator or "Chrome" in s.locator)


def test_where_somebody_was_is_read_only_if_the_grant_says_so(tmp_path):
    zipped(tmp_path / "takeout.zip", GERMAN)
    reader = OpenReader(tmp_path)
    assert not any(isinstance(t, Item) and t.kind is Kind.PLACE for t in CONNECTOR.read(reader))
    items, _ = read(tmp_path, location="yes")
    assert [item.native for item in items if item.kind is Kind.PLACE] == ["place:2024-05-01T08:30:00:was"]


def test_a_folder_a_zip_and_a_tgz_give_the_same(tmp_path):
    folder, archives = tmp_path / "folder", tmp_path / "tar"
    archives.mkdir()
    zipped(tmp_path / "takeout.zip", GERMAN)
    with tarfile.open(archives / "takeout.tgz", "w:gz") as archive:
        for name, text in sorted(GERMAN.items()):
            raw = text.encode()
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    given = [sorted(mine(read(root)[0])) for root in (folder, tmp_path / "takeout.zip", archives)]
    assert given[0] == given[1] == given[2]
    assert len(given[0]) == 6


def test_a_part_that_is_missing_is_told(tmp_path):
    for part in ("001", "004"):
        zipped(tmp_path / f"takeout-20240601T083000Z-{part}.zip", {"Takeout/Fit/a.tcx": "x"})
    _, skipped = read(tmp_path)
    assert [s.reason for s in skipped if s.fault] == [
        "Of this export the parts 002, 003 are missing; put them beside the others and read again."
    ]


def entries(tmp_path: Path, *given) -> list[Item]:
    zipped(tmp_path / "t.zip", {"Takeout/My Activity/X/MyActivity.json": json.dumps(given)})
    return read(tmp_path)[0]


def test_pages_and_searches_are_one_a_day_and_redirects_are_followed(tmp_path):
    items = entries(
        tmp_path,
        activity("Visited Tents", "https://www.google.com/url?q=https://example.com/tents&usg=x", "Chrome"),
        activity("Visited Tents", "https://example.com/tents?sid=1", "Chrome", "2024-05-01T07:00:00Z"),
        activity("Searched for Zelt", "https://www.google.com/search?q=Zelt", time="2024-05-01T06:00:00Z"),
    )
    assert [(item.native, item.extra["visits"], item.moment.iso[11:16]) for item in items] == [
        ("visit:https://example.com/tents@2024-05-01", 2, "07:00"),
        ("search:google.com:zelt@2024-05-01", 1, "06:00"),
    ]
    assert items[0].text == "Visited Tents (example.com)"


def test_what_has_no_address_is_one_a_day_and_advertisements_have_their_caution(tmp_path):
    items = entries(
        tmp_path,
        activity("Used Maps", header="Maps"),
        activity("Visited shop", "https://shop.example/", "Ads", details=[{"name": "From Google Ads"}]),
        activity("Used Maps", header="Maps", time="2024-05-01T07:00:00Z"),
        activity("Used Maps", header="Maps", time="2024-04-30T07:00:00Z"),
    )
    assert sorted((item.text, sorted(item.cautions), item.moment.iso) for item in items) == [
        ("Ads: Visited shop", [Caution.ADVERTISEMENT], "2024-05-01T08:30:00+00:00"),
        ("Maps: Used Maps", [], "2024-04-30T07:00:00+00:00"),
        ("Maps: Used Maps", [], "2024-05-01T07:00:00+00:00"),
    ]


def test_a_question_to_an_assistant_has_its_reply(tmp_path):
    [item] = entries(
        tmp_path,
        activity("Prompted which tent", header="Gemini Apps", safeHtmlItem=[{"html": "<p>A <b>dry</b> one.</p>"}]),
    )
    assert (item.kind, item.text) == (Kind.ASSISTANT, "Asked Gemini Apps: which tent\nGemini Apps: A dry one.")


def test_both_forms_of_comments_are_read(tmp_path):
    zipped(tmp_path / "t.zip", {"Takeout/YouTube/a.csv": OLD_COMMENTS, "Takeout/YouTube/b.csv": NEW_COMMENTS})
    items, _ = read(tmp_path)
    assert [(item.native[:19], item.text, item.origin, item.thread) for item in items] == [
        ("youtube-comment:Ugx", "Dry\nand warm", Origin.MINE, "youtube:dQw4w9WgXcQ"),
        ("youtube-comment:Ugy", "Nice tent", Origin.MINE, "youtube:dQw4w9WgXcQ"),
    ]
    assert said('{"text": 3}') == said("[[[") == said("") == ""


def test_a_connector_sees_its_own_files_alone(tmp_path):
    zipped(tmp_path / "t.zip", GERMAN)
    reader = OpenReader(tmp_path, {"zone": "Europe/Berlin"})
    files = export(reader).routes[Route.KEEP]
    narrowed = Narrowed(reader, files)
    assert [file.path for file in narrowed.files("*.JSON")] == ["Takeout/Notizen/Liste.json"]
    assert len(list(narrowed.files())) == 2
    assert narrowed.choices == {"zone": "Europe/Berlin"}
    with narrowed.open(files[0]) as stream:
        assert json.load(stream) == KEEP


@pytest.mark.parametrize(
    ("path", "product"),
    [
        ("Takeout/Mail/a.mbox", "Mail"),
        ("x/takeout-1/Takeout/Mail/b/a.mbox", "Mail"),
        ("Takeout/index.html", ""),
        ("a.json", ""),
        ("Mail/a.mbox", "Mail"),
    ],
)
def test_a_product_is_the_folder_below_the_root(path, product):
    assert product_of(path) == product


def test_every_connector_is_found_by_its_name():
    assert {"takeout", "videos", "browsers", "music", "reading", "shell", "location"} <= set(registry.names())
    for name in registry.names():
        found = registry.connector(name)
        assert isinstance(found, Connector)
        assert found.name == name
    with pytest.raises(UnknownName, match="No connector is called 'fax'"):
        registry.connector("fax")


def test_asking_for_names_imports_no_connector():
    code = (
        "import sys; from indexers.sources.connectors import registry; registry.names();"
        "print([m for m in sys.modules if m.endswith(('.takeout', '.browsers', '.location', 'selectolax', 'ijson'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(name=st.sampled_from(sorted(GERMAN)), at=st.integers(0, 500), raw=st.binary(max_size=12))
def test_no_damage_to_any_file_breaks_the_reading(tmp_path, name, at, raw):
    text = GERMAN[name].encode()
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr(name, text[:at] + raw + text[at + 1 :])
    for thing in CONNECTOR.read(OpenReader(tmp_path, {"location": "yes"})):
        assert isinstance(thing, Item | Skipped)


def test_a_question_of_several_lines_in_a_page_has_the_whole_reply(tmp_path):
    body = (
        "Prompted\xa0which tent<br>for rain?<br>May 1, 2024, 10:30:00 AM CEST<br><p>A <b>dry</b> one:</p>"
        "<ul><li>light</li><li>small</li></ul>"
    )
    cell = (
        '<div class="outer-cell mdl-cell"><p class="mdl-typography--title">Gemini Apps<br></p>'
        f'<div class="content-cell mdl-typography--body-1">{body}</div></div>'
    )
    zipped(tmp_path / "t.zip", {"Takeout/My Activity/Gemini Apps/MyActivity.html": f"<body>{cell}</body>"})
    [item], _ = read(tmp_path)
    assert item.text == "Asked Gemini Apps: which tent\nfor rain?\nGemini Apps: A dry one:\nlight\nsmall"
    assert item.moment.iso == "2024-05-01T10:30:00+02:00"


def strings(value: object) -> list[str]:
    """Every string in a thing, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for pair in value.items() for part in pair for found in strings(part)]
    if isinstance(value, list | tuple | frozenset):
        return [found for part in value for found in strings(part)]
    if hasattr(value, "__slots__"):
        return [found for name in value.__slots__ for found in strings(getattr(value, name))]
    return []


def test_half_a_character_in_json_reaches_no_store(tmp_path):
    bad = "\ud800x"
    files = {
        "A/a.json": json.dumps([activity(bad, f"https://example.com/{bad}", bad, safeHtmlItem=[{"html": bad}])]),
        "B/b.json": json.dumps([activity(bad, header=bad, time="2024-05-01T08:30Z\ud800"), WATCHED | {"title": bad}]),
        "C/c.json": json.dumps({"Browser History": [{"title": bad, "url": f"https://x.de/{bad}", "time_usec": USEC}]}),
        "D/d.json": json.dumps([{"install": {"doc": {"title": bad}, "firstInstallationTime": "2024-05-01T08:30:00Z"}}]),
    }
    zipped(tmp_path / "t.zip", {f"Takeout/{name}": text for name, text in files.items()})
    items, skipped = read(tmp_path)
    assert len(items) == 5
    for text in strings(items) + strings(skipped):
        text.encode("utf-8")


FOLDERS = {
    "en": ("My Activity/Search/MyActivity", "YouTube/history/watch-history", "Chrome/History", "Keep/List"),
    "de": ("Meine Aktivitäten/Suche/Meine", "YouTube/Verlauf/Wiedergabeverlauf", "Chrome/Verlauf", "Notizen/L"),
    "fr": ("Mon activité/Recherche/MonActivité", "YouTube/historique/watch-history", "Chrome/Histo", "Keep/Liste"),
    "es": ("Mi actividad/Búsqueda/Mi", "YouTube/historial/reproducciones", "Chrome/Historial", "Keep/Lista"),
    "it": ("Le mie attività/Ricerca/LeMie", "YouTube/cronologia/visualizzati", "Chrome/Cronologia", "Keep/Elenco"),
    "pt": ("Minha atividade/Pesquisa/Minha", "YouTube/histórico/assistidos", "Chrome/Histórico", "Keep/Lista"),
    "nl": ("Mijn activiteit/Zoeken/Mijn", "YouTube/geschiedenis/kijk", "Chrome/Geschiedenis", "Keep/Lijst"),
    "pl": ("Moja aktywność/Wyszukiwarka/Moja", "YouTube/historia/obejrzane", "Chrome/Historia", "Keep/Lista"),
    "cs": ("Moje aktivita/Vyhledávání/MojeAktivita", "YouTube/historie/sledování", "Chrome/Historie", "Keep/Seznam"),
    "ja": ("マイ アクティビティ/検索/マイアクティビティ", "YouTube/履歴/再生履歴", "Chrome/履歴", "Keep/リスト"),
}


@pytest.mark.parametrize("language", FOLDERS)
def test_an_export_in_any_language_goes_the_same_way(tmp_path, language):
    search, watched, chrome, note = (f"Takeout/{name}.json" for name in FOLDERS[language])
    zipped(tmp_path / "t.zip", {
        search: json.dumps([activity("x", "https://www.google.com/search?q=zelt")]), watched: json.dumps([WATCHED]),
        chrome: json.dumps(HISTORY), note: json.dumps(KEEP),
    })  # fmt: skip
    found = export(OpenReader(tmp_path))
    assert {route: [file.path for file in files] for route, files in found.routes.items()} == {
        Route.ACTIVITY: [search, watched], Route.HISTORY: [chrome], Route.KEEP: [note],
    }  # fmt: skip
    assert found.unread == []
    assert sorted(mine(read(tmp_path)[0])) == [
        "search:google.com:zelt@2024-05-01",
        "visit:https://example.com/tents@2024-05-01",
        "youtube:dQw4w9WgXcQ@2024-05-01T08:30:00",
    ]


def test_an_album_is_not_looked_through_once_it_is_known(tmp_path):
    files = {f"Takeout/Fotos/A/{n:03}.jpg.json": json.dumps(SIDECAR) for n in range(30)}
    zipped(tmp_path / "t.zip", files | {"Takeout/Fotos/A/metadata.json": "{}"})
    reader = OpenReader(tmp_path)
    assert len(export(reader).routes[Route.PHOTOS]) == 31
    assert len(reader.opened) == 1


def test_a_product_that_nobody_reads_is_not_looked_through_for_ever(tmp_path):
    zipped(tmp_path / "t.zip", {f"Takeout/Fit/{n:04}.json": '{"fit": 1}' for n in range(300)})
    reader = OpenReader(tmp_path)
    assert [s.reason for s in export(reader).unread] == ["300 files that nothing here reads (300 json)."]
    assert len(reader.opened) == 200


def test_a_damaged_file_of_a_product_is_told_and_the_rest_is_read(tmp_path):
    zipped(tmp_path / "t.zip", {
        "Takeout/Google Play Store/Installs.json": json.dumps([*INSTALLS, {"install": {"doc": {}}}])[:-1] + ", {oops}]",
        "Takeout/Chrome/History.json": json.dumps(HISTORY)[:-2] + ', {"title": }]}',
        "Takeout/My Activity/X/MyActivity.json": json.dumps([activity("Used X"), {"title": "y"}]),
        "Takeout/YouTube/comments.csv": OLD_COMMENTS + "Ugx,UC,2024-05-01T08:30:00+00:00,0,,v,,\n",
    })  # fmt: skip
    items, skipped = read(tmp_path)
    assert len(mine(items)) == 4
    assert sorted(s.locator.rpartition("/")[2] for s in skipped) == [
        "History.json@108", "Installs.json$[1]", "Installs.json@231", "MyActivity.json$[1]", "comments.csv#2",
    ]  # fmt: skip


def test_what_advertisers_searched_or_showed_does_not_become_a_page(tmp_path):
    shown = activity("Visited shop", "https://shop.example/", details=[{"name": "From Google Ads"}])
    [item] = entries(tmp_path, shown)
    assert (item.cautions, item.native.partition(":")[0]) == ({Caution.ADVERTISEMENT}, "activity")


def test_sites_that_are_left_out_are_left_out_of_my_activity_too(tmp_path):
    one = activity("Visited bank", "https://www.mybank.example/a", "Chrome")
    zipped(tmp_path / "t.zip", {"Takeout/My Activity/X/MyActivity.json": json.dumps([one])})
    items, [skipped] = read(tmp_path, **{"sites-out": "mybank.example"})
    assert items == []
    assert skipped.reason == "1 visits are of sites that are to be left out."


def test_the_same_export_read_again_is_the_same(tmp_path):
    zipped(tmp_path / "t.zip", GERMAN)
    assert read(tmp_path) == read(tmp_path)

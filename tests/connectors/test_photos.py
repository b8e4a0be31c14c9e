"""Photos, as exports hold them: every fixture is made here."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from open_reader import OpenReader
from pictures import CHANGES, SKAGEN, TAKEN, damaged, degrees, lay, only, picture, run, sidecar
from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Caution, Item, Kind, Origin
from indexers.sources.connectors.photos import CONNECTOR, icloud, naming, reading, sidecars


def test_a_photo_is_told_so_that_words_find_it(tmp_path: Path) -> None:
    inner = {36867: TAKEN, 36881: "+02:00"}
    camera = {271: "Canon", 272: "Canon EOS R6"}
    item = only(lay(tmp_path, {"Denmark/DSC1.jpg": picture(tags=camera, inner=inner, gps=degrees(SKAGEN))}))
    assert item.text == (
        "Photo taken on Saturday 6 May 2023, 14:10 in Skagen, Denmark. Camera: Canon EOS R6. File: Denmark/DSC1.jpg."
    )
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T14:10:22+02:00", Basis.OFFSET)
    assert (item.kind, item.origin) == (Kind.PHOTO, Origin.MINE)
    assert (item.locator, item.title) == ("Denmark/DSC1.jpg", "DSC1.jpg")
    assert dict(item.extra) == {
        "latitude": 57.72, "longitude": 10.58, "width": 96, "height": 64, "camera": "Canon EOS R6"
    }  # fmt: skip


def test_only_the_offset_of_the_original_time_counts(tmp_path: Path) -> None:
    item = only(lay(tmp_path, {"a.jpg": picture(inner={36867: TAKEN, 36880: "+09:00"})}))
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T14:10:22", Basis.LOCAL)


@pytest.mark.parametrize(
    ("fix", "basis", "iso"),
    [
        ((12, 10, 20), Basis.OFFSET, "2023-05-06T14:10:22+02:00"),
        ((8, 40, 0), Basis.OFFSET, "2023-05-06T14:10:22+05:30"),
        ((12, 3, 0), Basis.LOCAL, "2023-05-06T14:10:22"),
    ],
)
def test_the_clock_of_the_satellites_tells_the_zone_unless_its_fix_is_stale(
    tmp_path: Path, fix: tuple[int, int, int], basis: Basis, iso: str
) -> None:
    gps = {7: tuple(map(IFDRational, fix)), 29: "2023:05:06"}
    item = only(lay(tmp_path, {"a.jpg": picture(inner={36867: TAKEN}, gps=gps)}))
    assert (item.moment.iso, item.moment.basis) == (iso, basis)


def test_the_time_of_a_takeouts_sidecar_goes_first_and_the_cameras_clock_is_what_is_told(tmp_path: Path) -> None:
    lay(tmp_path, {
        "Takeout/Google Photos/Photos from 2023/a.jpg": picture(inner={36867: TAKEN}),
        "Takeout/Google Photos/Photos from 2023/a.jpg.supplemental-metadata.json": sidecar("a.jpg"),
    })  # fmt: skip
    item = only(tmp_path)
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T12:10:22+00:00", Basis.UTC)
    assert item.text == "Photo taken on Saturday 6 May 2023, 14:10. File: a.jpg."


def test_a_time_in_utc_is_told_in_the_zone_of_the_place(tmp_path: Path) -> None:
    where = {"latitude": SKAGEN[0], "longitude": SKAGEN[1]}
    item = only(lay(tmp_path, {"a.jpg": picture(), "a.jpg.json": sidecar("a.jpg", geoData=where)}))
    assert item.text.startswith("Photo taken on Saturday 6 May 2023, 14:10 in Skagen, Denmark.")


def test_a_sidecar_without_a_time_gives_way(tmp_path: Path) -> None:
    item = only(lay(tmp_path, {"a.jpg": picture(inner={36867: TAKEN}), "a.jpg.json": sidecar("a.jpg", taken=0)}))
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T14:10:22", Basis.LOCAL)


@pytest.mark.parametrize(
    ("name", "iso", "basis"),
    [
        ("IMG_20190101_120000.jpg", "2019-01-01T12:00:00", Basis.LOCAL),
        ("20190101_120000.jpg", "2019-01-01T12:00:00", Basis.LOCAL),
        ("PXL_20230506_121022123.jpg", "2023-05-06T12:10:22+00:00", Basis.UTC),
        ("Screenshot_20231027_123303_Facebook.jpg", "2023-10-27T12:33:03", Basis.LOCAL),
        ("signal-2023-05-06-141022.jpg", "2023-05-06T14:10:22", Basis.LOCAL),
        ("photo_2023-05-06_14-10-22.jpg", "2023-05-06T14:10:22", Basis.LOCAL),
        ("2023-05-06 14.10.22.jpg", "2023-05-06T14:10:22", Basis.LOCAL),
        ("WhatsApp Image 2023-05-06 at 14.10.22.jpeg", "2023-05-06T14:10:22", Basis.LOCAL),
        ("IMG-20240101-WA0001.jpg", "2024-01-01", Basis.DATE),
        ("FB_IMG_1683375022123.jpg", "2023-05-06T12:10:22+00:00", Basis.UTC),
    ],
)
def test_a_files_name_tells_the_time_it_was_given(name: str, iso: str, basis: Basis) -> None:
    moment = naming.when(name)
    assert moment is not None
    assert (moment.iso, moment.basis) == (iso, basis)


@pytest.mark.parametrize("name", ["IMG_1234.jpg", "20231350_120000.jpg", "20230231_120000.jpg", "DSC0001234.jpg", ""])
def test_a_name_without_a_time_that_can_be_tells_none(name: str) -> None:
    assert naming.when(name) is None


def test_the_last_resort_is_when_the_file_was_written(tmp_path: Path) -> None:
    import os

    lay(tmp_path, {"x.png": picture(form="PNG")})
    os.utime(tmp_path / "x.png", (1683375022, 1683375022))
    item = only(tmp_path)
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T12:10:22+00:00", Basis.FILE)
    assert item.text.startswith("Photo saved on Saturday 6 May 2023, 12:10 UTC.")


def test_xmp_tells_time_description_keywords_and_faces(tmp_path: Path) -> None:
    xmp = (
        '<x:xmpmeta><rdf:Description photoshop:DateCreated="2023-05-06T14:10:22+02:00">'
        "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>The lighthouse &amp; us</rdf:li></rdf:Alt>"
        "</dc:description>"
        "<dc:subject><rdf:Bag><rdf:li>beach</rdf:li><rdf:li>Anna Holm</rdf:li></rdf:Bag></dc:subject>"
        '<rdf:li mwg-rs:Name="Anna Holm"/></rdf:Description></x:xmpmeta>'
    )
    root = lay(tmp_path, {"a.jpg": picture(xmp=xmp.encode())})
    item = only(root)
    assert (item.moment.iso, item.moment.basis) == ("2023-05-06T14:10:22+02:00", Basis.OFFSET)
    assert "Description: The lighthouse & us. Keywords: beach." in item.text
    assert "Anna" not in repr(item)
    asked = only(root, people="yes")
    assert "People: Anna Holm." in asked.text
    assert [person.name for person in asked.people] == ["Anna Holm"]


def test_people_of_a_sidecar_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    root = lay(tmp_path, {"a.jpg": picture(), "a.jpg.json": sidecar("a.jpg", people=[{"name": "Bo"}, {"name": ""}, 3])})
    assert "Bo" not in repr(only(root))
    assert only(root, people="yes").text.count("People: Bo.") == 1


def test_places_are_rounded_unless_the_grant_says_exact_or_none(tmp_path: Path) -> None:
    root = lay(tmp_path, {"a.jpg": picture(gps=degrees(SKAGEN))})
    assert only(root).extra["latitude"] == 57.72
    assert only(root, gps="exact").extra["latitude"] == pytest.approx(57.7209, abs=1e-5)
    none = only(root, gps="no")
    assert "latitude" not in none.extra and "Skagen" not in none.text


@pytest.mark.parametrize(
    ("file", "beside"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("Screenshot_20231027_123303_Facebook.jpg", "Screenshot_20231027_123303_Facebook.jpg.supple.json"),
        ("05yqt21kruxwwlhhgrwrdyb6chhwszi9bqmzu16w0 2.jpg", "05yqt21kruxwwlhhgrwrdyb6chhwszi9bqmzu16w0 2.jp.json"),
        ("IMG_1(1).JPG", "IMG_1.JPG(1).json"),
        ("IMG_1(1).JPG", "IMG_1.JPG.supplemental-metadata(1).json"),
        ("Screenshot_20231027_123303_Facebook(2).jpg", "Screenshot_20231027_123303_Facebook.jpg.supple(2).json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-bearbeitet.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1-modifié.jpg", "IMG_1.jpg.json"),
        ("IMG_1-redigeret.jpg", "IMG_1.HEIC.json"),
        ("IMG_1-edited(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1.MOV", "IMG_1.HEIC.json"),
        ("PXL_1.MP", "PXL_1.MP.jpg.supplemental-metadata.json"),
        ("PXL_1", "PXL_1.jpg.json"),
        ("MVIMG_1.MP4", "MVIMG_1.jpg.json"),
    ],
)
def test_a_sidecar_is_found_by_every_rule_of_its_name(file: str, beside: str) -> None:
    held = sidecars.parse(sidecar("something else").encode())
    assert isinstance(held, sidecars.Sidecar)
    folder = sidecars.Folder()
    folder.add(beside, held)
    assert folder.of(file) is held
    assert folder.of("other.jpg") is None


def test_a_sidecar_is_found_by_its_title_where_its_name_tells_nothing() -> None:
    one, two = (sidecars.parse(sidecar(title).encode()) for title in ("Anna & Bo?.jpg", "b.jpg"))
    assert isinstance(one, sidecars.Sidecar) and isinstance(two, sidecars.Sidecar)
    folder = sidecars.Folder()
    folder.add("x.json", one)
    folder.add("y.json", two)
    assert folder.of("Anna _ Bo_.jpg") is one
    folder.add("z.json", one)
    assert folder.of("Anna _ Bo_.jpg") is None


def test_picture_and_sidecar_may_lie_in_two_zips_and_two_unpacked_parts(tmp_path: Path) -> None:
    folder = "Takeout/Google Photos/Photos from 2023"
    for part, (name, data) in enumerate((("a.jpg", picture()), ("a.jpg.json", sidecar("a.jpg", description="Dune")))):
        with zipfile.ZipFile(tmp_path / f"takeout-00{part}.zip", "w") as archive:
            archive.writestr(f"{folder}/{name}", data)
    assert "Description: Dune." in only(tmp_path).text
    unpacked = tmp_path / "unpacked"
    lay(unpacked, {f"one/{folder}/a.jpg": picture(), f"two/{folder}/a.jpg.json": sidecar("a.jpg", description="Dune")})
    assert "Description: Dune." in only(unpacked).text


def test_albums_are_known_by_content_and_a_picture_that_is_there_twice_is_one_with_its_album(tmp_path: Path) -> None:
    root = "Takeout/Google Fotos"
    lay(tmp_path, {
        f"{root}/Fotos von 2023/a.jpg": picture(1), f"{root}/Fotos von 2023/a.jpg.json": sidecar("a.jpg"),
        f"{root}/Fotos von 2023/Metadaten.json": json.dumps({"title": "Fotos von 2023"}),
        f"{root}/Nordsee/a.jpg": picture(1), f"{root}/Nordsee/Metadaten.json": json.dumps({"title": "Nordsee im Mai"}),
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert [item.labels for item in items] == [("Nordsee im Mai",)]
    assert "Album: Nordsee im Mai." in items[0].text
    assert [(one.locator, one.fault) for one in skipped] == [(f"{root}/Nordsee/a.jpg", False)]
    assert "same picture, byte for byte" in skipped[0].reason


@pytest.mark.parametrize(
    ("more", "caution"),
    [
        ({"trashed": True}, Caution.TRASH),
        ({"googlePhotosOrigin": {"fromPartnerSharing": {}}}, Caution.PARTNER),
        ({"inLockedFolder": True}, Caution.HIDDEN),
    ],
)
def test_what_should_not_be_taken_unasked_carries_its_caution(tmp_path: Path, more: Any, caution: Caution) -> None:
    item = only(lay(tmp_path, {"a.jpg": picture(), "a.jpg.json": sidecar("a.jpg", **more)}))
    assert item.cautions == {caution}
    assert (item.origin is Origin.OTHER) == (caution is Caution.PARTNER)


def test_a_copy_in_the_trash_does_not_hide_the_one_that_was_kept(tmp_path: Path) -> None:
    lay(tmp_path, {
        "a/a.jpg": picture(), "a/a.jpg.json": sidecar("a.jpg", trashed=True), "b/a.jpg": picture(),
        "c/a.jpg": picture(),
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert [(item.locator, item.cautions) for item in items] == [
        ("a/a.jpg", frozenset({Caution.TRASH})), ("b/a.jpg", frozenset())
    ]  # fmt: skip
    assert [one.locator for one in skipped] == ["c/a.jpg"]


def test_favourites_and_archived_ones_are_labelled(tmp_path: Path) -> None:
    item = only(lay(tmp_path, {"a.jpg": picture(), "a.jpg.json": sidecar("a.jpg", favorited=True, archived=True)}))
    assert item.labels == ("favorite", "archived")
    assert item.cautions == frozenset()


DETAILS = (
    "imgName,fileChecksum,favorite,hidden,deleted,originalCreationDate,viewCount,importDate\n"
    'a.jpg,x,yes,no,no,"Friday October 06,2023 12:11 PM GMT",10,"Friday October 06,2023 12:11 PM GMT"\n'
    'b.jpg,x,no,yes,no,"Friday October 06,2023 12:05 AM GMT",1,""\n'
    'c.jpg,x,no,no,yes,"nonsense",1,""\n'
)


def test_iclouds_table_tells_time_and_what_is_hidden_or_deleted(tmp_path: Path) -> None:
    lay(tmp_path, {
        "Photos/a.jpg": picture(1), "Photos/b.jpg": picture(2), "Photos/c.jpg": picture(3),
        "Photos/Photo Details-1.csv": DETAILS, "Albums/Summer.csv": "Images\na.jpg\n",
    })  # fmt: skip
    items, _ = run(tmp_path)
    assert [(item.moment.iso[:16], item.labels, item.cautions) for item in items] == [
        ("2023-10-06T12:11", ("Summer", "favorite"), frozenset()),
        ("2023-10-06T00:05", (), frozenset({Caution.HIDDEN})),
        (items[2].moment.iso[:16], (), frozenset({Caution.DELETED})),
    ]
    assert items[2].moment.basis is Basis.FILE
    assert icloud.when("Friday October 06,2023 12:11 PM GMT").basis is Basis.UTC


def test_of_a_video_the_name_is_kept_and_the_moving_part_of_a_picture_is_none(tmp_path: Path) -> None:
    lay(tmp_path, {
        "IMG_1.JPG": picture(), "IMG_1.MOV": b"moov", "VID_20230506_141022.mp4": b"film",
        "PXL_2.MP.jpg": picture(2), "PXL_2.MP": b"x", "PXL_3.jpg": picture(3), "PXL_3": b"x", "README": b"text",
    })  # fmt: skip
    reader = OpenReader(tmp_path)
    things = list(CONNECTOR.read(reader))
    videos = [one for one in things if isinstance(one, Item) and one.kind is Kind.VIDEO]
    assert [one.text for one in videos] == ["Video taken on Saturday 6 May 2023, 14:10. File: VID_20230506_141022.mp4."]
    moving = {one.locator for one in things if isinstance(one, Skipped)}
    assert moving == {"IMG_1.MOV", "PXL_2.MP", "PXL_3"}
    assert not {"IMG_1.MOV", "VID_20230506_141022.mp4", "README"} & set(reader.opened)


def test_a_picture_keeps_its_id_wherever_it_lies_and_reading_again_gives_the_same(tmp_path: Path) -> None:
    lay(tmp_path / "one", {"x/a.jpg": picture(1), "x/b.jpg": picture(2)})
    lay(tmp_path / "two", {"other/c.jpg": picture(1)})
    first, second = run(tmp_path / "one"), run(tmp_path / "two")
    assert first[0][0].native == second[0][0].native != first[0][1].native
    assert run(tmp_path / "one") == first


def test_a_picture_that_looks_nearly_like_another_says_so_and_is_left_out_only_if_asked(tmp_path: Path) -> None:
    lay(tmp_path, {"a.jpg": picture(1, quality=95), "b.jpg": picture(1, quality=60), "c.jpg": picture(5)})
    items, skipped = run(tmp_path)
    assert [item.extra.get("alike") for item in items] == [None, items[0].native, None]
    assert skipped == []
    items, skipped = run(tmp_path, alike="skip")
    assert [item.locator for item in items] == ["a.jpg", "c.jpg"]
    assert [(one.locator, one.fault) for one in skipped] == [("b.jpg", False)]
    assert all("alike" not in item.extra for item in run(tmp_path, alike="no")[0])


def test_two_plain_screens_are_not_alike_for_being_plain(tmp_path: Path) -> None:
    for name, colour in (("a.png", "white"), ("b.png", "black")):
        Image.new("RGB", (90, 90), colour).save(tmp_path / name)
    assert [item.extra.get("alike") for item in run(tmp_path)[0]] == [None, None]


def test_text_in_a_picture_is_read_only_where_the_grant_asks_for_it(tmp_path: Path) -> None:
    image = Image.new("RGB", (640, 120), "white")
    ImageDraw.Draw(image).text((20, 30), "HOTEL SKAGEN", fill="black", font=ImageFont.load_default(size=56))
    image.save(tmp_path / "sign.png")
    assert "Text in the picture" not in only(tmp_path).text
    read = only(tmp_path, ocr="yes").text.partition("Text in the picture: ")[2]
    assert "SKAGEN" in read.split()


def test_a_caption_is_asked_for_only_where_one_is_configured_and_its_failure_costs_nothing(tmp_path: Path) -> None:
    lay(tmp_path, {"a.jpg": picture()})

    def broken(data: bytes) -> str:
        raise RuntimeError("no model")

    def things(caption: Any) -> Iterable[Item]:
        return [one for one in reading(caption)(OpenReader(tmp_path)) if isinstance(one, Item)]

    assert "It shows: a pier at dusk." in next(iter(things(lambda data: "a pier\n at dusk."))).text
    assert "It shows" not in next(iter(things(broken))).text


def test_damage_is_named_and_stops_nothing(tmp_path: Path) -> None:
    whole = picture(1, inner={36867: TAKEN})
    lay(tmp_path, {
        "a-text.jpg": "not a picture", "b-empty.jpg": b"", "c-cut.jpg": whole[: len(whole) * 2 // 3],
        "d-png.jpg": picture(2, form="PNG"),
        "e-known.jpg": b"\xff\xd8broken", "e-known.jpg.json": sidecar("e-known.jpg", description="The pier"),
        "f.jpg": picture(3), "f.jpg.json": "{broken", "g.jpg": picture(4), "g.jpg.json": "[" * 100_000,
    })  # fmt: skip
    items, skipped = run(tmp_path)
    assert [(one.locator, one.fault) for one in skipped] == [("a-text.jpg", True), ("b-empty.jpg", True)]
    assert [item.locator for item in items] == ["c-cut.jpg", "d-png.jpg", "e-known.jpg", "f.jpg", "g.jpg"]
    assert items[0].moment.iso == "2023-05-06T14:10:22"
    assert "damaged" in items[0].extra and "damaged" in items[2].extra
    assert "Description: The pier." in items[2].text


def test_a_bomb_of_pixels_is_refused_without_being_decoded(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def bomb(side: int) -> bytes:
        head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        body = chunk(b"IDAT", zlib.compress(bytes(1000)))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")

    lay(tmp_path, {"a.png": bomb(60_000), "b.png": bomb(8_000)})
    items, skipped = run(tmp_path)
    assert [one.locator for one in skipped] == ["a.png"]
    assert "more pixels than are safe" in skipped[0].reason
    assert "too many to look at" in str(items[0].extra["damaged"])


def test_without_the_library_for_it_a_heic_is_told_with_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    _, skipped = run(lay(tmp_path, {"a.heic": b"\x00\x00\x00\x18ftypmsf1" + bytes(40)}))
    assert "pip install pillow-heif" in skipped[0].reason


def test_hidden_files_and_folders_of_tools_are_not_opened(tmp_path: Path) -> None:
    reader = OpenReader(lay(tmp_path, {"._a.jpg": b"x", "__MACOSX/a.jpg": b"x", ".thumbs/a.jpg": b"x", "b.txt": b"x"}))
    assert list(CONNECTOR.read(reader)) == []
    assert reader.opened == []


SEEDS = [picture(inner={36867: TAKEN}, gps=degrees(SKAGEN), tags={271: "X"}), picture(form="PNG")]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(range(len(SEEDS))), CHANGES, st.floats(0.05, 1))
def test_damaged_bytes_raise_nothing_but_a_sentence(seed: int, changes: list[tuple[float, int]], keep: float) -> None:
    damaged(SEEDS[seed], changes, keep)


@settings(max_examples=150, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["title", "photoTakenTime", "timestamp", "geoData", "latitude", "longitude", "people", "name",
                         "googlePhotosOrigin", "trashed", "albumData"]), inner, max_size=6),
    max_leaves=20))  # fmt: skip
def test_any_json_is_a_sidecar_an_album_or_nothing(held: Any) -> None:
    assert isinstance(sidecars.parse(json.dumps(held).encode()), sidecars.Sidecar | sidecars.Album | None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sidecar_a_table_or_nothing(data: bytes) -> None:
    sidecars.parse(data)
    icloud.details(DETAILS.encode() + data)
    icloud.members(data)

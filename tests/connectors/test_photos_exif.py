"""What a picture says of itself, tag by tag, and how it is told."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.photos import exif, naming
from indexers.sources.connectors.photos.exif import Facts
from indexers.sources.connectors.photos.seeing import Likeness
from indexers.sources.connectors.photos.telling import Told, tell

Tags = dict[int, Any] | None


def facts(tags: Tags = None, inner: Tags = None, gps: Tags = None) -> Facts:
    held = Image.Exif()
    for number, value in (tags or {}).items():
        held[number] = value
    held.get_ifd(0x8769).update(inner or {})
    held.get_ifd(0x8825).update(gps or {})
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, "JPEG", exif=held)
    with exif.opened(out.getvalue()) as picture:
        return exif.facts(picture)


@pytest.mark.parametrize(
    ("offset", "iso", "basis"),
    [
        ("+02:00", "2023-05-06T14:10:22+02:00", Basis.OFFSET),
        ("-03:30", "2023-05-06T14:10:22-03:30", Basis.OFFSET),
        ("Z", "2023-05-06T14:10:22+00:00", Basis.OFFSET),
        ("+0200", "2023-05-06T14:10:22+02:00", Basis.OFFSET),
        ("+15:00", "2023-05-06T14:10:22", Basis.LOCAL),
        ("summer", "2023-05-06T14:10:22", Basis.LOCAL),
        ("   :  ", "2023-05-06T14:10:22", Basis.LOCAL),
    ],
)
def test_an_offset_makes_an_instant_and_what_is_none_does_not(offset: str, iso: str, basis: Basis) -> None:
    taken = facts(inner={36867: "2023:05:06 14:10:22", 36881: offset}).taken
    assert (taken.iso, taken.basis) == (iso, basis)


@pytest.mark.parametrize(
    "written",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2023:13:06 14:10:22", "2023:02:30 14:10:22", "yesterday", ""],
)
def test_a_time_that_cannot_be_is_no_time(written: str) -> None:
    assert facts(inner={36867: written}).taken == Moment()


def test_the_time_it_was_digitized_stands_in_for_the_original_and_the_time_of_the_file_does_not() -> None:
    assert facts(inner={36868: "2023:05:06 14:10:22"}).wall == "2023-05-06T14:10:22"
    assert facts(tags={306: "2023:05:06 14:10:22"}).wall == ""


NOUGHT = (IFDRational(0), IFDRational(0), IFDRational(0))


def place(latitude: tuple[Any, ...], north: str, longitude: tuple[Any, ...], east: str) -> tuple[float, float] | None:
    return facts(gps={1: north, 2: latitude, 3: east, 4: longitude}).place


def test_degrees_minutes_and_seconds_are_a_point_south_and_west_negative() -> None:
    three = (IFDRational(33), IFDRational(51), IFDRational(36))
    assert place(three, "S", three, "W") == pytest.approx((-33.86, -33.86))
    assert place(three, "N", three, "E") == pytest.approx((33.86, 33.86))


@pytest.mark.parametrize("latitude", [NOUGHT, (IFDRational(1, 0),) * 3, (IFDRational(200), *NOUGHT[1:])])
def test_a_point_that_cannot_be_is_none(latitude: tuple[Any, ...]) -> None:
    assert place(latitude, "N", NOUGHT, "E") is None


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [("Canon", "Canon EOS R6", "Canon EOS R6"), ("Apple", "iPhone 13 Pro", "Apple iPhone 13 Pro"),
     ("NIKON CORPORATION", "NIKON D90", "NIKON D90"), ("Google", "Pixel 8\x00\x00", "Google Pixel 8")],
)  # fmt: skip
def test_a_camera_is_named_with_its_maker_once(make: str, model: str, camera: str) -> None:
    assert facts(tags={271: make, 272: model}).camera == camera


@pytest.mark.parametrize("written", ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "default", "x", "DCIM\\100", "12345"])
def test_what_a_camera_puts_where_a_description_belongs_is_none(written: str) -> None:
    assert facts(tags={270: written}).description == ""


def test_a_persons_description_is_kept() -> None:
    assert facts(tags={270: "Anna at the pier"}).description == "Anna at the pier"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (Told("Photo", Moment()), "Photo."),
        (
            Told("Video", Moment("2024-01-01", Basis.DATE), name="a.mp4"),
            "Video taken on Monday 1 January 2024. File: a.mp4.",
        ),
        (
            Told("Photo", Moment("2023-07-01T00:30:00+00:00", Basis.UTC), zone="America/New_York", place="New York"),
            "Photo taken on Friday 30 June 2023, 20:30 in New York.",
        ),
        (
            Told("Photo", Moment("2023-07-01T00:30:00+00:00", Basis.UTC), zone="No/Where"),
            "Photo taken on Saturday 1 July 2023, 00:30 UTC.",
        ),
        (
            Told("Photo", Moment("2023-07-01T12:00:00+00:00", Basis.UTC), wall="2010-01-01T00:00:00"),
            "Photo taken on Saturday 1 July 2023, 12:00 UTC.",
        ),
        (
            Told("Photo", Moment("2023-07-01T14:00:00", Basis.LOCAL), albums=("A", "B"), people=("Bo",),
                 description="Sea.", keywords=("beach",), camera="C", shows="A boat.", reads="FERRY\n9:15"),
            "Photo taken on Saturday 1 July 2023, 14:00. Album: A, B. Description: Sea. People: Bo. Keywords: beach. "
            "It shows: A boat. Camera: C. Text in the picture: FERRY\n9:15",
        ),
    ],
)  # fmt: skip
def test_what_is_known_is_told_and_what_is_not_is_left_out(told: Told, text: str) -> None:
    assert tell(told) == text


@pytest.mark.parametrize(
    ("stem", "original"),
    [("IMG_1-edited", "IMG_1"), ("IMG_1-bearbeitet(2)", "IMG_1(2)"), ("IMG_E1234", "IMG_1234"), ("IMG_1", ""),
     ("self-edited-by-me", ""), ("IMG_Eiffel", "")],
)  # fmt: skip
def test_the_name_of_an_edited_copy_tells_its_original(stem: str, original: str) -> None:
    assert naming.unedited(stem) == original


def test_a_picture_and_its_moving_part_share_a_stem() -> None:
    names = ["PXL_1.MP.jpg", "PXL_1.MP", "PXL_1.mp4", "pxl_1.jpg", "PXL_1"]
    assert {naming.moving(name) for name in names} == {"pxl_1"}
    assert naming.moving("PXL_1.jpg") != naming.moving("PXL_2.MP")


def test_likeness_survives_a_smaller_copy_and_not_another_picture() -> None:
    def stripes(step: int, size: tuple[int, int]) -> Image.Image:
        image = Image.new("L", (96, 64))
        image.putdata([(x * step * 7 + y * step * step) % 256 for y in range(64) for x in range(96)])
        return image.convert("RGB").resize(size)

    seen = Likeness()
    assert seen.first(stripes(1, (960, 640)), "one") == ""
    assert seen.first(stripes(5, (960, 640)), "two") == ""
    assert seen.first(stripes(1, (480, 320)), "three") == "one"

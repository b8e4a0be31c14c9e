"""Photographs with EXIF as Google Photos exports them, each with its sidecar.

Pictures are 32 by 24 pixels. The sidecar's name is the first 46 characters of `<file>.supplemental-metadata`, then
`.json`. By `defect`: `long name` (so that the name is cut), `duplicate` (`DSC_0001(1).JPG`, whose sidecar has the `(1)`
at its end), `edited` (a second picture that shares the sidecar), `no exif`. EXIF times are wall time without an offset;
0.0/0.0 in a sidecar is no place.
Knows pictures; knows nothing of archives.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from indexers.personal.life.cast import ascii_only, slug
from indexers.personal.life.diary import ZONE
from indexers.personal.life.life import Life
from indexers.personal.life.things import App, Thing
from indexers.personal.life.words import City
from indexers.personal.life.writers.zips import dumped
from indexers.sources.connectors.base import Caution

CUT = 46
DESCRIPTION, MADE, MODEL, EXIF, TAKEN, GPS = 0x010E, 0x010F, 0x0110, 0x8769, 0x9003, 0x8825


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph: the images by path (the original first), and its sidecar."""

    thing: Thing
    images: dict[str, bytes]
    sidecar: str
    said: bytes


def album(life: Life) -> Iterator[Picture]:
    """Every photograph of a life."""
    taken: Counter[str] = Counter()
    for thing in life.of(App.PHOTO):
        folder = f"Takeout/Google Photos/{thing.room}"
        base, ending, twin = _name(thing, taken)
        name = f"{base}{twin}.{ending}"
        raw = _jpeg(thing)
        images = {f"{folder}/{name}": raw}
        if thing.defect == "edited":
            images[f"{folder}/{base}-edited.{ending}"] = raw
        sidecar = f"{base}.{ending}.supplemental-metadata"[:CUT] + f"{twin}.json"
        yield Picture(thing, images, f"{folder}/{sidecar}", dumped(_sidecar(thing, name)))


def _name(thing: Thing, taken: Counter[str]) -> tuple[str, str, str]:
    """A picture's name: what comes before the number of a duplicate, its ending, and that number."""
    wall = thing.at.astimezone(ZoneInfo(ZONE))
    if thing.defect == "duplicate":
        at = taken[thing.room]
        taken[thing.room] += 1
        return "DSC_0001", "JPG", f"({at})" if at else ""
    base = f"IMG_{wall:%Y%m%d_%H%M%S}_{thing.number}"
    if thing.defect == "long name":
        base = f"Screenshot_{wall:%Y%m%d_%H%M%S}_{slug(thing.text)[:24]}_{thing.number}"
    return base, "jpg", ""


def _jpeg(thing: Thing) -> bytes:
    from PIL import Image

    shade = (thing.number * 37 % 256, thing.number * 91 % 256, thing.number * 53 % 256)
    image = Image.new("RGB", (32, 24), shade)
    for at in range(thing.number % 24):
        image.putpixel((at, at), (255, 255, 255))
    exif = Image.Exif()
    if thing.defect != "no exif":
        exif[DESCRIPTION] = ascii_only(f"{thing.text} ({thing.canary})")
        exif[MADE], exif[MODEL] = "Lumira", "L 7"
        exif.get_ifd(EXIF)[TAKEN] = f"{thing.at.astimezone(ZoneInfo(ZONE)):%Y:%m:%d %H:%M:%S}"
        if thing.place:
            exif.get_ifd(GPS).update(_gps(thing.place, thing.at))
    raw = io.BytesIO()
    image.save(raw, "JPEG", exif=exif, quality=60)
    return raw.getvalue()


def _gps(place: City, at: datetime) -> dict[int, Any]:
    """Latitude, longitude, and the clock of the satellites, which is UTC."""
    return {
        1: "N" if place.latitude >= 0 else "S", 2: _degrees(place.latitude), 3: "E" if place.longitude >= 0 else "W",
        4: _degrees(place.longitude), 7: (float(at.hour), float(at.minute), float(at.second)), 29: f"{at:%Y:%m:%d}",
    }  # fmt: skip


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(abs(value) * 3600), 60)
    degrees, minutes = divmod(minutes, 60)
    return float(degrees), float(minutes), float(seconds)


def _sidecar(thing: Thing, name: str) -> dict[str, Any]:
    place = thing.place
    at = {"latitude": place.latitude if place else 0.0, "longitude": place.longitude if place else 0.0, "altitude": 0.0}
    when = {"timestamp": str(int(thing.at.timestamp())), "formatted": f"{thing.at:%d %b %Y, %H:%M:%S} UTC"}
    said: dict[str, Any] = {
        "title": name, "description": f"{thing.text} ({thing.canary})", "imageViews": "3", "creationTime": when,
        "photoTakenTime": when, "geoData": at, "geoDataExif": at, "url": f"https://photos.example/{thing.number}",
        "googlePhotosOrigin": {"mobileUpload": {"deviceType": "ANDROID_PHONE"}},
    }  # fmt: skip
    if thing.caution == Caution.PARTNER:
        said["googlePhotosOrigin"] = {"fromPartnerSharing": {}}
    if thing.caution == Caution.TRASH:
        said["trashed"] = True
    return said

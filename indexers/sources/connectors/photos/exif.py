"""What a picture says of itself: EXIF (IFD0, the Exif IFD 0x8769, the GPS IFD 0x8825) and XMP, read with Pillow.

`DateTimeOriginal` (36867, `YYYY:MM:DD HH:MM:SS`) is wall time. Its zone is `OffsetTimeOriginal` (36881) and nothing
else: `OffsetTime` (36880) belongs to `DateTime`, when the file was last changed, and readers that took it were hours
wrong. Where there is none, `GPSDateStamp` and `GPSTimeStamp` are UTC, and what the wall time differs from them by, to
the quarter of an hour, is the zone; a fix that is more than two minutes off any says nothing. XMP is looked through as
text for a handful of names; it is never parsed as XML, so that no entity is ever expanded.
Opening decodes no pixels. Knows one picture; knows nothing of exports.
"""

from __future__ import annotations

import html
import importlib.util
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from typing import Any

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.extras import need
from indexers.sources.faults import Unreadable, sentence

_EXIF, _GPS = 0x8769, 0x8825
_ORIGINAL, _DIGITIZED, _OFFSET = 36867, 36868, 36881
_MAKE, _MODEL, _DESCRIPTION, _LENS = 271, 272, 270, 42036
_MOST_XMP = 1 << 20
NO_TIME = Moment()
_FRESH = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a picture says. `wall` is the wall time where it was taken, as far as it is known."""

    width: int = 0
    height: int = 0
    taken: Moment = NO_TIME
    wall: str = ""
    xmp_taken: Moment = NO_TIME
    place: tuple[float, float] | None = None
    camera: str = ""
    description: str = ""
    people: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """A picture as Pillow's, no pixel decoded. Raises Unreadable for all that is wrong with it, also in the block."""
    image = _module()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with image.open(BytesIO(data)) as picture:
                yield picture
    except Unreadable:
        raise
    except image.DecompressionBombError as error:
        raise Unreadable("It claims more pixels than are safe to open; save it smaller, if it is a picture.") from error
    except image.UnidentifiedImageError as error:
        raise Unreadable(_unknown(data)) from error
    except Exception as error:  # Pillow and its plugins raise anything for a damaged file
        raise Unreadable(f"It is a picture that is damaged: {sentence(error)}") from error


@cache
def _module() -> Any:
    """Pillow's `Image`, able to open HEIC where pillow-heif is installed (its wheels are under the GPL: optional)."""
    image = need("PIL.Image", "photos")
    with suppress(ImportError):
        importlib.import_module("pillow_heif").register_heif_opener()
    return image


_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})


def _unknown(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC and importlib.util.find_spec("pillow_heif") is None:
        return "It is a HEIC picture, and reading those takes pillow-heif: pip install pillow-heif."
    return "It is named like a picture, but holds none of a kind that can be read."


def facts(picture: Any) -> Facts:
    """What an opened picture says. A tag that cannot be read is one that is not there."""
    tags = _tags(picture.getexif)
    exif = _tags(lambda: picture.getexif().get_ifd(_EXIF))
    gps = _tags(lambda: picture.getexif().get_ifd(_GPS))
    wall = _wall(_text(exif.get(_ORIGINAL))) or _wall(_text(exif.get(_DIGITIZED)))
    xmp = _xmp(picture.info)
    make, model = _text(tags.get(_MAKE)), _text(tags.get(_MODEL))
    return Facts(
        width=picture.size[0],
        height=picture.size[1],
        taken=_taken(wall, _text(exif.get(_OFFSET)), gps) if wall else Moment(),
        wall=wall.isoformat() if wall else "",
        xmp_taken=_xmp_taken(xmp),
        place=_place(gps),
        camera=model if model.lower().startswith(make.split(" ")[0].lower()) else f"{make} {model}".strip(),
        description=_described(tags, xmp),
        people=tuple(_xmp_people(xmp)),
        keywords=tuple(_bag(xmp, "dc:subject")),
    )


def _tags(read: Any) -> Mapping[int, Any]:
    try:
        return dict(read())
    except Exception:  # noqa: BLE001  Pillow raises anything for damaged tags, and the picture may be sound
        return {}


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return " ".join(value.replace("\x00", " ").split())[:2_000] if isinstance(value, str) else ""


def _wall(written: str) -> datetime | None:
    """`YYYY:MM:DD HH:MM:SS`; also with `-` or `/`, as some cameras write it. Zeroes and blanks are none."""
    found = re.match(r"([0-9]{4})[:/-]([0-9]{2})[:/-]([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})", written)
    try:
        wall = datetime(*map(int, found.groups())) if found else None  # type: ignore[arg-type]
    except ValueError:
        return None
    return wall if wall and wall.year >= 1826 else None


def _taken(wall: datetime, offset: str, gps: Mapping[int, Any]) -> Moment:
    raw = f"{wall:%Y:%m:%d %H:%M:%S}{' ' + offset if offset else ''}"
    zone = _zone(offset) or _zone_by_satellite(wall, gps)
    if zone is None:
        return Moment(wall.isoformat(), Basis.LOCAL, raw)
    return Moment(wall.replace(tzinfo=zone).isoformat(), Basis.OFFSET, raw)


def _zone(offset: str) -> timezone | None:
    found = re.fullmatch(r"([+-])([0-9]{2}):?([0-9]{2})|Z", offset)
    if not found:
        return None
    if offset == "Z":
        return UTC
    east = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(east if found[1] == "+" else -east) if east <= timedelta(hours=14) else None


def _zone_by_satellite(wall: datetime, gps: Mapping[int, Any]) -> timezone | None:
    day = _wall(f"{_text(gps.get(29))} 00:00:00")
    try:
        hour, minute, second = (float(part) for part in gps[7])
        since = timedelta(hours=hour, minutes=minute, seconds=second)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if day is None:
        return None
    apart = wall - day - since
    zone = timedelta(minutes=15) * round(apart / timedelta(minutes=15))
    return timezone(zone) if abs(apart - zone) <= _FRESH and abs(zone) <= timedelta(hours=14) else None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    latitude = _degrees(gps.get(2), _text(gps.get(1)).upper().startswith("S"))
    longitude = _degrees(gps.get(4), _text(gps.get(3)).upper().startswith("W"))
    if latitude is None or longitude is None or (latitude, longitude) == (0.0, 0.0):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _degrees(parts: Any, negative: bool) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return None if math.isnan(value) else -value if negative else value


def _xmp(info: Mapping[str, Any]) -> str:
    held = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    return held[:_MOST_XMP] if isinstance(held, str) else bytes(held[:_MOST_XMP]).decode("utf-8", "replace")


def _xmp_taken(xmp: str) -> Moment:
    for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate"):
        found = re.search(
            rf"{name}(?:=[\"']|>)([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:T([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}})?)[.0-9]*"
            r"(Z|[+-][0-9]{2}:[0-9]{2})?)?",
            xmp,
        )
        if not found:
            continue
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}{found[3] or ''}")
        except ValueError:
            continue
        if not found[2]:
            return Moment(found[1], Basis.DATE, found[1])
        return Moment(moment.isoformat(), Basis.OFFSET if found[3] else Basis.LOCAL, f"{found[1]}T{found[2]}")
    return Moment()


def _xmp_people(xmp: str) -> Iterator[str]:
    """Names on faces: the Metadata Working Group's regions, Microsoft's, and IPTC's list."""
    seen = set()
    for found in re.finditer(r"(?:mwg-rs:Name|MPReg:PersonDisplayName)(?:=\"([^\"]{1,100})\"|>([^<]{1,100})<)", xmp):
        seen.add(html.unescape(found[1] or found[2]).strip())
    seen.update(_bag(xmp, "Iptc4xmpExt:PersonInImage"))
    yield from sorted(name for name in seen if name)


def _bag(xmp: str, name: str) -> list[str]:
    at = xmp.find(f"<{name}>")
    stop = xmp.find(f"</{name}>", at)
    if at < 0 or stop < 0:
        return []
    inner = xmp[at : min(stop, at + 20_000)]
    items = (html.unescape(item).strip() for item in re.findall(r"<rdf:li[^>]{0,100}>([^<]{1,500})</rdf:li>", inner))
    return list(dict.fromkeys(item for item in items if item))


_BY_CAMERA = re.compile(r"(?:default|olympus digital camera|sony dsc|samsung|dcim.*|.{0,3}|[\W\d_]+)", re.IGNORECASE)
"""What cameras put where a person's description should be."""


def _described(tags: Mapping[int, Any], xmp: str) -> str:
    said = [*_bag(xmp, "dc:title"), *_bag(xmp, "dc:description"), _text(tags.get(_DESCRIPTION))]
    return " ".join(dict.fromkeys(text for text in said if text and not _BY_CAMERA.fullmatch(text)))

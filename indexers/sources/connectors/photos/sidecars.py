"""Google Photos' sidecars: one JSON per picture in a Takeout, its shape, and how its name is made from the picture's.

Fields: `title` (the name it was uploaded by), `description`, `photoTakenTime.timestamp` and `creationTime.timestamp`
(strings of seconds, UTC; "0" is absent), `geoData` and `geoDataExif` (`latitude`, `longitude`; 0.0 and 0.0 are
absent), `people[].name`, `url`, `favorited`, `archived`, `trashed`, `inLockedFolder`,
`googlePhotosOrigin.fromPartnerSharing` (a picture that a partner's account shared). An album's own file
(`metadata.json`, `Metadaten.json`, `métadonnées.json`, ...) has a `title` and no `photoTakenTime`: it is told by
that, never by its name.

Names: a sidecar is the first 46 characters of `<file>.supplemental-metadata`, then `.json` (since 2024), before that
the first 46 of `<file>`, then `.json`. The second of two files of one name is `IMG(1).JPG`, and its sidecar
`IMG.JPG(1).json` or `IMG.JPG.supplemental-metadata(1).json`. An edited copy (`IMG-edited.jpg`, in the account's
language) and the moving part of a picture have none of their own: they share the original's. Characters that a file's
name may not have are `_` in it, but not in the sidecar's `title`. (TheLastGimbus/GooglePhotosTakeoutHelper#449, over
some 46,000 sidecars.) Picture and sidecar may lie in different parts of an export, at the same path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.photos.naming import PICTURES, split, unedited
from indexers.sources.connectors.streams import listing, mapping

LARGEST = 1 << 20
"""Bytes of a sidecar; real ones have about a thousand."""
_LONGEST = 46
_SUPPLEMENT = ".supplemental-metadata"
_NUMBERED = re.compile(r"^(.*)\(([0-9]{1,4})\)(\.[^.]*)?$", re.DOTALL)
_UNSAFE = re.compile(r"[\\/:*?\"<>|&%#'=+]")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What one sidecar says of a picture."""

    title: str
    taken: Moment
    description: str = ""
    place: tuple[float, float] | None = None
    people: tuple[str, ...] = ()
    url: str = ""
    flags: frozenset[str] = frozenset()
    """Of `favorited`, `archived`, `trashed`, `inLockedFolder`, `fromPartnerSharing`."""


@dataclass(frozen=True, slots=True)
class Album:
    """What an album's file says."""

    title: str
    description: str = ""


def parse(data: bytes) -> Sidecar | Album | None:
    """What a JSON file says: a sidecar, an album, or neither. Never raises."""
    try:
        held = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict):
        return None
    if not isinstance(held.get("photoTakenTime"), dict):
        inner = held.get("albumData")
        album = inner if isinstance(inner, dict) else held
        known = {"title", "date", "access", "description", "enrichments"}
        return Album(_text(album, "title"), _text(album, "description")) if known & set(album) else None
    return Sidecar(
        _text(held, "title"),
        _taken(held["photoTakenTime"]),
        _text(held, "description"),
        _degrees(held.get("geoData")) or _degrees(held.get("geoDataExif")),
        tuple(name for one in listing(held.get("people")) if (name := _text(one, "name"))),
        _text(held, "url"),
        frozenset(_flags(held)),
    )


def _flags(held: Mapping[str, Any]) -> Iterator[str]:
    yield from (flag for flag in ("favorited", "archived", "trashed", "inLockedFolder") if held.get(flag) is True)
    origin = held.get("googlePhotosOrigin")
    if isinstance(origin, dict) and "fromPartnerSharing" in origin:
        yield "fromPartnerSharing"


def _text(held: Any, field: str) -> str:
    value = mapping(held).get(field)
    return value.strip() if isinstance(value, str) else ""


def _taken(held: Mapping[str, Any]) -> Moment:
    try:
        seconds = int(held["timestamp"])
        moment = datetime.fromtimestamp(seconds, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return Moment()
    return Moment(moment.isoformat(), Basis.UTC, _text(held, "formatted") or str(seconds)) if seconds else Moment()


def _degrees(held: Any) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(held["latitude"]), float(held["longitude"])
    except (KeyError, TypeError, ValueError):
        return None
    sane = -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude, longitude) != (0.0, 0.0)
    return (latitude, longitude) if sane else None


def names(file: str) -> Iterator[str]:
    """Names a file's own sidecar may have, likeliest first."""
    yield f"{(file + _SUPPLEMENT)[:_LONGEST]}.json"
    yield f"{file[:_LONGEST]}.json"
    yield f"{file}.json"
    if numbered := _NUMBERED.match(file):
        plain, number = numbered[1] + (numbered[3] or ""), numbered[2]
        yield f"{(plain + _SUPPLEMENT)[:_LONGEST]}({number}).json"
        yield f"{plain[:_LONGEST]}({number}).json"


def _origins(file: str) -> Iterator[str]:
    """Names of the picture that an edited copy or a moving part belongs to."""
    stem, end = split(file)
    numbered = _NUMBERED.match(stem)
    number = f"({numbered[2]})" if numbered else ""
    plain = unedited(stem)
    if plain:
        yield f"{plain}.{end}"
        yield from (f"{plain}.{other}" for other in _cased())
    base = plain or stem
    if end not in PICTURES:
        yield base
        if end in {"mp", "mv"}:
            yield from (f"{file}.{other}" for other in _cased())
        yield from (f"{base.removesuffix(number)}{number}.{other}" for other in _cased())


def _cased() -> Iterator[str]:
    for end in ("jpg", "heic", "jpeg", "png", "dng", "webp"):
        yield from (end, end.upper())


class Folder:
    """The sidecars of one folder of an export (of all its parts), to be looked up by a file's name."""

    def __init__(self) -> None:
        self._held: dict[str, Sidecar] = {}
        self._titled: dict[str, Sidecar | None] = {}

    def add(self, name: str, sidecar: Sidecar) -> None:
        """The sidecar in the file of this name."""
        self._held[name.casefold()] = sidecar
        title = _UNSAFE.sub("_", sidecar.title).casefold()
        self._titled[title] = None if title in self._titled else sidecar

    def of(self, file: str) -> Sidecar | None:
        """The sidecar of a file: its own by name, that of its original, or the only one whose title is its name."""
        for name in (file, *_origins(file)):
            for sidecar in names(name):
                if found := self._held.get(sidecar.casefold()):
                    return found
        return self._titled.get(_UNSAFE.sub("_", file).casefold())

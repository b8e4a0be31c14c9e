"""Photos: a folder of pictures, or an export of Google Photos or iCloud, as sentences that words find.

    names --Export--> sidecars and albums --one picture--> facts --tell--> item

A picture becomes one item whose text says when and where it was taken, its albums, its description, the camera and,
where the grant asks for it, the people on it and the text in it. Of a video the name, the time and the place are
kept; the moving part of a picture is none of its own. What each source says: `exif.py`, `sidecars.py`, `icloud.py`,
`naming.py`.

The time is the first there is of: the sidecar's (UTC), EXIF with its offset, EXIF with the zone its satellites' clock
tells, iCloud's table (UTC, to the minute), EXIF's wall time, XMP, the file's name, when the file was written.

`native` is the SHA-256 of the picture's bytes (of a video: of its name and size), the same in every export and folder.
The second file of the same bytes is left out and its album kept, unless the first carries a caution and it does not.
A picture that looks nearly like an earlier one is kept, with `extra["alike"]` naming that one: which of a burst comes
first depends on what was exported, so to leave the others out would make a second export give other items than the
first did; the choice `alike` can ask for it all the same.
Places are rounded to two decimals of a degree (about 1 km) and people's names dropped unless the grant says otherwise.
Pixels are not looked at, for text or likeness, where a caution is likely to leave the picture out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors import places
from indexers.sources.connectors.base import (
    Basis,
    Caution,
    Connector,
    File,
    Item,
    Kind,
    Moment,
    Origin,
    Person,
    Reader,
    Things,
)
from indexers.sources.connectors.photos import exif, naming
from indexers.sources.connectors.photos.exif import Facts
from indexers.sources.connectors.photos.icloud import Detail
from indexers.sources.connectors.photos.seeing import Likeness, Text
from indexers.sources.connectors.photos.shelves import Export, Shelf, last, read
from indexers.sources.connectors.photos.sidecars import Sidecar
from indexers.sources.connectors.photos.telling import Told, tell
from indexers.sources.faults import Unreadable

LARGEST = 64 << 20
"""Bytes of one picture."""

Caption = Callable[[bytes], str]
"""What says in words what a picture shows, given its bytes: a vision model, where one is configured."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands beside one file."""

    file: File
    shelf: Shelf
    albums: tuple[str, ...]
    sidecar: Sidecar | None
    detail: Detail

    @property
    def name(self) -> str:
        return last(self.file)

    @property
    def cautions(self) -> frozenset[Caution]:
        flags = self.sidecar.flags if self.sidecar else frozenset()
        said = {
            Caution.TRASH: "trashed" in flags,
            Caution.PARTNER: "fromPartnerSharing" in flags,
            Caution.HIDDEN: "inLockedFolder" in flags or self.detail.hidden,
            Caution.DELETED: self.detail.deleted,
        }
        return frozenset(caution for caution, holds in said.items() if holds)

    @property
    def labels(self) -> tuple[str, ...]:
        flags = self.sidecar.flags if self.sidecar else frozenset()
        favorite = ("favorite",) if "favorited" in flags or self.detail.favorite else ()
        return (*self.albums, *favorite, *(("archived",) if "archived" in flags else ()))

    def moment(self, facts: Facts) -> Moment:
        """The first time there is, best first (see the module)."""
        written = self.file.modified
        candidates = (
            self.sidecar.taken if self.sidecar else None,
            facts.taken if facts.taken.basis is Basis.OFFSET else None,
            self.detail.taken,
            facts.taken,
            facts.xmp_taken,
            naming.when(self.name),
            Moment(datetime.fromtimestamp(written, UTC).isoformat(), Basis.FILE) if 0 < written < 1e11 else None,
        )
        return next((one for one in candidates if one and one.iso), Moment())


@dataclass(slots=True)
class _Reading:
    """One run over what a reader gives."""

    reader: Reader
    caption: Caption | None
    seen: dict[str, _Known] = field(default_factory=dict)
    nowhere: str = ""
    """Why places have no names, where that is for want of the table."""
    text: Text = field(default_factory=Text)
    likeness: Likeness = field(default_factory=Likeness)

    def choice(self, name: str) -> str:
        return self.reader.choices.get(name, "")

    def things(self) -> Things:
        export = Export()
        export.list(self.reader)
        yield from export.learn(self.reader)
        still = {
            (shelf.path, naming.moving(last(file))) for file, shelf in export.media if naming.is_picture(last(file))
        }
        for file, shelf in export.media:
            name = last(file)
            detail = shelf.details.get(name, Detail())
            one = _Known(file, shelf, export.albums.of(file), shelf.sidecars.of(name), detail)
            if naming.is_picture(name):
                yield from self._picture(one)
            elif (shelf.path, naming.moving(name)) in still:
                yield Skipped(self.reader.source, file.name, "It is the moving part of a picture.", fault=False)
            elif naming.is_video(name):
                yield self._video(one)
        if self.nowhere:
            yield Skipped(self.reader.source, "names of places", self.nowhere)

    def _video(self, one: _Known) -> Item:
        digest = hashlib.sha256(f"{one.name}\x00{one.file.size}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._item(one, Facts(), f"video:{digest[:32]}", Told("Video", Moment()))

    def _picture(self, one: _Known) -> Things:
        data = read(self.reader, one.file, LARGEST)
        if isinstance(data, Skipped):
            yield data
            return
        digest = hashlib.sha256(data).hexdigest()
        first = self.seen.setdefault(digest, one)
        if first is not one and (one.cautions or not first.cautions):
            reason = f"It is the same picture, byte for byte, as {first.file.name}."
            yield Skipped(self.reader.source, one.file.name, reason, fault=False)
            return
        self.seen[digest] = one
        facts, told, extra = Facts(), Told("Photo", Moment()), dict[str, str | bool]()
        try:
            with exif.opened(data) as picture:
                facts = exif.facts(picture)
                if not one.cautions:
                    told, extra = self._seen(picture, told, digest)
        except Unreadable as error:
            if not one.sidecar and not facts.width:
                yield Skipped(self.reader.source, one.file.name, str(error))
                return
            extra = {"damaged": str(error)}
        if extra.get("alike") and self.choice("alike") == "skip":
            reason = "It looks nearly the same as an earlier picture, and the grant leaves such out."
            yield Skipped(self.reader.source, one.file.name, reason, fault=False)
            return
        if self.caption and not one.cautions:
            told = replace(told, shows=self._captioned(data, self.caption))
        item = self._item(one, facts, f"photo:{digest[:32]}", told)
        yield replace(item, extra={**item.extra, **extra})

    def _seen(self, picture: Any, told: Told, digest: str) -> tuple[Told, dict[str, str | bool]]:
        """What looking at the pixels tells. A picture that cannot be decoded has its facts all the same."""
        extra: dict[str, str | bool] = {}
        try:
            if self.choice("alike") != "no" and (alike := self.likeness.first(picture, f"photo:{digest[:32]}")):
                extra["alike"] = alike
            if self.choice("ocr") == "yes":
                told = replace(told, reads=self.text.of(picture, digest))
        except Unreadable as error:
            extra["damaged"] = str(error)
        except Exception as error:  # noqa: BLE001  a decoder raises anything for damaged pixels
            extra["damaged"] = f"Its pixels cannot be decoded ({type(error).__name__})."
        return told, extra

    def _captioned(self, data: bytes, caption: Caption) -> str:
        try:
            return " ".join(caption(data).split())
        except Exception:  # noqa: BLE001  somebody else's model: a picture without its caption is still a picture
            return ""

    def _item(self, one: _Known, facts: Facts, native: str, told: Told) -> Item:
        """The item of a picture or a video; `told` holds what was seen in it."""
        sidecar, moment = one.sidecar, one.moment(facts)
        where, place = self._where((sidecar and sidecar.place) or facts.place)
        people = self._people((*(sidecar.people if sidecar else ()), *facts.people))
        hidden = set() if people else {*(sidecar.people if sidecar else ()), *facts.people}
        description = " ".join(dict.fromkeys(filter(None, (sidecar.description if sidecar else "", facts.description))))
        takeout = one.shelf.path.startswith("Takeout/") or sidecar is not None
        folder = "" if takeout or one.detail != Detail() or not one.shelf.name else f"{one.shelf.name}/"
        told = replace(
            told,
            moment=moment,
            wall=facts.wall,
            place=place.name if place else "",
            zone=place.zone if place else "",
            albums=one.albums,
            description=description,
            people=people,
            keywords=tuple(word for word in facts.keywords if word not in hidden),
            camera=facts.camera,
            name=f"{folder}{one.name}",
        )
        partner = Caution.PARTNER in one.cautions
        return Item(
            Kind.PHOTO if told.what == "Photo" else Kind.VIDEO,
            native,
            tell(told),
            one.file.name,
            moment=moment,
            title=(sidecar.title if sidecar else "") or one.name,
            people=tuple(Person(name) for name in people),
            origin=Origin.OTHER if partner else Origin.MINE,
            labels=one.labels,
            url=sidecar.url if sidecar else "",
            cautions=one.cautions,
            extra={**where, **_measures(facts, one)},
        )

    def _people(self, named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(named)) if self.choice("people") == "yes" else ()

    def _where(self, point: tuple[float, float] | None) -> tuple[dict[str, float], places.Place | None]:
        if not point or self.choice("gps") == "no":
            return {}, None
        if self.choice("gps") != "exact":
            point = (round(point[0], 2), round(point[1], 2))
        try:
            place = places.nearest(*point)
        except Unreadable as error:
            place, self.nowhere = None, str(error)
        return {"latitude": point[0], "longitude": point[1]}, place


def _measures(facts: Facts, one: _Known) -> dict[str, str | int | bool]:
    made: dict[str, str | int | bool] = {}
    if facts.width:
        made.update(width=facts.width, height=facts.height)
    if facts.camera:
        made["camera"] = facts.camera
    if naming.unedited(naming.split(one.name)[0]):
        made["edited"] = True
    return made


def reading(caption: Caption | None = None) -> Callable[[Reader], Things]:
    """How photos are read where `caption` says what they show; without one, nothing does."""
    return lambda reader: _Reading(reader, caption).things()


CONNECTOR = Connector(
    name="photos",
    version=1,
    describes=(
        "Pictures: when, where and with what they were taken, albums and descriptions; of videos the name, time and "
        "place. Places to about a kilometre; no people's names and no text in pictures unless you ask for them."
    ),
    kinds=(Kind.PHOTO, Kind.VIDEO),
    read=reading(),
    places=("Pictures", "Pictures/*.photoslibrary", "DCIM", "Downloads/takeout-*.zip", "Downloads/iCloud*.zip"),
    asks={
        "gps": "exact keeps places to the metre, no keeps none; else they are rounded to about a kilometre",
        "people": "yes keeps the names of people that were tagged; else they are dropped",
        "ocr": "yes reads the text in pictures (seconds for each); else it is not looked for",
        "alike": "skip leaves out pictures nearly like an earlier one, no compares none; else it is noted",
    },
)

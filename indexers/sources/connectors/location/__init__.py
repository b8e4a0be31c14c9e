"""Where you were: Google's location history. The most telling of all data: read only when it is granted by its name.

Takeout `Records.json` (`Location History.json` before): `{"locations": [{"latitudeE7", "longitudeE7", "accuracy",
"timestamp": ISO | "timestampMs": "...", "source", "deviceTag", ...}]}`, oldest first, degrees times 10^7; before 2021
some values lie outside the globe by 2^32.
Takeout `Semantic Location History/2024/2024_MAY.json`: `{"timelineObjects": [{"placeVisit": {"location": {"latitudeE7",
"longitudeE7", "placeId", "name", "address", "semanticType"}, "duration": {"startTimestamp" | "startTimestampMs",
"end..."}, ...}} | {"activitySegment": {"startLocation", "endLocation", "duration", "distance", "activityType"}}]}`.
On the device since 2024, Android `Timeline.json`: `{"semanticSegments": [{"startTime": ISO with offset, "endTime",
"visit": {"topCandidate": {"placeId", "semanticType", "placeLocation": {"latLng": "55.6761°, 12.5683°"}}} | "activity":
{"start": {"latLng"}, "end", "distanceMeters", "topCandidate": {"type"}} | "timelinePath": [...]}], "rawSignals", ...}`;
iOS: a list of `{"startTime", "endTime", "visit": {"topCandidate": {"semanticType", "placeID", "placeLocation":
"geo:55.6761,12.5683"}} | "activity": {...}}`.
Points become stays (stays.py); raw signals, paths and candidates that Google thought less likely are not read. Places
are rounded to two decimals, without street addresses, and named by the nearest town, unless the choice `gps` is
`exact`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Moment, Origin, Reader, Things
from indexers.sources.connectors.clock import instant, stamp, unix, written
from indexers.sources.connectors.location.stays import Point, stays
from indexers.sources.connectors.places import near
from indexers.sources.connectors.streams import Broken, Element, Seen, elements, guarded, head, mapping
from indexers.sources.decode import clean

MARKS = (
    b'"locations"', b'"timelineObjects"', b'"semanticSegments"', b'"placeLocation"', b'"timelinePath"',
    b'"distanceMeters"',
)  # fmt: skip
"""What the beginning of such a file holds."""

_NUMBERS = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\D{1,4}?(-?\d{1,3}(?:\.\d+)?)")
_WORST_METRES = 1_000
_PLACES = {
    "TYPE_HOME": "home", "HOME": "home", "INFERRED_HOME": "home", "TYPE_WORK": "work", "WORK": "work",
    "INFERRED_WORK": "work",
}  # fmt: skip


def read(reader: Reader) -> Things:
    """Every stay and every way once."""
    seen = Seen()
    for file in reader.files("*.json"):
        for thing in guarded(reader, file, read_file(reader, file)):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing


def read_file(reader: Reader, file: File) -> Things:
    """The items of one file."""
    begin = head(reader, file)
    if not any(mark in begin for mark in MARKS):
        yield Skipped(reader.source, file.name, "It is no location history that is known here.", fault=False)
        return
    exact = reader.choices.get("gps", "") == "exact"
    bad: list[Skipped] = []
    with reader.open(file) as stream:
        found = _sound(elements(stream), reader.source, file.name, bad)
        if b'"locations"' in begin:
            for stay in stays(_points(found)):
                yield _stay(stay.begin, stay.end, _Place((stay.latitude, stay.longitude)), file.name, exact)
        else:
            for element in found:
                if item := _segment(element.value, f"{file.name}$[{element.row}]", exact):
                    yield item
    yield from bad


def _sound(found: Iterator[Element | Broken], source: str, name: str, bad: list[Skipped]) -> Iterator[Element]:
    for element in found:
        if isinstance(element, Broken):
            bad.append(Skipped(source, f"{name}@{element.start}", element.reason))
        elif element.key in ("", "locations", "timelineObjects", "semanticSegments"):
            yield element


@dataclass(frozen=True, slots=True)
class _Place:
    """Where, in degrees, and what the export calls it."""

    degrees: tuple[float, float]
    name: str = ""
    address: str = ""

    def said(self, exact: bool) -> str:
        """In words: its name, the town it is near, and where it is."""
        latitude, longitude = self.degrees
        digits = 6 if exact else 2
        spot = f"{latitude:.{digits}f}, {longitude:.{digits}f}"
        words = (self.name, self.address if exact else "", near(latitude, longitude) or spot, spot if exact else "")
        return ", ".join(dict.fromkeys(word for word in words if word))


def _points(found: Iterator[Element]) -> Iterator[Point]:
    for element in found:
        value = element.value if isinstance(element.value, dict) else {}
        degrees = _e7(value)
        moment = _time(value, "timestamp")
        accuracy = value.get("accuracy")
        if degrees and moment.iso and not (isinstance(accuracy, int | float) and accuracy > _WORST_METRES):
            yield Point(datetime.fromisoformat(moment.iso).timestamp(), *degrees)


def _segment(value: object, locator: str, exact: bool) -> Item | None:
    """The item of a stay or a way, in any of the three forms; None for what is neither."""
    if not isinstance(value, dict):
        return None
    if visit := mapping(value.get("placeVisit")):
        place = mapping(visit.get("location"))
        degrees = _e7(place)
        begin, end = _span(mapping(visit.get("duration")))
        named = _text(place, "name") or _PLACES.get(_text(place, "semanticType"), "")
        return _visited(begin, end, degrees and _Place(degrees, named, _text(place, "address")), locator, exact)
    if way := mapping(value.get("activitySegment")):
        begin, end = _span(mapping(way.get("duration")))
        places = _e7(mapping(way.get("startLocation"))), _e7(mapping(way.get("endLocation")))
        return _moved((begin, end), places, (way.get("distance"), _text(way, "activityType")), locator, exact)
    begin, end = written(value.get("startTime", "")), written(value.get("endTime", ""))
    if visit := mapping(value.get("visit")):
        top = mapping(visit.get("topCandidate"))
        degrees = _degrees(top.get("placeLocation"))
        named = _PLACES.get(_text(top, "semanticType").upper().replace(" ", "_"), "")
        return _visited(begin, end, degrees and _Place(degrees, named), locator, exact)
    if way := mapping(value.get("activity")):
        places = _degrees(way.get("start")), _degrees(way.get("end"))
        how = _text(mapping(way.get("topCandidate")), "type")
        return _moved((begin, end), places, (way.get("distanceMeters"), how), locator, exact)
    return None


def _visited(begin: Moment, end: Moment, place: _Place | None, locator: str, exact: bool) -> Item | None:
    if place is None or not begin.iso or not end.iso:
        return None
    return _item(begin, end, f"Was at {place.said(exact)}", _rounded(place.degrees, exact), locator)


def _stay(begin: float, end: float, place: _Place, name: str, exact: bool) -> Item:
    first, last = (instant(datetime.fromtimestamp(at, UTC)) for at in (begin, end))
    locator = f"{name}@{first.iso}"
    return _item(first, last, f"Was at {place.said(exact)}", _rounded(place.degrees, exact), locator)


def _moved(
    times: tuple[Moment, Moment],
    places: tuple[tuple[float, float] | None, tuple[float, float] | None],
    way: tuple[object, str],
    locator: str,
    exact: bool,
) -> Item | None:
    (begin, end), (start, stop), (metres, how) = times, places, way
    if start is None or stop is None or not begin.iso or not end.iso:
        return None
    try:
        kilometres = float(str(metres)[:30]) / 1000
    except ValueError:
        kilometres = -1.0
    far = f" {kilometres:.1f} km" if 0 <= kilometres < 50_000 else ""
    means = how.lower().replace("_", " ").removeprefix("in ")
    text = f"Moved{far}{f' ({means})' if means else ''} from {_Place(start).said(exact)} to {_Place(stop).said(exact)}"
    return _item(begin, end, text, f"{_rounded(start, exact)} {_rounded(stop, exact)}", locator)


def _item(begin: Moment, end: Moment, text: str, spot: str, locator: str) -> Item:
    return Item(
        kind=Kind.PLACE,
        native=f"place:{stamp(begin)}:{text.split(' ', 1)[0].lower()}",
        text=text,
        locator=locator,
        moment=begin,
        title=text[:200],
        origin=Origin.MACHINE,
        labels=("location",),
        extra={"until": end.iso, "spot": spot},
    )


def _rounded(degrees: tuple[float, float], exact: bool) -> str:
    digits = 6 if exact else 2
    return f"{degrees[0]:.{digits}f},{degrees[1]:.{digits}f}"


def _e7(value: dict[str, Any]) -> tuple[float, float] | None:
    latitude, longitude = value.get("latitudeE7"), value.get("longitudeE7")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if max(abs(latitude), abs(longitude)) > 2**33:
        return None
    unwrapped = [number - 2**32 if number > 1_800_000_000 else number for number in (latitude, longitude)]
    return _valid(unwrapped[0] / 1e7, unwrapped[1] / 1e7)


def _degrees(value: object) -> tuple[float, float] | None:
    """Of `55.6761°, 12.5683°`, `geo:55.6761,12.5683`, or a mapping with one of them as `latLng`."""
    if isinstance(value, dict):
        value = value.get("latLng")
    numbers = _NUMBERS.search(value[:80]) if isinstance(value, str) else None
    return _valid(float(numbers.group(1)), float(numbers.group(2))) if numbers else None


def _valid(latitude: float, longitude: float) -> tuple[float, float] | None:
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180 or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _time(value: dict[str, Any], key: str) -> Moment:
    return unix(value[f"{key}Ms"]) if f"{key}Ms" in value else written(value.get(key, ""))


def _span(duration: dict[str, Any]) -> tuple[Moment, Moment]:
    return _time(duration, "startTimestamp"), _time(duration, "endTimestamp")


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return " ".join(clean(found[:600]).split())[:300] if isinstance(found, str) else ""


CONNECTOR = Connector(
    name="location",
    version=1,
    describes=(
        "Where you were and when, to about a kilometre. Off unless asked for: no other grant holds it; "
        "think twice before you allow it."
    ),
    kinds=(Kind.PLACE,),
    read=read,
    places=("Downloads/Timeline.json", "Downloads/location-history.json"),
    asks={"gps": "exact keeps places to the metre; without it they are rounded to about a kilometre."},
)

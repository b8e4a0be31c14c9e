"""What is known of a picture, as a sentence or two that words find: when, where, album, people, camera, text in it.

Knows facts and words; opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.clock import WEEKDAYS, spoken


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one picture or video. `wall`: its wall time where it was taken, if known; `zone`: the place's."""

    what: str
    moment: Moment
    wall: str = ""
    place: str = ""
    zone: str = ""
    albums: Sequence[str] = ()
    description: str = ""
    people: Sequence[str] = ()
    keywords: Sequence[str] = ()
    camera: str = ""
    name: str = ""
    shows: str = ""
    reads: str = ""


def tell(told: Told) -> str:
    """The text of an item."""
    return " ".join(_sentences(told))


def _sentences(told: Told) -> Iterator[str]:
    when = _when(told)
    yield f"{told.what}{' ' + when if when else ''}{' in ' + told.place if told.place else ''}."
    if told.albums:
        yield f"Album: {', '.join(told.albums)}."
    if told.description:
        yield f"Description: {told.description.rstrip('.')}."
    if told.people:
        yield f"People: {', '.join(told.people)}."
    if told.keywords:
        yield f"Keywords: {', '.join(told.keywords)}."
    if told.shows:
        yield f"It shows: {told.shows.rstrip('.')}."
    if told.camera:
        yield f"Camera: {told.camera}."
    if told.name:
        yield f"File: {told.name}."
    if told.reads:
        yield f"Text in the picture: {told.reads}"


def _when(told: Told) -> str:
    if told.moment.basis is Basis.DATE:
        return f"taken on {_day(datetime.fromisoformat(told.moment.iso))}"
    time, note = _clock(told)
    if time is None:
        return ""
    verb = "saved" if told.moment.basis is Basis.FILE else "taken"
    return f"{verb} on {_day(time)}, {time:%H:%M}{note}"


def _clock(told: Told) -> tuple[datetime | None, str]:
    """The time as a clock on the wall showed it: the camera's own, else by the place's zone, else in UTC, said so."""
    if not told.moment.iso:
        return None, ""
    moment = datetime.fromisoformat(told.moment.iso)
    if told.wall:
        wall = datetime.fromisoformat(told.wall)
        if abs((wall - moment.replace(tzinfo=None)).total_seconds()) <= 16 * 3600:
            return wall, ""
    if told.moment.basis not in {Basis.UTC, Basis.FILE}:
        return moment, ""
    if told.zone:
        try:
            return moment.astimezone(ZoneInfo(told.zone)), ""
        except (KeyError, ValueError, OSError):
            pass  # a zone that this machine's table does not hold
    return moment, " UTC"


def _day(time: datetime) -> str:
    return f"{WEEKDAYS[time.weekday()]} {spoken(time)}"

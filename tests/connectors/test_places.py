"""Names of places by their degrees, offline."""

from __future__ import annotations

import pytest

from indexers.sources.connectors.places import kilometres, near, nearest


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ((52.4986, 13.4034), "Kreuzberg, near Berlin, Germany"),
        ((40.7128, -74.006), "New York City, New York, United States"),
        ((-33.8688, 151.2093), "Sydney, Australia"),
    ],
)
def test_the_nearest_place_has_its_country_and_a_far_larger_one_nearby(point: tuple[float, float], name: str) -> None:
    found = nearest(*point)
    assert found is not None and found.name == name


def test_the_open_sea_and_the_pole_have_no_name() -> None:
    assert nearest(0.0, -30.0) is None
    assert nearest(90.0, 180.0) is None
    assert nearest(-17.8, 179.99) is None


def test_the_distance_of_a_quarter_of_the_earth() -> None:
    assert kilometres((0, 0), (90, 0)) == pytest.approx(10_007.5, abs=0.1)
    assert kilometres((10, 179.5), (10, -179.5)) == pytest.approx(109.5, abs=0.5)


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ((55.68, 12.57), "near Copenhagen, Denmark"),
        ((52.4986, 13.4034), "near Berlin, Germany"),
        ((40.7128, -74.006), "near New York City, New York, United States"),
        ((0.0, -30.0), ""),
    ],
)
def test_a_town_names_what_lies_around_it(point: tuple[float, float], name: str) -> None:
    assert near(*point) == name


def test_a_place_is_found_across_the_line_of_dates() -> None:
    found = nearest(63.06, -179.95)
    assert found is not None and found.name == "Beringovskiy, Russia"

"""Where somebody was: points become stays, places are rounded."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexers.records import Skipped
from indexers.sources.connectors.base import Basis, Item, Kind
from indexers.sources.connectors.location import CONNECTOR
from indexers.sources.connectors.location.stays import Point, Stay, stays
from tests.connectors.open_reader import OpenReader

T = 1_714_552_200  # 2024-05-01T08:30:00Z
HOME, WORK = (57.72093, 10.58394), (57.04880, 9.92170)


def read(root: Path, **choices: str) -> tuple[list[Item], list[str]]:
    things = list(CONNECTOR.read(OpenReader(root, choices)))
    return [t for t in things if isinstance(t, Item)], [t.reason for t in things if isinstance(t, Skipped)]


def e7(place: tuple[float, float]) -> dict[str, int]:
    return {"latitudeE7": round(place[0] * 1e7), "longitudeE7": round(place[1] * 1e7)}


def run(place: tuple[float, float], begin: int, count: int, step: int = 300) -> list[Point]:
    return [Point(begin + number * step, *place) for number in range(count)]


def test_points_in_one_place_are_one_stay_and_a_stray_one_does_not_end_it():
    points = [*run(HOME, T, 5), Point(T + 1_500, 0.5, 0.5), *run(HOME, T + 1_800, 3), *run(WORK, T + 6_000, 4)]
    assert list(stays(points)) == [Stay(T, T + 2_400, *HOME), Stay(T + 6_000, T + 6_900, *WORK)]


def test_passing_through_is_no_stay_and_a_long_silence_ends_one():
    way = [Point(T + n * 60, 55.0 + n / 100, 10.0) for n in range(30)]
    assert list(stays(way)) == []
    assert list(stays([*run(HOME, T, 4), *run(HOME, T + 90_000, 4)])) == [
        Stay(T, T + 900, *HOME), Stay(T + 90_000, T + 90_900, *HOME),
    ]  # fmt: skip


def test_an_export_that_begins_earlier_gives_the_same_later_stays():
    before, after = run(WORK, T, 6), [*run(HOME, T + 9_000, 6), *run(WORK, T + 20_000, 6)]
    assert list(stays(before + after))[1:] == list(stays(after))


def test_records_become_stays_rounded_to_a_kilometre(tmp_path):
    points = [e7(HOME) | {"timestampMs": str((T + n * 300) * 1_000), "accuracy": 20} for n in range(4)]
    points += [e7(WORK) | {"timestamp": "2024-05-01T09:00:00.123Z", "accuracy": 5_000}]
    (tmp_path / "Records.json").write_text(json.dumps({"locations": points}))
    [item], skipped = read(tmp_path)
    assert (item.kind, item.native, item.moment.iso) == (
        Kind.PLACE, "place:2024-05-01T08:30:00:was", "2024-05-01T08:30:00+00:00",
    )  # fmt: skip
    assert item.extra == {"until": "2024-05-01T08:45:00+00:00", "spot": "57.72,10.58"}
    assert "57.72093" not in repr(item)
    assert item.text.startswith("Was at near ")
    [exact], _ = read(tmp_path, gps="exact")
    assert exact.extra["spot"] == "57.720930,10.583940"
    assert skipped == []


def test_semantic_history_has_names_and_ways(tmp_path):
    visit = {"placeVisit": {
        "location": e7(HOME) | {"name": "Grey Lighthouse", "address": "Fyrvej 36", "placeId": "x"},
        "duration": {"startTimestamp": "2024-05-01T08:30:00Z", "endTimestamp": "2024-05-01T09:30:00Z"},
    }}  # fmt: skip
    way = {"activitySegment": {
        "startLocation": e7(HOME), "endLocation": e7(WORK), "distance": 104_321, "activityType": "IN_TRAIN",
        "duration": {"startTimestampMs": str(T * 1_000), "endTimestampMs": str((T + 60) * 1_000)},
    }}  # fmt: skip
    (tmp_path / "2024_MAY.json").write_text(json.dumps({"timelineObjects": [visit, way, {"other": 1}, 3]}))
    items, _ = read(tmp_path)
    assert items[0].text.startswith("Was at Grey Lighthouse, ")
    assert "Fyrvej" not in items[0].text
    assert items[1].text.startswith("Moved 104.3 km (train) from ")
    assert "Fyrvej 36" in read(tmp_path, gps="exact")[0][0].text


def test_the_device_of_android_and_of_apple_tell_the_same(tmp_path):
    times = {"startTime": "2024-05-01T10:30:00.000+02:00", "endTime": "2024-05-01T11:30:00.000+02:00"}
    top = {"semanticType": "HOME", "placeLocation": {"latLng": "57.7209300°, 10.5839400°"}}
    (tmp_path / "Timeline.json").write_text(
        json.dumps({"semanticSegments": [times | {"visit": {"topCandidate": top}}, times | {"timelinePath": []}],
                    "rawSignals": [{"position": {"LatLng": "1°, 1°"}}], "userLocationProfile": {"frequentPlaces": []}})
    )  # fmt: skip
    top = {"semanticType": "Home", "placeLocation": "geo:57.720930,10.583940"}
    (tmp_path / "location-history.json").write_text(json.dumps([times | {"visit": {"topCandidate": top}}]))
    [item], skipped = read(tmp_path)
    assert item.text.startswith("Was at home, ")
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01T10:30:00+02:00", Basis.OFFSET)
    assert item.native == "place:2024-05-01T08:30:00:was"
    assert skipped == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.recursive(st.none() | st.integers() | st.floats() | st.text(max_size=9), lambda v: st.lists(v, max_size=3)
                    | st.dictionaries(st.sampled_from(["placeVisit", "activitySegment", "visit", "activity", "location",
                                                       "latitudeE7", "longitudeE7", "duration", "topCandidate", "start",
                                                       "startTime", "distance"]), v, max_size=4)))  # fmt: skip
def test_no_segment_breaks_the_reading(tmp_path, value):
    for key in ("timelineObjects", "locations", "semanticSegments"):
        (tmp_path / "x.json").write_text(json.dumps({key: [value, {"visit": value, "startTime": value}]}))
        for thing in CONNECTOR.read(OpenReader(tmp_path)):
            assert isinstance(thing, Item | Skipped)


def test_ways_of_both_devices_are_read(tmp_path):
    times = {"startTime": "2024-05-01T10:30:00+02:00", "endTime": "2024-05-01T11:30:00+02:00"}
    android = {"start": {"latLng": "57.72°, 10.58°"}, "end": {"latLng": "57.05°, 9.92°"}, "distanceMeters": 104_000.0,
               "topCandidate": {"type": "IN_TRAIN"}}  # fmt: skip
    apple = {"start": "geo:57.72,10.58", "end": "geo:57.05,9.92", "distanceMeters": "NaN",
             "topCandidate": {"type": "walking"}}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps({"semanticSegments": [times | {"activity": android}]}))
    times = {"startTime": "2024-05-02T10:30:00+02:00", "endTime": "2024-05-02T11:30:00+02:00"}
    (tmp_path / "b.json").write_text(json.dumps([times | {"activity": apple}]))
    items, skipped = read(tmp_path)
    assert [item.text.partition(" from ")[0] for item in items] == ["Moved 104.0 km (train)", "Moved (walking)"]
    assert items[0].extra["spot"] == "57.72,10.58 57.05,9.92"
    assert skipped == []


def test_places_that_are_none_are_left_out(tmp_path):
    times = {"startTime": "2024-05-01T10:30:00Z", "endTime": "2024-05-01T11:30:00Z"}

    def at(said: object) -> dict:
        return times | {"visit": {"topCandidate": {"placeLocation": said}}}

    wrong = [at("0.0°, 0.0°"), at("95.0°, 10.0°"), at("here"), at(None), at({"latLng": 3}), {"visit": {}, **times}]
    wrong.append({"visit": {"topCandidate": {"placeLocation": "geo:57.7,10.5"}}})
    (tmp_path / "a.json").write_text(json.dumps({"semanticSegments": wrong}))
    assert read(tmp_path) == ([], [])


def test_numbers_beyond_the_globe_are_unwrapped_or_left_out(tmp_path):
    wrapped = {"latitudeE7": 577209300, "longitudeE7": 105839400 + 2**32}
    endless = {"latitudeE7": 10**400, "longitudeE7": float("nan")}
    points = [place | {"timestampMs": str((T + n * 300) * 1_000)} for n in range(4) for place in (wrapped, endless)]
    (tmp_path / "Records.json").write_text(json.dumps({"locations": points}))
    [item], _ = read(tmp_path)
    assert item.extra["spot"] == "57.72,10.58"


def test_a_damaged_point_is_told_and_another_file_is_named(tmp_path):
    points = ", ".join(json.dumps(e7(HOME) | {"timestampMs": str((T + n * 300) * 1_000)}) for n in range(4))
    (tmp_path / "Records.json").write_text(f'{{"locations": [{points}, {{"latitudeE7": }}]}}')
    (tmp_path / "Settings.json").write_text('{"retention": 3}')
    items, skipped = read(tmp_path)
    assert len(items) == 1
    assert ["not valid JSON" in skipped[0], skipped[1]] == [True, "It is no location history that is known here."]

"""Routes of UgCS: angles in radians, and fragments that are no flight."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.formats.missions.files import geojson, segment, ugcs
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import MissionFile
from zones_api.errors import InvalidInput
from zones_api.formats.missions import ugcs as reader

LAT, LON = math.radians(52.3), math.radians(4.9)


def doubts(file: MissionFile) -> str:
    return "\n".join(doubt.detail for doubt in file.doubts if doubt.severity == "flag")


def test_radians_become_degrees() -> None:
    mission = reader.read(ugcs(segment(LAT, LON), segment(-LAT, -LON))).missions[0]

    assert mission.waypoints[0].position == pytest.approx((4.9, 52.3), abs=1e-12)
    assert mission.waypoints[1].position == pytest.approx((-4.9, -52.3), abs=1e-12)
    assert mission.waypoints[1].source == "segment 2"
    assert (mission.name, mission.speed_m_s) == ("survey", 4)


@pytest.mark.parametrize(
    ("word", "reference"), [("AGL", VerticalReference.AGL), ("AMSL", VerticalReference.AMSL)]
)
def test_each_point_says_what_its_altitude_is_measured_from(word: str, reference: VerticalReference) -> None:
    mission = reader.read(ugcs(segment(LAT, LON, 30, word))).missions[0]

    assert mission.waypoints[0].height == Height(30, reference)


def test_an_unknown_altitude_type_leaves_the_height_without_reference() -> None:
    file = reader.read(ugcs(segment(LAT, LON, 30, "MOON")))

    assert file.missions[0].waypoints[0].height is None
    assert file.missions[0].waypoints[0].unreferenced_m == 30
    assert "altitudeType" in doubts(file)


def test_a_point_without_an_altitude_is_flagged() -> None:
    file = reader.read(ugcs(segment(LAT, LON, None)))

    assert file.missions[0].waypoints[0].height is None
    assert "no altitude" in doubts(file)


@pytest.mark.parametrize("value", [1_777_629_600_000, "2026-05-01T10:00:00Z"])
def test_the_scheduled_time_is_when_it_starts(value: Any) -> None:
    mission = reader.read(ugcs(segment(LAT, LON), scheduledTime=value)).missions[0]

    assert mission.starts_at == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_what_is_not_read_of_a_flight_is_flagged() -> None:
    curved = segment(LAT, LON, actions=[{"type": "Wait"}])
    curved["parameters"] = {"speed": 9.0, "wpTurnType": "SPLINE"}

    file = reader.read(ugcs(curved, segment(LAT, LON), takeoffHeight=10))

    for words in ("actions", "curve", "4 to 9 m/s", "take-off height"):
        assert words in doubts(file)
    assert file.missions[0].speed_m_s == 4


def test_several_routes_are_several_flights() -> None:
    route = {"segments": [segment(LAT, LON)]}

    file = reader.read(geojson({"version": {}, "routes": [route, route]}))

    assert [mission.waypoints[0].source for mission in file.missions] == [
        "route 1, segment 1",
        "route 2, segment 1",
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (geojson(segment(LAT, LON)), "a single waypoint of a UgCS route"),
        (geojson({"name": None, "segments": [], "takeoffHeight": 10}), "has no segments"),
        (geojson({"version": {}, "vehicleProfiles": [], "route": None}), "its route is empty"),
        (geojson({"version": {}, "route": 3}), "has no segments"),
        (geojson([1]), "not an object"),
        (ugcs(segment(52.3, LON)), "segment 1: latitude 52.3 is not an angle in radians"),
        (ugcs(segment(LAT, 4.9)), "segment 1: longitude 4.9 is not an angle in radians"),
        (ugcs(segment(None, LON)), "segment 1: there is no latitude."),
        (ugcs(segment(LAT, "x")), "segment 1: longitude 'x' is not a number."),
        (ugcs(segment(LAT, LON, "x")), "segment 1: altitude 'x' is not a number."),
        (ugcs(segment(LAT, LON), {"type": "AreaScan"}), "segment 2: the type 'AreaScan' is not read"),
        (ugcs(3), "segment 1: the type 'None' is not read"),
        (ugcs(segment(LAT, LON), scheduledTime=-5), "scheduledTime is not a moment"),
        (ugcs(segment(LAT, LON), scheduledTime="noon"), "scheduledTime 'noon' is not a date and time."),
    ],
)
def test_a_fragment_or_broken_file_gets_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reader.read(data)

    assert sentence in caught.value.detail
    assert caught.value.defects


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ucgs_route-structure.json", "has no segments"),
        ("ucgs_route-wrapper.json", "its route is empty"),
        ("ucgs_waypoint.json", "a single waypoint"),
    ],
)
def test_the_real_fragments_are_recognised_and_refused(sample_data: Path, name: str, sentence: str) -> None:
    data = (sample_data / "plans" / name).read_bytes()

    assert reader.recognises(data)
    with pytest.raises(InvalidInput, match=sentence):
        reader.read(data)


def test_the_real_fragments_make_a_whole_once_filled_in(sample_data: Path) -> None:
    plans = sample_data / "plans"
    wrapper, route, point = (
        json.loads((plans / f"ucgs_{name}.json").read_text())
        for name in ("route-wrapper", "route-structure", "waypoint")
    )
    point["point"] |= {"latitude": LAT, "longitude": LON, "altitude": 25}
    wrapper["route"] = {**route, "segments": [point]}

    file = reader.read(geojson(wrapper))

    assert file.missions[0].waypoints[0].height == Height(25, VerticalReference.AGL)
    assert file.missions[0].waypoints[0].position == pytest.approx((4.9, 52.3))

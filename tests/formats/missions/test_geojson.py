"""Flights as GeoJSON, and the flight declaration that holds one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.formats.missions.files import collection, feature, geojson
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import geojson as reader
from zones_api.formats.missions.limits import MAX_POINTS

TEN = datetime(2026, 5, 1, 10, tzinfo=UTC)
LINE = [[4.9, 52.3], [4.91, 52.31]]
RING = [[4.9, 52.3], [4.91, 52.3], [4.91, 52.31], [4.9, 52.3]]


def only(file: MissionFile) -> Mission:
    assert len(file.missions) == 1
    return file.missions[0]


def doubts(file: MissionFile) -> str:
    return "\n".join(doubt.detail for doubt in file.doubts if doubt.severity == "flag")


def test_several_features_are_several_flights() -> None:
    file = reader.read(
        collection(feature("LineString", LINE, name="one"), feature("LineString", LINE, name="two"))
    )

    assert [mission.name for mission in file.missions] == ["one", "two"]
    assert file.missions[1].waypoints[1].position == (4.91, 52.31)
    assert file.missions[1].waypoints[1].source == "feature 2, position 2"


def test_a_bare_geometry_and_a_single_feature_are_a_flight() -> None:
    bare = reader.read(geojson({"type": "LineString", "coordinates": LINE}))
    single = reader.read(geojson(feature("LineString", LINE)))

    assert [point.position for point in only(bare).waypoints] == [(4.9, 52.3), (4.91, 52.31)]
    assert len(only(single).waypoints) == 2


def test_areas_keep_their_holes_and_parts() -> None:
    hole = [[4.905, 52.302], [4.907, 52.302], [4.907, 52.304], [4.905, 52.302]]

    file = reader.read(collection(feature("MultiPolygon", [[RING, hole], [RING]])))

    assert [len(area.holes) for area in only(file).areas] == [1, 0]


def test_lines_of_one_feature_are_joined_and_the_gap_is_flagged() -> None:
    file = reader.read(collection(feature("MultiLineString", [LINE, [[5.0, 52.3], [5.1, 52.3]]])))

    assert len(only(file).waypoints) == 4
    assert "one after the other" in doubts(file)


def test_the_points_of_a_collection_are_one_flight_which_is_said() -> None:
    file = reader.read(collection(feature("Point", LINE[0]), feature("Point", LINE[1])))

    assert [point.position for point in only(file).waypoints] == [(4.9, 52.3), (4.91, 52.31)]
    assert "one flight, in the order of the file" in doubts(file)


def test_a_point_beside_a_line_is_not_flown_and_never_silently() -> None:
    file = reader.read(collection(feature("LineString", LINE), feature("Point", [5, 52])))

    assert len(only(file).waypoints) == 2
    assert doubts(file).startswith("feature 2: ")


def test_every_part_of_a_collection_of_geometries_counts() -> None:
    parts = [{"type": "LineString", "coordinates": LINE}, {"type": "Polygon", "coordinates": [RING]}]

    file = reader.read(geojson({"type": "GeometryCollection", "geometries": parts}))

    assert [(len(mission.waypoints), len(mission.areas)) for mission in file.missions] == [(2, 0), (0, 1)]


def test_a_third_number_has_no_reference_and_a_doubt() -> None:
    file = reader.read(collection(feature("LineString", [[4.9, 52.3, 60], [4.91, 52.31]])))

    assert [(point.height, point.unreferenced_m) for point in only(file).waypoints] == [
        (None, 60.0),
        (None, None),
    ]
    assert "nobody says from where" in doubts(file)


@pytest.mark.parametrize(
    ("properties", "upper"),
    [
        ({"max_altitude": {"meters": 50, "datum": "agl"}}, Height(50, VerticalReference.AGL)),
        ({"max_altitude": {"meters": 50, "datum": "w84"}}, Height(50, VerticalReference.WGS84)),
        ({"maxAltitude": 50, "altitudeReference": "AMSL"}, Height(50, VerticalReference.AMSL)),
        ({"max_altitude": "50", "altitude_reference": "take-off"}, Height(50, VerticalReference.TAKEOFF)),
        (
            {"max_altitude": {"value": 100, "units": "FT", "reference": "SFC"}},
            Height(30.48, VerticalReference.AGL),
        ),
        (
            {"max_altitude": {"altitude_value": 100, "units_of_measure": "FT", "vertical_reference": "W84"}},
            Height(30.48, VerticalReference.WGS84),
        ),
    ],
)
def test_heights_in_properties_count_with_their_reference(properties: Any, upper: Height) -> None:
    file = reader.read(collection(feature("Polygon", [RING], **properties)))

    assert only(file).upper is not None
    assert only(file).upper.value_m == pytest.approx(upper.value_m)  # type: ignore[union-attr]
    assert only(file).upper.reference is upper.reference  # type: ignore[union-attr]
    assert not file.doubts


def test_both_ends_of_the_heights_are_read() -> None:
    file = reader.read(collection(feature("Polygon", [RING], min_altitude=20, max_altitude=60, datum="AGL")))

    assert only(file).lower == Height(20, VerticalReference.AGL)
    assert only(file).upper == Height(60, VerticalReference.AGL)


@pytest.mark.parametrize("reference", [None, "QNH"])
def test_a_greatest_height_without_a_known_reference_is_kept_as_such(reference: str | None) -> None:
    properties = {"max_altitude": 60, "altitude_reference": reference}

    line = reader.read(collection(feature("LineString", LINE, **properties)))
    area = reader.read(collection(feature("Polygon", [RING], **properties)))

    assert [point.unreferenced_m for point in only(line).waypoints] == [60.0, 60.0]
    assert only(line).upper is None
    assert only(area).upper is None
    assert "60 m" in doubts(line)
    assert "60 m" in doubts(area)


def test_the_times_and_the_speed_of_a_flight_are_read() -> None:
    properties = {
        "start_datetime": "2026-05-01T12:00:00+02:00",
        "endTime": "2026-05-01T11:00:00Z",
        "speed_m_s": 7,
    }

    mission = only(reader.read(collection(feature("LineString", LINE, **properties))))

    assert (mission.starts_at, mission.ends_at) == (TEN, TEN.replace(hour=11))
    assert mission.speed_m_s == 7


def test_a_speed_without_a_unit_is_taken_as_metres_a_second_and_said() -> None:
    file = reader.read(collection(feature("LineString", LINE, speed=7)))

    assert only(file).speed_m_s == 7
    assert "metres a second" in doubts(file)


def test_a_time_without_an_offset_is_not_used_and_flagged() -> None:
    file = reader.read(collection(feature("LineString", LINE, start_time="2026-05-01T10:00:00")))

    assert only(file).starts_at is None
    assert "no offset" in doubts(file)


def test_positions_that_lie_in_europe_only_the_other_way_round_are_flagged() -> None:
    swapped = reader.read(collection(feature("LineString", [[52.3, 4.9], [52.31, 4.91]])))
    plain = reader.read(collection(feature("LineString", LINE)))
    elsewhere = reader.read(collection(feature("LineString", [[113.9, 22.5], [113.91, 22.5]])))

    assert "exchanged" in doubts(swapped)
    assert not plain.doubts
    assert not elsewhere.doubts


def test_an_open_ring_is_closed_and_flagged() -> None:
    file = reader.read(collection(feature("Polygon", [RING[:-1]])))

    assert only(file).areas[0].shell[-1] == (4.9, 52.3)
    assert "ring is open" in doubts(file)


def test_a_feature_without_a_geometry_is_flagged() -> None:
    silent = {"type": "Feature", "properties": {}, "geometry": None}

    assert "feature 2: it has no geometry." in doubts(
        reader.read(collection(feature("LineString", LINE), silent))
    )


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4979"])
def test_a_crs_that_is_wgs_84_is_read(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}

    assert reader.read(collection(feature("LineString", LINE), crs=crs)).missions


DECLARATION: dict[str, Any] = {
    "exchange_type": "flight_declaration",
    "start_datetime": "2026-05-01T10:00:00Z",
    "end_datetime": "2026-05-01T11:00:00Z",
    "flight_declaration_geo_json": {
        "type": "FeatureCollection",
        "features": [feature("Polygon", [RING], max_altitude={"meters": 90, "datum": "agl"})],
    },
}


def test_a_flight_declaration_gives_its_times_to_what_it_holds() -> None:
    data = geojson(DECLARATION)

    mission = only(reader.read(data))

    assert reader.recognises(data)
    assert (mission.starts_at, mission.ends_at) == (TEN, TEN.replace(hour=11))
    assert mission.upper == Height(90, VerticalReference.AGL)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            feature("LineString", [[4.9, 52.3], [491.2, 52.3]]),
            "position 2: longitude 491.2 is outside −180 to 180.",
        ),
        (feature("LineString", [[4.9, 95]]), "position 1: latitude 95 is outside −90 to 90"),
        (feature("LineString", [["east", 52.3]]), "position 1: longitude 'east' is not a number."),
        (feature("LineString", [[4.9, None]]), "position 1: there is no latitude."),
        (feature("LineString", [[4.9]]), "position 1: a position is two numbers, longitude and latitude."),
        (
            feature("LineString", [4.9, 52.3]),
            "position 1: a position is two numbers, longitude and latitude.",
        ),
        (feature("LineString", [[4.9, 52.3, "high"]]), "position 1: height 'high' is not a number."),
        (feature("LineString", [[4.9, 52.3, 1e9]]), "position 1: altitude 1e+09 m is not a height"),
        (feature("LineString", []), "feature 1: its line has no positions."),
        (feature("LineString", None), "feature 1: its coordinates are not a list."),
        (feature("Polygon", []), "feature 1: the area has no outline."),
        (feature("Polygon", [RING[:2]]), "feature 1: ring 1 has fewer than 3 different points."),
        (feature("Circle", [4.9, 52.3]), "feature 1: the geometry type 'Circle' is not one of GeoJSON."),
        (
            feature("LineString", LINE, max_altitude="high"),
            "feature 1, max_altitude: height 'high' is not a number.",
        ),
        (
            feature("LineString", LINE, max_altitude={"value": 3, "units": "furlong"}),
            "feature 1, max_altitude: the unit 'furlong' is not metres or feet.",
        ),
        (feature("LineString", LINE, start_time="noon"), "feature 1: start 'noon' is not a date and time."),
        (
            feature("LineString", LINE, start_time="2026-05-01T10:00Z", end_time="2026-05-01T09:00Z"),
            "feature 1: the flight ends before it starts.",
        ),
        (feature("LineString", LINE, speed_m_s="fast"), "feature 1: speed 'fast' is not a number."),
        ({"type": "Feature", "properties": {}, "geometry": 3}, "feature 1: its geometry is not an object."),
        ({"type": "Feature", "properties": {}, "geometry": None}, "The GeoJSON file has no flight"),
        ({"type": "FeatureCollection"}, "The FeatureCollection has no list of features."),
        ({"type": "FeatureCollection", "features": [3]}, "feature 1: this is not a Feature."),
        ({"type": "FeatureCollection", "features": []}, "The GeoJSON file has no flight"),
        ({"type": "Topology"}, "with the type 'Topology'"),
        ({}, "with no type"),
        ([1], "not an object"),
        (
            {**feature("LineString", LINE), "crs": {"type": "name", "properties": {"name": "EPSG:28992"}}},
            "another reference system (EPSG:28992); only WGS 84 is read.",
        ),
        ({**feature("LineString", LINE), "crs": {"type": "link"}}, "another reference system"),
        ({**DECLARATION, "flight_declaration_geo_json": {}}, "its flight_declaration_geo_json is empty"),
        ({"exchange_type": "flight_declaration"}, "its flight_declaration_geo_json is empty"),
    ],
)
def test_a_broken_file_gets_one_sentence_with_place_and_field(value: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reader.read(geojson(value))

    assert sentence in caught.value.detail
    assert caught.value.defects


def test_the_points_of_all_features_together_are_limited() -> None:
    half = [[4.9, 52.3]] * (MAX_POINTS // 2)

    assert reader.read(collection(feature("LineString", half), feature("LineString", half))).missions
    with pytest.raises(InputTooLarge, match="20,000 points"):
        reader.read(collection(feature("LineString", half), feature("LineString", [*half, [4.9, 52.3]])))


@pytest.mark.parametrize("piece", ["{}", "[]", "0,0,0,0,0,0"])
def test_a_file_of_more_pieces_than_any_flight_is_refused_before_it_takes_the_memory(piece: str) -> None:
    data = f'{{"type":"FeatureCollection","features":[{",".join([piece] * 200_001)}]}}'.encode()

    with pytest.raises(InputTooLarge, match="lists and objects"):
        reader.read(data)


def test_the_real_files_are_read(sample_data: Path) -> None:
    line = reader.read((sample_data / "plans" / "openutm_bern_trajectory_f1.geojson").read_bytes())
    template = (sample_data / "plans" / "openutm_flight_declaration_template.json").read_bytes()

    assert len(only(line).waypoints) == 5
    assert not line.doubts
    with pytest.raises(InvalidInput, match="flight_declaration_geo_json is empty"):
        reader.read(template)

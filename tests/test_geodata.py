"""The data the project owns: where it comes from, and that it says what it should."""

import hashlib
import importlib.util
import json
import math
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pyproj
import pytest
import referencing
import shapely
from numpy.typing import NDArray
from referencing.jsonschema import DRAFT7

GEODATA = Path(__file__).parents[1] / "geodata"
WGS84 = pyproj.Geod(ellps="WGS84")
Points = NDArray[np.float64]
NOT_DATA = {".py", ".pyc"}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, GEODATA / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((GEODATA / name).read_text(encoding="utf-8"))


def read_json(name: str) -> Any:
    return json.loads((GEODATA / name).read_bytes())


SOURCES = table("SOURCES.toml")["file"]
PLACES = table("coverage/places.toml")
FACTS = table("demonstration/facts.toml")
REGIONS = table("terrain_bounds.toml")["region"]
COVERAGE = read_json("coverage/NLD.geojson")
COVERED = shapely.geometry.shape(COVERAGE["geometry"])
DEMONSTRATION = read_json("demonstration/netherlands-demonstration.ed318.json")
ZONES = DEMONSTRATION["features"]


def label(row: dict[str, Any]) -> str:
    return str(row.get("path") or row.get("name"))


def zone_label(feature: dict[str, Any]) -> str:
    return str(feature["properties"]["identifier"])


# --- sources


def test_every_data_file_has_an_entry_and_every_entry_a_file() -> None:
    found = (path for path in GEODATA.rglob("*") if path.is_file() and path.suffix not in NOT_DATA)
    files = {path.relative_to(GEODATA).as_posix() for path in found}

    listed = [entry["path"] for entry in SOURCES]

    assert sorted(listed) == sorted(files - {"SOURCES.toml"})


@pytest.mark.parametrize("entry", SOURCES, ids=label)
def test_a_digest_is_that_of_its_file(entry: dict[str, Any]) -> None:
    content = (GEODATA / entry["path"]).read_bytes()

    digest = hashlib.sha256(content).hexdigest()

    assert digest == entry["sha256"]


@pytest.mark.parametrize("entry", SOURCES, ids=label)
def test_an_entry_says_what_from_where_under_which_licence_when_and_not_for_navigation(
    entry: dict[str, Any],
) -> None:
    stated = [entry[name] for name in ("what", "licence", "data_date", "made_on")]
    origins = [
        (source["title"], source["licence"], source.get("url") or source.get("citation"))
        for source in entry["source"]
    ]

    assert all(stated)
    assert origins
    assert all(all(origin) for origin in origins)
    assert entry["limitations"].startswith("Not for navigation. ")


# --- coverage


@pytest.mark.parametrize("place", PLACES["inside"], ids=label)
def test_a_place_well_inside_the_netherlands_is_covered(place: dict[str, Any]) -> None:
    assert COVERED.contains(shapely.Point(place["at"]))


@pytest.mark.parametrize("place", PLACES["outside"], ids=label)
def test_a_place_outside_the_netherlands_is_not_covered(place: dict[str, Any]) -> None:
    assert not COVERED.intersects(shapely.Point(place["at"]))


def test_the_coverage_keeps_a_kilometre_off_every_foreign_town() -> None:
    vertices = shapely.get_coordinates(COVERED.segmentize(0.005))

    clearances_m = [nearest_m(place["at"], vertices) for place in PLACES["outside"]]

    assert min(clearances_m) > 1_000


def test_the_coverage_is_a_small_valid_area_of_about_the_size_of_the_netherlands() -> None:
    area_km2 = abs(sum(WGS84.geometry_area_perimeter(part)[0] for part in COVERED.geoms)) / 1e6

    assert COVERED.is_valid
    assert shapely.get_num_coordinates(COVERED) < 500
    assert 36_000 < area_km2 < 41_500


def test_the_coverage_follows_rfc_7946() -> None:
    coordinates = shapely.get_coordinates(COVERED)

    assert COVERAGE["type"] == "Feature"
    assert np.array_equal(coordinates, coordinates.round(7))
    for part in COVERED.geoms:
        assert part.exterior.is_ccw
        assert not any(hole.is_ccw for hole in part.interiors)


def test_an_edge_of_the_coverage_reads_the_same_straight_or_geodesic() -> None:
    rings = [np.asarray(ring.coords) for part in COVERED.geoms for ring in (part.exterior, *part.interiors)]

    strays_m = [stray_m(*start, *end) for ring in rings for start, end in pairwise(ring)]

    assert max(strays_m) < 10


def test_the_coverage_names_its_country_source_licence_date_and_margin() -> None:
    stated = COVERAGE["properties"]

    assert stated["country"] == "NLD"
    assert all(stated[name] for name in ("source", "licence", "date", "margin"))


def stray_m(lon: float, lat: float, end_lon: float, end_lat: float) -> float:
    """Return how far the middle of a straight line in degrees lies from the geodesic's."""
    (middle,) = WGS84.npts(lon, lat, end_lon, end_lat, 1)
    return nearest_m(middle, np.array([[(lon + end_lon) / 2, (lat + end_lat) / 2]]))


# --- terrain


@pytest.mark.parametrize("region", REGIONS, ids=label)
def test_a_region_is_a_box_with_bounds_in_order_and_a_source(region: dict[str, Any]) -> None:
    assert region["country"] == "NLD"
    assert region["west"] < region["east"]
    assert region["south"] < region["north"]
    assert region["min_m"] < region["max_m"]
    assert region["undulation_min_m"] < region["undulation_max_m"]
    assert region["source"]


@pytest.mark.parametrize("region", REGIONS, ids=label)
def test_a_region_lies_within_the_default_bounds(region: dict[str, Any]) -> None:
    default = table("terrain_bounds.toml")["default"]

    assert default["min_m"] <= region["min_m"]
    assert region["max_m"] <= default["max_m"]
    assert default["undulation_min_m"] <= region["undulation_min_m"]
    assert region["undulation_max_m"] <= default["undulation_max_m"]


def test_the_regions_together_hold_all_of_the_coverage() -> None:
    boxes = [shapely.box(r["west"], r["south"], r["east"], r["north"]) for r in REGIONS]

    assert shapely.union_all(boxes).covers(COVERED)


@pytest.mark.parametrize(
    ("name", "lon", "lat", "elevation_m"),
    [
        ("Vaalserberg", 6.0209, 50.7546, 322.7),
        ("Signaal Imbosch", 5.96, 52.05, 110.0),
        ("Zuidplaspolder", 4.63, 51.98, -6.76),
        ("Schiphol", 4.7639, 52.3086, -3.4),
        ("Maastricht airport", 5.777, 50.916, 114.3),
        ("Holterberg", 6.43, 52.31, 75.0),
    ],
)
def test_every_region_a_known_height_lies_in_allows_for_it(
    name: str, lon: float, lat: float, elevation_m: float
) -> None:
    touched = [r for r in REGIONS if r["west"] <= lon <= r["east"] and r["south"] <= lat <= r["north"]]

    assert touched, name
    assert all(r["min_m"] < elevation_m < r["max_m"] for r in touched)


# --- demonstration


def test_the_same_facts_give_the_same_bytes() -> None:
    committed = (GEODATA / "demonstration/netherlands-demonstration.ed318.json").read_bytes()

    made = script("build_demonstration").document_bytes(FACTS)

    assert made == committed


def test_every_demonstration_zone_has_a_source() -> None:
    assert [zone["identifier"] for zone in FACTS["zones"] if not zone.get("source")] == []


def test_identifiers_are_unique_and_short() -> None:
    identifiers = [zone_label(feature) for feature in ZONES]

    assert len(set(identifiers)) == len(identifiers)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,7}", identifier) for identifier in identifiers)


def test_the_demonstration_shows_every_type_of_zone() -> None:
    types = {feature["properties"]["type"] for feature in ZONES}

    assert types == {"USPACE", "PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL", "NO_RESTRICTION"}


@pytest.mark.parametrize("feature", ZONES, ids=zone_label)
def test_a_zone_says_that_it_is_a_demonstration_and_whom_to_ask_at_a_made_up_address(
    feature: dict[str, Any],
) -> None:
    stated = feature["properties"]

    hosts = [authority["email"].rpartition("@")[2] for authority in stated["zoneAuthority"]]

    assert stated["extendedProperties"]["demonstration"] is True
    assert stated["zoneAuthority"]
    assert all(host.endswith(".example") for host in hosts)
    assert all(authority["purpose"] for authority in stated["zoneAuthority"])


def test_whoever_must_ask_permission_is_told_whom() -> None:
    asking = [
        feature["properties"] for feature in ZONES if feature["properties"]["type"] == "REQ_AUTHORIZATION"
    ]

    purposes = [{authority["purpose"] for authority in zone["zoneAuthority"]} for zone in asking]

    assert all("AUTHORIZATION" in purpose for purpose in purposes)


@pytest.mark.parametrize("feature", ZONES, ids=zone_label)
def test_names_and_messages_are_dutch_and_english_and_at_most_200_long(feature: dict[str, Any]) -> None:
    for member in ("name", "message"):
        languages = [text["lang"] for text in feature["properties"][member]]

        assert languages == ["nl-NL", "en-GB"]

    assert all(0 < len(text) <= 200 for text in texts_in(feature["properties"]))


def test_the_document_warns_in_dutch_and_english() -> None:
    dutch, english = DEMONSTRATION["metadata"]["technicalLimitations"]

    assert dutch["text"].startswith("DEMONSTRATIE. Niet voor navigatie.")
    assert english["text"].startswith("DEMONSTRATION. Not for navigation.")
    assert all(len(text) <= 200 for text in texts_in(DEMONSTRATION["metadata"]))


@pytest.mark.parametrize("feature", ZONES, ids=zone_label)
def test_rings_are_closed_and_wound_as_rfc_7946_says(feature: dict[str, Any]) -> None:
    polygons = [part for part in volumes(feature) if part["type"] == "Polygon"]

    for polygon in polygons:
        shell, *holes = (shapely.LinearRing(ring) for ring in polygon["coordinates"])

        assert all(ring[0] == ring[-1] for ring in polygon["coordinates"])
        assert shell.is_ccw
        assert not any(hole.is_ccw for hole in holes)
        assert shapely.Polygon(shell, holes).is_valid


@pytest.mark.parametrize("feature", ZONES, ids=zone_label)
def test_a_demonstration_zone_lies_in_the_netherlands_or_close_to_its_border(feature: dict[str, Any]) -> None:
    for part in volumes(feature):
        anchor = shapely.geometry.shape({k: part[k] for k in ("type", "coordinates")}).centroid

        assert COVERED.distance(anchor) < 0.05


def test_the_corridor_is_nowhere_narrower_than_stated_and_hardly_wider() -> None:
    (facts,) = (zone["corridor"] for zone in FACTS["zones"] if "corridor" in zone)
    (feature,) = (zone for zone in ZONES if zone_label(zone) == "LFR-01")
    outline = shapely.Polygon(feature["geometry"]["coordinates"][0])
    line = np.array(list(points_along(facts["centreline"], step_m=100)))

    reached = np.vstack([ring_of(lon, lat, facts["half_width_m"]) for lon, lat in line])
    corners = shapely.get_coordinates(outline.segmentize(0.01))
    farthest_m = max(nearest_m(corner, line) for corner in corners)

    assert shapely.intersects_xy(outline, reached[:, 0], reached[:, 1]).all()
    assert farthest_m < facts["half_width_m"] * 1.01


def test_a_circle_is_never_smaller_than_its_facts() -> None:
    stated_m = {
        zone["identifier"]: zone["circle"].get("radius_m", zone["circle"].get("radius_nm", 0) * 1852)
        for zone in FACTS["zones"]
        if "circle" in zone
    }

    drawn_m = {zone_label(f): f["geometry"]["extent"]["radius"] for f in ZONES if "extent" in f["geometry"]}

    assert drawn_m.keys() == stated_m.keys()
    assert all(stated_m[name] <= drawn_m[name] < stated_m[name] + 1 for name in stated_m)


def test_utrecht_meets_no_zone_on_an_ordinary_day() -> None:
    assert met(5.1214, 52.0907, "2026-11-24T12:00:00+01:00") == {}


def test_zwolle_meets_no_zone_on_an_ordinary_day() -> None:
    assert met(6.0919, 52.5126, "2026-11-24T12:00:00+01:00") == {}


def test_schiphol_is_prohibited_at_its_runways_and_asks_permission_around_them() -> None:
    at_the_airport = met(4.7639, 52.31, "2026-11-24T12:00:00+01:00")
    at_the_dam = met(4.8926, 52.3731, "2026-11-24T12:00:00+01:00")

    assert at_the_airport == {"EHAM": "REQ_AUTHORIZATION", "EHAM-RW": "PROHIBITED"}
    assert at_the_dam == {"EHAM": "REQ_AUTHORIZATION"}


@pytest.mark.parametrize(("lon", "lat"), [(4.2835, 52.0930), (4.2827, 52.0899)])
def test_the_world_forum_meets_all_three_rings_during_the_summit(lon: float, lat: float) -> None:
    rings = met(lon, lat, "2025-06-24T12:00:00+02:00")

    assert rings["NATO-02"] == "PROHIBITED"
    assert {"NATO-16", "NATO-92"} <= rings.keys()


def test_the_summit_is_over_the_day_after() -> None:
    after = met(4.2835, 52.0930, "2025-06-26T00:00:01+02:00")

    assert [name for name in after if name.startswith("NATO")] == []


def test_one_zone_starts_above_the_ground_and_has_no_ceiling() -> None:
    floating = [volumes(f)[0]["layer"] for f in ZONES if volumes(f)[0]["layer"]["lower"] > 0]

    assert [(layer["lower"], layer["upper"]) for layer in floating] == [(60, 99999)]


@pytest.mark.parametrize("feature", ZONES, ids=zone_label)
def test_instants_carry_an_offset_and_end_after_they_start(feature: dict[str, Any]) -> None:
    for period in feature["properties"].get("limitedApplicability", []):
        ends = [period[name] for name in ("startDateTime", "endDateTime") if name in period]
        moments = [datetime.fromisoformat(end) for end in ends]

        assert all(moment.tzinfo for moment in moments)
        assert moments == sorted(moments)


def test_the_demonstration_passes_the_official_schemas() -> None:
    samples = os.environ.get("ZONES_SAMPLE_DATA")
    folder = Path(samples).parent / "specs" / "ed318" if samples else None
    if folder is None or not folder.is_dir():
        pytest.skip("ZONES_SAMPLE_DATA does not lead to the official schemas")
    base = "https://schemas.example/"
    resources = [
        (base + path.name, DRAFT7.create_resource(json.loads(path.read_text(encoding="utf-8"))))
        for path in folder.glob("Schema_*.json")
    ]
    registry = referencing.Registry().with_resources(resources)
    validator = jsonschema.Draft7Validator(
        {"$ref": base + "Schema_GeoZones.json"},
        registry=registry,
        format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER,
    )

    defects = [error.json_path + ": " + error.message for error in validator.iter_errors(DEMONSTRATION)]

    assert defects == []


def volumes(feature: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the members of a collection, or the one geometry."""
    geometry: dict[str, Any] = feature["geometry"]
    return geometry["geometries"] if geometry["type"] == "GeometryCollection" else [geometry]


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text of a multilingual list, however deep."""
    if isinstance(value, dict):
        if "lang" in value:
            yield value["text"]
        else:
            for member in value.values():
                yield from texts_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts_in(member)


def met(lon: float, lat: float, moment: str) -> dict[str, str]:
    """Return identifier and type of every zone there, at any height, by its dates alone."""
    at = datetime.fromisoformat(moment)
    here = (f["properties"] for f in ZONES if any(holds(part, lon, lat) for part in volumes(f)))
    return {zone["identifier"]: zone["type"] for zone in here if within_dates(zone, at)}


def holds(part: dict[str, Any], lon: float, lat: float) -> bool:
    if part["type"] == "Point":
        radius_m: float = part["extent"]["radius"]
        return nearest_m(part["coordinates"], np.array([[lon, lat]])) <= radius_m
    shell, *holes = part["coordinates"]
    return bool(shapely.Polygon(shell, holes).intersects(shapely.Point(lon, lat)))


def within_dates(zone: dict[str, Any], at: datetime) -> bool:
    periods = zone.get("limitedApplicability", [{}])
    first, last = "0001-01-01T00:00:00+00:00", "9999-12-31T00:00:00+00:00"
    return any(
        datetime.fromisoformat(period.get("startDateTime", first))
        <= at
        <= datetime.fromisoformat(period.get("endDateTime", last))
        for period in periods
    )


def points_along(line: list[list[float]], step_m: float) -> Iterator[tuple[float, float]]:
    """Yield points of a line's geodesics, its own points included."""
    for (lon, lat), (end_lon, end_lat) in pairwise(line):
        steps = math.ceil(nearest_m((lon, lat), np.array([[end_lon, end_lat]])) / step_m)
        yield lon, lat
        yield from WGS84.npts(lon, lat, end_lon, end_lat, steps)
    yield line[-1][0], line[-1][1]


def nearest_m(point: Sequence[float], others: Points) -> float:
    """Return the geodesic distance from a point to the nearest of others, (n, 2) degrees."""
    lons, lats = np.full(len(others), point[0]), np.full(len(others), point[1])
    return float(WGS84.inv(lons, lats, others[:, 0], others[:, 1])[2].min())


def ring_of(lon: float, lat: float, radius_m: float) -> Points:
    """Return 360 points, (n, 2) degrees, at exactly a distance from a point."""
    azimuths = np.arange(360.0)
    around = WGS84.fwd(np.full(360, lon), np.full(360, lat), azimuths, np.full(360, radius_m))
    return np.column_stack(around[:2])

"""ED-269, GeoJSON, KML, ground stations and outlines: what each carries, and that none is milder."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.documents import SQUARE, circle, collection, feature
from tests.formats.exports.situation import as_json, codes, exported, read
from zones_api.domain.geometry import GEOD, Circle, Polygon
from zones_api.domain.zone import ALWAYS, ZoneType
from zones_api.formats.exports.outline import around_circle, outline

LAYER = {"lower": 30, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
HOLE = [[5.25, 52.02], [5.35, 52.02], [5.35, 52.08], [5.25, 52.08], [5.25, 52.02]]


def area(**layer: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [SQUARE], "layer": LAYER | layer}


def limits(data: bytes) -> tuple[Any, Any]:
    vertical = read(exported(data, "ed269")).zones[0].zone.volumes[0].vertical
    return tuple(
        end and (end.height.value_m, str(end.height.reference)) for end in (vertical.lower, vertical.upper)
    )  # type: ignore[return-value]


# ED-269


def test_ed269_rounds_lower_limits_down_and_upper_limits_up_in_the_unit_they_have() -> None:
    given = collection(feature(geometry=area(lower=100.4, upper=199.2, uom="ft")))

    assert limits(given) == ((100 * 0.3048, "AGL"), (200 * 0.3048, "AGL"))
    assert codes(exported(given, "ed269")) == {"LIMIT_ROUNDED"}


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (0.4, 0.7, (None, (1.0, "AGL"))),
        (-0.5, -0.2, ((-1.0, "AGL"), (1.0, "AGL"))),
        (5, 99998.5, ((5.0, "AGL"), None)),
    ],
)
def test_a_limit_never_rounds_to_one_that_means_something_else(
    lower: float, upper: float, expected: Any
) -> None:
    assert limits(collection(feature(geometry=area(lower=lower, upper=upper)))) == expected


def test_ed269_has_no_ellipsoid_so_such_limits_move_out_over_all_undulations() -> None:
    given = collection(
        feature(geometry=area(lower=500, lowerReference="WGS84", upper=900, upperReference="WGS84"))
    )

    assert limits(given) == ((410.0, "AMSL"), (1010.0, "AMSL"))
    assert codes(exported(given, "ed269")) == {"REFERENCE_CHANGED"}


def test_uspace_becomes_an_authorisation_with_its_class() -> None:
    made = exported(collection(feature(type="USPACE")), "ed269")

    (zone,) = as_json(made)["features"]
    assert (zone["restriction"], zone["uSpaceClass"]) == ("REQ_AUTHORISATION", "USPACE")
    assert read(made).zones[0].zone.type is ZoneType.REQ_AUTHORIZATION
    assert codes(made) == {"USPACE_NOT_KNOWN"}


def test_sunrise_to_sunset_becomes_the_whole_day_with_a_message() -> None:
    schedule = [{"day": ["MON", "TUE"], "startEvent": "SR", "endEvent": "SS"}]

    made = exported(collection(feature(limitedApplicability=[{"schedule": schedule}])), "ed269")

    (zone,) = as_json(made)["features"]
    assert zone["applicability"] == [
        {
            "permanent": "YES",
            "schedule": [{"day": ["MON", "TUE"], "startTime": "00:00:00.00Z", "endTime": "00:00:00.00Z"}],
        }
    ]
    assert "MON TUE SR to SS" in zone["message"]
    assert codes(made) == {"DAYLIGHT_EVENT"}


def test_from_sunset_to_sunrise_reaches_into_the_next_day() -> None:
    schedule = [{"day": ["SAT"], "startEvent": "SS", "endEvent": "SR"}]

    (zone,) = as_json(exported(collection(feature(limitedApplicability=[{"schedule": schedule}])), "ed269"))[
        "features"
    ]

    assert zone["applicability"][0]["schedule"][0]["day"] == ["SAT", "SUN"]


def test_every_day_from_sunrise_is_always() -> None:
    schedule = [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]

    made = exported(collection(feature(limitedApplicability=[{"schedule": schedule}])), "ed269")

    assert read(made).zones[0].zone.applicability == ALWAYS


def test_one_language_is_written_and_the_others_are_kept_aside() -> None:
    both = [{"text": "verboden", "lang": "nl-NL"}, {"text": "closed", "lang": "en-GB"}]

    made = exported(collection(feature(message=both)), "ed269")

    (zone,) = as_json(made)["features"]
    assert zone["message"] == "verboden"
    assert zone["extendedProperties"]["zones_api_export"]["texts"]["message"] == both
    assert "LANGUAGE_CHOSEN" in codes(made)


def test_a_circle_beside_limits_in_feet_is_written_so_that_its_radius_has_one_meaning() -> None:
    given = collection(
        feature(geometry=circle(5.0, 52.0, 1000, upper=400) | {"layer": LAYER | {"uom": "ft"}})
    )

    made = exported(given, "ed269")

    (shape,) = read(made).zones[0].zone.footprints
    assert not shape.doubts
    assert limits(given)[1] == (120 * 0.3048, "AGL")
    assert codes(made) == {"CIRCLE_OUTLINED"}


# Maps


def test_gdal_reads_the_geojson_with_its_limits() -> None:
    given = collection(
        feature("A1", geometry=area(upper=400, uom="ft")), feature("B2", geometry=circle(5, 52, 800))
    )

    _, _, shapes, fields = pyogrio.raw.read(io.BytesIO(exported(given, "geojson").data))

    assert min(shapely.from_wkb(shapes), key=lambda each: each.area).area > 0
    names = list(pyogrio.read_info(io.BytesIO(exported(given, "geojson").data))["fields"])
    values = dict(zip(names, fields, strict=True))
    assert list(values["identifier"]) == ["A1", "B2"]
    assert values["upper_m"][0] == pytest.approx(121.92)
    assert values["upper_published"][0] == "400 ft"


def test_circles_on_a_map_cover_the_circle() -> None:
    made = as_json(exported(collection(feature(geometry=circle(5, 52, 5000))), "geojson"))

    ring = np.array(made["features"][0]["geometry"]["coordinates"][0])
    size = len(ring)
    away = GEOD.inv(np.full(size, 5.0), np.full(size, 52.0), ring[:, 0], ring[:, 1])[2]
    assert away.min() >= 5000
    assert made["features"][0]["properties"]["circles"] == [{"lon": 5, "lat": 52, "radius_m": 5000.0}]


def test_a_circle_across_the_date_line_is_cut_there() -> None:
    made = as_json(
        exported(collection(feature(country="FJI", geometry=circle(179.99, -17, 5000))), "geojson")
    )

    geometry = made["features"][0]["geometry"]
    assert geometry["type"] == "MultiPolygon"
    assert all(abs(lon) <= 180 for part in geometry["coordinates"] for lon, _ in part[0])


KML = "{http://www.opengis.net/kml/2.2}"


@pytest.mark.parametrize(
    ("layer", "mode", "top"),
    [
        ({}, "relativeToGround", 120.0),
        ({"upperReference": "AMSL", "upper": 1000, "uom": "ft"}, "absolute", 304.8),
        ({"upperReference": "WGS84"}, "clampToGround", 0.0),
        ({"upper": 99999}, "clampToGround", 0.0),
    ],
)
def test_kml_heights_are_above_what_they_were_published_above(
    layer: dict[str, Any], mode: str, top: float
) -> None:
    root = etree.fromstring(exported(collection(feature(geometry=area(**layer))), "kml").data)

    assert [each.text for each in root.iter(f"{KML}altitudeMode")] == [mode]
    (positions,) = [each.text for each in root.iter(f"{KML}coordinates")]
    assert {float(position.split(",")[2]) for position in (positions or "").split()} == {top}


def test_gdal_reads_the_kml_and_texts_are_texts(tmp_path: Path) -> None:
    name = [{"text": "<script>alert(1)</script> & more\u0001", "lang": "en-GB"}]
    given = collection(
        feature("A1", name=name), feature("B2", type="CONDITIONAL", geometry=circle(5, 52, 800))
    )
    file = tmp_path / "zones.kml"
    file.write_bytes(exported(given, "kml").data)

    _, _, shapes, _ = pyogrio.raw.read(file)

    root = etree.fromstring(file.read_bytes())
    assert len(shapes) == 2
    assert shapely.from_wkb(shapes)[1].covers(shapely.Point(5, 52))
    names = [each.text for each in root.iter(f"{KML}name")]
    assert "A1 <script>alert(1)</script> & more\ufffd" in names
    styles = [each.text for each in root.iter(f"{KML}styleUrl")]
    assert styles == ["#PROHIBITED", "#CONDITIONAL"]


# Ground stations and aircraft


def test_a_fence_keeps_out_of_every_restricting_zone_and_of_no_notice() -> None:
    with_hole = {"type": "Polygon", "coordinates": [SQUARE, HOLE], "layer": LAYER}
    given = collection(
        feature("A1", geometry=with_hole),
        feature("B2", type="CONDITIONAL", geometry=circle(5.0, 52.0, 1000)),
        feature("C3", type="NO_RESTRICTION", geometry=circle(5.0, 52.0, 1000)),
    )

    made = exported(given, "qgc")

    plan = as_json(made)
    fence = plan["geoFence"]
    assert (plan["fileType"], made.zones) == ("Plan", 2)
    assert not any(each["inclusion"] for each in (*fence["circles"], *fence["polygons"]))
    (keep_out,) = fence["circles"]
    assert keep_out["circle"]["center"] == [52.0, 5.0]
    assert keep_out["circle"]["radius"] == pytest.approx(1006.0)
    shell = shapely.Polygon([(lon, lat) for lat, lon in fence["polygons"][0]["polygon"]])
    assert shell.covers(shapely.Polygon(SQUARE))
    assert codes(made) == {"HEIGHTS_LEFT_OUT", "CIRCLE_OUTLINED", "HOLE_FILLED", "NOTICE_LEFT_OUT"}
    assert made.error_m is not None
    assert made.error_m > 1000


def test_a_sphere_never_measures_a_place_in_the_circle_as_outside_the_fence() -> None:
    lat0 = np.radians(np.linspace(-80, 80, 33))
    for azimuth in range(0, 360, 15):
        lon, lat, _ = GEOD.fwd(np.zeros(33), np.degrees(lat0), np.full(33, azimuth), np.full(33, 10_000.0))
        half = (
            np.sin((np.radians(lat) - lat0) / 2) ** 2
            + np.cos(lat0) * np.cos(np.radians(lat)) * np.sin(np.radians(lon) / 2) ** 2
        )
        assert (2 * 6_371_000 * np.arcsin(np.sqrt(half))).max() <= 10_060.0


def _star(radii: list[float]) -> Polygon:
    points = [
        (5 + radius * np.cos(angle) / 60, 52 + radius * np.sin(angle) / 100)
        for radius, angle in zip(radii, np.linspace(0, 2 * np.pi, len(radii), endpoint=False), strict=True)
    ]
    ring = [(float(x), float(y)) for x, y in points]
    return Polygon((*ring, ring[0]))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1, 10), min_size=30, max_size=120), st.integers(4, 24))
def test_an_outline_covers_its_polygon_with_few_corners_and_says_how_far_it_is_off(
    radii: list[float], most: int
) -> None:
    polygon = _star(radii)

    found = outline(polygon, most)

    assert found.vertices <= most
    assert shapely.Polygon(found.polygon.shell).covers(shapely.Polygon(polygon.shell))
    # Degrees of longitude made as long as those of latitude, so that what is nearest is nearest in metres too.
    narrow = np.array([np.cos(np.radians(52.0)), 1.0])
    flat = shapely.Polygon(np.array(polygon.shell) * narrow)
    for lon, lat in found.polygon.shell:
        nearest = shapely.shortest_line(shapely.Point(np.array([lon, lat]) * narrow), flat)
        there = shapely.get_coordinates(nearest)[1] / narrow
        assert GEOD.inv(lon, lat, *there)[2] <= found.error_m + 0.1


@pytest.mark.parametrize("most", [4, 8, 24, 72])
@pytest.mark.parametrize("radius_m", [50.0, 5_000.0, 60_000.0])
def test_an_outline_of_a_circle_covers_it(most: int, radius_m: float) -> None:
    found = around_circle(Circle((5.0, 52.0), radius_m), most)

    assert found is not None
    ring = shapely.segmentize(shapely.LinearRing(found.polygon.shell), 0.001)
    points = shapely.get_coordinates(ring)
    size = len(points)
    away = GEOD.inv(np.full(size, 5.0), np.full(size, 52.0), points[:, 0], points[:, 1])[2]
    assert radius_m <= away.min()
    assert away.max() <= radius_m + found.error_m + 0.01
    assert found.vertices == most


def test_the_largest_error_is_that_of_the_worst_outline() -> None:
    jagged = [list(point) for point in _star([5 + (n % 3) for n in range(60)]).shell]
    given = collection(
        feature("A1", geometry={"type": "Polygon", "coordinates": [jagged], "layer": LAYER}), feature("B2")
    )

    made = exported(given, "outline", vertices=12)

    errors = [each["properties"]["error_m"] for each in as_json(made)["features"]]
    assert made.error_m == pytest.approx(max(errors), abs=0.001)
    assert as_json(made)["metadata"]["largest_error_m"] == max(errors)
    assert errors[1] == 0.0


@pytest.mark.parametrize("format_name", ["ed318", "ed269", "geojson", "kml", "qgc", "outline"])
def test_the_same_publication_is_always_the_same_bytes(format_name: str) -> None:
    given = collection(feature("A1"), feature("2.b", geometry=circle(5, 52, 800)))

    assert exported(given, format_name).data == exported(given, format_name).data

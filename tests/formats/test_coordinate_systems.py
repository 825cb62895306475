"""From a file's coordinates to WGS 84: where PostGIS puts them, never by a ballpark, and never smaller."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from sqlalchemy import Engine, text

from tests.builders import away
from tests.offices import PLAIN, feature, geojson, geopackage, rd_square, read, shapefile
from zones_api.domain.geometry import GEOD, Circle, Polygon
from zones_api.errors import InvalidInput
from zones_api.formats.offices.coordinate_systems import BENT_M, placed, system
from zones_api.formats.offices.mapping import ColumnMapping

TO_WGS84 = Transformer.from_crs("EPSG:28992", "OGC:CRS84", always_xy=True)


def outlines(geometry: dict[str, Any]) -> shapely.Geometry:
    return shapely.from_geojson(__import__("json").dumps(geometry))


def by_crs(shape: shapely.Geometry, crs: str) -> tuple[shapely.Geometry, float]:
    used = system(crs, None, [shape.bounds])
    moved, grown_m = placed(dict(shapely.geometry.mapping(shape)) | {"coordinates": _lists(shape)}, used)
    return outlines(moved), grown_m


def _lists(shape: shapely.Polygon) -> list[list[list[float]]]:
    return [[list(point) for point in ring.coords] for ring in (shape.exterior, *shape.interiors)]


def test_the_tower_of_amersfoort_lies_where_the_land_registry_puts_it() -> None:
    used = system("EPSG:28992", None, [(155_000.0, 463_000.0, 155_000.0, 463_000.0)])

    moved, _ = placed({"type": "Point", "coordinates": [155_000.0, 463_000.0]}, used)

    # 52.155172897 N, 5.387203657 E in ETRS89, by RDNAPTRANS.
    off_m = GEOD.inv(*moved["coordinates"], 5.387203657, 52.155172897)[2]
    assert off_m <= used.accuracy_m == 1.0


@pytest.mark.parametrize(
    ("crs", "box"),
    [
        ("EPSG:28992", (155_000.0, 463_000.0, 156_000.0, 464_000.0)),
        ("EPSG:3035", (3_980_000.0, 3_230_000.0, 3_981_000.0, 3_231_000.0)),
        ("EPSG:25832", (300_000.0, 5_780_000.0, 301_000.0, 5_781_000.0)),
        ("EPSG:3857", (600_000.0, 6_800_000.0, 601_000.0, 6_801_000.0)),
        ("EPSG:4258", (5.0, 52.0, 5.01, 52.01)),
        ("EPSG:4326", (5.0, 52.0, 5.01, 52.01)),
    ],
)
def test_positions_are_where_postgis_puts_them_whatever_order_an_authority_gives_the_axes(
    crs: str, box: tuple[float, ...], engine: Engine
) -> None:
    shape = shapely.box(*box)
    with engine.connect() as connection:
        sql = "SELECT ST_AsBinary(ST_Transform(ST_GeomFromText(:wkt, :srid), 4326))"
        asked = {"wkt": shape.wkt, "srid": int(crs.removeprefix("EPSG:"))}
        theirs = shapely.from_wkb(bytes(connection.scalar(text(sql), asked)))

    ours, grown_m = by_crs(shape, crs)

    metre = 1 / 60_000
    assert ours.buffer(1e-9).covers(theirs)
    assert theirs.buffer(metre * (2 * grown_m + 0.1)).covers(ours)
    assert grown_m <= 1.1


@settings(max_examples=60)
@given(
    st.tuples(st.floats(20_000, 250_000), st.floats(320_000, 600_000)),
    st.lists(st.tuples(st.floats(0, 6.28), st.floats(0.05, 1.0)), min_size=3, max_size=9, unique=True),
    st.floats(10, 20_000),
)
def test_a_zone_from_rd_new_covers_everything_within_its_accuracy(
    corner: tuple[float, float], spokes: list[tuple[float, float]], size_m: float
) -> None:
    points = [
        (corner[0] + size_m * r * np.cos(a), corner[1] + size_m * r * np.sin(a)) for a, r in sorted(spokes)
    ]
    shape = shapely.Polygon(points)
    if not shape.is_valid or shape.area < 1:
        return

    ours, grown_m = by_crs(shape, "EPSG:28992")

    assert grown_m <= 1.0 + 2 * BENT_M
    rim = np.array(
        [shape.exterior.interpolate(part, normalized=True).coords[0] for part in np.linspace(0, 1, 60)]
    )
    lons, lats = TO_WGS84.transform(rim[:, 0], rim[:, 1])
    for lon, lat in zip(lons, lats, strict=True):
        for azimuth in (0, 72, 144, 216, 288):
            assert ours.covers(shapely.Point(away((lon, lat), azimuth, 0.999)))


def test_a_long_edge_bends_as_it_does_in_its_own_system() -> None:
    edge = shapely.Polygon([(20_000, 400_000), (250_000, 400_000), (250_000, 401_000), (20_000, 401_000)])

    ours, grown_m = by_crs(edge, "EPSG:28992")

    middle = TO_WGS84.transform(135_000, 400_000.5)
    straight = shapely.LineString([TO_WGS84.transform(20_000, 400_000), TO_WGS84.transform(250_000, 400_000)])
    assert straight.distance(shapely.Point(middle)) * 111_000 > 500
    assert grown_m <= 1.0 + 2 * BENT_M
    assert ours.covers(shapely.Point(middle))


def test_holes_shrink_and_circles_grow_by_the_accuracy() -> None:
    hole = shapely.Polygon(rd_square().exterior, [rd_square(155_400, 463_400, 200).exterior])
    circle = feature({"type": "Point", "coordinates": [155_000, 463_000]}, R=1.5)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    sized = ColumnMapping(PLAIN.columns | {"radius": "R"}, PLAIN.values | {"radiusUom": "km"})

    ours, _ = by_crs(hole, "EPSG:28992")
    disc = read(geojson(circle, crs=crs), sized).zones[0].zone.volumes[0].shapes[0]

    (inside,) = ours.interiors
    width_m = GEOD.inv(*TO_WGS84.transform(155_400, 463_500), *TO_WGS84.transform(155_600, 463_500))[2]
    west, _, east, _ = inside.bounds
    assert 1.9 < width_m - GEOD.inv(west, 52.16, east, 52.16)[2] < 2.5
    assert isinstance(disc, Circle)
    assert disc.radius_m == 1501.0


def test_wgs_84_is_taken_as_it_is_to_the_last_digit() -> None:
    ring = [[5.123456789012345, 52.0], [5.2, 52.0], [5.2, 52.1], [5.123456789012345, 52.0]]

    (zone,) = read(geojson(feature({"type": "Polygon", "coordinates": [ring]}))).zones

    assert zone.zone.volumes[0].shapes == (Polygon(tuple((lon, lat) for lon, lat in ring)),)


def test_a_shape_that_crosses_itself_is_flagged_and_not_repaired_and_loses_nothing() -> None:
    bow = shapely.Polygon([(155_000, 463_000), (156_000, 464_000), (156_000, 463_000), (155_000, 464_000)])

    (held,) = read(geopackage([bow])).zones

    assert "GEOMETRY_INVALID" in {flag.reason for flag in held.zone.flags}
    for x, y in shapely.get_coordinates(bow):
        place = TO_WGS84.transform(x, y)
        near = [shapely.Point(away(place, azimuth, 0.9)) for azimuth in range(0, 360, 45)]
        possible = shapely.union_all([footprint.possible for footprint in held.zone.footprints])
        assert all(possible.covers(point) for point in near)


@pytest.mark.parametrize("make", [geopackage, shapefile])
def test_a_file_without_a_coordinate_system_is_refused_until_a_person_names_it(make: Any) -> None:
    data = make([rd_square()], crs=None)

    with pytest.raises(InvalidInput, match=r"does not say in which coordinate system.*--crs EPSG:28992"):
        read(data)
    named = read(data, ColumnMapping(PLAIN.columns, PLAIN.values, crs="EPSG:28992"))

    assert named.zones[0].zone.bounds == read(make([rd_square()])).zones[0].zone.bounds


def test_a_named_system_that_is_not_the_files_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"in EPSG:28992 .*--crs says EPSG:25831"):
        read(geopackage([rd_square()]), ColumnMapping(PLAIN.columns, PLAIN.values, crs="EPSG:25831"))


def test_no_ballpark_is_ever_used() -> None:
    unknown = (
        'PROJCS["Ours",GEOGCS["Ours",DATUM["D_Ours",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
        'PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        'PARAMETER["False_Easting",0],PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",5],'
        'PARAMETER["Scale_Factor",1],PARAMETER["Latitude_Of_Origin",52],UNIT["Meter",1]]'
    )

    with pytest.raises(InvalidInput, match="ballpark"):
        system(unknown, None, [(0.0, 0.0, 1000.0, 1000.0)])


def test_a_transformation_is_not_used_outside_the_area_it_is_meant_for() -> None:
    with pytest.raises(InvalidInput, match=r"No transformation .* is meant for"):
        system("EPSG:28992", None, [(2_000_000.0, 463_000.0, 2_001_000.0, 464_000.0)])


def test_one_shape_far_off_is_set_aside_and_the_rest_is_taken() -> None:
    document = read(geopackage([rd_square(0, 0), rd_square()]))

    assert [zone.zone.identifier for zone in document.zones] == ["Z2"]
    (lost,) = document.quarantined
    assert "row 1: x " in lost.defects[-1].detail
    assert lost.bounds is None


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense", "EPSG:5709"])
def test_a_system_that_does_not_exist_or_has_no_positions_is_a_sentence(crs: str) -> None:
    with pytest.raises(InvalidInput):
        system(crs, None, [(155_000.0, 463_000.0, 156_000.0, 464_000.0)])


def test_the_system_and_the_accuracy_are_said() -> None:
    (first, *_) = read(geopackage([rd_square()])).said

    assert "EPSG:28992 Amersfoort / RD New" in first
    assert "accurate to 1 m" in first

"""Files of offices: read as GDAL reads them, refused where they draw in something from elsewhere, never a crash."""

from __future__ import annotations

import importlib.util
import io
import sqlite3
import struct
import zipfile
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio import raw

from tests.offices import (
    PLAIN,
    altered,
    feature,
    geojson,
    geopackage,
    kml,
    rd_square,
    read,
    shapefile,
    zipped,
)
from zones_api.domain.geometry import Circle, Polygon, Spot
from zones_api.errors import DocumentRefused, InputTooLarge, InvalidInput
from zones_api.formats.offices.gis import is_office_file, read_layers
from zones_api.formats.offices.mapping import ColumnMapping

SQUARE = [[5.2, 52.0], [5.4, 52.0], [5.4, 52.1], [5.2, 52.1], [5.2, 52.0]]
COORDINATES = "5.2,52.0,100 5.4,52.0,100 5.4,52.1,100 5.2,52.1,100 5.2,52.0,100"
PLACEMARK = (
    "<Placemark><name>Z1</name><ExtendedData><Data name='CODE'><value>Z1</value></Data></ExtendedData>"
    f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{COORDINATES}</coordinates></LinearRing></outerBoundaryIs>"
    "</Polygon></Placemark>"
)


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings or [SQUARE])}


def test_the_same_zone_is_read_from_every_kind_of_file() -> None:
    box = shapely.Polygon(SQUARE)
    files = {
        "GeoJSON": geojson(feature(polygon())),
        "KML": kml(PLACEMARK),
        "KMZ": zipped({"doc.kml": kml(PLACEMARK)}),
        "GeoPackage": geopackage([box], crs="EPSG:4326"),
        "shapefile": shapefile([box], crs="EPSG:4326"),
    }

    documents = {name: read(data) for name, data in files.items()}

    for name, document in documents.items():
        (zone,) = document.zones
        (shape,) = zone.zone.volumes[0].shapes
        assert isinstance(shape, Polygon)
        assert set(shape.shell) == {(5.2, 52.0), (5.4, 52.0), (5.4, 52.1), (5.2, 52.1)}
        assert (zone.zone.identifier, document.published_in, document.format) == ("Z1", name, "ed318")


def test_attributes_arrive_as_they_were_written() -> None:
    columns = {"CODE": ["A", "B"], "N": [1, None], "LONG": ["é" * 300, ""]}

    rows = read_layers(geopackage([rd_square(), None], columns)).layers[0].rows

    assert rows[0].attributes["LONG"] == "é" * 300
    assert rows[1].attributes["N"] is None
    assert rows[1].shape is None


def test_our_own_kml_reader_finds_what_gdals_finds(tmp_path: Any) -> None:
    hole = "<innerBoundaryIs><LinearRing><coordinates>5.25,52.02 5.3,52.02 5.3,52.05 5.25,52.02</coordinates></LinearRing></innerBoundaryIs>"
    holed = PLACEMARK.replace("</Polygon>", f"{hole}</Polygon>")
    multi = f"<Placemark><name>M</name><MultiGeometry>{PLACEMARK[PLACEMARK.index('<Polygon>') : -12]}</MultiGeometry></Placemark>"
    data = kml(
        holed, multi, "<Placemark><name>P</name><Point><coordinates>5,52</coordinates></Point></Placemark>"
    )
    (tmp_path / "a.kml").write_bytes(data)

    rows = read_layers(data).layers[0].rows

    theirs = shapely.from_wkb(raw.read(tmp_path / "a.kml", force_2d=True)[2])
    for row, other in zip(rows, theirs, strict=True):
        ours = shapely.from_geojson(__import__("json").dumps(row.shape))
        assert shapely.force_2d(ours).equals(shapely.force_2d(other))


def test_heights_of_a_drawing_are_no_limits_of_a_zone() -> None:
    solid = shapely.Polygon([(155_000, 463_000, 50), (156_000, 463_000, 50), (156_000, 464_000, 50)])

    zones = [
        read(kml(PLACEMARK)).zones[0].zone,
        read(geopackage([solid], geometry_type="Polygon Z")).zones[0].zone,
    ]

    for zone in zones:
        assert (zone.volumes[0].vertical.lower, zone.volumes[0].vertical.upper) == (None, None)


def test_data_of_a_kml_schema_and_its_folders_are_columns() -> None:
    schema = "<SchemaData><SimpleData name='SOORT'>verboden</SimpleData></SchemaData>"
    inside = PLACEMARK.replace("<ExtendedData>", f"<ExtendedData>{schema}")

    (row,) = read_layers(kml(f"<Folder><name>Noord</name>{inside}</Folder>")).layers[0].rows

    assert row.attributes == {"name": "Z1", "CODE": "Z1", "SOORT": "verboden", "folder": "Noord"}


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [("Point", [5.0, 52.0]), ("LineString", [[5.0, 52.0], [5.1, 52.1]])],
)
def test_points_and_lines_without_a_size_are_in_doubt_around_them(kind: str, coordinates: Any) -> None:
    (zone,) = read(geojson(feature({"type": kind, "coordinates": coordinates}))).zones

    assert isinstance(zone.zone.volumes[0].shapes[0], Spot)
    assert "GEOMETRY_WITHOUT_AREA" in {flag.reason for flag in zone.zone.flags}


def test_a_point_with_a_radius_is_a_circle_in_the_unit_that_is_said() -> None:
    sized = ColumnMapping(PLAIN.columns | {"radius": "R"}, PLAIN.values | {"radiusUom": "NM"})

    (zone,) = read(geojson(feature({"type": "Point", "coordinates": [5.0, 52.0]}, R="2")), sized).zones

    assert zone.zone.volumes[0].shapes == (Circle((5.0, 52.0), 3704.0),)


def test_an_open_ring_is_closed_and_flagged() -> None:
    (zone,) = read(geojson(feature(polygon(SQUARE[:-1])))).zones

    assert "RING_CLOSED" in {flag.reason for flag in zone.zone.flags}


def test_an_empty_shape_is_one_row_set_aside() -> None:
    document = read(geopackage([None, shapely.Polygon(), rd_square()]))

    assert [zone.zone.identifier for zone in document.zones] == ["Z3"]
    assert [zone.identifier for zone in document.quarantined] == ["Z1", "Z2"]
    assert document.quarantined[0].defects[-1].detail == "row 1: The row has no shape."


def _curved(data: bytes) -> bytes:
    """Return a GeoPackage whose first row is a circle of three points in RD New."""
    arc = [(155_000.0, 463_000.0), (156_000.0, 463_000.0), (155_000.0, 463_000.0)]
    string = struct.pack("<BII", 1, 8, len(arc)) + b"".join(struct.pack("<dd", *point) for point in arc)
    wkb = struct.pack("<BII", 1, 10, 1) + string
    header = b"GP" + struct.pack("<BBi", 0, 1, 28992)
    return altered(
        data,
        "UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'",
        f"UPDATE zones SET geom = x'{(header + wkb).hex()}' WHERE CODE = 'Z1'",
    )


def test_arcs_of_a_geopackage_are_set_aside_because_straight_edges_would_lie_inside_them() -> None:
    document = read(_curved(geopackage([rd_square(), rd_square()])))

    assert [zone.zone.identifier for zone in document.zones] == ["Z2"]
    (lost,) = document.quarantined
    assert "has arcs" in lost.defects[-1].detail
    assert lost.bounds is not None
    west, _, east, _ = lost.bounds
    assert west < 5.3872
    assert east > 5.4018


def test_a_layer_is_named_where_there_are_several(tmp_path: Any) -> None:
    for layer in ("north", "south"):
        wkb = np.array([shapely.to_wkb(rd_square())], dtype=object)
        codes = [np.array([layer], dtype=object)]
        raw.write(
            tmp_path / "a.gpkg",
            wkb,
            codes,
            ["CODE"],
            layer=layer,
            geometry_type="Polygon",
            crs="EPSG:28992",
            append=layer == "south",
        )
    data = (tmp_path / "a.gpkg").read_bytes()

    with pytest.raises(InvalidInput, match=r"several layers: 'north', 'south'\. Name one with --layer"):
        read(data)
    with pytest.raises(InvalidInput, match="no layer 'east'"):
        read(data, ColumnMapping(PLAIN.columns, PLAIN.values, layer="east"))
    assert (
        read(data, ColumnMapping(PLAIN.columns, PLAIN.values, layer="south")).zones[0].zone.identifier
        == "south"
    )


def test_a_file_without_gdal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = geopackage([rd_square()])
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(InvalidInput, match=r"pip install 'zones-api\[gis\]'"):
        read(data)
    assert read(kml(PLACEMARK)).zones


def _encrypted(data: bytes) -> bytes:
    flagged = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = flagged.find(mark)
        while at >= 0:
            flagged[at + offset] |= 1
            at = flagged.find(mark, at + 4)
    return bytes(flagged)


BOMB = zipped({"a.kml": b"<kml>" + b" " * 3_000_000})
NETWORK = kml("<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>")
VRT = b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "neither GeoJSON, KML"),
        (b"no file of ours", "neither GeoJSON, KML"),
        (VRT, "not KML"),
        (NETWORK, "network link"),
        (b"<!DOCTYPE kml [<!ENTITY a 'b'>]>" + kml(PLACEMARK), "DOCTYPE"),
        (kml(PLACEMARK)[:-20], "not XML"),
        (zipped({"../a.kml": kml(PLACEMARK)}), "leads outside"),
        (zipped({"/a.kml": kml(PLACEMARK)}), "leads outside"),
        (BOMB, "50 times its size"),
        (zipped({f"{number}.kml": kml() for number in range(21)}), "21 entries"),
        (_encrypted(zipped({"a.kml": kml(PLACEMARK)})), "encrypted"),
        (zipped({"a.kml": kml(PLACEMARK)})[:-30], "cannot be read"),
        (zipped({"a.txt": b"words"}), "neither a shapefile nor KML"),
        (shapefile([rd_square()], leave_out=[".shx"]), r"without .*zones\.shx"),
        (shapefile([rd_square()], leave_out=[".dbf"]), r"without .*zones\.dbf"),
        (zipped({"a.shp": b"x", "a.shx": b"y", "a.dbf": b"z"}), "cannot be read"),
        (geopackage([rd_square()])[:5000], "cannot be read"),
        (b"SQLite format 3\0" + b"\0" * 5000, "cannot be read"),
        (altered(geopackage([rd_square()]), "CREATE VIRTUAL TABLE t USING fts5(a)"), "virtual table"),
        (
            altered(
                geopackage([rd_square()]),
                "ALTER TABLE zones RENAME TO hidden",
                "CREATE VIEW zones AS SELECT * FROM hidden",
            ),
            "views are not read",
        ),
        (altered(geopackage([rd_square()]), "DELETE FROM gpkg_contents"), "no layer of features"),
        (
            geojson(feature(polygon()), crs={"type": "link", "properties": {"href": "http://e.org"}}),
            "none is fetched",
        ),
        (b'{"type": "Polygon", "coordinates": []}', "not a FeatureCollection or a Feature"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN"),
    ],
)
def test_a_file_that_is_damaged_or_draws_in_something_is_refused_in_a_sentence(
    data: bytes, says: str
) -> None:
    with pytest.raises((InvalidInput, InputTooLarge), match=says):
        read(data)


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        ({"type": "Polygon"}, "no rings"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "two numbers"),
        (
            {"type": "Polygon", "coordinates": [[[500.0, 52.0], [5, 52], [5, 53], [500.0, 52.0]]]},
            "not on the globe",
        ),
        ({"type": "Circle", "coordinates": []}, "not a GeoJSON geometry"),
        ("POINT", "not an object"),
    ],
)
def test_a_shape_that_cannot_be_read_is_one_row_set_aside(geometry: Any, says: str) -> None:
    document = read(geojson(feature(geometry), feature(polygon(), CODE="Z2")))

    assert [zone.zone.identifier for zone in document.zones] == ["Z2"]
    (lost,) = document.quarantined
    assert any(defect.detail.startswith("row 1: ") and says in defect.detail for defect in lost.defects)


@pytest.mark.parametrize(
    ("coordinates", "says"),
    [("5.2;52.0 5.4;52.0", "not longitude,latitude"), ("", "no list of positions")],
)
def test_a_placemark_that_cannot_be_read_is_one_row_set_aside(coordinates: str, says: str) -> None:
    document = read(kml(PLACEMARK.replace(COORDINATES, coordinates), PLACEMARK.replace("Z1", "Z2")))

    assert [zone.zone.identifier for zone in document.zones] == ["Z2"]
    assert any(says in defect.detail for defect in document.quarantined[0].defects)


def test_longitudes_and_latitudes_exchanged_are_noticed() -> None:
    document = read(geopackage([shapely.Polygon([(y, x) for x, y in SQUARE])], crs="EPSG:4326"))

    assert any("exchanged" in defect.detail for defect in document.quarantined[0].defects)


def test_nothing_beside_a_shapefile_is_looked_at() -> None:
    plain = shapefile([rd_square()])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    beside = {"data/zones.vrt": VRT, "data/zones.qix": b"\0" * 100, "data/zones.shp.xml": b"<a/>"}

    assert read(zipped(files | beside)).zones == read(plain).zones


def test_what_is_no_zone_document_is_recognised_by_its_content() -> None:
    files = [
        geopackage([rd_square()]),
        shapefile([rd_square()]),
        kml(PLACEMARK),
        b"\xef\xbb\xbf" + kml(PLACEMARK),
    ]

    assert all(map(is_office_file, files))
    assert not any(map(is_office_file, [geojson(), b"<a/>", b"", b"[]"]))


def test_a_document_in_which_no_zone_is_left_is_refused() -> None:
    gone = ColumnMapping(PLAIN.columns, PLAIN.values, leave_out={"CODE": ("Z1",)})

    with pytest.raises(DocumentRefused, match="no zones"):
        read(geojson(feature(polygon())), gone)


def test_the_stored_bytes_are_the_files_own_and_a_zone_is_read_again_from_its_content() -> None:
    import hashlib

    from zones_api.formats.document import read_zone

    data = geopackage([rd_square()])

    document = read(data)

    assert document.digest == hashlib.sha256(data).hexdigest()
    (held,) = document.zones
    assert read_zone(document.format, held.content) == held.zone
    assert sqlite3.sqlite_version_info >= (3, 36)

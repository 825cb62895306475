"""What offices have: GeoJSON, KML, KMZ, GeoPackage and zipped shapefiles, as layers of rows with a shape.

Nothing is taken to be a zone here: which column means what is said in a mapping (`mapping.py`). A third coordinate is
no limit and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely

from zones_api.domain.geometry import Bounds
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_json
from zones_api.formats.offices import gdal
from zones_api.formats.offices.kml_layers import read_kml

MAX_POINTS = 3_000_000
MAX_TEXT = 20_000
_CURVED = (
    "The shape has arcs. Their straight edges would lie inside the zone: convert it to straight edges, outside it,"
    " or give circles as points with a radius."
)


@dataclass(frozen=True)
class Row:
    """One row of a layer; `shape` is a GeoJSON geometry in the layer's coordinates.

    `problem` is why it cannot be taken as it is; a shape then only says about where it lies.
    """

    attributes: dict[str, Any]
    shape: dict[str, Any] | None
    problem: str | None = None


@dataclass(frozen=True)
class Layer:
    """A layer of a file; `crs` is what the file says of its coordinates, None where it says nothing."""

    name: str
    crs: str | None
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def samples(self, column: str) -> tuple[str, ...]:
        """Return the first two different values of a column, as text."""
        values = (row.attributes.get(column) for row in self.rows)
        seen = dict.fromkeys(str(value)[:40] for value in values if value not in (None, ""))
        return tuple(seen)[:2]

    @property
    def boxes(self) -> list[Bounds]:
        """The least and greatest x and y of each row that has any that can be read."""
        found = []
        for row in self.rows:
            if points := positions(row.shape):
                xs, ys = zip(*points, strict=True)
                found.append((min(xs), min(ys), max(xs), max(ys)))
        return found


@dataclass(frozen=True)
class OfficeFile:
    """A file of layers; `format` is its name for people."""

    format: str
    layers: tuple[Layer, ...]


def read_layers(data: bytes) -> OfficeFile:
    """Return the layers of a file, recognised by its content.

    Raises:
        InvalidInput: If it is of no kind that is read, is damaged, or draws in something from elsewhere.
        InputTooLarge: If it has too many rows, points or columns.
    """
    file = _opened(data)
    if sum(1 for layer in file.layers for row in layer.rows for _ in positions(row.shape)) > MAX_POINTS:
        raise InputTooLarge(f"The file has more than {MAX_POINTS} points.")
    for layer in file.layers:
        for number, row in enumerate(layer.rows, start=1):
            for column, value in row.attributes.items():
                if isinstance(value, str) and len(value) > MAX_TEXT:
                    raise InputTooLarge(f"Row {number}: {column!r} has over {MAX_TEXT} characters.")
    return file


def is_office_file(data: bytes) -> bool:
    """Say whether a file is a GeoPackage, a zip archive or KML: no zone document is."""
    return data.startswith((b"SQLite format 3\0", b"PK\x03\x04")) or _is_kml(data)


def _is_kml(data: bytes) -> bool:
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and b"<kml" in start


def _opened(data: bytes) -> OfficeFile:
    if data.startswith(b"SQLite format 3\0"):
        return OfficeFile("GeoPackage", tuple(map(_from_gdal, gdal.read_geopackage(data))))
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return OfficeFile("KML", (_kml_layer(data, "placemarks"),))
    if start.startswith(b"{"):
        return OfficeFile("GeoJSON", (_geojson_layer(strict_json.loads(data)),))
    raise InvalidInput(
        "The file is neither GeoJSON, KML, KMZ, a GeoPackage nor a zipped shapefile. A shapefile is several files: zip"
        " them together."
    )


def _zipped(data: bytes) -> OfficeFile:
    members = gdal.unzipped(data)
    drawings = [name for name in members if name.lower().endswith(".kml")]
    if any(name.lower().endswith(".shp") for name in members):
        return OfficeFile("shapefile", tuple(map(_from_gdal, gdal.read_shapefiles(members))))
    if not drawings:
        raise InvalidInput("The zip file has neither a shapefile nor KML in it.")
    return OfficeFile("KMZ", tuple(_kml_layer(members[name], name) for name in drawings))


def _kml_layer(data: bytes, name: str) -> Layer:
    rows = tuple(Row(*placemark) for placemark in read_kml(data))
    return Layer(name, "OGC:CRS84", _columns(rows), rows)


def _geojson_layer(value: Any) -> Layer:
    if not isinstance(value, dict):
        raise InvalidInput("The GeoJSON is not an object.")
    features = value.get("features") if value.get("type") == "FeatureCollection" else [value]
    if not isinstance(features, list) or value.get("type") not in ("FeatureCollection", "Feature"):
        raise InvalidInput("The GeoJSON is not a FeatureCollection or a Feature.")
    if len(features) > gdal.MAX_ROWS:
        raise InputTooLarge(f"The GeoJSON has {len(features)} features; at most {gdal.MAX_ROWS} are read.")
    rows = tuple(map(_feature, features))
    return Layer("features", _geojson_crs(value.get("crs")), _columns(rows), rows)


def _geojson_crs(crs: Any) -> str:
    """Return the coordinate system of a GeoJSON file: WGS 84 (RFC 7946), unless it names one as GeoJSON 2008 did."""
    if crs is None:
        return "OGC:CRS84"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or crs.get("type") != "name":
        raise InvalidInput("The GeoJSON's `crs` cannot be read, and none is fetched.")
    return name


def _feature(feature: Any) -> Row:
    if not isinstance(feature, dict):
        return Row({}, None, "This is not a feature.")
    properties = feature.get("properties")
    attributes = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in attributes:
        attributes["id"] = feature["id"]
    shape = feature.get("geometry")
    if shape is not None and not isinstance(shape, dict):
        return Row(attributes, None, "The geometry is not an object.")
    return Row(attributes, shape or None)


def _columns(rows: tuple[Row, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row.attributes))


def _from_gdal(read: dict[str, Any]) -> Layer:
    columns = tuple(read["columns"])
    rows = []
    for number, (wkb, curved) in enumerate(zip(read["shapes"], read["curved"], strict=True)):
        attributes = {name: values[number] for name, values in zip(columns, read["values"], strict=True)}
        shape, problem = _from_wkb(wkb)
        rows.append(Row(attributes, shape, _CURVED if curved else problem))
    return Layer(read["name"], read["crs"], columns, tuple(rows))


def _from_wkb(wkb: str | None) -> tuple[dict[str, Any] | None, str | None]:
    if wkb is None:
        return None, None
    try:
        shape = shapely.from_wkb(bytes.fromhex(wkb))
    except (shapely.errors.GEOSException, ValueError):
        return None, "The shape cannot be read: a ring has too few points, or its bytes are damaged."
    if shape.is_empty:
        return None, None
    return _listed(shapely.geometry.mapping(shape)), None


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(member) for name, member in value.items()}
    return [_listed(each) for each in value] if isinstance(value, tuple | list) else value


def positions(shape: Any) -> list[tuple[float, float]]:
    """Return every (x, y) of a GeoJSON geometry that is two finite numbers."""
    if not isinstance(shape, dict):
        return []
    found, left = [], [shape.get("coordinates"), *_parts(shape)]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += [value.get("coordinates"), *_parts(value)]
        elif isinstance(value, list) and len(value) >= 2 and all(_is_number(each) for each in value[:2]):
            found.append((float(value[0]), float(value[1])))
        elif isinstance(value, list):
            left += value
    return found


def _parts(shape: dict[str, Any]) -> list[Any]:
    parts = shape.get("geometries")
    return parts if isinstance(parts, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15

"""Files as offices have them, written by GDAL; a test states only what it is about."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio import raw

from zones_api.formats.document import Document, read_converted
from zones_api.formats.offices.gis import read_layers
from zones_api.formats.offices.mapping import ColumnMapping, convert

AMERSFOORT = (155_000.0, 463_000.0)
"""The tower that RD New is measured from."""
PLAIN = ColumnMapping(columns={"identifier": "CODE"}, values={"country": "NLD", "type": "PROHIBITED"})


def rd_square(x: float = 155_000.0, y: float = 463_000.0, side_m: float = 1000.0) -> shapely.Polygon:
    """Return a square in RD New, its corner at Amersfoort."""
    return shapely.box(x, y, x + side_m, y + side_m)


def written(
    folder: Path,
    name: str,
    shapes: Sequence[shapely.Geometry | None],
    columns: dict[str, Sequence[Any]] | None = None,
    crs: str | None = "EPSG:28992",
    geometry_type: str = "Polygon",
    **options: Any,
) -> Path:
    """Write a file of one layer with GDAL; its kind is that of its name."""
    columns = columns or {"CODE": [f"Z{number}" for number in range(1, len(shapes) + 1)]}
    wkb = np.array([None if shape is None else shapely.to_wkb(shape) for shape in shapes], dtype=object)
    data = [np.array(list(values), dtype=options.get("dtype", object)) for values in columns.values()]
    path = folder / name
    with warnings.catch_warnings():
        # A file without a coordinate system is what some tests are about.
        warnings.simplefilter("ignore", UserWarning)
        raw.write(path, wkb, data, list(columns), geometry_type=geometry_type, crs=crs, **options)
    return path


def geopackage(shapes: Sequence[shapely.Geometry | None], *args: Any, **options: Any) -> bytes:
    """Return a GeoPackage."""
    with tempfile.TemporaryDirectory() as folder:
        return written(Path(folder), "zones.gpkg", shapes, *args, layer="zones", **options).read_bytes()


def shapefile(
    shapes: Sequence[shapely.Geometry | None], *args: Any, leave_out: Sequence[str] = (), **options: Any
) -> bytes:
    """Return a zipped shapefile, without the files whose endings are left out."""
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder), "zones.shp", shapes, *args, **options)
        files = {
            f"data/{p.name}": p.read_bytes()
            for p in sorted(Path(folder).iterdir())
            if p.suffix not in leave_out
        }
        return zipped(files)


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def geojson(*features: dict[str, Any], **members: Any) -> bytes:
    """Return a GeoJSON collection."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def feature(geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature with a code."""
    return {"type": "Feature", "properties": {"CODE": "Z1"} | properties, "geometry": geometry}


def kml(*placemarks: str) -> bytes:
    """Return a KML file."""
    inside = "".join(placemarks)
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'.encode()


def altered(data: bytes, *statements: str) -> bytes:
    """Return a GeoPackage after some SQL, its triggers dropped."""
    base = sqlite3.connect(":memory:")
    base.deserialize(data)
    triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for statement in [*(f'DROP TRIGGER "{name}"' for (name,) in triggers), *statements]:
        base.execute(statement)
    base.commit()
    return base.serialize()


def read(data: bytes, mapping: ColumnMapping = PLAIN) -> Document:
    """Return the zones of a file as a mapping says."""
    return read_converted(convert(read_layers(data), mapping), data)

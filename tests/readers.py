"""Every reader that the outside can hand bytes to: what the fuzzer tries and what the corpus is replayed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.offices import PLAIN
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_json, strict_zip
from zones_api.formats.coordinates.blocks import read_coordinates
from zones_api.formats.document import read_converted, read_document
from zones_api.formats.drafts import read_draft
from zones_api.formats.missions import geojson, gpx, kml, litchi, points_csv, qgc, ugcs, wpl, wpml
from zones_api.formats.offices.gis import read_layers
from zones_api.formats.offices.mapping import convert, read_mapping
from zones_api.formats.readings import read_reading_file

CORPUS = Path(__file__).parent / "corpus"
"""A folder for each reader: files it takes to start from, and `find-…`, on which it once failed."""


def _draft(data: bytes) -> Any:
    value = strict_json.loads(data)
    return read_draft(value, datetime(2026, 11, 28, tzinfo=UTC)) if isinstance(value, dict) else None


def _office(data: bytes) -> Any:
    # What GDAL opens is opened in a process of its own, which a guided search cannot look into.
    if data.startswith(b"SQLite format 3") or (data.startswith(b"PK") and b".shp" in data):
        return None
    return read_converted(convert(read_layers(data), PLAIN), data)


def _coordinates(data: bytes) -> Any:
    return read_coordinates(data.decode("utf-8", "replace"))


READERS: dict[str, Callable[[bytes], Any]] = {
    "archive": strict_zip.members,
    "coordinates": _coordinates,
    "csv": points_csv.read,
    "document": read_document,
    "draft": _draft,
    "geojson": geojson.read,
    "gpx": gpx.read,
    "kml": kml.read,
    "litchi": litchi.read,
    "mapping": read_mapping,
    "office": _office,
    "qgc": qgc.read,
    "reading": read_reading_file,
    "ugcs": ugcs.read,
    "wpl": wpl.read,
    "wpml": wpml.read,
}


def read(name: str, data: bytes) -> Any:
    """Return what a reader makes of bytes, None where it refuses them; anything else that it raises is a fault."""
    try:
        return READERS[name](data)
    except (InvalidInput, InputTooLarge):
        return None

"""Reading vector tiles with GDAL, and the arithmetic of the map written from its definition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

_TO_DEGREES = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
_TO_METRES = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
AROUND_M = 40_075_016.685578488


@dataclass(frozen=True)
class Drawn:
    """A feature of a tile: its shape in degrees."""

    number: int
    shape: BaseGeometry
    properties: dict[str, Any]


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """Return the zoom, column and row of the tile that a place lies in."""
    x, y = _TO_METRES.transform(lon, lat)
    size = AROUND_M / 2**zoom
    return zoom, int((x + AROUND_M / 2) // size), int((AROUND_M / 2 - y) // size)


def metres(lon: Any, lat: Any) -> Any:
    """Return places in Web Mercator."""
    return _TO_METRES.transform(lon, lat)


def read_tile(folder: Path, data: bytes, tile: tuple[int, int, int], layer: str = "zones") -> list[Drawn]:
    """Return the features of a layer, in the order of the tile; none where it has no such layer."""
    file = folder / "tile.mvt"
    file.write_bytes(data)
    z, x, y = tile
    if not data or layer not in pyogrio.list_layers(file)[:, 0]:
        return []
    about, _, shapes, columns = pyogrio.raw.read(file, layer=layer, X=str(x), Y=str(y), Z=str(z))
    names = list(about["fields"])
    found = []
    for number, shape in enumerate(shapely.from_wkb(shapes)):
        said = {name: column[number] for name, column in zip(names, columns, strict=True)}
        known = {name: _plain(value) for name, value in said.items() if not _is_missing(value)}
        in_degrees = shapely.transform(shape, lambda xy: np.column_stack(_TO_DEGREES.transform(*xy.T)))
        found.append(Drawn(int(known.pop("mvt_id")), in_degrees, known))
    return found


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value

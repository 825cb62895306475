"""Reading a terrain model, the ground's elevation T, from a GeoTIFF that whoever runs the service names."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.geometry import GEOD
from zones_api.domain.overlap import Place
from zones_api.errors import GeodataUnusable

DEFAULT_MARGIN_M = 10.0
"""How far a model is taken to be off the ground unless its accuracy is stated.

Copernicus GLO-30 promises 4 m for nine cells in ten, over 6 m for 99 in 100 if its errors are normal; what is
above the ground, tops between cells and the choice of sea level come on top.
"""

POSITION_M = 2.0
"""Cells this far from a place count too: WGS 84 itself is good to 2 m (EPSG, ensemble 6326)."""
_CURVE_M = 0.5
"""And this much: a piece of `_PIECE` degrees, drawn straight in the raster, leaves it by less below 85 degrees."""
_PIECE = 0.01
_FARTHEST_NORTH = 85.0

CHUNK = 256
"""Cells are read in squares with this many on a side."""
MAX_CHUNKS = 64
"""A place that needs more is not answered: 64 are some 6 km of a leg in cells of 0.5 m, 350 km in cells of 30 m."""
_MAX_SPLIT = 1024

_METRES = {"", "m", "metre", "metres", "meter", "meters"}

Blocks = NDArray[np.int64]
"""Columns and rows of the upper left cells of squares, (n, 2)."""


class Terrain:
    """The elevation of the ground above mean sea level by a raster in metres; safe to ask from several threads.

    Raises:
        GeodataUnusable: If the file cannot be relied on, in one sentence that says why.
    """

    def __init__(self, file: Path, margin_m: float = DEFAULT_MARGIN_M) -> None:
        if not (math.isfinite(margin_m) and margin_m >= 0.0):
            raise GeodataUnusable(
                f"The margin of the terrain model is {margin_m}; it must be zero or more metres."
            )
        self._margin_m = margin_m
        self._raster = _open(file)
        self._lock = Lock()
        self._to_cells = _to_cells(file, self._raster)

    def close(self) -> None:
        """Close the file; nothing can be asked afterwards."""
        with self._lock:
            self._raster.close()

    def elevation(self, place: Place) -> Interval | None:
        """Return the least and the greatest elevation over a place and its buffer, in metres AMSL, with the margin.

        Every cell counts from which bilinear interpolation anywhere in the place would take a part: those it
        touches and their neighbours. None where one of them lies outside the raster, has no data or a height
        that the Earth has not, where over MAX_CHUNKS would have to be read, and beyond 85 degrees of latitude.
        """
        if max(abs(place.bounds[1]), abs(place.bounds[3])) > _FARTHEST_NORTH:
            return None
        try:
            shape = self._in_cells(place)
        except ProjError:
            return None
        chunks = _chunks(shape) if self._holds(shape) else None
        if chunks is None:
            return None
        extremes: list[float] = []
        for column, row in chunks:
            found = self._extremes(shape, int(column), int(row))
            if found is None:
                return None
            extremes.extend(found)
        return Interval(min(extremes) - self._margin_m, max(extremes) + self._margin_m)

    def _in_cells(self, place: Place) -> BaseGeometry:
        """Return the place and its buffer, never less, in columns and rows counted from the upper left corner."""
        across, down, skew = self._cells_per_metre(place)
        scale = np.array([across, down])
        pieces = shapely.segmentize(place.geometry, _PIECE)
        drawn = shapely.transform(pieces, lambda xy: self._to_cells(xy) / scale)
        # Round corners are drawn with 16 edges to a quarter, which cut in.
        reach = (place.buffer_m + POSITION_M + _CURVE_M) * skew / math.cos(math.pi / 64)
        around = shapely.buffer(drawn, reach, quad_segs=16)
        return shapely.transform(around, lambda xy: xy * scale)

    def _cells_per_metre(self, place: Place) -> tuple[float, float, float]:
        """Return how many columns and rows a metre on the ground may span, and how far a circle may be skewed.

        With columns and rows divided by the first two, a metre on the ground is at most `skew` long. Looked at
        in 25 places all over the box, with a per cent to spare for what lies between.
        """
        west, south, east, north = place.bounds
        lons, lats = (
            axis.ravel() for axis in np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
        )
        step_m = 50.0
        here = self._to_cells(np.column_stack([lons, lats]))
        moves = []
        for azimuth in (90.0, 0.0):
            there = GEOD.fwd(lons, lats, np.full(lons.size, azimuth), np.full(lons.size, step_m))[:2]
            moves.append((self._to_cells(np.column_stack(there)) - here) / step_m)
        matrices = np.stack(moves, axis=2)
        across, down = np.sqrt((matrices**2).sum(axis=2)).max(axis=0)
        skewed = matrices / np.array([across, down])[:, None]
        return float(across), float(down), float(np.linalg.norm(skewed, ord=2, axis=(1, 2)).max()) * 1.01

    def _holds(self, shape: BaseGeometry) -> bool:
        """Say whether every cell that may count for a shape lies in the raster."""
        left, top, right, bottom = shape.bounds
        return bool(
            left > 0.5
            and top > 0.5
            and right < self._raster.width - 0.5
            and bottom < self._raster.height - 0.5
        )

    def _extremes(self, shape: BaseGeometry, column: int, row: int) -> list[float] | None:
        """Return the least and the greatest elevation of the cells of a chunk that count, None if one has none.

        An empty list if no cell counts.
        """
        counts = _cells(shape, column, row)[: self._raster.height - row, : self._raster.width - column]
        rows, columns = np.flatnonzero(counts.any(axis=1)), np.flatnonzero(counts.any(axis=0))
        if not rows.size:
            return []
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        heights = self._read((row + top, row + bottom), (column + left, column + right))
        if heights is None:
            return None
        used = heights[counts[top:bottom, left:right]]
        possible = Surroundings().ground_m
        low, high = float(used.min()), float(used.max())
        return [low, high] if possible.low <= low and high <= possible.high else None

    def _read(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[np.float64] | None:
        """Return heights in metres, not a number where the file has none; None if it cannot be read any more."""
        try:
            with self._lock:
                found = self._raster.read(1, window=(rows, columns), masked=True)
        except OSError:
            return None
        heights = found.astype(np.float64).filled(np.nan)
        return np.asarray(heights * self._raster.scales[0] + self._raster.offsets[0])


def _open(file: Path) -> Any:
    """Open a GeoTIFF with one band of metres and a place on Earth, or say in a sentence why it is not one."""
    try:
        import rasterio  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        raise GeodataUnusable(
            "A terrain model is named, but reading one needs an extra: install zones-api[terrain]."
        ) from error
    if not file.is_file():
        raise GeodataUnusable(f"The terrain model {file} does not exist.")
    try:
        with warnings.catch_warnings():
            # That it lies nowhere is refused below.
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            raster = rasterio.open(file, driver="GTiff")
    except OSError as error:
        raise GeodataUnusable(f"The terrain model {file} is not a GeoTIFF.", cause=str(error)) from error
    for defect, wrong in (
        ("has more than one band; it must have the ground's elevation and nothing else", raster.count != 1),
        ("does not say in which coordinate reference system it is", raster.crs is None),
        (
            "does not say where on Earth it lies",
            raster.transform.is_identity or raster.transform.determinant == 0,
        ),
        ("is not in metres", (raster.units[0] or "").strip().lower() not in _METRES),
        ("does not hold numbers that are heights", raster.dtypes[0].startswith("complex")),
    ):
        if wrong:
            raster.close()
            raise GeodataUnusable(f"The terrain model {file} {defect}.")
    return raster


def _to_cells(file: Path, raster: Any) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the way from (lon, lat) in degrees, WGS 84, to columns and rows of a raster, both (n, 2).

    It raises ProjError where PROJ cannot go there.
    """
    crs = CRS.from_user_input(raster.crs.to_wkt())
    vertical = [part for part in crs.sub_crs_list if part.is_vertical]
    if any(axis.unit_conversion_factor != 1.0 for part in vertical for axis in part.axis_info):
        raise GeodataUnusable(f"The terrain model {file} is not in metres.")
    if not vertical and len(crs.axis_info) > 2:
        raise GeodataUnusable(
            f"The terrain model {file} has heights above the ellipsoid, not above mean sea level."
        )
    try:
        transformer = Transformer.from_crs("EPSG:4326", crs.to_2d(), always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise GeodataUnusable(
            f"The terrain model {file} is in a coordinate reference system that cannot be told from WGS 84"
            " for certain.",
            cause=str(error),
        ) from error
    inverse = ~raster.transform

    def to_cells(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = (np.asarray(part) for part in transformer.transform(xy[:, 0], xy[:, 1], errcheck=True))
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ProjError("outside of what the projection can show")
        return np.column_stack(
            [inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f]
        )

    return to_cells


def _chunks(shape: BaseGeometry) -> Blocks | None:
    """Return the chunks in which cells count for a shape, None if there are more than may be read."""
    left, top, right, bottom = shape.bounds
    size = CHUNK
    while max(right - left, bottom - top) > size:
        size *= 2
    columns, rows = (
        np.arange(math.floor((low - 1) / size), math.floor((high + 1) / size) + 1) * size
        for low, high in ((left, right), (top, bottom))
    )
    blocks: Blocks = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    shapely.prepare(shape)
    while True:
        blocks = blocks[_touched(shape, blocks, size)]
        if len(blocks) > MAX_CHUNKS:
            return None
        if size == CHUNK:
            return blocks
        size //= 2
        blocks = _quarters(blocks, size)


def _cells(shape: BaseGeometry, column: int, row: int) -> NDArray[np.bool_]:
    """Return which cells of a chunk count for a shape, (CHUNK, CHUNK), rows first; never too few.

    Blocks are split until they are cells, or until there are so many that they are taken whole.
    """
    counts = np.zeros((CHUNK, CHUNK), dtype=np.bool_)
    blocks: Blocks = np.array([[column, row]])
    size = CHUNK
    while size > 1 and 0 < len(blocks) <= _MAX_SPLIT:
        inside = shapely.contains_properly(shape, _boxes(blocks, size, 0.0))
        _count(counts, blocks[inside] - (column, row), size)
        size //= 2
        blocks = _quarters(blocks[~inside], size)
        blocks = blocks[_touched(shape, blocks, size)]
    _count(counts, blocks - (column, row), size)
    return counts


def _count(counts: NDArray[np.bool_], blocks: Blocks, size: int) -> None:
    """Mark all cells of blocks of a size, given by columns and rows within the chunk."""
    marked = np.zeros((CHUNK // size, CHUNK // size), dtype=np.bool_)
    marked[blocks[:, 1] // size, blocks[:, 0] // size] = True
    counts |= marked.repeat(size, axis=0).repeat(size, axis=1)


def _quarters(blocks: Blocks, size: int) -> Blocks:
    """Return the four blocks of a size that lie in each block of twice the size."""
    corners = np.array([(0, 0), (size, 0), (0, size), (size, size)])
    return np.asarray(blocks[:, None, :] + corners).reshape(-1, 2)


def _touched(shape: BaseGeometry, blocks: Blocks, size: int) -> NDArray[np.bool_]:
    """Say of which blocks a cell counts: the middle of one that counts is within a cell's width of the shape."""
    return np.asarray(shapely.intersects(shape, _boxes(blocks, size, 0.5)))


def _boxes(blocks: Blocks, size: int, wider: float) -> NDArray[Any]:
    left, top = blocks.T
    return np.asarray(shapely.box(left - wider, top - wider, left + size + wider, top + size + wider))

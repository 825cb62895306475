"""Reading the geoid grid through PROJ: the undulation N of EGM96, and the certainty that it is that."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from zones_api.domain.altitude import Interval
from zones_api.domain.geometry import Bounds
from zones_api.errors import GeodataUnusable

WEST, SOUTH, EAST, NORTH = -32.0, 27.0, 46.0, 72.0
"""The first and the last nodes of the grid, in degrees."""
STEP = 0.25
"""Between two nodes, in degrees both ways; a power of two, so that nodes are exact numbers."""

BILINEAR_ERROR_M = 1.152
"""How far bilinear interpolation between nodes 15 minutes apart may lie from the full EGM96 model, at worst.

Source: GeographicLib, "Geoid height", interpolation; `MaxBilinearError` in the head of its egm96-15.pgm. That is
the worst of the whole world (the root mean square is 0.040 m).
"""

_HEADER = struct.Struct(">ddddii")
_ROWS, _COLUMNS = round((NORTH - SOUTH) / STEP) + 1, round((EAST - WEST) / STEP) + 1

_PUBLISHED = (
    (-0.0005, 38.625473, 50.066),  # NGA, test data of its program INTPT for EGM96
    (-30.0, 60.0, 63.7979),  # reference value in Orekit's test of its EGM96 geoid
    (0.0, 51.4779, 45.8962),  # GeographicLib's GeoidEval with egm96-5, Greenwich
)
"""Longitude, latitude and undulation in metres, computed by others and not from this grid."""

_NODES = (
    (4.75, 52.25, 43.1121),  # near Schiphol
    (14.5, 36.0, 37.3501),  # Malta
    (19.0, 69.75, 31.1493),  # near Tromsø
    (-20.0, 65.0, 66.9123),  # Iceland
    (33.0, 35.0, 27.9059),  # Cyprus
    (-17.75, 28.75, 40.5794),  # La Palma
)
"""Nodes of NGA's whole grid (sha256 c02a6eb7…): longitude, latitude and undulation in metres."""

_MEAN_M = 38.42657152512993
"""The mean of all nodes of the part of NGA's grid that is shipped: it is another if any node is."""


class Geoid:
    """The undulation of EGM96 around Europe.

    It may be asked from several threads: since version 3.1 a pyproj Transformer keeps one of PROJ's for each.

    Raises:
        GeodataUnusable: If the file is missing, or does not give the values that are known of EGM96. PROJ says
            nothing when a grid it was not told to need is missing, and leaves heights 40 m wrong; so what comes
            out of it is compared before anyone is answered.
    """

    def __init__(self, grid: Path) -> None:
        self._grid = grid.resolve()
        self._require_header()
        try:
            self._transformer = Transformer.from_pipeline(
                "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
                f' +step +proj=vgridshift +grids="{self._grid}" +multiplier=1'
            )
            self._require_known_values()
        except ProjError as error:
            raise self._unusable("PROJ cannot read it", cause=str(error)) from error

    def undulation(self, bounds: Bounds) -> Interval | None:
        """Return bounds of the undulation in metres all over a box; None if it leaves the grid anywhere.

        The grid's least and greatest are exact: a bilinear function over a part of a cell takes its extremes at
        the corners, so the box's edges are looked at where grid lines cross them, and the nodes inside. They are
        then widened by the worst that interpolation may be off.
        """
        west, south, east, north = bounds
        turn = -360.0 * math.floor((west + 180.0) / 360.0) if math.isfinite(west) else math.nan
        west, east = west + turn, east + turn
        if not (WEST <= west <= east <= EAST and SOUTH <= south <= north <= NORTH):
            return None
        lons, lats = np.meshgrid(_cuts(west, east), _cuts(south, north))
        found = self._at(lons.ravel(), lats.ravel())
        return Interval(float(found.min()) - BILINEAR_ERROR_M, float(found.max()) + BILINEAR_ERROR_M)

    def _at(self, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the height above the ellipsoid of mean sea level at places inside the grid."""
        return np.asarray(self._transformer.transform(lons, lats, np.zeros(lons.size), errcheck=True)[2])

    def _require_header(self) -> None:
        try:
            content = self._grid.read_bytes()
        except OSError as error:
            raise self._unusable("it cannot be read", cause=str(error)) from error
        expected = _HEADER.pack(SOUTH, WEST, STEP, STEP, _ROWS, _COLUMNS)
        if content[: _HEADER.size] != expected or len(content) != _HEADER.size + 4 * _ROWS * _COLUMNS:
            raise self._unusable("it is not of the size and place it should be", size=len(content))

    def _require_known_values(self) -> None:
        lons, lats, expected = np.array((*_PUBLISHED, *_NODES)).T
        allowed = np.array([BILINEAR_ERROR_M] * len(_PUBLISHED) + [0.001] * len(_NODES))
        if not (np.abs(self._at(lons, lats) - expected) <= allowed).all():
            raise self._unusable("its undulations are not those known of EGM96")
        columns, rows = np.meshgrid(_cuts(WEST, EAST), _cuts(SOUTH, NORTH))
        if not abs(float(self._at(columns.ravel(), rows.ravel()).mean()) - _MEAN_M) <= 1e-6:
            raise self._unusable("some of its undulations are not those of EGM96")

    def _unusable(self, why: str, **context: object) -> GeodataUnusable:
        return GeodataUnusable(
            f"The geoid grid {self._grid} cannot be used: {why}. Put back the file that came with the program.",
            **context,
        )


def _cuts(low: float, high: float) -> NDArray[np.float64]:
    """Return both ends and every multiple of STEP between them; the nodes of the grid are such multiples."""
    inside = np.arange(math.floor(low / STEP) + 1, math.ceil(high / STEP)) * STEP
    return np.array([low, *inside, high])

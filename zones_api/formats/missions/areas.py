"""Areas that a mission flies in without saying how: always a little larger than meant, never smaller."""

from __future__ import annotations

import math
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import METRES_PER_DEGREE, LonLat, Polygon

MAX_LATITUDE = 85.0
"""Closer to a pole no area is drawn: a metre is too many degrees there."""
_MARGIN = 1.02
"""What a metre may be off by within an area some kilometres wide, and more."""
_ROUND = 16


def grown(corners: Sequence[LonLat], by_m: float) -> Polygon | None:
    """Return an area that holds a polygon and all within `by_m` of it, None where it has no inside."""
    shape = _flat(corners, shapely.Polygon) if len(corners) >= 3 else None
    return None if shape is None else _outline(shape, corners, by_m)


def corridor(line: Sequence[LonLat], by_m: float) -> Polygon | None:
    """Return an area that holds all within `by_m` of a line, None where it has no width or length."""
    shape = _flat(line, shapely.LineString) if len(line) >= 2 else None
    return None if shape is None or by_m <= 0 else _outline(shape, line, by_m)


def _squeeze(points: Sequence[LonLat]) -> float:
    """Return how much narrower a degree of longitude is than one of latitude, at the point nearest to a pole."""
    return math.cos(math.radians(max(abs(lat) for _, lat in points)))


def _flat(points: Sequence[LonLat], kind: type[BaseGeometry]) -> BaseGeometry | None:
    """Return a shape in degrees of latitude both ways; longitudes run on where it crosses the antimeridian."""
    if max(abs(lat) for _, lat in points) > MAX_LATITUDE:
        return None
    start, narrow = points[0][0], _squeeze(points)
    return kind([((start + (lon - start + 540) % 360 - 180) * narrow, lat) for lon, lat in points])


def _outline(shape: BaseGeometry, points: Sequence[LonLat], by_m: float) -> Polygon | None:
    # Round corners are drawn with straight edges that cut in.
    reach = by_m / METRES_PER_DEGREE * _MARGIN / math.cos(math.pi / (4 * _ROUND))
    around = shapely.make_valid(shape).buffer(reach, quad_segs=_ROUND)
    if around.geom_type == "MultiPolygon":
        around = around.convex_hull
    if around.geom_type != "Polygon" or around.is_empty:
        return None
    narrow = _squeeze(points)
    return Polygon(tuple((x / narrow, y) for x, y in around.exterior.coords))

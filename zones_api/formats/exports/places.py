"""Shapes that any reader understands one way and that cover what was published, never less.

A shape whose publisher's meaning is in doubt becomes all that any reading of it includes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import (
    ALL_LONGITUDES,
    GEOD,
    METRES_PER_DEGREE,
    SPOT_REACH_M,
    Circle,
    LonLat,
    Polygon,
    Region,
    Spot,
    around,
    circle_outline,
    footprint,
    with_short_edges,
)
from zones_api.domain.reasons import Reason
from zones_api.formats.exports.losses import LossCode, Lost

Plain = Polygon | Circle
"""A polygon whose rings are closed and simple, shell counter-clockwise and holes clockwise, or a circle."""

_HAIR_DEG = 1e-7
"""A line is given this much on either side, a centimetre, so that it has an area."""
_DOUBTS = {
    Reason.EDGE_INTERPRETATION: (
        LossCode.EDGE_INTERPRETATION,
        "Long edges may be straight in longitude and latitude or the shortest lines: the area of both is given.",
    ),
    Reason.GEOMETRY_INVALID: (
        LossCode.GEOMETRY_INVALID,
        "An outline is not simple: the area of every reading of it is given.",
    ),
}


def outward(shape: Polygon | Circle | Spot, lost: Lost) -> tuple[Plain, ...]:
    """Return plain shapes that together cover all places where a published shape may be."""
    match shape:
        case Circle(_, _, None):
            return (shape,)
        case Circle(centre, radius_m, other_radius_m):
            larger_m = max(radius_m, other_radius_m or 0.0)
            what = f"A radius is {radius_m:g} m or {other_radius_m:g} m: the larger is given."
            lost.add(LossCode.RADIUS_UNIT_AMBIGUOUS, what)
            return (Circle(centre, larger_m),)
        case Spot(points):
            reach = f"It is given all places within {SPOT_REACH_M / 1000:.0f} km."
            lost.add(LossCode.GEOMETRY_WITHOUT_AREA, f"A point or line has no size. {reach}")
            if len(points) == 1:
                return (Circle(points[0], SPOT_REACH_M),)
            return plain_polygons(_around_line(points, SPOT_REACH_M))
        case Polygon():
            region = footprint(shape)
            assert isinstance(region, Region)
            for doubt in sorted(region.doubts):
                lost.add(*_DOUBTS[doubt])
            return plain_polygons(region.possible) if region.doubts else (_oriented(shape),)


def polygons_of(shape: Plain, lost: Lost) -> tuple[Polygon, ...]:
    """Return polygons that cover a plain shape, for formats that know no circles."""
    if isinstance(shape, Polygon):
        return (shape,)
    lost.add(
        LossCode.CIRCLE_OUTLINED,
        "A circle is given as a polygon around it, up to 0.1 % of the radius larger.",
    )
    return plain_polygons(disc_outline(shape))


def disc_outline(circle: Circle) -> BaseGeometry:
    """Return an area in lon/lat that covers a disc, also one with a pole in it."""
    for pole in (-90.0, 90.0):
        if GEOD.inv(*circle.centre, 0.0, pole)[2] <= circle.radius_m * 1.001:
            west, south, east, north = around((*circle.centre, *circle.centre), circle.radius_m)
            return shapely.box(max(west, -180.0), south, min(east, 180.0), north)
    return circle_outline(circle.centre, circle.radius_m)


def plain_polygons(area: BaseGeometry) -> tuple[Polygon, ...]:
    """Return plain polygons between 180 degrees west and east, none wider than 180 degrees, that cover an area.

    Args:
        area: Any geometry in lon/lat; longitudes may run past 180. Lines and points in it get a hair of width.
    """
    whole = shapely.union_all([_with_area(part) for part in shapely.get_parts(area)])
    parts = [piece for part in shapely.get_parts(whole) for piece in _on_the_globe(part)]
    return tuple(_as_polygon(part) for part in parts)


def _with_area(part: BaseGeometry) -> BaseGeometry:
    """Return a part of a geometry, wider by a hair where it is so thin that it would be read as a line."""
    hull = shapely.convex_hull(part)
    if part.geom_type == "Polygon" and hull.area > 1e-8 * hull.length:
        return part
    return shapely.buffer(part, _HAIR_DEG, quad_segs=2)


def _on_the_globe(part: BaseGeometry) -> Iterator[BaseGeometry]:
    """Yield the pieces of an area in the longitudes from -180 to 180, cut where they are wide."""
    west, south, east, north = part.bounds
    if west >= -180.0 and east <= 180.0 and east - west <= 180.0 and south >= -90.0 and north <= 90.0:
        yield part
        return
    edges = (
        np.arange(-ALL_LONGITUDES, ALL_LONGITUDES + 1, 90.0)
        if east - west > 180.0
        else np.arange(-540.0, 541.0, 360.0)
    )
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        piece = shapely.intersection(part, shapely.box(low, -90.0, high, 90.0))
        turn = 360.0 * round((low + high) / 720.0)
        for each in shapely.get_parts(piece):
            if each.geom_type == "Polygon" and each.area > 0.0:
                moved = shapely.transform(each, lambda xy, turn=turn: xy - np.array([turn, 0.0]))
                yield _with_area(moved)


def _as_polygon(part: BaseGeometry) -> Polygon:
    """Return an area as a plain polygon whose edges are read one way; where that fails, something larger."""
    for wider in (part, *(shapely.buffer(part, hair, quad_segs=2) for hair in (_HAIR_DEG / 10, _HAIR_DEG))):
        if wider.geom_type == "Polygon":
            cut = _cut_up(wider)
            if cut.is_valid:
                return _oriented(_from_shapely(cut))
    return _oriented(_from_shapely(_cut_up(shapely.convex_hull(part))))


def _cut_up(polygon: BaseGeometry) -> shapely.Polygon:
    shell, *holes = (with_short_edges(tuple(ring.coords)) for ring in (polygon.exterior, *polygon.interiors))
    return shapely.Polygon(shell, [hole for hole in holes if shapely.Polygon(hole).area > 0.0])


def _from_shapely(polygon: shapely.Polygon) -> Polygon:
    shell, *holes = (tuple(ring.coords) for ring in (polygon.exterior, *polygon.interiors))
    return Polygon(_in_range(shell), tuple(_in_range(hole) for hole in holes))


def _in_range(ring: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
    return tuple((_degrees(lon, 180.0), _degrees(lat, 90.0)) for lon, lat in ring)


def _degrees(value: float, most: float) -> float:
    """Return degrees within range; what is below a tenth of a micrometre is zero, as it is when it is read."""
    return 0.0 if abs(value) < 1e-12 else min(max(float(value), -most), most)


def _oriented(polygon: Polygon) -> Polygon:
    """Return a polygon with its shell counter-clockwise and its holes clockwise, as RFC 7946 has them."""
    return Polygon(
        _turned(polygon.shell, counter_clockwise=True),
        tuple(_turned(hole, counter_clockwise=False) for hole in polygon.holes),
    )


def _turned(ring: tuple[LonLat, ...], *, counter_clockwise: bool) -> tuple[LonLat, ...]:
    return ring if bool(shapely.is_ccw(shapely.LinearRing(ring))) is counter_clockwise else ring[::-1]


def _around_line(points: tuple[LonLat, ...], reach_m: float) -> BaseGeometry:
    """Return an area that covers all places within a distance of a line straight in lon/lat."""
    line = shapely.LineString(points)
    west, south, _east, north = around(line.bounds, reach_m)
    if west <= -ALL_LONGITUDES:
        return shapely.box(-180.0, south, 180.0, north)
    # A degree of longitude is never shorter than the shortest degree of latitude times its cosine.
    narrowest = float(np.cos(np.radians(max(abs(south), abs(north)))))
    scale = np.array([narrowest, 1.0]) * METRES_PER_DEGREE
    flat = shapely.transform(line, lambda xy: xy * scale)
    # A corner of the outline is replaced by 16 chords, which come this much closer.
    wide = shapely.buffer(flat, reach_m * 1.002 / np.cos(np.pi / 64), quad_segs=16)
    return shapely.transform(wide, lambda xy: xy / scale)

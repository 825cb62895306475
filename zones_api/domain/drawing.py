"""Shapes that authorities draw: around a point, along a line, about a runway, and put together from others.

Everything is geodesic and outward: what is drawn covers the true shape, and says by how much it is larger at most.
Coordinates are (lon, lat) in degrees, WGS 84; the edges of what is drawn are straight in lon/lat (RFC 7946). Nothing
is drawn over a pole or the antimeridian: a zone there is drawn as two, or stays a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, pi, radians, sqrt, tan

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import GEOD, Circle, LonLat, Polygon, around, circle_outline
from zones_api.errors import Defect, InputTooLarge, UnacceptableInput

Check = Callable[[], None]
"""Called between pieces of work; raises where they have taken too long."""

LEAST_RADIUS_M = 6_356_752.0
"""Nothing on WGS 84 is curved more than a sphere of this radius."""
PIECE_M = 20_000.0
"""A line is drawn in pieces of up to this length, each in a plane of its own."""
_PART_OF_RADIUS = 2e-4
_STRAIGHT_M = 0.5
_LEAST_SAGITTA_M, _MOST_SAGITTA_M = 0.1, 5.0
_AT_A_TIME = 8
MAX_VERTICES = 50_000
"""The most an outline may have."""
ROUNDING_M = 0.001
"""Outlines keep this off what they cover, for floating-point numbers."""
_BEND = 1.3
"""A straight edge in lon/lat leaves the geodesic by up to L^2 tan(lat) / 8R along a parallel, askew by 9 % more; the
rest is for edges that are straight in a plane around a point up to 100 km away."""


def _unhurried() -> None:
    """Let work take as long as it does."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn: polygons in lon/lat degrees, none if nothing is left, and how far they leave the truth.

    No edge that stands for a curve lies further than `largest_error_m` outside it; 0 where nothing was approximated.
    """

    geometry: BaseGeometry
    largest_error_m: float


@dataclass(frozen=True, slots=True)
class Approach:
    """A trapezoid on the extended centre line: from `starts_m` beyond a threshold on, `length_m` long.

    It is `half_width_m` wide on each side where it starts, and grows on each side by `splay` metres for each metre.
    """

    starts_m: float
    length_m: float
    half_width_m: float
    splay: float


# --- discs ---


def disc(centre: LonLat, radius_m: float) -> Drawn:
    """Return a polygon that covers a geodesic disc."""
    within_reach((*centre, *centre), radius_m * 1.01)
    outline = circle_outline(centre, radius_m, curve_steps(radius_m, 2 * pi))
    return Drawn(outline, float(_distances_m(centre, outline).max()) - radius_m)


def disc_within(centre: LonLat, radius_m: float) -> Drawn:
    """Return a polygon that lies within a geodesic disc: what may be taken away without taking more than the disc."""
    within_reach((*centre, *centre), radius_m)
    steps = curve_steps(radius_m, 2 * pi)
    azimuths = np.linspace(0.0, -360.0, steps, endpoint=False)
    reach_m = radius_m - min(ROUNDING_M, radius_m * 1e-3)
    while True:
        outline = shapely.Polygon(away(centre, azimuths, np.full(steps, reach_m)))
        distances = _distances_m(centre, outline, between=8)
        # Where an edge bulges, it may do so a little more between the points looked at.
        furthest_m = float(distances.max()) * (1 + (2e-5 if distances.max() > reach_m else 0.0))
        if furthest_m <= radius_m:
            return Drawn(outline, radius_m - float(distances.min()) * (1 - 2e-5))
        reach_m *= radius_m / furthest_m * (1 - 1e-9)


def ring(centre: LonLat, inner_m: float, outer_m: float) -> Drawn:
    """Return the ring between two circles around one point; its hole lies within the inner circle."""
    outer, hole = disc(centre, outer_m), disc_within(centre, inner_m)
    area = shapely.Polygon(outer.geometry.exterior, [hole.geometry.exterior])
    return Drawn(area, max(outer.largest_error_m, hole.largest_error_m))


def curve_steps(radius_m: float, turn: float) -> int:
    """Return into how many straight edges a turn (radians) of a circle is cut: at least one for each 30 degrees."""
    step = min(pi / 6, sqrt(8 * _aimed_m(radius_m) / radius_m))
    return max(1, ceil(turn / step - 1e-9))


def _aimed_m(radius_m: float) -> float:
    """Return how far an edge may leave the curve that it stands for, in metres."""
    return min(_MOST_SAGITTA_M, max(_LEAST_SAGITTA_M, radius_m * _PART_OF_RADIUS))


# --- lines ---


def corridor(line: Sequence[LonLat], each_side_m: float, check: Check = _unhurried) -> Drawn:
    """Return all places within a distance of a line of geodesic legs, with round ends.

    Args:
        line: At least two points that are not all the same.
        each_side_m: The distance on each side, in metres: the corridor is twice as wide, and a little more.
        check: Called for each piece.

    Raises:
        InputTooLarge: If the outline has more than MAX_VERTICES vertices, as that of a scribble has.
    """
    lons, lats = zip(*line, strict=True)
    within_reach((min(lons), min(lats), max(lons), max(lats)), each_side_m * 1.01)
    drawn = []
    for here, there in pairwise(line):
        for start, end in _pieces(here, there):
            check()
            drawn.append(_capsule(start, end, each_side_m))
    return _in_the_world(joined(drawn, check))


def length_m(line: Sequence[LonLat]) -> float:
    """Return how long a line of geodesic legs is, in metres."""
    lons, lats = zip(*line, strict=True)
    return float(GEOD.line_length(lons, lats))


def _pieces(here: LonLat, there: LonLat) -> Iterable[tuple[LonLat, LonLat]]:
    azimuth, _, length_m = GEOD.inv(*here, *there)
    count = max(1, ceil(length_m / PIECE_M))
    steps = np.linspace(0.0, length_m, count + 1)[1:-1]
    between = away(here, np.full(count - 1, azimuth), steps) if count > 1 else np.empty((0, 2))
    return pairwise([here, *((float(lon), float(lat)) for lon, lat in between), there])


def _capsule(start: LonLat, end: LonLat, reach_m: float) -> Drawn:
    """Return what lies within a distance of a short geodesic."""
    azimuth, _, length_m = GEOD.inv(*start, *end)
    lon, lat, _ = GEOD.fwd(*start, azimuth, length_m / 2)
    forward, _, half_m = GEOD.inv(lon, lat, *end)
    ends = np.array([[0.0, 0.0]]) if length_m < ROUNDING_M else np.array([[-half_m, 0.0], [half_m, 0.0]])
    # In a plane around its middle a line is as long as on the ground or longer, and so are distances from it.
    stretch = ((half_m + reach_m) / LEAST_RADIUS_M) ** 2 / 5
    edge_m, bend_m = _edges(lat, half_m + reach_m, _aimed_m(reach_m))
    steps = curve_steps(reach_m, 2 * pi)
    outer_m = (reach_m * (1 + stretch) + bend_m + ROUNDING_M) / cos(pi / steps)
    angles = np.linspace(0.0, 2 * pi, steps, endpoint=False)
    caps = [end + outer_m * np.column_stack([np.cos(angles), np.sin(angles)]) for end in ends]
    hull = shapely.MultiPoint(np.vstack(caps)).convex_hull
    area = _from_plane((lon, lat), forward, hull, edge_m)
    return Drawn(area, outer_m - reach_m + bend_m)


# --- runways ---


def approach(threshold: LonLat, other: LonLat, shape: Approach) -> Drawn:
    """Return the trapezoid before a threshold: on the centre line extended beyond it, away from the other one."""
    within_reach((*threshold, *threshold), shape.starts_m + shape.length_m * (1 + shape.splay))
    outward = (GEOD.inv(*threshold, *other)[0] + 180.0) % 360.0
    first, last = shape.starts_m, shape.starts_m + shape.length_m
    wide_m = shape.half_width_m + shape.length_m * shape.splay
    # Around the threshold, distances along the centre line and square to it are off by this in a plane.
    off_m = last * wide_m * (last + wide_m) / (2 * LEAST_RADIUS_M**2)
    edge_m, bend_m = _edges(threshold[1], last + wide_m, _STRAIGHT_M)
    corners = [(first, -shape.half_width_m), (last, -wide_m), (last, wide_m), (first, shape.half_width_m)]
    margin_m = off_m + bend_m + ROUNDING_M
    plane = shapely.buffer(shapely.Polygon(corners), margin_m, join_style="mitre", mitre_limit=10.0)
    corner_m = max(shapely.Polygon(corners).distance(shapely.Point(xy)) for xy in plane.exterior.coords)
    return _in_the_world(Drawn(_from_plane(threshold, outward, plane, edge_m), corner_m + off_m + bend_m))


# --- put together ---


def covering(shape: Polygon | Circle) -> Drawn:
    """Return polygons that cover a shape: a polygon itself, a circle from outside."""
    if isinstance(shape, Circle):
        return disc(shape.centre, shape.radius_m)
    return Drawn(_valid(shape), 0.0)


def covered(shape: Polygon | Circle) -> Drawn:
    """Return polygons within a shape: a polygon itself, a circle from inside."""
    if isinstance(shape, Circle):
        return disc_within(shape.centre, shape.radius_m)
    return Drawn(_valid(shape), 0.0)


def union(shapes: Iterable[Polygon | Circle], check: Check = _unhurried) -> Drawn:
    """Return what any of the shapes covers."""
    return joined([_checked(covering, shape, check) for shape in shapes], check)


def difference(
    shapes: Iterable[Polygon | Circle], others: Iterable[Polygon | Circle], check: Check = _unhurried
) -> Drawn:
    """Return what the shapes cover and no other does: never less, for of the others never more is taken than they are."""
    whole = union(shapes, check)
    taken = joined([_checked(covered, other, check) for other in others], check)
    return Drawn(polygons(shapely.difference(whole.geometry, taken.geometry)), _larger(whole, taken))


def clip(
    shapes: Iterable[Polygon | Circle], areas: Iterable[Polygon | Circle], check: Check = _unhurried
) -> Drawn:
    """Return what the shapes cover within any of the areas."""
    whole, kept = union(shapes, check), union(areas, check)
    return Drawn(polygons(shapely.intersection(whole.geometry, kept.geometry)), _larger(whole, kept))


def polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry without its points and lines."""
    parts = [
        part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon" and not part.is_empty
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def joined(parts: Sequence[Drawn], check: Check = _unhurried) -> Drawn:
    """Return what any of the parts covers; parts that follow each other are joined first.

    Raises:
        InputTooLarge: If it has more than MAX_VERTICES vertices.
        UnacceptableInput: If a part crosses itself so that they cannot be joined.
    """
    areas = [each.geometry for each in parts]
    while len(areas) > 1:
        joins = []
        for first in range(0, len(areas), _AT_A_TIME):
            check()
            try:
                area = shapely.union_all(areas[first : first + _AT_A_TIME])
            except shapely.errors.GEOSException as error:
                what = "The outline crosses itself so that no area can be told, as where an arc fits neither of its ends."
                raise refused("RING_CROSSES", what) from error
            if shapely.get_num_coordinates(area) > MAX_VERTICES:
                raise InputTooLarge(f"The outline has more than {MAX_VERTICES} vertices: draw it in parts.")
            joins.append(area)
        areas = joins
    return Drawn(polygons(areas[0]), max(each.largest_error_m for each in parts))


def _checked(draw: Callable[[Polygon | Circle], Drawn], shape: Polygon | Circle, check: Check) -> Drawn:
    check()
    return draw(shape)


def _larger(*parts: Drawn) -> float:
    return max(each.largest_error_m for each in parts)


def _valid(shape: Polygon) -> shapely.Polygon:
    area = shapely.Polygon(shape.shell, shape.holes)
    if not area.is_valid:
        why = shapely.is_valid_reason(area)
        raise refused("RING_CROSSES", f"A polygon's rings may not cross: {why} (longitude latitude).")
    return area


# --- planes ---


def bend(lat: float, reach_m: float, edge_m: float) -> float:
    """Return how far an edge of a length may leave the geodesic, or a straight line in a plane, in metres.

    It lies within `reach_m` of a place at a latitude.
    """
    steepest = min(89.9, abs(lat) + np.degrees(reach_m / LEAST_RADIUS_M))
    return _BEND * tan(radians(max(steepest, 5.0))) / (8 * LEAST_RADIUS_M) * edge_m**2


def _edges(lat: float, reach_m: float, aimed_m: float) -> tuple[float, float]:
    """Return how long edges may be so that they bend by about an aim, and by how much they bend then, in metres."""
    edge_m = min(sqrt(aimed_m / bend(lat, reach_m, 1.0)), 4 * reach_m)
    return edge_m, bend(lat, reach_m, edge_m)


def _from_plane(centre: LonLat, azimuth: float, area: shapely.Polygon, edge_m: float) -> shapely.Polygon:
    """Return an area from a plane around a place: x metres along an azimuth, y to the right of it."""
    x, y = shapely.get_coordinates(shapely.segmentize(area, edge_m)).T
    ring = away(centre, azimuth + np.degrees(np.arctan2(y, x)), np.hypot(x, y))
    return shapely.Polygon(ring)


def away(centre: LonLat, azimuths: NDArray[np.float64], metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points at distances from one place, (n, 2); longitudes run past 180."""
    size = len(azimuths)
    lons, lats, _ = GEOD.fwd(np.full(size, centre[0]), np.full(size, centre[1]), azimuths, metres)
    return np.column_stack([centre[0] + (lons - centre[0] + 540.0) % 360.0 - 180.0, lats])


def _distances_m(centre: LonLat, area: shapely.Polygon, between: int = 1) -> NDArray[np.float64]:
    """Return the distances of an outline's vertices from a place, and of points between them."""
    points = shapely.get_coordinates(area.exterior)
    steps = np.linspace(0.0, 1.0, between, endpoint=False)[:, None, None]
    lons, lats = (points[:-1] + steps * np.diff(points, axis=0)).reshape(-1, 2).T
    size = len(lons)
    return np.asarray(GEOD.inv(np.full(size, centre[0]), np.full(size, centre[1]), lons, lats)[2])


# --- where nothing is drawn ---


def within_reach(bounds: tuple[float, float, float, float], reach_m: float) -> None:
    """Refuse what comes to a pole or over the antimeridian.

    Raises:
        UnacceptableInput: Always then.
    """
    west, south, east, north = bounds
    if east - west > 180.0:
        raise refused("ANTIMERIDIAN", "This seems to cross the antimeridian (180 degrees): draw it as two.")
    west, south, east, north = around(bounds, reach_m)
    if south < -89.0 or north > 89.0:
        raise refused("POLE", "This comes within a degree of a pole, where no outline is drawn.")
    if west < -180.0 or east > 180.0:
        raise refused("ANTIMERIDIAN", "This comes to the antimeridian (180 degrees): draw it as two.")


def _in_the_world(drawn: Drawn) -> Drawn:
    west, south, east, north = drawn.geometry.bounds
    if west < -180.0 or east > 180.0 or south < -89.0 or north > 89.0:
        raise refused(
            "ANTIMERIDIAN", "This crosses the antimeridian or comes to a pole, where no outline is drawn."
        )
    return drawn


def refused(code: str, detail: str) -> UnacceptableInput:
    """Return the error that says why something is not drawn."""
    return UnacceptableInput(detail, (Defect(code, "", detail),))

"""Where a zone certainly is and where it possibly is: the two readings every horizontal answer starts from.

Coordinates are (lon, lat) in degrees, WGS 84; a polygon's edges are straight in lon/lat (RFC 7946), circles
are geodesic discs. A shape is never repaired: where its publisher's meaning is in doubt, `certain` covers what
every reading agrees on and `possible` what any reading includes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from zones_api.domain.reasons import Reason

LonLat = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees. East may pass 180 where something crosses the antimeridian."""

GEOD = Geod(ellps="WGS84")
METRES_PER_DEGREE = 110_574.0
"""The shortest degree of latitude on WGS 84 (at the equator), so that a box made with it is never too small."""

ALL_LONGITUDES = 540.0
"""A box around the globe reaches this far both ways, so that it meets any longitude as anyone writes it."""

EDGE_TOLERANCE_M = 10.0
"""Two readings of an edge further apart than this leave the sliver between them unknown."""
SPOT_REACH_M = 10_000.0
"""A point published without a size is taken to reach this far, possibly."""
EDGE_PIECE_M = 1.0
"""Pieces of a long edge that is written with no doubt lie this close to their geodesics."""
EDGE_CURVE_M = 0.1
"""The same for a zone's long edge read as a geodesic, which is in doubt by over 10 m anyway."""
CIRCLE_VERTICES = 72
SKETCH_DEGREES = 0.0005
"""How far a sketch of a region may leave it: some 50 m."""
CURVE_M = 0.01
"""A geodesic is replaced by straight pieces that leave it by no more than this."""
_ON_RING_DEG = 1e-9
"""A place this close to a ring is on it: a tenth of a millimetre."""
MAX_PIECES = 5_000
"""The most pieces one geodesic is cut into: enough for CURVE_M up to 2 500 km at 60 degrees of latitude."""
MAX_CROSSINGS = 500
"""A ring that crosses itself more often is not read: it is only said to lie within its convex hull."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """One shell and its holes, each a closed ring of (lon, lat) as published."""

    shell: tuple[LonLat, ...]
    holes: tuple[tuple[LonLat, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """A geodesic disc. `other_radius_m` is the second reading of a radius whose unit is in doubt."""

    centre: LonLat
    radius_m: float
    other_radius_m: float | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Points or a line published as a zone without an area."""

    points: tuple[LonLat, ...]


@dataclass(frozen=True)
class Disc:
    """All places within a distance of a point or line; `certain_m` None where that is never certain."""

    centre: BaseGeometry
    certain_m: float | None
    possible_m: float
    bounds: Bounds
    doubts: frozenset[Reason] = frozenset()


@dataclass(frozen=True)
class Region:
    """`certain` lies within `possible`; the reasons say what the places in between are in doubt about."""

    certain: BaseGeometry
    possible: BaseGeometry
    bounds: Bounds
    doubts: frozenset[Reason] = field(default_factory=frozenset)


Footprint = Disc | Region


def footprint(shape: Polygon | Circle | Spot) -> Footprint:
    """Return where a published shape certainly and possibly is."""
    match shape:
        case Polygon():
            region = _region(shape)
            # Asked about often: with its own index each of them is found in a fraction of the time.
            shapely.prepare([region.certain, region.possible])
            return region
        case Circle():
            radii = [shape.radius_m, *([shape.other_radius_m] if shape.other_radius_m else [])]
            doubts = frozenset([Reason.RADIUS_UNIT_AMBIGUOUS] if len(radii) > 1 else [])
            centre = shapely.Point(shape.centre)
            return Disc(centre, min(radii), max(radii), around(centre.bounds, max(radii)), doubts)
        case Spot():
            line = (
                shapely.LineString(shape.points) if len(shape.points) > 1 else shapely.Point(shape.points[0])
            )
            doubts = frozenset([Reason.GEOMETRY_WITHOUT_AREA])
            return Disc(line, None, SPOT_REACH_M, around(line.bounds, SPOT_REACH_M), doubts)


def apart_m(heres: Sequence[LonLat], theres: Sequence[LonLat]) -> list[float]:
    """Return the geodesic metres between positions, pair by pair."""
    if not heres:
        return []
    a, b = np.asarray(heres, dtype=np.float64).T, np.asarray(theres, dtype=np.float64).T
    return [float(metres) for metres in GEOD.inv(a[0].copy(), a[1].copy(), b[0].copy(), b[1].copy())[2]]


def around(bounds: Bounds, reach_m: float) -> Bounds:
    """Return a box that holds everything within `reach_m` of a box, never a smaller one.

    The box of a place near a pole meets all longitudes.
    """
    west, south, east, north = bounds
    margin = reach_m / METRES_PER_DEGREE * 1.001
    south, north = south - margin, north + margin
    if south <= -90.0 or north >= 90.0:
        return -ALL_LONGITUDES, max(south, -90.0), ALL_LONGITUDES, min(north, 90.0)
    wider = margin / float(np.cos(np.radians(max(abs(south), abs(north))))) * 1.001
    if east - west + 2 * wider >= 360.0:
        return -ALL_LONGITUDES, south, ALL_LONGITUDES, north
    return west - wider, south, east + wider, north


def with_short_edges(ring: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
    """Return a ring whose long edges are cut up along straight lines in lon/lat, so that no reading moves them.

    Where an edge and the geodesic between its ends may lie over EDGE_TOLERANCE_M apart, its pieces lie within
    EDGE_PIECE_M of theirs. Every given point is kept exactly.
    """
    points: list[LonLat] = []
    for here, there in pairwise(ring):
        apart_m = _apart_at_most_m(here, there)
        pieces = 1 if apart_m < EDGE_TOLERANCE_M else int(np.ceil(np.sqrt(apart_m / EDGE_PIECE_M)))
        for step in range(pieces):
            part = step / pieces
            points.append((here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part))
    return (*points, ring[-1])


def circle_outline(centre: LonLat, radius_m: float, vertices: int = CIRCLE_VERTICES) -> shapely.Polygon:
    """Return a polygon that covers a geodesic disc, never one that fits inside it.

    Vertices are pushed out until the edges clear the disc: a polygon through points of the circle leaves
    slivers of a restricted area outside (62 m at a radius of 5 km and 20 vertices).

    Args:
        centre: Centre, (lon, lat) in degrees, WGS 84. No pole within the radius.
        radius_m: Geodesic radius in metres, greater than zero.
        vertices: How many the polygon has.

    Returns:
        A closed ring of that many vertices, (lon, lat) degrees, counter-clockwise. Longitudes run past
        180 where the disc crosses the antimeridian.

    Raises:
        ValueError: If `radius_m` is not positive.

    Source: ED-318, Point with extent.
    """
    if radius_m <= 0:
        raise ValueError("a circle has a radius")
    azimuths = np.linspace(0.0, -360.0, vertices, endpoint=False)
    reach_m = radius_m / float(np.cos(np.pi / vertices))
    while True:
        size = len(azimuths)
        lons, lats, _ = GEOD.fwd(
            np.full(size, centre[0]), np.full(size, centre[1]), azimuths, np.full(size, reach_m)
        )
        lons = centre[0] + (lons - centre[0] + 540.0) % 360.0 - 180.0
        nearest_m = _nearest_edge_m(centre, lons, lats)
        if nearest_m >= radius_m:
            return shapely.Polygon(np.column_stack([lons, lats]))
        reach_m *= radius_m / nearest_m * (1 + 1e-9)


def _nearest_edge_m(centre: LonLat, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> float:
    """Return the least distance from the centre to points along the edges, which are straight in lon/lat."""
    steps = np.linspace(0.0, 1.0, 9)[1:-1]
    along_lon = (lons[:, None] + (np.roll(lons, -1) - lons)[:, None] * steps).ravel()
    along_lat = (lats[:, None] + (np.roll(lats, -1) - lats)[:, None] * steps).ravel()
    size = len(along_lon)
    _, _, distances = GEOD.inv(np.full(size, centre[0]), np.full(size, centre[1]), along_lon, along_lat)
    # Between the points looked at, an edge may come a little closer.
    return float(distances.min()) * (1 - 2e-5)


def outline(footprint: Footprint) -> BaseGeometry:
    """Return a geometry that covers a footprint wherever it may be; for indexes and drawings, never to decide."""
    if isinstance(footprint, Region):
        return footprint.possible
    west, _, east, _ = footprint.bounds
    if footprint.centre.geom_type != "Point" or west <= -ALL_LONGITUDES or east - west >= 180.0:
        return shapely.box(*footprint.bounds)
    return circle_outline((footprint.centre.x, footprint.centre.y), footprint.possible_m)


def sketch(footprint: Footprint) -> BaseGeometry:
    """Return roughly where a footprint may be, cheaply: to measure how much of many zones changes, never to decide."""
    if isinstance(footprint, Region):
        return footprint.possible.simplify(SKETCH_DEGREES)
    west, south, east, north = footprint.bounds
    around = shapely.Point(0.0, 0.0).buffer(0.5, quad_segs=4)
    middle, size = np.array([(west + east) / 2, (south + north) / 2]), np.array([east - west, north - south])
    return shapely.transform(around, lambda xy: xy * size + middle)


def area_km2(geometry: BaseGeometry) -> float:
    """Return the area of polygons on the ellipsoid, holes left out, in square kilometres."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return sum(GEOD.geometry_area_perimeter(shapely.orient_polygons(part))[0] for part in polygons) / 1e6


def geodesic(points: Iterable[LonLat], within_m: float = CURVE_M) -> NDArray[np.float64]:
    """Return a path of geodesic legs as straight pieces in lon/lat that leave it by `within_m` at most.

    Every given point is kept exactly. Legs go the short way around the globe, so longitudes run past 180
    where they cross the antimeridian.

    Returns:
        An array of shape (n, 2), (lon, lat) in degrees.
    """
    path: list[LonLat] = []
    for here, there in pairwise(points):
        start = (_nearest_turn(here[0], path[-1][0]) if path else here[0], here[1])
        path.extend(_leg(start, there, within_m))
    path.append((_nearest_turn(there[0], path[-1][0]), there[1]))
    return np.asarray(path, dtype=np.float64)


def _leg(start: LonLat, end: LonLat, within_m: float) -> list[LonLat]:
    """Return the start of a leg and the points along it, without its end."""
    azimuth, _, length = GEOD.inv(*start, *end)
    steepest = min(89.9, max(abs(start[1]), abs(end[1])) + length / METRES_PER_DEGREE / 4)
    # A leg along a parallel bulges by L^2 tan(lat) / 8R, one that runs askew by up to 9 % more.
    bulge = 1.09 * length**2 * float(np.tan(np.radians(steepest))) / (8 * 6_356_752.0)
    pieces = min(MAX_PIECES, int(np.ceil(np.sqrt(bulge / within_m))))
    if pieces <= 1:
        return [start]
    steps = np.linspace(0.0, length, pieces + 1)[1:-1]
    size = len(steps)
    lons, lats, _ = GEOD.fwd(np.full(size, start[0]), np.full(size, start[1]), np.full(size, azimuth), steps)
    unwrapped, last = [start], start[0]
    for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True):
        last = _nearest_turn(lon, last)
        unwrapped.append((last, lat))
    return unwrapped


def _nearest_turn(lon: float, reference: float) -> float:
    """Return the longitude plus the full turns that bring it within 180 degrees of the reference."""
    turns = round((reference - lon) / 360.0)
    return lon + 360.0 * turns if turns else lon


def _region(shape: Polygon) -> Region:
    plain = shapely.Polygon(shape.shell, shape.holes)
    if plain.is_valid and _width(shape.shell) <= 180.0 and not _long_edges(shape):
        return Region(plain, plain, plain.bounds)
    try:
        with np.errstate(all="ignore"):
            return _doubtful_region(shape, valid=plain.is_valid)
    except shapely.errors.GEOSException:
        # Shapes so degenerate that they cannot be cut up are only said to lie within their hull.
        hull = _hull(shape.shell)
        return Region(shapely.Polygon(), hull, hull.bounds, frozenset([Reason.GEOMETRY_INVALID]))


def _doubtful_region(shape: Polygon, *, valid: bool) -> Region:
    """Return what every reading of a shape has in common, and what any of them includes."""
    wide = _width(shape.shell) > 180.0
    straight = [shape, _turned(shape)] if wide else [shape]
    curved = [bent for turned in straight if (bent := _curved(turned)) is not None]
    readings = [_read_rings(reading) for reading in (*straight, *curved)]
    doubts = set() if valid and not wide else {Reason.GEOMETRY_INVALID}
    if curved:
        doubts.add(Reason.EDGE_INTERPRETATION)
    certain = shapely.intersection_all([_all_around(certain) if wide else certain for certain, _ in readings])
    possible = shapely.union_all([possible for _, possible in readings])
    if possible.is_empty:
        possible = _hull(shape.shell)
    return Region(certain, possible, possible.bounds, frozenset(doubts))


def _hull(ring: tuple[LonLat, ...]) -> BaseGeometry:
    """Return the convex hull of a ring, read both ways around the globe where it is wide."""
    hull = shapely.convex_hull(shapely.MultiPoint(ring))
    return shapely.box(-180.0, *hull.bounds[1:2], 180.0, *hull.bounds[3:]) if _width(ring) > 180.0 else hull


def _read_rings(shape: Polygon) -> tuple[BaseGeometry, BaseGeometry]:
    """Return what is certainly and what is possibly inside the shell and outside the holes."""
    shell_certain, shell_possible = _read_ring(shape.shell)
    holes = [_read_ring(hole) for hole in shape.holes]
    # A hole that crosses itself cuts nothing for certain, so only simple holes shrink what is possible.
    sure_holes = [certain for certain, possible in holes if certain.equals(possible)]
    return (
        _cut(shell_certain, [possible for _, possible in holes]),
        _cut(shell_possible, sure_holes),
    )


def _cut(shell: BaseGeometry, holes: list[BaseGeometry]) -> BaseGeometry:
    """Return a shell without its holes; their rings stay, also where they run along it or along each other."""
    # A hole that has collapsed to a line cuts nothing, and what bounds a line is points.
    holes = [hole for hole in holes if hole.area > 0.0]
    rings = shapely.get_parts(shapely.union_all([hole.boundary for hole in holes]))
    # The points where rings cross are rounded and may lie a hair outside the other hole; the middle decides,
    # if it is not on a ring itself, where rounding may put it a hair inside.
    middles = np.array([ring.interpolate(0.5, normalized=True) for ring in rings], dtype=object)
    number, hole = shapely.STRtree(holes).query(middles, predicate="within")
    apart = shapely.distance(middles[number], shapely.boundary(np.asarray(holes, dtype=object)[hole]))
    walls = np.delete(rings, number[apart > _ON_RING_DEG])
    # A shell may be areas and lines together, which can only be cut one by one.
    parts = shapely.get_parts(shell)
    rest = shapely.difference(parts, shapely.union_all(holes))
    kept = shapely.intersection(parts, shapely.union_all(walls))
    return shapely.union_all([*rest, *kept])


def _read_ring(ring: tuple[LonLat, ...]) -> tuple[BaseGeometry, BaseGeometry]:
    """Return the inside of a ring by every reading and by any reading.

    A simple ring has one inside. One that crosses itself is read by the even-odd and the non-zero rule;
    around each crossing, the convex hull of the two edges that cross is in doubt too.
    """
    simple = shapely.Polygon(ring)
    if simple.is_valid:
        return simple, simple
    edges = [shapely.LineString(edge) for edge in pairwise(ring) if edge[0] != edge[1]]
    crossings = _crossings(edges)
    if len(crossings) > MAX_CROSSINGS:
        return shapely.Polygon(), _hull(ring)
    faces = list(shapely.polygonize([shapely.union_all(edges)]).geoms)
    turns = [_winding_number(np.asarray(ring), face.representative_point()) for face in faces]
    even_odd = [face for face, turn in zip(faces, turns, strict=True) if turn % 2]
    non_zero = [face for face, turn in zip(faces, turns, strict=True) if turn]
    hulls = [shapely.convex_hull(shapely.union(edges[a], edges[b])) for a, b in crossings]
    return shapely.union_all(even_odd), shapely.union_all([*non_zero, *hulls, *edges])


def _crossings(edges: list[shapely.LineString]) -> list[tuple[int, int]]:
    """Return which edges cross, looking no further once there are too many to read."""
    tree, found = shapely.STRtree(edges), []
    for start in range(0, len(edges), 100):
        some, others = tree.query(edges[start : start + 100], predicate="crosses")
        found += [(a, b) for a, b in zip((some + start).tolist(), others.tolist(), strict=True) if a < b]
        if len(found) > MAX_CROSSINGS:
            break
    return found


def _winding_number(ring: NDArray[np.float64], point: shapely.Point) -> int:
    """Return how many times a closed ring, shape (n, 2), turns around a point that is not on it."""
    x, y = point.x, point.y
    (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    up = (y1 <= y) & (y < y2) & (side > 0)
    down = (y2 <= y) & (y < y1) & (side < 0)
    return int(up.sum()) - int(down.sum())


def _width(ring: tuple[LonLat, ...]) -> float:
    lons = [lon for lon, _ in ring]
    return max(lons) - min(lons)


def _all_around(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry at each longitude it may be written with, so that two readings can be compared."""
    return shapely.union_all([shifted(geometry, turn) for turn in (0.0, -360.0, 360.0)])


def shifted(geometry: BaseGeometry, degrees: float) -> BaseGeometry:
    """Return a geometry with so many degrees added to its longitudes."""
    return shapely.transform(geometry, lambda xy: xy + np.array([degrees, 0.0])) if degrees else geometry


def _turned(shape: Polygon) -> Polygon:
    """Return a shape that seems to span the globe, read as one that crosses the antimeridian."""

    def turn(ring: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
        return tuple((lon + 360.0 if lon < 0 else lon, lat) for lon, lat in ring)

    return Polygon(turn(shape.shell), tuple(turn(hole) for hole in shape.holes))


def _curved(shape: Polygon) -> Polygon | None:
    """Return the shape with its long edges read as geodesics, or None if no edge is long enough to matter."""
    if not _long_edges(shape):
        return None
    return Polygon(_curved_ring(shape.shell), tuple(_curved_ring(hole) for hole in shape.holes))


def _curved_ring(ring: tuple[LonLat, ...]) -> tuple[LonLat, ...]:
    points: list[LonLat] = []
    for here, there in pairwise(ring):
        if _is_long(here, there):
            points.extend((float(lon), float(lat)) for lon, lat in geodesic((here, there), EDGE_CURVE_M)[:-1])
        else:
            points.append(here)
    return (*points, ring[-1])


def _long_edges(shape: Polygon) -> bool:
    return any(
        _is_long(here, there) for ring in (shape.shell, *shape.holes) for here, there in pairwise(ring)
    )


def _is_long(here: LonLat, there: LonLat) -> bool:
    """Say whether an edge, straight in lon/lat, and the geodesic between its ends part by over 10 m."""
    if _apart_at_most_m(here, there) < EDGE_TOLERANCE_M or abs(here[0] - there[0]) > 180.0:
        return False
    azimuth, _, length = GEOD.inv(*here, *there)
    steps = np.linspace(0.0, length, 17)[1:-1]
    size = len(steps)
    lons, lats, _ = GEOD.fwd(np.full(size, here[0]), np.full(size, here[1]), np.full(size, azimuth), steps)
    lons = here[0] + (lons - here[0] + 540.0) % 360.0 - 180.0
    straight = here[1] + (lons - here[0]) / (there[0] - here[0]) * (there[1] - here[1])
    slope = (there[1] - here[1]) / ((there[0] - here[0]) * np.cos(np.radians(lats)))
    apart = np.abs(lats - straight) * 111_320.0 / np.sqrt(1.0 + slope**2)
    return bool(apart.max() > EDGE_TOLERANCE_M)


def _apart_at_most_m(here: LonLat, there: LonLat) -> float:
    """Return what an edge, straight in lon/lat, and the geodesic between its ends part by at most.

    That is R * width * (width + 4 * height) / 16, so most edges need no measuring.
    """
    width, height = np.radians(abs(here[0] - there[0])), np.radians(abs(here[1] - there[1]))
    return float(6_378_137.0 * width * (width + 4 * height) / 16)

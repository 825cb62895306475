"""Does what was asked about meet a zone's footprint? On the ground, in metres, and touching counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import (
    CURVE_M,
    GEOD,
    METRES_PER_DEGREE,
    Bounds,
    Disc,
    Footprint,
    LonLat,
    Polygon,
    Region,
    around,
    geodesic,
    shifted,
)
from zones_api.domain.truth import NO, YES, Judgement, unknown

TOUCH_M = 0.001
"""Closer than this is touching: coordinates are floating-point numbers."""
_PIECE_M = 200.0
"""Edges are cut to this length before they are measured in a plane: they curve there by under a millimetre."""
_TILE_M = 1_000.0
"""Long places are measured in parts of about this length, each in a plane of its own."""


@dataclass(frozen=True)
class Place:
    """A point, a path of geodesic legs or an area, and a buffer around it in metres on the ground.

    `geometry` is in lon/lat degrees: a shapely Point, a LineString whose pieces follow the geodesics, or a
    Polygon whose edges are straight in lon/lat.
    """

    geometry: BaseGeometry
    buffer_m: float = 0.0

    @cached_property
    def bounds(self) -> Bounds:
        """The box that holds the place and its buffer, never a smaller one."""
        return around(self.geometry.bounds, self.buffer_m + CURVE_M)


def point(lon: float, lat: float, buffer_m: float = 0.0) -> Place:
    """Return the place of a single point."""
    return Place(shapely.Point(lon, lat), buffer_m)


def path(points: tuple[LonLat, ...], buffer_m: float = 0.0) -> Place:
    """Return the place of geodesic legs between points; a path that goes nowhere is a point."""
    line = geodesic(points) if len(points) > 1 else np.asarray(points)
    if (line == line[0]).all():
        return point(*points[0], buffer_m)
    return Place(shapely.LineString(line), buffer_m)


def area(polygon: Polygon, buffer_m: float = 0.0) -> Place:
    """Return the place of an area; its rings must be closed and simple."""
    return Place(shapely.Polygon(polygon.shell, polygon.holes), buffer_m)


def meets(place: Place, footprint: Footprint) -> Judgement:
    """Say whether a place meets a footprint: yes by every reading of it, unknown by some, or no."""
    match footprint:
        case Region():
            if _any_within(place, footprint.certain, 0.0):
                return YES
            if footprint.possible is not footprint.certain and _any_within(place, footprint.possible, 0.0):
                return unknown(*footprint.doubts)
        case Disc():
            if footprint.certain_m is not None and _any_within(place, footprint.centre, footprint.certain_m):
                return YES
            if footprint.doubts and _any_within(place, footprint.centre, footprint.possible_m):
                return unknown(*footprint.doubts)
    return NO


def lies_within(place: Place, region: BaseGeometry) -> bool:
    """Say whether a place and its buffer certainly lie within a region, which is approximated inward."""
    for turn in turns_to_meet(place.geometry.bounds, region.bounds):
        geometry = shifted(place.geometry, turn)
        if shapely.covers(region, geometry):
            return place.buffer_m == 0.0 or not _within(geometry, region.boundary, place.buffer_m)
    return False


def turns_to_meet(a: Bounds, b: Bounds) -> Iterator[float]:
    """Yield the full turns in degrees that, added to the longitudes of `a`, let the two boxes touch."""
    for turn in (0.0, -360.0, 360.0):
        if a[0] + turn <= b[2] and b[0] <= a[2] + turn and a[1] <= b[3] and b[1] <= a[3]:
            yield turn


def _any_within(place: Place, geometry: BaseGeometry, radius_m: float) -> bool:
    """Say whether the place comes within a distance of a geometry, the short way around the globe."""
    if geometry.is_empty:
        return False
    # The pieces that stand for a geodesic leave it by that much, and what is approximated grows.
    slack_m = CURVE_M if place.geometry.geom_type == "LineString" else TOUCH_M
    reach_m = place.buffer_m + radius_m + slack_m
    box = around(geometry.bounds, radius_m + TOUCH_M)
    return any(
        _within(shifted(place.geometry, turn), geometry, reach_m) for turn in turns_to_meet(place.bounds, box)
    )


def _within(a: BaseGeometry, b: BaseGeometry, reach_m: float) -> bool:
    if a.geom_type == b.geom_type == "Point":
        return float(GEOD.inv(a.x, a.y, b.x, b.y)[2]) <= reach_m
    return bool(shapely.intersects(b, a)) or (
        bool(_may_be_within([a], b, reach_m).any()) and distance_m(a, b, reach_m) <= reach_m
    )


def _may_be_within(parts: list[BaseGeometry], other: BaseGeometry, reach_m: float) -> NDArray[np.bool_]:
    """Say of each part whether it may come within a distance of a geometry; no is certain."""
    # No way between them of this length leaves the latitudes of either by more than the length.
    latitudes = [np.abs([shape.bounds for shape in shapes])[:, [1, 3]].max() for shapes in (parts, [other])]
    narrowest = float(np.cos(np.radians(min(90.0, min(latitudes) + reach_m / METRES_PER_DEGREE))))
    # A degree of longitude is never shorter than the shortest degree of latitude times its cosine.
    scale = np.array([narrowest, 1.0]) * METRES_PER_DEGREE
    flat = shapely.transform(np.asarray([*parts, other]), lambda xy: xy * scale)
    shapely.prepare(flat[-1])
    return np.asarray(shapely.dwithin(flat[-1], flat[:-1], reach_m * 1.001))


def at_least_m(geometries: Sequence[BaseGeometry], footprint: Footprint) -> NDArray[np.float64]:
    """Return, for each geometry, metres on the ground that lie between it and where a footprint may be, at least.

    Lower bounds, within a few hundredths of the distance where that is short. Negative inside a disc.
    """
    shape, radius_m = (
        (footprint.possible, 0.0)
        if isinstance(footprint, Region)
        else (footprint.centre, footprint.possible_m)
    )
    bounds = np.array([shapely.total_bounds(np.asarray(geometries)), shape.bounds])
    turns = round(float(bounds[1, [0, 2]].mean() - bounds[0, [0, 2]].mean()) / 360.0)
    scale = np.array([np.cos(np.radians(np.abs(bounds[:, [1, 3]]).max())), 1.0]) * METRES_PER_DEGREE
    near = shapely.transform(np.asarray(geometries), lambda xy: (xy + np.array([360.0 * turns, 0.0])) * scale)
    far = shapely.transform(shape, lambda xy: xy * scale)
    shapely.prepare(far)
    return np.asarray(shapely.distance(far, near)) - radius_m


def distance_m(a: BaseGeometry, b: BaseGeometry, reach_m: float = 50_000.0) -> float:
    """Return the geodesic distance between two geometries, to a few millimetres.

    Where neither is a point and they are over `reach_m` apart, it is the geodesic distance between points that
    are nearly the closest.
    """
    if shapely.intersects(a, b):
        return 0.0
    if b.geom_type == "Point":
        a, b = b, a
    nearest_m = _locally_m(a, b, reach_m)
    # Nothing of it further from the other than what has been found already can be closer.
    window = shapely.box(*around(b.bounds, min(nearest_m, reach_m)))
    tiles = _tiles(a, window) if a.geom_type != "Point" else []
    # Where the two seem closest depends on the latitude, so every part that may be closer is measured too.
    if tiles:
        for tile in np.asarray(tiles)[_may_be_within(tiles, b, min(nearest_m, reach_m))]:
            nearest_m = min(nearest_m, _locally_m(tile, b, reach_m))
    return nearest_m


def _tiles(geometry: BaseGeometry, window: BaseGeometry) -> list[BaseGeometry]:
    """Return a line, or the rings of a polygon, as far as they lie in a window, in parts of two tiles at most."""
    size = _TILE_M / 111_320.0
    lines = shapely.intersection(geometry.boundary if geometry.geom_type == "Polygon" else geometry, window)
    tiles: list[BaseGeometry] = []
    parts = shapely.get_parts(lines)
    for line in parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]:
        points = shapely.get_coordinates(shapely.segmentize(line, size))
        along = np.cumsum(np.hypot(*np.diff(points, axis=0).T)) // size
        cuts = [0, *(np.flatnonzero(np.diff(along)) + 1), len(points) - 1]
        tiles.extend(shapely.LineString(points[i : j + 1]) for i, j in pairwise(cuts))
    return tiles


def _locally_m(a: BaseGeometry, b: BaseGeometry, reach_m: float) -> float:
    """Return the distance between two geometries around where they seem closest; never less than it is.

    Between a part of two tiles at most and another geometry it is the least, if that is within `reach_m`.
    """
    latitude = (max(a.bounds[1], b.bounds[1]) + min(a.bounds[3], b.bounds[3])) / 2
    for _ in range(3):
        near_a, near_b = _closest(a, b, latitude)
        latitude = (near_a[1] + near_b[1]) / 2
    apart = float(GEOD.inv(*near_a, *near_b)[2])
    if b.geom_type == "Point":
        return apart
    # They may be closest elsewhere: around a pole, or where degrees of longitude are shorter.
    around_m = apart if a.geom_type == "Point" else min(apart, reach_m)
    window = shapely.box(*around((*near_a, *near_a), around_m * 1.1 + 2 * _TILE_M))
    line = shapely.shortest_line(_flat(a, window, near_a), _flat(b, window, near_a))
    if line is None:  # the window may miss them
        return apart
    (east_a, east_b), (north_a, north_b) = shapely.get_coordinates(line).T
    here = GEOD.fwd(*near_a, np.degrees(np.arctan2(east_a, north_a)), np.hypot(east_a, north_a))[:2]
    there = GEOD.fwd(*near_a, np.degrees(np.arctan2(east_b, north_b)), np.hypot(east_b, north_b))[:2]
    # An area thinner than rounding is lost in the plane; what seemed closest is a distance all the same.
    return min(apart, float(GEOD.inv(*here, *there)[2]))


def _closest(a: BaseGeometry, b: BaseGeometry, latitude: float) -> tuple[LonLat, LonLat]:
    scale = np.array([max(0.001, float(np.cos(np.radians(latitude)))), 1.0])
    line = shapely.shortest_line(*(shapely.transform(shape, lambda xy: xy * scale) for shape in (a, b)))
    (ax, ay), (bx, by) = shapely.get_coordinates(line) / scale
    return (float(ax), float(ay)), (float(bx), float(by))


def _flat(geometry: BaseGeometry, window: BaseGeometry, centre: LonLat) -> BaseGeometry:
    """Return the part of a geometry in the window in metres east and north of a centre.

    The plane is azimuthal equidistant: distances from the centre are exact, others near it nearly so.
    """
    near = shapely.intersection(geometry, window)
    near = shapely.segmentize(near, _PIECE_M / 111_320.0)

    def project(xy: np.ndarray) -> np.ndarray:
        size = len(xy)
        azimuth, _, length = GEOD.inv(
            np.full(size, centre[0]), np.full(size, centre[1]), xy[:, 0].copy(), xy[:, 1].copy()
        )
        return np.column_stack([length * np.sin(np.radians(azimuth)), length * np.cos(np.radians(azimuth))])

    return shapely.transform(near, project)

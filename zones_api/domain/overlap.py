"""Does what was asked about meet a zone's footprint? On the ground, in metres, and touching counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import (
    GEOD,
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
        return around(self.geometry.bounds, self.buffer_m + TOUCH_M)


def point(lon: float, lat: float, buffer_m: float = 0.0) -> Place:
    """Return the place of a single point."""
    return Place(shapely.Point(lon, lat), buffer_m)


def path(points: tuple[LonLat, ...], buffer_m: float = 0.0) -> Place:
    """Return the place of geodesic legs between points; a path that goes nowhere is a point."""
    if len(set(points)) == 1:
        return point(*points[0], buffer_m)
    return Place(shapely.LineString(geodesic(points)), buffer_m)


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
    if not shapely.covers(region, place.geometry):
        return False
    return place.buffer_m == 0.0 or distance_m(place.geometry, region.boundary) > place.buffer_m


def turns_to_meet(a: Bounds, b: Bounds) -> Iterator[float]:
    """Yield the full turns in degrees that, added to the longitudes of `a`, let the two boxes touch."""
    for turn in (0.0, -360.0, 360.0):
        if a[0] + turn <= b[2] and b[0] <= a[2] + turn and a[1] <= b[3] and b[1] <= a[3]:
            yield turn


def _any_within(place: Place, geometry: BaseGeometry, radius_m: float) -> bool:
    """Say whether the place comes within a distance of a geometry, the short way around the globe."""
    if geometry.is_empty:
        return False
    reach_m = place.buffer_m + radius_m + TOUCH_M
    box = around(geometry.bounds, radius_m + TOUCH_M)
    return any(
        _within(shifted(place.geometry, turn), geometry, reach_m) for turn in turns_to_meet(place.bounds, box)
    )


def _within(a: BaseGeometry, b: BaseGeometry, reach_m: float) -> bool:
    if a.geom_type == b.geom_type == "Point":
        return float(GEOD.inv(a.x, a.y, b.x, b.y)[2]) <= reach_m
    return bool(shapely.intersects(a, b)) or (_at_least_m(a, b) <= reach_m and distance_m(a, b) <= reach_m)


def _at_least_m(a: BaseGeometry, b: BaseGeometry) -> float:
    """Return a distance in metres that two geometries are certainly no closer than."""
    latitudes = [abs(bound) for shape in (a, b) for bound in (shape.bounds[1], shape.bounds[3])]
    narrowest = float(np.cos(np.radians(min(90.0, max(latitudes)))))
    # 110 574 m is the shortest degree of latitude, and a degree of longitude is never shorter than its cosine.
    scale = np.array([narrowest, 1.0]) * 110_574.0
    flat_a, flat_b = (shapely.transform(shape, lambda xy: xy * scale) for shape in (a, b))
    return float(shapely.distance(flat_a, flat_b)) * 0.999


def distance_m(a: BaseGeometry, b: BaseGeometry) -> float:
    """Return the geodesic distance between two geometries, to a few millimetres below 50 km.

    Further apart it is the geodesic distance between points that are nearly the closest.
    """
    if shapely.intersects(a, b):
        return 0.0
    latitude = (max(a.bounds[1], b.bounds[1]) + min(a.bounds[3], b.bounds[3])) / 2
    for _ in range(3):
        near_a, near_b = _closest(a, b, latitude)
        latitude = (near_a[1] + near_b[1]) / 2
    apart = float(GEOD.inv(*near_a, *near_b)[2])
    if apart > 50_000.0 or (a.geom_type == b.geom_type == "Point"):
        return apart
    window = shapely.box(*around((*near_a, *near_a), apart * 1.1 + _PIECE_M))
    return float(shapely.distance(_flat(a, window, near_a, apart), _flat(b, window, near_a, apart)))


def _closest(a: BaseGeometry, b: BaseGeometry, latitude: float) -> tuple[LonLat, LonLat]:
    scale = np.array([max(0.001, float(np.cos(np.radians(latitude)))), 1.0])
    line = shapely.shortest_line(*(shapely.transform(shape, lambda xy: xy * scale) for shape in (a, b)))
    (ax, ay), (bx, by) = shapely.get_coordinates(line) / scale
    return (float(ax), float(ay)), (float(bx), float(by))


def _flat(geometry: BaseGeometry, window: BaseGeometry, centre: LonLat, apart: float) -> BaseGeometry:
    """Return the part of a geometry in the window in metres east and north of a centre.

    The plane is azimuthal equidistant: distances from the centre are exact, others near it nearly so.
    """
    near = shapely.intersection(geometry, window)
    piece_m = max(_PIECE_M, apart / 20)
    near = shapely.segmentize(near, piece_m / 111_320.0)

    def project(xy: np.ndarray) -> np.ndarray:
        size = len(xy)
        azimuth, _, length = GEOD.inv(
            np.full(size, centre[0]), np.full(size, centre[1]), xy[:, 0].copy(), xy[:, 1].copy()
        )
        return np.column_stack([length * np.sin(np.radians(azimuth)), length * np.cos(np.radians(azimuth))])

    return shapely.transform(near, project)

"""Shapes cut along a line, and drawn to their neighbours. As in `drawing`: what comes out never covers less.

Edges and cuts are straight in lon/lat, as the edges of polygons are (RFC 7946).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, radians

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain import drawing
from zones_api.domain.drawing import Check, Drawn, refused
from zones_api.domain.geometry import GEOD, METRES_PER_DEGREE, Circle, LonLat, Polygon

MAX_PARTS = 100


def _unhurried() -> None:
    """Let work take as long as it does."""


def split(
    shapes: Iterable[Polygon | Circle], line: Sequence[LonLat], check: Check = _unhurried
) -> tuple[Drawn, list[Drawn]]:
    """Return the whole of the shapes, and its parts on either side of a line: together they are the whole.

    Parts have the same edge where they were cut, so no place falls between them. Parts that the line does not
    touch are parts too. The largest comes first.

    Raises:
        UnacceptableInput: If the line leaves nothing apart, or over MAX_PARTS parts.
    """
    whole = drawing.union(shapes, check)
    check()
    shapely.prepare(whole.geometry)
    lines = shapely.union_all([whole.geometry.boundary, shapely.LineString(line)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    parts = [face for face in faces if whole.geometry.covers(face.representative_point())]
    if len(parts) <= shapely.get_num_geometries(whole.geometry):
        what = "The line does not cut the shape in two: it must begin and end outside of it, and go through."
        raise refused("CUTS_NOTHING", what)
    if len(parts) > MAX_PARTS:
        raise refused("TOO_MANY_PARTS", f"The line leaves {len(parts)} parts; at most {MAX_PARTS} are cut.")
    parts.sort(key=lambda part: -part.area)
    return whole, [Drawn(part, whole.largest_error_m) for part in parts]


def snap(
    shapes: Iterable[Polygon | Circle],
    others: Iterable[Polygon | Circle],
    within_m: float,
    check: Check = _unhurried,
) -> Drawn:
    """Return the shapes drawn to the edges of others that are near, so that no gap is left between them.

    A corner goes to the nearest corner, else to the nearest edge, of the others within that distance, and a corner
    of theirs that near becomes one of the edge beside it. What the shapes covered stays covered.

    Args:
        shapes: What is drawn to the others.
        others: What stays as it is.
        within_m: How wide a gap is closed at most, in metres.
        check: Called between pieces of work.

    Raises:
        UnacceptableInput: If a ring would cross itself, as where it is narrower than the distance.
    """
    whole, beside = drawing.union(shapes, check), drawing.union(others, check)
    reach = _Reach(beside.geometry, within_m)
    drawn = []
    for part in shapely.get_parts(whole.geometry):
        rings = []
        for ring in (part.exterior, *part.interiors):
            check()
            rings.append(reach.ring([(lon, lat) for lon, lat in ring.coords]))
        snapped = shapely.Polygon(rings[0], rings[1:])
        if not snapped.is_valid:
            what = f"Drawn over {within_m:g} m the outline would cross itself: choose a smaller distance."
            raise refused("RING_CROSSES", what)
        drawn.append(snapped)
    joined = drawing.joined([whole, *(Drawn(each, whole.largest_error_m) for each in drawn)], check)
    return Drawn(joined.geometry, max(whole.largest_error_m, beside.largest_error_m))


class _Reach:
    """The corners and edges of shapes, and which of them are near a place."""

    def __init__(self, geometry: BaseGeometry, within_m: float) -> None:
        rings = [
            list(ring.coords)
            for part in shapely.get_parts(geometry)
            for ring in (part.exterior, *part.interiors)
        ]
        self.within_m = within_m
        self.corners = list(dict.fromkeys(corner for ring in rings for corner in ring[:-1]))
        self.edges = [edge for ring in rings for edge in pairwise(ring)]
        self._corners = shapely.STRtree([shapely.Point(corner) for corner in self.corners])
        self._edges = shapely.STRtree([shapely.LineString(edge) for edge in self.edges])

    def ring(self, ring: list[LonLat]) -> list[LonLat]:
        """Return a closed ring with its corners on what is near, and what is near among its corners."""
        corners = [self._corner(corner) for corner in ring[:-1]]
        drawn: list[LonLat] = []
        for here, there in pairwise([*corners, corners[0]]):
            drawn += [here, *self._beside(here, there)]
        return [*drawn, drawn[0]]

    def _corner(self, place: LonLat) -> LonLat:
        near = [self.corners[n] for n in self._corners.query(self._box(place, place))]
        edges = [_nearest(place, *self.edges[n]) for n in self._edges.query(self._box(place, place))]
        for found in (near, edges):
            distances = [(_apart_m(place, each), each) for each in found]
            within = [each for each in distances if each[0] <= self.within_m]
            if within:
                return min(within)[1]
        return place

    def _beside(self, here: LonLat, there: LonLat) -> Iterator[LonLat]:
        """Return the corners that are near an edge and not its ends, in its direction."""
        found = []
        for n in self._corners.query(self._box(here, there)):
            corner = self.corners[n]
            foot = _nearest(corner, here, there)
            is_end = foot in (here, there) or corner in (here, there)
            if not is_end and _apart_m(corner, foot) <= self.within_m:
                found.append((_apart_m(here, foot), corner))
        yield from (corner for _, corner in sorted(found))

    def _box(self, here: LonLat, there: LonLat) -> BaseGeometry:
        (x, y), (u, v) = here, there
        lat = max(abs(y), abs(v))
        up = 1.01 * self.within_m / METRES_PER_DEGREE
        aside = up / cos(radians(min(lat + up, 89.0)))
        return shapely.box(min(x, u) - aside, min(y, v) - up, max(x, u) + aside, max(y, v) + up)


def _nearest(place: LonLat, here: LonLat, there: LonLat) -> LonLat:
    """Return the place on a straight edge that is nearest on the ground; near enough for distances of a zone's gap."""
    wide = cos(radians(place[1]))
    x, y = (there[0] - here[0]) * wide, there[1] - here[1]
    length = x * x + y * y
    if length == 0.0:
        return here
    part = ((place[0] - here[0]) * wide * x + (place[1] - here[1]) * y) / length
    if part <= 0.0 or part >= 1.0:
        return here if part <= 0.0 else there
    return here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])


def _apart_m(here: LonLat, there: LonLat) -> float:
    return float(GEOD.inv(*here, *there)[2])

"""Outlines of few vertices for aircraft and ground stations: always around the zone, never inside it.

An outline is checked to cover the polygon it stands for, however its edges are read, before it is given out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from zones_api.domain.geometry import (
    CIRCLE_VERTICES,
    GEOD,
    METRES_PER_DEGREE,
    Circle,
    Polygon,
    Region,
    footprint,
)
from zones_api.formats.exports import ed318, footprints
from zones_api.formats.exports.footprints import as_shapely
from zones_api.formats.exports.losses import Loss, LossCode, Lost
from zones_api.formats.exports.places import disc_outline, plain_polygons, polygons_of
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.zones import OutwardZone

FEWEST = 4
_FIRST_M = 0.5
_LONGEST_DEGREE_M = 111_700.0
"""No degree of latitude, and none of longitude, is longer."""


@dataclass(frozen=True)
class Outline:
    """A polygon without holes that covers another; no point of it lies further outside than `error_m` metres.

    `filled_m` is how far the middle of the widest hole that was filled lies from the zone, 0 where there was none.
    """

    polygon: Polygon
    error_m: float
    filled_m: float = 0.0

    @property
    def vertices(self) -> int:
        """How many corners it has."""
        return len(self.polygon.shell) - 1


def outline(polygon: Polygon, most_vertices: int) -> Outline:
    """Return an outline around a polygon with at most so many corners; its holes are filled.

    It is grown in steps until few enough corners are left, so its error is within a factor of two of the least
    that this way of simplifying needs.

    Args:
        polygon: A plain polygon, no wider than 180 degrees.
        most_vertices: At least FEWEST.

    Raises:
        ValueError: If `most_vertices` is less.
    """
    if most_vertices < FEWEST:
        raise ValueError(f"an outline has {FEWEST} corners or more")
    shell = shapely.Polygon(polygon.shell)
    filled_m = max((_depth_m(hole) for hole in polygon.holes), default=0.0)
    if len(polygon.shell) - 1 <= most_vertices:
        return Outline(Polygon(polygon.shell), 0.0, filled_m)
    scale = _scale(shell)
    flat = shapely.transform(shell, lambda xy: xy * scale)
    grown_m = _FIRST_M
    while grown_m < 10_000_000.0:
        candidate = _simplified(flat, grown_m, most_vertices, scale)
        if candidate is not None and _covers(candidate, shell):
            return Outline(candidate, _error_m(candidate, shell), filled_m)
        grown_m *= 1.5
    box = Polygon(tuple((float(lon), float(lat)) for lon, lat in shapely.box(*shell.bounds).exterior.coords))
    return Outline(box, _error_m(box, shell), filled_m)


def around_circle(circle: Circle, most_vertices: int) -> Outline | None:
    """Return a regular outline around a circle with so many corners; None where it is not one polygon on the map."""
    (shell, *others) = (as_shapely(each) for each in plain_polygons(disc_outline(circle)))
    if others or len(shell.exterior.coords) - 1 < CIRCLE_VERTICES:
        return None
    count = min(most_vertices, CIRCLE_VERTICES)
    azimuths = np.linspace(0.0, -360.0, count, endpoint=False)
    reach_m = circle.radius_m / float(np.cos(np.pi / count))
    lon, lat = circle.centre
    for _ in range(60):
        corners = GEOD.fwd(np.full(count, lon), np.full(count, lat), azimuths, np.full(count, reach_m))[:2]
        ring = [*zip(*(each.tolist() for each in corners), strict=True)]
        candidate = Polygon((*ring, ring[0]))
        if _covers(candidate, shell):
            return Outline(candidate, reach_m - circle.radius_m)
        reach_m *= 1.001
    return None


def _simplified(flat: shapely.Polygon, grown_m: float, most: int, scale: Any) -> Polygon | None:
    """Return a polygon grown by some metres and simplified by a little less, None where it has too many corners."""
    wide = shapely.buffer(flat, grown_m, quad_segs=4, join_style="mitre", mitre_limit=2.0)
    plain = shapely.simplify(wide, 0.9 * grown_m)
    if plain.geom_type != "Polygon" or not 4 <= len(plain.exterior.coords) <= most + 1:
        return None
    back = shapely.transform(shapely.Polygon(plain.exterior), lambda xy: xy / scale)
    west, south, east, north = back.bounds
    if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:
        back = shapely.intersection(back, shapely.box(-180.0, -90.0, 180.0, 90.0))
        if back.geom_type != "Polygon" or len(back.exterior.coords) > most + 1:
            return None
    ring = [(float(lon), float(lat)) for lon, lat in shapely.orient_polygons(back).exterior.coords]
    return Polygon(tuple(ring))


def _covers(candidate: Polygon, shell: shapely.Polygon) -> bool:
    """Say whether an outline covers a polygon, whichever way its edges are read."""
    region = footprint(candidate)
    return isinstance(region, Region) and bool(shapely.covers(region.certain, shell))


def _scale(shell: shapely.Polygon) -> Any:
    """Return metres in a degree of longitude and latitude, about the middle of a polygon."""
    _, south, _, north = shell.bounds
    return np.array([max(0.01, float(np.cos(np.radians((south + north) / 2)))), 1.0]) * METRES_PER_DEGREE


def _error_m(candidate: Polygon, shell: shapely.Polygon) -> float:
    """Return how far an outline lies outside a polygon at most, in metres, rounded up."""
    scale = np.array([_widest(shell), 1.0]) * _LONGEST_DEGREE_M
    outer, inner = (
        shapely.transform(each, lambda xy: xy * scale) for each in (shapely.Polygon(candidate.shell), shell)
    )
    border = shapely.segmentize(shapely.boundary(outer), max(1.0, outer.length / 2_000))
    away = shapely.distance(shapely.points(shapely.get_coordinates(border)), inner)
    return float(away.max()) * 1.01 + 0.01


def _widest(shell: shapely.Polygon) -> float:
    """Return the cosine of the latitude of a polygon that is nearest to the equator."""
    _, south, _, north = shell.bounds
    nearest = 0.0 if south <= 0.0 <= north else min(abs(south), abs(north))
    return float(np.cos(np.radians(max(0.0, nearest - 0.5))))


def _depth_m(hole: Any) -> float:
    """Return how far the middle of a hole lies from its ring, in metres, at most."""
    area = shapely.Polygon(hole)
    flat = shapely.transform(area, lambda xy: xy * np.array([_widest(area), 1.0]) * _LONGEST_DEGREE_M)
    return float(shapely.maximum_inscribed_circle(flat).length) * 1.02


def outlines_of(shape: Polygon | Circle, outward: OutwardZone, most_vertices: int) -> Iterator[Outline]:
    """Yield outlines that together cover a shape of a zone."""
    regular = around_circle(shape, most_vertices) if isinstance(shape, Circle) else None
    if regular is not None:
        what = f"A circle is given as an outline of {regular.vertices} corners, up to {regular.error_m:.2f} m outside."
        outward.lost.add(LossCode.CIRCLE_OUTLINED, what)
        yield regular
        return
    for polygon in polygons_of(shape, outward.lost):
        yield simplified(polygon, outward, most_vertices)


def simplified(polygon: Polygon, outward: OutwardZone, most_vertices: int) -> Outline:
    """Return the outline of a polygon of a zone, with its losses."""
    found = outline(polygon, most_vertices)
    if found.error_m:
        what = (
            f"An outline of {len(polygon.shell) - 1} corners is given with {found.vertices} around it,"
            f" up to {found.error_m:.2f} m outside."
        )
        outward.lost.add(LossCode.OUTLINE_SIMPLIFIED, what)
    if polygon.holes:
        what = f"{len(polygon.holes)} holes are filled, the widest up to {found.filled_m:.0f} m deep."
        outward.lost.add(LossCode.HOLE_FILLED, what)
    return found


def write(
    publication: Publication, zones: Sequence[OutwardZone], options: Options
) -> tuple[bytes, tuple[Loss, ...], int, float | None]:
    """Return a GeoJSON FeatureCollection of outlines; the last value is the largest error in metres."""
    features, largest_m = [], 0.0
    lost = Lost(None)
    for zone in zones:
        for part in footprints.parts_of(zone):
            for found in (
                each for shape in part.shapes for each in outlines_of(shape, zone, options.vertices)
            ):
                largest_m = max(largest_m, found.error_m, found.filled_m)
                properties = footprints.described(zone, part) | {
                    "error_m": round(found.error_m, 3),
                    "filled_m": round(found.filled_m, 3),
                    "vertices": found.vertices,
                }
                geometry = {"type": "Polygon", "coordinates": footprints.coordinates(found.polygon)}
                features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    about = {
        "title": publication.title,
        "description": " ".join([*ed318.limitations(publication), *ed318.description(publication)]),
        "largest_error_m": round(largest_m, 3),
    }
    data = ed318.encoded({"type": "FeatureCollection", "metadata": about, "features": features})
    return data, (*lost, *(loss for zone in zones for loss in zone.lost)), len(zones), largest_m

"""Coordinates in documents: polygons, circles and points, closed and within range, or every defect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.geometry import (
    Bounds,
    Circle,
    LonLat,
    Polygon,
    Region,
    Spot,
    around,
    footprint,
)
from zones_api.domain.overlap import turns_to_meet
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import SENTENCES
from zones_api.domain.zone import AirspaceVolume
from zones_api.formats.members import Found, absent, as_list, as_number

MAX_VERTICES = 200_000
MAX_RADIUS_M = 2_000_000.0
FAR_OUTSIDE_M = 500_000.0
"""A zone further from its country than this cannot be meant."""
_COUNTRIES = {"NLD": (2.5, 50.7, 7.3, 55.8)}
"""Boxes of countries with their waters; those overseas have codes of their own. NLD: the coverage area of this
project and the Dutch part of the North Sea."""


def polygon(rings: Any, found: Found, at: str) -> Polygon | Spot | None:
    """Return a polygon with its rings closed; a shell without an area is a spot, unreadable rings are nothing."""
    if not isinstance(rings, list) or not rings:
        found.quarantine(Reason.MEMBER_MISSING, at, "The polygon has no rings.")
        return None
    read = [_ring(ring, found, f"{at}/{number}") for number, ring in enumerate(rings)]
    if read[0] is None or None in read:
        return None
    shell, *holes = [ring for ring in read if ring is not None]
    hull = shapely.convex_hull(shapely.multipoints(shell))
    # Thinner than a tenth of a millimetre: the rest is rounding.
    if hull.area <= 1e-9 * hull.length:
        found.flag(Reason.GEOMETRY_WITHOUT_AREA, f"{at}/0", "All points of the outline lie on one line.")
        return Spot(tuple(dict.fromkeys(shell)))
    return Polygon(shell, tuple(hole for hole in holes if len(set(hole)) >= 3))


def circle(
    centre: Any, radius: Any, found: Found, at: str, *, feet_m: float | None = None
) -> Circle | Spot | None:
    """Return a circle by its centre and radius in metres; without a radius it is a spot.

    `feet_m` is how many metres a foot has where the radius may also be in feet.
    """
    position = _position(centre, found, at)
    radius_m = as_number(radius)
    if position is None:
        return None
    if radius_m is None or radius_m <= 0:
        found.flag(Reason.GEOMETRY_WITHOUT_AREA, at, "The point has no radius that can be read.")
        return Spot((position,))
    if radius_m > MAX_RADIUS_M:
        found.quarantine(Reason.MEMBER_INVALID, at, f"A radius of {radius_m:.0f} m cannot be meant.")
        return None
    if feet_m is not None:
        found.flag(
            Reason.RADIUS_UNIT_AMBIGUOUS, at, "The radius may be in metres or, as the heights, in feet."
        )
    return Circle(position, radius_m, radius_m * feet_m if feet_m is not None else None)


def spot(positions: Any, found: Found, at: str) -> Spot | None:
    """Return points or a line without an area."""
    read = _positions(positions, found, at)
    if read is None or not read:
        return None
    found.flag(Reason.GEOMETRY_WITHOUT_AREA, at, "The zone is a point or a line without a size.")
    return Spot(tuple(dict.fromkeys(read)))


def coverage(value: Any, found: Found, at: str) -> BaseGeometry | None:
    """Return the area that a document declares it covers: a GeoJSON Polygon or MultiPolygon, simple and closed.

    One without polygons vouches for nothing. Anything else stops the document: an area that is guessed could vouch
    for a place it does not cover.
    """
    if absent(value):
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "MultiPolygon" and value.get("coordinates") == []:
        return shapely.MultiPolygon()
    parts = value.get("coordinates") if kind == "MultiPolygon" else [value.get("coordinates")] if kind else []
    looking = Found()
    read = [polygon(part, looking, at) for part in as_list(parts)]
    areas = [shapely.Polygon(each.shell, each.holes) for each in read if isinstance(each, Polygon)]
    simple = kind in ("Polygon", "MultiPolygon") and len(areas) == len(read) > 0
    narrow = all(east - west <= 180.0 for west, _, east, _ in (area.bounds for area in areas))
    whole = shapely.MultiPolygon(areas) if simple and narrow else None
    if whole is None or looking.defects or not whole.is_valid:
        what = "The coverage is not a simple, closed Polygon or MultiPolygon of parts up to 180 degrees wide."
        found.stop(Reason.GEOMETRY_INVALID, at, what)
        return None
    # Between a long edge and the shortest line nothing is vouched for.
    inward = [footprint(each) for each in read if isinstance(each, Polygon)]
    return shapely.union_all([region.certain for region in inward if isinstance(region, Region)])


def flag_doubts(volumes: Sequence[AirspaceVolume], found: Found, at: str) -> None:
    """Flag what is in doubt about where volumes are, unless it was flagged when they were read."""
    known = {flag.reason for flag in found.flags}
    doubts = {doubt for volume in volumes for footprint in volume.footprints for doubt in footprint.doubts}
    for doubt in sorted(doubts - known):
        found.flag(doubt, at, SENTENCES[doubt].en)


def near_country(bounds: Bounds, country: str) -> bool:
    """Say whether a box may hold a zone of a country; yes where it is not known where that lies."""
    home = _COUNTRIES.get(country)
    return home is None or any(True for _ in turns_to_meet(bounds, around(home, FAR_OUTSIDE_M)))


def swapped(bounds: Bounds) -> Bounds:
    """Return a box with longitudes and latitudes exchanged."""
    west, south, east, north = bounds
    return south, west, north, east


def readable_bounds(geometry: Any) -> Bounds | None:
    """Return the box of all coordinates that can be read anywhere in a geometry, None where there are none."""
    points = list(_pairs(geometry))
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    radii = [as_number(value) or 0.0 for value in _members(geometry, "radius")]
    reach_m = min(max([0.0, *radii]), MAX_RADIUS_M)
    return around((min(lons), min(lats), max(lons), max(lats)), reach_m)


def _ring(value: Any, found: Found, at: str) -> tuple[LonLat, ...] | None:
    points = _positions(value, found, at)
    if points is None or not points:
        return None
    if points[0] != points[-1]:
        found.flag(Reason.RING_CLOSED, at, "The ring was open; its last point has been joined to its first.")
        points.append(points[0])
    return tuple(points)


def _positions(value: Any, found: Found, at: str) -> list[LonLat] | None:
    if not isinstance(value, list) or not value:
        found.quarantine(Reason.MEMBER_INVALID, at, "There is no list of positions.")
        return None
    if len(value) > MAX_VERTICES:
        found.quarantine(
            Reason.MEMBER_INVALID, at, f"{len(value)} positions; at most {MAX_VERTICES} are read."
        )
        return None
    read = [_position(item, found, f"{at}/{number}") for number, item in enumerate(value)]
    return None if None in read else [position for position in read if position is not None]


def _position(value: Any, found: Found, at: str) -> LonLat | None:
    pair = isinstance(value, list) and len(value) >= 2
    lon, lat = (as_number(value[0]), as_number(value[1])) if pair else (None, None)
    if lon is None or lat is None:
        found.quarantine(Reason.MEMBER_INVALID, at, "A position is two numbers: longitude, latitude.")
        return None
    # Below a tenth of a micrometre is zero: tinier numbers only upset floating-point geometry.
    lon, lat = 0.0 if abs(lon) < 1e-12 else lon, 0.0 if abs(lat) < 1e-12 else lat
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        found.quarantine(
            Reason.MEMBER_INVALID, at, f"Longitude {lon:g}, latitude {lat:g} is not on the globe."
        )
        return None
    return lon, lat


def _pairs(value: Any) -> Iterator[LonLat]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _pairs(member)
    elif isinstance(value, list):
        numbers = [as_number(item) for item in value[:2] if not isinstance(item, list | dict)]
        if len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None:
            if -180 <= numbers[0] <= 180 and -90 <= numbers[1] <= 90:
                yield numbers[0], numbers[1]
        else:
            for item in value:
                yield from _pairs(item)


def _members(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (member for key, member in value.items() if key == name)
        for member in value.values():
            yield from _members(member, name)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item, name)

"""Surfaces of AIXM 5.1: rings of lines, arcs, circles and borders, as outlines that cover them.

Positions are read in the axis order of their `srsName` and given as (lon, lat). A geodesic stays within centimetres
of its straight pieces; arcs become chords; what either leaves outside is covered by growing the whole outline.

Source: AIXM 5.1, "Use of GML for aviation data" (OGC 12-028r1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import shapely
from lxml import etree
from numpy.typing import NDArray

from zones_api.domain.geometry import CURVE_M, GEOD, MAX_PIECES, Bounds, LonLat, around, geodesic
from zones_api.formats.members import as_number
from zones_api.formats.offices.coordinate_systems import CannotPlace, enlarged
from zones_api.formats.strict_xml import local, text_of

NEAR_M = 100.0
"""An arc belongs to the points beside it, and a border to the line it continues, if they are no further apart."""
_SAG_M = 0.5
_MAX_AMBIGUOUS = 6
_LAT_FIRST = ("urn:ogc:def:crs:EPSG::4326", "EPSG:4326", "http://www.opengis.net/def/crs/EPSG/0/4326")
_LON_FIRST = (
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "CRS:84",
    "OGC:CRS84",
    "CRS84",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
)
_METRES = {
    "M": 1.0,
    "KM": 1000.0,
    "NM": 1852.0,
    "[NMI_I]": 1852.0,
    "NMI": 1852.0,
    "FT": 0.3048,
    "[FT_I]": 0.3048,
}
_LINES = ("GeodesicString", "LineStringSegment", "Geodesic", "LineString", "LinearRing")
_XLINK = "{http://www.w3.org/1999/xlink}href"

Azimuths = NDArray[np.float64]


class CannotRead(Exception):
    """A surface that is not read; its text says why, `bounds` where it lies, None for anywhere."""

    def __init__(self, detail: str, bounds: Bounds | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.bounds = bounds


@dataclass(frozen=True)
class _Line:
    points: tuple[LonLat, ...]
    is_geodesic: bool


@dataclass(frozen=True)
class _Arc:
    """An arc; the angles in degrees as published. `whole` is a circle."""

    centre: LonLat
    radius_m: float
    start: float = 0.0
    end: float = 360.0
    whole: bool = False


@dataclass(frozen=True)
class _Border:
    path: tuple[LonLat, ...]


_Piece = _Line | _Arc | _Border


@dataclass(frozen=True)
class Surface:
    """GeoJSON geometries that together cover a surface, and what a reader must know of how it was read."""

    geometries: tuple[dict[str, Any], ...]
    said: tuple[str, ...] = ()


def read_surface(element: etree._Element, borders: Mapping[str, etree._Element]) -> Surface:
    """Return what covers a surface.

    A circle by itself stays a circle. Where an arc may run either way round, both readings are covered.

    Args:
        element: A Surface, Polygon or what holds one.
        borders: Curves that rings may run along, by their identifier.

    Raises:
        CannotRead: If any part of it cannot be read: the rest would be a smaller zone.
    """
    patches = [each for each in element.iter() if local(each) in ("PolygonPatch", "Polygon")]
    if not patches:
        raise CannotRead("The volume has no surface of polygons.")
    geometries: list[dict[str, Any]] = []
    said: list[str] = []
    for patch in patches:
        made, notes = _patch(patch, borders)
        geometries += made
        said += notes
    return Surface(tuple(geometries), tuple(dict.fromkeys(said)))


def _patch(
    patch: etree._Element, borders: Mapping[str, etree._Element]
) -> tuple[list[dict[str, Any]], list[str]]:
    outer = [each for each in patch if local(each) == "exterior"]
    inner = [each for each in patch if local(each) == "interior"]
    if len(outer) != 1:
        raise CannotRead("A patch of the surface has no exterior, or several.")
    shell = _pieces(outer[0], borders)
    match shell:
        case [_Arc(whole=True) as circle] if not inner:
            extent = {"subType": "Circle", "radius": circle.radius_m}
            return [{"type": "Point", "coordinates": list(circle.centre), "extent": extent}], []
    readings, slack_m = _readings(shell)
    holes, said = [], []
    for each in inner:
        cut, hole_slack_m = _readings(_pieces(each, borders))
        slack_m = max(slack_m, hole_slack_m)
        if len(cut) == 1:
            holes.append(cut[0])
        else:
            said.append("A hole whose arcs may run either way round is kept in.")
    if len(readings) > 1:
        said.append("An arc may run either way round; both areas are kept in.")
    try:
        return [enlarged([[shell_ring, *holes]], slack_m) for shell_ring in readings], said
    except CannotPlace as error:
        raise CannotRead(str(error)) from error


def _pieces(boundary: etree._Element, borders: Mapping[str, etree._Element]) -> list[_Piece]:
    pieces = list(_walked(boundary, borders))
    if not pieces:
        raise CannotRead("A ring of the surface has no points.")
    points = {point for piece in pieces if isinstance(piece, _Line) for point in piece.points}
    if all(isinstance(piece, _Line) for piece in pieces) and len(points) < 3:
        raise CannotRead("A ring of the surface has fewer than three points.")
    return pieces


def _walked(element: etree._Element, borders: Mapping[str, etree._Element]) -> Iterator[_Piece]:
    for child in element:
        name = local(child)
        if name in _LINES:
            points = positions(child)
            if points:
                yield _Line(tuple(points), name.startswith("Geodesic"))
        elif name in ("ArcByCenterPoint", "CircleByCenterPoint"):
            yield _arc(child, whole=name == "CircleByCenterPoint")
        elif name == "curveMember" and child.get(_XLINK):
            href = str(child.get(_XLINK))
            border = borders.get(href.removeprefix("urn:uuid:").removeprefix("#"))
            if border is None:
                raise CannotRead(f"The ring runs along {href[:60]!r}, which is not in the file.")
            path = [
                point for piece in _walked(border, {}) if isinstance(piece, _Line) for point in piece.points
            ]
            yield _Border(tuple(path))
        elif name in ("Ring", "curveMember", "Curve", "segments", "OrientableCurve", "baseCurve", "border"):
            if child.get("orientation") == "-":
                raise CannotRead("A curve with its orientation reversed is not read.")
            yield from _walked(child, borders)
        elif name:
            raise CannotRead(f"A {name} in a ring is not read.")


def _arc(element: etree._Element, *, whole: bool) -> _Arc:
    centres = positions(element)
    if len(centres) != 1:
        raise CannotRead("An arc or circle does not have one centre.")
    radius = next((each for each in element if local(each) == "radius"), None)
    number = None if radius is None else as_number(text_of(radius))
    metres = None if radius is None else _METRES.get(str(radius.get("uom", "")).upper())
    if number is None or metres is None or not 0 < number * metres <= 2_000_000:
        raise CannotRead("An arc or circle has no radius with a unit that can be read.")
    if whole:
        return _Arc(centres[0], number * metres, whole=True)
    angles = [
        as_number(text_of(each))
        for name in ("startAngle", "endAngle")
        for each in element
        if local(each) == name and str(each.get("uom", "deg")).lower() in ("deg", "degree")
    ]
    if len(angles) != 2 or any(angle is None or abs(angle) > 720 for angle in angles):
        raise CannotRead("An arc has no start and end angle in degrees.")
    start, end = (angle for angle in angles if angle is not None)
    return _Arc(centres[0], number * metres, start, end)


def positions(element: etree._Element) -> list[LonLat]:
    """Return every position below an element, in the order of the document."""
    found: list[LonLat] = []
    for each in element.iter():
        if local(each) in ("pos", "posList", "coordinates"):
            if local(each) == "coordinates":
                raise CannotRead(
                    "Positions in <coordinates> are not read; AIXM 5.1 writes <pos> or <posList>."
                )
            numbers = [as_number(part) for part in text_of(each).split()]
            size = 3 if _inherited(each, "srsDimension") == "3" else 2
            if not numbers or len(numbers) % size or None in numbers:
                raise CannotRead("A position is not two numbers.")
            lat_first = _lat_first(_inherited(each, "srsName"))
            pairs = [number for number in numbers if number is not None]
            for start in range(0, len(pairs), size):
                a, b = pairs[start : start + 2]
                lon, lat = (b, a) if lat_first else (a, b)
                if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                    raise CannotRead(f"Longitude {lon:g}, latitude {lat:g} is not on the globe.")
                found.append((lon, lat))
    return found


def _inherited(element: etree._Element, attribute: str) -> str | None:
    for each in (element, *element.iterancestors()):
        if (value := each.get(attribute)) is not None:
            return str(value)
    return None


def _lat_first(srs: str | None) -> bool:
    if srs in _LAT_FIRST:
        return True
    if srs in _LON_FIRST:
        return False
    raise CannotRead(
        "No coordinate system is stated (srsName)."
        if srs is None
        else f"Coordinates in {srs[:60]!r} are not read; WGS 84 is (urn:ogc:def:crs:EPSG::4326)."
    )


def _readings(pieces: Sequence[_Piece]) -> tuple[list[NDArray[np.float64]], float]:
    """Return the rings that pieces may mean, and by how many metres those may fall short of it.

    Arcs run as the standard says, unless the ring then crosses itself and does not where one runs the other way. Their
    ends are taken as computed, unless rounding makes the ring cross itself: then they meet the points beside them.
    """
    ends = [_ends(piece) for piece in pieces]
    ways: list[list[Azimuths]] = []
    for number, piece in enumerate(pieces):
        before, after = ends[number - 1][1], ends[(number + 1) % len(ends)][0]
        ways.append(_ways(piece, before, after) if isinstance(piece, _Arc) else [np.empty(0)])
    slack_m = max(_slack_m(piece) for piece in pieces)
    gap_m = max(_gap_m(pieces, ends, number, way[0]) for number, way in enumerate(ways))
    meant = [way[: _meant(way)] for way in ways]
    for choices, meet in ((meant, False), (meant, True), (ways, False), (ways, True)):
        if sum(len(each) > 1 for each in choices) > _MAX_AMBIGUOUS:
            raise CannotRead("Too many arcs of one ring may run either way round.", _reach(pieces))
        rings = [_ring(pieces, ends, choice, meet=meet) for choice in product(*choices)]
        valid = [ring for ring in rings if shapely.Polygon(ring).is_valid]
        if valid:
            return valid, slack_m + (gap_m if meet else 0.0)
    return [_ring(pieces, ends, [way[0] for way in ways], meet=False)], slack_m


def _meant(ways: list[Azimuths]) -> int:
    """Return how many of the ways an arc may run must be looked at: both where it turns over half a circle backwards.

    The standard says so of an arc from 315 to 45 degrees, and some publishers mean the way past north by it.
    """
    return len(ways) if len(ways) > 1 and ways[0][-1] - ways[0][0] < -180.0 else 1


def _ends(piece: _Piece) -> tuple[LonLat | None, LonLat | None]:
    return (piece.points[0], piece.points[-1]) if isinstance(piece, _Line) else (None, None)


def _slack_m(piece: _Piece) -> float:
    match piece:
        case _Arc():
            return _sag_m(piece.radius_m) * 1.01
        case _Line(is_geodesic=True) if len(geodesic(piece.points)) > len(piece.points):
            return 2 * CURVE_M
    return 0.0


def _step_degrees(radius_m: float) -> float:
    """Return the angle whose chord leaves an arc by _SAG_M, five degrees at most."""
    return min(5.0, 2 * math.degrees(math.acos(max(0.0, 1 - _SAG_M / radius_m))))


def _sag_m(radius_m: float) -> float:
    return radius_m * (1 - math.cos(math.radians(_step_degrees(radius_m)) / 2))


def _ways(arc: _Arc, before: LonLat | None, after: LonLat | None) -> list[Azimuths]:
    """Return the bearings along an arc, as the standard says and the other way round.

    Angles are bearings, clockwise from north, or mathematical, counter-clockwise from east: whichever ends nearer to the
    points beside the arc. A greater end angle goes up in that sense, a smaller one down.

    Raises:
        CannotRead: If by neither it ends within NEAR_M of the points beside it.
    """
    if arc.whole:
        return [_stepped(arc, 0.0, 360.0)]
    bearings, angles = (arc.start, arc.end), (90.0 - arc.start, 90.0 - arc.end)
    off_m = [_off_m(arc, ends, before, after) for ends in (bearings, angles)]
    if min(off_m) > NEAR_M:
        what = f"An arc ends {min(off_m):.0f} m from the points beside it, by either meaning of its angles."
        raise CannotRead(what, _reach([arc]))
    start, end = bearings if off_m[0] <= off_m[1] + 1.0 else angles
    other = end + 360.0 if end < start else end - 360.0
    return [_stepped(arc, start, end), _stepped(arc, start, other)]


def _stepped(arc: _Arc, start: float, end: float) -> Azimuths:
    sweep = max(-360.0, min(360.0, end - start))
    count = max(2, math.ceil(abs(sweep) / _step_degrees(arc.radius_m)) + 1)
    if count > MAX_PIECES:
        raise CannotRead("An arc needs too many points.")
    return np.linspace(start, start + sweep, count)


def _at(arc: _Arc, azimuths: Azimuths) -> list[LonLat]:
    size = len(azimuths)
    lons, lats, _ = GEOD.fwd(
        np.full(size, arc.centre[0]), np.full(size, arc.centre[1]), azimuths, np.full(size, arc.radius_m)
    )
    return list(zip(lons.tolist(), lats.tolist(), strict=True))


def _off_m(arc: _Arc, ends: tuple[float, float], before: LonLat | None, after: LonLat | None) -> float:
    start, end = _at(arc, np.array(ends))
    beside = ((start, before), (end, after))
    return max([0.0, *(_apart_m(own, other) for own, other in beside if other is not None)])


def _apart_m(a: LonLat, b: LonLat) -> float:
    return float(GEOD.inv(*a, *b)[2])


def _ring(
    pieces: Sequence[_Piece],
    ends: Sequence[tuple[LonLat | None, LonLat | None]],
    choice: Sequence[Azimuths],
    *,
    meet: bool,
) -> NDArray[np.float64]:
    """Return a closed ring; with `meet`, arcs end in the points beside them."""
    points: list[LonLat] = []
    for number, (piece, azimuths) in enumerate(zip(pieces, choice, strict=True)):
        before, after = ends[number - 1][1], ends[(number + 1) % len(ends)][0]
        match piece:
            case _Line():
                given = (
                    geodesic(piece.points).tolist()
                    if piece.is_geodesic and len(piece.points) > 1
                    else piece.points
                )
                points.extend((float(lon), float(lat)) for lon, lat in given)
            case _Arc():
                along = _at(piece, azimuths)
                if meet:
                    along[0] = before or along[0]
                    along[-1] = after or along[-1]
                points.extend(along)
            case _Border():
                points.extend(_along(piece.path, before, after))
    distinct = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
    if len(set(distinct)) < 3:
        raise CannotRead("A ring of the surface has fewer than three points.")
    if distinct[0] != distinct[-1]:
        distinct.append(distinct[0])
    return np.asarray(distinct, dtype=np.float64)


def _gap_m(
    pieces: Sequence[_Piece],
    ends: Sequence[tuple[LonLat | None, LonLat | None]],
    number: int,
    azimuths: Azimuths,
) -> float:
    piece = pieces[number]
    if not isinstance(piece, _Arc) or piece.whole:
        return 0.0
    before, after = ends[number - 1][1], ends[(number + 1) % len(ends)][0]
    return _off_m(piece, (float(azimuths[0]), float(azimuths[-1])), before, after)


def _along(path: tuple[LonLat, ...], before: LonLat | None, after: LonLat | None) -> list[LonLat]:
    """Return the part of a border between two points near it, in the direction of the ring."""
    if before is None or after is None or len(path) < 2:
        raise CannotRead("A ring runs along a border, but not from a point to a point.")
    if path[0] == path[-1]:
        raise CannotRead("A ring runs along a closed border, either way round.")
    line = shapely.LineString(path)
    places = []
    for point in (before, after):
        at = float(line.project(shapely.Point(point)))
        foot = line.interpolate(at)
        apart = _apart_m(point, (foot.x, foot.y))
        if apart > NEAR_M:
            raise CannotRead(f"A ring meets the border it runs along {apart:.0f} m beside it.")
        places.append(at)
    first, last = places
    vertices = [(float(line.project(shapely.Point(point))), point) for point in path]
    low, high = min(places), max(places)
    between = [point for at, point in vertices if low < at < high]
    return between if first <= last else between[::-1]


def _reach(pieces: Sequence[_Piece]) -> Bounds:
    """Return a box that holds everything a ring of pieces may be."""
    boxes: list[Bounds] = []
    for piece in pieces:
        match piece:
            case _Arc():
                boxes.append(around((*piece.centre, *piece.centre), piece.radius_m))
            case _Line(points=points) | _Border(path=points) if points:
                lons, lats = zip(*points, strict=True)
                boxes.append((min(lons), min(lats), max(lons), max(lats)))
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)

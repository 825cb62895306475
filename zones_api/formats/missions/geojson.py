"""Flights as GeoJSON (RFC 7946) and as OpenUTM's flight declaration, which holds one.

A third coordinate is a height above the ellipsoid by the RFC and anything in practice, so it has no reference.
Heights in properties count where they name theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from zones_api.domain.altitude import METRES_PER_FOOT, Height, VerticalReference
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.formats.members import absent, as_text
from zones_api.formats.missions import limits
from zones_api.formats.missions.doubts import HEIGHT_UNCERTAIN, NOT_FLOWN, PATH_UNCERTAIN, TIME_UNCERTAIN
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.reading import Reading, height_m, json_object, name_of, number

NAME = "GeoJSON"
_GEOMETRIES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
_TYPES = (*_GEOMETRIES, "Feature", "FeatureCollection")
_RECOGNISED = re.compile(
    rb'"flight_declaration_geo_json"\s*:|"type"\s*:\s*"(?:' + "|".join(_TYPES).encode() + rb')"'
)
_WGS84_CRS = re.compile(r"CRS84h?|EPSG:(?:.*:)?(?:4326|4979)|WGS ?84", re.IGNORECASE)
_REFERENCES = {
    "AGL": VerticalReference.AGL,
    "SFC": VerticalReference.AGL,
    "GND": VerticalReference.AGL,
    "AMSL": VerticalReference.AMSL,
    "MSL": VerticalReference.AMSL,
    "EGM96": VerticalReference.AMSL,
    "W84": VerticalReference.WGS84,
    "WGS84": VerticalReference.WGS84,
    "TAKEOFF": VerticalReference.TAKEOFF,
    "ATO": VerticalReference.TAKEOFF,
}
_UNITS = {"M": 1.0, "METERS": 1.0, "METRES": 1.0, "FT": METRES_PER_FOOT, "FEET": METRES_PER_FOOT}
_LOWER = ("min_altitude", "minAltitude", "altitude_lower", "altitudeLower")
_UPPER = ("max_altitude", "maxAltitude", "altitude_upper", "altitudeUpper")
_REFERENCE = (
    "altitude_reference",
    "altitudeReference",
    "vertical_reference",
    "verticalReference",
    "altitude_datum",
    "altitudeDatum",
    "datum",
    "altitude_type",
    "altitudeType",
)
_START = ("start_datetime", "startDateTime", "start_time", "startTime", "effective_time_begin", "start")
_END = ("end_datetime", "endDateTime", "end_time", "endTime", "effective_time_end", "end")


class _Limits(NamedTuple):
    """The lowest and the greatest height that properties state; `loose_m` is a greatest one without reference."""

    lower: Height | None
    upper: Height | None
    loose_m: float | None


@dataclass
class _Parts:
    """What one feature has: lines in the order in which they are flown, areas, and single points."""

    lines: list[list[Waypoint]] = field(default_factory=list)
    areas: list[Polygon] = field(default_factory=list)
    marks: list[Waypoint] = field(default_factory=list)


def recognises(data: bytes) -> bool:
    """Say whether a file is a JSON object that has what GeoJSON or a flight declaration has."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and _RECOGNISED.search(data) is not None


def read(data: bytes) -> MissionFile:
    """Return the flights of a GeoJSON file or a flight declaration: one for each feature with a line or an area.

    Raises:
        InvalidInput: If it cannot be read, is not in WGS 84, or has no flight.
        InputTooLarge: If it is larger than what is read.
    """
    value = json_object(data, "GeoJSON")
    found = Reading()
    if "flight_declaration_geo_json" in value or value.get("exchange_type") == "flight_declaration":
        return _declaration(value, found)
    return found.file(NAME, _missions(value, {}, found))


def _declaration(value: dict[str, Any], found: Reading) -> MissionFile:
    """Return the flights of an OpenUTM declaration: its times hold where a feature has none of its own."""
    inside = value.get("flight_declaration_geo_json")
    if not isinstance(inside, dict) or not inside:
        what = "The flight declaration has no flight: its flight_declaration_geo_json is empty."
        raise refused(what, "/flight_declaration_geo_json")
    return found.file(NAME, _missions(inside, value, found))


def _missions(value: dict[str, Any], around: Mapping[str, Any], found: Reading) -> list[Mission]:
    """Return the flights of a GeoJSON object; `around` has properties that hold where features state none."""
    _check_crs(value)
    missions: list[Mission] = []
    marks: list[Waypoint] = []
    period: tuple[datetime | None, datetime | None] = (None, None)
    for feature, where in _features(value, found):
        own = feature.get("properties")
        properties = own if isinstance(own, dict) else {}
        _check_crs(feature)
        parts = _Parts()
        _read_geometry(feature["geometry"], where, parts, found)
        times = _period(properties, around, where, found)
        missions += _flights(parts, properties, times, where, found)
        marks += _with_limits(parts.marks, properties, where, found)
        period = period if period != (None, None) else times
    through = found.through(marks, name_of(value.get("name")), beside_route=bool(missions))
    return missions + [replace(each, starts_at=period[0], ends_at=period[1]) for each in through]


def _features(value: dict[str, Any], found: Reading) -> Iterator[tuple[dict[str, Any], str]]:
    """Give the features that have a geometry; a bare geometry is one without properties."""
    kind = value.get("type")
    if kind in _GEOMETRIES:
        yield {"geometry": value}, str(kind)
        return
    if kind not in ("Feature", "FeatureCollection"):
        shown = "no type" if kind is None else f"the type {str(kind)[:40]!r}"
        raise refused(f"The file is a JSON object with {shown}, which GeoJSON does not have.", "/type")
    features = [value] if kind == "Feature" else value.get("features")
    if not isinstance(features, list):
        raise refused("The FeatureCollection has no list of features.", "/features")
    for index, feature in enumerate(features):
        where = f"feature {index + 1}"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise refused(f"{where}: this is not a Feature.", where)
        geometry = feature.get("geometry")
        if geometry is None:
            found.flag(NOT_FLOWN, "it has no geometry.", where)
        elif not isinstance(geometry, dict):
            raise refused(f"{where}: its geometry is not an object.", where)
        else:
            yield feature, where


def _check_crs(value: dict[str, Any]) -> None:
    """Refuse coordinates of another reference system than WGS 84, which only old files name."""
    crs = value.get("crs")
    if crs is None:
        return
    named = crs.get("properties") if isinstance(crs, dict) else None
    name = named.get("name") if isinstance(named, dict) else None
    if not isinstance(name, str) or not _WGS84_CRS.search(name):
        shown = name[:60] if isinstance(name, str) else "one that is not named"
        raise refused(
            f"The coordinates are in another reference system ({shown}); only WGS 84 is read.", "/crs"
        )


def _read_geometry(geometry: Any, where: str, parts: _Parts, found: Reading) -> None:
    """Add what a geometry has to the parts of a feature."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in _GEOMETRIES:
        raise refused(f"{where}: the geometry type {str(kind)[:40]!r} is not one of GeoJSON.", where)
    if kind == "GeometryCollection":
        for inner in _listed(geometry.get("geometries"), "geometries", where):
            _read_geometry(inner, where, parts, found)
        return
    coordinates = _listed(geometry.get("coordinates"), "coordinates", where)
    match kind:
        case "Point":
            parts.marks.append(_waypoint(coordinates, where, found))
        case "MultiPoint":
            parts.marks += _line(coordinates, where, found)
        case "LineString":
            parts.lines.append(_line(coordinates, where, found))
        case "MultiLineString":
            parts.lines += [_line(each, where, found) for each in coordinates]
        case "Polygon":
            parts.areas.append(_polygon(coordinates, where, found))
        case _:
            parts.areas += [_polygon(each, where, found) for each in coordinates]


def _flights(
    parts: _Parts,
    properties: Mapping[str, Any],
    period: tuple[datetime | None, datetime | None],
    where: str,
    found: Reading,
) -> list[Mission]:
    """Return the flights of one feature: its lines one after the other, and its areas."""
    name = name_of(properties.get("name"))
    speed_m_s = _speed(properties, where, found)
    starts_at, ends_at = period
    missions = []
    if len(parts.lines) > 1:
        what = "its lines are taken as flown one after the other, in a straight line from each to the next."
        found.flag(PATH_UNCERTAIN, what, where)
    if parts.lines:
        path = [waypoint for line in parts.lines for waypoint in line]
        stated = _limits(properties, where, found)
        waypoints = tuple(_loosely(path, stated.loose_m))
        missions.append(
            Mission(
                name,
                waypoints,
                lower=stated.lower,
                upper=stated.upper,
                speed_m_s=speed_m_s,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    if parts.areas:
        stated = _limits(properties, where, found)
        missions.append(
            Mission(
                name,
                areas=tuple(parts.areas),
                lower=stated.lower,
                upper=stated.upper,
                speed_m_s=speed_m_s,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    return missions


def _with_limits(
    marks: list[Waypoint], properties: Mapping[str, Any], where: str, found: Reading
) -> list[Waypoint]:
    """Return single points at the greatest height that their feature states."""
    if not marks:
        return []
    stated = _limits(properties, where, found)
    if stated.upper is not None:
        return [replace(mark, height=stated.upper, unreferenced_m=None) for mark in marks]
    return _loosely(marks, stated.loose_m)


def _loosely(waypoints: list[Waypoint], loose_m: float | None) -> list[Waypoint]:
    """Return waypoints with a height without reference at those that have none, or a lower one."""
    if loose_m is None:
        return waypoints
    return [replace(each, unreferenced_m=max(loose_m, each.unreferenced_m or loose_m)) for each in waypoints]


def _limits(properties: Mapping[str, Any], where: str, found: Reading) -> _Limits:
    """Return the heights that properties state. Without a reference a greatest height is kept, a lowest is not."""
    reference = _first(properties, _REFERENCE)
    upper = _height(_first(properties, _UPPER), reference, f"{where}, max_altitude", found)
    lower = _height(_first(properties, _LOWER), reference, f"{where}, min_altitude", found)
    loose_m = upper if isinstance(upper, float) else None
    return _Limits(
        lower if isinstance(lower, Height) else None, upper if isinstance(upper, Height) else None, loose_m
    )


def _height(value: Any, reference: Any, where: str, found: Reading) -> Height | float | None:
    """Return a height, or only its metres where its reference is not stated in words that are known."""
    if absent(value):
        return None
    unit: Any = "M"
    if isinstance(value, dict):
        reference = _first(value, ("reference", *_REFERENCE)) or reference
        unit = _first(value, ("units", "unit", "units_of_measure", "uom")) or "M"
        value = _first(value, ("value", "meters", "metres", "altitude_value"))
    factor = _UNITS.get(str(unit).strip().upper())
    if factor is None:
        raise refused(f"{where}: the unit {str(unit)[:40]!r} is not metres or feet.", where)
    metres = height_m(number(value, "height", where) * factor, "height", where)
    known = _REFERENCES.get(re.sub(r"[\s_-]", "", (as_text(reference) or "").upper()))
    if known is None:
        shown = (
            "has no reference"
            if absent(reference)
            else f"has a reference that is not known ({reference!s:.40})"
        )
        found.flag(HEIGHT_UNCERTAIN, f"the height {metres:g} m {shown}: nobody says from where.", where)
        return metres
    return Height(metres, known)


def _period(
    properties: Mapping[str, Any], around: Mapping[str, Any], where: str, found: Reading
) -> tuple[datetime | None, datetime | None]:
    ends = []
    for names, what in ((_START, "start"), (_END, "end")):
        value = _first(properties, names) or _first(around, names)
        value = value.get("value") if isinstance(value, dict) else value
        ends.append(found.instant(value, what, where))
    if ends[0] is not None and ends[1] is not None and ends[1] < ends[0]:
        raise refused(f"{where}: the flight ends before it starts.", where)
    return ends[0], ends[1]


def _speed(properties: Mapping[str, Any], where: str, found: Reading) -> float | None:
    value = _first(properties, ("speed_m_s", "speed_mps"))
    if value is None and (value := properties.get("speed")) is not None:
        found.flag(TIME_UNCERTAIN, "its speed is taken as metres a second.", where)
    return None if absent(value) else limits.speed_m_s(number(value, "speed", where), where)


def _first(properties: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((properties[name] for name in names if not absent(properties.get(name))), None)


def _line(coordinates: Any, where: str, found: Reading) -> list[Waypoint]:
    spots = _listed(coordinates, "coordinates", where)
    if not spots:
        raise refused(f"{where}: its line has no positions.", where)
    return [_waypoint(spot, f"{where}, position {index + 1}", found) for index, spot in enumerate(spots)]


def _polygon(coordinates: Any, where: str, found: Reading) -> Polygon:
    rings = []
    for ring in _listed(coordinates, "coordinates", where):
        places: list[LonLat] = [waypoint.position for waypoint in _line(ring, where, found)]
        rings.append(places)
    return found.polygon(rings, where)


def _waypoint(spot: Any, where: str, found: Reading) -> Waypoint:
    if not isinstance(spot, list) or len(spot) < 2:
        raise refused(f"{where}: a position is two numbers, longitude and latitude.", where)
    position = found.position(spot[0], spot[1], where)
    if len(spot) < 3 or spot[2] is None:
        return Waypoint(position, where)
    what = "the third number is taken as a height in metres; nobody says from where it is measured."
    found.flag(HEIGHT_UNCERTAIN, what, where)
    return Waypoint(position, where, unreferenced_m=height_m(spot[2], "height", where))


def _listed(value: Any, name: str, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise refused(f"{where}: its {name} are not a list.", where)
    return value

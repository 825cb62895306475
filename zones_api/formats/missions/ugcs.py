"""Routes of UgCS as JSON. Coordinates are in radians; each point says what its altitude is measured from."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.formats.members import absent
from zones_api.formats.missions import limits
from zones_api.formats.missions.doubts import (
    HEIGHT_UNCERTAIN,
    PATH_UNCERTAIN,
    TAKEOFF_UNKNOWN,
    TIME_UNCERTAIN,
)
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.reading import Reading, height_m, json_object, name_of, number

NAME = "UgCS"
_RECOGNISED = re.compile(rb'"(?:segments|altitudeType)"\s*:|"route"\s*:\s*(?:null|\{)|"vehicleProfiles"\s*:')
_OTHERS = re.compile(rb'"fileType"\s*:|"(?:Feature|FeatureCollection)"')
_REFERENCES = {
    "AGL": VerticalReference.AGL,
    "AMSL": VerticalReference.AMSL,
    "WGS84": VerticalReference.WGS84,
}
_WHOLE = "save the whole route as a file from UgCS"


def recognises(data: bytes) -> bool:
    """Say whether a file is a JSON object with what UgCS writes."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and bool(_RECOGNISED.search(data)) and not _OTHERS.search(data)


def read(data: bytes) -> MissionFile:
    """Return the flight of each route in a UgCS file.

    Raises:
        InvalidInput: If it cannot be read, is only a part of a route, or has segments other than waypoints.
        InputTooLarge: If it is larger than what is read.
    """
    value = json_object(data, "a UgCS route")
    found = Reading()
    routes = _routes(value)
    missions = []
    for index, route in enumerate(routes):
        where = "route" if len(routes) == 1 else f"route {index + 1}"
        missions.append(_mission(route, where, found))
    return found.file(NAME, missions)


def _routes(value: dict[str, Any]) -> list[Any]:
    if "point" in value and "segments" not in value:
        raise refused(f"This is a single waypoint of a UgCS route; {_WHOLE}.", "/point")
    if "segments" in value:
        return [value]
    given = value.get("routes") if "routes" in value else value.get("route")
    routes = given if isinstance(given, list) else [] if given is None else [given]
    if not routes:
        raise refused(f"The UgCS file has no route: its route is empty; {_WHOLE}.", "/route")
    return routes


def _mission(route: Any, where: str, found: Reading) -> Mission:
    segments = route.get("segments") if isinstance(route, dict) else None
    if not isinstance(segments, list) or not segments:
        raise refused(f"The UgCS {where} has no segments, so no waypoints; {_WHOLE}.", where)
    waypoints = []
    speeds = set()
    for index, segment in enumerate(segments):
        here = f"segment {index + 1}" if where == "route" else f"{where}, segment {index + 1}"
        waypoints.append(_waypoint(segment, here, found))
        speed = _speed(segment.get("parameters"), here)
        speeds |= {speed} if speed is not None else set()
    if not absent(route.get("takeoffHeight")):
        what = "it climbs to its take-off height first, at a place that the file does not state."
        found.flag(TAKEOFF_UNKNOWN, what, where)
    if len(speeds) > 1:
        what = f"its speed is {min(speeds):g} to {max(speeds):g} m/s; taken as {min(speeds):g} all the way."
        found.flag(TIME_UNCERTAIN, what, where)
    return Mission(
        name_of(route.get("name")),
        tuple(waypoints),
        speed_m_s=min(speeds) if speeds else None,
        starts_at=_scheduled(route.get("scheduledTime"), where, found),
    )


def _waypoint(segment: Any, where: str, found: Reading) -> Waypoint:
    kind = segment.get("type") if isinstance(segment, dict) else None
    point = segment.get("point") if isinstance(segment, dict) else None
    if kind != "Waypoint" or not isinstance(point, dict):
        what = f"the type {str(kind)[:40]!r} is not read, only Waypoint; export the calculated route as KML"
        raise refused(f"{where}: {what}.", where)
    lat, lon = (_degrees(point.get(name), name, where) for name in ("latitude", "longitude"))
    position = found.position(lon, lat, where)
    if not absent(segment.get("actions")):
        found.flag(TIME_UNCERTAIN, "its actions are not read; the flight may be held here.", where)
    parameters = segment.get("parameters")
    turn = parameters.get("wpTurnType") if isinstance(parameters, dict) else None
    if turn not in (None, "STRAIGHT", "STOP_AND_TURN"):
        found.flag(PATH_UNCERTAIN, "it may turn here in a curve off the straight line.", where)
    if absent(point.get("altitude")):
        found.flag(HEIGHT_UNCERTAIN, "it has no altitude; the height counts as not stated.", where)
        return Waypoint(position, where)
    value_m = height_m(point["altitude"], "altitude", where)
    reference = _REFERENCES.get(str(point.get("altitudeType")))
    if reference is None:
        found.flag(HEIGHT_UNCERTAIN, "its altitudeType is not one that is known.", where)
        return Waypoint(position, where, unreferenced_m=value_m)
    return Waypoint(position, where, Height(value_m, reference))


def _degrees(value: Any, name: str, where: str) -> float:
    """Return an angle in degrees of one in radians."""
    radians = number(value, name, where)
    most = math.pi if name == "longitude" else math.pi / 2
    if abs(radians) > most:
        raise refused(f"{where}: {name} {radians:.10g} is not an angle in radians, as UgCS writes.", where)
    return math.degrees(radians)


def _speed(parameters: Any, where: str) -> float | None:
    value = parameters.get("speed") if isinstance(parameters, dict) else None
    return None if absent(value) else limits.speed_m_s(number(value, "speed", where), where)


def _scheduled(value: Any, where: str, found: Reading) -> datetime | None:
    """Return when a flight is scheduled: milliseconds since 1970, or a date and time."""
    if absent(value):
        return None
    if isinstance(value, str):
        return found.instant(value, "scheduledTime", where)
    seconds = number(value, "scheduledTime", where) / 1000
    if not 0 <= seconds <= 4e9:
        raise refused(f"{where}: scheduledTime is not a moment in milliseconds since 1970.", where)
    return datetime.fromtimestamp(seconds, UTC)

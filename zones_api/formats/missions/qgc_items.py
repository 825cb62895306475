"""The members of a QGroundControl plan's items, and the items of which it makes many: surveys, scans, landings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.formats.missions import areas, doubts, limits, mav_commands
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.mavlink import Item

_MAX_NUMBER = 1e15
_MAX_REACH_M = 50_000.0

_DISTANCE_MODES = {
    1: VerticalReference.TAKEOFF,
    2: VerticalReference.AMSL,
    3: VerticalReference.AGL,
    4: VerticalReference.AGL,
}


@dataclass(frozen=True)
class Area:
    """Where a survey or scan is flown when the plan does not say how. No upper height is not stated."""

    name: str
    polygon: Polygon
    ring: tuple[LonLat, ...]
    upper: Height | None = None


def number(value: Any, where: str, at: str, name: str) -> float | None:
    """Return a number, None for null or where the member is missing."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MAX_NUMBER:
        raise refused(f"{where}: {name} must be a number or null.", at)
    return float(value)


def plain(value: Any) -> Any:
    """Return a word, number or truth value, None for anything that is more."""
    return value if isinstance(value, str | int | float) else None


def whole(value: Any, where: str, at: str, name: str) -> int:
    """Return a whole number from 0 to 65535."""
    given = number(value, where, at, name)
    if given is None or given != int(given) or not 0 <= given < 2**16:
        raise refused(f"{where}: {name} must be a whole number of 0 to 65535.", at)
    return int(given)


def coordinate(value: Any, where: str, at: str) -> tuple[LonLat | None, float | None]:
    """Return a list of latitude, longitude and altitude as (lon, lat) and metres; null is not stated."""
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        raise refused(f"{where}: it must be a list of latitude, longitude and altitude.", at)
    given = [
        number(part, where, f"{at}/{index}", name)
        for index, (part, name) in enumerate(zip(value, ("latitude", "longitude", "altitude"), strict=False))
    ]
    lat, lon = given[0], given[1]
    altitude = limits.height_m(given[2], where, at) if len(given) > 2 and given[2] is not None else None
    if lat is None or lon is None:
        return None, altitude
    return limits.position(lon, lat, where, at), altitude


def landing(member: dict[str, Any], first: int, where: str, at: str) -> list[Item]:
    """Return the approach and the landing of a landing pattern, nothing if it is none.

    The approach is circled where it says so; a reference that is not stated leaves the heights without one.
    """
    if member.get("landCoordinate") is None:
        return []
    circles = member.get("useLoiterToAlt", True) is not False
    radius_m = number(member.get("loiterRadius"), where, at + "/loiterRadius", "loiterRadius")
    items = []
    approach = "landingApproachCoordinate" if "landingApproachCoordinate" in member else "loiterCoordinate"
    commands = (mav_commands.LOITER_TO_ALTITUDE if circles else mav_commands.WAYPOINT, mav_commands.LAND)
    for step, (name, command) in enumerate(zip((approach, "landCoordinate"), commands, strict=True)):
        place, altitude_m = coordinate(member.get(name), f"{where}, {name}", f"{at}/{name}")
        old = "loiterAltitudeRelative" if step == 0 else "landingAltitudeRelative"
        reference = _above(member.get("altitudesAreRelative", member.get(old)))
        height = Height(altitude_m, reference) if reference and altitude_m is not None else None
        items.append(
            Item(
                first + 1 + step,
                f"{where}, {name}",
                f"{at}/{name}",
                command,
                (0.0, radius_m if circles else 0.0, 0.0, None),
                place,
                height,
                None if height else altitude_m,
            )
        )
    return items


def area(member: dict[str, Any], where: str, at: str, found: Doubts) -> Area | None:
    """Return where a survey, corridor or structure scan without items is flown, None if it has no shape.

    It reaches as far beyond its shape as the aircraft turns or keeps its distance.
    """
    upper = _height(member, where, at)
    beyond_m = _beyond_m(member, where, at)
    shape = "polygon" if member.get("polygon") else "polyline"
    ring = _points(member.get(shape), where, f"{at}/{shape}")
    if shape == "polyline":
        width_m = _size(member, "CorridorWidth", where, at)
        polygon = areas.corridor(ring, width_m / 2 + beyond_m)
    else:
        polygon = areas.grown(ring, beyond_m)
    if polygon is None:
        return None
    sentence = "how it is flown is not in the file: it is read as a flight anywhere in its area."
    found.flag(doubts.PATH_UNCERTAIN, sentence, where, at)
    if upper is None:
        found.flag(doubts.HEIGHT_UNCERTAIN, "how high its area is flown is not in the file.", where, at)
    return Area(where, polygon, tuple(ring), upper)


def corners(found: Area, first: int, where: str, at: str) -> list[Item]:
    """Return the corners of an area as waypoints, so that the way to it and from it is flown too."""
    return [
        Item(first, f"{where}, corner {index}", at, mav_commands.WAYPOINT, position=place, height=found.upper)
        for index, place in enumerate(found.ring, start=1)
    ]


def _points(value: Any, where: str, at: str) -> list[LonLat]:
    if not isinstance(value, list):
        return []
    limits.count(len(value))
    places = [coordinate(point, where, f"{at}/{index}")[0] for index, point in enumerate(value)]
    return [place for place in places if place is not None]


def _camera(member: dict[str, Any]) -> dict[str, Any]:
    style = member.get("TransectStyleComplexItem")
    camera = (style if isinstance(style, dict) else member).get("CameraCalc")
    return camera if isinstance(camera, dict) else {}


def _above(relative: Any) -> VerticalReference | None:
    """Return what a height is measured from that is, or is not, relative to home."""
    if not isinstance(relative, bool):
        return None
    return VerticalReference.TAKEOFF if relative else VerticalReference.AMSL


def _size(member: dict[str, Any], name: str, where: str, at: str) -> float:
    """Return a distance of zero or more; nothing stated is zero."""
    value = number(member.get(name), where, f"{at}/{name}", name) or 0.0
    if not 0 <= value <= _MAX_REACH_M:
        raise refused(f"{where}: {name} must be from 0 to {_MAX_REACH_M:,.0f} m.", f"{at}/{name}")
    return value


def _beyond_m(member: dict[str, Any], where: str, at: str) -> float:
    if member.get("complexItemType") == "StructureScan":
        return _size(_camera(member), "DistanceToSurface", where, at + "/CameraCalc")
    style = member.get("TransectStyleComplexItem")
    if not isinstance(style, dict):
        return 0.0
    return _size(style, "TurnAroundDistance", where, at + "/TransectStyleComplexItem")


def _height(member: dict[str, Any], where: str, at: str) -> Height | None:
    """Return up to which height an area is flown, None where that is not stated."""
    if member.get("complexItemType") == "StructureScan":
        return _scan_height(member, where, at)
    camera = _camera(member)
    distance = number(camera.get("DistanceToSurface"), where, at + "/CameraCalc", "DistanceToSurface")
    style = member.get("TransectStyleComplexItem")
    follows = isinstance(style, dict) and style.get("FollowTerrain") is True
    mode = plain(camera.get("DistanceMode"))
    if mode is not None:
        reference = _DISTANCE_MODES.get(mode)
    elif follows:
        reference = VerticalReference.AGL
    else:
        reference = _above(camera.get("DistanceToSurfaceRelative"))
    if distance is None or reference is None:
        return None
    return Height(limits.height_m(distance, where, at), reference)


def _scan_height(member: dict[str, Any], where: str, at: str) -> Height | None:
    """Return how high a structure is scanned: its layers, and the height at which is flown to it, above home."""
    names = ("EntranceAltitude", "ScanBottomAlt", "StructureHeight", "Layers")
    entrance, bottom, top, layers = (number(member.get(name), where, f"{at}/{name}", name) for name in names)
    if entrance is None or top is None:
        return None
    frontal = _size(_camera(member), "AdjustedFootprintFrontal", where, at + "/CameraCalc")
    highest = max(entrance, top, (bottom or 0.0) + (layers or 0.0) * frontal)
    return Height(limits.height_m(highest, where, at), VerticalReference.TAKEOFF)

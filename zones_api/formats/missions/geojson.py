"""GeoJSON lines and areas. A third coordinate is a height that nobody says the reference of."""

from __future__ import annotations

from typing import Any

from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import Defect, InputTooLarge, InvalidInput
from zones_api.formats import strict_json

MAX_POINTS = 20_000


def is_geojson(data: bytes) -> bool:
    """Say whether a file may be a GeoJSON object."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read(data: bytes) -> MissionFile:
    """Return the flights of a GeoJSON geometry, a Feature or a collection: one for each line or area."""
    value = strict_json.loads(data)
    kind = value.get("type") if isinstance(value, dict) else None
    if kind != "FeatureCollection":
        return MissionFile("GeoJSON", (_flight(value, ""),))
    features = value.get("features")
    if not isinstance(features, list) or not features:
        raise _invalid("/features", "features must be a list of at least one Feature.")
    return MissionFile(
        "GeoJSON", tuple(_flight(item, f"/features/{number}") for number, item in enumerate(features))
    )


def _flight(value: Any, at: str) -> Mission:
    name = None
    if isinstance(value, dict) and value.get("type") == "Feature":
        properties = value.get("properties")
        found = properties.get("name") if isinstance(properties, dict) else None
        name = found if isinstance(found, str) else None
        value, at = value.get("geometry"), f"{at}/geometry"
    kind = value.get("type") if isinstance(value, dict) else None
    match kind:
        case "LineString":
            return Mission(name, waypoints=_waypoints(value.get("coordinates"), f"{at}/coordinates"))
        case "Polygon":
            rings = value.get("coordinates")
            if not isinstance(rings, list) or not rings:
                raise _invalid(f"{at}/coordinates", "coordinates must be a list of rings.")
            shell, *holes = (_ring(ring, f"{at}/coordinates/{n}") for n, ring in enumerate(rings))
            return Mission(name, areas=(Polygon(shell, tuple(holes)),))
    raise _invalid(at, "The flight must be a LineString or a Polygon.")


def _ring(value: Any, at: str) -> tuple[LonLat, ...]:
    return tuple(each.position for each in _waypoints(value, at))


def _waypoints(value: Any, at: str) -> tuple[Waypoint, ...]:
    if not isinstance(value, list) or not value:
        raise _invalid(at, "coordinates must be a list of positions.")
    if len(value) > MAX_POINTS:
        raise InputTooLarge(f"{at}: the line has more than {MAX_POINTS} points.")
    return tuple(_waypoint(position, number, f"{at}/{number}") for number, position in enumerate(value))


def _waypoint(value: Any, number: int, at: str) -> Waypoint:
    if (
        not isinstance(value, list)
        or len(value) not in (2, 3)
        or any(isinstance(each, bool) or not isinstance(each, int | float) for each in value)
    ):
        raise _invalid(at, "A position is longitude, latitude and perhaps a height.")
    lon, lat = float(value[0]), float(value[1])
    if abs(lon) > 180.0:
        raise _invalid(at, f"longitude {lon:g} is outside -180 to 180.")
    if abs(lat) > 90.0:
        raise _invalid(at, f"latitude {lat:g} is outside -90 to 90.")
    height_m = float(value[2]) if len(value) > 2 else None
    return Waypoint((lon, lat), f"point {number + 1}", unreferenced_m=height_m)


def _invalid(at: str, detail: str) -> InvalidInput:
    says = f"{at}: {detail}" if at else detail
    return InvalidInput(says, (Defect("GEOJSON_INVALID", at, detail),))

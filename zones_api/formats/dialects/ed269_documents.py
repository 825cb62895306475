"""ED-269 as the standard has it, and in the wrappers that services put around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.formats import ed269
from zones_api.formats.dialects.dialect import (
    Dialect,
    Metadata,
    ed269_at,
    ed269_metadata,
    features_of,
    is_ed269,
)
from zones_api.formats.dialects.reshaping import Reshaping
from zones_api.formats.dialects.steps import reasons_at
from zones_api.formats.members import Found, absent, as_list, as_text, date_time

_LIST, _OBJECTS = "/UASZoneList", "/uas_zones"


def _has(value: Any, at: str) -> bool:
    return isinstance(value, dict) and isinstance(value.get(at[1:]), list)


def _has_corners(value: Any) -> bool:
    """Say whether a zone of a list has its outline as corners, and not as a horizontal projection."""
    zones = (zone for zone in features_of(value, _LIST) if isinstance(zone, dict))
    return any(
        isinstance(volume, dict) and "polygon" in volume for zone in zones for volume in _volumes(zone)
    )


def _volumes(zone: dict[str, Any]) -> Iterator[Any]:
    yield from as_list(zone.get("geometry"))


def reply_metadata(value: Any, found: Found) -> Metadata:
    """Return when a list was made; a reply that says it failed is no list of zones, and stops the document."""
    reply = value.get("genericReply")
    status = as_text(reply.get("RequestStatus")) if isinstance(reply, dict) else None
    if status is not None and status.upper() != "OK":
        why = as_text(reply.get("RequestExceptionDescription")) or "no reason is given"
        what = f"The service answered that its request failed ({status}: {why[:200]})."
        found.stop(Reason.MEMBER_INVALID, "/genericReply/RequestStatus", what)
    made = value.get("createdAt")
    moment = date_time(made)
    if not absent(made) and (moment is None or moment.tzinfo is None):
        found.note(Reason.MEMBER_INVALID, "/createdAt", "createdAt is not a date and time with an offset.")
    issued = moment if moment and moment.tzinfo else None
    return {"title": as_text(value.get("title")), "issued": issued}


def _metres_and_corners(shape: Reshaping) -> None:
    """Read heights in metres, as this dialect has no unit, and an outline by its corners."""
    for volume in list(shape.each("/geometry")):
        if not isinstance(shape.get(volume), dict):
            continue
        if absent(shape.get(f"{volume}/uomDimensions")):
            shape.put(f"{volume}/uomDimensions", "M", shape.published_at(volume))
        corners = shape.get(f"{volume}/polygon")
        if isinstance(corners, list) and absent(shape.get(f"{volume}/horizontalProjection")):
            there = shape.published_at(f"{volume}/polygon")
            rings = corners if _are_rings(corners) else [[_corner(corner) for corner in corners]]
            shape.drop(f"{volume}/polygon")
            shape.put(f"{volume}/horizontalProjection", {"type": "Polygon", "coordinates": rings}, there)
            shape.locate(f"{volume}/horizontalProjection/coordinates", there)
            if rings is not corners:
                shape.locate(f"{volume}/horizontalProjection/coordinates/0", there)


def _are_rings(corners: list[Any]) -> bool:
    return bool(corners) and all(
        isinstance(ring, list) and bool(ring) and isinstance(ring[0], list | dict) for ring in corners
    )


def _corner(corner: Any) -> Any:
    """Return a corner as longitude and latitude; one that has no such members stays as it is, and is refused."""
    if not isinstance(corner, dict):
        return corner
    members = {name.upper(): value for name, value in corner.items()}
    return [members.get("LON"), members.get("LAT")]


PLAIN = Dialect(
    ed269.NAME,
    "any, as EUROCAE ED-269 has it (the Netherlands do)",
    ed269,
    recognises=is_ed269,
    fits=is_ed269,
    locate=ed269_at,
    metadata=ed269_metadata,
)

ZONE_LIST = Dialect(
    "ed269-uaszonelist",
    "services after chapter 9 of ED-269 (Swiss common information service)",
    ed269,
    recognises=lambda value: _has(value, _LIST),
    fits=lambda value: _has(value, _LIST),
    locate=lambda _value: _LIST,
    metadata=reply_metadata,
)

OBJECTS_2020 = Dialect(
    "ed269-2020",
    "EUROCONTROL's geofencing service of 2020",
    ed269,
    recognises=lambda value: _has(value, _OBJECTS) or (_has(value, _LIST) and _has_corners(value)),
    fits=lambda value: _has(value, _OBJECTS) or _has(value, _LIST),
    locate=lambda value: _OBJECTS if _has(value, _OBJECTS) else _LIST,
    metadata=reply_metadata,
    steps=(_metres_and_corners, reasons_at("/reason")),
)

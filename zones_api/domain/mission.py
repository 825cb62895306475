"""What a mission file plans to fly, as its format means it and before anything is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zones_api.domain.altitude import Height
from zones_api.domain.geometry import LonLat, Polygon
from zones_api.errors import Defect


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A place on the way. `height` is None where the file states none, or does not say what it is measured from.

    `source` is where it stands in the file, as a person would look for it: "row 12", "item 3". `unreferenced_m` is
    a height in metres whose reference the file leaves open. The flight is held for `hold_s` seconds here. It may
    leave this place by `radius_m` (it circles here, or rounds the corner), and flies on from here at `speed_m_s`
    over the ground where the file says so.
    """

    position: LonLat
    source: str
    height: Height | None = None
    unreferenced_m: float | None = None
    at: datetime | None = None
    hold_s: float = 0.0
    radius_m: float = 0.0
    speed_m_s: float | None = None


@dataclass(frozen=True)
class Mission:
    """One flight: along its waypoints in order, or anywhere in its areas.

    None is not stated. `takeoff` is where it takes off, `takeoff_elevation_m` how high that is (metres AMSL),
    `lower` and `upper` hold for the whole flight where a file states them so, `return_height` is the height at which
    it flies back to its take-off point, and `speed_m_s` its planned speed over the ground.
    """

    name: str | None
    waypoints: tuple[Waypoint, ...] = ()
    areas: tuple[Polygon, ...] = ()
    lower: Height | None = None
    upper: Height | None = None
    takeoff: LonLat | None = None
    takeoff_elevation_m: float | None = None
    return_height: Height | None = None
    returns: bool = False
    speed_m_s: float | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class MissionFile:
    """What was read of a file: `format` names it, `missions` are its flights, `doubts` what a person should look at.

    A doubt is a defect of severity "flag" (it may change the answer) or "note" (it does not).
    """

    format: str
    missions: tuple[Mission, ...]
    doubts: tuple[Defect, ...] = ()

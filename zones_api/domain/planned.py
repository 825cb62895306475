"""The points of a flight as they were taken, each with what its height means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from zones_api.domain.altitude import Height, Interval
from zones_api.domain.geometry import LonLat

T = TypeVar("T")


class Origin(StrEnum):
    """Where something that was taken for true comes from."""

    FILE = "file"
    GIVEN = "given"
    """Said by the caller beside the file."""
    COMPUTED = "computed"
    """Follows from the rest."""
    GROUND = "ground"
    """What is known of the ground there."""
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Taken(Generic[T]):
    """A value, and where it comes from."""

    value: T
    origin: Origin


class Role(StrEnum):
    """What a point is on the way."""

    TAKEOFF = "takeoff"
    WAYPOINT = "waypoint"
    RETURN = "return"
    """Back at the take-off point, at the height of the way back."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the way; `source` is where it stands in the file.

    `height` is what its height was taken to mean, None where nothing says it: then any height counts. At the
    take-off point the flight is on the ground. The intervals, in metres, hold what the height may be. The flight may
    leave this place by `radius_m`, and flies on from it at `speed_m_s` where the file says so.
    """

    role: Role
    position: LonLat
    source: str
    height: Height | None = None
    origin: Origin | None = None
    above_ground_m: Interval | None = None
    above_sea_m: Interval | None = None
    at: datetime | None = None
    hold_s: float = 0.0
    radius_m: float = 0.0
    speed_m_s: float | None = None

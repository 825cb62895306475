"""What readers of lines, areas and points on a map share: counting, doubts, rings and marks beside a route."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from zones_api.domain.geometry import LonLat, Polygon
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import InputTooLarge
from zones_api.formats import strict_json
from zones_api.formats.members import date_time
from zones_api.formats.missions import limits
from zones_api.formats.missions.doubts import NOT_FLOWN, PATH_UNCERTAIN, TIME_UNCERTAIN, Doubts
from zones_api.formats.missions.limits import refused

MAX_NAME = 200
MAX_PIECES = 10 * limits.MAX_POINTS
"""A JSON file of more lists and objects than so many is refused before it takes the memory."""
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_EUROPE = (-32.0, 27.0, 45.0, 72.0)
"""West, south, east, north of where the flights of this service's users are."""


@dataclass
class Reading(Doubts):
    """What was found in a file so far: its doubts, and how many points it has."""

    points: int = 0

    def position(self, lon: Any, lat: Any, where: str, pointer: str | None = None) -> LonLat:
        """Return one more position of the file, of numbers or of strings that are numbers.

        Raises:
            InvalidInput: If it is not on the globe.
            InputTooLarge: If the file has more points than are read.
        """
        self.points += 1
        limits.count(self.points)
        lon_deg = number(lon, "longitude", where, pointer)
        return limits.position(lon_deg, number(lat, "latitude", where, pointer), where, pointer)

    def instant(self, value: Any, what: str, where: str, *, utc: bool = False) -> datetime | None:
        """Return a moment in UTC; None where none is given.

        One without an offset from UTC is flagged and not used, unless `utc` says that the format means UTC.
        """
        if value is None or value == "":
            return None
        read = date_time(value)
        if read is None:
            raise refused(f"{where}: {what} {str(value)[:40]!r} is not a date and time.", where)
        if read.tzinfo is None and utc:
            return read.replace(tzinfo=UTC)
        if read.tzinfo is None:
            self.flag(TIME_UNCERTAIN, f"{what} has no offset from UTC, so it is not used.", where)
            return None
        return read

    def polygon(self, rings: Iterable[Sequence[LonLat]], where: str) -> Polygon:
        """Return a polygon of closed rings, the shell first; an open ring is closed and flagged."""
        closed = []
        for index, ring in enumerate(rings):
            if len(set(ring)) < 3:
                raise refused(f"{where}: ring {index + 1} has fewer than 3 different points.", where)
            if ring[0] != ring[-1]:
                self.flag(
                    "RING_CLOSED", "a ring is open; its last point has been joined to its first.", where
                )
            closed.append(tuple(ring) if ring[0] == ring[-1] else (*ring, ring[0]))
        if not closed:
            raise refused(f"{where}: the area has no outline.", where)
        return Polygon(closed[0], tuple(closed[1:]))

    def through(self, marks: Sequence[Waypoint], name: str | None, *, beside_route: bool) -> list[Mission]:
        """Return the flight through single points in their order; beside a route they only mark places.

        Both are guesses, so both are flagged.
        """
        if not marks:
            return []
        if beside_route:
            for mark in marks:
                what = "this single point stands beside a route and is not taken as flown."
                self.flag(NOT_FLOWN, what, mark.source)
            return []
        if len(marks) > 1:
            what = "single points without a line are taken as one flight, in the order of the file."
            self.flag(PATH_UNCERTAIN, what, f"{marks[0].source} to {marks[-1].source}")
        starts_at, ends_at = span(marks)
        return [Mission(name, tuple(marks), starts_at=starts_at, ends_at=ends_at)]

    def file(self, format_name: str, missions: Sequence[Mission]) -> MissionFile:
        """Return the file as read; one without a flight is refused."""
        if not missions:
            raise refused(f"The {format_name} file has no flight: no line, area or point that is read.")
        if _exchanged(missions):
            what = "Longitude and latitude may have been exchanged: the other way round this lies in Europe."
            self.flag(PATH_UNCERTAIN, what)
        return MissionFile(format_name, tuple(missions), self.listed())


def json_object(data: bytes, name: str) -> dict[str, Any]:
    """Return the object that a JSON file is; `name` says of which format.

    Raises:
        InvalidInput: If it is not JSON or not an object.
        InputTooLarge: If it is larger, or of more pieces, than any flight that is read.
    """
    if len(data) > limits.MAX_BYTES:
        raise InputTooLarge(f"The file has {len(data):,} bytes; {limits.MAX_BYTES:,} are read at most.")
    if data.count(b"[") + data.count(b"{") > MAX_PIECES or data.count(b",") > 5 * MAX_PIECES:
        raise InputTooLarge(
            f"The file has more than {MAX_PIECES:,} lists and objects; that many are read at most."
        )
    value = strict_json.loads(data)
    if not isinstance(value, dict):
        raise refused(f"The file is JSON but not an object, as {name} is.")
    return value


def number(value: Any, what: str, where: str, pointer: str | None = None) -> float:
    """Return a finite number, also from a string that is one; `what` names the field."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    digits = value.strip() if isinstance(value, str) else ""
    read = float(digits) if _NUMBER.fullmatch(digits) else math.nan
    if value is None or value == "":
        raise refused(f"{where}: there is no {what}.", pointer or where)
    if not math.isfinite(read):
        raise refused(f"{where}: {what} {str(value)[:40]!r} is not a number.", pointer or where)
    return read


def height_m(value: Any, what: str, where: str, pointer: str | None = None) -> float:
    """Return a height in metres that can be meant, also from a string."""
    return limits.height_m(number(value, what, where, pointer), where, pointer)


def name_of(value: Any) -> str | None:
    """Return a flight's name of reasonable length, None where there is none."""
    return (value.strip()[:MAX_NAME] or None) if isinstance(value, str) else None


def span(waypoints: Iterable[Waypoint]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment that waypoints have."""
    times = [waypoint.at for waypoint in waypoints if waypoint.at is not None]
    return (min(times), max(times)) if times else (None, None)


def _exchanged(missions: Sequence[Mission]) -> bool:
    """Say whether everything lies in Europe with longitude and latitude exchanged, and nothing does as it is."""
    places = [waypoint.position for mission in missions for waypoint in mission.waypoints]
    places += [place for mission in missions for area in mission.areas for place in area.shell]
    return all(_in_europe(lat, lon) for lon, lat in places) and not any(
        _in_europe(lon, lat) for lon, lat in places
    )


def _in_europe(lon_deg: float, lat_deg: float) -> bool:
    west, south, east, north = _EUROPE
    return west <= lon_deg <= east and south <= lat_deg <= north

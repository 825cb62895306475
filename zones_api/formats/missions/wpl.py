"""Waypoint files "QGC WPL 110" of ArduPilot, Mission Planner and others.

Twelve values a row: index, current, frame, command, four parameters, latitude, longitude, altitude, autocontinue.
Row 0 is home, its altitude above mean sea level.

Source: MAVLink, "File Formats", Mission Plain-Text File Format.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from zones_api.domain.geometry import LonLat
from zones_api.domain.mission import MissionFile
from zones_api.formats.missions import doubts, limits, mav_commands, mavlink
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.mavlink import Home, Item

NAME = "QGC WPL 110"

_FIRST = re.compile(r"\s*QGC\s+WPL\s+(\S+)\s*", re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,25}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?|[+-]?nan", re.ASCII | re.IGNORECASE
)
_FIELDS = (
    "index", "current", "frame", "command", "parameter 1", "parameter 2", "parameter 3", "parameter 4", "latitude",
    "longitude", "altitude", "autocontinue",
)  # fmt: skip
_WHOLE = {0, 1, 2, 3, 11}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of values; None is not a number."""

    values: tuple[float | None, ...]
    where: str

    def whole(self, index: int) -> int:
        return int(self.values[index] or 0)

    @property
    def lat_lon(self) -> tuple[float | None, float | None]:
        return self.values[8], self.values[9]

    @property
    def is_home(self) -> bool:
        """Whether it is of the form in which home is written: a plain waypoint above sea level, no parameters."""
        plain = self.whole(3) in {0, mav_commands.WAYPOINT} and self.whole(2) == 0
        return plain and not any(self.values[4:8])


def recognises(data: bytes) -> bool:
    """Say whether the first line is that of a waypoint file, of whatever version."""
    head = data[:200].decode("utf-8-sig", errors="replace")
    return bool(_FIRST.fullmatch(head.lstrip().partition("\n")[0]))


def read(data: bytes) -> MissionFile:
    """Return the flight of a waypoint file.

    Frames 0 and 5 are above mean sea level, 3 and 6 above home, 10 and 11 above the ground. Zero for latitude and
    longitude is where the aircraft then is.

    Raises:
        InvalidInput: If it is of another version, or a row cannot be read.
        InputTooLarge: If it has more rows than MAX_POINTS.
    """
    rows = _rows(limits.text(data))
    found = Doubts()
    home, rest = _home(rows, found)
    _check_numbers(rows, found)
    first = len(rows) - len(rest)
    items = [_item(index, row) for index, row in enumerate(rest, start=first)]
    mission = mavlink.flown(items, home, found)
    if not mission.waypoints:
        raise refused("The file has no waypoint with a place.", code="MEMBER_MISSING")
    if mission.speed_m_s is None:
        found.flag(doubts.TIME_UNCERTAIN, "The file does not say how fast is flown.")
    return MissionFile(NAME, (mission,), found.listed())


def _rows(written: str) -> list[_Row]:
    lines = written.lstrip().splitlines()
    first = _FIRST.fullmatch(lines[0]) if lines else None
    if not first or first[1] != "110":
        raise refused("The first line is not QGC WPL 110, the only version that is read.", "line 1")
    rows: list[_Row] = []
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() and not line.lstrip().startswith("#"):
            rows.append(_row(line, number))
            limits.count(len(rows))
    if not rows:
        raise refused("The file has no rows of waypoints.", code="MEMBER_MISSING")
    return rows


def _row(line: str, number: int) -> _Row:
    cells = line.split()
    where = f"line {number}"
    if len(cells) != len(_FIELDS):
        raise refused(f"{where} has {len(cells)} values where a waypoint has {len(_FIELDS)}.", where)
    values = tuple(_value(cell, index, where) for index, cell in enumerate(cells))
    return _Row(values, f"row {int(values[0] or 0)}")


def _value(cell: str, index: int, where: str) -> float | None:
    value = float(cell) if _NUMBER.fullmatch(cell) else math.inf
    if math.isnan(value) and index not in _WHOLE:
        return None
    if not math.isfinite(value) or (index in _WHOLE and (value != int(value) or not 0 <= value < 2**16)):
        kind = "whole number of 0 to 65535" if index in _WHOLE else "number"
        raise refused(f"{where}: {_FIELDS[index]} {cell[:40]!r} is not a {kind}.", where)
    return value


def _home(rows: list[_Row], found: Doubts) -> tuple[Home, list[_Row]]:
    """Return home, and the rows that are not it."""
    first = rows[0]
    if not first.is_home:
        found.flag(
            doubts.TAKEOFF_UNKNOWN,
            "the first row is not written as home is (command 16, frame 0, no parameters): it is read as a waypoint.",
            first.where,
        )
        return Home(), rows
    lat, lon = first.lat_lon
    if not lat and not lon:
        return Home(), rows[1:]
    place: LonLat = limits.position(lon or 0.0, lat or 0.0, first.where)
    return Home(place, mavlink.elevation_m(first.values[10], first.where, first.where, found)), rows[1:]


def _check_numbers(rows: list[_Row], found: Doubts) -> None:
    if [row.whole(0) for row in rows] != list(range(len(rows))):
        found.flag(
            doubts.PATH_UNCERTAIN,
            "The rows are not numbered 0, 1, 2 and so on; they are read in the order they stand.",
        )


def _item(index: int, row: _Row) -> Item:
    command, frame = row.whole(3), row.whole(2)
    place = mavlink.place(command, frame, row.lat_lon, row.where, row.where)
    height, bare_m = mavlink.stated_height(row.values[10], frame, row.where, row.where)
    return Item(index, row.where, row.where, command, row.values[4:8], place, height, bare_m)

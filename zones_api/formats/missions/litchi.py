"""Litchi's CSV of waypoints: the file keeps its waypoints, not the settings of the mission around them.

Source: Litchi's help and litchiutilities.com, "Litchi CSV Format Description".
"""

from __future__ import annotations

import re

from zones_api.domain.altitude import METRES_PER_FOOT, Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.formats.missions import doubts, limits
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.tables import Row, Table, names_of, read_table, unit_of

NAME = "Litchi CSV"

_METRES = {"m": 1.0, "ft": METRES_PER_FOOT}
_METRES_A_SECOND = {"m/s": 1.0, "km/h": 1 / 3.6, "mph": 0.44704, "ft/s": METRES_PER_FOOT, "kts": 1852 / 3600}
_OWN = {"altitudemode", "curvesize", "rotationdir", "gimbalmode", "gimbalpitchangle", "actiontype1"}
_ACTION = re.compile(r"actiontype(\d{1,3})", re.ASCII)
_STAY = 0


def recognises(data: bytes) -> bool:
    """Say whether the first row names Litchi's columns."""
    names = {unit_of(name)[0] for name in names_of(data)}
    return {"latitude", "longitude", "altitude"} <= names and len(names & _OWN) >= 2


def read(data: bytes) -> MissionFile:
    """Return the waypoints of a Litchi mission.

    `altitudemode` 0 is above take-off, 1 above the ground. A curve lies within its size of the waypoint.

    Raises:
        InvalidInput: If a column that is needed is missing, or a row cannot be read.
        InputTooLarge: If it has more rows than MAX_POINTS.
    """
    table = read_table(data)
    columns = _columns(table)
    found = Doubts()
    waypoints = tuple(_waypoint(table, row, columns, found) for row in table.rows)
    found.flag(
        doubts.PATH_UNCERTAIN,
        "A Litchi file does not say what the aircraft does at its end (hover, land, fly back to take-off or to"
        " waypoint 1, or turn around), nor where it takes off.",
    )
    if not all(waypoint.speed_m_s for waypoint in waypoints):
        found.flag(
            doubts.TIME_UNCERTAIN,
            "A Litchi file does not hold the cruising speed, at which waypoints without a speed are flown.",
        )
    return MissionFile(NAME, (Mission(None, waypoints),), found.listed())


def _columns(table: Table) -> dict[str, tuple[int, str]]:
    """Return where each column stands and its unit, by the name without it."""
    columns = {}
    for index, name in enumerate(table.names):
        bare, unit = unit_of(name)
        columns[bare] = (index, unit)
    for name in ("latitude", "longitude", "altitude"):
        if name not in columns:
            raise refused(f"row 1: the column {name} is missing.", "row 1", "MEMBER_MISSING")
    for name, units in (("altitude", _METRES), ("curvesize", _METRES), ("speed", _METRES_A_SECOND)):
        if name in columns and columns[name][1] not in units:
            index, unit = columns[name]
            sentence = (
                f"row 1: {table.names[index].strip()} must be in one of {', '.join(units)}, not {unit!r}."
            )
            raise refused(sentence, "row 1")
    return columns


def _waypoint(table: Table, row: Row, columns: dict[str, tuple[int, str]], found: Doubts) -> Waypoint:
    values = {}
    for name in ("latitude", "longitude", "altitude"):
        value = table.number(row, columns[name][0])
        if value is None:
            raise refused(f"{row.where}: {name} is empty.", row.where, "MEMBER_MISSING")
        values[name] = value
    altitude_m = limits.height_m(values["altitude"] * _METRES[columns["altitude"][1]], row.where)
    radius_m = (
        abs(_optional(table, row, columns, "curvesize")) * _METRES[columns.get("curvesize", (0, "m"))[1]]
    )
    if radius_m:
        found.note(
            doubts.PATH_UNCERTAIN,
            "the corner is rounded if the mission is flown with curved turns; the flight stays within the size of"
            " the curve around its waypoint.",
            row.where,
        )
    speed = _optional(table, row, columns, "speed") * _METRES_A_SECOND[columns.get("speed", (0, "m/s"))[1]]
    return Waypoint(
        limits.position(values["longitude"], values["latitude"], row.where),
        row.where,
        Height(altitude_m, _reference(table, row, columns, found)),
        hold_s=limits.hold_s(_stays_ms(table, row, columns) / 1000, row.where),
        radius_m=limits.height_m(radius_m, row.where),
        speed_m_s=limits.speed_m_s(speed, row.where),
    )


def _optional(table: Table, row: Row, columns: dict[str, tuple[int, str]], name: str) -> float:
    return (table.number(row, columns[name][0]) or 0.0) if name in columns else 0.0


def _reference(
    table: Table, row: Row, columns: dict[str, tuple[int, str]], found: Doubts
) -> VerticalReference:
    mode = table.number(row, columns["altitudemode"][0]) if "altitudemode" in columns else None
    if "altitudemode" not in columns:
        found.flag(
            doubts.HEIGHT_UNCERTAIN,
            "There is no column altitudemode, as in files from before Litchi had one: heights are taken to be above"
            " take-off.",
        )
        return VerticalReference.TAKEOFF
    match mode:
        case 0:
            found.flag(
                doubts.HEIGHT_UNCERTAIN,
                "altitudemode 0 is taken as Litchi flies it, above take-off; some programs write heights above mean"
                " sea level under it.",
                row.where,
            )
            return VerticalReference.TAKEOFF
        case 1:
            found.flag(
                doubts.HEIGHT_UNCERTAIN,
                "altitudemode 1 is above the ground under the waypoint, provided that the ground at take-off is as"
                " high as under waypoint 1; if not, Litchi flies all of them higher or lower by the difference.",
                row.where,
            )
            return VerticalReference.AGL
        case _:
            written = row.cells[columns["altitudemode"][0]].strip()[:40]
            raise refused(
                f"{row.where}: altitudemode {written!r} is neither 0 (above take-off) nor 1 (above ground).",
                row.where,
            )


def _stays_ms(table: Table, row: Row, columns: dict[str, tuple[int, str]]) -> float:
    """Return how long the actions of a waypoint hold the aircraft there."""
    total = 0.0
    for name, (index, _) in columns.items():
        action = _ACTION.fullmatch(name)
        if action and table.number(row, index) == _STAY and f"actionparam{action[1]}" in columns:
            total += max(table.number(row, columns[f"actionparam{action[1]}"][0]) or 0.0, 0.0)
    return total

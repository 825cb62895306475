"""Tables of points, one a row, with or without times: logs, and plans that somebody keeps in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from zones_api.domain.altitude import Height
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.formats.missions import doubts, limits, litchi
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.points_columns import REFERENCES, Column, meant, told_by_names
from zones_api.formats.missions.tables import Row, Table, names_of, read_table, unit_of

NAME = "CSV of points"
AIRDATA = "AirData log"

_MOMENT = re.compile(
    r"(\d{4}-?\d\d-?\d\d)[T ](\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?)\s*(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_DIGITS = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)


@dataclass(frozen=True)
class _Points:
    """A table of points, the columns that were found in it, and whether it is a log of AirData's."""

    table: Table
    columns: dict[str, Column]
    airdata: bool
    found: Doubts


def recognises(data: bytes) -> bool:
    """Say whether the first row names a column for the latitude and one for the longitude."""
    told = told_by_names(names_of(data))
    return "lon" in told and "lat" in told and not litchi.recognises(data)


def read(data: bytes, columns: Mapping[str, str] | None = None) -> MissionFile:
    """Return the flights of a table of points, each along its rows in order.

    Args:
        data: The file.
        columns: The name of the column for a field, where names alone do not tell: lon, lat, height_amsl,
            height_wgs84, height_agl, height_takeoff, height (of which the reference is open), time, flight.

    Raises:
        InvalidInput: If a column that is needed is missing or could be two things, or a row cannot be read. A time
            of digits alone is refused: it may be seconds or milliseconds since any day.
        InputTooLarge: If it has more rows than MAX_POINTS.
    """
    table = read_table(data)
    airdata = any(unit_of(name)[0] == "height_above_takeoff" for name in table.names) and not columns
    found = Doubts()
    points = _Points(table, meant(table.names, columns, found), airdata, found)
    _note_heights(points)
    by_flight: dict[str, list[Waypoint]] = {}
    for row in table.rows:
        waypoint = _waypoint(points, row)
        if waypoint:
            by_flight.setdefault(_flight(points, row), []).append(waypoint)
    if not by_flight:
        raise refused("The file has no row with a position.", code="MEMBER_MISSING")
    if len(by_flight) == len(table.rows) > 1:
        found.flag(
            doubts.PATH_UNCERTAIN,
            "Every row has another flight, as if they were numbers of rows; all rows are read as one flight.",
        )
        by_flight = {"": [waypoint for rows in by_flight.values() for waypoint in rows]}
    missions = tuple(_mission(points, name, waypoints) for name, waypoints in by_flight.items())
    return MissionFile(AIRDATA if airdata else NAME, missions, found.listed())


def _mission(points: _Points, name: str, waypoints: list[Waypoint]) -> Mission:
    times = [waypoint.at for waypoint in waypoints if waypoint.at is not None]
    if times != sorted(times):
        points.found.flag(
            doubts.TIME_UNCERTAIN,
            "The times of a flight do not rise from row to row; its points are read in the order they stand.",
        )
    return Mission(
        name or None,
        tuple(waypoints),
        takeoff=waypoints[0].position if points.airdata else None,
        takeoff_elevation_m=_airdata_takeoff_m(points) if points.airdata else None,
        starts_at=min(times, default=None),
        ends_at=max(times, default=None),
    )


def _waypoint(points: _Points, row: Row) -> Waypoint | None:
    """Return the point of a row, None where a log had no position yet."""
    table, columns = points.table, points.columns
    lon, lat = (table.number(row, columns[field].index) for field in ("lon", "lat"))
    if points.airdata and not lon and not lat:
        sentence = "there is no position; the flight is read straight on to the next that has one."
        points.found.flag(doubts.PATH_UNCERTAIN, sentence, row.where)
        return None
    for name, value in (("latitude", lat), ("longitude", lon)):
        if value is None:
            raise refused(f"{row.where}: {name} is empty.", row.where, "MEMBER_MISSING")
    assert lon is not None
    assert lat is not None
    height, bare_m = _height(points, row)
    place = limits.position(lon, lat, row.where)
    return Waypoint(place, row.where, height, bare_m, at=_time(points, row))


def _fields(points: _Points) -> list[str]:
    """Return the fields of heights that are there, the one to read first."""
    there = [field for field in REFERENCES if field in points.columns]
    return sorted(there, key=lambda field: field != "height_takeoff") if points.airdata else there


def _height(points: _Points, row: Row) -> tuple[Height | None, float | None]:
    """Return the first height that a row has, with its reference or as bare metres."""
    for field in _fields(points):
        column = points.columns[field]
        value = points.table.number(row, column.index)
        if value is None:
            continue
        value_m = limits.height_m(value * column.metres, row.where)
        reference = REFERENCES[field]
        return (Height(value_m, reference), None) if reference else (None, value_m)
    if _fields(points):
        points.found.flag(doubts.HEIGHT_UNCERTAIN, "it has no height.", row.where)
    return None, None


def _note_heights(points: _Points) -> None:
    """Say which of several heights is read, and what is open."""
    names = [points.table.names[points.columns[field].index].strip()[:60] for field in _fields(points)]
    if not names:
        points.found.flag(doubts.HEIGHT_UNCERTAIN, "The file has no column of heights.")
    elif points.airdata:
        sentence = (
            f"{names[0]} is read, the height above take-off that the aircraft measured; the elevation of the take-off"
            " is the difference to its height above sea level in the first row that has both."
        )
        points.found.note(doubts.HEIGHT_UNCERTAIN, sentence)
    elif len(names) > 1:
        sentence = f"Of the heights, {names[0]} is read; {', '.join(names[1:])} only where it is empty."
        points.found.note(doubts.HEIGHT_UNCERTAIN, sentence)
    if names and _fields(points)[0] == "height":
        sentence = f"The column {names[0]} does not say what its heights are measured from."
        points.found.flag(doubts.HEIGHT_UNCERTAIN, sentence)


def _airdata_takeoff_m(points: _Points) -> float | None:
    """Return how high the take-off of a log is, metres AMSL; zeros stand in it for what is not known."""
    if not {"height_takeoff", "height_amsl"} <= points.columns.keys():
        return None
    above_takeoff, above_sea = points.columns["height_takeoff"], points.columns["height_amsl"]
    for row in points.table.rows:
        risen, high = (points.table.number(row, column.index) for column in (above_takeoff, above_sea))
        if risen is not None and high:
            return limits.height_m(high * above_sea.metres - risen * above_takeoff.metres, row.where)
    return None


def _flight(points: _Points, row: Row) -> str:
    column = points.columns.get("flight")
    return row.cells[column.index].strip()[:200] if column else ""


def _time(points: _Points, row: Row) -> datetime | None:
    """Return when a point is passed, in UTC; None where no time stands there, or one without an offset."""
    column = points.columns.get("time")
    cell = row.cells[column.index].strip() if column else ""
    if not column or not cell:
        return None
    name = points.table.names[column.index].strip()[:40]
    if _DIGITS.fullmatch(cell):
        sentence = (
            f"{row.where}: {name} {cell[:40]} may be seconds or milliseconds, and since which day is not said: write"
            " it as 2026-06-12T16:35:08Z."
        )
        raise refused(sentence, row.where)
    written = _MOMENT.fullmatch(cell)
    offset = (written[3] or ("Z" if column.in_utc else "")).upper() if written else ""
    try:
        moment = datetime.fromisoformat(f"{written[1]}T{written[2]}{offset}") if written else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        sentence = f"{row.where}: {name} {cell[:40]!r} is not a date and time such as 2026-06-12T16:35:08Z."
        raise refused(sentence, row.where)
    points.found.flag(
        doubts.TIME_UNCERTAIN,
        f"{name} has no offset from UTC (such as Z or +02:00); the time is read as not known.",
        row.where,
    )
    return None

"""GPX 1.0 and 1.1: routes, tracks and waypoints.

`ele` is a height above mean sea level by convention; some tools write a height above take-off into it, so it
goes with a doubt.
"""

from __future__ import annotations

from lxml import etree

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.formats import strict_xml
from zones_api.formats.missions.doubts import HEIGHT_UNCERTAIN, NOT_FLOWN, PATH_UNCERTAIN, TIME_UNCERTAIN
from zones_api.formats.missions.limits import MAX_BYTES, refused
from zones_api.formats.missions.reading import Reading, height_m, name_of, span
from zones_api.formats.strict_xml import children, local, text

NAME = "GPX"


def recognises(data: bytes) -> bool:
    """Say whether a file is GPX."""
    return strict_xml.root_name(data) == "gpx"


def read(data: bytes) -> MissionFile:
    """Return the flights of a GPX file: each route and each track, or else all its waypoints in order.

    Raises:
        InvalidInput: If it cannot be read or has no flight.
        InputTooLarge: If it is larger than what is read.
    """
    root = strict_xml.parse(data, MAX_BYTES)
    if local(root) != "gpx":
        raise refused(f"The file is XML with the root {local(root)[:40]!r}, not GPX.")
    found = Reading()
    missions: list[Mission] = []
    for index, route in enumerate(children(root, "rte")):
        missions += _route(route, f"route {index + 1}", found)
    for index, track in enumerate(children(root, "trk")):
        missions += _track(track, f"track {index + 1}", found)
    marks = _points(children(root, "wpt"), "waypoint", found)
    if any(waypoint.at for waypoint in marks):
        found.note(TIME_UNCERTAIN, "the times of waypoints are when they were made; they are not used.")
        marks = tuple(Waypoint(mark.position, mark.source, mark.height) for mark in marks)
    missions += found.through(marks, None, beside_route=bool(missions))
    return found.file(NAME, missions)


def _route(route: etree._Element, where: str, found: Reading) -> list[Mission]:
    waypoints = _points(children(route, "rtept"), f"{where}, point", found)
    if not waypoints:
        found.note(NOT_FLOWN, "it has no points.", where)
        return []
    return [_mission(route, waypoints)]


def _track(track: etree._Element, where: str, found: Reading) -> list[Mission]:
    """Return a track as one flight; the aircraft also flew from each segment to the next."""
    segments = []
    for index, segment in enumerate(children(track, "trkseg")):
        points = _points(children(segment, "trkpt"), f"{where}, segment {index + 1}, point", found)
        segments += [points] if points else []
    if not segments:
        found.note(NOT_FLOWN, "it has no points.", where)
        return []
    if len(segments) > 1:
        what = "between its segments the track has gaps; a straight line is taken as flown there."
        found.flag(PATH_UNCERTAIN, what, where)
    waypoints = tuple(point for segment in segments for point in segment)
    times = [point.at for point in waypoints if point.at is not None]
    if times:
        found.note(TIME_UNCERTAIN, "a track with times is a log of a flight, not a plan.", where)
    if times != sorted(times):
        found.flag(TIME_UNCERTAIN, "the times of the track are not in order.", where)
    return [_mission(track, waypoints)]


def _mission(element: etree._Element, waypoints: tuple[Waypoint, ...]) -> Mission:
    starts_at, ends_at = span(waypoints)
    return Mission(name_of(text(element, "name")), waypoints, starts_at=starts_at, ends_at=ends_at)


def _points(elements: list[etree._Element], prefix: str, found: Reading) -> tuple[Waypoint, ...]:
    waypoints = []
    for index, element in enumerate(elements):
        where = f"{prefix} {index + 1}"
        position = found.position(element.get("lon"), element.get("lat"), where)
        written = text(element, "ele")
        height = None
        if written is not None:
            height = Height(height_m(written, "ele", where), VerticalReference.AMSL)
            what = "<ele> is taken as metres above mean sea level; some programs write it above take-off."
            found.flag(HEIGHT_UNCERTAIN, what)
        at = found.instant(text(element, "time"), "time", where, utc=True)
        waypoints.append(Waypoint(position, where, height, at=at))
    return tuple(waypoints)

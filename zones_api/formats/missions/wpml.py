"""DJI's WPML: a .kmz with `wpmz/waylines.wpml`, which the aircraft flies, and `wpmz/template.kml`, which people edit.

Elements are matched by local name, since the namespace has a version in it. Coordinates are longitude,latitude;
`takeOffRefPoint` is latitude,longitude,height above the ellipsoid. Heights are in metres, speeds in m/s.
Source: the WPML reference of DJI's Cloud API.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import shapely
from lxml import etree

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import GEOD, LonLat, Polygon
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import InputTooLarge
from zones_api.formats import strict_xml, strict_zip
from zones_api.formats.missions import limits
from zones_api.formats.missions.doubts import (
    COMMAND_UNKNOWN,
    HEIGHT_UNCERTAIN,
    PATH_UNCERTAIN,
    TAKEOFF_UNKNOWN,
    TIME_UNCERTAIN,
)
from zones_api.formats.missions.limits import MAX_BYTES, refused
from zones_api.formats.missions.reading import Reading, height_m, number
from zones_api.formats.strict_xml import child, children, local, text

NAME = "DJI WPML"
_WAYLINES = "waylines.wpml"
_TEMPLATE = "template.kml"
_EXECUTED = {
    "relativeToStartPoint": VerticalReference.TAKEOFF,
    "WGS84": VerticalReference.WGS84,
    "realTimeFollowSurface": VerticalReference.AGL,
    "EGM96": VerticalReference.AMSL,
}
_PLANNED = {**_EXECUTED, "aboveGroundLevel": VerticalReference.AGL}
_TOGETHER = {"EGM96", "WGS84"}
"""A template above the geoid becomes waylines above the ellipsoid: the same heights, converted."""
_CURVED = ("toPointAndStopWithContinuityCurvature", "toPointAndPassWithContinuityCurvature")
_OCTAGON = 1 / math.cos(math.pi / 8)
"""How far the corners of an octagon around a circle are, in radii."""


class _Start(NamedTuple):
    """How a flight begins and ends, the same for all waylines of a file."""

    takeoff: LonLat | None
    climb_m: float | None
    safely: bool
    finish: str | None
    return_m: float | None


class _Turn(NamedTuple):
    """How a flight turns where a waypoint does not say so itself, in the words of the file."""

    mode: str | None
    straight: str | None


@dataclass(frozen=True)
class _Template:
    """What people edited: the whole of it, and its folders by the `templateId` that waylines refer to."""

    root: etree._Element
    folders: dict[str, etree._Element]


def recognises(data: bytes) -> bool:
    """Say whether a file is a zip archive with WPML in it, or one of its two files by itself."""
    if strict_zip.looks_like_zip(data):
        return _WAYLINES.encode() in data or b"wpmz/" + _TEMPLATE.encode() in data
    return strict_xml.root_name(data) == "kml" and any(
        name in data for name in (b"/wpmz/", b"executeHeightMode", b"waylineCoordinateSysParam")
    )


def read(data: bytes) -> MissionFile:
    """Return the flights of a WPML file: one for each Folder of the waylines, or of the template without them.

    Raises:
        InvalidInput: If it cannot be read or has no flight.
        InputTooLarge: If it is larger than what is read.
    """
    waylines, template = _parts(data)
    found = Reading()
    executed = _folders(waylines) if waylines is not None else []
    planned = _template(template)
    start = _start((waylines, template) if executed else (template, waylines), found)
    if executed:
        missions = [_flown(folder, index, start, planned, found) for index, folder in enumerate(executed)]
        return found.file(NAME, missions)
    if planned is None:
        raise refused("The waylines have no Folder with waypoints, and there is no template.")
    what = "The file has no waylines, only the template they are made from; the path flown may differ."
    found.flag(PATH_UNCERTAIN, what)
    missions = []
    for index, folder in enumerate(_folders(template)):
        missions.append(_planned(folder, f"template {index + 1}", start, found))
    return found.file(NAME, missions)


def _parts(data: bytes) -> tuple[etree._Element | None, etree._Element | None]:
    """Return the waylines and the template of a file, at least one of them."""
    if len(data) > MAX_BYTES:
        raise InputTooLarge(f"The file has {len(data):,} bytes; {MAX_BYTES:,} are read at most.")
    if not strict_zip.looks_like_zip(data):
        root = strict_xml.parse(data, MAX_BYTES)
        is_executed = any(local(element) in ("executeHeightMode", "executeHeight") for element in root.iter())
        return (root, None) if is_executed else (None, root)
    inside = strict_zip.members(data)
    read: list[etree._Element | None] = []
    for wanted in (_WAYLINES, _TEMPLATE):
        found = [name for name in inside if name.split("/")[-1] == wanted and "__MACOSX" not in name]
        if len(found) > 1:
            raise refused(f"The archive has more than one {wanted}.")
        read.append(strict_xml.parse(inside[found[0]], MAX_BYTES) if found else None)
    if read == [None, None]:
        raise refused(f"The archive has neither {_WAYLINES} nor {_TEMPLATE}.")
    return read[0], read[1]


def _template(root: etree._Element | None) -> _Template | None:
    if root is None:
        return None
    return _Template(root, {text(folder, "templateId") or "": folder for folder in _folders(root)})


def _folders(root: etree._Element | None) -> list[etree._Element]:
    """Return the folders that have something to fly; some programs write their name in small letters."""
    if root is None:
        return []
    folders = (element for element in root.iter() if local(element).lower() == "folder")
    return [folder for folder in folders if children(folder, "Placemark", "placemark")]


def _start(roots: tuple[etree._Element | None, ...], found: Reading) -> _Start:
    """Return how the flights begin and end, by the first of the two files that says so."""

    def stated(name: str) -> str | None:
        for root in roots:
            config = child(child(root, "Document"), "missionConfig")
            written = text(config, name)
            if written is not None:
                return written
        return None

    where = "missionConfig"
    climb, home = stated("takeOffSecurityHeight"), stated("globalRTHHeight")
    finish = stated("finishAction")
    if finish not in (None, "goHome", "gotoFirstWaypoint", "autoLand", "noAction"):
        found.flag(COMMAND_UNKNOWN, f"the finishAction {str(finish)[:40]!r} is not known.", where)
    if finish == "goHome" and home is None:
        what = "it flies home at the height set in the aircraft, which the file does not state."
        found.flag(HEIGHT_UNCERTAIN, what, where)
    if finish == "noAction":
        found.note(PATH_UNCERTAIN, "it stays in the air at its last waypoint until somebody lands it.", where)
    return _Start(
        _takeoff(stated("takeOffRefPoint"), found),
        None if climb is None else height_m(climb, "takeOffSecurityHeight", where),
        stated("flyToWaylineMode") != "pointToPoint",
        finish,
        None if home is None else height_m(home, "globalRTHHeight", where),
    )


def _takeoff(written: str | None, found: Reading) -> LonLat | None:
    where = "takeOffRefPoint"
    if written is None:
        what = "The file has no take-off point; the way from there to the first waypoint is not known."
        found.flag(TAKEOFF_UNKNOWN, what)
        return None
    parts = written.split(",")
    if len(parts) != 3:
        raise refused(f"{where}: {written[:60]!r} is not latitude,longitude,height.", where)
    what = "the take-off point is the planned one; heights count from where the aircraft really takes off."
    found.note(TAKEOFF_UNKNOWN, what, where)
    return found.position(parts[1], parts[0], where)


def _flown(
    folder: etree._Element, index: int, start: _Start, template: _Template | None, found: Reading
) -> Mission:
    """Return the flight along one wayline."""
    where = f"wayline {index + 1}"
    mode = text(folder, "executeHeightMode")
    reference = _reference(mode, _EXECUTED, "executeHeightMode", where, found)
    planned = template.folders.get(text(folder, "templateId") or "") if template else None
    if planned is not None:
        _compare_modes(mode, _coordinate_system(planned, "heightMode"), where, found)
    waypoints = []
    turn = _Turn(text(folder, "globalWaypointTurnMode"), text(folder, "globalUseStraightLine"))
    for placemark, here in _placemarks(folder, where, found):
        written = text(placemark, "executeHeight")
        waypoints.append(_waypoint(placemark, written, "executeHeight", reference, here, found))
        _doubt_turn(placemark, turn, here, found)
    return _flight(waypoints, folder, where, start, found)


def _planned(folder: etree._Element, where: str, start: _Start, found: Reading) -> Mission:
    """Return the flight that a template asks for: along its waypoints, or over its area."""
    kind = text(folder, "templateType")
    reference = _reference(_coordinate_system(folder, "heightMode"), _PLANNED, "heightMode", where, found)
    placemark = children(folder, "Placemark", "placemark")[0]
    if child(placemark, "Point") is None:
        mission = _survey(folder, placemark, reference, where, kind, found)
        return replace(mission, **_ends(start))
    general = text(folder, "globalHeight") or _coordinate_system(folder, "globalHeight")
    # Above the ellipsoid a template has its heights twice, and `height` may then be above the geoid.
    field = "ellipsoidHeight" if reference is VerticalReference.WGS84 else "height"
    waypoints = []
    turn = _Turn(text(folder, "globalWaypointTurnMode"), text(folder, "globalUseStraightLine"))
    for each, here in _placemarks(folder, where, found):
        is_general = text(each, "useGlobalHeight") == "1" and general is not None
        name = "globalHeight" if is_general else field
        written = general if is_general else text(each, field)
        waypoints.append(_waypoint(each, written, name, reference, here, found))
        _doubt_turn(each, turn, here, found)
    return _flight(waypoints, folder, where, start, found)


def _reference(
    mode: str | None, known: dict[str, VerticalReference], name: str, where: str, found: Reading
) -> VerticalReference | None:
    """Return what heights are measured from; None where the file does not say it in words that are known."""
    if mode is None:
        found.flag(
            HEIGHT_UNCERTAIN, f"there is no {name}: nobody says what heights are measured from.", where
        )
    elif mode not in known:
        found.flag(HEIGHT_UNCERTAIN, f"the {name} {mode[:40]!r} is not known.", where)
    elif mode == "realTimeFollowSurface":
        what = "it follows the surface as its sensors see it, trees and roofs too; taken as above ground."
        found.flag(HEIGHT_UNCERTAIN, what, where)
    return known.get(mode or "")


def _compare_modes(executed: str | None, planned: str | None, where: str, found: Reading) -> None:
    if planned is None or executed is None or planned == executed:
        return
    what = f"the template says {planned[:40]}, the waylines {executed[:40]}; the waylines are what is flown."
    if {planned, executed} == _TOGETHER:
        found.note(HEIGHT_UNCERTAIN, what, where)
    else:
        found.flag(HEIGHT_UNCERTAIN, what, where)


def _coordinate_system(folder: etree._Element, name: str) -> str | None:
    return text(child(folder, "waylineCoordinateSysParam"), name)


def _placemarks(folder: etree._Element, where: str, found: Reading) -> Iterator[tuple[etree._Element, str]]:
    """Give the waypoints in the order of their `index`, each with where it stands counted from 1."""
    placemarks = children(folder, "Placemark", "placemark")
    indices = []
    for count, placemark in enumerate(placemarks):
        written = text(placemark, "index")
        here = f"{where}, waypoint {count + 1}"
        indices.append(count if written is None else number(written, "index", here))
    if sorted(indices) != list(range(len(indices))):
        found.flag(PATH_UNCERTAIN, "the waypoints are not numbered from 0 without gaps.", where)
    ordered = sorted(zip(indices, range(len(placemarks)), strict=True))
    for count, (_, position) in enumerate(ordered):
        yield placemarks[position], f"{where}, waypoint {count + 1}"


def _waypoint(
    placemark: etree._Element,
    written: str | None,
    name: str,
    reference: VerticalReference | None,
    where: str,
    found: Reading,
) -> Waypoint:
    position = _coordinates(placemark, where, found)
    hold_s = sum(_hovers(placemark, where, found), 0.0)
    if written is None:
        found.flag(HEIGHT_UNCERTAIN, f"there is no {name}; the height counts as not stated.", where)
        return Waypoint(position, where, hold_s=hold_s)
    value_m = height_m(written, name, where)
    if reference is None:
        return Waypoint(position, where, unreferenced_m=value_m, hold_s=hold_s)
    return Waypoint(position, where, Height(value_m, reference), hold_s=hold_s)


def _coordinates(placemark: etree._Element, where: str, found: Reading) -> LonLat:
    written = text(child(placemark, "Point"), "coordinates")
    if written is None:
        raise refused(f"{where}: there is no Point with coordinates.", where)
    parts = written.split(",")
    if len(parts) not in (2, 3):
        raise refused(f"{where}: {written[:60]!r} is not longitude,latitude.", where)
    return found.position(parts[0], parts[1], where)


def _hovers(placemark: etree._Element, where: str, found: Reading) -> Iterator[float]:
    """Give the seconds of each hover action at a waypoint."""
    for group in children(placemark, "actionGroup"):
        for action in children(group, "action"):
            if text(action, "actionActuatorFunc") != "hover":
                continue
            written = text(child(action, "actionActuatorFuncParam"), "hoverTime")
            if written is None:
                found.flag(TIME_UNCERTAIN, "it hovers for a time that is not stated.", where)
            else:
                yield limits.hold_s(number(written, "hoverTime", where), where)


def _doubt_turn(placemark: etree._Element, general: _Turn, where: str, found: Reading) -> None:
    """Say where the aircraft leaves the straight lines through its waypoints."""
    mode = text(child(placemark, "waypointTurnParam"), "waypointTurnMode") or general.mode
    straight = text(placemark, "useStraightLine") or general.straight
    if mode == "coordinateTurn":
        found.note(PATH_UNCERTAIN, "it turns before this point and cuts the corner.", where)
    elif mode in _CURVED and straight == "0":
        found.flag(PATH_UNCERTAIN, "it flies a curve here, which may leave the straight line.", where)
    elif mode == "toPointAndPassWithContinuityCurvature":
        found.note(PATH_UNCERTAIN, "it passes this point in a curve.", where)


def _flight(
    waypoints: list[Waypoint], folder: etree._Element, where: str, start: _Start, found: Reading
) -> Mission:
    """Return the whole flight: the climb and the way to the first waypoint, the waypoints, and the way home."""
    path = [*_climb(waypoints[0], start), *waypoints]
    if start.finish == "gotoFirstWaypoint":
        path.append(replace(waypoints[0], source=f"{where}, back to waypoint 1", hold_s=0.0))
    return Mission(None, tuple(path), speed_m_s=_speed(folder, where, found), **_ends(start))


def _ends(start: _Start) -> dict[str, Any]:
    """Return the members of a mission that say where it takes off and how it comes back."""
    home = None if start.return_m is None else Height(start.return_m, VerticalReference.TAKEOFF)
    return {"takeoff": start.takeoff, "return_height": home, "returns": start.finish == "goHome"}


def _climb(first: Waypoint, start: _Start) -> list[Waypoint]:
    """Return the way from the take-off to the first waypoint, as far as it is known where that is.

    The aircraft climbs to the security height. Then it flies safely (at the greater of that and the first
    waypoint's height, all the way) or straight to the waypoint. Both heights count where they cannot be compared.
    """
    if start.climb_m is None:
        return []
    climbed = Height(start.climb_m, VerticalReference.TAKEOFF)
    comparable = first.height is not None and first.height.reference is VerticalReference.TAKEOFF
    higher = comparable and first.height is not None and first.height.value_m >= climbed.value_m
    path = []
    if start.takeoff is not None:
        path.append(Waypoint(start.takeoff, "climb after take-off", climbed))
        if start.safely and (higher or not comparable):
            path.append(
                replace(first, position=start.takeoff, source="climb after take-off", hold_s=0.0, at=None)
            )
    if start.safely and not higher:
        path.append(Waypoint(first.position, "above the first waypoint", climbed))
    return path


def _speed(folder: etree._Element, where: str, found: Reading) -> float | None:
    """Return the planned speed; where it differs from leg to leg the slowest, with which the flight is longest."""
    general = text(folder, "autoFlightSpeed")
    speeds = set()
    for placemark in children(folder, "Placemark", "placemark"):
        own = None if text(placemark, "useGlobalSpeed") == "1" else text(placemark, "waypointSpeed")
        written = own or general
        if written is not None:
            speeds.add(limits.speed_m_s(number(written, "speed", where), where))
    known = sorted(speed for speed in speeds if speed is not None)
    if len(known) > 1:
        what = f"its speed is {known[0]:g} to {known[-1]:g} m/s; taken as {known[0]:g} all the way."
        found.flag(TIME_UNCERTAIN, what, where)
    return known[0] if known else None


def _survey(
    folder: etree._Element,
    placemark: etree._Element,
    reference: VerticalReference | None,
    where: str,
    kind: str | None,
    found: Reading,
) -> Mission:
    """Return a flight over an area or along a strip, grown by the margin it says."""
    what = (
        f"only the area of a {(kind or 'survey')[:40]} is in the file, not its lanes; turns may lead outside."
    )
    found.flag(PATH_UNCERTAIN, what, where)
    margins = [text(placemark, name) for name in ("margin", "leftExtend", "rightExtend")]
    margin_m = max((number(margin, "margin", where) for margin in margins if margin), default=0.0)
    if not 0 <= margin_m <= 10_000:
        raise refused(f"{where}: margin {margin_m:g} m cannot be meant.", where)
    line = child(placemark, "LineString")
    if line is not None:
        spots = _list(line, where, found)
        areas = tuple(_grown(leg, max(margin_m, 1.0)) for leg in pairwise(spots))
    else:
        ring = child(child(child(placemark, "Polygon"), "outerBoundaryIs"), "LinearRing")
        outline = _list(ring, where, found)
        holed = found.polygon([outline], where)
        areas = (_grown(outline, margin_m) if margin_m else holed,)
    if not areas:
        raise refused(f"{where}: its line has a single point.", where)
    written = text(placemark, "ellipsoidHeight" if reference is VerticalReference.WGS84 else "height")
    written = written or text(folder, "globalHeight") or _coordinate_system(folder, "globalHeight")
    upper = None
    if written is not None and reference is not None:
        upper = Height(height_m(written, "height", where), reference)
    else:
        found.flag(HEIGHT_UNCERTAIN, "the height of the survey is not stated in a way that is read.", where)
    return Mission(None, areas=areas, upper=upper, speed_m_s=_speed(folder, where, found))


def _list(geometry: etree._Element | None, where: str, found: Reading) -> list[LonLat]:
    written = text(geometry, "coordinates")
    if written is None:
        raise refused(f"{where}: there are no coordinates.", where)
    spots = []
    for index, place in enumerate(written.split()):
        parts = place.split(",")
        here = f"{where}, point {index + 1}"
        if len(parts) not in (2, 3):
            raise refused(f"{here}: {place[:60]!r} is not longitude,latitude,height.", here)
        spots.append(found.position(parts[0], parts[1], here))
    return spots


def _grown(places: list[LonLat] | tuple[LonLat, ...], margin_m: float) -> Polygon:
    """Return an area without holes that holds everything within a distance of places and between them."""
    corners = [
        GEOD.fwd(lon, lat, azimuth, margin_m * _OCTAGON * 1.001)[:2]
        for lon, lat in places
        for azimuth in range(0, 360, 45)
    ]
    hull = shapely.MultiPoint(corners).convex_hull
    return Polygon(tuple((lon, lat) for lon, lat in hull.exterior.coords))

"""Plans of QGroundControl: its JSON of simple items, and of surveys and other items that it makes many of.

Source: QGroundControl developer guide, "Plan File Format", and how the program itself reads and writes them.
"""

from __future__ import annotations

import re
from typing import Any

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile
from zones_api.formats import strict_json
from zones_api.formats.missions import doubts, limits, mav_commands, mavlink, qgc_items
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.mavlink import Home, Item
from zones_api.formats.strict_json import pointer

NAME = "QGroundControl plan"

_CALLED = re.compile(rb'"fileType"\s*:\s*"Plan"')
_PLANES = {1}
_ROTORS = {2, 3, 4, 13, 14, 15, 29, 35}
_DISAGREE_M = 0.5
"""Two heights of one item further apart than this are not one rounded twice."""

_MODES = {
    1: VerticalReference.TAKEOFF,
    2: VerticalReference.AMSL,
    3: VerticalReference.AMSL,
    4: VerticalReference.AGL,
}
"""AltitudeMode: relative to home, above mean sea level, worked out above terrain, terrain frame."""
_WORKED_OUT = 3
_OPEN_MODES = {0, 5}
"""Modes that say nothing of their own: mixed, and none."""


def recognises(data: bytes) -> bool:
    """Say whether it is JSON that calls itself a plan."""
    head = data[:3].removeprefix(b"\xef\xbb\xbf") + data[3:200]
    if not head.lstrip().startswith(b"{"):
        return False
    return bool(_CALLED.search(data))


def read(data: bytes) -> MissionFile:
    """Return the flight of a plan, and one more for each area of which it does not say how it is flown.

    Heights are as each item's AltitudeMode says, or its frame where there is none. One worked out above terrain
    is the height above mean sea level that came out, which is what is flown.

    Raises:
        InvalidInput: If it is not JSON, not a plan, or an item cannot be read.
        InputTooLarge: If it has more than MAX_POINTS items.
    """
    limits.text(data)
    document = strict_json.loads(data)
    if not isinstance(document, dict) or document.get("fileType") != "Plan":
        raise refused("The file is not a plan of QGroundControl: fileType is not Plan.", "/fileType")
    plan = document.get("mission")
    if not isinstance(plan, dict):
        raise refused("The plan has no mission.", "/mission", "MEMBER_MISSING")
    found = Doubts()
    home = _home(plan, found)
    items, areas = _items(plan, found)
    mission = mavlink.flown(items, home, found)
    if not mission.waypoints and not areas:
        raise refused("The plan has no item with a place.", "/mission/items", "MEMBER_MISSING")
    if mission.speed_m_s is None:
        found.flag(doubts.TIME_UNCERTAIN, "The plan does not say how fast is flown.", pointer="/mission")
    _note_rest(document, mission, found)
    flights = (mission,) if mission.waypoints else ()
    return MissionFile(NAME, flights + tuple(_in_area(area, mission) for area in areas), found.listed())


def _in_area(area: qgc_items.Area, mission: Mission) -> Mission:
    return Mission(
        area.name,
        areas=(area.polygon,),
        upper=area.upper,
        takeoff=mission.takeoff,
        takeoff_elevation_m=mission.takeoff_elevation_m,
        returns=mission.returns,
        speed_m_s=mission.speed_m_s,
    )


def _home(plan: dict[str, Any], found: Doubts) -> Home:
    """Return the planned home position and what is said of the vehicle."""
    vehicle = qgc_items.plain(plan.get("vehicleType"))
    hovers = True if vehicle in _ROTORS else False if vehicle in _PLANES else None
    name = "hoverSpeed" if hovers else "cruiseSpeed"
    stated = qgc_items.number(plan.get(name), "the mission", f"/mission/{name}", name)
    speed = None if stated is None else limits.speed_m_s(stated, name, f"/mission/{name}")
    place = plan.get("plannedHomePosition")
    where, at = "plannedHomePosition", "/mission/plannedHomePosition"
    position, elevation = None, None
    if place is not None:
        position, elevation = qgc_items.coordinate(place, where, at)
        if position == (0.0, 0.0):
            position, elevation = None, None
    if vehicle not in _PLANES | _ROTORS:
        sentence = (
            "The plan does not say whether the vehicle is a plane or hovers: it is read at cruiseSpeed."
        )
        found.note(doubts.TIME_UNCERTAIN, sentence, pointer="/mission/vehicleType")
    return Home(position, mavlink.elevation_m(elevation, where, at, found), hovers, speed)


def _items(plan: dict[str, Any], found: Doubts) -> tuple[list[Item], list[qgc_items.Area]]:
    """Return all items, those of surveys in their place, and the areas of surveys that have none."""
    written = plan.get("items")
    if not isinstance(written, list) or not written:
        raise refused("The mission has no items.", "/mission/items", "MEMBER_MISSING")
    limits.count(len(written))
    items: list[Item] = []
    areas: list[qgc_items.Area] = []
    number = 1
    for index, member in enumerate(written):
        at = pointer("mission", "items", index)
        if not isinstance(member, dict):
            raise refused(f"item {number}: it is not an object.", at)
        kind = qgc_items.plain(member.get("type"))
        if kind == "ComplexItem":
            made, area = _complex(member, number, at, found)
            areas.extend(area)
        elif kind in {"SimpleItem", "missionItem"}:
            made = [_simple(member, number, f"item {_number(member, number)}", at, found)]
        else:
            raise refused(f"item {number}: type is neither SimpleItem nor ComplexItem.", at + "/type")
        items.extend(made)
        limits.count(len(items))
        number = (made[-1].number if made else number) + 1
    return items, areas


def _complex(
    member: dict[str, Any], number: int, at: str, found: Doubts
) -> tuple[list[Item], list[qgc_items.Area]]:
    """Return the items that a survey, scan or landing was made into; without any, its area and its corners."""
    kind = member.get("complexItemType")
    where = f"item {number} ({kind})" if isinstance(kind, str) and len(kind) <= 40 else f"item {number}"
    style = member.get("TransectStyleComplexItem")
    made = style.get("Items") if isinstance(style, dict) else member.get("Items")
    if isinstance(made, list) and made:
        limits.count(len(made))
        inner = at + ("/TransectStyleComplexItem/Items" if isinstance(style, dict) else "/Items")
        items = []
        for index, item in enumerate(made):
            if not isinstance(item, dict):
                raise refused(f"{where}, part {index + 1}: it is not an object.", f"{inner}/{index}")
            part = f"{where}, part {index + 1}"
            items.append(_simple(item, number + index, part, f"{inner}/{index}", found))
        return items, []
    landing = qgc_items.landing(member, number, where, at)
    if landing:
        return landing, []
    area = qgc_items.area(member, where, at, found)
    if area is None:
        found.flag(
            doubts.COMMAND_UNKNOWN,
            "it has neither items nor an area that can be read; where it is flown is not known.",
            where,
            at,
        )
        return [], []
    return qgc_items.corners(area, number, where, at), [area]


def _number(member: dict[str, Any], number: int) -> int:
    """Return the number by which jumps count an item."""
    stated = member.get("doJumpId")
    return (
        stated if isinstance(stated, int) and not isinstance(stated, bool) and 0 < stated < 2**31 else number
    )


def _simple(member: dict[str, Any], number: int, where: str, at: str, found: Doubts) -> Item:
    params = _params(member, where, at)
    command = qgc_items.whole(member.get("command"), where, at + "/command", "command")
    frame = qgc_items.whole(member.get("frame"), where, at + "/frame", "frame")
    place = mavlink.place(command, frame, (params[4], params[5]), where, at + "/params")
    height, bare_m = None, None
    if mav_commands.deed(command) not in _WITHOUT_HEIGHT:
        height, bare_m = _height(member, frame, params[6], where, at, found)
    number = _number(member, number)
    return Item(number, where, at, command, params[:4], place, height, bare_m)


_WITHOUT_HEIGHT = set(mav_commands.Deed) - {
    mav_commands.Deed.FLY,
    mav_commands.Deed.TAKE_OFF,
    mav_commands.Deed.LAND,
    mav_commands.Deed.CHANGE_HEIGHT,
}


def _params(member: dict[str, Any], where: str, at: str) -> tuple[float | None, ...]:
    """Return the seven parameters of an item; old plans keep the first four and the place apart."""
    listed = member.get("params")
    if listed is None and "param1" in member:
        listed = [member.get(f"param{index}") for index in range(1, 5)]
    if isinstance(listed, list) and len(listed) == 4 and isinstance(member.get("coordinate"), list):
        listed = listed + member["coordinate"]
    if not isinstance(listed, list) or len(listed) != 7:
        raise refused(f"{where}: params must be seven numbers.", at + "/params")
    return tuple(
        qgc_items.number(value, where, f"{at}/params/{index}", f"parameter {index + 1}")
        for index, value in enumerate(listed)
    )


def _height(
    member: dict[str, Any], frame: int, z: float | None, where: str, at: str, found: Doubts
) -> tuple[Height | None, float | None]:
    """Return an item's height with its reference, or else bare metres: its AltitudeMode decides, or its frame."""
    mode = qgc_items.plain(member.get("AltitudeMode"))
    if mode is None or mode in _OPEN_MODES:
        return mavlink.stated_height(z, frame, where, at + "/params/6")
    stated = qgc_items.number(member.get("Altitude"), where, at + "/Altitude", "Altitude")
    if mode not in _MODES:
        sentence = (
            f"AltitudeMode {str(mode)[:40]} is not known; its frame says what its altitude is measured from."
        )
        found.flag(doubts.HEIGHT_UNCERTAIN, sentence, where, at + "/AltitudeMode")
        return mavlink.stated_height(z if z is not None else stated, frame, where, at + "/params/6")
    if frame in mavlink.REFERENCES and mavlink.REFERENCES[frame] is not _MODES[mode]:
        sentence = (
            "its AltitudeMode and its frame say different things: what its altitude is measured from is open."
        )
        found.flag(doubts.HEIGHT_UNCERTAIN, sentence, where, at + "/AltitudeMode")
        return None, _higher(stated, z, where, at, found)
    if mode != _WORKED_OUT:
        value_m = _higher(stated, z, where, at, found)
        return (None if value_m is None else Height(value_m, _MODES[mode])), None
    worked_out = qgc_items.number(
        member.get("AMSLAltAboveTerrain"), where, at + "/AMSLAltAboveTerrain", "AMSLAltAboveTerrain"
    )
    value_m = _higher(worked_out, z, where, at, found)
    if value_m is not None:
        sentence = (
            "its height above the ground has been worked out to one above mean sea level, with the terrain model of"
            " QGroundControl; that is what is flown, also between the waypoints."
        )
        found.note(doubts.HEIGHT_UNCERTAIN, sentence, where, at + "/AMSLAltAboveTerrain")
        return Height(value_m, VerticalReference.AMSL), None
    sentence = "its height above mean sea level has not been worked out yet; it is read as above the ground."
    found.flag(doubts.HEIGHT_UNCERTAIN, sentence, where, at + "/AMSLAltAboveTerrain")
    if stated is None:
        return None, None
    return Height(limits.height_m(stated, where, at + "/Altitude"), VerticalReference.AGL), None


def _higher(stated: float | None, z: float | None, where: str, at: str, found: Doubts) -> float | None:
    """Return the height that two members of an item give; the higher one, with a doubt, where they disagree."""
    given = [limits.height_m(value, where, at) for value in (stated, z) if value is not None]
    if len(given) == 2 and abs(given[0] - given[1]) > _DISAGREE_M:
        sentence = "it gives two altitudes that are not the same; the higher one is read."
        found.flag(doubts.HEIGHT_UNCERTAIN, sentence, where, at)
    return max(given, default=None)


def _note_rest(document: dict[str, Any], mission: Mission, found: Doubts) -> None:
    """Say what of a plan is not flown."""
    fence = document.get("geoFence")
    if isinstance(fence, dict) and any(fence.get(name) for name in ("circles", "polygons", "polygon")):
        found.note(
            doubts.NOT_FLOWN, "The plan has a geofence, which is not part of the flight.", pointer="/geoFence"
        )
    rally = document.get("rallyPoints")
    if isinstance(rally, dict) and rally.get("points"):
        sentence = (
            "The plan has rally points, to which the aircraft may return instead of its take-off point."
        )
        if mission.returns:
            found.flag(doubts.PATH_UNCERTAIN, sentence, pointer="/rallyPoints")
        else:
            found.note(doubts.NOT_FLOWN, sentence, pointer="/rallyPoints")

"""Missions of MAVLink items, as QGroundControl, Mission Planner and ArduPilot keep them: what is flown for them.

Source: MAVLink common message definitions, "Mission Protocol"; ArduPilot, "Mission Commands".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import GEOD, LonLat
from zones_api.domain.mission import Mission, Waypoint
from zones_api.errors import InputTooLarge
from zones_api.formats.missions import doubts, limits, mav_commands
from zones_api.formats.missions.doubts import Doubts
from zones_api.formats.missions.limits import MAX_POINTS, refused
from zones_api.formats.missions.mav_commands import Deed

MAX_STEPS = 10 * MAX_POINTS
"""The most items that are followed when a mission jumps back."""

REFERENCES = {
    0: VerticalReference.AMSL,
    5: VerticalReference.AMSL,
    3: VerticalReference.TAKEOFF,
    6: VerticalReference.TAKEOFF,
    10: VerticalReference.AGL,
    11: VerticalReference.AGL,
}
"""What the altitude of an item in a global frame is measured from."""
_SCALED = {5, 6, 11}
"""Frames whose degrees may be written times ten million."""
_NO_PLACE = 2
"""The frame of commands that have no place."""

_PLACED = {Deed.FLY, Deed.TAKE_OFF, Deed.LAND, Deed.SET_HOME}
_VERTICAL_SPEEDS = {2, 3}
"""Kinds of speed of which a change is not one over the ground: climbing and sinking."""
_APART_M = 10.0
"""Take-off and home further apart than this are two places."""


@dataclass(frozen=True, slots=True)
class Item:
    """One command of a mission. `number` is what jumps count by; params are the first four, None for not a number.

    `position` None is where the aircraft then is. A height without a reference is `unreferenced_m`.
    """

    number: int
    where: str
    pointer: str
    command: int
    params: tuple[float | None, ...] = (None, None, None, None)
    position: LonLat | None = None
    height: Height | None = None
    unreferenced_m: float | None = None

    def param(self, index: int) -> float:
        """Return a parameter counted from 0; zero where it is not a number."""
        return self.params[index] or 0.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where a mission starts: its place, how high that is in metres AMSL, and whether the vehicle can hover."""

    position: LonLat | None = None
    elevation_m: float | None = None
    hovers: bool | None = None
    speed_m_s: float | None = None


def elevation_m(stated_m: float | None, where: str, pointer: str, found: Doubts) -> float | None:
    """Return how high home is, metres AMSL; exactly zero is what stands there when nobody has set it."""
    if stated_m is None:
        return None
    if stated_m == 0:
        found.note(
            doubts.HEIGHT_UNCERTAIN,
            "home is at 0 m above sea level, which may only mean that nobody has set it: its elevation is read as not"
            " stated.",
            where,
            pointer,
        )
        return None
    return limits.height_m(stated_m, where, pointer)


def place(
    command: int, frame: int, lat_lon: tuple[float | None, float | None], where: str, pointer: str
) -> LonLat | None:
    """Return where an item is flown to as (lon, lat), None where it says "here" or has no place.

    Zero for both, or no number for one, is "here".

    Raises:
        InvalidInput: If the frame counts metres from a point that the file does not give, or a coordinate is out
            of range.
    """
    deed = mav_commands.deed(command)
    lat, lon = lat_lon
    here = lat is None or lon is None or (lat == 0 and lon == 0)
    if (deed is not None and deed not in _PLACED) or (deed is None and frame not in REFERENCES):
        return None
    if frame not in REFERENCES and frame != _NO_PLACE:
        sentence = (
            f"{where}: frame {frame} counts from a point that the file does not give; only frames 0, 2, 3, 5, 6, 10"
            " and 11 are read."
        )
        raise refused(sentence, pointer)
    if here or lat is None or lon is None:
        return None
    if frame in _SCALED and (abs(lat) > 90 or abs(lon) > 180):
        lat, lon = lat / 1e7, lon / 1e7
    if deed is None and not (abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return limits.position(lon, lat, where, pointer)


def stated_height(
    z: float | None, frame: int, where: str, pointer: str
) -> tuple[Height | None, float | None]:
    """Return the height of an item with its reference, or else the bare metres."""
    if z is None:
        return None, None
    value_m = limits.height_m(z, where, pointer)
    reference = REFERENCES.get(frame)
    return (Height(value_m, reference), None) if reference else (None, value_m)


def flown(items: Sequence[Item], home: Home, found: Doubts) -> Mission:
    """Return the flight that a list of items makes, with what is doubtful about it added to `found`.

    It starts at home if that is known, and is flown there at once to the height of the first item. Each jump is
    followed once, so that every leg is in it. A landing is flown to at the height before it, then to its own.

    Raises:
        InputTooLarge: If jumps make it longer than MAX_STEPS items or MAX_POINTS waypoints.
    """
    flight = _Flight(home, found)
    for item in _in_order(items, found):
        flight.follow(item)
        limits.count(len(flight.waypoints))
    flight.start()
    takeoff = home.position or flight.taken_off
    if takeoff is None:
        found.flag(doubts.TAKEOFF_UNKNOWN, "The file does not say where the flight takes off.")
    return Mission(
        None,
        tuple(flight.waypoints),
        takeoff=takeoff,
        takeoff_elevation_m=home.elevation_m,
        returns=flight.returns,
        speed_m_s=flight.first_speed_m_s,
    )


def _in_order(items: Sequence[Item], found: Doubts) -> list[Item]:
    """Return the items as they are executed, each jump taken once."""
    by_number: dict[float, int] = {item.number: index for index, item in reversed(list(enumerate(items)))}
    tags = {
        item.param(0): index
        for index, item in reversed(list(enumerate(items)))
        if item.command == mav_commands.JUMP_TAG
    }
    taken: set[int] = set()
    order: list[Item] = []
    index = 0
    while index < len(items):
        item = items[index]
        order.append(item)
        if len(order) > MAX_STEPS:
            raise InputTooLarge(f"The mission jumps so often that it has more than {MAX_STEPS:,} steps.")
        index += 1
        if mav_commands.deed(item.command) is not Deed.JUMP or item.param(1) == 0 or index in taken:
            continue
        taken.add(index)
        targets = tags if item.command == mav_commands.DO_JUMP_TAG else by_number
        target = targets.get(item.param(0))
        if target is None:
            sentence = "it jumps to an item that is not there; the items are read in the order they stand."
            found.flag(doubts.PATH_UNCERTAIN, sentence, item.where, item.pointer)
            continue
        sentence = (
            "it repeats a part of the flight, which is read once: how long the flight takes is not known."
        )
        found.flag(doubts.TIME_UNCERTAIN, sentence, item.where, item.pointer)
        index = target
    executed = {id(item) for item in order}
    for item in items:
        if id(item) not in executed:
            found.flag(doubts.NOT_FLOWN, "it is jumped over and never flown.", item.where, item.pointer)
    return order


@dataclass
class _Flight:
    """The flight so far."""

    home: Home
    found: Doubts
    waypoints: list[Waypoint] = field(default_factory=list)
    returns: bool = False
    taken_off: LonLat | None = None
    first_speed_m_s: float | None = None
    _speed_m_s: float | None = None
    _returned: bool = False
    _home_moved: bool = False

    def __post_init__(self) -> None:
        self.first_speed_m_s = self.home.speed_m_s

    def follow(self, item: Item) -> None:
        """Add what one item does."""
        if self._returned and mav_commands.deed(item.command) in {Deed.FLY, Deed.LAND, Deed.TAKE_OFF, None}:
            self._go_home(item)
        match mav_commands.deed(item.command):
            case Deed.FLY:
                self._fly(item)
            case Deed.TAKE_OFF:
                self._take_off(item)
            case Deed.LAND:
                self._land(item)
            case Deed.RETURN:
                self.returns = self._returned = True
            case Deed.CHANGE_HEIGHT:
                self._change_height(item)
            case Deed.DELAY:
                self._delay(item)
            case Deed.SPEED:
                self._change_speed(item)
            case Deed.SET_HOME:
                self._home_moved = True
                self._flag(
                    item,
                    doubts.HEIGHT_UNCERTAIN,
                    "it sets another home, so that heights above home after it are measured from there.",
                )
            case Deed.FENCE:
                self._note(item, doubts.NOT_FLOWN, "a fence or rally point is no part of the flight.")
            case Deed.LOOK:
                self._note(item, doubts.NOT_FLOWN, "the camera looks at this place; it is not flown to.")
            case Deed.MARK | Deed.JUMP | Deed.NOTHING:
                pass
            case Deed.UNCERTAIN:
                sentence = f"command {item.command} gives control to something the file does not describe."
                self._flag(item, doubts.PATH_UNCERTAIN, sentence)
            case None:
                self._unknown(item)

    def start(self) -> None:
        """Put home before the first waypoint, at the height to which is climbed there."""
        if not self.waypoints or self.home.position in (None, self.waypoints[0].position):
            return
        first = self.waypoints[0]
        assert self.home.position is not None
        start = Waypoint(self.home.position, "home", first.height, first.unreferenced_m)
        self.waypoints.insert(0, start)

    def _fly(self, item: Item) -> None:
        self._add(item, self._hold_s(item), self._radius_m(item))
        if item.command in mav_commands.UNSTEADY:
            why = mav_commands.UNSTEADY[item.command]
            self._flag(item, doubts.PATH_UNCERTAIN, f"{why}; the straight line to this place is read.")
        if item.command == mav_commands.LOITER_UNLIMITED:
            self._flag(item, doubts.TIME_UNCERTAIN, "it circles or hovers until it is told otherwise.")
        if item.command == mav_commands.LOITER_TO_ALTITUDE:
            self._flag(
                item,
                doubts.TIME_UNCERTAIN,
                "it circles until it has its height, for a time the file does not give.",
            )

    def _take_off(self, item: Item) -> None:
        where = item.position or self._here() or self.home.position
        if self.home.position is None and self.taken_off is None and not self.waypoints:
            self.taken_off = where
        starts = self.home.position
        if starts and item.position and not self.waypoints and _apart_m(starts, item.position) > _APART_M:
            sentence = (
                "the take-off is away from home; some vehicles climb there, others straight above home and do not"
                " come here."
            )
            self._flag(item, doubts.PATH_UNCERTAIN, sentence)
        self._add(replace(item, position=where))

    def _land(self, item: Item) -> None:
        where = item.position or self._here() or self.home.position
        if where and self.waypoints:
            before = self.waypoints[-1]
            if before.position != where:
                self.waypoints.append(Waypoint(where, item.where, before.height, before.unreferenced_m))
        self._add(replace(item, position=where))

    def _go_home(self, item: Item) -> None:
        """Fly the way to home for a return that more items follow."""
        self._returned = False
        sentence = "items follow a return to launch; they are read as flown after it."
        self._flag(item, doubts.PATH_UNCERTAIN, sentence)
        if self.waypoints and self.home.position:
            before = self.waypoints[-1]
            self.waypoints.append(
                Waypoint(self.home.position, item.where, before.height, before.unreferenced_m)
            )

    def _change_height(self, item: Item) -> None:
        sentence = "it changes height on the way, where and for how long the file does not say."
        self._flag(item, doubts.HEIGHT_UNCERTAIN, sentence)
        if self._here():
            self._add(replace(item, position=self._here()))

    def _delay(self, item: Item) -> None:
        if item.param(0) < 0 or any(item.param(index) > 0 for index in (1, 2, 3)):
            self._flag(
                item, doubts.TIME_UNCERTAIN, "it waits until a time of day, of which the file gives no date."
            )
        elif self.waypoints:
            last = self.waypoints[-1]
            held_s = limits.hold_s(last.hold_s + self._hold_s(item), item.where, item.pointer)
            self.waypoints[-1] = replace(last, hold_s=held_s)

    def _change_speed(self, item: Item) -> None:
        speed = limits.speed_m_s(item.param(1), item.where, item.pointer)
        if speed is None or item.param(0) in _VERTICAL_SPEEDS:
            return
        self._speed_m_s = speed
        if self.waypoints:
            self.waypoints[-1] = replace(self.waypoints[-1], speed_m_s=speed)
        else:
            self.first_speed_m_s = speed

    def _unknown(self, item: Item) -> None:
        if item.position:
            self._add(item)
            sentence = f"command {item.command} is not known; its place is read as flown to."
        else:
            sentence = f"command {item.command} is not known; what it does to the flight is not known either."
        self._flag(item, doubts.COMMAND_UNKNOWN, sentence)

    def _add(self, item: Item, hold_s: float = 0.0, radius_m: float = 0.0) -> None:
        """Add a waypoint, here where the item has no place of its own."""
        where = item.position or self._here() or self.home.position
        if where is None:
            sentence = "it is where the aircraft then is, and the file does not say where that is."
            self._flag(item, doubts.PATH_UNCERTAIN, sentence)
            return
        height, bare_m = self._height(item)
        self.waypoints.append(
            Waypoint(
                where, item.where, height, bare_m, hold_s=hold_s, radius_m=radius_m, speed_m_s=self._speed_m_s
            )
        )

    def _height(self, item: Item) -> tuple[Height | None, float | None]:
        stated_m = item.height.value_m if item.height else item.unreferenced_m
        lands = mav_commands.deed(item.command) is Deed.LAND
        if item.position is None and not stated_m and not lands and self.waypoints:
            return self.waypoints[-1].height, self.waypoints[-1].unreferenced_m
        if self._home_moved and item.height and item.height.reference is VerticalReference.TAKEOFF:
            return None, item.height.value_m
        if item.unreferenced_m is not None:
            self._flag(item, doubts.HEIGHT_UNCERTAIN, "what its altitude is measured from is not said.")
        elif item.height is None and not lands:
            self._flag(item, doubts.HEIGHT_UNCERTAIN, "it has no altitude.")
        return item.height, item.unreferenced_m

    def _hold_s(self, item: Item) -> float:
        if item.command == mav_commands.LOITER_TURNS:
            radius_m, speed = abs(item.param(2)), self._speed_m_s or self.first_speed_m_s
            if radius_m > 0 and speed:
                held_s = abs(item.param(0)) * 2 * math.pi * radius_m / speed
                return limits.hold_s(held_s, item.where, item.pointer)
            self._flag(item, doubts.TIME_UNCERTAIN, "how long its turns take is not known.")
        index = mav_commands.HOLD_PARAM.get(item.command)
        return 0.0 if index is None else limits.hold_s(item.param(index), item.where, item.pointer)

    def _radius_m(self, item: Item) -> float:
        """Return how far the aircraft leaves the place of an item to circle there."""
        if item.command in {mav_commands.WAYPOINT, mav_commands.SPLINE_WAYPOINT}:
            # A plane may be told to pass a waypoint at a distance, or beyond it.
            return limits.height_m(abs(item.param(2)), item.where, item.pointer)
        index = mav_commands.RADIUS_PARAM.get(item.command)
        if index is None:
            return 0.0
        radius_m = abs(item.param(index))
        turns = item.command in {mav_commands.LOITER_TURNS, mav_commands.ORBIT}
        if radius_m == 0 and (turns or not self.home.hovers):
            sentence = "it circles with a radius that is set in the aircraft, not in the file."
            self._flag(item, doubts.PATH_UNCERTAIN, sentence)
        elif radius_m:
            self._note(
                item, doubts.PATH_UNCERTAIN, "it may circle around its place, with the radius it gives."
            )
        return limits.height_m(radius_m, item.where, item.pointer)

    def _here(self) -> LonLat | None:
        return self.waypoints[-1].position if self.waypoints else None

    def _flag(self, item: Item, code: str, sentence: str) -> None:
        self.found.flag(code, sentence, item.where, item.pointer)

    def _note(self, item: Item, code: str, sentence: str) -> None:
        self.found.note(code, sentence, item.where, item.pointer)


def _apart_m(here: LonLat, there: LonLat) -> float:
    return float(GEOD.inv(*here, *there)[2])

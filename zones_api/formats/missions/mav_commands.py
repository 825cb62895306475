"""What the commands of a MAVLink mission make an aircraft do, as far as its path is concerned.

Source: MAVLink common and ArduPilot message definitions (MAV_CMD).
"""

from __future__ import annotations

from enum import Enum, auto


class Deed(Enum):
    """What a command does to the path."""

    FLY = auto()
    """Fly to its place, or stay here where it has none."""
    TAKE_OFF = auto()
    LAND = auto()
    RETURN = auto()
    """Fly back to where it took off."""
    CHANGE_HEIGHT = auto()
    DELAY = auto()
    SPEED = auto()
    JUMP = auto()
    SET_HOME = auto()
    MARK = auto()
    """A place where a jump or an approach may begin; nothing is flown for it."""
    LOOK = auto()
    """A place that the camera looks at."""
    FENCE = auto()
    """A fence or a rally point among the items."""
    NOTHING = auto()
    UNCERTAIN = auto()
    """It hands control to something that a mission does not describe."""


WAYPOINT, LOITER_UNLIMITED, LOITER_TURNS, LOITER_TIME, RETURN_TO_LAUNCH = 16, 17, 18, 19, 20
LAND, TAKEOFF, LOITER_TO_ALTITUDE, ORBIT, FIGURE_EIGHT, ARC_WAYPOINT = 21, 22, 31, 34, 35, 36
SPLINE_WAYPOINT, VTOL_TAKEOFF, VTOL_LAND, DELAY, PAYLOAD_PLACE = 82, 84, 85, 93, 94
CHANGE_ALTITUDE, DO_JUMP, CHANGE_SPEED, SET_HOME, JUMP_TAG, DO_JUMP_TAG = 186, 177, 178, 179, 600, 601

_DEEDS = {
    Deed.FLY: (
        WAYPOINT, LOITER_UNLIMITED, LOITER_TURNS, LOITER_TIME, LOITER_TO_ALTITUDE, ORBIT, FIGURE_EIGHT,
        ARC_WAYPOINT, SPLINE_WAYPOINT, PAYLOAD_PLACE, 81, 192, 252, 4501, 30001, *range(31000, 31005),
    ),
    Deed.TAKE_OFF: (TAKEOFF, VTOL_TAKEOFF),
    Deed.LAND: (LAND, VTOL_LAND),
    Deed.RETURN: (RETURN_TO_LAUNCH,),
    Deed.CHANGE_HEIGHT: (30, 113, CHANGE_ALTITUDE),
    Deed.DELAY: (DELAY,),
    Deed.SPEED: (CHANGE_SPEED,),
    Deed.JUMP: (DO_JUMP, DO_JUMP_TAG),
    Deed.SET_HOME: (SET_HOME,),
    Deed.MARK: (188, 189, JUMP_TAG),
    Deed.LOOK: (80, 195, 201),
    Deed.FENCE: (*range(5000, 5005), 5100),
    Deed.UNCERTAIN: (
        25, 32, 33, 83, 92, 176, 185, 190, 191, 194, 213, 221, 222, 224, 262, 4000, 4001, 42000, 42001, 42702,
        42703,
    ),
    Deed.NOTHING: (
        95, 112, 114, 115, 159, 180, 181, 182, 183, 184, 187, 193, 196, 197, 198, *range(200, 213), 214, 215, 216,
        217, 218, 220, 223, 240, 241, 242, 243, 245, 246, 300, 310, 311, 400, 401, 405, 406, 410,
        *range(510, 535), 1000, 1001, *range(2000, 2005), *range(2500, 2505), 2510, 2511, 2520, 2600, 2800, 2801,
        3000, *range(31005, 31015), 42005, 42006, 42007, 42600,
    ),
}  # fmt: skip
_BY_COMMAND = {command: deed for deed, commands in _DEEDS.items() for command in commands}

RADIUS_PARAM = {LOITER_UNLIMITED: 2, LOITER_TURNS: 2, LOITER_TIME: 2, LOITER_TO_ALTITUDE: 1, ORBIT: 0}
"""Which parameter of a command, counted from 0, is the radius of its circle in metres."""
HOLD_PARAM = {WAYPOINT: 0, SPLINE_WAYPOINT: 0, LOITER_TIME: 0, DELAY: 0}
"""Which parameter of a command, counted from 0, is how long it waits in seconds."""
UNSTEADY = {
    SPLINE_WAYPOINT: "a spline waypoint is flown in a curve, which may leave the straight line",
    ARC_WAYPOINT: "the way to it is an arc, not a straight line",
    FIGURE_EIGHT: "it flies a figure of eight around this place",
    81: "the way to it is planned by the aircraft",
    192: "the aircraft is sent elsewhere than its mission says",
    252: "the aircraft is sent elsewhere than its mission says",
    4501: "a gate is passed, not flown to",
    30001: "it may circle around this place before it drops its load",
    **dict.fromkeys(range(31000, 31005), "what a user's own command does is not known"),
}
"""Commands whose path is not the straight line to their place, and why."""


def deed(command: int) -> Deed | None:
    """Return what a command does to the path, None where the command is not known."""
    return _BY_COMMAND.get(command)

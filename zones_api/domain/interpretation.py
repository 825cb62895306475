"""What a mission is taken to mean before it is decided: its way, its heights, its times, and the question they make.

Nothing is filled in silently: everything says where it comes from, what is not known is taken in its widest
sense, and at most one thing is asked back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import shapely

from zones_api.domain.altitude import (
    Height,
    HeightRange,
    Interval,
    Surroundings,
    VerticalReference,
    above_ground_and_sea_m,
)
from zones_api.domain.applicability import Window
from zones_api.domain.flight import Operation, Profile, Question
from zones_api.domain.geometry import GEOD, LonLat, Polygon, apart_m
from zones_api.domain.mission import Mission, Waypoint
from zones_api.domain.overlap import Place, area, path, point
from zones_api.domain.planned import Origin, Point, Role, Taken
from zones_api.domain.plausibility import doubts, of_takeoff_elevation
from zones_api.domain.scene import Check
from zones_api.domain.spans import shifted
from zones_api.errors import Defect, UnacceptableInput

BUFFER_M = 10.0
"""What is added around a flight from a file unless the caller says otherwise."""
SLOWEST_M_S = 2.0
"""The speed assumed where nobody says it: slow, so that the flight takes long."""
IN_AN_AREA = timedelta(days=1)
"""How long a flight in an area is taken to last where nobody says it."""
LONGEST = timedelta(days=366)
ASSUMED_TAKEOFF_M = 300.0
"""How far from its first point a flight may take off that does not say where: the ground may differ there."""
MAX_LEGS = 200
"""A flight of more legs is asked about in so many stretches, each as high as its highest point."""
_MAX_LOOKUPS = 500
MAX_LEG_M = 500_000.0
MAX_WAY_M = 5_000_000.0
"""The longest flight, and the longest way around an area."""

Ground = Callable[[Question, Place], Surroundings]
"""What is known of the ground and the geoid at a place of a question."""


class Missing(StrEnum):
    """The one thing to add, where an answer depends on it; named as the caller names it."""

    REFERENCE = "reference"
    HEIGHTS = "heights"
    RETURN_HEIGHT = "return_height_m"
    TAKEOFF_ELEVATION = "takeoff_elevation_m"


@dataclass(frozen=True)
class Given:
    """What the caller says beside the file, and before it; None is not said.

    `reference` is what heights are measured from where the file leaves it open. `upper` and `lower` replace the
    file's own heights. `return_height` is that of the way back to the take-off point.
    """

    reference: VerticalReference | None = None
    lower: Height | None = None
    upper: Height | None = None
    return_height: Height | None = None
    takeoff: LonLat | None = None
    takeoff_elevation_m: float | None = None
    ground_elevation_m: float | None = None
    geoid_undulation_m: float | None = None
    start: datetime | None = None
    end: datetime | None = None
    speed_m_s: float | None = None
    buffer_m: float | None = None
    operation: Operation = field(default_factory=Operation)


@dataclass(frozen=True)
class Interpretation:
    """A mission as it was understood, and the question that asks about it.

    `spans` has, for each leg of the question, the first and the last of the points it joins; None for an area. A
    leg stands there twice where the tops of its ends cannot be compared. `takeoff` is None where the flight takes
    off somewhere in an area.
    """

    name: str | None
    points: tuple[Point, ...]
    areas: tuple[Polygon, ...]
    spans: tuple[tuple[int, int] | None, ...]
    takeoff: Taken[LonLat] | None
    takeoff_elevation_m: Taken[Interval]
    length_m: float
    hold_s: float
    speed_m_s: Taken[float] | None
    start: Taken[datetime]
    end: Taken[datetime]
    buffer_m: Taken[float]
    missing: Missing | None
    doubts: tuple[Defect, ...]
    question: Question


def interpret(
    mission: Mission, given: Given, now: datetime, ground: Ground, check: Check = lambda: None
) -> Interpretation:
    """Return what a mission is taken to mean, and the question that asks about it.

    The flight occupies the ground up to the top of each leg, the higher of its two ends: it climbs and descends
    somewhere on the way. Only a caller may give a floor.

    Args:
        mission: What was read.
        given: What the caller says; it counts before the file.
        now: The start where nobody says one, UTC.
        ground: What is known of the ground and the geoid.
        check: Called between pieces of work; raises where it has taken too long.

    Raises:
        UnacceptableInput: If it goes nowhere, further or longer than any flight, or ends before it starts.
    """
    if not mission.waypoints and not mission.areas:
        raise _unacceptable("", "The flight has no points and no area.")
    takeoff = _takeoff(mission, given)
    points = _points(mission, given, takeoff)
    lengths_m = _lengths_m(points)
    buffer = (
        Taken(BUFFER_M, Origin.ASSUMED) if given.buffer_m is None else Taken(given.buffer_m, Origin.GIVEN)
    )
    legs, spans, profile = _legs(points, mission, given, buffer.value)
    speed = _speed(mission, given) if points else None
    start, end = _times(mission, given, now, points, _leg_seconds(points, lengths_m, speed), speed)
    elevation_m = _stated_elevation(mission, given)
    question = Question(
        legs,
        _envelope(profile),
        Window(start.value, end.value),
        given.operation,
        given.ground_elevation_m,
        given.geoid_undulation_m,
        elevation_m.value if elevation_m else None,
        _takeoff_place(takeoff, mission.areas),
        by_leg=None if len(set(profile)) == 1 else profile,
    )
    assert question.takeoff is not None
    at_takeoff = ground(question, question.takeoff)
    points = tuple(_with_bounds(points, question, ground, check))
    return Interpretation(
        mission.name,
        points,
        mission.areas,
        spans,
        takeoff,
        Taken(at_takeoff.ground_m, Origin.GROUND)
        if elevation_m is None
        else Taken(Interval(elevation_m.value, elevation_m.value), elevation_m.origin),
        sum(lengths_m),
        sum(each.hold_s for each in points),
        speed,
        start,
        end,
        buffer,
        _missing(mission, given, question, points, at_takeoff),
        (
            *_of_the_mission(mission, given, now, profile, len(points)),
            *doubts(points, lengths_m),
            *(
                of_takeoff_elevation(elevation_m.value, at_takeoff.ground_m, "")
                if elevation_m is not None and given.ground_elevation_m is None
                else ()
            ),
        ),
        question,
    )


# --- where ---------------------------------------------------------------------------------------------


def _takeoff(mission: Mission, given: Given) -> Taken[LonLat] | None:
    if given.takeoff is not None:
        return Taken(given.takeoff, Origin.GIVEN)
    if mission.takeoff is not None:
        return Taken(mission.takeoff, Origin.FILE)
    return Taken(mission.waypoints[0].position, Origin.ASSUMED) if mission.waypoints else None


def _takeoff_place(takeoff: Taken[LonLat] | None, areas: Sequence[Polygon]) -> Place:
    if takeoff is None:
        return Place(shapely.union_all([area(each).geometry for each in areas]))
    return point(*takeoff.value, ASSUMED_TAKEOFF_M if takeoff.origin is Origin.ASSUMED else 0.0)


def _points(mission: Mission, given: Given, takeoff: Taken[LonLat] | None) -> tuple[Point, ...]:
    """Return the points in the order they are flown: from the take-off, and back to it where it returns."""
    if not mission.waypoints:
        return ()
    assert takeoff is not None
    points = [_waypoint(each, mission, given) for each in mission.waypoints]
    if takeoff.value != points[0].position:
        points.insert(0, Point(Role.TAKEOFF, takeoff.value, "take-off"))
    if mission.returns:
        height, origin = _return_height(mission, given)
        points.append(Point(Role.RETURN, takeoff.value, "return to take-off", height, origin))
    return tuple(points)


def _waypoint(waypoint: Waypoint, mission: Mission, given: Given) -> Point:
    height, origin = waypoint.height, Origin.FILE
    if given.upper is not None:
        height, origin = given.upper, Origin.GIVEN
    elif height is None and waypoint.unreferenced_m is not None and given.reference is not None:
        height, origin = Height(waypoint.unreferenced_m, given.reference), Origin.GIVEN
    elif height is None:
        height = mission.upper
    return Point(
        Role.WAYPOINT,
        waypoint.position,
        waypoint.source,
        height,
        None if height is None else origin,
        at=_in_utc(waypoint.at),
        hold_s=waypoint.hold_s,
        radius_m=waypoint.radius_m,
        speed_m_s=waypoint.speed_m_s,
    )


def _return_height(mission: Mission, given: Given) -> tuple[Height | None, Origin | None]:
    for height in (given.return_height, given.upper):
        if height is not None:
            return height, Origin.GIVEN
    return mission.return_height, Origin.FILE if mission.return_height is not None else None


def _lengths_m(points: Sequence[Point]) -> list[float]:
    """Return the metres from each point to the next, or refuse a way that no flight goes."""
    positions = [each.position for each in points]
    lengths_m = apart_m(positions[:-1], positions[1:])
    for length_m, end in zip(lengths_m, points[1:], strict=True):
        if length_m > MAX_LEG_M:
            what = f"{end.source}: the leg that ends here is longer than {MAX_LEG_M / 1000:.0f} km."
            raise _unacceptable(end.source, what)
    if sum(lengths_m) > MAX_WAY_M:
        raise _unacceptable("", f"The flight is longer than {MAX_WAY_M / 1000:.0f} km.")
    return lengths_m


def _legs(
    points: Sequence[Point], mission: Mission, given: Given, buffer_m: float
) -> tuple[tuple[Place, ...], tuple[tuple[int, int] | None, ...], Profile]:
    """Return the places of the legs, the points each joins, and the heights of each.

    A point that the flight may leave by some metres is a leg of its own, a disc; in a stretch of many points all
    of the stretch is as much wider.
    """
    found: list[tuple[Place, tuple[int, int] | None, HeightRange]] = []
    step = max(1, math.ceil((len(points) - 1) / MAX_LEGS))
    runs = [
        (
            first,
            points[first : first + step + 1],
            0.0 if step == 1 else _widest_m(points[first : first + step + 1]),
        )
        for first in (range(0, max(1, len(points) - 1), step) if points else ())
    ]
    discs = [
        (number, (each,), each.radius_m) for number, each in enumerate(points) if step == 1 and each.radius_m
    ]
    for first, run, wider_m in (*runs, *discs):
        place = path(tuple(each.position for each in run), buffer_m + wider_m)
        span = (first, first + len(run) - 1)
        found.extend((place, span, _range(given.lower, top)) for top in _tops(run, mission, given))
    for polygon in mission.areas:
        _refuse_unless_simple(polygon)
        top = given.upper or mission.upper
        found.append((area(polygon, buffer_m), None, _range(given.lower, top)))
    places, spans, profile = zip(*found, strict=True)
    return places, spans, profile


def _widest_m(points: Sequence[Point]) -> float:
    return max(each.radius_m for each in points)


def _tops(run: Sequence[Point], mission: Mission, given: Given) -> Sequence[Height | None]:
    """Return the highest of some points in each reference they use, which together reach as high as any of them.

    Where the height of one is not known there is no top. Heights that hold for the whole flight count for each.
    """
    heights = [each.height for each in run if each.role is not Role.TAKEOFF]
    if given.upper is None and mission.upper is not None:
        heights.append(mission.upper)
    highest: dict[VerticalReference, Height] = {}
    for height in heights:
        if height is None:
            return (None,)
        if height.reference not in highest or height.value_m > highest[height.reference].value_m:
            highest[height.reference] = height
    return tuple(highest.values())


def _range(floor: Height | None, top: Height | None) -> HeightRange:
    """Return the heights of a leg; a floor that does not certainly lie below the top is none."""
    if floor is None or (
        top is not None and (floor.reference is not top.reference or floor.value_m > top.value_m)
    ):
        return HeightRange(upper=top)
    return HeightRange(floor, top)


def _envelope(profile: Profile) -> HeightRange:
    """Return heights in which those of every leg lie."""
    lowers, uppers = [each.lower for each in profile], [each.upper for each in profile]
    lower = lowers[0] if len(set(lowers)) == 1 else None
    tops = [upper for upper in uppers if upper is not None]
    if len(tops) < len(uppers) or len({upper.reference for upper in tops}) > 1:
        return HeightRange(lower)
    return HeightRange(lower, max(tops, key=lambda upper: upper.value_m))


def _refuse_unless_simple(polygon: Polygon) -> None:
    for ring in (polygon.shell, *polygon.holes):
        lons = [lon for lon, _ in ring]
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise _unacceptable("", "A ring of the area is open or has fewer than three corners.")
        if max(lons) - min(lons) > 180.0:
            raise _unacceptable("", "The area spans more than 180 degrees.")
        if GEOD.line_length(lons, [lat for _, lat in ring]) > MAX_WAY_M:
            raise _unacceptable("", f"The way around the area is longer than {MAX_WAY_M / 1000:.0f} km.")
    shape = shapely.Polygon(polygon.shell, polygon.holes)
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        raise _unacceptable("", f"The area is not a simple polygon: {why} (longitude latitude).")


# --- how high --------------------------------------------------------------------------------------------


def _stated_elevation(mission: Mission, given: Given) -> Taken[float] | None:
    """Return the take-off's elevation; the file's is that of its own take-off point."""
    if given.takeoff_elevation_m is not None:
        return Taken(given.takeoff_elevation_m, Origin.GIVEN)
    if mission.takeoff_elevation_m is not None and given.takeoff in (None, mission.takeoff):
        return Taken(mission.takeoff_elevation_m, Origin.FILE)
    return None


def _with_bounds(
    points: Sequence[Point], question: Question, ground: Ground, check: Check
) -> Iterator[Point]:
    """Yield the points with what their heights may be above ground and sea; many points are looked up in groups."""
    size = max(1, math.ceil(len(points) / _MAX_LOOKUPS))
    for first in range(0, len(points), size):
        check()
        group = points[first : first + size]
        around: Surroundings | None = None
        for each in group:
            height = Height(0.0, VerticalReference.AGL) if each.role is Role.TAKEOFF else each.height
            if height is None:
                yield each
                continue
            if around is None:
                around = ground(question, path(tuple(other.position for other in group)))
            over_ground, over_sea = above_ground_and_sea_m(height, around)
            yield replace(each, above_ground_m=over_ground, above_sea_m=over_sea)


def _missing(
    mission: Mission, given: Given, question: Question, points: Sequence[Point], at_takeoff: Surroundings
) -> Missing | None:
    """Return the first thing without which heights cannot be told, most telling first."""
    unknown = [each for each in points if each.role is not Role.TAKEOFF and each.height is None]
    left_open = {each.source for each in mission.waypoints if each.unreferenced_m is not None}
    if any(each.source in left_open for each in unknown):
        return Missing.REFERENCE
    if any(each.role is Role.WAYPOINT for each in unknown):
        return Missing.HEIGHTS
    if mission.areas and mission.upper is None and given.upper is None:
        return Missing.HEIGHTS
    if unknown:
        return Missing.RETURN_HEIGHT
    if question.is_above_takeoff and question.takeoff_elevation_m is None:
        known = at_takeoff.surveyed or given.ground_elevation_m is not None
        return None if known else Missing.TAKEOFF_ELEVATION
    return None


# --- when --------------------------------------------------------------------------------------------------


def _speed(mission: Mission, given: Given) -> Taken[float]:
    if given.speed_m_s is not None:
        return Taken(given.speed_m_s, Origin.GIVEN)
    if mission.speed_m_s is not None and 0.0 < mission.speed_m_s < math.inf:
        return Taken(mission.speed_m_s, Origin.FILE)
    return Taken(SLOWEST_M_S, Origin.ASSUMED)


def _leg_seconds(
    points: Sequence[Point], lengths_m: Sequence[float], speed: Taken[float] | None
) -> list[float]:
    """Return how long each leg takes: at the speed from its start on where the file says one, unless the caller does."""
    if speed is None:
        return []
    seconds, now_m_s = [], speed.value
    for start, length_m in zip(points, lengths_m, strict=False):
        stated = start.speed_m_s
        if speed.origin is not Origin.GIVEN and stated is not None and 0.0 < stated < math.inf:
            now_m_s = stated
        seconds.append(length_m / now_m_s)
    return seconds


def _times(
    mission: Mission,
    given: Given,
    now: datetime,
    points: Sequence[Point],
    legs_s: Sequence[float],
    speed: Taken[float] | None,
) -> tuple[Taken[datetime], Taken[datetime]]:
    """Return when the flight starts and ends: as the caller says, as the file says, or as long as it takes from now."""
    begins, ends = _stated_times(mission, points, legs_s)
    takes, how = _duration(points, legs_s, speed)
    if begins is not None and ends is not None:
        takes, how = ends - begins, Origin.FILE
    if given.start is not None:
        start = Taken(given.start, Origin.GIVEN)
    elif begins is not None:
        start = Taken(begins, Origin.FILE)
    elif ends is not None:
        start = Taken(shifted(ends, -takes), Origin.COMPUTED)
    else:
        start = Taken(now, Origin.ASSUMED)
    if given.end is not None:
        end = Taken(given.end, Origin.GIVEN)
    elif given.start is None and ends is not None:
        end = Taken(ends, Origin.FILE)
    else:
        end = Taken(shifted(start.value, takes), Origin.COMPUTED if how is Origin.FILE else how)
    if end.value < start.value:
        raise _unacceptable("/to", "The flight ends before it starts.")
    if end.value - start.value > LONGEST:
        raise _unacceptable("/to", f"The flight lasts longer than {LONGEST.days} days.")
    return start, end


def _stated_times(
    mission: Mission, points: Sequence[Point], legs_s: Sequence[float]
) -> tuple[datetime | None, datetime | None]:
    """Return the file's own start and end; the ways to the first timed point and from the last one come on top."""
    timed = [number for number, each in enumerate(points) if each.at is not None]
    moments = [each.at for each in points if each.at is not None]
    begins, ends = _in_utc(mission.starts_at), _in_utc(mission.ends_at)
    if timed:
        before_s = sum(legs_s[: timed[0]])
        after_s = sum(legs_s[timed[-1] :]) + points[timed[-1]].hold_s
        first, last = shifted(min(moments), -_seconds(before_s)), shifted(max(moments), _seconds(after_s))
        begins, ends = min(begins or first, first), max(ends or last, last)
        # A single moment says when the flight is there, not how long it lasts.
        ends = None if len(timed) == 1 and mission.ends_at is None else ends
    return begins, ends


def _duration(
    points: Sequence[Point], legs_s: Sequence[float], speed: Taken[float] | None
) -> tuple[timedelta, Origin]:
    if speed is None:
        return IN_AN_AREA, Origin.ASSUMED
    seconds = sum(legs_s) + sum(each.hold_s for each in points)
    return _seconds(seconds), Origin.ASSUMED if speed.origin is Origin.ASSUMED else Origin.COMPUTED


def _seconds(seconds: float) -> timedelta:
    if not seconds <= LONGEST.total_seconds():
        raise _unacceptable("", f"The flight lasts longer than {LONGEST.days} days.")
    return timedelta(seconds=seconds)


def _in_utc(at: datetime | None) -> datetime | None:
    """Return a moment in UTC; one without an offset is not known."""
    return None if at is None or at.tzinfo is None else at.astimezone(UTC)


# --- what a person should look at --------------------------------------------------------------------------


def _of_the_mission(
    mission: Mission, given: Given, now: datetime, profile: Profile, points: int
) -> Iterator[Defect]:
    if mission.returns and mission.waypoints:
        what = "The flight may turn back from anywhere on its way; only the way back from its last point is counted."
        yield Defect("RETURN_FROM_ANYWHERE", "", what, "flag")
    if mission.areas and (mission.takeoff or mission.waypoints or given.takeoff):
        what = "How the flight gets to its area and away is not known, and not counted."
        yield Defect("WAY_TO_AREA", "", what, "flag")
    if mission.lower is not None and given.lower is None:
        what = (
            f"The file's lowest height ({mission.lower.value_m:g} m {mission.lower.reference}) is not taken for a"
            " floor: the flight takes off and lands. Give a lower height if that is not counted here."
        )
        yield Defect("FLOOR_NOT_USED", "", what, "flag")
    if given.lower is not None and any(each.lower is None for each in profile):
        what = "The lower height given is not below the top of every leg in the same reference; those legs reach the ground."
        yield Defect("FLOOR_NOT_USED", "", what, "flag")
    if points - 1 > MAX_LEGS:
        what = f"The {points - 1} legs are answered in {MAX_LEGS} stretches or fewer, each as high as its highest point."
        yield Defect("LEGS_JOINED", "", what, "note")
    if mission.speed_m_s is not None and not 0.0 < mission.speed_m_s < math.inf:
        yield Defect(
            "SPEED_UNUSABLE", "", f"The file's speed of {mission.speed_m_s:g} m/s is not used.", "flag"
        )
    above_ground = [each for each in profile if each.upper and each.upper.reference is VerticalReference.AGL]
    if above_ground and points > 1 and given.upper is None:
        what = (
            "Heights above the ground are taken as kept all along each leg. An aircraft that flies straight from"
            " point to point is higher than that over lower ground between them."
        )
        yield Defect("HEIGHT_KEPT_ALONG_LEGS", "", what, "flag")
    moments = [mission.starts_at, mission.ends_at, *(each.at for each in mission.waypoints)]
    stated = [at for at in moments if at is not None]
    if any(at.tzinfo is None for at in stated):
        yield Defect(
            "TIME_WITHOUT_OFFSET",
            "",
            "The file has times without their offset from UTC; they are not used.",
            "flag",
        )
    in_utc = [at for at in map(_in_utc, stated) if at is not None]
    if in_utc and max(in_utc) < now and given.start is None:
        what = f"The file's last time ({max(in_utc):%Y-%m-%d %H:%M} UTC) has passed; is this a flight still to be flown?"
        yield Defect("TIME_PASSED", "", what, "flag")


def _unacceptable(place: str, detail: str) -> UnacceptableInput:
    return UnacceptableInput(detail, (Defect("VALUE_UNACCEPTABLE", place, detail),))

"""Coordinate blocks as laws and aeronautical publications write them: numbered points, an area, and every doubt.

Nothing is skipped and nothing is mended silently: what is not understood stops the area and is named, what is likely a
slip is flagged and read as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely

from zones_api.domain.arcs import Arc, Corner, area, fit
from zones_api.domain.drawing import Drawn, joined
from zones_api.domain.geometry import Bounds, Circle, LonLat, Polygon, footprint
from zones_api.domain.overlap import turns_to_meet
from zones_api.domain.reasons import Reason
from zones_api.errors import InputTooLarge, UnacceptableInput
from zones_api.formats.coordinates.angles import METRES_PER_ARC_DEGREE
from zones_api.formats.coordinates.words import Order, System, Token, tokens

MAX_CHARACTERS = 200_000
MAX_POINTS = 2_000
MAX_RADIUS_M = 500_000.0
COARSE_M = 200.0
"""A text all of whose points are written more coarsely than this (tenths of minutes, three decimals) is flagged."""
COARSER_M = 1_500.0
"""And, among finer ones, a point that is written more coarsely than this: to whole minutes, or to one decimal."""
FAR_M = 20_000.0
FAR_TIMES = 5.0
"""A corner further than both from the corner nearest to it, the second times what is usual, is flagged."""
WIDE_M = 1_000_000.0
LONG_EDGE = (
    "Read as a straight line in longitude and latitude and as the shortest line, an edge is over 10 m apart; in between"
    " answers are unknown. Points along it settle which is meant."
)

_BORDERS = re.compile(
    r"border|boundar|frontier|coast|shore|river|bank|median|grens|kust|oever|rivier|waterlijn|grenze|frontière",
    re.IGNORECASE,
)
Use = Literal["corner", "centre"]


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """A point of the text: its number from 1, where it stands there, and its place, None where it cannot be read.

    `step_m` is one unit of its last digit, in metres of latitude.
    """

    number: int
    use: Use
    position: LonLat | None
    start: int
    end: int
    step_m: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at: a stop leaves no area. `number` is the point it is about, `start` and `end` the text."""

    code: str
    detail: str
    severity: Literal["stop", "flag", "note"] = "flag"
    number: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Block:
    """What a text says: its points, and the area they bound, a circle or a line; none of these where something stops it."""

    points: tuple[ReadPoint, ...]
    doubts: tuple[Doubt, ...]
    drawn: Drawn | None = None
    circle: Circle | None = None
    line: tuple[LonLat, ...] | None = None


@dataclass
class _Curve:
    """An arc or a circle while its parts are gathered, in whatever order they come."""

    start: int
    arc: bool = False
    circle: bool = False
    clockwise: bool | None = None
    radius_m: float | None = None
    centre: ReadPoint | None = None
    end: ReadPoint | None = None
    to_start: bool = False
    named: bool = False
    """There is a word for it, and not a length alone."""
    expects: bool = False
    """The word for a centre has been read, and not yet its point."""

    @property
    def is_whole(self) -> bool:
        return self.centre is not None and (self.end is not None or self.to_start)


@dataclass
class _Reading:
    """The text as far as it has been read."""

    text: str
    as_line: bool
    points: list[ReadPoint] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    corners: list[tuple[ReadPoint, _Curve | None]] = field(default_factory=list)
    rings: list[list[tuple[ReadPoint, _Curve | None]]] = field(default_factory=list)
    circle: Circle | None = None
    curve: _Curve | None = None
    around: bool = False
    closed: bool = False
    plain: bool | None = None

    def stop(self, code: str, detail: str, start: int, end: int, number: int | None = None) -> None:
        self.doubts.append(Doubt(code, detail, "stop", number, start, end))


def read_coordinates(
    text: str,
    *,
    order: Order = "lat_lon",
    system: System = "auto",
    home: Bounds | None = None,
    home_name: str = "",
    as_line: bool = False,
) -> Block:
    """Return what a text about coordinates says.

    Args:
        text: The text, as it was published.
        order: Which comes first where nothing says so: people write latitude, then longitude.
        system: How plain numbers are read: RD New (EPSG:28992) where they are too large for degrees or the text names
            it (auto), always (rd) or never (wgs84).
        home: Where the points should be, a box in degrees; a point outside is flagged. None is anywhere.
        home_name: What that box is called.
        as_line: Whether the points are those of a line, not the corners of an area.

    Raises:
        InputTooLarge: If the text or the number of its points is.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputTooLarge(f"The text has {len(text)} characters; at most {MAX_CHARACTERS} are read.")
    reading = _Reading(text, as_line)
    unknown: list[Token] = []
    last_known = 0
    for token in tokens(text, order, system):
        if token.kind == "unknown":
            unknown.append(token)
        elif token.kind not in ("gap", "word", "around"):
            _tell_unknown(reading, unknown, last_known, token.start)
            unknown, last_known = [], token.end
        _take(reading, token, home, home_name)
    _tell_unknown(reading, unknown, last_known, len(text))
    _finish_curve(reading)
    if reading.corners:
        reading.rings.append(reading.corners)
    return _block(reading)


def _tell_unknown(reading: _Reading, unknown: Sequence[Token], start: int, end: int) -> None:
    """Stop at words that are not understood, with all that stands between what is."""
    if not unknown:
        return
    clause = reading.text[start:end].strip(" \t\r\n,;.:-–—/()")
    where = reading.text.find(clause, start)
    shown = clause if len(clause) <= 200 else f"{clause[:200]}…"
    if _BORDERS.search(clause):
        what = f"A border in words is not drawn: “{shown}”. Take its points from an official source."
        reading.stop("BORDER_IN_WORDS", what, where, where + len(clause))
    else:
        reading.stop("NOT_UNDERSTOOD", f"This is not understood: “{shown}”.", where, where + len(clause))


def _take(reading: _Reading, token: Token, home: Bounds | None, home_name: str) -> None:
    match token.kind:
        case "point":
            _take_point(reading, token, home, home_name)
        case "length":
            _take_length(reading, token)
        case "cw" | "ccw":
            curve = _curve(reading, token)
            clockwise = token.kind == "cw"
            if curve.clockwise not in (None, clockwise):
                what = "An arc goes one way round: clockwise or counter-clockwise."
                reading.stop("ARC_DIRECTION", what, token.start, token.end)
            curve.clockwise = clockwise
            curve.arc = True
        case "arc":
            _curve(reading, token).arc = True
        case "circle":
            _curve(reading, token).circle = True
        case "radius":
            _curve(reading, token)
        case "centre":
            _curve(reading, token).expects = True
        case "around" if reading.curve is not None:
            reading.curve.named = True
            reading.curve.circle = True
        case "around":
            reading.around = True
        case "close":
            if reading.curve is not None and reading.curve.end is None:
                reading.curve.to_start = True
            _finish_curve(reading)
            reading.closed = True
        case "unknown":
            # What follows words that are not understood may mean anything; it is not joined to a curve before them.
            reading.around = False


def _curve(reading: _Reading, token: Token) -> _Curve:
    """Return the arc or circle that a word belongs to: the one being read, or a new one after a whole one."""
    curve = reading.curve
    is_circle = curve is not None and _is_plain_circle(reading, curve) and curve.centre is not None
    if curve is not None and (curve.is_whole or is_circle) and token.kind in ("cw", "ccw", "arc", "circle"):
        _finish_curve(reading)
    if reading.curve is None:
        reading.curve = _Curve(token.start)
    reading.curve.named = reading.curve.named or token.kind != "length" or reading.around
    return reading.curve


def _take_length(reading: _Reading, token: Token) -> None:
    for said in token.said:
        reading.stop(said.code, said.detail, token.start, token.end)
    curve = _curve(reading, token)
    if reading.around and not curve.arc:
        curve.circle = True
    if curve.radius_m is not None:
        reading.stop("RADIUS_TWICE", "A second radius for the same curve.", token.start, token.end)
    elif not 0 < token.metres <= MAX_RADIUS_M:
        what = f"A radius of {token.metres:g} m cannot be meant: up to {MAX_RADIUS_M / 1000:.0f} km are read."
        reading.stop("RADIUS_RANGE", what, token.start, token.end)
    curve.radius_m = token.metres


def _take_point(reading: _Reading, token: Token, home: Bounds | None, home_name: str) -> None:
    if len(reading.points) >= MAX_POINTS:
        raise InputTooLarge(f"The text has more than {MAX_POINTS} points.")
    curve = reading.curve
    is_centre = (
        curve is not None and curve.centre is None and (curve.expects or _is_plain_circle(reading, curve))
    )
    point = ReadPoint(
        len(reading.points) + 1,
        "centre" if is_centre else "corner",
        token.position,
        token.start,
        token.end,
        token.step_m,
    )
    reading.points.append(point)
    for said in token.said:
        severity: Literal["stop", "flag", "note"] = (
            "stop" if said.stops else "note" if said.code in ("ORDER", "RD") else "flag"
        )
        if said.code == "ORDER" and any(doubt.code == "ORDER" for doubt in reading.doubts):
            continue
        reading.doubts.append(Doubt(said.code, said.detail, severity, point.number, point.start, point.end))
    if token.position is not None and reading.plain not in (None, token.plain):
        written = reading.text[token.start : token.end]
        what = f"“{written}” is not written as the points before: with letters or signs, or as plain numbers."
        reading.stop("MIXED_FORMS", what, point.start, point.end, point.number)
    elif token.position is not None:
        reading.plain = token.plain
    _doubt_place(reading, point, token.other, home, home_name)
    reading.around = False
    if curve is not None and is_centre:
        curve.centre, curve.expects = point, False
    elif curve is not None and curve.end is None and (curve.arc or curve.circle or reading.corners):
        curve.end = point
    else:
        _finish_curve(reading)
        _add_corner(reading, point)


def _is_plain_circle(reading: _Reading, curve: _Curve) -> bool:
    """Say whether a point after "a circle of radius 5 NM," is its centre without a word for it."""
    return curve.circle and not curve.arc and curve.radius_m is not None and not reading.corners


def _doubt_place(
    reading: _Reading, point: ReadPoint, other: LonLat | None, home: Bounds | None, home_name: str
) -> None:
    """Flag a point that is not where it should be, and say what would bring it there."""
    if point.position is None:
        return

    def flag(code: str, detail: str) -> None:
        reading.doubts.append(Doubt(code, detail, "flag", point.number, point.start, point.end))

    if home is None or _inside(point.position, home):
        return
    lon, lat = point.position
    if other is not None and _inside(other, home):
        what = f"Point {point.number} as read lies outside {home_name}; with the two numbers exchanged it lies inside."
        flag("SWAPPED", what)
    elif any(_inside(turned, home) for turned in ((-lon, lat), (lon, -lat), (-lon, -lat))):
        what = f"Point {point.number} lies outside {home_name}; with another letter or sign (N, S, E, W) it lies inside."
        flag("HEMISPHERE", what)
    else:
        flag("OUTSIDE", f"Point {point.number} lies outside {home_name}.")


def _inside(position: LonLat, box: Bounds) -> bool:
    return any(True for _ in turns_to_meet((*position, *position), box))


def _add_corner(reading: _Reading, point: ReadPoint, arrives: bool = False) -> None:
    corners = reading.corners
    if not reading.as_line and len(corners) >= 3 and reading.closed:
        reading.rings.append(corners)
        reading.corners = corners = []
    reading.closed = False
    if corners and not arrives and point.position is not None and corners[-1][0].position == point.position:
        what = f"Point {point.number} repeats the one before it."
        reading.doubts.append(Doubt("REPEATED", what, "flag", point.number, point.start, point.end))
        return
    corners.append((point, None))
    if not reading.as_line and len(corners) > 3 and corners[0][0].position == point.position is not None:
        # The ring is back where it started; a point after this starts another.
        corners.pop()
        reading.closed = True


def _finish_curve(reading: _Reading) -> None:
    """Take the arc or circle that has been read, or say what it lacks."""
    curve, reading.curve = reading.curve, None
    if curve is None:
        return
    end = curve.end.end if curve.end else curve.centre.end if curve.centre else curve.start
    text = (curve.start, max(end, curve.start))
    if not curve.named:
        reading.stop("LENGTH_ALONE", "This length is not the radius of an arc or circle.", *text)
    elif curve.centre is None:
        reading.stop("CENTRE_MISSING", "An arc or circle without its centre cannot be drawn.", *text)
    elif curve.end is None and not curve.to_start and not curve.arc and not reading.corners:
        _take_circle(reading, curve, text)
    elif not reading.corners:
        reading.stop("ARC_START_MISSING", "An arc starts at the point before it, and there is none.", *text)
    elif curve.end is None and not curve.to_start:
        reading.stop("ARC_END_MISSING", "An arc needs the point where it ends.", *text)
    else:
        last, _ = reading.corners[-1]
        reading.corners[-1] = (last, curve)
    if curve.end is not None:
        _add_corner(reading, curve.end, arrives=True)


def _take_circle(reading: _Reading, curve: _Curve, text: tuple[int, int]) -> None:
    assert curve.centre is not None
    if curve.radius_m is None:
        reading.stop("RADIUS_MISSING", "A circle without its radius cannot be drawn.", *text)
    elif reading.circle is not None:
        reading.stop("SECOND_CIRCLE", "A second circle: read each zone by itself.", *text)
    elif curve.centre.position is not None and 0 < curve.radius_m <= MAX_RADIUS_M:
        reading.circle = Circle(curve.centre.position, curve.radius_m)


# --- what was read, drawn ---


def _block(reading: _Reading) -> Block:
    if not reading.points:
        reading.doubts.append(Doubt("NO_POINTS", "No coordinates are found in this text.", "stop"))
    if reading.circle is not None and reading.rings:
        what = "A circle and corners in one text: read each zone by itself."
        reading.doubts.append(Doubt("CIRCLE_AND_CORNERS", what, "stop"))
    corners = [corner for ring in reading.rings for corner, _ in ring]
    _flag_coarse(reading)
    _flag_far(reading, corners)
    if any(doubt.severity == "stop" for doubt in reading.doubts):
        return Block(tuple(reading.points), tuple(reading.doubts))
    line, drawn = None, None
    if reading.circle is None:
        try:
            if reading.as_line:
                line = _line(reading)
            else:
                drawn = _area(reading)
        except UnacceptableInput as error:
            for defect in error.defects:
                reading.doubts.append(Doubt(defect.code, defect.detail, "stop"))
    return Block(tuple(reading.points), tuple(reading.doubts), drawn, reading.circle, line)


def _line(reading: _Reading) -> tuple[LonLat, ...] | None:
    if any(curve for ring in reading.rings for _, curve in ring):
        reading.doubts.append(Doubt("ARC_IN_LINE", "A line is read without arcs.", "stop"))
        return None
    positions = tuple(point.position for point, _ in reading.rings[0] if point.position is not None)
    if len(positions) < 2:
        reading.doubts.append(Doubt("TOO_FEW_POINTS", "A line has at least two points.", "stop"))
        return None
    return positions


def _area(reading: _Reading) -> Drawn | None:
    drawn = []
    for number, ring in enumerate(reading.rings):
        is_last = number == len(reading.rings) - 1
        has_curve = any(curve for _, curve in ring)
        if len(ring) < (2 if has_curve else 3):
            what = "An area has at least three corners, or two and an arc between them."
            point = ring[0][0]
            reading.doubts.append(Doubt("TOO_FEW_POINTS", what, "stop", point.number, point.start, point.end))
            return None
        closing_arc = ring[-1][1] is not None
        if is_last and not reading.closed and not closing_arc:
            first, last = ring[0][0], ring[-1][0]
            what = f"The ring was open; its last point ({last.number}) has been joined to its first ({first.number})."
            reading.doubts.append(Doubt("RING_CLOSED", what, "flag", last.number, last.start, last.end))
        corners = [_corner(reading, ring, index) for index in range(len(ring))]
        _flag_visited_again(reading, ring)
        drawn.append(area(corners))
    if len(drawn) > 1:
        what = f"The text has {len(drawn)} rings; together they are the area, and none is taken as a hole."
        reading.doubts.append(Doubt("SEVERAL_RINGS", what))
    whole = joined(drawn)
    _flag_long_edges(reading, whole.geometry)
    return whole


def _corner(reading: _Reading, ring: Sequence[tuple[ReadPoint, _Curve | None]], index: int) -> Corner:
    point, curve = ring[index]
    assert point.position is not None
    if curve is None or curve.centre is None or curve.centre.position is None:
        return Corner(point.position)
    end = ring[(index + 1) % len(ring)][0]
    assert end.position is not None
    arc = Arc(curve.centre.position, curve.radius_m, curve.clockwise)
    fits = fit(point.position, arc, end.position)
    if curve.clockwise is None:
        which = "clockwise" if fits.turn_deg > 0 else "counter-clockwise"
        what = f"The arc from point {point.number} does not say which way round it goes; the shorter way, {which}, is taken."
        reading.doubts.append(
            Doubt("ARC_DIRECTION", what, "flag", point.number, curve.start, curve.centre.end)
        )
    written_m = 1.0 + sum(each.step_m for each in (point, end, curve.centre))
    for each, away_m in ((point, fits.start_m), (end, fits.end_m)):
        if abs(away_m - fits.radius_m) > written_m:
            than = "less" if away_m < fits.radius_m else "more"
            what = (
                f"Point {each.number} lies {away_m:.0f} m from the centre of its arc,"
                f" {abs(away_m - fits.radius_m):.0f} m {than} than the radius of {fits.radius_m:.0f} m."
            )
            reading.doubts.append(Doubt("RADIUS_MISFIT", what, "flag", each.number, each.start, each.end))
    return Corner(point.position, arc)


def _flag_coarse(reading: _Reading) -> None:
    steps = [point.step_m for point in reading.points if point.position is not None]
    if steps and min(steps) > COARSE_M:
        what = f"The points are written to {min(steps) / 1000:.1f} km only: are seconds or decimals missing?"
        reading.doubts.append(Doubt("COARSE", what))
        return
    for point in reading.points:
        if point.position is not None and point.step_m > COARSER_M:
            what = (
                f"Point {point.number} is written to {point.step_m / 1000:.1f} km only, others more finely."
            )
            reading.doubts.append(Doubt("COARSE", what, "flag", point.number, point.start, point.end))


def _flag_visited_again(reading: _Reading, ring: Sequence[tuple[ReadPoint, _Curve | None]]) -> None:
    seen: dict[LonLat | None, int] = {}
    for point, _ in ring:
        if point.position in seen:
            what = f"Point {point.number} is in the same place as point {seen[point.position]}."
            reading.doubts.append(Doubt("REPEATED", what, "flag", point.number, point.start, point.end))
        seen.setdefault(point.position, point.number)


def _flag_far(reading: _Reading, corners: Sequence[ReadPoint]) -> None:
    """Flag corners that are much further from the corner nearest to them than is usual in this text."""
    placed = [point for point in corners if point.position is not None]
    if len(placed) < 3:
        return
    lons, lats = np.array([point.position for point in placed], dtype=float).T
    away_m = np.hypot(
        (lons[:, None] - lons) * np.cos(np.radians((lats[:, None] + lats) / 2)), lats[:, None] - lats
    )
    away_m *= METRES_PER_ARC_DEGREE
    if away_m.max() > WIDE_M:
        reading.doubts.append(Doubt("WIDE", f"The corners lie up to {away_m.max() / 1000:.0f} km apart."))
    np.fill_diagonal(away_m, np.inf)
    nearest = away_m.min(axis=1)
    for point, metres in zip(placed, nearest.tolist(), strict=True):
        if metres > max(FAR_M, FAR_TIMES * float(np.median(nearest))):
            what = f"Point {point.number} lies {metres / 1000:.0f} km from every other corner."
            reading.doubts.append(Doubt("FAR", what, "flag", point.number, point.start, point.end))


def _flag_long_edges(reading: _Reading, geometry: shapely.Geometry) -> None:
    rings = [Polygon(tuple(part.exterior.coords)) for part in shapely.get_parts(geometry)]
    if any(footprint(ring).doubts for ring in rings):
        reading.doubts.append(Doubt(Reason.EDGE_INTERPRETATION, LONG_EDGE))

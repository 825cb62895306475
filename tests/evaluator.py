"""The decision rules a second time, by brute force: written from the rules, not from the engine.

Every part answers with the least and the most truth that may be given; the two differ only where a question
lies within a stated tolerance of an edge. Only the values of the domain are shared with the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from tests.exact import (
    GEOD,
    ON_DEG,
    Floats,
    along_geodesic,
    apart_m,
    closed,
    crossing,
    cuts,
    edges_of,
    from_edges_m,
    hull,
    on_any,
    pieces_m,
    polyline,
    sag_m,
    straight,
    turns,
)
from zones_api.domain.altitude import Height, HeightRange, Surroundings, VerticalExtent, VerticalReference
from zones_api.domain.applicability import Window
from zones_api.domain.geometry import Circle, LonLat, Polygon, Spot
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import Truth
from zones_api.domain.zone import (
    ClockTime,
    DailyPeriod,
    Moment,
    TimePeriod,
    UASZone,
    UnreadableTime,
    Weekday,
    ZoneType,
)

Answers = tuple[Truth, Truth]
"""The least and the most that may be answered."""

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
POINT_M = 0.01
"""How close to an edge a point may be answered as if it touched it."""
PATH_M = 0.5
"""The same for legs, areas, buffers and edges read as geodesics."""
TOUCH_M = 1e-5
"""Closer than this is touching: what rounding leaves of it."""
_AROUND = 1e-8 * np.array([[np.cos(a), np.sin(a)] for a in np.arange(8) * np.pi / 4 + 0.1])
_TURNS = (0.0, -360.0, 360.0)


@dataclass(frozen=True)
class Asked:
    """What is asked: a point, a path of geodesic legs, or an area; where `area` is given, `points` is empty."""

    points: tuple[LonLat, ...]
    heights: HeightRange
    window: Window
    buffer_m: float = 0.0
    area: Polygon | None = None

    @cached_property
    def edges(self) -> Floats:
        """The path or the area's rings as short straight pieces, shape (n, 4)."""
        if self.area is not None:
            return np.vstack([edges_of(closed(ring)) for ring in (self.area.shell, *self.area.holes)])
        path = [np.asarray(self.points[:1], dtype=np.float64)]
        for end in self.points[1:]:
            if tuple(end) != tuple(path[-1][-1]):
                path.append(along_geodesic(path[-1][-1], end, 0.005)[1:])
        return polyline(np.vstack(path))

    @cached_property
    def corners(self) -> Floats:
        """The places that were given."""
        if self.area is not None:
            return np.vstack([closed(ring) for ring in (self.area.shell, *self.area.holes)])
        return np.asarray(self.points, dtype=np.float64)

    @property
    def is_point(self) -> bool:
        """Whether this is one place."""
        return self.area is None and len(set(self.points)) == 1

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Say of each point whether the area holds it with something to spare."""
        if self.area is None:
            return np.zeros(len(points), dtype=bool)
        held = turns(closed(self.area.shell), points)[1] % 2 == 1
        for ring in self.area.holes:
            held &= turns(closed(ring), points)[1] % 2 == 0
        return held & (from_edges_m(self.edges, points).min(axis=1) > PATH_M)


# --- where -----------------------------------------------------------------------------------------------


class _Ring:
    """A ring read by both rules, with the hulls of its crossings and the slivers along its long edges."""

    def __init__(self, points: Sequence[Sequence[float]]) -> None:
        self.ring = closed(points)
        self.edges = edges_of(self.ring)
        self.hulls = [hull(ends) for ends in crossing(self.ring)]
        long = np.array([sag_m(edge[:2], edge[2:]) > 10.0 for edge in self.edges])
        self.short = self.edges[~long]
        self.curves = [along_geodesic(edge[:2], edge[2:], 0.2) for edge in self.edges[long]]
        self.walls = np.vstack([self.edges, *(edges_of(h) for h in self.hulls)])
        self.bent = np.vstack([np.empty((0, 4)), *(polyline(curve) for curve in self.curves)])
        self.every = np.vstack([self.walls, self.bent])
        corners = self.every.reshape(-1, 2)
        self.low, self.high = corners.min(axis=0) - 1e-6, corners.max(axis=0) + 1e-6

    def by_rules(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return 0, 1 or 2 for each point off every edge: in the ring by how many rules; and with the doubts."""
        winding, crossed = turns(self.ring, points)
        strict = (winding != 0).astype(np.int64) + crossed % 2
        read = strict.copy()
        for ends in self.hulls:
            read = np.where((read == 0) & (turns(ends, points)[1] % 2 == 1), 1, read)
        for curve in self.curves:
            read = np.where(turns(np.vstack([curve, curve[:1]]), points)[1] % 2 == 1, 1, read)
        return strict, read

    def beside(self, points: Floats) -> list[NDArray[np.int64]]:
        """Return what places around each point read; at a corner one in each of its wedges, however thin."""
        ends, others = self.every[:, :2], self.every[:, 2:]
        heads, tails = np.vstack([ends, others]), np.vstack([others, ends])
        read = []
        for point in points:
            near = np.abs(heads - point).max(axis=1) <= ON_DEG
            ahead = np.sort(np.arctan2(*(tails[near] - point).T[::-1]))
            between = (ahead + np.append(ahead[1:], ahead[:1] + 2 * np.pi)) / 2
            wedges = 1e-8 * np.column_stack([np.cos(between), np.sin(between)])
            read.append(self.by_rules(point + np.vstack([_AROUND, wedges]))[1])
        return read

    def near(self, points: Floats) -> NDArray[np.bool_]:
        """Say which points are in the box around the ring."""
        return ((points >= self.low) & (points <= self.high)).all(axis=1)

    def as_shell(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the least and the most truth of each point; on an edge, that of the better side."""
        least = np.zeros(len(points), dtype=np.int64)
        near = np.nonzero(self.near(points))[0]
        if not len(near):
            return least, least.copy()
        least[near] = self.by_rules(points[near])[1]
        most = least.copy()
        on = near[on_any(self.every, points[near])]
        if len(on):
            best = np.array([read.max() for read in self.beside(points[on])])
            least[on] = most[on] = best
            if len(self.short):
                # An edge with nothing certain on either side is still the ring.
                bare = on[(best < 2) & on_any(self.short, points[on])]
                least[bare], most[bare] = np.maximum(least[bare], 1), 2
        return least, most

    def as_hole(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how much of each point is cut: 0 nothing, 1 perhaps, 2 all; the ring itself is not."""
        least = np.zeros(len(points), dtype=np.int64)
        near = np.nonzero(self.near(points))[0]
        if not len(near):
            return least, least.copy()
        strict, read = self.by_rules(points[near])
        if self.hulls:
            least[near], most = np.minimum(strict, 1), least.copy()
            most[near] = np.minimum(read, 1)
        else:
            least[near] = read
            most = least.copy()
        on = near[on_any(self.every, points[near])]
        if self.hulls:
            least[on], most[on] = 0, 1
        elif len(on):
            least[on] = most[on] = [read.min() for read in self.beside(points[on])]
        return least, most


class Region:
    """A polygon: what each place is, and the walls between places that differ."""

    def __init__(self, shape: Polygon) -> None:
        lons = [lon for lon, _ in shape.shell]
        self.wide = max(lons) - min(lons) > 180.0
        rings = [shape.shell, *shape.holes]
        readings = [rings, [_turned(ring) for ring in rings]] if self.wide else [rings]
        self.readings = [[_Ring(ring) for ring in reading] for reading in readings]
        every = [ring for reading in self.readings for ring in reading]
        shifts = _TURNS if self.wide else (0.0,)
        walls = np.vstack([_shifted(ring.walls, t) for ring in every for t in shifts])
        bent = np.vstack([np.empty((0, 4)), *(_shifted(ring.bent, t) for ring in every for t in shifts)])
        self.walls, self.is_bent = _split(walls, bent)
        corners = np.unique(self.walls[~self.is_bent].reshape(-1, 2), axis=0)
        self.walls = np.vstack([self.walls, np.hstack([corners, corners])])
        self.is_bent = np.concatenate([self.is_bent, np.zeros(len(corners), dtype=bool)])
        middle = (self.walls[:, :2] + self.walls[:, 2:]) / 2
        ahead = self.walls[:, 2:] - self.walls[:, :2]
        left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        left *= 1e-7 / np.maximum(np.sqrt((left**2).sum(axis=1)), 1e-300)[:, None]
        reads = [self.at(points) for points in (middle, middle + left, middle - left)]
        self.wall_least = np.maximum.reduce([least for least, _ in reads])
        self.wall_most = np.maximum.reduce([most for _, most in reads])
        self.side_least = np.minimum.reduce([least for least, _ in reads[1:]])
        # Holes that leave nothing of a polygon: the rules do not say, so it may as well be in doubt.
        self.gone = not self.wall_most.any()
        self.south, self.north = self.walls[:, 1::2].min(), self.walls[:, 1::2].max()
        self.west, self.east = self.walls[:, 0::2].min(), self.walls[:, 0::2].max()

    def at(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the least and the most truth of each point, at whichever turn of the globe it is written."""
        leasts, mosts = [], []
        for shell, *holes in self.readings:
            least = np.zeros(len(points), dtype=np.int64)
            most = least.copy()
            for turn in _TURNS:
                turned = _shifted(points, turn)
                if not shell.near(turned).any():
                    continue
                low, high = shell.as_shell(turned)
                for hole in holes:
                    cut_low, cut_high = hole.as_hole(turned)
                    low, high = np.minimum(low, 2 - cut_high), np.minimum(high, 2 - cut_low)
                least, most = np.maximum(least, low), np.maximum(most, high)
            leasts.append(least)
            mosts.append(most)
        if not self.wide:
            return leasts[0], mosts[0]
        return tuple(  # type: ignore[return-value]
            np.where(np.minimum(*reads) == 2, 2, np.where(np.maximum(*reads) > 0, 1, 0))
            for reads in (leasts, mosts)
        )

    def meets(self, asked: Asked) -> Answers:
        """Say whether what is asked meets the polygon, at any turn of the globe."""
        reach = (asked.buffer_m + 50.0) / 111_000.0
        least, most = 0, 0
        edges = asked.edges
        for turn in _TURNS:
            west, east = edges[:, 0::2].min() + turn, edges[:, 0::2].max() + turn
            north, south = edges[:, 1::2].max() + reach, edges[:, 1::2].min() - reach
            side = reach / np.cos(np.radians(min(89.0, max(abs(north), abs(south)))))
            if north < self.south or south > self.north or west - side > self.east or east + side < self.west:
                continue
            low, high = self._meets(asked, turn)
            least, most = max(least, low), max(most, high)
            if self.gone:
                most = max(most, 1)
        return Truth(least), Truth(most)

    def _meets(self, asked: Asked, turn: float) -> tuple[int, int]:
        corners = _shifted(asked.corners, turn)
        lows, highs = self.at(corners)
        least, most = int(lows.max()), int(highs.max())
        edges = _shifted(asked.edges, turn)
        if asked.is_point and not asked.buffer_m:
            off = from_edges_m(self.walls, corners[:1])[0]
            close = off <= np.where(self.is_bent, PATH_M, POINT_M)
            if close.any():
                touching = (off <= TOUCH_M) & ~self.is_bent
                least = max(least, int(self.wall_least[touching].max(initial=0)))
                most = max(most, int(self.wall_most[close].max()))
                bent = close & self.is_bent
                least = min(least, int(self.side_least[bent].min(initial=2)))
            return least, most
        off = pieces_m(edges, self.walls)
        if asked.buffer_m:
            near, far = self._within(edges, off, asked.buffer_m)
            least = max(least, int(self.wall_least[near].max(initial=0)))
            most = max(most, int(self.wall_most[far].max(initial=0)))
        else:
            close = off.min(axis=0) <= PATH_M
            most = max(most, int(self.wall_most[close].max(initial=0)))
        samples = self._samples(edges, off)
        lows, highs = self.at(samples)
        most = max(most, int(highs.max()))
        if not asked.buffer_m:
            clear = from_edges_m(self.walls, samples).min(axis=1) > PATH_M
            lows = lows[clear]
            bent = from_edges_m(self.walls, corners)[:, self.is_bent].min(initial=np.inf)
            if bent <= PATH_M:
                least = 0
        least = max(least, int(lows.max(initial=0)))
        if asked.area is not None:
            for t in (0.0, 0.25, 0.5, 0.75, 1.0):
                points = self.walls[:, :2] + (self.walls[:, 2:] - self.walls[:, :2]) * t
                held = asked.holds(_shifted(points, -turn))
                if t % 1.0:
                    least = max(least, int(self.wall_least[held].max(initial=0)))
                most = max(most, int(self.wall_most[held].max(initial=0)))
        return least, most

    def _within(
        self, edges: Floats, off: Floats, buffer_m: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Say which walls are surely and which perhaps within a buffer; measured on the ellipsoid if close."""
        nearest = off.min(axis=0)
        near = nearest <= 0.97 * buffer_m - PATH_M
        far = nearest <= 1.03 * buffer_m + PATH_M
        open_ = np.nonzero(far & ~near)[0]
        far = near.copy()
        for wall in open_[np.argsort(nearest[open_])][:8]:
            for piece in np.argsort(off[:, wall])[:2]:
                apart = apart_m(straight(edges[piece]), straight(self.walls[wall]))
                near[wall] |= apart <= buffer_m - PATH_M
                far[wall] |= apart <= buffer_m + PATH_M
        for wall in open_[np.argsort(nearest[open_])][8:]:
            far[wall] = True
        return near, far

    def _samples(self, edges: Floats, off: Floats) -> Floats:
        """Return points between every two crossings of the path with a wall."""
        met = (off <= 1.0).any(axis=1) & (edges[:, :2] != edges[:, 2:]).any(axis=1)
        ahead = edges[:, 2:] - edges[:, :2]
        samples = [edges[:, :2] + ahead / 2]
        if met.any():
            which, t = cuts(edges[met], self.walls)
            for i, edge in enumerate(edges[met]):
                ts = np.unique(np.concatenate([[0.0, 1.0], t[which == i]]))
                between = (ts[1:] + ts[:-1]) / 2
                samples.append(edge[:2] + between[:, None] * (edge[2:] - edge[:2]))
        return np.vstack(samples)


def _shifted(lon_lat: Floats, turn: float) -> Floats:
    """Return points or edges with so many degrees added to every longitude."""
    shifted = lon_lat.copy()
    shifted[:, 0::2] += turn
    return shifted


def _turned(ring: Sequence[LonLat]) -> list[LonLat]:
    return [(lon + 360.0 if lon < 0 else lon, lat) for lon, lat in ring]


def _split(walls: Floats, bent: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return walls cut wherever they meet one another, and which of them are pieces of a geodesic."""
    every = np.vstack([walls, bent])
    is_bent = np.arange(len(every)) >= len(walls)
    which, along = cuts(every, every)
    inside = (along > 1e-9) & (along < 1 - 1e-9)
    parts, flags = [], []
    for i, wall in enumerate(every):
        ts = np.unique(np.concatenate([[0.0, 1.0], along[inside & (which == i)]]))
        ends = wall[:2] + ts[:, None] * (wall[2:] - wall[:2])
        parts.append(polyline(ends))
        flags += [is_bent[i]] * (len(ts) - 1)
    return np.vstack(parts), np.array(flags)


def _distance_m(asked: Asked, targets: Floats, within_m: float) -> float:
    """Return the least distance from what is asked to a point or straight lines; roughly where it is far more."""
    least = np.inf
    for turn in _TURNS:
        turned = _shifted(targets, turn)
        if asked.area is not None and asked.holds(turned[:, :2]).any():
            return 0.0
        if asked.is_point and len(targets) == 1 and (targets[0, :2] == targets[0, 2:]).all():
            return float(GEOD.inv(*asked.points[0], *targets[0, :2])[2])
        off = pieces_m(asked.edges, turned)
        if off.min() > 1.2 * within_m + 100.0:
            least = min(least, float(off.min()))
            continue
        for pair in np.argsort(off, axis=None)[:5]:
            piece, line = np.unravel_index(pair, off.shape)
            least = min(least, apart_m(straight(asked.edges[piece]), straight(turned[line])))
    return least


def _by_distance(asked: Asked, targets: Floats, sure_m: float | None, perhaps_m: float) -> Answers:
    """Judge a distance: yes within the first, unknown within the second."""
    apart = _distance_m(asked, targets, perhaps_m + asked.buffer_m)
    exact = asked.is_point and not asked.buffer_m
    below, beyond = (TOUCH_M, POINT_M) if exact else (-PATH_M, PATH_M)

    def read(slack: float) -> Truth:
        if sure_m is not None and apart <= sure_m + asked.buffer_m + slack:
            return YES
        return UNKNOWN if apart <= perhaps_m + asked.buffer_m + slack else NO

    return read(below), read(beyond)


_regions: dict[Polygon, Region] = {}


def where(shape: Polygon | Circle | Spot, asked: Asked) -> Answers:
    """Judge the horizontal part."""
    match shape:
        case Polygon():
            if shape not in _regions:
                if len(_regions) > 64:
                    _regions.clear()
                _regions[shape] = Region(shape)
            return _regions[shape].meets(asked)
        case Circle():
            radii = [shape.radius_m, shape.other_radius_m or shape.radius_m]
            return _by_distance(asked, np.array([[*shape.centre] * 2]), min(radii), max(radii))
        case Spot():
            line = polyline(np.asarray(shape.points, dtype=np.float64))
            return _by_distance(asked, line, None, 10_000.0)


# --- how high --------------------------------------------------------------------------------------------

_Plane = tuple[float, float, float]
"""constant + a * ground elevation + b * undulation, in metres above mean sea level."""


def _plane(height: Height) -> _Plane:
    value = height.value_m
    match height.reference:
        case VerticalReference.AGL:
            return value, 1.0, 0.0
        case VerticalReference.AMSL:
            return value, 0.0, 0.0
        case VerticalReference.WGS84:
            return value, 0.0, -1.0
        case VerticalReference.TAKEOFF:
            raise AssertionError("put at every elevation of the take-off first")


_GROUND: _Plane = (0.0, 1.0, 0.0)


def how_high(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Answers:
    """Judge the vertical part at every elevation of the take-off that matters."""
    ends = [end for end in (asked.lower, asked.upper) if end and end.reference is VerticalReference.TAKEOFF]
    low, high = around.takeoff_m.low, around.takeoff_m.high
    if not ends:
        return _how_high(asked, extent, around)
    turning = {low, high}
    for t in (around.ground_m.low, around.ground_m.high):
        for n in (around.undulation_m.low, around.undulation_m.high):
            for plane in (
                _GROUND,
                *(_plane(limit.height) for limit in (extent.lower, extent.upper) if limit),
            ):
                turning |= {plane[0] + plane[1] * t + plane[2] * n - end.value_m for end in ends}
    elevations = sorted(each for each in turning if low <= each <= high)
    elevations += [(a + b) / 2 for a, b in pairwise(elevations)]
    every = []
    for elevation in elevations:
        lower, upper = (
            Height(end.value_m + elevation, VerticalReference.AMSL) if end in ends and end else end
            for end in (asked.lower, asked.upper)
        )
        every.append(_how_high(HeightRange(lower, upper), extent, around))
    return _whatever([least for least, _ in every]), _whatever([most for _, most in every])


def _whatever(answers: list[Truth]) -> Truth:
    return YES if min(answers) is YES else NO if max(answers) is NO else UNKNOWN


def _meaningless(bottom, top) -> bool:
    """Say whether the lower limit lies above the upper on every ground of the Earth."""
    t, n = (each.ravel() for each in np.meshgrid(np.array([-500.0, 9000.0]), np.array([-110.0, 90.0])))
    zone_floor = t if bottom is None else _value(bottom, t, n)
    return top is not None and bool((zone_floor > _value(top, t, n) + 1e-9).all())


def _how_high(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Answers:
    """Judge the vertical part: on every ground elevation and undulation that matters."""
    lower, upper = extent.lower, extent.upper
    from_surface = lower is None or lower.height.value_m == 0
    if extent.doubt is not None or (from_surface and upper is not None and upper.height.value_m == 0):
        return UNKNOWN, UNKNOWN
    bottom = None if from_surface or lower is None else _plane(lower.height)
    top = None if upper is None else _plane(upper.height)
    low = None if asked.lower is None else _plane(asked.lower)
    high = None if asked.upper is None else _plane(asked.upper)
    t, n = _candidates([p for p in (bottom, top, low, high, _GROUND) if p], around)
    ground = t
    floor = ground if low is None else np.maximum(_value(low, t, n), ground)
    ceiling = np.inf if high is None else np.maximum(_value(high, t, n), ground)
    zone_floor = ground if bottom is None else _value(bottom, t, n)
    zone_top = np.full(t.shape, np.inf) if top is None else _value(top, t, n)
    empty = (zone_floor > zone_top + 1e-9) if bottom else np.zeros(t.shape, bool)
    if _meaningless(bottom, top) or empty.all():
        return UNKNOWN, UNKNOWN
    answers = []
    for slack in (1e-9, -1e-9):
        meets = (
            (floor <= zone_top + slack) & (ceiling >= zone_floor - slack) & (zone_floor <= zone_top + 1e-9)
        )
        answers.append(YES if meets.all() else UNKNOWN if meets.any() or empty.any() else NO)
    values = [limit.height.value_m for limit in (lower, upper) if limit]
    values += [height.value_m for height in (asked.lower, asked.upper) if height]
    exact = all(float(8 * v).is_integer() for v in values) or len(set(values)) < len(values)
    return (answers[0] if exact else min(answers)), max(answers)


def _value(plane: _Plane, t: Floats, n: Floats) -> Floats:
    return plane[0] + plane[1] * t + plane[2] * n


def _candidates(planes: list[_Plane], around: Surroundings) -> tuple[Floats, Floats]:
    """Return ground elevations and undulations among which every order of the planes occurs that can occur."""
    t0, t1 = around.ground_m.low, around.ground_m.high
    n0, n1 = around.undulation_m.low, around.undulation_m.high
    lines = [(1.0, 0.0, t0), (1.0, 0.0, t1), (0.0, 1.0, n0), (0.0, 1.0, n1)]
    lines += [(p[1] - q[1], p[2] - q[2], q[0] - p[0]) for p, q in combinations(planes, 2)]
    corners = [(t0, n0), (t0, n1), (t1, n0), (t1, n1)]
    for (a, b, e), (c, d, f) in combinations(lines, 2):
        turn = a * d - b * c
        if turn:
            t, n = (e * d - b * f) / turn, (a * f - e * c) / turn
            if t0 - 1e-9 <= t <= t1 + 1e-9 and n0 - 1e-9 <= n <= n1 + 1e-9:
                corners.append((min(max(t, t0), t1), min(max(n, n0), n1)))
    points = np.array(sorted(set(corners)))
    pairs = (points[:, None, :] + points[None, :, :]) / 2
    triples = (pairs[:, :, None, :] * 2 + points[None, None, :, :]) / 3
    grid = np.column_stack(
        [each.ravel() for each in np.meshgrid(np.linspace(t0, t1, 7), np.linspace(n0, n1, 7))]
    )
    every = np.vstack([points, pairs.reshape(-1, 2), triples.reshape(-1, 2), grid])
    return every[:, 0], every[:, 1]


# --- when ------------------------------------------------------------------------------------------------

_DAY = 86_400
_OFFSETS = [minutes * 60 for minutes in range(-12 * 60, 14 * 60 + 1, 15)]
_REACH = 14 * 3600
_WEEKDAYS = list(Weekday)


def _seconds(at: datetime) -> float:
    epoch = datetime(1970, 1, 1, tzinfo=at.tzinfo)
    return (at - epoch) / timedelta(seconds=1) - (at.utcoffset() or timedelta()) / timedelta(seconds=1)


def _edge(moment: Moment, *, end: bool) -> float:
    """Return an edge in seconds since 1970; where no offset was given, as if it were UTC."""
    assert moment.at is not None
    at = _seconds(moment.at)
    return at - at % 60 + 60 if end and moment.at.second == 59 else at


def _past(moment: Moment | None, t: float, *, end: bool) -> Answers:
    """Say whether an edge has been reached (a start) or not yet been passed (an end)."""
    if moment is None:
        return YES, YES
    if moment.at is None:
        return UNKNOWN, UNKNOWN
    edge = _edge(moment, end=end)
    after = edge - t if end else t - edge
    if moment.at.tzinfo is not None:
        return (YES, YES) if after >= 0 else (NO, NO)
    if abs(after) == _REACH:
        return (UNKNOWN, YES) if after > 0 else (NO, UNKNOWN)
    truth = UNKNOWN if abs(after) < _REACH else YES if after > 0 else NO
    return truth, truth


def _spans(
    entry: DailyPeriod, start_offset: float, end_offset: float, days: Iterable[int]
) -> Iterator[tuple[float, float]]:
    """Yield when the entry is in force, from and to, for each day since 1970 on which it starts."""
    start, end = entry.start, entry.end
    assert start is None or isinstance(start, ClockTime)
    assert end is None or isinstance(end, ClockTime)
    for day in days:
        if _WEEKDAYS[(day + 3) % 7] not in entry.days:
            continue
        begin = day * _DAY - start_offset + (start.seconds if start else 0.0)
        if end is None:
            yield begin, day * _DAY - start_offset + _DAY
            continue
        last = begin + ((end.seconds - end_offset) - begin) % _DAY
        if last == begin:
            last += _DAY
        whole = int(end.seconds)
        if whole % 60 == 59:
            last += 60 - (end.seconds - whole + 59)
        elif whole == 23 * 3600 + 59 * 60:
            last += 60
        yield begin, last


def _offsets(entry: DailyPeriod) -> list[tuple[float, float]]:
    """Return every pair of offsets that the start and the end may be meant in."""
    given = [
        time.utc_offset.total_seconds()
        for time in (entry.start, entry.end)
        if isinstance(time, ClockTime) and time.utc_offset is not None
    ]
    if not given:
        return [(offset, offset) for offset in _OFFSETS]
    start, end = given[0], given[-1]
    if entry.start is None or entry.end is None or len(given) == 2:
        return [(start, end)]
    if isinstance(entry.start, ClockTime) and entry.start.utc_offset is None:
        return [(offset, end) for offset in _OFFSETS]
    return [(start, offset) for offset in _OFFSETS]


def _readable(entry: DailyPeriod) -> bool:
    return entry.days_readable and not any(
        isinstance(time, UnreadableTime) for time in (entry.start, entry.end)
    )


def _entry_at(entry: DailyPeriod, t: float) -> Truth:
    if not _readable(entry):
        return UNKNOWN
    return _whatever([_active(entry, t, *offsets) for offsets in _offsets(entry)])


def _active(entry: DailyPeriod, t: float, start_offset: float, end_offset: float) -> Truth:
    today = int((t + start_offset) // _DAY)
    spans = _spans(entry, start_offset, end_offset, (today - 2, today - 1, today))
    return YES if any(begin <= t <= last for begin, last in spans) else NO


def _schedule_at(schedule: Sequence[DailyPeriod], t: float) -> Truth:
    """Judge the entries; those without an offset are meant in the same one, whichever it is."""
    both = [(offset, offset) for offset in _OFFSETS]
    local = [entry for entry in schedule if _readable(entry) and _offsets(entry) == both]
    truths = [_entry_at(entry, t) for entry in schedule if entry not in local]
    if local:
        truths.append(
            _whatever([max(_active(entry, t, offset, offset) for entry in local) for offset in _OFFSETS])
        )
    return max(truths)


def _period_at(period: TimePeriod, t: float) -> Answers:
    start, end = _past(period.start, t, end=False), _past(period.end, t, end=True)
    low, high = min(start[0], end[0]), min(start[1], end[1])
    if period.doubt is Reason.PERMANENT_WITH_DATES:
        low, high = max(low, UNKNOWN), max(high, UNKNOWN)
    elif period.doubt is not None:
        low, high = UNKNOWN, UNKNOWN
    if high is NO or not period.schedule:
        return low, high
    schedule = _schedule_at(period.schedule, t)
    return min(low, schedule), min(high, schedule)


def _instants(period: TimePeriod, first: float, last: float) -> list[float]:
    """Return the ends of the window, every instant in it at which something changes, and one between each."""
    edges = {first, last}
    for moment, end in ((period.start, False), (period.end, True)):
        if moment is not None and moment.at is not None:
            edge = _edge(moment, end=end)
            edges |= {edge, edge - _REACH, edge + _REACH}
    for entry in period.schedule:
        if _readable(entry):
            days = range(int(first // _DAY) - 3, int(last // _DAY) + 3)
            for start_offset, end_offset in _offsets(entry):
                for span in _spans(entry, start_offset, end_offset, days):
                    edges.update(span)
    inside = sorted(edge for edge in edges if first <= edge <= last)
    return inside + [(a + b) / 2 for a, b in pairwise(inside)]


def when(periods: Sequence[TimePeriod], window: Window) -> Answers:
    """Judge the time: any period at any moment of the window."""
    first, last = _seconds(window.start), _seconds(window.end)
    low, high = NO, NO
    for period in periods:
        instants = [first] if first == last else _instants(period, first, last)
        for t in instants:
            least, most = _period_at(period, t)
            low, high = max(low, least), max(high, most)
            if low is YES:
                return YES, YES
    return low, high


# --- the zone, and what it comes to ----------------------------------------------------------------------


def judge(zone: UASZone, asked: Asked, around: Surroundings) -> Answers:
    """Judge a zone: any of its volumes, horizontally and vertically, and its time."""
    low, high = NO, NO
    time = when(zone.applicability, asked.window)
    if time[1] is NO:
        return NO, NO
    for volume in zone.volumes:
        heights = how_high(asked.heights, volume.vertical, around)
        if heights[1] is NO:
            continue
        for shape in volume.shapes:
            place = where(shape, asked)
            low = max(low, min(place[0], heights[0], time[0]))
            high = max(high, min(place[1], heights[1], time[1]))
    return low, high


OUTCOMES = (
    "NO_ZONE",
    "INFORMATION",
    "CONDITIONAL",
    "USPACE",
    "AUTHORIZATION_REQUIRED",
    "UNRECOGNISED",
    "PROHIBITED",
)
_WORDS = {
    ZoneType.NO_RESTRICTION: "INFORMATION",
    ZoneType.CONDITIONAL: "CONDITIONAL",
    ZoneType.USPACE: "USPACE",
    ZoneType.REQ_AUTHORIZATION: "AUTHORIZATION_REQUIRED",
    ZoneType.PROHIBITED: "PROHIBITED",
}


def rank(word: ZoneType | str | None) -> int:
    """Return how bad a restriction word is; one that is not known is unrecognised."""
    return OUTCOMES.index(_WORDS.get(word, "UNRECOGNISED"))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Answer:
    """The answer that follows from what applies."""

    verdict: str
    known: str
    possible: str
    complete: bool
    at_least: bool


def answer(
    applies: Sequence[tuple[ZoneType | None, Truth]], aside: Sequence[str | None], *, complete: bool
) -> Answer:
    """Draw the conclusion from each zone's truth and from the words of the quarantined zones that are near."""
    certain = [rank(word) for word, truth in applies if truth is YES]
    known = max([0, *certain])
    possible = max(
        [0, *(rank(word) for word, truth in applies if truth is not NO), *(rank(word) for word in aside)]
    )
    recognised = max([0, *(r for r in certain if OUTCOMES[r] != "UNRECOGNISED")])
    complete = complete and not aside
    at_least = False
    if OUTCOMES[known] == "PROHIBITED":
        verdict = "PROHIBITED"
    elif OUTCOMES[recognised] in {"AUTHORIZATION_REQUIRED", "USPACE"}:
        verdict = OUTCOMES[recognised]
        at_least = possible > recognised or not complete
    elif OUTCOMES[known] == "CONDITIONAL" and possible <= known and complete:
        verdict = "CONDITIONAL"
    elif max(known, possible) <= OUTCOMES.index("INFORMATION") and complete:
        verdict = "NO_ZONE_FOUND"
    else:
        verdict = "UNKNOWN"
    return Answer(verdict, OUTCOMES[known], OUTCOMES[possible], complete, at_least)

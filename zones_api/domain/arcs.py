"""Areas bounded by straight edges and arcs of circles, as laws describe them, covered from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, tan

import numpy as np
import shapely
from numpy.typing import NDArray

from zones_api.domain.drawing import (
    ROUNDING_M,
    Drawn,
    away,
    bend,
    curve_steps,
    joined,
    refused,
    within_reach,
)
from zones_api.domain.geometry import GEOD, LonLat

HALF_TURN_DEG = 1.0
"""Closer than this to half a circle, neither way round is the shorter one."""


@dataclass(frozen=True, slots=True)
class Arc:
    """The arc of a geodesic circle between two corners; without a direction it is the shorter one.

    `radius_m` None is as far as its start lies from the centre.
    """

    centre: LonLat
    radius_m: float | None = None
    clockwise: bool | None = None


@dataclass(frozen=True, slots=True)
class Corner:
    """A corner of an area, and the arc that leads from it to the next one; None is a straight edge in lon/lat."""

    position: LonLat
    arc: Arc | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """How an arc fits its ends: their distances from the centre, the radius, and how far it turns in degrees.

    `turn_deg` is positive clockwise.
    """

    start_m: float
    end_m: float
    radius_m: float
    azimuth_deg: float
    turn_deg: float

    @property
    def off_m(self) -> float:
        """How far the radius is from the end that it fits worst."""
        return max(abs(self.start_m - self.radius_m), abs(self.end_m - self.radius_m))


def fit(start: LonLat, arc: Arc, end: LonLat) -> Fit:
    """Return how an arc fits its ends.

    Raises:
        UnacceptableInput: If it has no length, or its direction is not given and cannot be told.
    """
    first_deg, _, start_m = GEOD.inv(*arc.centre, *start)
    last_deg, _, end_m = GEOD.inv(*arc.centre, *end)
    radius_m = start_m if arc.radius_m is None else arc.radius_m
    turn = (last_deg - first_deg) % 360.0
    if start == end or min(start_m, end_m, radius_m) < ROUNDING_M or turn in (0.0, 360.0):
        raise refused("ARC_WITHOUT_LENGTH", "An arc starts and ends in one direction from its centre.")
    clockwise = arc.clockwise
    if clockwise is None:
        if abs(turn - 180.0) < HALF_TURN_DEG:
            raise refused("ARC_DIRECTION", "An arc of half a circle does not say which way round it goes.")
        clockwise = turn < 180.0
    return Fit(start_m, end_m, radius_m, first_deg, turn if clockwise else turn - 360.0)


def area(corners: Sequence[Corner]) -> Drawn:
    """Return polygons that cover the area within a ring of corners, which need not be closed.

    An arc that bulges out of the area is drawn around its circle, one that bulges into it within its circle. Where the
    radius does not fit an end, both are covered. Straight edges stay as they are.

    Raises:
        UnacceptableInput: If the ring crosses itself, has no area, or comes to a pole or the antimeridian.
    """
    following = [*corners[1:], corners[0]]
    drawn = [
        (corner.arc, fit(corner.position, corner.arc, next_.position)) if corner.arc else None
        for corner, next_ in zip(corners, following, strict=True)
    ]
    lons, lats = zip(*(corner.position for corner in corners), strict=True)
    within_reach((min(lons), min(lats), max(lons), max(lats)), 0.0)
    paths = [_path(corner, each) for corner, each in zip(corners, drawn, strict=True)]
    shell = shapely.Polygon(np.vstack(paths))
    if not shell.is_valid or shell.area <= 0.0:
        why = shapely.is_valid_reason(shell) if not shell.is_valid else "it has no area"
        raise refused("RING_CROSSES", f"The outline is not that of an area: {why} (longitude latitude).")
    clockwise = not shell.exterior.is_ccw
    parts = [Drawn(shell, 0.0)]
    for there, path, each in zip(following, paths, drawn, strict=True):
        if each is not None:
            on = np.vstack([path, [there.position]])
            parts.append(_band(*each, on, convex=(each[1].turn_deg > 0) == clockwise))
    return joined(parts)


def _path(corner: Corner, drawn: tuple[Arc, Fit] | None) -> NDArray[np.float64]:
    """Return a corner and the points of its arc, on the circle or between the distances of its ends."""
    here = np.array([corner.position])
    if drawn is None:
        return here
    arc, fits = drawn
    within_reach((*arc.centre, *arc.centre), max(fits.start_m, fits.end_m, fits.radius_m) * 1.05)
    part = np.linspace(0.0, 1.0, _steps(fits) + 1)[1:-1]
    distances = fits.start_m + part * (fits.end_m - fits.start_m)
    return np.vstack([here, away(arc.centre, fits.azimuth_deg + part * fits.turn_deg, distances)])


def _steps(fits: Fit) -> int:
    """Return in how many steps an arc is drawn; two at least, so that it and its chord are an area."""
    return max(2, curve_steps(max(fits.start_m, fits.end_m, fits.radius_m), radians(abs(fits.turn_deg))))


def _band(arc: Arc, fits: Fit, path: NDArray[np.float64], *, convex: bool) -> Drawn:
    """Return the strip between a path along an arc and a path that has the whole arc on its inner side."""
    steps = _steps(fits)
    half = radians(abs(fits.turn_deg)) / steps / 2
    least_m = min(fits.start_m, fits.end_m, fits.radius_m)
    most_m = max(fits.start_m, fits.end_m, fits.radius_m)
    bend_m = bend(arc.centre[1], most_m, 2 * most_m * tan(half))
    if convex:
        part = np.concatenate([[0.0], (np.arange(steps) + 0.5) / steps, [1.0]])
        outer_m = most_m + bend_m + ROUNDING_M
        distances = np.concatenate([[outer_m], np.full(steps, outer_m / cos(half)), [outer_m]])
        error_m = outer_m / cos(half) - least_m + bend_m
    else:
        part = np.linspace(0.0, 1.0, steps + 1)
        inner_m = least_m - bend_m - ROUNDING_M
        distances = np.full(steps + 1, inner_m)
        error_m = most_m - inner_m * cos(half) + bend_m
    off = away(arc.centre, fits.azimuth_deg + part * fits.turn_deg, distances)
    return Drawn(shapely.Polygon(np.vstack([path, off[::-1]])), error_m)

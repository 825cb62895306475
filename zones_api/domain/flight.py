"""What is asked: a place or a flight, its heights and its time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from zones_api.domain.altitude import HeightRange
from zones_api.domain.applicability import Window
from zones_api.domain.geometry import Bounds, LonLat, Polygon
from zones_api.domain.overlap import Place, area, path, point


@dataclass(frozen=True)
class Question:
    """Which zones apply to these legs, at these heights, in this window?

    A location is a flight of no size with a single leg; an area has a single leg too.
    """

    legs: tuple[Place, ...]
    heights: HeightRange
    window: Window

    @property
    def bounds(self) -> Bounds:
        """The box around all legs and their buffers."""
        wests, souths, easts, norths = zip(*(leg.bounds for leg in self.legs), strict=True)
        return min(wests), min(souths), max(easts), max(norths)


def location(position: LonLat, heights: HeightRange, window: Window, buffer_m: float = 0.0) -> Question:
    """Return the question of a single point."""
    return Question((point(*position, buffer_m),), heights, window)


def flight(
    points: tuple[LonLat, ...], heights: HeightRange, window: Window, buffer_m: float = 0.0
) -> Question:
    """Return the question of a flight along geodesic legs; each leg counts, not only the points."""
    if len(points) == 1:
        return location(points[0], heights, window, buffer_m)
    legs = tuple(path(leg, buffer_m) for leg in pairwise(points))
    return Question(legs, heights, window)


def operation_in(polygon: Polygon, heights: HeightRange, window: Window, buffer_m: float = 0.0) -> Question:
    """Return the question of a flight anywhere inside an area."""
    return Question((area(polygon, buffer_m),), heights, window)

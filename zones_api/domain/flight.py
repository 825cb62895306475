"""What is asked: a place or a flight, its heights and its time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from zones_api.domain.altitude import HeightRange, VerticalReference
from zones_api.domain.applicability import Window
from zones_api.domain.geometry import Bounds, LonLat, Polygon
from zones_api.domain.overlap import Place, area, path, point

Profile = tuple[HeightRange, ...]
"""The heights of each leg of a flight."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What flies and under which rules, as far as the caller says; None is not stated.

    `category` is open, specific or certified, `subcategory` A1 to A3, `uas_class` C0 to C6 or none.
    """

    category: str | None = None
    subcategory: str | None = None
    uas_class: str | None = None
    takeoff_mass_g: float | None = None
    vlos: bool | None = None


@dataclass(frozen=True)
class Question:
    """Which zones apply to these legs, at these heights, in this window?

    A location is a flight of no size with a single leg; an area has a single leg too. Elevations (metres AMSL)
    and the geoid undulation (metres) that the caller gives count as exact; None is not given. `takeoff` is where the flight takes off, None
    where nobody says. `heights` hold for every leg; where `by_leg` is given it has those of each, and `heights` is
    what they all lie within.
    """

    legs: tuple[Place, ...]
    heights: HeightRange
    window: Window
    operation: Operation = Operation()
    ground_elevation_m: float | None = None
    geoid_undulation_m: float | None = None
    takeoff_elevation_m: float | None = None
    takeoff: Place | None = None
    by_leg: Profile | None = None

    def __post_init__(self) -> None:
        if self.by_leg is not None and len(self.by_leg) != len(self.legs):
            raise ValueError("heights by leg are those of every leg")

    @cached_property
    def profile(self) -> Profile:
        """The heights of each leg."""
        return self.by_leg or (self.heights,) * len(self.legs)

    @property
    def is_above_takeoff(self) -> bool:
        """Whether any height is measured from where the flight takes off."""
        return any(
            end is not None and end.reference is VerticalReference.TAKEOFF
            for heights in self.by_leg or (self.heights,)
            for end in heights.ends
        )

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
    return Question(legs, heights, window, takeoff=point(*points[0]))


def operation_in(polygon: Polygon, heights: HeightRange, window: Window, buffer_m: float = 0.0) -> Question:
    """Return the question of a flight anywhere inside an area."""
    return Question((area(polygon, buffer_m),), heights, window, takeoff=area(polygon))

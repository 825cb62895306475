"""What a person should look at in a flight that was read from a file: it can be flown, but hardly be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from zones_api.domain.altitude import TOUCH_M, Interval, VerticalReference
from zones_api.domain.geometry import apart_m
from zones_api.domain.planned import Point, Role
from zones_api.errors import Defect

HIGH_M = 500.0
FAR_M = 50_000.0
TAKEOFF_FAR_M = 1_000.0


def doubts(points: Sequence[Point], lengths_m: Sequence[float]) -> Iterator[Defect]:
    """Yield what is odd about the points of a flight, each kind once, at the first place it is found.

    Args:
        points: The points in the order they are flown.
        lengths_m: The metres between each and the next.
    """
    flown = [point for point in points if point.role is not Role.TAKEOFF]
    yield from _of(
        [point for point in flown if point.above_ground_m and point.above_ground_m.high < -TOUCH_M],
        "BELOW_GROUND",
        "below the ground, wherever in its bounds that is",
    )
    yield from _of([point for point in flown if _is_high(point)], "OVER_500_M", f"over {HIGH_M:g} m up")
    yield from _far(points)
    again = [
        there
        for here, there in pairwise(points)
        if Role.TAKEOFF not in (here.role, there.role)
        and (here.position, here.height) == (there.position, there.height)
    ]
    yield from _of(again, "POINT_REPEATED", "where and as high as the point before", "note")
    if len(flown) > 1 and sum(lengths_m) == 0.0:
        yield Defect("NO_LENGTH", "", "All points of the flight lie at one place.", "flag")
    if points and points[0].role is Role.TAKEOFF and lengths_m and lengths_m[0] > TAKEOFF_FAR_M:
        what = f"The first point lies {lengths_m[0] / 1000:.1f} km from where the flight takes off."
        yield Defect("TAKEOFF_FAR", points[1].source, what, "flag")


def of_takeoff_elevation(stated_m: float, ground_m: Interval, source: str) -> Iterator[Defect]:
    """Yield a doubt where the take-off's stated elevation is not one that the ground can have there."""
    if not ground_m.low <= stated_m <= ground_m.high:
        what = (
            f"The take-off is said to lie {stated_m:g} m above sea level; the ground there lies between"
            f" {ground_m.low:g} and {ground_m.high:g} m."
        )
        yield Defect("TAKEOFF_ELEVATION_UNLIKELY", source, what, "flag")


def _is_high(point: Point) -> bool:
    if point.height is None or point.above_ground_m is None:
        return False
    over_ground = point.height.reference in (VerticalReference.AGL, VerticalReference.TAKEOFF)
    return point.above_ground_m.low > HIGH_M or (over_ground and point.height.value_m > HIGH_M)


def _far(points: Sequence[Point]) -> Iterator[Defect]:
    if not points:
        return
    positions = [point.position for point in points]
    from_start_m = apart_m([positions[0]] * len(points), positions)
    away = [point for point, metres in zip(points, from_start_m, strict=True) if metres > FAR_M]
    yield from _of(away, "FAR_FROM_START", f"more than {FAR_M / 1000:g} km from the start")


def _of(odd: Sequence[Point], code: str, what: str, severity: str = "flag") -> Iterator[Defect]:
    if not odd:
        return
    first = odd[0].source
    says = f"{first} is {what}." if len(odd) == 1 else f"{len(odd)} points are {what}, the first is {first}."
    yield Defect(code, first, says[0].upper() + says[1:], "note" if severity == "note" else "flag")

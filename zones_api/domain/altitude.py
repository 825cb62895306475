"""Heights with a reference, and whether two extents overlap when the ground is only known within bounds.

Every comparison is made above mean sea level: AMSL = AGL + T and WGS84 = AMSL + N, where the ground
elevation T and the geoid undulation N lie in intervals. What holds for every T and N is certain, what holds
for none is excluded, the rest is unknown. The functions are linear in T and N, so corners decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, unknown

METRES_PER_FOOT = 0.3048
"""Exact, by definition of the international foot."""


class VerticalReference(StrEnum):
    """What a height is measured from."""

    AGL = "AGL"
    AMSL = "AMSL"
    WGS84 = "WGS84"


@dataclass(frozen=True, slots=True)
class Height:
    """Metres above a reference; a height without a reference does not exist."""

    value_m: float
    reference: VerticalReference


@dataclass(frozen=True, slots=True)
class Limit:
    """A zone's limit: `height` as read, and the number, unit and reference as published."""

    height: Height
    published: float
    uom: str


@dataclass(frozen=True, slots=True)
class VerticalExtent:
    """From `lower` to `upper`. None is the surface below and no limit above; a default does not exist.

    `doubt` is LIMIT_UNREADABLE where a unit, number or reference that matters cannot be read, and
    LIMITS_MEANINGLESS where both limits are zero: then nothing is known at any height.
    """

    lower: Limit | None = None
    upper: Limit | None = None
    doubt: Reason | None = None


@dataclass(frozen=True, slots=True)
class HeightRange:
    """The heights a question asks about. `lower` None is the ground, `upper` None is without limit."""

    lower: Height | None = None
    upper: Height | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; a known number has both equal."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"{self.low} is above {self.high}")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the ground elevation (metres AMSL) and the geoid undulation (metres) at a place."""

    ground_m: Interval = Interval(-500.0, 9000.0)
    undulation_m: Interval = Interval(-110.0, 90.0)


@dataclass(frozen=True, slots=True)
class _Linear:
    """`constant + ground * T + undulation * N`, in metres."""

    constant: float
    ground: float = 0.0
    undulation: float = 0.0

    def at(self, corner: tuple[float, float]) -> float:
        return self.constant + self.ground * corner[0] + self.undulation * corner[1]

    def __sub__(self, other: _Linear) -> _Linear:
        return _Linear(
            self.constant - other.constant, self.ground - other.ground, self.undulation - other.undulation
        )


_GROUND = _Linear(0.0, ground=1.0)
_TOUCH_M = 1e-6
"""Numbers that should be equal may differ by this after converting feet; touching counts."""

_Corners = list[tuple[float, float]]


def overlap(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Judgement:
    """Say whether the heights asked about meet the zone's, whatever the ground and the geoid turn out to be.

    Touching counts. Heights of an aircraft below ground are cut off at the ground. A zone from the surface
    without limit is met whatever the terrain.
    """
    if extent.doubt:
        return unknown(extent.doubt)
    if _upside_down(extent, around):
        return unknown(Reason.LIMITS_MEANINGLESS)
    conditions = list(_conditions(asked, extent))
    region = _box(around)
    always = all(test(corner) >= -_TOUCH_M for test in conditions for corner in region)
    if always:
        return YES
    if not _possible(asked, extent, region):
        return NO
    return unknown(_why(asked, extent, around))


def starts_above(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> bool:
    """Say whether the zone certainly starts above everything asked about."""
    if extent.doubt or extent.lower is None or asked.upper is None:
        return False
    gap = _amsl(extent.lower.height) - _amsl(asked.upper)
    above_ground = _amsl(extent.lower.height) - _GROUND
    return all(gap.at(c) > _TOUCH_M and above_ground.at(c) > _TOUCH_M for c in _box(around))


def above_ground_m(height: Height, around: Surroundings) -> Interval:
    """Return the bounds of a height in metres above the ground here."""
    values = [(_amsl(height) - _GROUND).at(corner) for corner in _box(around)]
    return Interval(min(values), max(values))


def _amsl(height: Height) -> _Linear:
    match height.reference:
        case VerticalReference.AGL:
            return _Linear(height.value_m, ground=1.0)
        case VerticalReference.AMSL:
            return _Linear(height.value_m)
        case VerticalReference.WGS84:
            return _Linear(height.value_m, undulation=-1.0)


def _box(around: Surroundings) -> _Corners:
    ground, undulation = around.ground_m, around.undulation_m
    return [
        (ground.low, undulation.low),
        (ground.high, undulation.low),
        (ground.high, undulation.high),
        (ground.low, undulation.high),
    ]


def _upside_down(extent: VerticalExtent, around: Surroundings) -> bool:
    if extent.lower is None or extent.upper is None:
        return False
    thickness = _amsl(extent.upper.height) - _amsl(extent.lower.height)
    return all(thickness.at(corner) < -_TOUCH_M for corner in _box(around))


def _conditions(
    asked: HeightRange, extent: VerticalExtent
) -> Iterable[Callable[[tuple[float, float]], float]]:
    """Yield functions of (T, N) that are all zero or more exactly where the two extents meet."""
    if extent.lower is not None and extent.upper is not None:
        thickness = _amsl(extent.upper.height) - _amsl(extent.lower.height)
        yield thickness.at
    if asked.upper is not None and extent.lower is not None:
        top, lower = _amsl(asked.upper), _amsl(extent.lower.height)
        yield lambda c: max(top.at(c), _GROUND.at(c)) - lower.at(c)
    if extent.upper is not None:
        bottom = _amsl(asked.lower) if asked.lower is not None else _GROUND
        upper = _amsl(extent.upper.height)
        yield lambda c: upper.at(c) - max(bottom.at(c), _GROUND.at(c))


def _possible(asked: HeightRange, extent: VerticalExtent, region: _Corners) -> bool:
    """Say whether some (T, N) of the region meets every condition: clip the region by each of them.

    "The top or the ground, whichever is higher, reaches the lower limit" is a choice of two half-planes, and
    "the upper limit reaches the bottom and the ground" is both of two.
    """
    regions = [region]
    if extent.upper is not None:
        upper = _amsl(extent.upper.height)
        for bottom in [_GROUND, *([_amsl(asked.lower)] if asked.lower is not None else [])]:
            regions = [_clip(r, upper - bottom) for r in regions]
    if asked.upper is not None and extent.lower is not None:
        lower = _amsl(extent.lower.height)
        regions = [_clip(r, top - lower) for r in regions for top in (_amsl(asked.upper), _GROUND)]
    return any(regions)


def _clip(region: _Corners, function: _Linear) -> _Corners:
    """Return the corners of the part of a convex region where the function is zero or more."""
    kept: _Corners = []
    for here, there in zip(region, region[1:] + region[:1], strict=True):
        a, b = function.at(here) + _TOUCH_M, function.at(there) + _TOUCH_M
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            t = a / (a - b)
            kept.append((here[0] + t * (there[0] - here[0]), here[1] + t * (there[1] - here[1])))
    return kept


def _why(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Reason:
    """Name the terrain where knowing it would help, else the comparison itself."""
    heights = [asked.lower, asked.upper, *(limit.height for limit in (extent.lower, extent.upper) if limit)]
    ground_matters = any(height is None or height.reference is VerticalReference.AGL for height in heights)
    ground_known = around.ground_m.low == around.ground_m.high
    return Reason.TERRAIN_MISSING if ground_matters and not ground_known else Reason.HEIGHT_UNCERTAIN

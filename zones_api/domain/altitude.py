"""Heights with a reference, and whether two extents overlap when the ground is only known within bounds.

Every comparison is made above mean sea level: AMSL = AGL + T and WGS84 = AMSL + N, where the ground
elevation T and the geoid undulation N lie in intervals. A height above take-off is one above sea level within
the interval of the take-off's elevation. What holds for every T and N is certain, what holds
for none is excluded, the rest is unknown. The functions are linear in T and N, so corners decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, Truth, unknown

METRES_PER_FOOT = 0.3048
"""Exact, by definition of the international foot."""


class VerticalReference(StrEnum):
    """What a height is measured from."""

    AGL = "AGL"
    AMSL = "AMSL"
    WGS84 = "WGS84"
    TAKEOFF = "TAKEOFF"
    """Above the place a flight takes off from: in questions alone, never in a zone."""


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

    @property
    def ends(self) -> tuple[Height | None, Height | None]:
        """The lower and the upper end."""
        return self.lower, self.upper


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
    """What is known of the ground elevation (metres AMSL) and the geoid undulation (metres) at a place.

    `takeoff_m` is the elevation (metres AMSL) of the place the flight takes off from. `surveyed` says that the
    ground is known from a terrain model or from the caller, and not only within a region's bounds.
    """

    ground_m: Interval = Interval(-500.0, 9000.0)
    undulation_m: Interval = Interval(-110.0, 90.0)
    takeoff_m: Interval = Interval(-500.0, 9000.0)
    surveyed: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a flight misses a zone in height: at least and at most so many metres.

    `limit` is the zone's limit that is missed: its lower where the zone is `above`, else its upper.
    """

    metres: Interval
    limit: Limit
    above: bool


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
TOUCH_M = 1e-6
"""Numbers that should be equal may differ by this after converting feet; touching counts."""

_Corners = list[tuple[float, float]]


def overlap(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Judgement:
    """Say whether the heights asked about meet the zone's, whatever the ground and the geoid turn out to be.

    Touching counts. Heights of an aircraft below ground are cut off at the ground. A zone from the surface
    without limit is met whatever the terrain.
    """
    if extent.doubt:
        return unknown(extent.doubt)
    wrong = upside_down(extent, around)
    if wrong is Truth.YES:
        return unknown(Reason.LIMITS_MEANINGLESS)
    narrow, wide = _from_takeoff(asked, around.takeoff_m)
    region = _box(around)
    if all(test(corner) >= -TOUCH_M for test in _conditions(narrow, extent) for corner in region):
        return YES
    if not _possible(wide, extent, region):
        return NO if wrong is Truth.NO else unknown(Reason.LIMITS_MEANINGLESS)
    return unknown(_why(asked, extent, around))


def with_datum_doubt(
    asked: HeightRange, extent: VerticalExtent, around: Surroundings, doubt_m: float
) -> Judgement:
    """Say whether heights meet a zone's whose heights above sea level are all off by up to `doubt_m`, one way.

    For one ground the shifts at which they meet lie together, so the two ends decide what is certain.
    """
    limits = (extent.lower, extent.upper)
    if not any(limit and limit.height.reference is VerticalReference.AMSL for limit in limits):
        return overlap(asked, extent, around)
    if all(overlap(asked, _moved(extent, by, by), around) == YES for by in (-doubt_m, doubt_m)):
        return YES
    widest = overlap(asked, _moved(extent, -doubt_m, doubt_m), around)
    return NO if widest == NO else unknown(*(widest.reasons or {Reason.HEIGHT_UNCERTAIN}))


def _moved(extent: VerticalExtent, lower_m: float, upper_m: float) -> VerticalExtent:
    """Return an extent with its limits above sea level moved."""

    def moved(limit: Limit | None, by_m: float) -> Limit | None:
        if limit is None or limit.height.reference is not VerticalReference.AMSL:
            return limit
        return replace(limit, height=replace(limit.height, value_m=limit.height.value_m + by_m))

    return replace(extent, lower=moved(extent.lower, lower_m), upper=moved(extent.upper, upper_m))


def gap(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Gap | None:
    """Return how far a flight misses a zone in height; None where it may meet it."""
    if extent.doubt or overlap(asked, extent, around) != NO:
        return None
    _, wide = _from_takeoff(asked, around.takeoff_m)
    region = _box(around)
    if extent.lower is not None and wide.upper is not None:
        lower, top = _amsl(extent.lower.height), _amsl(wide.upper)
        metres = [lower.at(c) - max(top.at(c), _GROUND.at(c)) for c in region]
        if max(metres) > TOUCH_M:
            return Gap(Interval(max(0.0, min(metres)), max(metres)), extent.lower, above=True)
    if extent.upper is not None:
        upper, bottom = _amsl(extent.upper.height), _GROUND if wide.lower is None else _amsl(wide.lower)
        metres = [max(bottom.at(c), _GROUND.at(c)) - upper.at(c) for c in region]
        if max(metres) > TOUCH_M:
            return Gap(Interval(max(0.0, min(metres)), max(metres)), extent.upper, above=False)
    return None


def above_ground_m(height: Height, around: Surroundings) -> Interval:
    """Return the bounds of a height in metres above the ground here."""
    low, high = _from_takeoff(HeightRange(height, height), around.takeoff_m)[1].ends
    assert low is not None
    assert high is not None
    corners = _box(around)
    return Interval(
        min((_amsl(low) - _GROUND).at(corner) for corner in corners),
        max((_amsl(high) - _GROUND).at(corner) for corner in corners),
    )


def above_ground_and_sea_m(height: Height, around: Surroundings) -> tuple[Interval, Interval]:
    """Return the bounds of a height in metres above the ground and above mean sea level here."""
    value_m, ground = height.value_m, around.ground_m
    match height.reference:
        case VerticalReference.AGL:
            sea = Interval(ground.low + value_m, ground.high + value_m)
            return Interval(value_m, value_m), sea
        case VerticalReference.AMSL:
            sea = Interval(value_m, value_m)
        case VerticalReference.WGS84:
            sea = Interval(value_m - around.undulation_m.high, value_m - around.undulation_m.low)
        case VerticalReference.TAKEOFF:
            sea = Interval(around.takeoff_m.low + value_m, around.takeoff_m.high + value_m)
    return Interval(sea.low - ground.high, sea.high - ground.low), sea


def _from_takeoff(asked: HeightRange, takeoff_m: Interval) -> tuple[HeightRange, HeightRange]:
    """Return what is flown whatever the take-off's elevation is, and all that may be flown, above sea level.

    What is certainly flown may be upside down where the elevation is not known: then it holds for a zone's
    limits one by one, which is what `overlap` asks.
    """

    def at(height: Height | None, elevation_m: float) -> Height | None:
        if height is None or height.reference is not VerticalReference.TAKEOFF:
            return height
        return Height(height.value_m + elevation_m, VerticalReference.AMSL)

    narrow = HeightRange(at(asked.lower, takeoff_m.high), at(asked.upper, takeoff_m.low))
    return narrow, HeightRange(at(asked.lower, takeoff_m.low), at(asked.upper, takeoff_m.high))


def _amsl(height: Height) -> _Linear:
    match height.reference:
        case VerticalReference.AGL:
            return _Linear(height.value_m, ground=1.0)
        case VerticalReference.AMSL:
            return _Linear(height.value_m)
        case VerticalReference.WGS84:
            return _Linear(height.value_m, undulation=-1.0)
        case VerticalReference.TAKEOFF:
            raise ValueError("a height above take-off is compared above sea level")


def _box(around: Surroundings) -> _Corners:
    ground, undulation = around.ground_m, around.undulation_m
    return [
        (ground.low, undulation.low),
        (ground.high, undulation.low),
        (ground.high, undulation.high),
        (ground.low, undulation.high),
    ]


def upside_down(extent: VerticalExtent, around: Surroundings) -> Truth:
    """Say whether the limits are the wrong way round here: whatever the ground is, for some of it, or never.

    Two published limits contradict each other where they are. A zone from the surface does so only where its
    upper limit is below the ground wherever on Earth; a hill may well rise above one.
    """
    if extent.upper is None:
        return Truth.NO
    lower = _GROUND if extent.lower is None else _amsl(extent.lower.height)
    thickness = _amsl(extent.upper.height) - lower
    region = _box(Surroundings() if extent.lower is None else around)
    wrong = [thickness.at(corner) < -TOUCH_M for corner in region]
    if all(wrong):
        return Truth.YES
    return Truth.UNKNOWN if any(wrong) and extent.lower is not None else Truth.NO


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
        a, b = function.at(here) + TOUCH_M, function.at(there) + TOUCH_M
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            t = a / (a - b)
            kept.append((here[0] + t * (there[0] - here[0]), here[1] + t * (there[1] - here[1])))
    return kept


def _why(asked: HeightRange, extent: VerticalExtent, around: Surroundings) -> Reason:
    """Name the terrain where knowing it would help, else the comparison itself."""
    heights = [asked.lower, asked.upper, *(limit.height for limit in (extent.lower, extent.upper) if limit)]
    above_takeoff = [
        height for height in asked.ends if height and height.reference is VerticalReference.TAKEOFF
    ]
    if above_takeoff and around.takeoff_m.low < around.takeoff_m.high:
        return Reason.INPUT_INCOMPLETE
    ground_matters = any(height is None or height.reference is VerticalReference.AGL for height in heights)
    ground_known = around.surveyed or around.ground_m.low == around.ground_m.high
    return Reason.TERRAIN_MISSING if ground_matters and not ground_known else Reason.HEIGHT_UNCERTAIN

"""Which heights overlap, when the ground and the geoid are known and when only their bounds are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zones_api.domain.altitude import (
    Height,
    HeightRange,
    Interval,
    Limit,
    Surroundings,
    VerticalExtent,
    VerticalReference,
    above_ground_m,
    gap,
    overlap,
)
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Truth, unknown

AGL, AMSL, WGS84 = VerticalReference.AGL, VerticalReference.AMSL, VerticalReference.WGS84
POLDER = Surroundings(Interval(-7, 110), Interval(40, 48))


def limit(value: float, reference: VerticalReference) -> Limit:
    return Limit(Height(value, reference), value, "m")


def extent(
    lower: tuple[float, VerticalReference] | None, upper: tuple[float, VerticalReference] | None
) -> VerticalExtent:
    return VerticalExtent(limit(*lower) if lower else None, limit(*upper) if upper else None)


def up_to(value: float, reference: VerticalReference = AGL) -> HeightRange:
    return HeightRange(upper=Height(value, reference))


def exactly(value: float, reference: VerticalReference = AGL) -> HeightRange:
    return HeightRange(Height(value, reference), Height(value, reference))


@pytest.mark.parametrize(
    ("asked", "zone", "expected"),
    [
        (up_to(50), extent((50, AGL), (120, AGL)), YES),  # touching
        (up_to(49.9), extent((50, AGL), (120, AGL)), NO),
        (exactly(120), extent(None, (120, AGL)), YES),
        (exactly(120.1), extent(None, (120, AGL)), NO),
        (exactly(100), extent((100, AGL), (100, AGL)), YES),  # a plane
        (exactly(99), extent((100, AGL), (100, AGL)), NO),
        (HeightRange(), extent((5000, AGL), None), YES),  # the whole column
        (exactly(5000), extent(None, None), YES),  # surface to unlimited, whatever the terrain
        (up_to(50), extent(None, (914, AMSL)), YES),  # decided by bounds of the ground
        (up_to(50), extent((100, AMSL), None), unknown(Reason.TERRAIN_MISSING)),
        (up_to(50), extent((200, AMSL), None), NO),
        (exactly(-50, AMSL), extent(None, (120, AGL)), YES),  # cut off at the ground
        (exactly(60, AMSL), extent((20, WGS84), (30, WGS84)), NO),  # 20-30 m WGS84 is at most -10 m AMSL
        (exactly(60, WGS84), extent((12, AMSL), (20, AMSL)), unknown(Reason.HEIGHT_UNCERTAIN)),
    ],
)
def test_heights_overlap_when_they_do_wherever_the_ground_is(
    asked: HeightRange, zone: VerticalExtent, expected: object
) -> None:
    assert overlap(asked, zone, POLDER) == expected


def test_exact_ground_and_geoid_decide_everything() -> None:
    known = Surroundings(Interval(-4, -4), Interval(43.5, 43.5))

    assert overlap(up_to(50), extent((46, AMSL), None), known) == YES
    assert overlap(up_to(50), extent((46.1, AMSL), None), known) == NO
    assert overlap(exactly(50, WGS84), extent((6.5, AMSL), (6.5, AMSL)), known) == YES


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        (VerticalExtent(doubt=Reason.LIMITS_MEANINGLESS), Reason.LIMITS_MEANINGLESS),
        (VerticalExtent(doubt=Reason.LIMIT_UNREADABLE), Reason.LIMIT_UNREADABLE),
        (extent((120, AGL), (50, AGL)), Reason.LIMITS_MEANINGLESS),
        (extent((500, AMSL), (50, AGL)), Reason.LIMITS_MEANINGLESS),  # upside down for every ground here
    ],
)
def test_limits_without_a_meaning_are_unknown_at_every_height(zone: VerticalExtent, reason: Reason) -> None:
    for asked in (up_to(10), exactly(4000), HeightRange()):
        assert overlap(asked, zone, POLDER) == unknown(reason)


def test_limits_that_are_upside_down_for_some_ground_only_are_not_meaningless() -> None:
    assert overlap(up_to(60), extent((100, AMSL), (50, AGL)), POLDER) == unknown(Reason.TERRAIN_MISSING)


def test_a_zone_above_is_told_from_one_below_and_by_how_much() -> None:
    over = gap(up_to(50), extent((60, AGL), None), POLDER)
    under = gap(exactly(200), extent(None, (120, AGL)), POLDER)
    over_the_sea = gap(up_to(50), extent((300, AMSL), None), POLDER)

    assert over is not None
    assert (over.above, over.metres) == (True, Interval(10, 10))
    assert under is not None
    assert (under.above, under.metres) == (False, Interval(80, 80))
    assert over_the_sea is not None
    assert over_the_sea.metres == Interval(140, 257)  # the ground lies between -7 and 110 m
    assert gap(up_to(50), extent((100, AMSL), None), POLDER) is None
    assert gap(up_to(70), extent((60, AGL), None), POLDER) is None


TAKEOFF = VerticalReference.TAKEOFF


@pytest.mark.parametrize(
    ("takeoff_m", "zone", "expected"),
    [
        (Interval(40, 40), extent((90, AMSL), None), YES),  # 40 + 50 m touches
        (Interval(39.9, 39.9), extent((90, AMSL), None), NO),
        (Interval(30, 50), extent((90, AMSL), None), unknown(Reason.INPUT_INCOMPLETE)),
        (Interval(30, 39), extent((90, AMSL), None), NO),
        (Interval(40, 50), extent((90, AMSL), None), YES),
        (Interval(-500, 9000), extent(None, None), YES),
    ],
)
def test_heights_above_takeoff_lie_within_the_bounds_of_its_elevation(
    takeoff_m: Interval, zone: VerticalExtent, expected: object
) -> None:
    around = Surroundings(Interval(0, 0), Interval(45, 45), takeoff_m)

    assert overlap(up_to(50, TAKEOFF), zone, around) == expected


def test_a_height_above_the_sea_is_a_range_above_ground() -> None:
    assert above_ground_m(Height(914, AMSL), POLDER) == Interval(804, 921)


references = st.sampled_from([AGL, AMSL, WGS84])
values = st.integers(-50, 400)
heights = st.none() | st.builds(Height, values.map(float), references)
limits = st.none() | st.builds(limit, values.map(float), references)


def meets_at(asked: HeightRange, zone: VerticalExtent, ground: float, undulation: float) -> bool:
    """Decide for one ground and undulation, from the definition."""

    def amsl(height: Height) -> float:
        return height.value_m + {AGL: ground, AMSL: 0.0, WGS84: -undulation}[height.reference]

    top = max(amsl(asked.upper), ground) if asked.upper else float("inf")
    bottom = max(amsl(asked.lower), ground) if asked.lower else ground
    lower = amsl(zone.lower.height) if zone.lower else float("-inf")
    upper = amsl(zone.upper.height) if zone.upper else float("inf")
    return top >= lower - 1e-6 and bottom <= upper + 1e-6


@settings(max_examples=1000)
@given(
    heights,
    heights,
    limits,
    limits,
    st.integers(-20, 100),
    st.integers(0, 200),
    st.integers(30, 50),
    st.integers(0, 20),
)
def test_certain_answers_hold_for_every_ground_and_unknown_ones_for_neither(
    bottom: Height | None,
    top: Height | None,
    lower: Limit | None,
    upper: Limit | None,
    ground: int,
    relief: int,
    undulation: int,
    spread: int,
) -> None:
    asked, zone = HeightRange(bottom, top), VerticalExtent(lower, upper)
    around = Surroundings(Interval(ground, ground + relief), Interval(undulation, undulation + spread))

    said = overlap(asked, zone, around)

    grid = [
        meets_at(asked, zone, ground + relief * i / 20, undulation + spread * j / 10)
        for i in range(21)
        for j in range(11)
    ]
    if said.truth is Truth.YES:
        assert all(grid)
    if said.truth is Truth.NO:
        assert not any(grid)
    if said.truth is Truth.UNKNOWN and said.reasons <= {Reason.TERRAIN_MISSING, Reason.HEIGHT_UNCERTAIN}:
        assert relief or spread


def test_limits_that_may_be_upside_down_are_met_for_certain_only_where_they_are_not() -> None:
    # 60 m above ground up to 100 m AMSL: over ground of 0 to 50 m the zone may have no height at all.
    zone = VerticalExtent(limit(60, AGL), limit(100, AMSL))
    around = Surroundings(Interval(0.0, 50.0), Interval(40.0, 50.0))

    assert overlap(HeightRange(), zone, around).truth is Truth.UNKNOWN

"""What happens exactly at an edge: the last gram, metre, microsecond and member that a rule counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
import shapely

from tests.builders import (
    AGL,
    AMSL,
    EVERY_DAY,
    FLAT_SEA,
    HERE,
    NOON,
    TAKEOFF,
    WGS84,
    agl,
    asked,
    away,
    box,
    circle,
    coverage,
    data_set,
    extent,
    ground,
    height,
    heights,
    here,
    moment,
    period,
    published,
    quarantined,
    ring,
    square,
    volume,
    window,
    zone,
)
from zones_api.domain.advice import RuleResult
from zones_api.domain.altitude import (
    HeightRange,
    Interval,
    Surroundings,
    VerticalExtent,
    above_ground_m,
    gap,
    overlap,
)
from zones_api.domain.applicability import Timeline, Window, timeline
from zones_api.domain.assessment import assess
from zones_api.domain.conditions import required
from zones_api.domain.data_set import Coverage, shared_end
from zones_api.domain.flight import Operation, flight
from zones_api.domain.geometry import GEOD, LonLat, Polygon, footprint
from zones_api.domain.outcome import Outcome
from zones_api.domain.overlap import meets as meets_place
from zones_api.domain.overlap import path, point
from zones_api.domain.reasons import Reason
from zones_api.domain.scene import look
from zones_api.domain.spans import (
    BEGINNING,
    END,
    Span,
    difference,
    from_microseconds,
    intersection,
    meets,
    shifted,
    union,
)
from zones_api.domain.truth import NO, YES, Judgement, Truth, unknown
from zones_api.domain.zone import (
    ClockTime,
    CodedCondition,
    DailyPeriod,
    DaylightEvent,
    PublishedZone,
    TimePeriod,
    UASZone,
    Weekday,
    ZoneType,
)

# What is known
from zones_api.errors import InputTooLarge


def test_an_unknown_without_a_reason_and_a_reason_without_an_unknown_cannot_be_made() -> None:
    for truth, reasons in (
        (Truth.UNKNOWN, frozenset[Reason]()),
        (Truth.YES, frozenset([Reason.NAIVE_TIME])),
        (Truth.NO, frozenset([Reason.NAIVE_TIME])),
    ):
        with pytest.raises(ValueError, match="names its reasons"):
            Judgement(truth, reasons)


# Coded conditions

NOTHING_STATED = Operation()


def requires(
    *conditions: CodedCondition,
    of: ZoneType = ZoneType.CONDITIONAL,
    operation: Operation = NOTHING_STATED,
    up_to: HeightRange | None = None,
) -> Outcome:
    coded = replace(zone(type=of), coded_conditions=conditions)
    return required(PublishedZone(coded, "ours", "0"), operation, up_to or agl(50), FLAT_SEA)


NOTICE = ZoneType.NO_RESTRICTION
CLOSED = ZoneType.PROHIBITED


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        (ZoneType.PROHIBITED, Outcome.PROHIBITED),
        (ZoneType.REQ_AUTHORIZATION, Outcome.AUTHORIZATION_REQUIRED),
        (ZoneType.USPACE, Outcome.USPACE),
        (ZoneType.NO_RESTRICTION, Outcome.INFORMATION),
    ],
)
def test_conditions_of_a_zone_that_is_not_conditional_never_change_its_word(
    word: ZoneType, outcome: Outcome
) -> None:
    assert requires(CodedCondition(NOTICE), of=word) is outcome
    assert requires(CodedCondition(CLOSED), of=word) is outcome


@pytest.mark.parametrize(
    ("mass_g", "outcome"),
    [(249.9, Outcome.INFORMATION), (250.0, Outcome.INFORMATION), (250.1, Outcome.CONDITIONAL)],
)
def test_the_greatest_mass_of_a_condition_belongs_to_it(mass_g: float, outcome: Outcome) -> None:
    light = CodedCondition(NOTICE, max_takeoff_mass_g=250.0)

    assert requires(light, operation=Operation(takeoff_mass_g=mass_g)) is outcome


def test_a_mass_that_is_not_stated_takes_the_strictest_branch_of_a_condition_on_mass() -> None:
    lenient = CodedCondition(NOTICE, max_takeoff_mass_g=250.0)
    strict = CodedCondition(CLOSED, max_takeoff_mass_g=250.0)

    assert requires(lenient) is Outcome.CONDITIONAL
    assert requires(strict) is Outcome.PROHIBITED
    assert requires(strict, operation=Operation(takeoff_mass_g=900.0)) is Outcome.CONDITIONAL


@pytest.mark.parametrize(
    ("flown", "outcome"),
    [
        (agl(50), Outcome.PROHIBITED),  # all of it at heights of the condition
        (agl(80), Outcome.PROHIBITED),  # a part of it
        (agl(80, lower=50), Outcome.PROHIBITED),  # it touches them
        (agl(80, lower=50.1), Outcome.CONDITIONAL),  # none of it
        (agl(lower=49), Outcome.PROHIBITED),
        (agl(lower=51), Outcome.CONDITIONAL),
        (agl(), Outcome.PROHIBITED),
    ],
)
def test_a_condition_up_to_a_height_counts_for_every_flight_that_is_ever_there(
    flown: HeightRange, outcome: Outcome
) -> None:
    assert requires(CodedCondition(CLOSED, max_height_m=50.0), up_to=flown) is outcome


@pytest.mark.parametrize(
    ("flown", "outcome"),
    [
        (agl(50), Outcome.INFORMATION),
        (agl(50.1), Outcome.CONDITIONAL),
        (agl(50.1, lower=40), Outcome.CONDITIONAL),
        (agl(), Outcome.CONDITIONAL),
    ],
)
def test_a_mild_condition_up_to_a_height_helps_only_a_flight_that_stays_below_it(
    flown: HeightRange, outcome: Outcome
) -> None:
    assert requires(CodedCondition(NOTICE, max_height_m=50.0), up_to=flown) is outcome


def test_heights_below_ground_count_as_the_ground_in_conditions() -> None:
    at_the_ground = CodedCondition(CLOSED, max_height_m=0.0)
    near_the_ground = CodedCondition(NOTICE, max_height_m=0.5)

    for bottom in (None, 0.0, -10.0):
        assert requires(at_the_ground, up_to=agl(60, lower=bottom)) is Outcome.PROHIBITED
    for top in (0.5, 0.0, -10.0):
        assert requires(near_the_ground, up_to=agl(top)) is Outcome.INFORMATION


def test_the_greatest_height_that_a_condition_grants_is_granted() -> None:
    granted = CodedCondition(NOTICE, then_max_height_m=30.0)

    assert requires(granted, up_to=agl(30)) is Outcome.INFORMATION
    assert requires(granted, up_to=agl(30.1)) is Outcome.PROHIBITED
    assert requires(granted, up_to=agl()) is Outcome.PROHIBITED


# Heights


def exactly(value: float, reference=AGL) -> HeightRange:
    return heights(value, value, reference)


@pytest.mark.parametrize(
    ("flown", "zone_heights", "around", "reason"),
    [
        # 10 m above ground reaches 40 m AMSL from ground of 30 m; the zone ends at the ground from 50 m.
        (agl(10), extent((40, AMSL), (50, AMSL)), ground(0, 100), Reason.TERRAIN_MISSING),
        (agl(10), extent((40, AMSL), (50, AMSL)), ground(20, 200), Reason.TERRAIN_MISSING),
        (
            exactly(100, AMSL),
            extent((145, WGS84), (146, WGS84)),
            Surroundings(Interval(0, 0), Interval(40, 50)),
            Reason.HEIGHT_UNCERTAIN,
        ),
        (
            exactly(100, AMSL),
            extent((145, WGS84), (146, WGS84)),
            Surroundings(Interval(0, 90), Interval(44, 60)),
            Reason.HEIGHT_UNCERTAIN,
        ),
        (
            exactly(100),
            extent((145, WGS84), (146, WGS84)),
            Surroundings(Interval(0, 30), Interval(20, 120)),
            Reason.TERRAIN_MISSING,
        ),
        (
            exactly(100),
            extent((145, WGS84), (146, WGS84)),
            Surroundings(Interval(-200, 30), Interval(44, 120)),
            Reason.TERRAIN_MISSING,
        ),
    ],
)
def test_a_zone_met_only_between_the_bounds_of_ground_and_geoid_is_unknown(
    flown: HeightRange, zone_heights: VerticalExtent, around: Surroundings, reason: Reason
) -> None:
    assert overlap(flown, zone_heights, around) == unknown(reason)


@pytest.mark.parametrize(
    ("flown", "zone_heights", "around"),
    [
        (agl(10), extent((111, AMSL), (120, AMSL)), ground(0, 100)),
        (
            exactly(100, AMSL),
            extent((151, WGS84), (152, WGS84)),
            Surroundings(Interval(0, 9), Interval(40, 50)),
        ),
        (exactly(100), extent((131, WGS84), (139, WGS84)), Surroundings(Interval(0, 30), Interval(40, 90))),
        (exactly(100), extent((221, WGS84), (229, WGS84)), Surroundings(Interval(0, 30), Interval(40, 90))),
    ],
)
def test_a_zone_met_nowhere_between_the_bounds_is_excluded(
    flown: HeightRange, zone_heights: VerticalExtent, around: Surroundings
) -> None:
    assert overlap(flown, zone_heights, around) == NO


def test_touching_by_the_last_digit_counts_where_it_is_only_possible_too() -> None:
    a_hair = 4e-7

    assert overlap(agl(50), extent((50 + a_hair, AGL)), FLAT_SEA) == YES
    assert overlap(agl(50), extent((60 + a_hair, AMSL)), ground(0, 10)) == unknown(Reason.TERRAIN_MISSING)
    assert overlap(agl(lower=50), extent(None, (50 - a_hair, AMSL)), ground(0, 10)) == unknown(
        Reason.TERRAIN_MISSING
    )
    assert overlap(agl(50), extent((60.001, AMSL)), ground(0, 10)) == NO


def test_a_zone_that_only_the_highest_take_off_reaches_by_half_a_metre_is_unknown() -> None:
    around = Surroundings(Interval(0, 0), Interval(45, 45), Interval(30, 50))

    assert overlap(heights(None, 50, TAKEOFF), extent((99.5, AMSL)), around) == unknown(
        Reason.INPUT_INCOMPLETE
    )
    assert overlap(heights(None, 50, TAKEOFF), extent((100.5, AMSL)), around) == NO


def test_a_height_above_take_off_is_a_range_above_ground() -> None:
    around = Surroundings(Interval(10, 20), Interval(45, 45), Interval(30, 50))

    assert above_ground_m(height(50, TAKEOFF), around) == Interval(60, 90)


def test_a_flight_above_a_zone_is_told_the_least_and_the_most_it_misses_it_by() -> None:
    found = gap(exactly(300, AMSL), extent(None, (120, AGL)), ground(-7, 110))

    assert found is not None
    assert (found.above, found.metres) == (False, Interval(70, 187))


def test_bounds_that_are_upside_down_cannot_be_made() -> None:
    assert Interval(1, 1) == Interval(1, 1)
    with pytest.raises(ValueError, match="is above"):
        Interval(1, 0)


# Spans of time


def at(ticks: int) -> datetime:
    """Return a moment so many microseconds after noon."""
    return NOON + timedelta(microseconds=ticks)


def spans(*ends: tuple[int, int]) -> tuple[Span, ...]:
    return tuple((at(start), at(end)) for start, end in ends)


@pytest.mark.parametrize(
    ("given", "together"),
    [
        (spans((0, 5), (5, 9)), spans((0, 9))),  # they touch
        (spans((0, 5), (6, 9)), spans((0, 9))),  # no instant lies between them
        (spans((0, 5), (7, 9)), spans((0, 5), (7, 9))),  # one does
        (spans((0, 1), (3, 9), (4, 5)), spans((0, 1), (3, 9))),  # one inside another, not the first
        (spans((0, 1), (3, 5), (4, 9)), spans((0, 1), (3, 9))),
        (spans((0, 20), (3, 5), (9, 30)), spans((0, 30))),
        (spans((0, 9), (10, 10), (12, 12), (13, 14)), spans((0, 10), (12, 14))),
    ],
)
def test_spans_without_an_instant_between_them_are_one(
    given: tuple[Span, ...], together: tuple[Span, ...]
) -> None:
    assert union(reversed(given)) == together


def test_what_spans_share_includes_the_instants_where_they_only_touch() -> None:
    assert intersection(spans((0, 5)), spans((5, 9))) == spans((5, 5))
    assert intersection(spans((0, 5)), spans((6, 9))) == ()
    assert intersection(spans((0, 1), (3, 4), (6, 7), (9, 12)), spans((0, 10))) == spans(
        (0, 1), (3, 4), (6, 7), (9, 10)
    )
    assert intersection(spans((0, 10)), spans((0, 1), (3, 4), (6, 7), (9, 12))) == spans(
        (0, 1), (3, 4), (6, 7), (9, 10)
    )
    assert intersection(spans((0, 5), (7, 9)), spans((2, 5), (8, 20))) == spans((2, 5), (8, 9))


def test_what_is_left_of_spans_stops_a_microsecond_before_what_is_taken_and_goes_on_one_after() -> None:
    assert difference(spans((0, 10)), spans((3, 5))) == spans((0, 2), (6, 10))
    assert difference(spans((0, 10)), spans((0, 9))) == spans((10, 10))
    assert difference(spans((0, 10)), spans((1, 10))) == spans((0, 0))
    assert difference(spans((0, 10)), spans((0, 10))) == ()
    assert difference(spans((0, 4), (6, 10)), spans((4, 6))) == spans((0, 3), (7, 10))
    assert difference(spans((0, 10), (20, 30)), spans((2, 3), (5, 22), (24, 25))) == spans(
        (0, 1), (4, 4), (23, 23), (26, 30)
    )
    assert difference(spans((0, 1), (9, 10)), spans((3, 4), (6, 7))) == spans((0, 1), (9, 10))


def test_a_span_is_met_at_both_of_its_ends() -> None:
    given = spans((3, 5))

    assert [meets(given, (at(a), at(b))) for a, b in ((0, 2), (0, 3), (4, 4), (5, 9), (6, 9))] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_moments_stay_within_the_calendar_and_no_limit_stays_no_limit() -> None:
    day, nearly = timedelta(days=1), timedelta(hours=1)

    assert (shifted(BEGINNING, day), shifted(END, -day)) == (BEGINNING, END)
    assert shifted(BEGINNING + nearly, -day) == BEGINNING
    assert shifted(BEGINNING + nearly / 2, -nearly) == BEGINNING
    assert shifted(END - nearly, day) == END
    assert shifted(NOON, -day) == NOON - day
    assert (from_microseconds(-(10**20)), from_microseconds(10**20)) == (BEGINNING, END)


# Data sets


@pytest.mark.parametrize(
    ("named", "other"),
    [
        (None, False),
        ("", False),
        ("EGM96", False),
        ("egm96 height", False),
        ("EPSG:5773", False),
        ("EPSG:9707", False),
        ("EGM2008", True),
        ("NAP", True),
    ],
)
def test_a_geoid_is_another_one_only_where_it_is_named_and_is_not_egm96(
    named: str | None, other: bool
) -> None:
    assert replace(data_set(), other_geoid=named).has_other_geoid is other


def test_a_data_set_answers_from_the_first_instant_of_its_validity_to_the_last() -> None:
    tick = timedelta(microseconds=1)
    valid = coverage(valid_from=NOON, valid_to=NOON + timedelta(hours=1))

    assert valid.doubt(window(NOON, hours=1)) is None
    assert valid.doubt(window(NOON - tick)) is Reason.OUTSIDE_COVERAGE
    assert valid.doubt(window(NOON + timedelta(hours=1), NOON + timedelta(hours=1) + tick)) is (
        Reason.DATASET_EXPIRED
    )


def test_an_end_that_zones_share_without_an_offset_is_no_instant() -> None:
    def ending(end: datetime | None) -> list:
        return [zone(identifier=str(i), applicability=(period(end=end),)) for i in range(10)]

    assert shared_end(ending(NOON)) == NOON
    assert shared_end(ending(NOON.replace(tzinfo=None))) is None
    assert shared_end([zone(applicability=(TimePeriod(end=moment(None)),)) for _ in range(10)]) is None
    assert shared_end([zone() for _ in range(10)]) is None


def test_the_reasons_of_a_doubt_are_those_of_the_window_asked_about_and_of_no_other_day() -> None:
    at_noon_somewhere = (
        DailyPeriod(frozenset(Weekday), *(ClockTime("", s, None) for s in (43_000, 44_000))),
    )
    on_mondays = (DailyPeriod(frozenset([Weekday.MON])),)
    hour = timedelta(hours=1)
    clock = period(schedule=at_noon_somewhere)
    permanent = period(NOON + hour, NOON + 2 * hour, schedule=on_mondays, doubt=Reason.PERMANENT_WITH_DATES)

    said = asked(here(), zone(applicability=(clock, permanent)))

    assert said.findings[0].judgement == unknown(Reason.NAIVE_TIME)


# Legs


OVER_THERE = (5.02, 52.0)
YONDER = (5.04, 52.0)


def test_conditions_on_height_are_weighed_above_the_ground_of_each_leg_and_the_strictest_leg_counts() -> None:
    low = replace(
        zone(type=ZoneType.CONDITIONAL), coded_conditions=(CodedCondition(NOTICE, max_height_m=50.0),)
    )
    legs = flight((HERE, OVER_THERE, YONDER), heights(None, 100, AMSL), window())

    def said(*grounds: float) -> Outcome:
        known = {id(leg): ground(ground_m) for leg, ground_m in zip(legs.legs, grounds, strict=True)}
        return assess(legs, [published(low)], [coverage()], lambda leg: known[id(leg)]).known

    assert said(60, 50) is Outcome.INFORMATION
    assert said(60, 49) is Outcome.CONDITIONAL
    assert said(49, 60) is Outcome.CONDITIONAL


def test_the_place_where_a_zone_is_met_is_the_box_that_both_share_in_the_longitudes_of_the_zone() -> None:
    across = zone(Polygon(box(170, 50, 190, 54)))
    legs = flight(((-175.0, 52.0), (-172.0, 53.0)), HeightRange(), window())

    scene = look(legs, [published(across)], [coverage()], lambda _: FLAT_SEA, lambda: None)

    west, south, east, north = scene.met[0].place
    assert (west, east) == (pytest.approx(185.0, abs=1e-5), pytest.approx(188.0, abs=1e-5))
    assert (south, north) == (pytest.approx(52.0, abs=1e-5), pytest.approx(53.0, abs=1e-5))


def test_a_data_set_is_said_to_cover_where_it_covers_a_leg_and_is_valid() -> None:
    legs = flight((HERE, OVER_THERE, YONDER), HeightRange(), window())
    first_leg, elsewhere = shapely.box(4.9, 51.9, 5.025, 52.1), shapely.box(6, 51, 7, 52)

    said = asked(
        legs,
        coverages=(
            coverage(key="ONE", area=first_leg),
            coverage(key="ALL"),
            coverage(key="FAR", area=elsewhere),
            coverage(key="OLD", valid_to=NOON - timedelta(seconds=1)),
            coverage(key="NIL", area=None),
        ),
    )

    assert sorted(said.covered_by) == ["ALL", "ONE"]


def test_one_data_set_around_a_place_that_declares_no_coverage_is_named_though_others_lie_elsewhere() -> None:
    around = Coverage(data_set("ONE"), None, (4.0, 51.0, 6.0, 53.0))
    far = Coverage(data_set("FAR"), None, (8.0, 51.0, 9.0, 53.0))
    empty = Coverage(data_set("NIL"), None, None)

    assert asked(here(), coverages=(far, around, empty)).reasons == (Reason.COVERAGE_NOT_DECLARED,)
    assert asked(here(), coverages=(far, empty)).reasons == (Reason.OUTSIDE_COVERAGE,)


def test_a_zone_set_aside_near_one_leg_of_several_counts() -> None:
    legs = flight((HERE, OVER_THERE, YONDER), HeightRange(), window())
    near_the_last = quarantined("CONDITIONAL", (5.039, 51.9, 5.041, 52.1))

    said = asked(legs, coverages=(coverage(quarantined=(near_the_last,)),))

    assert (said.possible, said.reasons) == (Outcome.CONDITIONAL, (Reason.ZONE_QUARANTINED,))


def test_a_zone_is_shown_with_the_volume_most_surely_met_and_each_volume_no_surer_than_the_zone() -> None:
    surely = volume(square())
    perhaps = volume(square(), VerticalExtent(doubt=Reason.LIMIT_UNREADABLE))
    in_doubt = period(
        schedule=(DailyPeriod(frozenset(Weekday), *(ClockTime("", s, None) for s in (43_000, 44_000))),)
    )

    for volumes in ((perhaps, surely), (surely, perhaps)):
        assert asked(here(), zone(*volumes)).findings[0].volume is surely
    (encounter,) = asked(here(), zone(surely, applicability=(in_doubt,))).findings[0].encounters
    assert encounter.judgement == unknown(Reason.NAIVE_TIME)


# What is told about zones


@pytest.mark.parametrize(
    ("flown", "zone_heights", "between"),
    [
        (agl(50), extent(), (0.0, 50.0)),
        (agl(), extent(), (0.0, None)),
        (agl(50, lower=-20), extent(), (0.0, 50.0)),
        (agl(90, lower=30), extent((60, AGL), (80, AGL)), (60.0, 80.0)),
        (agl(90, lower=30), extent((20, AGL), (120, AGL)), (30.0, 90.0)),
    ],
)
def test_a_flight_is_in_a_volume_between_the_higher_bottom_and_the_lower_top(
    flown: HeightRange, zone_heights: VerticalExtent, between: tuple[float, float | None]
) -> None:
    said = asked(here(up_to=flown), zone(vertical=zone_heights))

    (encounter,) = said.findings[0].encounters
    assert (encounter.bottom_m, encounter.top_m) == between


@pytest.mark.parametrize(
    ("after", "named"),
    [
        (timedelta(hours=-3), False),  # it is over
        (timedelta(microseconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, microseconds=1), False),
    ],
)
def test_a_zone_that_comes_into_force_within_a_day_is_named_and_one_that_is_over_is_not(
    after: timedelta, named: bool
) -> None:
    hour = period(NOON + after, NOON + after + timedelta(hours=1))

    said = asked(here(), zone(applicability=(hour,)))

    assert said.misses[0].upcoming == (NOON + after if named else None)


def test_the_next_change_of_a_zone_comes_after_the_moment_asked_about() -> None:
    hour = period(NOON, NOON + timedelta(hours=1))

    said = asked(here(), zone(applicability=(hour,)))

    assert said.findings[0].next_change == NOON + timedelta(hours=1)


def test_a_zone_missed_in_height_is_told_by_the_volume_that_comes_nearest() -> None:
    high, low = (volume(square(), extent((lower, AGL))) for lower in (90, 60))

    for volumes in ((high, low), (low, high)):
        miss = asked(here(up_to=agl(50)), zone(*volumes)).misses[0]
        assert (miss.volume, miss.gap and miss.gap.metres) == (low, Interval(10, 10))


def test_zones_near_the_buffer_of_any_leg_are_told_by_the_nearest_shape_rounded_down() -> None:
    far, near = (circle(away(YONDER, 90.0, 1_000.0 + metres)) for metres in (5_400.5, 5_200.5))
    legs = flight((HERE, OVER_THERE, YONDER), HeightRange(), window(), 300.0)

    def told(*shapes) -> list[int]:
        return [neighbour.metres for neighbour in asked(legs, zone(*shapes)).nearby]

    assert told(far, near) == told(near, far) == told(near) == [4_900]
    assert told(far) == []


def test_zones_that_apply_for_certain_are_listed_before_worse_ones_that_may() -> None:
    in_doubt = (period(schedule=EVERY_DAY, doubt=Reason.APPLICABILITY_NOT_STATED),)
    perhaps = zone(identifier="A", applicability=in_doubt)
    surely = zone(identifier="B", type=ZoneType.CONDITIONAL)

    said = asked(here(), perhaps, surely)

    assert [finding.published.zone.identifier for finding in said.findings] == ["B", "A"]


# Dates and clock times


POINT = (5.0, 52.0, 5.0, 52.0)
TWO_HOURS_EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NOON, NOON - timedelta(microseconds=1)),
        (NOON.replace(tzinfo=None), NOON),
        (NOON, NOON.astimezone(TWO_HOURS_EAST)),
        (NOON.astimezone(TWO_HOURS_EAST), NOON),
    ],
)
def test_a_window_that_does_not_run_forward_in_utc_cannot_be_made(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="forward in UTC"):
        Window(start, end)


def test_dates_mean_the_instants_that_their_offsets_say() -> None:
    eastern = (at(0).astimezone(TWO_HOURS_EAST), at(5).astimezone(TWO_HOURS_EAST))
    day = window(NOON - timedelta(hours=12), hours=24)

    said = timeline((period(*eastern),), day, POINT)

    assert said.certain == said.possible == spans((0, 5))
    assert all(moment.tzinfo is UTC for moment in said.certain[0])


def test_dates_outside_the_window_leave_nothing_in_it_and_dates_across_it_are_cut_to_it() -> None:
    tick, hour = timedelta(microseconds=1), window(NOON, hours=1)

    assert timeline((period(end=NOON - timedelta(minutes=1)),), hour, POINT).possible == ()
    assert timeline((period(start=hour.end + tick),), hour, POINT).possible == ()
    assert timeline((period(end=NOON),), hour, POINT).certain == ((NOON, NOON),)
    assert timeline((period(start=hour.end),), hour, POINT).certain == ((hour.end, hour.end),)
    assert timeline((period(start=NOON - tick, end=hour.end + tick),), hour, POINT).certain == (
        (hour.start, hour.end),
    )


def clock(hours: float, offset_h: float | None = None) -> ClockTime:
    return ClockTime("", hours * 3600.0, None if offset_h is None else timedelta(hours=offset_h))


FRIDAYS = frozenset([Weekday.FRI])  # NOON is on one
MIDNIGHT = NOON - timedelta(hours=12)


@pytest.mark.parametrize(
    ("entry", "starts_h", "ends_h"),
    [
        (DailyPeriod(FRIDAYS, clock(8, 0), clock(17, 0)), 8, 17),
        (DailyPeriod(FRIDAYS, clock(8, 2), clock(17, 2)), 6, 15),
        (DailyPeriod(FRIDAYS, clock(8, 2), clock(17, 0)), 6, 17),
        (DailyPeriod(FRIDAYS, clock(22, 0), clock(6, 0)), 22, 30),
        (DailyPeriod(FRIDAYS, clock(8, 0), clock(8, 0)), 8, 32),
        (DailyPeriod(FRIDAYS, clock(8, 0)), 8, 24),
        (DailyPeriod(FRIDAYS, None, clock(17, 0)), 0, 17),
        (DailyPeriod(FRIDAYS, clock(8, -3)), 11, 27),
        (DailyPeriod(FRIDAYS, None, clock(17, 5)), -5, 12),
        (DailyPeriod(FRIDAYS, clock(8, 0), ClockTime("", 16 * 3600.0 + 59, timedelta(0))), 8, 16 + 1 / 60),
        (DailyPeriod(FRIDAYS, clock(8, 0), ClockTime("", 23 * 3600.0 + 59 * 60, timedelta(0))), 8, 24),
        (
            DailyPeriod(FRIDAYS, clock(8, 0), ClockTime("", 22 * 3600.0 + 59 * 60, timedelta(0))),
            8,
            23 - 1 / 60,
        ),
    ],
)
def test_clock_times_begin_and_end_to_the_microsecond(
    entry: DailyPeriod, starts_h: float, ends_h: float
) -> None:
    days = window(MIDNIGHT - timedelta(days=2), hours=120)

    said = timeline((period(schedule=(entry,)),), days, POINT)

    expected = tuple(MIDNIGHT + timedelta(hours=hours) for hours in (starts_h, ends_h))
    assert said.certain == said.possible == (expected,)


@pytest.mark.parametrize(
    ("entry", "certain_h", "possible_h"),
    [
        # In force under every offset from -12 to +14: from 8 - (-12) until 17 - 14 is nothing at all.
        (DailyPeriod(FRIDAYS, clock(8), clock(17)), None, (8 - 14, 17 + 12)),
        (DailyPeriod(FRIDAYS), None, (-14, 24 + 12)),
        (DailyPeriod(frozenset([Weekday.FRI, Weekday.SAT])), (12, 48 - 14), (-14, 48 + 12)),
        (DailyPeriod(FRIDAYS, clock(8)), None, (8 - 14, 24 + 12)),
        (DailyPeriod(FRIDAYS, None, clock(17)), None, (-14, 17 + 12)),
    ],
)
def test_clock_times_without_an_offset_are_certain_under_all_offsets_and_possible_under_any(
    entry: DailyPeriod, certain_h: tuple[float, float] | None, possible_h: tuple[float, float]
) -> None:
    days = window(MIDNIGHT - timedelta(days=2), hours=144)

    said = timeline((period(schedule=(entry,)),), days, POINT)

    def between(ends: tuple[float, float] | None) -> tuple[Span, ...]:
        return () if ends is None else (tuple(MIDNIGHT + timedelta(hours=hours) for hours in ends),)

    assert (said.certain, said.possible) == (between(certain_h), between(possible_h))
    assert said.reasons == {Reason.NAIVE_TIME}


# What would change the answer


def from_to(low: float | None, high: float | None) -> UASZone:
    """Return a closed zone between two heights above ground."""
    ends = [None if end is None else (end, AGL) for end in (low, high)]
    return zone(vertical=extent(*ends))


def test_the_free_height_is_the_last_whole_metre_below_the_lowest_zone() -> None:
    def free(lower: float) -> int | None:
        found = asked(here(), from_to(lower, None)).advice.max_free_height
        assert found is not None
        return found.metres

    assert [free(lower) for lower in (1, 60, 60.5, 20_000, 30_000)] == [0, 59, 60, 19_999, 20_000]
    assert free(0.5) == 0


def test_nothing_needs_to_change_where_no_restricting_zone_is_found() -> None:
    advice = asked(here(up_to=agl(50)), from_to(60, None)).advice

    assert (advice.max_height, advice.windows) == (None, ())


@pytest.mark.parametrize(
    ("flown", "greatest"),
    [
        (agl(100), 59),
        (agl(60), 59),
        (agl(60.7), 59),
        (agl(), 59),
        (agl(100, lower=58.5), 59),
        (agl(100, lower=59), 59),
        (agl(100, lower=59.5), None),
        (agl(100, lower=61), None),
        (HeightRange(height(30), height(200, AMSL)), None),  # two references
    ],
)
def test_the_greatest_height_keeps_the_floor_of_the_question(
    flown: HeightRange, greatest: int | None
) -> None:
    advice = asked(here(up_to=flown), from_to(60, None), around=ground(3.4)).advice

    assert advice.max_height == (None if greatest is None else height(greatest))


def test_something_seen_at_a_height_is_not_told_to_be_elsewhere() -> None:
    assert asked(here(up_to=exactly(100)), from_to(60, None)).advice.max_height is None


@pytest.mark.parametrize(("ground_m", "greatest"), [(3.0, 62), (3.4, 63), (70.0, 129), (-20.5, 39)])
def test_the_greatest_height_above_sea_level_lies_above_the_ground(ground_m: float, greatest: int) -> None:
    advice = asked(here(up_to=heights(None, 300, AMSL)), from_to(60, None), around=ground(ground_m)).advice

    assert advice.max_height == height(greatest, AMSL)


def test_no_greatest_height_lies_at_or_below_the_ground_of_the_highest_leg() -> None:
    legs = flight((HERE, OVER_THERE, YONDER), heights(None, 300, AMSL), window())
    known = {id(leg): ground(ground_m) for leg, ground_m in zip(legs.legs, (70.0, 10.0), strict=True)}

    def greatest(closed_from_m: float):
        closed = zone(vertical=extent((closed_from_m, AMSL)))
        return assess(legs, [published(closed)], [coverage()], lambda leg: known[id(leg)]).advice.max_height

    assert greatest(72.0) == height(71, AMSL)
    assert greatest(71.0) is None
    known = {id(leg): ground(ground_m) for leg, ground_m in zip(legs.legs, (10.0, 70.4), strict=True)}
    assert greatest(71.5) == height(71, AMSL)


@pytest.mark.parametrize(
    ("start", "end", "starts"),
    [
        (-2.0, 2.0, (-2.0 - 1 / 60, 2.0 + 1 / 60)),
        (0.0, 2.0, (-1 / 60, 2.0 + 1 / 60)),
        (-2.0, 0.0, (-2.0 - 1 / 60, 1 / 60)),
        (-24.0 * 8, 2.0, (2.0 + 1 / 60,)),
        (-2.0, 24.0 * 8, (-2.0 - 1 / 60,)),
        (-24.0 * 8, 24.0 * 8, ()),
    ],
)
def test_the_nearest_times_lie_a_minute_before_and_after_the_zone(
    start: float, end: float, starts: tuple[float, ...]
) -> None:
    closed = period(NOON + timedelta(hours=start), NOON + timedelta(hours=end))

    windows = asked(here(), zone(applicability=(closed,))).advice.windows

    assert tuple((each.start, each.end) for each in windows) == tuple(
        (NOON + timedelta(hours=hours),) * 2 for hours in starts
    )


def test_a_time_between_two_periods_is_found_only_where_the_whole_window_fits() -> None:
    def hours(start: float, end: float):
        return period(NOON + timedelta(hours=start), NOON + timedelta(hours=end))

    closed = zone(applicability=(hours(-1, 1), hours(2, 4), hours(6, 7)))
    question = here(at=window(NOON, hours=1.5))

    windows = asked(question, closed).advice.windows

    minute = timedelta(minutes=1)
    assert [each.start for each in windows] == [
        NOON - timedelta(hours=2.5) - minute,
        NOON + timedelta(hours=4) + minute,
    ]


@pytest.mark.parametrize(
    ("upper", "category", "kept"),
    [
        (120.0, None, RuleResult.MET),
        (120.1, None, RuleResult.EXCEEDED),
        (120.0, "open", RuleResult.MET),
        (500.0, "specific", RuleResult.NOT_APPLICABLE),
        (None, None, RuleResult.CANNOT_TELL),
    ],
)
def test_the_open_category_reaches_to_120_metres_above_ground(
    upper: float | None, category: str | None, kept: RuleResult
) -> None:
    question = replace(here(up_to=agl(upper)), operation=Operation(category))

    assert asked(question).advice.open_category_height is kept


@pytest.mark.parametrize(
    ("grounds", "kept"),
    [
        ((10, 20), RuleResult.MET),
        ((10, 9), RuleResult.EXCEEDED),  # 121 m above ground on one leg is enough
        ((9, 10), RuleResult.EXCEEDED),
    ],
)
def test_the_leg_over_the_lowest_ground_decides_on_the_open_category(
    grounds: tuple[float, float], kept: RuleResult
) -> None:
    legs = flight((HERE, OVER_THERE, YONDER), heights(None, 130, AMSL), window())
    known = {id(leg): ground(ground_m) for leg, ground_m in zip(legs.legs, grounds, strict=True)}

    said = assess(legs, [], [coverage()], lambda leg: known[id(leg)])

    assert said.advice.open_category_height is kept


def test_ground_that_may_be_too_low_for_120_metres_leaves_the_open_category_untold() -> None:
    for bounds in (ground(9, 11), ground(9, 10)):
        said = asked(here(up_to=heights(None, 130, AMSL)), around=bounds)
        assert said.advice.open_category_height is RuleResult.CANNOT_TELL


def test_the_greatest_height_below_a_fraction_of_a_metre_is_a_whole_one() -> None:
    assert asked(here(up_to=agl(60.7)), from_to(60.5, None)).advice.max_height == height(60)


def test_of_several_free_times_the_nearest_are_told_though_a_part_of_the_zone_is_missed() -> None:
    def hours(start: float, end: float):
        return period(NOON + timedelta(hours=start), NOON + timedelta(hours=end))

    times = (hours(-5, -4), hours(-1, 1), hours(4, 5))
    low, high = volume(square(), extent(None, (60, AGL))), volume(square(), extent((90, AGL)))

    windows = asked(here(up_to=agl(50)), zone(low, high, applicability=times)).advice.windows

    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert [each.start for each in windows] == [NOON - hour - minute, NOON + hour + minute]


def test_of_more_zones_at_one_distance_than_are_named_those_that_come_first_in_order_are() -> None:
    shape = circle(away(HERE, 90.0, 4_000.0))
    zones = [zone(shape, identifier=identifier) for identifier in "FCBEDA"]

    for order in (zones, zones[::-1]):
        nearby = asked(here(), *order).nearby
        assert [neighbour.published.zone.identifier for neighbour in nearby] == list("ABCDE")


# The sun, the date line and the poles


DAYLIGHT_ON_FRIDAYS = (period(schedule=(DailyPeriod(FRIDAYS, DaylightEvent.SR, DaylightEvent.SS),)),)
WEEK = window(MIDNIGHT - timedelta(days=3), hours=24 * 7)


@pytest.mark.parametrize("west", [-540.0, -185.0, -180.5, 180.5, 185.0, 545.0])
@pytest.mark.parametrize("entry", [DaylightEvent.SS, None])
def test_the_sun_does_not_care_how_a_longitude_is_written(west: float, entry: DaylightEvent | None) -> None:
    within = (west + 180.0) % 360.0 - 180.0
    schedule = (period(schedule=(DailyPeriod(FRIDAYS, DaylightEvent.SR, entry),)),)

    said = timeline(schedule, WEEK, (west, 10.0, west + 0.25, 11.0))

    assert said == timeline(schedule, WEEK, (within, 10.0, within + 0.25, 11.0))


@pytest.mark.parametrize(
    ("across", "parts"),
    [
        ((179.0, 181.0), ((179.0, 180.0), (-180.0, -179.0))),
        ((180.0, 180.5), ((180.0, 180.0), (-180.0, -179.5))),
        ((-181.0, -179.0), ((179.0, 180.0), (-180.0, -179.0))),
    ],
)
def test_a_box_across_the_date_line_has_the_fridays_of_both_sides(
    across: tuple[float, float], parts: tuple[tuple[float, float], ...]
) -> None:
    def daylight(west: float, east: float) -> Timeline:
        return timeline(DAYLIGHT_ON_FRIDAYS, WEEK, (west, 10.0, east, 11.0))

    sides = [daylight(*part) for part in parts]

    assert [len(side.possible) for side in sides] == [1, 1]
    assert len(daylight(*across).possible) == 2
    assert daylight(*across).possible == union(span for side in sides for span in side.possible)
    assert daylight(*across).certain == union(span for side in sides for span in side.certain)


def test_a_box_of_all_longitudes_and_more_is_the_globe_and_one_beyond_a_pole_ends_there() -> None:
    def daylight(*place: float) -> Timeline:
        return timeline(DAYLIGHT_ON_FRIDAYS, WEEK, place)

    halves = daylight(-180.0, 10.0, 0.0, 11.0), daylight(0.0, 10.0, 180.0, 11.0)
    assert daylight(-540.0, 10.0, 540.0, 11.0).possible == union(
        span for each in halves for span in each.possible
    )
    assert daylight(-20.0, 10.0, 340.0, 11.0) == daylight(-180.0, 10.0, 180.0, 11.0)
    assert daylight(5.0, 80.0, 6.0, 91.0) == daylight(5.0, 80.0, 6.0, 90.0)
    assert daylight(5.0, -91.0, 6.0, -80.0) == daylight(5.0, -90.0, 6.0, -80.0)


@pytest.mark.parametrize(("pole", "day"), [(90.0, 17), (-90.0, 23)])
def test_the_night_of_a_pole_is_longer_than_half_a_degree_from_it(pole: float, day: int) -> None:
    every_day = (period(schedule=(DailyPeriod(frozenset(Weekday), DaylightEvent.SR, DaylightEvent.SS),)),)
    march = window(datetime(2026, 3, day, tzinfo=UTC), hours=24)
    near_it = math.copysign(89.5, pole)

    assert timeline(every_day, march, (5.0, pole, 5.0, pole)).possible == ()
    assert timeline(every_day, march, (5.0, near_it, 5.0, near_it)).possible != ()


POLAR_FRIDAY = datetime(2026, 12, 18, tzinfo=UTC)
FAR_NORTH = (15.0, 80.0, 15.0, 80.0)
"""Mean solar time is an hour ahead of UTC."""


@pytest.mark.parametrize(
    ("start", "end", "possible_h"),
    [
        (DaylightEvent.SR, None, (-1, 23)),  # the solar day
        (None, DaylightEvent.SS, (-1, 23)),
        (DaylightEvent.SR, clock(17, 0), (-1, 41)),  # from any time of the day to the next 17:00
        (DaylightEvent.SR, clock(20, 0), (-1, 44)),
    ],
)
def test_a_period_that_waits_for_the_sun_in_polar_night_is_unknown_for_as_long_as_it_may_last(
    start: DaylightEvent | None, end: DaylightEvent | ClockTime | None, possible_h: tuple[float, float]
) -> None:
    week = window(POLAR_FRIDAY - timedelta(days=3), hours=24 * 7)

    said = timeline((period(schedule=(DailyPeriod(FRIDAYS, start, end),)),), week, FAR_NORTH)

    assert said.certain == ()
    assert said.possible == (tuple(POLAR_FRIDAY + timedelta(hours=hours) for hours in possible_h),)
    assert said.reasons == {Reason.DAYLIGHT_UNDEFINED}


def test_an_event_that_bounds_a_clock_time_without_an_offset_keeps_its_two_minutes() -> None:
    def said(*entries: DailyPeriod) -> Timeline:
        return timeline((period(schedule=entries),), WEEK, POINT)

    sun, saturdays = DaylightEvent, frozenset([Weekday.SAT])
    until_sunset = said(DailyPeriod(FRIDAYS, clock(8), sun.SS))
    from_sunrise = said(DailyPeriod(FRIDAYS, sun.SR, clock(17)))

    # Eight o'clock may be as late as 20:00 UTC, after sunset: then it lasts until the next.
    assert until_sunset.possible[-1][1] == said(DailyPeriod(saturdays, clock(8, 0), sun.SS)).possible[-1][1]
    assert from_sunrise.possible[0][0] == said(DailyPeriod(FRIDAYS, sun.SR, clock(17, 0))).possible[0][0]


def test_an_end_without_an_offset_after_a_start_with_one_may_be_a_day_and_its_last_minute_later() -> None:
    last_minute = DailyPeriod(FRIDAYS, clock(8, 0), clock(23 + 59 / 60))

    said = timeline((period(schedule=(last_minute,)),), WEEK, POINT)

    eight = MIDNIGHT + timedelta(hours=8)
    assert said.certain == ((eight, eight),)
    assert said.possible == ((eight, eight + timedelta(days=1, minutes=1)),)
    assert said.reasons == {Reason.NAIVE_TIME}


def test_an_event_that_ends_a_period_is_the_first_after_its_start_also_where_that_is_the_day_before() -> None:
    # The sun of a polar day sets at true midnight, which is six minutes after the mean one in July.
    friday = datetime(2026, 7, 24, tzinfo=UTC)
    after_midnight = DailyPeriod(FRIDAYS, clock(4 / 60, 0), DaylightEvent.SS)
    week = window(friday - timedelta(days=3), hours=24 * 7)

    ((start, end),) = timeline((period(schedule=(after_midnight,)),), week, (0.0, 80.0, 0.0, 80.0)).possible

    assert start == friday + timedelta(minutes=4)
    assert timedelta(minutes=10) < end - friday < timedelta(minutes=13)


# Distances


def least_m(leg: tuple[LonLat, LonLat], places: Iterable[LonLat]) -> float:
    """Return the least distance from a geodesic leg to places, measured at points of the leg ever closer together."""
    azimuth, _, length = GEOD.inv(*leg[0], *leg[1])
    least = math.inf
    for place in places:
        low, high = 0.0, length
        for _ in range(6):
            along = np.linspace(low, high, 101)
            lons, lats, _ = GEOD.fwd(*(np.full(101, each) for each in (*leg[0], azimuth)), along)
            apart = GEOD.inv(lons, lats, *(np.full(101, each) for each in place))[2]
            best = int(apart.argmin())
            low, high = along[max(best - 1, 0)], along[min(best + 1, 100)]
        least = min(least, float(apart.min()))
    return least


SOUTH_TIP, NORTH_TIP = (5.3, 51.0), (5.5, 74.1)
BRACKET = ring(
    *(SOUTH_TIP, (5.45, 51.03), (5.6, 51.06), (5.75, 51.1), (5.75, 74.0)),
    *(NORTH_TIP, (5.75, 74.2), (5.9, 74.2), (5.9, 50.9), (5.75, 50.9), (5.6, 50.94), (5.45, 50.97)),
)
"""It looks closest to a leg along 5 degrees east in the south and is closest in the north."""


@pytest.mark.parametrize("turn", [0.0, -185.2, 175.0])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_leg_comes_closest_in_metres_and_not_in_degrees(turn: float, backwards: bool) -> None:
    shell = tuple((lon + turn, lat) for lon, lat in BRACKET)
    leg = tuple((lon + turn, lat) for lon, lat in ((5.0, 50.0), (5.0, 75.0)))
    nearest_m = least_m(leg, [(NORTH_TIP[0] + turn, NORTH_TIP[1])])
    assert nearest_m < least_m(leg, [(SOUTH_TIP[0] + turn, SOUTH_TIP[1])])

    found = footprint(Polygon(shell[::-1] if backwards else shell))

    assert meets_place(path(leg, nearest_m + 0.1), found) != NO
    assert meets_place(path(leg, nearest_m - 0.1), found) == NO


@pytest.mark.parametrize("lat", [-70.0, 0.0, 52.0, 84.0])
@pytest.mark.parametrize("east", [0.02, 0.2])
def test_a_buffer_reaches_a_corner_to_the_decimetre_at_every_latitude(lat: float, east: float) -> None:
    leg = ((5.0, lat), (5.0 + east, lat + 0.1))
    corner = (5.0 + east, lat + 0.03)
    found = footprint(Polygon(ring(corner, (corner[0] + 0.04, lat - 0.01), (corner[0] + 0.04, lat + 0.02))))
    nearest_m = least_m(leg, [corner])

    assert meets_place(path(leg, nearest_m + 0.1), found) == YES
    assert meets_place(path(leg, nearest_m - 0.1), found) == NO


@pytest.mark.parametrize("buffer_m", [0.5, 1.0, 2.0, 100.0])
def test_a_buffer_that_leaves_the_coverage_is_outside_it_whatever_its_size(buffer_m: float) -> None:
    country = coverage(shapely.box(4.9, 51.9, 5.1, 52.1))
    inside, outside = (
        point(*away((5.1, 52.0), 270.0, buffer_m + metres), buffer_m) for metres in (0.1, -0.1)
    )

    assert country.covers(inside)
    assert not country.covers(outside)


@pytest.mark.parametrize("centre", [(-175.0, 86.0), (-120.0, 85.0), (150.0, 82.0)])
def test_the_short_way_may_lead_across_a_pole(centre: LonLat) -> None:
    leg = ((5.0, 86.0), (5.0, 86.5))
    nearest_m = least_m(leg, [centre])

    assert meets_place(path(leg), footprint(circle(centre, nearest_m + 1))) == YES
    assert meets_place(path(leg), footprint(circle(centre, nearest_m - 1))) == NO


@pytest.mark.parametrize(("lon", "other"), [(179.99, -179.96), (-179.99, 179.96), (179.99, 180.04)])
def test_a_zone_on_the_other_side_of_the_date_line_is_near(lon: float, other: float) -> None:
    away_m = least_m(((lon, 52.0), (lon, 52.0001)), [(other, 52.0)])

    said = asked(here((lon, 52.0)), zone(circle((other, 52.0))))

    assert [neighbour.metres for neighbour in said.nearby] == [pytest.approx(away_m - 1_000.0, abs=1.0)]


def test_slow_terrain_ends_with_the_time_of_the_question_and_not_with_its_last_leg() -> None:
    looked_up = []

    def slow(leg: object) -> Surroundings:
        looked_up.append(leg)
        return Surroundings()

    def check() -> None:
        if len(looked_up) >= 5:
            raise InputTooLarge("enough")

    legs = tuple((5.0 + number / 1000, 52.0) for number in range(51))

    with pytest.raises(InputTooLarge):
        assess(flight(legs, agl(50), window()), [], [], slow, check)
    assert len(looked_up) == 5

"""Laws that every answer keeps, whatever the zones and the question are.

Each is tried on 1,000 random worlds, more with ZONES_LAW_EXAMPLES (see `make laws`).
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.builders import (
    AGL,
    AMSL,
    EVERY_DAY,
    NOON,
    TAKEOFF,
    WGS84,
    asked,
    coverage,
    extent,
    ground,
    heights,
    period,
    polygon,
    published,
    quarantined,
    volume,
    window,
    zone,
)
from zones_api.api.answers import answer
from zones_api.domain.advice import HIGHEST_M
from zones_api.domain.altitude import Height, HeightRange, Interval, Surroundings, above_ground_m
from zones_api.domain.applicability import Window
from zones_api.domain.assessment import Assessment, assess
from zones_api.domain.data_set import Coverage
from zones_api.domain.flight import Operation, Question, flight, location, operation_in
from zones_api.domain.geometry import Circle, Polygon, Spot
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.territory import Territories
from zones_api.domain.truth import Truth
from zones_api.domain.zone import (
    ALWAYS,
    ClockTime,
    CodedCondition,
    DailyPeriod,
    DaylightEvent,
    UASZone,
    Weekday,
    ZoneType,
)
from zones_api.snapshot import build_snapshot

LAW = settings(max_examples=int(os.environ.get("ZONES_LAW_EXAMPLES", "1000")), deadline=None)
MILD = {Verdict.NO_ZONE_FOUND, Verdict.CONDITIONAL}

places = st.tuples(st.integers(0, 8), st.integers(0, 6)).map(lambda p: (4.9 + p[0] / 40, 51.9 + p[1] / 40))


def _square(corner: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    (x, y), side = corner, 0.05
    return ((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def _bow(corner: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    a, b, c, d = _square(corner)
    return (a, c, b, d)


def _hollow(corner: tuple[float, float]) -> Polygon:
    x, y = corner
    hole = tuple(
        (x + dx, y + dy) for dx, dy in ((0.01, 0.01), (0.04, 0.01), (0.04, 0.04), (0.01, 0.04), (0.01, 0.01))
    )
    return polygon(*_square(corner), holes=[hole])


shapes = st.one_of(
    st.builds(Circle, places, st.sampled_from([500.0, 5_000.0, 20_000.0])),
    st.builds(Circle, places, st.just(3_000.0), st.just(914.4)),
    places.map(lambda p: Spot((p,))),
    places.map(lambda p: polygon(*_square(p))),
    places.map(lambda p: polygon(*_bow(p))),
    places.map(_hollow),
)
references = st.sampled_from([AGL, AMSL, WGS84])
limits = st.none() | st.tuples(st.sampled_from([30.0, 60.0, 120.0, 300.0]), references)
extents = st.builds(extent, limits, limits)
clocks = st.builds(
    lambda hour, offset: ClockTime(
        f"{hour:02}:00", hour * 3600.0, None if offset is None else timedelta(hours=offset)
    ),
    st.integers(0, 24),
    st.sampled_from([0, 2, -5, None]),
)
ends = st.none() | clocks | st.sampled_from(DaylightEvent)
daily = st.builds(
    DailyPeriod,
    st.frozensets(st.sampled_from(Weekday), min_size=1),
    ends,
    ends,
    st.sampled_from([True] * 9 + [False]),
)
dates = st.none() | st.integers(-72, 72).map(lambda hours: NOON + timedelta(hours=hours))
naive_dates = dates.map(lambda at: at and at.replace(tzinfo=None))
periods = st.lists(
    st.builds(
        lambda start, end, schedule: period(start, end, schedule=tuple(schedule)),
        dates | naive_dates,
        dates,
        st.lists(daily, max_size=2) | st.just(EVERY_DAY),
    ),
    min_size=1,
    max_size=2,
).map(tuple) | st.just(ALWAYS)
conditions = st.lists(
    st.builds(
        CodedCondition,
        st.sampled_from(ZoneType),
        st.none() | st.sampled_from([50.0, 100.0]),
        category=st.none() | st.sampled_from([frozenset(["open"]), frozenset(["specific", "certified"])]),
        max_takeoff_mass_g=st.none() | st.just(250.0),
        vlos=st.none() | st.booleans(),
        max_height_m=st.none() | st.sampled_from([40.0, 120.0]),
    ),
    max_size=3,
).map(tuple)
zones = st.builds(
    lambda kind, shape, vertical, when, coded, number: replace(
        zone(volume(shape, vertical), identifier=f"A{number}", type=kind, applicability=when),
        coded_conditions=coded,
    ),
    st.sampled_from([None, *ZoneType, ZoneType.CONDITIONAL]),
    shapes,
    extents,
    periods,
    conditions,
    st.integers(0, 99),
)
worlds = st.lists(zones, max_size=4)
tops = st.builds(
    lambda value, reference: heights(None, value, reference),
    st.sampled_from([20.0, 60.0, 130.0, 400.0]),
    st.sampled_from([AGL, AMSL, WGS84, TAKEOFF]),
) | st.just(HeightRange())
windows = st.builds(
    lambda offset, hours: window(NOON + timedelta(hours=offset), hours=hours),
    st.integers(-80, 80),
    st.sampled_from([0, 1, 30]),
)
buffers = st.sampled_from([0.0, 100.0, 5_000.0])
operations = st.builds(
    Operation,
    category=st.none() | st.sampled_from(["open", "specific", "certified"]),
    takeoff_mass_g=st.none() | st.sampled_from([200.0, 250.0, 900.0]),
    vlos=st.none() | st.booleans(),
)
questions = st.builds(
    lambda points, up_to, when, buffer_m, operation: replace(
        flight(tuple(points), up_to, when, buffer_m), operation=operation
    ),
    st.lists(places, min_size=1, max_size=3),
    tops,
    windows,
    buffers,
    operations,
) | st.builds(
    lambda corner, up_to, when, buffer_m: operation_in(polygon(*_square(corner)), up_to, when, buffer_m),
    places,
    tops,
    windows,
    buffers,
)
grounds = st.sampled_from(
    [ground(0.0), ground(-5.0, 100.0, 43.0), ground(300.0, 320.0, 46.0), Surroundings()]
)


def _never_milder(before: Assessment, after: Assessment) -> None:
    assert after.known >= before.known
    assert after.possible >= before.possible


@LAW
@given(questions, worlds, zones, grounds)
def test_one_more_zone_never_lowers_the_answer(
    question: Question, world: list[UASZone], more: UASZone, around: Surroundings
) -> None:
    _never_milder(asked(question, *world, around=around), asked(question, *world, more, around=around))


@LAW
@given(
    questions,
    worlds,
    grounds,
    st.sampled_from(["buffer", "top", "floor", "column", "before", "after", "leg"]),
)
def test_a_wider_question_never_lowers_the_answer(
    question: Question, world: list[UASZone], around: Surroundings, wider: str
) -> None:
    upper, when = question.heights.upper, question.window
    narrow = question
    match wider:
        case "buffer":
            wide = replace(
                question, legs=tuple(replace(leg, buffer_m=leg.buffer_m + 700) for leg in question.legs)
            )
        case "top":
            assume(upper is not None)
            assert upper
            wide = replace(question, heights=heights(None, upper.value_m + 45, upper.reference))
        case "floor":
            assume(upper is not None)
            assert upper
            narrow = replace(question, heights=heights(upper.value_m - 10, upper.value_m, upper.reference))
            wide = question
        case "column":
            wide = replace(question, heights=HeightRange())
        case "before":
            wide = replace(question, window=Window(when.start - timedelta(hours=9), when.end))
        case "after":
            wide = replace(question, window=Window(when.start, when.end + timedelta(days=3)))
        case _:
            wide = replace(
                question,
                legs=(*question.legs, *flight(((5.0, 52.0), (5.1, 52.1)), question.heights, when).legs),
            )

    _never_milder(asked(narrow, *world, around=around), asked(wide, *world, around=around))


@LAW
@given(questions, worlds, st.sampled_from([(), (coverage(None),), (coverage(quarantined=[quarantined("CONDITIONAL")]),), (coverage(valid_to=datetime(2020, 1, 1, tzinfo=UTC)),), (coverage(shapely.box(0, 0, 1, 1)),)]))  # fmt: skip
def test_less_data_never_makes_the_answer_mild(
    question: Question, world: list[UASZone], less: tuple[Coverage, ...]
) -> None:
    full, poor = asked(question, *world), asked(question, *world, coverages=less)

    assert poor.verdict not in MILD
    assert not poor.complete
    assert poor.verdict is full.verdict or poor.verdict is Verdict.UNKNOWN


@LAW
@given(questions, worlds, st.sampled_from([(0.0, 5.0), (-5.0, 110.0), (0.0, 0.0)]))
def test_knowing_the_ground_less_well_never_makes_what_is_possible_milder_nor_more_known(
    question: Question, world: list[UASZone], bounds: tuple[float, float]
) -> None:
    known = Surroundings(Interval(bounds[0], bounds[0]), Interval(43.0, 43.0), Interval(2.0, 2.0))
    guessed = Surroundings(Interval(*bounds), Interval(42.0, 44.0), Interval(-3.0, 40.0))
    exact = asked(question, *(replace(each, coded_conditions=()) for each in world), around=known)
    vague = asked(question, *(replace(each, coded_conditions=()) for each in world), around=guessed)

    assert vague.possible >= exact.possible
    assert vague.known <= exact.known


@LAW
@given(questions, worlds, operations)
def test_an_operation_that_is_not_stated_is_required_the_most(
    question: Question, world: list[UASZone], operation: Operation
) -> None:
    unstated = asked(replace(question, operation=Operation()), *world)
    stated = asked(replace(question, operation=operation), *world)

    _never_milder(stated, unstated)


@LAW
@given(places, tops, windows, worlds, grounds)
def test_a_flight_that_stays_at_a_place_gets_the_answer_of_the_place(
    place: tuple[float, float], up_to: HeightRange, when: Window, world: list[UASZone], around: Surroundings
) -> None:
    there, hovering = location(place, up_to, when), flight((place, place), up_to, when)

    at_place, in_flight = (asked(each, *world, around=around) for each in (there, hovering))

    assert replace(at_place, question=hovering) == in_flight


@LAW
@given(questions, worlds, grounds)
def test_advice_is_true_to_the_metre_and_the_minute(
    question: Question, world: list[UASZone], around: Surroundings
) -> None:
    advice = asked(question, *world, around=around).advice

    def verdict(**changes: object) -> Verdict:
        return asked(replace(question, **changes), *world, around=around).verdict  # type: ignore[arg-type]

    if advice.max_height is not None:
        best = advice.max_height
        higher = replace(best, value_m=best.value_m + 1)
        top = question.heights.upper
        assert verdict(heights=HeightRange(upper=best)) is Verdict.NO_ZONE_FOUND
        assert above_ground_m(best, around).low > 0
        beyond = best.value_m == HIGHEST_M if top is None else higher.value_m > top.value_m
        assert beyond or verdict(heights=HeightRange(upper=higher)) is not Verdict.NO_ZONE_FOUND
    for other in advice.windows:
        assert verdict(window=other) is Verdict.NO_ZONE_FOUND
        assert other.end - other.start == question.window.end - question.window.start
        assert abs(other.start - question.window.start) <= timedelta(days=7)
    if advice.max_free_height and advice.max_free_height.metres:
        free = asked(
            replace(question, heights=heights(None, float(advice.max_free_height.metres), AGL)),
            *world,
            around=around,
        )
        assert free.possible <= Outcome.INFORMATION


@LAW
@given(questions, worlds, grounds)
def test_what_is_told_agrees_with_itself(
    question: Question, world: list[UASZone], around: Surroundings
) -> None:
    said = asked(question, *world, around=around)

    sure = [f.outcome for f in said.findings if f.judgement.truth is Truth.YES]
    assert said.known == max(sure, default=Outcome.NO_ZONE)
    assert said.possible == max([f.outcome for f in said.findings], default=Outcome.NO_ZONE)
    for finding in said.findings:
        assert finding.active.possible
        assert finding.judgement.truth is not Truth.YES or finding.active.certain
        for encounter in finding.encounters:
            crossed = question.legs[encounter.leg].geometry.geom_type == "Polygon" or encounter.passages
            assert crossed
            assert encounter.top_m is None or encounter.bottom_m <= encounter.top_m
    for miss in said.misses:
        assert miss.gap is None or 0 <= miss.gap.metres.low <= miss.gap.metres.high


@LAW
@given(questions, worlds, st.randoms(use_true_random=False))
def test_the_index_the_order_of_zones_and_asking_again_change_no_byte(
    question: Question, world: list[UASZone], shuffled
) -> None:
    # Zones with one identifier stand in the order they came in.
    world = list({each.identifier: each for each in world}.values())
    territories = Territories({"NLD": shapely.box(3.0, 51.0, 7.0, 53.5)})
    data_set = coverage().data_set
    other = shuffled.sample(world, len(world))

    def bytes_of(zones_in_order: list[UASZone]) -> str:
        snapshot = build_snapshot(
            [published(each) for each in zones_in_order], [data_set], territories, 7, NOON
        )
        said = snapshot.answer(question)
        direct = assess(
            question, snapshot.zones, snapshot.coverages, lambda leg: territories.surroundings(question, leg)
        )
        assert (said.findings, said.verdict) == (direct.findings, direct.verdict)
        return answer(said, snapshot, NOON).assessment.model_dump_json()

    said = bytes_of(world)
    assert bytes_of(world) == said
    assert bytes_of(other) == said


@pytest.mark.parametrize("place", [(180.0, 0.0), (-180.0, 66.6), (0.0, 90.0), (12.0, -90.0)])
def test_nothing_crashes_at_the_edges_of_the_map_and_the_calendar(place: tuple[float, float]) -> None:
    by_the_sun = zone(Circle(place, 50_000.0), applicability=(period(schedule=(DailyPeriod(frozenset(Weekday), DaylightEvent.SR, DaylightEvent.SS),)),))  # fmt: skip

    for moment in (datetime.min.replace(tzinfo=UTC), NOON, datetime.max.replace(tzinfo=UTC)):
        said = asked(location(place, HeightRange(upper=Height(50.0, AGL)), window(moment)), by_the_sun)

        assert said.verdict is not None

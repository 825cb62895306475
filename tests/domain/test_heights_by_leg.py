"""A flight whose legs have heights of their own: no second way to decide, and no milder answer than any of them."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import (
    AGL,
    AMSL,
    HERE,
    TAKEOFF,
    agl,
    asked,
    away,
    extent,
    heights,
    polygon,
    window,
    zone,
)
from tests.domain.test_laws import grounds, questions, worlds
from zones_api.domain.advice import RuleResult
from zones_api.domain.altitude import HeightRange, Surroundings
from zones_api.domain.flight import Question, flight
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.zone import CodedCondition, UASZone, ZoneType

LAW = settings(max_examples=int(os.environ.get("ZONES_LAW_EXAMPLES", "1000")) // 4, deadline=None)
POINTS = (HERE, away(HERE, 90.0, 4_000.0), away(HERE, 90.0, 8_000.0))
OVER_FIRST = polygon(*(away(HERE, azimuth, 1_000.0) for azimuth in (45.0, 135.0, 225.0, 315.0)))
OVER_SECOND = polygon(*(away(POINTS[2], azimuth, 1_000.0) for azimuth in (45.0, 135.0, 225.0, 315.0)))


def by_leg(*tops: HeightRange) -> Question:
    """Return a flight of two legs, each with heights of its own."""
    highest = max((top.upper.value_m for top in tops if top.upper), default=None)
    return replace(flight(POINTS, agl(highest), window()), by_leg=tops)


def test_each_leg_meets_zones_at_its_own_heights() -> None:
    high = extent(lower=(60, AGL))
    first, second = (
        zone(OVER_FIRST, identifier="FIRST", vertical=high),
        zone(OVER_SECOND, identifier="SECOND", vertical=high),
    )

    said = asked(by_leg(agl(80), agl(50)), first, second)

    assert [found.published.zone.identifier for found in said.findings] == ["FIRST"]
    assert said.misses[0].gap is not None
    assert said.misses[0].gap.metres.low == pytest.approx(10.0)


def test_a_flight_is_told_the_heights_at_which_each_leg_is_inside() -> None:
    said = asked(
        by_leg(agl(50), agl(80)), zone(OVER_FIRST, identifier="A"), zone(OVER_SECOND, identifier="B")
    )

    tops = {found.published.zone.identifier: found.encounters[0].top_m for found in said.findings}
    assert tops == {"A": 50.0, "B": 80.0}


def test_the_height_advised_is_a_cap_on_every_leg() -> None:
    over_both = (
        zone(OVER_FIRST, identifier="FIRST", vertical=extent(lower=(70, AGL))),
        zone(OVER_SECOND, identifier="SECOND", vertical=extent(lower=(40, AGL))),
    )

    said = asked(by_leg(agl(50), agl(80)), *over_both)

    best = said.advice.max_height
    assert best is not None
    assert (best.value_m, best.reference) == (39.0, AGL)
    assert asked(by_leg(agl(39), agl(39)), *over_both).verdict is Verdict.NO_ZONE_FOUND


def test_legs_in_several_references_have_no_one_height_to_advise() -> None:
    said = asked(by_leg(agl(80), heights(None, 80, AMSL)), zone(OVER_FIRST, vertical=extent(lower=(40, AGL))))

    assert said.verdict is Verdict.PROHIBITED
    assert said.advice.max_height is None


def test_conditions_on_height_are_weighed_at_the_heights_of_the_leg_that_meets_the_zone() -> None:
    conditions = (CodedCondition(then=ZoneType.NO_RESTRICTION, max_height_m=60.0),)
    coded = replace(zone(OVER_SECOND, type=ZoneType.CONDITIONAL), coded_conditions=conditions)

    assert asked(by_leg(agl(50), agl(80)), coded).known is Outcome.CONDITIONAL
    assert asked(by_leg(agl(80), agl(50)), coded).known is Outcome.INFORMATION


@pytest.mark.parametrize(
    ("tops", "result"),
    [
        ((agl(50), agl(120)), RuleResult.MET),
        ((agl(50), agl(121)), RuleResult.EXCEEDED),
        ((agl(50), HeightRange()), RuleResult.CANNOT_TELL),
        ((agl(121), HeightRange()), RuleResult.EXCEEDED),
    ],
)
def test_the_open_categorys_height_is_asked_of_every_leg(
    tops: tuple[HeightRange, HeightRange], result: RuleResult
) -> None:
    assert asked(by_leg(*tops)).advice.open_category_height is result


def test_one_leg_above_takeoff_makes_the_flight_depend_on_where_that_is() -> None:
    assert by_leg(agl(50), heights(None, 50, TAKEOFF)).is_above_takeoff
    assert not by_leg(agl(50), agl(60)).is_above_takeoff


def test_heights_by_leg_are_those_of_every_leg() -> None:
    with pytest.raises(ValueError, match="every leg"):
        by_leg(agl(50))


@LAW
@given(questions, worlds, grounds)
def test_legs_that_all_have_the_flights_heights_change_nothing(
    question: Question, world: list[UASZone], around: Surroundings
) -> None:
    each = replace(question, by_leg=(question.heights,) * len(question.legs))

    assert replace(asked(each, *world, around=around), question=question) == asked(
        question, *world, around=around
    )


@LAW
@given(questions, worlds, grounds, st.lists(st.integers(0, 60), min_size=8, max_size=8))
def test_lower_legs_are_never_asked_for_more_than_the_whole_flight_nor_for_less_than_each_alone(
    question: Question, world: list[UASZone], around: Surroundings, lower_m: list[int]
) -> None:
    upper = question.heights.upper
    profile = tuple(
        heights(None, upper.value_m - lower_m[n % 8], upper.reference)
        if upper
        else agl(10.0 * lower_m[n % 8])
        for n in range(len(question.legs))
    )
    each = asked(replace(question, by_leg=profile), *world, around=around)
    envelope = asked(question, *world, around=around)
    alone = [
        asked(replace(question, legs=(leg,), heights=own), *world, around=around)
        for leg, own in zip(question.legs, profile, strict=True)
    ]

    assert each.known <= envelope.known
    assert each.possible <= envelope.possible
    assert each.known == max(single.known for single in alone)
    assert each.possible == max(single.possible for single in alone)


@LAW
@given(questions, worlds, grounds, st.lists(st.integers(0, 60), min_size=8, max_size=8))
def test_what_is_advised_is_true_of_legs_with_their_own_heights(
    question: Question, world: list[UASZone], around: Surroundings, lower_m: list[int]
) -> None:
    upper = question.heights.upper or agl(100).upper
    assert upper is not None
    profile = tuple(
        heights(None, upper.value_m - lower_m[n % 8], upper.reference) for n in range(len(question.legs))
    )
    stepped = replace(question, heights=HeightRange(upper=upper), by_leg=profile)

    advice = asked(stepped, *world, around=around).advice

    for other in advice.windows:
        assert asked(replace(stepped, window=other), *world, around=around).verdict is Verdict.NO_ZONE_FOUND
    if advice.max_height is not None:
        for above_m, passes in ((0.0, True), (1.0, False)):
            cap_m = advice.max_height.value_m + above_m
            capped = tuple(
                heights(None, min(own.upper.value_m, cap_m), upper.reference) for own in profile if own.upper
            )
            if passes or capped != profile:
                said = asked(replace(stepped, by_leg=capped), *world, around=around)
                assert (said.verdict is Verdict.NO_ZONE_FOUND) is passes

"""What happens exactly at an edge: the last gram, metre, microsecond and member that a rule counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import FLAT_SEA, NOON, agl, ground, heights, zone
from zones_api.domain.altitude import HeightRange, Interval
from zones_api.domain.conditions import required
from zones_api.domain.flight import Operation
from zones_api.domain.outcome import Outcome
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import Judgement, Truth
from zones_api.domain.zone import CodedCondition, ZoneType

# What is known


def test_an_unknown_without_a_reason_and_a_reason_without_an_unknown_cannot_be_made() -> None:
    for truth, reasons in (
        (Truth.UNKNOWN, frozenset[Reason]()),
        (Truth.YES, frozenset([Reason.NAIVE_TIME])),
        (Truth.NO, frozenset([Reason.NAIVE_TIME])),
    ):
        with pytest.raises(ValueError, match="names its reasons"):
            Judgement(truth, reasons)


# Coded conditions


def requires(
    *conditions: CodedCondition,
    of: ZoneType = ZoneType.CONDITIONAL,
    operation: Operation = Operation(),
    up_to: HeightRange | None = None,
) -> Outcome:
    coded = replace(zone(type=of), coded_conditions=conditions)
    return required(coded, operation, up_to or agl(50), FLAT_SEA)


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

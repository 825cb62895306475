"""The verdict of each leg by itself: the engine's own rules, and no leg milder than what is known of it."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    AGL,
    AMSL,
    HERE,
    agl,
    asked,
    away,
    coverage,
    extent,
    ground,
    polygon,
    quarantined,
    window,
    zone,
)
from tests.domain.test_heights_by_leg import LAW, by_leg
from tests.domain.test_laws import grounds, questions, worlds
from zones_api.domain.altitude import Surroundings
from zones_api.domain.flight import Question, flight
from zones_api.domain.outcome import Verdict
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import UASZone, ZoneType

POINTS = (HERE, away(HERE, 90.0, 4_000.0), away(HERE, 90.0, 8_000.0))
FIRST = polygon(*(away(HERE, azimuth, 1_000.0) for azimuth in (45.0, 135.0, 225.0, 315.0)))
SECOND = polygon(*(away(POINTS[2], azimuth, 1_000.0) for azimuth in (45.0, 135.0, 225.0, 315.0)))
HILLS = ground(0, 100)
FLIGHT = flight(POINTS, agl(100), window())


def verdicts(said: object) -> list[Verdict]:
    return [weighed.verdict for weighed in said.by_leg]  # type: ignore[attr-defined]


def test_each_leg_has_the_verdict_of_what_it_meets() -> None:
    said = asked(FLIGHT, zone(FIRST), zone(SECOND, identifier="SECOND", type=ZoneType.CONDITIONAL))

    assert verdicts(said) == [Verdict.PROHIBITED, Verdict.CONDITIONAL]


def test_a_leg_at_which_no_data_set_is_complete_cannot_be_told_beside_one_where_it_can() -> None:
    west = shapely.box(HERE[0] - 0.5, HERE[1] - 0.5, HERE[0] + 0.07, HERE[1] + 0.5)

    said = asked(FLIGHT, coverages=(coverage(west),))

    assert verdicts(said) == [Verdict.NO_ZONE_FOUND, Verdict.UNKNOWN]
    assert said.by_leg[1].gaps == {Reason.OUTSIDE_COVERAGE}


def test_a_zone_set_aside_on_one_leg_leaves_the_other_as_it_is() -> None:
    aside = quarantined(bounds=(HERE[0] - 0.001, HERE[1] - 0.001, HERE[0] + 0.001, HERE[1] + 0.001))
    anywhere = quarantined(bounds=None)

    assert verdicts(asked(FLIGHT, coverages=(coverage(quarantined=(aside,)),))) == [
        Verdict.UNKNOWN,
        Verdict.NO_ZONE_FOUND,
    ]
    assert verdicts(asked(FLIGHT, coverages=(coverage(quarantined=(anywhere,)),))) == [Verdict.UNKNOWN] * 2


def test_what_may_apply_on_a_leg_is_no_prohibition_of_it_and_no_absence() -> None:
    doubtful = zone(FIRST, vertical=extent(lower=(150, AMSL)))

    said = asked(FLIGHT, doubtful, around=HILLS)

    assert verdicts(said) == [Verdict.UNKNOWN, Verdict.NO_ZONE_FOUND]


def test_a_leg_that_needs_permission_and_may_be_prohibited_says_at_least() -> None:
    needs = zone(FIRST, type=ZoneType.REQ_AUTHORIZATION)
    may = zone(FIRST, identifier="MAY", vertical=extent(lower=(150, AMSL)))

    first, second = asked(FLIGHT, needs, may, around=HILLS).by_leg

    assert (first.verdict, first.at_least) == (Verdict.AUTHORIZATION_REQUIRED, True)
    assert (second.verdict, second.at_least) == (Verdict.NO_ZONE_FOUND, False)


def test_each_leg_is_weighed_at_its_own_heights() -> None:
    high = (
        zone(FIRST, vertical=extent(lower=(60, AGL))),
        zone(SECOND, identifier="SECOND", vertical=extent(lower=(60, AGL))),
    )

    assert verdicts(asked(by_leg(agl(50), agl(80)), *high)) == [Verdict.NO_ZONE_FOUND, Verdict.PROHIBITED]


@LAW
@given(questions, worlds, grounds, st.booleans())
def test_all_legs_together_are_the_whole_answer(
    question: Question, world: list[UASZone], around: Surroundings, covered: bool
) -> None:
    said = asked(question, *world, around=around, coverages=(coverage(),) if covered else ())

    assert max(weighed.known for weighed in said.by_leg) == said.known
    assert max(weighed.possible for weighed in said.by_leg) == said.possible
    assert all(not weighed.gaps for weighed in said.by_leg) is said.complete
    if len(said.by_leg) == 1:
        assert said.by_leg[0].verdict is said.verdict
    if said.verdict is Verdict.NO_ZONE_FOUND:
        assert set(verdicts(said)) == {Verdict.NO_ZONE_FOUND}

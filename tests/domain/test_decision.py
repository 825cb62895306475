"""The verdict, and the laws it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zones_api.domain.altitude import (
    Height,
    HeightRange,
    Limit,
    Surroundings,
    VerticalExtent,
    VerticalReference,
)
from zones_api.domain.applicability import Window, timeline
from zones_api.domain.assessment import Assessment, assess
from zones_api.domain.data_set import Coverage, DataSet, QuarantinedZone, shared_end
from zones_api.domain.flight import Question, flight, location
from zones_api.domain.geometry import Circle
from zones_api.domain.outcome import Outcome, Verdict, decide
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.territory import Territories
from zones_api.domain.truth import NO, YES, Judgement, Truth, all_of, any_of, unknown
from zones_api.domain.wording import text_limits
from zones_api.domain.zone import (
    ALWAYS,
    AirspaceVolume,
    DailyPeriod,
    Moment,
    PublishedZone,
    TimePeriod,
    UASZone,
    Weekday,
    ZoneType,
)
from zones_api.errors import InputTooLarge
from zones_api.snapshot import build_snapshot

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = Window(NOON, NOON)
AGL = VerticalReference.AGL
COUNTRY = shapely.box(3.0, 51.0, 7.0, 53.0)
SOURCE = DataSet("ours", "ed318", "0", frozenset(["NLD"]), 1)
FULL = (Coverage(SOURCE, COUNTRY),)
HERE = (5.0, 52.0)
POINT = (*HERE, *HERE)


def volume(
    radius_m: float = 1000.0, lower: float | None = None, upper: float | None = 120.0, at=HERE
) -> AirspaceVolume:
    limits = [None if value is None else Limit(Height(value, AGL), value, "m") for value in (lower, upper)]
    return AirspaceVolume((Circle(at, radius_m),), VerticalExtent(*limits))


def zone(
    zone_type: ZoneType | None, *volumes: AirspaceVolume, identifier: str = "A", applicability=ALWAYS
) -> PublishedZone:
    word = zone_type.value if zone_type else "FORBIDDEN-ISH"
    read = UASZone("NLD", identifier, zone_type, word, volumes or (volume(),), applicability)
    return PublishedZone(read, "ours", identifier)


def asked(height_m: float = 50.0, at=HERE, window: Window = NOW) -> Question:
    return location(at, HeightRange(upper=Height(height_m, AGL)), window)


def answer(*zones: PublishedZone, question: Question | None = None, coverages=FULL) -> Assessment:
    return assess(question or asked(), zones, coverages, lambda _leg: Surroundings())


VERDICTS = [
    # known, possible, recognised, complete -> verdict
    (Outcome.PROHIBITED, Outcome.PROHIBITED, Outcome.PROHIBITED, False, Verdict.PROHIBITED),
    (Outcome.PROHIBITED, Outcome.PROHIBITED, Outcome.NO_ZONE, True, Verdict.PROHIBITED),
    (
        Outcome.AUTHORIZATION_REQUIRED,
        Outcome.PROHIBITED,
        Outcome.AUTHORIZATION_REQUIRED,
        False,
        Verdict.AUTHORIZATION_REQUIRED,
    ),
    (
        Outcome.UNRECOGNISED,
        Outcome.UNRECOGNISED,
        Outcome.AUTHORIZATION_REQUIRED,
        True,
        Verdict.AUTHORIZATION_REQUIRED,
    ),
    (Outcome.UNRECOGNISED, Outcome.UNRECOGNISED, Outcome.CONDITIONAL, True, Verdict.UNKNOWN),
    (Outcome.USPACE, Outcome.USPACE, Outcome.USPACE, True, Verdict.USPACE),
    (Outcome.USPACE, Outcome.USPACE, Outcome.USPACE, False, Verdict.USPACE),
    (Outcome.CONDITIONAL, Outcome.CONDITIONAL, Outcome.CONDITIONAL, True, Verdict.CONDITIONAL),
    (Outcome.CONDITIONAL, Outcome.CONDITIONAL, Outcome.CONDITIONAL, False, Verdict.UNKNOWN),
    (Outcome.CONDITIONAL, Outcome.USPACE, Outcome.CONDITIONAL, True, Verdict.UNKNOWN),
    (Outcome.INFORMATION, Outcome.INFORMATION, Outcome.INFORMATION, True, Verdict.NO_ZONE_FOUND),
    (Outcome.NO_ZONE, Outcome.NO_ZONE, Outcome.NO_ZONE, True, Verdict.NO_ZONE_FOUND),
    (Outcome.NO_ZONE, Outcome.INFORMATION, Outcome.NO_ZONE, True, Verdict.NO_ZONE_FOUND),
    (Outcome.NO_ZONE, Outcome.NO_ZONE, Outcome.NO_ZONE, False, Verdict.UNKNOWN),
    (Outcome.NO_ZONE, Outcome.CONDITIONAL, Outcome.NO_ZONE, True, Verdict.UNKNOWN),
]


@pytest.mark.parametrize(("known", "possible", "recognised", "complete", "verdict"), VERDICTS)
def test_the_verdict_follows_the_table(
    known: Outcome, possible: Outcome, recognised: Outcome, complete: bool, verdict: Verdict
) -> None:
    assert decide(known, possible, recognised, complete=complete) is verdict


def test_every_combination_has_a_verdict_and_only_complete_data_is_ever_mild() -> None:
    mild = {Verdict.NO_ZONE_FOUND, Verdict.CONDITIONAL}

    for known in Outcome:
        for possible in Outcome:
            for recognised in Outcome:
                assert decide(known, possible, recognised, complete=False) not in mild


def test_an_unreadable_restriction_is_never_dropped() -> None:
    said = answer(zone(None))

    assert (said.verdict, said.known) == (Verdict.UNKNOWN, Outcome.UNRECOGNISED)
    assert Reason.RESTRICTION_UNRECOGNISED in said.reasons


def test_an_unreadable_restriction_does_not_hide_that_permission_is_needed() -> None:
    said = answer(zone(None), zone(ZoneType.REQ_AUTHORIZATION, identifier="B"))

    assert (said.verdict, said.at_least) == (Verdict.AUTHORIZATION_REQUIRED, True)


def test_a_notice_never_raises_the_verdict_and_never_lifts_another_zone() -> None:
    assert answer(zone(ZoneType.NO_RESTRICTION)).verdict is Verdict.NO_ZONE_FOUND
    assert answer(zone(ZoneType.NO_RESTRICTION), zone(ZoneType.PROHIBITED)).verdict is Verdict.PROHIBITED


def test_the_worst_zone_leads() -> None:
    said = answer(
        zone(ZoneType.CONDITIONAL),
        zone(ZoneType.PROHIBITED, identifier="B"),
        zone(ZoneType.USPACE, identifier="C"),
    )

    assert [finding.published.zone.identifier for finding in said.findings] == ["B", "C", "A"]


def test_footprints_and_heights_of_two_volumes_are_not_mixed() -> None:
    low_here = volume(lower=None, upper=30.0)
    high_there = volume(lower=300.0, upper=400.0, at=(6.0, 52.0))
    exactly_350 = location(HERE, HeightRange(Height(350, AGL), Height(350, AGL)), NOW)

    assert (
        answer(zone(ZoneType.PROHIBITED, low_here, high_there), question=exactly_350).verdict
        is Verdict.NO_ZONE_FOUND
    )


def test_a_zone_that_starts_above_is_listed_apart() -> None:
    said = answer(zone(ZoneType.PROHIBITED, volume(lower=60.0)))

    assert said.verdict is Verdict.NO_ZONE_FOUND
    assert [miss.starts_above for miss in said.misses] == [True]


def quarantined(word: str | None, bounds=(4.9, 51.9, 5.1, 52.1)) -> tuple[Coverage]:
    aside = QuarantinedZone("NLD", "Q", "/features/0", word, bounds, ())
    return (Coverage(replace(SOURCE, quarantined=(aside,)), COUNTRY),)


@pytest.mark.parametrize(
    ("word", "possible"),
    [("CONDITIONAL", Outcome.CONDITIONAL), ("PROHIBITED", Outcome.PROHIBITED), (None, Outcome.UNRECOGNISED)],
)
def test_a_zone_set_aside_near_the_question_counts_as_possible(word: str | None, possible: Outcome) -> None:
    said = answer(coverages=quarantined(word))

    assert (said.verdict, said.possible, said.complete) == (Verdict.UNKNOWN, possible, False)
    assert Reason.ZONE_QUARANTINED in said.reasons


def test_a_zone_set_aside_elsewhere_does_not_count_but_one_without_bounds_may_be_anywhere() -> None:
    assert (
        answer(coverages=quarantined("PROHIBITED", (6.0, 52.0, 6.1, 52.1))).verdict is Verdict.NO_ZONE_FOUND
    )
    assert answer(coverages=quarantined("PROHIBITED", None)).verdict is Verdict.UNKNOWN


def test_an_expired_data_set_vouches_for_nothing() -> None:
    expired = (Coverage(replace(SOURCE, valid_to=NOON - timedelta(seconds=1)), COUNTRY),)
    not_yet = (Coverage(replace(SOURCE, valid_from=NOON + timedelta(seconds=1)), COUNTRY),)

    assert answer(coverages=expired).reasons == (Reason.DATASET_EXPIRED,)
    assert answer(coverages=not_yet).reasons == (Reason.OUTSIDE_COVERAGE,)
    assert answer(zone(ZoneType.PROHIBITED), coverages=expired).verdict is Verdict.PROHIBITED


def test_the_one_end_that_ten_zones_share_is_the_end_of_their_data_set() -> None:
    ending = (TimePeriod(end=Moment("", NOON)),)
    ten = [zone(ZoneType.CONDITIONAL, identifier=str(i), applicability=ending).zone for i in range(10)]

    assert shared_end(ten) == NOON
    assert shared_end(ten[:9]) is None
    assert shared_end([*ten, zone(ZoneType.CONDITIONAL).zone]) is None


def moment(days: float, *, naive: bool = False) -> Moment:
    at = NOON + timedelta(days=days)
    return Moment("", at.replace(tzinfo=None) if naive else at)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (TimePeriod(), YES),
        (TimePeriod(moment(-1), moment(1)), YES),
        (TimePeriod(moment(0), None), YES),  # starts now: inclusive
        (TimePeriod(None, moment(0)), YES),  # ends now: inclusive
        (TimePeriod(moment(0.001), None), NO),
        (TimePeriod(None, moment(-0.001)), NO),
        (TimePeriod(None, Moment("", NOON - timedelta(seconds=1))), YES),  # …:59 runs to the full minute
        (TimePeriod(moment(0.1, naive=True), None), unknown(Reason.NAIVE_TIME)),
        (TimePeriod(moment(1, naive=True), None), NO),
        (TimePeriod(moment(-1, naive=True), None), YES),
        (TimePeriod(Moment("soon", None), None), unknown(Reason.SCHEDULE_NOT_READABLE)),
        (TimePeriod(doubt=Reason.APPLICABILITY_NOT_STATED), unknown(Reason.APPLICABILITY_NOT_STATED)),
        (
            TimePeriod(moment(1), moment(2), doubt=Reason.PERMANENT_WITH_DATES),
            unknown(Reason.PERMANENT_WITH_DATES),
        ),
        (TimePeriod(moment(-1), moment(2), doubt=Reason.PERMANENT_WITH_DATES), YES),
        (TimePeriod(moment(1), schedule=(DailyPeriod(frozenset(Weekday)),)), NO),
    ],
)
def test_dates_decide_when_a_zone_applies_and_doubt_is_unknown(
    period: TimePeriod, expected: Judgement
) -> None:
    assert timeline((period,), NOW, POINT).during(NOW) == expected


def test_any_period_is_enough_and_a_window_meets_what_it_overlaps() -> None:
    past, future = TimePeriod(None, moment(-1)), TimePeriod(moment(1), moment(2))

    assert timeline((past, future), NOW, POINT).during(NOW) == NO
    day = Window(NOON, NOON + timedelta(days=1))
    assert timeline((past, future), day, POINT).during(day) == YES


truths = st.sampled_from([YES, NO, unknown(Reason.NAIVE_TIME), unknown(Reason.HEIGHT_UNCERTAIN)])


@given(st.lists(truths))
def test_one_no_and_one_yes_decide_whatever_is_unknown(judgements: list[Judgement]) -> None:
    assert all_of(judgements).truth == min((j.truth for j in judgements), default=Truth.YES)
    assert any_of(judgements).truth == max((j.truth for j in judgements), default=Truth.NO)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("Alle vluchten zijn hier verboden op 4 mei", True),
        ("Maximum height of 30m above the ground", True),
        ("Only on weekdays", True),
        ("08:00 - 17:00 UTC", True),
        ("Alle vluchten zijn hier verboden / All flights are prohibited here", False),
        ("", False),
    ],
)
def test_texts_that_seem_to_limit_a_zone_are_noticed(text: str, limits: bool) -> None:
    assert text_limits(text) is limits


def test_more_work_than_one_question_may_ask_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zones_api.snapshot.MAX_LEGS_TIMES_ZONES", 1)
    snapshot = build_snapshot([zone(ZoneType.PROHIBITED)], [SOURCE], Territories())
    question = flight((HERE, (5.01, 52.0), HERE), HeightRange(), NOW)

    with pytest.raises(InputTooLarge, match="part of the flight"):
        snapshot.answer(question)


def test_a_version_counts_only_while_the_register_says_it_is_in_force():
    moment = NOW.start
    tick = timedelta.resolution
    until = replace(zone(ZoneType.PROHIBITED, identifier="A"), valid=(BEGINNING, moment - tick))
    since = replace(zone(ZoneType.CONDITIONAL, identifier="A"), valid=(moment, END))

    before = answer(until, since, question=asked(window=Window(moment - tick, moment - tick)))
    at = answer(until, since, question=asked(window=Window(moment, moment)))
    across = answer(until, since, question=asked(window=Window(moment - tick, moment)))

    assert (before.known, at.known, across.known) == (
        Outcome.PROHIBITED,
        Outcome.CONDITIONAL,
        Outcome.PROHIBITED,
    )
    assert before.possible is Outcome.PROHIBITED
    assert at.possible is Outcome.CONDITIONAL

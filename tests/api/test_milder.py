"""Ways in which an answer once was milder than the data allowed; each was found by trying to break it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient

from tests.builders import HERE, NOON, asked, away, circle, coverage, here, square, window, zone
from tests.documents import circle as disc
from tests.documents import collection, feature
from zones_api.api.questions import MAX_WAY_M
from zones_api.domain.flight import flight, location
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.reasons import Reason
from zones_api.domain.territory import Territories
from zones_api.domain.zone import CodedCondition, ZoneType
from zones_api.errors import DocumentRefused
from zones_api.formats.document import Document, read_document

ASKED = {"lon": 4.5, "lat": 52.4}


def ed269(**period: Any) -> Document:
    volume = {
        "uomDimensions": "M",
        "lowerLimit": 0,
        "lowerVerticalReference": "AGL",
        "horizontalProjection": {"type": "Circle", "center": list(HERE), "radius": 500},
    }
    zone_ = {"identifier": "A", "country": "NLD", "restriction": "PROHIBITED", "geometry": [volume]}
    return read_document(json.dumps([zone_ | {"applicability": [period]}]).encode())


@pytest.mark.parametrize("at", ["2026", "20260501", 20260501, "1746100800.5"])
def test_digits_are_no_time_but_a_mistake(client: TestClient, at: object) -> None:
    by_address = client.get("/v1/status", params=ASKED | {"at": str(at)})
    by_body = client.post("/v1/status", json=ASKED | {"at": at})

    for refused in (by_address, by_body):
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == "/at"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_outside_the_calendar_is_a_problem_and_no_fault(client: TestClient, at: str) -> None:
    assert client.post("/v1/status", json=ASKED | {"at": at}).status_code == 400


def test_a_member_given_twice_in_an_address_is_refused(client: TestClient) -> None:
    refused = client.get("/v1/status?lon=4.5&lat=52.05&lat=10")

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/lat"


def test_true_is_no_number(client: TestClient) -> None:
    assert client.post("/v1/status", json={"lon": True, "lat": 52.4}).status_code == 400


def test_a_flight_longer_than_any_is_refused(client: TestClient) -> None:
    there_and_back = [[4.0, 52.0], [9.0, 52.0]] * 10
    body = {
        "geometry": {"type": "LineString", "coordinates": there_and_back},
        "window": {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:30:00Z"},
    }

    refused = client.post("/v1/flight-checks", json=body)

    assert refused.status_code == 422
    assert f"{MAX_WAY_M / 1000:.0f} km" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("permanent", "doubt"),
    [
        ("YES", "PERMANENT_WITH_DATES"),
        (True, "PERMANENT_WITH_DATES"),
        ("perhaps", "PERMANENT_WITH_DATES"),
        ("NO", None),
    ],
)
def test_a_period_that_may_be_permanent_is_in_doubt_outside_its_dates(
    permanent: object, doubt: str | None
) -> None:
    (period,) = ed269(permanent=permanent, endDateTime="2020-01-01T00:00:00Z").zones[0].zone.applicability

    assert period.doubt == doubt


def test_an_entry_that_says_nothing_beside_others_leaves_all_of_it_in_doubt() -> None:
    monday = {"day": ["MON"], "startTime": "08:00Z", "endTime": "09:00Z"}
    both = ed269(permanent="YES", schedule=[{}, monday]).zones[0].zone
    two_names = (
        ed269(permanent="YES", schedule=[monday], dailyPeriod=[monday | {"day": ["FRI"]}]).zones[0].zone
    )

    assert [entry.days_readable for entry in both.applicability[0].schedule] == [False, True]
    assert len(two_names.applicability[0].schedule) == 2


@pytest.mark.parametrize("vlos", ["", None, []])
def test_a_condition_without_a_word_on_sight_fits_any(vlos: object) -> None:
    coded = [{"when": {"vlos": vlos}, "then": {"type": "PROHIBITED"}}]
    document = read_document(
        collection(feature(type="CONDITIONAL", extendedProperties={"coded_conditions": coded}))
    )

    assert document.zones[0].zone.coded_conditions == (CodedCondition(ZoneType.PROHIBITED),)


def test_who_publishes_zones_of_two_countries_vouches_for_neither(territories: Territories) -> None:
    both = read_document(collection(feature(), feature("B", country="BEL", geometry=disc(4.4, 50.9, 500))))

    assert territories.area_of(both.countries) is None
    assert territories.area_of(read_document(collection(feature())).countries) is not None


def test_a_coverage_across_the_antimeridian_does_not_vouch_for_the_rest_of_the_globe() -> None:
    ring = [[170, -50], [-170, -50], [-170, -30], [170, -30], [170, -50]]

    with pytest.raises(DocumentRefused):
        read_document(collection(feature(), coverage={"type": "Polygon", "coordinates": [ring]}))


def test_a_wider_flight_does_not_leave_an_expired_data_set_behind() -> None:
    expired = coverage(shapely.box(4.9, 51.9, 5.1, 52.1), key="OLD", valid_to=NOON.replace(year=2020))
    both = (expired, coverage())

    for question in (here(), flight((HERE, away(HERE, 90, 40_000)), here().heights, window())):
        said = asked(question, coverages=both)

        assert said.verdict is Verdict.UNKNOWN
        assert Reason.DATASET_EXPIRED in said.reasons


def test_what_is_required_on_a_leg_that_is_only_perhaps_met_is_not_known() -> None:
    crossing = zone(
        circle(HERE, 500.0), circle(away(HERE, 90, 20_000), 5_000.0, 500.0), type=ZoneType.PROHIBITED
    )
    beside = location(away(HERE, 90, 16_000), here().heights, window())

    assert asked(here(), crossing).known is Outcome.PROHIBITED
    assert asked(beside, crossing).known is Outcome.NO_ZONE
    assert asked(beside, crossing).possible is Outcome.PROHIBITED


def test_the_sentence_names_the_zone_that_leads() -> None:
    from zones_api.domain.texts import Bilingual, sentence

    said = asked(
        here(),
        zone(square(), identifier="ASK", type=ZoneType.REQ_AUTHORIZATION),
        zone(square(), identifier="ODD", type=None),
    )

    assert said.verdict is Verdict.AUTHORIZATION_REQUIRED
    assert "ASK" in sentence(said, Bilingual("", "")).en

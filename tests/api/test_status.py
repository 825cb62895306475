"""What applies at a place, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import jsonschema
import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import NOW, flight, snapshot_from
from tests.application import application
from tests.documents import circle, collection, feature
from zones_api.api.questions import FlightQuestion, StatusQuestion
from zones_api.app import create_app
from zones_api.domain.territory import Territories
from zones_api.following import Following
from zones_api.snapshot import Snapshot, build_snapshot

INSIDE_SQUARE = {"lon": 5.3, "lat": 52.05}
NOWHERE = {"lon": 4.5, "lat": 52.4}


def test_a_prohibited_place_says_so_in_both_languages_and_names_the_zone(client: TestClient) -> None:
    said = client.get("/v1/status", params=INSIDE_SQUARE | {"max_height": 50, "reference": "AGL"}).json()

    assert said["verdict"] == "PROHIBITED"
    assert said["headline"] == {"en": "Prohibited", "nl": "Verboden"}
    assert [zone["identifier"] for zone in said["assessment"]["zones"]] == ["SQUARE"]
    assert said["assessment"]["zones"][0]["applies"] == "yes"


def test_where_no_zone_is_the_answer_is_neutral_and_says_what_it_rests_on(client: TestClient) -> None:
    said = client.get("/v1/status", params=NOWHERE).json()

    assert said["verdict"] == "NO_ZONE_FOUND"
    assert "set-0, revision 7 of 2026-11-24 11:00 UTC" in said["sentence"]["en"]
    assert said["assessment"]["complete"]
    assert said["assessment"]["not_checked"]


def test_every_answer_carries_its_revision_and_the_age_of_its_data(client: TestClient) -> None:
    response = client.get("/v1/status", params=NOWHERE)

    said = response.json()
    assert response.headers["Zones-Revision"] == "7"
    assert said["revision"] == said["assessment"]["revision"] == 7
    assert said["confirmed_age_s"] == 2.0
    ages = {"issued_age_s": 23.5 * 86_400, "received_age_s": 3600.0, "checked_age_s": None}
    assert said["data"] == [{"data_set": "set-0", **ages, "feed": None}]


def test_a_document_without_a_date_has_no_age(territories, client: TestClient, following: Following) -> None:
    following.snapshot = snapshot_from(territories, collection(feature("A")))

    said = client.get("/v1/status", params=NOWHERE).json()

    assert said["data"][0]["issued_age_s"] is None


def test_exactly_a_height_and_up_to_a_height_differ(client: TestClient) -> None:
    place = {"lon": 4.5, "lat": 52.0, "reference": "AGL"}

    below = client.get("/v1/status", params=place | {"height": 59}).json()
    at_the_limit = client.get("/v1/status", params=place | {"height": 60}).json()
    up_to = client.get("/v1/status", params=place | {"max_height": 60}).json()
    above = client.get("/v1/status", params=place | {"height": 121}).json()

    assert [said["verdict"] for said in (below, at_the_limit, up_to, above)] == [
        "NO_ZONE_FOUND",
        "CONDITIONAL",
        "CONDITIONAL",
        "NO_ZONE_FOUND",
    ]
    assert [zone["identifier"] for zone in below["assessment"]["above"]] == ["HIGH"]


def test_without_a_height_the_whole_column_is_asked_about(client: TestClient) -> None:
    said = client.get("/v1/status", params={"lon": 4.5, "lat": 52.0}).json()

    assert said["verdict"] == "CONDITIONAL"


def test_a_weekly_schedule_is_evaluated_and_says_when_it_changes(client: TestClient) -> None:
    at_noon = client.get("/v1/status", params={"lon": 5.0, "lat": 52.3}).json()
    at_night = client.get("/v1/status", params={"lon": 5.0, "lat": 52.3, "at": "2026-11-24T20:00:00Z"}).json()

    assert at_noon["verdict"] == "CONDITIONAL"
    assert at_noon["assessment"]["zones"][0]["next_change"]["utc"] == "2026-11-24T17:00:00Z"
    assert at_noon["assessment"]["zones"][0]["next_change"]["local"] == "2026-11-24T18:00:00+01:00"
    assert at_night["verdict"] == "NO_ZONE_FOUND"
    assert [zone["why"] for zone in at_night["assessment"]["not_applicable"]] == ["TIME"]
    assert at_night["assessment"]["upcoming"][0]["starts_at"]["utc"] == "2026-11-25T08:00:00Z"


def test_outside_the_covered_country_nothing_can_be_told(client: TestClient) -> None:
    said = client.get("/v1/status", params={"lon": 6.96, "lat": 50.94}).json()

    assert said["verdict"] == "UNKNOWN"
    assert [reason["code"] for reason in said["assessment"]["reasons"]] == ["OUTSIDE_COVERAGE"]


def test_a_time_can_be_asked_about_with_its_offset_even_where_the_plus_was_not_escaped(
    client: TestClient,
) -> None:
    address = "/v1/status?lon=4.5&lat=52.4&at=2026-11-24T13:00:00+01:00"

    said = client.get(address).json()

    assert said["assessment"]["question"]["from"] == "2026-11-24T12:00:00Z"


def test_the_same_question_at_the_same_revision_gives_the_same_assessment(
    client: TestClient, snapshot: Snapshot
) -> None:
    asked = INSIDE_SQUARE | {"at": "2026-11-24T12:00:00Z"}
    later = TestClient(create_app(Following(snapshot, NOW), lambda: NOW.replace(hour=18)))

    first, second = client.get("/v1/status", params=asked), later.get("/v1/status", params=asked)

    part = '"assessment":'
    assert (
        first.text.split(part)[1].split(',"revision_published_at"')[0]
        == (second.text.split(part)[1].split(',"revision_published_at"')[0])
    )
    assert first.json()["evaluated_at"] != second.json()["evaluated_at"]


def test_a_flight_check_and_a_location_query_agree(client: TestClient) -> None:
    for lon, lat in [(5.3, 52.05), (4.5, 52.0), (4.8, 52.3), (5.0, 52.3), (6.96, 50.94), (4.5, 52.4)]:
        asked = {"lon": lon, "lat": lat, "max_height": 80, "reference": "AGL"}
        body = flight(
            geometry={"type": "Point", "coordinates": [lon, lat]},
            heights={"upper": 80, "reference": "AGL"},
            window={"from": NOW.isoformat(), "to": NOW.isoformat()},
        )

        status, check = client.get("/v1/status", params=asked), client.post("/v1/flight-checks", json=body)

        assert status.json()["assessment"] == check.json()["assessment"]


def test_nothing_is_answered_before_zones_are_loaded(client: TestClient, following: Following) -> None:
    following.snapshot = None

    response = client.get("/v1/status", params=NOWHERE)

    assert response.status_code == 503
    assert response.json()["type"] == "/problems/no-snapshot"
    assert response.headers["Retry-After"] == "5"
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").json()["status"] == "alive"


def test_ready_says_which_revision_and_when_it_was_confirmed(client: TestClient) -> None:
    said = client.get("/health/ready").json()

    assert (said["revision"], said["zones"], said["confirmed_age_s"]) == (7, 4, 2.0)


@pytest.mark.parametrize(
    ("at", "verdict", "met"),
    [
        ("2025-06-24T12:00:00+02:00", "PROHIBITED", {"NATO-02", "NATO-16", "NATO-92"}),
        ("2026-11-24T12:00:00+01:00", None, set()),
    ],
)
def test_the_summit_of_june_2025_applied_on_its_days_only(
    demonstration_client: TestClient, at: str, verdict: str | None, met: set[str]
) -> None:
    asked = {"lon": 4.2835, "lat": 52.0930, "max_height": 50, "reference": "AGL", "at": at}

    said = demonstration_client.get("/v1/status", params=asked).json()

    rings = {
        zone["identifier"] for zone in said["assessment"]["zones"] if zone["identifier"].startswith("NATO")
    }
    assert rings == met
    assert verdict is None or said["verdict"] == verdict


def test_demonstration_answers_warn_that_they_are_not_for_navigation(
    demonstration_client: TestClient,
) -> None:
    said = demonstration_client.get("/v1/status", params={"lon": 5.1214, "lat": 52.0907}).json()

    assert any("Not for navigation" in warning["text"] for warning in said["warnings"])


def test_an_empty_register_says_that_no_zones_are_loaded(
    client: TestClient, following: Following, territories: Territories
) -> None:
    following.snapshot = build_snapshot([], [], territories)

    response = client.get("/v1/status", params=NOWHERE)

    assert response.json()["verdict"] == "UNKNOWN"
    assert "no zones are loaded" in response.json()["sentence"]["en"]
    assert response.headers["Zones-Revision"] == "0"


def test_the_bare_address_says_what_this_is_and_every_address_it_names_answers(client: TestClient) -> None:
    said = client.get("/v1").json()

    assert said["name"] == "zones-api"
    assert all(client.get(said[name]).status_code == 200 for name in ("openapi", "try_this", "ready"))


def test_a_place_may_be_asked_in_a_body_and_gets_the_same_answer(client: TestClient) -> None:
    asked = {
        "lon": 5.3,
        "lat": 52.05,
        "max_height": 50,
        "reference": "AGL",
        "at": "2026-11-24T12:00:00Z",
        "vlos": True,
    }

    by_address, by_body = client.get("/v1/status", params=asked), client.post("/v1/status", json=asked)

    assert by_body.status_code == 200
    assert by_body.json() == by_address.json()


def test_old_data_only_worsens_the_verdict_and_leaves_the_assessment_as_it_is(following: Following) -> None:
    fresh, stale = (
        TestClient(create_app(following, lambda: NOW, stale_after=limit))
        for limit in (None, timedelta(days=20))
    )
    nothing, prohibited = {"lon": 4.5, "lat": 52.4}, {"lon": 5.3, "lat": 52.05}

    before, after = (client.get("/v1/status", params=nothing).json() for client in (fresh, stale))
    known = stale.get("/v1/status", params=prohibited).json()

    assert (before["verdict"], before["stale"]) == ("NO_ZONE_FOUND", [])
    assert (after["verdict"], after["stale"]) == ("UNKNOWN", ["set-0"])
    assert "older than this service accepts" in after["sentence"]["en"]
    assert after["assessment"] == before["assessment"]
    assert known["verdict"] == "PROHIBITED"


def test_a_question_that_takes_too_long_is_a_problem_and_not_a_hang(following: Following) -> None:
    client = TestClient(create_app(following, lambda: NOW, question_limit_s=-1.0))

    refused = client.get("/v1/status", params={"lon": 5.3, "lat": 52.05})

    assert refused.status_code == 413
    assert refused.json()["type"] == "/problems/input-too-large"
    assert client.get("/health/live").status_code == 200


def test_the_examples_of_both_questions_are_true() -> None:
    document = create_app(Following()).openapi()
    schemas = document["components"]["schemas"]

    for name in ("StatusQuestion", "FlightQuestion"):
        examples = schemas[name]["examples"]
        assert examples
        for example in examples:
            jsonschema.validate(
                example, {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
            )
            model = StatusQuestion if name == "StatusQuestion" else FlightQuestion
            assert model.model_validate(example)


def test_a_place_known_to_some_metres_is_answered_for_all_of_them(client: TestClient) -> None:
    asked = INSIDE_SQUARE | {"max_height": 50, "reference": "AGL"}
    point = client.post("/v1/status", json=asked).json()
    inside = client.post("/v1/status", json=asked | {"uncertainty_m": 200}).json()
    beyond = client.post("/v1/status", json=asked | {"uncertainty_m": 9_000}).json()

    assert "around" not in point
    assert inside["assessment"] == point["assessment"]
    assert (inside["around"]["uniform"], inside["around"]["everywhere"]) == (True, "PROHIBITED")
    assert inside["around"]["sentence"]["nl"] == "Overal binnen 200 m: Verboden."
    assert {"country": "NLD", "identifier": "SQUARE", "everywhere": True} in inside["around"]["zones"]
    assert beyond["around"]["uniform"] is False
    assert beyond["around"]["everywhere"] is None
    assert beyond["around"]["somewhere"]["verdict"] == "PROHIBITED"
    assert beyond["around"]["somewhere"]["assessment"]["question"]["buffer_m"] == 9_000
    assert beyond["around"]["sentence"]["en"].startswith("It depends on the place within 9000 m: Prohibited")


def test_around_a_place_nothing_is_uniform_on_stale_data(
    territories: Territories, following: Following
) -> None:
    stale = create_app(following, now=lambda: NOW, stale_after=timedelta(days=1))
    with TestClient(stale) as client:
        said = client.get("/v1/status", params=NOWHERE | {"uncertainty_m": 100}).json()

    assert said["verdict"] == said["around"]["somewhere"]["verdict"] == "UNKNOWN"
    assert said["around"]["uniform"] is None
    assert said["around"]["everywhere"] is None


@pytest.mark.parametrize("metres", [0, -5, 10_001, "far"])
def test_an_uncertainty_out_of_range_is_refused(client: TestClient, metres: object) -> None:
    refused = client.post("/v1/status", json=NOWHERE | {"uncertainty_m": metres})

    assert refused.status_code in (400, 422)
    assert refused.json()["errors"][0]["pointer"] == "/uncertainty_m"


def test_the_sentence_names_the_data_sets_of_the_zones_it_names_else_those_that_cover_the_place(
    territories: Territories,
) -> None:
    whole, office = collection(feature("FAR", geometry=circle(6.0, 52.0, 1000))), collection(feature("NEAR"))
    read = snapshot_from(territories, whole, office)
    # Nobody vouches for what the second one does not list.
    data_sets = [read.data_sets[0], replace(read.data_sets[1], countries=frozenset())]
    following = Following(build_snapshot(read.zones, data_sets, territories, 7, read.published_at), NOW)

    with TestClient(application(following, lambda: NOW)) as client:
        prohibited, free = (
            client.get("/v1/status", params=place).json()["sentence"] for place in (INSIDE_SQUARE, NOWHERE)
        )

    for language in ("en", "nl"):
        assert "NLD NEAR" in prohibited[language]
        assert "(in set-1, " in prohibited[language]
        assert "(in set-0, " in free[language]

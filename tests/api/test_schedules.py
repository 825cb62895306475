"""When a zone with these times is in force next: the decision's own reading, told in order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.application import application
from zones_api.api import schedules
from zones_api.domain.applicability import Window, timeline
from zones_api.following import Following
from zones_api.formats.members import Found, periods

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday, 13:00 in the Netherlands."""
HERE = [4.8, 52.3]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(application(Following(), lambda: NOW), raise_server_exceptions=False) as client:
        yield client


def asked(client: TestClient, *periods: Any, **more: Any) -> dict[str, Any]:
    body = {"limitedApplicability": periods, "country": "NLD", "position": HERE} | more
    response = client.post("/v1/schedules/activations", json=body)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def refused(client: TestClient, **body: Any) -> tuple[int, str, str]:
    response = client.post("/v1/schedules/activations", json={"country": "NLD"} | body)
    assert response.headers["content-type"] == "application/problem+json", response.text
    (first, *_) = response.json()["errors"] or [{"pointer": "", "detail": response.json()["detail"]}]
    return response.status_code, first["pointer"], first["detail"]


def spans(said: dict[str, Any]) -> list[tuple[str | None, str | None]]:
    return [
        (each["from"] and each["from"]["utc"][:16], each["to"] and each["to"]["utc"][:16])
        for each in said["activations"]
    ]


def weekly(*days: str, start: str = "08:00:00Z", end: str = "16:00:00Z", **dates: str) -> dict[str, Any]:
    return {"schedule": [{"day": list(days), "startTime": start, "endTime": end}], **dates}


def test_the_next_ten_times_are_told_in_civil_time_and_in_utc(client: TestClient) -> None:
    said = asked(client, weekly("MON", "WED"))

    assert len(said["activations"]) == 10
    assert spans(said)[:3] == [
        (None, "2026-11-25T16:00"),
        ("2026-11-30T08:00", "2026-11-30T16:00"),
        ("2026-12-02T08:00", "2026-12-02T16:00"),
    ]
    assert said["activations"][1]["from"]["local"] == "2026-11-30T09:00:00+01:00"
    assert said["activations"][1]["from"]["time_zone"] == "Europe/Amsterdam"
    assert not said["is_always"]
    assert not said["is_never"]


def test_days_that_touch_are_one_activation(client: TestClient) -> None:
    said = asked(client, weekly("MON", "TUE", "WED", start="00:00:00Z", end="00:00:00Z"))

    assert spans(said)[:2] == [(None, "2026-11-26T00:00"), ("2026-11-30T00:00", "2026-12-03T00:00")]


def test_without_times_a_zone_is_always_in_force(client: TestClient) -> None:
    said = asked(client)

    assert (said["is_always"], spans(said)) == (True, [(None, None)])
    assert said["looked_until"] is not None


def test_a_schedule_outside_its_own_dates_is_never_in_force(client: TestClient) -> None:
    weekend = weekly("SAT", startDateTime="2026-11-30T00:00:00Z", endDateTime="2026-12-04T12:00:00Z")

    said = asked(client, weekend)

    assert (said["is_never"], said["activations"], said["looked_until"]) == (True, [], None)


def test_what_ended_is_never_in_force_again(client: TestClient) -> None:
    said = asked(client, {"endDateTime": "2026-11-25T11:59:00Z"})

    assert said["is_never"]


def test_the_time_that_the_register_gives_it_bounds_it(client: TestClient) -> None:
    valid = {"from": "2026-12-01T00:00:00+01:00", "to": "2026-12-03T10:00:00Z"}

    said = asked(client, weekly("WED", "THU"), valid=valid)

    assert spans(said) == [("2026-12-02T08:00", "2026-12-02T16:00"), ("2026-12-03T08:00", "2026-12-03T10:00")]
    assert said["looked_until"] is None


def test_a_day_between_two_periods_is_left_out_and_a_far_one_is_found(client: TestClient) -> None:
    first = weekly("WED", startDateTime="2026-11-26T00:00:00Z", endDateTime="2026-12-02T00:00:00Z")
    second = weekly("WED", startDateTime="2026-12-03T00:00:00Z", endDateTime="2026-12-10T00:00:00Z")
    far = {"startDateTime": "2033-05-01T10:00:00Z", "endDateTime": "2033-05-01T12:00:00Z"}

    said = asked(client, first, second, far)

    assert spans(said) == [("2026-12-09T08:00", "2026-12-09T16:00"), ("2033-05-01T10:00", "2033-05-01T12:00")]


def test_sunrise_is_that_of_the_place(client: TestClient) -> None:
    daylight = {"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}

    there = asked(client, daylight, position=[20.0, 52.3])
    here = asked(client, daylight)

    first, second = (datetime.fromisoformat(each["activations"][1]["from"]["utc"]) for each in (there, here))
    assert second - first == pytest.approx(timedelta(hours=15.2 / 15), abs=timedelta(minutes=1))


def test_in_polar_night_the_next_day_is_months_away(client: TestClient) -> None:
    daylight = {"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}

    said = asked(client, daylight, position=[18.0, 79.0])

    assert said["activations"][0]["from"]["utc"].startswith("2027-02")


def test_what_cannot_be_told_says_why(client: TestClient) -> None:
    said = asked(client, weekly("WED", start="08:00", end="16:00"))

    assert not said["activations"][0]["certain"]
    assert [reason["code"] for reason in said["activations"][0]["reasons"]] == ["NAIVE_TIME"]
    said = asked(client, weekly("WED", start="in the morning"))
    assert said["doubts"][0]["pointer"] == "/limitedApplicability/0/schedule/0/startTime"
    assert said["activations"][0]["reasons"][0]["code"] == "SCHEDULE_NOT_READABLE"


def test_each_activation_is_what_the_decision_says_of_its_edges(client: TestClient) -> None:
    evening = {"schedule": [{"day": ["FRI"], "startEvent": "SS", "endTime": "23:30:00Z"}]}
    said = asked(client, evening)

    read = periods([evening], Found(), "", has_permanent=False)
    for each in said["activations"]:
        start, end = (datetime.fromisoformat(each[edge]["utc"]) for edge in ("from", "to"))
        around = Window(start - timedelta(hours=1), end + timedelta(hours=1))
        assert timeline(read, around, (*HERE, *HERE)).certain == ((start, end),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"limitedApplicability": [{"schedule": [{"day": ["ANY"], "startEvent": "SR"}]}]}, 422, "/position"),
        ({"limitedApplicability": [{}] * (schedules.MAX_PERIODS + 1)}, 413, "/limitedApplicability"),
        (
            {"limitedApplicability": [{"schedule": [{"day": ["MON"]}] * (schedules.MAX_ENTRIES + 1)}]},
            413,
            "",
        ),
        ({"most": schedules.MAX_ACTIVATIONS + 1}, 400, "/most"),
        ({"at": "2026-12-01T12:00:00"}, 400, "/at"),
        ({"valid": {"from": "yesterday"}}, 400, "/valid/from"),
        ({"when": 1}, 400, "/when"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_pointer(
    client: TestClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    assert refused(client, **body)[:2] == (status, pointer)

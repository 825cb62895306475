"""What publishing a draft would change, before it does."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from tests.authority import COVERAGE, NOW, Bench, asserting, withdrawing
from tests.documents import circle


def flight(lon: float, lat: float) -> dict[str, Any]:
    """Return a flight over one place, to 50 m, in an hour."""
    at = (NOW + timedelta(hours=1)).isoformat()
    return {
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "heights": {"upper": 50, "reference": "AGL"},
        "window": {"from": at, "to": at},
    }


def preview(bench: Bench, draft: dict[str, Any], *flights: dict[str, Any]) -> dict[str, Any]:
    said = bench.call("gijs", "POST", f"/v1/drafts/{draft['id']}/impact", {"flights": list(flights)})
    assert said.status_code == 200, said.text
    return dict(said.json())


def test_a_larger_zone_says_which_area_it_adds_and_which_flights_it_stops(bench: Bench) -> None:
    bench.published(
        coverage=COVERAGE, items=[asserting("T1", 1000), asserting("T2", 500, type="CONDITIONAL")]
    )
    draft = bench.draft(items=[asserting("T1", 2000)])
    inside, between, outside = flight(4.8, 52.3), flight(4.82, 52.3), flight(5.0, 52.5)

    said = preview(bench, draft, inside, between, outside)

    assert said["added"]["km2"] == pytest.approx(math.pi * 3, rel=0.01)
    assert said["removed"]["km2"] == 0
    assert [(f["before"], f["after"], f["after_is"]) for f in said["flights"]] == [
        ("PROHIBITED", "PROHIBITED", "SAME"),
        ("NO_ZONE_FOUND", "PROHIBITED", "STRICTER"),
        ("NO_ZONE_FOUND", "NO_ZONE_FOUND", "SAME"),
    ]
    assert said["counts"] == {"STRICTER": 1, "MILDER": 0, "SAME": 2, "CANNOT_TELL": 0}
    (item,) = said["items"]
    assert [(o["identifier"], o["drafted_is"]) for o in item["overlaps"]] == [("T2", "STRICTER")]
    assert item["overlaps"][0]["area"]["km2"] == pytest.approx(math.pi / 4, rel=0.01)


def test_the_preview_says_what_publishing_then_does(bench: Bench) -> None:
    bench.published(coverage=COVERAGE)
    draft = bench.draft(items=[withdrawing(), asserting("T9", geometry=circle(5.0, 52.5, 1000))])
    flights = [flight(4.8, 52.3), flight(5.0, 52.5), flight(4.6, 52.6)]
    foreseen = [each["after"] for each in preview(bench, draft, *flights)["flights"]]

    bench.approved(draft, "bram", "evert")
    assert bench.step("cees", draft, "publication").status_code == 201
    bench.follow()

    assert foreseen == ["NO_ZONE_FOUND", "PROHIBITED", "NO_ZONE_FOUND"]
    assert [
        bench.client.post("/v1/flight-checks", json=each).json()["verdict"] for each in flights
    ] == foreseen


def test_a_first_coverage_turns_cannot_tell_into_an_answer(bench: Bench) -> None:
    draft = bench.draft(coverage=COVERAGE)

    (said,) = preview(bench, draft, flight(5.0, 52.5))["flights"]

    assert (said["before"], said["after"]) == ("UNKNOWN", "NO_ZONE_FOUND")


def test_a_draft_that_cannot_be_read_has_no_preview(bench: Bench) -> None:
    draft = bench.draft(items=[])

    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/impact", {})

    assert said.status_code == 422
    assert [e["code"] for e in said.json()["errors"]] == ["ITEMS_MISSING"]


def test_too_many_flights_are_too_much(bench: Bench) -> None:
    draft = bench.draft()

    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/impact", {"flights": [flight(5, 52)] * 101})

    assert said.status_code == 413

"""Checking a planned flight, over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from tests.api.conftest import flight


def check(client: TestClient, **changes: Any) -> dict[str, Any]:
    response = client.post("/v1/flight-checks", json=flight(**changes))
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def line(*positions: list[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def test_a_flight_away_from_every_zone_finds_none(client: TestClient) -> None:
    assert check(client)["verdict"] == "NO_ZONE_FOUND"


def test_a_leg_between_two_waypoints_outside_counts(client: TestClient) -> None:
    said = check(client, geometry=line([5.15, 52.05], [5.45, 52.05]))

    assert said["assessment"]["known"] == "PROHIBITED"


def test_the_answer_names_the_legs_each_zone_is_met_on(client: TestClient) -> None:
    said = check(client, geometry=line([5.5, 52.4], [5.3, 52.2], [5.3, 52.05], [5.35, 52.05], [5.5, 52.2]))

    assert said["assessment"]["zones"][0]["legs"] == [1, 2, 3]


def test_a_flight_takes_off_and_lands_unless_it_has_a_floor(client: TestClient) -> None:
    across = line([5.25, 52.05], [5.35, 52.05])

    grounded = check(client, geometry=across, heights={"upper": 200, "reference": "AGL"})
    floored = check(client, geometry=across, heights={"lower": 121, "upper": 200, "reference": "AGL"})

    assert grounded["verdict"] == "PROHIBITED"
    assert floored["verdict"] == "NO_ZONE_FOUND"


def test_feet_are_converted(client: TestClient) -> None:
    over = line([4.5, 52.0], [4.5, 52.001])

    below = check(client, geometry=over, heights={"upper": 196, "reference": "AGL", "uom": "ft"})
    touching = check(client, geometry=over, heights={"upper": 197, "reference": "AGL", "uom": "ft"})

    assert (below["verdict"], touching["verdict"]) == ("NO_ZONE_FOUND", "CONDITIONAL")


def test_a_buffer_is_metres_on_the_ground(client: TestClient) -> None:
    north_of_square = line([5.25, 52.1009], [5.35, 52.1009])  # 100 m north of its edge

    narrow = check(client, geometry=north_of_square, buffer_m=90)
    wide = check(client, geometry=north_of_square, buffer_m=110)

    assert (narrow["verdict"], wide["verdict"]) == ("NO_ZONE_FOUND", "PROHIBITED")


def test_an_area_around_a_zone_meets_it(client: TestClient) -> None:
    ring = [[4.4, 51.9], [4.6, 51.9], [4.6, 52.1], [4.4, 52.1], [4.4, 51.9]]

    said = check(client, geometry={"type": "Polygon", "coordinates": [ring]}, heights=None)

    assert [zone["identifier"] for zone in said["assessment"]["zones"]] == ["HIGH"]


def test_heights_in_other_references_are_compared_where_bounds_of_the_ground_decide(
    client: TestClient,
) -> None:
    over = line([4.5, 52.0], [4.5, 52.001])

    low = check(client, geometry=over, heights={"upper": 40, "reference": "AMSL"})
    high = check(client, geometry=over, heights={"upper": 190, "reference": "AMSL"})

    assert low["verdict"] == "NO_ZONE_FOUND"
    assert high["verdict"] == "CONDITIONAL"


def test_heights_that_cannot_be_compared_are_unknown_not_nothing(client: TestClient) -> None:
    over = line([4.5, 52.0], [4.5, 52.001])

    said = check(client, geometry=over, heights={"upper": 100, "reference": "AMSL"})

    assert said["verdict"] == "UNKNOWN"
    assert [reason["code"] for reason in said["assessment"]["reasons"]] == ["TERRAIN_MISSING"]


def test_a_leg_that_leaves_the_covered_country_cannot_be_vouched_for(client: TestClient) -> None:
    said = check(client, geometry=line([5.0, 52.4], [7.5, 52.4]))

    assert said["verdict"] == "UNKNOWN"
    assert "OUTSIDE_COVERAGE" in [reason["code"] for reason in said["assessment"]["reasons"]]


def test_a_known_prohibition_stands_outside_coverage_too(client: TestClient) -> None:
    said = check(client, geometry=line([5.3, 52.05], [7.5, 52.4]))

    assert (said["verdict"], said["assessment"]["complete"]) == ("PROHIBITED", False)


def test_permission_needed_says_at_least_where_data_is_incomplete(client: TestClient) -> None:
    said = check(client, geometry=line([4.8, 52.3], [7.5, 52.4]))

    assert (said["verdict"], said["assessment"]["at_least"]) == ("AUTHORIZATION_REQUIRED", True)


def test_the_example_of_the_schema_is_answered(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]

    for example in schemas["FlightQuestion"]["examples"]:
        assert client.post("/v1/flight-checks", json=example).status_code == 200

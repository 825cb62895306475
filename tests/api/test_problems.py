"""Bad input: a clear problem with a pointer, at once, and the service goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import flight
from zones_api import errors
from zones_api.api import problems
from zones_api.api.bodies import MAX_BODY_BYTES
from zones_api.following import Following

PLACE = {"lon": 4.5, "lat": 52.4}
JSON = {"Content-Type": "application/json"}


def line(*positions: list[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(positions)}


def ring(*positions: list[float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(positions)]}


BODIES = {
    "latitude 95": (flight(geometry=line([4.5, 95.0], [4.6, 52.4])), 400, "/geometry/coordinates/0/1"),
    "longitude 181": (flight(geometry=line([4.5, 52.0], [181, 52.4])), 400, "/geometry/coordinates/1/0"),
    "a third coordinate": (
        flight(geometry=line([4.5, 52.0, 10], [4.6, 52.4])),
        400,
        "/geometry/coordinates/0",
    ),
    "a coordinate in words": (
        flight(geometry=line(["4", 52.0], [4.6, 52.4])),
        400,
        "/geometry/coordinates/0/0",
    ),  # type: ignore[list-item]
    "a line of one point": (flight(geometry=line([4.5, 52.0])), 400, "/geometry/coordinates"),
    "a leg of 600 km": (flight(geometry=line([4.5, 52.0], [4.5, 57.4])), 422, "/geometry/coordinates/1"),
    "another geometry": (flight(geometry={"type": "MultiPoint", "coordinates": []}), 400, "/geometry"),
    "no geometry": (flight(geometry=None), 400, "/geometry"),
    "a ring of three points": (
        flight(geometry=ring([4, 52], [4.1, 52], [4, 52])),
        400,
        "/geometry/coordinates/0",
    ),
    "an open ring": (
        flight(geometry=ring([4, 52], [4.1, 52], [4.1, 52.1], [4, 52.1])),
        422,
        "/geometry/coordinates/0/3",
    ),
    "a ring that crosses itself": (
        flight(geometry=ring([4, 52], [4.1, 52.1], [4.1, 52], [4, 52.1], [4, 52])),
        422,
        "/geometry/coordinates",
    ),
    "a time without offset": (
        flight(window={"from": "2026-11-24T12:00:00", "to": "2026-11-24T13:00:00Z"}),
        400,
        "/window/from",
    ),
    "a time that is a number": (
        flight(window={"from": 0, "to": "2026-11-24T13:00:00Z"}),
        400,
        "/window/from",
    ),
    "from after to": (
        flight(window={"from": "2026-11-24T14:00:00Z", "to": "2026-11-24T13:00:00Z"}),
        422,
        "/window/to",
    ),
    "two years": (
        flight(window={"from": "2024-11-24T14:00:00Z", "to": "2026-11-24T13:00:00Z"}),
        422,
        "/window/to",
    ),
    "no window": (flight(window=None), 400, "/window"),
    "a height without a reference": (flight(heights={"upper": 50}), 400, "/heights/reference"),
    "an unknown reference": (flight(heights={"upper": 50, "reference": "MSL"}), 400, "/heights/reference"),
    "heights upside down": (
        flight(heights={"lower": 60, "upper": 50, "reference": "AGL"}),
        422,
        "/heights/upper",
    ),
    "a buffer below zero": (flight(buffer_m=-1), 400, "/buffer_m"),
    "an unknown member": (flight(altitude=50), 400, "/altitude"),
}


@pytest.mark.parametrize(("body", "status", "pointer"), BODIES.values(), ids=BODIES.keys())
def test_a_bad_flight_is_a_problem_that_points_at_its_fault(
    client: TestClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    response = client.post("/v1/flight-checks", json=body)

    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert client.post("/v1/flight-checks", json=flight()).status_code == 200


RAW = {
    "not JSON": (b"{geometry", 400, "line 1, column 2"),
    "an empty body": (b"", 400, "not JSON"),
    "NaN": (json.dumps(flight()).replace("4.5", "NaN").encode(), 400, "NaN"),
    "Infinity": (json.dumps(flight()).replace("4.5", "-Infinity").encode(), 400, "Infinity"),
    "1e999": (json.dumps(flight()).replace("4.5", "1e999").encode(), 400, "1e999"),
    "the same member twice": (b'{"buffer_m": 1, "buffer_m": 2}', 400, "buffer_m"),
    "endless nesting": (b"[" * 100_000, 413, "deeper"),
    "not UTF-8": (b'{"a": "\xff"}', 400, "UTF-8"),
    "a list": (b"[]", 400, ""),
}


@pytest.mark.parametrize(("body", "status", "says"), RAW.values(), ids=RAW.keys())
def test_a_body_that_is_not_plain_json_is_a_problem(
    client: TestClient, body: bytes, status: int, says: str
) -> None:
    response = client.post("/v1/flight-checks", content=body, headers=JSON)

    assert response.status_code == status
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    assert says in response.json()["detail"]
    assert client.post("/v1/flight-checks", json=flight()).status_code == 200


def test_200_000_vertices_are_refused(client: TestClient) -> None:
    many = flight(geometry=line(*[[4.5, 52.4]] * 200_000))
    body = json.dumps(many, separators=(",", ":")).encode()

    response = client.post("/v1/flight-checks", content=body, headers=JSON)

    assert response.status_code == 413
    assert "/geometry/coordinates" in [error["pointer"] for error in response.json()["errors"]]


def test_a_body_over_the_limit_is_refused_before_it_is_read_whole(client: TestClient) -> None:
    sent = 0

    def chunks() -> Any:
        nonlocal sent
        for _ in range(MAX_BODY_BYTES // 1000 + 10):
            sent += 1000
            yield b" " * 1000

    response = client.post("/v1/flight-checks", content=chunks(), headers=JSON)

    assert response.status_code == 413
    assert response.json()["type"] == "/problems/input-too-large"
    assert client.get("/v1/status", params=PLACE).status_code == 200


def test_a_body_that_is_not_said_to_be_json_is_refused(client: TestClient) -> None:
    response = client.post(
        "/v1/flight-checks", content=json.dumps(flight()), headers={"Content-Type": "text/plain"}
    )

    assert response.status_code == 415
    assert "Content-Type: application/json" in response.json()["detail"]


QUERIES = {
    "latitude 95": ({"lon": 4, "lat": 95}, "/lat"),
    "not a number": ({"lon": "east", "lat": 52}, "/lon"),
    "NaN": ({"lon": "nan", "lat": 52}, "/lon"),
    "no longitude": ({"lat": 52}, "/lon"),
    "a height without a reference": (PLACE | {"height": 50}, "/reference"),
    "a reference without a height": (PLACE | {"reference": "AGL"}, "/max_height"),
    "two heights": (PLACE | {"height": 50, "max_height": 60, "reference": "AGL"}, "/max_height"),
    "a time without offset": (PLACE | {"at": "2026-11-24T12:00:00"}, "/at"),
    "not a time": (PLACE | {"at": "tomorrow"}, "/at"),
    "a misspelt parameter": (PLACE | {"hieght": 50}, "/hieght"),
}


@pytest.mark.parametrize(("query", "pointer"), QUERIES.values(), ids=QUERIES.keys())
def test_a_bad_location_is_a_problem_that_points_at_its_fault(
    client: TestClient, query: dict[str, Any], pointer: str
) -> None:
    response = client.get("/v1/status", params=query)

    assert response.status_code == 400
    assert [(error["in"], error["pointer"]) for error in response.json()["errors"]] == [("query", pointer)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", "/v1/status", 405), ("GET", "/v1/status/", 404)],
)
def test_an_address_or_method_that_does_not_exist_is_a_problem(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == problems.MEDIA_TYPE
    assert response.json()["title"]


def test_a_question_too_large_to_answer_is_a_problem(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zones_api.snapshot.MAX_LEGS_TIMES_ZONES", 1)
    many = line(*[[5.2 + i / 100, 52.05] for i in range(20)])

    response = client.post("/v1/flight-checks", json=flight(geometry=many))

    assert (response.status_code, response.json()["type"]) == (413, "/problems/input-too-large")


def test_a_fault_of_ours_says_nothing_of_its_cause(client: TestClient, following: Following) -> None:
    following.snapshot = "not a snapshot"  # type: ignore[assignment]

    response = client.get("/v1/status", params=PLACE)

    assert response.status_code == 500
    assert "snapshot" not in response.text
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_every_class_of_failure_has_its_row_in_the_table() -> None:
    def below(kind: type) -> set[type]:
        return {kind}.union(*(below(inner) for inner in kind.__subclasses__()))

    assert below(errors.ZonesError) - {errors.ZonesError} == set(problems.TABLE)


def test_types_of_problems_are_told_apart() -> None:
    assert len({slug for _, slug, _ in problems.TABLE.values()}) == len(problems.TABLE)


def test_a_plain_request_id_of_the_caller_is_taken_over(client: TestClient) -> None:
    own = client.get("/health/live", headers={"X-Request-ID": "case-2026-0042"})
    strange = client.get("/health/live", headers={"X-Request-ID": "a\tb"})

    assert own.headers["X-Request-ID"] == "case-2026-0042"
    assert strange.headers["X-Request-ID"] != "a\tb"

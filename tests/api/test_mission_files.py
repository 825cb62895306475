"""Checking a mission file, over HTTP: first what it was taken to mean, then the answer."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import NOW, flight
from zones_api.app import create_app
from zones_api.following import Following
from zones_api.formats.missions.limits import MAX_BYTES

CALL = "/v1/flight-checks/file"


def line(*positions: list[float], **properties: Any) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": list(positions)}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


AWAY = line([4.5, 52.4, 40], [4.6, 52.4, 60], name="North")
ACROSS = line([5.15, 52.05, 40], [5.45, 52.05, 60])


def send(client: TestClient, file: object, **options: Any) -> Any:
    content = file if isinstance(file, bytes) else json.dumps(file).encode()
    return client.post(CALL, files={"file": ("mission", content)}, data={"options": json.dumps(options)})


def check(client: TestClient, file: object, **options: Any) -> dict[str, Any]:
    response = send(client, file, **options)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def test_a_file_is_answered_with_what_it_was_taken_to_mean_first(client: TestClient) -> None:
    response = send(client, AWAY, reference="AGL", speed_m_s=10)
    said = response.json()

    assert list(said) == ["format", "doubts", "flights"]
    only = said["flights"][0]
    assert list(only) == ["number", "name", "interpretation", "answer"]
    assert (said["format"], only["number"], only["name"]) == ("GeoJSON", 1, "North")
    assert only["interpretation"]["points"][1] == {
        "role": "waypoint",
        "place": "feature 1, position 2",
        "position": [4.6, 52.4],
        "height": {"metres": 60.0, "reference": "AGL"},
        "height_from": "given",
        "above_ground_m": [60.0, 60.0],
        "above_sea_m": only["interpretation"]["points"][1]["above_sea_m"],
        "at": None,
        "hold_s": 0.0,
        "radius_m": 0.0,
    }
    assert only["interpretation"]["speed_m_s"] == {"value": 10.0, "from": "given"}
    assert only["interpretation"]["start"] == {"value": "2026-11-24T12:00:00Z", "from": "assumed"}
    assert only["answer"]["verdict"] == "NO_ZONE_FOUND"
    assert response.headers["Zones-Revision"] == "7"
    assert response.headers["Cache-Control"] == "no-store"


def test_heights_nobody_gives_the_reference_of_are_asked_back_and_meanwhile_all_count(
    client: TestClient,
) -> None:
    over_high = line([4.5, 52.0, 20], [4.501, 52.0, 20])

    open_, said = (
        check(client, over_high)["flights"][0],
        check(client, over_high, reference="AGL")["flights"][0],
    )

    assert open_["interpretation"]["question"]["option"] == "reference"
    assert open_["interpretation"]["question"]["code"] == "INPUT_INCOMPLETE"
    assert open_["answer"]["verdict"] == "CONDITIONAL"
    assert said["interpretation"]["question"] is None
    assert said["answer"]["verdict"] == "NO_ZONE_FOUND"


def test_the_answer_is_that_of_the_same_flight_sent_as_json(client: TestClient) -> None:
    window = {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:30:00Z"}
    heights = {"upper": 50, "reference": "AGL"}
    positions = [[5.15, 52.05], [5.45, 52.05]]

    from_file = check(client, line(*positions), heights=heights, buffer_m=25, **window)["flights"][0][
        "answer"
    ]
    sent = client.post(
        "/v1/flight-checks",
        json=flight(
            geometry={"type": "LineString", "coordinates": positions},
            heights=heights,
            buffer_m=25,
            window=window,
        ),
    ).json()

    assert from_file == sent


def test_legs_of_several_heights_say_so_and_line_up_with_the_points(client: TestClient) -> None:
    stairs = line([4.5, 52.4, 20], [4.55, 52.4, 20], [4.6, 52.4, 60])

    only = check(client, stairs, reference="AGL")["flights"][0]

    legs = only["answer"]["assessment"]["question"]["legs"]
    assert [leg["heights"]["upper"]["metres"] for leg in legs] == [20.0, 60.0]
    assert only["interpretation"]["legs"] == [[0, 1], [1, 2]]


def test_every_flight_of_a_file_has_its_own_answer(client: TestClient) -> None:
    both = {"type": "FeatureCollection", "features": [AWAY, ACROSS]}

    every = check(client, both, reference="AGL")["flights"]
    second = check(client, both, reference="AGL", flight=2)["flights"]

    assert [(each["number"], each["answer"]["verdict"]) for each in every] == [
        (1, "NO_ZONE_FOUND"),
        (2, "PROHIBITED"),
    ]
    assert second == every[1:]


def test_an_area_counts_all_over(client: TestClient) -> None:
    ring = [[4.4, 51.9], [4.6, 51.9], [4.6, 52.1], [4.4, 52.1], [4.4, 51.9]]

    only = check(client, {"type": "Polygon", "coordinates": [ring]})["flights"][0]

    assert only["interpretation"]["legs"] == [None]
    assert only["interpretation"]["takeoff"]["position"] is None
    assert only["answer"]["verdict"] == "CONDITIONAL"


def test_options_may_be_a_file_too(client: TestClient) -> None:
    options = ("options.json", b'{"reference": "AGL"}', "application/json")

    response = client.post(CALL, files={"file": ("m", json.dumps(AWAY)), "options": options})

    assert response.status_code == 200
    assert response.json()["flights"][0]["interpretation"]["question"] is None


def test_a_file_alone_is_enough(client: TestClient) -> None:
    assert client.post(CALL, files={"file": ("m", json.dumps(AWAY))}).status_code == 200


@pytest.mark.parametrize(
    ("options", "status", "pointer"),
    [
        ({"speed_m_s": 0}, 400, "/speed_m_s"),
        ({"sped": 3}, 400, "/sped"),
        ({"from": "tomorrow"}, 400, "/from"),
        ({"heights": {"upper": 50}}, 400, "/heights/reference"),
        ({"heights": {"lower": 60, "upper": 50, "reference": "AGL"}}, 422, "/heights/upper"),
        ({"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T11:00:00Z"}, 422, "/to"),
        ({"flight": 2}, 422, "/flight"),
        ({"takeoff": [491.2, 52.0]}, 400, "/takeoff/0"),
    ],
)
def test_a_wrong_option_is_named(
    client: TestClient, options: dict[str, Any], status: int, pointer: str
) -> None:
    response = send(client, AWAY, **options)

    assert response.status_code == status
    assert response.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"json": AWAY}, 415, "multipart/form-data"),
        ({"files": {"mission": ("m", b"{}")}}, 400, "a part 'mission'"),
        ({"files": [("file", ("m", b"{}")), ("file", ("n", b"{}"))]}, 400, "the part file twice"),
        ({"files": {"options": ("o", b"{}")}}, 400, "no part file"),
        ({"data": {"file": "text"}, "files": {"options": ("o", b"{}")}}, 400, "with its filename"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "cannot be read"),
        (
            {"content": b"--a\r\nx", "headers": {"Content-Type": "multipart/form-data; boundary=a"}},
            400,
            "no part file",
        ),
        ({"files": {"file": ("m", b"{}"), "options": ("o", b'{"flight": 1, "flight": 2}')}}, 400, "twice"),
        ({"files": {"file": ("m", b"{}"), "options": ("o", b"{")}}, 400, "not JSON"),
        ({"files": {"file": ("m", b"\x00\xff")}}, 400, "is not known"),
        ({"files": {"file": ("m", b"")}}, 400, "empty"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_in_a_sentence(
    client: TestClient, request_: dict[str, Any], status: int, says: str
) -> None:
    response = client.post(CALL, **request_)

    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert says in response.json()["detail"]


def test_a_body_that_is_too_large_is_refused_before_it_has_all_been_read(client: TestClient) -> None:
    sent = count()

    def chunks() -> Any:
        yield b'--a\r\nContent-Disposition: form-data; name="file"; filename="m"\r\n\r\n'
        while next(sent) < 1_000:
            yield b" " * 1_000_000

    response = client.post(
        CALL, content=chunks(), headers={"Content-Type": "multipart/form-data; boundary=a"}
    )

    assert response.status_code == 413
    assert str(MAX_BYTES)[:2] in response.json()["detail"]


def test_more_flights_than_are_answered_at_once_are_asked_for_by_number(client: TestClient) -> None:
    many = {"type": "FeatureCollection", "features": [AWAY] * 21}

    refused, one = send(client, many), send(client, many, flight=21)

    assert refused.status_code == 413
    assert "by its number" in refused.json()["detail"]
    assert one.json()["flights"][0]["number"] == 21


def test_all_flights_of_a_file_share_the_time_of_one_question(following: Following) -> None:
    with TestClient(create_app(following, lambda: NOW, question_limit_s=1e-9)) as client:
        response = send(client, AWAY)

    assert response.status_code == 413
    assert "to answer" in response.json()["detail"]


def test_nothing_of_a_file_is_written_anywhere(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    padded = json.dumps(AWAY).encode() + b" " * 5_000_000

    assert send(client, padded).status_code == 200


def test_the_form_is_described_with_its_options(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"][CALL]["post"]["requestBody"]

    schema = described["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == ["file"]
    assert "speed_m_s" in schema["properties"]["options"]["properties"]

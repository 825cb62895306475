"""Published zones near a drawn shape: as published, those that overlap first, and why one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import NOW, snapshot_from
from tests.application import application
from tests.documents import circle, collection, feature
from zones_api.api import neighbours
from zones_api.domain.territory import Territories
from zones_api.following import Following

HOLED = [
    [[5.5, 52.5], [5.6, 52.5], [5.6, 52.6], [5.5, 52.6], [5.5, 52.5]],
    [[5.53, 52.53], [5.53, 52.56], [5.56, 52.56], [5.56, 52.53], [5.53, 52.53]],
]
LAYER = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
DRAWN = {
    "type": "Polygon",
    "coordinates": [[[5.4, 52.5], [5.55, 52.5], [5.55, 52.6], [5.4, 52.6], [5.4, 52.5]]],
}


@pytest.fixture
def client(territories: Territories) -> Iterator[TestClient]:
    crossing = [[[5.3, 52.5], [5.4, 52.6], [5.4, 52.5], [5.3, 52.6], [5.3, 52.5]]]
    snapshot = snapshot_from(
        territories,
        collection(
            feature("HOLED", geometry={"type": "Polygon", "coordinates": HOLED, "layer": LAYER}),
            feature("ROUND", geometry=circle(5.45, 52.62, 1000)),
            feature("CROSSED", geometry={"type": "Polygon", "coordinates": crossing, "layer": LAYER}),
            feature("FAR", geometry=circle(4.5, 52.0, 1000)),
        ),
    )
    following = Following(snapshot, NOW - timedelta(seconds=2))
    with TestClient(application(following, lambda: NOW), raise_server_exceptions=False) as client:
        yield client


def near(client: TestClient, **asked: Any) -> dict[str, Any]:
    response = client.post("/v1/geometry-tools/neighbours", json={"shapes": [DRAWN]} | asked)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def test_zones_nearby_are_shapes_as_published_and_those_that_overlap_come_first(client: TestClient) -> None:
    said = near(client, within=5, uom="km")

    holed, round_, crossed = said["zones"]
    assert (said["revision"], said["left_off"]) == (7, 0)
    assert (holed["identifier"], holed["shapes"]) == ("HOLED", [{"type": "Polygon", "coordinates": HOLED}])
    assert holed["area_km2"] > holed["overlap_km2"] > 0
    assert round_["shapes"] == [
        {"type": "Point", "coordinates": [5.45, 52.62], "extent": {"subType": "Circle", "radius": 1000.0}}
    ]
    assert round_["overlap_km2"] == 0
    assert (crossed["identifier"], crossed["shapes"]) == ("CROSSED", [])
    assert "cross" in crossed["unusable"]


def test_what_is_listed_can_be_put_together_with_what_was_drawn(client: TestClient) -> None:
    (holed, *_) = near(client, within=5, uom="km")["zones"]

    body = {"operation": "union", "shapes": [DRAWN, *holed["shapes"]]}
    said = client.post("/v1/geometry-tools/combine", json=body).json()

    assert said["area_km2"] == pytest.approx(said["area_before_km2"], abs=1e-6)
    assert said["geometry"]["type"] == "Polygon"


def test_nothing_near_is_an_empty_list_with_its_revision(client: TestClient) -> None:
    island = {"type": "Point", "coordinates": [2.0, 55.0], "extent": {"subType": "Circle", "radius": 500}}

    assert near(client, shapes=[island], within=1) == {"revision": 7, "zones": [], "left_off": 0}


def test_of_many_the_nearest_are_listed_and_the_others_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "MOST_NEIGHBOURS", 1)

    said = near(client, within=5, uom="km")

    assert [each["identifier"] for each in said["zones"]] == ["HOLED"]
    assert said["left_off"] == 2

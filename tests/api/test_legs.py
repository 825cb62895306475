"""The verdict of each leg on the wire, and the ground along it where a terrain model is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from tests.api.conftest import NOW
from zones_api.app import create_app
from zones_api.domain.altitude import Interval
from zones_api.following import Following
from zones_api.snapshot import Snapshot

OVER_THE_SQUARE = [[5.2, 52.05], [5.45, 52.05], [5.75, 52.05]]


def check(snapshot: Snapshot, coordinates: Any, stale_after: timedelta | None = None) -> dict[str, Any]:
    app = create_app(Following(snapshot, NOW), lambda: NOW, stale_after=stale_after)
    window = {"from": NOW.isoformat(), "to": (NOW + timedelta(hours=1)).isoformat()}
    kind = "LineString" if isinstance(coordinates[0], list) else "Point"
    body = {"geometry": {"type": kind, "coordinates": coordinates}, "window": window, "buffer_m": 10}
    said = TestClient(app).post("/v1/flight-checks", json=body)
    assert said.status_code == 200, said.text
    return dict(said.json())


def test_each_leg_has_its_own_verdict_in_the_order_of_the_question(snapshot: Snapshot) -> None:
    said = check(snapshot, OVER_THE_SQUARE)

    assert len(said["legs"]) == len(said["assessment"]["question"]["legs"]) == 2
    met = {leg for zone in said["assessment"]["zones"] for leg in zone["legs"]}
    assert [(each["leg"], each["verdict"]) for each in said["legs"]] == [
        (leg, "PROHIBITED" if leg in met else "NO_ZONE_FOUND") for leg in (0, 1)
    ]
    assert met == {0}


def test_where_data_is_stale_no_leg_is_mild(snapshot: Snapshot) -> None:
    said = check(snapshot, OVER_THE_SQUARE, stale_after=timedelta(minutes=1))

    assert [each["verdict"] for each in said["legs"]] == ["PROHIBITED", "UNKNOWN"]


def test_without_a_terrain_model_no_ground_is_said(snapshot: Snapshot) -> None:
    assert check(snapshot, OVER_THE_SQUARE)["ground"] is None


def test_with_one_the_ground_along_each_leg_is_and_none_for_a_place(snapshot: Snapshot) -> None:
    territories = replace(snapshot.territories, terrain=lambda _: Interval(3.0, 9.0))
    hilly = replace(snapshot, territories=territories)

    first, second = check(hilly, OVER_THE_SQUARE)["ground"]

    assert first[0] == {"distance_m": 0.0, "elevation_m": [3.0, 9.0]}
    assert second[-1]["distance_m"] > 20_000
    assert check(hilly, [5.2, 52.1])["ground"] is None

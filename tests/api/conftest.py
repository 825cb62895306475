"""A client of the application over a few zones, at a fixed moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.application import application
from tests.documents import circle, collection, feature
from zones_api.domain.territory import Territories
from zones_api.following import Following
from zones_api.formats.document import read_document
from zones_api.snapshot import Snapshot, build_snapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def snapshot_from(territories: Territories, *documents: bytes) -> Snapshot:
    """Return a snapshot of documents as if revision 7 had taken them."""
    read = {f"set-{number}": read_document(data) for number, data in enumerate(documents)}
    zones = [zone for key, document in read.items() for zone in document.published_as(key)]
    data_sets = [document.data_set(key, NOW - timedelta(hours=1), 7) for key, document in read.items()]
    return build_snapshot(zones, data_sets, territories, 7, NOW - timedelta(hours=1))


@pytest.fixture
def snapshot(territories: Territories) -> Snapshot:
    """A prohibited square, a conditional circle above 60 m permission needed, and a zone with a schedule, all inland."""
    high = circle(4.5, 52.0, 1000)
    high["layer"] |= {"lower": 60}
    scheduled = [{"schedule": [{"day": ["ANY"], "startTime": "08:00Z", "endTime": "17:00Z"}]}]
    return snapshot_from(
        territories,
        collection(
            feature("SQUARE"),
            feature("HIGH", type="CONDITIONAL", geometry=high),
            feature("ASK", type="REQ_AUTHORIZATION", geometry=circle(4.8, 52.3, 1000)),
            feature(
                "OFFICE", type="CONDITIONAL", geometry=circle(5.0, 52.3, 1000), limitedApplicability=scheduled
            ),
            issued="2026-11-01T00:00:00Z",
        ),
    )


@pytest.fixture
def following(snapshot: Snapshot) -> Following:
    return Following(snapshot, NOW - timedelta(seconds=2))


@pytest.fixture
def client(following: Following) -> Iterator[TestClient]:
    with TestClient(application(following, lambda: NOW), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def demonstration_client(territories: Territories, demonstration: Path) -> Iterator[TestClient]:
    snapshot = snapshot_from(territories, demonstration.read_bytes())
    with TestClient(application(Following(snapshot, NOW), lambda: NOW)) as client:
        yield client


def flight(**changes: Any) -> dict[str, Any]:
    """Return the body of a flight check that passes north of every zone; None takes a member away."""
    body: dict[str, Any] = {
        "geometry": {"type": "LineString", "coordinates": [[4.5, 52.4], [4.6, 52.4]]},
        "heights": {"upper": 50, "reference": "AGL"},
        "window": {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:30:00Z"},
    }
    body |= changes
    return {name: value for name, value in body.items() if value is not None}

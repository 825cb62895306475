"""The register as it was known earlier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.authority import COVERAGE, NOW, Bench, asserting
from zones_api import history
from zones_api.errors import NoSnapshot, NotFound


def kept(bench: Bench) -> history.History:
    return history.History(bench.engine, bench.territories, bench.following, bench.desk.new_id)


def publish_three(bench: Bench) -> None:
    for number in range(3):
        bench.now = NOW + timedelta(hours=number)
        bench.published(coverage=COVERAGE, items=[asserting(f"T{number}")])


@pytest.mark.parametrize(
    ("known_at", "revision", "verdict"),
    [
        (1, 1, "PROHIBITED"),
        (3, 3, "PROHIBITED"),
        ("2026-11-25T12:00:00Z", 1, "PROHIBITED"),
        ("2026-11-25T12:59:59.999999Z", 1, "PROHIBITED"),
        ("2026-11-25T14:00:00+01:00", 2, "PROHIBITED"),
        ("2026-11-25T14:00:00Z", 3, "PROHIBITED"),
        ("2026-11-25T11:59:59Z", None, "UNKNOWN"),
        ("0001-01-01T00:00:00Z", None, "UNKNOWN"),
    ],
)
def test_a_time_is_the_last_revision_published_by_then(
    bench: Bench, known_at: Any, revision: int | None, verdict: str
) -> None:
    publish_three(bench)

    said = bench.status(4.8, 52.3, at=bench.now, known_at=known_at)

    assert (said["revision"], said["verdict"]) == (revision, verdict)


@pytest.mark.parametrize(
    ("known_at", "status"),
    [(4, 404), (0, 404), (10**14, 404), ("x", 400), (-1, 400), (1.5, 400), ("2030-01-01T00:00:00Z", 422)],
)
def test_a_revision_that_is_not_there_or_not_one_is_refused(bench: Bench, known_at: Any, status: int) -> None:
    publish_three(bench)

    said = bench.client.post("/v1/status", json={"lon": 4.8, "lat": 52.3, "known_at": known_at})

    assert said.status_code == status, said.text


def test_an_address_takes_a_revision_or_a_time_too(bench: Bench) -> None:
    publish_three(bench)

    for known_at, revision in (("2", 2), ("2026-11-25T13:30:00+00:00", 2)):
        said = bench.client.get("/v1/status", params={"lon": 4.8, "lat": 52.3, "known_at": known_at}).json()
        assert said["revision"] == revision


def test_a_snapshot_of_the_past_is_kept_for_a_while(bench: Bench) -> None:
    publish_three(bench)
    past = kept(bench)

    first = past.as_known(1)

    assert past.as_known(1) is first
    assert past.as_known(NOW) is first
    assert past.as_known(3) is bench.following.snapshot
    with pytest.raises(NotFound):
        past.as_known(9)


def test_whoever_waits_too_long_for_the_past_is_told_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_three(bench)
    past = kept(bench)
    monkeypatch.setattr(history, "WAIT_S", 0.01)

    with past._compiling, pytest.raises(NoSnapshot, match="Ask again in a moment"):
        past.as_known(1)

    assert past.as_known(1).revision == 1


def test_a_zone_that_never_was_has_no_versions(bench: Bench) -> None:
    assert bench.client.get("/v1/zones/NLD/NONE/versions").status_code == 404


def test_a_version_is_had_as_its_publisher_wrote_it(bench: Bench) -> None:
    publish_three(bench)
    said = bench.client.get("/v1/zones/NLD/T1/versions").json()["versions"][-1]
    path = f"/v1/zones/NLD/T1/versions/{said['version']}"

    whole = bench.client.get(path, params={"data_set": said["data_set"]}).json()
    elsewhere = bench.client.get(path, params={"data_set": "another"})

    (feature,) = whole["features"]
    assert (whole["version"], whole["format"]) == (said["version"], "ed318")
    assert feature["properties"]["identifier"] == "T1"
    assert "extendedProperties" not in feature["properties"]
    assert (elsewhere.status_code, bench.client.get(path).status_code) == (404, 400)


def test_revisions_are_listed_page_by_page(bench: Bench) -> None:
    publish_three(bench)

    first = bench.client.get("/v1/revisions?limit=2").json()
    second = bench.client.get(first["next"]).json()

    assert [each["revision"] for each in first["revisions"] + second["revisions"]] == [3, 2, 1]
    assert second["next"] is None
    assert all(each["signature"] for each in first["revisions"])

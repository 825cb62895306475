"""A draft as pilots and the police would see it, and as each format would have it: nothing of it is published."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.authority import NOW, Bench, asserting, withdrawing


def preview(bench: Bench, draft: dict[str, Any], person: str = "bram", **asked: Any) -> dict[str, Any]:
    said = bench.call(person, "POST", f"/v1/drafts/{draft['id']}/status", {"lon": 4.8, "lat": 52.3, **asked})
    assert said.status_code == 200, said.text
    return dict(said.json())


def exported(bench: Bench, draft: dict[str, Any], name: str) -> dict[str, Any]:
    said = bench.call("bram", "GET", f"/v1/drafts/{draft['id']}/exports/{name}")
    assert said.status_code == 200, said.text
    return dict(said.json())


def zones(answer: dict[str, Any]) -> list[str]:
    return [each["identifier"] for each in answer["assessment"]["zones"]]


def test_an_answer_has_the_draft_in_it_and_the_register_does_not(bench: Bench) -> None:
    draft = bench.draft()

    said = preview(bench, draft, max_height=50, reference="AGL")

    assert zones(said) == ["T1"]
    assert said["verdict"] == "PROHIBITED"
    assert zones(bench.status(4.8, 52.3)) == []
    assert bench.client.get("/v1/revisions").json()["revisions"] == []


def test_what_the_preview_says_is_what_is_said_once_it_is_published(bench: Bench) -> None:
    bench.published(items=[asserting("T0", radius_m=3000)])
    bench.now += timedelta(hours=1)
    draft = bench.draft(items=[asserting(radius_m=500), withdrawing("T0")])
    before = preview(bench, draft, max_height=50, reference="AGL")
    bench.approved(draft, "bram", "evert")
    assert bench.step("cees", draft, "publication").status_code == 201
    bench.follow()

    after = bench.status(4.8, 52.3)

    assert zones(before) == zones(after) == ["T1"]
    assert before["verdict"] == after["verdict"]
    assert before["assessment"]["zones"] == after["assessment"]["zones"]


def test_a_time_of_its_own_is_asked_about(bench: Bench) -> None:
    tomorrow = NOW + timedelta(days=1)
    draft = bench.draft(items=[asserting(valid={"from": tomorrow.isoformat(), "to": None})])

    assert zones(preview(bench, draft)) == []
    assert zones(preview(bench, draft, at=tomorrow.isoformat())) == ["T1"]


def test_an_export_has_the_drafted_zones_alone_and_what_it_loses(bench: Bench) -> None:
    bench.published(items=[asserting("T0")])
    schedule = [{"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}]
    draft = bench.draft(items=[asserting(limitedApplicability=schedule)])

    ed318, ed269, plain = (exported(bench, draft, name) for name in ("ed318", "ed269", "geojson"))

    (feature,) = json.loads(ed318["document"])["features"]
    assert feature["properties"]["identifier"] == "T1"
    assert (ed318["zones"], ed318["losses"], ed318["digest"]) == (1, [], draft["digest"])
    assert ed318["file_name"] == f"draft-{draft['digest'][:8]}.ed318.json"
    assert [(loss["code"], loss["identifier"]) for loss in ed269["losses"]] == [
        ("METADATA_LEFT_OUT", None),
        ("DAYLIGHT_EVENT", "T1"),
    ]
    assert json.loads(plain["document"])["type"] == "FeatureCollection"


def test_a_name_that_is_made_for_a_preview_is_given_to_nobody(bench: Bench) -> None:
    from sqlalchemy import text

    draft = bench.draft(items=[asserting("TOO-LONG-A-NAME")])

    (feature,) = json.loads(exported(bench, draft, "ed318")["document"])["features"]

    assert feature["properties"]["identifier"].startswith("_")
    with bench.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM export_identifier")) == 0


@pytest.mark.parametrize(
    ("method", "step", "body"),
    [("POST", "status", {"lon": 4.8, "lat": 52.3}), ("GET", "exports/ed318", None)],
)
def test_what_cannot_be_read_is_no_preview_and_says_what_is_wrong(
    bench: Bench, method: str, step: str, body: Any
) -> None:
    draft = bench.draft(items=[asserting(country=None)])

    said = bench.call("bram", method, f"/v1/drafts/{draft['id']}/{step}", body)

    assert said.status_code == 422
    assert said.json()["errors"]


def test_what_is_over_has_no_preview_and_what_leaves_nothing_no_export(bench: Bench) -> None:
    bench.published()
    gone = bench.draft(items=[withdrawing()])
    given_up = bench.draft(items=[asserting("T2")])
    assert bench.step("anna", given_up, "abandonment").status_code == 200

    none = bench.call("bram", "GET", f"/v1/drafts/{gone['id']}/exports/ed318")
    over = bench.call("bram", "POST", f"/v1/drafts/{given_up['id']}/status", {"lon": 4.8, "lat": 52.3})

    assert (none.status_code, none.json()["detail"]) == (
        409,
        "This draft takes zones away and leaves none of them to export.",
    )
    assert (over.status_code, over.json()["detail"]) == (
        409,
        "This draft is abandoned: there is nothing to preview.",
    )


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({"known_at": 1}, 422, "/known_at"),
        ({"lat": 152}, 400, "/lat"),
        ({"max_height": 50}, 400, "/reference"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_its_pointer(
    bench: Bench, asked: dict[str, Any], status: int, pointer: str
) -> None:
    draft = bench.draft()

    said = bench.call("bram", "POST", f"/v1/drafts/{draft['id']}/status", {"lon": 4.8, "lat": 52.3, **asked})

    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (status, pointer)

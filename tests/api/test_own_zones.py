"""What an authority publishes, and drafts that change it: a change starts now, a correction when it was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.authority import NOW, Bench, asserting, withdrawing

LATER = NOW + timedelta(days=10)


def move(bench: Bench, to: datetime) -> None:
    """Let time pass; keys last a day, so everybody signs in anew."""
    bench.now = to
    bench.tokens.clear()


def amended(bench: Bench, change: str, why: str, person: str = "anna", **more: Any) -> dict[str, Any]:
    body = {
        "data_set": "caa-zones",
        "country": "NLD",
        "identifier": "T1",
        "change": change,
        "why": why,
    } | more
    said = bench.call(person, "POST", "/v1/own-zones/drafts", body)
    assert said.status_code == 201, said.text
    return dict(said.json())


def refused(bench: Bench, person: str = "anna", **changes: Any) -> tuple[int, str]:
    body = {"data_set": "caa-zones", "country": "NLD", "identifier": "T1", "change": "end", "why": "changed"}
    said = bench.call(person, "POST", "/v1/own-zones/drafts", body | changes)
    return said.status_code, said.json()["detail"]


def published(bench: Bench, draft: dict[str, Any]) -> None:
    bench.approved(draft, "bram", "evert")
    said = bench.step("cees", draft, "publication")
    assert said.status_code == 201, said.text
    bench.follow()


def edited(bench: Bench, draft: dict[str, Any], **patch: Any) -> dict[str, Any]:
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    said = bench.call("anna", "PATCH", f"/v1/drafts/{draft['id']}", patch, If_Match=etag)
    assert said.status_code == 200, said.text
    return dict(said.json())


def verdict(bench: Bench, **asked: Any) -> str:
    said = bench.status(4.8, 52.3, **asked)
    return "T1" if any(zone["identifier"] == "T1" for zone in said["assessment"]["zones"]) else "none"


def test_ones_own_zones_are_listed_with_both_ends_and_no_others(bench: Bench) -> None:
    bench.published(items=[asserting(valid={"from": None, "to": LATER.isoformat()})])
    bench.set_aside("national")

    ours = bench.call("gijs", "GET", "/v1/own-zones").json()["zones"]
    theirs = bench.call("olga", "GET", "/v1/own-zones").json()["zones"]

    assert [(each["data_set"], each["identifier"]) for each in ours] == [("caa-zones", "T1")]
    assert ours[0]["valid_from"] == NOW.isoformat().replace("+00:00", "Z")
    assert ours[0]["legal_basis"] == "Stcrt. 2026, 1234, art. 3"
    assert theirs == []


def test_what_changes_holds_from_its_publication_and_nothing_before_is_touched(bench: Bench) -> None:
    bench.published()
    move(bench, NOW + timedelta(days=2))

    draft = amended(bench, "end", "changed")

    assert draft["content"]["items"] == [withdrawing()]
    assert (draft["title"], draft["content"]["legal_reference"]) == ("End of NLD T1", "")
    published(bench, edited(bench, draft, legal_reference="Stcrt. 2026, 2"))
    assert verdict(bench) == "none"
    assert verdict(bench, at=NOW + timedelta(days=1)) == "T1"


def test_what_was_wrong_is_withdrawn_from_its_start_and_stays_known_as_it_was(bench: Bench) -> None:
    bench.published()
    move(bench, NOW + timedelta(days=2))

    draft = amended(bench, "end", "wrong")

    valid = draft["content"]["items"][0]["valid"]
    assert valid == {"from": NOW.isoformat().replace("+00:00", "Z"), "to": None}
    assert draft["content"]["legal_reference"] == "Stcrt. 2026, 1234, art. 3"
    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["hints"]
    assert "REASON_MISSING" in [hint["code"] for hint in hints]
    published(bench, edited(bench, draft, reason="It never was in the act."))
    yesterday = NOW + timedelta(days=1)
    assert verdict(bench, at=yesterday) == "none"
    assert verdict(bench, at=yesterday, known_at=1) == "T1"


def test_a_correction_begins_with_what_is_published_over_the_time_it_was_wrong(bench: Bench) -> None:
    first = asserting(radius_m=900, valid={"from": None, "to": LATER.isoformat()})
    second = asserting(radius_m=1100, valid={"from": LATER.isoformat(), "to": None})
    bench.published(items=[first, second])
    move(bench, NOW + timedelta(days=2))

    now = amended(bench, "change", "wrong", reason="The radius is 950 m.")["content"]
    later = amended(bench, "change", "changed", **{"from": (LATER + timedelta(days=1)).isoformat()})[
        "content"
    ]

    assert now["items"][0]["feature"] == first["feature"]
    assert now["items"][0]["valid"] == {
        "from": NOW.isoformat().replace("+00:00", "Z"),
        "to": LATER.isoformat().replace("+00:00", "Z"),
    }
    assert later["items"][0]["feature"] == second["feature"]
    assert later["items"][0]["valid"]["to"] is None


def test_a_zone_that_is_over_is_corrected_and_not_changed(bench: Bench) -> None:
    bench.published(items=[asserting(valid={"from": None, "to": (NOW + timedelta(hours=2)).isoformat()})])
    move(bench, LATER)

    assert refused(bench, change="change") == (
        409,
        "Nothing of zone NLD T1 applies any more: a change would be a new zone.",
    )
    draft = amended(bench, "change", "wrong")

    assert draft["content"]["items"][0]["valid"]["from"] == NOW.isoformat().replace("+00:00", "Z")


def test_the_same_amendment_twice_begins_one_draft(bench: Bench) -> None:
    bench.published()
    body = {"data_set": "caa-zones", "country": "NLD", "identifier": "T1", "change": "end", "why": "changed"}

    first = bench.call("anna", "POST", "/v1/own-zones/drafts", body, Idempotency_Key="once")
    second = bench.call("anna", "POST", "/v1/own-zones/drafts", body, Idempotency_Key="once")

    assert first.json()["id"] == second.json()["id"]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (None, 401),
        ("anna", 201),
        ("dina", 201),
        ("bram", 403),
        ("cees", 403),
        ("gijs", 403),
        ("hans", 403),
        ("pim", 403),
        ("machine", 403),
        ("olga", 403),
    ],
)
def test_a_drafter_of_the_organisation_that_publishes_it_alone_amends_a_zone(
    bench: Bench, person: str | None, status: int
) -> None:
    bench.published()
    body = {"data_set": "caa-zones", "country": "NLD", "identifier": "T1", "change": "end", "why": "changed"}

    assert bench.call(person, "POST", "/v1/own-zones/drafts", body).status_code == status


@pytest.mark.parametrize(
    ("person", "changes", "status", "why"),
    [
        ("anna", {"identifier": "T9"}, 404, "There is no zone NLD T9 in data set 'caa-zones' now."),
        ("anna", {"data_set": "elsewhere"}, 404, "There is no zone NLD T1 in data set 'elsewhere' now."),
        ("olga", {}, 403, "Zone NLD T1 is published by caa."),
        (
            "anna",
            {"data_set": "national", "identifier": "A1"},
            409,
            "'national' is mirrored from its publisher's documents: it changes by importing them.",
        ),
    ],
)
def test_what_is_not_there_or_not_ones_own_is_refused_in_a_sentence(
    bench: Bench, person: str, changes: dict[str, Any], status: int, why: str
) -> None:
    bench.set_aside("national")
    bench.published()

    assert refused(bench, person, **changes) == (status, why)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"why": "perhaps"}, "/why"),
        ({"from": "2026-12-01"}, "/from"),
        ({"data_set": "Not A Name"}, "/data_set"),
        ({"reason": "x" * 10_001}, "/reason"),
        ({"kind": 1}, "/kind"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_pointer(
    bench: Bench, changes: dict[str, Any], pointer: str
) -> None:
    body = {"data_set": "caa-zones", "country": "NLD", "identifier": "T1", "change": "end", "why": "changed"}

    said = bench.call("anna", "POST", "/v1/own-zones/drafts", body | changes)

    assert said.status_code in (400, 413)
    assert said.json()["errors"][0]["pointer"] == pointer

"""From a drawing to the law's machine-readable form, and what the police hear of it later."""

from __future__ import annotations

from datetime import timedelta

from tests.authority import COVERAGE, NOW, Bench, asserting, withdrawing

SCHIPHOL = {"lon": 4.7639, "lat": 52.31}
"""The aerodrome of the journey; its control zone here is a circle, simpler than the real one."""


def control_zone(radius_m: float, **changes: object) -> dict[str, object]:
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 300, "upperReference": "AGL", "uom": "m"}
    geometry = {
        "type": "Point",
        "coordinates": [4.7639, 52.31],
        "extent": {"subType": "Circle", "radius": radius_m},
        "layer": layer,
    }
    return asserting("CTR-TEST", geometry=geometry, **changes)  # type: ignore[arg-type]


def test_a_control_zone_is_drafted_refused_corrected_approved_published_and_answered(bench: Bench) -> None:
    draft = bench.draft(title="Control zone", coverage=COVERAGE, items=[control_zone(60_000)])
    before = bench.status(**SCHIPHOL)
    assert before["verdict"] == "UNKNOWN"

    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    assert not hints["can_be_submitted"]
    assert [(h["severity"], h["code"], h["pointer"]) for h in hints["hints"] if h["severity"] == "stop"] == [
        ("stop", "OUTSIDE_COMPETENCE", "/items/0/feature/geometry")
    ]
    assert hints["hints"][0]["place"]["type"] in ("Polygon", "MultiPolygon")
    assert bench.step("anna", draft, "submission").status_code == 422

    read = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}")
    edited = bench.call(
        "anna",
        "PATCH",
        f"/v1/drafts/{draft['id']}",
        {"items": [control_zone(15_000)]},
        If_Match=read.headers["etag"],
    )
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    draft = edited.json()
    assert bench.step("anna", draft, "submission").status_code == 200
    refused = bench.step(
        "bram", draft, "reviews", verdict="sent back", comment="The radius is 12 km in the act."
    )
    assert (refused.status_code, refused.json()["state"]) == (200, "draft")

    etag = refused.headers["etag"]
    patch = {"items": [control_zone(12_000)]}
    draft = bench.call("anna", "PATCH", f"/v1/drafts/{draft['id']}", patch, If_Match=etag).json()
    assert bench.step("anna", draft, "submission").status_code == 200
    approved = bench.step("bram", draft, "reviews", verdict="approved")
    assert (approved.json()["state"], approved.json()["reviews"][-1]["counts"]) == ("approved", True)
    published = bench.step("cees", draft, "publication")

    assert published.status_code == 201
    said = published.json()
    assert said["revision"] == 1
    assert said["sentence"]["nl"].startswith(
        "Publiceren voegt 1 zone toe (NLD CTR-TEST) in dataset caa-zones"
    )
    assert said["sentence"]["en"] == (
        "Publishing adds 1 zone (NLD CTR-TEST) in data set caa-zones, from the moment of publication until further"
        " notice, for everyone who flies there from the surface to 300 m AGL: PROHIBITED; the data set then lists every zone in 10627 km²."
    )
    bench.follow()
    bench.now += timedelta(minutes=1)
    after = bench.status(**SCHIPHOL)
    assert (after["verdict"], after["revision"]) == ("PROHIBITED", 1)
    assert after["assessment"]["zones"][0]["legal_basis"] == "Stcrt. 2026, 1234, art. 3"
    assert bench.status(4.5, 52.7)["verdict"] == "NO_ZONE_FOUND"
    assert bench.status(**SCHIPHOL, at=NOW - timedelta(hours=1))["verdict"] == "UNKNOWN"


def test_a_wrong_radius_is_corrected_back_in_time_and_the_police_hear_both_answers(bench: Bench) -> None:
    bench.published(title="Control zone", coverage=COVERAGE, items=[control_zone(5_000)])
    last_week = bench.now + timedelta(hours=1)
    bench.now += timedelta(days=7)
    place = {"lon": 4.7639, "lat": 52.38, "max_height": 50, "reference": "AGL"}
    asked = {**place, "at": last_week.isoformat(), "purpose": "an incident near the aerodrome"}
    bench.tokens.clear()

    before = bench.call("pim", "POST", "/v1/police/status", asked).json()
    assert before["as_known_then"]["verdict"] == before["as_known_now"]["verdict"] == "NO_ZONE_FOUND"
    assert (before["differ"], before["differences"]) == (False, [])

    corrected = bench.published(
        title="Control zone, corrected",
        reason="The radius was typed as 5 km; the act says 10 km.",
        items=[control_zone(10_000, valid={"from": NOW.isoformat(), "to": None})],
    )
    assert corrected["revision"] == 2
    after = bench.call("pim", "POST", "/v1/police/status", asked).json()

    assert after["as_known_then"]["assessment"] == before["as_known_then"]["assessment"]
    assert after["as_known_now"]["verdict"] == "PROHIBITED"
    assert after["differ"] is True
    assert [(d["what"], d["zone"] and d["zone"]["identifier"]) for d in after["differences"]] == [
        ("VERDICT", None),
        ("ZONE_ADDED", "CTR-TEST"),
    ]
    public = bench.status(place["lon"], place["lat"], at=last_week)
    as_known = bench.status(place["lon"], place["lat"], at=last_week, known_at=1)
    assert (public["verdict"], as_known["verdict"]) == ("PROHIBITED", "NO_ZONE_FOUND")
    assert as_known["assessment"] == before["as_known_then"]["assessment"]
    versions = bench.client.get("/v1/zones/NLD/CTR-TEST/versions").json()["versions"]
    assert [(v["known_since"], v["known_until"]) for v in versions] == [(2, None), (1, 2)]


def test_a_withdrawn_zone_applied_until_then(bench: Bench) -> None:
    bench.published(coverage=COVERAGE)
    bench.now += timedelta(hours=1)
    bench.published(title="Withdrawn", items=[withdrawing()])

    at = bench.now
    assert bench.status(4.8, 52.3, at=at)["verdict"] == "NO_ZONE_FOUND"
    assert bench.status(4.8, 52.3, at=at - timedelta.resolution)["verdict"] == "PROHIBITED"
    assert bench.status(4.8, 52.3, at=at, known_at=1)["verdict"] == "PROHIBITED"

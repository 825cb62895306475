"""A zone that was set aside, from the publisher's broken document to a decision in its place, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.authority import NOW, Bench
from tests.documents import circle, feature
from zones_api.comparison import check_database
from zones_api.proof import read_public_keys
from zones_api.store.register import reading

HERE = {"lon": 4.8, "lat": 52.3}
GOOD = feature("Q1", geometry=circle(4.8, 52.3, 1500))
BROKEN = feature("Q1", geometry=None)
OTHER = feature("A1")


def begun(bench: Bench, in_place: str, **changes: Any) -> dict[str, Any]:
    """Begin a draft that decides on Q1 in its data set, and fill in what a person has to."""
    asked = {"data_set": "national", "zone": "Q1", "in_place": in_place}
    draft = bench.call("anna", "POST", "/v1/quarantine/drafts", asked)
    assert draft.status_code == 201, draft.text
    item = draft.json()["content"]["items"][0]
    for name, value in changes.items():
        item["feature"][name] = value
    patch = {"legal_reference": "Stcrt. 2026, 77", "items": [item]}
    path = f"/v1/drafts/{draft.json()['id']}"
    edited = bench.call("anna", "PATCH", path, patch, If_Match=draft.headers["etag"])
    assert edited.status_code == 200, edited.text
    return dict(edited.json())


def decided(bench: Bench, draft: dict[str, Any]) -> dict[str, Any]:
    """Have a draft approved by two others and published."""
    bench.approved(draft, "bram", "evert")
    said = bench.step("cees", draft, "publication")
    assert said.status_code == 201, said.text
    bench.follow()
    return dict(said.json())


def verified(bench: Bench) -> tuple[str, ...]:
    with reading(bench.engine) as connection:
        return check_database(connection, read_public_keys(bench.keys.public_pem.encode())).faults


def zone_of(answer: dict[str, Any]) -> dict[str, Any]:
    (zone,) = answer["assessment"]["zones"]
    return dict(zone)


def test_a_zone_set_aside_is_mended_in_its_place_by_two_and_the_answer_says_so(bench: Bench) -> None:
    bench.imported("national", OTHER, GOOD)
    bench.now += timedelta(hours=1)
    bench.imported("national", OTHER, BROKEN)
    received_at = bench.client.get("/v1/data-sets").json()["data_sets"][0]["received_at"]
    before = bench.status(**HERE, at=NOW + timedelta(hours=5))
    assert (before["assessment"]["complete"], zone_of(before)["mended"]) == (False, None)
    assert [reason["code"] for reason in before["assessment"]["reasons"]] == ["ZONE_QUARANTINED"]

    # A drafter mends it: what is still broken is said, and nothing can be published with it.
    draft = begun(bench, "mend")
    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    assert "/items/0/feature/geometry" in {h["pointer"] for h in said["hints"] if h["severity"] == "stop"}
    draft = begun(bench, "mend", geometry=circle(4.8, 52.3, 1000))
    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    assert said["can_be_submitted"], said
    assert "in the place of NLD Q1" in said["sentence"]["en"]

    # What it would change can be seen before, and the answer to a flight there.
    bench.now += timedelta(hours=1)
    at = (NOW + timedelta(hours=5)).isoformat()
    beside = {
        "geometry": {"type": "Point", "coordinates": [4.82, 52.3]},
        "heights": {"upper": 50, "reference": "AGL"},
        "window": {"from": at, "to": at},
    }
    impact = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/impact", {"flights": [beside]}).json()
    assert impact["removed"]["km2"] > 3
    assert [(each["before"], each["after"]) for each in impact["flights"]] == [
        ("PROHIBITED", "NO_ZONE_FOUND")
    ]

    # Four eyes, as for any draft.
    assert bench.step("anna", draft, "publication").status_code == 403
    assert bench.step("cees", draft, "publication").status_code == 409
    made = decided(bench, draft)

    after = bench.status(**HERE, at=NOW + timedelta(hours=5))
    mended = zone_of(after)["mended"]
    assert (after["verdict"], after["assessment"]["complete"]) == ("PROHIBITED", True)
    assert (mended["by"], mended["revision"], mended["stands"]) == ("The caa", made["revision"], True)
    assert "Not as published" in mended["sentence"]["en"]
    assert "Niet zoals gepubliceerd" in mended["sentence"]["nl"]
    assert (zone_of(after)["legal_basis"], zone_of(after)["data_set"]) == ("Stcrt. 2026, 77", "national")
    (line,) = bench.client.get("/v1/data-sets").json()["data_sets"]
    assert (line["quarantined"], line["received_at"], line["kind"]) == (0, received_at, "mirrored")
    (listed,) = bench.client.get("/v1/quarantine").json()["zones"]
    assert (listed["identifier"], listed["decision"]["decision"]) == ("Q1", "mended")

    # As it was known before, the answer is what it was; and what applied before, applied.
    then = bench.status(**HERE, at=NOW + timedelta(hours=5), known_at=(NOW + timedelta(hours=1)).isoformat())
    assert then["assessment"] == before["assessment"]
    past = bench.status(**HERE, at=NOW)
    assert (zone_of(past)["mended"], zone_of(past)["version"]) == (None, zone_of(before)["version"])


def test_a_mended_zone_stands_until_its_publisher_changes_it_or_it_is_undone(bench: Bench) -> None:
    bench.imported("national", OTHER, GOOD)
    before = bench.status(**HERE)
    bench.imported("national", OTHER, BROKEN)
    bench.now += timedelta(hours=1)
    made = decided(bench, begun(bench, "mend", geometry=circle(4.8, 52.3, 1000)))

    # It stands in the publisher's next document while that has the zone as it was, wherever it stands in it.
    bench.imported("national", OTHER, BROKEN)
    bench.imported("national", BROKEN, feature("A2"), OTHER)
    stands = bench.status(**HERE, at=NOW + timedelta(hours=5))
    assert (stands["assessment"]["complete"], zone_of(stands)["mended"]["stands"]) == (True, True)
    assert bench.client.get("/v1/quarantine").json()["zones"][0]["pointer"] == "/features/0"

    # It is void once its publisher changes the zone: set aside again, and the mended version the last good one.
    bench.now += timedelta(hours=1)
    changed = feature("Q1", geometry=None, reason=["NOISE"])
    sent = {"type": "FeatureCollection", "features": [OTHER, feature("A2"), changed]}
    brought = bench.call("machine", "POST", "/v1/imports?data_set=national", sent).json()
    bench.follow()
    (notice,) = brought["notices"]
    assert f"NLD Q1 in revision {made['revision']} is void: it stands there otherwise" in notice
    void = bench.status(**HERE, at=bench.now + timedelta(hours=1))
    assert (void["assessment"]["complete"], zone_of(void)["mended"]["stands"]) == (False, False)
    assert bench.client.get("/v1/quarantine").json()["zones"][0]["decision"] is None

    # Mended again, and undone: what its publisher's own documents left in force comes back, with the doubt.
    decided(bench, begun(bench, "mend", geometry=circle(4.8, 52.3, 900)))
    assert bench.status(**HERE, at=bench.now + timedelta(hours=1))["assessment"]["complete"]
    bench.now += timedelta(hours=1)
    decided(bench, begun(bench, "undo"))
    undone = bench.status(**HERE, at=bench.now + timedelta(hours=1))
    assert (undone["assessment"]["complete"], zone_of(undone)["mended"]) == (False, None)
    assert zone_of(undone)["version"] == zone_of(before)["version"]
    assert bench.client.get("/v1/quarantine").json()["zones"][0]["decision"] is None

    # And once its publisher has put it right, nothing is left of it.
    bench.imported("national", OTHER, feature("A2"), feature("Q1", geometry=circle(4.8, 52.3, 1200)))
    mended_at_source = bench.status(**HERE, at=bench.now + timedelta(hours=1))
    assert (mended_at_source["assessment"]["complete"], zone_of(mended_at_source)["mended"]) == (True, None)
    assert verified(bench) == ()


def test_a_zone_that_is_decided_to_be_gone_applies_no_more_and_the_answer_says_who_decided_that(
    bench: Bench,
) -> None:
    bench.imported("national", OTHER, GOOD)
    bench.imported("national", OTHER, BROKEN)
    bench.now += timedelta(hours=1)

    made = decided(bench, begun(bench, "gone"))

    later = bench.now + timedelta(hours=1)
    answer = bench.status(**HERE, at=later)
    assert (answer["verdict"], answer["assessment"]["complete"]) == ("NO_ZONE_FOUND", True)
    (gone,) = answer["assessment"]["gone"]
    assert (gone["decision"], gone["by"], gone["revision"]) == ("gone", "The caa", made["revision"])
    assert "gone" in gone["sentence"]["en"]
    assert bench.status(lon=5.3, lat=52.05, at=later)["assessment"]["gone"] == []
    assert zone_of(bench.status(**HERE, at=NOW))["identifier"] == "Q1"
    losses = bench.client.get("/v1/publications/ed318/losses").json()["losses"]
    assert "ZONE_DECIDED_GONE" in {loss["code"] for loss in losses}

    decided(bench, begun(bench, "undo"))

    undone = bench.status(**HERE, at=later)
    assert (undone["verdict"], undone["assessment"]["complete"]) == ("PROHIBITED", False)
    assert undone["assessment"]["gone"] == []
    assert verified(bench) == ()

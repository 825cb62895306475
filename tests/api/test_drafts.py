"""The life of a draft over HTTP: what is refused, and what a repetition does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from tests.authority import COVERAGE, NOW, Bench, asserting, competence, content, withdrawing
from tests.documents import circle
from zones_api.domain.competence import Mode
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.zone import ZoneType
from zones_api.store import people
from zones_api.store.register import writing


def refusals(bench: Bench) -> list[tuple[str, str]]:
    """Return who was refused what, the oldest first."""
    with bench.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT p.key, r.what FROM refusal r JOIN person p ON p.id = r.person_id ORDER BY r.id")
        )
        return [(row.key, row.what) for row in rows]


def stops(bench: Bench, draft: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the hints that keep a draft from being submitted."""
    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    return [hint for hint in said["hints"] if hint["severity"] == "stop"]


def revisions(bench: Bench) -> int:
    return len(bench.client.get("/v1/revisions").json()["revisions"])


def test_nobody_approves_what_they_wrote_a_part_of(bench: Bench) -> None:
    draft = bench.draft("dina")
    etag = bench.call("dina", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    draft = bench.call(
        "anna", "PATCH", f"/v1/drafts/{draft['id']}", {"title": "Anna's"}, If_Match=etag
    ).json()
    assert bench.step("anna", draft, "submission").status_code == 200

    said = bench.step("dina", draft, "reviews", verdict="approved")

    assert (said.status_code, said.json()["detail"]) == (
        403,
        "You wrote a part of this draft: somebody else must approve it.",
    )
    assert refusals(bench) == [("dina", "approve")]


def test_a_version_that_was_sent_back_can_be_read_beside_the_present_one(bench: Bench) -> None:
    draft = bench.draft("dina")
    first = draft["title"]
    bench.step("dina", draft, "submission")
    bench.step("bram", draft, "reviews", verdict="sent back", comment="Another title.")
    path = f"/v1/drafts/{draft['id']}"
    etag = bench.call("dina", "GET", path).headers["etag"]
    bench.call("dina", "PATCH", path, {"title": "Another"}, If_Match=etag)

    def titles(person: str) -> list[str]:
        said = [bench.call(person, "GET", f"{path}/versions/{n}").json() for n in (1, 2)]
        assert [each["version"] for each in said] == [1, 2]
        return [each["content"]["title"] for each in said]

    assert titles("bram") == titles("dina") == [first, "Another"]
    missing = bench.call("bram", "GET", f"{path}/versions/3")
    assert (missing.status_code, missing.json()["detail"]) == (
        404,
        "This draft has no version 3; the last one is 2.",
    )
    assert bench.call("bram", "GET", f"{path}/versions/0").status_code == 400


def test_what_stops_a_draft_is_said_in_both_languages(bench: Bench) -> None:
    week = [{"day": ["MON"], "startTime": "08:00:00Z", "endTime": "16:00:00Z"}]
    valid = {"from": "2030-01-01T00:00:00Z", "to": "2029-01-01T00:00:00Z"}
    items = [asserting(valid=valid, type="FORBIDDEN", limitedApplicability=[{"schedule": week}])]
    draft = bench.draft("dina", items=items, legal_reference="")

    said = bench.call("dina", "POST", f"/v1/drafts/{draft['id']}/validation").json()["hints"]

    assert all(hint["dutch"] for hint in said)
    assert {
        "Dit ontbreekt: het moet een tekst zijn die niet leeg is.",
        "Dit eindigt voordat het begint.",
        "De beperking van de zone is een onbekend woord: 'FORBIDDEN'.",
        "De weektijden van de zone staan vast in UTC, in een land met zomertijd: lokaal verschuiven zij een uur.",
    } <= {hint["dutch"] for hint in said}


def test_a_second_account_of_a_person_is_the_same_person(bench: Bench) -> None:
    draft = bench.draft("dina")
    bench.tokens["second account"] = bench.sign_in("dina")
    assert bench.step("dina", draft, "submission").status_code == 200

    said = bench.step("second account", draft, "reviews", verdict="approved")

    assert said.status_code == 403
    assert refusals(bench) == [("dina", "approve")]


def test_a_draft_that_somebody_called_approved_by_hand_is_not_published(bench: Bench) -> None:
    draft = bench.draft()
    with bench.owner.begin() as connection:
        connection.execute(text("UPDATE draft SET state = 'approved'"))

    said = bench.step("cees", draft, "publication")

    assert (said.status_code, said.json()["detail"]) == (409, "No approval of this version counts.")


def test_an_edit_takes_approvals_away(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    items = {"items": [asserting(), asserting("T2")]}
    edited = bench.call("anna", "PATCH", f"/v1/drafts/{draft['id']}", items, If_Match=etag).json()
    assert (edited["state"], [r["counts"] for r in edited["reviews"]]) == ("draft", [False])

    assert bench.step("cees", draft, "publication").status_code == 409
    assert bench.step("anna", edited, "submission").status_code == 200
    assert bench.step("cees", edited, "publication").status_code == 409
    assert revisions(bench) == 0
    assert refusals(bench) == [("cees", "publish"), ("cees", "publish")]


def test_an_approver_who_adds_to_an_approved_draft_is_an_author_from_then_on(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft, "dina")
    etag = bench.call("dina", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    items = {"items": [asserting(), asserting("T2")]}
    edited = bench.call("dina", "PATCH", f"/v1/drafts/{draft['id']}", items, If_Match=etag).json()
    assert bench.step("anna", edited, "submission").status_code == 200

    assert bench.step("dina", edited, "reviews", verdict="approved").status_code == 403
    assert refusals(bench) == [("dina", "approve")]


def test_an_approval_is_not_replayed_on_other_content(bench: Bench) -> None:
    draft = bench.draft()
    assert bench.step("anna", draft, "submission").status_code == 200
    approval = {"digest": draft["digest"], "verdict": "approved"}
    path = f"/v1/drafts/{draft['id']}/reviews"
    assert bench.call("bram", "POST", path, approval, Idempotency_Key="once").status_code == 200
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    edited = bench.call(
        "anna", "PATCH", f"/v1/drafts/{draft['id']}", {"title": "Other"}, If_Match=etag
    ).json()
    assert bench.step("anna", edited, "submission").status_code == 200

    assert bench.call("bram", "POST", path, approval).status_code == 412
    assert bench.call("bram", "POST", path, approval, Idempotency_Key="once").status_code == 200
    now = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()
    assert (now["state"], [r["counts"] for r in now["reviews"]]) == ("submitted", [False])
    assert refusals(bench) == [("bram", "approve")]


def test_what_is_rejected_stays_readable_and_goes_nowhere(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)
    why = "The act does not provide for this zone."

    said = bench.step("evert", draft, "reviews", verdict="rejected", comment=why)

    assert said.status_code == 200, said.text
    now = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()
    assert (now["state"], now["next_steps"]) == ("rejected", [])
    assert [(r["verdict"], r["comment"], r["counts"]) for r in now["reviews"]] == [
        ("approved", None, False),
        ("rejected", why, False),
    ]
    again = bench.step("cees", draft, "publication")
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "To publish is no step from rejected. From there: nothing.",
    )
    assert bench.step("anna", draft, "submission").status_code == 409
    listed = bench.call("anna", "GET", "/v1/drafts?state=rejected").json()["drafts"]
    assert [each["id"] for each in listed] == [draft["id"]]
    assert revisions(bench) == 0


@pytest.mark.parametrize("verdict", ["sent back", "rejected"])
@pytest.mark.parametrize("comment", [None, "  "])
def test_who_does_not_approve_says_why(bench: Bench, verdict: str, comment: str | None) -> None:
    draft = bench.draft()
    assert bench.step("anna", draft, "submission").status_code == 200

    said = bench.step("bram", draft, "reviews", verdict=verdict, comment=comment)

    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (422, "/comment")
    assert bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()["state"] == "submitted"


def test_what_was_called_rejected_before_there_was_sending_back_was_sent_back(bench: Bench) -> None:
    draft = bench.draft()
    assert bench.step("anna", draft, "submission").status_code == 200
    with bench.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO review (draft_id, version, digest, reviewer_id, verdict, reviewed_at)"
                " SELECT d.id, 1, :digest, p.id, 'rejected', :now FROM draft d, person p WHERE p.key = 'bram'"
            ),
            {"digest": draft["digest"], "now": NOW},
        )
        connection.execute(text("UPDATE draft SET state = 'draft'"))

    now = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()

    assert [each["verdict"] for each in now["reviews"]] == ["sent back"]


def test_one_approval_of_a_person_counts_once(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)

    said = bench.step("bram", draft, "reviews", verdict="approved")

    assert (said.status_code, said.json()["detail"]) == (409, "You have reviewed this version already.")


def test_what_was_sent_back_needs_to_be_approved_anew(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)
    sent = bench.step("evert", draft, "reviews", verdict="sent back", comment="Is the radius right?")
    assert sent.json()["state"] == "draft"
    assert bench.step("anna", draft, "submission").status_code == 200
    assert bench.step("dina", draft, "reviews", verdict="approved").status_code == 200

    now = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()

    assert [(r["by"], r["counts"]) for r in now["reviews"]] == [
        ("Bram", False),
        ("Evert", False),
        ("Dina", True),
    ]


def test_an_edit_says_which_draft_it_saw(bench: Bench) -> None:
    draft = bench.draft()
    path = f"/v1/drafts/{draft['id']}"
    etag = bench.call("anna", "GET", path).headers["etag"]

    missing = bench.call("anna", "PATCH", path, {"title": "Mine"})
    first = bench.call("dina", "PATCH", path, {"title": "Theirs"}, If_Match=etag)
    late = bench.call("anna", "PATCH", path, {"title": "Mine"}, If_Match=etag)

    assert (missing.status_code, first.status_code, late.status_code) == (428, 200, 412)
    versions = late.json()["versions"]
    assert [(v["version"], v["content"]["title"]) for v in versions] == [(1, "A test zone"), (2, "Theirs")]
    again = bench.call("anna", "PATCH", path, {"title": "Mine"}, If_Match=versions[-1]["etag"])
    assert again.json()["content"]["title"] == "Mine"


def test_a_merge_patch_takes_away_what_is_null_and_keeps_the_rest(bench: Bench) -> None:
    draft = bench.draft(reason="why")
    path = f"/v1/drafts/{draft['id']}"
    etag = bench.call("anna", "GET", path).headers["etag"]

    said = bench.call("anna", "PATCH", path, {"reason": None, "title": "New"}, If_Match=etag).json()

    assert said["content"] == content(title="New")
    assert said["digest"] != draft["digest"]


def test_a_write_is_done_once_however_often_it_is_sent(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)
    path, body = f"/v1/drafts/{draft['id']}/publication", {"digest": draft["digest"]}

    first = bench.call("cees", "POST", path, body, Idempotency_Key="a lost answer".replace(" ", "-"))
    second = bench.call("cees", "POST", path, body, Idempotency_Key="a-lost-answer")
    third = bench.call("cees", "POST", path, body)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert third.status_code == 409
    assert revisions(bench) == 1


def test_a_key_belongs_to_one_request_of_one_person(bench: Bench) -> None:
    one = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")
    other = bench.call("anna", "POST", "/v1/drafts", {"content": content(title="B")}, Idempotency_Key="k")
    elsewhere = bench.call("dina", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")

    assert (one.status_code, other.status_code, elsewhere.status_code) == (201, 422, 201)
    assert other.json()["type"] == "/problems/key-reused"
    assert one.json()["id"] != elsewhere.json()["id"]


@pytest.mark.parametrize("key", ["", "with a blank", "x" * 256, "é"])
def test_a_write_without_a_usable_key_is_refused(bench: Bench, key: str) -> None:
    headers = {"Authorization": f"Bearer {bench.sign_in('anna')}", "Idempotency-Key": key.encode()}

    said = bench.client.post("/v1/drafts", json={"content": content()}, headers=headers)  # type: ignore[arg-type]

    assert said.status_code == 400
    assert "Idempotency-Key" in said.json()["detail"]


def test_an_edit_waits_for_the_step_that_somebody_else_takes(bench: Bench) -> None:
    draft = bench.draft()
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    done: list[int] = []

    def edit() -> None:
        patch = {"title": "Later"}
        said = bench.call("dina", "PATCH", f"/v1/drafts/{draft['id']}", patch, If_Match=etag)
        done.append(said.status_code)

    bench.tokens["dina"] = bench.sign_in("dina")
    with bench.owner.begin() as connection:
        connection.execute(text("SELECT 1 FROM draft FOR UPDATE"))
        connection.execute(text("UPDATE draft SET state = 'submitted'"))
        editing = threading.Thread(target=edit)
        editing.start()
        editing.join(0.5)
        assert done == []
    editing.join(20)

    assert done == [412]


def test_one_key_twice_at_once_is_one_write(bench: Bench) -> None:
    bench.tokens["anna"] = bench.sign_in("anna")
    said: list[str] = []

    def create() -> None:
        answer = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")
        said.append(answer.json()["id"])

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(said) == 4
    assert len(set(said)) == 1


def test_who_is_no_approver_any_more_approves_nothing(bench: Bench) -> None:
    from zones_api.domain.people import Role

    draft = bench.draft()
    bench.approved(draft)
    with writing(bench.owner) as connection:
        people.end_roles(connection, "bram", "caa", [Role.APPROVER], NOW)

    said = bench.step("cees", draft, "publication")

    assert (said.status_code, said.json()["detail"]) == (409, "No approval of this version counts.")


def test_coded_conditions_count_for_what_they_require(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)
        mild = competence(zone_types=frozenset({ZoneType.CONDITIONAL}))
        people.add_competence(connection, "caa", mild, NOW)
    coded = {"coded_conditions": [{"when": {"category": ["open"]}, "then": {"type": "PROHIBITED"}}]}
    plain, strict = (
        bench.draft(items=[asserting(type="CONDITIONAL", restrictionConditions="ask", **more)])
        for more in ({}, {"extendedProperties": coded})
    )

    assert bench.step("anna", plain, "submission").status_code == 200
    said = bench.step("anna", strict, "submission")
    assert said.status_code == 422, said.text


def test_what_is_not_committed_is_not_answered_as_done(bench: Bench) -> None:
    with bench.owner.begin() as connection:
        connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER too_late AFTER INSERT ON idempotency DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        )
    failed = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")
    with bench.owner.begin() as connection:
        connection.execute(text("DROP TRIGGER too_late ON idempotency"))
    again = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")

    assert (failed.status_code, again.status_code) == (503, 201)
    assert "facts" not in failed.text
    assert [each["id"] for each in bench.call("anna", "GET", "/v1/drafts").json()["drafts"]] == [
        again.json()["id"]
    ]


def test_what_fails_is_not_kept_and_may_be_sent_again(bench: Bench) -> None:
    draft = bench.draft(items=[])
    path, body = f"/v1/drafts/{draft['id']}/submission", {"digest": draft["digest"]}
    assert bench.call("anna", "POST", path, body, Idempotency_Key="k").status_code == 422
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    edited = bench.call(
        "anna", "PATCH", f"/v1/drafts/{draft['id']}", {"items": [asserting()]}, If_Match=etag
    ).json()

    said = bench.call("anna", "POST", path, {"digest": edited["digest"]}, Idempotency_Key="k")

    assert said.status_code == 200


METRE = 1 / 111_320
"""Degrees of latitude, nearly: enough to tell inside from outside by half of it."""
OUTSIDE = {
    "1 m outside": lambda: asserting(geometry=square(north=53 + METRE)),
    "above its height": lambda: asserting(geometry=circle(4.8, 52.3, 1000, upper=1001)),
    "of another type": lambda: asserting(type="NO_RESTRICTION"),
    "without an upper limit": lambda: asserting(geometry=without_upper(circle(4.8, 52.3, 1000))),
    "a circle 1 m too large": lambda: asserting(geometry=circle(5.0, 52.9, 100 + 0.1 * 111_268)),
}


def square(north: float) -> dict[str, Any]:
    ring = [[4.5, 52.9], [4.6, 52.9], [4.6, north], [4.5, north], [4.5, 52.9]]
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    return {"type": "Polygon", "coordinates": [ring], "layer": layer}


def without_upper(geometry: dict[str, Any]) -> dict[str, Any]:
    layer = {name: value for name, value in geometry["layer"].items() if not name.startswith("upper")}
    return geometry | {"layer": layer}


@pytest.mark.parametrize("item", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_lies_outside_the_competence_is_refused_at_submission(
    bench: Bench, item: Callable[[], dict[str, Any]]
) -> None:
    draft = bench.draft(items=[item()])

    said = bench.step("anna", draft, "submission")

    assert said.status_code == 422, said.text
    assert [e["code"] for e in said.json()["errors"]] == ["OUTSIDE_COMPETENCE"]
    assert refusals(bench) == [("anna", "submit")]


def test_what_lies_outside_is_shown_on_the_map(bench: Bench) -> None:
    draft = bench.draft(items=[asserting(geometry=square(north=53 + METRE))])

    (hint,) = stops(bench, draft)

    outside = shapely.from_geojson(json.dumps(hint["place"]))
    assert outside.bounds == pytest.approx((4.5, 53, 4.6, 53 + METRE), abs=1e-6)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"geometry": circle(4.8, 52.3, 1000, upper=1_001)}, "/items/0/feature/geometry"),
        ({"geometry": circle(9.0, 52.3, 1000)}, "/items/0/feature/geometry"),
        ({"type": "NO_RESTRICTION"}, "/items/0"),
    ],
)
def test_what_a_competence_lacks_is_said_where_it_can_be_mended(
    bench: Bench, changed: dict[str, Any], pointer: str
) -> None:
    (hint,) = stops(bench, bench.draft(items=[asserting(**changed)]))

    assert (hint["code"], hint["pointer"]) == ("OUTSIDE_COMPETENCE", pointer)


def test_what_stops_a_draft_is_said_before_what_is_to_be_looked_at_again(bench: Bench) -> None:
    coverage = json.loads(shapely.to_geojson(shapely.box(5.0, 52.0, 6.5, 52.5)))
    far = asserting("FAR", geometry=square(north=53 + METRE))
    draft = bench.draft(items=[asserting(), far], coverage=coverage)

    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["hints"]

    severities = [hint["severity"] for hint in hints]
    assert severities == sorted(severities, key=["stop", "warn", "note"].index)
    assert [(hint["code"], hint["pointer"]) for hint in hints if hint["severity"] == "stop"] == [
        ("OUTSIDE_COMPETENCE", "/items/1/feature/geometry"),
        ("OUTSIDE_COMPETENCE", "/coverage"),
    ]
    assert "warn" in severities


def test_a_data_set_vouches_only_where_its_authority_is_competent(bench: Bench) -> None:
    coverage = json.loads(shapely.to_geojson(shapely.box(5.0, 52.0, 6.5, 52.5)))
    draft = bench.draft(coverage=coverage)

    (hint,) = stops(bench, draft)

    assert (hint["severity"], hint["code"], hint["pointer"]) == ("stop", "OUTSIDE_COMPETENCE", "/coverage")
    assert shapely.from_geojson(json.dumps(hint["place"])).bounds == pytest.approx((6.0, 52.0, 6.5, 52.5))


@pytest.mark.parametrize("north", [53.0, 53.0 - METRE])
def test_what_touches_the_edge_of_the_competence_lies_within(bench: Bench, north: float) -> None:
    draft = bench.draft(items=[asserting(geometry=square(north))])

    assert bench.step("anna", draft, "submission").status_code == 200


def test_a_zone_that_lasts_longer_than_the_mandate_is_refused(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        for number in (1, 2):
            people.end_competence(connection, number, NOW)
        until = NOW + timedelta(days=30)
        people.add_competence(connection, "caa", competence(valid=(NOW - timedelta(days=1), until)), NOW)
    endless = bench.draft()
    ending = bench.draft(items=[asserting(valid={"from": None, "to": until.isoformat()})])

    assert bench.step("anna", endless, "submission").status_code == 422
    assert bench.step("anna", ending, "submission").status_code == 200


def test_what_applied_before_the_mandate_is_not_corrected_under_it(bench: Bench) -> None:
    bench.published(
        items=[asserting(valid={"from": (NOW - timedelta(days=9)).isoformat(), "to": None})], reason="x"
    )
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)
        people.add_competence(connection, "caa", competence(valid=(NOW - timedelta(days=7), END)), NOW)
    correcting = {
        days: bench.draft(
            reason="a correction",
            items=[
                asserting(radius_m=1010, valid={"from": (NOW - timedelta(days=days)).isoformat(), "to": None})
            ],
        )
        for days in (8, 7)
    }

    assert bench.step("anna", correcting[8], "submission").status_code == 422
    assert bench.step("anna", correcting[7], "submission").status_code == 200


def test_a_mandate_that_is_revoked_in_between_stops_the_publication(bench: Bench) -> None:
    draft = bench.draft()
    bench.approved(draft)
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)

    said = bench.step("cees", draft, "publication")

    assert (said.status_code, revisions(bench)) == (422, 0)


def test_to_withdraw_a_zone_one_must_be_competent_for_it(bench: Bench) -> None:
    bench.published()
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)
        elsewhere = competence(zone_types=frozenset({ZoneType.CONDITIONAL}))
        people.add_competence(connection, "caa", elsewhere, NOW)
    draft = bench.draft(items=[withdrawing()])

    said = bench.step("anna", draft, "submission")

    assert [e["code"] for e in said.json()["errors"]] == ["OUTSIDE_COMPETENCE"]


def test_who_may_only_propose_needs_a_publisher(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.add_competence(connection, "other", competence(Mode.PROPOSE), NOW)
    alone = bench.draft("olga")
    body = {"publisher": "caa", "content": content()}
    together = bench.call("olga", "POST", "/v1/drafts", body).json()

    assert bench.step("olga", alone, "submission").status_code == 422
    assert bench.step("olga", together, "submission").status_code == 200
    assert bench.step("olga", together, "reviews", verdict="approved").status_code == 403
    assert bench.step("bram", together, "reviews", verdict="approved").status_code == 200
    assert bench.step("cees", together, "publication").status_code == 201


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str, str]] = {
    "no legal reference": (lambda c: c.pop("legal_reference"), "MEMBER_MISSING", "/legal_reference"),
    "an empty title": (lambda c: c.update(title=" "), "MEMBER_MISSING", "/title"),
    "no items": (lambda c: c.update(items=[]), "ITEMS_MISSING", "/items"),
    "an unknown member": (lambda c: c.update(colour="red"), "MEMBER_UNKNOWN", "/colour"),
    "an unknown change": (
        lambda c: c["items"][0].update(change="delete"),
        "CHANGE_UNKNOWN",
        "/items/0/change",
    ),
    "one zone twice": (lambda c: c["items"].append(asserting()), "ITEM_TWICE", "/items/1"),
    "an end before its start": (
        lambda c: c["items"][0].update(valid={"from": "2027-01-02T00:00:00Z", "to": "2027-01-01T00:00:00Z"}),
        "END_BEFORE_START",
        "/items/0/valid/to",
    ),
    "a time without its offset": (
        lambda c: c["items"][0].update(valid={"from": "2027-01-02T00:00:00", "to": None}),
        "TIME_INVALID",
        "/items/0/valid/from",
    ),
    "the past without a reason": (
        lambda c: c["items"][0].update(valid={"from": "2026-01-01T00:00:00Z", "to": None}),
        "REASON_MISSING",
        "/reason",
    ),
    "nothing to withdraw": (lambda c: c.update(items=[withdrawing("X")]), "NOTHING_TO_WITHDRAW", "/items/0"),
    "a data set with a blank": (lambda c: c.update(data_set="caa zones"), "DATA_SET_INVALID", "/data_set"),
    "a coverage that is a point": (
        lambda c: c.update(coverage={"type": "Point", "coordinates": [5, 52]}),
        "COVERAGE_INVALID",
        "/coverage",
    ),
    "longitude and latitude exchanged": (
        lambda c: c["items"][0]["feature"]["geometry"].update(coordinates=[52.3, 4.8]),
        "GEOMETRY_INVALID",
        "/items/0/feature/geometry",
    ),
    "an identifier of 101 characters": (
        lambda c: c["items"][0]["feature"]["properties"].update(identifier="x" * 101),
        "MEMBER_INVALID",
        "/items/0/feature/properties/identifier",
    ),
}


@pytest.mark.parametrize(("breaking", "code", "pointer"), BROKEN.values(), ids=BROKEN.keys())
def test_a_defect_is_a_hint_in_validation_and_stops_submission(
    bench: Bench, breaking: Callable[[dict[str, Any]], object], code: str, pointer: str
) -> None:
    broken = content()
    breaking(broken)
    draft = bench.call("anna", "POST", "/v1/drafts", {"content": broken}).json()

    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    submitted = bench.step("anna", draft, "submission")

    assert ("stop", code, pointer) in [(h["severity"], h["code"], h["pointer"]) for h in hints["hints"]]
    assert not hints["can_be_submitted"]
    assert submitted.status_code == 422
    assert code in [e["code"] for e in submitted.json()["errors"]]


def test_what_is_to_be_looked_at_again_is_said_with_its_place_and_stops_nothing(bench: Bench) -> None:
    bench.published(items=[asserting("MILD", type="CONDITIONAL")])
    draft = bench.draft()

    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["hints"]

    by_code = {hint["code"]: hint for hint in hints}
    assert {"OVER_MILDER_ZONE", "IN_FORCE_SOON", "LANGUAGE_MISSING", "PHONE_MISSING"} <= by_code.keys()
    over = by_code["OVER_MILDER_ZONE"]
    assert (over["severity"], over["pointer"]) == ("warn", "/items/0/feature/geometry")
    assert "MILD" in over["sentence"]
    assert shapely.from_geojson(json.dumps(over["place"])).contains(shapely.Point(4.8, 52.3))
    assert bench.step("anna", draft, "submission").status_code == 200


def test_a_zone_that_asks_for_permission_says_whom_to_ask(bench: Bench) -> None:
    nobody = [{"purpose": "AUTHORIZATION", "name": [{"text": "The CAA", "lang": "en-GB"}]}]
    draft = bench.draft(items=[asserting(type="REQ_AUTHORIZATION", zoneAuthority=nobody)])

    assert [hint["code"] for hint in stops(bench, draft)] == ["CONTACT_MISSING"]
    said = bench.step("anna", draft, "submission")
    assert (said.status_code, [e["code"] for e in said.json()["errors"]]) == (422, ["CONTACT_MISSING"])


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800"])
def test_what_is_no_character_is_refused_wherever_it_stands(bench: Bench, odd: str) -> None:
    token = bench.sign_in("anna")
    bodies = [
        f'{{"content": {{"title": "a{odd}b"}}}}',
        f'{{"content": {{}}, "organisation": "{odd}"}}',
        f'{{"content": {{"{odd}": 1}}}}',
    ]
    for number, body in enumerate(bodies):
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"odd-{number}",
        }

        said = bench.client.post("/v1/drafts", content=body, headers=headers)

        assert (said.status_code, "no character" in said.text) == (400, True)
    assert bench.client.get("/v1/zones/NLD/a%00b/versions").status_code == 404


def test_a_draft_does_not_grow_without_limit(bench: Bench) -> None:
    draft = bench.draft()
    path = f"/v1/drafts/{draft['id']}"
    etag = bench.call("anna", "GET", path).headers["etag"]
    first = bench.call("anna", "PATCH", path, {"a": "x" * 4_900_000}, If_Match=etag)

    second = bench.call("anna", "PATCH", path, {"b": "x" * 4_900_000}, If_Match=first.headers["etag"])

    assert (first.status_code, second.status_code) == (200, 413)


def test_a_list_of_drafts_leaves_their_contents_out(bench: Bench) -> None:
    draft = bench.draft()

    (listed,) = bench.call("anna", "GET", "/v1/drafts").json()["drafts"]

    assert (listed["id"], listed["digest"], listed["content"]) == (draft["id"], draft["digest"], None)


def test_what_is_small_today_and_large_tomorrow_is_not_made_large_today_unseen(bench: Bench) -> None:
    tomorrow = (NOW + timedelta(days=1)).isoformat()
    bench.published(
        items=[
            asserting(radius_m=100, valid={"from": None, "to": tomorrow}),
            asserting(radius_m=5000, valid={"from": tomorrow, "to": None}),
        ]
    )
    draft = bench.draft(items=[asserting(radius_m=5000)])

    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()

    assert said["needs_second_approval"]["en"].startswith("This changes 78")


def test_every_defect_is_named_at_once(bench: Bench) -> None:
    draft = bench.draft(title="", legal_reference="", items=[{"change": "x"}, asserting(type="NONE")])

    hints = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["hints"]

    pointers = {hint["pointer"] for hint in hints if hint["severity"] == "stop"}
    assert {"/title", "/legal_reference", "/items/0/change"} <= pointers
    assert any(pointer.startswith("/items/1/feature") for pointer in pointers)


def test_a_mirrored_data_set_is_not_drafted_in_and_an_own_one_not_imported_into(bench: Bench) -> None:
    from tests.documents import collection, feature
    from zones_api.errors import DocumentRefused
    from zones_api.formats.document import read_document
    from zones_api.publishing import Submission, import_documents

    data = collection(feature("M1"))
    import_documents(bench.engine, [Submission("mirrored", "m.json", data, read_document(data))], lambda: NOW)
    draft = bench.draft(data_set="mirrored")
    bench.published()

    said = bench.step("anna", draft, "submission")

    assert [e["code"] for e in said.json()["errors"]] == ["DATA_SET_MIRRORED"]
    with pytest.raises(DocumentRefused, match="by drafts"):
        import_documents(
            bench.engine, [Submission("caa-zones", "m.json", data, read_document(data))], lambda: NOW
        )


def test_a_change_of_a_large_part_needs_a_second_approval(bench: Bench) -> None:
    bench.published(items=[asserting(f"Z{number}") for number in range(20)])
    draft = bench.draft(items=[asserting(f"Z{number}", radius_m=1001) for number in range(5)])
    bench.approved(draft)

    first = bench.step("cees", draft, "publication")
    assert bench.step("evert", draft, "reviews", verdict="approved").status_code == 200
    second = bench.step("cees", draft, "publication")

    assert (first.status_code, second.status_code) == (409, 201)
    assert first.json()["detail"] == (
        "This changes 5 zones of a data set of 20: a second person must approve it before it is published."
    )


def test_a_change_of_a_large_part_of_the_area_needs_a_second_approval(bench: Bench) -> None:
    bench.published(items=[asserting(radius_m=1000)])
    draft = bench.draft(items=[asserting(radius_m=1100)])
    small = bench.draft(items=[asserting(radius_m=1040)])
    bench.approved(draft)
    bench.approved(small)

    said = bench.step("cees", draft, "publication")

    assert said.status_code == 409
    assert said.json()["detail"].startswith("This changes 0.7 km² of a data set that restricts 3.1 km²")
    assert bench.step("cees", small, "publication").status_code == 201


def test_filling_an_empty_register_needs_one_approval(bench: Bench) -> None:
    draft = bench.draft(items=[asserting(f"Z{number}") for number in range(20)])
    bench.approved(draft)

    assert bench.step("cees", draft, "publication").status_code == 201


def emergency(**changes: Any) -> dict[str, Any]:
    """Return the content of an emergency of six hours."""
    until = (NOW + timedelta(hours=6)).isoformat()
    common: dict[str, Any] = {
        "emergency": True,
        "reason": "A fire near the refinery.",
        "items": [asserting(valid={"from": None, "to": until})],
    }
    return common | changes


def test_in_an_emergency_one_person_publishes_and_a_second_confirms(bench: Bench) -> None:
    draft = bench.draft(**emergency())

    said = bench.step("cees", draft, "publication")

    assert said.status_code == 201, said.text
    assert said.json()["confirm_by"] == "2026-11-25T14:00:00Z"
    assert bench.step("cees", draft, "confirmation").status_code == 403
    assert bench.step("dina", draft, "confirmation").status_code == 200
    assert bench.step("bram", draft, "confirmation").status_code == 409


def test_a_weaker_rule_counts_as_a_change_of_all_that_it_covers(bench: Bench) -> None:
    bench.published(
        items=[asserting(f"Z{number}", geometry=circle(4.3 + number / 10, 52.3, 1000)) for number in range(9)]
    )
    higher = circle(4.3, 52.3, 1000)
    higher["layer"] |= {"lower": 60}
    weaker = (
        asserting("Z0", type="CONDITIONAL", geometry=circle(4.3, 52.3, 1000)),
        asserting("Z0", geometry=higher),
    )
    for item in weaker:
        draft = bench.draft(items=[item])
        bench.approved(draft)

        said = bench.step("cees", draft, "publication")

        assert (said.status_code, "3.1 km² of a data set" in said.json()["detail"]) == (409, True)


def test_a_new_data_set_is_weighed_against_the_whole_register(bench: Bench) -> None:
    bench.published(items=[asserting(f"Z{number}") for number in range(9)])
    draft = bench.draft(data_set="another-set", items=[asserting(f"Y{number}") for number in range(6)])
    bench.approved(draft)

    said = bench.step("cees", draft, "publication")

    assert said.status_code == 409
    assert said.json()["detail"].startswith("This changes 6 zones of a register of 9:")


def test_a_coverage_declared_anew_needs_a_second_approval(bench: Bench) -> None:
    bench.published(items=[asserting(f"Z{number}", radius_m=3000) for number in range(30)])
    draft = bench.draft(items=[asserting("Y", radius_m=10)], coverage=COVERAGE)
    bench.approved(draft)

    said = bench.step("cees", draft, "publication")

    assert (said.status_code, "lists every zone" in said.json()["detail"]) == (409, True)


def test_emergencies_that_nobody_confirmed_share_one_area(bench: Bench) -> None:
    until = (NOW + timedelta(hours=6)).isoformat()
    first, second = (
        bench.draft(
            **emergency(
                items=[
                    asserting(
                        f"E{number}",
                        valid={"from": None, "to": until},
                        geometry=circle(4.5 + number / 2, 52.3, 4000),
                    )
                ]
            )
        )
        for number in (0, 1)
    )

    assert bench.step("cees", first, "publication").status_code == 201
    said = bench.step("cees", second, "publication")
    assert [e["code"] for e in said.json()["errors"]] == ["EMERGENCY_TOO_LARGE"]
    assert bench.step("bram", first, "confirmation").status_code == 200
    assert bench.step("cees", second, "publication").status_code == 201


def test_an_answer_is_not_repeated_to_who_may_no_longer_read_it(bench: Bench) -> None:
    from zones_api.domain.people import Role

    first = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")
    with writing(bench.owner) as connection:
        people.end_roles(connection, "anna", "caa", [Role.DRAFTER], NOW)

    again = bench.call("anna", "POST", "/v1/drafts", {"content": content()}, Idempotency_Key="k")

    assert (first.status_code, again.status_code) == (201, 403)


def test_a_data_set_belongs_to_who_published_in_it_first(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.add_competence(connection, "other", competence(), NOW)
    bench.published()
    draft = bench.draft("olga", items=[asserting("T2")])

    said = bench.step("olga", draft, "submission")

    assert [e["code"] for e in said.json()["errors"]] == ["DATA_SET_OF_OTHERS"]


def test_an_emergency_neither_vouches_for_anything_nor_changes_the_past(bench: Bench) -> None:
    valid = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=1)).isoformat()}
    for changes, code in (
        ({"coverage": COVERAGE}, "EMERGENCY_ONLY_ADDS"),
        ({"items": [asserting(valid=valid)]}, "EMERGENCY_IN_THE_PAST"),
    ):
        draft = bench.draft(**emergency(**changes))

        said = bench.step("cees", draft, "publication")

        assert [e["code"] for e in said.json()["errors"]] == [code]


def test_an_emergency_that_nobody_confirmed_is_named_after_its_day_too(bench: Bench) -> None:
    draft = bench.draft(**emergency())
    assert bench.step("cees", draft, "publication").status_code == 201
    bench.now = NOW + timedelta(days=3)
    bench.follow()

    (said,) = bench.client.get("/v1/emergencies").json()["emergencies"]

    assert said["overdue"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"zone_types": frozenset({ZoneType.CONDITIONAL, ZoneType.PROHIBITED})},
        {"valid": (NOW - timedelta(days=9), NOW - timedelta(days=1))},
        {"mode": Mode.PROPOSE},
    ],
)
def test_who_cannot_publish_every_restricting_zone_there_now_cannot_vouch(
    bench: Bench, changes: dict[str, Any]
) -> None:
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)
        people.add_competence(connection, "caa", competence(**changes), NOW)
        people.add_competence(connection, "caa", competence(area=shapely.box(4.7, 52.2, 4.9, 52.4)), NOW)
    draft = bench.draft(coverage=COVERAGE)

    assert ("OUTSIDE_COMPETENCE", "/coverage") in [(h["code"], h["pointer"]) for h in stops(bench, draft)]


def test_a_data_set_vouches_as_long_as_its_mandate_lasts(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.end_competence(connection, 1, NOW)
        people.add_competence(connection, "caa", competence(valid=(BEGINNING, NOW + timedelta(days=30))), NOW)
    bench.published(
        coverage=COVERAGE,
        items=[asserting(valid={"from": None, "to": (NOW + timedelta(days=30)).isoformat()})],
    )

    verdicts = [bench.status(5.0, 52.5, at=NOW + timedelta(days=days))["verdict"] for days in (1, 29, 31)]

    assert verdicts == ["NO_ZONE_FOUND", "NO_ZONE_FOUND", "UNKNOWN"]


def test_a_coverage_is_taken_away_by_one_without_polygons(bench: Bench) -> None:
    bench.published(coverage=COVERAGE)
    assert bench.status(5.0, 52.5)["verdict"] == "NO_ZONE_FOUND"

    bench.published(
        title="No longer complete",
        coverage={"type": "MultiPolygon", "coordinates": []},
        items=[asserting(radius_m=1010)],
    )

    assert bench.status(5.0, 52.5)["verdict"] == "UNKNOWN"
    assert bench.status(4.8, 52.3)["verdict"] == "PROHIBITED"


def test_a_coverage_with_long_edges_covers_what_lies_inside_either_way_of_reading_them(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.add_competence(connection, "caa", competence(area=shapely.box(-20, 40, 30, 60)), NOW)
    coverage = json.loads(shapely.to_geojson(shapely.box(-5.0, 52.0, 15.0, 53.5)))
    bench.published(coverage=coverage)

    # Half way along its southern edge the shortest line runs 0.4 degrees north of the straight one.
    assert bench.status(5.0, 52.1)["verdict"] == "UNKNOWN"
    assert bench.status(5.0, 52.6)["verdict"] == "NO_ZONE_FOUND"


TOO_MUCH: dict[str, tuple[dict[str, Any], str]] = {
    "longer than a day": (
        {
            "items": [
                asserting(valid={"from": None, "to": (NOW + timedelta(hours=24, seconds=1)).isoformat()})
            ]
        },
        "EMERGENCY_TOO_LONG",
    ),
    "without an end": ({"items": [asserting()]}, "EMERGENCY_TOO_LONG"),
    "without a reason": ({"reason": None}, "REASON_MISSING"),
    "over more than 100 km²": (
        {
            "items": [
                asserting(radius_m=5_700, valid={"from": None, "to": (NOW + timedelta(hours=1)).isoformat()})
            ]
        },
        "EMERGENCY_TOO_LARGE",
    ),
}


@pytest.mark.parametrize(("changes", "code"), TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_an_emergency_is_short_small_and_explained(bench: Bench, changes: dict[str, Any], code: str) -> None:
    draft = bench.draft(**emergency(**changes))

    said = bench.step("cees", draft, "publication")

    assert said.status_code == 422
    assert code in [e["code"] for e in said.json()["errors"]]


def test_an_emergency_takes_nothing_away(bench: Bench) -> None:
    bench.published()
    until = (NOW + timedelta(hours=1)).isoformat()
    removing = bench.draft(**emergency(items=[withdrawing(valid={"from": None, "to": until})]))
    milder = bench.draft(
        **emergency(items=[asserting(type="CONDITIONAL", valid={"from": None, "to": until})])
    )

    for draft in (removing, milder):
        said = bench.step("cees", draft, "publication")
        assert "EMERGENCY_ONLY_ADDS" in [e["code"] for e in said.json()["errors"]]


def test_an_emergency_needs_a_competence_of_its_own(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.end_competence(connection, 2, NOW)
    draft = bench.draft(**emergency())

    assert bench.step("cees", draft, "publication").status_code == 422


def test_an_emergency_is_named_to_anyone_and_alarms_who_runs_the_service(bench: Bench) -> None:
    draft = bench.draft(**emergency())
    assert bench.step("cees", draft, "publication").status_code == 201
    bench.follow()

    assert bench.status(4.8, 52.3)["verdict"] == "PROHIBITED"
    for hours, overdue in ((1.9, False), (2.1, True)):
        bench.now = NOW + timedelta(hours=hours)
        (said,) = bench.client.get("/v1/emergencies").json()["emergencies"]
        assert (said["reason"], said["overdue"]) == ("A fire near the refinery.", overdue)
        metrics = bench.client.get("/metrics").text
        assert "zones_emergencies_unconfirmed 1.0" in metrics
        assert f"zones_emergencies_overdue {float(overdue)}" in metrics
    assert bench.step("bram", draft, "confirmation").status_code == 200
    bench.follow()
    (said,) = bench.client.get("/v1/emergencies").json()["emergencies"]
    assert (said["confirmed_at"] is not None, said["overdue"]) == (True, False)
    assert "zones_emergencies_overdue 0.0" in bench.client.get("/metrics").text


def test_the_alarm_says_each_thing_once(bench: Bench) -> None:
    from structlog.testing import capture_logs

    from zones_api.following import Alarm

    draft = bench.draft(**emergency())
    assert bench.step("cees", draft, "publication").status_code == 201
    bench.follow()
    alarm = Alarm()

    with capture_logs() as logs:
        for hours in (0, 1, 2.1, 3):
            alarm.look(bench.following.emergencies, NOW + timedelta(hours=hours))

    assert [(log["event"], log["log_level"]) for log in logs] == [
        ("emergency published", "warning"),
        ("emergency unconfirmed", "error"),
    ]


def test_old_looks_are_forgotten_and_those_of_the_last_month_never(bench: Bench) -> None:
    from zones_api.store import looks

    with bench.owner.begin() as connection:
        for days in (1, 29, 31, 400):
            connection.execute(
                text(
                    "INSERT INTO police_look (id, looked_at, person_id, purpose, question)"
                    " VALUES (gen_random_uuid(), now() - make_interval(days => :days), 1, 'x', '{}')"
                ),
                {"days": days},
            )

    with bench.engine.begin() as connection:
        forgotten = [looks.forget(connection, timedelta(days=days)) for days in (365, 0)]

    assert forgotten == [1, 1]


def test_answers_to_writes_are_forgotten_after_a_week(bench: Bench) -> None:
    from zones_api.store import drafts

    bench.draft()
    with bench.owner.begin() as connection:
        connection.execute(text("UPDATE idempotency SET answered_at = now() - interval '6 days'"))
    with bench.engine.begin() as connection:
        kept = drafts.forget_answers(connection)
    with bench.owner.begin() as connection:
        connection.execute(text("UPDATE idempotency SET answered_at = now() - interval '8 days'"))
    with bench.engine.begin() as connection:
        forgotten = drafts.forget_answers(connection)

    assert (kept, forgotten) == (0, 1)


def test_a_list_says_each_drafts_title_its_start_and_what_the_caller_may_do(bench: Bench) -> None:
    draft = bench.draft("dina")
    valid = {"from": "2027-03-01T12:00:00+01:00", "to": None}
    items = [item | {"valid": valid} for item in draft["content"]["items"]]
    etag = bench.call("dina", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    changed = {"title": "From March", "items": items}
    assert bench.call("dina", "PATCH", f"/v1/drafts/{draft['id']}", changed, If_Match=etag).status_code == 200

    (listed,) = bench.call("dina", "GET", "/v1/drafts").json()["drafts"]
    (anna_sees,) = bench.call("anna", "GET", "/v1/drafts").json()["drafts"]

    assert (listed["title"], listed["starts_at"]) == ("From March", "2027-03-01T11:00:00Z")
    assert "submit" in listed["your_steps"]
    assert set(anna_sees["your_steps"]) <= set(anna_sees["next_steps"])


def test_an_abandoned_draft_is_read_and_nothing_else(bench: Bench) -> None:
    draft = bench.draft()

    assert bench.step("anna", draft, "abandonment").json()["state"] == "abandoned"
    assert bench.step("anna", draft, "submission").status_code == 409
    assert bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").json()["next_steps"] == []


def test_a_key_that_has_expired_or_is_revoked_signs_nobody_in(bench: Bench) -> None:
    assert bench.call("anna", "GET", "/v1/me").json()["name"] == "Anna"
    with writing(bench.owner) as connection:
        people.revoke_token(connection, 1, NOW)
    assert bench.call("anna", "GET", "/v1/me").status_code == 401
    assert bench.call("bram", "GET", "/v1/me").status_code == 200
    bench.now += timedelta(hours=24)
    said = bench.call("bram", "GET", "/v1/me")
    assert (said.status_code, said.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("role", "hours", "is_issued"),
    [("approver", 24, True), ("approver", 25, False), ("police", 25, False), ("drafter", 24 * 366, True)],
)
def test_a_key_that_approves_or_looks_lasts_a_day_at_most(
    bench: Bench, role: str, hours: int, is_issued: bool
) -> None:
    from zones_api.domain.people import Role
    from zones_api.errors import UnacceptableInput
    from zones_api.identity import issue_token

    def issue() -> str:
        lasting = timedelta(hours=hours)
        return issue_token(bench.owner, bench.keys, "s" * 43, "anna", "a test", [Role(role)], lasting, NOW)

    if is_issued:
        assert issue() == "zones_" + "s" * 43
    else:
        with pytest.raises(UnacceptableInput, match="at most 24 hours"):
            issue()


def test_a_key_can_do_no_more_than_it_was_made_for(bench: Bench) -> None:
    from zones_api.domain.people import Role
    from zones_api.identity import issue_token

    day = timedelta(hours=24)
    bench.tokens["dina drafting"] = issue_token(
        bench.owner, bench.keys, "d" * 43, "dina", "drafting", [Role.DRAFTER, Role.POLICE], day, NOW
    )
    draft = bench.draft()
    assert bench.step("anna", draft, "submission").status_code == 200

    said = bench.step("dina drafting", draft, "reviews", verdict="approved")
    looked = bench.call(
        "dina drafting", "POST", "/v1/police/status", {"lon": 4.8, "lat": 52.3, "purpose": "curiosity"}
    )

    assert (said.status_code, looked.status_code) == (403, 403)
    assert bench.step("dina", draft, "reviews", verdict="approved").status_code == 200


def test_a_role_that_has_ended_ends_for_every_key(bench: Bench) -> None:
    from zones_api.domain.people import Role

    assert bench.call("anna", "GET", "/v1/me").json()["may"]["write a draft"] == 1
    with writing(bench.owner) as connection:
        people.end_roles(connection, "anna", "caa", [Role.DRAFTER], NOW)

    assert bench.call("anna", "GET", "/v1/me").json()["may"]["write a draft"] == 0
    assert bench.call("anna", "POST", "/v1/drafts", {"content": content()}).status_code == 403


def test_the_police_ask_about_a_flight_to_come_and_not_about_what_will_be_known(bench: Bench) -> None:
    bench.published()
    later = (NOW + timedelta(days=1)).isoformat()
    asked = {"lon": 4.8, "lat": 52.3, "purpose": "an event"}

    to_come = bench.call("pim", "POST", "/v1/police/status", asked | {"at": later})
    not_yet = bench.call("pim", "POST", "/v1/police/status", asked | {"known_at": later})

    assert (to_come.status_code, to_come.json()["differ"]) == (200, False)
    assert (not_yet.status_code, not_yet.json()["errors"][0]["pointer"]) == (422, "/known_at")


def test_every_look_of_the_police_is_written_down_where_the_service_cannot_read_it(bench: Bench) -> None:
    from sqlalchemy.exc import ProgrammingError

    bench.published()
    asked = {"lon": 4.8, "lat": 52.3, "purpose": "an incident", "case_reference": "PL-1"}
    assert bench.call("pim", "POST", "/v1/police/status", asked).status_code == 200
    assert bench.call("pim", "POST", "/v1/police/status", asked | {"purpose": ""}).status_code == 400

    with bench.engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("SELECT * FROM police_look"))
    with bench.owner.connect() as connection:
        looks = connection.execute(
            text("SELECT purpose, case_reference, question, revision_then, revision_now FROM police_look")
        ).all()
    assert [tuple(look) for look in looks] == [("an incident", "PL-1", {"lon": 4.8, "lat": 52.3}, 1, 1)]


def test_the_case_of_a_look_may_follow_and_only_whoever_looked_names_it(bench: Bench) -> None:
    from zones_api.domain.people import Role

    with writing(bench.owner) as connection:
        people.grant(connection, "evert", "police", Role.POLICE, NOW)
    bench.tokens["evert"] = bench.sign_in("evert", Role.POLICE)
    look = bench.call(
        "pim", "POST", "/v1/police/status", {"lon": 4.8, "lat": 52.3, "purpose": "an incident"}
    ).json()["look"]
    path, case = f"/v1/police/looks/{look}/case", {"case_reference": "PL-2"}

    assert bench.call("evert", "POST", path, case).status_code == 404
    assert [bench.call("pim", "POST", path, case).status_code for _ in range(2)] == [201, 201]

    with bench.owner.connect() as connection:
        named = connection.execute(text("SELECT look_id, case_reference FROM police_case")).all()
    assert [(str(each.look_id), each.case_reference) for each in named] == [(look, "PL-2")]


def test_what_publishing_does_names_the_heights_and_that_there_are_times(bench: Bench) -> None:
    weekdays = [{"schedule": [{"day": ["MON"], "startTime": "08:00Z", "endTime": "16:00Z"}]}]
    draft = bench.draft(items=[asserting(limitedApplicability=weekdays)])

    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["sentence"]

    assert "from the surface to 120 m AGL, at the dates and weekly times in it: " in said["en"]
    assert said["en"].endswith(": PROHIBITED.")
    assert (
        "van de grond tot 120 m AGL, op de data en weektijden die erin staan: verboden (PROHIBITED)."
        in said["nl"]
    )


def test_what_publishing_does_says_when_by_the_clock_there_first(bench: Bench) -> None:
    during = {"from": "2027-02-28T23:00:00Z", "to": "2027-09-30T22:00:00Z"}
    draft = bench.draft(items=[asserting(valid=during)])

    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()["sentence"]

    assert (
        "from 2027-03-01 00:00 local time (2027-02-28 23:00 UTC)"
        " until 2027-10-01 00:00 local time (2027-09-30 22:00 UTC), " in said["en"]
    )
    assert (
        "vanaf 2027-03-01 00:00 plaatselijke tijd (2027-02-28 23:00 UTC)"
        " tot 2027-10-01 00:00 plaatselijke tijd (2027-09-30 22:00 UTC), " in said["nl"]
    )

"""Data sets and publishers' documents over HTTP: byte for byte out, and in from whom they are expected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx2 import Response

from tests.authority import Bench
from tests.documents import circle, collection, feature
from zones_api.api import data_sets
from zones_api.formats.document import read_document

FIVE = [feature(f"Z{number}") for number in range(5)]


def brought(bench: Bench, data: bytes, query: str = "", person: str = "machine", **headers: str) -> Response:
    """Send a document to the data set that the machine's organisation may import."""
    if person not in bench.tokens:
        bench.tokens[person] = bench.sign_in(person)
    sent = {
        "Authorization": f"Bearer {bench.tokens[person]}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"import-{next(bench._numbers)}",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return bench.client.post(f"/v1/imports?data_set=national{query}", content=data, headers=sent)


def test_a_document_that_is_brought_is_a_revision_that_verifies(bench: Bench) -> None:
    from zones_api.comparison import check_database
    from zones_api.store.register import reading

    data = collection(*FIVE, feature("BAD", geometry=None))

    said = brought(bench, data)

    body = said.json()
    assert (said.status_code, body["revision"], body["is_new"]) == (201, 1, True)
    assert (body["added"], body["quarantined"]) == (5, 1)
    assert body["digest"] == read_document(data).digest
    assert [d["pointer"] for d in body["defects"] if d["severity"] == "quarantine"] == [
        "/features/5/geometry"
    ]
    with reading(bench.engine) as connection:
        assert check_database(connection).fault_count == 0
    bench.follow()
    assert bench.status(5.3, 52.05)["verdict"] == "PROHIBITED"


def test_the_same_document_again_changes_nothing(bench: Bench) -> None:
    brought(bench, collection(*FIVE))

    said = brought(bench, collection(*FIVE))

    assert (said.status_code, said.json()["is_new"], said.json()["revision"]) == (200, False, 1)


def test_a_repetition_is_answered_as_before_and_another_request_with_its_key_is_not(bench: Bench) -> None:
    first = brought(bench, collection(*FIVE), Idempotency_Key="once")
    second = brought(bench, collection(*FIVE), Idempotency_Key="once")
    other = brought(bench, collection(*FIVE), "&accept_fewer_zones=true", Idempotency_Key="once")

    assert (second.status_code, second.json()) == (201, first.json())
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


def test_a_document_that_shrank_is_held_unless_it_is_said_to_be_meant(bench: Bench) -> None:
    brought(bench, collection(*FIVE))

    held = brought(bench, collection(FIVE[0]))
    meant = brought(bench, collection(FIVE[0]), "&accept_fewer_zones=true")

    assert (held.status_code, held.json()["errors"][0]["code"]) == (422, "DOCUMENT_SHRUNK")
    assert (meant.status_code, meant.json()["removed"]) == (201, 4)


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        (b"", 400, "empty"),
        (b"<html>", 422, "web page"),
        (collection(), 422, "no zones"),
        (b'{"type": 1, "type": 2}', 422, "twice"),
    ],
)
def test_what_is_no_document_is_refused_with_every_defect(
    bench: Bench, data: bytes, status: int, says: str
) -> None:
    said = brought(bench, data)

    assert said.status_code == status
    assert says in said.text
    assert bench.client.get("/v1/revisions").json()["revisions"] == []


def test_a_document_has_a_limit_of_its_own(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_sets, "MAX_UPLOAD_BYTES", 1000)

    said = brought(bench, b" " * 1001)

    assert (said.status_code, said.json()["detail"]) == (413, "The body is larger than 1000 bytes.")


def test_a_document_larger_than_other_bodies_may_be_is_taken(bench: Bench) -> None:
    said = brought(bench, collection(*FIVE) + b" " * 6_000_000)

    assert said.status_code == 201


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ("", {"Idempotency_Key": ""}, 400),
        ("&file_name=%0d%0aSet-Cookie", {}, 400),
        ("&data_set=Not%20A%20Name", {}, 400),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    bench: Bench, query: str, headers: dict[str, str], status: int
) -> None:
    assert brought(bench, collection(*FIVE), query, **headers).status_code == status


def test_who_may_import_one_data_set_may_not_import_another(bench: Bench) -> None:
    assert brought(bench, collection(*FIVE), person="machine-of-others").status_code == 403
    assert brought(bench, collection(*FIVE), person="cees").status_code == 403


def test_the_data_sets_say_what_they_are(bench: Bench) -> None:
    bench.set_aside("national")
    bench.published()

    own, mirrored = bench.client.get("/v1/data-sets").json()["data_sets"]

    assert (own["data_set"], own["kind"], own["revision"], own["zones"]) == ("caa-zones", "own", 2, 1)
    assert (mirrored["data_set"], mirrored["kind"], mirrored["revision"]) == ("national", "mirrored", 1)
    assert (mirrored["zones"], mirrored["quarantined"], mirrored["age"]["received_age_s"]) == (1, 1, 0)


def test_a_document_comes_back_byte_for_byte(bench: Bench) -> None:
    first, second = b"\xef\xbb\xbf" + collection(*FIVE), collection(*FIVE, feature("NEW"))
    brought(bench, first)
    brought(bench, second)

    newest = bench.client.get("/v1/data-sets/national/document")
    earlier = bench.client.get("/v1/data-sets/national/document?revision=1")

    assert (newest.content, earlier.content) == (second, first)
    assert newest.headers["etag"] == f'"{read_document(second).digest}"'
    assert newest.headers["x-content-type-options"] == "nosniff"
    assert newest.headers["content-disposition"] == 'attachment; filename="national-2.json"'
    assert newest.headers["content-type"] == "application/json"
    assert newest.headers["content-length"] == str(len(second))


def test_a_document_that_one_has_is_not_sent_again(bench: Bench) -> None:
    brought(bench, collection(*FIVE))
    etag = bench.client.get("/v1/data-sets/national/document").headers["etag"]

    again = bench.client.get("/v1/data-sets/national/document", headers={"If-None-Match": f'W/"x", {etag}'})
    other = bench.client.get("/v1/data-sets/national/document", headers={"If-None-Match": '"x"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["none/document", "caa-zones/document", "national/document?revision=99"])
def test_what_has_no_document_is_not_found(bench: Bench, path: str) -> None:
    brought(bench, collection(*FIVE))
    bench.published()

    assert bench.client.get(f"/v1/data-sets/{path}").status_code == 404


def test_a_document_named_as_a_page_is_still_no_page(bench: Bench) -> None:
    brought(bench, collection(feature("<script>alert(1)</script>")), "&file_name=a.html")

    said = bench.client.get("/v1/data-sets/national/document")

    assert said.headers["content-type"] == "application/json"
    assert said.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in said.headers["content-security-policy"]


def waiting(bench: Bench, **asked: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    said = bench.client.get(f"/v1/quarantine?{query}")
    assert said.status_code == 200, said.text
    return list(said.json()["zones"])


def test_zones_set_aside_are_listed_with_every_defect_and_since_when(bench: Bench) -> None:
    bench.imported("national", feature(), feature("Q1"))
    bench.set_aside("national")
    bench.set_aside("national", name=[{"text": "changed", "lang": "en-GB"}])

    (zone,) = waiting(bench)

    assert (zone["data_set"], zone["country"], zone["identifier"]) == ("national", "NLD", "Q1")
    assert (zone["published_type"], zone["pointer"], zone["since_revision"]) == (
        "PROHIBITED",
        "/features/1",
        2,
    )
    assert {d["pointer"] for d in zone["defects"] if d["severity"] == "quarantine"} == {
        "/features/1/geometry/coordinates/0/1"
    }


def test_a_zone_that_was_read_between_is_set_aside_since_the_last_time(bench: Bench) -> None:
    bench.set_aside("national")
    bench.imported("national", feature(), feature("Q1"))
    bench.set_aside("national")

    assert [zone["since_revision"] for zone in waiting(bench)] == [3]


def test_the_list_has_pages(bench: Bench) -> None:
    bench.imported("national", feature(), *(feature(f"Q{number}", geometry=None) for number in range(3)))

    first = bench.client.get("/v1/quarantine?limit=2").json()
    rest = bench.client.get(first["next"]).json()

    assert (first["total"], rest["next"]) == (3, None)
    assert [z["identifier"] for z in first["zones"] + rest["zones"]] == ["Q0", "Q1", "Q2"]
    assert bench.client.get("/v1/quarantine?data_set=none").status_code == 404


def test_a_zone_set_aside_is_shown_as_published_beside_its_last_good_version(bench: Bench) -> None:
    bench.imported("national", feature(), feature("Q1"))
    bench.set_aside("national")

    by_name = bench.client.get("/v1/quarantine/national/zone?zone=Q1").json()
    by_place = bench.client.get("/v1/quarantine/national/zone?zone=/features/1").json()

    assert by_name == by_place
    assert by_name["feature"]["geometry"]["coordinates"][0][1] == [5.4, 152.0]
    assert by_name["last_good"]["features"] == [feature("Q1")]
    assert bench.client.get("/v1/quarantine/national/zone?zone=A1").status_code == 404


def test_a_draft_begun_from_a_zone_set_aside_keeps_what_could_be_kept(bench: Bench) -> None:
    bench.set_aside("national")
    asked = {"data_set": "national", "zone": "Q1", "into": "caa-zones"}

    begun = bench.call("anna", "POST", "/v1/quarantine/drafts", asked)

    draft = begun.json()
    assert begun.status_code == 201
    assert draft["content"]["data_set"] == "caa-zones"
    kept = draft["content"]["items"][0]["feature"]
    assert kept["properties"] == feature("Q1")["properties"]
    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    assert {hint["pointer"] for hint in said["hints"] if hint["severity"] == "stop"} == {
        "/legal_reference",
        "/items/0/feature/geometry/coordinates/0/1",
    }
    kept["geometry"] = circle(4.8, 52.3, 1000)
    etag = bench.call("anna", "GET", f"/v1/drafts/{draft['id']}").headers["etag"]
    patch = {"legal_reference": "an act", "items": [draft["content"]["items"][0]]}
    mended = bench.call("anna", "PATCH", f"/v1/drafts/{draft['id']}", patch, If_Match=etag).json()
    bench.approved(mended, "bram", "evert")
    assert bench.step("cees", mended, "publication").status_code == 201


def test_an_ed269_zone_is_kept_where_ed318_has_its_members() -> None:
    from zones_api.formats import ed318
    from zones_api.formats.members import Found
    from zones_api.formats.mending import ed269_as_ed318

    zone = {
        "identifier": "E1",
        "country": "NLD",
        "name": "A zone",
        "type": "COMMON",
        "restriction": "REQ_AUTHORISATION",
        "reason": ["AIR_TRAFFIC"],
        "uSpaceClass": "X",
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"purpose": "AUTHORIZATION", "email": "a@example.org"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 120,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {"type": "Circle", "center": [4.8, 52.3], "radius": 500},
            }
        ],
    }

    kept = ed269_as_ed318(zone)

    found = Found()
    read = ed318.read_feature(kept, found, "")
    assert read is not None
    assert (read.type, read.variant, read.name[0].text) == ("REQ_AUTHORIZATION", "COMMON", "A zone")
    assert read.volumes[0].vertical.upper is not None
    assert read.volumes[0].vertical.upper.height.value_m == 120
    assert read.extended_properties == {"ed269": {"uSpaceClass": "X"}}
    assert json.loads(json.dumps(kept)) == kept

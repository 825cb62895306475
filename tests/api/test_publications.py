"""The register as files for anyone: which zones, when, the same bytes, and what they could not carry."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.authority import COVERAGE, NOW, Bench, asserting
from tests.documents import circle, collection, feature
from zones_api.app import create_app
from zones_api.domain.territory import Territories
from zones_api.following import Following, read_snapshot
from zones_api.formats.document import read_document
from zones_api.publications import Publications, Selection
from zones_api.publishing import Submission, import_documents

ED318 = "/v1/publications/ed318"


def identifiers(said: Any) -> list[str]:
    return sorted(each.zone.identifier for each in read_document(said.content).zones)


@pytest.mark.parametrize(
    ("name", "media_type", "suffix"),
    [
        ("ed318", "application/geo+json", "ed318.json"),
        ("ed269", "application/json", "ed269.json"),
        ("geojson", "application/geo+json", "geojson"),
        ("kml", "application/vnd.google-earth.kml+xml", "kml"),
    ],
)
def test_each_format_says_what_it_is(client: TestClient, name: str, media_type: str, suffix: str) -> None:
    said = client.get(f"/v1/publications/{name}")

    assert said.status_code == 200
    assert said.headers["content-type"].split(";")[0] == media_type
    assert said.headers["content-disposition"] == f'attachment; filename="zones-r7.{suffix}"'
    assert said.headers["zones-revision"] == "7"
    assert said.headers["link"].startswith(f"</v1/publications/{name}/losses>")


def test_whoever_has_it_already_is_told_so(client: TestClient) -> None:
    first = client.get(ED318)
    tag = first.headers["etag"]

    for known in (tag, f'"other", W/{tag}', "*"):
        again = client.get(ED318, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(ED318, headers={"If-None-Match": '"other"'}).content == first.content
    assert not tag.startswith("W/")


def test_a_head_has_the_headers_and_no_body(client: TestClient) -> None:
    got, head = client.get(ED318), client.head(ED318)

    assert (head.status_code, head.headers["etag"]) == (200, got.headers["etag"])
    assert head.headers["content-length"] == str(len(got.content))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["ASK", "HIGH", "OFFICE", "SQUARE"]),
        ("?bbox=4.7,52.2,4.9,52.4", ["ASK"]),
        ("?bbox=5,51,-179,53", ["OFFICE", "SQUARE"]),
        ("?country=NLD&data_set=set-0", ["ASK", "HIGH", "OFFICE", "SQUARE"]),
    ],
)
def test_a_part_is_the_zones_that_touch_it(client: TestClient, query: str, expected: list[str]) -> None:
    assert identifiers(client.get(f"{ED318}{query}")) == expected


def test_a_part_says_that_it_is_one_and_vouches_for_no_more(client: TestClient) -> None:
    said = client.get(f"{ED318}?bbox=4.7,52.2,4.9,52.4")

    metadata = said.json()["metadata"]
    assert "a part of the register only" in metadata["technicalLimitations"][0]["text"]
    coverage = read_document(said.content).metadata.coverage
    assert coverage is not None
    west, south, east, north = coverage.bounds
    assert (west, south, east, north) == pytest.approx((4.7, 52.2, 4.9, 52.4), abs=1e-6)


def test_a_part_without_zones_is_an_empty_list(client: TestClient) -> None:
    assert client.get(f"{ED318}?bbox=4.0,51.9,4.1,52.0").json()["features"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("bbox=4,52,5", 400),
        ("bbox=4,53,5,52", 400),
        ("bbox=4,52,5,nan", 400),
        ("bbox=4,52,5,inf", 400),
        ("bbox=4,52,500,53", 400),
        ("revision=0", 400),
        ("revision=x", 400),
        ("revision=1&known_at=1", 400),
        ("revision=1&revision=2", 400),
        ("colour=red", 400),
        ("known_at=2099-01-01T00:00:00Z", 422),
        ("data_set=nowhere", 404),
        ("country=XYZ", 404),
    ],
)
def test_what_is_not_there_or_not_meant_is_a_problem(client: TestClient, query: str, status: int) -> None:
    said = client.get(f"{ED318}?{query}")

    assert said.status_code == status, said.text
    assert said.json()["detail"]


def test_a_format_that_is_not_there_is_a_problem(client: TestClient) -> None:
    assert client.get("/v1/publications/shapefile").status_code == 400


def test_losses_are_listed_zone_by_zone(client: TestClient) -> None:
    said = client.get("/v1/publications/geojson/losses").json()

    assert said["zones"] == 4
    assert {each["code"] for each in said["losses"]} == {"CIRCLE_OUTLINED"}
    assert {each["identifier"] for each in said["losses"]} == {"ASK", "HIGH", "OFFICE"}


def test_before_anything_is_published_there_is_no_file(territories: Territories) -> None:
    from zones_api.snapshot import build_snapshot

    with TestClient(create_app(Following(build_snapshot((), (), territories)), lambda: NOW)) as client:
        assert client.get(ED318).status_code == 404


def test_a_revision_and_a_moment_are_the_register_as_it_was_then(bench: Bench) -> None:
    for number in range(2):
        bench.now = NOW + timedelta(hours=number)
        bench.published(coverage=COVERAGE, items=[asserting(f"T{number}")])
    bench.now += timedelta(hours=1)
    moment = (NOW + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")

    first, newest = bench.client.get(f"{ED318}?revision=1"), bench.client.get(ED318)

    assert (identifiers(first), identifiers(newest)) == (["T0"], ["T0", "T1"])
    assert bench.client.get(f"{ED318}?known_at={moment}").content == first.content
    assert bench.client.get(f"{ED318}?revision=2").content == newest.content
    assert first.json()["metadata"]["issued"] == "2026-11-25T12:00:00Z"
    assert "max-age" in first.headers["cache-control"]
    assert "no-cache" in newest.headers["cache-control"]


def test_a_country_has_the_zones_that_an_authority_drew_itself(bench: Bench) -> None:
    bench.imported("ours", feature("SQUARE"))
    bench.now = NOW + timedelta(hours=1)
    bench.published(coverage=COVERAGE, items=[asserting("T0")])

    of_country = bench.client.get(f"{ED318}?country=NLD")
    of_both = bench.client.get(f"{ED318}?country=NLD&data_set=caa-zones")

    assert identifiers(of_country) == ["SQUARE", "T0"]
    assert identifiers(of_both) == ["T0"]
    assert bench.client.get(f"{ED318}?country=DEU").status_code == 404


def imported(engine: Engine, data: bytes, name: str = "ours", hours: int = 0) -> None:
    submission = Submission(name, f"{name}.json", data, read_document(data), accept_fewer_zones=True)
    import_documents(engine, [submission], lambda: NOW + timedelta(hours=hours))


def test_a_name_is_given_once_and_recorded(engine: Engine, territories: Territories) -> None:
    imported(engine, collection(feature("2.a"), feature("PLAIN")))
    first = Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318")
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT * FROM export_identifier")).all()

    (row,) = rows
    assert (row.country, row.identifier) == ("NLD", "2.a")
    names = {each["properties"]["identifier"] for each in json.loads(first.data)["features"]}
    assert names == {row.exported, "PLAIN"}
    assert (
        Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318").data
        == first.data
    )


def test_a_name_once_given_goes_to_no_other_zone_that_comes_later(
    engine: Engine, territories: Territories
) -> None:
    imported(engine, collection(feature("2.a")))
    first = Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318")
    name = json.loads(first.data)["features"][0]["properties"]["identifier"]

    imported(engine, collection(feature("2.a"), feature(name, geometry=circle(4.8, 52.3, 500))), hours=1)
    second = Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318")

    written = {each["properties"]["identifier"] for each in json.loads(second.data)["features"]}
    assert len(written) == 2
    assert name in written
    assert sorted(each.zone.identifier for each in read_document(second.data).zones) == sorted(["2.a", name])
    (own,) = [each for each in json.loads(second.data)["features"] if each["geometry"]["type"] == "Point"]
    assert own["properties"]["identifier"] != name


def test_a_name_that_a_zone_ever_had_by_itself_is_given_to_none(
    engine: Engine, territories: Territories
) -> None:
    from zones_api.formats.exports.identifiers import exported_identifiers

    (name,) = exported_identifiers([("NLD", "2.a")]).values()
    imported(engine, collection(feature(name), feature("X")))
    imported(engine, collection(feature("2.a"), feature("X")), hours=1)

    made = Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318")

    assert name not in {each["properties"]["identifier"] for each in json.loads(made.data)["features"]}


@pytest.mark.parametrize(
    "change", ["UPDATE export_identifier SET exported = 'B'", "DELETE FROM export_identifier"]
)
def test_a_recorded_name_cannot_be_changed(engine: Engine, owner: Engine, change: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO export_identifier VALUES ('NLD', '2.a', 'A')"))

    for each in (engine, owner):
        with pytest.raises(DBAPIError), each.begin() as connection:
            connection.execute(text(change))
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("INSERT INTO export_identifier VALUES ('NLD', '2.b', 'A')"))


def test_zones_that_have_ended_are_not_exported(engine: Engine, territories: Territories) -> None:
    imported(engine, collection(feature("A1"), feature("B2")))
    imported(engine, collection(feature("A1")), hours=1)

    made = Publications(engine).export(read_snapshot(engine, territories), Selection(), "ed318")

    assert [each.zone.identifier for each in read_document(made.data).zones] == ["A1"]


def test_a_version_that_ends_and_its_successor_are_both_there_for_their_time(bench: Bench) -> None:
    bench.published(coverage=COVERAGE, items=[asserting("T0")])
    later = (NOW + timedelta(days=2)).isoformat()
    bench.now = NOW + timedelta(hours=1)
    bench.published(items=[asserting("T0", type="CONDITIONAL") | {"valid": {"from": later}}])

    features = bench.client.get(ED318).json()["features"]

    said = {each["properties"]["type"]: each["properties"]["limitedApplicability"] for each in features}
    assert said == {
        "PROHIBITED": [{"startDateTime": "2026-11-25T12:00:00Z", "endDateTime": "2026-11-27T12:00:00Z"}],
        "CONDITIONAL": [{"startDateTime": "2026-11-27T12:00:00Z"}],
    }


def test_what_was_exported_is_kept_for_whoever_asks_again(snapshot: Any) -> None:
    publications = Publications()

    first = publications.export(snapshot, Selection(), "ed318")

    assert publications.export(snapshot, Selection(), "ed318") is first

"""A file before it becomes a draft: what each zone would be, which field became which, and what is set aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from tests.authority import Bench
from tests.documents import circle, collection, feature
from tests.formats import national
from zones_api.api import import_previews

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


def send(bench: Bench, data: bytes, mapping: bytes | None = None, person: str | None = "anna") -> Response:
    headers = {}
    if person is not None:
        bench.tokens.setdefault(person, bench.sign_in(person))
        headers["Authorization"] = f"Bearer {bench.tokens[person]}"
    files = {"file": ("zones.any", data)} | ({"mapping": ("mapping", mapping)} if mapping else {})
    return bench.client.post("/v1/imports/preview", files=files, headers=headers)


def looked_at(bench: Bench, data: bytes, mapping: bytes | None = None) -> dict[str, Any]:
    said = send(bench, data, mapping)
    assert said.status_code == 200, said.text
    return dict(said.json())


def became(zone: dict[str, Any]) -> dict[str, str | None]:
    return {field["old"]: field["new"] for field in zone["fields"]}


def stops_of(bench: Bench, *zones: dict[str, Any]) -> list[str]:
    """Begin a draft with the features of a preview, and return what stops it."""
    items = [
        {"change": "assert", "feature": zone["feature"], "valid": {"from": None, "to": None}}
        for zone in zones
    ]
    draft = bench.draft(items=items)
    said = bench.call("anna", "POST", f"/v1/drafts/{draft['id']}/validation").json()
    return [hint["code"] for hint in said["hints"] if hint["severity"] == "stop"]


def test_a_zone_of_ed318_stays_as_it_stands_and_what_is_unknown_or_broken_is_named(bench: Bench) -> None:
    good = feature("A1", geometry=circle(4.8, 52.3, 500), colour="red")
    broken = {"type": "Polygon", "coordinates": [[[5.2, 52.0], [5.4, 152.0], [5.4, 52.1], [5.2, 52.0]]]}

    said = looked_at(bench, collection(good, feature("Q1", geometry=broken)))

    (zone,) = said["zones"]
    assert (said["format"], said["zone_count"]) == ("ed318", 1)
    assert "WGS 84" in said["coordinate_system"]
    assert zone["feature"] == good
    assert became(zone)["identifier"] == "identifier"
    assert became(zone)["colour"] is None
    assert [each["identifier"] for each in said["quarantined"]] == ["Q1"]
    assert "latitude" in said["quarantined"][0]["defects"][0]["sentence"]
    assert bench.call("anna", "GET", "/v1/drafts").json()["drafts"] == []


def test_a_zone_of_ed269_becomes_one_of_ed318_that_a_draft_takes(bench: Bench) -> None:
    zone = national.zone269("EHXX1", "NLD", 4.8, 52.3, restriction="REQ_AUTHORISATION", uSpaceClass="EURO")
    data = json.dumps({"title": "Zones", "features": [zone]}).encode()

    said = looked_at(bench, data)

    (only,) = said["zones"]
    assert only["feature"]["properties"]["type"] == "REQ_AUTHORIZATION"
    assert (became(only)["restriction"], became(only)["type"]) == ("type", "variant")
    assert became(only)["uSpaceClass"] == "extendedProperties"
    assert "zones_api_export" not in only["feature"]["properties"].get("extendedProperties", {})
    assert stops_of(bench, only) == []


def test_a_file_that_does_not_say_what_its_columns_mean_is_asked_for_a_mapping(bench: Bench) -> None:
    data = (EXAMPLES / "office-zones.geojson").read_bytes()

    said = looked_at(bench, data)

    (layer,) = said["layers"]
    assert (said["zones"], layer["rows"]) == ([], 3)
    assert layer["coordinate_system"] == "urn:ogc:def:crs:EPSG::28992"
    assert {"name": "CODE", "samples": ["H-1", "H-2", "H-3"]} in layer["columns"]
    assert layer["guessed"]["identifier"] == "CODE"
    assert said["required"] == ["identifier", "country", "type"]


def test_with_a_mapping_each_row_is_a_zone_in_wgs_84_with_its_fields(bench: Bench) -> None:
    data = (EXAMPLES / "office-zones.geojson").read_bytes()

    said = looked_at(bench, data, (EXAMPLES / "office-mapping.toml").read_bytes())

    first, second = said["zones"]
    assert "28992" in said["coordinate_system"]
    assert any("Rows left out" in sentence for sentence in said["said"])
    assert (became(first)["SOORT"], became(first)["STATUS"]) == ("type", None)
    assert first["feature"]["properties"]["type"] == "PROHIBITED"
    lon, lat = first["feature"]["geometry"]["coordinates"][0][0]
    assert 5 < lon < 6
    assert 52 < lat < 53
    assert second["feature"]["properties"]["type"] == "REQ_AUTHORIZATION"
    assert stops_of(bench, first) == []


def test_kml_needs_a_mapping_too_and_a_mapping_that_does_not_fit_names_its_columns(bench: Bench) -> None:
    kml = (
        b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>Haven</name><Polygon><outerBoundaryIs>'
        b"<LinearRing><coordinates>4.8,52.3 4.9,52.3 4.9,52.4 4.8,52.3</coordinates></LinearRing>"
        b"</outerBoundaryIs></Polygon></Placemark></kml>"
    )
    assert looked_at(bench, kml)["layers"][0]["columns"][0]["name"] == "name"

    said = send(bench, kml, b'{"columns": {"identifier": "CODE"}, "values": {"country": "NLD"}}')

    assert said.status_code == 400
    assert {each["pointer"] for each in said.json()["errors"]} == {"/columns/identifier", "/columns/type"}
    fitting = b'{"columns": {"name": "name"}, "values": {"identifier": "H1", "country": "NLD", "type": "PROHIBITED"}}'
    (zone,) = looked_at(bench, kml, fitting)["zones"]
    assert (zone["identifier"], zone["name"]) == ("H1", "Haven")


@pytest.mark.parametrize(
    ("data", "status", "why"),
    [
        (b"", 422, "The document is empty."),
        (b"%PDF-1.7", 422, "This is a PDF file, not a zone document."),
        (b"<html></html>", 422, "This is a web page, not a zone document."),
        (b'{"features": [', 422, "JSON"),
        (b"PK\x03\x04nonsense", 400, "zip"),
    ],
)
def test_what_holds_no_zones_is_refused_in_a_sentence(
    bench: Bench, data: bytes, status: int, why: str
) -> None:
    said = send(bench, data)

    assert said.status_code == status, said.text
    assert why.lower() in said.json()["detail"].lower()


def test_what_is_too_large_or_no_form_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_previews, "MAX_BYTES", 1_000)

    large = send(bench, b" " * 200_000)
    plain = bench.call("anna", "POST", "/v1/imports/preview", {"file": 1})
    none = bench.client.post(
        "/v1/imports/preview",
        files={"other": ("a", b"b")},
        headers={"Authorization": f"Bearer {bench.tokens['anna']}"},
    )

    assert (large.status_code, plain.status_code, none.status_code) == (413, 415, 400)


@pytest.mark.parametrize(
    ("person", "status"),
    [(None, 401), ("anna", 200), ("bram", 403), ("cees", 403), ("gijs", 403), ("machine", 403), ("pim", 403)],
)
def test_a_drafter_alone_looks_at_files(bench: Bench, person: str | None, status: int) -> None:
    assert send(bench, collection(feature()), person=person).status_code == status

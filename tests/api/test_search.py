"""One field that finds coordinates, places, aerodromes and zones, and says nothing of what applies there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import NOW, snapshot_from
from tests.documents import circle, collection, feature
from zones_api.app import create_app
from zones_api.domain.spans import BEGINNING
from zones_api.domain.territory import Territories
from zones_api.errors import GeodataUnusable
from zones_api.following import Following
from zones_api.formats.aerodromes import read_aerodromes
from zones_api.formats.places import read_places
from zones_api.search import Search

GEODATA = Path(__file__).resolve().parents[2] / "geodata"


@pytest.fixture(scope="module")
def asked(territories: Territories) -> Iterator[TestClient]:
    """A client over zones near Utrecht and near Groningen, with the places and aerodromes that the project ships."""
    snapshot = snapshot_from(
        territories,
        collection(
            feature("EHP25", name=[{"text": "Paleis Soestdijk", "lang": "nl-NL"}]),
            feature(
                "NATURA-1", geometry=circle(6.5, 53.2, 500), name=[{"text": "Café Reserve", "lang": "nl-NL"}]
            ),
            feature(
                "NATURA-2", geometry=circle(5.1, 52.1, 500), name=[{"text": "Oude Café", "lang": "nl-NL"}]
            ),
        ),
    )
    app = create_app(
        Following(snapshot, NOW),
        lambda: NOW,
        aerodromes=read_aerodromes(GEODATA),
        places=read_places(GEODATA),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def found(client: TestClient, q: str, **more: Any) -> list[dict[str, Any]]:
    said = client.get("/v1/search", params={"q": q, **more})
    assert said.status_code == 200, said.text
    return list(said.json()["suggestions"])


@pytest.mark.parametrize(
    ("q", "lon", "lat"),
    [
        ("52.1, 5.3", 5.3, 52.1),
        ("5.3 52.1", 5.3, 52.1),
        ("N 52° 06' 12\" E 4° 18' 00\"", 4.3, 52.10333),
        ("521234N 0041800E", 4.3, 52.20944),
        ("155000 463000", 5.38720, 52.15517),
    ],
)
def test_coordinates_are_read_in_any_common_form_europe_first(
    asked: TestClient, q: str, lon: float, lat: float
) -> None:
    first = found(asked, q)[0]

    assert (first["kind"], first["detail"]) == ("coordinates", q)
    assert first["position"] == pytest.approx([lon, lat], abs=1e-4)


@pytest.mark.parametrize("q", ["52,1 5,3", "52,1; 5,3", "52,1, 5,3"])
def test_two_numbers_with_decimal_commas_are_a_position(asked: TestClient, q: str) -> None:
    assert [each["position"] for each in found(asked, q)] == [[5.3, 52.1], [52.1, 5.3]]


@pytest.mark.parametrize("q", ["geo:52.1,5.3", "GEO:52.1,5.3,12;u=35", "geo:52.1,5.3?z=12"])
def test_a_geo_address_has_its_latitude_first(asked: TestClient, q: str) -> None:
    assert [each["position"] for each in found(asked, q)] == [[5.3, 52.1]]


@pytest.mark.parametrize("q", ["geo:91,5.3", "geo:52.1", "geo:52.1,5.3;crs=other"])
def test_a_geo_address_that_is_no_place_is_none(asked: TestClient, q: str) -> None:
    assert "coordinates" not in {each["kind"] for each in found(asked, q)}


def test_plain_numbers_that_may_be_meant_both_ways_are_offered_both_ways(asked: TestClient) -> None:
    assert [each["position"] for each in found(asked, "52.1, 5.3")] == [[5.3, 52.1], [52.1, 5.3]]


@pytest.mark.parametrize("q", ["Zone 5", "weg 12.5 30.5", "52.1,4.3 52.2,4.4", "1234"])
def test_a_text_that_is_not_one_position_is_none(asked: TestClient, q: str) -> None:
    assert "coordinates" not in {each["kind"] for each in found(asked, q)}


@pytest.mark.parametrize("q", ["EHAM", "eham", "AMS"])
def test_an_aerodrome_is_found_by_either_code(asked: TestClient, q: str) -> None:
    first = found(asked, q)[0]

    assert (first["kind"], first["id"], first["detail"]) == ("aerodrome", "EHAM", "EHAM / AMS · NLD")


@pytest.mark.parametrize(
    ("q", "label"),
    [("den haag", "Den Haag"), ("The Hague", "Den Haag"), ("munchen", "München"), ("Amst", "Amsterdam")],
)
def test_a_place_is_found_by_its_names_and_the_larger_first(asked: TestClient, q: str, label: str) -> None:
    first = found(asked, q, lon=6.5, lat=53.2)[0]

    assert (first["kind"], first["label"]) == ("place", label)


@pytest.mark.parametrize("q", ["EHP25", "ehp2", "NLD EHP25", "soestdijk"])
def test_a_zone_is_found_by_its_identifier_and_its_name(asked: TestClient, q: str) -> None:
    (zone,) = [each for each in found(asked, q) if each["kind"] == "zone"]

    assert (zone["label"], zone["id"], zone["detail"]) == (
        "Paleis Soestdijk",
        "NLD EHP25",
        "NLD EHP25 · set-0",
    )
    assert zone["bounds"] == [5.2, 52.0, 5.4, 52.1]
    assert zone["position"] == pytest.approx([5.3, 52.05], abs=0.05)


def test_how_well_a_name_fits_comes_before_nearness(asked: TestClient) -> None:
    def zones(q: str, lon: float, lat: float) -> list[str]:
        return [each["id"] for each in found(asked, q, lon=lon, lat=lat) if each["kind"] == "zone"]

    assert zones("natura", 5.1, 52.1) == ["NLD NATURA-2", "NLD NATURA-1"]
    assert zones("natura", 6.5, 53.2) == ["NLD NATURA-1", "NLD NATURA-2"]
    assert zones("CAFE", 5.1, 52.1) == ["NLD NATURA-1", "NLD NATURA-2"]


def test_a_zone_that_is_over_is_not_found(asked: TestClient, territories: Territories) -> None:
    snapshot = snapshot_from(territories, collection(feature("EHP25")))
    over = replace(snapshot, zones=(replace(snapshot.zones[0], valid=(BEGINNING, NOW - timedelta(hours=1))),))

    assert Search().find("EHP25", over, NOW, None, 10) == []
    assert len(Search().find("EHP25", snapshot, NOW, None, 10)) == 1


def test_a_new_snapshot_is_searched_at_once(territories: Territories) -> None:
    search = Search()

    for name in ("FIRST", "SECOND"):
        snapshot = snapshot_from(territories, collection(feature(name)))
        assert [each.id for each in search.find(name, snapshot, NOW, None, 10)] == [f"NLD {name}"]


def test_nothing_found_is_an_empty_list_that_says_nothing_of_zones(asked: TestClient) -> None:
    said = asked.get("/v1/search", params={"q": "no such thing anywhere"}).json()

    assert said["suggestions"] == []
    assert "not which zones apply there" in said["limitations"]
    assert "GeoNames" in said["limitations"]


def test_no_more_is_found_than_was_asked_for(asked: TestClient) -> None:
    assert len(found(asked, "a", limit=7)) == 7
    assert len(found(asked, "52.1, 5.3", limit=1)) == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        f"q={'x' * 201}",
        "q=a&lon=5",
        "q=a&lon=500&lat=5",
        "q=a&limit=0",
        "q=a&q=b",
        "q=a&colour=red",
    ],
)
def test_what_cannot_be_meant_is_a_problem(asked: TestClient, query: str) -> None:
    said = asked.get(f"/v1/search?{query}")

    assert (said.status_code, said.headers["content-type"]) == (400, "application/problem+json")


def test_the_list_has_every_place_of_the_netherlands_and_the_larger_ones_of_europe() -> None:
    places = read_places(GEODATA)

    assert sum(each.country == "NLD" for each in places) > 1_900
    assert len({each.country for each in places}) > 40
    assert all(each.population >= 15_000 for each in places if each.country != "NLD")
    assert all(-32 < each.position[0] < 46 and 27 < each.position[1] < 79 for each in places)


@pytest.mark.parametrize(
    "content", [None, "name,lon\nA,1\n", "name,english,country,lon,lat,population\nA,,NLD,x,1,2\n"]
)
def test_a_list_that_cannot_be_read_stops_the_service(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "places").mkdir()
    if content is not None:
        (tmp_path / "places" / "europe.csv").write_text(content)

    with pytest.raises(GeodataUnusable):
        read_places(tmp_path)

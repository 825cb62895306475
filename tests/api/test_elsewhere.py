"""A base map and an address search on others' servers: off until named, and no answer waits for them or rests on them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from tests.api.conftest import NOW
from tests.publisher import Asked, Publisher, answering, gone, publishing
from zones_api.api import pages
from zones_api.app import create_app
from zones_api.elsewhere import AT_ONCE, Addresses, AddressServer, BaseMap, NoAddresses
from zones_api.following import Following
from zones_api.formats.places import read_places
from zones_api.settings import Settings
from zones_api.snapshot import Snapshot

GEODATA = Path(__file__).resolve().parents[2] / "geodata"
BRT = BaseMap(
    "https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/standaard/EPSG:3857/{z}/{x}/{y}.png", "Kadaster"
)


def locatieserver(*docs: dict[str, Any]) -> bytes:
    return json.dumps({"response": {"numFound": len(docs), "start": 0, "docs": docs}}).encode()


def doc(label: str, kind: str = "adres", where: str = "POINT(5.1214 52.0907)", **more: Any) -> dict[str, Any]:
    return {"weergavenaam": label, "type": kind, "centroide_ll": where, "id": f"id-{label}", **more}


@pytest.fixture
def server() -> Iterator[Publisher]:
    with publishing() as found:
        yield found


def client(snapshot: Snapshot, server: Publisher | None, base_map: BaseMap | None = None) -> TestClient:
    addresses = Addresses(AddressServer(server.url, "BAG, Kadaster"), lambda: NOW) if server else None
    app = create_app(
        Following(snapshot, NOW),
        lambda: NOW,
        places=read_places(GEODATA),
        addresses=addresses,
        base_map=base_map,
    )
    return TestClient(app, raise_server_exceptions=False)


def test_addresses_are_found_below_what_the_service_knows_itself(
    snapshot: Snapshot, server: Publisher
) -> None:
    asked: list[str] = []

    def answer(request: Asked) -> None:
        asked.append(request.path)
        answering(200, locatieserver(doc("Utrechtsestraat 1, 1017VH Amsterdam"), doc("Utrecht", "weg")))(
            request
        )

    server.does = answer
    said = client(snapshot, server).get(
        "/v1/search", params={"q": "Utrecht", "lon": 5.12345, "lat": 52.09876}
    )

    kinds = [each["kind"] for each in said.json()["suggestions"]]
    assert kinds[0] == "place"
    assert kinds[-2:] == ["address", "address"]
    assert said.json()["suggestions"][-2] == {
        "kind": "address",
        "label": "Utrechtsestraat 1, 1017VH Amsterdam",
        "detail": "adres",
        "position": [5.1214, 52.0907],
        "bounds": None,
        "id": "id-Utrechtsestraat 1, 1017VH Amsterdam",
    }
    assert said.json()["addresses"]["state"] == "answered"
    sent = parse_qs(urlsplit(asked[0]).query)
    assert sent["q"] == ["Utrecht"]
    assert (sent["lon"], sent["lat"]) == (["5.12"], ["52.1"]), (
        "its server need not know where somebody stands"
    )


def test_at_most_half_of_what_is_found_are_addresses(snapshot: Snapshot, server: Publisher) -> None:
    server.does = answering(200, locatieserver(*(doc(f"Am {number}") for number in range(5))))

    said = client(snapshot, server).get("/v1/search", params={"q": "Ams", "limit": 4}).json()["suggestions"]

    assert [each["kind"] for each in said].count("address") == 2
    assert len(said) == 4


@pytest.mark.parametrize(
    "behaviour",
    [
        gone,
        answering(200, b"<html>"),
        answering(200, b"[1]"),
        answering(200, locatieserver(doc("A", where="POINT(400 52)"))),
        answering(200, locatieserver(doc("A", where="52.1,5.1"))),
        answering(200, locatieserver({"weergavenaam": "A"})),
        answering(200, b"[" * 100_000),
        answering(200, b" " * 600_000),
        answering(302, Location="https://elsewhere.example/"),
    ],
)
def test_without_an_answer_in_its_shape_the_rest_is_found_and_the_failure_said(
    snapshot: Snapshot, server: Publisher, behaviour: Any
) -> None:
    server.does = behaviour

    said = client(snapshot, server).get("/v1/search", params={"q": "Utrecht"}).json()

    assert said["suggestions"][0]["label"] == "Utrecht"
    assert said["addresses"]["state"] == "failed"
    assert said["addresses"]["sentence"]["en"].startswith("The address search does not answer now.")


def test_a_server_that_is_silent_is_not_waited_for(
    snapshot: Snapshot, server: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zones_api import elsewhere
    from zones_api.fetching import Limits

    released = threading.Event()
    monkeypatch.setattr(elsewhere, "LIMITS", Limits(1000, 0.2, 0.3))
    server.does = lambda _: released.wait(10) and None

    said = client(snapshot, server).get("/v1/search", params={"q": "Utrecht"}).json()
    released.set()

    assert said["addresses"]["state"] == "failed"
    assert said["suggestions"][0]["label"] == "Utrecht"


def test_only_so_many_wait_at_a_time_and_the_others_do_without(server: Publisher) -> None:
    held, released = threading.Semaphore(0), threading.Event()

    def hold(request: Asked) -> None:
        held.release()
        released.wait(5)
        answering(200, locatieserver())(request)

    server.does = hold
    addresses = Addresses(AddressServer(server.url, "BAG"), lambda: NOW)
    waiting = [threading.Thread(target=addresses.find, args=("Damrak", None)) for _ in range(AT_ONCE)]
    for each in waiting:
        each.start()
    for _ in waiting:
        assert held.acquire(timeout=5)

    found = addresses.find("Damrak", None)
    released.set()
    for each in waiting:
        each.join(5)

    assert found == NoAddresses("Others are asking.")


@pytest.mark.parametrize("q", ["52.1, 5.1", "Da"])
def test_coordinates_and_short_texts_are_not_sent_anywhere(
    snapshot: Snapshot, server: Publisher, q: str
) -> None:
    said = client(snapshot, server).get("/v1/search", params={"q": q}).json()

    assert said["addresses"]["state"] == "not_asked"
    assert server.asked == []


def test_off_is_said(snapshot: Snapshot) -> None:
    asked = client(snapshot, None)

    assert asked.get("/v1/search", params={"q": "Damrak 1"}).json()["addresses"]["state"] == "off"
    assert asked.get("/v1/map-settings").json() == {"base_map": None, "addresses": None}


def test_a_map_learns_what_is_named(snapshot: Snapshot, server: Publisher) -> None:
    said = client(snapshot, server, BRT).get("/v1/map-settings").json()

    assert said["base_map"] == {"url": BRT.url, "attribution": "Kadaster", "max_zoom": 19}
    assert said["addresses"] == "BAG, Kadaster"


@pytest.mark.parametrize(("base_map", "origins"), [(None, "'self'"), (BRT, "'self' https://service.pdok.nl")])
def test_a_page_may_load_from_the_base_maps_origin_and_no_other(
    snapshot: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    base_map: BaseMap | None,
    origins: str,
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>", "utf-8")
    monkeypatch.setattr(pages, "PAGES", tmp_path)

    policy = client(snapshot, None, base_map).get("/").headers["content-security-policy"]

    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["connect-src"] == origins
    assert allowed["img-src"] == origins.replace("'self'", "'self' data: blob:")
    assert {allowed[name] for name in ("script-src", "style-src", "worker-src")} == {"'self'"}


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org/{z}/{x}.png",
        "https://{z}.example.org/{x}/{y}.png",
        "https://user:secret@tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org; script-src https://evil.example/{z}/{x}/{y}.png",
        "https://tiles.example.org,evil.example/{z}/{x}/{y}.png",
    ],
)
def test_an_address_that_would_open_the_policy_is_refused_at_the_start(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZONES_BASE_MAP", json.dumps({"url": url, "attribution": "Somebody"}))
    with pytest.raises(ValidationError):
        Settings()


def test_the_documented_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONES_BASE_MAP", json.dumps({"url": BRT.url, "attribution": "Kadaster"}))
    monkeypatch.setenv(
        "ZONES_ADDRESS_SEARCH",
        json.dumps(
            {
                "url": "https://api.pdok.nl/bzk/locatieserver/search/v3_1/free",
                "attribution": "PDOK",
            }
        ),
    )
    settings = Settings()
    assert settings.base_map == BRT
    assert settings.address_search is not None

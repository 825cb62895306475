"""The public page where whoever runs the service named a base map, an address search and a terrain model."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.api.test_elsewhere import doc, locatieserver
from tests.formats.test_elevation import from_origin, write
from tests.pages.conftest import PHONE, Open, inaccessible, opening, picture, until_drawn
from tests.publisher import Asked, Publisher, answering, publishing
from tests.service import Service


def _tile() -> bytes:
    """Return a picture of 256 by 256, all of one green."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes((190, 220, 180)) * 256
    header = struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * 256))
        + chunk(b"IEND", b"")
    )


TILE = _tile()
OVER_HILLS = (
    "#flight=line&points=52.70,5.70_52.72,5.78_52.76,5.90&height=90"
    "&from=2026-12-01T10:00:00Z&to=2026-12-01T11:00:00Z&buffer=20"
)
"""Through a zone that starts 60 m above the ground."""


def _hills(folder: Path) -> Path:
    """Return a terrain model of made-up hills, up to 80 m high, where that flight goes."""
    row, column = np.mgrid[0:300, 0:400]
    heights = (40 + 40 * np.sin(column / 25) * np.cos(row / 40)).astype("float32")
    return write(folder / "hills.tif", heights, "EPSG:4326", from_origin(5.6, 52.9, 0.001, 0.001))


def _behave(asked: Asked) -> None:
    """A base map, and addresses: those of the Damrak; the Keizersgracht makes it fail."""
    if asked.path.endswith(".png"):
        return answering(200, TILE, Content_Type="image/png", Access_Control_Allow_Origin="*")(asked)
    text = parse_qs(urlsplit(asked.path).query)["q"][0]
    if text.startswith("Keizersgracht"):
        return answering(503)(asked)
    docs = [doc("Damrak 1, 1012LG Amsterdam", where="POINT(4.8997 52.3768)")] if "Damrak" in text else []
    return answering(200, locatieserver(*docs))(asked)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Publisher]:
    """Another server on this machine, in place of those of PDOK."""
    with publishing() as server:
        server.does = _behave
        yield server


@pytest.fixture(scope="session")
def configured_service(wheel: Path, elsewhere: Publisher) -> Iterator[Service]:
    """The demonstration with all that can be named."""
    folder = Path(tempfile.mkdtemp(prefix="zones-pages-", dir="/tmp"))
    folder.chmod(0o755)
    at = f"http://127.0.0.1:{elsewhere.port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZONES_", "PG"))}
    environment = kept | {
        "ZONES_DATA_FOLDER": str(folder / "data"),
        "ZONES_PORT": "0",
        "PYTHONPATH": str(wheel),
        "ZONES_BASE_MAP": json.dumps({"url": at + "/brt/{z}/{x}/{y}.png", "attribution": "A <map> & co"}),
        "ZONES_TERRAIN_FILE": str(_hills(folder)),
        "ZONES_TERRAIN_MARGIN_M": "3",
        "ZONES_ADDRESS_SEARCH": json.dumps({"url": at + "/free", "attribution": "BAG, Kadaster"}),
    }
    service = Service(environment, folder / "log.txt", "--demo", folder=wheel)
    yield service
    service.process.terminate()
    service.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def open_configured(browser: Browser, configured_service: Service, elsewhere: Publisher) -> Iterator[Open]:
    with opening(browser, configured_service.address, f"http://127.0.0.1:{elsewhere.port}/brt/") as opened:
        yield opened


def test_the_base_map_is_drawn_below_the_zones_and_can_be_switched_off(open_configured: Open) -> None:
    with_map = open_configured("/#lat=52.31&lon=4.7639")
    until_drawn(with_map)
    expect(with_map.locator(".maplibregl-ctrl-attrib")).to_contain_text("A <map> & co")
    picture(with_map, "public-base-map-desktop-en")
    with_map.get_by_text("Legend and layers").click()
    expect(with_map.get_by_label("Names of places")).not_to_be_checked()
    assert inaccessible(with_map) == []
    with_map.get_by_label("Base map").uncheck()
    expect(with_map.get_by_label("Base map")).not_to_be_checked()


def test_an_address_is_found_and_a_failing_search_is_said(open_configured: Open) -> None:
    page = open_configured("/", "nl-NL", PHONE)
    expect(page.get_by_text("Adressen: BAG, Kadaster")).to_be_visible()
    field = page.get_by_label("Een adres, een plaats, een luchthaven, een zone of coördinaten")
    field.fill("Damrak 1")
    expect(page.get_by_role("option").first).to_contain_text("Damrak 1, 1012LG Amsterdam")
    picture(page, "public-address-phone-nl")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/status") as asked:
        field.press("Enter")
    assert asked.value.request.post_data_json["lat"] == 52.3768

    field.fill("Keizersgracht")
    expect(page.get_by_text("Het zoeken naar adressen antwoordt nu niet.")).to_be_visible()


def test_where_no_addresses_are_searched_the_field_says_so(open_page: Open) -> None:
    page = open_page("/")
    expect(page.get_by_text("Street addresses are not searched here")).to_be_visible()
    page.get_by_text("Legend and layers").click()
    expect(page.get_by_label("Base map")).to_have_count(0)


def test_a_flight_is_drawn_above_the_ground_that_the_terrain_model_knows(open_configured: Open) -> None:
    page = open_configured("/" + OVER_HILLS)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    expect(
        page.get_by_text("By the terrain model of this service the ground along the flight")
    ).to_be_visible()
    heights = page.evaluate(
        """() => document.querySelector("polyline.open").getAttribute("points").split(" ")
            .map((point) => Number(point.split(",")[1]))"""
    )
    assert max(heights) - min(heights) > 20, "the line at 120 m follows the ground"
    page.get_by_role("heading", name="From the side").scroll_into_view_if_needed()
    picture(page, "flight-terrain-desktop-en")
    assert inaccessible(page) == []


def test_beside_the_terrain_model_the_ground_is_drawn_flat_and_that_is_said(open_configured: Open) -> None:
    page = open_configured("/" + OVER_HILLS.replace("5.90", "6.40"), "nl-NL", PHONE)
    expect(page.locator("#answer .word")).to_be_visible()
    expect(page.get_by_text("ze is vlak getekend")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert inaccessible(page) == []

"""The drawing tools of the authority's page: shapes are edited by hand and by keys, and put together, and nothing is lost."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.pages.conftest import PHONE, PICTURES, Open, inaccessible, picture, until_drawn
from tests.pages.test_authority import DANA, enter, saved, token
from tests.service import Service

HOLED = [
    [[5.5, 52.5], [5.6, 52.5], [5.6, 52.6], [5.5, 52.6], [5.5, 52.5]],
    [[5.53, 52.53], [5.53, 52.56], [5.56, 52.56], [5.56, 52.53], [5.53, 52.53]],
]
APART = [[[5.65, 52.52], [5.72, 52.52], [5.72, 52.58], [5.65, 52.58], [5.65, 52.52]]]
LAYER = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}


def drafted(service: Service, geometry: dict[str, Any] | None, identifier: str = "DRAW-1") -> str:
    """Begin a draft of a shape, and return its id."""
    properties = {
        "identifier": identifier,
        "country": "NLD",
        "name": [{"text": f"Drawn {identifier}", "lang": "en-GB"}],
        "type": "PROHIBITED",
        "variant": "COMMON",
        "zoneAuthority": [
            {"name": [{"text": "Authority", "lang": "en-GB"}], "phone": "+31 1", "purpose": "INFORMATION"}
        ],
    }
    drawn = geometry and {**geometry, "layer": LAYER}
    content = {
        "title": f"Drawn {identifier}",
        "data_set": "demo-authority-zones",
        "legal_reference": "Art. 1",
        "items": [
            {
                "change": "assert",
                "feature": {"type": "Feature", "geometry": drawn, "properties": properties},
                "valid": {"from": None, "to": None},
            }
        ],
    }
    return str(service.post("/v1/drafts", {"content": content}, token(service, DANA))["id"])


def kept(page: Page, service: Service, draft: str) -> list[dict[str, Any]]:
    """Return the geometries that the register has, once the page has saved them."""
    saved(page)
    said = page.request.get(
        f"{service.address}/v1/drafts/{draft}", headers={"Authorization": f"Bearer {token(service, DANA)}"}
    ).json()
    return [each["feature"]["geometry"] for each in said["content"]["items"]]


def work_on(
    open_page: Open,
    service: Service,
    geometry: dict[str, Any] | None,
    identifier: str = "DRAW-1",
    **options: Any,
) -> tuple[Page, str]:
    draft = drafted(service, geometry, identifier)
    page = enter(open_page, DANA, f"/authority#draft={draft}", **options)
    until_drawn(page)
    return page, draft


def drag(page: Page, handle: str, x: int, y: int) -> None:
    """Drag a handle on the map by so many pixels."""
    box = page.get_by_role("button", name=handle, exact=True).bounding_box()
    assert box
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + x / 2, at[1] + y / 2, steps=3)
    page.mouse.move(at[0] + x, at[1] + y, steps=3)
    page.mouse.up()


def test_a_hole_and_two_parts_survive_a_point_dragged_on_the_map(
    open_page: Open, demonstration_service: Service
) -> None:
    shape = {"type": "MultiPolygon", "coordinates": [HOLED, APART]}
    page, draft = work_on(open_page, demonstration_service, shape)
    assert not any(
        "handles" in each
        for each in page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    )
    page.get_by_role("button", name="Move points on the map").click()
    expect(page.locator(".handle.corner")).to_have_count(12)

    drag(page, "Point 3, outline of part 1", 40, -20)

    (after,) = kept(page, demonstration_service, draft)
    moved = after["coordinates"][0][0][2]
    assert moved[0] > 5.6
    assert moved[1] > 52.6
    assert after["type"] == "MultiPolygon"
    assert after["layer"] == LAYER
    assert after["coordinates"][0][0] == [*HOLED[0][:2], moved, *HOLED[0][3:]]
    assert after["coordinates"][0][1:] == HOLED[1:]
    assert after["coordinates"][1] == APART
    row = page.get_by_label("Point 3, outline of part 1").locator("visible=true")
    assert f"{moved[1]:.6f}N {moved[0]:.6f}E" in [
        each.input_value() for each in row.all() if each.evaluate("e => e.tagName") == "INPUT"
    ]
    picture(page, "drawing-points")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [{**shape, "layer": LAYER}]


def walk_to(page: Page, label: str) -> None:
    """Go to a control by the Tab key alone."""
    for _ in range(200):
        if (
            page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            )
            == label
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {label}")


def test_a_point_is_moved_added_and_removed_by_keys_alone_on_a_phone_in_dutch(
    open_page: Open, demonstration_service: Service
) -> None:
    draft = drafted(demonstration_service, {"type": "Polygon", "coordinates": HOLED})
    page = open_page(f"/authority#draft={draft}", "nl-NL", PHONE)
    page.get_by_role("button", name=DANA).click()
    until_drawn(page)
    walk_to(page, "Verplaats punten op de kaart")
    page.keyboard.press("Enter")
    expect(page.locator(".handle.corner")).to_have_count(8)

    walk_to(page, "Punt 2, omtrek")  # the field in the table comes first, then the handle on the map
    page.keyboard.press("Control+a")
    page.keyboard.type("52.49 N 5.62 E")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Punt 2, omtrek, verplaatst naar 52.490000N 5.620000E.")).to_be_visible()
    (typed,) = kept(page, demonstration_service, draft)
    assert typed["coordinates"] == [[HOLED[0][0], [5.62, 52.49], *HOLED[0][2:]], HOLED[1]]

    page.locator(".handle.corner").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Punt 2, omtrek"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    (nudged,) = kept(page, demonstration_service, draft)
    lon, lat = nudged["coordinates"][0][1]
    assert 5.62 < lon < 5.63
    assert 52.46 < lat < 52.49
    page.keyboard.press("Delete")
    (fewer,) = kept(page, demonstration_service, draft)
    assert fewer["coordinates"] == [[HOLED[0][0], *HOLED[0][2:]], HOLED[1]]
    assert page.evaluate("document.activeElement.className").startswith("handle corner")
    page.keyboard.press("Delete")
    expect(page.get_by_text("Een ring heeft drie punten nodig")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    (more,) = kept(page, demonstration_service, draft)
    assert len(more["coordinates"][0]) == 5
    assert more["coordinates"][1] == HOLED[1]
    assert inaccessible(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.screenshot(path=PICTURES / "drawing-points-phone.png", full_page=True)


def test_the_table_fills_a_hole_and_says_what_it_cannot_read(
    open_page: Open, demonstration_service: Service
) -> None:
    shape = {"type": "MultiPolygon", "coordinates": [HOLED, APART]}
    page, draft = work_on(open_page, demonstration_service, shape)
    page.get_by_text("Points of the shape (12)").click()
    expect(page.locator("caption")).to_have_text(
        ["Outline of part 1: 4 points", "Hole 1 of part 1: 4 points", "Outline of part 2: 4 points"]
    )
    field = page.get_by_label("Point 1, outline of part 2", exact=True)

    field.fill("52.52N 5.99.7E")
    field.press("Enter")
    expect(page.locator("#vertex-said .problem")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert kept(page, demonstration_service, draft) == [{**shape, "layer": LAYER}]
    picture(page, "drawing-table")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Insert a point after point 1, outline of part 2").click()
    expect(page.get_by_label("Point 2, outline of part 2", exact=True)).to_be_focused()
    page.get_by_role("button", name="Fill hole 1 of part 1").click()
    expect(page.locator("caption")).to_have_text(
        ["Outline of part 1: 4 points", "Outline of part 2: 5 points"]
    )
    page.get_by_role("button", name="Remove the part with this outline of part 2").click()
    (after,) = kept(page, demonstration_service, draft)
    assert after == {"type": "Polygon", "coordinates": [HOLED[0]], "layer": LAYER}


def test_a_circle_moved_on_the_map_stays_a_circle(open_page: Open, demonstration_service: Service) -> None:
    shape = {"type": "Point", "coordinates": [5.9, 52.8], "extent": {"subType": "Circle", "radius": 2000}}
    page, draft = work_on(open_page, demonstration_service, shape)
    page.get_by_role("button", name="Move the circle on the map").click()
    expect(page.locator(".handle")).to_have_count(2)
    expect(page.get_by_text(re.compile("Points of the shape"))).to_have_count(0)

    drag(page, "Radius of the circle: 2000 m", 30, 0)

    (wider,) = kept(page, demonstration_service, draft)
    radius = wider["extent"]["radius"]
    assert 2000 < radius < 4000
    assert radius % 10 == 0
    assert wider == {**shape, "extent": {"subType": "Circle", "radius": radius}, "layer": LAYER}
    expect(page.get_by_label("Radius", exact=True)).to_have_value(str(radius))
    drag(page, "Middle of the circle", -30, 10)
    (moved,) = kept(page, demonstration_service, draft)
    assert moved["extent"] == wider["extent"]
    assert moved["coordinates"][0] < 5.9
    picture(page, "drawing-circle")
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [wider]

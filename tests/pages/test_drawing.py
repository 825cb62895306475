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
    open_page: Open, service: Service, geometry: dict[str, Any] | None, identifier: str = "DRAW-1", **options: Any
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
    assert not any("handles" in each for each in page.evaluate("performance.getEntriesByType('resource').map(e => e.name)"))
    page.get_by_role("button", name="Move points on the map").click()
    expect(page.locator(".handle.corner")).to_have_count(12)

    drag(page, "Point 3, outline of part 1", 40, -20)

    (after,) = kept(page, demonstration_service, draft)
    moved = after["coordinates"][0][0][2]
    assert moved[0] > 5.6 and moved[1] > 52.6
    assert after["type"] == "MultiPolygon" and after["layer"] == LAYER
    assert after["coordinates"][0][0] == [*HOLED[0][:2], moved, *HOLED[0][3:]]
    assert after["coordinates"][0][1:] == HOLED[1:]
    assert after["coordinates"][1] == APART
    row = page.get_by_label("Point 3, outline of part 1").locator("visible=true")
    assert f"{moved[1]:.6f}N {moved[0]:.6f}E" in [each.input_value() for each in row.all() if each.evaluate("e => e.tagName") == "INPUT"]
    picture(page, "drawing-points")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [{**shape, "layer": LAYER}]

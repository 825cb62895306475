"""The drawing tools of the authority's page: shapes are edited by hand and by keys, and put together, and nothing is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.pages.conftest import PHONE, Open, inaccessible, picture, until_drawn
from tests.pages.test_authority import DANA, enter, publish, saved, token
from tests.service import Service

HOLED = [
    [[5.5, 52.5], [5.6, 52.5], [5.6, 52.6], [5.5, 52.6], [5.5, 52.5]],
    [[5.53, 52.53], [5.53, 52.56], [5.56, 52.56], [5.56, 52.53], [5.53, 52.53]],
]
APART = [[[5.65, 52.52], [5.72, 52.52], [5.72, 52.58], [5.65, 52.58], [5.65, 52.52]]]
LAYER = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}


def item(geometry: dict[str, Any] | None, identifier: str) -> dict[str, Any]:
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
    drawn = geometry and (geometry if "geometries" in geometry else {**geometry, "layer": LAYER})
    return {
        "change": "assert",
        "feature": {"type": "Feature", "geometry": drawn, "properties": properties},
        "valid": {"from": None, "to": None},
    }


def drafted(service: Service, geometry: dict[str, Any] | None, two: dict[str, Any] | None = None) -> str:
    """Begin a draft of a shape, maybe with another zone beside it, and return its id."""
    content = {
        "title": "Drawn DRAW-1",
        "data_set": "demo-authority-zones",
        "legal_reference": "Art. 1",
        "items": [item(geometry, "DRAW-1"), *([item(two, "BESIDE")] if two else [])],
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
    open_page: Open, service: Service, geometry: dict[str, Any] | None, two: dict[str, Any] | None = None
) -> tuple[Page, str]:
    """Open a draft of a shape."""
    draft = drafted(service, geometry, two)
    page = enter(open_page, DANA, f"/authority#draft={draft}")
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
    drag(page, "Add a point after point 1, hole 1 of part 1", -15, 0)
    expect(page.get_by_role("button", name="Point 2, hole 1 of part 1", exact=True)).to_have_class(
        re.compile("chosen")
    )
    (more,) = kept(page, demonstration_service, draft)
    hole = more["coordinates"][0][1]
    assert [*hole[:1], *hole[2:]] == HOLED[1]
    assert hole[1][0] < 5.53
    assert 52.53 < hole[1][1] < 52.56
    page.get_by_role("button", name="Undo").click()
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
    page.get_by_role("button", name="Klaar met verplaatsen").evaluate("e => e.scrollIntoView()")
    picture(page, "drawing-points-phone")
    page.evaluate("scrollTo(0, 0)")
    picture(page, "drawing-points-phone-map")


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
    page.get_by_role("button", name="Remove part 2").click()
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


def area_of(geometry: dict[str, Any]) -> float:
    """Return an area in square degrees, to compare."""
    return float(shapely.geometry.shape(geometry).area)


def test_a_runway_has_its_stadium_and_approaches_in_the_unit_chosen(
    open_page: Open, demonstration_service: Service
) -> None:
    page, draft = work_on(open_page, demonstration_service, None)
    page.get_by_label("Around a runway, and its approaches").check()
    page.get_by_label("First threshold").fill("52.3136N 4.7376E")
    page.get_by_label("Second threshold").fill("52.3185N 4.7778E")
    page.get_by_label("Unit of all lengths").select_option("NM")
    page.get_by_label("Distance around the runway, in NM (empty: none)").fill("1")
    page.get_by_label("Length of the approach, in NM (empty: none)").fill("8")
    expect(page.get_by_role("button", name="Draw", exact=True)).to_be_disabled()
    page.get_by_label("Half its width where it starts, in NM").fill("0.08")
    page.get_by_label("Splay on each side").fill("15")

    page.get_by_role("button", name="Draw", exact=True).click()

    expect(page.get_by_text("its true bearing is 78.7°")).to_be_visible()
    parts = page.get_by_role("group", name="Which part is the zone")
    expect(parts.get_by_role("radio")).to_have_count(4)
    expect(parts.get_by_label("the whole")).to_be_checked()
    (whole,) = kept(page, demonstration_service, draft)
    until_drawn(page)
    picture(page, "drawing-runway")
    assert inaccessible(page) == []
    parts.get_by_label("approach to the first threshold").check()
    (one,) = kept(page, demonstration_service, draft)
    assert 0 < area_of(one) < area_of(whole)
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [whole]
    parts.get_by_role("button", name="Make 3 zones of it in this draft").click()
    assert len(kept(page, demonstration_service, draft)) == 3
    expect(page.get_by_label("This draft changes 3 zones; the form shows:").locator("option")).to_have_text(
        ["NLD DRAW-1", "NLD DRAW-1B", "NLD DRAW-1C"]
    )


def test_nested_rings_on_a_phone_in_dutch(open_page: Open, demonstration_service: Service) -> None:
    draft = drafted(demonstration_service, None)
    page = open_page(f"/authority#draft={draft}", "nl-NL", PHONE)
    page.get_by_role("button", name=DANA).click()
    page.get_by_label("Ringen om een punt").check()
    page.get_by_label("Middelpunt:").fill("EHGG")
    page.get_by_label("Straal 1, in km").fill("2")
    page.get_by_label("Straal 2, in km").fill("5")
    page.get_by_role("button", name="Voeg een straal toe").click()
    page.get_by_label("Straal 3, in km").fill("9")

    page.get_by_role("button", name="Teken", exact=True).click()

    page.get_by_label("ring van 2 km tot 5 km").check()
    (ring,) = kept(page, demonstration_service, draft)
    assert (ring["type"], len(ring["coordinates"])) == ("Polygon", 2)
    page.get_by_label("binnen 2 km").check()
    (inner,) = kept(page, demonstration_service, draft)
    assert inner["extent"] == {"subType": "Circle", "radius": 2000}
    until_drawn(page)
    picture(page, "drawing-rings-phone")
    page.get_by_text("Gaten, samenvoegen, snijden, kieren").click()
    page.get_by_label("Wat te doen met de vorm").select_option("snap")
    expect(page.get_by_role("radio", name=re.compile("NLD EHGG"))).to_be_visible()
    page.get_by_label("Wat te doen met de vorm").evaluate("e => e.scrollIntoView()")
    picture(page, "drawing-gap-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []


def together(page: Page, operation: str) -> None:
    page.get_by_text("Holes, joining, cutting, gaps").click()
    page.get_by_label("What to do with the shape").select_option(operation)


def test_a_shape_is_cut_along_a_line_and_each_part_is_a_zone(
    open_page: Open, demonstration_service: Service
) -> None:
    page, draft = work_on(open_page, demonstration_service, {"type": "Polygon", "coordinates": HOLED})
    together(page, "split")
    for each in ("52.54N 5.4E", "52.54N 5.5N"):
        page.get_by_role("button", name="Add a point").click()
        page.get_by_label(re.compile(r"^Point \d$")).last.fill(each)
    page.get_by_role("button", name="Cut", exact=True).click()
    expect(page.locator("details .problem")).to_be_visible()
    page.get_by_label("Point 2", exact=True).fill("52.54N 5.55E")
    page.get_by_role("button", name="Cut", exact=True).click()
    expect(page.get_by_text("does not cut the shape in two")).to_be_visible()
    page.get_by_label("Point 2", exact=True).fill("52.54N 5.7E")

    page.get_by_role("button", name="Cut", exact=True).click()

    expect(page.get_by_text("It can be cut into 2 parts")).to_be_visible()
    page.get_by_role("radio", name="part 1").check()
    (one,) = kept(page, demonstration_service, draft)
    assert one["layer"] == LAYER
    picture(page, "drawing-split")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Make 2 zones of it in this draft").click()
    saved(page)
    expect(page.get_by_label("This draft changes 2 zones; the form shows:")).to_be_visible()
    first, second = kept(page, demonstration_service, draft)
    whole = {"type": "Polygon", "coordinates": HOLED}
    assert area_of(first) + area_of(second) == pytest.approx(area_of(whole))
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [{**whole, "layer": LAYER}]
    page.get_by_role("button", name="Redo").click()
    assert kept(page, demonstration_service, draft) == [one]


def test_a_shape_is_joined_with_a_published_zone_that_is_chosen_from_a_list(
    open_page: Open, demonstration_service: Service
) -> None:
    publish(demonstration_service, "DRAW-U", (6.93, 52.93))
    shape = {
        "type": "Polygon",
        "coordinates": [[[6.9, 52.9], [6.93, 52.9], [6.93, 52.93], [6.9, 52.93], [6.9, 52.9]]],
    }
    page, draft = work_on(open_page, demonstration_service, shape)
    together(page, "union")
    zone = page.get_by_role("radio", name="NLD DRAW-U · Standing DRAW-U Prohibited")
    zone.check()

    page.get_by_role("button", name="Join", exact=True).click()

    expect(page.get_by_text("Before: 6.737 km². After: 7.114 km²")).to_be_visible()
    (joined,) = kept(page, demonstration_service, draft)
    until_drawn(page)
    picture(page, "drawing-union")
    assert inaccessible(page) == []
    assert shapely.geometry.shape(joined).covers(shapely.geometry.shape(shape))
    assert shapely.geometry.shape(joined).contains(shapely.Point(6.935, 52.9301))
    assert joined["layer"] == LAYER
    page.get_by_role("button", name="Undo").click()
    assert kept(page, demonstration_service, draft) == [{**shape, "layer": LAYER}]
    page.get_by_role("button", name="Redo").click()
    assert kept(page, demonstration_service, draft) == [joined]


def test_a_hole_is_tapped_on_the_map_and_a_gap_to_a_neighbour_is_closed(
    open_page: Open, demonstration_service: Service
) -> None:
    beside = {
        "type": "Polygon",
        "coordinates": [[[6.0002, 51.5], [6.1, 51.5], [6.1, 51.6], [6.0002, 51.6], [6.0002, 51.5]]],
    }
    shape = {
        "type": "Polygon",
        "coordinates": [[[5.9, 51.5], [6.0, 51.5], [6.0, 51.6], [5.9, 51.6], [5.9, 51.5]]],
    }
    page, draft = work_on(open_page, demonstration_service, shape, two=beside)
    together(page, "difference")
    box = page.locator(".map").bounding_box()
    assert box
    middle = box["width"] / 2, box["height"] / 2
    for x, y in ((-20, -20), (20, -20), (0, 25)):
        page.locator(".map canvas").click(position={"x": middle[0] + x, "y": middle[1] + y})
    expect(page.locator(".numbered")).to_have_count(3)
    page.get_by_role("button", name="Cut out", exact=True).click()
    expect(page.get_by_text("Before: ")).to_be_visible()
    holed, _ = kept(page, demonstration_service, draft)
    assert len(holed["coordinates"]) == 2

    page.get_by_label("What to do with the shape").select_option("snap")
    page.get_by_role("radio", name="NLD BESIDE, in this draft").check()
    page.get_by_role("button", name="Close the gap", exact=True).click()

    expect(page.get_by_text("Before: ")).to_be_visible()
    closed, other = kept(page, demonstration_service, draft)
    assert other["coordinates"] == beside["coordinates"]
    assert max(lon for lon, _ in closed["coordinates"][0]) == 6.0002
    assert closed["coordinates"][1:] == holed["coordinates"][1:] or area_of(closed) > area_of(holed)
    picture(page, "drawing-snap")
    assert inaccessible(page) == []


def test_a_round_hole_is_cut_by_its_middle_and_radius(
    open_page: Open, demonstration_service: Service
) -> None:
    shape = {
        "type": "Polygon",
        "coordinates": [[[5.9, 51.5], [6.0, 51.5], [6.0, 51.6], [5.9, 51.6], [5.9, 51.5]]],
    }
    page, draft = work_on(open_page, demonstration_service, shape)
    together(page, "difference")
    page.get_by_role("radio", name="a circle that I draw here").check()
    page.get_by_label("Centre:").last.fill("51.55N 5.95E")
    page.get_by_label("Radius").last.fill("0.4")
    page.get_by_role("button", name="Cut out", exact=True).click()
    expect(page.get_by_text("Before: ")).to_be_visible()
    (holed,) = kept(page, demonstration_service, draft)
    assert len(holed["coordinates"]) == 2
    assert inaccessible(page) == []


def test_of_a_zone_with_two_layers_only_the_one_shown_is_changed(
    open_page: Open, demonstration_service: Service
) -> None:
    low = {"type": "Polygon", "coordinates": HOLED, "layer": LAYER}
    high = {"type": "Polygon", "coordinates": APART, "layer": {**LAYER, "lower": 60}}
    zone = {"type": "GeometryCollection", "geometries": [low, high]}
    page, draft = work_on(open_page, demonstration_service, zone)

    page.get_by_label("This zone has 2 shapes, each with its heights; shown is:").select_option("shape 2")
    page.get_by_role("group", name="Layer 2").get_by_role("spinbutton", name="From").fill("70")
    together(page, "union")
    page.get_by_role("radio", name="NLD DRAW-1, shape 1, in this draft").check()
    page.get_by_role("button", name="Join", exact=True).click()

    expect(page.get_by_text("Before: ")).to_be_visible()
    (after,) = kept(page, demonstration_service, draft)
    assert after["geometries"][0] == low
    joined = after["geometries"][1]
    assert joined["layer"] == {**LAYER, "lower": 70}
    assert joined["type"] == "MultiPolygon"
    assert sorted(len(rings) for rings in joined["coordinates"]) == [1, 2]
    until_drawn(page)
    picture(page, "drawing-layers")
    assert inaccessible(page) == []


def test_coordinates_that_cannot_be_read_leave_a_shape_that_cannot_be_submitted_unseen(
    open_page: Open, demonstration_service: Service
) -> None:
    shape = {"type": "Point", "coordinates": [5.9, 52.8], "extent": {"subType": "Circle", "radius": 500}}
    draft = drafted(demonstration_service, shape)
    page = enter(open_page, DANA, f"/authority#draft={draft}", maps=False)
    expect(page.get_by_text("It can be submitted.")).to_be_visible()
    page.get_by_label("Coordinates as published").check()
    page.get_by_label("Coordinates, as they were published").fill(
        "525742N 0066523E - 525621N 0065922E - 525800N 0070000E"
    )
    page.get_by_role("button", name="Read and draw").click()
    expect(page.get_by_text("The shape on the map is still the one from before").first).to_be_visible()
    expect(page.get_by_role("button", name="Submit for review")).to_be_disabled()
    assert inaccessible(page) == []
    page.get_by_role("button", name="Keep the shape on the map").click()
    expect(page.get_by_role("button", name="Submit for review")).to_be_enabled()
    expect(page.get_by_label("Radius")).to_have_value("500")

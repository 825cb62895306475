"""The authority's page: drafts are drawn, checked, reviewed and published in a browser, by people with one role each."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.pages.conftest import PHONE, PICTURES, Open, inaccessible, picture, until_drawn, words
from tests.service import Service

DANA, ARIE, SORAYA, PETRA = "Dana (drafter)", "Arie (approver)", "Soraya (approver)", "Petra (publisher)"
KEYS = {DANA: "demo-drafter", ARIE: "demo-approver", SORAYA: "demo-second-approver", PETRA: "demo-publisher"}


def enter(open_page: Open, person: str, path: str = "/authority", **options: Any) -> Page:
    """Open the page and sign in as one of the demonstration's people."""
    page = open_page(path, **options)
    page.get_by_role("button", name=person).click()
    expect(page.locator(".who")).to_contain_text(person)
    return page


def change_person(page: Page, person: str) -> None:
    page.get_by_role("button", name=re.compile("Sign out|Afmelden")).click()
    page.get_by_role("button", name=person).click()
    expect(page.locator(".who")).to_contain_text(person)


def begin(page: Page, kind: str) -> None:
    page.get_by_role("button", name=kind).click()
    expect(page.get_by_role("heading", name="Shape")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")


def fill(page: Page, identifier: str, legal: str = "Stcrt. 2026, 1234, art. 3") -> None:
    """Fill in all that a zone needs besides its shape."""
    page.get_by_label("Identifier").fill(identifier)
    page.get_by_role("textbox", name="Name (en-GB)").first.fill(f"Test zone {identifier}")
    page.get_by_role("textbox", name="Name (nl-NL)").first.fill(f"Proefzone {identifier}")
    page.get_by_role("textbox", name="Name (en-GB)").last.fill("Aviation authority")
    page.get_by_role("spinbutton", name="From").fill("0")
    page.get_by_role("spinbutton", name="Up to").fill("120")
    page.get_by_label("Phone").fill("+31 20 000 0000")
    page.get_by_label("Legal reference").fill(legal)
    saved(page)


def token(service: Service, person: str) -> str:
    signed_in = service.post("/v1/demonstration/sign-in", {"person": KEYS[person]})
    return str(signed_in["token"])


def publish(service: Service, identifier: str, place: tuple[float, float], upper: int = 120) -> None:
    """Publish a circle of 400 m, by everybody's hands over HTTP."""
    drafter, approver, publisher = (token(service, person) for person in (DANA, ARIE, PETRA))
    layer = {"lower": 0, "lowerReference": "AGL", "upper": upper, "upperReference": "AGL", "uom": "m"}
    geometry = {
        "type": "Point",
        "coordinates": list(place),
        "extent": {"subType": "Circle", "radius": 400},
        "layer": layer,
    }
    properties = {
        "identifier": identifier,
        "country": "NLD",
        "name": [{"text": f"Standing {identifier}", "lang": "en-GB"}],
        "type": "PROHIBITED",
        "variant": "COMMON",
        "zoneAuthority": [
            {
                "name": [{"text": "Authority", "lang": "en-GB"}],
                "phone": "+31 1",
                "purpose": "INFORMATION",
            }
        ],
    }
    content = {
        "title": f"Standing {identifier}",
        "data_set": "demo-authority-zones",
        "legal_reference": "Art. 1",
        "items": [
            {
                "change": "assert",
                "feature": {"type": "Feature", "geometry": geometry, "properties": properties},
                "valid": {"from": None, "to": None},
            }
        ],
    }
    draft = service.post("/v1/drafts", {"content": content}, drafter)
    seen, path = {"digest": draft["digest"]}, f"/v1/drafts/{draft['id']}"
    service.post(f"{path}/submission", seen, drafter)
    service.post(f"{path}/reviews", {**seen, "verdict": "approved"}, approver)
    service.post(f"{path}/reviews", {**seen, "verdict": "approved"}, token(service, SORAYA))
    service.post(f"{path}/publication", seen, publisher)


def test_nobody_sees_a_draft_before_signing_in(open_page: Open) -> None:
    page = open_page("/authority", maps=False)
    expect(page.get_by_text("people of an authority who are signed in")).to_be_visible()
    expect(page.get_by_role("button", name="Karim (police)")).to_have_count(0)
    assert page.get_by_role("heading", name="Drafts").count() == 0
    picture(page, "authority-sign-in")
    assert inaccessible(page) == []


def test_corners_are_typed_or_tapped(open_page: Open) -> None:
    page = enter(open_page, DANA)
    begin(page, "Polygon by corners")
    until_drawn(page)
    for each in ("52.40N 5.50E", "52.45N 5.60E"):
        page.get_by_role("button", name="Add a point").click()
        page.get_by_label(re.compile(r"^Point \d$")).last.fill(each)
    page.locator(".map canvas").click(position={"x": 300, "y": 150})
    expect(page.locator(".numbered")).to_have_count(3)
    expect(page.get_by_label(re.compile(r"^Point \d$"))).to_have_count(3)
    assert inaccessible(page) == []


def test_what_is_undone_is_done_again_by_keys_and_by_buttons(open_page: Open) -> None:
    page = enter(open_page, DANA, maps=False)
    begin(page, "Circle around a point")
    legal = page.get_by_label("Legal reference")
    legal.fill("Art. 1")
    page.get_by_label("What it requires").select_option("PROHIBITED")
    page.keyboard.press("Control+z")
    expect(page.get_by_label("What it requires")).to_have_value("REQ_AUTHORIZATION")
    page.keyboard.press("Control+z")
    expect(legal).to_have_value("")
    page.keyboard.press("Control+Shift+z")
    expect(legal).to_have_value("Art. 1")
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_label("What it requires")).to_have_value("PROHIBITED")
    saved(page)
    page.reload()
    expect(page.get_by_label("What it requires")).to_have_value("PROHIBITED")
    expect(legal).to_have_value("Art. 1")


def test_show_me_puts_one_into_the_field_that_a_hint_is_about(open_page: Open) -> None:
    page = enter(open_page, DANA, maps=False)
    begin(page, "Circle around a point")
    page.locator("li.stop", has_text="Legal reference").get_by_role("button").click()
    expect(page.get_by_label("Legal reference")).to_be_focused()
    assert inaccessible(page) == []


def test_a_draft_that_another_changed_is_shown_and_never_overwritten(
    open_page: Open, demonstration_service: Service
) -> None:
    first = enter(open_page, DANA, maps=False)
    begin(first, "Circle around a point")
    saved(first)
    address = first.url.split("#")[1]
    second = enter(open_page, DANA, f"/authority#{address}", maps=False)
    second.get_by_label("Legal reference").fill("Art. 2, by the other")
    saved(second)
    first.get_by_label("Legal reference").fill("Art. 3, mine")
    expect(first.get_by_text("Somebody else changed this draft")).to_be_visible()
    expect(first.locator(".stale")).to_contain_text("Art. 2, by the other")
    expect(first.locator(".stale")).to_contain_text("Art. 3, mine")
    picture(first, "authority-stale")
    assert inaccessible(first) == []
    first.get_by_role("button", name="Go on with theirs").click()
    expect(first.get_by_label("Legal reference")).to_have_value("Art. 2, by the other")
    kept = first.request.get(
        f"{demonstration_service.address}/v1/drafts/{address.removeprefix('draft=')}",
        headers={"Authorization": f"Bearer {token(demonstration_service, DANA)}"},
    ).json()
    assert kept["content"]["legal_reference"] == "Art. 2, by the other"


def test_a_reviewer_sees_what_changes_and_sends_back_with_a_comment(
    open_page: Open, demonstration_service: Service
) -> None:
    publish(demonstration_service, "AUTH-R", (6.2, 52.9))
    page = enter(open_page, DANA)
    begin(page, "Circle around a point")
    page.get_by_label("Centre:").fill("52.9N 6.2E")
    page.get_by_label("Radius").fill("0.6")
    page.get_by_label("Unit").first.select_option("km")
    page.get_by_role("button", name="Draw", exact=True).click()
    fill(page, "AUTH-R")
    page.get_by_role("spinbutton", name="Up to").fill("90")
    page.get_by_role("button", name="Add weekly times").click()
    page.get_by_role("combobox", name="Until").last.select_option("SS")
    saved(page)
    expect(page.get_by_text("It can be submitted.")).to_be_visible()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted:")).to_be_visible()

    change_person(page, ARIE)
    changes = page.locator("section", has=page.get_by_role("heading", name="What changes"))
    expect(changes.get_by_role("row", name="120 m AGL 90 m AGL")).to_be_visible()
    expect(changes).to_contain_text("sunset")
    expect(page.get_by_text("Area added: 0.63 km²")).to_be_visible()
    until_drawn(page)
    picture(page, "authority-review")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Ask for change").click()
    expect(page.get_by_role("alert")).to_contain_text("needs a comment")
    page.get_by_label("Comment").fill("Why lower than before?")
    page.get_by_role("button", name="Ask for change").click()
    expect(page.get_by_text("Sent back to its authors.")).to_be_visible()
    change_person(page, DANA)
    expect(page.get_by_text("Why lower than before?")).to_be_visible()
    expect(page.get_by_role("button", name="Submit for review")).to_be_visible()


def test_an_author_who_approves_is_refused_in_a_sentence(
    open_page: Open, demonstration_service: Service
) -> None:
    page = enter(open_page, DANA, maps=False)
    begin(page, "Circle around a point")
    page.get_by_label("Centre:").fill("52.5N 5.9E")
    page.get_by_label("Radius").fill("1")
    page.get_by_role("button", name="Draw", exact=True).click()
    fill(page, "AUTH-4E")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted:")).to_be_visible()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    def as_an_old_page_would(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "your_steps": ["approve"]})

    page.route(re.compile(r"/v1/drafts/[0-9a-f-]{36}$"), as_an_old_page_would)
    page.reload()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("To approve this draft you need to be approver")
    assert inaccessible(page) == []


def test_on_a_phone_in_dutch_it_all_fits(open_page: Open) -> None:
    page = open_page("/authority", "nl-NL", PHONE)
    page.get_by_role("button", name=DANA).click()
    expect(page.get_by_role("heading", name="Concepten")).to_be_visible()
    assert "undefined" not in words(page, "body")
    picture(page, "authority-inbox-phone")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Cirkel rond een punt").click()
    expect(page.get_by_role("heading", name="Vorm")).to_be_visible()
    page.get_by_label("Middelpunt:").fill("EHGG")
    page.get_by_label("Straal").fill("2")
    page.get_by_role("button", name="Teken", exact=True).click()
    expect(page.get_by_text("Getekend:")).to_be_visible()
    until_drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.screenshot(path=PICTURES / "authority-draft-phone.png", full_page=True)

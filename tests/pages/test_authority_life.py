"""The life of a zone on the authority's page: its times, its reviews, its corrections, its previews, and imports."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.documents import circle, collection, feature
from tests.pages.conftest import PHONE, PICTURES, Open, inaccessible, picture, until_drawn
from tests.pages.test_authority import (
    ARIE,
    DANA,
    PETRA,
    SORAYA,
    begin,
    change_person,
    enter,
    fill,
    publish,
    saved,
    token,
)
from tests.service import ROOT, Service


def _march(days: int) -> date:
    """Return a day counted from the first Monday of March next year: always ahead, and in winter time."""
    first = date(datetime.now(UTC).year + 1, 3, 1)
    return first + timedelta(days=-first.weekday() % 7 + days)


MONDAY = _march(0)


def drawn_circle(page: Page, place: str, identifier: str) -> None:
    begin(page, "Circle around a point")
    page.get_by_label("Centre:").fill(place)
    page.get_by_label("Radius").fill("0.5")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_text("Drawn:")).to_be_visible()
    fill(page, identifier)


def test_hours_are_marked_in_a_week_and_the_service_says_when_it_is_next_in_force(open_page: Open) -> None:
    page = enter(open_page, DANA)
    drawn_circle(page, "52.35N 5.60E", "LIFE-S")
    times = page.locator("section.next")
    expect(times).to_contain_text("All the time, without an end.")

    page.get_by_role("button", name="Add weekly times").click()
    expect(page.get_by_role("gridcell", name="Mon 08:00 UTC: in force")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(times.get_by_role("listitem")).to_have_count(10)
    page.get_by_role("gridcell", name="Sat 10:00 UTC").hover()
    page.mouse.down()
    page.get_by_role("gridcell", name="Sun 12:00 UTC").hover()
    page.mouse.up()
    expect(page.get_by_role("group", name="Weekly times 2")).to_be_visible()
    expect(page.get_by_role("group", name="Weekly times 2").get_by_label("Sat")).to_be_checked()
    expect(page.get_by_role("group", name="Weekly times 2").get_by_label("Time, UTC").first).to_have_value(
        "10:00"
    )
    expect(times).to_contain_text("Sat")

    cell = page.get_by_role("gridcell", name="Sun 10:00 UTC")
    cell.focus()
    page.keyboard.press("Space")
    expect(cell).to_have_attribute("aria-selected", "false")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("gridcell", name="Sun 11:00 UTC")).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.up("Shift")
    expect(page.get_by_role("gridcell", name="Sun 12:00 UTC")).to_have_attribute("aria-selected", "false")
    page.get_by_role("grid").scroll_into_view_if_needed()
    saved(page)
    picture(page, "life-week")
    assert inaccessible(page) == []

    page.get_by_role("combobox", name="Until").last.select_option("SS")
    expect(page.get_by_text("1 row is by the sun")).to_be_visible()
    page.get_by_role("button", name="Only between two dates").click()
    page.get_by_label("First moment").fill(f"{MONDAY}T00:00")
    page.get_by_label("Last moment").fill(f"{_march(1)}T00:00")
    page.get_by_label("Last moment").blur()
    expect(times).to_contain_text(f"Mon, {MONDAY.day} Mar {MONDAY.year}, 09:00 – 17:00")
    expect(times).to_contain_text(f"Mon, {MONDAY.day} Mar {MONDAY.year}, 08:00 – 16:00 UTC")
    expect(times).to_contain_text("Nothing comes after these.")
    times.scroll_into_view_if_needed()
    picture(page, "life-next-times")
    page.get_by_label("First moment").fill(f"{_march(6)}T18:00")
    page.get_by_label("Last moment").fill(f"{_march(6)}T20:00")
    page.get_by_label("Last moment").blur()
    expect(times).to_contain_text("It is never in force with these times.")
    saved(page)
    expect(page.get_by_text("the zone is never in force").first).to_be_visible()
    assert inaccessible(page) == []


def test_a_day_is_left_out_on_a_phone_in_dutch(open_page: Open) -> None:
    page = open_page("/authority", "nl-NL", PHONE)
    page.get_by_role("button", name=DANA).click()
    page.get_by_role("button", name="Cirkel rond een punt").click()
    page.get_by_role("button", name="Voeg weektijden toe").click()
    page.get_by_role("button", name="Alleen tussen twee data").click()
    page.get_by_label("Eerste moment").fill(f"{MONDAY}T00:00")
    page.get_by_label("Laatste moment").fill(f"{_march(21)}T00:00")
    page.get_by_label("Niet op deze dag").fill(f"{_march(2)}")
    page.get_by_role("button", name="Laat de dag weg").click()
    expect(page.get_by_role("group", name="Periode 2")).to_be_visible()
    times = page.locator("section.next")
    expect(times).to_contain_text(f"di {_march(1).day} mrt {MONDAY.year}")
    expect(times).to_contain_text(f"do {_march(3).day} mrt {MONDAY.year}")
    expect(times).not_to_contain_text(f"wo {_march(2).day} mrt")
    expect(page.get_by_role("grid").first.get_by_role("gridcell", name="ma 08:00")).to_be_visible()
    page.get_by_role("grid").last.get_by_role("gridcell", name="zo 07:00").click()
    expect(times).to_contain_text(f"zo {_march(6).day} mrt {MONDAY.year}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.get_by_role("grid").first.scroll_into_view_if_needed()
    picture(page, "life-week-phone")
    page.screenshot(path=PICTURES / "life-times-phone.png", full_page=True)


def approve_and_publish(service: Service, page: Page) -> None:
    """Let two approvers and a publisher take the draft that is open through its steps, over HTTP."""
    path = "/v1/drafts/" + page.url.split("#draft=")[1]
    headers = {"Authorization": f"Bearer {token(service, DANA)}"}
    digest = page.request.get(service.address + path, headers=headers).json()["digest"]
    seen = {"digest": digest}
    for person in (ARIE, SORAYA):
        service.post(f"{path}/reviews", {**seen, "verdict": "approved"}, token(service, person))
    service.post(f"{path}/publication", seen, token(service, PETRA))


def own_zone(page: Page, identifier: str) -> Any:
    """Open the list of one's own zones at a zone of it."""
    page.get_by_text(re.compile(r"(Zones that you publish|Zones die u publiceert) \(")).click()
    page.get_by_label(re.compile("Find one by|Zoek er een op")).fill(identifier)
    return page.get_by_role("listitem").filter(has_text=identifier)


def versions(service: Service, identifier: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get(f"/v1/zones/NLD/{identifier}/versions")["versions"]
    return found


def test_what_was_wrong_from_the_start_is_corrected_and_both_times_remain(
    open_page: Open, demonstration_service: Service
) -> None:
    publish(demonstration_service, "LIFE-C", (5.9, 52.75))
    (first,) = versions(demonstration_service, "LIFE-C")
    page = enter(open_page, DANA)
    zone = own_zone(page, "LIFE-C")
    zone.get_by_role("button", name="Change or correct").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Begin the draft").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose one of the two.")
    dialog.get_by_label("It was wrong from the start").check()
    expect(dialog).to_contain_text("Wrong from when")
    picture(page, "life-correct")
    assert inaccessible(page) == []
    dialog.get_by_role("button", name="Begin the draft").click()
    expect(dialog.get_by_role("alert")).to_contain_text("a correction needs a reason")
    dialog.get_by_label("Why it is corrected").fill("The act says 90 m.")
    dialog.get_by_role("button", name="Begin the draft").click()

    expect(page.get_by_role("heading", name="Correction of NLD LIFE-C")).to_be_visible()
    expect(page.get_by_text("A correction.")).to_be_visible()
    expect(page.get_by_label("Legal reference")).to_have_value("Art. 1")
    page.get_by_role("spinbutton", name="Up to").fill("90")
    saved(page)
    expect(page.get_by_role("row", name="120 m AGL 90 m AGL")).to_be_visible()
    picture(page, "life-correction")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted:")).to_be_visible()
    approve_and_publish(demonstration_service, page)
    page.reload()
    history = page.locator("section", has=page.get_by_role("heading", name="Everything that was ever said"))
    expect(history.get_by_role("listitem")).to_have_count(2)
    expect(history).to_contain_text("and still")
    expect(history).to_contain_text("until revision")
    picture(page, "life-history")
    new, old = versions(demonstration_service, "LIFE-C")
    assert new["valid_from"] == old["valid_from"] == first["valid_from"]
    assert (new["known_until"], old["known_until"]) == (None, new["known_since"])


def test_a_layer_is_added_and_the_map_shows_what_is_published_or_what_is_drafted(
    open_page: Open, demonstration_service: Service
) -> None:
    publish(demonstration_service, "LIFE-L", (5.5, 52.75))
    page = enter(open_page, DANA)
    zone = own_zone(page, "LIFE-L")
    zone.get_by_role("button", name="Change or correct").click()
    page.get_by_label("Something changes").check()
    page.get_by_role("button", name="Begin the draft").click()
    expect(page.get_by_text("Its members are as published.")).to_be_visible()
    page.get_by_role("spinbutton", name="Up to").fill("90")
    page.get_by_label("Radius").fill("600")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_text("Drawn:")).to_be_visible()
    saved(page)
    page.get_by_role("button", name="Add a layer above").click()
    second = page.get_by_role("group", name="Layer 2: circle")
    expect(second.get_by_role("spinbutton", name="From")).to_have_value("90")
    second.get_by_role("spinbutton", name="Up to").fill("300")
    saved(page)
    expect(page.get_by_role("row", name="120 m AGL 90 m AGL; 300 m AGL")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("Shape A circle of 400 m .* A circle of 600 m"))
    ).to_be_visible()
    page.get_by_label("as published (black)").check()
    until_drawn(page)
    picture(page, "life-before")
    page.get_by_label("as drafted (purple)").check()
    until_drawn(page)
    picture(page, "life-after")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Remove layer 2").click()
    expect(page.get_by_role("row", name="120 m AGL 90 m AGL")).to_be_visible()
    page.get_by_label("both").check()
    saved(page)


def test_a_zone_ends_now_in_dutch_on_a_phone(open_page: Open, demonstration_service: Service) -> None:
    publish(demonstration_service, "LIFE-W", (5.7, 52.8))
    page = enter(open_page, DANA, language="nl-NL", size=PHONE)
    zone = own_zone(page, "LIFE-W")
    zone.get_by_role("button", name="Beëindig of trek in").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Er verandert iets").check()
    picture(page, "life-end-phone")
    assert inaccessible(page) == []
    dialog.get_by_role("button", name="Begin het concept").click()
    expect(page.get_by_role("heading", name="Dit neemt NLD LIFE-W weg.")).to_be_visible()
    page.get_by_label("Rechtsgrond").fill("Stcrt. 2026, 99")
    saved(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.screenshot(path=PICTURES / "life-withdraw-phone.png", full_page=True)
    page.get_by_role("button", name="Dien in").click()
    expect(page.get_by_text("Ingediend:")).to_be_visible()
    approve_and_publish(demonstration_service, page)
    (last,) = (each for each in versions(demonstration_service, "LIFE-W") if each["known_until"] is None)
    assert last["valid_to"] is not None


def test_a_draft_is_rejected_for_good_with_a_reason(open_page: Open) -> None:
    page = enter(open_page, DANA)
    drawn_circle(page, "52.30N 5.95E", "LIFE-R")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("Submitted:")).to_be_visible()

    change_person(page, ARIE)
    page.get_by_role("button", name="Reject …").click()
    expect(page.get_by_role("alert")).to_contain_text("to reject a draft needs a comment")
    page.get_by_label("Comment").fill("The act does not provide for this.")
    page.get_by_role("button", name="Reject …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("goes no further")
    picture(page, "life-reject")
    assert inaccessible(page) == []
    dialog.get_by_role("button", name="Reject", exact=True).click()
    expect(page.locator(".state")).to_contain_text("Rejected")

    change_person(page, DANA)
    expect(page.get_by_text("Arie (approver) rejected it")).to_be_visible()
    expect(page.get_by_text("The act does not provide for this.")).to_be_visible()
    expect(page.get_by_role("button", name="Change it")).to_have_count(0)
    page.get_by_role("link", name="All drafts").click()
    page.get_by_text(re.compile(r"Rejected \(\d+\)")).click()
    expect(page.get_by_role("link", name="Test zone LIFE-R")).to_be_visible()
    picture(page, "life-inbox")
    assert inaccessible(page) == []


def test_a_draft_is_seen_as_pilots_and_police_will_and_each_format_says_what_it_loses(
    open_page: Open,
) -> None:
    page = enter(open_page, DANA)
    drawn_circle(page, "52.45N 5.60E", "LIFE-P")
    page.get_by_role("button", name="Add weekly times").click()
    page.get_by_role("combobox", name="Until").last.select_option("SS")
    saved(page)
    page.get_by_text("See it as others will").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.locator(".word").first).to_have_text("Permission needed first")
    expect(panel).to_contain_text("Test zone LIFE-P")
    panel.scroll_into_view_if_needed()
    picture(page, "life-preview-pilots")
    assert inaccessible(page) == []
    page.get_by_role("tab", name="Pilots").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Police")).to_be_focused()
    expect(panel).to_contain_text("This is not a finding of an offence.")
    picture(page, "life-preview-police")
    assert inaccessible(page) == []
    page.get_by_role("tab", name="ED-269").click()
    expect(panel).to_contain_text("DAYLIGHT_EVENT")
    expect(panel).to_contain_text('"identifier": "LIFE-P"')
    with page.expect_download() as downloading:
        panel.get_by_role("button", name="Download draft-").click()
    assert downloading.value.suggested_filename.endswith(".ed269.json")
    page.get_by_role("tab", name="ED-269").scroll_into_view_if_needed()
    picture(page, "life-preview-losses")
    assert inaccessible(page) == []
    page.get_by_role("tab", name="ED-318").click()
    expect(panel).to_contain_text("Nothing is lost in this format.")


def test_a_preview_fits_a_phone_in_dutch_and_asks_for_a_shape(open_page: Open) -> None:
    page = enter(open_page, DANA, language="nl-NL", size=PHONE)
    page.get_by_role("button", name="Cirkel rond een punt").click()
    expect(page.get_by_role("heading", name="Vorm")).to_be_visible()
    page.get_by_text("Bekijk het zoals anderen het zien").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Teken eerst de vorm")
    page.get_by_role("tab", name="ED-318").click()
    expect(page.get_by_role("tabpanel").get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.get_by_role("tablist").scroll_into_view_if_needed()
    picture(page, "life-preview-phone")


def test_zones_of_a_file_are_shown_before_a_draft_is_begun_with_those_that_are_chosen(
    open_page: Open,
) -> None:
    broken = {"type": "Polygon", "coordinates": [[[5.2, 52.0], [5.4, 152.0], [5.4, 52.1], [5.2, 52.0]]]}
    document = collection(
        feature("IMP-1", geometry=circle(5.6, 52.6, 500), colour="red"),
        feature("IMP-2", geometry=circle(5.7, 52.6, 500)),
        feature("IMP-3", geometry=circle(5.8, 52.6, 500)),
        feature("IMP-Q", geometry=broken),
    )
    page = enter(open_page, DANA)
    page.get_by_text("From a file …").click()
    page.get_by_label("Choose a file with zones").set_input_files(
        {"name": "zones.json", "mimeType": "application/json", "buffer": document}
    )
    expect(page.get_by_role("heading", name="3 zones in this file (ed318)")).to_be_visible()
    expect(page.get_by_text("WGS 84, longitude and latitude")).to_be_visible()
    expect(page.get_by_role("heading", name="1 zone cannot be read")).to_be_visible()
    expect(page.locator("li.aside")).to_contain_text("latitude")
    first = page.get_by_role("listitem").filter(has_text="IMP-1")
    expect(first).to_contain_text("1 unknown field")
    first.get_by_text("What becomes of it").click()
    expect(first.get_by_role("row", name="colour not known: no part of the rule red")).to_be_visible()
    expect(page.get_by_role("button", name="Begin a draft with these 0 zones")).to_be_disabled()
    page.get_by_label("NLD IMP-1").check()
    page.get_by_label("NLD IMP-3").check()
    picture(page, "life-import")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Begin a draft with these 2 zones").click()
    expect(page.get_by_role("heading", name="From zones.json")).to_be_visible()
    shown = page.get_by_label("This draft changes 2 zones")
    expect(shown).to_be_visible()
    shown.select_option(label="NLD IMP-3")
    expect(page.get_by_label("Identifier")).to_have_value("IMP-3")


def test_a_file_that_says_nothing_of_its_columns_is_mapped_on_a_phone_in_dutch(open_page: Open) -> None:
    page = enter(open_page, DANA, language="nl-NL", size=PHONE)
    page.get_by_text("Uit een bestand …").click()
    page.get_by_label("Kies een bestand met zones").set_input_files(
        {"name": "kapot.json", "mimeType": "application/json", "buffer": json.dumps({"a": 1}).encode()}
    )
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Kies een ander bestand").set_input_files(ROOT / "docs/examples/office-zones.geojson")
    expect(page.get_by_role("heading", name="Welke kolom wat betekent")).to_be_visible()
    expect(page.get_by_text("urn:ogc:def:crs:EPSG::28992")).to_be_visible()
    expect(page.get_by_label("Kenmerk *: kolom")).to_have_value("CODE")
    page.get_by_label("‘verboden’ betekent").select_option("PROHIBITED")
    page.get_by_label("‘toestemming’ betekent").select_option("REQ_AUTHORIZATION")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.get_by_role("heading", name="Welke kolom wat betekent").scroll_into_view_if_needed()
    picture(page, "life-mapping-phone")
    page.get_by_role("button", name="Lees het zo").click()
    expect(page.get_by_role("heading", name="2 zones in dit bestand (GeoJSON)")).to_be_visible()
    expect(page.get_by_text("1 zone is niet te lezen")).to_be_visible()
    expect(page.locator("li.aside")).to_contain_text("De zone mist iets dat haar formaat verlangt.")
    page.get_by_label("NLD H-1").check()
    page.get_by_text("Wat ervan wordt: H-1").click()
    expect(page.get_by_role("row", name="SOORT type verboden")).to_be_visible()
    assert inaccessible(page) == []
    page.get_by_role("heading", name="2 zones in dit bestand (GeoJSON)").scroll_into_view_if_needed()
    picture(page, "life-import-phone")
    page.get_by_role("button", name="Begin een concept met deze zone").click()
    expect(page.get_by_label("Kenmerk (")).to_have_value("H-1")


def test_a_file_whose_zones_rest_on_two_acts_begins_a_draft_for_each(open_page: Open) -> None:
    rows = [("ACT-1", "Stcrt. 2026, 1"), ("ACT-2", "Stcrt. 2026, 2"), ("ACT-3", "Stcrt. 2026, 1")]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [5.5 + n / 10, 52.6]},
            "properties": {
                "code": code,
                "soort": "PROHIBITED",
                "straal": 300,
                "besluit": act,
                "van": f"{MONDAY}T00:00:00Z",
            },
        }
        for n, (code, act) in enumerate(rows)
    ]
    page = enter(open_page, DANA)
    page.get_by_text("From a file …").click()
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    page.get_by_label("Choose a file with zones").set_input_files(
        {"name": "acts.geojson", "mimeType": "application/json", "buffer": data}
    )
    expect(page.get_by_label("In force from: column")).to_have_value("van")
    page.get_by_role("button", name="Read it so").click()
    expect(page.get_by_role("heading", name="3 zones in this file (GeoJSON)")).to_be_visible()
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_role("button", name="Begin a draft with these 3 zones")).to_be_enabled()
    page.get_by_label("The act that each zone rests on").select_option("besluit")
    expect(page.get_by_text("these zones name 2: a draft is begun for each")).to_be_visible()
    picture(page, "life-import-acts")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Begin 2 drafts, one for each act").click()
    page.get_by_role("link", name="From acts.geojson · Stcrt. 2026, 1").first.click()
    expect(page.get_by_label("Legal reference")).to_have_value("Stcrt. 2026, 1")
    page.get_by_label("This draft changes 2 zones").select_option(label="NLD ACT-3")
    expect(page.get_by_label("First moment")).to_have_value(f"{MONDAY}T01:00")
    page.get_by_role("link", name="All drafts").click()
    expect(page.get_by_role("link", name="From acts.geojson · Stcrt. 2026, 2").first).to_be_visible()


def test_times_keep_to_the_clock_in_winter_and_in_summer(open_page: Open) -> None:
    page = enter(open_page, DANA)
    year = MONDAY.year
    page.clock.set_fixed_time(datetime(year, 1, 15, 12, tzinfo=UTC))
    sunday = date(year, 3, 31)
    while sunday.weekday() != 6:
        sunday -= timedelta(days=1)
    friday, monday = (
        f"{each:%a}, {each.day} Mar {year}" for each in (sunday - timedelta(2), sunday + timedelta(1))
    )
    page.get_by_role("button", name="Circle around a point").click()
    page.get_by_role("button", name="Add weekly times").click()
    page.get_by_role("button", name="Only between two dates").click()
    page.get_by_label("First moment").fill(f"{sunday - timedelta(2)}T00:00")
    page.get_by_label("Last moment").fill(f"{sunday + timedelta(3)}T00:00")
    page.get_by_label("Last moment").blur()
    times = page.locator("section.next")
    expect(times).to_contain_text(f"{friday}, 09:00 – 17:00")
    expect(times).to_contain_text(f"{monday}, 10:00 – 18:00")
    page.get_by_role("button", name="Keep to the clock here").click()
    expect(page.get_by_role("group", name="Period 2")).to_be_visible()
    expect(times).to_contain_text(f"{friday}, 08:00 – 16:00 UTC")
    expect(times).to_contain_text(f"{monday}, 09:00 – 17:00")
    expect(times).to_contain_text(f"{monday}, 07:00 – 15:00 UTC")
    saved(page)
    picture(page, "life-by-the-clock")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("group", name="Period 2")).to_have_count(0)

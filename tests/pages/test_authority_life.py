"""The life of a zone on the authority's page: its times, its reviews, its corrections, its previews, and imports."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.pages.conftest import PHONE, PICTURES, Open, inaccessible, picture
from tests.pages.test_authority import DANA, begin, enter, fill, saved


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
    page.get_by_label("First moment").fill("2027-03-01T00:00")
    page.get_by_label("Last moment").fill("2027-03-02T00:00")
    page.get_by_label("Last moment").blur()
    expect(times).to_contain_text("Mon, 1 Mar 2027, 09:00 – 17:00")
    expect(times).to_contain_text("Mon, 1 Mar 2027, 08:00 – 16:00 UTC")
    expect(times).to_contain_text("Nothing comes after these.")
    times.scroll_into_view_if_needed()
    picture(page, "life-next-times")
    page.get_by_label("First moment").fill("2027-03-07T18:00")
    page.get_by_label("Last moment").fill("2027-03-07T20:00")
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
    page.get_by_label("Eerste moment").fill("2027-03-01T00:00")
    page.get_by_label("Laatste moment").fill("2027-04-01T00:00")
    page.get_by_label("Niet op deze dag").fill("2027-03-03")
    page.get_by_role("button", name="Laat de dag weg").click()
    expect(page.get_by_role("group", name="Periode 2")).to_be_visible()
    times = page.locator("section.next")
    expect(times).to_contain_text("di 2 mrt 2027")
    expect(times).to_contain_text("do 4 mrt 2027")
    expect(times).not_to_contain_text("3 mrt 2027")
    expect(page.get_by_role("grid").first.get_by_role("gridcell", name="ma 08:00")).to_be_visible()
    page.get_by_role("grid").last.get_by_role("gridcell", name="zo 07:00").click()
    expect(times).to_contain_text("zo 7 mrt 2027")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert inaccessible(page) == []
    page.get_by_role("grid").first.scroll_into_view_if_needed()
    picture(page, "life-week-phone")
    page.screenshot(path=PICTURES / "life-times-phone.png", full_page=True)

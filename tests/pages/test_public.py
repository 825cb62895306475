"""The public page: one field, one tap, and the answer first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.pages.conftest import Open, inaccessible, picture, until_drawn, words

DRAKENSTEIJN = "#lat=52.1797&lon=5.2272&height=50&at=2026-12-01T11:00:00Z"


def test_the_answer_comes_first_with_its_word_and_then_what_to_do(open_page: Open) -> None:
    page = open_page("/" + DRAKENSTEIJN)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    said = words(page)
    order = ["Prohibited", "Asked:", "What to do", "Why", "Not checked", "Data"]
    assert [said.find(each) for each in order] == sorted(said.find(each) for each in order)
    assert "52.17970 N, 5.22720 E · the ground to 50 m AGL · Tue 1 Dec 12:00 (11:00 UTC)" in said
    until_drawn(page)
    picture(page, "public-desktop-en")
    assert inaccessible(page) == []


def test_a_chip_asks_again_and_the_address_keeps_the_question(open_page: Open) -> None:
    page = open_page("/#lat=52.52&lon=4.95", maps=False)
    expect(page.locator("#answer .word")).to_be_visible()
    page.get_by_role("button", name="Height up to 120 m").click()
    page.get_by_label("Greatest height above ground").fill("30")
    with page.expect_response("**/v1/status") as asked:
        page.get_by_label("Greatest height above ground").blur()
    assert asked.value.request.post_data_json["max_height"] == 30
    assert "height=30" in page.url
    page.reload()
    expect(page.get_by_role("button", name="Height up to 30 m")).to_be_visible()
    expect(page.locator("#answer .word")).to_be_visible()


def test_coordinates_an_aerodrome_and_a_town_are_found_in_one_field(open_page: Open) -> None:
    page = open_page("/", maps=False)
    field = page.get_by_role("combobox")
    for typed, near in (("52.1797, 5.2272", "52.1797"), ("EHAM", "52.30"), ("Hilversum", "52.2")):
        field.fill(typed)
        with page.expect_response("**/v1/status"):
            field.press("Enter")
        expect(page.locator("#answer .word")).to_be_visible()
        assert near in words(page), typed
    assert inaccessible(page) == []


def test_nothing_found_is_said_and_is_no_answer(open_page: Open) -> None:
    page = open_page("/", maps=False)
    page.get_by_role("combobox").fill("qqqqzz")
    page.get_by_role("combobox").press("Enter")
    expect(page.get_by_text("Nothing is called “qqqqzz” here.")).to_be_visible()
    assert words(page) == "Tap the map, or search, to see what applies there."
    assert inaccessible(page) == []


def test_the_keyboard_alone_reaches_an_answer(open_page: Open) -> None:
    page = open_page("/", maps=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the answer")).to_be_focused()
    page.get_by_role("combobox").focus()
    page.keyboard.type("EHAM")
    expect(page.get_by_role("option").first).to_contain_text("EHAM")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .word")).to_have_text("Prohibited")


def test_without_a_network_nothing_is_decided(open_page: Open) -> None:
    page = open_page("/" + DRAKENSTEIJN)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    page.context.set_offline(True)
    page.get_by_role("button", name="Middle of the map").click()
    expect(page.locator("#answer .word")).to_have_text("Cannot tell (offline)")
    picture(page, "public-offline")
    assert inaccessible(page) == []
    page.context.set_offline(False)  # the page notices, and asks again by itself
    expect(page.locator("#answer .word")).to_have_text("Prohibited")


def test_the_map_draws_the_zones_and_lists_them(open_page: Open) -> None:
    page = open_page("/#lat=52.31&lon=4.7639")
    until_drawn(page)
    page.get_by_text("Zones in view").click()
    expect(page.locator("details li", has_text="NLD EHAM-RW")).to_contain_text("Prohibited")
    picture(page, "public-list")
    assert inaccessible(page) == []


def test_a_tap_on_the_map_asks_there(open_page: Open) -> None:
    page = open_page("/#lat=52.31&lon=4.7639")
    until_drawn(page)
    with page.expect_response("**/v1/status") as asked:
        page.locator(".mapside canvas").click(position={"x": 100, "y": 100})
    assert asked.value.request.post_data_json["lat"] > 52.31
    assert asked.value.request.post_data_json["lon"] < 4.7639


def test_a_place_outside_the_numbers_is_said_to_be_unreadable(open_page: Open) -> None:
    page = open_page("/#lat=491&lon=4.76", maps=False)
    expect(page.get_by_role("alert")).to_contain_text("lat=491")
    expect(page.locator("#answer .word")).to_have_count(0)


def test_where_it_is_too_late_to_ask_the_first_time_that_can_be_asked_for_is_a_button(
    open_page: Open,
) -> None:
    page = open_page("/#lat=52.31&lon=4.7639&height=50", maps=False)
    expect(page.get_by_text("the time to ask was").first).to_be_visible()
    with page.expect_response("**/v1/status") as asked:
        page.get_by_role("button", name="The first time that can still be asked for").first.click()
    ahead = datetime.fromisoformat(asked.value.request.post_data_json["at"]) - datetime.now(UTC)
    assert timedelta(hours=24) < ahead < timedelta(hours=24, minutes=7)
    expect(page.get_by_text("ask by").first).to_be_visible()
    expect(page.get_by_text("the time to ask was")).to_have_count(0)
    assert inaccessible(page) == []

"""What is asked and when: nothing that is old, doubtful or unread stands there as an answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.pages.conftest import PHONE, Open, inaccessible, picture, until_drawn, words

PALACE = (5.2272, 52.1797)
NEAR_THE_PALACE = (5.2272, 52.205)
FLIGHT = "flight=line&points=52.70,5.70_52.72,5.78_52.76,5.90"
WORD = "#answer .word"


def _held(page: Page) -> list[Route]:
    """Hold back what is asked from now on."""
    held: list[Route] = []
    page.route("**/v1/status", lambda route: held.append(route))  # noqa: PLW0108 (Playwright takes functions only)
    return held


def test_a_height_that_is_being_typed_is_asked_and_the_answer_before_it_is_old(open_page: Open) -> None:
    page = open_page("/#lat=52.52&lon=4.95&height=50", maps=False)
    expect(page.locator(WORD)).to_be_visible()
    page.get_by_role("button", name="Height up to 50 m").click()
    field = page.get_by_label("Greatest height above ground")
    held = _held(page)
    with page.expect_request("**/v1/status") as asked:
        field.fill("100")
        expect(page.locator("#answer .old")).to_be_visible()
    assert asked.value.post_data_json["max_height"] == 100
    expect(page.locator("#answer .old")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#answer .old")).to_have_count(0)
    expect(page.get_by_text("the ground to 100 m AGL")).to_be_visible()
    assert "height=100" in page.url

    field.fill("-5")
    expect(page.get_by_text("Not a number from 0 to 100000")).to_be_visible()
    expect(page.locator(WORD)).to_have_count(0)
    assert len(held) == 1
    picture(page, "public-wrong-height-en")
    assert inaccessible(page) == []


def test_a_flights_height_that_is_being_typed_is_asked_and_one_that_is_none_has_no_answer(
    open_page: Open,
) -> None:
    page = open_page(f"/#{FLIGHT}&height=50&from=2027-01-05T10:00:00Z&to=2027-01-05T11:00:00Z", maps=False)
    expect(page.locator(WORD)).to_have_text("No restricting zone found")
    page.get_by_text("How high, when, with what").click()
    field = page.get_by_label("Greatest height, in metres")
    with page.expect_response("**/v1/flight-checks") as asked:
        field.fill("90")
    assert asked.value.request.post_data_json["heights"]["upper"] == 90
    expect(page.locator(WORD)).to_have_text("Prohibited")
    field.fill("-5")
    expect(page.get_by_text("Not a number from 0 to 100000")).to_be_visible()
    expect(page.locator(WORD)).to_have_count(0)
    assert inaccessible(page) == []
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_label("Measured from").select_option("above sea level")
    assert asked.value.request.post_data_json["heights"] == {"upper": -5, "reference": "AMSL", "uom": "m"}
    expect(page.locator(WORD)).to_be_visible()


def test_a_position_known_to_some_metres_is_answered_for_all_of_them(open_page: Open) -> None:
    page = open_page("/", size=(360, 740), position=NEAR_THE_PALACE, accuracy_m=2500, maps=False)
    page.get_by_role("button", name="My position").click()
    expect(page.locator(WORD)).to_have_text("Prohibited")
    said = words(page)
    assert said.startswith("Your position is known to 2500 m: in a part of that “Prohibited” applies.")
    assert "In the middle of it: No restricting zone found." in said
    assert "Nothing is asked of you" not in said
    assert "within=2500" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    picture(page, "public-around-phone-en")
    assert inaccessible(page) == []
    page.reload()
    expect(page.get_by_text("This place is known to 2500 m: in a part of that")).to_be_visible()

    page = open_page("/", position=NEAR_THE_PALACE, accuracy_m=8, maps=False)
    with page.expect_response("**/v1/status") as asked:
        page.get_by_role("button", name="My position").click()
    assert "uncertainty_m" not in asked.value.request.post_data_json
    expect(page.locator(WORD)).to_have_text("No restricting zone found")


def test_a_tap_far_zoomed_out_is_answered_for_all_that_the_finger_covers(open_page: Open) -> None:
    page = open_page("/#height=50", "nl-NL")
    until_drawn(page)
    with page.expect_response("**/v1/status") as asked:
        page.locator(".mapside canvas").click(position={"x": 300, "y": 300})
    metres = asked.value.request.post_data_json["uncertainty_m"]
    assert 3000 < metres < 10_000
    expect(page.get_by_text(f"Bij deze zoom op ongeveer {metres} m getikt:")).to_be_visible()
    expect(page.get_by_text("Zoom in en tik opnieuw")).to_be_visible()
    picture(page, "public-tap-desktop-nl")
    page.get_by_role("combobox").fill("52.1797, 5.2272")
    with page.expect_response("**/v1/status") as asked:
        page.get_by_role("combobox").press("Enter")
    assert "uncertainty_m" not in asked.value.request.post_data_json
    assert "within=" not in page.url


def test_an_answer_for_now_that_is_a_minute_old_says_so_and_is_asked_again(open_page: Open) -> None:
    page = open_page("/", maps=False)
    page.clock.install()
    page.goto(page.url + "#lat=52.205&lon=5.2272&height=50")
    page.reload()
    expect(page.locator(WORD)).to_be_visible()
    page.clock.fast_forward("04:00")
    expect(page.get_by_text("This answer is of")).to_be_visible()
    assert "confirmed 4 min ago" in words(page)
    picture(page, "public-passed-desktop-en")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/status"):
        page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("This answer is of")).to_have_count(0)
    with page.expect_response("**/v1/status"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(WORD)).to_be_visible()


def test_a_link_with_an_unreadable_part_is_not_answered_before_somebody_decides(open_page: Open) -> None:
    page = open_page("/#lat=52.1797&lon=5.2272&height=foo&at=foo&hight=30", size=PHONE, maps=False)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("A part of this link cannot be read")
    assert alert.locator("li").all_inner_texts() == ["height=foo", "at=foo", "hight=30"]
    expect(page.locator(WORD)).to_have_count(0)
    picture(page, "public-unread-phone-en")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/status") as asked:
        page.get_by_role("button", name="Ask anyway").click()
    assert asked.value.request.post_data_json == {
        "lon": PALACE[0],
        "lat": PALACE[1],
        "max_height": 120,
        "reference": "AGL",
    }
    expect(page.locator(WORD)).to_have_text("Prohibited")

    page = open_page("/#lat=abc&lon=4.76", maps=False)
    expect(page.get_by_role("alert")).to_contain_text("lat=abc")
    expect(page.get_by_role("button", name="Ask anyway")).to_have_count(0)


def test_a_flights_link_with_an_unreadable_part_is_not_answered_before_somebody_decides(
    open_page: Open,
) -> None:
    page = open_page(
        "/#flight=line&points=52.70,5.70_52.72,abc&height=50&from=2027-01-05T10:00:00Z", maps=False
    )
    expect(page.get_by_role("alert")).to_contain_text("points=52.70,5.70_52.72,abc")
    expect(page.locator(WORD)).to_have_count(0)
    assert inaccessible(page) == []
    with page.expect_response("**/v1/flight-checks"):
        page.get_by_role("button", name="Ask anyway").click()
    expect(page.locator(WORD)).to_be_visible()


def _a_working_day_ago() -> str:
    day = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return f"{day:%Y-%m-%dT%H:%M:%SZ}"


def test_of_a_moment_that_is_over_nobody_is_asked_and_no_time_that_has_passed_is_offered(
    open_page: Open,
) -> None:
    page = open_page(f"/#lat=52.85&lon=6.5&height=50&at={_a_working_day_ago()}", maps=False)
    expect(page.locator(WORD)).to_have_text("Permission needed first")
    expect(page.get_by_text("The moment asked about is over")).to_be_visible()
    expect(page.locator(".todo").get_by_role("link")).to_have_count(0)
    expect(page.get_by_text("Then no zone restricts.")).to_have_count(0)
    assert inaccessible(page) == []

    ahead = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=8)
    while ahead.weekday() != 1:
        ahead += timedelta(days=1)
    page.clock.install()
    page.goto(page.url.partition("#")[0] + f"#lat=52.85&lon=6.5&height=50&at={ahead:%Y-%m-%dT%H:%M:%SZ}")
    page.reload()
    expect(page.get_by_text("Then no zone restricts.")).to_have_count(2)
    page.clock.fast_forward(int((ahead - datetime.now(UTC)).total_seconds()) * 1000)
    expect(page.get_by_text("Then no zone restricts.")).to_have_count(1)


def test_the_hour_of_a_flight_without_times_is_marked_as_assumed(open_page: Open) -> None:
    page = open_page(f"/#{FLIGHT}&height=130", "nl-NL", PHONE, maps=False)
    assumed = page.get_by_text("aangenomen: een uur")
    expect(page.locator("details .fields").get_by_text("aangenomen: een uur")).to_be_visible()
    page.get_by_role("button", name="Controleer deze vlucht").click()
    expect(page.locator("#answer .answer > .soft").first).to_contain_text("(aangenomen: een uur)")
    assert "assumed=hour" in page.url
    # Above 120 m the general rule stands beside the word.
    expect(page.get_by_text("Hoger dan 120 m boven de grond").first).to_be_visible()
    page.get_by_text("Hetzelfde als tabel").click()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    picture(page, "flight-assumed-phone-nl")
    assert inaccessible(page) == []
    page.get_by_text("Hoe hoog, wanneer, waarmee").click()
    with page.expect_response("**/v1/flight-checks"):
        page.get_by_label("Tot (uw klok)").fill("2027-01-05T12:00")
        page.get_by_label("Tot (uw klok)").blur()
    expect(assumed).to_have_count(0)
    assert "assumed" not in page.url


def test_the_word_is_a_heading_and_the_rule_of_120_m_stands_beside_it(open_page: Open) -> None:
    page = open_page("/#lat=52.205&lon=5.2272&height=130&at=2027-01-05T10:00:00Z", maps=False)
    expect(page.locator("h2.word")).to_have_text("No restricting zone found")
    expect(page.get_by_text("Above 120 m from the ground: not in the open category.").first).to_be_visible()
    headings = page.locator("h1, h2, h3")
    assert all(each.strip() for each in headings.all_text_contents())
    assert inaccessible(page) == []


def test_a_search_says_that_there_is_no_connection_or_no_such_place(open_page: Open) -> None:
    page = open_page("/", maps=False)
    field = page.get_by_role("combobox")
    field.fill("91, 200")
    expect(page.get_by_text("“91, 200” is no place on Earth")).to_be_visible()
    page.context.set_offline(True)
    field.fill("Utrecht")
    expect(page.get_by_text("There is no connection, so nothing is searched.")).to_be_visible()
    assert "TypeError" not in page.locator("form[role=search]").inner_text()
    page.context.set_offline(False)


def test_a_zone_that_names_no_authority_is_said_to_name_none(open_page: Open) -> None:
    nobody: dict[str, Any] = {
        "name": [],
        "service": [],
        "contact_name": [],
        "email": None,
        "phone": None,
        "site_url": None,
    }

    def unnamed(route: Route) -> None:
        said = route.fetch().json()
        for ask in said["assessment"]["what_would_change_it"]["ask"]:
            ask["authority"] |= nobody
        route.fulfill(body=json.dumps(said), content_type="application/json")

    page = open_page("/", maps=False)
    page.route("**/v1/status", unnamed)
    page.goto(page.url + "#lat=52.31&lon=4.7639&height=50")
    expect(page.get_by_text("The zone names no authority.").first).to_be_visible()

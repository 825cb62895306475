"""The public page's map: through time without asking for anything, by height, by layers, with its legend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, Page, Request, expect

from tests.pages.conftest import PHONE, PICTURES, Open, inaccessible, picture, until_drawn, words

OVER_THE_TEST_AREA = "#lat=52.72&lon=5.78&height=50"
"""Below a zone that starts 60 m above the ground."""
IN_LOW_FLYING = "#lat=52.85&lon=6.5&height=all"
"""In a zone that is in force from Monday to Friday, 8:00 to 17:00 local time."""
SLIDER = "input[type=range]"


def _listed(page: Page, key: str) -> Locator:
    """Return what the list beside the map has of a zone; the list is opened first."""
    return page.locator("details.zones li", has_text=key)


def _weekend_from(page: Page) -> int:
    """Return how many hours from the present one it is 12:00 UTC on the next Saturday."""
    now = datetime.fromisoformat(page.evaluate("new Date().toISOString()")).astimezone(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    noon = hour.replace(hour=12) + timedelta(days=(5 - now.weekday()) % 7)
    return int((noon - hour) / timedelta(hours=1))


def _move(page: Page, hours: int) -> None:
    """Put the slider where a pointer would drop it."""
    page.locator(SLIDER).evaluate(
        "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(hours),
    )


def test_the_map_moves_through_time_without_asking_for_tiles(open_page: Open) -> None:
    page = open_page("/" + IN_LOW_FLYING)
    until_drawn(page)
    page.get_by_text("Zones in view").click()
    low_flying = _listed(page, "NLD MIL-01")
    saturday = _weekend_from(page)
    asked: list[str] = []
    listen = lambda request: asked.append(request.url)  # noqa: E731
    page.on("request", listen)

    with page.expect_request("**/v1/status") as answered:
        _move(page, saturday)
        expect(low_flying).to_contain_text("later, within 14 days")
    with page.expect_request("**/v1/status"):
        _move(page, saturday - 24)
        expect(low_flying).to_contain_text("in force")

    assert answered.value.post_data_json["at"].endswith("T12:00:00Z")
    assert [url for url in asked if "/tiles/" in url] == []
    assert "&at=" in page.url
    expect(page.locator(SLIDER)).to_have_attribute("aria-valuetext", f"{_local(page)}")
    picture(page, "public-time-desktop-en")
    assert inaccessible(page) == []


def _local(page: Page) -> str:
    return page.locator(".slider .at").inner_text()


def test_the_keyboard_moves_time_by_an_hour_and_by_a_day_and_back_to_now(open_page: Open) -> None:
    page = open_page("/#lat=52.31&lon=4.7639", "nl-NL", PHONE)
    until_drawn(page)
    slider = page.locator(SLIDER)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/v1/status") else None)

    slider.focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("-23")
    expect(page.locator(".slider .at")).to_contain_text("UTC")
    with page.expect_response("**/v1/status"):
        page.keyboard.press("Home")
    expect(slider).to_have_value("-720")
    assert len(asked) == 1, "the answer is asked for when the slider rests, not on the way"
    picture(page, "public-time-phone-nl")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert inaccessible(page) == []

    with page.expect_response("**/v1/status"):
        page.get_by_role("button", name="Nu", exact=True).click()
    expect(slider).to_have_value("0")
    assert "&at=" not in page.url
    assert "nu, " in _local(page)


def test_outside_the_days_that_tiles_tell_nothing_is_drawn_as_not_in_force(open_page: Open) -> None:
    page = open_page("/#lat=52.85&lon=6.5&height=all&at=2027-06-05T12:00:00Z")
    until_drawn(page)
    page.get_by_text("Zones in view").click()
    expect(_listed(page, "NLD MIL-01")).to_contain_text("cannot tell when")
    expect(page.get_by_text("it cannot tell what is in force")).to_be_visible()
    assert inaccessible(page) == []


def test_zones_that_start_above_the_height_are_hidden_counted_and_shown_on_demand(open_page: Open) -> None:
    page = open_page("/" + OVER_THE_TEST_AREA)
    until_drawn(page)
    page.get_by_text("Zones in view").click()
    test_area = _listed(page, "NLD TST-01")
    note = page.get_by_text("above 50 m: hidden")
    expect(note).to_be_visible()
    expect(test_area).to_have_count(0)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(test_area).to_have_count(1)
    picture(page, "public-above-desktop-en")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(test_area).to_have_count(0)

    page.get_by_role("button", name="Height up to 50 m").click()
    page.get_by_label("Greatest height above ground").fill("60")
    page.get_by_label("Greatest height above ground").blur()
    expect(test_area).to_have_count(1)  # it starts at 60 m: touching counts


def test_the_legend_says_what_is_drawn_and_its_switches_take_it_away(open_page: Open) -> None:
    page = open_page("/#lat=52.31&lon=4.7639", "nl-NL", (360, 740))
    until_drawn(page)
    page.get_by_text("Legenda en lagen").click()
    said = words(page, ".legend")
    for each in ("Verboden", "Eerst toestemming nodig", "streepjeslijn", "gekruist", "stippelrand"):
        assert each in said
    page.get_by_text("Patroon is de tijd").scroll_into_view_if_needed()
    picture(page, "public-legend-phone-nl")
    assert inaccessible(page) == []
    page.get_by_text("Zones in beeld").click()
    expect(_listed(page, "NLD EHAM-RW")).to_have_count(1)
    page.get_by_label("Zones die van kracht zijn").uncheck()
    expect(_listed(page, "NLD EHAM-RW")).to_have_count(0)
    expect(page.get_by_text("In de legenda staan zones uit")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_tap_lists_everything_there_with_the_worst_first_and_each_opens(open_page: Open) -> None:
    page = open_page("/#lat=52.72&lon=5.78&height=50")
    expect(page.locator("#answer .word")).to_be_visible()
    rows = page.locator("#answer .stack > li")
    above = rows.filter(has_text="NLD TST-01")
    expect(above).to_contain_text("starts at least 10 m above what was asked")
    expect(above.get_by_text("Heights", exact=True)).to_be_hidden()
    above.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(above.get_by_text("60 m AGL to")).to_be_visible()
    above.scroll_into_view_if_needed()
    picture(page, "public-stack-desktop-en")
    assert inaccessible(page) == []


def test_what_is_not_in_force_now_is_listed_with_why_and_from_when(open_page: Open) -> None:
    page = open_page("/#lat=52.85&lon=6.5&height=50&at=2026-12-06T12:00:00Z", "nl-NL", (360, 740))
    expect(page.locator("#answer .word")).to_be_visible()
    later = page.locator("#answer .stack > li.not").filter(has_text="NLD MIL-01")
    expect(later).to_contain_text("vanaf ma 7 dec 08:00 (07:00 UTC)")
    later.locator("summary").click()
    expect(later.get_by_text("Bevoegd", exact=True)).to_be_visible()
    later.scroll_into_view_if_needed()
    picture(page, "public-stack-phone-nl")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert inaccessible(page) == []


def _printed(page: Page, name: str) -> str:
    """Print the page to a PDF, and return what its record says, on one line; its map must have been drawn."""
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            const record = document.querySelector(".record");
            const map = record.querySelector("canvas");
            const pixels = map.getContext("2d").getImageData(0, 0, map.width, map.height).data;
            window.printed = {
                text: record.textContent,
                colours: new Set(new Uint32Array(pixels.buffer)).size,
            };
        })"""
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    made = page.pdf(path=PICTURES / f"{name}.pdf", format="A4", print_background=True)
    assert made.startswith(b"%PDF")
    printed = page.evaluate("window.printed")
    assert printed["colours"] > 10, "the map is drawn"
    expect(page.locator(".record")).to_have_count(0)
    return " ".join(printed["text"].split())


def test_a_printed_answer_is_a_record_of_what_was_asked_and_what_it_rests_on(open_page: Open) -> None:
    page = open_page("/#lat=52.310000&lon=4.763900&height=50&class=C1&at=2026-12-01T11:00:00Z")
    until_drawn(page)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    with page.expect_response("**/v1/status") as asked:
        page.reload()
    answer = asked.value.json()
    until_drawn(page)
    said = _printed(page, "public-record-en")
    zone = answer["assessment"]["zones"][0]
    for part in (
        "Prohibited / Verboden",
        "52.31000 N, 4.76390 E",
        "the ground to 50 m above ground",
        "Tue 1 Dec 12:00 (11:00 UTC)",
        "C1",
        answer["assessment"]["question"]["digest"],
        page.url,
        f"NLD {zone['identifier']}",
        zone["version"],
        "Air Traffic Control the Netherlands",
        f"revision {answer['revision']}",
        "confirmed",
        answer["assessment"]["data_sets"][0]["digest"],
        "This paper grants nothing.",
    ):
        assert part in said, part
    assert inaccessible(page) == []


def test_a_printed_flight_has_its_legs_and_its_address(open_page: Open) -> None:
    page = open_page(
        "/#flight=line&points=52.70,5.70_52.72,5.78_52.76,5.90&height=90&from=2026-12-01T10:00:00Z"
        "&to=2026-12-01T11:00:00Z&class=C1&buffer=20",
        "nl-NL",
        PHONE,
    )
    expect(page.locator("#answer .word")).to_have_text("Verboden")
    until_drawn(page)
    said = _printed(page, "flight-record-nl")
    for part in (
        "Verboden / Prohibited",
        "Punt 1 tot 2",
        "NLD TST-01",
        "flight=line&points=52.700000,5.700000",
    ):
        assert part in said, part
    assert inaccessible(page) == []

"""Checking a flight: a mission file is shown as it was read before its answer, a drawn one is repeated by its link."""

from __future__ import annotations

import json
import urllib.parse
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.formats.missions.files import collection, feature
from tests.pages.conftest import PHONE, Open, inaccessible, picture, until_drawn, words

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TUESDAY = "from=2026-12-01T10:00:00Z&to=2026-12-01T11:00:00Z"


def _tuesday_ahead(hour: int, minute: int) -> datetime:
    """A moment of a Tuesday to come, by the clock of the zones: nobody is asked for what is over."""
    day = datetime.now(AMSTERDAM) + timedelta(days=2)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _said(start: datetime, end: datetime) -> str:
    """A stretch of a day in the pages' words."""
    local = f"{start:%a} {start.day} {start:%b}{'' if start.year == datetime.now(AMSTERDAM).year else f' {start.year}'}"
    utc = [f"{each.astimezone(UTC):%H:%M}" for each in (start, end)]
    return f"{local} {start:%H:%M} – {end:%H:%M} ({utc[0]} – {utc[1]} UTC)"


OVER_THE_TEST_AREA = (
    f"#flight=line&points=52.70,5.70_52.72,5.78_52.76,5.90&height=90&{TUESDAY}&class=C1&buffer=20"
)
"""Through a zone that starts 60 m above the ground."""
LOW_FLYING = (
    "#flight=line&points=52.84,6.45_52.86,6.55&height=50"
    f"&from={_utc(_tuesday_ahead(16, 30))}&to={_utc(_tuesday_ahead(17, 30))}"
)
"""In a zone that is in force from Monday to Friday, 8:00 to 17:00 local time."""
PLAN = (
    b"QGC WPL 110\r\n"
    b"0\t1\t0\t16\t0\t0\t0\t0\t52.770\t6.450\t12\t1\r\n"
    b"1\t0\t3\t22\t0\t0\t0\t0\t52.770\t6.450\t40\t1\r\n"
    b"2\t0\t3\t16\t0\t0\t0\t0\t52.800\t6.500\t60\t1\r\n"
    b"3\t0\t3\t16\t5\t0\t0\t0\t52.850\t6.550\t50\t1\r\n"
)
OPEN_HEIGHTS = collection(feature("LineString", [[6.46, 52.84, 40], [6.55, 52.86, 60]], name="Survey"))
"""A file that leaves open what its heights are measured from."""


def _send(page: Page, data: bytes, name: str = "flight.txt") -> None:
    """Choose a file, and wait until it is answered."""
    with page.expect_response("**/v1/flight-checks/file"):
        page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )


def test_a_file_is_shown_as_it_was_read_before_its_answer(open_page: Open) -> None:
    page = open_page("/", "nl-NL", PHONE, maps=False)
    page.get_by_role("button", name="Vlucht controleren").click()
    picture(page, "flight-start-phone-nl")
    assert inaccessible(page) == []
    _send(page, PLAN, "survey.waypoints")
    read = page.locator("#answer")
    expect(read.get_by_role("heading", name="Zo lezen wij uw bestand")).to_be_visible()
    expect(read.locator(".word")).to_have_count(0)
    said = words(page)
    assert "Gelezen als QGC WPL 110" in said
    assert "60 m boven het startpunt (uit het bestand)" in said
    assert "met 2 m/s aangenomen" in said
    assert "12 m boven zeeniveau uit het bestand" in said
    picture(page, "flight-read-phone-nl")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Dat is mijn vlucht: toon het antwoord").click()
    expect(read.locator(".word")).to_be_visible()
    assert "flight=file" in page.url
    assert "52." not in page.url
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    picture(page, "flight-answer-phone-nl")
    assert inaccessible(page) == []


def test_the_one_question_back_is_a_field_that_sends_the_file_again(open_page: Open) -> None:
    page = open_page("/#flight=file", maps=False)
    _send(page, OPEN_HEIGHTS, "survey.geojson")
    expect(page.locator("#answer form")).to_contain_text(
        "One question: What are the file's heights measured from"
    )
    expect(page.get_by_role("button", name="Show the answer all the same")).to_be_visible()
    picture(page, "flight-question-desktop-en")
    assert inaccessible(page) == []
    page.locator("#answer").get_by_label("Measured from").select_option("above take-off")
    page.get_by_role("button", name="Read it so").click()
    expect(page.locator("#answer form")).to_contain_text("How many metres above mean sea level")
    expect(page.get_by_role("button", name="Read it so")).to_be_disabled()
    page.locator("#answer").get_by_label("Metres").fill("14")
    page.get_by_role("button", name="Read it so").click()
    expect(page.locator("#answer form")).to_have_count(0)
    assert "60 m above take-off (said by you)" in words(page)
    assert "14 m above sea level said by you" in words(page)


def test_a_broken_file_gives_its_one_sentence(open_page: Open) -> None:
    page = open_page("/#flight=file", maps=False)
    _send(page, PLAN.replace(b"6.500", b"491.2"))
    failure = page.get_by_role("alert")
    expect(failure).to_contain_text("This cannot be asked so.")
    expect(failure).to_contain_text("491.2")
    picture(page, "flight-broken-desktop-en")
    assert inaccessible(page) == []
    _send(page, PLAN)
    expect(page.get_by_role("heading", name="This is how we read your file")).to_be_visible()


def test_a_link_repeats_a_drawn_flight_with_its_legs_from_the_side_and_in_time(open_page: Open) -> None:
    page = open_page("/" + OVER_THE_TEST_AREA)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    said = words(page)
    order = [
        "Prohibited",
        "Asked:",
        "What to do",
        "Leg by leg",
        "From the side",
        "In time",
        "Why",
        "Not checked",
        "Data",
    ]
    assert [said.find(each) for each in order] == sorted(said.find(each) for each in order)
    legs = page.locator("#answer ol > li")
    expect(legs).to_have_count(2)
    expect(legs.first).to_contain_text("Point 1 to 2")
    expect(legs.first).to_contain_text("Prohibited")
    expect(legs.first).to_contain_text("NLD TST-01")
    assert "in force all the time" in said
    until_drawn(page)
    picture(page, "flight-drawn-desktop-en")
    page.get_by_text("The same as a table").click()
    row = page.locator("#answer table tbody tr").first
    expect(row).to_contain_text("NLD TST-01: Prohibited")
    expect(row.locator("td").last).to_have_text("60 – 90 m")
    page.get_by_role("heading", name="From the side").scroll_into_view_if_needed()
    picture(page, "flight-profile-desktop-en")
    assert inaccessible(page) == []


def test_lower_is_one_tap_that_asks_again(open_page: Open) -> None:
    page = open_page("/" + OVER_THE_TEST_AREA, "nl-NL", PHONE)
    expect(page.locator("#answer .word")).to_have_text("Verboden")
    until_drawn(page)
    picture(page, "flight-drawn-phone-nl")
    page.get_by_role("heading", name="Van opzij").scroll_into_view_if_needed()
    picture(page, "flight-profile-phone-nl")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_role("button", name="Blijf onder 59 m").click()
    assert asked.value.request.post_data_json["heights"] == {"upper": 59, "reference": "AGL", "uom": "m"}
    expect(page.locator("#answer .word")).to_have_text("Geen beperkende zone gevonden")
    assert "height=59" in page.url


def test_whom_to_ask_gets_a_letter_and_another_time_is_one_tap_or_a_field(open_page: Open) -> None:
    page = open_page("/" + LOW_FLYING, maps=False)
    expect(page.locator("#answer .word")).to_have_text("Permission needed first")
    start, closes, end = _tuesday_ahead(16, 30), _tuesday_ahead(17, 0), _tuesday_ahead(17, 30)
    assert f"in force {_said(start, closes)}" in words(page)
    letter = page.locator("#answer .todo a[href^='mailto:']").first
    expect(letter).to_be_visible()
    address, _, query = (letter.get_attribute("href") or "").partition("?")
    assert address == "mailto:drones@defence.example"
    body = urllib.parse.parse_qs(query)["body"][0]
    assert "line through 52.84000 N, 6.45000 E; 52.86000 N, 6.55000 E" in body
    assert "the ground to 50 m AGL" in body
    assert _said(start, end) in body
    assert "#flight=line&points=52.840000,6.450000_52.860000,6.550000" in body
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_role("button", name=f"At {_said(_tuesday_ahead(17, 1), _tuesday_ahead(18, 1))}").click()
    window = asked.value.request.post_data_json["window"]
    assert window["from"] == _utc(_tuesday_ahead(17, 1))
    expect(page.locator("#answer .word")).to_have_text("No restricting zone found")
    page.get_by_text("How high, when, with what").click()
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_label("From (your clock)").fill(f"{_tuesday_ahead(12, 0):%Y-%m-%dT%H:%M}")
        page.get_by_label("From (your clock)").blur()
    window = asked.value.request.post_data_json["window"]
    assert window == {"from": _utc(_tuesday_ahead(12, 0)), "to": _utc(_tuesday_ahead(13, 0))}
    expect(page.locator("#answer .word")).to_have_text("Permission needed first")
    assert inaccessible(page) == []


def test_taps_on_the_map_draw_a_line_that_undo_shortens(open_page: Open) -> None:
    page = open_page("/#lat=52.72&lon=5.78")
    until_drawn(page)
    page.get_by_role("button", name="Check a flight").click()
    page.get_by_role("button", name="Draw it").click()
    canvas = page.locator(".mapside canvas")
    for at in ((100, 300), (400, 400), (600, 200)):
        canvas.click(position={"x": at[0], "y": at[1]})
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    picture(page, "flight-drawing-desktop-en")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_role("button", name="Check this flight").click()
    geometry = asked.value.request.post_data_json["geometry"]
    assert geometry["type"] == "LineString"
    assert geometry["coordinates"][0][0] < geometry["coordinates"][1][0]
    expect(page.locator("#answer .word")).to_be_visible()
    assert "flight=line&points=" in page.url


def test_the_keyboard_alone_draws_an_area(open_page: Open) -> None:
    page = open_page("/#flight=line", "nl-NL", PHONE)
    page.get_by_label("een gebied").press("Space")
    field = page.get_by_label("Breedte", exact=True)
    field.focus()
    for lat, lon in (("52.70", "5.76"), ("52.70", "5.80"), ("52.74", "5.78")):
        page.keyboard.type(lat)
        page.keyboard.press("Tab")
        page.keyboard.type(lon)
        page.keyboard.press("Enter")
        expect(field).to_be_focused()
    expect(page.locator("tbody tr")).to_have_count(3)
    until_drawn(page)
    picture(page, "flight-drawing-phone-nl")
    assert inaccessible(page) == []
    with page.expect_response("**/v1/flight-checks") as asked:
        page.get_by_role("button", name="Controleer deze vlucht").press("Enter")
    ring = asked.value.request.post_data_json["geometry"]["coordinates"][0]
    assert ring == [[5.76, 52.7], [5.8, 52.7], [5.78, 52.74], [5.76, 52.7]]
    expect(page.locator("#answer .word")).to_have_text("Verboden")
    expect(page.locator("#answer ol > li")).to_contain_text("In het gebied")


def test_a_leg_that_meets_no_zone_outside_the_data_cannot_be_told(open_page: Open) -> None:
    page = open_page(f"/#flight=line&points=50.05,5.10_50.06,5.20&height=50&{TUESDAY}", maps=False)
    expect(page.locator("#answer .word")).to_have_text("Cannot tell")
    expect(page.locator("#answer ol > li")).to_contain_text("Cannot tell")
    expect(page.locator("#answer table tbody")).to_contain_text("Cannot tell")
    said = words(page)
    assert "No restricting zone found" not in said
    assert "No zone is met" not in said
    assert said.count("The data is not complete here: zones may be missing.") == 2
    page.emulate_media(media="print")
    picture(page, "flight-print-en")
    assert inaccessible(page) == []


def test_without_a_network_no_flight_is_decided(open_page: Open) -> None:
    page = open_page("/" + OVER_THE_TEST_AREA, maps=False)
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    page.route("**/v1/flight-checks", lambda route: route.abort())
    page.get_by_role("button", name="Stay below 59 m").click()
    expect(page.locator("#answer .word")).to_have_text("Cannot tell (offline)")
    assert inaccessible(page) == []
    page.unroute("**/v1/flight-checks")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#answer .word")).to_have_text("No restricting zone found")


def test_a_file_with_several_flights_shows_each(open_page: Open) -> None:
    lines = [[[6.1, 52.5], [6.12, 52.5]], [[6.46, 52.84], [6.55, 52.86]]]
    heights = {"max_altitude": {"meters": 40, "datum": "agl"}}
    page = open_page("/#flight=file", maps=False)
    _send(
        page,
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [feature("LineString", line, **heights) for line in lines],
            }
        ).encode(),
    )
    page.get_by_label("The file has 2 flights").select_option("2")
    assert "6.46000 E" in words(page)
    page.get_by_role("button", name="That is my flight").click()
    expect(page.locator("#answer .word")).to_be_visible()
    assert inaccessible(page) == []


ODD_NAMES = b"Y coord;X coord;Hoogte\n52,84;6,46;40\n52,86;6,55;60\n"


def test_a_table_with_other_names_is_read_as_its_columns_are_said_to_be(open_page: Open) -> None:
    page = open_page("/#flight=file", "nl-NL", PHONE)
    expect(page.get_by_text("Kies een bestand", exact=True)).to_be_visible()
    _send(page, ODD_NAMES, "punten.csv")
    expect(page.get_by_role("alert")).to_contain_text("The format of the file is not known")
    page.get_by_label("Breedte").first.select_option("Y coord")
    page.get_by_label("Lengte").first.select_option("X coord")
    picture(page, "flight-columns-phone-nl")
    assert inaccessible(page) == []
    page.get_by_label("Hoogte boven de grond").select_option("Hoogte")
    expect(page.get_by_role("heading", name="Zo lezen wij uw bestand")).to_be_visible()
    expect(page.locator("#answer table")).to_contain_text("60 m boven de grond")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_speed_and_take_off_that_are_said_count_before_the_file(open_page: Open) -> None:
    page = open_page("/#flight=file")
    _send(page, PLAN, "survey.waypoints")
    page.get_by_text("Speed and take-off").click()
    with page.expect_response("**/v1/flight-checks/file"):
        page.get_by_label("Speed over the ground").fill("8")
        page.get_by_label("Speed over the ground").blur()
    expect(page.locator("#answer")).to_contain_text("at 8 m/s said by you")
    page.get_by_label("Latitude of the take-off").fill("52.771")
    page.get_by_label("Latitude of the take-off").blur()
    expect(page.get_by_text("A place needs both its latitude and its longitude.")).to_be_visible()
    with page.expect_response("**/v1/flight-checks/file"):
        page.get_by_label("Longitude of the take-off").fill("6.451")
        page.get_by_label("Longitude of the take-off").blur()
    expect(page.locator("#answer")).to_contain_text("52.77100 N, 6.45100 E said by you")
    picture(page, "flight-more-desktop-en")
    assert inaccessible(page) == []

"""The journeys of the three groups of people, each in one language and size; `make matrix` tries all four."""

from __future__ import annotations

import re
import urllib.parse

from playwright.sync_api import Page, expect

from tests.pages.conftest import (
    DESKTOP,
    PHONE,
    Open,
    View,
    inaccessible,
    journey,
    picture,
    until_drawn,
    words,
)
from tests.pages.test_authority import ARIE, DANA, PETRA, SORAYA
from tests.pages.test_flights import LOW_FLYING, PLAN

EN, NL = "en-GB", "nl-NL"


def _shown(page: Page, view: View, name: str) -> None:
    """Keep a picture; nothing is inaccessible and nothing reaches out of a phone's width."""
    picture(page, f"journey-{name}-{view.name}")
    assert inaccessible(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= view.size[0]


# --- operators ---


@journey(NL, PHONE)
def test_b1_can_i_fly_here_now(open_page: Open, view: View) -> None:
    page = open_page("/", view.language, view.size)
    page.get_by_role("button", name=view.of.myPlace).click()
    expect(page.locator("#answer .word")).to_have_text(view.of.words.PROHIBITED)
    assert "NLD EHAM-RW" in words(page)
    assert view.of.notChecked in words(page)
    page.get_by_role("button", name=re.compile(f"^{view.of.drone}")).click()
    with page.expect_response("**/v1/status") as asked:
        page.get_by_label(view.of.droneLabel).select_option("C1")
    assert asked.value.request.post_data_json["uas_class"] == "C1"
    expect(page.locator("#answer .word")).to_have_text(view.of.words.PROHIBITED)
    # What is sent to an authority asks what is on the page now, and not what was on it at first.
    letter = page.locator("#answer .todo a[href^='mailto:']").first
    expect(letter).to_have_attribute("href", re.compile("class%3DC1"))
    _shown(page, view, "b1")


@journey(EN, DESKTOP)
def test_b2_check_a_mission_file(open_page: Open, view: View) -> None:
    page = open_page("/", view.language, view.size)
    page.get_by_role("button", name=view.of.flight.aFlight).click()
    with page.expect_response("**/v1/flight-checks/file"):
        page.locator("input[type=file]").set_input_files(
            {"name": "survey.waypoints", "mimeType": "text/plain", "buffer": PLAN}
        )
    expect(page.get_by_role("heading", name=view.of.flight.reading)).to_be_visible()
    expect(page.locator("#answer .word")).to_have_count(0)
    _shown(page, view, "b2-reading")
    page.get_by_role("button", name=view.of.flight.isMine).click()
    expect(page.locator("#answer .word")).to_be_visible()
    for each in (view.of.flight.legs, view.of.flight.profile, view.of.flight.timeline):
        expect(page.get_by_role("heading", name=each)).to_be_visible()
    _shown(page, view, "b2-answer")


@journey(EN, PHONE)
def test_b3_and_b4_another_time_or_whom_to_ask(open_page: Open, view: View) -> None:
    page = open_page("/" + LOW_FLYING, view.language, view.size)
    expect(page.locator("#answer .word")).to_have_text(view.of.words.AUTHORIZATION_REQUIRED)
    letter = page.locator("#answer .todo a[href^='mailto:']").first
    address, _, query = (letter.get_attribute("href") or "").partition("?")
    assert address == "mailto:drones@defence.example"
    assert "52.84000 N, 6.45000 E" in urllib.parse.parse_qs(query)["body"][0]
    _shown(page, view, "b4-whom-to-ask")
    with page.expect_response("**/v1/flight-checks"):
        page.get_by_role("button", name=re.compile(r"17:01")).click()
    expect(page.locator("#answer .word")).to_have_text(view.of.words.NO_ZONE_FOUND)
    _shown(page, view, "b3-another-time")


# --- with the keyboard alone ---


def _tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Go on from where the focus is until it is on what has this name; never by a pointer."""
    told = """() => {
      const on = document.activeElement;
      const label = on?.labels?.[0]?.innerText ?? on?.getAttribute("aria-label") ?? on?.innerText ?? "";
      return label.replace(/\\s+/g, " ").trim();
    }"""
    seen = []
    for _ in range(80):
        page.keyboard.press(key)
        seen.append(page.evaluate(told))
        if seen[-1].startswith(name):
            return
    raise AssertionError(f"no key leads to {name!r}: {seen}")


@journey(EN, DESKTOP)
def test_by_keys_alone_a_mission_file_is_checked(open_page: Open, view: View) -> None:
    page = open_page("/", view.language, view.size, maps=False)
    page.on("filechooser", lambda _: None)  # asked for early: a key could come before the browser knows of it
    expect(page.get_by_role("button", name=view.of.myPlace)).to_be_visible()
    _tab_to(page, view.of.flight.aFlight)
    page.keyboard.press("Enter")
    _tab_to(page, view.of.flight.chooseFile)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "a.waypoints", "mimeType": "text/plain", "buffer": PLAN})
    expect(page.get_by_role("heading", name=view.of.flight.reading)).to_be_visible()
    _tab_to(page, view.of.flight.isMine)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .word")).to_be_visible()


@journey(NL, PHONE)
def test_by_keys_alone_the_police_ask_here_and_over_there(open_page: Open, view: View) -> None:
    p = view.of.police
    page = open_page("/police", view.language, view.size)
    expect(page.get_by_role("button", name=p.button)).to_be_visible()
    _tab_to(page, p.button)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .word")).to_have_text(view.of.words.PROHIBITED)
    _tab_to(page, p.there)
    page.keyboard.press("Enter")
    _tab_to(page, p.distance, "Shift+Tab")
    page.keyboard.type("300")
    _tab_to(page, p.ask)
    with page.expect_response("**/v1/status"):
        page.keyboard.press("Enter")
    expect(page.locator("#answer .where")).to_contain_text("300")


@journey(EN, DESKTOP)
def test_by_keys_alone_a_zone_is_drafted(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = open_page("/authority", view.language, view.size, maps=False)
    expect(page.get_by_role("button", name=DANA)).to_be_visible()
    _tab_to(page, DANA)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=a.kinds.circle)).to_be_visible()
    _tab_to(page, a.kinds.circle)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=a.shape)).to_be_visible()
    for label, typed in ((a.centre, "EHTX"), (a.radius, "2")):
        _tab_to(page, label)
        page.keyboard.type(typed)
    _tab_to(page, a.draw)
    page.keyboard.press("Enter")
    _tab_to(page, a.identifier)
    page.keyboard.type(_identifier("K", view))
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    expect(page.get_by_text("Texel").first).to_be_visible()


# --- police ---


@journey(NL, PHONE)
def test_c1_what_applies_here_now(open_page: Open, view: View) -> None:
    page = open_page("/police", view.language, view.size)
    page.get_by_role("button", name=view.of.police.button).click()
    expect(page.locator("#answer .word")).to_have_text(view.of.words.PROHIBITED)
    expect(page.locator("#answer ol > li")).to_have_count(4)
    assert view.of.police.noFinding in words(page)
    _shown(page, view, "c1")


@journey(EN, PHONE)
def test_c2_a_drone_over_there(open_page: Open, view: View) -> None:
    page = open_page("/police", view.language, view.size)
    page.get_by_role("button", name=view.of.police.there).click()
    page.get_by_label(view.of.police.distance).fill("400")
    page.get_by_label(view.of.police.compass.NE, exact=True).check()
    with page.expect_response("**/v1/status") as asked:
        page.get_by_role("button", name=view.of.police.ask, exact=True).click()
    body = asked.value.request.post_data_json
    assert abs(body["lat"] - 52.31254) < 1e-4
    assert abs(body["lon"] - 4.76804) < 1e-4
    assert body["uncertainty_m"] == 112
    expect(page.locator("#answer .circle")).to_contain_text("112 m")
    _shown(page, view, "c2")


@journey(NL, DESKTOP)
def test_c5_what_applied_there_at_a_past_moment(open_page: Open, view: View) -> None:
    page = open_page("/police", view.language, view.size)
    page.get_by_role("button", name=view.of.police.otherTime).click()
    page.get_by_role("button", name="Karim (police)").click()
    page.get_by_label(view.of.police.purpose).fill("Video of a complaint")
    page.get_by_label(view.of.police.moment).fill("2025-06-24T12:00")
    page.get_by_role("button", name=view.of.police.ask, exact=True).click()
    expect(page.locator("#answer .word")).to_have_count(2)
    said = words(page)
    assert said.index(view.of.police.knownThen) < said.index(view.of.police.knownNow)
    _shown(page, view, "c5")


# --- authorities ---


def _enter(open_page: Open, view: View, person: str = DANA) -> Page:
    page = open_page("/authority", view.language, view.size)
    page.get_by_role("button", name=person).click()
    expect(page.locator(".who")).to_contain_text(person)
    return page


def _as(page: Page, view: View, person: str) -> None:
    """Sign out, and in again as another."""
    page.get_by_role("button", name=view.of.signIn.signOut).click()
    page.get_by_role("button", name=person).click()
    expect(page.locator(".who")).to_contain_text(person)


def _begin(page: Page, view: View, kind: str) -> None:
    page.get_by_role("button", name=kind).click()
    expect(page.get_by_role("heading", name=view.of_authority.shape)).to_be_visible()


def _circle(page: Page, view: View, centre: str, radius: str, unit: str) -> None:
    a = view.of_authority
    page.get_by_label(a.centre).fill(centre)
    page.get_by_label(a.radius).fill(radius)
    page.get_by_label(a.unit).first.select_option(unit)
    page.get_by_role("button", name=a.draw, exact=True).click()


def _fill(page: Page, view: View, identifier: str) -> None:
    """Fill in all that a zone needs besides its shape."""
    a = view.of_authority
    page.get_by_label(a.identifier).fill(identifier)
    page.get_by_role("textbox", name=f"{a.name} (en-GB)").first.fill(f"Journey {identifier}")
    page.get_by_role("textbox", name=f"{a.name} (nl-NL)").first.fill(f"Reis {identifier}")
    page.get_by_role("textbox", name=f"{a.name} (en-GB)").last.fill("Aviation authority")
    page.get_by_role("spinbutton", name=a.lower).fill("0")
    page.get_by_role("spinbutton", name=a.upper).fill("120")
    page.get_by_label(a.phone).fill("+31 20 000 0000")
    page.get_by_label(a.legal).fill("Stcrt. 2026, 1234, art. 3")
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "saved")
    expect(page.get_by_text(a.canBeSubmitted)).to_be_visible()


def _submit(page: Page, view: View) -> None:
    a = view.of_authority
    page.get_by_role("button", name=a.submit).click()
    expect(page.get_by_text(a.done.submission)).to_be_visible()


def _identifier(journey_name: str, view: View) -> str:
    """Return a zone's identifier of this journey and view alone: the register keeps what was published."""
    return f"{journey_name}{view.language[:1].upper()}{'P' if view.size == PHONE else 'D'}"


@journey(EN, DESKTOP)
def test_a1_close_the_airspace_around_an_airport(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.kinds.circle)
    _circle(page, view, "EHTX", "3", "NM")
    expect(page.get_by_text("Texel").first).to_be_visible()
    _fill(page, view, _identifier("A1", view))
    page.get_by_label(a.type).select_option("PROHIBITED")
    until_drawn(page)
    _shown(page, view, "a1-draft")
    page.get_by_role("button", name=a.weigh).click()
    expect(page.get_by_text(re.compile(r"97[.,]\d+ km²")).first).to_be_visible()
    _submit(page, view)
    _as(page, view, ARIE)
    page.get_by_role("button", name=a.approve, exact=True).click()
    expect(page.get_by_text(a.done.approved, exact=True)).to_be_visible()
    if page.get_by_role("button", name=a.publish).count() == 0:
        _as(page, view, SORAYA)
        expect(page.locator(".state")).to_be_visible()
        if page.get_by_role("button", name=a.approve, exact=True).count():
            page.get_by_role("button", name=a.approve, exact=True).click()
            expect(page.get_by_text(a.done.approved, exact=True)).to_be_visible()
    _as(page, view, PETRA)
    page.get_by_role("button", name=a.publish).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(rf"1 zone (toe )?\(NLD {_identifier('A1', view)}\)"))
    expect(dialog).to_contain_text("Stcrt. 2026, 1234, art. 3")
    _shown(page, view, "a1-publish")
    dialog.get_by_role("button", name=a.doPublish, exact=True).click()
    expect(page.get_by_text(re.compile(r"^(Published: revision|Gepubliceerd: revisie) \d+"))).to_be_visible()
    _shown(page, view, "a1-published")
    page.get_by_role("link", name=a.seeAsPilot).click()
    expect(page.locator("#answer .word").first).to_have_text(view.of.words.PROHIBITED)


@journey(NL, PHONE)
def test_a2_coordinates_as_published(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.kinds.coordinates)
    page.get_by_label(a.text).fill("525742N 0065523E - 525621N 0065922E - 525800N 0076900E")
    page.get_by_role("button", name=a.read).click()
    expect(page.locator(".doubts .stop")).to_contain_text("3")
    _shown(page, view, "a2-doubt")
    page.get_by_label(a.text).fill("525742N 0065523E - 525621N 0065922E - 525800N 0070000E")
    page.get_by_role("button", name=a.read).click()
    expect(page.locator(".numbered")).to_have_count(3)
    expect(page.locator(".doubts .flag").first).to_be_visible()
    _fill(page, view, _identifier("A2", view))
    _shown(page, view, "a2")


@journey(EN, PHONE)
def test_a3_protect_a_line(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.kinds.corridor)
    for each in ("52.40N 5.50E", "52.45N 5.60E"):
        page.get_by_role("button", name=a.addPoint).click()
        page.get_by_label(re.compile(r"^P(oi|u)nt \d$")).last.fill(each)
    page.get_by_label(a.eachSide).fill("1")
    page.get_by_label(a.unit).first.select_option("NM")
    page.get_by_role("button", name=a.draw, exact=True).click()
    expect(page.get_by_role("img", name=re.compile(r"1[.,]85 km .* 3[.,]7 km"))).to_be_visible()
    _fill(page, view, _identifier("A3", view))
    _shown(page, view, "a3")


@journey(NL, DESKTOP)
def test_a4_an_urgent_ban_is_public_at_once(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.incident)
    _circle(page, view, "52.2N 6.6E", "500", "m")
    page.get_by_label(a.reason).fill("Fire in a factory")
    _fill(page, view, _identifier("A4", view))
    _as(page, view, PETRA)
    page.get_by_role("button", name=a.publishNow).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Fire in a factory")
    _shown(page, view, "a4-publish")
    dialog.get_by_role("button", name=a.doPublish, exact=True).click()
    expect(page.get_by_text(a.toConfirm).first).to_be_visible()
    _as(page, view, ARIE)
    page.get_by_role("button", name=a.confirm).click()
    expect(page.get_by_text(a.confirmed, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=a.confirm)).to_have_count(0)
    _shown(page, view, "a4-confirmed")


@journey(EN, DESKTOP)
def test_a5_review_somebody_elses_draft(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.kinds.circle)
    _circle(page, view, "52.9N 6.2E", "0.6", "km")
    _fill(page, view, _identifier("A5", view))
    _submit(page, view)
    _as(page, view, ARIE)
    expect(page.get_by_role("heading", name=a.differences)).to_be_visible()
    page.get_by_role("button", name=a.sendBack).click()
    expect(page.get_by_role("alert")).to_have_text(getattr(a.life.commentNeeded, "sent back"))
    page.get_by_label(a.comment).fill("Why so small?")
    _shown(page, view, "a5-review")
    page.get_by_role("button", name=a.sendBack).click()
    expect(page.get_by_text(getattr(a.done, "sent back"))).to_be_visible()
    _as(page, view, DANA)
    expect(page.get_by_text("Why so small?")).to_be_visible()
    page.get_by_role("spinbutton", name=a.upper).fill("150")
    _submit(page, view)
    _as(page, view, ARIE)
    since = page.locator(
        "section", has=page.get_by_role("heading", name=re.compile(r"^(Changed since|Veranderd sinds)"))
    )
    expect(since.get_by_role("row")).to_have_count(2)
    expect(since).to_contain_text("120 m AGL")
    expect(since).to_contain_text("150 m AGL")
    _shown(page, view, "a5-again")


@journey(NL, PHONE)
def test_a6_recurring_hours(open_page: Open, view: View) -> None:
    a = view.of_authority
    page = _enter(open_page, view)
    _begin(page, view, a.kinds.circle)
    _circle(page, view, "52.7N 6.9E", "0.4", "km")
    times = page.locator("section.next")
    expect(times).to_contain_text(a.life.isAlways)
    page.get_by_role("button", name=a.addRow).click()
    expect(times.get_by_role("listitem")).to_have_count(10)
    saturday = page.get_by_role("gridcell", name=re.compile(rf"^{a.dayNames.SAT} 10:00"))
    saturday.click()
    expect(saturday).to_have_attribute("aria-selected", "true")
    expect(times).to_contain_text(f"{a.dayNames.SAT}")
    page.get_by_role("combobox", name=a.end).last.select_option("SS")
    _fill(page, view, _identifier("A6", view))
    page.get_by_role("grid").scroll_into_view_if_needed()
    _shown(page, view, "a6-week")
    times.scroll_into_view_if_needed()
    _shown(page, view, "a6-times")

"""The police's page: one button, four sentences, in one hand at night."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.pages.conftest import PHONE, SCHIPHOL, Open, inaccessible, picture, words

STORE_ALSO = """async () => {
  const cache = await caches.open("zones-near");
  const kept = await (await cache.match("/stored-zones")).json();
  const near = kept.document.features.find(({ properties }) => properties.identifier === "EHAM-RW");
  const also = (identifier, year) => {
    const dates = { startDateTime: `${year}-06-01T10:00:00Z`, endDateTime: `${year}-06-01T12:00:00Z` };
    const authority = "AUTHORIZATION, Meldpunt, PT2H";
    return { ...near, properties: { ...near.properties, identifier, authority, limited_applicability: [dates] } };
  };
  kept.document.features.unshift(also("OVER", 2025), also("TO-COME", 2090));
  await cache.put("/stored-zones", new Response(JSON.stringify(kept)));
}"""
"""Zones that are over, and that are to come, beside what a device has stored."""


def test_one_tap_gives_four_sentences_in_their_order(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Dronezones voor de politie")
    expect(page.get_by_role("heading", level=2)).to_have_count(0)
    picture(page, "police-start-nl")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Hier, nu").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Verboden")
    assert "Vliegen met een drone is hier verboden, behalve met ontheffing" in words(page)
    sentences = page.locator("#answer ol > li").all_inner_texts()
    assert len(sentences) == 4
    assert sentences[0].startswith("zone Schiphol, banenstelsel, versie ")
    assert sentences[1].startswith("Bevoegd: Luchtverkeersleiding Nederland")
    assert sentences[2].startswith("Wij houden geen vluchten bij")
    assert "geleden bevestigd" in sentences[3]
    assert sentences[3].endswith("Dit is geen vaststelling van een strafbaar feit.")
    picture(page, "police-answer-nl")
    assert inaccessible(page) == []


def test_a_coarse_position_says_whether_the_whole_circle_is_alike(open_page: Open) -> None:
    page = open_page("/police", "en-GB", PHONE, position=(5.2272, 52.1797), accuracy_m=60)
    page.get_by_role("button", name="Here, now").click()
    expect(page.locator("#answer .circle")).to_have_text("Everywhere within 60 m: Prohibited.")
    picture(page, "police-everywhere")
    assert inaccessible(page) == []


def test_at_the_edge_of_a_zone_it_depends_on_the_place(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", (360, 740), position=(5.2272, 52.1797), accuracy_m=3_000)
    page.get_by_role("button", name="Hier, nu").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Hangt af van de plek")
    expect(page.locator("#answer .verdict.PROHIBITED.doubtful")).to_contain_text(
        "Verboden in een deel van de 3000 m om u heen, van de grond tot 120 m AGL."
    )
    circle = page.locator("#answer .circle")
    expect(circle).to_contain_text("Hangt af van de plek binnen 3000 m: Verboden, in een deel ervan.")
    expect(circle).to_contain_text("In het midden ervan: Verboden.")
    expect(circle).to_contain_text("Binnen Kasteel Drakensteijn")
    assert "is hier verboden" not in words(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    picture(page, "police-depends-nl")
    assert inaccessible(page) == []


def test_the_word_is_not_the_mild_one_of_the_middle_where_a_zone_reaches_into_the_circle(
    open_page: Open,
) -> None:
    page = open_page("/police", "en-GB", PHONE, position=(5.2272, 52.1997), accuracy_m=2_000)
    page.get_by_role("button", name="Here, now").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("It depends on the place")
    expect(page.locator("#answer .verdict.PROHIBITED.doubtful")).to_contain_text(
        "Prohibited in a part of the 2000 m around you"
    )
    expect(page.locator("#answer .circle")).to_contain_text("In the middle of it: No restricting zone found.")
    sentences = page.locator("#answer ol > li").all_inner_texts()
    assert sentences[0].startswith("zone Drakensteijn Castle (EHP25)")
    assert sentences[1].startswith("Who decides: ")
    expect(page.locator("#answer ol a.call")).to_be_visible()
    picture(page, "police-depends-mild")
    assert inaccessible(page) == []


def test_a_zone_that_names_no_authority_sends_to_the_operations_room(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE)
    nameless = {
        "name": [],
        "service": [],
        "contact_name": [],
        "site_url": None,
        "email": None,
        "phone": None,
        "purpose": None,
    }

    def without_authorities(route: Route) -> None:
        answer = route.fetch().json()
        for zone in answer["assessment"]["zones"]:
            zone["authorities"] = [each | nameless for each in zone["authorities"]]
        route.fulfill(json=answer)

    page.route("**/v1/status", without_authorities)
    page.get_by_role("button", name="Hier, nu").click()
    sentences = page.locator("#answer ol > li")
    expect(sentences.nth(1)).to_have_text("De zone noemt geen instantie. Vraag het de meldkamer.")
    assert "?" not in words(page, "#answer ol")
    assert inaccessible(page) == []


def test_an_answer_left_open_grows_old_and_is_asked_again_at_the_same_place(open_page: Open) -> None:
    page = open_page("/police", "en-GB", PHONE)
    page.clock.install()
    page.get_by_role("button", name="Here, now").click()
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    expect(page.locator("#answer ol")).to_contain_text(re.compile(r"confirmed \d s ago"))

    page.clock.fast_forward(30_000)
    expect(page.locator("#answer ol")).to_contain_text(re.compile(r"confirmed 3\d s ago"))
    expect(page.get_by_role("button", name="Ask again")).to_have_count(0)
    page.clock.fast_forward(40_000)
    expect(page.locator("#answer .word")).to_have_text(re.compile(r"At \d\d:\d\d: Prohibited"))
    expect(page.locator("#answer .verdict.doubtful")).to_be_visible()
    expect(page.locator("#answer .old")).to_contain_text(re.compile(r"This is of \d\d:\d\d\."))
    picture(page, "police-old")
    assert inaccessible(page) == []

    page.context.set_geolocation({"longitude": 5.2272, "latitude": 52.1797})
    with page.expect_request("**/v1/status") as asked:
        page.get_by_role("button", name="Ask again").click()
    assert (asked.value.post_data_json["lon"], asked.value.post_data_json["lat"]) == SCHIPHOL
    expect(page.locator("#answer .word")).to_have_text("Prohibited")
    assert "The place asked about before" in words(page)


def test_without_a_network_the_page_starts_decides_nothing_and_shows_what_is_stored(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    with page.expect_response("**/v1/publications/geojson*"):
        page.get_by_role("button", name="Hier, nu").click()
    expect(page.locator("#answer .word")).to_have_text("Verboden")
    page.wait_for_function(
        "caches.open('zones-near').then(kept => kept.match('/stored-zones')).then(Boolean)"
    )
    page.evaluate(STORE_ALSO)
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("button", name="Hier, nu").click()
    expect(page.locator("#answer .word")).to_have_text("Niet vast te stellen (geen verbinding)")
    stored = page.locator("#answer section")
    expect(stored).to_contain_text("Bewaarde zones bij deze plaats, zoals gepubliceerd")
    expect(stored).to_contain_text("geleden geladen")
    expect(stored.locator("li", has_text="NLD EHAM-RW")).to_contain_text("Verboden")
    over = stored.locator("li", has_text="NLD OVER")
    expect(over).to_contain_text("Voorbij sinds zo 1 jun 2025 14:00 (12:00 UTC) · Verboden")
    expect(over).to_contain_text("toestemming: Meldpunt, ten minste 2 uur vooraf")
    expect(stored.locator("li", has_text="NLD TO-COME")).to_contain_text("Nog niet: vanaf")
    expect(stored.locator("li").first).not_to_contain_text("Voorbij sinds")
    expect(stored.locator("li").last).to_contain_text("Voorbij sinds")
    for code in ("AUTHORIZATION", "INFORMATION", "NOTIFICATION", "PT2H", "T12:00"):
        assert code not in words(page)
    picture(page, "police-offline")
    over.scroll_into_view_if_needed()
    picture(page, "police-offline-over")
    assert inaccessible(page) == []


def test_without_a_network_and_nothing_stored_that_is_said(open_page: Open) -> None:
    page = open_page("/police", "en-GB", PHONE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Here, now").click()
    expect(page.locator("#answer .word")).to_have_text("Cannot tell (offline)")
    expect(page.locator("#answer section")).to_contain_text(
        "Nothing was loaded for this place before: this says nothing about zones."
    )
    assert "prohibited" not in words(page).lower()
    assert inaccessible(page) == []


def test_a_past_moment_asks_who_one_is_and_what_for(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE)
    page.get_by_role("button", name="Ander tijdstip").click()
    expect(page.get_by_text("Een moment in het verleden vraagt de politie die is aangemeld.")).to_be_visible()
    page.get_by_role("button", name="Karim (police)").click()
    page.get_by_role("button", name="Vraag", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Zeg waarvoor het is")
    expect(page.get_by_label("Waarvoor is het?")).to_be_focused()
    page.get_by_label("Waarvoor is het?").fill("melding bij baan 18R")
    page.get_by_label("Moment, op uw klok").fill("2035-06-24T12:00")
    page.get_by_role("button", name="Vraag", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Dit moment moet nog komen.")
    assert words(page) == ""
    page.get_by_label("Moment, op uw klok").fill("2025-06-24T12:00")
    picture(page, "police-past-form")
    assert inaccessible(page) == []
    page.get_by_role("button", name="Vraag", exact=True).click()
    expect(page.locator("#answer .word").first).to_be_visible()
    assert "Vastgelegd als bevraging" in words(page)
    picture(page, "police-past-answer")
    page.reload()
    page.get_by_role("button", name="Ander tijdstip").click()
    expect(page.get_by_label("Waarvoor is het?")).to_have_value("melding bij baan 18R")


def test_over_there_the_answer_is_about_there(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE)
    page.get_by_role("button", name="Daarginds").click()
    expect(page.get_by_role("navigation", name="Andere vragen").get_by_role("button")).to_have_text(
        ["Terug", "Ander tijdstip"]
    )
    page.get_by_role("button", name="Vraag", exact=True).click()
    expect(page.locator("#answer .verdict")).to_contain_text("Vliegen met een drone is daar verboden")
    assert "is hier" not in words(page)


def test_a_position_that_is_not_given_is_said(open_page: Open) -> None:
    page = open_page("/police", "nl-NL", PHONE, position=None)
    page.get_by_role("button", name="Hier, nu").click()
    expect(page.locator("#answer [role=alert]")).to_contain_text("Uw positie is niet bekend")
    assert inaccessible(page) == []

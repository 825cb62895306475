"""What is said of a drafted zone: each thing where it is so, and not where it just is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely

from tests.builders import (
    AGL,
    AMSL,
    EVERY_DAY,
    HERE,
    NOON,
    WGS84,
    away,
    circle,
    extent,
    ground,
    moment,
    period,
    polygon,
    published,
    square,
    volume,
    zone,
)
from zones_api.domain.altitude import Surroundings
from zones_api.domain.geometry import LonLat, Polygon, area_km2
from zones_api.domain.hints import Hint, hints
from zones_api.domain.overlap import Place
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.domain.zone import (
    ClockTime,
    CodedCondition,
    DailyPeriod,
    DaylightEvent,
    PublishedZone,
    Purpose,
    Text,
    TimePeriod,
    UASZone,
    Weekday,
    ZoneAuthority,
    ZoneType,
)

DAY, TICK = timedelta(days=1), timedelta.resolution
OFFICE = ZoneAuthority(Purpose.AUTHORIZATION, phone="+31 20 1234567")
NAMES = (Text("Here", "en-GB"), Text("Hier", "nl-NL"))
NOBODY = ZoneAuthority(Purpose.AUTHORIZATION, name=(Text("The office", "en"),))
FLAT = replace(ground(0.0), surveyed=True)


def drafted(*shapes: Any, **members: Any) -> UASZone:
    """Return a zone of which there is nothing to say but what its members give cause to."""
    built = zone(*shapes, **{name: members.pop(name) for name in ("type", "vertical") if name in members})
    return replace(built, **{"name": NAMES, "authorities": (OFFICE,)} | members)


def said(
    of: UASZone,
    *,
    standing: Sequence[UASZone] = (),
    others: Sequence[PublishedZone] = (),
    span: Span = (NOON + 2 * DAY, END),
    around: Callable[[Place], Surroundings] = lambda _: FLAT,
) -> list[Hint]:
    """Return what is said of a zone that is published at NOON and applies two days later, each in both languages."""
    found = hints(of, standing, others, span, NOON, around)
    for hint in found:
        assert hint.defect.dutch
        assert set(re.findall(r"\d+", hint.defect.dutch)) == set(re.findall(r"\d+", hint.defect.detail))
    return found


def codes(found: list[Hint]) -> list[tuple[str, str, str]]:
    return [(hint.defect.severity, hint.defect.code, hint.defect.pointer) for hint in found]


def strip(width_m: float, length_m: float = 2_000.0, start: LonLat = HERE) -> Polygon:
    """Return a rectangle along a meridian."""
    north = away(start, 0, length_m)
    return polygon(start, away(start, 90, width_m), away(north, 90, width_m), north)


def joined(*shapes: Polygon) -> Polygon:
    """Return the one area of shapes that overlap."""
    whole = shapely.union_all([shapely.Polygon(shape.shell, shape.holes) for shape in shapes])
    return Polygon(tuple(whole.exterior.coords), tuple(tuple(hole.coords) for hole in whole.interiors))


def test_of_a_zone_that_is_in_order_nothing_is_said() -> None:
    of = drafted(square(), circle(away(HERE, 90, 20_000.0)), vertical=extent(upper=(120.0, AGL)))

    found = said(of, standing=[of], others=[published(of)])

    assert found == []


# --- whom to ask ---


@pytest.mark.parametrize(
    "members",
    [
        {"type": ZoneType.REQ_AUTHORIZATION},
        {"type": ZoneType.REQ_AUTHORIZATION, "authorities": ()},
        {"type": ZoneType.USPACE},
        {"type": ZoneType.CONDITIONAL},
        {
            "type": ZoneType.CONDITIONAL,
            "authorities": (),
            "coded_conditions": (CodedCondition(ZoneType.REQ_AUTHORIZATION),),
        },
    ],
)
def test_a_zone_that_asks_for_permission_is_stopped_without_a_way_to_ask(members: dict[str, Any]) -> None:
    of = drafted(**{"authorities": (NOBODY,), "message": NAMES} | members)

    found = said(of)

    assert codes(found)[0] == ("stop", "CONTACT_MISSING", "/properties/zoneAuthority")


@pytest.mark.parametrize("member", ["email", "phone", "site_url"])
def test_one_way_to_ask_for_permission_is_enough(member: str) -> None:
    of = drafted(type=ZoneType.REQ_AUTHORIZATION, authorities=(NOBODY, ZoneAuthority(**{member: "here"})))

    found = said(of)

    assert "CONTACT_MISSING" not in [code for _, code, _ in codes(found)]


@pytest.mark.parametrize(
    ("member", "field", "value", "code", "advice"),
    [
        ("site_url", "siteURL", "www.ilent.nl", "SITE_UNUSABLE", "https://www.ilent.nl"),
        ("site_url", "siteURL", "mailto:a@ilent.nl", "SITE_UNUSABLE", "https://www.example.org"),
        ("site_url", "siteURL", "https://", "SITE_UNUSABLE", "https://www.example.org"),
        ("site_url", "siteURL", "https://ilent.nl of bel", "SITE_UNUSABLE", "https://www.example.org"),
        ("email", "email", "drone@ilt", "EMAIL_UNUSABLE", "drones@example.org"),
        ("email", "email", "drone@ilt.", "EMAIL_UNUSABLE", "drones@example.org"),
        ("email", "email", "a@ilent.nl; b@ilent.nl", "EMAIL_UNUSABLE", "drones@example.org"),
        ("email", "email", "ilent.nl", "EMAIL_UNUSABLE", "drones@example.org"),
    ],
)
def test_a_contact_that_reaches_nobody_stops_a_zone_and_says_what_to_write(
    member: str, field: str, value: str, code: str, advice: str
) -> None:
    found = said(drafted(authorities=(OFFICE, replace(OFFICE, **{member: value}))))

    assert codes(found) == [("stop", code, f"/properties/zoneAuthority/1/{field}")]
    assert found[0].defect.detail.endswith(f"such as {advice}.")
    assert found[0].defect.dutch.endswith(f"zoals {advice}.")


def test_contacts_that_are_written_whole_do_not() -> None:
    whole = replace(OFFICE, site_url="http://ilent.nl/drones?a=1", email="drone.vergunning@ilent.overheid.nl")

    assert said(drafted(authorities=(whole, replace(whole, site_url="https://ilent.nl")))) == []


@pytest.mark.parametrize(
    ("kind", "purpose", "expected"),
    [
        (
            ZoneType.PROHIBITED,
            Purpose.AUTHORIZATION,
            [("warn", "PHONE_MISSING", "/properties/zoneAuthority")],
        ),
        (ZoneType.USPACE, Purpose.INFORMATION, []),
        (ZoneType.NO_RESTRICTION, None, []),
    ],
)
def test_a_zone_that_asks_for_no_permission_needs_no_contact_and_a_ban_had_better_name_one(
    kind: ZoneType, purpose: Purpose | None, expected: list[tuple[str, str, str]]
) -> None:
    found = said(drafted(type=kind, authorities=(ZoneAuthority(purpose),)))
    reachable = said(drafted(type=kind, authorities=(OFFICE,)))

    assert codes(found) == expected
    assert reachable == []


def test_authorities_of_which_none_has_a_phone_number_are_looked_at_again() -> None:
    by_mail = ZoneAuthority(Purpose.AUTHORIZATION, email="zones@example.org")

    found = said(drafted(authorities=(by_mail,)))
    with_one = said(drafted(authorities=(by_mail, OFFICE)))

    assert codes(found) == [("warn", "PHONE_MISSING", "/properties/zoneAuthority")]
    assert with_one == []


# --- when ---

WINTER = (TimePeriod(schedule=(DailyPeriod(frozenset(Weekday), DaylightEvent.SR, DaylightEvent.SS),)),)
SATURDAYS = (DailyPeriod(frozenset([Weekday.SAT])),)
FRIDAY = datetime(2026, 5, 1, tzinfo=UTC)


def utc_day(day: Weekday, start_h: float, end_h: float) -> DailyPeriod:
    """Return hours of a weekday in UTC."""
    ends = (ClockTime(f"{hour}Z", hour * 3600, timedelta(0)) for hour in (start_h, end_h))
    return DailyPeriod(frozenset([day]), *ends)


@pytest.mark.parametrize(
    ("periods", "span"),
    [
        ((period(end=NOON),), (NOON + DAY, END)),
        ((period(NOON + 9 * DAY), period(end=NOON)), (NOON + DAY, NOON + 9 * DAY - TICK)),
        ((TimePeriod(schedule=(utc_day(Weekday.SAT, 8, 9),)),), (NOON + 2 * DAY, NOON + 7 * DAY)),
        ((period(NOON + 3 * DAY, NOON + 6 * DAY, schedule=(utc_day(Weekday.SAT, 8, 9),)),), (NOON, END)),
    ],
)
def test_a_zone_that_is_never_in_force_over_its_time_is_stopped(
    periods: tuple[TimePeriod, ...], span: Span
) -> None:
    of = drafted(applicability=periods)

    found = said(of, span=span)

    assert codes(found) == [("stop", "NEVER_IN_FORCE", "/properties/limitedApplicability")]


@pytest.mark.parametrize(
    ("periods", "span"),
    [
        ((period(end=NOON + 2 * DAY),), (NOON + 2 * DAY, END)),
        ((period(NOON + 9 * DAY), period(end=NOON)), (NOON + 2 * DAY, NOON + 9 * DAY)),
        ((period(NOON + 9_000 * DAY, schedule=(utc_day(Weekday.SAT, 8, 9),)),), (NOON + 2 * DAY, END)),
        ((TimePeriod(schedule=(utc_day(Weekday.SAT, 8, 9),)),), (NOON + 2 * DAY, NOON + 8 * DAY)),
        ((TimePeriod(moment(None)),), (NOON + 2 * DAY, END)),
        ((TimePeriod(moment((NOON + 3 * DAY).replace(tzinfo=None))),), (NOON + 2 * DAY, NOON + 3 * DAY)),
        (
            (TimePeriod(moment((NOON + timedelta(days=999, hours=13)).replace(tzinfo=None))),),
            (NOON + 2 * DAY, NOON + 999 * DAY),
        ),
        ((TimePeriod(schedule=EVERY_DAY),), (BEGINNING, NOON - DAY)),
        (
            (period(NOON + 9 * DAY, doubt=Reason.PERMANENT_WITH_DATES),),
            (NOON + 2 * DAY, NOON + 3 * DAY),
        ),
    ],
)
def test_a_zone_that_is_or_may_be_in_force_at_any_time_of_it_is_not_stopped(
    periods: tuple[TimePeriod, ...], span: Span
) -> None:
    of = drafted(applicability=periods)

    found = said(of, span=span)

    assert found == []


def test_a_zone_by_daylight_that_is_published_in_polar_night_comes_into_force_later() -> None:
    svalbard = square(15.0, 78.0, 15.5, 78.2)
    of = drafted(svalbard, applicability=WINTER)
    winter = datetime(2026, 11, 10, tzinfo=UTC)

    until_spring = said(of, span=(winter, winter + 60 * DAY))
    for_good = said(of, span=(winter, END))

    assert [hint.defect.code for hint in until_spring] == ["NEVER_IN_FORCE"]
    assert for_good == []


@pytest.mark.parametrize(
    ("span", "periods"),
    [
        ((NOON, END), (TimePeriod(),)),
        ((NOON - 9 * DAY, END), (TimePeriod(),)),
        ((NOON + DAY - TICK, END), (TimePeriod(),)),
        ((NOON, END), (period(NOON + DAY - TICK),)),
        ((NOON, NOON + timedelta(hours=1)), (TimePeriod(),)),
    ],
)
def test_less_than_a_day_of_notice_is_looked_at_again(span: Span, periods: tuple[TimePeriod, ...]) -> None:
    found = said(drafted(applicability=periods), span=span)

    assert codes(found) == [("warn", "IN_FORCE_SOON", "")]


@pytest.mark.parametrize(
    ("span", "periods"),
    [
        ((NOON + DAY, END), (TimePeriod(),)),
        ((NOON, END), (period(NOON + DAY),)),
        ((NOON - 2 * DAY, NOON - DAY), (TimePeriod(),)),
    ],
)
def test_a_whole_day_of_notice_and_what_is_past_are_not(span: Span, periods: tuple[TimePeriod, ...]) -> None:
    assert said(drafted(applicability=periods), span=span) == []


def test_moments_are_said_by_the_clock_of_the_country_and_in_utc_where_it_has_none() -> None:
    start = datetime(2027, 2, 28, 23, tzinfo=UTC)
    over = (period(end=NOON),)

    here, elsewhere = (
        said(drafted(applicability=over, country=country), span=(start, END))[0].defect
        for country in ("NLD", "USA")
    )

    assert "from 2027-03-01 00:00 local time (2027-02-28 23:00 UTC) on." in here.detail
    assert "vanaf 2027-03-01 00:00 plaatselijke tijd (2027-02-28 23:00 UTC) nooit" in (here.dutch or "")
    assert "from 2027-02-28 23:00 UTC on." in elsewhere.detail


def test_how_much_notice_there_is_is_said_in_hours_and_minutes() -> None:
    found = said(drafted(), span=(NOON + timedelta(hours=3, minutes=59, seconds=59), END))

    assert "after 3 h 59 min: in less than 24 hours" in found[0].defect.detail


# --- how high ---


@pytest.mark.parametrize(
    ("vertical", "around", "code"),
    [
        (extent((200.0, AGL), (100.0, AGL)), FLAT, "LIMITS_MEANINGLESS"),
        (extent((200.0, AGL), (250.0, AMSL)), replace(ground(100.0, 120.0)), "LIMITS_MEANINGLESS"),
        (extent(None, (90.0, AMSL)), ground(100.0, 120.0), "BELOW_GROUND"),
        (extent((50.0, AMSL), (90.0, WGS84)), ground(100.0, 120.0), "BELOW_GROUND"),
    ],
)
def test_a_zone_that_no_flight_can_meet_at_any_height_is_stopped(
    vertical: Any, around: Surroundings, code: str
) -> None:
    found = said(drafted(vertical=vertical), around=lambda _: around)

    assert codes(found) == [("stop", code, "/geometry")]
    assert found[0].place is not None


@pytest.mark.parametrize(
    "vertical",
    [
        extent((100.0, AGL), (200.0, AGL)),
        extent((200.0, AGL), (310.0, AMSL)),
        extent(None, (100.0, AMSL)),
        extent((300.0, AMSL), None),
    ],
)
def test_limits_that_some_flight_may_meet_are_not(vertical: Any) -> None:
    assert said(drafted(vertical=vertical), around=lambda _: ground(100.0, 120.0)) == []


def test_a_zone_without_thickness_is_looked_at_again() -> None:
    found = said(drafted(vertical=extent((60.0, AGL), (60.0, AGL))))

    assert codes(found) == [("warn", "NO_THICKNESS", "/geometry")]


def test_a_limit_above_ground_that_varies_by_over_50_m_is_looked_at_again() -> None:
    of = drafted(vertical=extent(upper=(120.0, AGL)))

    uneven = said(of, around=lambda _: replace(ground(10.0, 60.1), surveyed=True))
    even = said(of, around=lambda _: replace(ground(10.0, 60.0), surveyed=True))
    unsurveyed = said(of, around=lambda _: ground(10.0, 300.0))
    above_sea = said(
        drafted(vertical=extent(upper=(500.0, AMSL))),
        around=lambda _: replace(ground(10.0, 300.0), surveyed=True),
    )

    assert codes(uneven) == [("warn", "GROUND_UNEVEN", "/geometry")]
    assert "120 m AGL" in uneven[0].defect.detail
    assert "between 10 and 60 m AMSL" in uneven[0].defect.detail
    assert even == unsurveyed == above_sea == []


def test_the_ground_is_asked_for_beneath_each_volume_apart() -> None:
    hill, coast = square(), square(west=6.0, east=6.1)
    of = drafted(volume(hill, extent(upper=(120.0, AGL))), volume(coast, extent(upper=(120.0, AGL))))

    def steep_at_the_hill(place: Place) -> Surroundings:
        return replace(ground(0.0, 200.0 if place.geometry.bounds[2] < 5.5 else 20.0), surveyed=True)

    found = said(of, around=steep_at_the_hill)

    assert [hint.place for hint in found] == [shapely.Polygon(hill.shell)]


# --- where ---


def test_an_area_of_which_over_a_fifth_changes_is_looked_at_again() -> None:
    was = drafted(square(5.0, 52.0, 5.1, 52.1))

    more = said(drafted(square(5.0, 52.0, 5.12001, 52.1)), standing=[was])
    fifth = said(drafted(square(5.0, 52.0, 5.11999, 52.1)), standing=[was])
    moved = said(drafted(square(5.02, 52.0, 5.12, 52.1)), standing=[was])

    assert codes(more) == codes(moved) == [("warn", "AREA_CHANGED", "/geometry")]
    assert "covers 76.33 km² as it stands and 91.61 km² as drafted; 15.27 km²" in more[0].defect.detail
    assert more[0].place is not None
    assert more[0].place.equals(shapely.box(5.1, 52.0, 5.12001, 52.1))
    assert moved[0].place is not None
    assert moved[0].place.equals(
        shapely.union_all([shapely.box(5.0, 52.0, 5.02, 52.1), shapely.box(5.1, 52.0, 5.12, 52.1)])
    )
    assert fifth == []


def test_of_several_standing_versions_the_one_that_differs_most_counts() -> None:
    of = drafted(square())

    found = said(of, standing=[of, drafted(square(east=5.01)), of])

    assert codes(found) == [("warn", "AREA_CHANGED", "/geometry")]


def test_a_zone_written_on_the_other_side_of_the_antimeridian_has_not_changed() -> None:
    was = drafted(circle((179.99, 52.0), 2_000.0))
    turned = drafted(circle((-180.01, 52.0), 2_000.0))

    assert said(turned, standing=[was]) == []


def named(identifier: str, kind: ZoneType, shape: Any = None, **members: Any) -> PublishedZone:
    return published(replace(zone(shape or square(), identifier=identifier, type=kind), **members))


def test_milder_zones_beneath_are_named_largest_first_and_shown() -> None:
    others = [
        named("SAME", ZoneType.PROHIBITED),
        named("SMALL", ZoneType.CONDITIONAL, square(5.04, 52.0, 5.2, 52.05)),
        named("LARGE", ZoneType.REQ_AUTHORIZATION),
        named("APART", ZoneType.CONDITIONAL, square(west=5.05, east=5.1)),
    ]

    found = said(drafted(), others=others)

    assert codes(found) == [("warn", "OVER_MILDER_ZONE", "/geometry")]
    assert "over NLD LARGE (REQ_AUTHORIZATION, 76.42 km²), NLD SMALL (CONDITIONAL, 3.82 km²): " in (
        found[0].defect.detail
    )
    assert found[0].defect.dutch == (
        "De zone ligt over NLD LARGE (alleen met toestemming (REQ_AUTHORIZATION), 76.42 km²), NLD SMALL (onder"
        " voorwaarden (CONDITIONAL), 3.82 km²): het strengste wint, dus geldt daar: verboden (PROHIBITED)."
    )
    assert found[0].place is not None
    assert found[0].place.equals(shapely.Polygon(square().shell))


def test_three_milder_zones_are_named_and_the_others_counted() -> None:
    found = said(drafted(), others=[named(f"B{number}", ZoneType.NO_RESTRICTION) for number in range(5)])

    assert "B2 (NO_RESTRICTION, 76.42 km²) and 2 more" in found[0].defect.detail


@pytest.mark.parametrize(
    "other",
    [
        replace(named("B", ZoneType.CONDITIONAL), valid=(BEGINNING, NOON + 2 * DAY - TICK)),
        named("B", ZoneType.CONDITIONAL, applicability=(period(NOON, NOON + DAY),)),
        replace(
            named("B", ZoneType.CONDITIONAL, applicability=(period(NOON + 4 * DAY),)),
            valid=(BEGINNING, NOON + 3 * DAY),
        ),
        replace(named("B", ZoneType.CONDITIONAL), zone=replace(zone(), type=None, identifier="B")),
        named("B", ZoneType.CONDITIONAL, volume(square(), extent((120.1, AGL)))),
        named("A1", ZoneType.CONDITIONAL),
    ],
)
def test_zones_of_another_time_height_or_an_unknown_rule_and_the_zone_itself_are_not(
    other: PublishedZone,
) -> None:
    assert said(drafted(vertical=extent(upper=(120.0, AGL))), others=[other]) == []


@pytest.mark.parametrize(
    "periods",
    [
        (period(NOON, NOON + DAY), period(NOON + 400 * DAY, NOON + 401 * DAY)),
        (TimePeriod(end=moment(None)),),
        (period(NOON, NOON + DAY, doubt=Reason.PERMANENT_WITH_DATES),),
    ],
)
def test_milder_zones_that_come_into_force_or_may_are_named(periods: tuple[TimePeriod, ...]) -> None:
    found = said(drafted(), others=[named("B", ZoneType.CONDITIONAL, applicability=periods)])

    assert [code for _, code, _ in codes(found)] == ["OVER_MILDER_ZONE"]


def test_a_hole_is_noted_and_shown() -> None:
    hole = square(4.99, 51.99, 5.01, 52.01).shell

    found = said(drafted(square(holes=[hole])))

    assert codes(found) == [("note", "HOLE", "/geometry")]
    assert "a hole: 3.06 km²" in found[0].defect.detail
    assert found[0].place is not None
    assert found[0].place.equals(shapely.Polygon(hole))


@pytest.mark.parametrize("azimuth", [0.0, 90.0])
@pytest.mark.parametrize(("width_m", "is_narrow"), [(9.9, True), (10.3, False)])
def test_a_strip_narrower_than_10_m_is_looked_at_again(
    width_m: float, azimuth: float, is_narrow: bool
) -> None:
    there = away(HERE, azimuth, 2_000.0)
    across = azimuth + 90.0
    of = drafted(polygon(HERE, there, away(there, across, width_m), away(HERE, across, width_m)))

    found = said(of)

    assert codes(found) == ([("warn", "SLIVER", "/geometry")] if is_narrow else [])


def test_a_narrow_strip_of_a_wide_zone_and_a_narrow_gap_in_it_are_shown() -> None:
    east = away(HERE, 90, 500.0)
    middle = away(HERE, 0, 1_000.0)
    with_a_strip = joined(strip(500.0), strip(5.0, 4_000.0))
    with_a_gap = replace(strip(500.0), holes=(strip(5.0, 300.0, away(middle, 90, 100.0)).shell,))

    strips, gaps = said(drafted(with_a_strip)), said(drafted(with_a_gap))

    assert [hint.defect.code for hint in strips] == ["SLIVER"]
    assert strips[0].place is not None
    assert area_km2(strips[0].place) == pytest.approx(5.0 * 2_000.0 / 1e6, rel=0.02)
    assert [hint.defect.code for hint in gaps] == ["SLIVER", "HOLE"]
    assert gaps[0].place is not None
    assert gaps[0].place.bounds[2] < east[0]
    assert area_km2(gaps[0].place) == pytest.approx(5.0 * 300.0 / 1e6, rel=0.05)


def test_slivers_are_not_looked_for_in_a_part_of_over_10000_vertices() -> None:
    def fine(vertices: int) -> Polygon:
        line = shapely.Polygon(strip(5.0).shell).exterior
        points = [line.interpolate(n / vertices, normalized=True) for n in range(vertices)]
        return polygon(*((point.x, point.y) for point in points))

    counts = {vertices: codes(said(drafted(fine(vertices)))) for vertices in (9_999, 10_000)}

    assert [code for _, code, _ in counts[9_999]] == ["SLIVER", "VERTICES_MANY"]
    assert [code for _, code, _ in counts[10_000]] == ["VERTICES_MANY"]


def test_sharp_corners_and_circles_are_no_slivers() -> None:
    spike = polygon(HERE, away(HERE, 90, 200.0), away(HERE, 0, 20_000.0))
    notch = joined(square(), square(east=5.1, north=51.97))
    bitten = polygon((4.9, 51.9), (5.1, 51.9), (5.1, 52.1), (5.0, 51.95), (4.99, 52.1), (4.9, 52.1))

    for shape in (spike, notch, bitten, circle(radius_m=6.0), circle(radius_m=50_000.0)):
        assert said(drafted(shape)) == []


def test_more_than_500_vertices_in_all_are_looked_at_again() -> None:
    def points(count: int, radius_m: float) -> tuple[LonLat, ...]:
        return tuple(away(HERE, -360.0 * number / count, radius_m) for number in range(count))

    hole = (*points(100, 500.0), points(100, 500.0)[0])

    many = said(drafted(polygon(*points(401, 9_000.0), holes=[hole])))
    enough = said(drafted(polygon(*points(400, 9_000.0), holes=[hole])))

    assert codes(many) == [("warn", "VERTICES_MANY", "/geometry"), ("note", "HOLE", "/geometry")]
    assert "501 vertices" in many[0].defect.detail
    assert codes(enough) == [("note", "HOLE", "/geometry")]


# --- what it says ---


@pytest.mark.parametrize(
    ("members", "pointer", "least"),
    [
        ({"identifier": "ABCDEFG"}, "/properties/identifier", 7),
        ({"name": (NAMES[0], Text("n" * 200, "nl"))}, "/properties/name", 200),
        ({"message": (Text("m" * 200, "nl"), Text("m", "en"))}, "/properties/message", 200),
        ({"other_reason_info": (Text("o" * 200, "nl"),)}, "/properties/otherReasonInfo", 200),
        ({"authorities": (replace(OFFICE, phone="1" * 200),)}, "/properties/zoneAuthority", 200),
        (
            {"authorities": (replace(OFFICE, contact_name=(Text("c" * 200),)),)},
            "/properties/zoneAuthority",
            200,
        ),
    ],
)
def test_a_text_longer_than_the_format_has_room_for_is_looked_at_again(
    members: dict[str, Any], pointer: str, least: int
) -> None:
    def longer(value: Any) -> Any:
        match value:
            case str():
                return value + "!" if len(value) == least else value
            case tuple():
                return tuple(map(longer, value))
            case Text():
                return replace(value, text=longer(value.text))
            case ZoneAuthority():
                return replace(value, phone=longer(value.phone), contact_name=longer(value.contact_name))

    fits = said(drafted(**members))
    found = said(drafted(**{name: longer(value) for name, value in members.items()}))

    assert fits == []
    assert codes(found) == [("warn", "TEXT_TOO_LONG", pointer)]
    assert f"{least + 1} characters and ED-318 has room for {least}" in found[0].defect.detail


@pytest.mark.parametrize("member", ["name", "message"])
def test_what_is_written_in_one_language_alone_is_looked_at_again(member: str) -> None:
    found = said(drafted(**{member: (Text("Here", "en-GB"), Text("There", "en-US"))}))
    nameless = said(drafted(**{member: (Text("Here"),)}))

    assert codes(found) == codes(nameless) == [("warn", "LANGUAGE_MISSING", f"/properties/{member}")]
    assert found[0].defect.detail.endswith("only in one language, en.")
    assert nameless[0].defect.detail.endswith("only without naming its language.")


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"restriction_conditions": "Not near the tower"}, "CONDITIONS_NOT_CODED", "restrictionConditions"),
        ({"type": ZoneType.CONDITIONAL, "message": NAMES}, "CONDITIONS_NOT_CODED", "message"),
        ({"type": ZoneType.CONDITIONAL}, "CONDITIONS_MISSING", "restrictionConditions"),
    ],
)
def test_conditions_that_checks_cannot_evaluate_are_looked_at_again(
    members: dict[str, Any], code: str, pointer: str
) -> None:
    found = said(drafted(**members))

    assert codes(found) == [("warn", code, f"/properties/{pointer}")]


@pytest.mark.parametrize("kind", ZoneType)
def test_in_dutch_a_type_is_said_in_dutch_with_its_code(kind: ZoneType) -> None:
    found = said(drafted(type=kind, restriction_conditions="Not near the tower"))
    (hint,) = (hint for hint in found if hint.defect.code == "CONDITIONS_NOT_CODED")

    assert hint.defect.detail.endswith(f"answer as for {kind}.")
    assert re.search(rf": [a-zU][-a-zA-Z ]+ \({kind}\)\.$", hint.defect.dutch or "")


def test_a_word_that_is_no_type_stays_alone() -> None:
    of = replace(drafted(restriction_conditions="Ask"), type=None, published_type="CLOSED")
    (hint,) = (hint for hint in said(of) if hint.defect.code == "CONDITIONS_NOT_CODED")

    assert (hint.defect.dutch or "").endswith("dat daar geldt: CLOSED.")


def test_coded_conditions_beside_their_text_are_not() -> None:
    coded = (CodedCondition(ZoneType.PROHIBITED),)
    of = drafted(type=ZoneType.CONDITIONAL, restriction_conditions="Ask", coded_conditions=coded)

    assert said(of) == []


def test_what_stops_a_zone_is_said_first() -> None:
    hole = square(4.99, 51.99, 5.01, 52.01).shell
    plane, buried = extent((60.0, AGL), (60.0, AGL)), extent(None, (-9.0, AMSL))
    of = drafted(
        volume(square(holes=[hole]), plane),
        volume(square(), buried),
        type=ZoneType.REQ_AUTHORIZATION,
        authorities=(),
    )

    found = said(of, span=(NOON, END))

    severities = [hint.defect.severity for hint in found]
    assert severities == ["stop", "stop", "warn", "warn", "note"]
    assert all(hint.defect.detail.endswith(".") for hint in found)

"""What publishing a draft would change: overlaps, area added and taken away, the register after it, verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import process_time
from typing import Any

import numpy as np
import pytest
import shapely

from tests.builders import (
    AGL,
    AMSL,
    HERE,
    MAYBE,
    NOON,
    asked,
    away,
    circle,
    extent,
    ground,
    here,
    published,
    snapshot_of,
    square,
    volume,
    zone,
)
from zones_api.domain.difference import Changed, Difference
from zones_api.domain.drafting import DraftContent, Item
from zones_api.domain.geometry import GEOD, Polygon
from zones_api.domain.impact import (
    Compared,
    Impact,
    VerdictChange,
    after_publication,
    changed_verdicts,
    impact,
)
from zones_api.domain.outcome import Verdict
from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.domain.zone import PublishedZone, UASZone, ZoneType

DAY, TICK = timedelta(days=1), timedelta.resolution
WEST, MIDDLE, EAST = (square(5.0 + n / 10, 52.0, 5.1 + n / 10, 52.1) for n in range(3))
KM2 = 76.33
"""The size of each of the three."""


def draft(*items: Item) -> DraftContent:
    return DraftContent("A title", "NLD", "Stcrt. 2026, 1", None, items)


def put(of: UASZone, start: Any = None, end: Any = None) -> Item:
    return Item(of.country, of.identifier, start, end, of, of.identifier.encode())


def gone(identifier: str = "A1", start: Any = None, end: Any = None) -> Item:
    return Item("NLD", identifier, start, end)


def after(before: Sequence[PublishedZone], content: DraftContent) -> tuple[PublishedZone, ...]:
    return after_publication(before, content, NOON, lambda features: f"{features.decode()} as drafted")


def impact_of(*items: Item, before: Sequence[PublishedZone] = (), **more: Any) -> Impact:
    content = draft(*items)
    return impact(content, before, after(before, content), NOON, **more)


def standing(
    *shapes: Any, valid: Span = (BEGINNING, END), data_set: str = "NLD", **more: Any
) -> PublishedZone:
    return replace(published(zone(*shapes, **more), data_set), valid=valid)


def sizes(of: Any) -> tuple[float, float]:
    return round(of.added.km2, 2), round(of.removed.km2, 2)


# --- what it lies over ---


@pytest.mark.parametrize(
    ("drafted", "other", "expected"),
    [
        (ZoneType.PROHIBITED, ZoneType.REQ_AUTHORIZATION, Compared.STRICTER),
        (ZoneType.REQ_AUTHORIZATION, ZoneType.USPACE, Compared.STRICTER),
        (ZoneType.USPACE, ZoneType.CONDITIONAL, Compared.STRICTER),
        (ZoneType.CONDITIONAL, ZoneType.NO_RESTRICTION, Compared.STRICTER),
        (ZoneType.NO_RESTRICTION, ZoneType.CONDITIONAL, Compared.MILDER),
        (ZoneType.USPACE, ZoneType.PROHIBITED, Compared.MILDER),
        (ZoneType.USPACE, ZoneType.USPACE, Compared.SAME),
        (ZoneType.PROHIBITED, None, Compared.CANNOT_TELL),
        (None, ZoneType.PROHIBITED, Compared.CANNOT_TELL),
        (None, None, Compared.CANNOT_TELL),
    ],
)
def test_a_drafted_zone_is_compared_with_what_it_lies_over(
    drafted: ZoneType | None, other: ZoneType | None, expected: Compared
) -> None:
    beneath = standing(square(5.05, 52.0, 5.2, 52.1), identifier="B", type=other)

    found = impact_of(put(zone(WEST, type=drafted)), before=[beneath]).zones[0].overlaps

    assert [(each.published, each.drafted_is) for each in found] == [(beneath, expected)]
    assert found[0].area.geometry.equals(shapely.box(5.05, 52.0, 5.1, 52.1))
    assert found[0].area.km2 == pytest.approx(KM2 / 2, abs=0.01)


def test_zones_that_only_touch_or_are_somewhere_else_are_not_beneath_it() -> None:
    before = [standing(MIDDLE, identifier="B"), standing(EAST, identifier="C")]

    assert impact_of(put(zone(WEST)), before=before).zones[0].overlaps == ()


def test_the_boxes_of_two_circles_may_meet_where_the_circles_do_not() -> None:
    there = away(HERE, 45, 2_010.0)
    before = [standing(circle(there, 1_000.0), identifier="B")]

    assert impact_of(put(zone(circle())), before=before).zones[0].overlaps == ()


@pytest.mark.parametrize(
    ("vertical", "meets"),
    [
        (extent((120.0, AGL), (300.0, AGL)), True),
        (extent((120.1, AGL), (300.0, AGL)), False),
        (extent((230.1, AMSL), None), False),
        (extent((229.9, AMSL), None), True),
        (extent(None, (400.0, AMSL)), True),
    ],
)
def test_heights_that_meet_nowhere_on_the_ground_beneath_are_not_an_overlap(
    vertical: Any, meets: bool
) -> None:
    before = [standing(volume(WEST, vertical), identifier="B")]
    low = zone(volume(WEST, extent((30.0, AGL), (120.0, AGL))))

    found = impact_of(put(low), before=before, surroundings=lambda _: ground(100.0, 110.0))

    assert [each.published.zone.identifier for each in found.zones[0].overlaps] == ["B"] * meets


def test_only_the_volumes_that_meet_in_height_count() -> None:
    high, low = extent((500.0, AGL), (600.0, AGL)), extent((0.5, AGL), (120.0, AGL))
    before = [standing(volume(WEST, low), volume(MIDDLE, high), identifier="B")]
    over_both = zone(volume(square(5.0, 52.0, 5.2, 52.1), low))

    found = impact_of(put(over_both), before=before).zones[0].overlaps

    assert found[0].area.geometry.equals(shapely.Polygon(WEST.shell))


def test_zones_of_another_time_and_older_versions_of_itself_are_not_beneath_it() -> None:
    before = [
        standing(WEST, identifier="B", valid=(BEGINNING, NOON + DAY - TICK)),
        standing(WEST, identifier="C", valid=(NOON + 2 * DAY + TICK, END)),
        standing(WEST),
        standing(WEST, data_set="BEL"),
        standing(WEST, identifier="D", valid=(NOON + 2 * DAY - TICK, END)),
    ]

    found = impact_of(put(zone(WEST), NOON + DAY, NOON + 2 * DAY), before=before).zones[0].overlaps

    assert [(each.published.data_set, each.published.zone.identifier) for each in found] == [
        ("BEL", "A1"),
        ("NLD", "D"),
    ]


def test_the_other_zones_of_a_draft_are_beneath_it_as_drafted() -> None:
    items = [put(zone(WEST)), put(zone(WEST, identifier="B", type=ZoneType.CONDITIONAL)), gone("C")]
    before = [standing(WEST, identifier="B"), standing(WEST, identifier="C")]

    found = impact_of(*items, before=before)

    assert [[(each.published.version, each.drafted_is) for each in of.overlaps] for of in found.zones] == [
        [("B as drafted", Compared.STRICTER)],
        [("A1 as drafted", Compared.MILDER)],
        [],
    ]


def test_a_version_that_a_draft_cuts_in_two_is_named_once() -> None:
    before = [standing(WEST, identifier="B")]

    found = impact_of(put(zone(WEST)), gone("B", NOON + DAY, NOON + 2 * DAY), before=before)

    assert [each.published.zone.identifier for each in found.zones[0].overlaps] == ["B"]


@pytest.mark.parametrize(("lon", "other_lon", "seam"), [(179.99, -179.99, 180.0), (-179.99, 179.99, -180.0)])
def test_overlaps_are_found_across_the_antimeridian(lon: float, other_lon: float, seam: float) -> None:
    before = [standing(circle((other_lon, 52.0), 5_000.0), identifier="B")]

    found = impact_of(put(zone(circle((lon, 52.0), 5_000.0))), before=before).zones[0]

    half = math.acos(686.5 / 5_000.0)
    lens_km2 = 25.0 * (2 * half - math.sin(2 * half))
    assert found.overlaps[0].area.km2 == pytest.approx(lens_km2, rel=0.002)
    assert found.overlaps[0].area.geometry.centroid.x == pytest.approx(seam, abs=1e-3)


# --- what it adds and takes away ---


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (put(zone(WEST)), (0.0, 0.0)),
        (put(zone(square(5.0, 52.0, 5.2, 52.1))), (KM2, 0.0)),
        (put(zone(MIDDLE)), (KM2, KM2)),
        (put(zone(EAST, identifier="B")), (KM2, 0.0)),
        (gone(), (0.0, KM2)),
        (put(zone(WEST, type=ZoneType.NO_RESTRICTION)), (0.0, KM2)),
        (put(zone(WEST, type=ZoneType.CONDITIONAL)), (0.0, 0.0)),
        (put(zone(WEST, type=None)), (0.0, 0.0)),
    ],
)
def test_area_is_added_and_taken_away_where_a_zone_restricts(
    item: Item, expected: tuple[float, float]
) -> None:
    found = impact_of(item, before=[standing(WEST), standing(EAST, data_set="BEL")])

    assert sizes(found) == sizes(found.zones[0]) == expected


def test_the_area_added_is_shown_where_it_is() -> None:
    found = impact_of(put(zone(MIDDLE)), before=[standing(WEST)])

    assert found.added.geometry.equals(shapely.Polygon(MIDDLE.shell))
    assert found.removed.geometry.equals(shapely.Polygon(WEST.shell))


def test_what_one_zone_leaves_to_another_counts_for_each_and_not_in_total() -> None:
    items = [put(zone(MIDDLE)), put(zone(WEST, identifier="B"))]

    found = impact_of(*items, before=[standing(WEST), standing(MIDDLE, identifier="B")])
    later = impact_of(
        items[0],
        replace(items[1], start=NOON + DAY),
        before=[standing(WEST), standing(MIDDLE, identifier="B")],
    )

    assert [sizes(each) for each in found.zones] == [(KM2, KM2), (KM2, KM2)]
    assert sizes(found) == (0.0, 0.0)
    assert sizes(later) == (2 * KM2, 2 * KM2)


def test_each_version_that_stands_over_a_part_of_the_time_counts_for_that_part() -> None:
    before = [
        standing(WEST, valid=(BEGINNING, NOON + DAY - TICK)),
        standing(MIDDLE, valid=(NOON + DAY, NOON + 2 * DAY)),
        standing(EAST, valid=(NOON + 3 * DAY, END)),
    ]

    both = impact_of(put(zone(WEST), end=NOON + 2 * DAY), before=before)
    first = impact_of(put(zone(WEST), end=NOON + DAY), before=before)
    to_come = impact_of(put(zone(MIDDLE), end=NOON + 9 * DAY), before=before[2:])
    into_the_gap = impact_of(put(zone(MIDDLE), NOON + DAY, NOON + 3 * DAY), before=before)

    assert sizes(both) == (KM2, KM2)
    assert both.added.geometry.equals(shapely.Polygon(WEST.shell))
    assert sizes(first) == (0.0, 0.0)
    assert sizes(to_come) == (KM2, KM2)
    assert sizes(into_the_gap) == (KM2, 0.0)


def test_the_area_of_a_circle_is_that_of_its_outline_and_never_less() -> None:
    found = impact_of(put(zone(circle(radius_m=5_000.0))))

    assert 25.0 * math.pi < found.added.km2 < 25.0 * math.pi * 1.0008


@pytest.mark.parametrize("radius_m", [100.0, 5_000.0, 50_000.0])
def test_an_outline_leaves_its_circle_by_a_thousandth_of_the_radius_at_most(radius_m: float) -> None:
    found = impact_of(put(zone(circle(radius_m=radius_m))))

    distances = [
        GEOD.inv(*HERE, *vertex)[2] for vertex in shapely.get_coordinates(found.added.geometry).tolist()
    ]
    assert radius_m < min(distances) <= max(distances) < radius_m * 1.001


def test_a_zone_moved_along_the_antimeridian_keeps_what_both_cover() -> None:
    before = [standing(circle((179.99, 52.0), 5_000.0))]

    found = impact_of(put(zone(circle((-180.01, 52.0), 5_000.0))), before=before)

    assert sizes(found) == (0.0, 0.0)


# --- the register after it ---


def test_after_publication_a_zone_is_new_over_its_time_and_as_it_was_around_it() -> None:
    other, foreign = standing(EAST, identifier="B"), standing(WEST, data_set="BEL")
    was = standing(WEST)

    found = after([was, other, foreign], draft(put(zone(MIDDLE), NOON + DAY, NOON + 2 * DAY)))

    drafted = PublishedZone(
        zone(MIDDLE), "NLD", "A1 as drafted", (NOON + DAY, NOON + 2 * DAY - TICK), "Stcrt. 2026, 1"
    )
    assert found[:2] == (other, foreign)
    assert set(map(repr, found[2:])) == {
        repr(drafted),
        repr(replace(was, valid=(BEGINNING, NOON + DAY - TICK))),
        repr(replace(was, valid=(NOON + 2 * DAY, END))),
    }


def test_after_publication_a_withdrawn_zone_is_not_there_from_that_moment_on() -> None:
    was = standing(WEST)

    assert after([was], draft(gone())) == (replace(was, valid=(BEGINNING, NOON - TICK)),)


def test_items_of_one_zone_over_different_times_are_all_done() -> None:
    first, second = put(zone(MIDDLE), NOON, NOON + DAY), put(zone(EAST), NOON + DAY, NOON + 2 * DAY)

    found = after([standing(WEST, valid=(NOON, END))], draft(first, second))

    by_time = sorted((each.valid, each.zone.volumes[0].shapes[0]) for each in found)
    assert by_time == [
        ((NOON, NOON + DAY - TICK), MIDDLE),
        ((NOON + DAY, NOON + 2 * DAY - TICK), EAST),
        ((NOON + 2 * DAY, END), WEST),
    ]


# --- verdicts ---


@pytest.mark.parametrize(
    ("before", "then", "expected"),
    [
        ((), (zone(),), Compared.STRICTER),
        ((zone(),), (), Compared.MILDER),
        ((zone(type=ZoneType.USPACE),), (zone(type=ZoneType.REQ_AUTHORIZATION),), Compared.STRICTER),
        ((zone(type=ZoneType.USPACE),), (zone(type=ZoneType.CONDITIONAL),), Compared.MILDER),
        ((zone(),), (zone(),), Compared.SAME),
        ((), (zone(type=None),), Compared.CANNOT_TELL),
        ((zone(type=None),), (zone(),), Compared.CANNOT_TELL),
        ((zone(type=None),), (zone(type=None),), Compared.SAME),
    ],
)
def test_verdicts_are_compared(
    before: Sequence[UASZone], then: Sequence[UASZone], expected: Compared
) -> None:
    found = changed_verdicts([(asked(here(), *before), asked(here(), *then))])

    assert [answer.after_is for answer in found.answers] == [expected]
    assert found.counts == {each: int(each is expected) for each in Compared}


def test_each_answer_says_what_is_different_and_the_moves_are_counted() -> None:
    none, closed = asked(here()), asked(here(), zone())
    maybe = asked(here(), zone(identifier="B", applicability=MAYBE), zone())

    found = changed_verdicts([(none, closed), (none, closed), (closed, none), (closed, maybe)])

    assert found.answers[0] == VerdictChange(
        Verdict.NO_ZONE_FOUND,
        Verdict.PROHIBITED,
        Compared.STRICTER,
        (Difference(Changed.VERDICT), Difference(Changed.ZONE_ADDED, ("NLD", "A1"))),
    )
    assert found.answers[3].after_is is Compared.SAME
    assert Difference(Changed.ZONE_ADDED, ("NLD", "B")) in found.answers[3].differences
    assert found.moves == {
        (Verdict.NO_ZONE_FOUND, Verdict.PROHIBITED): 2,
        (Verdict.PROHIBITED, Verdict.NO_ZONE_FOUND): 1,
    }


def test_the_register_after_a_publication_answers_as_the_draft_says() -> None:
    snapshot = snapshot_of()
    content = draft(put(zone()))

    then = snapshot_of(*(each.zone for each in after(snapshot.zones, content)))

    found = changed_verdicts([(snapshot.answer(here()), then.answer(here()))])
    assert [answer.after for answer in found.answers] == [Verdict.PROHIBITED]


# --- how long it takes ---

SMALL = np.array([(0.0, 0.0), (0.015, 0.0), (0.015, 0.015), (0.0, 0.015), (0.0, 0.0)])


def test_a_draft_among_5000_zones_takes_well_under_a_second() -> None:
    grid = [(4.0 + x / 50, 51.0 + y / 50) for x in range(100) for y in range(50)]
    before = [
        standing(Polygon(tuple(map(tuple, np.add(corner, SMALL)))), identifier=f"Z{number}")
        for number, corner in enumerate(grid)
    ]
    content = draft(put(zone(circle(radius_m=20_000.0))), put(zone(identifier="Z7")))
    then = after(before, content)
    for each in then:
        assert each.zone.bounds

    started = process_time()
    found = impact(content, before, then, NOON)
    taken_s = process_time() - started

    assert len(found.zones[0].overlaps) > 200
    assert taken_s < 1.0

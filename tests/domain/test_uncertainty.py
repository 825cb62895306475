"""What certainly applies everywhere around a place that is known to some metres only."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, asked, coverage, period, polygon, quarantined, volume, window, zone
from tests.domain.test_laws import LAW, grounds, places, tops, worlds
from zones_api.domain.altitude import HeightRange, Surroundings
from zones_api.domain.assessment import Assessment
from zones_api.domain.flight import location
from zones_api.domain.geometry import GEOD, Circle, LonLat, Spot
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.uncertainty import applies_everywhere, everywhere, is_uniform
from zones_api.domain.zone import UASZone, ZoneType

HERE = (5.0, 52.0)


def _square(west: float, south: float, east: float, north: float, **also: object) -> UASZone:
    shape = polygon((west, south), (east, south), (east, north), (west, north), **also)  # type: ignore[arg-type]
    return zone(volume(shape), identifier=f"S{west}", type=ZoneType.PROHIBITED)


def _around(radius_m: float, *zones: UASZone, place: LonLat = HERE, **also: object) -> Assessment:
    question = location(place, HeightRange(), window(NOON, hours=0), radius_m)
    return asked(question, *zones, **also)  # type: ignore[arg-type]


def test_a_circle_inside_a_zone_has_one_verdict() -> None:
    found = _around(500, _square(4.9, 51.9, 5.1, 52.1))

    assert everywhere(found) is Verdict.PROHIBITED
    assert is_uniform(found) is True
    assert applies_everywhere(found.findings[0], found.question.legs[0])


def test_a_circle_that_leaves_the_zone_depends_on_the_place() -> None:
    found = _around(500, _square(4.9, 51.9, 5.005, 52.1))

    assert found.verdict is Verdict.PROHIBITED
    assert everywhere(found) is None
    assert is_uniform(found) is False
    assert not applies_everywhere(found.findings[0], found.question.legs[0])


def test_a_hole_in_the_circle_makes_it_depend() -> None:
    hole = ((4.999, 51.999), (5.001, 51.999), (5.001, 52.001), (4.999, 52.001), (4.999, 51.999))
    ring = _square(4.9, 51.9, 5.1, 52.1, holes=[hole])

    assert is_uniform(_around(500, ring)) is False
    assert is_uniform(_around(20, ring, place=(5.01, 52.0))) is True
    # The hole between: the circle's middle lies outside it and its rim reaches in.
    assert is_uniform(_around(500, ring, place=(5.004, 52.0))) is False


def test_two_zones_side_by_side_hold_the_circle_together() -> None:
    west, east = _square(4.9, 51.9, 5.0, 52.1), _square(5.0, 51.9, 5.1, 52.1)
    found = _around(500, west, east)

    assert is_uniform(found) is True
    assert not any(applies_everywhere(each, found.question.legs[0]) for each in found.findings)
    assert is_uniform(_around(500, west, _square(5.0001, 51.9, 5.1, 52.1))) is False


def test_a_disc_and_the_circle_around_it_are_measured_in_metres() -> None:
    disc = zone(volume(Circle(HERE, 1_000.0)), type=ZoneType.REQ_AUTHORIZATION)
    lon, lat, _ = GEOD.fwd(*HERE, 90, 400)

    assert is_uniform(_around(599, disc, place=(lon, lat))) is True
    assert is_uniform(_around(601, disc, place=(lon, lat))) is False


@pytest.mark.parametrize("side", [179.999, -179.999, 180.0])
def test_it_holds_across_the_antimeridian(side: float) -> None:
    here = (side, 52.0)
    disc = zone(volume(Circle((180.0, 52.0), 5_000.0)), type=ZoneType.PROHIBITED)
    written = _square(179.9, 51.9, 180.1, 52.1)

    assert is_uniform(_around(500, disc, place=here)) is True
    assert is_uniform(_around(500, written, place=here)) is True


def test_stricter_in_a_part_keeps_what_holds_everywhere() -> None:
    wide = zone(volume(Circle(HERE, 9_000.0)), identifier="W", type=ZoneType.REQ_AUTHORIZATION)
    found = _around(500, wide, _square(4.9, 51.9, 5.0, 52.1))

    assert found.verdict is Verdict.PROHIBITED
    assert everywhere(found) is Verdict.AUTHORIZATION_REQUIRED
    assert is_uniform(found) is False


def test_what_is_in_doubt_holds_nowhere() -> None:
    square = polygon((4.9, 51.9), (5.1, 51.9), (5.1, 52.1), (4.9, 52.1))
    naive = zone(
        volume(square),
        type=ZoneType.PROHIBITED,
        applicability=(period(NOON.replace(tzinfo=None)),),
    )
    spot = zone(volume(Spot((HERE,))), type=ZoneType.PROHIBITED)
    unknown_word = zone(volume(square), type=None)

    for each in (naive, spot, unknown_word):
        assert everywhere(_around(500, each)) in (None, Verdict.NO_ZONE_FOUND), each
    assert is_uniform(_around(500, naive)) is None


def test_nothing_found_is_the_same_everywhere_only_where_the_data_is_complete() -> None:
    assert is_uniform(_around(500)) is True
    assert everywhere(_around(500)) is Verdict.NO_ZONE_FOUND
    assert is_uniform(_around(500, coverages=[coverage(quarantined=[quarantined("CONDITIONAL")])])) is None
    inside = shapely.box(4.9, 51.9, 5.001, 52.1)
    assert is_uniform(_around(500, coverages=[coverage(inside)])) is None


bearings = st.floats(0, 360, allow_nan=False)
parts = st.sampled_from([0.0, 0.5, 0.9, 1.0])


@LAW
@given(worlds, places, tops, st.sampled_from([50.0, 700.0, 3_000.0]), grounds, bearings, parts)
def test_what_holds_everywhere_holds_at_every_place(
    world: list[UASZone],
    place: LonLat,
    top: HeightRange,
    radius_m: float,
    ground: Surroundings,
    bearing: float,
    part: float,
) -> None:
    when = window(NOON, hours=0)
    somewhere = asked(location(place, top, when, radius_m), *world, around=ground)
    lon, lat, _ = GEOD.fwd(*place, bearing, math.floor(radius_m * part * 1000) / 1000)
    there = asked(location((lon, lat), top, when), *world, around=ground)
    least = everywhere(somewhere)

    if least is not None and least is not Verdict.NO_ZONE_FOUND:
        assert there.known >= Outcome[least.name]
    if is_uniform(somewhere):
        assert there.verdict is somewhere.verdict
    for finding in somewhere.findings:
        if applies_everywhere(finding, somewhere.question.legs[0]):
            same = [each for each in there.findings if each.published == finding.published]
            assert same
            assert not same[0].judgement.reasons


def test_a_mild_zone_is_seen_through() -> None:
    notice = replace(_square(4.9, 51.9, 5.1, 52.1), type=ZoneType.NO_RESTRICTION)

    assert is_uniform(_around(500, notice)) is True
    assert everywhere(_around(500, notice)) is Verdict.NO_ZONE_FOUND

"""How near is near: touching, boxes that meet around the globe, and distances against brute sampling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from tests.builders import HERE, away, box, circle, polygon, square
from zones_api.domain.geometry import GEOD, LonLat, Polygon, Region, Spot, footprint
from zones_api.domain.overlap import (
    Place,
    area,
    at_least_m,
    distance_m,
    lies_within,
    meets,
    path,
    point,
    turns_to_meet,
)
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, unknown

EAST_SIDE = (5.05, 52.0)
"""In the middle of the eastern side of `square()`, which is a meridian."""


def sampled_m(one: Sequence[LonLat], other: Sequence[LonLat]) -> float:
    """Return the least geodesic distance between two edges straight in lon/lat, from points ever closer together."""
    ends = np.array([one, other])
    low, high = np.zeros(2), np.ones(2)
    least = np.inf
    for _ in range(9):
        steps = np.linspace(low, high, 41).T
        first, second = (
            end[0] + step[:, None] * (end[1] - end[0]) for end, step in zip(ends, steps, strict=True)
        )
        pairs = np.hstack([np.repeat(first, 41, axis=0), np.tile(second, (41, 1))])
        apart = GEOD.inv(*pairs.T.copy())[2]
        best = np.unravel_index(apart.argmin(), (41, 41))
        least = min(least, float(apart.min()))
        width = (high - low) / 10
        middle = np.array([steps[0][best[0]], steps[1][best[1]]])
        low, high = np.clip(middle - width, 0.0, 1.0), np.clip(middle + width, 0.0, 1.0)
    return least


def edges(shape: BaseGeometry) -> list[list[LonLat]]:
    points = shapely.get_coordinates(shape).tolist()
    return [list(edge) for edge in pairwise(points)] or [points * 2]


def brute_m(one: BaseGeometry, other: BaseGeometry) -> float:
    """Return the distance between two lines or rings that do not meet, edge by edge."""
    return min(sampled_m(here, there) for here in edges(one) for there in edges(other))


# Touching


@pytest.mark.parametrize(("off_m", "expected"), [(0.0009, YES), (0.0011, NO)])
def test_what_is_closer_than_a_millimetre_touches(off_m: float, expected: Judgement) -> None:
    beside = away(EAST_SIDE, 90.0, off_m)
    corner = Polygon(box(beside[0], 51.99, 5.06, 52.01))

    assert meets(point(*beside), footprint(square())) == expected
    assert meets(area(corner), footprint(square())) == expected
    assert meets(point(*away(HERE, 30.0, 1_000.0 + off_m)), footprint(circle())) == expected


@pytest.mark.parametrize(("off_m", "expected"), [(0.009, YES), (0.011, NO)])
def test_a_leg_touches_what_is_closer_than_the_centimetre_that_its_pieces_may_be_off(
    off_m: float, expected: Judgement
) -> None:
    end = away(EAST_SIDE, 90.0, off_m)
    further = away(end, 90.0, 300.0)
    disc = footprint(circle(away(end, 270.0, 1_050.0 + off_m)))

    assert meets(path((end, further)), footprint(square())) == expected
    assert meets(path((end, further), 50.0), disc) == expected


def test_a_place_has_no_buffer_unless_one_is_given() -> None:
    beside = away(EAST_SIDE, 90.0, 0.5)
    small = polygon(beside, (5.06, 52.0), (5.06, 52.01))
    places = [Place(shapely.Point(beside)), point(*beside), path((beside, (5.06, 52.0))), area(small)]

    assert [place.buffer_m for place in places] == [0.0] * 4
    assert [meets(place, footprint(square())) for place in places] == [NO] * 4
    assert meets(point(*beside, 0.6), footprint(square())) == YES


def test_what_a_place_only_may_meet_is_reached_to_the_millimetre_too() -> None:
    bow = footprint(polygon((4.0, 52.0), (4.1, 52.1), (4.1, 52.0), (4.0, 52.1)))
    south = (4.05, 52.0)

    assert meets(point(*south), bow) == unknown(Reason.GEOMETRY_INVALID)
    assert meets(point(*away(south, 180.0, 0.0009)), bow) == unknown(Reason.GEOMETRY_INVALID)
    assert meets(point(*away(south, 180.0, 0.0011)), bow) == NO


def test_what_is_nowhere_for_certain_is_met_nowhere_for_certain() -> None:
    nowhere = Region(
        shapely.Polygon(),
        shapely.box(4.0, 52.0, 4.1, 52.1),
        (4.0, 52.0, 4.1, 52.1),
        frozenset([Reason.GEOMETRY_INVALID]),
    )

    assert meets(point(4.05, 52.05), nowhere) == unknown(Reason.GEOMETRY_INVALID)
    assert meets(point(4.2, 52.05), nowhere) == NO


def test_a_path_that_goes_nowhere_is_a_point_and_one_that_comes_back_is_not() -> None:
    assert path((HERE,)).geometry == path((HERE, HERE, HERE)).geometry == shapely.Point(HERE)
    assert path((HERE, HERE), 25.0).buffer_m == path((HERE,), 25.0).buffer_m == 25.0
    for there in ((5.0, 52.001), (5.001, 52.0)):
        assert path((HERE, there, HERE)).geometry.geom_type == "LineString"


# Boxes around the globe


@pytest.mark.parametrize("turn", [0.0, -360.0, 360.0])
def test_boxes_that_touch_at_a_side_or_a_corner_meet_and_others_do_not(turn: float) -> None:
    asked = (10.0 - turn, 50.0, 12.0 - turn, 51.0)

    for west in (8.0, 10.0, 12.0):
        for south in (49.0, 50.0, 51.0):
            assert list(turns_to_meet(asked, (west, south, west + 2.0, south + 1.0))) == [turn]
    for apart in (
        (7.0, 50.0, 9.0, 51.0),
        (13.0, 50.0, 14.0, 51.0),
        (10.0, 48.0, 12.0, 49.0),
        (10.0, 52.0, 12.0, 53.0),
    ):
        assert list(turns_to_meet(asked, apart)) == []


def test_a_box_of_all_longitudes_meets_another_at_every_turn() -> None:
    everywhere = (-540.0, 80.0, 540.0, 90.0)

    assert set(turns_to_meet(everywhere, (5.0, 85.0, 6.0, 86.0))) == {0.0, -360.0, 360.0}
    assert set(turns_to_meet((5.0, 85.0, 6.0, 86.0), everywhere)) == {0.0, -360.0, 360.0}
    assert list(turns_to_meet((179.0, 0.0, 181.0, 1.0), (-180.0, 0.0, 180.0, 1.0))) == [0.0, -360.0]


@pytest.mark.parametrize("written", [-360.0, 0.0, 360.0])
@pytest.mark.parametrize(("off_m", "expected"), [(49.9, YES), (50.1, NO)])
def test_a_zone_is_as_near_at_whatever_turn_its_longitudes_are_written(
    written: float, off_m: float, expected: Judgement
) -> None:
    beside = away(EAST_SIDE, 90.0, off_m)
    zone = square(4.95 + written, 51.95, 5.05 + written, 52.05)
    disc = circle((5.0 + written, 52.0))

    assert meets(point(*beside, 50.0), footprint(zone)) == expected
    assert meets(path((beside, (5.06, 52.0)), 50.0), footprint(zone)) == expected
    assert meets(point(*away(HERE, 77.0, 1_000.0 + off_m), 50.0), footprint(disc)) == expected


@pytest.mark.parametrize("written", [-360.0, 0.0, 360.0])
def test_coverage_holds_a_place_on_its_border_and_at_whatever_turn_it_is_written(written: float) -> None:
    country = shapely.box(4.875, 51.875, 5.125, 52.125)

    for lon, lat in ((4.875, 52.0), (5.125, 52.125), HERE):
        assert lies_within(point(lon + written, lat), country)
    assert lies_within(point(5.0 + written, 52.0, 5_000.0), country)
    assert not lies_within(point(5.125 + written, 52.0, 1.0), country)
    assert not lies_within(point(5.2 + written, 52.0), country)


# Lower bounds


def turned(position: LonLat, near_lon: float, turn: float) -> BaseGeometry:
    """Return a place at the longitude closest to another, and then so many degrees further."""
    lon, lat = position
    return shapely.Point(lon + round((near_lon - lon) / 360.0) * 360.0 + turn, lat)


ANYWHERE = [(lon, lat) for lon in (5.0, 100.0, -179.99) for lat in (-70.0, -0.02, 52.0)]


@pytest.mark.parametrize(("lon", "lat"), ANYWHERE)
@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_what_lies_between_at_least_is_never_more_than_there_is_and_little_less(
    lon: float, lat: float, turn: float
) -> None:
    zone = footprint(square(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05))
    east, west, north, south = (lon + 0.05, lat), (lon - 0.05, lat), (lon, lat + 0.05), (lon, lat - 0.05)

    for side, azimuth in ((north, 0.0), (east, 90.0), (south, 180.0), (west, 270.0)):
        far, near = (turned(away(side, azimuth, metres), lon, turn) for metres in (9_000.0, 3_000.0))
        found = at_least_m([far, near], zone)
        assert 8_700.0 <= found[0] <= 9_000.0
        assert 2_900.0 <= found[1] <= 3_000.0


@pytest.mark.parametrize(("lon", "lat"), ANYWHERE)
@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_what_lies_between_at_least_is_negative_inside_a_disc(lon: float, lat: float, turn: float) -> None:
    disc = footprint(circle((lon, lat)))

    for metres in (400.0, 4_000.0):
        there = turned(away((lon, lat), 40.0, metres), lon, turn)
        assert metres * 0.96 - 1_000.0 <= at_least_m([there], disc)[0] <= metres - 1_000.0


@pytest.mark.parametrize("mirrored", [1.0, -1.0])
def test_what_lies_between_at_least_is_told_from_the_highest_latitude_of_either(mirrored: float) -> None:
    beside = away((5.05, 52.05), 90.0, 3_000.0)
    leg = shapely.LineString([(beside[0], 30.0 * mirrored), (beside[0], beside[1] * mirrored)])
    south, north = sorted((51.95 * mirrored, 52.05 * mirrored))
    zone = footprint(square(4.95, south, 5.05, north))
    tall = footprint(polygon((5.0, 30.0 * mirrored), (5.05, 52.05 * mirrored), (5.0, 52.05 * mirrored)))

    assert 2_900.0 <= at_least_m([leg], zone)[0] <= 3_000.0
    assert at_least_m([shapely.Point(beside[0], beside[1] * mirrored)], tall)[0] <= 3_000.0


def test_what_lies_between_at_least_reaches_to_the_wider_reading_and_to_all_of_a_line() -> None:
    either = footprint(circle(HERE, 1_000.0, 3_280.8))
    line = footprint(Spot((HERE, (5.1, 52.0))))
    there = shapely.Point(away((5.1, 52.0), 90.0, 15_000.0))
    crossed = footprint(polygon((4.0, 52.0), (4.1, 52.1), (4.1, 52.0), (4.0, 52.1)))

    assert 1_600.0 <= at_least_m([shapely.Point(away(HERE, 90.0, 5_000.0))], either)[0] <= 5_000.0 - 3_280.8
    assert 4_700.0 <= at_least_m([there], line)[0] <= 5_000.0
    assert at_least_m([shapely.Point(4.05, 52.0)], crossed)[0] == 0.0


# How far a buffer reaches


def reaches(leg: BaseGeometry, buffer_m: float, shape: Polygon) -> bool:
    return meets(Place(leg, buffer_m), footprint(shape)) != NO


@pytest.mark.parametrize("lat", [0.0, 52.0, -52.0, 80.0, -80.0, 86.0, -88.5, 89.5])
def test_a_wide_buffer_reaches_east_to_the_metre_at_every_latitude(lat: float) -> None:
    tip = (5.0, lat)
    spike = polygon(tip, (4.9, lat - 0.01), (4.9, lat + 0.01))
    east, north = away(tip, 90.0, 20_000.0)
    meridian = shapely.LineString([(east, north), (east, north + 0.003)])

    nearest_m = brute_m(meridian, shapely.LineString(spike.shell))
    assert reaches(meridian, nearest_m + 1.0, spike)
    assert not reaches(meridian, nearest_m - 1.0, spike)


@pytest.mark.parametrize("azimuth", [0.0, 180.0])
@pytest.mark.parametrize("lat", [0.0, 52.0, -52.0, 80.0, -80.0])
def test_a_wide_buffer_reaches_north_and_south_to_the_metre_at_every_latitude(
    lat: float, azimuth: float
) -> None:
    tip = (5.0, lat)
    behind = away(tip, azimuth + 180.0, 3_000.0)[1]
    spike = polygon(tip, (4.99, behind), (5.01, behind))
    there = away(tip, azimuth, 20_000.0)
    meridian = shapely.LineString([there, away(there, azimuth, 300.0)])

    assert reaches(meridian, 20_001.0, spike)
    assert not reaches(meridian, 19_999.0, spike)


@pytest.mark.parametrize("mirrored", [1.0, -1.0])
def test_a_buffer_reaches_a_zone_that_runs_from_the_equator_to_it(mirrored: float) -> None:
    tip = (5.0, 60.0 * mirrored)
    tall = polygon((5.0, 0.0), tip, (4.9, 60.0 * mirrored), (4.9, 0.0))
    east, north = away(tip, 90.0, 5_000.0)
    along = [shapely.LineString([(east, north), (east, lat * mirrored)]) for lat in (59.99, 56.0, 64.0)]

    assert [reaches(line, 5_001.0, tall) for line in along] == [True] * 3
    assert not reaches(along[0], 4_900.0, tall)


@pytest.mark.parametrize("pole", [1.0, -1.0])
@pytest.mark.parametrize("lon", [65.0, -175.0, -85.0])
def test_a_buffer_reaches_across_a_pole(lon: float, pole: float) -> None:
    meridian = shapely.LineString([(5.0, 89.95 * pole), (5.0, 89.94 * pole)])
    spike = polygon((lon, 89.95 * pole), (lon - 0.5, 89.9 * pole), (lon + 0.5, 89.9 * pole))

    nearest_m = brute_m(meridian, shapely.LineString(spike.shell))
    assert reaches(meridian, nearest_m + 1.0, spike)
    assert not reaches(meridian, nearest_m - 1.0, spike)


def test_a_buffer_reaches_a_zone_that_runs_on_far_beyond_the_leg() -> None:
    leg = shapely.LineString([(5.0, 52.0), (6.0, 52.0)])
    beyond = polygon((5.0, 52.01), (8.0, 52.0005), (8.0, 52.02), (5.0, 52.02))

    nearest_m = brute_m(leg, shapely.LineString(beyond.shell))
    assert nearest_m < 1_000.0
    assert reaches(leg, nearest_m + 0.1, beyond)
    assert not reaches(leg, nearest_m - 0.1, beyond)


def test_a_buffer_reaches_far_north_what_is_closer_in_metres_than_in_degrees() -> None:
    leg = shapely.LineString([(5.0, 78.0), (5.0, 80.0)])
    corner = ((7.0, 78.98), (7.0, 80.5), (5.0, 80.46), (6.9, 80.4), (6.9, 79.05), (5.5, 79.0))

    nearest_m = brute_m(leg, shapely.LineString(polygon(*corner).shell))
    assert nearest_m < 11_000.0
    assert reaches(leg, nearest_m + 0.1, polygon(*corner))
    assert not reaches(leg, nearest_m - 0.1, polygon(*corner))


def test_an_area_comes_closest_with_the_tip_that_is_nearer_in_metres() -> None:
    zone = polygon((5.0, 51.9), (5.0, 52.3), (4.95, 52.3), (4.95, 51.9))
    south, north = (5.1, 52.0), (5.1004, 52.2)
    body = ((5.3, 52.25), (5.3, 51.95))
    tips = shapely.Polygon([*body, south, (5.2, 52.1), north])

    nearest_m = brute_m(tips.exterior, shapely.LineString(zone.shell))
    assert nearest_m < brute_m(shapely.Point(south), shapely.LineString(zone.shell)) - 3.0
    assert reaches(tips, nearest_m + 0.1, zone)
    assert not reaches(tips, nearest_m - 0.1, zone)


def test_a_buffer_reaches_a_zone_near_a_pole_on_the_other_side_of_the_date_line() -> None:
    leg = shapely.LineString([(-179.5, 89.9), (-179.5, 89.89)])
    across = polygon((179.0, 89.9), (180.4, 89.9), (180.4, 89.91), (179.0, 89.91))

    # A tenth of a degree of longitude is twenty metres here.
    assert reaches(leg, 11_500.0, across)
    assert reaches(leg, 20.0, across)
    assert not reaches(leg, 19.0, across)


# Distances


PAIRS = {
    "a leg beside a corner": (
        [(5.0, 52.0), (5.2, 52.1)],
        [(5.1, 52.03), (5.3, 52.0), (5.3, 52.03), (5.1, 52.03)],
    ),
    "two lines that run apart slowly": ([(5.0, 52.0), (5.0, 53.0)], [(5.02, 52.0), (5.03, 53.0)]),
    "two lines that run apart slowly to the south": (
        [(5.0, 52.0), (5.0, 53.0)],
        [(5.03, 52.0), (5.02, 53.0)],
    ),
    "in the far south": ([(5.0, -78.0), (5.3, -77.5)], [(5.1, -77.9), (5.6, -77.5)]),
    "on the equator": ([(5.0, -0.3), (5.3, 0.3)], [(5.2, 0.01), (5.4, 0.02)]),
    "across the equator": ([(5.0, -10.0), (5.0, 4.0)], [(5.2, -10.0), (5.19, 4.0)]),
    "degrees that look further and are nearer": ([(5.0, 50.0), (5.0, 54.0)], [(5.3, 50.0), (5.31, 54.0)]),
    "both within a kilometre": ([(5.0, 80.0), (5.0, 80.0085)], [(5.025, 80.0), (5.02501, 80.0085)]),
    "almost north": ([(5.0, 87.0), (5.0, 88.5)], [(6.0, 87.0), (6.01, 88.5)]),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", PAIRS)
def test_the_distance_of_two_lines_is_the_least_that_sampling_finds(name: str, turned: bool) -> None:
    one, other = (shapely.LineString(points) for points in PAIRS[name])
    if turned:
        one, other = other, one

    assert distance_m(one, other) == pytest.approx(brute_m(one, other), abs=0.005)


@pytest.mark.parametrize("metres", [3.0, 700.0, 30_000.0, 70_000.0, 400_000.0])
@pytest.mark.parametrize("lat", [-60.0, 0.0, 52.0])
def test_the_distance_of_a_point_is_to_the_centimetre_however_far(lat: float, metres: float) -> None:
    line = shapely.LineString([(5.0, lat - 0.5), (5.0, lat + 3.0)])
    ring_ = shapely.Polygon(box(5.0, lat - 0.5, 5.2, lat + 3.0))
    there = shapely.Point(away((5.0, lat + 1.0), 270.0, metres))

    nearest_m = brute_m(there, line)
    for shape in (line, ring_, shapely.MultiPolygon([ring_, shapely.box(9.0, lat, 9.1, lat + 1.0)])):
        assert distance_m(there, shape) == distance_m(shape, there) == pytest.approx(nearest_m, abs=0.01)


def test_what_meets_is_no_distance_apart() -> None:
    around = shapely.box(4.0, 51.0, 6.0, 53.0)

    assert distance_m(shapely.Point(HERE), around) == distance_m(around, shapely.Point(HERE)) == 0.0
    assert distance_m(shapely.LineString([HERE, (7.0, 52.0)]), around) == 0.0
    assert distance_m(shapely.Point(HERE), shapely.Point(HERE)) == 0.0


def test_the_distance_to_a_hole_from_inside_it_is_to_its_ring() -> None:
    holed = shapely.Polygon(box(4.0, 51.0, 6.0, 53.0), [box(4.9, 51.9, 5.1, 52.1)])
    leg = shapely.LineString([(5.0, 51.99), (5.0, 52.05)])

    nearest_m = brute_m(leg, holed.interiors[0])
    assert distance_m(leg, holed) == distance_m(holed, leg) == pytest.approx(nearest_m, abs=0.005)

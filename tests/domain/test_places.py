"""Where a zone is: circles, holes, edges, rings that cross themselves, buffers in metres, and the globe's seam."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zones_api.domain.geometry import (
    GEOD,
    Circle,
    Footprint,
    LonLat,
    Polygon,
    Spot,
    circle_outline,
    footprint,
    geodesic,
)
from zones_api.domain.overlap import area, distance_m, lies_within, meets, path, point
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, unknown

SQUARE = ((4.0, 52.0), (4.2, 52.0), (4.2, 52.2), (4.0, 52.2), (4.0, 52.0))
HOLE = ((4.05, 52.05), (4.05, 52.15), (4.15, 52.15), (4.15, 52.05), (4.05, 52.05))
CONCAVE = ((4.0, 52.0), (4.2, 52.0), (4.2, 52.2), (4.19, 52.01), (4.0, 52.0))


def at(lon: float, lat: float, footprint_: Footprint, buffer_m: float = 0.0) -> Judgement:
    return meets(point(lon, lat, buffer_m), footprint_)


@pytest.mark.parametrize("azimuth", [0.0, 45.0, 90.0, 200.0, 301.5])
@pytest.mark.parametrize("lat", [0.0, 52.3, -33.0, 78.0])
@pytest.mark.parametrize("radius_m", [10.0, 5_000.0, 92_000.0])
def test_a_circle_reaches_to_its_radius_and_no_centimetre_further(
    lat: float, azimuth: float, radius_m: float
) -> None:
    disc = footprint(Circle((4.76, lat), radius_m))

    for distance, expected in [(radius_m - 0.01, YES), (radius_m, YES), (radius_m + 0.01, NO)]:
        lon_there, lat_there, _ = GEOD.fwd(4.76, lat, azimuth, distance)
        assert at(lon_there, lat_there, disc) == expected


@settings(max_examples=300)
@given(st.floats(-180, 180), st.floats(-75, 75), st.floats(1, 200_000), st.floats(0, 360))
def test_the_outline_of_a_circle_covers_it(lon: float, lat: float, radius_m: float, azimuth: float) -> None:
    outline = circle_outline((lon, lat), radius_m)

    edge_lon, edge_lat, _ = GEOD.fwd(lon, lat, azimuth, radius_m)
    near = edge_lon + round((lon - edge_lon) / 360) * 360

    assert outline.covers(shapely.Point(near, edge_lat))


@pytest.mark.parametrize(
    ("lon", "lat", "expected"),
    [
        (4.02, 52.1, YES),
        (4.0, 52.1, YES),  # on an edge
        (4.2, 52.2, YES),  # on a corner
        (4.1, 52.1, NO),  # in the hole
        (4.05, 52.1, YES),  # on the hole's ring
        (4.21, 52.1, NO),
    ],
)
def test_edges_and_corners_count_and_holes_do_not(lon: float, lat: float, expected: Judgement) -> None:
    assert at(lon, lat, footprint(Polygon(SQUARE, (HOLE,)))) == expected


def test_the_corner_of_a_concave_zones_box_is_not_the_zone() -> None:
    assert at(4.05, 52.15, footprint(Polygon(CONCAVE))) == NO


def test_a_hole_outside_its_shell_cuts_nothing_and_is_flagged() -> None:
    far = tuple((lon + 1, lat) for lon, lat in HOLE)

    zone = footprint(Polygon(SQUARE, (far,)))

    assert Reason.GEOMETRY_INVALID in zone.doubts
    assert at(4.1, 52.1, zone) == YES
    assert at(5.1, 52.1, zone) == NO


def test_only_the_part_of_a_hole_inside_its_shell_is_cut_out() -> None:
    across = tuple((lon + 0.1, lat) for lon, lat in HOLE)  # from 4.15 to 4.25

    zone = footprint(Polygon(SQUARE, (across,)))

    assert at(4.18, 52.1, zone) == NO
    assert at(4.22, 52.1, zone) == NO
    assert at(4.1, 52.1, zone) == YES


def test_a_hole_that_crosses_itself_cuts_nothing_for_certain() -> None:
    bow = ((4.05, 52.05), (4.15, 52.15), (4.15, 52.05), (4.05, 52.15), (4.05, 52.05))

    zone = footprint(Polygon(SQUARE, (bow,)))

    assert at(4.06, 52.1, zone) == unknown(Reason.GEOMETRY_INVALID)
    assert at(4.02, 52.1, zone) == YES


def test_a_ring_that_crosses_itself_is_read_by_both_rules_and_never_repaired() -> None:
    bow = footprint(Polygon(((4.0, 52.0), (4.1, 52.1), (4.1, 52.0), (4.0, 52.1), (4.0, 52.0))))
    # A second loop inside the first: once around by one rule, twice by the other.
    twice = (
        (4.0, 52.0),
        (4.4, 52.0),
        (4.4, 52.4),
        (4.0, 52.4),
        (4.0, 52.1),
        (4.3, 52.1),
        (4.3, 52.3),
        (4.1, 52.3),
        (4.1, 51.9),
        (4.0, 51.9),
        (4.0, 52.0),
    )

    assert at(4.01, 52.05, bow) == YES  # a wing, by either rule
    assert at(4.05, 52.01, bow) == unknown(Reason.GEOMETRY_INVALID)  # in the hull of the edges that cross
    assert at(4.15, 52.05, bow) == NO
    assert Reason.GEOMETRY_INVALID in footprint(Polygon(twice)).doubts
    assert at(4.35, 52.2, footprint(Polygon(twice))) == YES


def test_a_ring_with_more_crossings_than_can_be_read_is_unknown_all_over() -> None:
    zigzag = [(4.0 + i / 1000, 52.0 + (i % 2) / 10) for i in range(1500)]
    ring = (*zigzag, *[(lon, 52.1 - (lat - 52.0)) for lon, lat in reversed(zigzag)], zigzag[0])

    zone = footprint(Polygon(ring))

    assert at(4.5, 52.05, zone) == unknown(Reason.GEOMETRY_INVALID)


def test_between_a_long_edge_and_its_geodesic_nothing_is_certain() -> None:
    zone = footprint(Polygon(((4.0, 52.0), (6.0, 52.0), (6.0, 53.0), (4.0, 53.0), (4.0, 52.0))))

    # The geodesic between the northern corners runs over 400 m north of the straight edge in the middle.
    assert at(5.0, 53.002, zone) == unknown(Reason.EDGE_INTERPRETATION)
    assert at(5.0, 53.01, zone) == NO
    assert at(5.0, 52.002, zone) == unknown(Reason.EDGE_INTERPRETATION)
    assert at(5.0, 52.01, zone) == YES


def test_an_edge_across_degrees_of_latitude_is_long_as_well() -> None:
    # Over a degree of latitude, an edge this narrow parts from its geodesic by over 10 m too.
    zone = footprint(Polygon(((4.0, 52.0), (4.2, 53.0), (4.0, 53.0), (4.0, 52.0))))

    assert at(4.1, 52.5, zone) == unknown(Reason.EDGE_INTERPRETATION)
    assert at(4.097, 52.5, zone) == YES


def test_short_edges_leave_no_doubt() -> None:
    assert footprint(Polygon(SQUARE)).doubts == frozenset()


def test_a_point_without_a_radius_is_unknown_within_ten_kilometres() -> None:
    spot = footprint(Spot(((4.0, 52.0),)))

    for distance, expected in [(0, unknown(Reason.GEOMETRY_WITHOUT_AREA)), (9_999, None), (10_001, NO)]:
        lon, lat, _ = GEOD.fwd(4.0, 52.0, 30, distance)
        assert at(lon, lat, spot) == (expected or unknown(Reason.GEOMETRY_WITHOUT_AREA))


def test_a_radius_in_metres_or_feet_is_unknown_between_the_two() -> None:
    disc = footprint(Circle((4.0, 52.0), 1000.0, 304.8))

    for distance, expected in [(300, YES), (500, unknown(Reason.RADIUS_UNIT_AMBIGUOUS)), (1001, NO)]:
        lon, lat, _ = GEOD.fwd(4.0, 52.0, 120, distance)
        assert at(lon, lat, disc) == expected


def test_the_leg_counts_and_not_only_its_ends() -> None:
    square = footprint(Polygon(SQUARE))
    disc = footprint(Circle((4.1, 52.1), 100.0))

    for zone in (square, disc):
        assert meets(path(((3.9, 52.1), (4.3, 52.1))), zone) == YES
        assert meets(path(((3.9, 52.3), (4.3, 52.3))), zone) == NO


def test_a_leg_is_the_shortest_line_and_not_straight_on_the_map() -> None:
    ends: tuple[LonLat, LonLat] = ((3.0, 52.0), (7.0, 52.0))
    middle = max(geodesic(ends), key=lambda position: position[1])
    small = footprint(Circle((float(middle[0]), float(middle[1])), 50.0))
    on_the_map = footprint(Circle((5.0, 52.0), 50.0))

    assert middle[1] > 52.01
    assert meets(path(ends), small) == YES
    assert meets(path(ends), on_the_map) == NO


def test_a_path_of_several_legs_passes_its_own_points() -> None:
    points = ((4.0, 52.0), (5.0, 52.5), (5.5, 52.1), (4.5, 51.8))

    assert all(any((row == position).all() for row in geodesic(points)) for position in points)


@pytest.mark.parametrize("distance", [5.0, 120.0, 5_000.0])
@pytest.mark.parametrize("azimuth", [10.0, 95.0, 260.0])
def test_a_buffer_is_metres_on_the_ground(azimuth: float, distance: float) -> None:
    square = footprint(Polygon(SQUARE))
    corner = {10.0: (4.15, 52.2), 95.0: (4.2, 52.1), 260.0: (4.0, 52.1)}[azimuth]
    lon, lat, _ = GEOD.fwd(*corner, azimuth, distance)
    gap = distance_m(shapely.Point(lon, lat), shapely.Polygon(SQUARE))

    assert gap <= distance
    assert at(lon, lat, square, gap + 0.01) == YES
    assert at(lon, lat, square, gap - 0.01) == NO


def test_an_area_meets_what_it_contains_and_what_contains_it() -> None:
    square = footprint(Polygon(SQUARE))
    around = Polygon(((3.0, 51.0), (5.0, 51.0), (5.0, 53.0), (3.0, 53.0), (3.0, 51.0)))
    inside = Polygon(((4.1, 52.1), (4.11, 52.1), (4.11, 52.11), (4.1, 52.1)))
    ringed = Polygon(around.shell, (((3.5, 51.5), (4.5, 51.5), (4.5, 52.5), (3.5, 52.5), (3.5, 51.5)),))

    assert meets(area(around), square) == YES
    assert meets(area(inside), square) == YES
    assert meets(area(ringed), square) == NO


def test_legs_and_circles_cross_the_antimeridian_the_short_way() -> None:
    disc = footprint(Circle((180.0, 10.0), 20_000.0))

    assert at(-179.9, 10.0, disc) == YES
    assert at(179.9, 10.0, disc) == YES
    assert at(0.0, 10.0, disc) == NO
    assert meets(path(((179.5, 10.0), (-179.5, 10.0))), disc) == YES
    assert meets(path(((179.5, 10.0), (-179.5, 10.0))), footprint(Circle((0.0, 10.0), 20_000.0))) == NO


def test_a_ring_wider_than_half_the_globe_is_read_both_ways() -> None:
    zone = footprint(Polygon(((179.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (179.0, 1.0), (179.0, 0.0))))

    for lon in (-179.5, 4.5):
        assert Reason.GEOMETRY_INVALID in at(lon, 0.5, zone).reasons
    assert at(4.5, 1.5, zone) == NO


def test_coverage_is_left_as_soon_as_the_buffer_leaves_it() -> None:
    country = shapely.Polygon(SQUARE)

    assert lies_within(point(4.1, 52.1), country)
    assert lies_within(point(4.1, 52.1, 6_000.0), country)
    assert not lies_within(point(4.1, 52.1, 7_500.0), country)
    assert not lies_within(path(((4.1, 52.1), (4.3, 52.1))), country)


def test_the_ring_of_a_hole_stays_where_it_runs_along_the_shell_and_its_edges_are_long() -> None:
    shell = ((5.09375, 52.09375), (4.96875, 52.09375), (4.96875, 51.890625), (5.09375, 51.890625))
    hole = ((5.09375, 52.09375), (4.75, 52.09375), (4.75, 51.953125), (5.09375, 51.953125))
    zone = footprint(Polygon((*shell, shell[0]), ((*hole, hole[0]),)))

    # A meridian is one line by either reading, and both rings run along this one.
    assert at(5.09375, 52.0, zone) == YES
    assert at(5.09375, 52.09375, zone) == YES
    assert at(5.0, 52.0, zone) == NO

"""Shapes to their last metre: readings of rings, edges just long enough to be in doubt, outlines, poles, the seam."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np
import pytest
import shapely

from tests.builders import away, box, polygon, ring
from tests.documents import SQUARE, collection, feature
from tests.exact import GEOD, edges_of, from_edges_m
from zones_api.domain.geometry import (
    Bounds,
    Circle,
    LonLat,
    Polygon,
    Spot,
    area_km2,
    around,
    circle_outline,
    footprint,
    geodesic,
    outline,
)
from zones_api.domain.overlap import distance_m, meets, point
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, unknown
from zones_api.formats.document import read_document

INVALID = unknown(Reason.GEOMETRY_INVALID)
IN_DOUBT = unknown(Reason.EDGE_INTERPRETATION)


def at(lon: float, lat: float, shape: Polygon | Circle | Spot) -> Judgement:
    return meets(point(lon, lat), footprint(shape))


def fine(ring_: Iterable[LonLat], step_deg: float) -> tuple[LonLat, ...]:
    """Return a ring with corners so close together that its edges part from geodesics by very little."""
    points = shapely.get_coordinates(shapely.segmentize(shapely.LineString(list(ring_)), step_deg))
    return tuple((float(lon), float(lat)) for lon, lat in points)


# Rings that cross themselves


def zigzag(crossings: int, west: float = 4.0) -> tuple[LonLat, ...]:
    """Return a ring of a zigzag and its mirror image, which cross in a row 0.001 degrees apart."""
    there = [(west + i / 1_000, 52.0 + 0.1 * (i % 2)) for i in range(crossings + 1)]
    back = [(lon, 104.1 - lat) for lon, lat in reversed(there)]
    return tuple(((lon + 180.0) % 360.0 - 180.0, lat) for lon, lat in ring(*there, *back))


def test_a_ring_is_read_up_to_its_five_hundredth_crossing() -> None:
    assert at(4.2, 52.05, Polygon(zigzag(500))) == YES
    assert at(4.2, 52.05, Polygon(zigzag(501))) == INVALID


def test_a_wide_ring_that_cannot_be_read_may_be_anywhere_between_its_latitudes() -> None:
    unreadable = footprint(Polygon(zigzag(600, west=179.7)))

    for lon in (-180.0, -179.9, -179.5, -179.0, 0.0, 179.0, 179.5, 179.9, 180.0):
        found = [meets(point(lon, lat), unreadable) for lat in (51.99, 52.05, 52.11)]
        assert found == [NO, INVALID, NO]


def test_a_ring_that_cannot_be_read_and_is_not_wide_lies_in_its_hull() -> None:
    unreadable = footprint(Polygon(zigzag(600)))

    found = [meets(point(lon, 52.05), unreadable) for lon in (3.99, 4.0, 4.6, 4.61)]
    assert found == [NO, INVALID, INVALID, NO]


def test_a_corner_that_is_repeated_changes_nothing_in_a_ring_that_crosses_itself() -> None:
    bow = polygon((4.0, 52.0), (4.1, 52.1), (4.1, 52.1), (4.1, 52.0), (4.0, 52.1), (4.0, 52.1))

    assert at(4.01, 52.05, bow) == YES
    assert at(4.05, 52.01, bow) == INVALID
    assert at(4.15, 52.05, bow) == NO


@pytest.mark.parametrize(("clockwise", "shared"), [(True, NO), (False, INVALID)])
def test_what_a_ring_goes_around_once_each_way_is_outside_it_and_twice_is_unknown(
    clockwise: bool, shared: Judgement
) -> None:
    # Two loops that are joined by a bridge and share 4.2 to 4.3 east.
    first = box(4.0, 52.0, 4.3, 52.3)
    second = box(4.2, 52.1, 4.5, 52.2)
    bridge = ((4.0, 51.9), (4.1, 51.9), (4.1, 51.95), (4.15, 52.1))
    loops = (*first, *bridge, *(second[::-1] if clockwise else second), *bridge[::-1], first[0])

    both = Polygon(fine(loops, 0.01))

    assert at(4.1, 52.25, both) == YES
    assert at(4.4, 52.15, both) == YES
    assert at(4.25, 52.15, both) == shared


@pytest.mark.parametrize("backwards", [False, True])
def test_a_corner_at_the_latitude_of_another_part_of_a_ring_is_counted_once(backwards: bool) -> None:
    # The western wing is judged by a place in it at the latitude of a corner of the other, exactly.
    bow = ring((4.0, 52.0), (4.25, 52.25), (4.25, 52.1875), (4.25, 52.0), (4.0, 52.25))

    crossed = Polygon(bow[::-1] if backwards else bow)

    assert at(4.02, 52.125, crossed) == YES
    assert at(4.23, 52.125, crossed) == YES


def test_a_shape_that_has_collapsed_beyond_reading_may_be_in_its_hull() -> None:
    collapsed = polygon((0.0, 3.0), (2.0, 1.0), (3.0, 0.0), holes=[ring((0.0, 3.0), (0.0, 1.0), (3.0, 3.0))])

    assert at(1.5, 1.5, collapsed) == INVALID
    assert at(1.0, 1.5, collapsed) == at(2.0, 2.0, collapsed) == NO


# Holes


def test_the_rings_of_holes_that_overlap_stay_only_where_they_are_not_in_the_other_hole() -> None:
    holes = [box(4.02, 52.02, 4.06, 52.06), box(4.04, 52.04, 4.08, 52.08)]

    zone = Polygon(box(4.0, 52.0, 4.1, 52.1), tuple(holes))

    assert at(4.05, 52.06, zone) == at(4.06, 52.05, zone) == NO  # the first one's ring inside the second
    assert at(4.05, 52.04, zone) == at(4.04, 52.05, zone) == NO
    assert at(4.03, 52.06, zone) == at(4.06, 52.03, zone) == YES
    assert at(4.07, 52.04, zone) == at(4.04, 52.07, zone) == YES


# Around the globe


def band(west: float, east: float) -> tuple[LonLat, ...]:
    """Return a ring of short edges north of the equator."""
    return fine(box(west, 0.0, east, 1.0), 1.0)


def test_a_ring_of_just_half_the_globe_is_not_read_both_ways_and_a_wider_one_is() -> None:
    assert at(90.0, 0.5, Polygon(band(0.0, 179.5))) == YES
    assert at(90.0, 0.5, Polygon(band(0.0, 180.0))) == YES
    assert at(90.0, 0.5, Polygon(band(-0.5, 180.0))) == INVALID


@pytest.mark.parametrize("width", [179.5, 180.0])
def test_an_edge_of_half_the_globe_has_a_geodesic_that_may_be_meant(width: float) -> None:
    along_the_equator = [(float(lon), 0.0) for lon in range(180)]
    half = polygon(*along_the_equator, (width, 0.0), (width, 1.0), (0.0, 1.0))

    # It runs past the pole.
    assert at(width / 2, 45.0, half) == IN_DOUBT
    assert at(width / 2, 0.5, half) == YES


def test_what_both_readings_of_a_wide_ring_share_is_certain_on_either_side_of_the_seam() -> None:
    across = Polygon(box(179.6, 0.0, -179.6, 1.0))

    assert at(179.6, 0.5, across) == at(-179.6, 0.5, across) == at(180.4, 0.5, across) == YES
    for lon in (178.6, 179.4, 179.8, 180.0, -180.0, -179.8, -179.4, -178.6):
        assert at(lon, 0.5, across) == INVALID


def test_a_wide_ring_that_ends_close_to_greenwich_is_read_across_the_seam_too() -> None:
    for wide in (Polygon(band(-0.5, 179.9)), Polygon(band(-179.9, 0.5))):
        assert at(90.0, 0.5, wide) == at(-90.0, 0.5, wide) == INVALID


# Edges in doubt


def widest_m(edge: tuple[LonLat, LonLat]) -> float:
    """Return how far an edge and the geodesic between its ends part, from very many points of the geodesic."""
    azimuth, _, length = GEOD.inv(*edge[0], *edge[1])
    along = np.linspace(0.0, length, 401)
    lons, lats, _ = GEOD.fwd(*(np.full(401, each) for each in (*edge[0], azimuth)), along)
    lons = edge[0][0] + (lons - edge[0][0] + 540.0) % 360.0 - 180.0
    return float(from_edges_m(np.array([[*edge[0], *edge[1]]]), np.column_stack([lons, lats])).max())


def has_long_edge(edge: tuple[LonLat, LonLat]) -> bool:
    """Say whether the edge of a triangle, whose other edges are short or a meridian, is in doubt."""
    (west, south), (east, north) = edge
    corner = (west, north) if abs(south) < abs(north) else (east, south)
    return Reason.EDGE_INTERPRETATION in footprint(polygon((west, south), (east, north), corner)).doubts


def grown(edge: tuple[LonLat, LonLat], to_m: float) -> tuple[LonLat, LonLat]:
    """Return an edge from the same start in about the same direction that parts from its geodesic by so much."""
    start, end = np.array(edge[0]), np.array(edge[1])
    low, high = 0.1, 4.0
    for _ in range(30):
        middle = (low + high) / 2
        there = start + (end - start) * middle
        low, high = (middle, high) if widest_m((edge[0], (there[0], there[1]))) < to_m else (low, middle)
    there = start + (end - start) * low
    return edge[0], (float(there[0]), float(there[1]))


SLOPES = [(0.3, 0.0), (0.2, 0.05), (0.15, 0.15), (0.08, 0.5), (0.02, 1.0), (-0.02, 1.0), (-0.15, -0.15)]


@pytest.mark.parametrize("start", [(5.0, 52.0), (-70.0, -33.0), (0.1, 60.0), (47.0, 47.0), (179.95, 52.0)])
@pytest.mark.parametrize("slope", SLOPES)
def test_an_edge_is_in_doubt_from_ten_metres_off_its_geodesic(start: LonLat, slope: LonLat) -> None:
    edge = (start, (start[0] + slope[0], start[1] + slope[1]))

    assert not has_long_edge(grown(edge, 9.9))
    assert has_long_edge(grown(edge, 10.1))


def test_an_edge_near_a_pole_is_in_doubt_though_it_is_a_kilometre_wide() -> None:
    edge = ((5.0, 84.5), (5.02, 85.5))
    assert not has_long_edge(grown(edge, 9.9))
    assert has_long_edge(grown(edge, 10.1))


def test_an_edge_across_the_equator_is_in_doubt_on_either_side_of_it() -> None:
    across = polygon((0.28, -10.0), (0.0, 10.0), (0.0, -10.0))

    # The edge passes 0.07 degrees east, the geodesic 60 metres further.
    assert at(0.0703, 5.0, across) == IN_DOUBT
    assert at(0.0697, 5.0, across) == YES
    assert at(0.2097, -5.0, across) == IN_DOUBT


@pytest.mark.parametrize("east", [0.0, 49.0, 47.8])
def test_an_edge_is_in_doubt_where_its_longitudes_are_its_latitudes(east: float) -> None:
    narrow = polygon((4.0 + east, 52.0), (4.2 + east, 53.0), (4.0 + east, 53.0))

    assert at(4.1 + east, 52.5, narrow) == IN_DOUBT


# Geodesics


def off_m(leg: tuple[LonLat, LonLat], within_m: float) -> float:
    """Return how far a geodesic leaves the straight pieces that stand for it."""
    pieces = edges_of(geodesic(leg, within_m))
    azimuth, _, length = GEOD.inv(*leg[0], *leg[1])
    size = 8 * len(pieces) + 1
    along = np.linspace(0.0, length, size)
    lons, lats, _ = GEOD.fwd(*(np.full(size, each) for each in (*leg[0], azimuth)), along)
    lons = leg[0][0] + np.degrees(np.unwrap(np.radians(lons - leg[0][0])))
    return float(from_edges_m(pieces, np.column_stack([lons, lats])).min(axis=1).max())


LEGS = [
    ((5.0, 52.0), (6.0, 52.0)),
    ((5.0, 52.0), (6.0, 52.5)),
    ((179.0, 60.0), (-179.0, 61.0)),
    ((5.0, 89.5), (50.0, 89.5)),
]
LONG_LEGS = [
    ((5.0, 30.0), (9.0, 60.0)),
    ((9.0, 60.0), (5.0, 30.0)),
    ((5.0, -60.0), (9.0, -30.0)),
    ((5.0, 40.0), (65.0, 40.0)),
    ((-60.0, -62.0), (-30.0, -62.0)),
    ((-10.0, 40.0), (50.0, 70.0)),
    ((50.0, 70.0), (-10.0, 40.0)),
    ((5.0, 2.0), (65.0, -5.0)),
]


@pytest.mark.parametrize(
    ("leg", "within_m"), [*product(LEGS, (1.0, 20.0, 40.0)), *product(LONG_LEGS, (200.0,))]
)
def test_the_pieces_that_stand_for_a_geodesic_are_never_further_from_it_than_said(
    leg: tuple[LonLat, LonLat], within_m: float
) -> None:
    assert off_m(leg, within_m) <= within_m


def test_a_short_leg_is_one_piece() -> None:
    path = [(5.0, 52.0), (5.001, 52.0), (5.002, 52.0)]

    assert geodesic(path).tolist() == [list(place) for place in path]


@pytest.mark.parametrize("lat", [89.99, -89.99, 90.0])
def test_a_leg_may_begin_near_a_pole_or_pass_it(lat: float) -> None:
    for end in ((175.0, lat), (50.0, lat / 2)):
        path = geodesic(((5.0, lat), end), 40.0)

        assert path[[0, -1]].tolist() == [[5.0, lat], list(end)]
        assert np.abs(path[:, 1]).max() <= 90.0


# Boxes and outlines


@pytest.mark.parametrize(
    "bounds",
    [
        (5.0, 52.0, 5.0, 52.0),
        (-0.5, -1.0, 0.5, 0.2),
        (179.5, 64.0, 180.5, 65.0),
        (-70.0, -82.0, -69.0, -81.0),
        (5.0, 88.0, 5.0, 88.0),
        (5.0, 89.4, 5.0, 89.4),
        (-175.0, 84.0, 170.0, 85.0),
    ],
)
@pytest.mark.parametrize("reach_m", [10.0, 3_000.0, 60_000.0])
def test_the_box_around_a_box_holds_all_places_within_reach(bounds: Bounds, reach_m: float) -> None:
    west, south, east, north = around(bounds, reach_m)

    for corner in ((bounds[i], bounds[j]) for i in (0, 2) for j in (1, 3)):
        lons, lats, _ = GEOD.fwd(
            *(np.full(360, each) for each in corner), np.arange(360.0), np.full(360, reach_m)
        )
        lons = corner[0] + (lons - corner[0] + 540.0) % 360.0 - 180.0
        assert (west <= lons).all()
        assert (lons <= east).all()
        assert (south <= lats).all()
        assert (lats <= north).all()


def test_the_box_around_a_place_is_no_larger_than_it_must_be() -> None:
    for lat in (0.0, 52.0, -80.0, 89.5, -89.5):
        west, south, east, north = around((5.0, lat, 5.0, lat), 10_000.0)

        assert north - lat == lat - south == pytest.approx(10_000.0 / 111_000.0, rel=0.01)
        narrowest = 111_000.0 * np.cos(np.radians(abs(lat) + 0.0906))
        assert east - 5.0 == 5.0 - west == pytest.approx(10_000.0 / narrowest, rel=0.02)


@pytest.mark.parametrize("lat", [89.95, -89.95, 90.0, -90.0])
def test_the_box_around_a_place_near_a_pole_holds_the_pole_and_all_longitudes(lat: float) -> None:
    west, south, east, north = around((5.0, lat, 5.0, lat), 8_000.0)

    assert (west, east) == (-540.0, 540.0)
    assert max(north, -south) == 90.0
    assert min(abs(north), abs(south)) == pytest.approx(abs(lat) - 8_000.0 / 111_000.0, abs=0.001)


def test_a_box_that_would_reach_around_the_globe_meets_all_longitudes() -> None:
    assert around((5.0, 89.9, 5.0, 89.9), 9_990.0)[0::2] == (-540.0, 540.0)
    assert around((-179.0, 60.0, 179.0, 61.0), 60_000.0)[0::2] == (-540.0, 540.0)
    assert around((-179.0, 60.0, 178.0, 61.0), 60_000.0)[0::2] == pytest.approx((-180.13, 179.13), abs=0.02)


CIRCLES = [((5.0, 52.0), 30.0), ((5.0, 52.0), 5_000.0), ((0.0, 0.0), 200_000.0), ((5.0, -75.0), 200_000.0)]
FAR_CIRCLES = [((179.99, 65.0), 5_000.0), ((25.0, 85.0), 300_000.0), ((25.0, 88.9), 90_000.0)]


@pytest.mark.parametrize(("centre", "radius_m"), [*CIRCLES, *FAR_CIRCLES])
def test_the_outline_of_a_circle_covers_it_all_around(centre: LonLat, radius_m: float) -> None:
    found = circle_outline(centre, radius_m)

    azimuths = np.arange(0.0, 360.0, 0.25)
    lons, lats, _ = GEOD.fwd(*(np.full(1440, each) for each in centre), azimuths, np.full(1440, radius_m))
    lons = centre[0] + (lons - centre[0] + 540.0) % 360.0 - 180.0
    assert shapely.covers(found, shapely.points(lons, lats)).all()


@pytest.mark.parametrize(("centre", "radius_m"), CIRCLES)
def test_the_outline_of_a_circle_is_a_ring_of_72_corners_just_outside_it(
    centre: LonLat, radius_m: float
) -> None:
    found = circle_outline(centre, radius_m)

    corners = shapely.get_coordinates(found)
    assert len(corners) == 73
    assert len({(lon, lat) for lon, lat in corners.tolist()}) == 72
    assert found.is_valid
    assert found.exterior.is_ccw
    reach = [GEOD.inv(*centre, *corner)[2] for corner in corners]
    assert max(reach) == pytest.approx(min(reach), rel=1e-6)
    if radius_m < 10_000.0:
        assert max(reach) <= radius_m * 1.0011


def test_a_circle_without_a_radius_has_no_outline() -> None:
    assert circle_outline((5.0, 52.0), 0.5).area > 0
    for radius_m in (0.0, -1.0):
        with pytest.raises(ValueError, match="radius"):
            circle_outline((5.0, 52.0), radius_m)


def covers(shape: Polygon | Circle | Spot, place: LonLat) -> bool:
    """Say whether the outline of a shape covers a place at one of the longitudes it may be written with."""
    found = outline(footprint(shape))
    return any(found.covers(shapely.Point(place[0] + turn, place[1])) for turn in (0.0, -360.0, 360.0))


@pytest.mark.parametrize(
    ("centre", "radius_m"),
    [((5.0, 52.0), 3_000.0), ((179.99, 52.0), 3_000.0), ((5.0, 89.0), 80_000.0), ((5.0, 89.99), 30_000.0)],
)
def test_an_outline_covers_a_disc_also_around_a_pole_and_by_its_larger_radius(
    centre: LonLat, radius_m: float
) -> None:
    for azimuth in range(0, 360, 5):
        lon, lat, _ = GEOD.fwd(*centre, azimuth, radius_m)
        assert covers(Circle(centre, radius_m), (lon, lat))
        assert covers(Circle(centre, radius_m / 4, radius_m), (lon, lat))
    assert covers(Circle(centre, radius_m), centre)


def test_an_outline_is_the_shape_itself_where_it_has_one_and_round_around_a_place() -> None:
    square = polygon((5.0, 52.0), (5.1, 52.0), (5.1, 52.1))
    west, south, *_ = footprint(Circle((5.0, 52.0), 3_000.0)).bounds

    assert outline(footprint(square)).equals(shapely.Polygon(square.shell))
    assert not covers(Circle((5.0, 52.0), 3_000.0), (west, south))


def test_the_outline_of_points_or_a_line_without_an_area_covers_ten_kilometres_around_all_of_it() -> None:
    line = Spot(((5.0, 52.0), (5.5, 52.2)))

    for end in line.points:
        for azimuth in range(0, 360, 15):
            lon, lat, _ = GEOD.fwd(*end, azimuth, 10_000.0)
            assert covers(line, (lon, lat))
            assert covers(Spot((end,)), (lon, lat))


def test_a_place_without_a_size_reaches_ten_kilometres_to_the_decimetre() -> None:
    spot = Spot(((5.0, 52.0),))

    for azimuth in (0.0, 77.0, 180.0):
        assert at(*away((5.0, 52.0), azimuth, 9_999.9), spot) == unknown(Reason.GEOMETRY_WITHOUT_AREA)
        assert at(*away((5.0, 52.0), azimuth, 10_000.1), spot) == NO


def test_an_area_is_that_of_the_ellipsoid_without_holes_and_a_line_has_none() -> None:
    degree = shapely.box(5.0, 0.0, 6.0, 1.0)
    holed = shapely.Polygon(degree.exterior.coords, [shapely.box(5.4, 0.0001, 5.6, 0.9999).exterior.coords])
    line = shapely.LineString([(7.0, 0.0), (8.0, 1.0)])

    # A degree of the equator is 111.32 km, one of the first meridian there 110.57 km.
    assert area_km2(degree) == pytest.approx(111.32 * 110.57, rel=1e-3)
    assert area_km2(holed) == pytest.approx(0.8 * area_km2(degree), rel=1e-3)
    assert area_km2(shapely.GeometryCollection([line, degree])) == area_km2(degree)
    assert area_km2(shapely.MultiPolygon([degree, shapely.box(5.0, 2.0, 6.0, 3.0)])) > area_km2(degree)
    assert area_km2(line) == area_km2(shapely.Polygon()) == 0.0


def test_a_circle_with_one_radius_is_in_no_doubt() -> None:
    assert footprint(Circle((5.0, 52.0), 300.0)).doubts == frozenset()
    assert footprint(Circle((5.0, 52.0), 300.0, 91.44)).doubts == {Reason.RADIUS_UNIT_AMBIGUOUS}


def test_a_hole_that_has_collapsed_to_a_line_cuts_nothing() -> None:
    line = ring((4.1, 52.1), (4.12, 52.1), (4.15, 52.1))

    zone = footprint(Polygon(box(4.0, 52.0, 4.2, 52.2), (line,)))

    assert meets(point(4.12, 52.1), zone) == meets(point(4.05, 52.1), zone) == YES
    assert meets(point(4.3, 52.1), zone) == NO


def test_a_hole_that_has_collapsed_to_a_line_stops_no_document() -> None:
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    line = [[5.25, 52.05], [5.3, 52.05], [5.35, 52.05], [5.25, 52.05]]
    odd = {"type": "Polygon", "coordinates": [SQUARE, line], "layer": layer}

    read = read_document(collection(feature("A1"), feature("A2", geometry=odd)))

    assert [zone.zone.identifier for zone in read.zones] == ["A1", "A2"]


def test_an_area_thinner_than_rounding_is_as_near_as_it_is() -> None:
    sliver = shapely.Polygon(
        [
            (179.96875, 51.9765625),
            (179.9910835597826, 51.99889605978261),
            (179.9910835597826, 51.9988960597826),
        ]
    )

    assert distance_m(shapely.Point(179.982421875, 51.990234375), sliver) < 0.001


def test_an_edge_that_both_readings_of_a_crossed_ring_share_is_certain() -> None:
    crossed = footprint(
        polygon(
            (179.99609375, 52.00390625),
            (-179.970703125, 51.978515625),
            (179.970703125, 52.009765625),
            (-179.998046875, 52.005859375),
            (179.96875, 51.9765625),
        )
    )

    for buffer_m in (0.0, 0.5, 30.0):
        assert meets(point(179.982421875, 51.990234375, buffer_m), crossed) == YES

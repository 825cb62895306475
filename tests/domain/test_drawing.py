"""What is drawn covers the true shape, and says by how much it is larger: held against geodesics and PostGIS."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, text

from tests.exact import GEOD
from zones_api.domain import drawing
from zones_api.domain.arcs import Arc, Corner, area, fit
from zones_api.domain.drawing import Approach, Drawn
from zones_api.domain.geometry import Circle, LonLat, Polygon
from zones_api.domain.overlap import distance_m
from zones_api.errors import InputTooLarge, UnacceptableInput

AMSTERDAM = (4.7639, 52.3086)
SMALL_M = 0.002
"""Rounding of the measuring itself."""

places = st.tuples(st.floats(-30.0, 45.0), st.floats(-72.0, 72.0))
radii = st.floats(np.log(1.0), np.log(300_000.0)).map(lambda log: float(np.exp(log)))


def around(centre: LonLat, metres: NDArray[np.float64] | float, azimuths: NDArray[np.float64]) -> NDArray:
    size = len(azimuths)
    lons, lats, _ = GEOD.fwd(
        np.full(size, centre[0]), np.full(size, centre[1]), azimuths, np.broadcast_to(metres, size).copy()
    )
    return np.column_stack([lons, lats])


def distances_m(centre: LonLat, points: NDArray) -> NDArray[np.float64]:
    size = len(points)
    return np.asarray(GEOD.inv(np.full(size, centre[0]), np.full(size, centre[1]), *points.T.copy())[2])


def covers_all(geometry: BaseGeometry, points: NDArray) -> bool:
    shapely.prepare(geometry)
    return bool(shapely.intersects_xy(geometry, *points.T).all())


def along_edges(geometry: BaseGeometry, between: int = 20) -> NDArray:
    points = shapely.get_coordinates(geometry.exterior)
    steps = np.linspace(0.0, 1.0, between, endpoint=False)[:, None, None]
    return (points[:-1] + steps * np.diff(points, axis=0)).reshape(-1, 2)


# Discs and rings


@settings(max_examples=150, deadline=None)
@given(places, radii)
def test_a_disc_covers_its_circle_and_leaves_it_by_no_more_than_it_says(
    centre: LonLat, radius_m: float
) -> None:
    drawn = drawing.disc(centre, radius_m)

    assert covers_all(drawn.geometry, around(centre, radius_m, np.linspace(0, 360, 1_000)))
    excess = distances_m(centre, along_edges(drawn.geometry)).max() - radius_m
    assert 0 < excess <= drawn.largest_error_m + SMALL_M
    assert drawn.largest_error_m < max(0.3, min(0.001 * radius_m, 30.0))


@settings(max_examples=150, deadline=None)
@given(places, radii)
def test_a_disc_within_takes_nothing_that_is_not_of_the_circle(centre: LonLat, radius_m: float) -> None:
    drawn = drawing.disc_within(centre, radius_m)

    distances = distances_m(centre, along_edges(drawn.geometry))
    assert distances.max() <= radius_m
    assert radius_m - distances.min() <= drawn.largest_error_m + SMALL_M


def test_a_ring_has_its_hole_within_the_inner_circle_and_its_edge_around_the_outer_one() -> None:
    drawn = drawing.ring(AMSTERDAM, 1_800.0, 16_000.0)

    azimuths = np.linspace(0, 360, 2_000)
    for metres in np.linspace(1_800.0, 16_000.0, 20):
        assert covers_all(drawn.geometry, around(AMSTERDAM, metres, azimuths))
    assert not shapely.intersects_xy(drawn.geometry, *around(AMSTERDAM, 1_795.0, azimuths).T).any()
    assert not shapely.intersects_xy(drawn.geometry, *around(AMSTERDAM, 16_010.0, azimuths).T).any()


@pytest.mark.parametrize(("centre", "code"), [((179.99, 10.0), "ANTIMERIDIAN"), ((10.0, 89.5), "POLE")])
def test_nothing_is_drawn_over_the_antimeridian_or_a_pole(centre: LonLat, code: str) -> None:
    lon, lat = centre
    attempts = [
        lambda: drawing.disc(centre, 5_000.0),
        lambda: drawing.disc_within(centre, 5_000.0),
        lambda: drawing.corridor([centre, (lon, lat - 0.1)], 5_000.0),
        lambda: drawing.approach(centre, (lon, lat - 0.02), Approach(0.0, 5_000.0, 1_500.0, 0.15)),
    ]

    for attempt in attempts:
        with pytest.raises(UnacceptableInput) as refused:
            attempt()
        assert refused.value.defects[0].code == code


def test_a_line_that_seems_to_span_the_globe_is_refused() -> None:
    with pytest.raises(UnacceptableInput, match="antimeridian"):
        drawing.corridor([(-179.0, 10.0), (179.0, 10.0)], 100.0)


# Corridors


def beside(line: list[LonLat], metres: float) -> NDArray:
    """Return points at a distance square to the legs on both sides, and around their ends."""
    points = []
    for here, there in pairwise(line):
        azimuth, _, length_m = GEOD.inv(*here, *there)
        for part in np.linspace(0, 1, 41):
            lon, lat, back = GEOD.fwd(*here, azimuth, part * length_m)
            ahead = back + 180.0
            points.append(around((lon, lat), metres, np.array([ahead - 90.0, ahead + 90.0])))
        points.append(around(here, metres, np.linspace(0, 360, 90)))
    points.append(around(line[-1], metres, np.linspace(0, 360, 90)))
    return np.vstack(points)


steps = st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))


@settings(max_examples=60, deadline=None)
@given(places, st.lists(steps, min_size=1, max_size=5), st.floats(-3.0, 0.0), radii)
def test_a_corridor_covers_all_within_its_distance_and_no_more_than_it_says(
    start: LonLat, turns: list[LonLat], size: float, each_side_m: float
) -> None:
    each_side_m = min(each_side_m, 100_000.0)
    line = [start]
    for east, north in turns:
        line.append((line[-1][0] + east * 10**size, line[-1][1] + north * 10**size))
    assume(GEOD.line_length(*zip(*line, strict=True)) > 1.0)

    drawn = drawing.corridor(line, each_side_m)

    assert drawn.geometry.geom_type == "Polygon"
    assert covers_all(drawn.geometry, beside(line, each_side_m))
    assert covers_all(drawn.geometry, beside(line, each_side_m / 2))
    assert drawn.largest_error_m < max(1.0, 0.003 * each_side_m)


@pytest.mark.parametrize("lat", [0.0, 52.0, 70.0])
@pytest.mark.parametrize("each_side_m", [50.0, 1_852.0, 30_000.0])
def test_the_edges_of_a_corridor_are_no_further_from_its_line_than_it_says(
    lat: float, each_side_m: float
) -> None:
    line = [(4.0, lat), (4.6, lat + 0.3), (4.7, lat - 0.2)]
    legs = [[here, *GEOD.npts(*here, *there, 2_000), there] for here, there in pairwise(line)]
    path = shapely.LineString([point for leg in legs for point in leg])

    drawn = drawing.corridor(line, each_side_m)

    for point in along_edges(drawn.geometry, 3)[::7]:
        apart = distance_m(shapely.Point(point), path)
        assert each_side_m - 0.05 < apart < each_side_m + drawn.largest_error_m + 0.05


def test_postgis_finds_everything_within_the_distance_inside_the_corridor(engine: Engine) -> None:
    line = [(4.70, 52.40), (4.7639, 52.31), (4.90, 52.28)]
    drawn = drawing.corridor(line, 500.0)
    wide, narrow = beside(line, 500.0), beside(line, 500.0 + drawn.largest_error_m + 0.5)
    query = text(
        "SELECT ST_Intersects(ST_GeomFromText(:drawn, 4326), ST_GeomFromText(:at, 4326)),"
        " ST_DWithin(ST_GeogFromText(:line), ST_GeogFromText(:at), :metres)"
    )

    with engine.connect() as connection:
        for lon, lat in [*wide[::3], *narrow[::3]]:
            inside, near = connection.execute(
                query,
                {
                    "drawn": drawn.geometry.wkt,
                    "at": f"POINT({lon} {lat})",
                    "line": shapely.LineString(line).wkt,
                    "metres": 499.99,
                },
            ).one()
            assert inside or not near


# Runways


@settings(max_examples=60, deadline=None)
@given(
    places,
    st.floats(0, 360),
    st.floats(0, 2_000),
    st.floats(500, 20_000),
    st.floats(0, 600),
    st.floats(0, 0.3),
)
def test_an_approach_covers_its_trapezoid(
    threshold: LonLat, bearing: float, starts_m: float, length_m: float, half_m: float, splay: float
) -> None:
    assume(half_m + splay * length_m > 1.0)
    lon, lat, _ = GEOD.fwd(*threshold, bearing, 3_000.0)

    drawn = drawing.approach(threshold, (lon, lat), Approach(starts_m, length_m, half_m, splay))

    points = []
    for along in np.linspace(0, length_m, 30):
        lon, lat, back = GEOD.fwd(*threshold, bearing + 180.0, starts_m + along)
        ahead = back + 180.0
        sides = np.linspace(-1, 1, 5)
        points.append(
            around((lon, lat), np.abs(sides) * (half_m + splay * along), ahead + np.sign(sides) * 90.0)
        )
    assert covers_all(drawn.geometry, np.vstack(points))
    true_m2 = length_m * (2 * half_m + splay * length_m)
    around_m = 2 * length_m + 4 * (half_m + splay * length_m)
    area_m2 = abs(GEOD.geometry_area_perimeter(drawn.geometry)[0])
    assert -1e-4 * true_m2 < area_m2 - true_m2 < around_m * drawn.largest_error_m + 1e-4 * true_m2 + 1.0


def test_an_approach_lies_before_its_threshold_and_not_over_the_runway() -> None:
    first, second = (4.7376, 52.3136), (4.7778, 52.3185)

    drawn = drawing.approach(first, second, Approach(60.0, 15_000.0, 150.0, 0.15))

    assert drawn.geometry.bounds[2] < first[0]
    assert not drawn.geometry.intersects(shapely.Point(second))


# Areas with arcs

CENTRE = (4.763888888888889, 52.308611111111105)
NORTH, EAST = (tuple(GEOD.fwd(*CENTRE, azimuth, 9_260.0)[:2]) for azimuth in (0.0, 90.0))


def test_an_arc_that_bulges_out_is_drawn_around_its_circle() -> None:
    drawn = area([Corner(NORTH, Arc(CENTRE, 9_260.0, clockwise=True)), Corner(EAST), Corner(CENTRE)])

    assert covers_all(drawn.geometry, around(CENTRE, 9_260.0, np.linspace(0.001, 89.999, 3_000)))
    assert covers_all(drawn.geometry, around(CENTRE, 5_000.0, np.linspace(0.1, 89.9, 100)))
    beyond = around(CENTRE, 9_260.0 + drawn.largest_error_m + 0.1, np.linspace(1, 89, 3_000))
    assert not shapely.intersects_xy(drawn.geometry, *beyond.T).any()
    assert drawn.largest_error_m < 3.0


def test_an_arc_that_bulges_in_is_drawn_within_its_circle() -> None:
    outside = (5.2, 52.6)

    drawn = area([Corner(NORTH, Arc(CENTRE, 9_260.0, clockwise=True)), Corner(EAST), Corner(outside)])

    assert covers_all(drawn.geometry, around(CENTRE, 9_260.0, np.linspace(0.001, 89.999, 3_000)))
    within = around(CENTRE, 9_260.0 - drawn.largest_error_m - 0.1, np.linspace(1, 89, 3_000))
    assert not shapely.intersects_xy(drawn.geometry, *within.T).any()


def test_a_counter_clockwise_arc_goes_the_long_way_round() -> None:
    drawn = area([Corner(NORTH, Arc(CENTRE, 9_260.0, clockwise=False)), Corner(EAST), Corner(CENTRE)])

    assert covers_all(drawn.geometry, around(CENTRE, 9_260.0, np.linspace(90.001, 359.999, 3_000)))
    assert not shapely.intersects_xy(drawn.geometry, *around(CENTRE, 5_000.0, np.array([45.0])).T).any()


@settings(max_examples=100, deadline=None)
@given(
    places,
    st.floats(np.log(200.0), np.log(200_000.0)).map(lambda log: float(np.exp(log))),
    st.floats(0, 360),
    st.floats(5, 350),
    st.floats(-0.01, 0.01),
    st.floats(-0.01, 0.01),
    st.booleans(),
)
def test_whatever_radius_fits_an_arc_is_covered(
    centre: LonLat, radius_m: float, first: float, turn: float, off: float, also: float, outward: bool
) -> None:
    """The zone is the sector between the arc and its centre, or what a ring three times as wide has beside it."""
    start = tuple(float(x) for x in around(centre, radius_m * (1 + off), np.array([first]))[0])
    end = tuple(float(x) for x in around(centre, radius_m * (1 + also), np.array([first + turn]))[0])
    arc = Arc(centre, radius_m, clockwise=True)
    middle = np.linspace(first, first + turn, 500)[1:-1]
    least, most = sorted([radius_m, radius_m * (1 + off), radius_m * (1 + also)])[::2]
    if outward:
        corners = [Corner(start, arc), Corner(end), Corner(centre)]
    else:
        back = np.linspace(first + turn, first, max(2, int(turn / 20)))
        outer = [Corner((float(lon), float(lat))) for lon, lat in around(centre, 3 * radius_m, back)]
        corners = [Corner(start, arc), Corner(end), *outer]
    assume(abs(turn - 180.0) > 2.0)

    drawn = area(corners)

    assert covers_all(drawn.geometry, around(centre, most if outward else least, middle))
    for metres in (radius_m, radius_m * (1 + off), radius_m * (1 + also)):
        assert covers_all(drawn.geometry, around(centre, metres, middle))
    assert drawn.largest_error_m < (most - least) + max(1.0, 0.002 * radius_m)


def test_an_arc_without_a_direction_is_the_shorter_one_and_half_a_circle_has_none() -> None:
    assert fit(NORTH, Arc(CENTRE), EAST).turn_deg == pytest.approx(90.0, abs=0.2)
    assert fit(EAST, Arc(CENTRE), NORTH).turn_deg == pytest.approx(-90.0, abs=0.2)
    south = tuple(GEOD.fwd(*CENTRE, 180.0, 9_260.0)[:2])
    with pytest.raises(UnacceptableInput, match="half a circle"):
        fit(NORTH, Arc(CENTRE), south)


def test_a_ring_that_crosses_itself_is_not_mended() -> None:
    with pytest.raises(UnacceptableInput, match="outline"):
        area([Corner((4.0, 52.0)), Corner((5.0, 53.0)), Corner((5.0, 52.0)), Corner((4.0, 53.0))])


# Put together

SQUARE = Polygon(((4.6, 52.2), (4.9, 52.2), (4.9, 52.4), (4.6, 52.4), (4.6, 52.2)))


def test_what_is_taken_away_is_never_more_than_the_circle() -> None:
    drawn = drawing.difference([SQUARE], [Circle(AMSTERDAM, 5_556.0)])

    assert covers_all(drawn.geometry, around(AMSTERDAM, 5_556.0, np.linspace(0, 360, 2_000)))
    assert not shapely.intersects_xy(
        drawn.geometry, *around(AMSTERDAM, 5_550.0, np.linspace(0, 360, 2_000)).T
    ).any()
    assert drawn.largest_error_m < 3.0


def test_what_is_kept_is_never_less_than_what_both_cover() -> None:
    drawn = drawing.clip([Circle((4.9, 52.3), 3_000.0)], [SQUARE])

    half = around((4.9, 52.3), 3_000.0, np.linspace(181, 359, 500))
    assert covers_all(drawn.geometry, half[half[:, 0] <= 4.9])
    assert drawn.geometry.bounds[2] == 4.9


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(4.5, 5.0), st.floats(52.1, 52.5), st.floats(100, 20_000)), min_size=1, max_size=4
    ),
    st.lists(
        st.tuples(st.floats(4.5, 5.0), st.floats(52.1, 52.5), st.floats(100, 20_000)), min_size=1, max_size=4
    ),
    st.lists(st.tuples(st.floats(4.2, 5.3), st.floats(51.9, 52.7)), min_size=50, max_size=50),
)
def test_every_point_of_the_true_result_lies_in_what_is_drawn(
    mine: list[tuple[float, float, float]], others: list[tuple[float, float, float]], points: list[LonLat]
) -> None:
    shapes, taken = ([Circle((lon, lat), m) for lon, lat, m in some] for some in (mine, others))
    union, difference, clip = (
        drawing.union(shapes),
        drawing.difference(shapes, taken),
        drawing.clip(shapes, taken),
    )

    def inside(point: LonLat, circles: list[Circle]) -> bool:
        return any(GEOD.inv(*point, *circle.centre)[2] <= circle.radius_m for circle in circles)

    for point in points:
        a, b = inside(point, shapes), inside(point, taken)
        assert not a or union.geometry.intersects(shapely.Point(point))
        assert not (a and not b) or difference.geometry.intersects(shapely.Point(point))
        assert not (a and b) or clip.geometry.intersects(shapely.Point(point))


def test_shapes_that_only_touch_leave_nothing() -> None:
    beside_it = Polygon(((4.9, 52.2), (5.0, 52.2), (5.0, 52.4), (4.9, 52.4), (4.9, 52.2)))

    assert drawing.clip([SQUARE], [beside_it]).geometry.is_empty
    assert drawing.difference([SQUARE], [SQUARE]) == Drawn(shapely.MultiPolygon(), 0.0)


# Limits


def test_a_scribble_with_too_many_vertices_is_refused() -> None:
    scribble = np.random.default_rng(1).uniform([4.0, 52.0], [4.05, 52.05], (500, 2))

    with pytest.raises(InputTooLarge, match="vertices"):
        drawing.corridor([(float(lon), float(lat)) for lon, lat in scribble], 1.0)


def test_work_stops_when_it_is_told_to() -> None:
    def stop() -> None:
        raise InputTooLarge("The question takes too long.")

    attempts = [
        lambda: drawing.corridor([(4.0, 52.0), (4.1, 52.0)], 100.0, stop),
        lambda: drawing.union([SQUARE], stop),
        lambda: drawing.difference([SQUARE], [SQUARE], stop),
        lambda: drawing.clip([SQUARE], [SQUARE], stop),
    ]

    for attempt in attempts:
        with pytest.raises(InputTooLarge):
            attempt()

"""Shapes cut along a line or drawn to their neighbours cover all that they covered, and no gap is left between."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exact import GEOD
from zones_api.domain import cutting
from zones_api.domain.geometry import Circle, LonLat, Polygon, area_km2
from zones_api.errors import UnacceptableInput

SQUARE = Polygon(((4.6, 52.2), (4.9, 52.2), (4.9, 52.4), (4.6, 52.4), (4.6, 52.2)))
HOLE = ((4.7, 52.25), (4.7, 52.35), (4.8, 52.35), (4.8, 52.25), (4.7, 52.25))
HOLED = Polygon(SQUARE.shell, (HOLE,))
APART = Polygon(((5.1, 52.2), (5.2, 52.2), (5.2, 52.3), (5.1, 52.3), (5.1, 52.2)))


def east_of(lon: float, metres: float, lat: float = 52.3) -> float:
    return float(GEOD.fwd(lon, lat, 90.0, metres)[0])


def box(west: float, south: float, east: float, north: float) -> Polygon:
    return Polygon(((west, south), (east, south), (east, north), (west, north), (west, south)))


def areas_km2(parts: list[shapely.Polygon]) -> float:
    return sum(area_km2(part) for part in parts)


def test_a_cut_makes_two_parts_with_one_edge() -> None:
    whole, parts = cutting.split([SQUARE], [(4.5, 52.25), (5.0, 52.31)])

    big, small = (part.geometry for part in parts)
    assert area_km2(big) > area_km2(small)
    assert area_km2(big) + area_km2(small) == pytest.approx(area_km2(whole.geometry))
    assert shapely.shared_paths(big.exterior, small.exterior).length > 0.3
    assert big.intersection(small).area == 0.0


def test_a_cut_through_a_hole_leaves_it_open_and_parts_apart_as_they_are() -> None:
    whole, parts = cutting.split([HOLED, APART], [(4.5, 52.3), (4.75, 52.31), (5.0, 52.3)])

    assert len(parts) == 3
    assert all(not part.geometry.interiors for part in parts)
    assert areas_km2([part.geometry for part in parts]) == pytest.approx(area_km2(whole.geometry))
    assert not any(part.geometry.contains(shapely.Point(4.75, 52.28)) for part in parts)


def test_a_hole_that_is_not_cut_stays() -> None:
    _, parts = cutting.split([HOLED], [(4.5, 52.21), (5.0, 52.22)])

    assert [len(part.geometry.interiors) for part in parts] == [1, 0]


def test_a_circle_is_cut_as_the_outline_that_covers_it() -> None:
    circle = Circle((4.76, 52.31), 5_000.0)

    whole, parts = cutting.split([circle], [(4.5, 52.31), (5.0, 52.31)])

    azimuths = np.linspace(0.0, 359.0, 360)
    lons, lats, _ = GEOD.fwd(np.full(360, 4.76), np.full(360, 52.31), azimuths, np.full(360, 5_000.0))
    for lon, lat in zip(lons, lats, strict=True):
        assert any(part.geometry.distance(shapely.Point(lon, lat)) < 1e-9 for part in parts)
    assert parts[0].largest_error_m == whole.largest_error_m > 0


@pytest.mark.parametrize(
    "line",
    [
        pytest.param([(4.5, 52.3), (4.8, 52.3)], id="ends inside"),
        pytest.param([(4.5, 52.5), (5.0, 52.5)], id="passes beside"),
        pytest.param([(4.6, 52.2), (4.6, 52.4)], id="along the edge"),
    ],
)
def test_a_line_that_leaves_nothing_apart_is_refused(line: list[LonLat]) -> None:
    with pytest.raises(UnacceptableInput, match="begin and end outside"):
        cutting.split([SQUARE], line)


def test_a_scribble_of_a_cut_is_refused() -> None:
    zigzag = [(4.5 if n % 2 else 5.0, 52.21 + n * 0.0015) for n in range(120)]

    with pytest.raises(UnacceptableInput, match="at most 100"):
        cutting.split([SQUARE], zigzag)


def test_a_gap_beside_a_longer_neighbour_is_closed() -> None:
    beside = box(east_of(4.9, 15.0), 52.1, 5.1, 52.5)

    drawn = cutting.snap([SQUARE], [beside], 20.0)

    assert drawn.geometry.covers(shapely.Polygon(SQUARE.shell))
    assert drawn.geometry.bounds[2] == beside.shell[0][0]
    assert shapely.union(drawn.geometry, shapely.Polygon(beside.shell)).geom_type == "Polygon"


def test_a_corner_of_a_smaller_neighbour_becomes_one_of_the_edge() -> None:
    beside = box(east_of(4.9, 15.0), 52.25, 5.0, 52.35)

    drawn = cutting.snap([SQUARE], [beside], 20.0)

    corners = set(drawn.geometry.exterior.coords)
    assert {beside.shell[0], beside.shell[3]} <= corners
    assert drawn.geometry.intersection(shapely.Polygon(beside.shell)).area == pytest.approx(0.0, abs=1e-15)


def test_what_is_further_away_stays_as_it_is() -> None:
    beside = box(east_of(4.9, 25.0), 52.1, 5.1, 52.5)

    drawn = cutting.snap([SQUARE], [beside], 20.0)

    assert drawn.geometry.equals(shapely.Polygon(SQUARE.shell))


def test_what_reaches_over_a_neighbour_already_is_not_drawn_back() -> None:
    under = box(east_of(4.9, -15.0), 52.1, 5.1, 52.5)

    drawn = cutting.snap([SQUARE], [under], 20.0)

    assert drawn.geometry.covers(shapely.Polygon(SQUARE.shell))


def test_a_hole_survives_and_is_never_made_larger() -> None:
    beside = box(east_of(4.9, 15.0), 52.1, 5.1, 52.5)

    drawn = cutting.snap([HOLED], [beside], 20.0)

    (hole,) = drawn.geometry.interiors
    assert shapely.Polygon(HOLE).covers(shapely.Polygon(hole))


def test_a_distance_wider_than_the_shape_is_refused() -> None:
    thin = box(4.6, 52.3, 4.9, 52.3001)
    bow = Polygon(((4.7, 52.302), (4.75, 52.3003), (4.8, 52.302), (4.75, 52.305), (4.7, 52.302)))

    with pytest.raises(UnacceptableInput, match="smaller distance"):
        cutting.snap([thin], [bow], 100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(4.85, 4.95),
    st.floats(52.1, 52.35),
    st.floats(0.01, 0.3),
    st.floats(0.01, 0.3),
    st.floats(1.0, 2_000.0),
)
def test_whatever_is_near_nothing_of_the_shape_is_lost(
    west: float, south: float, wide: float, high: float, within_m: float
) -> None:
    beside = box(west, south, west + wide, south + high)

    drawn = cutting.snap([HOLED], [beside], within_m)

    lost = shapely.difference(shapely.Polygon(HOLED.shell, HOLED.holes), drawn.geometry)
    assert lost.area < 1e-15
    grown = shapely.difference(drawn.geometry, shapely.Polygon(HOLED.shell, HOLED.holes))
    for lon, lat in shapely.get_coordinates(grown):
        near = shapely.Polygon(HOLED.shell, HOLED.holes).boundary
        at = shapely.get_coordinates(shapely.shortest_line(near, shapely.Point(lon, lat)))[0]
        assert GEOD.inv(lon, lat, *at)[2] <= within_m * 1.7 + 0.01  # measured in degrees, so aslant

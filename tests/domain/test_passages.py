"""Where a leg enters and leaves a zone: compared with brute sampling along the geodesic on the ellipsoid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import HERE, away, box, circle, polygon, square
from zones_api.domain.geometry import GEOD, Circle, Disc, Footprint, LonLat, Polygon, Spot, footprint
from zones_api.domain.overlap import area, distance_m, meets, path, point
from zones_api.domain.passage import Passage, clearance_m, passages
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES

WEST, EAST = (4.9, 52.0), (5.1, 52.0)
RINGED = square(holes=[box(4.98, 51.98, 5.02, 52.02)])
COMB = polygon((4.95, 51.98), (5.05, 51.98), (5.05, 52.05), (5.03, 52.05), (5.03, 51.99), (5.0, 51.99),
               (5.0, 52.05), (4.98, 52.05), (4.98, 51.99), (4.95, 51.99))  # fmt: skip
FAR_NORTH = polygon((20.0, 78.0), (20.3, 78.02), (20.2, 78.1), (20.1, 78.03))
SEAM = polygon((179.9, 10.0), (180.1, 10.0), (180.1, 10.1), (179.9, 10.1))
SHAPES: dict[str, Polygon | Circle | Spot] = {
    "ringed": RINGED,
    "comb": COMB,
    "bow": polygon((4.95, 51.95), (5.05, 52.05), (5.05, 51.95), (4.95, 52.05)),
    "far north": FAR_NORTH,
    "seam": SEAM,
    "disc": circle(radius_m=3_000.0),
    "wide disc": circle(radius_m=60_000.0),
    "metres or feet": circle(radius_m=1_000.0, other_radius_m=3_280.8),
    "disc far north": circle((20.1, 78.0), 2_000.0),
    "disc on the seam": circle((179.99, 10.0), 5_000.0),
    "spot": Spot((HERE,)),
    "spots in a line": Spot((HERE, (5.1, 52.05))),
}


def gaps_m(positions: list[LonLat], zone: Footprint) -> np.ndarray:
    """Return how far each position is from where a zone possibly is; 0 inside."""
    if isinstance(zone, Disc) and zone.centre.geom_type == "Point":
        lons, lats = (np.array(each) for each in zip(*positions, strict=True))
        size = len(lons)
        from_centre = GEOD.inv(np.full(size, zone.centre.x), np.full(size, zone.centre.y), lons, lats)[2]
        return np.maximum(0.0, from_centre - zone.possible_m)
    geometry, radius_m = (zone.centre, zone.possible_m) if isinstance(zone, Disc) else (zone.possible, 0.0)
    west = geometry.bounds[0]
    turned = [((lon - west + 180.0) % 360.0 + west - 180.0, lat) for lon, lat in positions]
    return np.array([max(0.0, distance_m(shapely.Point(each), geometry) - radius_m) for each in turned])


def sampled(start: LonLat, end: LonLat, count: int) -> tuple[np.ndarray, list[LonLat]]:
    """Return metres along a leg and the positions there."""
    azimuth, _, length = GEOD.inv(*start, *end)
    metres = np.linspace(0.0, length, count)
    return metres, [away(start, azimuth, metre) for metre in metres]


def assert_as_sampled(
    start: LonLat, end: LonLat, buffer_m: float, zone: Footprint, count: int = 120
) -> tuple[Passage, ...]:
    """Compare with samples along the leg, but for those a metre from an end or three centimetres from the edge."""
    found = passages(path((start, end), buffer_m), zone)
    metres, positions = sampled(start, end, count)
    gaps = gaps_m(positions, zone)
    ends = np.array([-1e9, *(metre for each in found for metre in (each.entry_m, each.exit_m))])
    far_from_ends = np.abs(metres[:, None] - ends).min(axis=1) > 1.0
    reported = np.zeros(count, dtype=bool)
    for each in found:
        reported |= (metres >= each.entry_m) & (metres <= each.exit_m)
    certain = far_from_ends & ((gaps == 0.0) | (np.abs(gaps - buffer_m) > 0.03))
    assert (reported[certain] == (gaps <= buffer_m)[certain]).all()
    assert bool(found) == (meets(path((start, end), buffer_m), zone) != NO)
    assert all(here.exit_m < there.entry_m for here, there in pairwise(found))
    azimuth, _, length = GEOD.inv(*start, *end)
    for each in found:
        assert -0.001 <= each.entry_m <= each.exit_m <= length + 0.001
        for metre, position in ((each.entry_m, each.entry), (each.exit_m, each.exit)):
            assert GEOD.inv(*away(start, azimuth, metre), *position)[2] < 0.05
            assert -180.0 <= position[0] <= 180.0
    return found


@pytest.mark.parametrize("buffer_m", [0.0, 30.0, 800.0])
@pytest.mark.parametrize("name", SHAPES)
def test_stretches_are_those_that_sampling_finds(name: str, buffer_m: float) -> None:
    zone = footprint(SHAPES[name])
    west, south, east, north = zone.bounds
    pick = np.random.default_rng(len(name))
    met = 0

    for _ in range(8):
        lons = pick.uniform(west - 0.05, east + 0.05, 2)
        lats = pick.uniform(south - 0.02, north + 0.02, 2)
        start, end = zip(((lons + 180) % 360 - 180).tolist(), lats.tolist(), strict=True)
        met += bool(assert_as_sampled(start, end, buffer_m, zone))

    assert met >= 2


def test_a_hole_splits_the_stretch() -> None:
    here, there = assert_as_sampled(WEST, EAST, 0.0, footprint(RINGED))

    assert [here.entry[0], here.exit[0]] == pytest.approx([4.95, 4.98], abs=1e-6)
    assert [there.entry[0], there.exit[0]] == pytest.approx([5.02, 5.05], abs=1e-6)
    assert here.exit_m == pytest.approx(GEOD.inv(*WEST, *here.exit)[2], abs=0.01)


def test_a_buffer_as_wide_as_the_hole_closes_it() -> None:
    assert len(assert_as_sampled(WEST, EAST, 1_000.0, footprint(RINGED))) == 2
    assert len(assert_as_sampled(WEST, EAST, 2_300.0, footprint(RINGED))) == 1


def test_a_leg_enters_a_concave_zone_again_each_time() -> None:
    assert len(assert_as_sampled(WEST, (5.1, 52.01), 0.0, footprint(COMB))) == 2
    assert len(assert_as_sampled((4.9, 51.985), (5.1, 51.985), 0.0, footprint(COMB))) == 1


def test_a_leg_that_starts_or_ends_inside_is_inside_from_its_start_or_to_its_end() -> None:
    start, end = (4.97, 52.0), (4.96, 51.96)

    (whole,) = passages(path((start, end)), footprint(square()))
    (first,) = passages(path((start, (4.9, 52.0))), footprint(square()))
    (last,) = passages(path(((4.9, 52.0), start)), footprint(square()))

    length = GEOD.inv(*start, *end)[2]
    assert whole == Passage(0.0, pytest.approx(length, abs=1e-6), start, end)
    assert (first.entry_m, first.entry) == (0.0, start)
    assert (last.exit_m, last.exit) == (pytest.approx(GEOD.inv(*start, 4.9, 52.0)[2], abs=1e-6), start)


def test_touching_a_corner_is_a_stretch_of_no_length() -> None:
    spike = polygon((5.0, 52.0), (5.01, 52.02), (4.99, 52.02))

    (touch,) = passages(path(((5.0, 51.9), HERE)), footprint(spike))
    (tip,) = passages(path(((5.001, 51.999), (4.998, 52.002))), footprint(square(4.9, 51.9, 5.0, 52.0)))

    assert (touch.exit_m - touch.entry_m, touch.exit) == (pytest.approx(0.0, abs=0.01), HERE)
    assert tip.exit_m - tip.entry_m == pytest.approx(0.0, abs=0.01)
    assert tip.entry == pytest.approx(HERE, abs=1e-7)


def test_a_leg_along_an_edge_is_in_the_zone_all_along_it() -> None:
    (along,) = passages(path(((4.95, 51.9), (4.95, 52.1))), footprint(square()))

    assert [along.entry[1], along.exit[1]] == pytest.approx([51.95, 52.05], abs=1e-6)


@pytest.mark.parametrize("off_m", [0.0, 0.004, 0.009])
@pytest.mark.parametrize("buffer_m", [0.0, 50.0])
def test_a_leg_that_ends_just_at_a_zone_meets_it_where_it_ends(off_m: float, buffer_m: float) -> None:
    end = away((5.05, 52.0), 90.0, buffer_m + off_m)
    leg = path((away(end, 90.0, 500.0), end), buffer_m)

    found = passages(leg, footprint(square()))

    assert meets(leg, footprint(square())) == YES
    assert [each.entry_m for each in found] == pytest.approx([500.0], abs=0.1)
    assert clearance_m(leg, footprint(square())) == 0.0


def test_a_leg_that_passes_within_a_centimetre_of_a_circle_has_one_passage() -> None:
    nearest = away(HERE, 0.0, 1_000.006)
    leg = path((away(nearest, 270.0, 300.0), away(nearest, 90.0, 300.0)))
    zone = footprint(circle(radius_m=1_000.0))

    found = passages(leg, zone)

    assert meets(leg, zone) == YES
    assert len(found) == 1
    assert found[0].entry_m == found[0].exit_m == pytest.approx(300.0, abs=10.0)


def test_a_leg_crosses_the_antimeridian_either_way_and_reports_written_longitudes() -> None:
    zone = footprint(circle((180.0, 10.0), 5_000.0))

    (there,) = assert_as_sampled((179.9, 10.0), (-179.9, 10.0), 100.0, zone)
    (back,) = assert_as_sampled((-179.9, 10.0), (179.9, 10.0), 100.0, zone)

    assert there.entry[0] > 179.9 > -179.9 > there.exit[0]
    assert there.entry == pytest.approx(back.exit, abs=1e-6)
    assert_as_sampled((-179.95, 10.02), (-179.8, 10.05), 20.0, footprint(SEAM))


def test_a_path_that_turns_back_passes_twice() -> None:
    leg = path(((4.9, 52.0), (5.0, 52.1), (4.9, 52.0)))
    small = footprint(circle((4.95, 52.05), 500.0))

    there, back = passages(leg, small)

    length = GEOD.inv(4.9, 52.0, 5.0, 52.1)[2]
    assert there.entry_m + back.exit_m == pytest.approx(2 * length, abs=0.1)
    assert there.entry == pytest.approx(back.exit, abs=1e-6)


def test_a_long_leg_with_a_wide_buffer_is_right_to_a_metre() -> None:
    zone = footprint(square(0.9, 50.25, 1.0, 50.29))

    (found,) = assert_as_sampled((0.0, 50.0), (6.5, 51.0), 10_000.0, zone, count=300)

    assert gaps_m([found.entry, found.exit], zone) == pytest.approx([10_000.0] * 2, abs=0.2)


def test_a_wide_circle_is_entered_and_left_at_its_radius() -> None:
    zone = footprint(circle(radius_m=400_000.0))

    (found,) = passages(path(((-1.0, 54.3), (11.0, 54.3)), 2_000.0), zone)

    distances = [GEOD.inv(*HERE, *position)[2] for position in (found.entry, found.exit)]
    assert distances == pytest.approx([402_000.0] * 2, abs=0.05)


def test_a_point_has_one_passage_and_an_area_none() -> None:
    zone = footprint(square())
    around = Polygon(box(4.0, 51.0, 6.0, 53.0))

    assert passages(point(*HERE), zone) == (Passage(0.0, 0.0, HERE, HERE),)
    assert passages(point(185.0, 10.0), footprint(circle((-175.0, 10.0)))) == (
        Passage(0.0, 0.0, (-175.0, 10.0), (-175.0, 10.0)),
    )
    assert passages(point(6.0, 52.0), zone) == ()
    assert passages(area(around), zone) == ()


def test_what_is_only_possible_is_reported_too() -> None:
    zone = footprint(circle(radius_m=304.8, other_radius_m=1_000.0))

    (found,) = assert_as_sampled(WEST, EAST, 0.0, zone)

    assert Reason.RADIUS_UNIT_AMBIGUOUS in zone.doubts
    assert found.exit_m - found.entry_m == pytest.approx(2_000.0, abs=1.0)


@settings(max_examples=150)
@given(
    st.floats(0, 360), st.floats(0, 4_000), st.floats(0, 360), st.floats(10, 20_000),
    st.sampled_from([0.0, 5.0, 300.0]), st.sampled_from(["ringed", "comb", "bow", "disc", "spots in a line"]),
)  # fmt: skip
def test_there_is_a_passage_if_and_only_if_the_leg_meets(
    to: float, off_m: float, azimuth: float, length_m: float, buffer_m: float, name: str
) -> None:
    zone = footprint(SHAPES[name])
    start = away(away(HERE, to, 3_000.0), to, off_m)
    leg = path((start, away(start, azimuth, length_m)), buffer_m)

    found = passages(leg, zone)

    assert bool(found) == (meets(leg, zone) != NO)
    assert (clearance_m(leg, zone) == 0.0) == bool(found)


@pytest.mark.parametrize("buffer_m", [0.0, 250.0])
@pytest.mark.parametrize("name", SHAPES)
def test_clearance_is_the_least_that_sampling_finds(name: str, buffer_m: float) -> None:
    zone = footprint(SHAPES[name])
    west, _, _, north = zone.bounds
    start, end = away((west, north), 300.0, 9_000.0), away((west, north), 20.0, 6_000.0)
    least = gaps_m(sampled(start, end, 400)[1], zone).min() - buffer_m

    there = clearance_m(path((start, end), buffer_m), zone)

    assert least - 2.0 <= there <= least + 0.01
    assert clearance_m(point(*start, buffer_m), zone) == pytest.approx(
        gaps_m([start], zone)[0] - buffer_m, abs=0.02
    )


def test_clearance_is_nothing_where_they_meet_and_goes_the_short_way_around() -> None:
    zone = footprint(square(-179.8, 9.9, -179.5, 10.1))

    assert clearance_m(path((WEST, EAST)), footprint(square())) == 0.0
    assert clearance_m(point(179.9, 10.0), zone) == pytest.approx(
        GEOD.inv(179.9, 10.0, -179.8, 10.0)[2], abs=0.01
    )

"""What a mission is taken to mean: every height, time and place says where it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as each
from hypothesis import settings
from hypothesis import strategies as st

from tests.builders import AGL, AMSL, HERE, NOON, TAKEOFF, WGS84, away, height, square
from zones_api.domain.altitude import Height, HeightRange, Interval, Surroundings
from zones_api.domain.flight import Question
from zones_api.domain.interpretation import (
    ASSUMED_TAKEOFF_M,
    MAX_LEGS,
    Given,
    Interpretation,
    Missing,
    interpret,
)
from zones_api.domain.mission import Mission, Waypoint
from zones_api.domain.overlap import Place
from zones_api.domain.planned import Origin, Role
from zones_api.errors import UnacceptableInput

HILL = Surroundings(Interval(100.0, 110.0), Interval(45.0, 46.0), Interval(98.0, 112.0), surveyed=True)
NORTH = tuple(away(HERE, 0.0, metres) for metres in (0.0, 1_000.0, 2_000.0))


def waypoints(*heights: Height | None, **more: Any) -> tuple[Waypoint, ...]:
    """Return waypoints a kilometre apart."""
    return tuple(
        Waypoint(away(HERE, 0.0, 1_000.0 * n), f"item {n + 1}", top, **more) for n, top in enumerate(heights)
    )


def mission(*heights: Height | None, **more: Any) -> Mission:
    return Mission(None, waypoints=waypoints(*heights), **more)


def taken(of: Mission, around: Surroundings = HILL, **given: Any) -> Interpretation:
    def ground(question: Question, place: Place) -> Surroundings:
        stated = question.takeoff_elevation_m
        return around if stated is None else replace(around, takeoff_m=Interval(stated, stated))

    return interpret(of, Given(**given), NOON, ground)


def tops(said: Interpretation) -> list[tuple[float, str] | None]:
    return [top.upper and (top.upper.value_m, top.upper.reference.value) for top in said.question.profile]


def codes(said: Interpretation) -> set[str]:
    return {doubt.code for doubt in said.doubts}


# Heights


def test_a_leg_is_as_high_as_the_higher_of_its_two_ends_from_the_ground() -> None:
    said = taken(mission(height(30), height(80), height(50)))

    assert tops(said) == [(80.0, "AGL"), (80.0, "AGL")]
    assert all(leg.lower is None for leg in said.question.profile)
    assert said.question.heights == HeightRange(upper=height(80))


def test_legs_of_several_heights_have_each_their_own_within_the_envelope() -> None:
    said = taken(mission(height(30), height(30), height(50)))

    assert tops(said) == [(30.0, "AGL"), (50.0, "AGL")]
    assert said.question.heights == HeightRange(upper=height(50))
    assert said.spans == ((0, 1), (1, 2))


def test_ends_that_cannot_be_compared_make_the_leg_count_as_high_as_each() -> None:
    said = taken(mission(height(30, AGL), height(120, AMSL)))

    assert tops(said) == [(30.0, "AGL"), (120.0, "AMSL")]
    assert said.spans == ((0, 1), (0, 1))
    assert said.question.heights == HeightRange()


@pytest.mark.parametrize(
    ("stated", "above_ground", "above_sea"),
    [
        (height(50, AGL), (50.0, 50.0), (150.0, 160.0)),
        (height(150, AMSL), (40.0, 50.0), (150.0, 150.0)),
        (height(200, WGS84), (44.0, 55.0), (154.0, 155.0)),
        (height(50, TAKEOFF), (38.0, 62.0), (148.0, 162.0)),
    ],
)
def test_each_height_is_told_above_ground_and_sea(
    stated: Height, above_ground: tuple[float, float], above_sea: tuple[float, float]
) -> None:
    first = taken(mission(stated, stated)).points[0]

    assert first.height == stated
    assert first.origin is Origin.FILE
    assert first.above_ground_m == Interval(*above_ground)
    assert first.above_sea_m == Interval(*above_sea)


def test_a_height_without_a_reference_counts_at_every_height_and_is_asked_back() -> None:
    open_ = Mission(
        None, waypoints=(Waypoint(NORTH[0], "row 1", unreferenced_m=50.0), *waypoints(height(20)))
    )

    said = taken(open_)

    assert tops(said) == [None]
    assert said.missing is Missing.REFERENCE
    assert said.points[0].above_ground_m is None


def test_the_reference_that_the_caller_gives_is_used_where_the_file_has_none() -> None:
    open_ = Mission(
        None,
        waypoints=(
            Waypoint(NORTH[0], "row 1", unreferenced_m=50.0),
            Waypoint(NORTH[1], "row 2", height(70, AMSL)),
        ),
    )

    said = taken(open_, reference=WGS84)

    assert [(point.height, point.origin) for point in said.points] == [
        (height(50, WGS84), Origin.GIVEN),
        (height(70, AMSL), Origin.FILE),
    ]
    assert said.missing is None


def test_a_file_without_heights_is_asked_for_them() -> None:
    assert taken(mission(None, None)).missing is Missing.HEIGHTS
    assert taken(Mission(None, areas=(square(),))).missing is Missing.HEIGHTS
    assert taken(mission(None, None), upper=height(120)).missing is None


def test_a_height_that_holds_for_the_whole_flight_counts_on_every_leg() -> None:
    assert tops(taken(mission(None, None, upper=height(90)))) == [(90.0, "AGL")]
    assert tops(taken(mission(height(20), height(30), upper=height(90)))) == [(90.0, "AGL")]


def test_heights_that_the_caller_gives_replace_the_files() -> None:
    said = taken(mission(height(300, AMSL), None, returns=True), upper=height(60), lower=height(20))

    assert set(said.question.profile) == {HeightRange(height(20), height(60))}
    assert said.points[0].origin is Origin.GIVEN


def test_a_lowest_height_of_the_file_is_no_floor_and_that_is_said() -> None:
    said = taken(mission(height(80), height(80), lower=height(40)))

    assert said.question.heights.lower is None
    assert "FLOOR_NOT_USED" in codes(said)


def test_a_floor_above_a_legs_top_is_not_used_there_and_that_is_said() -> None:
    said = taken(mission(height(30), height(30), height(80)), lower=height(50))

    assert said.question.profile == (HeightRange(upper=height(30)), HeightRange(height(50), height(80)))
    assert "FLOOR_NOT_USED" in codes(said)


def test_a_floor_in_another_reference_is_not_used() -> None:
    said = taken(mission(height(80, TAKEOFF), height(80, TAKEOFF)), lower=height(50))

    assert said.question.heights.lower is None
    assert "FLOOR_NOT_USED" in codes(said)


# Take-off and return


def test_where_nothing_says_the_takeoff_the_first_point_is_assumed_and_the_ground_around_it_counts() -> None:
    said = taken(mission(height(50, TAKEOFF), height(50, TAKEOFF)))

    assert said.takeoff is not None
    assert (said.takeoff.value, said.takeoff.origin) == (NORTH[0], Origin.ASSUMED)
    assert said.question.takeoff is not None
    assert said.question.takeoff.buffer_m == ASSUMED_TAKEOFF_M
    assert [point.role for point in said.points] == [Role.WAYPOINT, Role.WAYPOINT]


def test_the_way_from_the_takeoff_to_the_first_point_is_flown_as_high_as_that_point() -> None:
    from_file = taken(mission(height(50), takeoff=away(HERE, 180.0, 500.0)))
    given = taken(mission(height(50), takeoff=NORTH[2]), takeoff=away(HERE, 180.0, 500.0))

    assert from_file.takeoff is not None
    assert given.takeoff is not None
    assert (from_file.takeoff.origin, given.takeoff.origin) == (Origin.FILE, Origin.GIVEN)
    for said in (from_file, given):
        assert [point.role for point in said.points] == [Role.TAKEOFF, Role.WAYPOINT]
        assert tops(said) == [(50.0, "AGL")]
        assert said.length_m == pytest.approx(500.0, abs=0.01)


def test_the_way_back_is_flown_at_its_height_or_at_that_of_the_last_point() -> None:
    back = mission(height(30), height(80), height(20), returns=True, return_height=height(60))

    said = taken(back)

    assert said.points[-1].role is Role.RETURN
    assert said.points[-1].position == NORTH[0]
    assert tops(said) == [(80.0, "AGL"), (80.0, "AGL"), (60.0, "AGL")]
    assert said.length_m == pytest.approx(4_000.0, abs=0.01)
    assert "RETURN_FROM_ANYWHERE" in codes(said)


def test_a_way_back_whose_height_nobody_says_counts_at_every_height_and_is_asked_back() -> None:
    back = mission(height(30), height(80), returns=True)

    assert tops(taken(back))[-1] is None
    assert taken(back).missing is Missing.RETURN_HEIGHT
    said = taken(back, return_height=height(60, AGL))
    assert tops(said) == [(80.0, "AGL"), (80.0, "AGL")]
    assert said.missing is None


def test_the_elevation_of_the_takeoff_is_the_callers_the_files_or_that_of_the_ground() -> None:
    of_file = mission(height(50, TAKEOFF), takeoff=HERE, takeoff_elevation_m=105.0)

    file, given = taken(of_file), taken(of_file, takeoff_elevation_m=104.0)
    ground = taken(mission(height(50, TAKEOFF)))
    elsewhere = taken(of_file, takeoff=NORTH[2])

    assert (file.takeoff_elevation_m.value, file.takeoff_elevation_m.origin) == (
        Interval(105.0, 105.0),
        Origin.FILE,
    )
    assert given.question.takeoff_elevation_m == 104.0
    assert (ground.takeoff_elevation_m.value, ground.takeoff_elevation_m.origin) == (
        HILL.ground_m,
        Origin.GROUND,
    )
    assert elsewhere.question.takeoff_elevation_m is None


def test_an_elevation_that_the_ground_cannot_have_is_doubted() -> None:
    said = taken(mission(height(50, TAKEOFF), takeoff_elevation_m=488.0))

    assert "TAKEOFF_ELEVATION_UNLIKELY" in codes(said)


def test_the_takeoffs_elevation_is_asked_back_where_heights_need_it_and_only_bounds_are_known() -> None:
    bounds = replace(HILL, surveyed=False)
    above_takeoff = mission(height(50, TAKEOFF), height(50, TAKEOFF))

    assert taken(above_takeoff, bounds).missing is Missing.TAKEOFF_ELEVATION
    assert taken(above_takeoff, HILL).missing is None
    assert taken(above_takeoff, bounds, takeoff_elevation_m=3.0).missing is None
    assert taken(mission(height(50), height(50)), bounds).missing is None


# Times


def test_a_flight_without_times_starts_now_and_lasts_as_long_as_it_takes_at_the_slowest() -> None:
    said = taken(mission(height(50), height(50)))

    assert (said.start.value, said.start.origin) == (NOON, Origin.ASSUMED)
    assert said.speed_m_s is not None
    assert (said.speed_m_s.value, said.speed_m_s.origin) == (2.0, Origin.ASSUMED)
    assert (said.end.value - NOON).total_seconds() == pytest.approx(500.0, abs=0.1)
    assert said.end.origin is Origin.ASSUMED


def test_a_known_speed_and_holds_give_the_end() -> None:
    slow = Mission(None, waypoints=waypoints(height(50), height(50), hold_s=30.0), speed_m_s=10.0)

    by_file, given = taken(slow), taken(slow, speed_m_s=20.0)

    assert (by_file.end.value - NOON).total_seconds() == pytest.approx(160.0, abs=0.1)
    assert by_file.end.origin is Origin.COMPUTED
    assert (given.end.value - NOON).total_seconds() == pytest.approx(110.0, abs=0.1)


def test_times_of_the_file_are_used_and_moved_to_a_start_that_is_given() -> None:
    at = (NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    timed = Mission(None, waypoints=tuple(Waypoint(NORTH[n], f"{n}", height(50), at=at[n]) for n in (0, 1)))
    later = NOON + timedelta(days=3)

    by_file, moved = taken(timed), taken(timed, start=later)

    assert (by_file.question.window.start, by_file.question.window.end) == at
    assert (by_file.start.origin, by_file.end.origin) == (Origin.FILE, Origin.FILE)
    assert (moved.question.window.start, moved.question.window.end) == (later, later + timedelta(hours=1))


def test_the_way_back_comes_after_the_last_time_of_the_file() -> None:
    at = (NOON, NOON + timedelta(hours=1))
    points = tuple(Waypoint(NORTH[n], f"{n}", height(50), at=at[n]) for n in (0, 1))

    said = taken(Mission(None, waypoints=points, returns=True, return_height=height(50), speed_m_s=10.0))

    assert (said.end.value - at[1]).total_seconds() == pytest.approx(100.0, abs=0.1)


def test_a_flight_in_an_area_without_an_end_lasts_a_day() -> None:
    said = taken(Mission(None, areas=(square(),), upper=height(50)))

    assert said.end.value - said.start.value == timedelta(days=1)
    assert said.end.origin is Origin.ASSUMED


def test_a_time_without_its_offset_is_not_used_and_that_is_said() -> None:
    naive = datetime(2026, 5, 1, 9)  # noqa: DTZ001

    said = taken(mission(height(50), starts_at=naive))

    assert said.start.origin is Origin.ASSUMED
    assert "TIME_WITHOUT_OFFSET" in codes(said)


def test_a_flight_whose_times_have_passed_is_doubted() -> None:
    past = mission(height(50), starts_at=NOON - timedelta(days=2), ends_at=NOON - timedelta(days=1))

    assert "TIME_PASSED" in codes(taken(past))
    assert "TIME_PASSED" not in codes(taken(past, start=NOON))


# Where


def test_a_flight_of_many_points_is_asked_about_in_stretches_as_high_as_their_highest_point() -> None:
    points = tuple(
        Waypoint(away(HERE, 0.0, 10.0 * n), f"{n}", height(50.0 + (n == 777))) for n in range(2_000)
    )

    said = taken(Mission(None, waypoints=points))

    assert len(said.question.legs) <= MAX_LEGS
    assert [span for span, top in zip(said.spans, tops(said), strict=True) if top == (51.0, "AGL")] == [
        (770, 780)
    ]
    assert said.spans[0] == (0, 10)
    assert said.spans[-1] is not None
    assert said.spans[-1][1] == 1_999
    assert "LEGS_JOINED" in codes(said)


def test_ten_metres_are_added_around_a_flight_unless_the_caller_says_otherwise() -> None:
    assert {leg.buffer_m for leg in taken(mission(height(50), height(50))).question.legs} == {10.0}
    assert {leg.buffer_m for leg in taken(mission(height(50)), buffer_m=0.0).question.legs} == {0.0}


def test_lines_and_areas_of_one_flight_all_count() -> None:
    said = taken(
        mission(height(50), height(50), areas=(square(), square(4.0, 51.0, 4.1, 51.1)), upper=height(50))
    )

    assert said.spans == ((0, 1), None, None)


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (Mission(None), "no points"),
        (
            Mission(None, waypoints=(Waypoint(HERE, "row 1"), Waypoint((30.0, 52.0), "row 2"))),
            "row 2: the leg",
        ),
        (Mission(None, areas=(square(4.0, 51.0, 3.9, 51.0),)), "not a simple polygon"),
        (mission(height(5), starts_at=NOON, ends_at=NOON - timedelta(hours=1)), "ends before"),
        (mission(height(5), starts_at=NOON, ends_at=NOON + timedelta(days=400)), "longer than 366 days"),
        (Mission(None, waypoints=waypoints(height(5), hold_s=1e12)), "longer than 366 days"),
    ],
)
def test_what_no_flight_does_is_refused_in_a_sentence(of: Mission, says: str) -> None:
    with pytest.raises(UnacceptableInput, match=says):
        taken(of)


# Doubts


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (mission(height(50, AMSL), height(150, AMSL)), "BELOW_GROUND"),
        (mission(height(501), height(50)), "OVER_500_M"),
        (mission(height(501, TAKEOFF), height(50)), "OVER_500_M"),
        (mission(height(50), takeoff=away(HERE, 90.0, 1_100.0)), "TAKEOFF_FAR"),
        (
            Mission(None, waypoints=(Waypoint(HERE, "1"), Waypoint(away(HERE, 0.0, 50_100.0), "2"))),
            "FAR_FROM_START",
        ),
        (Mission(None, waypoints=(Waypoint(HERE, "1"), Waypoint(HERE, "2"))), "POINT_REPEATED"),
        (Mission(None, waypoints=(Waypoint(HERE, "1"), Waypoint(HERE, "2"))), "NO_LENGTH"),
        (mission(height(50), height(50)), "HEIGHT_KEPT_ALONG_LEGS"),
        (mission(height(50), speed_m_s=0.0), "SPEED_UNUSABLE"),
        (Mission(None, areas=(square(),), takeoff=HERE), "WAY_TO_AREA"),
    ],
)
def test_what_can_hardly_be_meant_is_doubted_and_a_plain_flight_is_not(of: Mission, code: str) -> None:
    assert code in codes(taken(of))
    assert code not in codes(taken(mission(height(150, AMSL), height(160, AMSL), takeoff=HERE)))


def test_a_doubt_names_the_place_in_the_file() -> None:
    said = taken(mission(height(150, AMSL), height(60, AMSL), height(50, AMSL)))

    below = next(doubt for doubt in said.doubts if doubt.code == "BELOW_GROUND")
    assert below.pointer == "item 2"
    assert (
        below.detail == "2 points are below the ground, wherever in its bounds that is, the first is item 2."
    )


stated = st.none() | st.builds(
    Height, st.integers(0, 200).map(float), st.sampled_from([AGL, AMSL, WGS84, TAKEOFF])
)


@settings(max_examples=200, deadline=None)
@each(st.lists(stated, min_size=1, max_size=6), st.booleans(), stated)
def test_every_point_lies_below_the_top_of_every_leg_that_joins_it(
    heights: list[Height | None], returns: bool, back: Height | None
) -> None:
    said = taken(mission(*heights, returns=returns, return_height=back))

    for number, point in enumerate(said.points):
        own = [
            leg.upper
            for span, leg in zip(said.spans, said.question.profile, strict=True)
            if span and span[0] <= number <= span[1]
        ]
        assert own
        assert None in own or any(
            point.height
            and top
            and top.reference is point.height.reference
            and top.value_m >= point.height.value_m
            for top in own
        )


def test_moments_are_in_utc() -> None:
    assert taken(mission(height(50), starts_at=NOON)).question.window.start.tzinfo is UTC


# Circles and speeds


def test_a_point_that_the_flight_circles_around_is_a_disc_of_its_own() -> None:
    first, second = waypoints(height(30), height(60))
    circled = replace(second, radius_m=80.0)

    said = taken(Mission(None, waypoints=(first, circled)), buffer_m=5.0)

    assert [leg.buffer_m for leg in said.question.legs] == [5.0, 85.0]
    assert said.spans == ((0, 1), (1, 1))
    assert tops(said) == [(60.0, "AGL"), (60.0, "AGL")]


def test_a_stretch_of_many_points_is_as_wide_as_the_widest_circle_in_it() -> None:
    points = [
        Waypoint(away(HERE, 0.0, 10.0 * n), f"row {n}", height(30), radius_m=40.0 if n == 7 else 0.0)
        for n in range(2 * MAX_LEGS + 2)
    ]

    said = taken(Mission(None, waypoints=tuple(points)), buffer_m=5.0)

    widths = [leg.buffer_m for leg in said.question.legs]
    assert len(widths) <= MAX_LEGS
    assert widths.count(45.0) == 1
    assert set(widths) == {5.0, 45.0}


def test_each_leg_takes_as_long_as_the_speed_at_its_start_says() -> None:
    first, second, third = waypoints(height(30), height(30), height(30))
    slower = replace(second, speed_m_s=2.0)

    said = taken(Mission(None, waypoints=(first, slower, third), speed_m_s=10.0))

    took = said.end.value - said.start.value
    assert took.total_seconds() == pytest.approx(1_000 / 10 + 1_000 / 2, abs=2)


def test_a_speed_that_the_caller_says_counts_before_those_of_the_file() -> None:
    first, second = waypoints(height(30), height(30))

    said = taken(Mission(None, waypoints=(replace(first, speed_m_s=2.0), second)), speed_m_s=20.0)

    assert (said.end.value - said.start.value).total_seconds() == pytest.approx(50, abs=1)


@pytest.mark.parametrize("speed_m_s", [0.0, -1.0, float("inf")])
def test_a_speed_that_no_flight_has_is_not_used(speed_m_s: float) -> None:
    first, second = waypoints(height(30), height(30))

    said = taken(Mission(None, waypoints=(replace(first, speed_m_s=speed_m_s), second), speed_m_s=10.0))

    assert (said.end.value - said.start.value).total_seconds() == pytest.approx(100, abs=1)

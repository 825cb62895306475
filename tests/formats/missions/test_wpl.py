"""Waypoint files: what each frame and command means, checked against pymavlink, and one broken file per defect."""

from __future__ import annotations

import math
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavwp

from tests.formats.missions.mutations import FUZZ, answers, mutated
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import wpl
from zones_api.formats.missions.doubts import MAX_LISTED
from zones_api.formats.missions.limits import MAX_POINTS

HOME = (5.12, 52.08)
AGL, AMSL, TAKEOFF = VerticalReference.AGL, VerticalReference.AMSL, VerticalReference.TAKEOFF


def row(
    frame: int = 3,
    command: int = 16,
    params: tuple[Any, ...] = (0, 0, 0, 0),
    at: tuple[float, float] = (0, 0),
    z: Any = 0,
) -> tuple[Any, ...]:
    """Return a row but for its index; the place is (lon, lat)."""
    return (0, frame, command, *params, at[1], at[0], z, 1)


def written(
    *rows: tuple[Any, ...], home: tuple[Any, ...] | None = None, gap: str = "\t", end: str = "\n"
) -> bytes:
    """Return a waypoint file; home is 12 m above the sea unless another first row is given."""
    rows = (home or row(0, 16, at=HOME, z=12), *rows)
    lines = [gap.join(map(str, (index, *values))) for index, values in enumerate(rows)]
    return (end.join(["QGC WPL 110", *lines]) + end).encode()


def flight(*rows: tuple[Any, ...], **form: Any) -> Mission:
    file = wpl.read(written(*rows, **form))
    assert len(file.missions) == 1
    return file.missions[0]


def flags(file: MissionFile) -> list[str]:
    return [doubt.detail for doubt in file.doubts if doubt.severity == "flag"]


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        wpl.read(data)
    assert caught.value.defects[0].detail == caught.value.detail
    return caught.value.detail


SQUARE = (
    row(3, 22, z=40),
    row(3, 16, (5, 0, 0, 0), (5.13, 52.08), 40),
    row(0, 16, at=(5.13, 52.09), z=80),
    row(10, 16, at=(5.12, 52.09), z=60),
    row(3, 20),
)


def test_a_file_is_recognised_by_its_first_line():
    assert wpl.recognises(written(*SQUARE))
    assert wpl.recognises(b"\xef\xbb\xbfQGC WPL 110\r\n")
    assert not wpl.recognises(b"latitude,longitude\n")


def test_the_first_row_is_home_and_its_elevation():
    mission = flight(*SQUARE)

    assert (mission.takeoff, mission.takeoff_elevation_m) == (HOME, 12.0)
    assert mission.returns


def test_every_global_frame_says_what_its_altitude_is_measured_from():
    references = {0: AMSL, 5: AMSL, 3: TAKEOFF, 6: TAKEOFF, 10: AGL, 11: AGL}

    for frame, reference in references.items():
        waypoint = flight(row(frame, at=(5.13, 52.08), z=50)).waypoints[-1]
        assert waypoint.height == Height(50.0, reference)


def test_an_altitude_in_the_frame_of_commands_has_no_reference():
    file = wpl.read(written(row(2, at=(5.13, 52.08), z=50)))

    assert (file.missions[0].waypoints[-1].height, file.missions[0].waypoints[-1].unreferenced_m) == (
        None,
        50.0,
    )
    assert any("measured from is not said" in flag for flag in flags(file))


@pytest.mark.parametrize("frame", [1, 4, 7, 8, 9, 12, 20, 21])
def test_a_frame_that_counts_metres_from_somewhere_is_refused(frame: int):
    assert f"row 1: frame {frame} counts from a point" in refusal(written(row(frame, at=(5.13, 52.08), z=50)))


@pytest.mark.parametrize("frame", [5, 6, 11])
def test_an_integer_frame_may_have_degrees_times_ten_million(frame: int):
    assert flight(row(frame, at=(51300000, 520800000), z=50)).waypoints[-1].position == (5.13, 52.08)
    assert flight(row(frame, at=(5.13, 52.08), z=50)).waypoints[-1].position == (5.13, 52.08)


def test_zero_for_both_coordinates_is_where_the_aircraft_then_is():
    mission = flight(*SQUARE, row(3, 19, (30, 0, 0, 0), z=0))

    assert mission.waypoints[0].position == HOME
    assert mission.waypoints[0].height == Height(40.0, TAKEOFF)
    loiter = flight(*SQUARE[:3], row(3, 19, (30, 0, 0, 0))).waypoints[-1]
    assert (loiter.position, loiter.height, loiter.hold_s) == ((5.13, 52.09), Height(80.0, AMSL), 30.0)


def test_without_a_home_a_take_off_here_is_nowhere_and_that_is_said():
    file = wpl.read(written(*SQUARE[:2], home=row(0, 16)))

    assert file.missions[0].takeoff is None
    assert [waypoint.source for waypoint in file.missions[0].waypoints] == ["row 2"]
    assert "The file does not say where the flight takes off." in flags(file)
    assert any(flag.startswith("row 1: it is where the aircraft then is") for flag in flags(file))


def test_a_home_at_sea_level_exactly_is_one_whose_elevation_nobody_set():
    mission = flight(*SQUARE, home=row(0, 16, at=HOME, z=0))

    assert (mission.takeoff, mission.takeoff_elevation_m) == (HOME, None)


def test_a_first_row_that_is_not_written_as_home_is_a_waypoint():
    file = wpl.read(written(row(3, at=(5.13, 52.08), z=50), home=row(0, 16, (0.15, 0, 0, 0), at=HOME, z=550)))

    assert file.missions[0].takeoff is None
    assert file.missions[0].waypoints[0].height == Height(550.0, AMSL)
    assert any("not written as home" in flag for flag in flags(file))


def test_the_way_from_home_to_the_first_waypoint_is_flown_at_its_height():
    mission = flight(row(3, at=(5.13, 52.08), z=50))

    assert [(w.position, w.height) for w in mission.waypoints] == [
        (HOME, Height(50.0, TAKEOFF)),
        ((5.13, 52.08), Height(50.0, TAKEOFF)),
    ]


def test_a_landing_is_flown_to_at_the_height_before_it():
    mission = flight(*SQUARE[:2], row(3, 21, at=(5.14, 52.08), z=0))

    assert [(w.position, w.height) for w in mission.waypoints[-2:]] == [
        ((5.14, 52.08), Height(40.0, TAKEOFF)),
        ((5.14, 52.08), Height(0.0, TAKEOFF)),
    ]


def test_a_return_with_items_after_it_flies_home_between():
    file = wpl.read(written(*SQUARE, row(3, at=(5.2, 52.1), z=70)))

    assert [w.position for w in file.missions[0].waypoints[-2:]] == [HOME, (5.2, 52.1)]
    assert any("items follow a return to launch" in flag for flag in flags(file))


def test_a_jump_back_adds_the_leg_it_flies():
    file = wpl.read(written(*SQUARE[:4], row(3, 177, (2, 3, 0, 0))))

    assert [w.source for w in file.missions[0].waypoints] == [
        "row 1", "row 2", "row 3", "row 4", "row 2", "row 3", "row 4",
    ]  # fmt: skip
    assert any("repeats a part of the flight" in flag for flag in flags(file))


def test_a_jump_to_a_tag_is_a_jump_too():
    mission = flight(SQUARE[0], row(2, 600, (7, 0, 0, 0)), SQUARE[1], SQUARE[2], row(2, 601, (7, 1, 0, 0)))

    assert [w.source for w in mission.waypoints] == ["row 1", "row 3", "row 4", "row 3", "row 4"]


def test_a_jump_over_items_says_that_they_are_not_flown():
    file = wpl.read(written(SQUARE[0], row(3, 177, (4, 1, 0, 0)), SQUARE[1], SQUARE[2]))

    assert [w.source for w in file.missions[0].waypoints] == ["row 1", "row 4"]
    assert "row 3: it is jumped over and never flown." in flags(file)


def test_a_jump_that_is_never_taken_changes_nothing():
    assert flight(*SQUARE[:4], row(3, 177, (2, 0, 0, 0))) == flight(*SQUARE[:4])


def test_a_jump_to_nowhere_is_a_doubt():
    assert any(
        "jumps to an item that is not there" in flag
        for flag in flags(wpl.read(written(*SQUARE[:4], row(3, 177, (99, 1, 0, 0)))))
    )


def test_jumps_that_never_end_are_too_large():
    with pytest.raises(InputTooLarge):
        wpl.read(written(*SQUARE[:2], *(row(3, 177, (1, -1, 0, 0)) for _ in range(2000))))


@pytest.mark.parametrize(("command", "index"), [(17, 2), (18, 2), (19, 2), (31, 1)])
def test_a_loiter_circles_with_its_radius_either_way_around(command: int, index: int):
    params = [1.0, 0.0, 0.0, 0.0]
    params[index] = -80.0

    waypoint = flight(*SQUARE[:2], row(3, command, tuple(params), (5.14, 52.08), 40)).waypoints[-1]

    assert waypoint.radius_m == 80.0


def test_turns_take_their_time_at_the_speed_that_was_set():
    mission = flight(SQUARE[0], row(2, 178, (1, 10, -1, 0)), row(3, 18, (2, 0, 50, 0), (5.13, 52.08), 40))

    assert mission.waypoints[0].speed_m_s == 10.0
    assert mission.waypoints[-1].hold_s == pytest.approx(2 * 2 * math.pi * 50 / 10)


def test_a_loiter_without_a_radius_circles_as_the_aircraft_is_set():
    file = wpl.read(written(*SQUARE[:2], row(3, 18, (2, 0, 0, 0), (5.14, 52.08), 40)))

    assert any("radius that is set in the aircraft" in flag for flag in flags(file))
    assert any("how long its turns take is not known" in flag for flag in flags(file))


def test_a_plane_may_pass_a_waypoint_at_a_distance():
    assert flight(row(3, 16, (0, 0, -25, 0), (5.13, 52.08), 40)).waypoints[-1].radius_m == 25.0


def test_a_delay_holds_the_aircraft_where_it_is():
    assert flight(*SQUARE[:2], row(2, 93, (20, 0, 0, 0))).waypoints[-1].hold_s == 25.0


def test_a_delay_until_a_time_of_day_is_a_doubt():
    file = wpl.read(written(*SQUARE[:2], row(2, 93, (-1, 14, 0, 0))))

    assert any("waits until a time of day" in flag for flag in flags(file))


def test_a_speed_holds_from_where_it_is_set():
    mission = flight(row(2, 178, (1, 8, -1, 0)), *SQUARE[:2], row(2, 178, (1, 4, -1, 0)), *SQUARE[2:4])

    assert mission.speed_m_s == 8.0
    assert [w.speed_m_s for w in mission.waypoints] == [8.0, 4.0, 4.0, 4.0]
    assert flight(row(2, 178, (2, 3, -1, 0)), *SQUARE[:2]).speed_m_s is None


def test_a_spline_may_leave_the_straight_line():
    file = wpl.read(written(*SQUARE[:2], row(3, 82, at=(5.14, 52.08), z=40)))

    assert file.missions[0].waypoints[-1].position == (5.14, 52.08)
    assert any(flag.startswith("row 3: a spline waypoint is flown in a curve") for flag in flags(file))


def test_a_change_of_height_alone_is_flown_where_the_aircraft_is():
    file = wpl.read(written(*SQUARE[:2], row(3, 30, (1, 0, 0, 0), z=110), SQUARE[2]))

    assert (file.missions[0].waypoints[2].position, file.missions[0].waypoints[2].height) == (
        (5.13, 52.08),
        Height(110.0, TAKEOFF),
    )
    assert any("changes height on the way" in flag for flag in flags(file))


def test_after_another_home_heights_above_home_are_open():
    file = wpl.read(written(SQUARE[0], row(0, 179, at=(5.2, 52.1), z=30), SQUARE[1], SQUARE[2]))

    assert [(w.height, w.unreferenced_m) for w in file.missions[0].waypoints[1:]] == [
        (None, 40.0),
        (Height(80.0, AMSL), None),
    ]


def test_a_place_that_the_camera_looks_at_is_not_flown_to():
    file = wpl.read(written(*SQUARE[:2], row(3, 195, at=(6.0, 53.0), z=0), row(3, 201, at=(6.0, 53.0))))

    assert [w.source for w in file.missions[0].waypoints] == ["row 1", "row 2"]
    assert any("the camera looks at this place" in doubt.detail for doubt in file.doubts)


def test_an_unknown_command_with_a_place_is_flown_to_and_named():
    file = wpl.read(written(*SQUARE[:2], row(3, 777, at=(5.2, 52.1), z=40)))

    assert file.missions[0].waypoints[-1].position == (5.2, 52.1)
    assert "row 3: command 777 is not known; its place is read as flown to." in flags(file)


def test_an_unknown_command_without_a_place_is_named_too():
    file = wpl.read(written(*SQUARE[:2], row(2, 777)))

    assert any(flag.startswith("row 3: command 777 is not known; what it does") for flag in flags(file))


def test_a_command_that_hands_over_control_is_a_doubt():
    assert any(
        "command 92 gives control" in flag for flag in flags(wpl.read(written(*SQUARE[:2], row(2, 92))))
    )


def test_commands_that_move_nothing_are_no_doubt():
    plain = wpl.read(written(*SQUARE[:4]))
    busy = wpl.read(
        written(SQUARE[0], *(row(2, command) for command in (206, 203, 115, 181, 2000)), *SQUARE[1:4])
    )

    assert [w.position for w in busy.missions[0].waypoints] == [
        w.position for w in plain.missions[0].waypoints
    ]
    assert busy.doubts == plain.doubts


def test_spaces_windows_line_ends_comments_and_a_byte_order_mark_change_nothing():
    plain = written(*SQUARE)
    other = b"\xef\xbb\xbf" + written(*SQUARE, gap="   ", end="\r\n").replace(
        b"\r\n1 ", b"\r\n# climb\r\n\r\n1 "
    )

    assert wpl.read(other) == wpl.read(plain)


def test_rows_out_of_order_are_read_as_they_stand_and_flagged():
    data = written(*SQUARE[:3]).replace(b"\n2\t", b"\n7\t")

    assert "The rows are not numbered 0, 1, 2 and so on; they are read in the order they stand." in flags(
        wpl.read(data)
    )


def test_doubts_without_end_are_counted_not_listed():
    file = wpl.read(written(*SQUARE[:2], *(row(2, command) for command in range(6000, 6500))))

    assert len(file.doubts) == MAX_LISTED + 1
    assert file.doubts[-1].severity == "flag"
    assert file.doubts[-1].detail.startswith("There are 30")


GOOD = written(*SQUARE).decode()
BROKEN = {
    "version": (GOOD.replace("110", "100", 1), "The first line is not QGC WPL 110"),
    "empty": ("QGC WPL 110\n", "The file has no rows of waypoints."),
    "only_home": ("\n".join(GOOD.splitlines()[:2]), "The file has no waypoint with a place."),
    "short_row": (GOOD.replace("\t80\t1", "\t80"), "line 5 has 11 values where a waypoint has 12."),
    "word": (GOOD.replace("\t80\t1", "\thigh\t1"), "line 5: altitude 'high' is not a number."),
    "longitude": (GOOD.replace("5.13\t80", "491.2\t80"), "row 3: longitude 491.2 is outside −180 to 180."),
    "latitude": (GOOD.replace("52.09\t5.13", "95.5\t100"), "row 3: latitude 95.5 is outside −90 to 90."),
    "swapped": (
        GOOD.replace("52.09\t5.13", "157.8\t21.25"),
        "row 3: latitude 157.8 is outside −90 to 90; latitude and longitude look swapped.",
    ),
    "command": (GOOD.replace("\t22\t", "\t-2\t"), "line 3: command '-2' is not a whole number of 0 to 65535."),
    "half_command": (GOOD.replace("\t22\t", "\t22.5\t"), "line 3: command '22.5' is not a whole number"),
    "infinite": (GOOD.replace("\t80\t1", "\t1e999\t1"), "line 5: altitude '1e999' is not a number."),
    "height": (GOOD.replace("\t80\t1", "\t200000\t1"), "row 3: altitude 200000 m is not a height that is flown."),
    "wait": (GOOD.replace("16\t5\t", "16\t9e9\t"), "row 2: a wait of 9e+09 s is longer than 30 days."),
}  # fmt: skip


@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_file_gets_one_sentence_that_names_the_place(defect: str):
    data, sentence = BROKEN[defect]
    assert data != GOOD

    assert refusal(data.encode()).startswith(sentence)


def test_a_file_that_is_not_utf8_is_refused():
    assert refusal(b"QGC WPL 110\n\xff\xfe") == "The text is not UTF-8: byte 12 cannot be read."


def test_a_file_of_too_many_rows_is_too_large():
    data = written(*[row(3, at=(5.13, 52.08), z=50)] * (MAX_POINTS + 1))

    with pytest.raises(InputTooLarge):
        wpl.read(data)


_coordinate = st.integers(-1790000000, 1790000000).filter(bool)
_rows = st.lists(
    st.tuples(
        st.sampled_from([0, 3, 5, 6, 10, 11]),
        st.sampled_from([16, 17, 19, 82, 22, 94]),
        st.tuples(_coordinate.map(lambda n: n / 1e7), _coordinate.map(lambda n: n / 2e7)),
        st.integers(-5000, 50000).map(lambda n: n / 10),
    ),
    min_size=1,
    max_size=12,
)


@FUZZ
@given(_rows)
def test_pymavlink_reads_the_same_places_frames_and_heights(
    rows: list[tuple[int, int, tuple[float, float], float]],
):
    data = written(*(row(frame, command, at=at, z=z) for frame, command, at, z in rows))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mission.waypoints"
        file.write_bytes(data)
        loader = mavwp.MAVWPLoader()
        assert loader.load(str(file)) == len(rows) + 1
        theirs = [loader.wp(index) for index in range(loader.count())]
    relative = {0: AMSL, 5: AMSL, 3: TAKEOFF, 6: TAKEOFF, 10: AGL, 11: AGL}

    ours = flight(*(row(frame, command, at=at, z=z) for frame, command, at, z in rows))

    assert ours.takeoff == (theirs[0].y, theirs[0].x)
    assert ours.takeoff_elevation_m == theirs[0].z
    assert [(w.position, w.height) for w in ours.waypoints if w.source != "home"] == [
        ((w.y, w.x), Height(w.z, relative[w.frame])) for w in theirs[1:] if loader.is_location_wp(w)
    ]


@FUZZ
@given(
    st.one_of(st.binary(max_size=300), mutated((GOOD.encode(), written(*SQUARE, row(3, 177, (2, -1, 0, 0))))))
)
def test_whatever_comes_in_is_read_or_refused_in_a_sentence(data: bytes):
    wpl.recognises(data)
    answers(wpl.read, data)


def test_a_refusal_names_the_row_in_its_defect():
    with pytest.raises(InvalidInput) as caught:
        wpl.read(BROKEN["longitude"][0].encode())
    assert caught.value.defects[0].pointer == "row 3"
    assert re.match(r"row 3: longitude 491\.2 is outside", caught.value.defects[0].detail)

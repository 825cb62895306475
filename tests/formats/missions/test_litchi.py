"""Litchi's CSV: units, altitude modes, spreadsheets' variants, and one broken file per defect."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.missions.mutations import FUZZ, answers, mutated
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import MissionFile, Waypoint
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import litchi, points_csv
from zones_api.formats.missions.limits import MAX_POINTS

AGL, TAKEOFF = VerticalReference.AGL, VerticalReference.TAKEOFF

NAMES = (
    "latitude,longitude,altitude(m),heading(deg),curvesize(m),rotationdir,gimbalmode,gimbalpitchangle,"
    "actiontype1,actionparam1,actiontype2,actionparam2,altitudemode,speed(m/s),poi_latitude,poi_longitude,"
    "poi_altitude(m),poi_altitudemode,photo_timeinterval,photo_distinterval"
)
ROW = "52.08,5.12,40,180,0,0,0,0,-1,0,-1,0,0,5,0,0,0,0,-1,-1"
NEXT = "52.09,5.13,60,180,0,0,0,0,-1,0,-1,0,0,5,0,0,0,0,-1,-1"


def written(*rows: str, names: str = NAMES) -> bytes:
    return ("\n".join([names, *(rows or (ROW, NEXT))]) + "\n").encode()


def waypoint(row: str, names: str = NAMES) -> Waypoint:
    return litchi.read(written(row, names=names)).missions[0].waypoints[0]


def flags(file: MissionFile) -> list[str]:
    return [doubt.detail for doubt in file.doubts if doubt.severity == "flag"]


def test_a_file_is_recognised_by_its_columns_and_is_no_table_of_points():
    assert litchi.recognises(written())
    assert litchi.recognises(written().replace(b",", b";"))
    assert not points_csv.recognises(written())
    assert not litchi.recognises(b"latitude,longitude,altitude(m)\n52,5,40\n")


def test_altitude_mode_0_is_above_take_off_and_1_above_ground():
    assert waypoint(ROW).height == Height(40.0, TAKEOFF)
    assert waypoint(ROW.replace("-1,0,0,5", "-1,0,1,5")).height == Height(40.0, AGL)


def test_the_mode_is_that_of_each_row():
    file = litchi.read(written(ROW, NEXT.replace("-1,0,0,5", "-1,0,1,5")))

    assert [w.height for w in file.missions[0].waypoints] == [Height(40.0, TAKEOFF), Height(60.0, AGL)]
    assert any(flag.startswith("row 2: altitudemode 0 is taken as Litchi flies it") for flag in flags(file))
    assert any(
        flag.startswith("row 3: altitudemode 1 is above the ground under the waypoint")
        for flag in flags(file)
    )


def test_feet_and_miles_an_hour_are_converted():
    names = NAMES.replace("altitude(m)", "altitude(ft)", 1).replace("curvesize(m)", "curvesize(ft)")
    names = names.replace("speed(m/s)", "speed(mph)")

    read = waypoint(ROW.replace(",40,180,0,", ",100,180,10,"), names)

    assert read.height == Height(pytest.approx(30.48), TAKEOFF)
    assert read.radius_m == pytest.approx(3.048)
    assert read.speed_m_s == pytest.approx(5 * 0.44704)


def test_semicolons_decimal_commas_quotes_and_a_separator_line_change_nothing():
    plain = litchi.read(written())
    semicolons = f"{NAMES}\n{ROW}\n{NEXT}".replace(",", ";").replace("52.0", "52,0").replace("5.1", "5,1")

    assert litchi.read(semicolons.encode()) == plain
    assert litchi.read(b"\xef\xbb\xbf" + semicolons.replace("\n", "\r\n").encode()) == plain
    assert litchi.read(written().replace(b"52.08", b'"52.08"')) == plain
    spreadsheet = litchi.read(b"sep=;\n" + semicolons.encode())
    assert [w.position for w in spreadsheet.missions[0].waypoints] == [(5.12, 52.08), (5.13, 52.09)]


def test_a_stay_holds_for_its_milliseconds_and_other_actions_do_not():
    assert waypoint(ROW.replace("-1,0,-1,0,0,5", "0,1500,0,2500,0,5")).hold_s == 4.0
    assert waypoint(ROW.replace("-1,0,-1,0,0,5", "1,1500,5,-90,0,5")).hold_s == 0.0


def test_a_curve_stays_within_its_size_of_the_waypoint():
    file = litchi.read(written(ROW.replace(",40,180,0,", ",40,180,12.5,")))

    assert file.missions[0].waypoints[0].radius_m == 12.5
    assert any("rounded" in doubt.detail and doubt.severity == "note" for doubt in file.doubts)


def test_what_the_file_does_not_say_is_said():
    file = litchi.read(written(ROW.replace(",0,5,0", ",0,0,0")))

    assert file.missions[0].waypoints[0].speed_m_s is None
    assert (file.missions[0].takeoff, file.missions[0].speed_m_s) == (None, None)
    assert any("does not say what the aircraft does at its end" in flag for flag in flags(file))
    assert any("cruising speed" in flag for flag in flags(file))
    assert not any("cruising speed" in flag for flag in flags(litchi.read(written())))


def test_a_file_from_before_the_modes_is_above_take_off_with_a_doubt():
    file = litchi.read(b"latitude,longitude,altitude(m),curvesize(m),gimbalmode\n52.08,5.12,40,0,0\n")

    assert file.missions[0].waypoints[0].height == Height(40.0, TAKEOFF)
    assert any("no column altitudemode" in flag for flag in flags(file))


GOOD = written().decode()
BROKEN = {
    "longitude": (GOOD.replace("5.13", "491.2"), "row 3: longitude 491.2 is outside −180 to 180."),
    "swapped": (GOOD.replace("52.09,5.13", "157.8,21.3"), "row 3: latitude 157.8 is outside −90 to 90; latitude and"),
    "word": (GOOD.replace(",60,", ",high,"), "row 3: altitude(m) 'high' is not a number."),
    "empty": (GOOD.replace(",60,", ",,"), "row 3: altitude is empty."),
    "height": (GOOD.replace(",60,", ",200000,"), "row 3: altitude 200000 m is not a height that is flown."),
    "mode": (GOOD.replace("0,5,0", "2,5,0"), "row 2: altitudemode '2' is neither 0 (above take-off) nor 1"),
    "no_mode": (GOOD.replace("0,5,0", ",5,0"), "row 2: altitudemode '' is neither 0"),
    "no_altitude": (GOOD.replace("altitude(m)", "height(m)", 1), "row 1: the column altitude is missing."),
    "unit": (GOOD.replace("altitude(m)", "altitude(yd)", 1), "row 1: altitude(yd) must be in one of m, ft, not 'yd'."),
    "speed_unit": (GOOD.replace("(m/s)", "(warp)"), "row 1: speed(warp) must be in one of m/s, km/h"),
    "speed": (GOOD.replace("0,5,0", "0,5000,0"), "row 2: speed 5000 m/s is not one that is flown."),
    "stay": (GOOD.replace("-1,0,-1,0,0,5", "0,1e13,-1,0,0,5"), "row 2: a wait of 1e+10 s is longer than 30 days."),
    "short": (GOOD.replace(",-1,-1\n", ",-1\n"), "row 2 has 19 values where the first row has 20 names."),
    "long": (GOOD.replace(",-1,-1\n", ",-1,-1,7\n"), "row 2 has 21 values where the first row has 20 names."),
    "twice": (GOOD.replace("rotationdir", "latitude"), "Two columns are called 'latitude'"),
    "no_rows": (NAMES + "\n", "The file has no rows under the names of its columns."),
    "nothing": ("", "The file has no rows under the names of its columns."),
}  # fmt: skip


@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_file_gets_one_sentence_that_names_the_row(defect: str):
    data, sentence = BROKEN[defect]
    assert data != GOOD

    with pytest.raises(InvalidInput) as caught:
        litchi.read(data.encode())

    assert caught.value.detail.startswith(sentence)
    assert caught.value.defects[0].detail == caught.value.detail


def test_a_file_of_too_many_rows_is_too_large():
    with pytest.raises(InputTooLarge):
        litchi.read(written(*[ROW] * (MAX_POINTS + 1)))


@FUZZ
@given(st.one_of(st.binary(max_size=300), mutated((GOOD.encode(), GOOD.replace(",", ";").encode()))))
def test_whatever_comes_in_is_read_or_refused_in_a_sentence(data: bytes):
    litchi.recognises(data)
    answers(litchi.read, data)


def test_the_real_file_is_read(sample_data: Path):
    file = litchi.read((sample_data / "plans" / "litchi_wp_waypoints.csv").read_bytes())

    waypoints = file.missions[0].waypoints
    assert len(waypoints) == 52
    assert {w.height for w in waypoints} == {Height(100.0, AGL)}
    assert {(w.hold_s, w.speed_m_s) for w in waypoints} == {(1.5, 15.0)}

"""Tables of points: what columns are taken to mean, several flights, times, logs, and one broken file per defect."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.missions.mutations import FUZZ, answers, mutated
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import points_csv
from zones_api.formats.missions.limits import MAX_POINTS

AGL, AMSL, WGS84, TAKEOFF = VerticalReference


def written(names: str, *rows: str) -> bytes:
    return ("\n".join([names, *rows]) + "\n").encode()


def only(data: bytes, **columns: str) -> Mission:
    file = points_csv.read(data, columns or None)
    assert len(file.missions) == 1
    return file.missions[0]


def first(names: str, row: str, **columns: str) -> Waypoint:
    return only(written(names, row), **columns).waypoints[0]


def flags(file: MissionFile) -> list[str]:
    return [doubt.detail for doubt in file.doubts if doubt.severity == "flag"]


def refusal(data: bytes, **columns: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        points_csv.read(data, columns or None)
    assert caught.value.defects[0].detail == caught.value.detail
    return caught.value.detail


@pytest.mark.parametrize(
    "names",
    ["lat,lon", "Latitude , Longitude", "y,x", "lat,lng", "lat,long", "latitude(deg),longitude(deg)", "lat_deg,lon_deg", "GPS lat,GPS lon", "OSD.latitude,OSD.longitude"],
)  # fmt: skip
def test_common_names_are_latitude_and_longitude(names: str):
    assert points_csv.recognises(written(names, "52,5"))
    assert first(names, "52.08,5.12").position == (5.12, 52.08)


@pytest.mark.parametrize("names", ["a,b", "lat,b", "home_lat,home_lon", "", "speed,x"])
def test_a_table_without_both_is_not_recognised(names: str):
    assert not points_csv.recognises(written(names, "1,2"))


@pytest.mark.parametrize(
    ("name", "reference", "value_m"),
    [
        ("alt_agl", AGL, 100.0), ("altitude_agl(m)", AGL, 100.0), ("height above ground [m]", AGL, 100.0), ("agl", AGL, 100.0),
        ("alt_amsl", AMSL, 100.0), ("altitude(msl)", AMSL, 100.0), ("AltitudeMSL", AMSL, 100.0), ("altitude (m AGL)", AGL, 100.0), ("altitude_above_seaLevel(m)", AMSL, 100.0),
        ("height_amsl", AMSL, 100.0), ("alt_wgs84", WGS84, 100.0), ("ellipsoidal height (m)", WGS84, 100.0), ("hae", WGS84, 100.0),
        ("height_takeoff", TAKEOFF, 100.0), ("rel_alt", TAKEOFF, 100.0), ("relative_altitude (m)", TAKEOFF, 100.0),
        ("alt_agl(ft)", AGL, 30.48), ("alt_agl_ft", AGL, 30.48), ("altitude_msl [feet]", AMSL, 30.48),
    ],
)  # fmt: skip
def test_a_suffix_says_what_a_height_is_measured_from(
    name: str, reference: VerticalReference, value_m: float
):
    read = first(f"lat,lon,{name}", "52,5,100")

    assert read.height == Height(pytest.approx(value_m), reference)


@pytest.mark.parametrize("name", ["alt", "altitude(m)", "height", "ele", "elevation", "z"])
def test_a_height_whose_reference_is_open_stays_without_one(name: str):
    file = points_csv.read(written(f"lat,lon,{name}", "52,5,100"))

    assert (file.missions[0].waypoints[0].height, file.missions[0].waypoints[0].unreferenced_m) == (
        None,
        100.0,
    )
    assert f"The column {name} does not say what its heights are measured from." in flags(file)


@pytest.mark.parametrize(
    "name", ["ground_elevation(m)", "max_altitude(m)", "takeoff_altitude(m)", "home_height", "height_sonar(m)", "altitude_error", "geoid height"]
)  # fmt: skip
def test_a_height_of_something_else_is_not_that_of_the_aircraft(name: str):
    file = points_csv.read(written(f"lat,lon,{name}", "52,5,100"))

    assert (file.missions[0].waypoints[0].height, file.missions[0].waypoints[0].unreferenced_m) == (
        None,
        None,
    )
    assert "The file has no column of heights." in flags(file)


def test_a_height_without_a_unit_is_metres_with_a_doubt():
    assert any(
        "does not say its unit" in flag for flag in flags(points_csv.read(written("lat,lon,agl", "52,5,100")))
    )
    assert not any("unit" in flag for flag in flags(points_csv.read(written("lat,lon,agl(m)", "52,5,100"))))


def test_of_several_heights_one_above_sea_level_is_read_and_the_next_where_it_is_empty():
    file = points_csv.read(written("lat,lon,agl(m),amsl(m)", "52,5,30,42", "52.1,5,31,", "52.2,5,,"))

    assert [w.height for w in file.missions[0].waypoints] == [Height(42.0, AMSL), Height(31.0, AGL), None]
    assert any("amsl(m) is read; agl(m) only where it is empty" in doubt.detail for doubt in file.doubts)
    assert "row 4: it has no height." in flags(file)


def test_the_caller_maps_what_names_do_not_tell():
    read = first(
        "a,b,c,d,alt(m)", "52,5,100,2026-06-12T10:00:00Z,7", lat="a", lon="B", height_agl="c", time="d"
    )

    assert (read.position, read.height) == ((5.0, 52.0), Height(100.0, AGL))
    assert read.at == datetime(2026, 6, 12, 10, tzinfo=UTC)


def test_a_mapped_column_goes_before_what_its_name_tells():
    assert first("lat,lon,alt,height", "52,5,100,7", height_takeoff="alt").height == Height(100.0, TAKEOFF)
    assert first("lat,lon,x,y", "1,2,5,52", lon="x", lat="y").position == (5.0, 52.0)


def test_flights_are_told_apart_by_their_column():
    file = points_csv.read(written("flight,lat,lon", "a,52,5", "b,53,6", "a,52.1,5", "b,53.1,6"))

    assert [(m.name, [w.source for w in m.waypoints]) for m in file.missions] == [
        ("a", ["row 2", "row 4"]),
        ("b", ["row 3", "row 5"]),
    ]


def test_numbers_of_rows_are_no_flights_so_that_no_leg_is_lost():
    file = points_csv.read(written("id,lat,lon", "1,52,5", "2,52.1,5", "3,52.2,5"))

    assert [len(m.waypoints) for m in file.missions] == [3]
    assert any(flag.startswith("Every row has another flight") for flag in flags(file))


@pytest.mark.parametrize(
    "written_time",
    ["2026-06-12T16:35:08Z", "2026-06-12 18:35:08+02:00", "2026-06-12T18:35:08.000 +0200", "20260612T163508Z", "2026-06-12t16:35:08z", '"2026-06-12T16:35:08,0Z"'],
)  # fmt: skip
def test_a_time_with_an_offset_is_an_instant(written_time: str):
    mission = only(written("lat,lon,time", f"52,5,{written_time}"))

    assert mission.waypoints[0].at == datetime(2026, 6, 12, 16, 35, 8, tzinfo=UTC)
    assert (mission.starts_at, mission.ends_at) == (mission.waypoints[0].at, mission.waypoints[0].at)


def test_a_column_that_says_utc_needs_no_offset():
    assert first("lat,lon,datetime(utc)", "52,5,2026-06-12 16:35:08").at == datetime(
        2026, 6, 12, 16, 35, 8, tzinfo=UTC
    )


def test_a_time_without_an_offset_is_not_known():
    file = points_csv.read(written("lat,lon,time", "52,5,2026-06-12T16:35:08"))

    assert (file.missions[0].waypoints[0].at, file.missions[0].starts_at) == (None, None)
    assert any(flag.startswith("row 2: time has no offset from UTC") for flag in flags(file))


def test_times_that_do_not_rise_are_a_doubt():
    file = points_csv.read(written("lat,lon,time", "52,5,2026-06-12T16:35:08Z", "52,6,2026-06-12T16:35:07Z"))

    assert any("do not rise from row to row" in flag for flag in flags(file))


def test_semicolons_tabs_and_decimal_commas_are_read():
    assert first("lat;lon;agl(m)", "52,08;5,12;40,5") == first("lat,lon,agl(m)", "52.08,5.12,40.5")
    assert first("lat\tlon\tagl(m)", "52.08\t5.12\t40.5") == first("lat,lon,agl(m)", "52.08,5.12,40.5")


AIRDATA = written(
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),"
    "height_above_ground_at_drone_location(feet),ground_elevation_at_drone_location(feet),altitude_above_seaLevel(feet),"
    "height_sonar(feet),speed(mph),max_altitude(feet), xSpeed(mph)",
    "0,2026-06-12 16:35:08,0,0,0,0,0,0,,0,0,0",
    "100,2026-06-12 16:35:08,52.08,5.12,0,0,40,40,,0,0,0",
    "200,2026-06-12 16:35:09,52.081,5.12,100,90,50,140,,10,100,2",
)


def test_a_log_of_airdata_is_read_above_its_take_off():
    file = points_csv.read(AIRDATA)

    mission = file.missions[0]
    assert file.format == "AirData log"
    assert [w.height for w in mission.waypoints] == [
        Height(0.0, TAKEOFF),
        Height(pytest.approx(30.48), TAKEOFF),
    ]
    assert (mission.takeoff, mission.takeoff_elevation_m) == ((5.12, 52.08), pytest.approx(40 * 0.3048))
    assert mission.ends_at == datetime(2026, 6, 12, 16, 35, 9, tzinfo=UTC)


def test_rows_of_a_log_without_a_position_are_passed_over_and_flagged():
    file = points_csv.read(AIRDATA)

    assert [w.source for w in file.missions[0].waypoints] == ["row 3", "row 4"]
    assert any(flag.startswith("row 2: there is no position") for flag in flags(file))


GOOD = written(
    "lat,lon,alt_amsl(m),time", "52.08,5.12,40,2026-06-12T16:35:08Z", "52.09,5.13,60,2026-06-12T16:36:08Z"
).decode()
BROKEN = {
    "longitude": (GOOD.replace("5.13", "491.2"), "row 3: longitude 491.2 is outside −180 to 180."),
    "latitude": (GOOD.replace("52.09,5.13", "95,100"), "row 3: latitude 95 is outside −90 to 90."),
    "swapped": (GOOD.replace("52.09,5.13", "157.8,21.3"), "row 3: latitude 157.8 is outside −90 to 90; latitude and longitude look swapped."),
    "empty": (GOOD.replace("52.09,5.13", ",5.13"), "row 3: latitude is empty."),
    "degrees": (GOOD.replace("52.09,", "52.09N,"), "row 3: lat '52.09N' is not a number."),
    "nan": (GOOD.replace("52.09,", "nan,"), "row 3: lat 'nan' is not a number."),
    "height": (GOOD.replace(",60,", ",6e7,"), "row 3: altitude 6e+07 m is not a height that is flown."),
    "no_longitude": (GOOD.replace("lon,", "east,"), "row 1: no column is the longitude; say which with lon=NAME."),
    "two_latitudes": (GOOD.replace("alt_amsl(m)", "latitude"), "row 1: the columns 'lat' and 'latitude' could both be lat; say which with lat=NAME."),
    "two_heights": (GOOD.replace("lat,lon,alt_amsl(m),time", "lat,lon,alt,height"), "row 1: the columns 'alt' and 'height' could both be height"),
    "two_meanings": (GOOD.replace("alt_amsl(m)", "alt_msl_agl"), "row 1: the column 'alt_msl_agl' could be height_agl or height_amsl"),
    "unit": (GOOD.replace("(m)", "(yd)"), "row 1: the unit of 'alt_amsl(yd)' is neither metres nor feet."),
    "radians": (GOOD.replace("lat,", "lat(rad),"), "row 1: the unit of 'lat(rad)' is not degrees."),
    "digits": (GOOD.replace("2026-06-12T16:36:08Z", "1781282108"), "row 3: time 1781282108 may be seconds or milliseconds"),
    "no_date": (GOOD.replace("2026-06-12T16:36:08Z", "16:36:08"), "row 3: time '16:36:08' is not a date and time"),
    "no_time": (GOOD.replace("2026-06-12T16:36:08Z", "2026-06-12"), "row 3: time '2026-06-12' is not a date and time"),
    "month": (GOOD.replace("2026-06-12T16:36", "2026-13-12T16:36"), "row 3: time '2026-13-12T16:36:08Z' is not a date and time"),
    "first_year": (GOOD.replace("2026-06-12T16:36:08Z", "0001-01-01T00:00:00+14:00"), "row 3: time '0001-01-01T00:00:00+14:00' is not a date"),
    "short": (GOOD.replace("52.09,5.13,60", "52.09,60"), "row 3 has 3 values where the first row has 4 names."),
    "no_rows": (GOOD.splitlines()[0], "The file has no rows under the names of its columns."),
    "nul": (GOOD.replace("5.13", "5\0"), "row 3: lon '5\\x00' is not a number."),
    "long_cell": (GOOD.replace("5.13", "5" * 200_000), "Line 3 cannot be split into columns"),
}  # fmt: skip


@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_file_gets_one_sentence_that_names_the_place(defect: str):
    data, sentence = BROKEN[defect]
    assert data != GOOD

    assert refusal(data.encode()).startswith(sentence)


def test_a_mapping_that_does_not_fit_is_refused():
    data = GOOD.encode()

    assert refusal(data, speed="alt").startswith(
        "A column is mapped to 'speed', which is none of lon, lat, height_amsl"
    )
    assert refusal(data, lat="north") == "The column 'north', mapped to lat, is not in the file."
    assert refusal(data, lat="lat", lon="lat").startswith(
        "The column mapped to lat is mapped to another field too."
    )


def test_a_log_without_any_position_is_refused():
    assert refusal(b"\n".join(AIRDATA.splitlines()[:2])) == "The file has no row with a position."


def test_a_text_that_is_not_utf8_is_refused():
    assert (
        refusal("lat,lon,höhe\n52,5,1\n".encode("latin-1")) == "The text is not UTF-8: byte 9 cannot be read."
    )


def test_too_many_rows_or_columns_are_too_large():
    with pytest.raises(InputTooLarge):
        points_csv.read(written("lat,lon", *["52,5"] * (MAX_POINTS + 1)))
    with pytest.raises(InputTooLarge):
        points_csv.read(written("lat,lon" + ",a" * 500, "52,5"))


@FUZZ
@given(st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda text: ("lat,lon,alt,time\n" + text).encode()), mutated((GOOD.encode(), AIRDATA, GOOD.replace(",", ";").encode()))))  # fmt: skip
def test_whatever_comes_in_is_read_or_refused_in_a_sentence(data: bytes):
    points_csv.recognises(data)
    answers(points_csv.read, data)

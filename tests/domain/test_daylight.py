"""Sun events against an almanac, and where the sun does not rise or set."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import asin, cos, degrees, radians, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skyfield import almanac
from skyfield.api import Loader, wgs84
from skyfield_data import get_skyfield_data_path

from zones_api.domain.applicability import Window, timeline
from zones_api.domain.daylight import DAY_S, margin_s, mean_midnight_s, sine_of_altitude, sun_event
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import meets
from zones_api.domain.zone import ClockTime, DailyPeriod, DaylightEvent, TimePeriod, Weekday

BMCT, SR, SS, EECT = DaylightEvent
AMSTERDAM, TROMSO, MALTA = (4.9, 52.37), (18.95, 69.65), (14.5, 35.9)
ALTITUDES = {BMCT: -6.0, SR: -0.833, SS: -0.833, EECT: -6.0}
DAYS_OF_2026 = range(20_454, 20_819)
JUNE, DECEMBER = DAYS_OF_2026[171], DAYS_OF_2026[354]


def at(point):
    return (*point, *point)


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def when(start, end, days=frozenset(Weekday)):
    return (TimePeriod(schedule=(DailyPeriod(days, start, end),)),)


def clock(hour: int) -> ClockTime:
    return ClockTime(f"{hour:02}:00Z", hour * 3600.0, timedelta(0))


@pytest.fixture(scope="module")
def ephemeris():
    """Return where the bodies are, from 1900 to 2050, and a time scale."""
    with warnings.catch_warnings():
        # The package's Earth orientation file is old; the built-in time scale is used instead.
        warnings.filterwarnings("ignore", message="The file .* has expired", category=RuntimeWarning)
        load = Loader(get_skyfield_data_path(), verbose=False, expire=False)
    bodies, scale = load("de421.bsp"), load.timescale(builtin=True)
    yield bodies, scale
    bodies.close()


@pytest.fixture(scope="module")
def almanac_of_2026(ephemeris):
    """Return a function that finds every event of 2026 at a place, in seconds since 1970."""
    bodies, scale = ephemeris
    year = scale.utc(2026, 1, 1), scale.utc(2027, 1, 1)

    def events(event, point):
        lon, lat = point
        observer = bodies["earth"] + wgs84.latlon(lat, lon)
        find = almanac.find_risings if event in {BMCT, SR} else almanac.find_settings
        times, crosses = find(observer, bodies["sun"], *year, horizon_degrees=ALTITUDES[event])
        return [found.timestamp() for found, real in zip(times.utc_datetime(), crosses, strict=True) if real]

    return events


@pytest.mark.parametrize("event", DaylightEvent)
@pytest.mark.parametrize("point", [AMSTERDAM, TROMSO, MALTA])
def test_every_event_of_a_year_lies_within_the_margin_of_the_almanac(almanac_of_2026, event, point):
    lon, lat = point
    horizon = ALTITUDES[event]

    theirs = almanac_of_2026(event, point)
    ours = [sun_event(event, day, lon, lat) for day in DAYS_OF_2026]

    crossings = [
        found.at_s
        for found in ours
        if abs(degrees(asin(sine_of_altitude(found.at_s, lon, lat))) - horizon) < 0.003
    ]
    assert len(theirs) > 240
    for mine in crossings[1:-1]:
        assert min(abs(mine - other) for other in theirs) <= margin_s(lat)
    for other in theirs:
        assert min(abs(mine.at_s - other) for mine in ours) <= min(margin_s(lat), 30)


@pytest.mark.parametrize("point", [AMSTERDAM, TROMSO, MALTA])
@pytest.mark.parametrize(("start", "end"), [(SR, SS), (SS, SR), (BMCT, EECT), (EECT, BMCT)])
def test_what_counts_as_active_covers_what_the_almanac_says(almanac_of_2026, point, start, end):
    asked = Window(utc(2026, 1, 1), utc(2027, 1, 1))

    found = timeline(when(start, end), asked, at(point))

    starts, ends = almanac_of_2026(start, point), almanac_of_2026(end, point)
    moments = sorted([(when, True) for when in starts] + [(when, False) for when in ends])
    for (opens, is_start), (closes, is_end) in pairwise(moments):
        if is_start and not is_end:
            span = datetime.fromtimestamp(opens, UTC), datetime.fromtimestamp(closes, UTC)
            assert any(a <= span[0] and span[1] <= b for a, b in found.certain)


@settings(max_examples=1000)
@given(
    day=st.integers(-200_000, 200_000),
    lon=st.floats(-180, 180),
    lat=st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, -89.999, -66.0, 66.0, 89.999, 90.0])),
)
def test_the_events_of_a_day_keep_their_order_and_their_day(day, lon, lat):
    found = [sun_event(event, day, lon, lat) for event in (BMCT, SR, SS, EECT)]

    # Near a pole dawn may fall after the noon to which polar night shrinks the day.
    moments = [each.at_s for each in found if each.exists or abs(lat) < 88.0]
    assert moments == sorted(moments)
    if not moments:
        return
    assert mean_midnight_s(day, lon) - 3600 < moments[0]
    assert moments[-1] < mean_midnight_s(day + 1, lon) + 3600


def test_in_polar_day_the_sun_rises_at_the_true_midnight_and_sets_at_the_next():
    rises, sets = (sun_event(event, JUNE, *TROMSO) for event in (SR, SS))
    next_rises = sun_event(SR, JUNE + 1, *TROMSO)

    assert rises.exists
    assert sets.at_s == next_rises.at_s
    assert sets.at_s - rises.at_s == pytest.approx(DAY_S, abs=60)
    assert rises.at_s == pytest.approx(mean_midnight_s(JUNE, TROMSO[0]), abs=1000)


def test_in_polar_night_the_day_shrinks_to_noon_but_twilight_stays():
    rises, sets, dawn, dusk = (sun_event(event, DECEMBER, *TROMSO) for event in (SR, SS, BMCT, EECT))

    assert not rises.exists
    assert not sets.exists
    assert rises.at_s == sets.at_s
    assert rises.at_s == pytest.approx(mean_midnight_s(DECEMBER, TROMSO[0]) + DAY_S / 2, abs=1000)
    assert dawn.exists
    assert dusk.exists
    assert dawn.at_s < rises.at_s < dusk.at_s


def test_events_change_steadily_into_polar_night():
    lengths = [
        sun_event(SS, day, *TROMSO).at_s - sun_event(SR, day, *TROMSO).at_s for day in DAYS_OF_2026[310:345]
    ]

    assert all(after <= before for before, after in pairwise(lengths))
    assert lengths[-1] == 0.0
    assert max(before - after for before, after in pairwise(lengths)) < 3600


def test_in_polar_day_a_day_zone_is_in_force_without_a_break():
    asked = Window(utc(2026, 6, 10), utc(2026, 6, 20))

    found = timeline(when(SR, SS), asked, at(TROMSO))

    assert found.certain == found.possible == ((asked.start, asked.end),)


def test_in_polar_night_there_is_no_day_and_the_night_is_all_of_it():
    asked = Window(utc(2026, 12, 10), utc(2026, 12, 20))

    day, night = (timeline(when(*ends), asked, at(TROMSO)) for ends in ((SR, SS), (SS, SR)))

    assert day.certain == day.possible == ()
    assert night.certain == night.possible == ((asked.start, asked.end),)


@pytest.mark.parametrize("lat", [-90.0, 90.0])
def test_at_the_poles_the_sun_is_up_for_half_a_year(lat):
    summer = Window(utc(2026, 6, 10), utc(2026, 6, 20))
    winter = Window(utc(2026, 12, 10), utc(2026, 12, 20))
    light, dark = (summer, winter) if lat > 0 else (winter, summer)

    by_day = [timeline(when(SR, SS), asked, at((0.0, lat))).certain for asked in (light, dark)]

    assert by_day == [((light.start, light.end),), ()]


@pytest.mark.parametrize("lat", [-90.0, 90.0])
@pytest.mark.parametrize(
    "ends", [(SR, SS), (SS, SR), (SR, clock(12)), (clock(12), SS), (None, SS), (SR, None)]
)
def test_a_year_at_the_poles_crashes_nothing(lat, ends):
    asked = Window(utc(2026, 1, 1), utc(2027, 1, 15))

    found = timeline(when(*ends), asked, at((180.0, lat)))

    assert found.possible


def test_a_clock_time_to_a_sunset_that_is_not_there_is_unknown_for_a_day():
    asked = Window(utc(2026, 12, 10), utc(2026, 12, 13))
    friday = frozenset({Weekday.FRI})

    found = timeline(when(clock(9), SS, friday), asked, at(TROMSO))

    assert found.certain == ()
    assert found.possible == ((utc(2026, 12, 11, 9), utc(2026, 12, 12, 9)),)
    assert found.reasons == {Reason.DAYLIGHT_UNDEFINED}


def test_a_sunrise_that_is_not_there_to_a_clock_time_is_unknown():
    asked = Window(utc(2026, 12, 10), utc(2026, 12, 14))

    found = timeline(when(SR, clock(12), frozenset({Weekday.FRI})), asked, at(TROMSO))

    assert found.certain == ()
    assert meets(found.possible, (utc(2026, 12, 11, 11), utc(2026, 12, 11, 11)))
    assert not meets(found.possible, (utc(2026, 12, 13), utc(2026, 12, 13)))
    assert found.reasons == {Reason.DAYLIGHT_UNDEFINED}


def test_in_polar_day_a_clock_time_to_sunset_ends_at_midnight():
    asked = Window(utc(2026, 6, 19, 6), utc(2026, 6, 20, 6))

    found = timeline(when(clock(9), SS, frozenset({Weekday.FRI})), asked, at(TROMSO))

    midnight = datetime.fromtimestamp(sun_event(SS, DAYS_OF_2026[169], *TROMSO).at_s, UTC)
    assert found.reasons == frozenset()
    assert found.certain[0][0] == utc(2026, 6, 19, 9)
    assert abs(found.certain[0][1] - midnight) <= timedelta(minutes=5, seconds=1)


@pytest.mark.parametrize(("lat", "minutes"), [(65.0, 2), (65.01, 5)])
def test_within_the_margin_of_an_event_the_zone_counts_as_active(lat, minutes):
    rises = datetime.fromtimestamp(sun_event(SR, DAYS_OF_2026[80], 5.0, lat).at_s, UTC)
    sets = datetime.fromtimestamp(sun_event(SS, DAYS_OF_2026[80], 5.0, lat).at_s, UTC)
    margin, second = timedelta(minutes=minutes), timedelta(seconds=1)

    def active(moment):
        return bool(timeline(when(SR, SS), Window(moment, moment), (5.0, lat, 5.0, lat)).certain)

    assert active(rises - margin + second)
    assert not active(rises - margin - second)
    assert active(sets + margin - second)
    assert not active(sets + margin + second)


def test_the_margin_of_an_event_is_two_minutes_and_beyond_65_degrees_on_either_side_five():
    assert [margin_s(lat) for lat in (-65.0, 0.0, 52.37, 65.0)] == [120] * 4
    assert [margin_s(lat) for lat in (-90.0, -65.01, 65.01, 90.0)] == [300] * 4


@pytest.mark.parametrize(
    ("lon", "noon"), [(179.0, utc(2026, 3, 22, 0, 4)), (-179.0, utc(2026, 3, 22, 23, 56))]
)
def test_a_day_near_the_date_line_is_that_of_its_own_solar_date(lon, noon):
    sunday = frozenset({Weekday.SUN})
    asked = Window(utc(2026, 3, 20), utc(2026, 3, 26))

    found = timeline(when(SR, SS, sunday), asked, (lon, 0.0, lon, 0.0))

    (span,) = found.certain
    middle = span[0] + (span[1] - span[0]) / 2
    assert abs(middle - noon) < timedelta(minutes=10)


def test_a_box_across_the_date_line_has_the_days_of_both_sides():
    sunday = frozenset({Weekday.SUN})
    asked = Window(utc(2026, 3, 20), utc(2026, 3, 26))

    both = timeline(when(SR, SS, sunday), asked, (179.0, 0.0, 181.0, 1.0)).certain

    assert len(both) == 2
    for lon in (179.0, -179.0):
        (span,) = timeline(when(SR, SS, sunday), asked, (lon, 0.0, lon, 0.0)).certain
        assert any(a <= span[0] and span[1] <= b for a, b in both)


@pytest.mark.parametrize(
    "box",
    [
        (-180.0, -90.0, 180.0, 90.0),
        (-540.0, 80.0, 540.0, 90.0),
        (170.0, -10.0, 400.0, 10.0),
        (180.0, 0.0, 180.0, 0.0),
    ],
)
@pytest.mark.parametrize(
    "ends", [(SR, SS), (SS, SR), (clock(9), SS), (EECT, clock(9)), (None, SR), (SS, None)]
)
def test_no_box_is_too_wide(box, ends):
    asked = Window(utc(2026, 3, 20), utc(2026, 3, 26))

    assert timeline(when(*ends), asked, box).certain


@settings(max_examples=1000)
@given(
    ends=st.sampled_from(
        [(SR, SS), (SS, SR), (BMCT, EECT), (EECT, BMCT), (clock(3), SR), (SS, clock(3)), (None, SR)]
    ),
    day=st.sampled_from(DAYS_OF_2026),
    south=st.floats(-64, 62),
    sizes=st.tuples(*[st.floats(0, 2)] * 4),
    west=st.floats(-175, 170),
)
def test_a_wider_box_never_shortens_what_is_certain(ends, day, south, sizes, west):
    start = datetime.fromtimestamp(day * DAY_S, UTC)
    asked = Window(start, start + timedelta(days=2))
    inner = (west, south, west + sizes[0], south + sizes[1] / 2)
    outer = (west - sizes[2], south, west + sizes[0] + sizes[3], south + 2.0)

    narrow, wide = (timeline(when(*ends), asked, box).certain for box in (inner, outer))

    for a, b in narrow:
        # An inner latitude may see an event some seconds earlier or later than both edges do.
        slack = min(timedelta(seconds=2), (b - a) / 2)
        assert any(x <= a + slack and b - slack <= y for x, y in wide)


# The sun itself


def altitude_deg(at_s: float, lon: float, lat: float) -> float:
    """Return the altitude of the sun's centre, as from the centre of the Earth."""
    return degrees(asin(sine_of_altitude(at_s, lon, lat)))


def cosine_of_hour_angle(at_s: float, lon: float) -> float:
    return sine_of_altitude(at_s, lon, 0.0) / cos(radians(altitude_deg(at_s, lon, 90.0)))


@pytest.mark.parametrize("year", [1900, 1950, 2000, 2026, 2050])
def test_the_sun_is_within_a_hundredth_of_a_degree_of_the_almanac(ephemeris, year):
    bodies, scale = ephemeris
    days = round((year - 1970) * 365.2425) + np.arange(0.0, 365.0, 7.03)
    at = scale.ut1_jd(days + 2_440_587.5)
    ascension, declination, _ = bodies["earth"].at(at).observe(bodies["sun"]).apparent().radec("date")

    for lon, lat in ((0.0, 90.0), (-100.0, 0.0), (60.0, 0.0), (4.9, 52.4), (150.0, -35.0)):
        theirs = np.sin(np.radians(lat)) * np.sin(declination.radians) + np.cos(np.radians(lat)) * np.cos(
            declination.radians
        ) * np.cos(np.radians(at.gast * 15.0 + lon) - ascension.radians)
        ours = [altitude_deg(day * DAY_S, lon, lat) for day in days]
        assert np.abs(ours - np.degrees(np.arcsin(theirs))).max() < 0.01


def test_the_sun_is_where_the_worked_example_of_the_book_has_it():
    # Example 25.a: 1992 October 13, 0h of dynamical time, 69.2 s before that hour of UTC by our reckoning.
    at_s = 8_321 * DAY_S - 69.2
    declination_deg, ascension_deg = -7.78507, 198.38083
    longitude_deg, aberration_deg, nutation_deg, node_deg = 201.80720, -0.00569, 0.00476, 264.65
    obliquity_deg = 23.44023 + 0.00256 * np.cos(np.radians(node_deg))

    equation_deg = (
        longitude_deg + aberration_deg + nutation_deg * np.cos(np.radians(obliquity_deg)) - ascension_deg
    )
    on_the_horizon = 90.0 + 69.2 / 240.0 - equation_deg
    assert altitude_deg(at_s, 0.0, 90.0) == pytest.approx(declination_deg, abs=0.00002)
    assert altitude_deg(at_s, on_the_horizon, 0.0) == pytest.approx(0.0, abs=0.00002)


@pytest.mark.parametrize("event", DaylightEvent)
@pytest.mark.parametrize("lat", [-77.0, -52.0, 0.0, 52.37, 64.0, 66.5, 69.65, 80.0])
def test_an_event_is_when_the_sun_seen_from_the_place_stands_at_its_altitude(event, lat):
    # The sun near the horizon stands 8.794 seconds of arc lower than from the centre of the Earth.
    wanted = ALTITUDES[event] + 8.794 / 3600
    lon = 4.9

    crossings = 0
    for day in DAYS_OF_2026:
        at_s, exists = sun_event(event, day, lon, lat)
        start, middle = mean_midnight_s(day, lon), mean_midnight_s(day, lon) + DAY_S / 2
        found = altitude_deg(at_s, lon, lat)
        if not exists:
            assert abs(at_s - middle) < 1_000
            assert found < wanted
        elif min(abs(at_s - start), abs(at_s - start - DAY_S)) < 1_000 and found >= wanted:
            continue  # polar day
        elif abs(at_s - middle) < 1_000 and found <= wanted:
            assert found > wanted - 0.006  # grazing
        else:
            crossings += 1
            assert found == pytest.approx(wanted, abs=0.0001)
            assert (altitude_deg(at_s + 60, lon, lat) > found) == (event in {BMCT, SR})
    assert crossings > 60


@pytest.mark.parametrize("day", [DAYS_OF_2026[n] for n in (0, 40, 130, 200, 305, 354)])
@pytest.mark.parametrize("lat", [-89.0, 89.0])
def test_noon_and_midnight_are_those_of_the_true_sun(day, lat):
    # In polar night an event falls on noon, in polar day on midnight.
    lon = 100.0
    at_s = sun_event(SR, day, lon, lat).at_s

    # Ten minutes to either side of it the sun is as far from the meridian.
    before, after = (cosine_of_hour_angle(at_s + aside, lon) for aside in (-600.0, 600.0))
    assert before == pytest.approx(after, abs=3e-6)
    assert (before > 0) == (abs(at_s - mean_midnight_s(day, lon) - DAY_S / 2) < 1_100)


@pytest.mark.parametrize("event", [BMCT, SR, SS, EECT])
@pytest.mark.parametrize(("below_deg", "exists"), [(-0.001, True), (0.004, True), (0.006, False)])
def test_a_sun_that_misses_an_altitude_by_less_than_can_be_told_reaches_it(event, below_deg, exists):
    lon = 0.0
    noon = sun_event(SR, DECEMBER, lon, 89.0).at_s
    highest_deg = ALTITUDES[event] + 8.794 / 3600 - below_deg

    lat = 90.0 + altitude_deg(noon, lon, 90.0) - highest_deg

    assert altitude_deg(noon, lon, lat) == pytest.approx(highest_deg, abs=1e-4)
    assert sun_event(event, DECEMBER, lon, lat).exists is exists
    assert sun_event(event, DECEMBER, lon, lat).at_s == pytest.approx(noon, abs=1_500)


@pytest.mark.parametrize("lat", [-78.0, -66.7, 52.37, 66.2, 69.65, 80.0])
@pytest.mark.parametrize(("rise", "set_"), [(SR, SS), (BMCT, EECT)])
def test_no_light_or_darkness_of_a_year_is_missed_where_the_sun_sets_twice_or_never(lat, rise, set_):
    lon = 18.95
    asked = Window(utc(2026, 1, 1), utc(2027, 1, 1))
    threshold = sin(radians(ALTITUDES[rise] + 8.794 / 3600))
    moments = np.arange(asked.start.timestamp(), asked.end.timestamp(), 600.0)
    light = np.array([sine_of_altitude(at_s, lon, lat) for at_s in moments.tolist()]) > threshold

    def active(*ends):
        spans = timeline(when(*ends), asked, at((lon, lat))).certain
        starts, stops = (np.array([span[end].timestamp() for span in spans]) for end in (0, 1))
        number = np.searchsorted(starts, moments, side="right") - 1
        return (number >= 0) & (moments <= stops[number])

    assert active(rise, set_)[light].all()
    assert active(set_, rise)[~light].all()


@pytest.mark.parametrize("lon", [-170.0, 0.0, 4.9, 100.0])
@pytest.mark.parametrize("lat", [-90.0, -89.99, -89.95, -89.9, -89.5, 89.5, 89.8, 89.9, 89.95, 89.99, 90.0])
@pytest.mark.parametrize(("start", "end", "horizon_deg"), [(SR, SS, -0.833), (BMCT, EECT, -6.0)])
@pytest.mark.parametrize("season", [utc(2026, 3, 4), utc(2026, 9, 8)])
def test_near_a_pole_a_zone_by_day_or_night_is_in_force_while_the_sun_says_so(
    lon, lat, start, end, horizon_deg, season
):
    asked = Window(season, season + timedelta(days=33))

    by_day, by_night = (timeline(when(*ends), asked, at((lon, lat))) for ends in ((start, end), (end, start)))

    for hours in range(1, 33 * 24):
        moment = season + timedelta(hours=hours)
        above_deg = degrees(asin(sine_of_altitude(moment.timestamp(), lon, lat))) - horizon_deg
        # A dip of the sun that has its lowest just after midnight is not seen: it is less than refraction varies.
        if above_deg > 0.03:
            assert meets(by_day.certain, (moment, moment))
        elif above_deg < -0.03:
            assert meets(by_night.certain, (moment, moment))

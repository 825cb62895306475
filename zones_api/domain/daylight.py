"""When the sun rises, sets and lights the sky at a place, polar day and polar night included.

Times are seconds since the start of 1970, UTC. A day is a mean solar date at the place (UTC + lon/15), counted
in days since 1970-01-01; its noon and the midnights at its ends are those of the true sun.

Source: J. Meeus, Astronomical Algorithms, 2nd ed., chapters 22, 25 (low accuracy) and 28. The sun is within
0.01 degrees; away from the poles an event is within seconds.
"""

from __future__ import annotations

from functools import lru_cache
from math import asin, atan2, cos, degrees, fmod, radians, sin
from typing import NamedTuple

from zones_api.domain.zone import DaylightEvent

DAY_S = 86_400
_J2000_S = 946_728_000
_CENTURY_S = 36_525 * DAY_S
_TT_MINUS_UTC_S = 69.2
"""Of the years around 2026; the sun moves this far in under 0.001 degrees."""
_PARALLAX_DEG = 8.794 / 3600
"""The sun on the horizon stands this much lower than it does from the centre of the Earth."""
_GRAZING_DEG = 0.005
"""A sun this close to an altitude at noon counts as reaching it: nearer than that it cannot be told."""
_CLOSE_S = 0.01
_POLAR_DEG = 89.0
"""Nearer to a pole the sun's way between the hemispheres may outdo its way through the day."""

_ALTITUDE_DEG = {
    DaylightEvent.BMCT: -6.0,
    DaylightEvent.SR: -0.833,
    DaylightEvent.SS: -0.833,
    DaylightEvent.EECT: -6.0,
}
"""Of the sun's centre, without refraction: its mean on the horizon and the sun's radius are in the -0.833."""
_SINE = {event: sin(radians(deg + _PARALLAX_DEG)) for event, deg in _ALTITUDE_DEG.items()}
_GRAZING_SINE = {
    event: sin(radians(deg + _PARALLAX_DEG - _GRAZING_DEG)) for event, deg in _ALTITUDE_DEG.items()
}
_RISING = frozenset({DaylightEvent.BMCT, DaylightEvent.SR})


class SunEvent(NamedTuple):
    """An event of one day. `exists` is False in polar night, when `at_s` is the noon that it shrinks to."""

    at_s: float
    exists: bool


def margin_s(lat_deg: float) -> int:
    """Return how long before and after an event its moment is not relied on, in seconds."""
    return 120 if abs(lat_deg) <= 65.0 else 300


def mean_midnight_s(day: int, lon_deg: float) -> float:
    """Return when a mean solar date begins at a longitude."""
    return day * DAY_S - lon_deg * 240.0


@lru_cache(maxsize=100_000)
def sun_event(event: DaylightEvent, day: int, lon_deg: float, lat_deg: float) -> SunEvent:
    """Return when an event of a day takes place: the sun rises first and sets last within it.

    BMCT <= SR <= noon <= SS <= EECT, but for the days around an equinox near a pole, where the sun crosses an
    altitude on its way between the hemispheres and not with the hour. In polar day, while the sun stays above
    the event's altitude, it rises at the true midnight that begins the day and sets at the one that ends it. In
    polar night both fall on true noon and the event does not exist.
    """
    sine, rises = _SINE[event], event in _RISING
    noon = _transit_s(mean_midnight_s(day, lon_deg) + DAY_S / 2)
    midnights = _transit_s(mean_midnight_s(day, lon_deg)), _transit_s(mean_midnight_s(day + 1, lon_deg))
    # From the event's midnight to the other one.
    moments = _moments(midnights[0], noon, midnights[1], lat_deg)[:: 1 if rises else -1]
    before_s = None
    for at_s in moments:
        if sine_of_altitude(at_s, lon_deg, lat_deg) >= sine:
            if before_s is None:
                return SunEvent(at_s, exists=True)
            return SunEvent(_crossing_s(before_s, at_s, sine, lon_deg, lat_deg), exists=True)
        before_s = at_s
    return SunEvent(noon, exists=sine_of_altitude(noon, lon_deg, lat_deg) >= _GRAZING_SINE[event])


def _moments(midnight: float, noon: float, next_midnight: float, lat_deg: float) -> list[float]:
    """Return moments of a day between any two of which the sun only climbs or only sinks, for all that matters."""
    if abs(lat_deg) < _POLAR_DEG:
        return [midnight, noon, next_midnight]
    morning, evening = (noon - midnight) / 12, (next_midnight - noon) / 12
    return [
        *(midnight + hour * morning for hour in range(12)),
        *(noon + hour * evening for hour in range(12)),
        next_midnight,
    ]


def sine_of_altitude(at_s: float, lon_deg: float, lat_deg: float) -> float:
    """Return the sine of the altitude of the sun's centre, as from the centre of the Earth."""
    declination, equation_deg = _sun(at_s)
    hour_angle = radians(fmod(at_s, DAY_S) / 240.0 + lon_deg + equation_deg - 180.0)
    lat = radians(lat_deg)
    return sin(lat) * sin(declination) + cos(lat) * cos(declination) * cos(hour_angle)


def _transit_s(mean_s: float) -> float:
    """Return the true noon or midnight that belongs to a mean one."""
    at_s = mean_s - _sun(mean_s)[1] * 240.0
    return mean_s - _sun(at_s)[1] * 240.0


def _crossing_s(below_s: float, above_s: float, sine: float, lon_deg: float, lat_deg: float) -> float:
    """Return when the sun crosses an altitude, between a moment when it is below and one when it is above it.

    False position (Illinois): the weight of an end that stays is halved, so both ends close in.
    """
    low = sine_of_altitude(below_s, lon_deg, lat_deg) - sine
    high = sine_of_altitude(above_s, lon_deg, lat_deg) - sine
    at_s, kept = above_s, 0
    for _ in range(60):
        before_s, at_s = at_s, below_s + (above_s - below_s) * low / (low - high)
        if abs(at_s - before_s) < _CLOSE_S:
            break
        here = sine_of_altitude(at_s, lon_deg, lat_deg) - sine
        if here < 0:
            below_s, low, high, kept = at_s, here, high / 2 if kept < 0 else high, -1
        else:
            above_s, high, low, kept = at_s, here, low / 2 if kept > 0 else low, 1
    return at_s


def _sun(at_s: float) -> tuple[float, float]:
    """Return the sun's apparent declination in radians and the equation of time in degrees."""
    t = (at_s + _TT_MINUS_UTC_S - _J2000_S) / _CENTURY_S
    mean_longitude = 280.46646 + t * (36_000.76983 + t * 0.0003032)
    anomaly = radians(fmod(357.52911 + t * (35_999.05029 - t * 0.0001537), 360.0))
    node = radians(fmod(125.04 - 1_934.136 * t, 360.0))
    centre = (
        (1.914602 - t * (0.004817 + t * 0.000014)) * sin(anomaly)
        + (0.019993 - t * 0.000101) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    nutation = -0.00478 * sin(node)
    aberration = -0.00569
    longitude = radians(fmod(mean_longitude + centre + aberration + nutation, 360.0))
    obliquity = radians(23.439291 - t * 0.0130042 + 0.00256 * cos(node))
    right_ascension = degrees(atan2(cos(obliquity) * sin(longitude), cos(longitude)))
    equation = mean_longitude + aberration - right_ascension + nutation * cos(obliquity)
    return asin(sin(obliquity) * sin(longitude)), (equation + 180.0) % 360.0 - 180.0

"""Where the globe is awkward to measure: the date line, and near the poles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.builders import agl, asked, here, period, polygon, window, zone
from zones_api.domain.flight import flight
from zones_api.domain.geometry import GEOD, Polygon, footprint
from zones_api.domain.overlap import area, meets, path, point
from zones_api.domain.truth import NO
from zones_api.domain.zone import DailyPeriod, DaylightEvent, Weekday

BY_DAY = (period(schedule=(DailyPeriod(frozenset(Weekday), DaylightEvent.SR, DaylightEvent.SS),)),)


@pytest.mark.parametrize("mirrored", [1.0, -1.0])
def test_a_zone_that_seems_closest_over_fifty_kilometres_away_is_met_where_it_is_near(
    mirrored: float,
) -> None:
    end = (5.0, 89.8 * mirrored)
    corners = ((25.0, 85.0), (40.0, 85.0), (40.0, 89.8), (26.0, 89.8))
    zone_ = footprint(polygon(*((lon, lat * mirrored) for lon, lat in corners)))
    corridor = polygon(end, (5.0, 85.4 * mirrored), (4.0, 85.4 * mirrored))

    assert GEOD.inv(*end, 26.0, 89.8 * mirrored)[2] < 10_000.0
    assert meets(point(*end, 10_000.0), zone_) != NO
    assert meets(path(((5.0, 85.4 * mirrored), end), 10_000.0), zone_) != NO
    assert meets(path((end, (5.0, 85.4 * mirrored)), 10_000.0), zone_) != NO
    assert meets(area(corridor, 10_000.0), zone_) != NO


@pytest.mark.parametrize("mirrored", [1.0, -1.0])
def test_a_zone_across_a_pole_is_met_though_another_part_of_it_seems_closer(mirrored: float) -> None:
    end = (5.0, 89.96 * mirrored)
    corners = ((60.0, 88.9), (62.0, 88.9), (62.0, 89.0), (-174.0, 89.96), (-176.0, 89.96))
    zone_ = footprint(polygon(*((lon % 360.0, lat * mirrored) for lon, lat in corners)))

    assert GEOD.inv(*end, -175.0, 89.96 * mirrored)[2] < 9_000.0
    assert meets(point(*end, 9_500.0), zone_) != NO
    assert meets(path((end, (5.0, 88.96 * mirrored)), 9_500.0), zone_) != NO


def test_a_flight_across_the_date_line_meets_a_day_zone_when_a_place_on_it_does() -> None:
    pacific = Polygon(
        tuple((float(lon), 0.0) for lon in range(165, 201, 5))
        + tuple((float(lon), 1.0) for lon in range(200, 164, -5))
        + ((165.0, 0.0),)
    )
    by_day = zone(pacific, applicability=BY_DAY)
    legs = (
        (178.0, 0.5),
        (179.0, 0.5),
        (-179.0, 0.5),
        (-175.0, 0.5),
        (-171.0, 0.5),
        (-167.0, 0.5),
        (-163.0, 0.5),
    )

    for hour in range(24):
        at = window(datetime(2026, 3, 20, hour, 30, tzinfo=UTC))
        on_the_way = [bool(asked(here(place, agl(50), at), by_day).findings) for place in legs]
        flown = bool(asked(flight(legs, agl(50), at), by_day).findings)
        assert flown >= max(on_the_way)


# tests/domain/test_daylight.py

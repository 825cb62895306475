"""The ground along a way, for a picture: from start to end, within a limit, and unknown where it is unknown."""

from __future__ import annotations

import pytest

from tests.builders import HERE, away
from zones_api.domain.altitude import Interval
from zones_api.domain.geometry import circle_outline
from zones_api.domain.overlap import Place, path, point
from zones_api.domain.relief import MOST, relief

EAST = tuple(away(HERE, 90.0, metres) for metres in (0.0, 3_000.0, 4_000.0))


def slope(place: Place) -> Interval | None:
    """Ground that rises with the longitude, and is not known far east."""
    lon = place.geometry.x
    return None if lon > away(HERE, 90.0, 3_500.0)[0] else Interval(lon, lon + 1.0)


def test_places_lie_evenly_from_the_start_of_a_leg_to_its_end() -> None:
    first, second = relief([path(EAST[:2]), path(EAST[1:])], slope)

    assert first[0].distance_m == 0.0
    assert first[-1].distance_m == pytest.approx(3_000.0, abs=0.01)
    assert second[-1].distance_m == pytest.approx(1_000.0, abs=0.01)
    assert len(first) == pytest.approx(3 * len(second), abs=2)
    assert first[-1].elevation_m == second[0].elevation_m
    assert first[0].elevation_m == Interval(HERE[0], HERE[0] + 1.0)
    assert second[-1].elevation_m is None


def test_a_point_and_an_area_have_no_way_and_many_legs_are_not_looked_up() -> None:
    around = Place(circle_outline(HERE, 500.0))
    many = [path((HERE, away(HERE, 90.0, 10.0)))] * 61
    asked: list[Place] = []

    assert relief([point(*HERE), around], slope) == ((), ())
    assert set(relief(many, lambda place: asked.append(place) or None)) == {()}  # type: ignore[func-returns-value]
    assert asked == []


def test_each_place_is_looked_up_once_and_not_many_of_them() -> None:
    asked: list[tuple[float, float]] = []

    def level(place: Place) -> Interval:
        asked.append((place.geometry.x, place.geometry.y))
        return Interval(0.0, 0.0)

    relief(
        [path((away(HERE, 0.0, leg * 100.0), away(HERE, 0.0, (leg + 1) * 100.0))) for leg in range(60)],
        level,
    )

    assert 60 < len(asked) <= MOST + 61
    assert len(set(asked)) == len(asked)

"""What is taken for the ground and the geoid at a place: a model where it answers, else what is declared, else the world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.geometry import Bounds
from zones_api.domain.overlap import Place, path, point
from zones_api.domain.territory import GroundBounds, Territories
from zones_api.formats.territories import read_territories

WEST = GroundBounds((4.0, 52.0, 5.0, 53.0), Surroundings(Interval(-10.0, 20.0), Interval(40.0, 44.0)))
EAST = GroundBounds((5.0, 52.0, 6.0, 53.0), Surroundings(Interval(0.0, 300.0), Interval(43.0, 47.0)))
GEODATA = Path(__file__).parents[2] / "geodata"


def silent(_: Place | Bounds) -> None:
    """A model that knows nothing of this place."""


def test_without_models_the_boxes_that_a_place_touches_are_joined() -> None:
    territories = Territories(ground=(WEST, EAST))

    assert territories.surroundings_of(point(4.5, 52.5)) == WEST.surroundings
    assert territories.surroundings_of(path(((4.5, 52.5), (5.5, 52.5)))) == Surroundings(
        Interval(-10.0, 300.0), Interval(40.0, 47.0)
    )


def test_a_buffer_touches_a_box_as_well() -> None:
    territories = Territories(ground=(WEST, EAST))

    near = territories.surroundings_of(point(4.999, 52.5, 100.0))

    assert near.ground_m == Interval(-10.0, 300.0)


def test_a_place_that_leaves_the_boxes_takes_the_bounds_of_the_world() -> None:
    territories = Territories(ground=(WEST, EAST))

    assert territories.surroundings_of(point(4.5, 52.999, 1_000.0)) == Surroundings()
    assert Territories().surroundings_of(point(4.5, 52.5)) == Surroundings()


def test_each_model_answers_for_its_own_and_what_is_declared_for_the_other() -> None:
    place = point(4.5, 52.5, 50.0)
    ground, undulation = Interval(3.0, 4.0), Interval(42.0, 43.0)
    by_terrain = Territories(
        ground=(WEST,), geoid=silent, terrain=lambda asked: ground if asked == place else None
    )
    by_geoid = Territories(ground=(WEST,), geoid=lambda asked: undulation if asked == place.bounds else None)
    by_both = Territories(geoid=by_geoid.geoid, terrain=by_terrain.terrain)

    assert by_terrain.surroundings_of(place) == Surroundings(
        ground, WEST.surroundings.undulation_m, surveyed=True
    )
    assert by_geoid.surroundings_of(place) == Surroundings(WEST.surroundings.ground_m, undulation)
    assert by_both.surroundings_of(place) == Surroundings(ground, undulation, surveyed=True)


def test_models_that_do_not_know_the_place_leave_what_is_declared() -> None:
    territories = Territories(ground=(WEST,), geoid=silent, terrain=silent)

    assert territories.surroundings_of(point(4.5, 52.5)) == WEST.surroundings
    assert territories.surroundings_of(point(14.5, 36.0)) == Surroundings()


@pytest.mark.parametrize(
    ("name", "lon", "lat", "ground_m"),
    [
        ("Signaal Imbosch", 5.96, 52.05, 110.0),
        ("Zuidplaspolder", 4.63, 51.98, -6.76),
        ("Vaalserberg", 6.0209, 50.7546, 322.7),
    ],
)
def test_what_ships_allows_for_the_dutch_extremes_and_sets_southern_limburg_apart(
    territories: Territories, name: str, lon: float, lat: float, ground_m: float
) -> None:
    found = territories.surroundings_of(point(lon, lat))

    assert found.ground_m.low < ground_m < found.ground_m.high
    assert (found.ground_m.high > 200.0) == (name == "Vaalserberg")


def test_what_ships_knows_the_undulation_to_a_metre_or_so_and_in_malta_nothing_of_the_ground(
    territories: Territories,
) -> None:
    schiphol = territories.surroundings_of(point(4.7639, 52.3086))
    malta = territories.surroundings_of(point(14.5, 35.9))

    assert schiphol.undulation_m.low < 43.04 < schiphol.undulation_m.high
    assert schiphol.undulation_m.high - schiphol.undulation_m.low < 2.5
    assert malta.undulation_m.low < 36.95 < malta.undulation_m.high
    assert malta.ground_m == Surroundings().ground_m


def test_a_declared_undulation_in_the_netherlands_allows_for_all_of_the_grid(
    territories: Territories,
) -> None:
    assert territories.geoid is not None
    for declared in territories.ground:
        grid = territories.geoid(declared.box)

        # The grid is widened by 1.152 m and the table by 1 m, but of whole cells.
        assert grid is not None
        assert declared.surroundings.undulation_m.low <= grid.low + 0.152
        assert grid.high - 0.152 <= declared.surroundings.undulation_m.high


def test_a_terrain_model_that_is_named_answers_where_it_lies_and_the_table_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "terrain.tif"
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=100,
        height=100,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(0.001, 0.0, 4.7, 0.0, -0.001, 52.4),
    ) as raster:
        raster.write(np.full((1, 100, 100), -4.0, dtype=np.float32))

    territories = read_territories(GEODATA, file, 0.5)

    assert territories.surroundings_of(point(4.75, 52.35)).ground_m == Interval(-4.5, -3.5)
    assert territories.surroundings_of(point(4.75, 52.2)).ground_m == Interval(-10.0, 120.0)
    assert read_territories(GEODATA, file).surroundings_of(point(4.75, 52.35)).ground_m == Interval(
        -14.0, 6.0
    )

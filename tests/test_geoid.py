"""The geoid grid: the known undulations, the bounds over a box, and that a wrong file stops the start."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from zones_api.errors import GeodataUnusable
from zones_api.formats.geoid import BILINEAR_ERROR_M, EAST, NORTH, SOUTH, STEP, WEST, Geoid
from zones_api.formats.territories import read_territories

GEODATA = Path(__file__).parents[1] / "geodata"
GRID = GEODATA / "geoid" / "egm96-15-europe.gtx"
GEOID = Geoid(GRID)
HEADER = struct.Struct(">ddddii")
NODES: NDArray[np.float32] = np.frombuffer(GRID.read_bytes(), ">f4", offset=HEADER.size).reshape(181, 313)

lons = st.floats(WEST, EAST)
lats = st.floats(SOUTH, NORTH)


def at(lon: float, lat: float) -> float:
    """Return the undulation of a single place, without the margin."""
    found = GEOID.undulation((lon, lat, lon, lat))
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * BILINEAR_ERROR_M)
    return (found.low + found.high) / 2


def by_hand(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the undulations of places interpolated between the bytes of the file, without PROJ."""
    x, y = (lon - WEST) / STEP, (lat - SOUTH) / STEP
    i, j = np.minimum(x.astype(int), 311), np.minimum(y.astype(int), 179)
    u, v = x - i, y - j
    low = NODES[j, i] * (1 - u) + NODES[j, i + 1] * u
    high = NODES[j + 1, i] * (1 - u) + NODES[j + 1, i + 1] * u
    return np.asarray(low * (1 - v) + high * v)


@pytest.mark.parametrize(
    ("name", "lon", "lat", "undulation_m"),
    [
        ("Schiphol", 4.7639, 52.3086, 43.037),
        ("Malta", 14.5, 35.9, 36.955),
        ("Tromsø", 18.95, 69.65, 31.129),
    ],
)
def test_the_undulation_is_that_of_egm96(name: str, lon: float, lat: float, undulation_m: float) -> None:
    assert at(lon, lat) == pytest.approx(undulation_m, abs=0.001)


def test_fifty_metres_above_the_ellipsoid_at_schiphol_are_seven_above_mean_sea_level() -> None:
    assert 50.0 - at(4.7639, 52.3086) == pytest.approx(6.96, abs=0.01)


@pytest.mark.parametrize(
    ("lon", "lat", "undulation_m"),
    [(-0.0005, 38.625473, 50.066), (-30.0, 60.0, 63.7979), (0.0, 51.4779, 45.8962)],
)
def test_undulations_of_the_full_model_lie_within_the_bounds(
    lon: float, lat: float, undulation_m: float
) -> None:
    found = GEOID.undulation((lon, lat, lon, lat))

    assert found is not None
    assert found.low < undulation_m < found.high


def test_the_grid_is_cut_out_of_the_whole_one_as_it_is() -> None:
    whole = Path("/usr/share/proj/egm96_15.gtx")
    if not whole.is_file():
        pytest.skip("the whole grid is compared where the package proj-data is installed")
    nodes = np.frombuffer(whole.read_bytes(), ">f4", offset=HEADER.size).reshape(721, 1440)

    part = nodes[(27 + 90) * 4 : (72 + 90) * 4 + 1, (-32 + 180) * 4 : (46 + 180) * 4 + 1]

    assert np.array_equal(part, NODES)


@settings(max_examples=200, deadline=None)
@given(lons, lats, st.floats(0, 3), st.floats(0, 3))
def test_no_place_in_a_box_has_an_undulation_beyond_its_bounds_and_some_place_reaches_them(
    west: float, south: float, width: float, height: float
) -> None:
    east, north = min(EAST, west + width), min(NORTH, south + height)

    found = GEOID.undulation((west, south, east, north))

    # Grid lines are looked at as well: that is where the extremes are.
    x = np.unique(np.clip([*np.linspace(west, east, 40), *np.arange(WEST, EAST, STEP)], west, east))
    y = np.unique(np.clip([*np.linspace(south, north, 40), *np.arange(SOUTH, NORTH, STEP)], south, north))
    there = by_hand(*(axis.ravel() for axis in np.meshgrid(x, y)))
    assert found is not None
    assert found.low == pytest.approx(there.min() - BILINEAR_ERROR_M, abs=1e-6)
    assert found.high == pytest.approx(there.max() + BILINEAR_ERROR_M, abs=1e-6)


def test_a_box_that_reaches_the_last_nodes_is_inside_and_one_beyond_is_not_known() -> None:
    assert GEOID.undulation((WEST, SOUTH, EAST, NORTH)) is not None
    for outside in (
        (WEST - 1e-9, 50.0, 5.0, 51.0),
        (40.0, 50.0, EAST + 1e-9, 51.0),
        (5.0, SOUTH - 1e-9, 6.0, 30.0),
        (5.0, 70.0, 6.0, NORTH + 1e-9),
        (-75.0, 40.0, -74.0, 41.0),
        (-540.0, 50.0, 540.0, 51.0),
        (float("nan"), 50.0, 5.0, 51.0),
    ):
        assert GEOID.undulation(outside) is None


@pytest.mark.parametrize("turn", [-720.0, -360.0, 360.0])
def test_a_longitude_may_be_written_with_full_turns(turn: float) -> None:
    assert GEOID.undulation((4.0 + turn, 52.0, 5.0 + turn, 53.0)) == GEOID.undulation((4.0, 52.0, 5.0, 53.0))


def test_threads_that_ask_at_the_same_time_get_the_same_answers() -> None:
    boxes = [(lon, 50.0, lon + 0.7, 50.4) for lon in np.linspace(-30, 40, 200)]
    expected = [GEOID.undulation(box) for box in boxes]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(GEOID.undulation, boxes * 10))

    assert answers == expected * 10


# --- a wrong file


def zeroed(content: bytes) -> bytes:
    return content[: HEADER.size] + bytes(len(content) - HEADER.size)


def partly_zeroed(content: bytes) -> bytes:
    return content[:-400] + bytes(400)


def shifted(content: bytes) -> bytes:
    """Every node one step too far to the west, as if pixels were meant."""
    nodes = np.roll(NODES, -1, axis=1)
    return content[: HEADER.size] + nodes.tobytes()


def moved(content: bytes) -> bytes:
    south, west, *rest = HEADER.unpack_from(content)
    return HEADER.pack(south, west + 0.125, *rest) + content[HEADER.size :]


def not_numbers(content: bytes) -> bytes:
    return content[: HEADER.size] + NODES.astype(">f4").tobytes()[:-4] + struct.pack(">f", float("nan"))


def upside_down(content: bytes) -> bytes:
    return content[: HEADER.size] + NODES[::-1].tobytes()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (zeroed, "not those known of EGM96"),
        (partly_zeroed, "some of its undulations are not those of EGM96"),
        (shifted, "not those known of EGM96"),
        (upside_down, "not those known of EGM96"),
        (moved, "not of the size and place"),
        (not_numbers, "some of its undulations|PROJ cannot read it"),
        (lambda content: content[:-4], "not of the size and place"),
        (lambda content: content[:100_000], "not of the size and place"),
        (lambda _: b"", "not of the size and place"),
        (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "not of the size and place"),
    ],
)
def test_a_grid_that_is_not_the_one_we_know_stops_the_start(
    tmp_path: Path, change: Callable[[bytes], bytes], why: str
) -> None:
    geodata = shutil.copytree(GEODATA, tmp_path / "geodata")
    grid = geodata / "geoid" / GRID.name
    grid.write_bytes(change(GRID.read_bytes()))

    with pytest.raises(GeodataUnusable, match=why) as failure:
        read_territories(geodata)

    assert str(grid) in failure.value.detail


def test_a_grid_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    geodata = shutil.copytree(GEODATA, tmp_path / "geodata")
    (geodata / "geoid" / GRID.name).unlink()

    with pytest.raises(GeodataUnusable, match="cannot be read"):
        read_territories(geodata)


def test_the_grid_may_lie_in_a_folder_with_spaces_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a folder +proj=x"
    folder.mkdir()
    shutil.copy(GRID, folder)

    elsewhere = Geoid(folder / GRID.name)

    assert elsewhere.undulation((4.0, 52.0, 5.0, 53.0)) == GEOID.undulation((4.0, 52.0, 5.0, 53.0))


@pytest.mark.parametrize("name", ["a,b", 'a"b', "@a"])
def test_a_folder_whose_name_proj_misreads_gives_an_error_or_the_right_height_and_no_other(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    shutil.copy(GRID, folder)

    try:
        found = Geoid(folder / GRID.name).undulation((4.0, 52.0, 5.0, 53.0))
    except GeodataUnusable:
        return

    assert found == GEOID.undulation((4.0, 52.0, 5.0, 53.0))

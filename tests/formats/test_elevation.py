"""Terrain models of our own making: what a place's elevation is, when it is not known, and which files are refused."""

from __future__ import annotations

import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import Affine

from zones_api.domain.altitude import Interval
from zones_api.domain.geometry import GEOD, LonLat, Polygon
from zones_api.domain.overlap import Place, area, path, point
from zones_api.errors import GeodataUnusable
from zones_api.formats import elevation
from zones_api.formats.elevation import Terrain

Heights = NDArray[Any]

RD_ORIGIN = (120_000.0, 480_000.0)  # the upper left corner of the rasters in EPSG:28992, metres
RD_MIDDLE = (4.9, 52.3)  # about 1.5 km and 1.5 km in from there
TO_RD = Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True)
FROM_RD = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)


def from_origin(west: float, north: float, width: float, height: float) -> Affine:
    """Return the way from columns and rows to a reference system for cells of a size."""
    return Affine(width, 0.0, west, 0.0, -height, north)


def write(
    file: Path,
    heights: Heights,
    crs: str | None = "EPSG:28992",
    transform: Affine | None = None,
    driver: str = "GTiff",
    **options: Any,
) -> Path:
    bands = heights if heights.ndim == 3 else heights[None]
    stated = {"driver": driver, "count": len(bands), "dtype": heights.dtype, "crs": crs, **options}
    transform = transform or from_origin(*RD_ORIGIN, 5.0, 5.0)
    with rasterio.open(
        file, "w", width=bands.shape[2], height=bands.shape[1], transform=transform, **stated
    ) as raster:
        raster.write(bands)
    return file


def rough(rows: int = 600, columns: int = 600) -> Heights:
    """Heights without any order, so that every cell that is forgotten or added shows."""
    return np.random.default_rng(8318).uniform(-5, 300, (rows, columns)).astype(np.float32)


def rd(column: float, row: float) -> LonLat:
    """Return where a place counted in cells of 5 m lies, (lon, lat)."""
    lon, lat = FROM_RD.transform(RD_ORIGIN[0] + 5.0 * column, RD_ORIGIN[1] - 5.0 * row)
    return lon, lat


def bilinear(heights: Heights, columns: Heights, rows: Heights) -> Heights:
    """Return heights interpolated between the middles of cells at places counted in cells."""
    x, y = columns - 0.5, rows - 0.5
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    u, v = x - i, y - j
    low = heights[j, i] * (1 - u) + heights[j, i + 1] * u
    high = heights[j + 1, i] * (1 - u) + heights[j + 1, i + 1] * u
    return np.asarray(low * (1 - v) + high * v)


def around(lon: float, lat: float, radius_m: float) -> tuple[Heights, Heights]:
    """Return places in and on a circle, longitudes and latitudes."""
    azimuths, distances = (
        part.ravel()
        for part in np.meshgrid(np.linspace(0, 360, 37), radius_m * np.sqrt(np.linspace(0, 1, 9)))
    )
    size = azimuths.size
    lons, lats, _ = GEOD.fwd(np.full(size, lon), np.full(size, lat), azimuths, distances)
    return lons, lats


def cells_of(lons: Heights, lats: Heights) -> tuple[Heights, Heights]:
    x, y = TO_RD.transform(lons, lats)
    return (np.asarray(x) - RD_ORIGIN[0]) / 5.0, (RD_ORIGIN[1] - np.asarray(y)) / 5.0


@pytest.fixture(scope="module")
def rough_terrain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Terrain, Heights]:
    heights = rough()
    file = write(tmp_path_factory.mktemp("terrain") / "rough.tif", heights, nodata=-9999.0)
    return Terrain(file, 0.0), heights


# --- which cells count


def test_a_point_takes_the_cells_around_it_and_none_far_from_it(tmp_path: Path) -> None:
    heights = np.zeros((100, 100), dtype=np.float32)
    heights[49:52, 49:52] = [[11, 12, 13], [14, 15, 16], [17, 18, 19]]
    heights[40, 50] = heights[50, 60] = 900
    terrain = Terrain(write(tmp_path / "step.tif", heights), 0.0)

    found = terrain.elevation(point(*rd(50.5, 50.5)))

    assert found == Interval(11.0, 19.0)


def test_a_margin_widens_on_both_sides(tmp_path: Path) -> None:
    terrain = Terrain(write(tmp_path / "flat.tif", np.full((50, 50), 7, dtype=np.int16)), 2.5)

    assert terrain.elevation(point(*rd(25, 25))) == Interval(4.5, 9.5)


@settings(max_examples=150, deadline=None)
@given(st.floats(150, 450), st.floats(150, 450), st.floats(0, 600))
def test_no_place_in_a_buffer_is_lower_or_higher_and_no_cell_far_off_counts(
    rough_terrain: tuple[Terrain, Heights], column: float, row: float, buffer_m: float
) -> None:
    terrain, heights = rough_terrain
    lon, lat = rd(column, row)

    found = terrain.elevation(point(lon, lat, buffer_m))

    there = bilinear(heights, *cells_of(*around(lon, lat, buffer_m)))
    assert found is not None
    assert found.low <= there.min() + 1e-6
    assert there.max() - 1e-6 <= found.high
    rows, columns = np.ogrid[0:600, 0:600]
    apart = np.hypot(columns + 0.5 - column, rows + 0.5 - row)
    # A cell counts if its middle is within a cell of the buffer, corners included; 2 % and 5 m are to spare.
    surely = heights[apart <= buffer_m / 5.0]
    perhaps = heights[apart <= buffer_m * 1.02 / 5.0 + math.sqrt(2) + 1.0]
    assert perhaps.min() <= found.low
    assert found.high <= perhaps.max()
    assert surely.size == 0 or (found.low <= surely.min() and surely.max() <= found.high)


@settings(max_examples=60, deadline=None)
@given(st.floats(60, 540), st.floats(60, 540), st.floats(60, 540), st.floats(60, 540), st.floats(0, 100))
def test_a_leg_counts_all_along_with_its_buffer(
    rough_terrain: tuple[Terrain, Heights], a: float, b: float, c: float, d: float, buffer_m: float
) -> None:
    terrain, heights = rough_terrain
    start, end = rd(a, b), rd(c, d)

    found = terrain.elevation(path((start, end), buffer_m))

    azimuth, _, length = GEOD.inv(*start, *end)
    steps = np.linspace(0.0, length, 300)
    lons, lats, _ = GEOD.fwd(np.full(300, start[0]), np.full(300, start[1]), np.full(300, azimuth), steps)
    aside = [
        GEOD.fwd(lons, lats, np.full(300, azimuth + turn), np.full(300, buffer_m))[:2] for turn in (90, -90)
    ]
    there = [bilinear(heights, *cells_of(*places)) for places in ((lons, lats), *aside)]
    assert found is not None
    assert found.low <= np.min(there) + 0.5
    assert np.max(there) - 0.5 <= found.high


def test_a_diagonal_leg_does_not_take_the_whole_box_around_it(tmp_path: Path) -> None:
    heights = np.zeros((600, 600), dtype=np.float32)
    heights[100:200, 400:500] = 800
    terrain = Terrain(write(tmp_path / "corner.tif", heights), 0.0)

    assert terrain.elevation(path((rd(40, 40), rd(560, 560)), 100.0)) == Interval(0.0, 0.0)
    assert terrain.elevation(path((rd(40, 40), rd(450, 150)), 0.0)) == Interval(0.0, 800.0)


def test_cells_two_metres_off_count_as_well_as_positions_are_no_better_known(tmp_path: Path) -> None:
    heights = np.zeros((100, 100), dtype=np.float32)
    heights[50, 54], heights[50, 60] = 40, 900
    transform = from_origin(*RD_ORIGIN, 0.5, 0.5)
    terrain = Terrain(write(tmp_path / "fine.tif", heights, transform=transform), 0.0)

    assert terrain.elevation(point(*rd(5.05, 5.05))) == Interval(0.0, 40.0)


def test_a_long_edge_straight_in_degrees_is_followed_where_it_bends_in_metres(tmp_path: Path) -> None:
    to_crs, cell_m = Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True), 50.0
    west, south = to_crs.transform(5.0, 51.9)
    transform = from_origin(west - 5_000.0, south + 30_000.0, cell_m, cell_m)
    on_the_edge = np.array([~transform @ to_crs.transform(lon, 52.0) for lon in np.linspace(5.0, 6.0, 2_000)])
    heights = np.zeros((1_000, 1_700), dtype=np.float32)
    column, row = np.floor(on_the_edge[1_000]).astype(int)
    heights[row, column] = 77
    terrain = Terrain(write(tmp_path / "edge.tif", heights, "EPSG:3035", transform), 0.0)
    above, below = (
        area(Polygon(((5.0, edge), (6.0, edge), (6.0, end), (5.0, end), (5.0, edge))))
        for edge, end in ((52.0, 52.05), (51.998, 51.95))
    )

    assert terrain.elevation(above) == Interval(0.0, 77.0)
    assert terrain.elevation(below) == Interval(0.0, 0.0)


def test_an_area_takes_what_is_inside_and_leaves_out_its_hole(tmp_path: Path) -> None:
    heights = np.zeros((600, 600), dtype=np.float32)
    heights[300, 300], heights[150, 150] = 500, 70
    terrain = Terrain(write(tmp_path / "hole.tif", heights), 0.0)
    shell = tuple(rd(*corner) for corner in ((100, 100), (500, 100), (500, 500), (100, 500), (100, 100)))
    hole = tuple(rd(*corner) for corner in ((250, 250), (350, 250), (350, 350), (250, 350), (250, 250)))

    assert terrain.elevation(area(Polygon(shell))) == Interval(0.0, 500.0)
    assert terrain.elevation(area(Polygon(shell, (hole,)))) == Interval(0.0, 70.0)
    assert terrain.elevation(area(Polygon(shell, (hole,)), 260.0)) == Interval(0.0, 500.0)


@pytest.mark.parametrize("lat", [35.0, 52.0, 69.0])
def test_in_degrees_a_buffer_reaches_as_many_metres_east_as_north(tmp_path: Path, lat: float) -> None:
    step = 1 / 3600
    heights = np.zeros((400, 400), dtype=np.float32)
    transform = from_origin(5.0 - 200 * step, lat + 200 * step, step, step)
    cells = {}
    for azimuth in (0.0, 90.0, 180.0, 270.0, 33.0):
        lon_there, lat_there, _ = GEOD.fwd(5.0, lat, azimuth, 1_000.0)
        column, row = ~transform @ (lon_there, lat_there)
        cells[azimuth] = (math.floor(row), math.floor(column))
    for number, cell in enumerate(cells.values(), start=1):
        heights[cell] = 100 + number
    terrain = Terrain(write(tmp_path / "degrees.tif", heights, "EPSG:4326", transform), 0.0)

    for azimuth, cell in cells.items():
        centre = GEOD.fwd(5.0, lat, azimuth + 180.0, 0.0)[:2]
        alone = np.zeros_like(heights)
        alone[cell] = 100
        one = Terrain(write(tmp_path / f"{azimuth}.tif", alone, "EPSG:4326", transform), 0.0)
        assert one.elevation(point(*centre, 1_000.0)) == Interval(0.0, 100.0)
        assert one.elevation(point(*centre, 900.0)) == Interval(0.0, 0.0)
    assert terrain.elevation(point(5.0, lat, 1_000.0)) == Interval(0.0, 105.0)


@pytest.mark.parametrize("crs", ["EPSG:28992", "EPSG:25831", "EPSG:3035", "EPSG:4258", "EPSG:3857"])
def test_a_ramp_is_read_in_any_reference_system(tmp_path: Path, crs: str) -> None:
    to_crs = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = to_crs.transform(*RD_MIDDLE)
    step = 0.0002 if crs == "EPSG:4258" else 20.0
    transform = from_origin(x - 300 * step, y + 300 * step, step, step)
    ramp = np.tile(np.arange(600, dtype=np.float32), (600, 1))
    terrain = Terrain(write(tmp_path / "ramp.tif", ramp, crs, transform), 0.0)

    found = terrain.elevation(point(*RD_MIDDLE, 500.0))

    east, _ = to_crs.transform(*around(*RD_MIDDLE, 500.0))
    columns = (np.asarray(east) - (x - 300 * step)) / step - 0.5
    assert found is not None
    assert columns.min() - 2.5 <= found.low <= columns.min()
    assert columns.max() <= found.high <= columns.max() + 2.5


def test_a_raster_that_is_turned_is_read_where_it_lies(tmp_path: Path) -> None:
    heights = rough(200, 200)
    transform = Affine.translation(*RD_ORIGIN) @ Affine.rotation(33) @ Affine.scale(5.0, -5.0)
    terrain = Terrain(write(tmp_path / "turned.tif", heights, transform=transform), 0.0)
    lon, lat = FROM_RD.transform(*(transform @ (100.0, 100.0)))

    found = terrain.elevation(point(lon, lat, 50.0))

    east, north = TO_RD.transform(*around(lon, lat, 50.0))
    there = bilinear(heights, *(~transform @ (np.asarray(east), np.asarray(north))))
    assert found is not None
    assert found.low <= there.min()
    assert there.max() <= found.high
    assert found.high <= heights[85:115, 85:115].max()


def test_a_cloud_optimised_geotiff_gives_its_own_cells_and_not_those_of_an_overview(tmp_path: Path) -> None:
    heights = np.zeros((1200, 1200), dtype=np.float32)
    heights[700, 701] = 321
    file = write(tmp_path / "cog.tif", heights, driver="COG", blocksize=256, overview_resampling="average")
    with rasterio.open(file) as raster:
        assert raster.overviews(1)
    terrain = Terrain(file, 0.0)

    assert terrain.elevation(point(*rd(701.5, 700.5))) == Interval(0.0, 321.0)
    assert terrain.elevation(point(*rd(600, 600), 300.0)) == Interval(0.0, 0.0)


def test_whole_numbers_with_a_scale_and_an_offset_are_metres_again(tmp_path: Path) -> None:
    file = write(tmp_path / "scaled.tif", np.full((50, 50), 1234, dtype=np.int16))
    with rasterio.open(file, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (-100.0,)
    terrain = Terrain(file, 0.0)

    found = terrain.elevation(point(*rd(25, 25)))

    assert found is not None
    assert found.low == found.high == pytest.approx(23.4)


def test_a_longitude_may_be_written_with_a_full_turn(rough_terrain: tuple[Terrain, Heights]) -> None:
    terrain, _ = rough_terrain
    lon, lat = rd(300, 300)

    assert terrain.elevation(point(lon + 360.0, lat, 80.0)) == terrain.elevation(point(lon, lat, 80.0))


# --- when it is not known


@pytest.mark.parametrize("hole", [-9999.0, math.nan, 99_999.0, -32_768.0])
def test_a_cell_without_data_in_reach_leaves_the_elevation_unknown(tmp_path: Path, hole: float) -> None:
    heights = np.full((100, 100), 3, dtype=np.float32)
    heights[50, 60] = hole
    terrain = Terrain(write(tmp_path / "hole.tif", heights, nodata=-9999.0), 0.0)

    assert terrain.elevation(point(*rd(50.5, 50.5), 30.0)) == Interval(3.0, 3.0)
    assert terrain.elevation(point(*rd(50.5, 50.5), 45.0)) is None
    assert terrain.elevation(point(*rd(59.5, 50.5))) is None


@pytest.mark.parametrize(
    ("column", "row"), [(0.4, 50), (99.6, 50), (50, 0.4), (50, 99.6), (-400, 50), (50, 5_000), (-1e5, -1e5)]
)
def test_a_place_that_is_not_all_inside_the_raster_is_unknown(
    tmp_path: Path, column: float, row: float
) -> None:
    terrain = Terrain(write(tmp_path / "flat.tif", np.zeros((100, 100), dtype=np.float32)), 0.0)

    assert terrain.elevation(point(*rd(column, row))) is None


def test_the_globe_and_the_poles_are_unknown(rough_terrain: tuple[Terrain, Heights]) -> None:
    terrain, _ = rough_terrain

    for place in (
        point(0.0, 89.9, 50_000.0),
        point(0.0, -90.0),
        Place(shapely.box(-180.0, -80.0, 180.0, 80.0)),
        path(((4.9, 52.3), (-170.0, -52.0))),
    ):
        assert terrain.elevation(place) is None


def test_more_cells_than_may_be_read_are_not_read(tmp_path: Path) -> None:
    side = elevation.CHUNK * 12
    file = write(tmp_path / "wide.tif", np.zeros((side, side), dtype=np.int8), compress="deflate")
    terrain = Terrain(file, 0.0)
    corners = ((5, 5), (side - 5, 5), (side - 5, side - 5), (5, side - 5), (5, 5))
    whole = area(Polygon(tuple(rd(*corner) for corner in corners)))

    assert terrain.elevation(whole) is None
    assert terrain.elevation(path((rd(5, 5), rd(side - 5, side - 5)))) == Interval(0.0, 0.0)


def test_a_path_that_winds_through_every_cell_is_answered_soon_and_counts_them_all(tmp_path: Path) -> None:
    heights = rough(1024, 1024)
    terrain = Terrain(write(tmp_path / "rough.tif", heights), 0.0)
    turns = [rd(column, row) for row in range(20, 1000, 3) for column in ((20, 1000), (1000, 20))[row % 2]]

    found = terrain.elevation(path(tuple(turns)))

    inner = heights[22:998, 22:998]
    assert found is not None
    assert found.low <= inner.min()
    assert inner.max() <= found.high


def test_threads_that_ask_at_the_same_time_get_the_same_answers(
    rough_terrain: tuple[Terrain, Heights],
) -> None:
    terrain, _ = rough_terrain
    places = [point(*rd(column, 300), 150.0) for column in range(100, 500, 10)]
    expected = [terrain.elevation(place) for place in places]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(terrain.elevation, places * 5))

    assert answers == expected * 5


def test_a_file_that_is_cut_off_later_leaves_the_elevation_unknown(tmp_path: Path) -> None:
    file = write(tmp_path / "rough.tif", rough(), tiled=True, blockxsize=128, blockysize=128)
    terrain = Terrain(file, 0.0)
    file.write_bytes(file.read_bytes()[:2_000])

    assert terrain.elevation(point(*rd(500, 500))) is None


# --- files that are refused


def broken(name: str, folder: Path) -> Path:
    flat = np.zeros((20, 20), dtype=np.float32)
    file = folder / "terrain.tif"
    match name:
        case "missing":
            return folder / "none.tif"
        case "folder":
            return folder
        case "text":
            file.write_text("ncols 4\nnrows 6\n", encoding="utf-8")
        case "png":
            return write(folder / "a.png", flat.astype(np.uint8), driver="PNG")
        case "bands":
            write(file, np.zeros((3, 20, 20), dtype=np.float32))
        case "no crs":
            write(file, flat, crs=None)
        case "nowhere":
            write(file, flat, transform=Affine.identity())
        case "unknown datum":
            write(file, flat, crs="+proj=utm +zone=31 +ellps=intl +type=crs")
        case "ellipsoid":
            write(file, flat, crs="EPSG:4979", transform=from_origin(5.0, 52.0, 0.001, 0.001))
        case "feet":
            write(file, flat)
            with rasterio.open(file, "r+") as raster:
                raster.units = ("ft",)
        case "feet in the reference system":
            write(file, flat, crs="EPSG:28992+6360")
    return file


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "does not exist"),
        ("folder", "does not exist"),
        ("text", "is not a GeoTIFF"),
        ("png", "is not a GeoTIFF"),
        ("bands", "has more than one band"),
        ("no crs", "coordinate reference system"),
        ("nowhere", "where on Earth"),
        ("unknown datum", "cannot be told from WGS 84"),
        ("ellipsoid", "above the ellipsoid"),
        ("feet", "is not in metres"),
        ("feet in the reference system", "is not in metres"),
    ],
)
def test_a_file_that_cannot_be_relied_on_is_refused_in_one_sentence(
    tmp_path: Path, name: str, why: str
) -> None:
    file = broken(name, tmp_path)

    with pytest.raises(GeodataUnusable, match=why) as failure:
        Terrain(file)

    assert str(file) in failure.value.detail
    assert failure.value.detail.count(". ") == 0


@pytest.mark.parametrize("margin_m", [-1.0, math.nan, math.inf])
def test_a_margin_is_zero_or_more_metres(tmp_path: Path, margin_m: float) -> None:
    file = write(tmp_path / "flat.tif", np.zeros((20, 20), dtype=np.float32))

    with pytest.raises(GeodataUnusable, match="margin"):
        Terrain(file, margin_m)


def test_without_the_extra_a_terrain_model_is_refused_with_its_name_and_nothing_else_needs_it() -> None:
    code = """
import sys
sys.modules["rasterio"] = None
from pathlib import Path
from zones_api.errors import GeodataUnusable
from zones_api.formats.territories import read_territories
read_territories(Path("geodata"))
try:
    read_territories(Path("geodata"), Path("pyproject.toml"))
except GeodataUnusable as error:
    sys.exit(0 if "zones-api[terrain]" in error.detail else 2)
sys.exit(3)
"""
    root = Path(elevation.__file__).parents[2]

    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0

"""Reading what `geodata/` holds about countries: coverage areas, bounds of the ground, and the geoid."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import shapely

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.territory import GroundBounds, Territories
from zones_api.formats.elevation import DEFAULT_MARGIN_M, Terrain
from zones_api.formats.geoid import Geoid


def read_territories(
    geodata: Path, terrain_file: Path | None = None, terrain_margin_m: float = DEFAULT_MARGIN_M
) -> Territories:
    """Return what is known of countries: `coverage/*.geojson`, `terrain_bounds.toml`, the geoid and the terrain.

    Args:
        geodata: The folder that comes with the program.
        terrain_file: A GeoTIFF with the ground's elevation in metres above mean sea level, if there is one.
        terrain_margin_m: How far that may be off; its elevations are widened by this on both sides.

    Raises:
        GeodataUnusable: If the geoid grid is missing or wrong, or the terrain model cannot be relied on.
    """
    features = [json.loads(file.read_bytes()) for file in sorted((geodata / "coverage").glob("*.geojson"))]
    areas = {
        feature["properties"]["country"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features
    }
    regions = tomllib.loads((geodata / "terrain_bounds.toml").read_text("utf-8"))["region"]
    ground = tuple(
        GroundBounds(
            (region["west"], region["south"], region["east"], region["north"]),
            Surroundings(
                Interval(region["min_m"], region["max_m"]),
                Interval(region["undulation_min_m"], region["undulation_max_m"]),
            ),
        )
        for region in regions
    )
    geoid = Geoid(geodata / "geoid" / "egm96-15-europe.gtx")
    terrain = Terrain(terrain_file, terrain_margin_m).elevation if terrain_file is not None else None
    return Territories(areas, ground, geoid.undulation, terrain)

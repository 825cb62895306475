"""Reading what `geodata/` holds about countries: coverage areas and bounds of the ground."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import shapely

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.territory import GroundBounds, Territories


def read_territories(geodata: Path) -> Territories:
    """Return the coverage areas of `coverage/*.geojson` and the bounds of `terrain_bounds.toml`."""
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
    return Territories(areas, ground)

"""Draw the area for which a national Dutch zone document may be taken as complete.

Inside this area the register may say "no restricting zone found", so the outline is drawn inward: losing a
strip of the Netherlands costs an "unknown", gaining a metre of a neighbour costs a wrong answer.

The work is done in metres (EPSG:3035). Start from Dutch land in Natural Earth, fill the inner waters (Wadden
Sea, estuaries), go a few kilometres out to sea, then take away what lies near a neighbour, the Belgian
parcels around Baarle, and the mouth of the Ems, whose border is not agreed.

Usage, with `countries-10m.json` of the npm package world-atlas 2.0.2:

    python geodata/build_coverage.py path/to/countries-10m.json
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

HERE = Path(__file__).parent
OUTPUT = HERE / "coverage" / "NLD.geojson"
PLACES = HERE / "coverage" / "places.toml"

SOURCE_SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
MADE_ON = "2026-11-24"
AROUND = shapely.box(2.0, 50.0, 8.5, 54.5)

# Natural Earth draws Dutch land borders up to 2.0 km too far out (measured, see SOURCES.toml).
BORDER_MARGIN_M = 3_000.0
# The territorial sea is 12 NM (22 km) wide.
SEAWARD_M = 5_000.0
# Off the open coast a place within SEAWARD_M of Dutch land and beyond this distance from a neighbour's is nearer
# to the Netherlands by at least the margin, so a median line is kept clear of too. Filled water may be farther
# out, but lies between Dutch shores.
NEIGHBOUR_AT_SEA_M = SEAWARD_M + BORDER_MARGIN_M
# More than half the width of the widest inner water, the western Wadden Sea, as a circle has to fit in it.
FILL_M = 18_000.0
# Thinning moves an outline by at most the first, which has first been drawn in by the second.
THINNING_M = 400.0
THINNING_ROOM_M = 450.0
# Smaller left-overs along the border carry vertices and answer hardly any question.
SMALLEST_PART_M2 = 20e6
# An edge this short is within 4 m of the geodesic between its ends.
LONGEST_EDGE_M = 12_000.0

# The 22 Belgian parcels lie within 4.8 km of this point (measured, see SOURCES.toml).
BAARLE = (4.894, 51.430)
BAARLE_RADIUS_M = 8_100.0

# The border in the Ems and the Dollard is not agreed, so all that water and a strip of the Dutch shore stay
# out. Drawn by hand, with room to spare, from east of Schiermonnikoog round the mouth of the Ems.
EMS_AND_DOLLARD = Polygon(
    [
        (6.36, 53.80),
        (6.36, 53.47),
        (6.60, 53.465),
        (6.74, 53.44),
        (6.81, 53.40),
        (6.86, 53.35),
        (6.90, 53.29),
        (7.00, 53.26),
        (7.02, 53.20),
        (7.30, 53.10),
        (7.60, 53.20),
        (7.60, 53.80),
    ]
)

TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)
TO_DEGREES = pyproj.Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)


def main(source: Path) -> None:
    """Write the coverage file from `source` and print its digest."""
    document = source.read_bytes()
    if hashlib.sha256(document).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{source} is not countries-10m.json of world-atlas 2.0.2")
    inward = inward_area(json.loads(document))
    coverage = thinned(inward)
    check(coverage, inward)
    content = feature_bytes(coverage)
    OUTPUT.write_bytes(content)
    vertices = shapely.get_num_coordinates(coverage)
    print(f"{vertices} vertices, {in_metres(coverage).area / 1e6:.0f} km²")
    print(f"{OUTPUT.name} sha256 {hashlib.sha256(content).hexdigest()}")


def inward_area(topology: dict[str, Any]) -> BaseGeometry:
    """Return the whole area that may be claimed, before thinning, in EPSG:3035 metres."""
    dutch, belgian, german = (country_land(topology, name) for name in ("Netherlands", "Belgium", "Germany"))
    neighbours = shapely.union(belgian, german)
    water = dutch.buffer(FILL_M).buffer(SEAWARD_M - FILL_M).difference(dutch)
    water = water.difference(neighbours.buffer(NEIGHBOUR_AT_SEA_M))
    area = shapely.union(dutch, water).difference(neighbours.buffer(BORDER_MARGIN_M))
    baarle = in_metres(shapely.Point(BAARLE)).buffer(BAARLE_RADIUS_M)
    return area.difference(baarle).difference(in_metres(EMS_AND_DOLLARD.segmentize(0.05)))


def country_land(topology: dict[str, Any], name: str) -> BaseGeometry:
    """Return the European land of a country of a TopoJSON topology, in EPSG:3035 metres."""
    countries = topology["objects"]["countries"]["geometries"]
    country = next(c for c in countries if c["properties"]["name"] == name)
    parts = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    polygons = [Polygon(*rings(topology, part)) for part in parts]
    near = [polygon for polygon in polygons if polygon.intersects(AROUND)]
    return shapely.make_valid(in_metres(MultiPolygon(near)))


def rings(topology: dict[str, Any], part: list[list[int]]) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Return the shell and the holes of one polygon as arrays (n, 2) of (lon, lat) degrees.

    Source: TopoJSON 1.0: a ring is a list of arcs; ~i is arc i backwards; the end of an arc is the start of
    the next; coordinates are differences in whole steps.
    """
    scale, translate = (topology["transform"][key] for key in ("scale", "translate"))
    closed = []
    for arc_numbers in part:
        pieces = []
        for number in arc_numbers:
            steps = np.cumsum(topology["arcs"][number if number >= 0 else ~number], axis=0)
            arc = steps * scale + translate
            pieces.append((arc if number >= 0 else arc[::-1])[:-1])
        ring = np.concatenate(pieces)
        closed.append(np.vstack([ring, ring[:1]]))
    return closed[0], closed[1:]


def thinned(inward: BaseGeometry) -> MultiPolygon:
    """Return an outline of few vertices inside `inward`, in (lon, lat) degrees.

    Coordinates have 7 decimals, shells run counter-clockwise and holes clockwise (RFC 7946), and an edge is
    straight in degrees. Small parts are left out; holes, being foreign or doubtful, never are.
    """
    drawn_in = inward.buffer(-THINNING_ROOM_M).simplify(THINNING_M)
    parts = [part for part in shapely.get_parts(drawn_in) if part.area >= SMALLEST_PART_M2]
    edges = MultiPolygon(parts).segmentize(LONGEST_EDGE_M)
    degrees = shapely.transform(edges, lambda xy: np.round(transformed(TO_DEGREES, xy), 7))
    return shapely.orient_polygons(shapely.normalize(degrees), exterior_cw=False)


def check(coverage: MultiPolygon, inward: BaseGeometry) -> None:
    """Stop unless the outline keeps inside `inward` and every place is on its side of it.

    Raises:
        SystemExit: With the first thing that is wrong.
    """
    if not coverage.is_valid or coverage.is_empty:
        raise SystemExit("the outline is not a valid area")
    # Straight in degrees is not straight in metres: look at many points of every edge.
    if not inward.contains(in_metres(coverage.segmentize(0.002))):
        raise SystemExit("the outline leaves the area it was drawn in")
    places = tomllib.loads(PLACES.read_text(encoding="utf-8"))
    for place in places["inside"]:
        if not coverage.contains(shapely.Point(place["at"])):
            raise SystemExit(f"{place['name']} should be inside")
    for place in places["outside"]:
        if coverage.intersects(shapely.Point(place["at"])):
            raise SystemExit(f"{place['name']} should be outside")


def feature_bytes(coverage: MultiPolygon) -> bytes:
    """Return the coverage as a GeoJSON Feature, the same bytes for the same outline."""
    feature = {
        "type": "Feature",
        "properties": {
            "country": "NLD",
            "title": "Coverage of national Dutch zone documents, drawn inward. Not for navigation.",
            "source": "Natural Earth 1:10m countries, from world-atlas 2.0.2 (countries-10m.json)",
            "licence": "Natural Earth is in the public domain; world-atlas is under the ISC licence",
            "date": MADE_ON,
            "margin": "3 km inside the land borders; 8 km from neighbours' land at sea; 5 km out to sea",
            "margin_m": BORDER_MARGIN_M,
        },
        "geometry": shapely.geometry.mapping(coverage),
    }
    return (json.dumps(feature, ensure_ascii=False, indent=1) + "\n").encode()


def in_metres(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape given in (lon, lat) degrees in EPSG:3035 metres."""
    return shapely.transform(shape, lambda xy: transformed(TO_METRES, xy))


def transformed(transformer: pyproj.Transformer, xy: NDArray[Any]) -> NDArray[Any]:
    """Return coordinates (n, 2) in the other reference system, x before y on both sides."""
    return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))

"""Make the demonstration document (ED-318) from the table of facts beside it.

The same facts give the same bytes. Nothing here is for navigation, and the document says so.

    python geodata/build_demonstration.py
"""

import hashlib
import json
import math
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry import Polygon

HERE = Path(__file__).parent / "demonstration"
FACTS = HERE / "facts.toml"
OUTPUT = HERE / "netherlands-demonstration.ed318.json"

WGS84 = pyproj.Geod(ellps="WGS84")
METRES_PER_NM = 1852
LANGUAGES = {"nl": "nl-NL", "en": "en-GB"}
DECIMALS = 7

# A piece this short strays from its geodesic by less than a metre when read as a straight line in degrees.
LONGEST_PIECE_M = 5_000.0
# Covers that metre and the rounding of coordinates.
OUTWARD_M = 2.0
# Straight in degrees or geodesic: for an edge this short the two readings differ by less than 3 m.
LONGEST_EDGE_M = 10_000.0
CIRCLE_VERTICES = 64

Facts = dict[str, Any]
LonLat = tuple[float, float]


def main() -> None:
    """Write the document and print its digest."""
    content = document_bytes(tomllib.loads(FACTS.read_text(encoding="utf-8")))
    OUTPUT.write_bytes(content)
    print(f"{OUTPUT.name} sha256 {hashlib.sha256(content).hexdigest()}")


def document_bytes(facts: Facts) -> bytes:
    """Return the ED-318 document as UTF-8 JSON, ending in a newline."""
    about = facts["document"]
    document = {
        "type": "FeatureCollection",
        "name": about["name"],
        "metadata": {
            "provider": texts(about["provider"]),
            "issued": about["issued"],
            "validFrom": about["valid_from"],
            "description": texts(about["description"]),
            "technicalLimitations": texts(about["limitations"]),
        },
        "features": [feature(zone, facts["authorities"]) for zone in facts["zones"]],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def feature(zone: Facts, authorities: Facts) -> Facts:
    """Return one zone as an ED-318 Feature."""
    return {"type": "Feature", "properties": properties(zone, authorities), "geometry": geometry(zone)}


def properties(zone: Facts, authorities: Facts) -> Facts:
    """Return what ED-318 says of a zone beside its geometry; a member without a fact is left out."""
    extended: Facts = {"demonstration": True}
    if "legal_basis" in zone:
        extended["legalBasis"] = f"{zone['legal_basis']} (demonstration only)"
    members = {
        "identifier": zone["identifier"],
        "country": "NLD",
        "name": texts(zone["name"]),
        "type": zone["type"],
        "variant": "COMMON",
        "reason": zone["reason"],
        "otherReasonInfo": texts(zone.get("other_reason", {})),
        "message": texts(zone["message"]),
        "zoneAuthority": [authority(zone["authority"], authorities)],
        "limitedApplicability": [time_period(period) for period in zone.get("periods", [])],
        "extendedProperties": extended,
    }
    return {name: value for name, value in members.items() if value != []}


def authority(asked: Facts, authorities: Facts) -> Facts:
    """Return whom to ask, for what, and how long before where the facts say so."""
    known = authorities[asked["of"]]
    members = {
        "name": texts(known["name"]),
        "service": texts(known["service"]),
        "siteURL": known["site"],
        "email": known["email"],
        "purpose": asked["purpose"],
    }
    if "interval_before" in asked:
        members["intervalBefore"] = asked["interval_before"]
    return members


def time_period(period: Facts) -> Facts:
    """Return an ED-318 time period; without dates it is open-ended, without a schedule it is all the time."""
    members: Facts = {}
    if "start" in period:
        members["startDateTime"] = period["start"]
    if "end" in period:
        members["endDateTime"] = period["end"]
    if "schedule" in period:
        members["schedule"] = [daily_period(entry) for entry in period["schedule"]]
    return members


def daily_period(entry: Facts) -> Facts:
    """Return an entry of a schedule; a word such as SS is an event of daylight, else it is a clock time."""
    members: Facts = {"day": entry["day"]}
    for side in ("start", "end"):
        kind = "Event" if entry[side].isalpha() else "Time"
        members[f"{side}{kind}"] = entry[side]
    return members


def texts(by_language: dict[str, str]) -> list[dict[str, str]]:
    """Return a text in every language it is given in, Dutch first."""
    return [{"text": by_language[key], "lang": lang} for key, lang in LANGUAGES.items() if key in by_language]


def geometry(zone: Facts) -> Facts:
    """Return the ED-318 geometry: with one layer, or a collection with a layer for each member."""
    if "layers" not in zone:
        return {**footprint(zone), "layer": layer(zone["limits"])}
    members = [{**footprint(part), "layer": layer(part["limits"])} for part in zone["layers"]]
    return {"type": "GeometryCollection", "geometries": members}


def layer(limits: Facts) -> Facts:
    """Return the heights of a volume, as the facts give them."""
    return {
        "lower": limits["lower"],
        "lowerReference": limits["lower_reference"],
        "upper": limits["upper"],
        "upperReference": limits["upper_reference"],
        "uom": limits["uom"],
    }


def footprint(part: Facts) -> Facts:
    """Return a circle, an outline with its holes, or a corridor, as GeoJSON."""
    if "circle" in part:
        return circle(part["circle"])
    if "corridor" in part:
        stated = part["corridor"]
        return polygon(corridor_outline(stated["centreline"], stated["half_width_m"]))
    return polygon(Polygon(part["outline"], part.get("holes", [])))


def circle(stated: Facts) -> Facts:
    """Return a circle whose radius in metres is never less than the one stated."""
    radius_m = math.ceil(stated.get("radius_m", stated.get("radius_nm", 0) * METRES_PER_NM))
    extent = {"subType": "Circle", "radius": radius_m}
    return {"type": "Point", "coordinates": stated["centre"], "extent": extent}


def polygon(shape: Polygon) -> Facts:
    """Return a polygon with its shell counter-clockwise and its holes clockwise, closed, in short edges."""
    if not shape.is_valid:
        raise ValueError(f"not a valid outline: {shapely.is_valid_reason(shape)}")
    oriented = shapely.orient_polygons(shape)
    rings = (oriented.exterior, *oriented.interiors)
    return {"type": "Polygon", "coordinates": [short_edged(list(ring.coords)) for ring in rings]}


def short_edged(corners: list[LonLat]) -> list[LonLat]:
    """Return a closed ring with points added on long edges, which leaves its shape in degrees as it was."""
    ring: list[LonLat] = []
    for start, end in pairwise(corners):
        parts = max(1, math.ceil(distance_m(start, end) / LONGEST_EDGE_M))
        points = np.linspace(start, end, parts, endpoint=False).round(DECIMALS)
        ring += [(lon, lat) for lon, lat in points.tolist()]
    return [*ring, ring[0]]


def corridor_outline(centreline: list[LonLat], half_width_m: float) -> Polygon:
    """Return a polygon that covers every place within a distance of a line, never a narrower one.

    Args:
        centreline: At least two points, (lon, lat) in degrees; its legs are geodesics.
        half_width_m: Geodesic distance to either side, and past both ends, greater than zero.

    Returns:
        (lon, lat) degrees, 7 decimals; at most half a per cent wider than asked.
    """
    points = list(in_short_pieces(centreline))
    discs = [covering_disc(point, half_width_m + OUTWARD_M) for point in points]
    hulls = [shapely.union(one, other).convex_hull for one, other in pairwise(discs)]
    outline = shapely.union_all(hulls)
    return Polygon(np.round(shapely.get_coordinates(outline.exterior), DECIMALS))


def in_short_pieces(centreline: list[LonLat]) -> Iterator[LonLat]:
    """Yield the points of a line, with enough points of its geodesics between them for no piece to be long."""
    lon, lat = centreline[0]
    yield lon, lat
    for start, (end_lon, end_lat) in pairwise(centreline):
        pieces = math.ceil(distance_m(start, (end_lon, end_lat)) / LONGEST_PIECE_M)
        yield from WGS84.npts(start[0], start[1], end_lon, end_lat, pieces - 1)
        yield end_lon, end_lat


def distance_m(start: LonLat, end: LonLat) -> float:
    """Return the geodesic distance between two points in metres."""
    return float(WGS84.inv(start[0], start[1], end[0], end[1])[2])


def covering_disc(centre: LonLat, radius_m: float) -> Polygon:
    """Return a polygon around a geodesic circle: its vertices lie out so far that its edges do not cut in."""
    azimuths = np.linspace(0.0, 360.0, CIRCLE_VERTICES, endpoint=False)
    reach_m = np.full(CIRCLE_VERTICES, radius_m / math.cos(math.pi / CIRCLE_VERTICES))
    lon, lat = np.full(CIRCLE_VERTICES, centre[0]), np.full(CIRCLE_VERTICES, centre[1])
    return Polygon(np.column_stack(WGS84.fwd(lon, lat, azimuths, reach_m)[:2]))


if __name__ == "__main__":
    main()

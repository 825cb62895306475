"""PostGIS is asked the same as the engine: 20,000 points and 2,000 paths, about real and about awkward shapes.

The engine may differ from PostGIS only where both are right to within what is measured: a point a centimetre
from an edge, a path half a metre. It may say unknown only about shapes that it has doubts about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, Engine, text

from zones_api.domain.geometry import GEOD, Circle, Footprint, LonLat, Polygon
from zones_api.domain.overlap import Place, meets, path, point
from zones_api.domain.truth import Truth
from zones_api.domain.zone import AirspaceVolume, VerticalExtent
from zones_api.formats.document import read_document

POINTS = 20_000
PATHS = 2_000
POINT_M = 0.01
PATH_M = 0.5
STEP_M = 250.0
"""PostGIS joins positions by straight lines; a geodesic leaves a line of this length by millimetres."""
EDGE_DEG = 0.001
"""Measured on the ellipsoid an edge would be a geodesic; cut to this length it stays straight in lon/lat."""

Shape = Polygon | Circle
Pair = tuple[int, int]
Random = np.random.Generator


@dataclass(frozen=True)
class Asked:
    """A place as the engine is asked about it, and the same as positions for PostGIS."""

    place: Place
    positions: tuple[LonLat, ...]


@dataclass(frozen=True)
class Compared:
    """How many pairs of a shape and a place were compared, and what came out."""

    pairs: int
    met: int
    unknown: int
    on_the_edge: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        counts = f"{self.pairs} pairs compared, {self.met} met, {self.unknown} unknown, "
        return f"{counts}{self.on_the_edge} differ at an edge, {len(self.wrong)} wrong: {self.wrong[:5]}"


# Shapes


def netherlands(sample_data: Path) -> list[Shape]:
    document = read_document((sample_data / "feeds" / "netherlands.ed269.json").read_bytes())
    volumes = [volume for zone in document.zones for volume in zone.zone.volumes]
    return [shape for volume in volumes for shape in volume.shapes if isinstance(shape, Polygon | Circle)]


def star(pick: Random, centre: LonLat, reach_deg: float, corners: int) -> tuple[LonLat, ...]:
    """Return a simple, very concave ring around a centre."""
    angles = np.sort(pick.uniform(0, 2 * np.pi, corners))
    away = reach_deg * pick.uniform(0.25, 1.0, corners)
    wide = 1 / np.cos(np.radians(centre[1]))
    lons, lats = centre[0] + away * wide * np.cos(angles), centre[1] + away * np.sin(angles)
    ring = list(zip(lons.tolist(), lats.tolist(), strict=True))
    return (*ring, ring[0])


def scaled(ring: tuple[LonLat, ...], centre: LonLat, factor: float) -> tuple[LonLat, ...]:
    return tuple(
        (centre[0] + (lon - centre[0]) * factor, centre[1] + (lat - centre[1]) * factor) for lon, lat in ring
    )


def synthetic() -> list[Shape]:
    """Return shapes that are concave, have holes, lie apart, lie far north or across the antimeridian."""
    pick = np.random.default_rng(318)
    centres = [(5.0, 52.0), (5.6, 52.1), (20.0, 70.0), (25.0, 80.5), (180.0, 10.0), (-179.9, -40.0)]
    shapes: list[Shape] = []
    for centre in centres:
        for reach_deg in (0.003, 0.05, 0.15):
            shell = star(pick, centre, reach_deg, 24)
            shapes += [Polygon(shell), Polygon(shell, (scaled(shell, centre, 0.4),))]
            beside = (centre[0] + 3 * reach_deg, centre[1])
            shapes += [Polygon(scaled(star(pick, at, reach_deg, 9), at, 0.8)) for at in (centre, beside)]
        shapes += [Circle(centre, radius_m) for radius_m in (50.0, 500.0, 5_000.0, 60_000.0)]
    square = ((4.0, 53.0), (4.1, 53.0), (4.1, 53.1), (4.0, 53.1), (4.0, 53.0))
    corner_hole = ((4.0, 53.0), (4.05, 53.02), (4.02, 53.05), (4.0, 53.0))
    doubtful: list[Shape] = [
        Polygon(square, (corner_hole,)),
        Polygon(((4.0, 54.0), (5.0, 54.0), (5.0, 54.5), (4.0, 54.5), (4.0, 54.0))),
        Polygon(((6.0, 54.0), (6.1, 54.1), (6.1, 54.0), (6.0, 54.1), (6.0, 54.0))),
        Circle((7.0, 52.0), 3_000.0, 3_000.0 * 0.3048),
    ]
    return shapes + doubtful


def footprints(shapes: list[Shape]) -> tuple[Footprint, ...]:
    return AirspaceVolume(tuple(shapes), VerticalExtent()).footprints


# Places: half anywhere, half near the edges of shapes


def anywhere(pick: Random, shape: Shape) -> LonLat:
    """Return a position somewhere around a shape."""
    west, south, east, north = footprints([shape])[0].bounds
    aside, above = 0.3 * (east - west), 0.3 * (north - south)
    return float(pick.uniform(west - aside, east + aside)), float(pick.uniform(south - above, north + above))


def near_edge(pick: Random, shape: Shape) -> LonLat:
    """Return a position from 0.1 mm to 1 km of an edge on either side; often a vertex itself, or on an edge."""
    off_m = float(10.0 ** pick.uniform(-4, 3)) * pick.choice([-1.0, 1.0])
    kind = pick.uniform()
    if isinstance(shape, Circle):
        off_m = 0.0 if kind < 0.2 else max(off_m, -shape.radius_m)
        radius_m = float(pick.choice([shape.radius_m, shape.other_radius_m or shape.radius_m]))
        return GEOD.fwd(*shape.centre, float(pick.uniform(0, 360)), max(0.0, radius_m + off_m))[:2]
    rings = [shape.shell, *shape.holes]
    ring = rings[int(pick.integers(len(rings)))]
    start = int(pick.integers(len(ring) - 1))
    if kind < 0.25:
        return ring[start]
    a, b = np.array(ring[start]), np.array(ring[start + 1])
    lon, lat = (a + pick.uniform() * (b - a)).tolist()
    if kind < 0.4:
        return lon, lat
    there = GEOD.fwd(lon, lat, float(pick.uniform(0, 360)), abs(off_m))[:2]
    return nearest_turn(there[0], lon), there[1]


def nearest_turn(lon: float, reference: float) -> float:
    return lon + 360.0 * round((reference - lon) / 360.0)


def somewhere(pick: Random, shape: Shape) -> LonLat:
    """Return a position around a shape or near its edge; past the antimeridian it is written either way."""
    lon, lat = (anywhere if pick.uniform() < 0.5 else near_edge)(pick, shape)
    return (nearest_turn(lon, 0.0) if pick.uniform() < 0.5 else lon), lat


def one_of(pick: Random, shapes: list[Shape]) -> Shape:
    return shapes[int(pick.integers(len(shapes)))]


def some_points(pick: Random, shapes: list[Shape], count: int) -> list[Asked]:
    positions = [somewhere(pick, one_of(pick, shapes)) for _ in range(count)]
    return [Asked(point(*position), (position,)) for position in positions]


def some_paths(pick: Random, shapes: list[Shape], count: int) -> list[Asked]:
    """Return paths of one to four legs of 30 m to 60 km; the last is often from edge to edge of the shape."""
    places: list[Asked] = []
    while len(places) < count:
        shape = one_of(pick, shapes)
        positions = [somewhere(pick, shape)]
        for _ in range(int(pick.integers(1, 5))):
            length_m, azimuth = float(30.0 * 2_000.0 ** pick.uniform()), float(pick.uniform(0, 360))
            positions.append(GEOD.fwd(*positions[-1], azimuth, length_m)[:2])
        if pick.uniform() < 0.4:
            positions[-2:] = [near_edge(pick, shape), near_edge(pick, shape)]
        if len(set(positions)) > 1:
            places.append(Asked(path(tuple(positions)), densified(positions)))
    return places


def densified(positions: list[LonLat]) -> tuple[LonLat, ...]:
    """Return a path with positions along its geodesics every STEP_M; longitudes run on past 180."""
    found = [positions[0]]
    for start, end in pairwise(positions):
        length_m = GEOD.inv(*start, *end)[2]
        steps = int(length_m // STEP_M)
        between = GEOD.npts(*start, *end, steps) if steps else []
        for lon, lat in (*between, end):
            found.append((nearest_turn(lon, found[-1][0]), lat))
    return tuple(found)


# PostGIS


def load(connection: Connection, shapes: list[Shape], places: list[Asked]) -> None:
    """Lay shapes and places in temporary tables; places once for each turn around the globe."""
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE polygon (id int, geom geometry, edge geography);"
            "CREATE TEMPORARY TABLE circle (id int, centre geography, least_m float8, most_m float8);"
            "CREATE TEMPORARY TABLE place (id int, geom geometry);"
            "CREATE TEMPORARY TABLE place_on_ground (id int, geog geography)"
        )
    )
    polygons = {number: shape for number, shape in enumerate(shapes) if isinstance(shape, Polygon)}
    circles = {number: shape for number, shape in enumerate(shapes) if isinstance(shape, Circle)}
    drawn = [shapely.Polygon(shape.shell, shape.holes) for shape in polygons.values()]
    # Not cut by PostGIS itself: it drops an edge that runs back along itself.
    edges = [shapely.segmentize(shape.boundary, EDGE_DEG) for shape in drawn]
    connection.execute(
        text(
            "INSERT INTO polygon SELECT id, ST_GeomFromWKB(geom, 4326), ST_GeomFromWKB(edge, 4326)::geography"
            " FROM unnest(CAST(:ids AS int[]), CAST(:geoms AS bytea[]), CAST(:edges AS bytea[]))"
            " AS u(id, geom, edge)"
        ),
        {"ids": list(polygons), "geoms": wkb(drawn), "edges": wkb(written(edges))},
    )
    connection.execute(
        text(
            "INSERT INTO circle SELECT id, ST_GeomFromWKB(centre, 4326)::geography, least, greatest_m"
            " FROM unnest(CAST(:ids AS int[]), CAST(:centres AS bytea[]), CAST(:least AS float8[]),"
            " CAST(:most AS float8[])) AS u(id, centre, least, greatest_m)"
        ),
        {
            "ids": list(circles),
            "centres": wkb([shapely.Point(each.centre) for each in circles.values()]),
            "least": [min(each.radius_m, each.other_radius_m or np.inf) for each in circles.values()],
            "most": [max(each.radius_m, each.other_radius_m or 0.0) for each in circles.values()],
        },
    )
    lines = [
        shapely.Point(*asked.positions) if len(asked.positions) == 1 else shapely.LineString(asked.positions)
        for asked in places
    ]
    for turn in (0.0, -360.0, 360.0):
        connection.execute(
            text(
                "INSERT INTO place SELECT id, ST_GeomFromWKB(geom, 4326)"
                " FROM unnest(CAST(:ids AS int[]), CAST(:geoms AS bytea[])) AS u(id, geom)"
            ),
            {
                "ids": list(range(len(lines))),
                "geoms": wkb(shapely.transform(np.array(lines), lambda xy, t=turn: xy + np.array([t, 0.0]))),
            },
        )
    connection.execute(
        text(
            "INSERT INTO place_on_ground SELECT id, ST_GeomFromWKB(geom, 4326)::geography"
            " FROM unnest(CAST(:ids AS int[]), CAST(:geoms AS bytea[])) AS u(id, geom)"
        ),
        {"ids": list(range(len(lines))), "geoms": wkb(written(lines))},
    )
    connection.execute(
        text(
            "CREATE INDEX ON place USING gist (geom); CREATE INDEX ON place_on_ground USING gist (geog);"
            "ANALYZE place; ANALYZE place_on_ground; ANALYZE polygon; ANALYZE circle"
        )
    )


def wkb(geometries: Iterable[shapely.Geometry]) -> list[bytes]:
    return [shapely.to_wkb(geometry) for geometry in geometries]


def written(geometries: Iterable[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return geometries with longitudes within [-180, 180), as a geography has them."""
    return list(
        shapely.transform(
            np.array(list(geometries)),
            lambda xy: np.column_stack([(xy[:, 0] + 180.0) % 360.0 - 180.0, xy[:, 1]]),
        )
    )


def met_in_postgis(connection: Connection) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs (shape, place) that meet by every reading of a radius, and by any."""
    polygons = connection.execute(
        text("SELECT DISTINCT s.id, p.id FROM polygon s JOIN place p ON ST_Intersects(s.geom, p.geom)")
    )
    both: set[Pair] = {(shape, place) for shape, place in polygons}
    least, most = (
        connection.execute(
            text(
                "SELECT s.id, p.id FROM circle s JOIN place_on_ground p"
                f" ON ST_DWithin(p.geog, s.centre, s.{radius}, true)"
            )
        )
        for radius in ("least_m", "most_m")
    )
    return both | {(a, b) for a, b in least}, both | {(a, b) for a, b in most}


def points_apart_m(connection: Connection, pairs: list[Pair]) -> dict[Pair, float]:
    """Return how far points are from the edges of polygons and circles, on the ellipsoid."""
    return measured(
        connection,
        "SELECT s.id, p.id, ST_Distance(s.edge, p.geog, true) FROM polygon s JOIN pair ON shape = s.id"
        " JOIN place_on_ground p ON place = p.id UNION ALL "
        "SELECT s.id, p.id, least(abs(ST_Distance(s.centre, p.geog, true) - s.least_m),"
        " abs(ST_Distance(s.centre, p.geog, true) - s.most_m)) FROM circle s JOIN pair ON shape = s.id"
        " JOIN place_on_ground p ON place = p.id",
        pairs,
    )


def paths_apart_m(connection: Connection, pairs: list[Pair]) -> dict[Pair, float]:
    """Return how far paths would have to move to meet a shape or no longer to meet it, at the most.

    For a circle it is the difference of the nearest distance and the radius. For a polygon that the path
    does not meet, it is the distance to the edge; for one it meets, the deepest any position of the part
    inside (cut every few metres) lies behind the edge.
    """
    return measured(
        connection,
        "SELECT s.id, p.id, CASE WHEN ST_Intersects(s.geom, p.geom) THEN"
        " (SELECT coalesce(max(ST_Distance(s.edge, d.geom::geography, true)), 'Infinity') FROM ST_DumpPoints("
        "   ST_Segmentize(ST_Intersection(ST_MakeValid(s.geom), p.geom), 0.00005)) d)"
        " ELSE ST_Distance(s.edge, p.geom::geography, true) END"
        " FROM polygon s JOIN pair ON shape = s.id"
        " JOIN LATERAL (SELECT id, geom FROM place WHERE id = pair.place"
        "   ORDER BY ST_Distance(place.geom, s.geom) LIMIT 1) p ON true UNION ALL "
        "SELECT s.id, p.id, least(abs(ST_Distance(s.centre, p.geog, true) - s.least_m),"
        " abs(ST_Distance(s.centre, p.geog, true) - s.most_m)) FROM circle s JOIN pair ON shape = s.id"
        " JOIN place_on_ground p ON place = p.id",
        pairs,
    )


def measured(connection: Connection, query: str, pairs: list[Pair]) -> dict[Pair, float]:
    rows = connection.execute(
        text(
            "WITH pair AS (SELECT * FROM unnest(CAST(:shapes AS int[]), CAST(:places AS int[]))"
            f" AS u(shape, place)) {query}"
        ),
        {"shapes": [shape for shape, _ in pairs], "places": [place for _, place in pairs]},
    )
    return {(shape, place): apart_m for shape, place, apart_m in rows}


# Comparing


def near_pairs(zones: tuple[Footprint, ...], places: list[Asked]) -> set[Pair]:
    """Return the pairs (shape, place) whose boxes touch, the short way around the globe."""
    tree = shapely.STRtree([shapely.box(*zone.bounds) for zone in zones])
    boxes = np.array([asked.place.bounds for asked in places])
    found: set[Pair] = set()
    for turn in (0.0, -360.0, 360.0):
        place, shape = tree.query(shapely.box(*(boxes + np.array([turn, 0.0, turn, 0.0])).T))
        found |= set(zip(shape.tolist(), place.tolist(), strict=True))
    return found


def compare(engine: Engine, shapes: list[Shape], places: list[Asked]) -> Compared:
    """Ask both, and measure each difference."""
    zones = footprints(shapes)
    of_points = len(places[0].positions) == 1
    with engine.connect() as connection:
        load(connection, shapes, places)
        surely, possibly = met_in_postgis(connection)
        pairs = near_pairs(zones, places) | possibly
        answers = {pair: meets(places[pair[1]].place, zones[pair[0]]) for pair in pairs}
        differ = [
            pair
            for pair, answer in answers.items()
            if (answer.truth is Truth.YES and pair not in surely)
            or (answer.truth is Truth.NO and pair in possibly)
        ]
        apart_m = (points_apart_m if of_points else paths_apart_m)(connection, differ)
    unknown = [pair for pair, answer in answers.items() if answer.truth is Truth.UNKNOWN]
    tolerance_m = POINT_M if of_points else PATH_M
    wrong = [f"{places[b].place.geometry.wkt[:200]} unknown in {shapes[a]}"[:600]
             for a, b in unknown if not zones[a].doubts]  # fmt: skip
    wrong += [
        f"{places[b].place.geometry.wkt[:200]} {answers[a, b].truth.name}, {apart_m[a, b]} m from the edge of"
        f" shape {a}: {shapes[a]}"[:600]
        for a, b in differ
        if not apart_m[a, b] <= tolerance_m
    ]
    return Compared(len(pairs), len(surely), len(unknown), len(differ), tuple(wrong))


@pytest.mark.parametrize("where", ["synthetic", "netherlands"])
def test_points_are_where_postgis_says_they_are(
    where: str, engine: Engine, request: pytest.FixtureRequest
) -> None:
    shapes = synthetic() if where == "synthetic" else netherlands(request.getfixturevalue("sample_data"))
    places = some_points(np.random.default_rng(20_000), shapes, POINTS)

    compared = compare(engine, shapes, places)

    assert len(places) == POINTS
    assert not compared.wrong, str(compared)
    assert compared.met > POINTS / 4, str(compared)
    assert compared.unknown < compared.pairs / 20, str(compared)


@pytest.mark.parametrize("where", ["synthetic", "netherlands"])
def test_paths_meet_what_postgis_says_they_meet(
    where: str, engine: Engine, request: pytest.FixtureRequest
) -> None:
    shapes = synthetic() if where == "synthetic" else netherlands(request.getfixturevalue("sample_data"))
    places = some_paths(np.random.default_rng(2_000), shapes, PATHS)

    compared = compare(engine, shapes, places)

    assert len(places) == PATHS
    assert not compared.wrong, str(compared)
    assert compared.met > PATHS / 4, str(compared)
    assert compared.unknown < compared.pairs / 20, str(compared)

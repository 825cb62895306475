"""Drawing a tile of the map: PostGIS cuts, projects and encodes what is in it, in one query."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, text

from zones_api.domain.geometry import Bounds
from zones_api.domain.spans import BEGINNING

BUFFER = 1 / 64
"""How much more of a tile's size is drawn beyond each edge, so that outlines do not end there."""
TIMEOUT_MS = 5_000


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """A zone as a tile shows it, named as the register names it; without `properties` it is left out."""

    data_set: str
    country: str
    identifier: str
    version: str
    valid_from: datetime
    number: int
    properties: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """What else a tile shows: `shape` is WKB in degrees, in hexadecimal."""

    layer: Literal["unreadable", "coverage"]
    number: int
    shape: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a tile lies: its box in degrees with what is drawn beyond its edges, and its square in Web Mercator metres.

    The square is that of the tile turned to longitude 0: nothing in the box is then further than 180 degrees away.
    It has `extent` units from edge to edge. Edges are straight in degrees; pieces of `step_deg` bend by no more than a
    unit where they are projected.
    """

    box: Bounds
    middle_deg: float
    square: Bounds
    extent: int
    step_deg: float


_DRAW = text("""
WITH turn AS (
    -- A place has one longitude on the map, and may be written with another on the other side of the date line.
    SELECT degrees, ST_MakeEnvelope(:west + degrees, :south, :east + degrees, :north, 4326) AS box
    FROM unnest(CAST(ARRAY[0, -360, 360] AS float8[])) AS degrees
),
met AS MATERIALIZED (
    SELECT slice.geom, turn.degrees, said.number, said.properties
    FROM turn
    JOIN zone_slice AS slice ON slice.geom && turn.box
    JOIN zone_version AS version ON version.id = slice.zone_version_id
    JOIN data_set ON data_set.id = slice.data_set_id
    LEFT JOIN jsonb_to_recordset(CAST(:zones AS jsonb)) AS said(
        data_set text, country text, identifier text, version text, valid_from timestamptz, number bigint,
        properties jsonb
    )
    ON said.data_set = data_set.key AND said.country = slice.country AND said.identifier = slice.identifier
        AND said.version = version.version
        AND said.valid_from = coalesce(lower(slice.valid), CAST('-infinity' AS timestamptz))
    WHERE slice.known @> CAST(:revision AS bigint)
),
shape AS (
    SELECT 'zones' AS layer, number, properties, ST_Translate(geom, -degrees - :middle, 0) AS geom
    FROM met WHERE properties IS NOT NULL
    UNION ALL
    SELECT other.layer, other.number, other.properties, ST_Translate(read.geom, -turn.degrees - :middle, 0)
    FROM jsonb_to_recordset(CAST(:areas AS jsonb)) AS other(layer text, number bigint, shape text, properties jsonb),
        ST_SetSRID(CAST(other.shape AS geometry), 4326) AS read(geom)
    JOIN turn ON read.geom && turn.box
),
frame AS (
    SELECT ST_MakeEnvelope(:west - :middle, :south, :east - :middle, :north, 4326) AS box,
        CAST(ST_MakeEnvelope(:left, :bottom, :right, :top, 3857) AS box2d) AS square,
        (CAST(:right AS float8) - :left) / :extent AS unit
),
drawn AS MATERIALIZED (
    SELECT shape.layer, shape.number, shape.properties - CAST(:omitted AS text[]) AS properties, part.geom
    FROM frame, shape, LATERAL (
        SELECT ST_Dimension(geom) AS dimension, ST_CollectionHomogenize(ST_Collect(geom)) AS geom
        FROM (
            -- What is smaller than a unit is a point; what is so thin that its area does not show is its outline.
            SELECT coalesce(
                CASE WHEN NOT (
                    whole @ box AND unit > greatest(
                        ST_XMax(mercator) - ST_XMin(mercator), ST_YMax(mercator) - ST_YMin(mercator)
                    )
                ) THEN coalesce(
                    ST_AsMVTGeom(mercator, square, :extent, :buffer, true),
                    ST_AsMVTGeom(
                        -- An outline folded flat runs there and back, which would be taken for nothing.
                        ST_LineMerge(ST_UnaryUnion(ST_SnapToGrid(ST_Boundary(mercator), unit))),
                        square, :extent, :buffer, true
                    )
                ) END,
                (
                    SELECT ST_AsMVTGeom(ST_Transform(inside, 3857), square, :extent, :buffer, true)
                    FROM ST_PointOnSurface(whole) AS inside WHERE inside && box
                )
            ) AS geom
            FROM (
                SELECT one.geom AS whole,
                    ST_Transform(
                        ST_Segmentize(
                            CASE WHEN one.geom @ box THEN one.geom
                                ELSE ST_ClipByBox2D(one.geom, CAST(box AS box2d)) END,
                            :step
                        ),
                        3857
                    ) AS mercator
                FROM ST_Dump(shape.geom) AS one
                WHERE one.geom && box
                OFFSET 0
            ) AS projected
            OFFSET 0
        ) AS encoded
        WHERE geom IS NOT NULL
        GROUP BY ST_Dimension(geom)
        OFFSET 0
    ) AS part
    ORDER BY shape.number, part.dimension
),
zones AS (SELECT number, geom, properties FROM drawn WHERE layer = 'zones'),
unreadable AS (SELECT number, geom, properties FROM drawn WHERE layer = 'unreadable'),
coverage AS (SELECT number, geom, properties FROM drawn WHERE layer = 'coverage')
SELECT (SELECT coalesce(ST_AsMVT(one, 'zones', :extent, 'geom', 'number'), '') FROM zones AS one)
    || (SELECT coalesce(ST_AsMVT(one, 'unreadable', :extent, 'geom', 'number'), '') FROM unreadable AS one)
    || (SELECT coalesce(ST_AsMVT(one, 'coverage', :extent, 'geom', 'number'), '') FROM coverage AS one) AS tile,
    (SELECT count(*) FROM met WHERE number IS NULL) AS unsaid
""")


def draw(
    connection: Connection,
    frame: Frame,
    revision: int,
    zones: Sequence[DrawnZone],
    areas: Sequence[DrawnArea] = (),
    omitted: Sequence[str] = (),
) -> tuple[bytes, int]:
    """Return a vector tile (Mapbox Vector Tile 2.1), and how many zones of the register in it nothing was said of.

    Args:
        connection: A transaction of its own.
        frame: Where the tile lies.
        revision: As known at this one.
        zones: At least every zone known at that revision whose box touches the frame's.
        areas: What else is drawn, if it touches the box.
        omitted: Properties that are left out.
    """
    connection.execute(text(f"SET LOCAL statement_timeout = {TIMEOUT_MS}"))
    connection.execute(text("SET LOCAL jit = off"))
    connection.execute(text("SET LOCAL work_mem = '32MB'"))
    west, south, east, north = frame.box
    left, bottom, right, top = frame.square
    row = connection.execute(
        _DRAW,
        {
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "middle": frame.middle_deg,
            "left": left,
            "bottom": bottom,
            "right": right,
            "top": top,
            "step": frame.step_deg,
            "extent": frame.extent,
            "buffer": round(frame.extent * BUFFER),
            "revision": revision,
            "omitted": list(omitted),
            "zones": _records(zones),
            "areas": _records(areas),
        },
    ).one()
    return bytes(row.tile or b""), row.unsaid


def _records(drawn: Sequence[DrawnZone] | Sequence[DrawnArea]) -> str:
    """Return records as one JSON text: arrays of texts take the driver several times as long."""
    return json.dumps(
        [{name: getattr(each, name) for name in each.__slots__} for each in drawn], default=_bound
    )


def _bound(moment: datetime) -> str:
    return "-infinity" if moment == BEGINNING else moment.isoformat()

"""For whoever draws zones: coordinates in words, and shapes as GeoJSON that a draft can take. Nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from math import ceil, radians, tan
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from shapely.geometry.base import BaseGeometry

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService, each_once
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import MAX_VERTICES, Position, Ring
from zones_api.domain import drawing
from zones_api.domain.altitude import METRES_PER_FOOT
from zones_api.domain.drawing import Approach, Check, Drawn
from zones_api.domain.geometry import EDGE_TOLERANCE_M, GEOD, Circle, LonLat, Polygon, area_km2, footprint
from zones_api.domain.reasons import Reason
from zones_api.errors import Defect, InputTooLarge, UnacceptableInput
from zones_api.formats.aerodromes import EUROPE, Aerodrome, Aerodromes
from zones_api.formats.coordinates.blocks import LONG_EDGE, MAX_CHARACTERS, Doubt, read_coordinates

MAX_RADIUS_M = 1_000_000.0
MAX_EACH_SIDE_M = 100_000.0
MAX_LINE_POINTS = 1_000
MAX_LINE_M = 5_000_000.0
MAX_RUNWAY_M = 20_000.0
MAX_APPROACH_M = 50_000.0
MAX_SHAPES = 100
UNITS_M = {"m": 1.0, "km": 1_000.0, "NM": 1_852.0, "ft": METRES_PER_FOOT}
NOT_FOR_NAVIGATION = (
    "Not for navigation. Positions are kept by volunteers and may be off; for a zone in law take the aerodrome"
    " reference point from the state's aeronautical information publication."
)

router = APIRouter(prefix="/v1/geometry-tools", tags=["geometry tools"], route_class=JsonRoute)

Unit = Annotated[Literal["m", "km", "NM", "ft"], Field(description="What all lengths here are in")]
IcaoCode = Annotated[
    str,
    BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
    Field(pattern="^[A-Z]{4}$"),
]
Length = Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False, strict=True)]
LengthOrNothing = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False, strict=True)]


class Asked(BaseModel):
    """What a tool is asked: nothing that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what is answered ---


class DoubtOut(BaseModel):
    """Something to look at: a stop leaves nothing drawn, a flag may be a slip, a note says how it was read."""

    code: str
    severity: Literal["stop", "flag", "note"]
    detail: str
    point: Annotated[int | None, Field(description="The number of the point it is about")] = None
    start: Annotated[int | None, Field(description="Where in the text it begins, in characters from 0")] = (
        None
    )
    end: Annotated[int | None, Field(description="And where it ends, itself not included")] = None


Geometry = Annotated[
    dict[str, Any],
    Field(
        description="As ED-318 writes it, but for its layer: GeoJSON, and a circle as a Point with its extent"
    ),
]
Error = Annotated[
    float,
    Field(description="No drawn edge lies further than this outside the curve it stands for, in metres"),
]


class PartOut(BaseModel):
    """A shape with a name."""

    name: str
    geometry: Geometry
    largest_error_m: Error
    area_km2: float


class ShapeOut(BaseModel):
    """A shape that covers what was asked for, never less; null where nothing is left or something stops it."""

    geometry: Geometry | None
    largest_error_m: Error
    area_km2: float
    doubts: list[DoubtOut]


class CombinedOut(ShapeOut):
    """Shapes put together, and the area that `shapes` had before."""

    area_before_km2: float


class AerodromeOut(BaseModel):
    """An aerodrome with its reference point. Not for navigation."""

    icao: str
    name: str
    city: str
    country: Annotated[str, Field(description="ISO 3166-1 alpha-3")]
    position: Annotated[list[float], Field(description="Longitude, latitude")]
    elevation_m: Annotated[float | None, Field(description="Metres above mean sea level; null is not known")]


class AerodromesOut(BaseModel):
    """The aerodromes found, the best match first."""

    aerodromes: list[AerodromeOut]
    limitations: str


class CircleOut(ShapeOut):
    """A circle, which stays a circle; the outline covers it and is for maps."""

    centre: Annotated[list[float], Field(description="Longitude, latitude")]
    radius_m: float
    aerodrome: AerodromeOut | None
    outline: Annotated[
        dict[str, Any] | None, Field(description="GeoJSON; null near a pole and over the antimeridian")
    ]


class CorridorOut(ShapeOut):
    """A corridor: everything within `each_side_m` of the line, so `total_width_m` wide."""

    each_side_m: float
    total_width_m: Annotated[float, Field(description="Twice the distance on each side")]
    length_m: Annotated[float, Field(description="Of the line")]


class RunwayOut(ShapeOut):
    """Shapes about a runway, together and each by itself."""

    length_m: Annotated[float, Field(description="From threshold to threshold")]
    bearing_deg: Annotated[float, Field(description="True, from the first threshold to the second")]
    parts: list[PartOut]


class RingOut(ShapeOut):
    """Nested rings: the innermost circle, then each ring around it. `geometry` is the whole of the outermost circle."""

    centre: Annotated[list[float], Field(description="Longitude, latitude")]
    aerodrome: AerodromeOut | None
    parts: list[PartOut]


class PointOut(BaseModel):
    """A point of the text, numbered from 1 in its order."""

    number: int
    use: Literal["corner", "centre"]
    position: Annotated[
        list[float] | None, Field(description="Longitude, latitude; null where it cannot be read")
    ]
    text: str
    start: Annotated[int, Field(description="Where in the text it begins, in characters from 0")]
    end: int
    written_to_m: Annotated[float, Field(description="One unit of its last digit, in metres of latitude")]


class CoordinatesOut(ShapeOut):
    """What a text says. Its points are listed whatever stops the shape."""

    points: list[PointOut]


# --- what is asked ---


class CoordinatesIn(Asked):
    """A text about coordinates, as it was published."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "615742N 0285523E - 615800N 0290000E - 615621N 0285922E", "country": "FIN"},
                {
                    "text": "522331N 0044550E then clockwise arc radius 5 NM centred on 521831N 0044550E to"
                    " 521831N 0045359E, to the starting point"
                },
            ]
        }
    )

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    order: Annotated[
        Literal["lat_lon", "lon_lat"], Field(description="Which comes first where nothing says so")
    ] = "lat_lon"
    system: Annotated[
        Literal["auto", "wgs84", "rd"],
        Field(description="Plain numbers: RD New (EPSG:28992) where too large for degrees, never, or always"),
    ] = "auto"
    country: Annotated[
        str | None,
        Field(
            pattern="^[A-Z]{3}$",
            description="Where the points should be, ISO 3166-1 alpha-3; Europe if left out",
        ),
    ] = None
    reads: Annotated[Literal["area", "line"], Field(description="What the points are corners of")] = "area"


class _Centred(Asked):
    centre: Annotated[Position | None, Field(description="Longitude, latitude")] = None
    aerodrome: Annotated[
        IcaoCode | None, Field(description="ICAO code: its reference point is the centre")
    ] = None
    uom: Unit = "m"

    @model_validator(mode="after")
    def _one_centre(self) -> _Centred:
        if (self.centre is None) == (self.aerodrome is None):
            raise ValueError("Name either a `centre` or an `aerodrome`")
        return self


class CircleIn(_Centred):
    """A circle around a point or an aerodrome."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"aerodrome": "EHAM", "radius": 3, "uom": "NM"},
                {"centre": [4.7639, 52.3086], "radius": 500},
            ]
        }
    )

    radius: Length


class RingIn(_Centred):
    """Circles around one point or aerodrome, from the smallest on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"centre": [4.2833, 52.0906], "radii": [1.8, 16, 92], "uom": "km"}]}
    )

    radii: Annotated[list[Length], Field(min_length=2, max_length=20)]


class CorridorIn(Asked):
    """A line of shortest legs, and the distance on each side of it: half the width."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"line": [[4.70, 52.40], [4.7639, 52.31], [4.90, 52.28]], "each_side": 500}]
        }
    )

    line: Annotated[list[Position], Field(min_length=2, max_length=MAX_LINE_POINTS)]
    each_side: Length
    uom: Unit = "m"


class ApproachIn(Asked):
    """A trapezoid on the centre line beyond a threshold; it widens on each side by the splay."""

    length: Length
    half_width: Annotated[
        LengthOrNothing, Field(description="On each side of the centre line, where it starts")
    ]
    splay_percent: Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)] = None
    splay_deg: Annotated[float | None, Field(ge=0, le=45, allow_inf_nan=False)] = None
    starts: Annotated[LengthOrNothing, Field(description="How far beyond the threshold it starts")] = 0.0
    ends: Annotated[Literal["both", "first", "second"], Field(description="Before which thresholds")] = "both"

    @model_validator(mode="after")
    def _one_splay(self) -> ApproachIn:
        if (self.splay_percent is None) == (self.splay_deg is None):
            raise ValueError("Give the splay once: `splay_percent` or `splay_deg`")
        return self

    def shape(self, metre: float) -> Approach:
        """Return it in metres."""
        splay = (
            self.splay_percent / 100
            if self.splay_percent is not None
            else tan(radians(self.splay_deg or 0.0))
        )
        return Approach(self.starts * metre, self.length * metre, self.half_width * metre, splay)


class RunwayIn(Asked):
    """A runway by its two thresholds, and what is drawn about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "thresholds": [[4.7376, 52.3136], [4.7778, 52.3185]],
                    "around": 2000,
                    "approach": {"length": 15000, "half_width": 150, "splay_percent": 15, "starts": 60},
                }
            ]
        }
    )

    thresholds: tuple[Position, Position]
    around: Annotated[
        Length | None, Field(description="The distance around the line between the thresholds: a stadium")
    ] = None
    approach: ApproachIn | None = None
    uom: Unit = "m"

    @model_validator(mode="after")
    def _something_to_draw(self) -> RunwayIn:
        if self.around is None and self.approach is None:
            raise ValueError("Name a distance `around`, an `approach`, or both")
        return self


class Extent(Asked):
    """The size of a circle, in metres."""

    subType: Literal["Circle"]  # noqa: N815 - ED-318's name
    radius: Annotated[Length, Field(le=MAX_RADIUS_M)]


class CircleShape(Asked):
    """A circle as ED-318 writes it."""

    type: Literal["Point"]
    coordinates: Position
    extent: Extent


class PolygonShape(Asked):
    """A polygon; its edges are straight in longitude and latitude."""

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=1_000)]


class MultiPolygonShape(Asked):
    """Several polygons."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[
        list[Annotated[list[Ring], Field(min_length=1, max_length=1_000)]],
        Field(min_length=1, max_length=1_000),
    ]


ShapeIn = Annotated[CircleShape | PolygonShape | MultiPolygonShape, Field(discriminator="type")]


class CombineIn(Asked):
    """Shapes put together; heights are not looked at, so shapes are sent without their `layer`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "operation": "difference",
                    "shapes": [
                        {
                            "type": "Polygon",
                            "coordinates": [
                                [[4.6, 52.2], [4.9, 52.2], [4.9, 52.4], [4.6, 52.4], [4.6, 52.2]]
                            ],
                        }
                    ],
                    "others": [
                        {
                            "type": "Point",
                            "coordinates": [4.7639, 52.3086],
                            "extent": {"subType": "Circle", "radius": 5556},
                        }
                    ],
                }
            ]
        }
    )

    operation: Annotated[
        Literal["union", "difference", "clip"],
        Field(
            description="All of `shapes` and `others`; `shapes` without `others`; or only what of them lies in `others`"
        ),
    ]
    shapes: Annotated[list[ShapeIn], Field(min_length=1, max_length=MAX_SHAPES)]
    others: Annotated[list[ShapeIn], Field(max_length=MAX_SHAPES)] = []

    @model_validator(mode="after")
    def _others_where_they_belong(self) -> CombineIn:
        if self.operation != "union" and not self.others:
            raise ValueError("A difference and a clip need `others`")
        return self


# --- the calls; they draw for longer than the event loop should wait, so they run in threads ---


@router.get(
    "/aerodromes", response_model=AerodromesOut, responses=RESPONSES, dependencies=[Depends(each_once)]
)
def aerodromes(
    service: CurrentService,
    q: Annotated[str, Query(min_length=2, max_length=100, description="Part of a code, a name or a city")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> AerodromesOut:
    """Find aerodromes of Europe by ICAO code, name or city. Not for navigation."""
    found = service.aerodromes.search(q, limit)
    return AerodromesOut(aerodromes=[_aerodrome(each) for each in found], limitations=NOT_FOR_NAVIGATION)


@router.post("/coordinates", response_model=CoordinatesOut, responses=RESPONSES)
def coordinates(asked: CoordinatesIn, service: CurrentService) -> CoordinatesOut:
    """Read coordinates as a law or publication writes them: numbered points, the area, and every doubt."""
    return read_text(asked, service.aerodromes)


def read_text(asked: CoordinatesIn, aerodromes: Aerodromes) -> CoordinatesOut:
    """Return what a text about coordinates says."""
    home, name = EUROPE, "Europe"
    if asked.country is not None:
        known = aerodromes.home(asked.country)
        if known is None:
            raise unacceptable("/country", f"It is not known here where {asked.country} lies; leave it out.")
        home, name = known, asked.country
    read = read_coordinates(
        asked.text,
        order=asked.order,
        system=asked.system,
        home=home,
        home_name=name,
        as_line=asked.reads == "line",
    )
    geometry, drawn = None, read.drawn
    if read.circle is not None and not any(doubt.severity == "stop" for doubt in read.doubts):
        geometry, drawn = circle_shape(read.circle), _outline(read.circle)
    elif read.line is not None:
        geometry = {"type": "LineString", "coordinates": [list(position) for position in read.line]}
    elif drawn is not None:
        geometry = _geojson(drawn.geometry)
    return CoordinatesOut(
        geometry=geometry,
        largest_error_m=_up(drawn.largest_error_m) if drawn and read.circle is None else 0.0,
        area_km2=km2(drawn.geometry) if drawn else 0.0,
        doubts=[_doubt(doubt) for doubt in read.doubts],
        points=[
            PointOut(
                number=point.number,
                use=point.use,
                position=list(point.position) if point.position else None,
                text=asked.text[point.start : point.end],
                start=point.start,
                end=point.end,
                written_to_m=round(point.step_m, 6),
            )
            for point in read.points
        ],
    )


@router.post("/circle", response_model=CircleOut, responses=RESPONSES)
def circle(asked: CircleIn, service: CurrentService) -> CircleOut:
    """Draw a circle around a point or an aerodrome's reference point."""
    return circle_of(asked, service.aerodromes)


def circle_of(asked: CircleIn, aerodromes: Aerodromes) -> CircleOut:
    """Return a circle around a point or an aerodrome's reference point."""
    centre, aerodrome = _centre(asked, aerodromes)
    radius_m = metres_of(asked.radius, asked.uom, MAX_RADIUS_M, "/radius", "radius")
    drawn = _outline(Circle(centre, radius_m))
    return CircleOut(
        geometry=circle_shape(Circle(centre, radius_m)),
        largest_error_m=0.0,
        area_km2=km2(drawn.geometry) if drawn else 0.0,
        doubts=_aerodrome_doubts(aerodrome),
        centre=list(centre),
        radius_m=radius_m,
        aerodrome=_aerodrome(aerodrome) if aerodrome else None,
        outline=_geojson(drawn.geometry) if drawn else None,
    )


@router.post("/corridor", response_model=CorridorOut, responses=RESPONSES)
def corridor(asked: CorridorIn, service: CurrentService) -> CorridorOut:
    """Draw everything within a distance on each side of a line, with round ends."""
    return corridor_of(asked, service.time_limit())


def corridor_of(asked: CorridorIn, check: Check) -> CorridorOut:
    """Return everything within a distance on each side of a line."""
    each_side_m = metres_of(
        asked.each_side, asked.uom, MAX_EACH_SIDE_M, "/each_side", "distance on each side"
    )
    length_m = drawing.length_m(asked.line)
    if length_m > MAX_LINE_M:
        raise unacceptable("/line", f"The line is longer than {MAX_LINE_M / 1000:.0f} km.")
    if length_m == 0.0:
        raise unacceptable("/line", "All points of the line are in one place: draw a circle.")
    with about("/line"):
        drawn = drawing.corridor(asked.line, each_side_m, check)
    doubts = []
    if any(is_long_leg(here, there) for here, there in pairwise(asked.line)):
        what = (
            "The legs are the shortest lines between the points; a leg is so long that a straight line on a map in"
            f" longitude and latitude is over {EDGE_TOLERANCE_M:.0f} m away from it. Points along it settle which is meant."
        )
        doubts.append(DoubtOut(code=Reason.EDGE_INTERPRETATION, severity="flag", detail=what))
    return CorridorOut(
        **_shape(drawn, doubts),
        each_side_m=each_side_m,
        total_width_m=2 * each_side_m,
        length_m=round(length_m, 3),
    )


@router.post("/runway", response_model=RunwayOut, responses=RESPONSES)
def runway(asked: RunwayIn, service: CurrentService) -> RunwayOut:
    """Draw the distance around a runway, and the trapezoids of its approaches."""
    return runway_of(asked, service.time_limit())


def runway_of(asked: RunwayIn, check: Check) -> RunwayOut:
    """Return the distance around a runway, and the trapezoids of its approaches."""
    first, second = asked.thresholds
    bearing, _, length_m = GEOD.inv(*first, *second)
    if not 10.0 <= length_m <= MAX_RUNWAY_M:
        what = f"The thresholds lie {length_m:.0f} m apart; a runway is 10 m to {MAX_RUNWAY_M / 1000:.0f} km long."
        raise unacceptable("/thresholds", what)
    parts: list[tuple[str, Drawn]] = []
    with about("/thresholds"):
        if asked.around is not None:
            around_m = metres_of(
                asked.around, asked.uom, MAX_EACH_SIDE_M, "/around", "distance around the runway"
            )
            parts.append(("around the runway", drawing.corridor([first, second], around_m, check)))
        if asked.approach is not None:
            shape = asked.approach.shape(UNITS_M[asked.uom])
            reach_m = max(shape.starts_m + shape.length_m, shape.half_width_m)
            metres_of(reach_m, "m", MAX_APPROACH_M, "/approach", "approach")
            if shape.half_width_m + shape.length_m * shape.splay <= 0.0:
                raise unacceptable("/approach", "Without a width or a splay the approach has no area.")
            for name, here, there in (("first", first, second), ("second", second, first)):
                if asked.approach.ends in ("both", name):
                    parts.append((f"approach to the {name} threshold", drawing.approach(here, there, shape)))
    return RunwayOut(
        **_shape(drawing.joined([drawn for _, drawn in parts]), []),
        length_m=round(length_m, 3),
        bearing_deg=round(bearing % 360.0, 4),
        parts=[part_of(name, drawn) for name, drawn in parts],
    )


@router.post("/ring", response_model=RingOut, responses=RESPONSES)
def ring(asked: RingIn, service: CurrentService) -> RingOut:
    """Draw nested rings. A ring's hole is drawn within its circle, so each overlaps the next inner one a little."""
    centre, aerodrome = _centre(asked, service.aerodromes)
    radii = [
        metres_of(each, asked.uom, MAX_RADIUS_M, f"/radii/{n}", "radius")
        for n, each in enumerate(asked.radii)
    ]
    if any(wide - narrow < 1.0 for narrow, wide in pairwise(radii)):
        raise unacceptable("/radii", "Each radius is at least a metre larger than the one before it.")
    with about("/centre" if aerodrome is None else "/aerodrome"):
        rings = [drawing.ring(centre, narrow, wide) for narrow, wide in pairwise(radii)]
    within = [f"{each:g} {asked.uom}" for each in asked.radii]
    innermost = Circle(centre, radii[0])
    inner = drawing.disc(*_parts(innermost))
    parts = [
        PartOut(
            name=f"within {within[0]}",
            geometry=circle_shape(innermost),
            largest_error_m=0.0,
            area_km2=km2(inner.geometry),
        ),
        *(
            part_of(f"from {low} to {high}", drawn)
            for (low, high), drawn in zip(pairwise(within), rings, strict=True)
        ),
    ]
    outermost = Circle(centre, radii[-1])
    whole = drawing.disc(*_parts(outermost))
    return RingOut(
        geometry=circle_shape(outermost),
        largest_error_m=0.0,
        area_km2=km2(whole.geometry),
        doubts=_aerodrome_doubts(aerodrome),
        centre=list(centre),
        aerodrome=_aerodrome(aerodrome) if aerodrome else None,
        parts=parts,
    )


@router.post("/combine", response_model=CombinedOut, responses=RESPONSES)
def combine(asked: CombineIn, service: CurrentService) -> CombinedOut:
    """Join shapes, take others away, or keep what lies in others: never less than the true result."""
    shapes, others = read_shapes(asked.shapes, "shapes"), read_shapes(asked.others, "others")
    bounded(*shapes, *others)
    check = service.time_limit()
    with about("/shapes"):
        before = drawing.union(shapes, check)
        match asked.operation:
            case "union":
                drawn = drawing.union([*shapes, *others], check)
            case "difference":
                drawn = drawing.difference(shapes, others, check)
            case "clip":
                drawn = drawing.clip(shapes, others, check)
    return CombinedOut(**said_of(drawn), area_before_km2=km2(before.geometry))


# --- from and to the wire ---


def metres_of(length: float, uom: str, most_m: float, pointer: str, name: str) -> float:
    """Return a length in metres, or refuse one that is out of range at its pointer."""
    metres = length * UNITS_M[uom]
    if not 0.1 <= metres <= most_m:
        raise unacceptable(
            pointer, f"The {name} is {metres:g} m; it must be 0.1 m to {most_m / 1000:.0f} km."
        )
    return metres


def _centre(asked: _Centred, aerodromes: Aerodromes) -> tuple[LonLat, Aerodrome | None]:
    if asked.aerodrome is None:
        assert asked.centre is not None
        return asked.centre, None
    aerodrome = aerodromes.by_code.get(asked.aerodrome)
    if aerodrome is None:
        raise unacceptable("/aerodrome", f"{asked.aerodrome} is not in the list of aerodromes.")
    return aerodrome.position, aerodrome


def _aerodrome_doubts(aerodrome: Aerodrome | None) -> list[DoubtOut]:
    if aerodrome is None:
        return []
    return [DoubtOut(code="NOT_FOR_NAVIGATION", severity="note", detail=NOT_FOR_NAVIGATION)]


def bounded(*shapes: Polygon | Circle) -> None:
    """Refuse shapes with more vertices together than are read.

    Raises:
        InputTooLarge: Always then.
    """
    rings = [ring for shape in shapes if isinstance(shape, Polygon) for ring in (shape.shell, *shape.holes)]
    vertices = sum(len(ring) for ring in rings)
    if vertices > MAX_VERTICES:
        raise InputTooLarge(f"The shapes have {vertices} vertices together; at most {MAX_VERTICES} are read.")


def read_shapes(
    given: Sequence[CircleShape | PolygonShape | MultiPolygonShape], member: str
) -> list[Polygon | Circle]:
    """Return shapes of a member as the domain knows them, a polygon of several parts as several."""
    shapes: list[Polygon | Circle] = []
    for number, shape in enumerate(given):
        at = f"/{member}/{number}/coordinates"
        match shape:
            case CircleShape(coordinates=centre, extent=extent):
                shapes.append(Circle(centre, extent.radius))
            case PolygonShape(coordinates=rings):
                shapes.append(_polygon(rings, at))
            case MultiPolygonShape(coordinates=parts):
                shapes += [_polygon(rings, f"{at}/{part}") for part, rings in enumerate(parts)]
    return shapes


def _polygon(rings: list[list[LonLat]], at: str) -> Polygon:
    for number, ring in enumerate(rings):
        if ring[0] != ring[-1]:
            where = f"{at}/{number}/{len(ring) - 1}"
            raise unacceptable(where, "The ring is open: its last position must repeat its first.")
        if max(lon for lon, _ in ring) - min(lon for lon, _ in ring) > 180:
            raise unacceptable(f"{at}/{number}", "The ring spans more than 180 degrees: draw it as two.")
    area = shapely.Polygon(rings[0], rings[1:])
    if not area.is_valid:
        why = shapely.is_valid_reason(area)
        raise unacceptable(at, f"This is not a simple polygon: {why} (longitude latitude).")
    return Polygon(tuple(rings[0]), tuple(tuple(ring) for ring in rings[1:]))


def is_long_leg(here: LonLat, there: LonLat) -> bool:
    """Say whether a leg and the straight line in lon/lat between its ends are over EDGE_TOLERANCE_M apart halfway."""
    azimuth, _, length_m = GEOD.inv(*here, *there)
    lon, lat, _ = GEOD.fwd(*here, azimuth, length_m / 2)
    apart_m = GEOD.inv(lon, lat, (here[0] + there[0]) / 2, (here[1] + there[1]) / 2)[2]
    return bool(apart_m > EDGE_TOLERANCE_M)


def _outline(shape: Circle) -> Drawn | None:
    """Return a circle's outline, None where none is drawn."""
    try:
        return drawing.disc(shape.centre, shape.radius_m)
    except UnacceptableInput:
        return None


def _parts(shape: Circle) -> tuple[LonLat, float]:
    return shape.centre, shape.radius_m


def circle_shape(shape: Circle) -> dict[str, Any]:
    """Return a circle as ED-318 writes it."""
    extent = {"subType": "Circle", "radius": shape.radius_m}
    return {"type": "Point", "coordinates": list(shape.centre), "extent": extent}


def _geojson(geometry: BaseGeometry) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(shapely.to_geojson(shapely.orient_polygons(geometry)))
    return said


def _shape(drawn: Drawn, doubts: list[DoubtOut]) -> dict[str, Any]:
    return {
        "geometry": None if drawn.geometry.is_empty else _geojson(drawn.geometry),
        "largest_error_m": _up(drawn.largest_error_m),
        "area_km2": km2(drawn.geometry),
        "doubts": doubts,
    }


def said_of(drawn: Drawn) -> dict[str, Any]:
    """Return what is said of shapes put together, with what is doubtful about them."""
    doubts = []
    if drawn.geometry.is_empty:
        doubts.append(DoubtOut(code="NOTHING_LEFT", severity="flag", detail="No area is left."))
    elif any(
        footprint(Polygon(tuple(part.exterior.coords))).doubts for part in shapely.get_parts(drawn.geometry)
    ):
        doubts.append(DoubtOut(code=Reason.EDGE_INTERPRETATION, severity="flag", detail=LONG_EDGE))
    return _shape(drawn, doubts)


def part_of(name: str, drawn: Drawn) -> PartOut:
    """Return a drawn shape with its name."""
    return PartOut(
        name=name,
        geometry=_geojson(drawn.geometry),
        largest_error_m=_up(drawn.largest_error_m),
        area_km2=km2(drawn.geometry),
    )


def _aerodrome(aerodrome: Aerodrome) -> AerodromeOut:
    return AerodromeOut(
        icao=aerodrome.icao,
        name=aerodrome.name,
        city=aerodrome.city,
        country=aerodrome.country,
        position=list(aerodrome.position),
        elevation_m=aerodrome.elevation_m,
    )


def _doubt(doubt: Doubt) -> DoubtOut:
    return DoubtOut(
        code=doubt.code,
        severity=doubt.severity,
        detail=doubt.detail,
        point=doubt.number,
        start=doubt.start,
        end=doubt.end,
    )


def _up(metres: float) -> float:
    """Return metres rounded up to the centimetre."""
    return ceil(metres * 100) / 100


def km2(geometry: BaseGeometry) -> float:
    """Return an area in square kilometres, to the square metre."""
    return round(area_km2(geometry), 6)


@contextmanager
def about(pointer: str) -> Iterator[None]:
    """Let what is refused name the member it is about."""
    try:
        yield
    except UnacceptableInput as error:
        if any(defect.pointer for defect in error.defects):
            raise
        defects = tuple(replace(defect, pointer=pointer) for defect in error.defects)
        raise UnacceptableInput(error.detail, defects) from error


def unacceptable(pointer: str, detail: str) -> UnacceptableInput:
    """Return the error that says what is wrong with a member."""
    return UnacceptableInput(detail, (Defect("VALUE_UNACCEPTABLE", pointer, detail),))

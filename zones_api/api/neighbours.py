"""For whoever draws zones beside others: published zones nearby as shapes, cuts, and gaps closed. Nothing is stored."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Annotated, Any

import shapely
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from shapely.geometry.base import BaseGeometry

from zones_api.api.answers import published_texts
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.geometry_tools import (
    MAX_SHAPES,
    Asked,
    CombinedOut,
    DoubtOut,
    Length,
    PartOut,
    ShapeIn,
    ShapeOut,
    Unit,
    about,
    bounded,
    circle_shape,
    is_long_leg,
    km2,
    metres_of,
    part_of,
    read_shapes,
    said_of,
)
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import Position
from zones_api.api.wire import PublishedText
from zones_api.domain import cutting, drawing
from zones_api.domain.drawing import Check
from zones_api.domain.geometry import Bounds, Circle, Polygon, Spot, around
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import END, ends_told, meets
from zones_api.domain.zone import PublishedZone
from zones_api.errors import UnacceptableInput
from zones_api.formats.coordinates.blocks import LONG_EDGE

MAX_CUT_POINTS = 100
MAX_GAP_M = 5_000.0
MAX_NEAR_M = 50_000.0
MOST_NEIGHBOURS = 50
_SQUARE: JsonDict = {
    "type": "Polygon",
    "coordinates": [[[4.6, 52.2], [4.9, 52.2], [4.9, 52.4], [4.6, 52.4], [4.6, 52.2]]],
}
_BESIDE: JsonDict = {
    "type": "Polygon",
    "coordinates": [[[4.9002, 52.1], [5.1, 52.1], [5.1, 52.3], [4.9002, 52.3], [4.9002, 52.1]]],
}

router = APIRouter(prefix="/v1/geometry-tools", tags=["geometry tools"], route_class=JsonRoute)

Shapes = Annotated[list[ShapeIn], Field(min_length=1, max_length=MAX_SHAPES)]


class SplitIn(Asked):
    """Shapes, and the line that cuts them: straight in longitude and latitude, as the edges of polygons are."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"shapes": [_SQUARE], "line": [[4.5, 52.3], [5.0, 52.32]]}]}
    )

    shapes: Shapes
    line: Annotated[list[Position], Field(min_length=2, max_length=MAX_CUT_POINTS)]


class SplitOut(ShapeOut):
    """The parts of what was cut, the largest first; `geometry` is the whole of them."""

    parts: list[PartOut]


class SnapIn(Asked):
    """Shapes, others beside them, and how wide a gap is closed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"shapes": [_SQUARE], "others": [_BESIDE], "within": 20}]}
    )

    shapes: Shapes
    others: Shapes
    within: Length
    uom: Unit = "m"


class NeighboursIn(Asked):
    """Shapes, and how far around them is looked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"shapes": [_SQUARE], "within": 5, "uom": "km"}]}
    )

    shapes: Shapes
    within: Length
    uom: Unit = "m"


class NeighbourOut(BaseModel):
    """A published zone nearby."""

    country: str
    identifier: str
    name: list[PublishedText]
    type: Annotated[str, Field(description="As published")]
    data_set: str
    valid_from: Annotated[datetime | None, Field(description="Null is always before")]
    valid_to: Annotated[datetime | None, Field(description="Null is until further notice")]
    area_km2: float
    overlap_km2: Annotated[
        float, Field(description="How much of it the shapes cover; heights are not looked at")
    ]
    shapes: Annotated[
        list[dict[str, Any]],
        Field(
            description="As published, for `shapes` or `others` of a tool; empty where `unusable` says why"
        ),
    ]
    unusable: Annotated[str | None, Field(description="Why the zone cannot be put together with others")]


class NeighboursOut(BaseModel):
    """The published zones nearby that apply now or later, the nearest of them; those that overlap most come first."""

    revision: int | None
    zones: list[NeighbourOut]
    left_off: Annotated[
        int, Field(description=f"How many more there are: at most {MOST_NEIGHBOURS} are listed")
    ]


@router.post("/split", response_model=SplitOut, responses=RESPONSES)
def split(asked: SplitIn, service: CurrentService) -> SplitOut:
    """Cut shapes along a line. The parts share the edge of the cut: no place falls between them."""
    shapes = read_shapes(asked.shapes, "shapes")
    bounded(*shapes)
    with about("/line"):
        whole, parts = cutting.split(shapes, asked.line, service.time_limit())
    said = said_of(whole)
    if any(is_long_leg(here, there) for here, there in pairwise(asked.line)):
        said["doubts"].append(DoubtOut(code=Reason.EDGE_INTERPRETATION, severity="flag", detail=LONG_EDGE))
    return SplitOut(**said, parts=[part_of(f"part {n}", part) for n, part in enumerate(parts, 1)])


@router.post("/snap", response_model=CombinedOut, responses=RESPONSES)
def snap(asked: SnapIn, service: CurrentService) -> CombinedOut:
    """Draw the edges of shapes to those of others that are near, so that no gap is left: never less than before."""
    shapes, others = read_shapes(asked.shapes, "shapes"), read_shapes(asked.others, "others")
    bounded(*shapes, *others)
    within_m = metres_of(asked.within, asked.uom, MAX_GAP_M, "/within", "distance")
    check = service.time_limit()
    with about("/within"):
        before = drawing.union(shapes, check)
        drawn = cutting.snap(shapes, others, within_m, check)
    return CombinedOut(**said_of(drawn), area_before_km2=km2(before.geometry))


@router.post("/neighbours", response_model=NeighboursOut, responses=RESPONSES)
def neighbours(asked: NeighboursIn, service: CurrentService) -> NeighboursOut:
    """List the published zones near shapes, as shapes to draw with. Zones that are set aside are not among them."""
    shapes = read_shapes(asked.shapes, "shapes")
    bounded(*shapes)
    within_m = metres_of(asked.within, asked.uom, MAX_NEAR_M, "/within", "distance")
    snapshot, now, check = service.following.current(), service.now(), service.time_limit()
    with about("/shapes"):
        drawn = drawing.union(shapes, check).geometry
    found = [
        each for each in snapshot.near(around(_bounds(drawn), within_m)) if meets((each.valid,), (now, END))
    ]
    found.sort(key=partial(_nearness, drawn))
    zones = [_neighbour(each, drawn, check) for each in found[:MOST_NEIGHBOURS]]
    zones.sort(key=lambda each: (-each.overlap_km2, each.unusable is not None, each.country, each.identifier))
    return NeighboursOut(revision=snapshot.revision, zones=zones, left_off=len(found) - len(zones))


def _nearness(drawn: BaseGeometry, published: PublishedZone) -> tuple[float, float]:
    """Return what sorts zones by their boxes: those that are nearest first, of these the ones most overlapped."""
    box = shapely.box(*published.zone.bounds)
    return float(shapely.distance(drawn, box)), -float(shapely.intersection(drawn.envelope, box).area)


def _bounds(geometry: BaseGeometry) -> Bounds:
    west, south, east, north = geometry.bounds
    return west, south, east, north


def _neighbour(published: PublishedZone, drawn: BaseGeometry, check: Check) -> NeighbourOut:
    zone, (start, end) = published.zone, ends_told(published.valid)
    shapes = [shape for volume in zone.volumes for shape in volume.shapes]
    area, unusable = _area(shapes, check)
    return NeighbourOut(
        country=zone.country,
        identifier=zone.identifier,
        name=published_texts(zone.name),
        type=zone.published_type,
        data_set=published.data_set,
        valid_from=start,
        valid_to=end,
        area_km2=km2(area) if area is not None else 0.0,
        overlap_km2=km2(drawing.polygons(shapely.intersection(area, drawn))) if area is not None else 0.0,
        shapes=[] if area is None else [_as_drawn(shape) for shape in dict.fromkeys(shapes)],
        unusable=unusable,
    )


def _area(shapes: list[Polygon | Circle | Spot], check: Check) -> tuple[BaseGeometry | None, str | None]:
    """Return what shapes cover, or why that cannot be said for certain."""
    plain = [each for each in shapes if not isinstance(each, Spot)]
    if len(plain) < len(shapes):
        return None, "It is published as a point or line without a size."
    if any(isinstance(each, Circle) and each.other_radius_m is not None for each in plain):
        return None, "It cannot be told which unit its radius is in."
    if any(isinstance(each, Polygon) and _width(each) > 180.0 for each in plain):
        return None, "It spans more than 180 degrees, or crosses the antimeridian."
    try:
        return drawing.union(plain, check).geometry, None
    except UnacceptableInput as error:
        return None, error.detail


def _width(shape: Polygon) -> float:
    lons = [lon for lon, _ in shape.shell]
    return max(lons) - min(lons)


def _as_drawn(shape: Polygon | Circle | Spot) -> dict[str, Any]:
    if isinstance(shape, Circle):
        return circle_shape(shape)
    assert isinstance(shape, Polygon)
    rings = [[list(position) for position in ring] for ring in (shape.shell, *shape.holes)]
    return {"type": "Polygon", "coordinates": rings}

"""GeoJSON geometries as the airspace volumes of ED-269."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from zones_api.formats.dialects.reshaping import Reshaping
from zones_api.formats.members import as_list

HEIGHTS = (
    "uomDimensions",
    "lowerLimit",
    "lowerVerticalReference",
    "upperLimit",
    "upperVerticalReference",
)


@dataclass(frozen=True)
class Projection:
    """A horizontal projection; `place` is where the publisher has it, `parts` where its members are if elsewhere."""

    value: dict[str, Any]
    place: str
    parts: tuple[tuple[str, str], ...] = ()


def projections(geometry: Any, place: str) -> Iterator[Projection]:
    """Yield the horizontal projections of a GeoJSON geometry; what ED-269 has no word for stays as it is."""
    if not isinstance(geometry, dict):
        return
    coordinates, kind = geometry.get("coordinates"), geometry.get("type")
    match kind:
        case "MultiPolygon" if isinstance(coordinates, list):
            for number, part in enumerate(coordinates):
                yield Projection(
                    {"type": "Polygon", "coordinates": part},
                    place,
                    (("coordinates", f"{place}/coordinates/{number}"),),
                )
        case "GeometryCollection":
            for number, member in enumerate(as_list(geometry.get("geometries"))):
                yield from projections(member, f"{place}/geometries/{number}")
        case "Point":
            extent = geometry.get("extent")
            radius = extent.get("radius") if isinstance(extent, dict) else geometry.get("radius")
            inside = "extent/radius" if isinstance(extent, dict) else "radius"
            yield Projection(
                {"type": "Circle", "center": coordinates, "radius": radius},
                place,
                (("center", f"{place}/coordinates"), ("radius", f"{place}/{inside}")),
            )
        case _:
            yield Projection(geometry, place)


def put_volumes(shape: Reshaping, volumes: list[tuple[dict[str, Any], str, Projection]]) -> None:
    """Let the zone have these volumes: heights, where the publisher has them, and a projection each."""
    shape.put(
        "/geometry",
        [{**heights, "horizontalProjection": over.value} for heights, _, over in volumes],
        shape.published_at("/geometry"),
    )
    for number, (_, place, over) in enumerate(volumes):
        at = f"/geometry/{number}"
        shape.locate(at, place)
        shape.locate(f"{at}/horizontalProjection", over.place)
        for name, where in over.parts:
            shape.locate(f"{at}/horizontalProjection/{name}", where)

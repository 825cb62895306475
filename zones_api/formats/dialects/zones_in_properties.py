"""GeoJSON features whose properties are a zone of ED-269: Estonia's, and others that call themselves ED-318."""

from __future__ import annotations

from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.formats import ed269, strict_json
from zones_api.formats.dialects.dialect import Dialect, Metadata, features_of, is_collection
from zones_api.formats.dialects.reshaping import Reshaping
from zones_api.formats.dialects.steps import moved, passed_over, reasons_at, schedule_in_words, yes_or_no
from zones_api.formats.dialects.volumes import HEIGHTS, Projection, projections, put_volumes
from zones_api.formats.members import Found, as_list, as_text

MAX_VOLUMES = 10_000
_OF_A_LAYER = {
    "uomDimensions": "uom",
    "lowerLimit": "lower",
    "lowerVerticalReference": "lowerReference",
    "upperLimit": "upper",
    "upperVerticalReference": "upperReference",
}


def _properties(value: Any) -> list[dict[str, Any]]:
    if not is_collection(value):
        return []
    features = (each for each in features_of(value, "/features") if isinstance(each, dict))
    return [each["properties"] for each in features if isinstance(each.get("properties"), dict)]


def _is_estonian(value: Any) -> bool:
    return any(
        "restriction" in each and isinstance(each.get("geometry"), dict) for each in _properties(value)
    )


def _has_restrictions(value: Any) -> bool:
    return any("restriction" in each for each in _properties(value))


def zone_of(shape: Reshaping) -> None:
    """Read a feature's properties as the zone, and its geometry as where the volumes in them are."""
    geometry, properties = shape.get("/geometry"), shape.get("/properties")
    if not isinstance(properties, dict):
        return
    own = list(projections(geometry, "/geometry"))
    heights_of = _heights(properties, geometry)
    if len(heights_of) * len(own) > MAX_VOLUMES:
        what = f"The zone has over {MAX_VOLUMES} volumes."
        shape.found.quarantine(Reason.MEMBER_INVALID, "/properties/geometry", what)
        heights_of, own = heights_of[:1], own[:1]
    volumes: list[tuple[dict[str, Any], str, Projection]] = []
    for heights, place in heights_of:
        rest = {name: value for name, value in heights.items() if name != "horizontalProjection"}
        inside = list(projections(heights.get("horizontalProjection"), f"{place}/horizontalProjection"))
        volumes.extend((rest, place, projection) for projection in inside or own)
    missing = _elsewhere(own, volumes)
    if volumes and missing:
        what = "The feature's own geometry is not that of its volumes; both count."
        shape.found.flag(Reason.GEOMETRY_INVALID, "/geometry", what)
        volumes.extend((rest, place, projection) for rest, place, _ in volumes[:] for projection in missing)
    shape.put("", properties, "/properties")
    put_volumes(shape, volumes)
    shape.locate("/geometry", "/geometry")


def _elsewhere(
    own: list[Projection], volumes: list[tuple[dict[str, Any], str, Projection]]
) -> list[Projection]:
    """Return the feature's own projections that none of its volumes has."""
    had = {strict_json.canonical(over.value) for _, _, over in volumes}
    return [each for each in own if strict_json.canonical(each.value) not in had]


def _heights(properties: dict[str, Any], geometry: Any) -> list[tuple[dict[str, Any], str]]:
    """Return volumes as far as the properties have them, and where: as ED-269's, as heights, or as ED-318's layer."""
    inside = properties.get("geometry")
    volumes = [
        (volume, f"/properties/geometry/{number}" if isinstance(inside, list) else "/properties/geometry")
        for number, volume in enumerate(as_list(inside))
        if isinstance(volume, dict)
    ]
    if volumes:
        return volumes
    heights = {name: properties[name] for name in HEIGHTS if name in properties}
    if heights:
        return [(heights, "/properties")]
    layer = geometry.get("layer") if isinstance(geometry, dict) else None
    if isinstance(layer, dict):
        names = {ours: layer.get(theirs) for ours, theirs in _OF_A_LAYER.items()}
        return [({**names, "uomDimensions": names["uomDimensions"] or "m"}, "/geometry/layer")]
    return [({}, "/properties")]


def _unlimited(shape: Reshaping) -> None:
    """Read the number beside the word UNL as no limit at all."""
    if (as_text(shape.get("/properties/upper")) or "").upper() in ("UNL", "UNLIMITED"):
        for volume in list(shape.each("/properties/geometry")):
            shape.drop(f"{volume}/upperLimit")


def _hidden(shape: Reshaping) -> None:
    """Say that a zone which the publisher's map hides counts all the same."""
    if shape.get("/properties/hidden") is True:
        what = "The publisher's map hides this zone; it is published, so it counts."
        shape.found.note(Reason.MEMBER_UNKNOWN, "/properties/hidden", what)


def _metadata(value: Any, _found: Found) -> Metadata:
    return {"title": as_text(value.get("name")) or as_text(value.get("title"))}


_READING = (
    zone_of,
    moved("/limitedApplicability", "/applicability"),
    schedule_in_words("/applicability", "rawSchedule"),
    reasons_at("/reason"),
    yes_or_no("/regulationExemption"),
)

ESTONIA = Dialect(
    "eans",
    "EANS, Estonia",
    ed269,
    recognises=_is_estonian,
    fits=_has_restrictions,
    locate=lambda _value: "/features",
    metadata=_metadata,
    steps=(
        _hidden,
        _unlimited,
        passed_over(
            *(
                f"/properties/{name}"
                for name in (
                    "hidden",
                    "metaData",
                    "airspacetype",
                    "airspaceclass",
                    "lower",
                    "lowerMeters",
                    "upper",
                    "upperMeters",
                )
            )
        ),
        *_READING,
    ),
)

OTHERS = Dialect(
    "ed318-with-ed269",
    "programs that put ED-269 into GeoJSON and call it ED-318",
    ed269,
    recognises=_has_restrictions,
    fits=_has_restrictions,
    locate=lambda _value: "/features",
    metadata=_metadata,
    steps=(
        *_READING,
        passed_over(*(f"/{name}" for name in HEIGHTS), "/_source"),
    ),
)

"""A zone that was set aside, from the publisher's document to a draft for a person to mend.

What ED-318 has a place for is kept as it stands, right or wrong: validation of the draft then names each defect again,
with its place in the draft.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from zones_api.domain.data_set import QuarantinedZone
from zones_api.domain.zone import Decision
from zones_api.formats import ed269, ed318, strict_json
from zones_api.formats.members import as_list, as_text

_SAME = (
    "identifier",
    "country",
    "name",
    "restrictionConditions",
    "region",
    "reason",
    "otherReasonInfo",
    "regulationExemption",
    "message",
    "zoneAuthority",
    "extendedProperties",
)
"""What both formats call the same."""
_LAYER = {
    "lower": "lowerLimit",
    "lowerReference": "lowerVerticalReference",
    "upper": "upperLimit",
    "upperReference": "upperVerticalReference",
    "uom": "uomDimensions",
}


def value_at(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer within a value, None where nothing does."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def digest_of(feature: Any) -> str:
    """Return what names a feature as it was published: the SHA-256 of its canonical JSON, hexadecimal."""
    return hashlib.sha256(strict_json.canonical(feature)).hexdigest()


class InPlace(StrEnum):
    """What a draft decides of a zone that was set aside, in its mirrored data set itself."""

    MEND = "mend"
    GONE = "gone"
    UNDO = "undo"


def draft_content(
    data_set: str,
    zone: QuarantinedZone,
    feature: Any,
    format_name: str,
    into: str | None = None,
    in_place: InPlace | None = None,
    decision: Decision | None = None,
) -> dict[str, Any]:
    """Return the content of a draft that would publish a zone that was set aside, as `POST /v1/drafts` takes it.

    Args:
        data_set: The mirrored data set.
        zone: The zone.
        feature: It as published, None where that cannot be read.
        format_name: The document's format.
        into: The authority's own data set; None is one named after the mirrored one.
        in_place: What to decide in the mirrored data set itself, instead of drawing it in another.
        decision: What stands decided of it.
    """
    named = f"{zone.country} {zone.identifier or 'without an identifier'}"
    if in_place in (InPlace.GONE, InPlace.UNDO):
        undoes = in_place is InPlace.UNDO
        country, identifier = zone.country, zone.identifier or zone.pointer
        if decision is not None and decision.version is not None:
            country, identifier = decision.country, decision.identifier or identifier
        return {
            "title": f"{'Undoes what was decided of' if undoes else 'Ends'} zone {named} of {data_set}",
            "data_set": data_set,
            "legal_reference": "",
            "items": [
                {
                    "change": "undo" if undoes else "withdraw",
                    "mends": digest_of(feature),
                    "country": country,
                    "identifier": identifier,
                }
            ],
        }
    kept = ed269_as_ed318(feature) if format_name == ed269.NAME else feature
    if not isinstance(kept, dict):
        kept = {"type": "Feature", "properties": {"country": zone.country, "identifier": zone.identifier}}
    own = into or f"{data_set[:56]}-mended"
    which = {"mends": digest_of(feature)} if in_place else {"valid": {"from": None, "to": None}}
    return {
        "title": f"Mends zone {named} of {data_set}",
        "data_set": data_set if in_place else own,
        "legal_reference": "",
        "reason": f"The publisher's document has zone {named} at {zone.pointer or 'its start'} in a form that cannot be"
        " evaluated.",
        "items": [{"change": "assert", "feature": kept} | which],
    }


def ed269_as_ed318(zone: Any) -> dict[str, Any] | None:
    """Return an ED-269 zone with its members where ED-318 has them, unread; None if it is no zone at all.

    What has no place there stands in `extendedProperties.ed269`, so that nothing is lost on the way.
    """
    if not isinstance(zone, Mapping):
        return None
    properties = {name: zone[name] for name in _SAME if name in zone}
    for name in ("name", "message", "otherReasonInfo"):
        if isinstance(properties.get(name), str):
            properties[name] = [{"text": properties[name]}]
    if "restriction" in zone:
        word = as_text(zone["restriction"]) or ""
        properties["type"] = (
            "REQ_AUTHORIZATION" if word.upper() == "REQ_AUTHORISATION" else zone["restriction"]
        )
    if "type" in zone:
        properties["variant"] = zone["type"]
    left = {
        name: value
        for name, value in zone.items()
        if name not in (*_SAME, "restriction", "type", "geometry", "applicability")
    }
    if "applicability" in zone:
        periods = [each for each in as_list(zone["applicability"]) if isinstance(each, Mapping)]
        properties["limitedApplicability"] = [
            {name: value for name, value in each.items() if name != "permanent"} for each in periods
        ]
        if all(each.keys() <= {"permanent"} and as_text(each.get("permanent")) == "YES" for each in periods):
            del properties["limitedApplicability"]
        else:
            left["applicability"] = zone["applicability"]
    if left:
        extended = properties.get("extendedProperties")
        properties["extendedProperties"] = (dict(extended) if isinstance(extended, Mapping) else {}) | {
            "ed269": left
        }
    volumes = [_geometry(each) for each in as_list(zone.get("geometry"))]
    geometry = (
        volumes[0]
        if len(volumes) == 1
        else {"type": "GeometryCollection", "geometries": volumes}
        if volumes
        else None
    )
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _geometry(volume: Any) -> Any:
    if not isinstance(volume, Mapping):
        return volume
    projection = volume.get("horizontalProjection")
    shape = dict(projection) if isinstance(projection, Mapping) else {}
    if (as_text(shape.get("type")) or "").upper() == "CIRCLE":
        shape = {
            "type": "Point",
            "coordinates": shape.get("center", shape.get("centre")),
            "extent": {"subType": "Circle", "radius": shape.get("radius")},
        }
    layer = {name: volume[given] for name, given in _LAYER.items() if given in volume}
    if isinstance(layer.get("uom"), str):
        layer["uom"] = layer["uom"].lower()
    return shape | {"layer": layer}


def key_of(feature: Any, format_name: str) -> tuple[str | None, str | None]:
    """Return the country and identifier of a feature as far as they can be read."""
    reader = ed269 if format_name == ed269.NAME else ed318
    country, identifier, _ = reader.read_key(feature)
    return country, identifier

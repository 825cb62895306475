"""ED-318 (EUROCAE, January 2024): a GeoJSON FeatureCollection with layers and circles.

Source: the schemas of UASGeoZones/ED-318 and the published field tables. The schema is no safety check: it
leaves limits, extents and times unchecked, so everything is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zones_api.domain.altitude import VerticalExtent
from zones_api.domain.geometry import Circle, Polygon, Spot
from zones_api.domain.reasons import Reason
from zones_api.domain.wording import text_limits
from zones_api.domain.zone import ALWAYS, AirspaceVolume, UASZone
from zones_api.formats import members, originals, shapes
from zones_api.formats.conditions import coded_conditions
from zones_api.formats.members import COUNTRY_NOT_STATED, Found, absent, as_list, as_text

NAME = "ed318"
IDENTIFIER = "/properties/identifier"
"""Where a zone has its identifier."""

_PROPERTIES = frozenset(
    [
        "identifier",
        "country",
        "name",
        "type",
        "variant",
        "restrictionConditions",
        "region",
        "reason",
        "otherReasonInfo",
        "regulationExemption",
        "message",
        "zoneAuthority",
        "limitedApplicability",
        "dataSource",
        "extendedProperties",
    ]
)
_METADATA_TIMES = {"issued": "issued", "validFrom": "valid_from", "validTo": "valid_to"}


def read_metadata(collection: dict[str, Any], found: Found) -> dict[str, Any]:
    """Return what the collection says of itself, by the names of `Metadata`'s members."""
    metadata = collection.get("metadata")
    if absent(metadata):
        metadata = {}
    if not isinstance(metadata, dict):
        found.stop(Reason.MEMBER_INVALID, "/metadata", "The metadata is not an object.")
        metadata = {}
    read: dict[str, Any] = {"title": as_text(collection.get("name")) or as_text(collection.get("title"))}
    for member, name in _METADATA_TIMES.items():
        value = metadata.get(member)
        moment = None if absent(value) else members.date_time(value)
        if not absent(value) and (moment is None or moment.tzinfo is None):
            what = "is not a date and time" if moment is None else "has no offset from UTC"
            found.stop(Reason.MEMBER_INVALID, f"/metadata/{member}", f"{member} {what}.")
        read[name] = moment if moment and moment.tzinfo else None
    read["provider"] = members.texts(metadata.get("provider"), found, "/metadata/provider", tagged=True)
    limits = "technicalLimitation" if "technicalLimitation" in metadata else "technicalLimitations"
    read["limitations"] = members.texts(metadata.get(limits), found, f"/metadata/{limits}", tagged=True)
    read["other_geoid"] = as_text(metadata.get("otherGeoid"))
    read["coverage"] = shapes.coverage(metadata.get("coverage"), found, "/metadata/coverage")
    return read


def read_key(feature: Any) -> tuple[str | None, str | None, str | None]:
    """Return a feature's country, identifier and type as far as they can be read."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return None, None, None
    country, identifier, kind = (as_text(properties.get(m)) for m in ("country", "identifier", "type"))
    country = country.upper() if country else None
    return *originals.restored(properties.get("extendedProperties"), country, identifier), kind


def read_feature(feature: Any, found: Found, at: str) -> UASZone | None:
    """Return the zone of a feature, or None where it cannot be evaluated at all; defects go to `found`."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        found.quarantine(Reason.MEMBER_MISSING, at, "This is not a Feature with properties.")
        return None
    properties, here = feature["properties"], f"{at}/properties"
    country, identifier, _ = read_key(feature)
    if identifier is None:
        found.quarantine(Reason.MEMBER_MISSING, f"{here}/identifier", "The zone has no identifier.")
    if country is None:
        found.flag(Reason.MEMBER_MISSING, f"{here}/country", "The zone does not name its country.")
    for member in sorted(properties.keys() - _PROPERTIES):
        found.note(Reason.MEMBER_UNKNOWN, f"{here}/{member}", f"ED-318 has no member {member!r}.")
    for member in ("variant", "zoneAuthority"):
        if absent(properties.get(member)):
            found.note(Reason.MEMBER_MISSING, f"{here}/{member}", f"The zone has no {member}.")
    zone_type, published = members.zone_type(
        properties.get("type"), found, f"{here}/type", "REQ_AUTHORIZATION"
    )
    volumes = tuple(_volumes(feature.get("geometry"), None, found, f"{at}/geometry"))
    where = f"{here}/limitedApplicability"
    applicability = members.periods(properties.get("limitedApplicability"), found, where, has_permanent=False)
    if not volumes and not found.quarantined:
        found.quarantine(Reason.MEMBER_MISSING, f"{at}/geometry", "The zone has no geometry.")
    if found.quarantined or identifier is None:
        return None
    shapes.flag_doubts(volumes, found, f"{at}/geometry")
    extended = properties.get("extendedProperties")
    coded = coded_conditions(extended, zone_type, found, f"{here}/extendedProperties")
    members.flag_fixed_hours(applicability, country, found, where)
    message = members.texts(properties.get("message"), found, f"{here}/message", tagged=True)
    conditions = (
        "\n".join(filter(None, map(as_text, as_list(properties.get("restrictionConditions"))))) or None
    )
    source = properties.get("dataSource")
    for where, text in [("message", m.text) for m in message] + [("restrictionConditions", conditions or "")]:
        if text_limits(text):
            found.flag(
                Reason.TEXT_LIMITS_APPLICABILITY,
                f"{here}/{where}",
                "The text seems to limit days, times or heights; the coded data does not.",
            )
    return UASZone(
        country=country or COUNTRY_NOT_STATED,
        identifier=identifier,
        type=zone_type,
        published_type=published,
        volumes=volumes,
        applicability=applicability or ALWAYS,
        variant=as_text(properties.get("variant")),
        name=members.texts(properties.get("name"), found, f"{here}/name", tagged=True),
        restriction_conditions=conditions,
        coded_conditions=coded,
        reason=tuple(filter(None, map(as_text, as_list(properties.get("reason"))))),
        other_reason_info=members.texts(
            properties.get("otherReasonInfo"), found, f"{here}/otherReasonInfo", tagged=True
        ),
        regulation_exemption=as_text(properties.get("regulationExemption")),
        message=message,
        authorities=members.authorities(
            properties.get("zoneAuthority"), found, f"{here}/zoneAuthority", tagged=True
        ),
        extended_properties=extended if isinstance(extended, dict) else {},
        region=members.region(properties.get("region")),
        data_source=source if isinstance(source, dict) else {},
        flags=found.flags,
    )


def _volumes(geometry: Any, outer_layer: Any, found: Found, at: str) -> Iterator[AirspaceVolume]:
    """Yield a volume for each geometry; members of a collection without a layer have the collection's."""
    if not isinstance(geometry, dict):
        found.quarantine(Reason.MEMBER_MISSING, at, "The zone has no geometry.")
        return
    layer = outer_layer if absent(geometry.get("layer")) else geometry["layer"]
    if geometry.get("type") == "GeometryCollection":
        for number, member in enumerate(as_list(geometry.get("geometries"))):
            yield from _volumes(member, layer, found, f"{at}/geometries/{number}")
        return
    read = tuple(_shapes(geometry, found, at))
    if read:
        yield AirspaceVolume(read, _extent(layer, found, f"{at}/layer"))


def _shapes(geometry: dict[str, Any], found: Found, at: str) -> Iterator[Polygon | Circle | Spot]:
    coordinates, inside = geometry.get("coordinates"), f"{at}/coordinates"
    match geometry.get("type"):
        case "Polygon":
            read: list[Polygon | Circle | Spot | None] = [shapes.polygon(coordinates, found, inside)]
        case "MultiPolygon":
            parts = as_list(coordinates)
            read = [shapes.polygon(part, found, f"{inside}/{number}") for number, part in enumerate(parts)]
        case "Point":
            read = [_circle(geometry, coordinates, found, at)]
        case "MultiPoint":
            read = [_circle(geometry, position, found, at) for position in as_list(coordinates)]
        case "LineString":
            read = [shapes.spot(coordinates, found, inside)]
        case "MultiLineString":
            read = [
                shapes.spot(line, found, f"{inside}/{number}")
                for number, line in enumerate(as_list(coordinates))
            ]
        case other:
            found.quarantine(Reason.MEMBER_INVALID, f"{at}/type", f"{other!r} is not a GeoJSON geometry.")
            read = []
    yield from (shape for shape in read if shape is not None)


def _circle(geometry: dict[str, Any], centre: Any, found: Found, at: str) -> Circle | Spot | None:
    extent = geometry.get("extent")
    extent = extent if isinstance(extent, dict) else {}
    is_circle = (as_text(extent.get("subType")) or "").upper() == "CIRCLE"
    return shapes.circle(centre, extent.get("radius") if is_circle else None, found, at)


def _extent(layer: Any, found: Found, at: str) -> VerticalExtent:
    if not isinstance(layer, dict):
        found.note(
            Reason.MEMBER_MISSING, at, "The geometry has no layer: it reaches from the surface without limit."
        )
        layer = {}
    return members.extent(
        layer.get("lower"),
        layer.get("lowerReference"),
        layer.get("upper"),
        layer.get("upperReference"),
        "m" if absent(layer.get("uom")) else layer.get("uom"),
        found,
        {"lower": f"{at}/lower", "upper": f"{at}/upper", "unit": f"{at}/uom"},
    )

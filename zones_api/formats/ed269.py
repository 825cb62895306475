"""ED-269 (EUROCAE, June 2020), chapter 8: a list of zones with their volumes.

Source: the published field tables and what national documents contain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zones_api.domain.altitude import METRES_PER_FOOT, VerticalExtent
from zones_api.domain.geometry import Circle, Polygon, Spot
from zones_api.domain.reasons import Reason
from zones_api.domain.wording import text_limits
from zones_api.domain.zone import ALWAYS, AirspaceVolume, UASZone
from zones_api.formats import members, originals, shapes
from zones_api.formats.conditions import coded_conditions
from zones_api.formats.members import COUNTRY_NOT_STATED, Found, absent, as_list, as_text

NAME = "ed269"
IDENTIFIER = "/identifier"
"""Where a zone has its identifier."""

_MEMBERS = frozenset(
    [
        "identifier",
        "country",
        "name",
        "type",
        "restriction",
        "restrictionConditions",
        "region",
        "reason",
        "otherReasonInfo",
        "regulationExemption",
        "uSpaceClass",
        "message",
        "applicability",
        "zoneAuthority",
        "geometry",
        "extendedProperties",
    ]
)


def read_key(zone: Any) -> tuple[str | None, str | None, str | None]:
    """Return a zone's country, identifier and restriction as far as they can be read."""
    if not isinstance(zone, dict):
        return None, None, None
    country, identifier, restriction = (
        as_text(zone.get(m)) for m in ("country", "identifier", "restriction")
    )
    country = country.upper() if country else None
    return *originals.restored(zone.get("extendedProperties"), country, identifier), restriction


def read_feature(zone: Any, found: Found, at: str) -> UASZone | None:
    """Return a zone, or None where it cannot be evaluated at all; defects go to `found`."""
    if not isinstance(zone, dict):
        found.quarantine(Reason.MEMBER_INVALID, at, "This is not a zone.")
        return None
    country, identifier, _ = read_key(zone)
    if identifier is None:
        found.quarantine(Reason.MEMBER_MISSING, f"{at}/identifier", "The zone has no identifier.")
    if country is None:
        found.flag(Reason.MEMBER_MISSING, f"{at}/country", "The zone does not name its country.")
    for member in sorted(zone.keys() - _MEMBERS):
        found.note(Reason.MEMBER_UNKNOWN, f"{at}/{member}", f"ED-269 has no member {member!r}.")
    zone_type, published = members.zone_type(
        zone.get("restriction"), found, f"{at}/restriction", "REQ_AUTHORISATION"
    )
    volumes = tuple(_volumes(zone.get("geometry"), found, f"{at}/geometry"))
    if not volumes and not found.quarantined:
        found.quarantine(Reason.MEMBER_MISSING, f"{at}/geometry", "The zone has no geometry.")
    applicability = members.periods(
        zone.get("applicability"), found, f"{at}/applicability", has_permanent=True
    )
    if not applicability:
        what = "The zone does not say when it applies; it is taken to apply always."
        found.flag(Reason.APPLICABILITY_NOT_STATED, f"{at}/applicability", what)
    if found.quarantined or identifier is None:
        return None
    shapes.flag_doubts(volumes, found, f"{at}/geometry")
    message = members.texts(zone.get("message"), found, f"{at}/message", tagged=False)
    conditions = "\n".join(filter(None, map(as_text, as_list(zone.get("restrictionConditions"))))) or None
    for where, text in [("message", m.text) for m in message] + [("restrictionConditions", conditions or "")]:
        if text_limits(text):
            found.flag(
                Reason.TEXT_LIMITS_APPLICABILITY,
                f"{at}/{where}",
                "The text seems to limit days, times or heights; the coded data does not.",
            )
    extended = zone.get("extendedProperties")
    coded = coded_conditions(extended, zone_type, found, f"{at}/extendedProperties")
    members.flag_fixed_hours(applicability, country, found, f"{at}/applicability")
    return UASZone(
        country=country or COUNTRY_NOT_STATED,
        identifier=identifier,
        type=zone_type,
        published_type=published,
        volumes=volumes,
        applicability=applicability or ALWAYS,
        variant=as_text(zone.get("type")),
        name=members.texts(zone.get("name"), found, f"{at}/name", tagged=False),
        restriction_conditions=conditions,
        coded_conditions=coded,
        reason=tuple(filter(None, map(as_text, as_list(zone.get("reason"))))),
        other_reason_info=members.texts(
            zone.get("otherReasonInfo"), found, f"{at}/otherReasonInfo", tagged=False
        ),
        regulation_exemption=as_text(zone.get("regulationExemption")),
        message=message,
        authorities=members.authorities(
            zone.get("zoneAuthority"), found, f"{at}/zoneAuthority", tagged=False
        ),
        extended_properties=extended if isinstance(extended, dict) else {},
        region=members.region(zone.get("region")),
        uspace_class="; ".join(filter(None, map(as_text, as_list(zone.get("uSpaceClass"))))) or None,
        flags=found.flags,
    )


def _volumes(geometry: Any, found: Found, at: str) -> Iterator[AirspaceVolume]:
    for number, volume in enumerate(as_list(geometry)):
        here = f"{at}/{number}"
        if not isinstance(volume, dict):
            found.quarantine(Reason.MEMBER_INVALID, here, "This is not an airspace volume.")
            continue
        shape = _shape(volume, found, f"{here}/horizontalProjection")
        if shape is not None:
            yield AirspaceVolume((shape,), _extent(volume, found, here))


def _shape(volume: dict[str, Any], found: Found, at: str) -> Polygon | Circle | Spot | None:
    projection = volume.get("horizontalProjection")
    if not isinstance(projection, dict):
        found.quarantine(Reason.MEMBER_MISSING, at, "The volume has no horizontal projection.")
        return None
    match (as_text(projection.get("type")) or "").upper():
        case "POLYGON":
            return shapes.polygon(projection.get("coordinates"), found, f"{at}/coordinates")
        case "CIRCLE":
            in_feet = (as_text(volume.get("uomDimensions")) or "").upper() == "FT"
            centre = projection.get("center", projection.get("centre"))
            feet_m = METRES_PER_FOOT if in_feet else None
            return shapes.circle(centre, projection.get("radius"), found, at, feet_m=feet_m)
        case other:
            found.quarantine(Reason.MEMBER_INVALID, f"{at}/type", f"{other!r} is neither Polygon nor Circle.")
            return None


def _extent(volume: dict[str, Any], found: Found, at: str) -> VerticalExtent:
    return members.extent(
        volume.get("lowerLimit"),
        volume.get("lowerVerticalReference"),
        volume.get("upperLimit"),
        volume.get("upperVerticalReference"),
        None if absent(volume.get("uomDimensions")) else volume.get("uomDimensions"),
        found,
        {
            "lower": f"{at}/lowerLimit",
            "upper": f"{at}/upperLimit",
            "unit": f"{at}/uomDimensions",
        },
    )

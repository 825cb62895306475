"""What formats for maps and aircraft have of a zone: polygons on the ground, and members that describe it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely

from zones_api.domain.altitude import Limit, VerticalExtent
from zones_api.domain.geometry import Circle, Polygon
from zones_api.domain.zone import ALWAYS, Text
from zones_api.formats.exports import ed318, heights, places, texts, times
from zones_api.formats.exports.zones import OutwardZone


@dataclass(frozen=True)
class Part:
    """The parts of a zone that reach through the same heights; `number` counts from 1 within the zone."""

    number: int
    shapes: tuple[Polygon | Circle, ...]
    vertical: VerticalExtent


def parts_of(outward: OutwardZone) -> Iterator[Part]:
    """Yield the parts of a zone, in their order."""
    layers: dict[VerticalExtent, list[Any]] = {}
    for volume in outward.zone.volumes:
        layers.setdefault(volume.vertical, []).extend(volume.shapes)
    for number, (vertical, shapes) in enumerate(layers.items(), start=1):
        yield Part(number, tuple(shapes), vertical)


def polygons_of(part: Part, outward: OutwardZone) -> tuple[Polygon, ...]:
    """Return polygons that cover a part; its circles are losses of the zone."""
    return tuple(polygon for shape in part.shapes for polygon in places.polygons_of(shape, outward.lost))


def as_shapely(polygon: Polygon) -> shapely.Polygon:
    """Return a polygon in lon/lat degrees."""
    return shapely.Polygon(polygon.shell, polygon.holes)


def coordinates(polygon: Polygon) -> list[list[list[float]]]:
    """Return a polygon as GeoJSON has it."""
    return [[[lon, lat] for lon, lat in ring] for ring in (polygon.shell, *polygon.holes)]


def described(outward: OutwardZone, part: Part) -> dict[str, Any]:
    """Return what describes a part of a zone, as plain numbers and texts with GIS users in mind."""
    zone, published = outward.zone, outward.published
    return {
        "country": zone.country,
        "identifier": zone.identifier,
        "name": " / ".join(text.text for text in zone.name) or None,
        "type": str(zone.type),
        "published_type": published.zone.published_type,
        "variant": zone.variant,
        "part": part.number,
        **limits(part.vertical),
        "limits": heights.said(part.vertical),
        "applicability": in_words(outward),
        "limited_applicability": None
        if zone.applicability == ALWAYS
        else [ed318.period(each) for each in zone.applicability],
        "restriction_conditions": zone.restriction_conditions,
        "message": " / ".join([*(text.text for text in zone.message), *outward.notes]) or None,
        "reason": ", ".join(zone.reason) or None,
        "authority": "; ".join(_whom(outward)) or None,
        "data_set": published.data_set,
        "version": published.version,
    }


def limits(vertical: VerticalExtent) -> dict[str, Any]:
    """Return limits in metres and as published; null is the surface, or no limit."""
    found: dict[str, Any] = {}
    for name, limit in (("lower", vertical.lower), ("upper", vertical.upper)):
        found |= {
            f"{name}_m": None if limit is None else limit.height.value_m,
            f"{name}_reference": None if limit is None else str(limit.height.reference),
            f"{name}_published": _published(limit),
        }
    return found


def in_words(outward: OutwardZone) -> str:
    """Return when a zone applies, in words."""
    return " or ".join(times.said(period) for period in outward.zone.applicability)


def _published(limit: Limit | None) -> str | None:
    return None if limit is None else f"{limit.published:g} {limit.uom.lower()}"


def _whom(outward: OutwardZone) -> Iterator[str]:
    for each in outward.zone.authorities:
        names = [text.text for text in (*each.name, *each.service, *each.contact_name)]
        said = [str(each.purpose) if each.purpose else None, *names, each.email, each.phone, each.site_url]
        yield ", ".join(text for text in [*said, each.interval_before] if text)


def language_of(text: Text) -> str:
    """Return the language of a text, `und` where it is not stated."""
    return text.lang or texts.NOT_STATED

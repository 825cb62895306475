"""What the official schema of ED-318 leaves unchecked, checked before a document leaves the house."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import shapely

from zones_api.domain.contacts import EMAIL, URI
from zones_api.domain.geometry import SPOT_REACH_M
from zones_api.domain.zone import DaylightEvent, Purpose, Weekday, ZoneType
from zones_api.errors import Defect
from zones_api.formats import members
from zones_api.formats.exports import texts
from zones_api.formats.exports.identifiers import FORM
from zones_api.formats.shapes import MAX_RADIUS_M

_COUNTRY = re.compile(r"[A-Z]{3}")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-][01]\d:[0-5]\d)")
_COLLECTION = {"type", "name", "metadata", "features"}
_PROPERTIES = {
    *("identifier", "country", "name", "type", "variant", "restrictionConditions", "region", "reason"),
    *("otherReasonInfo", "regulationExemption", "message", "zoneAuthority", "limitedApplicability"),
    *("dataSource", "extendedProperties"),
}
_AUTHORITY = {"name", "service", "contactName", "siteURL", "email", "phone", "purpose", "intervalBefore"}
_LAYER = {"lower", "lowerReference", "upper", "upperReference", "uom"}
_REFERENCES = {"AGL", "AMSL", "WGS84"}

Found = Iterator[tuple[str, str]]
"""A pointer and a sentence for each thing that is wrong."""


def check(document: dict[str, Any]) -> tuple[Defect, ...]:
    """Return everything that is wrong with an ED-318 document; none for one that may be published."""
    return tuple(Defect("ED318_INVALID", pointer, sentence) for pointer, sentence in _collection(document))


def _collection(document: dict[str, Any]) -> Found:
    if document.get("type") != "FeatureCollection":
        yield "/type", "The document is not a FeatureCollection."
    yield from _only(document, _COLLECTION, "")
    if not 0 < len(document.get("name", "")) <= texts.SHORT:
        yield "/name", "The name is missing or too long."
    yield from _metadata(document.get("metadata", {}))
    features = document.get("features")
    if not isinstance(features, list):
        yield "/features", "There is no list of features."
        return
    for number, feature in enumerate(features):
        at = f"/features/{number}"
        if not isinstance(feature, dict) or feature.keys() != {"type", "geometry", "properties"}:
            yield at, "This is not a feature of a type, a geometry and properties."
            continue
        yield from _geometry(feature["geometry"], f"{at}/geometry")
        yield from _properties(feature["properties"], f"{at}/properties")


def _metadata(metadata: dict[str, Any]) -> Found:
    moments = {}
    for name in ("issued", "validFrom", "validTo"):
        if name in metadata:
            yield from _date_time(metadata[name], f"/metadata/{name}")
            moments[name] = members.date_time(metadata[name])
    first, last = moments.get("validFrom"), moments.get("validTo")
    if first and last and first > last:
        yield "/metadata/validTo", "The document can be relied on until before it can be."
    for name in ("provider", "description", "technicalLimitations"):
        yield from _texts(metadata.get(name, []), f"/metadata/{name}")


def _properties(properties: dict[str, Any], at: str) -> Found:
    yield from _only(properties, _PROPERTIES, at)
    if not FORM.fullmatch(str(properties.get("identifier"))):
        yield f"{at}/identifier", "The identifier is not 1 to 7 letters, digits, hyphens and underscores."
    if not _COUNTRY.fullmatch(str(properties.get("country"))):
        yield f"{at}/country", "The country is not a code of three letters."
    if properties.get("type") not in set(ZoneType):
        yield f"{at}/type", "The type is not a word of ED-318."
    if properties.get("variant") not in ("COMMON", "CUSTOMIZED"):
        yield f"{at}/variant", "The variant is neither COMMON nor CUSTOMIZED."
    if properties.get("regulationExemption", "NO") not in ("YES", "NO"):
        yield f"{at}/regulationExemption", "The exemption is neither YES nor NO."
    if len(properties.get("restrictionConditions", "")) > 10_000:
        yield f"{at}/restrictionConditions", "The conditions have over 10 000 characters."
    region = properties.get("region", 0)
    if not isinstance(region, int) or not 0 <= region <= 65_535:
        yield f"{at}/region", "The region is not a number from 0 to 65535."
    reasons = properties.get("reason", [])
    if len(reasons) > texts.MOST_REASONS or not texts.ED318_REASONS.issuperset(reasons):
        yield f"{at}/reason", "The reasons are too many, or not words of ED-318."
    for name in ("name", "otherReasonInfo", "message"):
        yield from _texts(properties.get(name, []), f"{at}/{name}")
    authorities = properties.get("zoneAuthority")
    if not isinstance(authorities, list) or not authorities:
        yield f"{at}/zoneAuthority", "The zone names no authority."
        authorities = []
    for number, authority in enumerate(authorities):
        yield from _authority(authority, f"{at}/zoneAuthority/{number}")
    if "limitedApplicability" in properties:
        yield from _periods(properties["limitedApplicability"], f"{at}/limitedApplicability")
    if not isinstance(properties.get("extendedProperties", {}), dict):
        yield f"{at}/extendedProperties", "The extended properties are not an object."


def _authority(authority: dict[str, Any], at: str) -> Found:
    yield from _only(authority, _AUTHORITY, at)
    if authority.get("purpose") not in set(Purpose):
        yield f"{at}/purpose", "The purpose is not a word of ED-318."
    for name in ("name", "service", "contactName"):
        yield from _texts(authority.get(name, []), f"{at}/{name}")
    for name, form in (("siteURL", URI), ("email", EMAIL), ("intervalBefore", texts.DURATION)):
        if name in authority and not form.fullmatch(authority[name]):
            yield f"{at}/{name}", f"{authority[name][:60]!r} has not the form of a {name}."
    if len(authority.get("phone", "")) > texts.SHORT:
        yield f"{at}/phone", "The telephone number is too long."


def _texts(value: Any, at: str) -> Found:
    for number, text in enumerate(value):
        if not isinstance(text, dict) or text.keys() != {"text", "lang"}:
            yield f"{at}/{number}", "This is not a text with its language."
        elif not 0 < len(text["text"]) <= texts.SHORT or not 2 <= len(text["lang"]) <= 5:
            yield f"{at}/{number}", "The text is empty or too long, or its language has not 2 to 5 letters."


def _periods(periods: Any, at: str) -> Found:
    if not isinstance(periods, list) or not periods:
        yield at, "Periods are missing: a zone that always applies has no such member."
        return
    for number, period in enumerate(periods):
        here = f"{at}/{number}"
        yield from _only(period, {"startDateTime", "endDateTime", "schedule"}, here)
        if not period:
            yield here, "A period that says nothing is always: then there is no such member."
        for name in ("startDateTime", "endDateTime"):
            if name in period:
                yield from _date_time(period[name], f"{here}/{name}")
        start, end = (members.date_time(period.get(name)) for name in ("startDateTime", "endDateTime"))
        if start and end and start > end:
            yield f"{here}/endDateTime", "The period ends before it starts."
        for count, entry in enumerate(period.get("schedule", [])):
            yield from _daily(entry, f"{here}/schedule/{count}")


def _daily(entry: dict[str, Any], at: str) -> Found:
    yield from _only(entry, {"day", "startTime", "startEvent", "endTime", "endEvent"}, at)
    days = entry.get("day", [])
    if not days or len(days) > 7 or (days != ["ANY"] and not set(days) <= set(Weekday)):
        yield f"{at}/day", "The days are missing or not words of ED-318."
    for end in ("start", "end"):
        clock, event = entry.get(f"{end}Time"), entry.get(f"{end}Event")
        if clock is not None and event is not None:
            yield f"{at}/{end}Time", "A clock time and an event of daylight together."
        if clock is not None and not _TIME.fullmatch(clock):
            yield f"{at}/{end}Time", f"{clock!r} is not a time with an offset."
        if event is not None and event not in set(DaylightEvent):
            yield f"{at}/{end}Event", f"{event!r} is not an event of daylight."
    if not entry.keys() - {"day"}:
        yield at, "An entry without times has no offset: nobody can tell when its days begin."


def _date_time(value: Any, at: str) -> Found:
    read: datetime | None = members.date_time(value)
    if read is None or not _DATE_TIME.fullmatch(value):
        yield at, f"{value!r} is not a date and time in UTC."


def _geometry(geometry: dict[str, Any], at: str) -> Found:
    if geometry.get("type") == "GeometryCollection":
        yield from _only(geometry, {"type", "geometries"}, at)
        if len(geometry.get("geometries", [])) < 2:
            yield f"{at}/geometries", "A collection has two members or more."
        for number, member in enumerate(geometry.get("geometries", [])):
            yield from _single(member, f"{at}/geometries/{number}")
    else:
        yield from _single(geometry, at)


def _single(geometry: dict[str, Any], at: str) -> Found:
    yield from _layer(geometry.get("layer"), f"{at}/layer")
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            yield from _only(geometry, {"type", "coordinates", "extent", "layer"}, at)
            yield from _position(coordinates, f"{at}/coordinates")
            yield from _extent(geometry.get("extent"), f"{at}/extent")
        case "Polygon":
            yield from _only(geometry, {"type", "coordinates", "layer"}, at)
            yield from _polygon(coordinates, f"{at}/coordinates")
        case "MultiPolygon":
            yield from _only(geometry, {"type", "coordinates", "layer"}, at)
            for number, polygon in enumerate(coordinates or []):
                yield from _polygon(polygon, f"{at}/coordinates/{number}")
        case other:
            yield f"{at}/type", f"{other!r} is not a geometry with an area."


def _extent(extent: Any, at: str) -> Found:
    radius = extent.get("radius") if isinstance(extent, dict) and extent.get("subType") == "Circle" else None
    if not isinstance(radius, int | float) or not 0 < radius <= max(MAX_RADIUS_M, SPOT_REACH_M):
        yield at, "The circle has no radius."


def _layer(layer: Any, at: str) -> Found:
    if not isinstance(layer, dict) or layer.keys() != _LAYER:
        yield at, "The layer has not both limits, their references and a unit."
        return
    for end in ("lower", "upper"):
        value = layer[end]
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield f"{at}/{end}", "The limit is not a number."
        if layer[f"{end}Reference"] not in _REFERENCES:
            yield f"{at}/{end}Reference", "The reference is not AGL, AMSL or WGS84."
    if layer["uom"] not in ("m", "ft"):
        yield f"{at}/uom", "The unit is neither m nor ft."
    if layer["lowerReference"] == layer["upperReference"] and layer["lower"] > layer["upper"]:
        yield f"{at}/lower", "The lower limit is above the upper one."
    if layer["lower"] == layer["upper"] == 0:
        yield f"{at}/upper", "Both limits are zero."


def _polygon(rings: Any, at: str) -> Found:
    if not isinstance(rings, list) or not rings:
        yield at, "The polygon has no rings."
        return
    broken = False
    for number, ring in enumerate(rings):
        here = f"{at}/{number}"
        wrong = [
            each for place, position in enumerate(ring) for each in _position(position, f"{here}/{place}")
        ]
        if wrong or len(ring) < 4 or ring[0] != ring[-1]:
            yield from wrong or [(here, "The ring is not closed, or has fewer than four positions.")]
            broken = True
            continue
        counter_clockwise = bool(shapely.is_ccw(shapely.LinearRing(ring)))
        if counter_clockwise is not (number == 0):
            yield here, "The ring runs the wrong way: shells counter-clockwise, holes clockwise."
    if broken:
        return
    area = shapely.Polygon(rings[0], rings[1:])
    if not area.is_valid:
        yield at, f"The polygon is not simple: {shapely.is_valid_reason(area)}."
    if area.bounds[2] - area.bounds[0] > 180.0:
        yield at, "The polygon is wider than 180 degrees."


def _position(position: Any, at: str) -> Found:
    numbers = (
        isinstance(position, list)
        and len(position) == 2
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in position)
    )
    if not numbers or abs(position[0]) > 180 or abs(position[1]) > 90:
        yield at, "This is not a longitude and a latitude."


def _only(value: Any, known: set[str], at: str) -> Found:
    if not isinstance(value, dict):
        yield at, "This is not an object."
        return
    for name in sorted(value.keys() - known):
        yield f"{at}/{name}", f"ED-318 has no member {name!r} here."

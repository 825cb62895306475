"""ED-318 (EUROCAE, January 2024): a GeoJSON FeatureCollection that passes our own stricter check.

Source: the schemas of UASGeoZones/ED-318 and the published field tables; RFC 7946 for rings.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from zones_api.domain.altitude import Limit, VerticalExtent
from zones_api.domain.geometry import Circle, Polygon
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.texts import decided
from zones_api.domain.zone import (
    ALWAYS,
    AirspaceVolume,
    ClockTime,
    DailyPeriod,
    TimeOfDay,
    TimePeriod,
    Weekday,
    ZoneAuthority,
)
from zones_api.formats import originals
from zones_api.formats.exports import places, texts, times
from zones_api.formats.exports.losses import Loss, LossCode, Lost
from zones_api.formats.exports.publication import Publication
from zones_api.formats.exports.zones import OutwardZone
from zones_api.formats.members import UNLIMITED

MOST_CONDITIONS = 10_000
_WEEK = tuple(Weekday)


def write(publication: Publication, zones: Sequence[OutwardZone], lost: Lost) -> bytes:
    """Return the ED-318 document of zones that are said without doubt; `lost` takes what is lost of the whole."""
    providers = {each.key: each.provider for each in publication.data_sets}
    value = {
        "type": "FeatureCollection",
        "name": publication.title[: texts.SHORT],
        "metadata": metadata(publication, lost),
        "features": [feature(zone, providers[zone.published.data_set]) for zone in zones],
    }
    return encoded(value)


def encoded(value: Any) -> bytes:
    """Return JSON that is the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def metadata(publication: Publication, lost: Lost) -> dict[str, Any]:
    """Return what the document says of itself: from when and until when, and what is missing."""
    about: dict[str, Any] = {}
    issued, valid_from, valid_to = validity(publication, lost)
    for name, at in (("issued", issued), ("validFrom", valid_from), ("validTo", valid_to)):
        if at is not None:
            about[name] = times.utc_text(at)
    provider = dict.fromkeys(text for each in publication.data_sets for text in each.provider)
    if provider:
        about["provider"] = texts.tagged(provider, "the provider", lost)
    about["description"] = [
        {"text": part, "lang": "en"} for text in description(publication) for part in texts.pieces(text)
    ]
    own = [{"text": part, "lang": "en"} for text in limitations(publication) for part in texts.pieces(text)]
    limits = dict.fromkeys(text for each in publication.data_sets for text in each.limitations)
    about["technicalLimitations"] = own + texts.tagged(limits, "the technical limitations", lost)
    if len(publication.geoids) == 1 and (geoid := next(iter(publication.geoids))) is not None:
        about["otherGeoid"] = geoid
    coverage = vouched_for(publication)
    if coverage is not None:
        about["coverage"] = coverage
    return about


def validity(publication: Publication, lost: Lost) -> tuple[Any, Any, Any]:
    """Return when the document was issued, and from when until when it can be relied on."""
    issued = publication.published_at or max(
        (each.issued for each in publication.data_sets if each.issued), default=None
    )
    starts = [publication.published_at, *(each.valid_from for each in publication.data_sets)]
    valid_from = max((at for at in starts if at is not None), default=None)
    valid_to = min((each.valid_to for each in publication.data_sets if each.valid_to), default=None)
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        what = f"A data set could be relied on until {times.utc_text(valid_to)} only: the document says so."
        lost.add(LossCode.DATA_SET_EXPIRED, what)
        valid_from = None
    return issued, valid_from, valid_to


def description(publication: Publication) -> list[str]:
    """Return sentences that say where the zones come from."""
    sets = ", ".join(each.key for each in publication.data_sets)
    of = f"Revision {publication.revision} of the register" if publication.revision else "From files"
    part = f" The part of it with {publication.part}." if publication.part else ""
    return [f"{of}; data sets: {sets or 'none'}.{part}"]


def limitations(publication: Publication) -> list[str]:
    """Return sentences that say what the document must not be taken for, the worst first."""
    said = []
    aside = [zone for each in publication.data_sets for zone in each.quarantined]
    if aside:
        said.append(
            f"INCOMPLETE: {len(aside)} zone{'s' if len(aside) > 1 else ''} could not be read and"
            f" {'are' if len(aside) > 1 else 'is'} missing here: {', '.join(_named(zone) for zone in aside[:20])}"
            f"{' and more' if len(aside) > 20 else ''}."
        )
    if publication.part:
        said.append(f"INCOMPLETE: a part of the register only, {publication.part}.")
    geoids = sorted(geoid for geoid in publication.geoids if geoid)
    if geoids:
        said.append(f"Heights above mean sea level may be measured from {', '.join(geoids)}.")
    said.append(
        "Where the published data leaves a doubt the zone is given larger, for longer or stricter; each such change"
        f" is listed in its extendedProperties.{originals.MEMBER}."
    )
    return said


def _named(zone: Any) -> str:
    return f"{zone.country} {zone.identifier or '(no identifier)'}"


def quarantined_losses(publication: Publication) -> list[Loss]:
    """Return a loss for each zone that could not be read, also where it was decided that it is gone."""
    losses = []
    for each in publication.data_sets:
        for zone in each.quarantined:
            why = next((defect.detail for defect in zone.defects if defect.severity == "quarantine"), "")
            what = f"The zone could not be read and is missing: the document is incomplete. {why}".strip()
            key = (zone.country, zone.identifier or "")
            losses.append(Loss(key, LossCode.ZONE_QUARANTINED, what))
        losses += [
            Loss((gone.country, gone.identifier or ""), LossCode.ZONE_DECIDED_GONE, decided(gone).en)
            for gone in each.decisions
            if gone.version is None
        ]
    return losses


def vouched_for(publication: Publication) -> dict[str, Any] | None:
    """Return the area in which the document names every zone, without where zones could not be read.

    None where nobody declares one. A part of a register for which nobody does, and a document whose missing zones
    may be anywhere, vouch for nothing: an area without polygons.
    """
    area = publication.coverage
    if area is None and publication.part is None:
        return None
    aside = [zone.bounds for each in publication.data_sets for zone in each.quarantined]
    known = [shapely.box(*bounds) for bounds in aside if bounds is not None]
    left = shapely.difference(area or shapely.Polygon(), shapely.union_all(known))
    parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon" and part.area > 1e-9]
    narrow = [] if None in aside else [piece for part in parts for piece in _apart(part)]
    rings = [_polygon(polygon) for part in narrow for polygon in places.plain_polygons(part)]
    return {"type": "MultiPolygon", "coordinates": rings}


def _apart(part: Any) -> list[Any]:
    """Return pieces of an area up to 90 degrees wide that do not touch, a hair smaller together."""
    west, _, east, _ = part.bounds
    if east - west <= 180.0:
        return [part]
    edges = np.arange(-180.0, 181.0, 90.0)
    return [
        piece
        for low, high in itertools.pairwise(edges)
        for piece in shapely.get_parts(shapely.intersection(part, shapely.box(low + 1e-9, -90.0, high, 90.0)))
        if piece.geom_type == "Polygon"
    ]


def feature(outward: OutwardZone, provider: Any) -> dict[str, Any]:
    """Return the feature of a zone."""
    zone, lost = outward.zone, outward.lost
    country, identifier = outward.exported_as
    members: dict[str, Any] = {
        "identifier": identifier,
        "country": country,
        "name": texts.tagged(zone.name, "the name", lost),
        "type": str(zone.type),
        "variant": texts.variant(zone, lost),
    }
    messages = texts.tagged(zone.message, "the message", lost)
    said = {message["text"] for message in messages}
    messages += [
        {"text": part, "lang": "en"}
        for note in outward.notes
        for part in texts.pieces(note)
        if part not in said
    ]
    conditions = zone.restriction_conditions
    if conditions is not None and len(conditions) > MOST_CONDITIONS:
        what = f"The conditions have {len(conditions)} characters: they are given as messages."
        lost.add(LossCode.TEXT_SPLIT, what)
        messages += [{"text": part, "lang": texts.NOT_STATED} for part in texts.pieces(conditions)]
        conditions = None
    members |= {
        "restrictionConditions": conditions,
        "region": zone.region,
        "reason": texts.reasons(zone, texts.ED318_REASONS, lost),
        "otherReasonInfo": texts.tagged(zone.other_reason_info, "the other reason", lost),
        "regulationExemption": texts.exemption(zone, lost),
        "message": messages,
        "zoneAuthority": [
            _authority(each, outward) for each in zone.authorities or (texts.nobody(zone, provider, lost),)
        ],
        "limitedApplicability": []
        if zone.applicability == ALWAYS
        else [period(each) for each in zone.applicability],
        "dataSource": zone.data_source,
    }
    record = outward.record
    if zone.uspace_class and str(zone.type) != "USPACE":
        record["uspace_class"] = zone.uspace_class
    unknown = [
        word for word in zone.reason if word.strip().upper().replace(" ", "_") not in texts.ED318_REASONS
    ]
    if unknown:
        record["reason"] = list(zone.reason)
    members["extendedProperties"] = zone.extended_properties | {originals.MEMBER: record}
    return {
        "type": "Feature",
        "geometry": geometry(zone.volumes),
        "properties": {name: value for name, value in members.items() if value not in (None, [], {})},
    }


def _authority(authority: ZoneAuthority, outward: OutwardZone) -> dict[str, Any]:
    lost = outward.lost
    contact = texts.contact(authority, outward.zone, lost)
    written = {
        "name": texts.tagged(authority.name, "an authority's name", lost),
        "service": texts.tagged(authority.service, "an authority's service", lost),
        "contactName": texts.tagged((*authority.contact_name, *contact.more), "a contact's name", lost),
    }
    return {name: value for name, value in written.items() if value} | contact.members


def geometry(volumes: tuple[AirspaceVolume, ...]) -> dict[str, Any]:
    """Return the geometry of volumes of one plain shape each; polygons through the same heights are one."""
    layers: dict[VerticalExtent, list[Any]] = {}
    for volume in volumes:
        layers.setdefault(volume.vertical, []).extend(volume.shapes)
    members = [member for vertical, shapes in layers.items() for member in _layered(shapes, vertical)]
    return members[0] if len(members) == 1 else {"type": "GeometryCollection", "geometries": members}


def _layered(shapes: list[Any], vertical: VerticalExtent) -> list[dict[str, Any]]:
    layer = _layer(vertical)
    polygons = [_polygon(shape) for shape in shapes if isinstance(shape, Polygon)]
    members = [
        {
            "type": "Point",
            "coordinates": [*shape.centre],
            "extent": {"subType": "Circle", "radius": shape.radius_m},
            "layer": layer,
        }
        for shape in shapes
        if isinstance(shape, Circle)
    ]
    if len(polygons) == 1:
        members.insert(0, {"type": "Polygon", "coordinates": polygons[0], "layer": layer})
    elif polygons:
        members.insert(0, {"type": "MultiPolygon", "coordinates": polygons, "layer": layer})
    return members


def _polygon(polygon: Polygon) -> list[list[list[float]]]:
    return [[[lon, lat] for lon, lat in ring] for ring in (polygon.shell, *polygon.holes)]


def _layer(vertical: VerticalExtent) -> dict[str, Any]:
    lower, upper = vertical.lower, vertical.upper
    unit = next((limit.uom.lower() for limit in (lower, upper) if limit is not None), "m")
    return {
        "lower": 0 if lower is None else number(lower),
        "lowerReference": "AGL" if lower is None else str(lower.height.reference),
        "upper": int(UNLIMITED) if upper is None else number(upper),
        "upperReference": "AGL" if upper is None else str(upper.height.reference),
        "uom": unit,
    }


def number(limit: Limit) -> float | int:
    """Return a limit's number as published, whole where it is."""
    return int(limit.published) if limit.published.is_integer() else limit.published


def period(of: TimePeriod) -> dict[str, Any]:
    """Return a period without doubt."""
    written: dict[str, Any] = {}
    for name, moment in (("startDateTime", of.start), ("endDateTime", of.end)):
        if moment is not None and moment.at not in (None, BEGINNING, END):
            written[name] = moment.published
    if of.schedule:
        written["schedule"] = [daily(entry) for entry in of.schedule]
    return written


def daily(entry: DailyPeriod) -> dict[str, Any]:
    """Return an entry of a schedule."""
    days = ["ANY"] if len(entry.days) == len(_WEEK) else [str(day) for day in _WEEK if day in entry.days]
    return {"day": days} | _end("start", entry.start) | _end("end", entry.end)


def _end(name: str, end: TimeOfDay | None) -> dict[str, str]:
    if end is None:
        return {}
    if isinstance(end, ClockTime):
        return {f"{name}Time": end.published}
    return {f"{name}Event": str(end)}

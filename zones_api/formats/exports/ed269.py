"""ED-269 (EUROCAE, June 2020), chapter 8: a list of zones; what it has no place for is made stricter or kept aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zones_api.domain.altitude import Limit, VerticalExtent
from zones_api.domain.geometry import Circle, Polygon
from zones_api.domain.zone import (
    AirspaceVolume,
    ClockTime,
    DailyPeriod,
    Text,
    TimePeriod,
    ZoneAuthority,
    ZoneType,
)
from zones_api.formats import originals
from zones_api.formats.exports import ed318, texts
from zones_api.formats.exports.losses import LossCode, Lost
from zones_api.formats.exports.publication import Publication
from zones_api.formats.exports.zones import OutwardZone
from zones_api.formats.members import UNLIMITED

MOST_OTHER_REASON, MOST_USPACE = 30, 100


def write(publication: Publication, zones: Sequence[OutwardZone], lost: Lost) -> bytes:
    """Return the ED-269 document of zones that are said without doubt; `lost` takes what is lost of the whole."""
    providers = {each.key: each.provider for each in publication.data_sets}
    _, valid_from, valid_to = ed318.validity(publication, lost)
    if valid_from or valid_to or ed318.vouched_for(publication):
        what = (
            "ED-269 cannot say when and where the document names every zone: its description does, in words."
        )
        lost.add(LossCode.METADATA_LEFT_OUT, what)
    said = [*ed318.limitations(publication), *ed318.description(publication)]
    said += [f"Issued {publication.published_at.isoformat()}."] if publication.published_at else []
    said += [f"To be relied on until {valid_to.isoformat()}."] if valid_to else []
    value = {
        "title": publication.title,
        "description": " ".join(said),
        "features": [feature(zone, providers[zone.published.data_set]) for zone in zones],
    }
    return ed318.encoded(value)


def feature(outward: OutwardZone, provider: tuple[Text, ...]) -> dict[str, Any]:
    """Return a zone of the list."""
    zone, lost = outward.zone, outward.lost
    country, identifier = outward.exported_as
    message = texts.in_one_language(zone.message, "the message", texts.SHORT, lost)
    told = [note for note in outward.notes if note not in (message or "")]
    restriction = "REQ_AUTHORISATION" if zone.type is ZoneType.REQ_AUTHORIZATION else str(zone.type)
    conditions = zone.restriction_conditions
    members: dict[str, Any] = {
        "identifier": identifier,
        "country": country,
        "name": texts.in_one_language(zone.name, "the name", texts.SHORT, lost),
        "type": texts.variant(zone, lost),
        "restriction": restriction,
        "restrictionConditions": texts.pieces(conditions) if conditions else None,
        "region": zone.region,
        "reason": texts.reasons(zone, texts.ED269_REASONS, lost),
        "otherReasonInfo": texts.in_one_language(
            zone.other_reason_info, "the other reason", MOST_OTHER_REASON, lost
        ),
        "regulationExemption": texts.exemption(zone, lost),
        "uSpaceClass": zone.uspace_class,
        "message": "\n".join([*([message] if message else []), *told]) or None,
        "applicability": [_period(each) for each in zone.applicability],
        "zoneAuthority": [
            _authority(each, outward) for each in zone.authorities or (texts.nobody(zone, provider, lost),)
        ],
        "geometry": [_volume(volume) for volume in zone.volumes],
    }
    if zone.data_source:
        lost.add(LossCode.MEMBER_KEPT_ASIDE, "ED-269 has no data source of a zone: it is kept aside.")
    record = outward.record | _kept_aside(outward)
    members["extendedProperties"] = zone.extended_properties | {originals.MEMBER: record}
    return {name: value for name, value in members.items() if value not in (None, [], {})}


def _kept_aside(outward: OutwardZone) -> dict[str, Any]:
    """Return what has no place: texts in several languages, and where the zone is from."""
    zone = outward.zone
    texts_of = {"name": zone.name, "message": zone.message, "otherReasonInfo": zone.other_reason_info}
    aside: dict[str, Any] = {}
    for name, given in texts_of.items():
        if len({text.lang for text in given}) > 1:
            aside.setdefault("texts", {})[name] = [_tagged(text) for text in given]
    authorities = [
        {
            name: [_tagged(text) for text in given]
            for name, given in (
                ("name", each.name),
                ("service", each.service),
                ("contactName", each.contact_name),
            )
            if len({text.lang for text in given}) > 1
        }
        for each in zone.authorities
    ]
    if any(authorities):
        aside.setdefault("texts", {})["zoneAuthority"] = authorities
    if zone.data_source:
        aside["data_source"] = zone.data_source
    if any(reason.strip().upper() not in texts.ED269_REASONS for reason in zone.reason):
        aside["reason"] = list(zone.reason)
    return aside


def _tagged(text: Text) -> dict[str, str]:
    return {"text": text.text, "lang": text.lang or texts.NOT_STATED}


def _authority(authority: ZoneAuthority, outward: OutwardZone) -> dict[str, Any]:
    lost = outward.lost
    contact = texts.contact(authority, outward.zone, lost)
    names = texts.in_one_language(authority.contact_name, "a contact's name", texts.SHORT, lost)
    written = {
        "name": texts.in_one_language(authority.name, "an authority's name", texts.SHORT, lost),
        "service": texts.in_one_language(authority.service, "an authority's service", texts.SHORT, lost),
        "contactName": "\n".join([*([names] if names else []), *(text.text for text in contact.more)])
        or None,
    }
    return {name: value for name, value in written.items() if value} | contact.members


def _period(of: TimePeriod) -> dict[str, Any]:
    dates = ed318.period(TimePeriod(of.start, of.end))
    written: dict[str, Any] = {"permanent": "NO" if dates else "YES"} | dates
    if of.schedule:
        written["schedule"] = [_daily(entry) for entry in of.schedule]
    return written


def _daily(entry: DailyPeriod) -> dict[str, Any]:
    written = ed318.daily(entry)
    return {"day": written["day"], "startTime": _clock(entry.start), "endTime": _clock(entry.end)}


def _clock(at: object) -> str:
    """Return a clock time with hundredths of a second, as the standard's examples have it."""
    assert isinstance(at, ClockTime)
    return at.published if "." in at.published else f"{at.published[:8]}.00{at.published[8:]}"


def _volume(volume: AirspaceVolume) -> dict[str, Any]:
    vertical = volume.vertical
    unit = next((limit.uom.upper() for limit in (vertical.lower, vertical.upper) if limit is not None), "M")
    return {
        "uomDimensions": unit,
        **_limits(vertical),
        "horizontalProjection": _projection(volume.shapes[0]),
    }


def _limits(vertical: VerticalExtent) -> dict[str, Any]:
    def reference(limit: Limit | None) -> str:
        return "AGL" if limit is None else str(limit.height.reference)

    return {
        "lowerLimit": 0 if vertical.lower is None else ed318.number(vertical.lower),
        "lowerVerticalReference": reference(vertical.lower),
        "upperLimit": int(UNLIMITED) if vertical.upper is None else ed318.number(vertical.upper),
        "upperVerticalReference": reference(vertical.upper),
    }


def _projection(shape: object) -> dict[str, Any]:
    if isinstance(shape, Circle):
        return {"type": "Circle", "center": [*shape.centre], "radius": shape.radius_m}
    assert isinstance(shape, Polygon)
    rings = [[[lon, lat] for lon, lat in ring] for ring in (shape.shell, *shape.holes)]
    return {"type": "Polygon", "coordinates": rings}

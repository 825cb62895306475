"""A zone as an export says it: without any doubt, and never milder than as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from zones_api.domain.outcome import Outcome, outcome_of
from zones_api.domain.scene import OTHER_GEOID_M
from zones_api.domain.texts import decided
from zones_api.domain.zone import AirspaceVolume, PublishedZone, UASZone, ZoneType
from zones_api.formats import originals
from zones_api.formats.conditions import coded_as_json
from zones_api.formats.exports import heights, places, times
from zones_api.formats.exports.identifiers import exported_country, exported_identifiers
from zones_api.formats.exports.losses import Loss, LossCode, Lost, ZoneKey
from zones_api.formats.exports.publication import Publication
from zones_api.formats.exports.targets import Target

Names = Mapping[ZoneKey, str]

_TYPES = {outcome_of(zone_type): zone_type for zone_type in ZoneType} | {
    Outcome.UNRECOGNISED: ZoneType.PROHIBITED
}
_TOLD = {
    LossCode.RESTRICTION_UNRECOGNISED,
    LossCode.CONDITIONS_CODED,
    LossCode.USPACE_NOT_KNOWN,
    LossCode.GEOMETRY_WITHOUT_AREA,
    LossCode.LIMIT_UNREADABLE,
    LossCode.LIMITS_MEANINGLESS,
    LossCode.REFERENCE_CHANGED,
    LossCode.APPLICABILITY_NOT_STATED,
    LossCode.PERMANENT_WITH_DATES,
    LossCode.SCHEDULE_NOT_READABLE,
    LossCode.NAIVE_TIME,
    LossCode.DAYLIGHT_EVENT,
    LossCode.ZONE_MENDED,
}
"""Losses that a reader of the zone's messages should know of: it is stricter than its publisher meant, or mended."""


@dataclass(frozen=True)
class OutwardZone:
    """A zone as it is exported, and the one as published; `exported_as` is its country and identifier there.

    `notes` are sentences that belong to its messages: why it is stricter than its publisher meant.
    """

    zone: UASZone
    published: PublishedZone
    exported_as: ZoneKey
    lost: Lost
    notes: tuple[str, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """What the export keeps of the zone as it was published, and what was lost, for `extendedProperties`."""
        zone, published = self.published.zone, self.published
        before = zone.extended_properties.get(originals.MEMBER)
        record: dict[str, Any] = dict(before) if isinstance(before, dict) else {}
        losses = record.get("losses")
        losses = list(losses) if isinstance(losses, list) else []
        record |= {"data_set": published.data_set, "version": published.version}
        for name in ("exported_as", "published_as"):
            record.pop(name, None)
        if self.exported_as != (zone.country, zone.identifier):
            record |= {"exported_as": [*self.exported_as], "published_as": [zone.country, zone.identifier]}
        if self.zone.type is not zone.type:
            record["published_type"] = zone.published_type
        if published.legal_basis:
            record["legal_basis"] = published.legal_basis
        new = [{"code": str(loss.code), "sentence": loss.sentence} for loss in self.lost]
        if losses or new:
            record["losses"] = [*losses, *(each for each in new if each not in losses)]
        return record


def key_of(published: PublishedZone) -> ZoneKey:
    """Return what names a zone."""
    return published.zone.country, published.zone.identifier


def names_of(publication: Publication) -> dict[ZoneKey, str]:
    """Return the names that the zones of a publication have in an export where none are recorded."""
    return exported_identifiers(key_of(published) for published in publication.zones)


def outward_zones(
    publication: Publication, names: Names | None, target: Target
) -> tuple[tuple[OutwardZone, ...], tuple[Loss, ...]]:
    """Return the zones of a publication as a format can say them, and the losses of those it has to leave out.

    Without `names` each zone keeps its own: not every format has rules for them.
    """
    shifts = _geoid_shifts(publication, target)
    told = [
        outward(published, _exported_as(published, names), target, shifts[published.data_set])
        for published in publication.zones
    ]
    left_out = []
    for each in told:
        if not each.zone.applicability:
            what = "This version of the zone is never in force: it is left out."
            left_out.append(Loss(key_of(each.published), LossCode.ZONE_NEVER_IN_FORCE, what))
    return tuple(each for each in told if each.zone.applicability), tuple(left_out)


def _exported_as(published: PublishedZone, names: Names | None) -> ZoneKey:
    key = key_of(published)
    return key if names is None else (exported_country(key[0]), names[key])


def _geoid_shifts(publication: Publication, target: Target) -> dict[str, float]:
    """Return how far outward the heights of each data set move, in metres: a document can name one geoid at most."""
    one = len(publication.geoids) == 1 and target.name == "ED-318"
    return {
        each.key: OTHER_GEOID_M if each.has_other_geoid and not one else 0.0 for each in publication.data_sets
    }


def outward(
    published: PublishedZone, exported_as: ZoneKey, target: Target, geoid_m: float = 0.0
) -> OutwardZone:
    """Return a zone as a format can say it; one that is never in force has no applicability.

    Args:
        published: The zone.
        exported_as: Its country and identifier in the export.
        target: The format.
        geoid_m: How far the publisher's mean sea level may lie from the one the format means, in metres.
    """
    zone = published.zone
    lost = Lost(key_of(published))
    if published.mended:
        lost.add(LossCode.ZONE_MENDED, decided(published.mended).en)
    country, name = exported_as
    if name != zone.identifier:
        what = f"The identifier {zone.identifier!r} has not the form of one here: it is called {name}."
        lost.add(LossCode.IDENTIFIER_MAPPED, what)
    if country != zone.country:
        lost.add(
            LossCode.COUNTRY_MAPPED,
            f"The country {zone.country!r} has no code of three letters: it is {country}.",
        )
    changed = replace(
        zone,
        type=_type(zone, target, lost),
        volumes=tuple(_volumes(zone, target, geoid_m, lost)),
        applicability=times.outward(zone.applicability, published.valid, target, zone.bounds, lost),
        uspace_class=zone.uspace_class if zone.type is not ZoneType.USPACE else zone.uspace_class or "USPACE",
    )
    if changed.type is not ZoneType.CONDITIONAL:
        changed = replace(changed, coded_conditions=())
    changed = replace(changed, extended_properties=_extended(zone), flags=())
    notes = tuple(loss.sentence for loss in lost if loss.code in _TOLD)
    return OutwardZone(changed, published, exported_as, lost, notes)


def worst(zone: UASZone) -> Outcome:
    """Return the most that a zone may require of any operation."""
    outcomes = [outcome_of(zone.type)]
    if zone.type is ZoneType.CONDITIONAL:
        for condition in zone.coded_conditions:
            too_high = condition.then_max_height_m is not None
            outcomes.append(Outcome.PROHIBITED if too_high else outcome_of(condition.then))
    return max(outcomes)


def _type(zone: UASZone, target: Target, lost: Lost) -> ZoneType:
    most = worst(zone)
    exported = _TYPES[most]
    if zone.type is None:
        what = f"The restriction {zone.published_type[:100]!r} is not a known word: PROHIBITED is given."
        lost.add(LossCode.RESTRICTION_UNRECOGNISED, what)
    elif exported is not zone.type:
        what = f"What is required depends on the operation, as coded: the strictest, {exported}, is given."
        lost.add(LossCode.CONDITIONS_CODED, what)
    if exported is ZoneType.USPACE and not target.uspace:
        what = (
            f"{target.name} has no USPACE: the zone requires an authorisation, and names its U-space class."
        )
        lost.add(LossCode.USPACE_NOT_KNOWN, what)
        return ZoneType.REQ_AUTHORIZATION
    return exported


def _volumes(zone: UASZone, target: Target, geoid_m: float, lost: Lost) -> list[AirspaceVolume]:
    volumes = []
    for volume in zone.volumes:
        vertical = heights.outward(volume.vertical, target, geoid_m, lost)
        in_feet = any(limit and limit.uom.upper() == "FT" for limit in (vertical.lower, vertical.upper))
        for shape in volume.shapes:
            plain = places.outward(shape, lost)
            if in_feet and not target.radius_in_metres:
                # Beside limits in feet a radius would be read in either unit.
                plain = tuple(polygon for each in plain for polygon in places.polygons_of(each, lost))
            volumes += [AirspaceVolume((each,), vertical) for each in plain]
    return volumes


def _extended(zone: UASZone) -> dict[str, object]:
    """Return what a zone carries besides, with its coded conditions."""
    extended = dict(zone.extended_properties)
    if zone.coded_conditions and "coded_conditions" not in extended:
        extended["coded_conditions"] = coded_as_json(zone.coded_conditions)
    return extended

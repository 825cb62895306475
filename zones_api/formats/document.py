"""A zone document of any format: recognise it, read every zone, name every defect.

What the register keeps of a zone is what was published: `content`, the canonical JSON of its features. Its
meaning is read from that, with `read_zone`, whenever it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from zones_api.domain.data_set import DataSet, QuarantinedZone
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import AirspaceVolume, Flag, PublishedZone, Text, UASZone
from zones_api.errors import Defect, DocumentRefused, InputTooLarge, InvalidInput
from zones_api.formats import dialects, ed318, not_json, strict_json
from zones_api.formats.dialects import Dialect, ReadFeature
from zones_api.formats.members import COUNTRY_NOT_STATED, Found, zone_type
from zones_api.formats.offices import aixm
from zones_api.formats.offices.converted import Converted
from zones_api.formats.shapes import FAR_OUTSIDE_M, near_country, readable_bounds, swapped

MAX_ZONES = 100_000
MAX_NAME = 100
_FORMATS: dict[str, Dialect] = dialects.ALL
"""By the name that stands beside each content in the register: a name once used is read for ever."""


@dataclass(frozen=True)
class ReadZone:
    """A zone and the canonical JSON of the features it was read from."""

    zone: UASZone
    content: bytes

    @property
    def version(self) -> str:
        """The digest that names this version of the zone."""
        return version_of(self.content)


@dataclass(frozen=True)
class Metadata:
    """What a document says of itself as a whole; `coverage` is the area in which it lists every zone."""

    title: str | None = None
    provider: tuple[Text, ...] = ()
    limitations: tuple[Text, ...] = ()
    issued: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    other_geoid: str | None = None
    coverage: BaseGeometry | None = None


@dataclass(frozen=True)
class Document:
    """A zone document as read: `zones` can be evaluated, `quarantined` cannot; `defects` are all that was found.

    `format` is that of the zones' content. Where they were converted from another, `converted_from` names it, and
    `said` is what a person must know of how it was read.
    """

    format: str
    digest: str
    metadata: Metadata
    zones: tuple[ReadZone, ...]
    quarantined: tuple[QuarantinedZone, ...]
    defects: tuple[Defect, ...]
    converted_from: str | None = None
    said: tuple[str, ...] = ()

    @property
    def published_in(self) -> str:
        """The format of the document itself."""
        return self.converted_from or self.format

    @property
    def countries(self) -> frozenset[str]:
        """The countries whose zones the document has; those that could not be read vouch for nothing."""
        return frozenset(read.zone.country for read in self.zones)

    def published_as(self, key: str) -> tuple[PublishedZone, ...]:
        """Return the zones as those of a data set."""
        return tuple(PublishedZone(read.zone, key, read.version, format=self.format) for read in self.zones)

    def data_set(self, key: str, received_at: datetime | None = None, revision: int | None = None) -> DataSet:
        """Return what the document says of itself as a whole, as a data set."""
        return DataSet(
            key,
            self.published_in,
            self.digest,
            self.countries,
            len(self.zones),
            received_at=received_at,
            revision=revision,
            quarantined=self.quarantined,
            **vars(self.metadata),
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A zone of one feature, the feature's canonical JSON, and where it stands in the document."""

    zone: UASZone
    content: bytes
    at: str


def version_of(content: bytes) -> str:
    """Return the name of a zone's version: the start of the SHA-256 of its content."""
    return hashlib.sha256(content).hexdigest()[:16]


def read_document(
    data: bytes, progress: Callable[[int, int], None] | None = None, *, dialect: str | None = None
) -> Document:
    """Return the zones of a document of ED-269, ED-318 or one of their dialects, or of AIXM 5.1.

    Args:
        data: The document's bytes.
        progress: Told how many zones have been read, of how many.
        dialect: The name of the dialect it is in; None recognises it by its content.

    Raises:
        DocumentRefused: If the document as a whole cannot be taken; it carries every defect, also of the zones.
    """
    if dialect is None and aixm.is_xml(data) and not not_json.is_web_page(data):
        return read_converted(aixm.convert(data), data, progress)
    try:
        not_json.refuse(data)
        value = strict_json.loads(data)
    except (InvalidInput, InputTooLarge) as error:
        stop = Defect("JSON_INVALID", "", error.detail)
        raise DocumentRefused(error.detail, (stop,)) from error
    found = Found()
    spoken = _dialect(value, dialect, found)
    if spoken is None:
        raise _refused(found.defects)
    metadata, features, at = _open(spoken, value, found)
    if len(features) > MAX_ZONES:
        found.stop(Reason.MEMBER_INVALID, at, f"{len(features)} zones; at most {MAX_ZONES} are read.")
        raise _refused(found.defects)
    read, quarantined, defects = _read_all(spoken, features, at, progress)
    if not features:
        found.stop(Reason.MEMBER_MISSING, at, "The document has no zones.")
    if any(defect.severity == "stop" for defect in found.defects):
        raise _refused([*found.defects, *defects])
    zones, merging = _by_key(read)
    everything = (*found.defects, *defects, *merging)
    digest = hashlib.sha256(data).hexdigest()
    return Document(spoken.name, digest, metadata, zones, tuple(quarantined), everything)


def read_converted(
    converted: Converted, data: bytes, progress: Callable[[int, int], None] | None = None
) -> Document:
    """Return the zones that were converted from another format, as the document whose bytes are given.

    Raises:
        DocumentRefused: If the document as a whole cannot be taken.
    """
    try:
        made = strict_json.canonical(converted.collection)
    except ValueError as error:
        raise DocumentRefused("A text or number in the file cannot be written as JSON.") from error
    read = read_document(made, progress)
    return replace(
        read,
        digest=hashlib.sha256(data).hexdigest(),
        quarantined=tuple(_told_apart(zone, converted) for zone in read.quarantined),
        defects=tuple(_told(defect, converted) for defect in read.defects),
        converted_from=converted.format,
        said=converted.said,
    )


def _number_of(pointer: str) -> int | None:
    """Return the position of the feature that a pointer leads to."""
    steps = pointer.split("/")
    return int(steps[2]) if len(steps) > 2 and steps[1] == "features" and steps[2].isdigit() else None


def _told(defect: Defect, converted: Converted) -> Defect:
    """Return a defect of a feature that was made with the place in the file it was made from."""
    number = _number_of(defect.pointer)
    if number is None:
        return defect
    spoiled, place = converted.spoiled.get(number), converted.places[number]
    detail = spoiled.detail if spoiled and defect.pointer.endswith("/geometry") else defect.detail
    return replace(defect, detail=f"{place}: {detail}")


def _told_apart(zone: QuarantinedZone, converted: Converted) -> QuarantinedZone:
    number = _number_of(zone.pointer)
    spoiled = converted.spoiled.get(number) if number is not None else None
    defects = tuple(_told(defect, converted) for defect in zone.defects)
    bounds = spoiled.bounds if spoiled else zone.bounds
    if bounds and not near_country(bounds, zone.country):
        bounds = None
    return replace(zone, defects=defects, bounds=bounds)


def read_zone(format_name: str, content: bytes) -> UASZone:
    """Return the zone whose canonical content the register holds."""
    spoken = _FORMATS[format_name]
    return _merged([_require(dialects.read(spoken, feature).zone) for feature in json.loads(content)])


def _dialect(value: Any, name: str | None, found: Found) -> Dialect | None:
    """Return the dialect that is named, if the document can be read so, or the one recognised by its content."""
    by_content = dialects.recognised(value)
    if name is not None:
        spoken = dialects.named(name)
        if spoken is None:
            known = ", ".join(sorted(dialects.ALL))
            found.stop(Reason.MEMBER_INVALID, "", f"There is no dialect {name[:60]!r}; there are {known}.")
        elif not spoken.fits(value):
            looks = f"it looks like {by_content.name}" if by_content else "it is no zone document"
            what = f"The document is not in the dialect {spoken.name} ({spoken.publisher}): {looks}."
            found.stop(Reason.MEMBER_INVALID, "", what)
            return None
        return spoken
    if by_content is None:
        _explain(value, found)
    return by_content


def _explain(value: Any, found: Found) -> None:
    """Say why a document is no list of zones."""
    if not isinstance(value, dict):
        found.stop(Reason.MEMBER_INVALID, "", "A zone document is a JSON object or a list of zones.")
        return
    if value.get("type") == "Feature":
        what = "A single Feature is not a data set; ED-318 publishes a FeatureCollection."
        found.stop(Reason.MEMBER_INVALID, "/type", what)
        return
    if {"identifier", "country"} <= value.keys():
        what = "This is one zone, or a part of one, and no list of zones."
    elif {"startDateTime", "schedule", "purpose"} & value.keys():
        what = "This is a part of a zone, and no list of zones."
    else:
        what = "This is neither an ED-318 FeatureCollection nor an ED-269 list of zones."
    found.stop(Reason.MEMBER_MISSING, "", what)
    for member in ("type", "features"):
        if member not in value:
            found.stop(Reason.MEMBER_MISSING, f"/{member}", f"The document has no {member!r}.")


def _open(spoken: Dialect, value: Any, found: Found) -> tuple[Metadata, list[Any], str]:
    """Return a document's metadata, its features and where these stand in it."""
    at = spoken.locate(value)
    metadata = Metadata(**spoken.metadata(value, found))
    found.defects[:] = [
        replace(each, pointer=dialects.existing(value, each.pointer)) for each in found.defects
    ]
    if at and not isinstance(value.get(at[1:]), list):
        found.stop(Reason.MEMBER_INVALID, at, "The FeatureCollection has no list of features.")
    return metadata, dialects.features_of(value, at), at


def _read_all(
    spoken: Dialect, features: list[Any], at: str, progress: Callable[[int, int], None] | None
) -> tuple[list[_Read], list[QuarantinedZone], list[Defect]]:
    """Read every feature; each is let go of once it has been read, for a large document has many."""
    read: list[_Read] = []
    quarantined: list[QuarantinedZone] = []
    defects: list[Defect] = []

    def check(zone: UASZone | None, found: Found) -> UASZone | None:
        return short_named(near_home(zone, found), found, spoken.reader.IDENTIFIER)

    for number, feature in enumerate(features):
        here = f"{at}/{number}"
        # Pointers are relative to the feature, so that a zone is the same wherever it is read from.
        each = dialects.read(spoken, feature, check)
        inside = [replace(defect, pointer=here + defect.pointer) for defect in each.defects]
        defects.extend(inside)
        if each.zone is None:
            digest = hashlib.sha256(strict_json.canonical(feature)).hexdigest()
            quarantined.append(replace(_set_aside(each, inside, here), feature=digest))
        else:
            read.append(_Read(each.zone, strict_json.canonical(feature), here))
        features[number] = None
        if progress:
            progress(number + 1, len(features))
    return read, quarantined, defects


def short_named(zone: UASZone | None, found: Found, at: str = ed318.IDENTIFIER) -> UASZone | None:
    """Return the zone unless its identifier, which stands at a pointer, or country is longer than any name is."""
    if zone is None or max(len(zone.identifier), len(zone.country)) <= MAX_NAME:
        return zone
    why = f"A zone's identifier has at most {MAX_NAME} characters here; ED-318 has 7."
    found.quarantine(Reason.MEMBER_INVALID, at, why)
    return None


def near_home(zone: UASZone | None, found: Found, at: str = "") -> UASZone | None:
    """Return the zone unless it lies far outside its country, as with longitude and latitude exchanged."""
    if zone is None or near_country(zone.bounds, zone.country):
        return zone
    why = f"The zone lies over {FAR_OUTSIDE_M / 1000:.0f} km outside {zone.country}."
    if near_country(swapped(zone.bounds), zone.country):
        why += " Its longitudes and latitudes may have been exchanged."
    found.quarantine(Reason.GEOMETRY_INVALID, f"{at}/geometry", why)
    return None


def _set_aside(each: ReadFeature, defects: list[Defect], at: str) -> QuarantinedZone:
    country, identifier, published = each.key
    recognised, _ = zone_type(published, Found(), "", "")
    bounds = readable = readable_bounds(each.geometry)
    if bounds and country and not near_country(bounds, country):
        # Where it lies is not where it was meant: there if exchanging the axes brings it home, else anywhere.
        bounds = swapped(bounds) if near_country(swapped(bounds), country) else None
    elif each.misplaced:
        # The rest of it may lie anywhere.
        bounds = None
    return QuarantinedZone(
        country or COUNTRY_NOT_STATED,
        identifier,
        at,
        recognised or published,
        bounds,
        tuple(defects),
        readable,
    )


def _by_key(read: list[_Read]) -> tuple[tuple[ReadZone, ...], list[Defect]]:
    """Join what has the same country and identifier: repeats are dropped, other volumes added, the rest kept apart."""
    found = Found()
    groups: dict[tuple[str, str], list[_Read]] = {}
    for item in read:
        groups.setdefault((item.zone.country, item.zone.identifier), []).append(item)
    zones = []
    for (country, identifier), items in groups.items():
        versions: dict[Hashable, list[_Read]] = {}
        seen: set[bytes] = set()
        for item in items:
            if item.content in seen:
                what = f"Zone {country} {identifier} stands here again, byte for byte; it counts once."
                found.note(Reason.DUPLICATE_IDENTIFIER, item.at, what)
                continue
            seen.add(item.content)
            likeness = _all_but_place(item.zone) if len(items) > 1 else None
            if versions and likeness not in versions:
                what = f"Zone {country} {identifier} stands here again with other content; both count."
                found.note(Reason.DUPLICATE_IDENTIFIER, item.at, what)
            versions.setdefault(likeness, []).append(item)
        for version in versions.values():
            # Canonical JSON of a list is that of its members between brackets.
            content = b"[" + b",".join(item.content for item in version) + b"]"
            zones.append(ReadZone(_merged([item.zone for item in version]), content))
    return tuple(zones), found.defects


def _all_but_place(zone: UASZone) -> Hashable:
    """Return what two features must have in common to be volumes of one zone."""
    members = (getattr(zone, each.name) for each in fields(zone) if each.name not in ("volumes", "flags"))
    return tuple(strict_json.canonical(each) if isinstance(each, dict) else each for each in members)


def _merged(parts: list[UASZone]) -> UASZone:
    volumes: list[AirspaceVolume] = [volume for part in parts for volume in part.volumes]
    flags: list[Flag] = [flag for part in parts for flag in part.flags]
    return parts[0] if len(parts) == 1 else replace(parts[0], volumes=tuple(volumes), flags=tuple(flags))


def _require(zone: UASZone | None) -> UASZone:
    if zone is None:
        raise ValueError("the register holds a zone that this version cannot read")
    return zone


def _refused(defects: list[Defect]) -> DocumentRefused:
    stops = [defect for defect in defects if defect.severity == "stop"]
    return DocumentRefused(f"The document was refused: {stops[0].detail}", tuple(defects))

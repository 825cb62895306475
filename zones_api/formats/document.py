"""A zone document of any format: recognise it, read every zone, name every defect.

What the register keeps of a zone is what was published: `content`, the canonical JSON of its features. Its
meaning is read from that, with `read_zone`, whenever it is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from types import ModuleType
from typing import Any

from shapely.geometry.base import BaseGeometry

from zones_api.domain.data_set import DataSet, QuarantinedZone
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import AirspaceVolume, Flag, PublishedZone, Text, UASZone
from zones_api.errors import Defect, DocumentRefused, InputTooLarge, InvalidInput
from zones_api.formats import aixm, ed269, ed318, strict_json
from zones_api.formats.converted import Converted
from zones_api.formats.members import COUNTRY_NOT_STATED, Found, zone_type
from zones_api.formats.shapes import FAR_OUTSIDE_M, near_country, readable_bounds, swapped

MAX_ZONES = 100_000
MAX_NAME = 100
_FORMATS: dict[str, ModuleType] = {ed269.NAME: ed269, ed318.NAME: ed318}


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
        return tuple(PublishedZone(read.zone, key, read.version) for read in self.zones)

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


def version_of(content: bytes) -> str:
    """Return the name of a zone's version: the start of the SHA-256 of its content."""
    return hashlib.sha256(content).hexdigest()[:16]


def read_document(data: bytes, progress: Callable[[int, int], None] | None = None) -> Document:
    """Return the zones of an ED-269, ED-318 or AIXM 5.1 document.

    Args:
        data: The document's bytes.
        progress: Told how many zones have been read, of how many.

    Raises:
        DocumentRefused: If the document as a whole cannot be taken; it carries every defect, also of the zones.
    """
    if aixm.is_xml(data):
        return read_converted(aixm.convert(data), data, progress)
    try:
        value = strict_json.loads(data)
    except (InvalidInput, InputTooLarge) as error:
        stop = Defect("JSON_INVALID", "", error.detail)
        raise DocumentRefused(error.detail, (stop,)) from error
    found = Found()
    opened = _open(value, found)
    if opened is None:
        raise _refused(found.defects)
    reader, metadata, features, at = opened
    if len(features) > MAX_ZONES:
        found.stop(Reason.MEMBER_INVALID, at, f"{len(features)} zones; at most {MAX_ZONES} are read.")
        raise _refused(found.defects)
    read, quarantined, defects = _read_all(reader, features, at, progress)
    if not features:
        found.stop(Reason.MEMBER_MISSING, at, "The document has no zones.")
    if any(defect.severity == "stop" for defect in found.defects):
        raise _refused([*found.defects, *defects])
    zones, merging = _by_key(read)
    everything = (*found.defects, *defects, *merging)
    digest = hashlib.sha256(data).hexdigest()
    return Document(reader.NAME, digest, metadata, zones, tuple(quarantined), everything)


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
    reader = _FORMATS[format_name]
    parts = [_require(reader.read_feature(feature, Found(), "")) for feature in json.loads(content)]
    return _merged(parts)


def _open(value: Any, found: Found) -> tuple[ModuleType, Metadata, list[Any], str] | None:
    """Recognise the document; return its reader, metadata, features and where these stand in it."""
    if isinstance(value, list):
        return ed269, Metadata(), value, ""
    if not isinstance(value, dict):
        found.stop(Reason.MEMBER_INVALID, "", "A zone document is a JSON object or a list of zones.")
        return None
    if isinstance(value.get("UASZoneList"), list):
        return ed269, Metadata(), value["UASZoneList"], "/UASZoneList"
    if value.get("type") in ("FeatureCollection", "Feature"):
        return _open_ed318(value, found)
    if isinstance(value.get("features"), list):
        title = value.get("title")
        return ed269, Metadata(title if isinstance(title, str) else None), value["features"], "/features"
    for member in ("type", "features"):
        found.stop(Reason.MEMBER_MISSING, f"/{member}", f"The document has no {member!r}.")
    found.stop(
        Reason.MEMBER_MISSING, "", "This is neither an ED-318 FeatureCollection nor an ED-269 list of zones."
    )
    return None


def _open_ed318(value: dict[str, Any], found: Found) -> tuple[ModuleType, Metadata, list[Any], str]:
    metadata = Metadata(**ed318.read_metadata(value, found))
    if value["type"] == "Feature":
        what = "A single Feature is not a data set; ED-318 publishes a FeatureCollection."
        found.stop(Reason.MEMBER_INVALID, "/type", what)
        return ed318, metadata, [value], ""
    features = value.get("features")
    if not isinstance(features, list):
        found.stop(Reason.MEMBER_INVALID, "/features", "The FeatureCollection has no list of features.")
        return ed318, metadata, [], "/features"
    return ed318, metadata, features, "/features"


def _read_all(
    reader: ModuleType, features: list[Any], at: str, progress: Callable[[int, int], None] | None
) -> tuple[list[tuple[UASZone, Any, str]], list[QuarantinedZone], list[Defect]]:
    read: list[tuple[UASZone, Any, str]] = []
    quarantined: list[QuarantinedZone] = []
    defects: list[Defect] = []
    alone = len(features) == 1 and at == "" and reader is ed318
    for number, feature in enumerate(features):
        here = "" if alone else f"{at}/{number}"
        found = Found()
        # Pointers are relative to the feature, so that a zone is the same wherever it is read from.
        zone = short_named(near_home(reader.read_feature(feature, found, ""), found), found)
        inside = [replace(defect, pointer=here + defect.pointer) for defect in found.defects]
        defects.extend(inside)
        if zone is None:
            quarantined.append(_set_aside(reader, feature, inside, here))
        else:
            read.append((zone, feature, here))
        if progress:
            progress(number + 1, len(features))
    return read, quarantined, defects


def short_named(zone: UASZone | None, found: Found, at: str = "") -> UASZone | None:
    """Return the zone unless its identifier or country is longer than any name is."""
    if zone is None or max(len(zone.identifier), len(zone.country)) <= MAX_NAME:
        return zone
    why = f"A zone's identifier has at most {MAX_NAME} characters here; ED-318 has 7."
    found.quarantine(Reason.MEMBER_INVALID, f"{at}/properties/identifier", why)
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


def _set_aside(reader: ModuleType, feature: Any, defects: list[Defect], at: str) -> QuarantinedZone:
    country, identifier, published = reader.read_key(feature)
    recognised, _ = zone_type(published, Found(), "", "")
    readable = readable_bounds(feature.get("geometry")) if isinstance(feature, dict) else None
    broken = any(d.severity == "quarantine" and d.pointer.startswith(f"{at}/geometry") for d in defects)
    bounds = readable
    if bounds and country and not near_country(bounds, country):
        # Where it lies is not where it was meant: there if exchanging the axes brings it home, else anywhere.
        bounds = swapped(bounds) if near_country(swapped(bounds), country) else None
    elif broken:
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


def _by_key(read: list[tuple[UASZone, Any, str]]) -> tuple[tuple[ReadZone, ...], list[Defect]]:
    """Join what has the same country and identifier: repeats are dropped, other volumes added, the rest kept apart."""
    found = Found()
    groups: dict[tuple[str, str], list[tuple[UASZone, Any, str]]] = {}
    for item in read:
        groups.setdefault((item[0].country, item[0].identifier), []).append(item)
    zones = []
    for (country, identifier), items in groups.items():
        versions: list[list[tuple[UASZone, Any, str]]] = []
        seen: set[bytes] = set()
        for zone, feature, at in items:
            content = strict_json.canonical(feature)
            if content in seen:
                what = f"Zone {country} {identifier} stands here again, byte for byte; it counts once."
                found.note(Reason.DUPLICATE_IDENTIFIER, at, what)
                continue
            seen.add(content)
            for version in versions:
                if _but_for_place(version[0][0]) == _but_for_place(zone):
                    version.append((zone, feature, at))
                    break
            else:
                if versions:
                    what = f"Zone {country} {identifier} stands here again with other content; both count."
                    found.note(Reason.DUPLICATE_IDENTIFIER, at, what)
                versions.append([(zone, feature, at)])
        for version in versions:
            content = strict_json.canonical([feature for _, feature, _ in version])
            zones.append(ReadZone(_merged([zone for zone, _, _ in version]), content))
    return tuple(zones), found.defects


def _but_for_place(zone: UASZone) -> UASZone:
    return replace(zone, volumes=(), flags=())


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

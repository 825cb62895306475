"""AIXM 5.1: airspace as an ED-318 collection that covers it, with the words and numbers of the publisher beside it.

AIXM says nothing of UAS: what its types require is in a mapping, and without one they are published words that are not
known. What this reader does not apply (times, subtracted volumes, temporary changes) leaves the zone larger, and says so.

Source: AIXM 5.1, the Airspace feature; EUROCONTROL, "AIXM 5.1 Temporality Concept".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from zones_api.domain.altitude import METRES_PER_FOOT
from zones_api.errors import Defect, DocumentRefused, InputTooLarge, InvalidInput
from zones_api.formats import strict_xml
from zones_api.formats.members import as_number
from zones_api.formats.offices.aixm_shapes import CannotRead, Surface, read_surface
from zones_api.formats.offices.converted import Converted, Spoiled
from zones_api.formats.offices.mapping import ColumnMapping, properties_of
from zones_api.formats.strict_xml import local, text_of

NAME = "aixm51"
_NAMESPACE = "http://www.aixm.aero/schema/5.1"
_REFERENCES = {"SFC": "AGL", "MSL": "AMSL", "W84": "WGS84"}
_METRES = {"FT": METRES_PER_FOOT, "M": 1.0}
_XLINK = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT_BY = ("designator", "type", "localType", "name")
_DEPTH = 5
_NO_BASELINE = "noBaseline"
_MAX_NOTES = 50

Features = Mapping[str, "etree._Element"]  # noqa: SLF001 - lxml's only name for it


@dataclass(frozen=True)
class _Known:
    """What airspace refers to: curves of borders and other airspace, by their identifiers."""

    borders: Features
    airspaces: Features


def is_xml(data: bytes) -> bool:
    """Say whether a document is XML: no JSON document starts with an angle bracket."""
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def convert(data: bytes, mapping: ColumnMapping | None = None) -> Converted:
    """Return the airspace of an AIXM 5.1 message as an ED-318 collection.

    Args:
        data: The document's bytes.
        mapping: What types require (`tables.type`), what holds for all zones (`values`), and what is no zone.

    Raises:
        DocumentRefused: If it is not an AIXM 5.1 message.
        InvalidInput: If the mapping has columns: AIXM has members of its own.
    """
    mapping = mapping or ColumnMapping()
    _check(mapping)
    try:
        root = strict_xml.parse(data)
    except (InvalidInput, InputTooLarge) as error:
        raise DocumentRefused(error.detail, (Defect("XML_INVALID", "", error.detail),)) from error
    if local(root) != "AIXMBasicMessage" or not str(etree.QName(root).namespace).startswith(_NAMESPACE):
        what = f"This XML is not an AIXM 5.1 message: its root is {local(root)!r}."
        raise DocumentRefused(what, (Defect("DOCUMENT_UNKNOWN", "", what),))
    known = _Known(_by_identifier(root, "GeoBorder"), _by_identifier(root, "Airspace"))
    features: list[dict[str, Any]] = []
    places: list[str] = []
    spoiled: dict[int, Spoiled] = {}
    left_out = 0
    for number, airspace in enumerate((each for each in root.iter() if local(each) == "Airspace"), start=1):
        for slice_, said in _slices(airspace):
            if _is_left_out(slice_, mapping):
                left_out += 1
                continue
            feature, spoil = _feature(airspace, slice_, said, mapping, known)
            if spoil is not None:
                spoiled[len(features)] = spoil
            features.append(feature)
            places.append(f"airspace {number} ({feature['properties'].get('identifier', 'no designator')})")
    collection = {"type": "FeatureCollection", "features": features}
    return Converted(NAME, collection, tuple(places), spoiled, tuple(_said(features, mapping, left_out)))


def _check(mapping: ColumnMapping) -> None:
    unfit = [f"/columns/{member}" for member in mapping.columns]
    unfit += [f"/values/{member}" for member in mapping.values.keys() & {"identifier", "type"}]
    unfit += [f"/tables/{member}" for member in mapping.tables if member != "type"]
    unfit += [f"/leave_out/{name}" for name in mapping.leave_out if name not in _LEFT_OUT_BY]
    if unfit:
        what = (
            "AIXM has members of its own: its mapping has only [values], [tables.type], and [leave_out] by"
            f" {', '.join(_LEFT_OUT_BY)}."
        )
        raise InvalidInput(what, tuple(Defect("MAPPING_INVALID", at, what) for at in unfit))


def _said(features: list[dict[str, Any]], mapping: ColumnMapping, left_out: int) -> Iterable[str]:
    words = {feature["properties"]["extendedProperties"]["source"].get("type", "") for feature in features}
    unknown = sorted(words - mapping.tables.get("type", {}).keys())
    if unknown:
        yield (
            f"AIXM does not say what these types require of UAS: {', '.join(map(repr, unknown))}. They are published"
            " words that are not recognised, until a mapping says what they mean ([tables.type])."
        )
    if "country" not in mapping.values:
        yield "AIXM does not name a country; say it with --set country=GBR."
    if left_out:
        yield f"Airspaces left out, as the mapping says: {left_out}."


def _by_identifier(root: etree._Element, kind: str) -> Features:
    found: dict[str, etree._Element] = {}
    for each in root.iter():
        if local(each) == kind:
            for key in (_identifier(each), each.get("{http://www.opengis.net/gml/3.2}id")):
                if key:
                    found[str(key)] = each
    if kind == "GeoBorder":
        curves = {
            key: next((c for c in each.iter() if local(c) == "border"), None) for key, each in found.items()
        }
        return {key: curve for key, curve in curves.items() if curve is not None}
    return found


def _identifier(feature: etree._Element) -> str | None:
    return _value(feature, "identifier")


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((each for each in element if local(each) == name), None)


def _value(element: etree._Element, name: str) -> str | None:
    """Return the text of a child, None where there is none or it is nil."""
    child = _child(element, name)
    return None if child is None else (text_of(child) or None)


def _slices(airspace: etree._Element) -> list[tuple[etree._Element, list[str]]]:
    """Return the time slices that say what an airspace is, each its last correction, and what is said beside them."""
    slices = [each for member in airspace if local(member) == "timeSlice" for each in member]
    said: list[str] = []
    baselines: dict[str, tuple[float, etree._Element]] = {}
    for number, each in enumerate(slices):
        kind = (_value(each, "interpretation") or "BASELINE").upper()
        if kind not in ("BASELINE", "SNAPSHOT"):
            begin, end = _validity(each)
            said.append(
                f"A published change ({kind}, from {begin or 'not stated'} to {end or 'not stated'}) is not applied here."
            )
            continue
        sequence = _value(each, "sequenceNumber") or f"#{number}"
        correction = as_number(_value(each, "correctionNumber")) or 0.0
        if sequence not in baselines or correction >= baselines[sequence][0]:
            baselines[sequence] = (correction, each)
    if not baselines:
        return [(etree.Element(_NO_BASELINE), said)]
    return [(each, said) for _, each in baselines.values()]


def _validity(slice_: etree._Element) -> tuple[str | None, str | None]:
    valid = _child(slice_, "validTime")
    if valid is None:
        return None, None
    ends = {local(each): text_of(each) or None for each in valid.iter()}
    instant = ends.get("timePosition")
    return ends.get("beginPosition") or instant, ends.get("endPosition")


def _is_left_out(slice_: etree._Element, mapping: ColumnMapping) -> bool:
    return any((_value(slice_, name) or "") in words for name, words in mapping.leave_out.items())


def _feature(
    airspace: etree._Element,
    slice_: etree._Element,
    said: list[str],
    mapping: ColumnMapping,
    known: _Known,
) -> tuple[dict[str, Any], Spoiled | None]:
    published = {name: value for name in _LEFT_OUT_BY if (value := _value(slice_, name))}
    word = published.get("type", "")
    required = mapping.tables.get("type", {}).get(word, word)
    members = dict(mapping.values) | {"type": required}
    if identifier := published.get("designator") or _identifier(airspace):
        members["identifier"] = identifier
    if "name" in published and "name" not in members:
        members["name"] = published["name"]
    spoil: Spoiled | None = None
    geometry: dict[str, Any] | None = None
    notes = list(said)
    try:
        shapes, kept_in, limits = _volumes(slice_, known, _DEPTH)
        notes += kept_in
        geometry = shapes[0] if len(shapes) == 1 else {"type": "GeometryCollection", "geometries": shapes}
    except CannotRead as error:
        spoil, limits = Spoiled(error.detail, error.bounds), []
    properties = properties_of(members)
    # A list may hold the mapping's own message.
    messages = properties.get("message", []) + _messages(slice_, notes)
    if messages:
        properties["message"] = messages
    begin, end = _validity(slice_)
    period = {name: at for name, at in (("startDateTime", begin), ("endDateTime", end)) if at}
    if period:
        properties["limitedApplicability"] = [period]
    source: dict[str, Any] = {"format": "AIXM 5.1", **published}
    if limits:
        source["limits"] = limits
    if uuid := _identifier(airspace):
        source["identifier"] = uuid
    properties["extendedProperties"] = {"source": source}
    return {"type": "Feature", "geometry": geometry, "properties": properties}, spoil


def _messages(slice_: etree._Element, notes: list[str]) -> list[dict[str, str]]:
    """Return the publisher's notes, those on times marked as such, and what this reader did not apply."""
    messages = [{"text": text, "lang": "en-GB"} for text in dict.fromkeys(notes)]
    activations = [each for each in slice_.iter() if local(each) == "AirspaceActivation"]
    timed = [note for activation in activations for note in activation.iter() if local(note) == "note"]
    for note in (each for each in slice_.iter() if local(each) == "note"):
        text = text_of(note)
        if text:
            lead = "Times, published only as a text: " if any(note is each for each in timed) else ""
            lang = str(note.get("lang") or "")
            messages.append({"text": lead + text} | ({"lang": lang} if lang else {}))
    for activation in activations:
        times = [_flat(each) for each in activation.iter() if local(each) == "Timesheet"]
        status = _value(activation, "status")
        if times:
            messages.append(
                {
                    "text": f"Active only: {'; '.join(times)}. These times are not applied here.",
                    "lang": "en-GB",
                }
            )
        elif status and status.upper() != "ACTIVE":
            messages.append(
                {
                    "text": f"Active only when activated (status {status}); here it counts always.",
                    "lang": "en-GB",
                }
            )
    if len(messages) > _MAX_NOTES:
        more = {"text": f"{len(messages) - _MAX_NOTES + 1} more notes are in the document.", "lang": "en-GB"}
        messages = [*messages[: _MAX_NOTES - 1], more]
    return messages


def _flat(element: etree._Element) -> str:
    return ", ".join(f"{local(each)} {text_of(each)}" for each in element if local(each) and text_of(each))


def _volumes(
    slice_: etree._Element, known: _Known, depth: int
) -> tuple[list[dict[str, Any]], list[str], list[dict[str, str]]]:
    """Return what covers the volumes of an airspace, what was kept in, and their limits as published."""
    if local(slice_) == _NO_BASELINE:
        raise CannotRead("The airspace has no time slice that says what it is (BASELINE).")
    components = [each for each in slice_.iter() if local(each) == "AirspaceGeometryComponent"]
    if not components:
        raise CannotRead("The airspace has no geometry.")
    shapes: list[dict[str, Any]] = []
    said: list[str] = []
    limits: list[dict[str, str]] = []
    for component in components:
        operation = (_value(component, "operation") or "BASE").upper()
        if operation in ("SUBTR", "INTERS"):
            said.append("Part of this airspace is taken out by its publisher and is kept in here.")
            continue
        if operation not in ("BASE", "UNION"):
            raise CannotRead(f"The operation {operation!r} between volumes is not read.")
        volume = next((each for each in component.iter() if local(each) == "AirspaceVolume"), None)
        if volume is None:
            raise CannotRead("A volume of the airspace is not in the file.")
        made, kept_in, published = _volume(volume, known, depth)
        shapes += made
        said += kept_in
        limits += published
    if not shapes:
        raise CannotRead("The airspace has no volume that adds to it.")
    return shapes, said, limits


def _volume(
    volume: etree._Element, known: _Known, depth: int
) -> tuple[list[dict[str, Any]], list[str], list[dict[str, str]]]:
    layer, published = _layer(volume)
    projection = _child(volume, "horizontalProjection")
    contributor = _child(volume, "contributorAirspace")
    if projection is not None:
        surface: Surface = read_surface(projection, known.borders)
        return [shape | {"layer": layer} for shape in surface.geometries], list(surface.said), [published]
    if contributor is None:
        raise CannotRead("A volume has no horizontal projection; a centre line with a width is not read.")
    if depth == 0:
        raise CannotRead("Airspaces are made of one another without an end.")
    dependency = next(
        (_value(each, "dependency") for each in contributor.iter() if _value(each, "dependency")), None
    )
    link = next((each.get(_XLINK) for each in contributor.iter() if each.get(_XLINK)), None)
    other = known.airspaces.get(str(link).removeprefix("urn:uuid:").removeprefix("#"))
    if other is None:
        raise CannotRead(
            f"A volume is that of another airspace, {str(link)[:60]!r}, which is not in the file."
        )
    (slice_, _), *more = _slices(other)
    if more:
        raise CannotRead("A volume is that of another airspace, which has several time slices.")
    shapes, said, limits = _volumes(slice_, known, depth - 1)
    match (dependency or "").upper():
        case "FULL_GEOMETRY":
            return shapes, said, limits
        case "HORZ_PROJECTION":
            return [shape | {"layer": layer} for shape in shapes], said, [published]
        case unknown:
            raise CannotRead(f"A volume depends on another airspace by {unknown!r}, which is not read.")


def _layer(volume: etree._Element) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a volume's heights as a layer of ED-318, and its limits as published.

    What cannot be compared with a height (a flight level, a limit that another overrides) stands there as its words: it is
    then in doubt at every height.
    """
    published: dict[str, str] = {}
    ends: dict[str, tuple[float, str, str] | str | None] = {}
    for end, override in (("lower", "minimumLimit"), ("upper", "maximumLimit")):
        text, unit, reference = _limit(volume, f"{end}Limit")
        if text is not None:
            published[end] = " ".join(filter(None, (text, unit, reference)))
        other, other_unit, other_reference = _limit(volume, override)
        if other is not None:
            published[override] = " ".join(filter(None, (other, other_unit, other_reference)))
        ends[end] = (
            _height(text, unit, reference, end)
            if other is None
            else f"{published.get(end)} or {published[override]}"
        )
    layer: dict[str, Any] = {}
    units = {limit[1] for limit in ends.values() if isinstance(limit, tuple)}
    common = units.pop() if len(units) == 1 else "M"
    layer["uom"] = common.lower()
    for end, limit in ends.items():
        match limit:
            case (number, unit, reference):
                layer[end] = number if unit == common else number * _METRES[unit]
                layer[f"{end}Reference"] = reference
            case str():
                layer[end] = limit
            case None:
                pass
    return layer, published


def _limit(volume: etree._Element, name: str) -> tuple[str | None, str, str]:
    child = _child(volume, name)
    unit = "" if child is None else str(child.get("uom", "")).upper()
    return _value(volume, name), unit, (_value(volume, f"{name}Reference") or "").upper()


def _height(text: str | None, unit: str, reference: str, end: str) -> tuple[float, str, str] | str | None:
    """Return a limit as number, unit and ED-318 reference, None where it is the surface or without limit, else its words."""
    word = (text or "").upper()
    if text is None:
        return None
    if end == "upper" and (word in ("UNL", "UNLIMITED") or (unit == "FL" and as_number(text) == 999)):
        return None
    if end == "lower" and word in ("GND", "SFC"):
        return None
    number, metres = as_number(text), _METRES.get(unit)
    if end == "lower" and number == 0 and unit != "FL":
        return 0.0, unit if metres else "M", _REFERENCES.get(reference, "AGL")
    if number is None or metres is None or reference not in _REFERENCES:
        return " ".join(filter(None, (text, unit, reference)))
    return number, unit, _REFERENCES[reference]

"""Which column of a layer means what: from rows to an ED-318 collection, as a person says and never as guessed.

A mapping in TOML (JSON has the same members)::

    layer = "zones"                     # where the file has several
    crs = "EPSG:28992"                  # only where the file does not say it

    [columns]                           # member = column
    identifier = "CODE"
    type = "SOORT"
    upper = "MAXHOOGTE"

    [values]                            # member = what holds for every row
    country = "NLD"
    uom = "m"
    upperReference = "AGL"

    [tables.type]                       # word in the file = word of ED-318
    verboden = "PROHIBITED"

    [leave_out]                         # column = rows that are no zones
    STATUS = ["vervallen"]
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from zones_api.domain.civil_time import begins
from zones_api.domain.geometry import Bounds
from zones_api.errors import Defect, InvalidInput
from zones_api.formats import strict_json
from zones_api.formats.members import as_number, as_text
from zones_api.formats.offices.converted import Converted, Spoiled
from zones_api.formats.offices.coordinate_systems import CannotPlace, System, placed, system
from zones_api.formats.offices.gis import Layer, OfficeFile, Row, positions

_METRES = {"m": 1.0, "km": 1000.0, "NM": 1852.0, "ft": 0.3048}
_LIMITS = ("lower", "lowerReference", "upper", "upperReference", "uom")
_PERIOD = ("startDateTime", "endDateTime")
_DATE = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})")
_DAILY = ("day", "startTime", "startEvent", "endTime", "endEvent")
_AUTHORITY = (
    "authorityName",
    "authorityService",
    "authorityContact",
    "authorityURL",
    "authorityEmail",
    "authorityPhone",
    "authorityPurpose",
    "authorityIntervalBefore",
)
_AUTHORITY_MEMBERS = dict(
    zip(
        _AUTHORITY,
        ("name", "service", "contactName", "siteURL", "email", "phone", "purpose", "intervalBefore"),
        strict=True,
    )
)
_TEXTS = ("name", "message", "otherReasonInfo", "authorityName", "authorityService", "authorityContact")
_PLAIN = (
    "identifier",
    "country",
    "type",
    "variant",
    "restrictionConditions",
    "region",
    "regulationExemption",
)
_OTHERS = ("reason", "radius", "radiusUom", "lang")
MEMBERS = (*_PLAIN, *_TEXTS[:3], *_LIMITS, *_PERIOD, *_DAILY, *_AUTHORITY, *_OTHERS)
REQUIRED = ("identifier", "country", "type")
_SECTIONS = {"layer", "crs", "columns", "values", "tables", "leave_out"}
_GUESSES: dict[str, tuple[str, ...]] = {
    "identifier": ("identifier", "code", "zone_id", "zoneid", "designator", "id", "nummer", "number"),
    "country": ("country", "land", "iso3"),
    "type": ("type", "restriction", "soort", "categorie", "category", "class"),
    "name": ("name", "naam", "title", "titel", "label"),
    "message": ("message", "description", "omschrijving", "toelichting", "remark", "opmerking"),
    "lower": ("lower", "lower_limit", "floor", "minhoogte", "min_height", "ondergrens"),
    "upper": ("upper", "upper_limit", "ceiling", "maxhoogte", "max_height", "bovengrens", "hoogte"),
    "radius": ("radius", "radius_m", "straal"),
    "startDateTime": (
        "start",
        "valid_from",
        "startdatetime",
        "ingangsdatum",
        "geldig_vanaf",
        "van",
        "vanaf",
        "from",
        "begin",
    ),
    "endDateTime": (
        "end",
        "valid_to",
        "valid_until",
        "enddatetime",
        "einddatum",
        "geldig_tot",
        "tot_en_met",
        "tot",
        "until",
    ),
}


@dataclass(frozen=True)
class ColumnMapping:
    """What a person says of a file: `columns` and `values` by ED-318 member, `tables` by member and word."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    layer: str | None = None
    crs: str | None = None


def read_mapping(data: bytes) -> ColumnMapping:
    """Return a mapping from TOML or JSON.

    Raises:
        InvalidInput: With every defect, if it cannot be read or names a member that is not mapped.
    """
    value = _value_of(data)
    defects = [
        _defect(f"/{name}", f"A mapping has no {name!r}.") for name in sorted(value.keys() - _SECTIONS)
    ]
    sections = {}
    for name in ("columns", "values", "tables", "leave_out"):
        section = value.get(name, {})
        if not isinstance(section, dict):
            defects.append(_defect(f"/{name}", f"{name!r} is not a table."))
            section = {}
        sections[name] = section
    for name in ("columns", "values", "tables"):
        defects += [
            _unknown(member, f"/{name}/{member}") for member in sections[name] if member not in MEMBERS
        ]
    columns, tables = sections["columns"], sections["tables"]
    defects += [
        _defect(f"/columns/{m}", "A column is named by a text.")
        for m, c in columns.items()
        if not isinstance(c, str)
    ]
    defects += [
        _defect(f"/tables/{m}", "A table goes from words to words.")
        for m, t in tables.items()
        if not isinstance(t, dict)
    ]
    for name in ("layer", "crs"):
        if not isinstance(value.get(name), str | None):
            defects.append(_defect(f"/{name}", f"{name!r} is a text."))
    if defects:
        raise InvalidInput(f"The mapping cannot be used: {defects[0].detail}", tuple(defects))
    left_out = {
        column: tuple(str(word) for word in (words if isinstance(words, list) else [words]))
        for column, words in sections["leave_out"].items()
    }
    return ColumnMapping(columns, sections["values"], tables, left_out, value.get("layer"), value.get("crs"))


def _value_of(data: bytes) -> dict[str, Any]:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        value = strict_json.loads(data)
    else:
        try:
            value = tomllib.loads(data.decode("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidInput(f"The mapping is neither TOML nor JSON: {str(error)[:200]}.") from error
    if not isinstance(value, dict):
        raise InvalidInput("The mapping is not an object.")
    return value


def _unknown(member: str, at: str) -> Defect:
    if member in ("width", "halfWidth"):
        return _defect(at, "A line's width makes a corridor: draw it with the corridor tool first.")
    return _defect(at, f"{member!r} is no member that can be mapped; they are {', '.join(MEMBERS)}.")


def _defect(at: str, detail: str) -> Defect:
    return Defect("MAPPING_INVALID", at, detail)


def with_assignments(
    mapping: ColumnMapping, columns: Iterable[str], values: Iterable[str], layer: str | None, crs: str | None
) -> ColumnMapping:
    """Return a mapping with what the command line adds, each as member=column or member=value.

    Raises:
        InvalidInput: If one is not written so, or names a member that is not mapped.
    """
    added = []
    for option, given in (("--column", columns), ("--set", values)):
        pairs = {}
        for text in given:
            member, sign, rest = text.partition("=")
            if not sign or not rest:
                raise InvalidInput(f"{option} is written as member=value, not {text!r}.")
            if member not in MEMBERS:
                raise InvalidInput(f"{option}: {_unknown(member, '').detail}")
            pairs[member] = rest
        added.append(pairs)
    return replace(
        mapping,
        columns={**mapping.columns, **added[0]},
        values={**mapping.values, **added[1]},
        layer=layer or mapping.layer,
        crs=crs or mapping.crs,
    )


def choose_layer(file: OfficeFile, name: str | None) -> Layer:
    """Return the layer that is named, or the only one.

    Raises:
        InvalidInput: If there is none of that name, or several and none is named.
    """
    names = ", ".join(repr(layer.name) for layer in file.layers)
    if name is None:
        if len(file.layers) == 1:
            return file.layers[0]
        raise InvalidInput(f"The file has several layers: {names}. Name one with --layer.")
    found = [layer for layer in file.layers if layer.name == name]
    if len(found) != 1:
        raise InvalidInput(f"The file has no layer {name!r}; it has {names}.")
    return found[0]


def convert(file: OfficeFile, mapping: ColumnMapping) -> Converted:
    """Return the ED-318 collection that a mapping makes of a file: a feature for each row that is not left out.

    Raises:
        InvalidInput: If the mapping does not fit the layer, or its coordinates cannot be placed. It names every defect
            and the columns there are.
    """
    layer = choose_layer(file, mapping.layer)
    check(mapping, layer)
    used = system(layer.crs, mapping.crs, layer.boxes)
    features: list[dict[str, Any]] = []
    places: list[str] = []
    spoiled: dict[int, Spoiled] = {}
    left_out, grown_m, by_day = 0, 0.0, False
    for number, row in enumerate(layer.rows, start=1):
        if _left_out(row, mapping):
            left_out += 1
            continue
        shape, by_m, spoil = _shape(row, used)
        if spoil is not None:
            spoiled[len(features)] = spoil
        grown_m = max(grown_m, by_m)
        source: dict[str, Any] = {"format": file.format, "layer": layer.name, "coordinateSystem": used.label}
        if by_m > 0:
            source["grownByMetres"] = math.ceil(by_m * 1000) / 1000
        stated = _looked_up(row, mapping)
        days = _whole_days(stated)
        by_day = by_day or bool(days)
        features.append(_made(row, shape, stated | days, source))
        places.append(f"row {number}")
    said = [used.sentence, _limits_said(mapping)]
    if grown_m > 0:
        said.append(f"Outlines were grown by {math.ceil(grown_m * 100) / 100:g} m at most.")
    if by_day:
        said.append(
            "Dates without a time are read as whole days by the clock of the country, the last day included."
        )
    if left_out:
        said.append(f"Rows left out, as the mapping says: {left_out}.")
    collection = {"type": "FeatureCollection", "features": features}
    return Converted(file.format, collection, tuple(places), spoiled, tuple(filter(None, said)))


def check(mapping: ColumnMapping, layer: Layer) -> None:
    """Look whether a mapping fits a layer.

    Raises:
        InvalidInput: If a required member has neither a column nor a value, or a column does not exist.
    """
    given = mapping.columns.keys() | mapping.values.keys()
    defects = [
        _defect(f"/columns/{member}", f"Nothing says which column is the zone's {member!r}; it is required.")
        for member in REQUIRED
        if member not in given
    ]
    defects += [
        _defect(f"/values/{member}", f"{member!r} has a column and a value; give one of them.")
        for member in sorted(mapping.columns.keys() & mapping.values.keys())
    ]
    for end in ("lower", "upper"):
        needed = [name for name in (f"{end}Reference", "uom") if end in given and name not in given]
        # A lower limit of zero needs no reference.
        if needed and mapping.values.get(end) not in (0, "0"):
            what = f"A limit needs its reference and unit: {' and '.join(map(repr, needed))} for {end!r}."
            defects.append(_defect(f"/columns/{end}", what))
    if "radius" in given and "radiusUom" not in given:
        defects.append(_defect("/values/radiusUom", f"A radius needs 'radiusUom': {', '.join(_METRES)}."))
    columns = {f"/columns/{m}": c for m, c in mapping.columns.items()} | {
        f"/leave_out/{c}": c for c in mapping.leave_out
    }
    for at, column in columns.items():
        if column not in layer.columns:
            defects.append(_defect(at, f"The layer has no column {column!r}."))
    if defects:
        raise InvalidInput(_unfit(defects, layer), tuple(defects))


def _unfit(defects: list[Defect], layer: Layer) -> str:
    listed = "\n".join(described(layer))
    whole = "\n".join(f"  {defect.detail}" for defect in defects)
    return f"The mapping does not fit layer {layer.name!r}:\n{whole}\n{listed}"


def described(layer: Layer) -> list[str]:
    """Return the columns of a layer with two sample values each, and a mapping guessed from their names."""
    lines = [
        f"Its columns, with two values of each ({len(layer.rows)} rows, {layer.crs or 'no coordinate system stated'}):"
    ]
    for column in layer.columns:
        samples = layer.samples(column)
        lines.append(f"  {column}: {', '.join(map(repr, samples)) if samples else '(empty)'}")
    lines += ["A mapping to start from, guessed from their names; look it through and save it:", ""]
    return lines + [f"  {line}" for line in proposed(layer)]


def guessed(layer: Layer) -> dict[str, str]:
    """Return the column that each member may be, by the columns' names; it is shown, and never used by itself."""
    plain = {column.lower().replace(" ", "_").replace("-", "_"): column for column in reversed(layer.columns)}
    return {
        member: plain[name]
        for member, names in _GUESSES.items()
        for name in [next((each for each in names if each in plain), "")]
        if name
    }


def proposed(layer: Layer) -> list[str]:
    """Return a mapping in TOML guessed from the names of columns; it is shown, and never used by itself."""
    columns = guessed(layer)
    lines = ["[columns]", *(f"{member} = {_quoted(column)}" for member, column in columns.items())]
    lines += [f"# {member} = ?" for member in ("identifier", "type") if member not in columns]
    lines += ["", "[values]"]
    if "country" not in columns:
        lines.append('country = "NLD"  # ?')
    if "upper" in columns or "lower" in columns:
        lines.append('uom = "m"  # ? or "ft"')
        lines += [f'{end}Reference = "AGL"  # ? or "AMSL"' for end in ("lower", "upper") if end in columns]
    if "radius" in columns:
        lines.append('radiusUom = "m"  # ? or "km", "NM", "ft"')
    if "type" in columns:
        lines += ["", "[tables.type]  # PROHIBITED, REQ_AUTHORIZATION, CONDITIONAL, NO_RESTRICTION or USPACE"]
        words = sorted({str(row.attributes.get(columns["type"])) for row in layer.rows})
        lines += [f'{_quoted(word)} = "?"' for word in words[:12]]
    return lines


def _quoted(text: str) -> str:
    return strict_json.canonical(text).decode()


def _limits_said(mapping: ColumnMapping) -> str:
    given = mapping.columns.keys() | mapping.values.keys()
    said = {"lower": "start at the surface", "upper": "have no upper limit"}
    missing = [what for end, what in said.items() if end not in given]
    return (
        f"The mapping names no {' or '.join(e for e in said if e not in given)}: all zones {' and '.join(missing)}."
        if missing
        else ""
    )


def _left_out(row: Row, mapping: ColumnMapping) -> bool:
    return any(_as_word(row.attributes.get(column)) in words for column, words in mapping.leave_out.items())


def _as_word(value: Any) -> str:
    """Return a value as text; a whole number that a column keeps as a decimal has no decimals."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict | list):
        return strict_json.canonical(value).decode()
    return "" if value is None else str(value).strip()


def _looked_up(row: Row, mapping: ColumnMapping) -> dict[str, Any]:
    """Return the members of a row's zone as they are said; a word that its table does not have stays as it is."""
    found: dict[str, Any] = dict(mapping.values)
    for member, column in mapping.columns.items():
        found[member] = row.attributes.get(column)
    for member, table in mapping.tables.items():
        word = _as_word(found.get(member))
        if member in found and word in table:
            found[member] = table[word]
    return {member: value for member, value in found.items() if value not in (None, "")}


def _whole_days(said: Mapping[str, Any]) -> dict[str, str]:
    """Return the times of a row that are dates alone: the day's beginning, of an end that of the day after it.

    Where the clock of the zone's country is not known, or there is no such day, they are left as they are.
    """
    found = {}
    for member in _PERIOD:
        written = _DATE.fullmatch(_as_word(said.get(member)))
        try:
            day = date(*map(int, written.groups())) if written else None
            if day is not None and member == "endDateTime":
                day += timedelta(days=1)
        except (ValueError, OverflowError):
            continue
        at = None if day is None else begins(day, _as_word(said.get("country")))
        if at is not None:
            found[member] = at.isoformat().replace("+00:00", "Z")
    return found


def _shape(row: Row, used: System) -> tuple[Any, float, Spoiled | None]:
    """Return a row's geometry in WGS 84, by how much it was grown, and why it has none."""
    if row.problem is not None:
        return None, 0.0, Spoiled(row.problem, _about(row, used))
    if row.shape is None:
        return None, 0.0, Spoiled("The row has no shape.")
    try:
        shape, by_m = placed(row.shape, used)
    except CannotPlace as error:
        return None, 0.0, Spoiled(str(error))
    return shape, by_m, None


def _about(row: Row, used: System) -> Bounds | None:
    """Return a box that holds a shape with arcs, of which only points on them are known."""
    points = positions(row.shape)
    if not points:
        return None
    try:
        moved, _ = placed({"type": "MultiPoint", "coordinates": [list(point) for point in points]}, used)
    except CannotPlace:
        return None
    lons, lats = zip(*moved["coordinates"], strict=True)
    reach = 0.1 * max(max(lons) - min(lons), max(lats) - min(lats)) + 0.001
    return min(lons) - reach, min(lats) - reach, max(lons) + reach, max(lats) + reach


def _made(row: Row, shape: Any, said: Mapping[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    geometry = shape
    if isinstance(shape, dict):
        layer = {name: _number_or_word(said[name]) for name in _LIMITS if name in said}
        radius = _radius(said, source.get("grownByMetres", 0.0))
        geometry = _with_extent(shape, radius) | {"layer": layer}
    kept = {name: value for name, value in row.attributes.items() if value not in (None, "")}
    extended = {"source": source | {"attributes": kept}}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": properties_of(said) | {"extendedProperties": extended},
    }


def properties_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of an ED-318 feature from what is said of each member."""
    properties: dict[str, Any] = {name: _as_word(said[name]) for name in _PLAIN if name in said}
    for name in ("name", "message", "otherReasonInfo"):
        if name in said:
            properties[name] = [_text(said, name)]
    if "reason" in said:
        properties["reason"] = [part.strip() for part in _as_word(said["reason"]).split(",")]
    if period := _period(said):
        properties["limitedApplicability"] = [period]
    if authority := _authority(said):
        properties["zoneAuthority"] = [authority]
    return properties


def _number_or_word(value: Any) -> Any:
    number = as_number(value)
    return _as_word(value) if number is None else number


def _radius(said: Mapping[str, Any], grown_m: float) -> Any:
    if "radius" not in said:
        return None
    number, metres = as_number(said["radius"]), _METRES.get(_as_word(said.get("radiusUom")))
    if number is None or metres is None:
        return _as_word(said["radius"]) + " " + _as_word(said.get("radiusUom"))
    return number * metres + grown_m


def _with_extent(shape: dict[str, Any], radius: Any) -> dict[str, Any]:
    if shape.get("type") == "GeometryCollection":
        parts = shape.get("geometries")
        inner = [_with_extent(part, radius) if isinstance(part, dict) else part for part in parts or []]
        return shape | {"geometries": inner}
    if radius is None or shape.get("type") not in ("Point", "MultiPoint"):
        return shape
    return shape | {"extent": {"subType": "Circle", "radius": radius}}


def _text(said: Mapping[str, Any], name: str) -> dict[str, str]:
    text = {"text": _as_word(said[name])}
    return text | {"lang": _as_word(said["lang"])} if "lang" in said else text


def _period(said: Mapping[str, Any]) -> dict[str, Any]:
    period: dict[str, Any] = {name: _as_word(said[name]) for name in _PERIOD if name in said}
    daily: dict[str, Any] = {name: _as_word(said[name]) for name in _DAILY if name in said}
    if daily:
        days = as_text(daily.get("day")) or "ANY"
        period["schedule"] = [daily | {"day": [day.strip() for day in days.split(",")]}]
    return period


def _authority(said: Mapping[str, Any]) -> dict[str, Any]:
    authority: dict[str, Any] = {}
    for name, member in _AUTHORITY_MEMBERS.items():
        if name in said:
            authority[member] = [_text(said, name)] if name in _TEXTS else _as_word(said[name])
    return authority

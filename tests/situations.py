"""The shorthand of `tests/cases/*.toml`: from words to zone documents and to questions.

How to read and write it stands in `tests/cases/README.md`. Whatever is not shorthand is refused, so that a
slip of the pen is not taken for a case that holds.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zones_api.domain.geometry import GEOD

CASES = Path(__file__).resolve().parent / "cases"
HERE = (5.3, 52.05)
"""Between Utrecht and Amersfoort, far from every border: (lon, lat) in degrees, WGS 84."""
NOON = "2026-05-01T12:00:00Z"
AROUND_HERE = "circle of 1000 m around here"
DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
EVENTS = ("BMCT", "SR", "SS", "EECT")
COMPASS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]

CASE_MEMBERS = {"title", "rule", "zones", "document", "documents", "ask", "answer", "real_process"}
ZONE_MEMBERS = {
    *(
        "id",
        "type",
        "country",
        "where",
        "lower",
        "upper",
        "volumes",
        "when",
        "conditions",
        "coded_conditions",
    ),
    *("message", "variant", "raw", "without", "set", "copies"),
}
VOLUME_MEMBERS = {"where", "lower", "upper"}
ASK_MEMBERS = {
    *("place", "flight", "area", "height", "max_height", "heights", "at", "from", "to", "buffer"),
    *("ground_elevation_m", "geoid_undulation_m", "takeoff_elevation_m", "operation"),
}
DOCUMENT_MEMBERS = {"format", "issued", "validFrom", "validTo", "otherGeoid", "text", "raw"}
ANSWER_MEMBERS = {
    *(
        "verdict",
        "known",
        "possible",
        "complete",
        "at_least",
        "applies",
        "unknown",
        "above",
        "not_applicable",
    ),
    *("reasons", "not_reasons", "zone_reasons", "flags", "quarantined", "outcome", "legs", "refused"),
    *("nearby", "upcoming", "exemption_candidates", "max_free_height"),
}
"""Beside these an answer may have any member of `assessment` by its path: `"max_free_height.metres" = 99`."""

LonLat = tuple[float, float]


@dataclass(frozen=True)
class Case:
    """One situation as it stands in its file, and where that is."""

    theme: str
    title: str
    zones: list[dict[str, Any]]
    documents: dict[str, dict[str, Any]]
    ask: dict[str, Any]
    answer: dict[str, Any]
    real_process: bool

    def files(self) -> dict[str, bytes]:
        """Return the zone documents of the situation by the data set they are."""
        sets = list(dict.fromkeys([*(zone.get("set", "zones") for zone in self.zones), *self.documents]))
        return {name: self._document(name) for name in sets}

    def _document(self, name: str) -> bytes:
        about = self.documents.get(name, {})
        _only(about, DOCUMENT_MEMBERS, self.title)
        if "text" in about:
            return about["text"].encode()
        own = [zone for zone in self.zones if zone.get("set", "zones") == name]
        write, collect = WRITERS[about.get("format", "ed318")]
        features = [write(zone) for own_zone in own for zone in _copies(own_zone)]
        return json.dumps(_laid_over(collect(features, about), about.get("raw"))).encode()


def read_cases(folder: Path = CASES) -> list[Case]:
    """Return the cases of all files of a folder.

    Raises:
        ValueError: If a case has no rule, or says something that is not shorthand.
    """
    return [case for file in sorted(folder.glob("*.toml")) for case in _read_file(file)]


def _read_file(file: Path) -> Iterator[Case]:
    for written in tomllib.loads(file.read_text("utf-8"))["case"]:
        title = written.get("title", "")
        _only(written, CASE_MEMBERS, title)
        for member in ("title", "rule", "answer"):
            if not written.get(member):
                raise ValueError(f"{file.name}: {title!r} has no {member}")
        zones = written.get("zones", [])
        for zone in zones:
            _only(zone, ZONE_MEMBERS, title)
            for volume in zone.get("volumes", []):
                _only(volume, VOLUME_MEMBERS, title)
        ask = written.get("ask", {})
        _only(ask, ASK_MEMBERS, title)
        unknown = {name for name in written["answer"] if "." not in name} - ANSWER_MEMBERS
        if unknown:
            raise ValueError(f"{title!r}: an answer has no {sorted(unknown)}")
        documents = {"zones": written["document"]} if "document" in written else {}
        yield Case(
            file.stem,
            title,
            zones,
            documents | written.get("documents", {}),
            ask,
            written["answer"],
            written.get("real_process", False),
        )


def _only(given: dict[str, Any], members: set[str], where: str) -> None:
    if unknown := given.keys() - members:
        raise ValueError(f"{where!r}: {sorted(unknown)} cannot be read")


# Places


def position(text: str) -> LonLat:
    """Return the place that words name: `here`, `5.3 52.05`, `200 m east of here`, `200 m at 30 degrees of …`."""
    text = text.strip()
    if text == "here":
        return HERE
    if away := re.fullmatch(r"([\d.]+) m (?:at ([\d.]+) degrees|([a-z-]+)) of (.+)", text):
        metres, degrees, point, origin = away.groups()
        azimuth = float(degrees) if degrees else 45.0 * COMPASS.index(point)
        lon, lat, _ = GEOD.fwd(*position(origin), azimuth, float(metres))
        return lon, lat
    lon, lat = map(float, text.split())
    return lon, lat


def ring(text: str) -> list[LonLat]:
    """Return a closed ring of `box W S to E N` or `polygon A, B, C`; an `open polygon` stays open."""
    if corners := re.fullmatch(r"box (.+) to (.+)", text):
        (west, south), (east, north) = position(corners[1]), position(corners[2])
        return [(west, south), (east, south), (east, north), (west, north), (west, south)]
    kind, _, points = text.partition("polygon ")
    read = [position(point) for point in points.split(",")]
    return read if kind.strip() == "open" else [*read, read[0]]


def polygon(text: str) -> list[list[LonLat]]:
    """Return a ring and the rings of its holes, written `… without …`."""
    return [ring(part) for part in text.split(" without ")]


def line(text: str) -> list[LonLat]:
    """Return the positions of `A -> B -> C`."""
    return [position(point) for point in text.split("->")]


def _circle(text: str) -> tuple[float, LonLat]:
    match = re.fullmatch(r"circle of ([\d.]+) m around (.+)", text)
    if match is None:
        raise ValueError(f"{text!r} is not a place")
    return float(match[1]), position(match[2])


def _parts(where: str) -> list[str]:
    return where.split(" and ")


# Heights and times


def limit(text: str) -> tuple[float, str, str] | None:
    """Return number, unit and reference of `120 m AGL`; None for `surface` and `no limit`, which say nothing."""
    if text in ("surface", "no limit"):
        return None
    number, unit, reference = text.split()
    return float(number), unit, reference


def _limits(volume: dict[str, Any]) -> tuple[Any, Any, str]:
    lower, upper = limit(volume.get("lower", "surface")), limit(volume.get("upper", "no limit"))
    units = {end[1] for end in (lower, upper) if end} or {"m"}
    if len(units) > 1:
        raise ValueError("one volume has one unit")
    return lower, upper, units.pop()


def moment(text: str) -> str:
    """Return `2026-05-01 12:00Z` as the ISO 8601 that documents and questions use."""
    return text.replace(" ", "T")


def periods(when: str | list[Any]) -> list[dict[str, Any]]:
    """Return ED-318's limitedApplicability of one period or several; a table is taken as it stands."""
    written = [when] if isinstance(when, str) else when
    return [_period(one) if isinstance(one, str) else one for one in written]


def _period(text: str) -> dict[str, Any]:
    """Read `from … until …; MON-FRI 08:00Z to 17:00Z; SAT SR to SS`: dates, then the entries of a schedule."""
    period: dict[str, Any] = {}
    schedule = []
    for part in map(str.strip, text.split(";")):
        if part.startswith(("from ", "until ")):
            dates = re.fullmatch(r"(?:from (.+?))? ?(?:until (.+))?", part)
            assert dates is not None
            period |= {
                name: moment(date)
                for name, date in zip(("startDateTime", "endDateTime"), dates.groups(), strict=True)
                if date
            }
        else:
            schedule.append(_entry(part))
    return period | ({"schedule": schedule} if schedule else {})


def _entry(text: str) -> dict[str, Any]:
    start, _, end = text.partition(" to ")
    *days, start = start.split() if end else [*start.split(), ""]
    entry: dict[str, Any] = {"day": [day for word in days for day in _days(word)]}
    for name, time in (("start", start), ("end", end)):
        if time:
            entry[f"{name}Event" if time in EVENTS else f"{name}Time"] = time
    return entry


def _days(word: str) -> list[str]:
    first, _, last = word.partition("-")
    return DAYS[DAYS.index(first) : DAYS.index(last) + 1] if last else [first]


# Documents


def _copies(zone: dict[str, Any]) -> list[dict[str, Any]]:
    number = zone.get("copies", 1)
    if number == 1:
        return [zone]
    return [zone | {"id": f"{zone.get('id', 'A')}{count}"} for count in range(1, number + 1)]


def _ed318(zone: dict[str, Any]) -> dict[str, Any]:
    volumes = zone.get("volumes", [zone])
    geometries = [_ed318_geometry(volume) for volume in volumes]
    one = len(geometries) == 1
    properties = {
        "identifier": zone.get("id", "A"),
        "country": zone.get("country", "NLD"),
        "type": zone.get("type", "PROHIBITED"),
        "variant": zone.get("variant", "COMMON"),
        "name": [{"text": f"Zone {zone.get('id', 'A')}", "lang": "en-GB"}],
        "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
    }
    if "when" in zone:
        properties["limitedApplicability"] = periods(zone["when"])
    if "conditions" in zone:
        properties["restrictionConditions"] = zone["conditions"]
    if "message" in zone:
        properties["message"] = [{"text": zone["message"], "lang": "en-GB"}]
    if "coded_conditions" in zone:
        properties["extendedProperties"] = {"coded_conditions": zone["coded_conditions"]}
    collected = {"type": "GeometryCollection", "geometries": geometries}
    feature = {"type": "Feature", "geometry": geometries[0] if one else collected, "properties": properties}
    return _without(_laid_over(feature, zone.get("raw")), zone.get("without", []))


def _ed318_geometry(volume: dict[str, Any]) -> dict[str, Any]:
    lower, upper, unit = _limits(volume)
    layer: dict[str, Any] = {"uom": unit}
    for name, end in (("lower", lower), ("upper", upper)):
        if end:
            layer |= {name: end[0], f"{name}Reference": end[2]}
    parts = [_ed318_shape(part) for part in _parts(volume.get("where", AROUND_HERE))]
    if len(parts) == 1:
        return parts[0] | {"layer": layer}
    if all(part["type"] == "Polygon" for part in parts):
        return {
            "type": "MultiPolygon",
            "coordinates": [part["coordinates"] for part in parts],
            "layer": layer,
        }
    return {"type": "GeometryCollection", "geometries": [part | {"layer": layer} for part in parts]}


def _ed318_shape(text: str) -> dict[str, Any]:
    match text.split(maxsplit=1)[0]:
        case "circle":
            radius, centre = _circle(text)
            return {
                "type": "Point",
                "coordinates": centre,
                "extent": {"subType": "Circle", "radius": radius},
            }
        case "point":
            return {"type": "Point", "coordinates": position(text.removeprefix("point "))}
        case "line":
            return {"type": "LineString", "coordinates": line(text.removeprefix("line "))}
        case _:
            return {"type": "Polygon", "coordinates": polygon(text)}


def _ed318_collection(features: list[Any], about: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: moment(about[name]) for name in ("issued", "validFrom", "validTo") if name in about}
    if "otherGeoid" in about:
        metadata["otherGeoid"] = about["otherGeoid"]
    return {"type": "FeatureCollection", "metadata": metadata, "features": features}


def _ed269(zone: dict[str, Any]) -> dict[str, Any]:
    volumes = [
        shape
        for volume in zone.get("volumes", [zone])
        for part in _parts(volume.get("where", AROUND_HERE))
        for shape in [_ed269_volume(volume, part)]
    ]
    written = {
        "identifier": zone.get("id", "A"),
        "country": zone.get("country", "NLD"),
        "name": f"Zone {zone.get('id', 'A')}",
        "type": zone.get("variant", "COMMON"),
        "restriction": zone.get("type", "PROHIBITED"),
        "reason": [],
        "applicability": periods(zone["when"]) if "when" in zone else [{"permanent": "YES"}],
        "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
        "geometry": volumes,
    }
    if "conditions" in zone:
        written["restrictionConditions"] = [zone["conditions"]]
    if "message" in zone:
        written["message"] = zone["message"]
    if "coded_conditions" in zone:
        written["extendedProperties"] = {"coded_conditions": zone["coded_conditions"]}
    return _without(_laid_over(written, zone.get("raw")), zone.get("without", []))


def _ed269_volume(volume: dict[str, Any], part: str) -> dict[str, Any]:
    lower, upper, unit = _limits(volume)
    written: dict[str, Any] = {"uomDimensions": unit.upper()}
    for name, end in (("lower", lower), ("upper", upper)):
        if end:
            written |= {f"{name}Limit": end[0], f"{name}VerticalReference": end[2]}
    if part.startswith("circle"):
        radius, centre = _circle(part)
        shape: dict[str, Any] = {"type": "Circle", "center": centre, "radius": radius}
    else:
        shape = {"type": "Polygon", "coordinates": polygon(part)}
    return written | {"horizontalProjection": shape}


def _ed269_collection(features: list[Any], about: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Zones of a test", "features": features}


WRITERS = {
    "ed318": (_ed318, _ed318_collection),
    "ed269": (_ed269, _ed269_collection),
    "ed269 list": (_ed269, lambda features, _: features),
    "ed269 UASZoneList": (_ed269, lambda features, _: {"UASZoneList": features}),
}


def _laid_over(value: Any, raw: str | None) -> Any:
    """Return a value with JSON laid over it: members of objects one by one, everything else as a whole."""
    return value if raw is None else _merged(value, json.loads(raw))


def _merged(value: Any, over: Any) -> Any:
    if isinstance(value, dict) and isinstance(over, dict):
        return value | {name: _merged(value.get(name), member) for name, member in over.items()}
    return over


def _without(value: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    for path in paths:
        *parents, last = path.split(".")
        inside: Any = value
        for parent in parents:
            inside = inside[int(parent) if isinstance(inside, list) else parent]
        del inside[last]
    return value


# Questions


@dataclass(frozen=True)
class Asked:
    """A question in the words of the API: the body of a flight check and, for a place, the status parameters."""

    body: dict[str, Any]
    status: dict[str, Any] | None

    def check_options(self) -> tuple[Any, list[str]]:
        """Return what `zones check` reads from its file, and its options."""
        heights = self.body.get("heights", {})
        if heights.get("uom") == "ft":
            return self.body, []
        options = {
            "--min-height": heights.get("lower"),
            "--max-height": heights.get("upper"),
            "--reference": heights.get("reference"),
            "--from": self.body["window"]["from"],
            "--to": self.body["window"]["to"],
            "--buffer": self.body.get("buffer_m"),
        }
        return self.body["geometry"], _options(options) + _more_options(self.body)

    def status_options(self) -> list[str]:
        """Return the options of `zones status`."""
        assert self.status is not None
        names = {
            "--lon": "lon",
            "--lat": "lat",
            "--height": "height",
            "--max-height": "max_height",
            "--reference": "reference",
            "--at": "at",
        }
        options = {option: self.status.get(name) for option, name in names.items()}
        return _options(options) + _more_options(self.body)


def question(ask: dict[str, Any]) -> Asked:
    """Return the question of an `ask`; a place at one moment, at or up to one height, is a status question too."""
    heights, single = _heights(ask)
    operation = ask.get("operation", {})
    facts = {name: ask[name] for name in ask if name.endswith("_m")}
    start = moment(ask.get("from", ask.get("at", NOON)))
    end = moment(ask.get("to", start))
    body: dict[str, Any] = {"geometry": _geometry(ask), "window": {"from": start, "to": end}} | facts
    if heights:
        body["heights"] = heights
    if "buffer" in ask:
        body["buffer_m"] = float(ask["buffer"].removesuffix(" m"))
    if operation:
        body["operation"] = operation
    status = None
    if body["geometry"]["type"] == "Point" and start == end and single is not None and "buffer" not in ask:
        lon, lat = body["geometry"]["coordinates"]
        status = {"lon": lon, "lat": lat, "at": start} | single | facts | operation
    return Asked(body, status)


def _geometry(ask: dict[str, Any]) -> dict[str, Any]:
    if "flight" in ask:
        return {"type": "LineString", "coordinates": line(ask["flight"])}
    if "area" in ask:
        return {"type": "Polygon", "coordinates": polygon(ask["area"])}
    return {"type": "Point", "coordinates": position(ask.get("place", "here"))}


def _heights(ask: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the heights of a flight check, and of a status question, None where that cannot ask about them."""
    if "heights" in ask:
        match = re.fullmatch(r"([\d.-]+) to ([\d.-]+|no limit)(?: (m|ft))? (\w+)", ask["heights"])
        if match is None:
            raise ValueError(f"{ask['heights']!r} is not a range of heights")
        lower, upper, unit, reference = match.groups()
        written = {"lower": float(lower), "reference": reference, "uom": unit or "m"}
        return written | ({} if upper == "no limit" else {"upper": float(upper)}), None
    for name in ("height", "max_height"):
        if name in ask:
            number, unit, reference = ask[name].split()
            both = {"upper": float(number), "reference": reference, "uom": unit}
            if name == "height":
                both["lower"] = float(number)
            return both, {name: float(number), "reference": reference} if unit == "m" else None
    return {}, {}


def _options(options: dict[str, Any]) -> list[str]:
    return [text for name, value in options.items() if value is not None for text in (name, str(value))]


def _more_options(body: dict[str, Any]) -> list[str]:
    operation = body.get("operation", {})
    options = {
        "--ground-elevation": body.get("ground_elevation_m"),
        "--geoid-undulation": body.get("geoid_undulation_m"),
        "--takeoff-elevation": body.get("takeoff_elevation_m"),
        "--category": operation.get("category"),
        "--subcategory": operation.get("subcategory"),
        "--class": operation.get("uas_class"),
        "--mass": operation.get("takeoff_mass_g"),
    }
    sight = {True: ["--vlos"], False: ["--bvlos"], None: []}[operation.get("vlos")]
    return _options(options) + sight

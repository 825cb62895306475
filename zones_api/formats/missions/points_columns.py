"""What the columns of a table of points mean: told by their names, or as the caller maps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from zones_api.domain.altitude import METRES_PER_FOOT, VerticalReference
from zones_api.formats.missions.doubts import HEIGHT_UNCERTAIN, Doubts
from zones_api.formats.missions.limits import refused
from zones_api.formats.missions.tables import unit_of

REFERENCES: dict[str, VerticalReference | None] = {
    "height_amsl": VerticalReference.AMSL,
    "height_wgs84": VerticalReference.WGS84,
    "height_agl": VerticalReference.AGL,
    "height_takeoff": VerticalReference.TAKEOFF,
    "height": None,
}
"""The fields that are heights; where a file has several, the first of them is read."""
FIELDS = ("lon", "lat", *REFERENCES, "time", "flight")

_METRES = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0,
    "ft": METRES_PER_FOOT, "feet": METRES_PER_FOOT, "foot": METRES_PER_FOOT,
}  # fmt: skip
_DEGREES = {"deg", "degree", "degrees", "\u00b0", "dd", "wgs84", "decimal"}
_LON = {"lon", "lng", "long", "longitude", "x", "lengtegraad", "lengte"}
_LAT = {"lat", "latitude", "y", "breedtegraad", "breedte"}
_HEIGHT = {"alt", "altitude", "height", "ele", "elev", "elevation", "z", "hoogte"}
_TIME = {
    "time",
    "timestamp",
    "datetime",
    "date time",
    "utc",
    "time utc",
    "utc time",
    "timestamp utc",
    "datetime utc",
}
_FLIGHT = {"id", "flight", "flight id", "flightid"}
_ABOVE = {
    "height_agl": {"agl", "above ground", "above terrain"},
    "height_amsl": {"amsl", "msl", "asl", "sealevel", "sea level", "orthometric"},
    "height_wgs84": {"wgs84", "ellipsoid", "ellipsoidal", "hae"},
    "height_takeoff": {"above takeoff", "above take off", "above home", "rel", "relative", "ato"},
}
_OTHER = {
    "max", "min", "sonar", "accuracy", "error", "ascent", "descent", "speed", "rate", "count", "geoid", "target",
    "limit", "std", "ground", "terrain", "surface",
}  # fmt: skip
"""Words that make a height another one than that of the aircraft."""
_STARTS = {"takeoff", "home", "launch", "start"}
"""Words that make a height that of the place of take-off, unless they stand last or after "above"."""
_BESIDE = {"gps", "gnss", "drone", "uav", "aircraft", "osd"}
_REFERENCE_WORDS = {word for marks in _ABOVE.values() for mark in marks for word in mark.split()}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[^0-9a-z\u00b0]+")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands, and how many metres its unit is; `in_utc` where its name says so."""

    index: int
    metres: float = 1.0
    in_utc: bool = False


def told_by_names(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Return which columns may be which field, by their names alone."""
    found: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        for meaning in _meanings(name):
            found.setdefault(meaning, []).append(index)
    return found


def meant(names: tuple[str, ...], mapping: Mapping[str, str] | None, found: Doubts) -> dict[str, Column]:
    """Return the column of each field; what the caller maps goes before what names tell.

    Raises:
        InvalidInput: If a field has no column that it needs, two columns could be one field, a mapped column is
            not there, or a unit is not one of metres or feet.
    """
    told = told_by_names(names)
    mapped = _mapped(names, mapping or {})
    if any(field in REFERENCES for field in mapped):
        told = {field: columns for field, columns in told.items() if field not in REFERENCES}
    for index, name in enumerate(names):
        could = [field for field, columns in told.items() if index in columns]
        if len(could) > 1 and index not in mapped.values():
            sentence = (
                f"row 1: the column {name.strip()[:40]!r} could be {' or '.join(could)}; say which with"
                f" {could[0]}=NAME."
            )
            raise refused(sentence, "row 1")
    chosen = {field: _one(field, columns, names) for field, columns in told.items() if field not in mapped}
    chosen = mapped | {field: index for field, index in chosen.items() if index not in mapped.values()}
    for field, name in (("lat", "latitude"), ("lon", "longitude")):
        if field not in chosen:
            sentence = f"row 1: no column is the {name}; say which with {field}=NAME."
            raise refused(sentence, "row 1", "MEMBER_MISSING")
    return {field: _column(field, index, names[index], found) for field, index in chosen.items()}


def _mapped(names: tuple[str, ...], mapping: Mapping[str, str]) -> dict[str, int]:
    known = {name.strip().lower(): index for index, name in enumerate(names)}
    mapped = {}
    for field, name in mapping.items():
        if field not in FIELDS:
            sentence = f"A column is mapped to {field[:40]!r}, which is none of {', '.join(FIELDS)}."
            raise refused(sentence, "columns")
        if name.strip().lower() not in known:
            sentence = f"The column {name[:80]!r}, mapped to {field}, is not in the file."
            raise refused(sentence, "columns", "MEMBER_MISSING")
        mapped[field] = known[name.strip().lower()]
    twice = next((field for field, index in mapped.items() if list(mapped.values()).count(index) > 1), None)
    if twice is not None:
        raise refused(f"The column mapped to {twice} is mapped to another field too.", "columns")
    return mapped


def _one(field: str, columns: list[int], names: tuple[str, ...]) -> int:
    if len(columns) > 1:
        both = " and ".join(repr(names[index].strip()[:40]) for index in columns[:2])
        sentence = f"row 1: the columns {both} could both be {field}; say which with {field}=NAME."
        raise refused(sentence, "row 1")
    return columns[0]


def _column(field: str, index: int, name: str, found: Doubts) -> Column:
    words, bracket = _words(name)
    called = name.strip()[:40]
    if field in REFERENCES:
        stated = [word for word in bracket if word not in _REFERENCE_WORDS]
        if not stated and len(words) > 1:
            stated = [word for word in words if word in _METRES]
        if len(set(stated)) > 1 or not set(stated) <= _METRES.keys():
            raise refused(f"row 1: the unit of {called!r} is neither metres nor feet.", "row 1")
        if not stated:
            sentence = f"The column {called!r} does not say its unit; it is read as metres."
            found.flag(HEIGHT_UNCERTAIN, sentence, pointer="row 1")
        return Column(index, _METRES[stated[0]] if stated else 1.0)
    if field in {"lon", "lat"} and not set(bracket) <= _DEGREES:
        raise refused(f"row 1: the unit of {called!r} is not degrees.", "row 1")
    return Column(index, in_utc=field == "time" and "utc" in words + bracket)


def _words(name: str) -> tuple[list[str], list[str]]:
    """Return the words of a column's name and those in brackets behind it, in small letters."""
    bare, bracket = unit_of(_CAMEL.sub(" ", name))
    words, inside = ([word for word in _SPLIT.split(part) if word] for part in (bare, bracket))
    return words, inside


def _meanings(name: str) -> list[str]:
    """Return what a column's name may mean: nothing, one field, or several where it says two things."""
    words, bracket = _words(name)
    plain = [word for word in words if word not in _DEGREES | _BESIDE] or words
    if len(plain) == 1 and plain[0] in _LON | _LAT:
        return ["lon" if plain[0] in _LON else "lat"]
    said = " ".join(words)
    if said in _FLIGHT:
        return ["flight"]
    if said in _TIME and set(bracket) <= {"utc", "iso", "8601", "iso8601"}:
        return ["time"]
    return _heights(words + [word for word in bracket if word in _REFERENCE_WORDS])


def _heights(words: list[str]) -> list[str]:
    said = " ".join(words)
    above = [
        field
        for field, marks in _ABOVE.items()
        if any(re.search(rf"(?:^| ){re.escape(mark)}(?: |$)", said) for mark in marks)
    ]
    if words and words[-1] == "takeoff" and "height_takeoff" not in above:
        above.append("height_takeoff")
    if set(words) & _STARTS and "height_takeoff" not in above:
        return []
    rest = set(words) - ({"ground", "terrain"} if "height_agl" in above else set())
    if rest & _OTHER or not (set(words) & _HEIGHT or (above and set(words) <= _alone())):
        return []
    return above or ["height"]


def _alone() -> set[str]:
    """Return the words that name a height without the word height."""
    return {"agl", "amsl", "msl", "asl", "hae", *_METRES}

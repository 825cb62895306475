"""A text about coordinates cut into points, lengths and the few words that are understood; nothing is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import pyproj

from zones_api.domain.geometry import LonLat
from zones_api.formats.coordinates.angles import (
    METRES_PER_ARC_DEGREE,
    Angle,
    alike,
    angle_at,
    decimals,
    number,
)

Order = Literal["lat_lon", "lon_lat"]
System = Literal["auto", "wgs84", "rd"]
Kind = Literal[
    "point",
    "length",
    "cw",
    "ccw",
    "arc",
    "circle",
    "radius",
    "centre",
    "around",
    "close",
    "gap",
    "word",
    "unknown",
]

RD_ERROR_M = 1.0
"""How far a place in RD New may be off: its transformation by seven parameters, as PROJ states it."""
UNITS_M = {"nm": 1852.0, "km": 1000.0, "m": 1.0, "ft": 0.3048}
_RD_X, _RD_Y = (-7_000.0, 300_000.0), (289_000.0, 629_000.0)

_FLAGS = re.IGNORECASE | re.ASCII
_GAP = re.compile(r"(?:->|[\s,;/|()\[\]{}•*→.:])+|-")
_LABEL = re.compile(
    r"""(?:(?:corner|point|hoekpunt|punt|pt|nr|no)(?![a-z])\.?\ *(?:\d{1,4}(?!\d)|[a-z](?![a-z]))?[.):]?
    |\(?\d{1,4}[.):](?=\ )|(?![nsewoz][.):])[a-z]{1,2}\d{0,3}[.):](?=\ ))""",
    _FLAGS | re.VERBOSE,
)
_BARE_LABEL = re.compile(r"\d{1,4}\ +(?=\S)", _FLAGS)
_LENGTH = re.compile(
    r"(\d+(?:[.,]\d+)?)\ *-?(nautical\ miles?|zeemijl(?:en)?|nmi?|kilomet(?:er|re)s?|km|met(?:er|re)s?|feet|foot|voet|ft"
    r"|(?-i:m))(?![a-z])",
    _FLAGS,
)
_WORDS: tuple[tuple[Kind, str], ...] = (
    (
        "close",
        (
            r"(?:back\s+)?to\s+(?:the\s+)?(?:point\s+of\s+(?:origin|beginning|departure|commencement)"
            r"|(?:starting|first|initial|beginning)\s+(?:point|position)|start|origin|beginning)"
            r"|(?:terug\s+)?naar\s+(?:het\s+)?(?:beginpunt|begin|eerste\s+punt|uitgangspunt|startpunt)"
        ),
    ),
    (
        "ccw",
        (
            r"(?:counter|anti)[\s-]?clockwise|ccw|linksom"
            r"|tegen\s+de\s+(?:wijzers\s+van\s+de\s+klok|klok|wijzerzin)(?:\s+in)?"
        ),
    ),
    (
        "cw",
        r"clockwise|cw|rechtsom|met\s+de\s+(?:wijzers\s+van\s+de\s+klok|klok|wijzerzin)(?:\s+mee)?",
    ),
    ("arc", r"arcs?|(?:cirkel)?bo(?:og|gen)"),
    ("circle", r"circles?|circular|cirkelvormig|cirkels?"),
    ("radius", r"radius|radii|straal"),
    ("centre", r"cent(?:red|ered|re|er)|middelpunt|centrum"),
    ("around", r"within|around|binnen|rond(?:om)?"),
    (
        "word",
        (
            r"the|an?|areas?|zone|region|airspace|bounded|delimited|defined|formed|described|enclosed|by|lines?|joining"
            r"|connecting|straight|following|of|and|in|is|are|from|to|then|thence|at|on|with|having|along|coordinates?"
            r"|positions?|starting|beginning|wgs[\s-]?(?:19)?84|epsg:?\s?(?:4326|28992)|rd(?:[\s-]new)?"
            r"|rijksdriehoek(?:sco(?:o|ö)rdinaten|stelsel)?|geographical|points?|position"
            r"|het|een|de|gebied|luchtruim|begrensd|omsloten|gevormd|door|lijn(?:en)?|rechte|die|volgende|punten|punt"
            r"|co(?:o|ö)rdina(?:ten|at)|verbind(?:t|en|ende)|van|op|en|vanaf|vanuit|naar|tot|daarna|dan|vervolgens"
            r"|langs|met|als|te|posities?"
        ),
    ),
)
_PHRASES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(f"(?:{words})(?![a-zà-ÿ])", re.IGNORECASE)) for kind, words in _WORDS
)
_UNKNOWN = re.compile(r"[^\s,;()]+|.", re.DOTALL)

_DOT, _COMMA = r"[+-]?\d{1,7}(?:\.\d+)?", r"[+-]?\d{1,7},\d+"
_PAIR = re.compile(rf"({_DOT})(?P<gap>\ *[,;/|]\ *|\ +)({_DOT})(?!\.?\d)", _FLAGS)
_COMMA_PAIR = re.compile(rf"({_COMMA})(?P<gap>\ *[;/|]\ *|,\ +|\ +)({_COMMA})(?!,?\d)", _FLAGS)
_XY = re.compile(
    r"x\ *[:=]?\ *([+-]?\d+(?:[.,]\d+)?)\ *(?:m(?![a-z])|km(?![a-z]))?(?P<gap>\ *[,;/]?\ *)y\ *[:=]?\ *([+-]?\d+(?:[.,]\d+)?)(?!\d)",
    _FLAGS,
)
_ALONE = re.compile(r"[+-]?\d[\d.,]*", re.ASCII)
_LONG_DECIMALS = re.compile(r"\d,(?:\d{4,}|18[1-9]|19\d|[2-9]\d\d)(?!\d)", re.ASCII)
_RD_NAMED = re.compile(r"\brd(?:[\s-]new)?\b|28992|rijksdriehoek", _FLAGS)
_PARTNER = re.compile(r"[ \n]*[,;/-]?[ \n]*")


@dataclass(frozen=True, slots=True)
class Said:
    """Something to say about what was read: a code, a sentence, and whether it stops the whole."""

    code: str
    detail: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A part of the text: what it is, where it stands, and what was read there.

    `position` is that of a point, None if it cannot be read; `other` what it would be with longitude and latitude
    exchanged, where only their order says which is which. `step_m` is one unit of its last digit, in metres of
    latitude. `metres` is that of a length.
    """

    kind: Kind
    start: int
    end: int
    position: LonLat | None = None
    other: LonLat | None = None
    step_m: float = 0.0
    metres: float = 0.0
    said: tuple[Said, ...] = ()
    plain: bool = False
    """A point of two plain numbers."""


def tokens(text: str, order: Order, system: System) -> Iterator[Token]:
    """Yield the parts of a text from first to last; each character is in exactly one of them."""
    reader = _Reader(alike(text), order, system)
    at = 0
    while at < len(text):
        token = reader.token(at)
        yield token
        at = token.end


class _Reader:
    """A text, and how its plain numbers are written: what the first pair decides holds for all."""

    def __init__(self, text: str, order: Order, system: System) -> None:
        self.text, self.order = text, order
        self.rd = system == "rd" or (system == "auto" and _RD_NAMED.search(text) is not None)
        self.degrees_only = system == "wgs84"
        self.commas = _LONG_DECIMALS.search(text) is not None
        self.gap: str | None = None
        self.rd_said = False

    def token(self, at: int) -> Token:
        text = self.text
        if (gap := _GAP.match(text, at)) and not self._is_sign(at):
            return Token("gap", at, gap.end())
        for kind, phrase in _PHRASES[:-1]:
            if (found := phrase.match(text, at)) is not None:
                return Token(kind, at, found.end())
        if (named := _XY.match(text, at)) is not None:
            return self._point_of_numbers(named, rd=True)
        if (label := self._label(at)) is not None:
            return Token("word", at, label)
        if (angle := angle_at(text, at)) is not None:
            return self._pair_of(angle)
        if (length := _LENGTH.match(text, at)) is not None:
            return _length(length)
        if (pair := self._plain(at)) is not None:
            return pair
        if (word := _PHRASES[-1][1].match(text, at)) is not None:
            return Token("word", at, word.end())
        unknown = _UNKNOWN.match(text, at)
        assert unknown is not None
        return Token("unknown", at, unknown.end())

    def _is_sign(self, at: int) -> bool:
        """Say whether a dash belongs to the number behind it: it stands apart from what is before it."""
        before, behind = self.text[at - 1 : at], self.text[at + 1 : at + 2]
        if self.text[at] != "-" or not behind.isdigit() or before.isalnum() or before in ("'", '"', "°"):
            return False
        lettered = angle_at(self.text, at + 1)
        signed = angle_at(self.text, at)
        return lettered is None or lettered.axis is None or signed is not None

    def _label(self, at: int) -> int | None:
        """Return where a point's own number or letter ends, if one stands here."""
        before = self.text[at - 1 : at]
        if before.isalnum() or angle_at(self.text, at) is not None:
            return None
        if found := _LABEL.match(self.text, at):
            return found.end()
        bare = _BARE_LABEL.match(self.text, at)
        return bare.end() if bare and angle_at(self.text, bare.end()) is not None else None

    def _pair_of(self, first: Angle) -> Token:
        """Return the point of a coordinate and the one behind it."""
        gap = _PARTNER.match(self.text, first.end)
        second = angle_at(self.text, gap.end()) if gap else None
        if second is None:
            return _no_point(
                first, "UNPAIRED", "A latitude and a longitude make a point; here is one of them."
            )
        if first.axis is not None and first.axis == second.axis:
            name = "latitudes" if first.axis == "lat" else "longitudes"
            return _no_point(first, "UNPAIRED", f"Two {name} follow each other.")
        problem = first if first.problem else second
        if problem.code is not None and problem.problem is not None:
            return _no_point(Angle(None, 0, 1, first.start, second.end), problem.code, problem.problem)
        said = [Said("LETTER_O", doubt) for doubt in {first.doubt, second.doubt} if doubt]
        lat_first = first.axis == "lat" or second.axis == "lon"
        if first.axis is None and second.axis is None:
            lat_first = self.order == "lat_lon"
            said.append(_assumed(self.order))
        lat, lon = (first, second) if lat_first else (second, first)
        if abs(lat.degrees) > 90:
            what = f"It is {abs(lat.degrees):g} degrees; a latitude is at most 90."
            return _no_point(Angle(None, 0, 1, first.start, second.end), "OUT_OF_RANGE", what)
        other = (lat.degrees, lon.degrees) if first.axis is None and second.axis is None else None
        step_m = max(lat.step_deg, lon.step_deg) * METRES_PER_ARC_DEGREE
        here = (lon.degrees, lat.degrees)
        return Token("point", first.start, second.end, here, _on_globe(other), step_m, 0.0, tuple(said))

    def _plain(self, at: int) -> Token | None:
        """Return the point of two numbers without letters, or what is wrong with them."""
        commas, dots = _COMMA_PAIR.match(self.text, at), _PAIR.match(self.text, at)
        found = commas or dots
        if found is None:
            alone = _ALONE.match(self.text, at)
            if alone is None:
                return None
            return _no_point(
                Angle(None, 0, 1, at, alone.end()),
                "NUMBER_ALONE",
                "A number without another that makes a point.",
            )
        degrees_by_size = max(abs(number(found[1])), abs(number(found[3]))) <= 180
        if commas is None:
            unclear = found["gap"] == "," and "." not in found[1] + found[3] and degrees_by_size
        else:
            unclear = not self.commas and degrees_by_size
        if unclear:
            what = (
                "Does the comma stand between two numbers, or before decimals? Write decimals with a point."
            )
            return _no_point(Angle(None, 0, 1, at, found.end()), "COMMA_AMBIGUOUS", what)
        gap = found["gap"].strip() or " "
        if self.gap is not None and gap != self.gap:
            what = "The two numbers of a point are not held apart as in the points before: is there a third number?"
            return _no_point(Angle(None, 0, 1, at, found.end()), "SEPARATORS", what)
        self.gap = gap
        return self._point_of_numbers(found, rd=self.rd or (not degrees_by_size and not self.degrees_only))

    def _point_of_numbers(self, found: re.Match[str], *, rd: bool) -> Token:
        first, second = number(found[1]), number(found[3])
        step = max(10.0 ** -decimals(found[1]), 10.0 ** -decimals(found[3]))
        start, end = found.span()
        if rd:
            return self._rd_point(first, second, step, start, end)
        lat, lon = (first, second) if self.order == "lat_lon" else (second, first)
        if abs(lat) > 90 or abs(lon) > 180:
            what = (
                f"Latitude {lat:g}, longitude {lon:g} is not on the globe: is the order of the two another?"
            )
            return _no_point(Angle(None, 0, 1, start, end), "OUT_OF_RANGE", what)
        step_m = step * METRES_PER_ARC_DEGREE
        said = (_assumed(self.order),)
        return Token("point", start, end, (lon, lat), _on_globe((lat, lon)), step_m, 0.0, said, plain=True)

    def _rd_point(self, first: float, second: float, step: float, start: int, end: int) -> Token:
        scale = 1.0 if max(abs(first), abs(second)) >= 1_000 else 1_000.0
        x, y = first * scale, second * scale
        said = (
            []
            if self.rd_said
            else [Said("RD", f"Read as RD New (EPSG:28992); places are good to {RD_ERROR_M:g} m.")]
        )
        if not _in_rd(x, y) and _in_rd(y, x):
            x, y = y, x
            said.append(Said("SWAPPED", "In RD New these can only be Y and then X, and are read so."))
        if not _in_rd(x, y):
            what = f"{first:g}, {second:g} are not degrees, and not X and Y of a place in the Netherlands (RD New)."
            return _no_point(Angle(None, 0, 1, start, end), "OUT_OF_RANGE", what)
        self.rd_said = True
        lon, lat = _rd_to_degrees().transform(x, y, errcheck=True)
        return Token("point", start, end, (lon, lat), None, step * scale, 0.0, tuple(said), plain=True)


@cache
def _rd_to_degrees() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True, allow_ballpark=False)


def _in_rd(x: float, y: float) -> bool:
    return _RD_X[0] <= x <= _RD_X[1] and _RD_Y[0] <= y <= _RD_Y[1]


def _on_globe(position: LonLat | None) -> LonLat | None:
    return position if position is not None and abs(position[1]) <= 90 else None


def _assumed(order: Order) -> Said:
    said = "latitude, then longitude" if order == "lat_lon" else "longitude, then latitude"
    return Said("ORDER", f"Nothing says which number is which; they are read as {said}.")


def _length(found: re.Match[str]) -> Token:
    written, unit = found[1], found[2].lower()
    short = "nm" if unit[0] in "nz" else "km" if unit[0] == "k" else "m" if unit[0] == "m" else "ft"
    said: tuple[Said, ...] = ()
    if re.fullmatch(r"\d{1,3},\d{3}|\d{1,3}\.\d{3}", written) and (short in ("m", "ft") or "," in written):
        what = f"{found[0]}: does its point or comma stand before thousands or before decimals? Leave it out."
        said = (Said("LENGTH_AMBIGUOUS", what, stops=True),)
    return Token("length", *found.span(), metres=number(written) * UNITS_M[short], said=said)


def _no_point(angle: Angle, code: str, detail: str) -> Token:
    """Return a point that cannot be read, and why; what is wrong with its own coordinate goes first."""
    if angle.code is not None and angle.problem is not None:
        code, detail = angle.code, angle.problem
    return Token("point", angle.start, angle.end, said=(Said(code, detail, stops=True),))

"""Single coordinates as people write them: degrees, minutes and seconds with letters, or plain numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Axis = Literal["lat", "lon"]
METRES_PER_ARC_DEGREE = 111_320.0

_ALIKE = {
    "'": "’‘′´`ʹ‛",
    '"': "”“″ˮ„",
    "°": "º˚ᵒ",
    "-": "–—‒−‐‑",
    " ": "\u00a0\u2007\u2009\u202f\u200a\u2002\u2003\t\ufeff",
    "\n": "\r\x0b\x0c\u2028\u2029",
}
_SAME = str.maketrans({other: sign for sign, others in _ALIKE.items() for other in others})

_LAT_WORDS = "noorderbreedte|zuiderbreedte|north|south|noord|zuid|n\\.b\\.|z\\.b\\.|nb|zb|n|s|z"
_LON_WORDS = "oosterlengte|westerlengte|east|west|oost|o\\.l\\.|w\\.l\\.|ol|wl|e|w|o"
_LETTER = f"(?:{_LAT_WORDS}|{_LON_WORDS})(?![a-z])"
_AXIS = "lat(?:itude)?|lon(?:gitude)?|lng|breedte(?:graad)?|lengte(?:graad)?"
_NUMBER = r"\d+(?:[.,]\d+)?"
_MINUTES = rf"(?P<minutes>{_NUMBER})\ *(?:'(?!')|min(?![a-z]))"
_SECONDS = rf'(?P<seconds>{_NUMBER})\ *(?:"|\'\'|sec(?![a-z]))'
_SIGNED_WITH_MARKS = re.compile(
    rf"""(?:(?P<before>{_LETTER})\ *)?(?P<sign>[+-](?=\d))?
    (?P<degrees>{_NUMBER})\ *(?:°|deg(?:rees)?(?![a-z])|gr(?:aden)?(?![a-z]))
    (?:\ *{_MINUTES}(?:\ *{_SECONDS})?|\ *(?P<bare>{_NUMBER})(?=\ *(?:{_LETTER})))?
    (?(before)|(?:\ *(?P<after>{_LETTER}))?)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_PARTED = re.compile(
    rf"""(?:(?P<before>{_LETTER})\ *)?(?P<degrees>\d{{1,3}})(?P<gap>:|-|\ +)(?P<minutes>{_NUMBER})
    (?:(?P=gap)(?P<seconds>{_NUMBER}))?(?![\d.,]*\d)(?(before)|(?:\ *(?P<after>{_LETTER}))?)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_PACKED = re.compile(
    rf"(?:(?P<before>{_LETTER})\ *)?(?P<digits>\d+)(?P<fraction>[.,]\d+)?(?(before)|(?:\ *(?P<after>{_LETTER}))?)",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NAMED = re.compile(
    rf"(?P<axis>{_AXIS})\ *[:=]?\ *(?P<number>[+-]?{_NUMBER})(?:\ *°)?(?!\ *{_LETTER})(?![\d°'])",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Angle:
    """One coordinate in degrees, and where it stands in the text.

    `axis` is None where nothing says which it is. `step_deg` is one unit of the last digit written. `problem` says
    what is wrong with it, `code` names that.
    """

    axis: Axis | None
    degrees: float
    step_deg: float
    start: int
    end: int
    doubt: str | None = None
    code: str | None = None
    problem: str | None = None


def alike(text: str) -> str:
    """Return a text with the many forms of quotes, dashes and blanks made one, character for character."""
    return text.translate(_SAME)


def angle_at(text: str, start: int) -> Angle | None:
    """Return the coordinate that starts at a place of a text, if one with a letter, a name or a degree sign does."""
    named = _NAMED.match(text, start)
    if named:
        return _named(named)
    if text[start : start + 1] in "+-" and not _SIGNED_WITH_MARKS.match(text, start):
        return None
    for form, read in ((_SIGNED_WITH_MARKS, _marked), (_PARTED, _marked), (_PACKED, _packed)):
        found = form.match(text, start)
        if found and (form is _SIGNED_WITH_MARKS or _letter(found)):
            if form is _PARTED and _axis(found) == "lat" and len(found["degrees"]) != 2:
                continue
            return read(found)
    return None


def number(written: str) -> float:
    """Return a number written with a point or a comma for its decimals."""
    return float(written.replace(",", "."))


def decimals(written: str) -> int:
    """Return how many digits stand behind the point or comma."""
    return len(re.split("[.,]", written, maxsplit=1)[1]) if re.search("[.,]", written) else 0


def _named(found: re.Match[str]) -> Angle:
    written = found["number"]
    axis: Axis = "lat" if found["axis"].lower().startswith(("lat", "bre")) else "lon"
    return _checked(axis, number(written), 10.0 ** -decimals(written), found)


def _letter(found: re.Match[str]) -> str | None:
    letter = found["before"] or found["after"]
    return letter.lower().replace(".", "") if letter else None


def _axis(found: re.Match[str]) -> Axis | None:
    letter = _letter(found)
    if letter is None:
        return None
    return "lat" if re.fullmatch(_LAT_WORDS, letter) else "lon"


def _marked(found: re.Match[str]) -> Angle:
    """Read degrees, minutes and seconds that are written apart."""
    parts = found.groupdict()
    degrees, minutes, seconds = parts["degrees"], parts["minutes"] or parts.get("bare"), parts["seconds"]
    value, step = number(degrees), 10.0 ** -decimals(degrees)
    if minutes is not None:
        if decimals(degrees) or (seconds is not None and decimals(minutes)):
            return _wrong(
                "FRACTION_TWICE", "Only the last of degrees, minutes and seconds may have decimals.", found
            )
        value, step = value + number(minutes) / 60, 10.0 ** -decimals(minutes) / 60
        if number(minutes) >= 60:
            return _wrong("MINUTES_OVER_59", f"{minutes} minutes: there are 60 in a degree.", found)
    if seconds is not None:
        value, step = value + number(seconds) / 3600, 10.0 ** -decimals(seconds) / 3600
        if number(seconds) >= 60:
            return _wrong("SECONDS_OVER_59", f"{seconds} seconds: there are 60 in a minute.", found)
    if parts.get("sign") and _letter(found):
        return _wrong(
            "SIGN_AND_LETTER", "It has a sign and a letter: one of them says which side it is on.", found
        )
    return _checked(_axis(found), -value if parts.get("sign") == "-" else value, step, found)


def _packed(found: re.Match[str]) -> Angle:
    """Read digits without anything between them: 5218, 521831, 0044550, or decimal degrees."""
    digits, fraction = found["digits"], found["fraction"] or ""
    axis = _axis(found)
    wide = 2 if axis == "lat" else 3
    step = 10.0 ** -decimals(fraction)
    if len(digits) <= wide:
        return _checked(axis, number(digits + fraction), step, found)
    if len(digits) not in (wide + 2, wide + 4):
        name = "latitude" if axis == "lat" else "longitude"
        what = (
            f"It has {len(digits)} digits; a {name} in degrees, minutes and seconds has {wide}, {wide + 2} or"
            f" {wide + 4}. Are the letters swapped, or is a zero missing?"
        )
        return _wrong("DIGITS", what, found)
    degrees, rest = digits[:wide], digits[wide:]
    minutes, seconds = (rest + fraction, None) if len(rest) == 2 else (rest[:2], rest[2:] + fraction)
    if number(minutes) >= 60:
        return _wrong("MINUTES_OVER_59", f"{minutes} minutes: there are 60 in a degree.", found)
    if seconds is not None and number(seconds) >= 60:
        return _wrong("SECONDS_OVER_59", f"{seconds} seconds: there are 60 in a minute.", found)
    value = int(degrees) + number(minutes) / 60 + (number(seconds) / 3600 if seconds is not None else 0.0)
    return _checked(axis, value, step / (60 if seconds is None else 3600), found)


def _checked(axis: Axis | None, degrees: float, step: float, found: re.Match[str]) -> Angle:
    groups = found.groupdict()
    letter = (groups.get("before") or groups.get("after") or "").lower()
    if letter[:1] in ("s", "z", "w"):
        degrees = -degrees
    if abs(degrees) > (90 if axis == "lat" else 180):
        most = "a latitude is at most 90" if axis == "lat" else "a longitude is at most 180"
        return _wrong("OUT_OF_RANGE", f"It is {abs(degrees):g} degrees; {most}.", found)
    doubt = None
    if letter == "o":
        doubt = "O is read as east (Oost, Ost, Øst); in French, Italian, Portuguese and Spanish it is west."
    return Angle(axis, degrees, step, found.start(), found.end(), doubt)


def _wrong(code: str, problem: str, found: re.Match[str]) -> Angle:
    axis = _axis(found) if "before" in found.groupdict() else None
    return Angle(axis, 0.0, 1.0, found.start(), found.end(), None, code, problem)

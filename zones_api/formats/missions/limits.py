"""What holds for every mission file: how much is read, and what can be a place, a height, a time or a speed."""

from __future__ import annotations

import math
from datetime import timedelta

from zones_api.domain.geometry import LonLat
from zones_api.errors import Defect, InputTooLarge, InvalidInput

MAX_POINTS = 20_000
"""The most places that are read of one file."""
MAX_BYTES = 20_000_000
MAX_HEIGHT_M = 100_000.0
"""A height further than this from any reference is none that an aircraft flies at."""
MAX_SPEED_M_S = 1_000.0
MAX_HOLD_S = timedelta(days=30).total_seconds()


def refused(detail: str, pointer: str = "", code: str = "MEMBER_INVALID") -> InvalidInput:
    """Return the error of a file that cannot be read, for its one sentence and place."""
    return InvalidInput(detail, (Defect(code, pointer, detail),))


def text(data: bytes) -> str:
    """Return the text of a file; a byte order mark is passed over.

    Raises:
        InputTooLarge: If it is longer than MAX_BYTES.
        InvalidInput: If it is not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise InputTooLarge(f"The file has {len(data):,} bytes; {MAX_BYTES:,} are read at most.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(f"The text is not UTF-8: byte {error.start} cannot be read.") from error


def count(points: int) -> None:
    """Stop at more places than are read of one file."""
    if points > MAX_POINTS:
        raise InputTooLarge(f"The file has more than {MAX_POINTS:,} points; that many are read at most.")


def position(lon: float, lat: float, where: str, pointer: str | None = None) -> LonLat:
    """Return a place as (lon, lat) in degrees, or say which of the two is out of range.

    Args:
        lon: Degrees east.
        lat: Degrees north.
        where: Where it stands in the file, as a person would look for it: "row 12".
        pointer: The JSON pointer to it; `where` if there is none.
    """
    swapped = "; latitude and longitude look swapped" if abs(lon) <= 90 < abs(lat) <= 180 else ""
    for name, value, most in (("longitude", lon, 180), ("latitude", lat, 90)):
        if not math.isfinite(value):
            raise refused(f"{where}: {name} {value:g} is not a number of degrees.", pointer or where)
        if abs(value) > most:
            sentence = f"{where}: {name} {value:.10g} is outside \u2212{most} to {most}{swapped}."
            raise refused(sentence, pointer or where)
    return lon, lat


def height_m(value_m: float, where: str, pointer: str | None = None) -> float:
    """Return a height in metres, or say that it is none."""
    if not abs(value_m) <= MAX_HEIGHT_M:
        raise refused(f"{where}: altitude {value_m:g} m is not a height that is flown.", pointer or where)
    return value_m


def hold_s(value_s: float, where: str, pointer: str | None = None) -> float:
    """Return for how many seconds a flight is held; less than none is none."""
    if not value_s <= MAX_HOLD_S:
        raise refused(f"{where}: a wait of {value_s:g} s is longer than 30 days.", pointer or where)
    return max(value_s, 0.0)


def speed_m_s(value_m_s: float, where: str, pointer: str | None = None) -> float | None:
    """Return a speed in metres a second; zero or less states none."""
    if not value_m_s <= MAX_SPEED_M_S:
        raise refused(f"{where}: speed {value_m_s:g} m/s is not one that is flown.", pointer or where)
    return value_m_s if value_m_s > 0 else None

"""Aerodromes by ICAO code, from the list in `geodata/`. Nothing for navigation."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from zones_api.domain.geometry import Bounds, LonLat, around
from zones_api.errors import GeodataUnusable

HOME_MARGIN_M = 200_000.0
"""A country is taken to reach at most this far from its aerodromes, with its waters."""
EUROPE: Bounds = (-32.0, 27.0, 46.0, 72.0)
"""Where a place is expected if no country is named: Europe with the islands off Africa, in degrees."""


@dataclass(frozen=True, slots=True)
class Aerodrome:
    """An aerodrome and its reference point; the elevation is in metres AMSL, None where it is not known.

    `country` is an ISO 3166-1 alpha-3 code.
    """

    icao: str
    name: str
    city: str
    country: str
    position: LonLat
    elevation_m: float | None


@dataclass(frozen=True)
class Aerodromes:
    """The aerodromes that are listed, by ICAO code."""

    by_code: Mapping[str, Aerodrome] = field(default_factory=dict)

    def search(self, wanted: str, limit: int) -> list[Aerodrome]:
        """Return the aerodromes whose code, name or city holds a text, in any letters: by code first.

        Accents do not count: `Malaga` finds Málaga.
        """
        text = _plain(wanted)
        found = [
            (rank, each.icao, each)
            for each in self.by_code.values()
            if (rank := _rank(each, text)) is not None
        ]
        return [each for _, _, each in sorted(found, key=lambda one: one[:2])[:limit]]

    def home(self, country: str) -> Bounds | None:
        """Return a box that a country lies in, generously; None where it has no aerodrome in the list."""
        points = [each.position for each in self.by_code.values() if each.country == country]
        if not points:
            return None
        lons, lats = zip(*points, strict=True)
        return around((min(lons), min(lats), max(lons), max(lats)), HOME_MARGIN_M)


def read_aerodromes(geodata: Path) -> Aerodromes:
    """Return the aerodromes listed in `aerodromes/europe.csv`.

    Raises:
        GeodataUnusable: If the list is missing or a row of it cannot be read.
    """
    file = geodata / "aerodromes" / "europe.csv"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return Aerodromes({each.icao: each for each in map(_aerodrome, csv.DictReader(lines))})
    except (OSError, ValueError, KeyError) as error:
        raise GeodataUnusable(f"The list of aerodromes cannot be read: {file}.", cause=repr(error)) from error


def _aerodrome(row: Mapping[str, str]) -> Aerodrome:
    position = (float(row["lon"]), float(row["lat"]))
    elevation_m = float(row["elevation_m"]) if row["elevation_m"] else None
    return Aerodrome(row["icao"], row["name"], row["city"], row["country"], position, elevation_m)


def _rank(aerodrome: Aerodrome, text: str) -> int | None:
    """Return how well an aerodrome fits a text, the best first; None if it does not."""
    code, name = aerodrome.icao.lower(), f"{_plain(aerodrome.name)} {_plain(aerodrome.city)}"
    tests: Iterable[bool] = (
        code == text,
        code.startswith(text),
        any(w.startswith(text) for w in name.split()),
    )
    for rank, fits in enumerate(tests):
        if fits:
            return rank
    return 3 if text in name else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))

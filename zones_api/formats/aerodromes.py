"""Aerodromes by ICAO and IATA code, from the list in `geodata/`. Nothing for navigation."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from zones_api.domain.geometry import Bounds, LonLat, around
from zones_api.domain.matching import fit, folded
from zones_api.errors import GeodataUnusable

HOME_MARGIN_M = 200_000.0
"""A country is taken to reach at most this far from its aerodromes, with its waters."""
EUROPE: Bounds = (-32.0, 27.0, 46.0, 72.0)
"""Where a place is expected if no country is named: Europe with the islands off Africa, in degrees."""


@dataclass(frozen=True)
class Aerodrome:
    """An aerodrome and its reference point; the elevation is in metres AMSL, None where it is not known.

    `country` is an ISO 3166-1 alpha-3 code, `iata` is empty where it has none.
    """

    icao: str
    name: str
    city: str
    country: str
    position: LonLat
    elevation_m: float | None
    iata: str = ""

    def fit(self, wanted: str) -> int | None:
        """Return how well a folded text fits its codes, its name and its city; None if it does not."""
        return fit(wanted, *self._folded)

    @cached_property
    def _folded(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        codes = tuple(folded(code) for code in (self.icao, self.iata) if code)
        return codes, (folded(f"{self.name} {self.city}"),)


@dataclass(frozen=True)
class Aerodromes:
    """The aerodromes that are listed, by ICAO code."""

    by_code: Mapping[str, Aerodrome] = field(default_factory=dict)

    def search(self, wanted: str, limit: int) -> list[Aerodrome]:
        """Return the aerodromes whose code, name or city holds a text, in any letters: by code first.

        Accents do not count: `Malaga` finds Málaga.
        """
        text = folded(wanted)
        found = [
            (rank, each.icao, each) for each in self.by_code.values() if (rank := each.fit(text)) is not None
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
    names = row["icao"], row["name"], row["city"], row["country"]
    return Aerodrome(*names, position, elevation_m, row["iata"])

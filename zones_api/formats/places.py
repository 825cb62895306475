"""Names of places with their positions, from the list in `geodata/` (GeoNames, CC BY 4.0)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from zones_api.domain.geometry import LonLat
from zones_api.domain.matching import folded
from zones_api.errors import GeodataUnusable


@dataclass(frozen=True)
class Place:
    """A city, town or village. `english` is its English name where that is another, else empty.

    `country` is an ISO 3166-1 alpha-3 code.
    """

    name: str
    english: str
    country: str
    position: LonLat
    population: int

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """Its names as they are compared."""
        return tuple(folded(name) for name in (self.name, self.english) if name)


def read_places(geodata: Path) -> tuple[Place, ...]:
    """Return the places listed in `places/europe.csv`.

    Raises:
        GeodataUnusable: If the list is missing or a row of it cannot be read.
    """
    file = geodata / "places" / "europe.csv"
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return tuple(map(_place, csv.DictReader(lines)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GeodataUnusable(f"The list of places cannot be read: {file}.", cause=repr(error)) from error


def _place(row: Mapping[str, str]) -> Place:
    position = (float(row["lon"]), float(row["lat"]))
    return Place(row["name"], row["english"], row["country"], position, int(row["population"]))

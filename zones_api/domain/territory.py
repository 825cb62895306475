"""What is known of countries without asking anyone: where their documents are complete, how high the ground is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.geometry import Bounds


@dataclass(frozen=True, slots=True)
class GroundBounds:
    """A box in degrees, and bounds that hold for everything inside it."""

    box: Bounds
    surroundings: Surroundings


@dataclass(frozen=True)
class Territories:
    """`areas` by country code (ISO 3166-1 alpha-3), drawn inward; `ground` in boxes, with wide bounds elsewhere."""

    areas: Mapping[str, BaseGeometry] = field(default_factory=dict)
    ground: tuple[GroundBounds, ...] = ()

    def area_of(self, countries: frozenset[str]) -> BaseGeometry | None:
        """Return the area in which the documents of these countries are complete, None where none is known."""
        known = [self.areas[country] for country in sorted(countries) if country in self.areas]
        return shapely.union_all(known) if known else None

    def surroundings(self, bounds: Bounds) -> Surroundings:
        """Return bounds that hold all over a box: those of all regions it touches, if together they contain it."""
        asked = shapely.box(*bounds)
        touched = [ground for ground in self.ground if shapely.box(*ground.box).intersects(asked)]
        if not touched or not shapely.union_all([shapely.box(*ground.box) for ground in touched]).covers(
            asked
        ):
            return Surroundings()
        known = [ground.surroundings for ground in touched]
        return Surroundings(
            Interval(min(s.ground_m.low for s in known), max(s.ground_m.high for s in known)),
            Interval(min(s.undulation_m.low for s in known), max(s.undulation_m.high for s in known)),
        )

"""What is known of countries without asking anyone: where their documents are complete, how high the ground is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import Interval, Surroundings
from zones_api.domain.flight import Question
from zones_api.domain.geometry import Bounds
from zones_api.domain.overlap import Place

Geoid = Callable[[Bounds], Interval | None]
"""Bounds of the undulation in metres all over a box; None where they are not known everywhere in it."""
Terrain = Callable[[Place], Interval | None]
"""Bounds of the ground in metres AMSL all over a place and its buffer; None where it is not known everywhere."""


@dataclass(frozen=True, slots=True)
class GroundBounds:
    """A box in degrees, and bounds that hold for everything inside it."""

    box: Bounds
    surroundings: Surroundings


@dataclass(frozen=True)
class Territories:
    """`areas` by country code (ISO 3166-1 alpha-3), drawn inward; `ground` in boxes, with wide bounds elsewhere.

    `geoid` and `terrain` know better than the boxes, where they answer; None where there is no such knowledge.
    """

    areas: Mapping[str, BaseGeometry] = field(default_factory=dict)
    ground: tuple[GroundBounds, ...] = ()
    geoid: Geoid | None = None
    terrain: Terrain | None = None

    def area_of(self, countries: frozenset[str]) -> BaseGeometry | None:
        """Return the area in which a document of one country is complete, None where it is not known.

        Who publishes zones of several countries vouches for none of them: some may only cross a border.
        """
        return self.areas.get(next(iter(countries))) if len(countries) == 1 else None

    def surroundings_of(self, place: Place) -> Surroundings:
        """Return bounds of ground and undulation that hold all over a place and its buffer.

        Each comes from its model where that answers for the whole place; else from the boxes it touches, if
        together they contain it; else they are the world's.
        """
        ground = self.terrain(place) if self.terrain is not None else None
        undulation = self.geoid(place.bounds) if self.geoid is not None else None
        if ground is not None and undulation is not None:
            return Surroundings(ground, undulation, surveyed=True)
        declared = self._declared(place.bounds)
        return Surroundings(
            ground or declared.ground_m, undulation or declared.undulation_m, surveyed=ground is not None
        )

    def surroundings(self, question: Question, leg: Place) -> Surroundings:
        """Return what is known along a leg of a question; what its caller states counts as exact.

        The take-off's elevation is that of the ground where the flight takes off, as far as that is known.
        """
        if question.ground_elevation_m is not None and question.geoid_undulation_m is not None:
            found = Surroundings()
        else:
            found = self.surroundings_of(leg)
        ground = _exactly(question.ground_elevation_m, found.ground_m)
        takeoff = Surroundings().takeoff_m
        if question.takeoff is not None:
            here = self.surroundings_of(question.takeoff).ground_m if question.is_above_takeoff else takeoff
            takeoff = _exactly(question.ground_elevation_m, here)
        return Surroundings(
            ground,
            _exactly(question.geoid_undulation_m, found.undulation_m),
            _exactly(question.takeoff_elevation_m, takeoff),
            found.surveyed,
        )

    def _declared(self, bounds: Bounds) -> Surroundings:
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


def _exactly(stated: float | None, otherwise: Interval) -> Interval:
    return otherwise if stated is None else Interval(stated, stated)

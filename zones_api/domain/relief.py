"""The ground along a way, to draw a flight above it. Nothing is decided by it: `altitude` compares with all the ground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from zones_api.domain.altitude import Interval
from zones_api.domain.geometry import GEOD
from zones_api.domain.overlap import Place, point

Floats = NDArray[np.float64]

MOST = 30
"""In about so many places the ground is looked up, over all legs; in two on each at least."""
_MOST_LEGS = 60
"""With more legs nothing is looked up."""


@dataclass(frozen=True, slots=True)
class Relief:
    """The ground at so many metres along a leg, metres above mean sea level; None where it is not known."""

    distance_m: float
    elevation_m: Interval | None


def relief(
    legs: Sequence[Place], terrain: Callable[[Place], Interval | None]
) -> tuple[tuple[Relief, ...], ...]:
    """Return the ground along each leg from its start to its end; nothing for a leg that is no line.

    Places lie evenly along a leg, so what is between two of them, a tower of rock or a gorge, is not seen.
    """
    if len(legs) > _MOST_LEGS:
        return tuple(() for _ in legs)
    here = lru_cache(maxsize=None)(lambda lon, lat: terrain(point(lon, lat)))
    lines = [_measured(leg) for leg in legs]
    whole_m = sum(along[-1] for _, along in lines if len(along)) or 1.0
    return tuple(
        tuple(_along(vertices, along, max(2, round(MOST * along[-1] / whole_m)), here)) if len(along) else ()
        for vertices, along in lines
    )


def _measured(leg: Place) -> tuple[Floats, Floats]:
    """Return the vertices of a line, and how many metres along it each lies; nothing of what is no line."""
    if leg.geometry.geom_type != "LineString":
        return np.empty((0, 2)), np.empty(0)
    vertices = shapely.get_coordinates(leg.geometry)
    lon, lat = vertices.T
    steps = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
    return vertices, np.concatenate([[0.0], np.cumsum(steps)])


def _along(
    vertices: Floats, along: Floats, places: int, here: Callable[[float, float], Interval | None]
) -> list[Relief]:
    found = []
    for distance_m in np.linspace(0.0, along[-1], places).tolist():
        lon, lat = (float(np.interp(distance_m, along, each)) for each in vertices.T)
        found.append(Relief(distance_m, here(lon, lat)))
    return found

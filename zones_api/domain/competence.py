"""What an organisation may propose or publish: where, which types of zone, how high and for which time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import Height, HeightRange, Surroundings, VerticalReference, overlap
from zones_api.domain.geometry import Circle, Polygon, outline
from zones_api.domain.overlap import Place, lies_within, point
from zones_api.domain.spans import Span
from zones_api.domain.truth import NO
from zones_api.domain.zone import UASZone, ZoneType

DRAWN_ALIKE_DEGREES = 1e-7
"""A zone drawn along the edge of an area may leave it by this: coordinates are rounded (about a centimetre)."""
_JUST_ABOVE_M = 0.001
_GEOMETRY = "/geometry"
"""Where a feature of ED-318 has its outline and its limits."""


class Mode(StrEnum):
    """What a competence is for."""

    PROPOSE = "propose"
    PUBLISH = "publish"
    EMERGENCY = "emergency"


SUFFICES: Mapping[Mode, frozenset[Mode]] = {
    Mode.PROPOSE: frozenset({Mode.PROPOSE, Mode.PUBLISH}),
    Mode.PUBLISH: frozenset({Mode.PUBLISH}),
    Mode.EMERGENCY: frozenset({Mode.EMERGENCY}),
}
"""Who may publish may propose; an emergency needs a competence of its own."""


@dataclass(frozen=True)
class Competence:
    """What one legal basis lets an organisation do.

    `max_height_m` is metres above ground that a zone may reach at most, None without limit. `valid` is the time
    that a zone may be in force. `area` is in lon/lat degrees.
    """

    id: int
    mode: Mode
    zone_types: frozenset[ZoneType]
    max_height_m: float | None
    valid: Span
    area: BaseGeometry
    legal_basis: str


@dataclass(frozen=True)
class Lack:
    """What a competence lacks for a zone: a sentence, and the part of the zone that lies outside, if that is it.

    `pointer` is the part of the zone's feature that it is lacking for, "" is all of it.
    """

    detail: str
    outside: BaseGeometry | None = None
    pointer: str = ""


def lack(
    zone: UASZone,
    during: Span,
    mode: Mode,
    competences: Iterable[Competence],
    surroundings: Callable[[Place], Surroundings],
) -> Lack | None:
    """Return what an organisation lacks to change a zone over a time; None if it is competent.

    Several competences count together in area: each of them must fit the zone's type, heights and time.
    """
    fitting = [each for each in competences if each.mode in SUFFICES[mode]]
    if not fitting:
        return Lack(f"It has no competence to {mode} zones at all.")
    types = _types(zone)
    fitting = [each for each in fitting if types <= each.zone_types]
    if not fitting:
        return Lack(
            f"It has no competence to {mode} zones of type {', '.join(sorted(each or zone.published_type for each in types))}."
        )
    fitting = [each for each in fitting if each.valid[0] <= during[0] and during[1] <= each.valid[1]]
    if not fitting:
        return Lack(f"Its competence to {mode} zones of this type does not last as long as the zone.")
    highest = max(fitting, key=lambda each: _or_endless(each.max_height_m))
    fitting = [each for each in fitting if not _may_exceed(zone, each.max_height_m, surroundings)]
    if not fitting:
        return Lack(
            f"Its competence reaches to {highest.max_height_m:g} m above ground, and the zone may reach higher.",
            pointer=_GEOMETRY,
        )
    outside = _outside(zone, shapely.union_all([each.area for each in fitting]))
    if outside is None:
        return None
    return Lack("A part of the zone lies outside the area of its competence.", outside, _GEOMETRY)


def _types(zone: UASZone) -> frozenset[ZoneType | None]:
    """Return every type that a zone may count as: its word's, and what its coded conditions require instead."""
    coded = {condition.then for condition in zone.coded_conditions}
    limited = any(condition.then_max_height_m is not None for condition in zone.coded_conditions)
    return frozenset({zone.type} | coded | ({ZoneType.PROHIBITED} if limited else set()))


def _or_endless(height_m: float | None) -> float:
    return float("inf") if height_m is None else height_m


def _may_exceed(
    zone: UASZone, max_height_m: float | None, surroundings: Callable[[Place], Surroundings]
) -> bool:
    """Say whether any volume may reach above a height, as far as the ground beneath it is known."""
    if max_height_m is None:
        return False
    above = HeightRange(Height(max_height_m + _JUST_ABOVE_M, VerticalReference.AGL))
    for volume in zone.volumes:
        for footprint in volume.footprints:
            around = surroundings(Place(shapely.box(*footprint.bounds)))
            if overlap(above, volume.vertical, around) != NO:
                return True
    return False


def _outside(zone: UASZone, area: BaseGeometry) -> BaseGeometry | None:
    """Return the part of a zone outside an area, None if there is none; edges of both are read alike."""
    allowed = area.buffer(DRAWN_ALIKE_DEGREES)
    parts: list[BaseGeometry] = []
    for volume in zone.volumes:
        for shape, footprint in zip(volume.shapes, volume.footprints, strict=True):
            match shape:
                case Polygon(shell, holes):
                    outside = shapely.Polygon(shell, holes).difference(allowed)
                case Circle(centre, radius_m) if lies_within(point(*centre, radius_m), area):
                    continue
                case _:
                    # Its drawing is a little larger than a circle, so that there is always something to show.
                    outside = outline(footprint).difference(area)
            if not outside.is_empty:
                parts.append(outside)
    return shapely.union_all(parts) if parts else None

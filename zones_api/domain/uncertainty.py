"""A place known only to so many metres: what certainly applies everywhere within them, beside what may somewhere.

What may apply somewhere is the answer to a place with a buffer; this reads from it what holds at every place. It
is approximated inward: that something applies everywhere is only said where that is certain.
"""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.assessment import Assessment, Finding
from zones_api.domain.geometry import CIRCLE_VERTICES, GEOD, Disc, Footprint, LonLat, shifted
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.overlap import Place, lies_within, turns_to_meet
from zones_api.domain.truth import YES

_REQUIRED = (
    (Outcome.PROHIBITED, Verdict.PROHIBITED),
    (Outcome.AUTHORIZATION_REQUIRED, Verdict.AUTHORIZATION_REQUIRED),
    (Outcome.USPACE, Verdict.USPACE),
    (Outcome.CONDITIONAL, Verdict.CONDITIONAL),
)
"""Strictest first. An unrecognised word requires nothing that can be named, so it makes no verdict certain."""
_INWARD = 1e-3
"""The polygon that stands for a zone's disc has its corners this part of the radius inside it."""


def everywhere(somewhere: Assessment) -> Verdict | None:
    """Return the strictest verdict of which at least as much certainly holds at every place within the buffer.

    Args:
        somewhere: The answer to a question about one place with a buffer, at one moment.

    Returns:
        NO_ZONE_FOUND only where that is the answer for all of it; None where nothing is certain everywhere.
    """
    for outcome, verdict in _REQUIRED:
        strict = [
            f for f in somewhere.findings if f.outcome >= outcome and f.outcome is not Outcome.UNRECOGNISED
        ]
        if _cover(strict, somewhere.question.legs[0]):
            return verdict
    return Verdict.NO_ZONE_FOUND if somewhere.verdict is Verdict.NO_ZONE_FOUND else None


def is_uniform(somewhere: Assessment) -> bool | None:
    """Say whether every place within the buffer has the same verdict; None where that cannot be told.

    False is also said where it may be the same, and neither can be shown.
    """
    if somewhere.verdict is Verdict.UNKNOWN:
        return None
    return everywhere(somewhere) is somewhere.verdict


def applies_everywhere(finding: Finding, place: Place) -> bool:
    """Say whether a zone certainly applies at every place within the buffer."""
    return _cover([finding], place)


def _cover(findings: Iterable[Finding], place: Place) -> bool:
    """Say whether the places where these zones certainly apply hold all of a place and its buffer."""
    footprints = [
        shape
        for finding in findings
        for encounter in finding.encounters
        if encounter.judgement == YES
        for shape in encounter.volume.footprints
    ]
    if any(_holds(shape, place) for shape in footprints):
        return True
    parts = [part for shape in footprints for part in _certain(shape, place)]
    return len(parts) > 1 and lies_within(place, shapely.union_all(parts))


def _holds(shape: Footprint, place: Place) -> bool:
    """Say whether one footprint holds all of a place around a point."""
    if not isinstance(shape, Disc):
        return lies_within(place, shape.certain)
    if shape.certain_m is None or shape.centre.geom_type != "Point":
        return False
    apart_m = GEOD.inv(shape.centre.x, shape.centre.y, place.geometry.x, place.geometry.y)[2]
    return bool(apart_m + place.buffer_m <= shape.certain_m)


def _certain(shape: Footprint, place: Place) -> Iterable[BaseGeometry]:
    """Yield where a footprint certainly is, approximated inward, in the longitudes of the place."""
    inner = shape.certain if not isinstance(shape, Disc) else _inscribed(shape)
    if inner is not None and not inner.is_empty:
        for turn in turns_to_meet(inner.bounds, place.bounds):
            yield shifted(inner, turn)


def _inscribed(disc: Disc) -> BaseGeometry | None:
    """Return a polygon that lies within a disc, or None where there is no telling."""
    if disc.certain_m is None or disc.centre.geom_type != "Point":
        return None
    centre: LonLat = (disc.centre.x, disc.centre.y)
    ring = []
    for step in range(CIRCLE_VERTICES):
        lon, lat, _ = GEOD.fwd(*centre, 360.0 * step / CIRCLE_VERTICES, disc.certain_m * (1 - _INWARD))
        ring.append((centre[0] + (lon - centre[0] + 540.0) % 360.0 - 180.0, lat))
    polygon = shapely.Polygon(ring)
    return polygon if polygon.is_valid else None

"""What a zone requires of an operation: its published word, or the conditions that its authority coded.

Where its texts are read with a reviewed table, the stricter of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zones_api.domain.altitude import TOUCH_M, HeightRange, Surroundings, above_ground_m
from zones_api.domain.flight import Operation
from zones_api.domain.outcome import Outcome, outcome_of
from zones_api.domain.truth import Truth
from zones_api.domain.zone import CodedCondition, PublishedZone, UASZone, ZoneType


def required(
    published: PublishedZone, operation: Operation, heights: HeightRange, around: Surroundings
) -> Outcome:
    """Return what a zone requires of an operation at these heights, the strictest where it is not known well.

    Only a zone whose word is CONDITIONAL has conditions that count. The first coded condition that fits
    decides; where none does, the word. One that may fit counts, and so do those after it. A reading of its texts
    has conditions too, and may only require more.
    """
    flown = (operation, *_above_ground(heights, around))
    as_published = _as_published(published.zone, flown)
    return max(
        [as_published, *(max(_branches(row.conditions, as_published, flown)) for row in published.reading)]
    )


_Flown = tuple[Operation, float, float | None]
"""An operation with its lowest and highest metres above ground."""


def _above_ground(heights: HeightRange, around: Surroundings) -> tuple[float, float | None]:
    bottom_m = 0.0 if heights.lower is None else max(0.0, above_ground_m(heights.lower, around).low)
    top_m = None if heights.upper is None else max(0.0, above_ground_m(heights.upper, around).high)
    return bottom_m, top_m


def _as_published(zone: UASZone, flown: _Flown) -> Outcome:
    word = outcome_of(zone.type)
    if zone.type is not ZoneType.CONDITIONAL:
        return word
    return max(_branches(zone.coded_conditions, word, flown))


def _branches(conditions: Sequence[CodedCondition], otherwise: Outcome, flown: _Flown) -> Iterator[Outcome]:
    """Yield what each condition requires that may fit, up to the first that does, and else what holds otherwise."""
    operation, bottom_m, top_m = flown
    for condition in conditions:
        fit = _fits(condition, operation, bottom_m, top_m)
        if fit is Truth.NO:
            continue
        too_high = condition.then_max_height_m is not None and _above(top_m, condition.then_max_height_m)
        yield Outcome.PROHIBITED if too_high else outcome_of(condition.then)
        if fit is Truth.YES:
            return
    yield otherwise


def _fits(condition: CodedCondition, operation: Operation, bottom_m: float, top_m: float | None) -> Truth:
    """Say whether a condition fits the whole operation (yes), none of it (no), or a part or perhaps (unknown).

    A flight that goes higher than a condition's greatest height passes through the heights it fits, so that
    a higher flight is never required less than a lower one.
    """
    words = (
        (condition.category, operation.category),
        (condition.subcategory, operation.subcategory),
        (condition.uas_class, operation.uas_class),
    )
    parts = [_among(wanted, given) for wanted, given in words]
    if condition.vlos is not None:
        parts.append(_among({condition.vlos}, operation.vlos))
    if condition.max_takeoff_mass_g is not None:
        mass_g = operation.takeoff_mass_g
        light = mass_g is not None and mass_g <= condition.max_takeoff_mass_g
        parts.append(Truth.UNKNOWN if mass_g is None else Truth.YES if light else Truth.NO)
    if condition.max_height_m is not None:
        partly = Truth.NO if bottom_m > condition.max_height_m + TOUCH_M else Truth.UNKNOWN
        parts.append(partly if _above(top_m, condition.max_height_m) else Truth.YES)
    return min(parts)


def _among(wanted: frozenset[str] | set[bool] | None, given: str | bool | None) -> Truth:
    if wanted is None:
        return Truth.YES
    if given is None:
        return Truth.UNKNOWN
    return Truth.YES if given in wanted else Truth.NO


def _above(top_m: float | None, height_m: float) -> bool:
    return top_m is None or top_m > height_m + TOUCH_M

"""Limits that any reader understands one way: lower ones never higher than published, upper ones never lower."""

from __future__ import annotations

import math
from dataclasses import replace

from zones_api.domain.altitude import (
    METRES_PER_FOOT,
    Height,
    Limit,
    Surroundings,
    VerticalExtent,
    VerticalReference,
    upside_down,
)
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import Truth
from zones_api.formats.exports.losses import LossCode, Lost
from zones_api.formats.exports.targets import Target
from zones_api.formats.members import UNLIMITED

ANYWHERE = Surroundings()
_UNREADABLE = {
    Reason.LIMIT_UNREADABLE: (LossCode.LIMIT_UNREADABLE, "A limit cannot be read: every height is given."),
    Reason.LIMITS_MEANINGLESS: (
        LossCode.LIMITS_MEANINGLESS,
        "Both limits are zero: every height is given.",
    ),
}


def outward(extent: VerticalExtent, target: Target, geoid_m: float, lost: Lost) -> VerticalExtent:
    """Return heights that a format can say and that include all that a published extent may.

    Args:
        extent: As published.
        target: The format.
        geoid_m: How far the publisher's mean sea level may lie from the one the format means, in metres.
        lost: Takes what was made stricter.
    """
    if extent.doubt:
        lost.add(*_UNREADABLE[extent.doubt])
        return VerticalExtent()
    wrong = upside_down(extent, ANYWHERE)
    if wrong is Truth.YES:
        lost.add(LossCode.LIMITS_MEANINGLESS, f"{said(extent)} contradict each other: every height is given.")
        return VerticalExtent()
    lower, upper = (
        _told(limit, target, geoid_m, end, lost) for end, limit in ((-1, extent.lower), (1, extent.upper))
    )
    widened = VerticalExtent(lower, upper)
    if wrong is not Truth.NO and (lower, upper) != (extent.lower, extent.upper):
        # Limits that contradict each other over some ground leave every height in doubt there.
        what = f"{said(extent)} cannot be written here without a change: every height is given."
        lost.add(LossCode.LIMITS_MEANINGLESS, what)
        return VerticalExtent()
    return _in_one_unit(widened)


def said(extent: VerticalExtent) -> str:
    """Return an extent in words, as published."""
    lower = "the surface" if extent.lower is None else _limit_said(extent.lower)
    upper = "no upper limit" if extent.upper is None else _limit_said(extent.upper)
    return f"Limits from {lower} to {upper}"


def _limit_said(limit: Limit) -> str:
    return f"{limit.published:g} {limit.uom.lower()} {limit.height.reference}"


def _told(limit: Limit | None, target: Target, geoid_m: float, end: int, lost: Lost) -> Limit | None:
    """Return a limit as a format can say it; `end` is -1 for a lower one, 1 for an upper one."""
    if limit is None:
        return None
    reference, moved_m = limit.height.reference, 0.0
    if reference not in target.references:
        # AMSL = WGS84 - N: outward over all the undulations there are.
        reference = VerticalReference.AMSL
        moved_m = -ANYWHERE.undulation_m.low if end > 0 else ANYWHERE.undulation_m.high
        what = f"{target.name} has no heights above the ellipsoid: {_limit_said(limit)} is given as one above mean sea level"
        lost.add(LossCode.REFERENCE_CHANGED, f"{what}, {moved_m:g} m {'higher' if end > 0 else 'lower'}.")
    if limit.height.reference is VerticalReference.AMSL and geoid_m:
        moved_m = geoid_m
        what = f"The publisher's mean sea level is another one: {_limit_said(limit)} is given {geoid_m:g} m further out."
        lost.add(LossCode.OTHER_GEOID, what)
    moved = _moved(limit, reference, end * moved_m)
    return _whole(moved, end, lost) if target.whole_numbers else moved


def _moved(limit: Limit, reference: VerticalReference, by_m: float) -> Limit:
    if not by_m:
        return limit
    return _limit(limit.published + by_m / _unit_m(limit), limit, reference)


def _whole(limit: Limit, end: int, lost: Lost) -> Limit | None:
    """Return a limit in whole units, rounded outward; one that becomes the surface or unlimited is None."""
    number = float(math.floor(limit.published) if end < 0 else math.ceil(limit.published))
    if number == limit.published:
        return limit
    if end > 0 and number == 0.0:
        number = 1.0  # zero would be read as no limit at all
    lost.add(
        LossCode.LIMIT_ROUNDED,
        f"{_limit_said(limit)} is given as {number:g}: only whole numbers can be written.",
    )
    if number in (0.0, UNLIMITED):
        return None
    return _limit(number, limit, limit.height.reference)


def _limit(number: float, like: Limit, reference: VerticalReference) -> Limit:
    return Limit(Height(number * _unit_m(like), reference), number, like.uom)


def _unit_m(limit: Limit) -> float:
    return METRES_PER_FOOT if limit.uom.upper() == "FT" else 1.0


def _in_one_unit(extent: VerticalExtent) -> VerticalExtent:
    """Return an extent whose limits have one unit: metres where they have two."""
    limits = [limit for limit in (extent.lower, extent.upper) if limit is not None]
    if len({limit.uom.upper() for limit in limits}) < 2:
        return extent

    def in_metres(limit: Limit | None) -> Limit | None:
        return None if limit is None else replace(limit, published=limit.height.value_m, uom="m")

    return VerticalExtent(in_metres(extent.lower), in_metres(extent.upper))

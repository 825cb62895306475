"""What would change an answer: how high, and when, exactly this question meets no restricting zone."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zones_api.domain.altitude import (
    TOUCH_M,
    Height,
    HeightRange,
    Interval,
    VerticalReference,
    above_ground_m,
)
from zones_api.domain.applicability import Window
from zones_api.domain.flight import Profile
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.scene import HORIZON, Scene, Weighed, widened
from zones_api.domain.truth import NO

HIGHEST_M = 20_000
"""Heights are looked for up to here; who passes there is limited by no zone that a small aircraft meets."""
OPEN_CATEGORY_M = 120.0
"""The greatest height above ground in the open category (UAS.OPEN.010 of Regulation (EU) 2019/947)."""
_MINUTE = timedelta(minutes=1)
_MOST_STARTS = 50


class RuleResult(StrEnum):
    """Whether a general rule, apart from zones, is kept."""

    MET = "MET"
    EXCEEDED = "EXCEEDED"
    CANNOT_TELL = "CANNOT_TELL"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True)
class FreeHeight:
    """The greatest whole metres above ground up to which no zone restricts or may restrict; None is no limit."""

    metres: int | None


@dataclass(frozen=True, slots=True)
class Advice:
    """What the caller can do.

    `max_free_height` is None where the data is not complete. `max_height` is the greatest height, in the
    question's own reference and over every leg, and `windows` the nearest times before and after, at which exactly this question
    gives NO_ZONE_FOUND; nothing where it does so already.
    """

    max_free_height: FreeHeight | None
    max_height: Height | None
    windows: tuple[Window, ...]
    open_category_height: RuleResult


def advise(scene: Scene, weighed: Weighed) -> Advice:
    """Return what would change the answer to a scene's question."""
    free = None if weighed.gaps else _free_height(scene)
    height_rule = _open_category(scene)
    if weighed.verdict is Verdict.NO_ZONE_FOUND:
        return Advice(free, None, (), height_rule)
    max_height = None if weighed.gaps else _max_height(scene)
    return Advice(free, max_height, tuple(_windows(scene)), height_rule)


def _free_height(scene: Scene) -> FreeHeight:
    window = scene.question.window

    def restricted(height_m: int) -> bool:
        below = HeightRange(upper=Height(height_m, VerticalReference.AGL))
        return scene.weigh(scene.level(below), window).possible > Outcome.INFORMATION

    if scene.weigh(scene.level(HeightRange()), window).possible <= Outcome.INFORMATION:
        return FreeHeight(None)
    return FreeHeight(_greatest(range(HIGHEST_M + 1), restricted) or 0)


def _greatest(heights_m: range, restricted: Callable[[int], bool]) -> int | None:
    """Return the greatest height that is not restricted; a higher one is never less so than a lower."""
    if not heights_m or restricted(heights_m[0]):
        return None
    first_restricted = bisect_left(heights_m, True, key=restricted)
    return heights_m[first_restricted - 1]


def _max_height(scene: Scene) -> Height | None:
    """Return the greatest height that, put over every leg, lets the question pass; None over several references."""
    profile, window = scene.question.profile, scene.question.window
    if any(heights.upper is not None and heights.lower == heights.upper for heights in profile):
        return None  # something seen at a height is where it is
    uppers = [heights.upper for heights in profile if heights.upper is not None]
    lowers = [heights.lower for heights in profile if heights.lower is not None]
    reference = uppers[0].reference if uppers else VerticalReference.AGL
    if any(end.reference is not reference for end in (*uppers, *lowers)):
        return None
    is_open = len(uppers) < len(profile)
    top_m = HIGHEST_M if is_open else math.floor(max(upper.value_m for upper in uppers))
    lowest_m = max([_lowest_m(scene, reference), *(math.ceil(lower.value_m) for lower in lowers)])

    def restricted(height_m: int) -> bool:
        tried = _capped(profile, Height(height_m, reference))
        return scene.weigh(tried, window).verdict is not Verdict.NO_ZONE_FOUND

    best = _greatest(range(lowest_m, top_m + 1), restricted)
    return None if best is None else Height(best, reference)


def _capped(profile: Profile, cap: Height) -> Profile:
    """Return the heights of each leg, none above a cap in their own reference."""
    return tuple(
        HeightRange(heights.lower, cap)
        if heights.upper is None or heights.upper.value_m > cap.value_m
        else heights
        for heights in profile
    )


def _lowest_m(scene: Scene, reference: VerticalReference) -> int:
    """Return the least whole metres in a reference that lie above the ground of every leg, whatever it is."""
    around = [scene.around(leg) for leg in range(len(scene.question.legs))]
    ground_m = max(-above_ground_m(Height(0.0, reference), each).low for each in around)
    return math.floor(ground_m) + 1


def _windows(scene: Scene) -> Iterator[Window]:
    """Yield the last window before and the first after the one asked about, of its length, that pass."""
    asked = scene.question.window
    length = asked.end - asked.start
    horizon = widened(asked)
    spans = [
        span
        for met in scene.met
        if any(scene.at_height(scene.question.profile, touch) != NO for touch in met.touches)
        for span in met.around.possible
    ]
    most = length + _MINUTE
    before = [_minute_before(start - length) for start, _ in spans if start - horizon.start > most]
    after = [_minute_after(end) for _, end in spans if horizon.end - end > most]
    before = sorted((start for start in before if start < asked.start), reverse=True)
    after = sorted(start for start in after if start > asked.start)
    for starts in (before, after):
        tried = [start for start in dict.fromkeys(starts) if abs(start - asked.start) <= HORIZON]
        for start in tried[:_MOST_STARTS]:
            window = Window(start, start + length)
            if scene.weigh(scene.question.profile, window).verdict is Verdict.NO_ZONE_FOUND:
                yield window
                break


def _minute_after(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + _MINUTE


def _minute_before(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole - _MINUTE if whole == moment else whole


def _open_category(scene: Scene) -> RuleResult:
    """Return whether the flight stays within the open category's height above ground.

    Not asked of an operation that is stated to be of another category.
    """
    if scene.question.operation.category not in (None, "open"):
        return RuleResult.NOT_APPLICABLE
    tops = [
        Interval(0.0, math.inf) if heights.upper is None else above_ground_m(heights.upper, scene.around(leg))
        for leg, heights in enumerate(scene.question.profile)
    ]
    top = Interval(max(top.low for top in tops), max(top.high for top in tops))
    if top.high <= OPEN_CATEGORY_M + TOUCH_M:
        return RuleResult.MET
    return RuleResult.EXCEEDED if top.low > OPEN_CATEGORY_M + TOUCH_M else RuleResult.CANNOT_TELL

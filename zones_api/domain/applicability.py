"""When a zone applies: its dates now, its weekly schedule as far as this version evaluates it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, all_of, any_of, unknown
from zones_api.domain.zone import Moment, TimePeriod

NAIVE_DOUBT = timedelta(hours=14)
"""A date-time without an offset is in doubt this long before and after it: offsets run from -12 to +14 hours."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both included and both in UTC; an instant has both equal."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC or self.start > self.end:
            raise ValueError("a window runs forward in UTC")


def applies(periods: tuple[TimePeriod, ...], window: Window) -> Judgement:
    """Say whether any of the periods is in force at any moment of the window; ends are inclusive."""
    return any_of(_in_force(period, window) for period in periods)


def _in_force(period: TimePeriod, window: Window) -> Judgement:
    if period.doubt is Reason.APPLICABILITY_NOT_STATED:
        return unknown(Reason.APPLICABILITY_NOT_STATED)
    within = all_of((_starts(period.start, window), _ends(period.end, window)))
    schedule = unknown(Reason.SCHEDULE_NOT_EVALUATED) if period.schedule else YES
    if within == NO and period.doubt is Reason.PERMANENT_WITH_DATES:
        return unknown(Reason.PERMANENT_WITH_DATES)
    return within & schedule


def _starts(start: Moment | None, window: Window) -> Judgement:
    """Say whether the period has started by the window's end."""
    if start is None:
        return YES
    if start.at is None:
        return unknown(Reason.SCHEDULE_NOT_READABLE)
    if start.at.tzinfo is None:
        return _naive(window.end - start.at.replace(tzinfo=UTC))
    return YES if start.at <= window.end else NO


def _ends(end: Moment | None, window: Window) -> Judgement:
    """Say whether the period has not ended before the window starts."""
    if end is None:
        return YES
    if end.at is None:
        return unknown(Reason.SCHEDULE_NOT_READABLE)
    # Added to the margin, not to the end: the last second of the year 9999 has no next one.
    more = timedelta(seconds=1 if end.at.second == 59 else 0)
    if end.at.tzinfo is None:
        return _naive(end.at.replace(tzinfo=UTC) - window.start + more)
    return YES if window.start - end.at <= more else NO


def _naive(margin: timedelta) -> Judgement:
    """Judge an edge without an offset by how far the window reaches past it."""
    if margin >= NAIVE_DOUBT:
        return YES
    return NO if margin < -NAIVE_DOUBT else unknown(Reason.NAIVE_TIME)

"""When a zone comes into force next: its activations, one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from zones_api.domain.applicability import NAIVE_DOUBT, Window, timeline
from zones_api.domain.geometry import LonLat
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import END, Span, shifted, union
from zones_api.domain.zone import TimePeriod

_STEP, _SEASONS = timedelta(days=30), timedelta(days=366)
"""It is looked for in steps of a month; a week and the sun are back where they were after the longer one."""
_MOST_STEPS = 36


@dataclass(frozen=True, slots=True)
class Activation:
    """A time in which a zone is in force, or may be: `reasons` say why it is in doubt, none where it is certain.

    `start` is the first instant looked at where it is in force by then; `end` None is that none was found.
    """

    start: datetime
    end: datetime | None
    reasons: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True)
class Activations:
    """What comes next, in order of time; `looked_until` is how far was looked, None is to the end of all time."""

    found: tuple[Activation, ...]
    looked_until: datetime | None


def activations(
    periods: tuple[TimePeriod, ...], valid: Span, place: LonLat, most: int, check: Callable[[], None]
) -> Activations:
    """Return the next activations of a zone, as the decision itself reads its periods.

    Args:
        periods: The published periods; none is never.
        valid: When the register would have it apply; it is looked from the start of this on.
        place: Where sunrise and sunset are meant, (lon, lat) in degrees.
        most: How many to return at most.
        check: Called before each step; raises where it takes too long.
    """
    first, last = valid
    possible: tuple[Span, ...] = ()
    certain: tuple[Span, ...] = ()
    reasons: set[Reason] = set()
    at: datetime | None = first
    # One more than is asked for tells that the one before it has ended.
    for _ in range(_MOST_STEPS):
        if at is None or len(possible) > most:
            break
        check()
        until = min(shifted(at, _STEP), last)
        found = timeline(periods, Window(at, until), (*place, *place))
        if not found.possible:
            until = min(shifted(at, _SEASONS), last)
            found = timeline(periods, Window(at, until), (*place, *place))
        possible, certain = union([*possible, *found.possible]), union([*certain, *found.certain])
        reasons |= found.reasons
        at = until if found.possible and until < last else _next_start(periods, until, last)
    told = [_told(span, certain, frozenset(reasons), at) for span in possible[:most]]
    return Activations(tuple(told), at)


def _next_start(periods: tuple[TimePeriod, ...], after: datetime, last: datetime) -> datetime | None:
    """Return when the next of the periods starts that has not yet, at the earliest; None if none does in time."""
    starts = (
        shifted(period.start.at.replace(tzinfo=UTC), -NAIVE_DOUBT)
        if period.start.at.tzinfo is None
        else period.start.at.astimezone(UTC)
        for period in periods
        if period.start is not None and period.start.at is not None
    )
    return min((start for start in starts if after < start <= last), default=None)


def _told(
    span: Span, certain: tuple[Span, ...], reasons: frozenset[Reason], looked_until: datetime | None
) -> Activation:
    start, end = span
    is_certain = any(since <= start and end <= until for since, until in certain)
    is_open = end in (looked_until, END)
    return Activation(start, None if is_open else end, frozenset() if is_certain else reasons)

"""Closed spans of time in UTC, as sorted tuples that neither overlap nor touch.

Time is counted in microseconds, as `datetime` does, so what a set of closed spans leaves out is a set of closed
spans too, and every operation here is exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Span = tuple[datetime, datetime]
"""From one instant to another, both included and both in UTC; an instant has both equal."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""A span that starts here has no start."""
END = datetime.max.replace(tzinfo=UTC)
"""A span that ends here has no end."""

_TICK = timedelta.resolution
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the instants of any of the spans; those that overlap, or leave no instant between them, are one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and (start <= merged[-1][1] or start - merged[-1][1] == _TICK):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(a: tuple[Span, ...], b: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the instants of both; where they only touch, a span of no length."""
    shared = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start <= end:
            shared.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(shared)


def difference(a: tuple[Span, ...], b: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the instants of `a` that are not in `b`: up to the microsecond before, from the one after."""
    left: list[Span] = []
    first = 0
    for start, end in a:
        while first < len(b) and b[first][1] < start:
            first += 1
        rest: datetime | None = start
        for taken in b[first:]:
            if rest is None or taken[0] > end:
                break
            if taken[0] > rest:
                left.append((rest, taken[0] - _TICK))
            rest = taken[1] + _TICK if taken[1] < end else None
        if rest is not None:
            left.append((rest, end))
    return tuple(left)


def meets(spans: tuple[Span, ...], other: Span) -> bool:
    """Say whether any of the spans shares an instant with another; touching counts."""
    return any(start <= other[1] and other[0] <= end for start, end in spans)


def shifted(at: datetime, by: timedelta) -> datetime:
    """Return a moment moved along, at most to BEGINNING or END; those two stand for no limit and stay."""
    if at in {BEGINNING, END}:
        return at
    try:
        return at + by
    except OverflowError:
        return END if by > timedelta(0) else BEGINNING


def to_microseconds(at: datetime) -> int:
    """Return the microseconds since the start of 1970, UTC."""
    return (at - _EPOCH) // _TICK


def from_microseconds(count: int) -> datetime:
    """Return the moment that many microseconds after the start of 1970, at most BEGINNING or END."""
    return _EPOCH + timedelta(microseconds=min(max(count, _FIRST), _LAST))


_FIRST, _LAST = to_microseconds(BEGINNING), to_microseconds(END)


def ends_told(span: Span) -> tuple[datetime | None, datetime | None]:
    """Return the ends of a span as they are told: None for what was always before, and for until further notice."""
    start, end = span
    return (None if start == BEGINNING else start), (None if end == END else end)

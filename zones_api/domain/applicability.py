"""When a zone applies: its dates and its weekly schedule, at the place where the question meets it.

What is in doubt is kept apart from what is certain at every instant (Kleene's logic along time), so a doubt
that another period or another entry settles leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from math import floor

from zones_api.domain.daylight import DAY_S, margin_s, mean_midnight_s, sun_event
from zones_api.domain.geometry import Bounds, LonLat
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import (
    BEGINNING,
    END,
    Span,
    difference,
    from_microseconds,
    intersection,
    meets,
    shifted,
    to_microseconds,
    union,
)
from zones_api.domain.truth import NO, YES, Judgement, unknown
from zones_api.domain.zone import (
    ClockTime,
    DailyPeriod,
    DaylightEvent,
    Moment,
    TimeOfDay,
    TimePeriod,
    UnreadableTime,
    Weekday,
)

NAIVE_DOUBT = timedelta(hours=14)
"""A date-time without an offset is in doubt this long before and after it."""
EARLIEST_OFFSET, LATEST_OFFSET = timedelta(hours=-12), timedelta(hours=14)
"""Between these lie the offsets that a clock time without one may have."""

_US = 1_000_000
_DAY = DAY_S * _US
_MINUTE = 60 * _US
_NAIVE_BEFORE, _NAIVE_AFTER = (
    offset // timedelta(microseconds=1) for offset in (-LATEST_OFFSET, -EARLIEST_OFFSET)
)
_WEEKDAYS = tuple(Weekday)
_ORDER = tuple(DaylightEvent)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both included and both in UTC; an instant has both equal."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC or self.start > self.end:
            raise ValueError("a window runs forward in UTC")


@dataclass(frozen=True, slots=True)
class Timeline:
    """When a zone is in force within a window: `certain` within `possible`, both cut to the window.

    `reasons` say why they differ, and are empty exactly where they are equal.
    """

    certain: tuple[Span, ...]
    possible: tuple[Span, ...]
    reasons: frozenset[Reason] = frozenset()

    def __post_init__(self) -> None:
        if (self.certain != self.possible) != bool(self.reasons):
            raise ValueError("a timeline in doubt names its reasons, and no other does")

    def during(self, window: Window) -> Judgement:
        """Say whether the zone is in force at any instant of a window within the timeline's own.

        An unknown carries the reasons of the whole timeline.
        """
        asked = (window.start, window.end)
        if meets(self.certain, asked):
            return YES
        return unknown(*self.reasons) if meets(self.possible, asked) else NO

    def within(self, span: Span) -> Timeline:
        """Return the part of the timeline inside a span."""
        certain, possible = intersection(self.certain, (span,)), intersection(self.possible, (span,))
        return Timeline(certain, possible, self.reasons if certain != possible else frozenset())


def timeline(periods: tuple[TimePeriod, ...], window: Window, place: Bounds) -> Timeline:
    """Return when any of the periods is in force within the window; without periods, never.

    Args:
        periods: The published periods.
        window: What is asked about; up to about a year, an instant too.
        place: The box where the question meets the zone, degrees; east may pass 180. Its corners stand for all
            of it: in one of 10 degrees, below 65 degrees latitude, that misses events by under 20 s.
    """
    known = _any_of(_in_force(period, window, place) for period in periods)
    return Timeline(known.certain, known.possible, frozenset(known.doubts))


# --- Kleene's logic along time ---


@dataclass(frozen=True, slots=True)
class _Known:
    """What is certainly in force, and for each reason what it leaves in doubt: never what is certain."""

    certain: tuple[Span, ...]
    doubts: dict[Reason, tuple[Span, ...]]

    @property
    def possible(self) -> tuple[Span, ...]:
        return _union_of([self.certain, *self.doubts.values()])


def _known(certain: tuple[Span, ...], doubts: Iterable[tuple[Reason, tuple[Span, ...]]] = ()) -> _Known:
    """Return what is known from spans that are certain and, for each reason, others that are possible."""
    gathered: dict[Reason, list[Span]] = {}
    for reason, spans in doubts:
        gathered.setdefault(reason, []).extend(spans)
    open_ = {reason: difference(union(spans), certain) for reason, spans in gathered.items()}
    return _Known(certain, {reason: spans for reason, spans in open_.items() if spans})


def _any_of(parts: Iterable[_Known]) -> _Known:
    parts = list(parts)
    doubts = (doubt for part in parts for doubt in part.doubts.items())
    return _known(_union_of(part.certain for part in parts), doubts)


def _both(a: _Known, b: _Known) -> _Known:
    doubts = [
        (reason, intersection(spans, other.possible))
        for one, other in ((a, b), (b, a))
        for reason, spans in one.doubts.items()
    ]
    return _known(intersection(a.certain, b.certain), doubts)


def _union_of(many: Iterable[tuple[Span, ...]]) -> tuple[Span, ...]:
    return union(span for spans in many for span in spans)


def _always(window: Window) -> _Known:
    return _Known(((window.start, window.end),), {})


def _doubt(reason: Reason, spans: tuple[Span, ...]) -> _Known:
    return _Known((), {reason: spans})


# --- dates ---


def _in_force(period: TimePeriod, window: Window, place: Bounds) -> _Known:
    return _in_dates(period, window, _scheduled(period.schedule, window, place))


def _in_dates(period: TimePeriod, window: Window, schedule: _Known) -> _Known:
    """Return when a period is in force, from what its schedule says."""
    asked = _always(window)
    if period.doubt is Reason.APPLICABILITY_NOT_STATED:
        return _doubt(period.doubt, asked.certain)
    dates = _both(_since(period.start, window), _until(period.end, window))
    if period.doubt is Reason.PERMANENT_WITH_DATES:
        dates = _any_of((dates, _doubt(period.doubt, asked.certain)))
    return _both(dates, schedule)


def _since(start: Moment | None, window: Window) -> _Known:
    if start is None:
        return _always(window)
    if start.at is None:
        return _doubt(Reason.SCHEDULE_NOT_READABLE, _always(window).certain)
    if start.at.tzinfo is not None:
        return _known(_cut([(start.at.astimezone(UTC), END)], window))
    at = start.at.replace(tzinfo=UTC)
    possible = _cut([(shifted(at, -NAIVE_DOUBT), END)], window)
    return _known(_cut([(shifted(at, NAIVE_DOUBT), END)], window), [(Reason.NAIVE_TIME, possible)])


def _until(end: Moment | None, window: Window) -> _Known:
    if end is None:
        return _always(window)
    if end.at is None:
        return _doubt(Reason.SCHEDULE_NOT_READABLE, _always(window).certain)
    at = end.at.replace(tzinfo=UTC) if end.at.tzinfo is None else end.at.astimezone(UTC)
    if at.second == 59:
        at = shifted(at.replace(microsecond=0), timedelta(seconds=1))
    if end.at.tzinfo is not None:
        return _known(_cut([(BEGINNING, at)], window))
    possible = _cut([(BEGINNING, shifted(at, NAIVE_DOUBT))], window)
    return _known(_cut([(BEGINNING, shifted(at, -NAIVE_DOUBT))], window), [(Reason.NAIVE_TIME, possible)])


def _cut(spans: Iterable[Span], window: Window) -> tuple[Span, ...]:
    """Return the union of spans as far as it lies in the window."""
    start, end = window.start, window.end
    return union((max(a, start), min(b, end)) for a, b in spans if a <= b and a <= end and start <= b)


# --- the weekly schedule; numbers are microseconds since the start of 1970, or of the day ---


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One turn of an entry: certain within possible; without reasons both are the same."""

    certain: tuple[int, int] | None
    possible: tuple[int, int]
    reasons: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True)
class _Edge:
    """When a turn starts or ends, at the earliest and at the latest; `exists` is False in polar night."""

    earliest: int
    latest: int
    exists: bool = True


def _scheduled(schedule: tuple[DailyPeriod, ...], window: Window, place: Bounds) -> _Known:
    """Return when any entry is in force; without entries, always."""
    if not schedule:
        return _always(window)
    parts = [_local(tuple(entry for entry in schedule if _is_readable(entry) and _is_local(entry)), window)]
    for entry in schedule:
        if not _is_readable(entry):
            parts.append(_doubt(Reason.SCHEDULE_NOT_READABLE, _always(window).certain))
        elif not _is_local(entry):
            parts.append(_entry(entry, window, place))
    return _any_of(parts)


def _is_readable(entry: DailyPeriod) -> bool:
    return entry.days_readable and not any(isinstance(at, UnreadableTime) for at in (entry.start, entry.end))


def _is_local(entry: DailyPeriod) -> bool:
    """Say whether neither end has an offset or is an event."""
    return all(
        at is None or (isinstance(at, ClockTime) and at.utc_offset is None) for at in (entry.start, entry.end)
    )


def _local(entries: tuple[DailyPeriod, ...], window: Window) -> _Known:
    """Return when entries without any offset are in force, whatever the one offset of them all is.

    They are put together in local time first: days that follow each other leave no doubt between them.
    """
    spans = union(
        (from_microseconds(day * _DAY + start), from_microseconds(day * _DAY + start + length))
        for entry in entries
        for start, length in [(_clock(entry.start, 0), _length(entry))]
        for day in _days(entry, window, 0, 0)
    )
    certain = [(shifted(a, -EARLIEST_OFFSET), shifted(b, -LATEST_OFFSET)) for a, b in spans]
    possible = [(shifted(a, -LATEST_OFFSET), shifted(b, -EARLIEST_OFFSET)) for a, b in spans]
    return _known(_cut(certain, window), [(Reason.NAIVE_TIME, _cut(possible, window))])


def _entry(entry: DailyPeriod, window: Window, place: Bounds) -> _Known:
    """Return when an entry is in force somewhere in the box, from its turns at the corners."""
    sunlit = any(isinstance(at, DaylightEvent) for at in (entry.start, entry.end))
    boxes = _corners(place) if sunlit else (((0.0, 0.0),),)
    turns = [turn for corners in boxes for turn in _turns(entry, window, corners)]
    certain = _cut(_spans((turn.certain for turn in turns if turn.certain), window), window)
    doubts = [
        (reason, _cut(_spans([turn.possible], window), window)) for turn in turns for reason in turn.reasons
    ]
    return _known(certain, doubts)


def _spans(many: Iterable[tuple[int, int]], window: Window) -> Iterator[Span]:
    first, last = to_microseconds(window.start), to_microseconds(window.end)
    return ((from_microseconds(a), from_microseconds(b)) for a, b in many if a <= last and first <= b)


def _corners(place: Bounds) -> tuple[tuple[LonLat, ...], ...]:
    """Return the corners of a box, of two boxes where it crosses the date line: weekdays differ there."""
    west, south, east, north = place
    width = min(east - west, 360.0)
    if width == 360.0:
        west = -180.0
    elif not -180.0 <= west <= 180.0:
        west = (west + 180.0) % 360.0 - 180.0
    east = west + width
    lats = {min(max(lat, -90.0), 90.0) for lat in (south, north)}
    boxes = [(west, east)] if east <= 180.0 else [(west, 180.0), (-180.0, east - 360.0)]
    return tuple(tuple(product(sorted({*box}), sorted(lats))) for box in boxes)


def _turns(entry: DailyPeriod, window: Window, corners: tuple[LonLat, ...]) -> Iterator[_Occurrence]:
    """Yield the turns of an entry around the window, each stretched over the corners where it takes place."""
    at_corner = [_turn(entry, corner) for corner in corners]
    if isinstance(entry.start, ClockTime):
        offsets = [-(_offset(entry.start) or 0)]
    elif isinstance(entry.end, ClockTime) and entry.start is None:
        offsets = [-(_offset(entry.end) or 0)]
    else:
        offsets = [_midnight(0, lon) for lon, _ in corners]
    for day in _days(entry, window, min(offsets), max(offsets)):
        found = [turn for of in at_corner if (turn := of(day)) is not None]
        if found:
            certain = [turn.certain for turn in found if turn.certain]
            yield _Occurrence(
                _hull(certain) if certain else None,
                _hull([turn.possible for turn in found]),
                frozenset().union(*(turn.reasons for turn in found)),
            )


def _hull(spans: list[tuple[int, int]]) -> tuple[int, int]:
    starts, ends = zip(*spans, strict=True)
    return min(starts), max(ends)


def _days(entry: DailyPeriod, window: Window, low: int, high: int) -> Iterator[int]:
    """Yield the days of an entry, since 1970-01-01, whose turns may reach the window.

    A day begins between `low` and `high` after it begins in UTC. A turn starts at most a day and an unknown
    offset away from its day, and is over two days later.
    """
    first = (to_microseconds(window.start) - high) // _DAY - 4
    last = (to_microseconds(window.end) - low) // _DAY + 2
    # The first day was a Thursday.
    return (day for day in range(first, last + 1) if _WEEKDAYS[(day + 3) % 7] in entry.days)


def _turn(entry: DailyPeriod, corner: LonLat) -> Callable[[int], _Occurrence | None]:
    """Return what an entry comes to on a day at a corner; None where there is no such day in polar night."""
    start, end = entry.start, entry.end
    events = isinstance(start, DaylightEvent), isinstance(end, DaylightEvent)
    margin = margin_s(corner[1]) * _US
    before, after = (margin if event else 0 for event in events)
    if (events[0] and not isinstance(end, ClockTime)) or (events[1] and start is None):
        return lambda day: _solar_turn(entry, day, corner, before, after)
    reasons = frozenset([Reason.NAIVE_TIME]) if _is_naive(start, end) else frozenset[Reason]()

    def turn(day: int) -> _Occurrence:
        begins = _begin(start, end, day, corner)
        first, last = _end(entry, begins.earliest, corner), _end(entry, begins.latest, corner)
        if not (begins.exists and first.exists and last.exists):
            return _Occurrence(None, (begins.earliest, last.latest), reasons | {Reason.DAYLIGHT_UNDEFINED})
        possible = (begins.earliest - before, last.latest + after)
        certain = (begins.latest - before, first.earliest + after)
        return _Occurrence(certain if begins.latest <= first.earliest else None, possible, reasons)

    return turn


def _solar_turn(entry: DailyPeriod, day: int, corner: LonLat, before: int, after: int) -> _Occurrence | None:
    """Return a turn between two events, or between one and the mean midnight that begins or ends its day."""
    start, end = entry.start, entry.end
    same_day = start is None or end is None or _ORDER.index(end) > _ORDER.index(start)
    begins, begin_exists = _event(start, day, corner) if start else (_midnight(day, corner[0]), True)
    ends, end_exists = (
        _event(end, day if same_day else day + 1, corner) if end else (_midnight(day + 1, corner[0]), True)
    )
    possible = (begins - before, max(begins, ends) + after)
    if start is None or end is None:
        if begin_exists and end_exists:
            return _Occurrence(possible, possible)
        whole = (_midnight(day, corner[0]), _midnight(day + 1, corner[0]))
        return _Occurrence(None, whole, frozenset([Reason.DAYLIGHT_UNDEFINED]))
    if same_day and not begin_exists and not end_exists:
        return None
    return _Occurrence(possible, possible)


def _begin(start: TimeOfDay | None, end: TimeOfDay | None, day: int, corner: LonLat) -> _Edge:
    """Return when a turn starts; in polar night at some time of the solar day."""
    if isinstance(start, DaylightEvent):
        at, exists = _event(start, day, corner)
        if not exists:
            return _Edge(_midnight(day, corner[0]), _midnight(day + 1, corner[0]), exists=False)
        return _Edge(at, at)
    at = day * _DAY + _clock(start, 0)
    offset = _offset(start) if start else _offset(end)
    if offset is None:
        return _Edge(at + _NAIVE_BEFORE, at + _NAIVE_AFTER)
    return _Edge(at - offset, at - offset)


def _end(entry: DailyPeriod, began: int, corner: LonLat) -> _Edge:
    """Return when a turn ends that began at an instant: at the first such clock time or event after it."""
    end = entry.end
    if isinstance(end, DaylightEvent):
        day = (began - _midnight(0, corner[0])) // _DAY
        at, exists = next(
            (at, exists)
            for n in range(day - 1, day + 4)
            for at, exists in [_event(end, n, corner)]
            if at >= began
        )
        return _Edge(at, at) if exists else _Edge(began, began + _DAY, exists=False)
    offset = _offset(end) if end else _offset(entry.start)
    more = _rounding(end)
    if offset is None:
        return _Edge(began, began + _DAY + more)
    at = began + ((_clock(end, _DAY) - offset - began) % _DAY or _DAY) + more
    return _Edge(at, at)


def _length(entry: DailyPeriod) -> int:
    """Return how long each turn of an entry takes whose ends have the same offset, or none."""
    return ((_clock(entry.end, _DAY) - _clock(entry.start, 0)) % _DAY or _DAY) + _rounding(entry.end)


def _is_naive(start: TimeOfDay | None, end: TimeOfDay | None) -> bool:
    return any(isinstance(at, ClockTime) and at.utc_offset is None for at in (start, end))


def _clock(at: TimeOfDay | None, default: int) -> int:
    return round(at.seconds * _US) if isinstance(at, ClockTime) else default


def _offset(at: TimeOfDay | None) -> int | None:
    if not isinstance(at, ClockTime) or at.utc_offset is None:
        return None
    return at.utc_offset // timedelta(microseconds=1)


def _rounding(end: TimeOfDay | None) -> int:
    """Return how much longer an end runs that means the last second or minute of something."""
    clock = _clock(end, 0)
    last = clock % _MINUTE >= 59 * _US or clock // _MINUTE == 24 * 60 - 1
    return _MINUTE - clock % _MINUTE if last else 0


def _midnight(day: int, lon_deg: float) -> int:
    return floor(mean_midnight_s(day, lon_deg) * _US)


def _event(event: TimeOfDay, day: int, corner: LonLat) -> tuple[int, bool]:
    assert isinstance(event, DaylightEvent)
    at_s, exists = sun_event(event, day, *corner)
    return round(at_s * _US), exists

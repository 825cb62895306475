"""Times that any reader understands one way and that include all in which a zone may be in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import acos, ceil, cos, degrees, floor, radians, sin

from zones_api.domain.applicability import EARLIEST_OFFSET, LATEST_OFFSET, NAIVE_DOUBT
from zones_api.domain.geometry import Bounds
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import BEGINNING, END, Span, shifted
from zones_api.domain.zone import (
    ALWAYS,
    ClockTime,
    DailyPeriod,
    DaylightEvent,
    Moment,
    TimeOfDay,
    TimePeriod,
    UnreadableTime,
    Weekday,
)
from zones_api.formats.exports.losses import LossCode, Lost
from zones_api.formats.exports.targets import Target

_WEEK = tuple(Weekday)
_ORDER = tuple(DaylightEvent)
_MIDNIGHT = ClockTime("00:00:00Z", 0.0, timedelta(0))
_BEFORE_H, _AFTER_H = (offset / timedelta(hours=1) for offset in (LATEST_OFFSET, -EARLIEST_OFFSET))
"""A clock time without an offset is meant so many hours before and after that time in UTC."""
_EQUATION_H = 0.5
"""True noon is within 17 minutes of mean noon, and an event within 5 minutes of itself is in doubt."""
_STEEPEST_DEG = 23.5
_HORIZON_DEG = {
    DaylightEvent.BMCT: -6.1,
    DaylightEvent.SR: -0.9,
    DaylightEvent.SS: -0.9,
    DaylightEvent.EECT: -6.1,
}


def outward(
    periods: tuple[TimePeriod, ...], valid: Span, target: Target, place: Bounds, lost: Lost
) -> tuple[TimePeriod, ...]:
    """Return periods that a format can say and that include all in which a zone may be in force.

    Args:
        periods: As published; any of them.
        valid: When the register says that this version of the zone is in force.
        target: The format.
        place: The zone's box, degrees.
        lost: Takes what was made stricter.

    Returns:
        Periods without doubt; none where the zone is never in force, ALWAYS where it always is.
    """
    told = [_period(period, valid, target, place, lost) for period in periods]
    kept = tuple(period for period in told if period is not None)
    return ALWAYS if any(period == TimePeriod() for period in kept) else tuple(dict.fromkeys(kept))


def said(period: TimePeriod) -> str:
    """Return a period in words, as published."""
    dates = [
        f"{word} {moment.published}"
        for word, moment in (("from", period.start), ("until", period.end))
        if moment is not None
    ]
    return " ".join([*dates, "; ".join(_entry_said(entry) for entry in period.schedule)]).strip() or "always"


def utc_text(at: datetime) -> str:
    """Return a moment as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _entry_said(entry: DailyPeriod) -> str:
    days = " ".join(day for day in _WEEK if day in entry.days) if entry.days_readable else "days unreadable"
    return f"{days} {_end_said(entry.start)} to {_end_said(entry.end)}"


def _end_said(end: TimeOfDay | None) -> str:
    return "" if end is None else str(end) if isinstance(end, DaylightEvent) else end.published


def _period(period: TimePeriod, valid: Span, target: Target, place: Bounds, lost: Lost) -> TimePeriod | None:
    start, end, schedule = period.start, period.end, period.schedule
    if period.doubt is Reason.PERMANENT_WITH_DATES:
        lost.add(
            LossCode.PERMANENT_WITH_DATES,
            f"A period is permanent, or may be, and has dates ({said(period)}): the dates are left out.",
        )
        start = end = None
    elif period.doubt is not None:
        lost.add(
            LossCode.APPLICABILITY_NOT_STATED, "A period says no dates or times: all of the time is given."
        )
        start, end, schedule = None, None, ()
    first, last = _first(start, lost), _last(end, lost)
    first, last = max(first, valid[0]), min(last, valid[1])
    if first > last:
        return None
    return TimePeriod(
        None if first == BEGINNING else Moment(utc_text(first), first),
        None if last == END else _ending(last),
        _schedule(schedule, target, place, lost),
    )


def _ending(last: datetime) -> Moment:
    """Return the moment of an end in whole seconds, not before it; the last second of a minute is read as all of it."""
    up = last if not last.microsecond else shifted(last.replace(microsecond=0), timedelta(seconds=1))
    return Moment(utc_text(up), up)


def _first(start: Moment | None, lost: Lost) -> datetime:
    if start is None:
        return BEGINNING
    if start.at is None:
        _lose_date(start, lost)
        return BEGINNING
    if start.at.tzinfo is not None:
        return start.at.astimezone(UTC)
    _lose_offset(start.published, lost)
    return shifted(start.at.replace(tzinfo=UTC), -NAIVE_DOUBT)


def _last(end: Moment | None, lost: Lost) -> datetime:
    if end is None:
        return END
    if end.at is None:
        _lose_date(end, lost)
        return END
    at = end.at.replace(tzinfo=UTC) if end.at.tzinfo is None else end.at.astimezone(UTC)
    if at.second == 59:
        at = shifted(at.replace(microsecond=0), timedelta(seconds=1))
    if end.at.tzinfo is not None:
        return at
    _lose_offset(end.published, lost)
    return shifted(at, NAIVE_DOUBT)


def _lose_date(moment: Moment, lost: Lost) -> None:
    what = f"{moment.published[:60]!r} is not a date and time: no limit is given there."
    lost.add(LossCode.SCHEDULE_NOT_READABLE, what)


def _lose_offset(published: str, lost: Lost) -> None:
    what = f"{published[:60]!r} has no offset from UTC: all that it may mean is given."
    lost.add(LossCode.NAIVE_TIME, what)


def _schedule(
    schedule: tuple[DailyPeriod, ...], target: Target, place: Bounds, lost: Lost
) -> tuple[DailyPeriod, ...]:
    """Return a schedule without doubt; empty where it is all of the time."""
    unreadable = [
        entry
        for entry in schedule
        if not entry.days_readable or any(isinstance(end, UnreadableTime) for end in (entry.start, entry.end))
    ]
    if unreadable:
        what = f"A schedule cannot be read ({_entry_said(unreadable[0])[:80]}): all of the time is given."
        lost.add(LossCode.SCHEDULE_NOT_READABLE, what)
        return ()
    told: list[DailyPeriod] = []
    for entry in schedule:
        sunlit = any(isinstance(end, DaylightEvent) for end in (entry.start, entry.end))
        if _has_naive_end(entry):
            _lose_offset(_entry_said(entry), lost)
            told.append(_whole_days(entry, place))
        elif sunlit and not target.daylight:
            what = f"{target.name} has no sunrise or sunset ({_entry_said(entry)}): whole days are given."
            lost.add(LossCode.DAYLIGHT_EVENT, what)
            told.append(_whole_days(entry, place))
        else:
            told.append(_plain(entry))
    always = any(entry == _whole(frozenset(Weekday)) for entry in told)
    return () if always else tuple(dict.fromkeys(entry for entry in told if entry.days))


def _has_naive_end(entry: DailyPeriod) -> bool:
    ends = [end for end in (entry.start, entry.end) if end is not None]
    return not ends or any(isinstance(end, ClockTime) and end.utc_offset is None for end in ends)


def _plain(entry: DailyPeriod) -> DailyPeriod:
    """Return an entry with offsets or events, with both clock times where it has one, and no clock time of 24:00."""
    start, end, days = entry.start, entry.end, entry.days
    if start is None and isinstance(end, ClockTime):
        start = ClockTime("", 0.0, end.utc_offset)
    if end is None and isinstance(start, ClockTime):
        end = ClockTime("", 0.0, start.utc_offset)
    if isinstance(start, ClockTime) and start.seconds >= 86_400.0:
        start, days = replace(start, seconds=0.0), _later(days, 1)
    if isinstance(end, ClockTime) and end.seconds >= 86_400.0:
        end = replace(end, seconds=0.0)
    return DailyPeriod(days, _written(start), _written(end))


def _written(end: TimeOfDay | None) -> TimeOfDay | None:
    """Return a clock time published the way it is written here."""
    if not isinstance(end, ClockTime):
        return end
    assert end.utc_offset is not None
    us = round(end.seconds * 1_000_000)
    fraction = f".{us % 1_000_000:06}".rstrip("0") if us % 1_000_000 else ""
    minutes = end.utc_offset // timedelta(minutes=1)
    offset = (
        f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "Z"
    )
    whole = us // 1_000_000
    clock = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return ClockTime(f"{clock}{fraction}{offset}", us / 1_000_000, end.utc_offset)


def _later(days: frozenset[Weekday], by: int) -> frozenset[Weekday]:
    return frozenset(_WEEK[(_WEEK.index(day) + by) % 7] for day in days)


def _whole(days: frozenset[Weekday]) -> DailyPeriod:
    return DailyPeriod(days, _MIDNIGHT, _MIDNIGHT)


def _whole_days(entry: DailyPeriod, place: Bounds) -> DailyPeriod:
    """Return the whole days in UTC that an entry may reach into, anywhere in a box."""
    low_h, high_h = _reach_h(entry, place)
    first = floor(low_h / 24)
    last = max(first, ceil(high_h / 24) - 1)
    return _whole(frozenset().union(*(_later(entry.days, by) for by in range(first, last + 1))))


def _reach_h(entry: DailyPeriod, place: Bounds) -> tuple[float, float]:
    """Return the hours, from the midnight in UTC that begins a day of an entry, between which its turn lies."""
    start, end = entry.start, entry.end
    if isinstance(start, DaylightEvent):
        begins = _event_h(start, place)
    elif isinstance(start, ClockTime):
        begins = _clock_h(start)
    elif isinstance(end, ClockTime):
        begins = _clock_h(replace(end, seconds=0.0))
    elif isinstance(end, DaylightEvent):
        begins = _midnight_h(place)
    else:
        begins = -_BEFORE_H, _AFTER_H
    return begins[0], _latest_end_h(entry, begins, place)


def _latest_end_h(entry: DailyPeriod, begins: tuple[float, float], place: Bounds) -> float:
    start, end = entry.start, entry.end
    # In polar regions the next event may be more than a day away.
    longest = begins[1] + (36.0 if isinstance(end, DaylightEvent) else 24.0 + 1 / 60)
    if isinstance(end, DaylightEvent):
        event = _event_h(end, place)
        if start is None:
            return max(event[1], _midnight_h(place)[1] + 24.0)
        if isinstance(start, DaylightEvent):
            return event[1] + (0.0 if _ORDER.index(end) > _ORDER.index(start) else 24.0)
        if isinstance(start, ClockTime) and start.utc_offset is not None and not _may_be_polar(end, place):
            return event[1] + 24.0 * ceil((begins[1] - event[0]) / 24.0)
        return longest
    if isinstance(end, ClockTime) and end.utc_offset is not None and not isinstance(start, ClockTime):
        at = _clock_h(end)[1]
        return min(longest, at + 24.0 * (floor((begins[1] - at) / 24.0) + 1) + 1 / 60)
    if end is None and isinstance(start, DaylightEvent):
        return max(begins[1], _midnight_h(place)[1] + 24.0)
    naive = all(at is None or (isinstance(at, ClockTime) and at.utc_offset is None) for at in (start, end))
    if naive:
        seconds = [at.seconds if isinstance(at, ClockTime) else 0.0 for at in (start, end)]
        # An end that means the last second or minute of something runs to the next full minute.
        last = seconds[1] % 60.0 >= 59.0 or 86_340.0 <= seconds[1] < 86_400.0
        length_h = ((seconds[1] - seconds[0]) % 86_400.0 or 86_400.0) / 3600.0
        return begins[1] + length_h + (1 / 60 if last else 0.0)
    return longest


def _clock_h(at: ClockTime) -> tuple[float, float]:
    hours = at.seconds / 3600.0
    if at.utc_offset is None:
        return hours - _BEFORE_H, hours + _AFTER_H
    return (hours - at.utc_offset / timedelta(hours=1),) * 2


def _midnight_h(place: Bounds) -> tuple[float, float]:
    """Return when the mean solar day begins in a box, at the earliest and at the latest."""
    west, _, east, _ = place
    if west < -180.0 or east > 180.0:
        west, east = -180.0, 180.0
    return -east / 15.0, -west / 15.0


def _event_h(event: DaylightEvent, place: Bounds) -> tuple[float, float]:
    """Return between which hours an event of a day takes place, on any day of the year, anywhere in a box."""
    shortest_h, longest_h = (_half_day_h(event, place, season) for season in (-1, 1))
    low, high = _midnight_h(place)
    if event in (DaylightEvent.BMCT, DaylightEvent.SR):
        return low + 12.0 - longest_h - _EQUATION_H, high + 12.0 - shortest_h + _EQUATION_H
    return low + 12.0 + shortest_h - _EQUATION_H, high + 12.0 + longest_h + _EQUATION_H


def _may_be_polar(event: DaylightEvent, place: Bounds) -> bool:
    return _half_day_h(event, place, -1) <= 0.0 or _half_day_h(event, place, 1) >= 12.0


def _half_day_h(event: DaylightEvent, place: Bounds, season: int) -> float:
    """Return the hours from an event to noon where it is furthest from the equator, in winter (-1) or summer (1)."""
    lat, sun = radians(min(89.9, max(abs(place[1]), abs(place[3])))), radians(season * _STEEPEST_DEG)
    cosine = (sin(radians(_HORIZON_DEG[event])) - sin(lat) * sin(sun)) / (cos(lat) * cos(sun))
    return degrees(acos(min(1.0, max(-1.0, cosine)))) / 15.0

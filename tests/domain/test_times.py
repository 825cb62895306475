"""When a zone is in force: dates, clock times, doubts, and the laws of a timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zones_api.domain.applicability import Timeline, Window, timeline
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import (
    BEGINNING,
    END,
    difference,
    from_microseconds,
    intersection,
    meets,
    shifted,
    to_microseconds,
    union,
)
from zones_api.domain.truth import NO, YES, unknown
from zones_api.domain.zone import (
    ALWAYS,
    ClockTime,
    DailyPeriod,
    DaylightEvent,
    Moment,
    TimePeriod,
    UnreadableTime,
    Weekday,
)

HERE = (5.0, 52.0, 5.0, 52.0)
EVERY_DAY = frozenset(Weekday)
MON, TUE, WED, THU, FRI, SAT, SUN = (frozenset([day]) for day in Weekday)
NAIVE, UNREADABLE = unknown(Reason.NAIVE_TIME), unknown(Reason.SCHEDULE_NOT_READABLE)
SECOND, TICK = timedelta(seconds=1), timedelta.resolution


def utc(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of June 2026, whose first is a Monday."""
    return datetime(2026, 6, day, hour, minute, second, tzinfo=UTC)


WEEK = Window(utc(1), utc(8))


def clock(text: str, offset_hours: float | None = 0) -> ClockTime:
    """Return a clock time from HH:MM[:SS]."""
    parts = [float(part) for part in text.split(":")]
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return ClockTime(text, seconds, None if offset_hours is None else timedelta(hours=offset_hours))


def local(text: str) -> ClockTime:
    return clock(text, None)


def daily(start=None, end=None, days=EVERY_DAY, **more) -> DailyPeriod:
    return DailyPeriod(days, start, end, **more)


def scheduled(*entries: DailyPeriod, **more) -> tuple[TimePeriod, ...]:
    return (TimePeriod(schedule=entries, **more),)


def moment(at: datetime | None) -> Moment:
    return Moment("as published", at)


def period(start=None, end=None, **more) -> TimePeriod:
    return TimePeriod(start and moment(start), end and moment(end), **more)


def judged(periods, at, until=None):
    window = Window(at, until or at)
    return timeline(periods, window, HERE).during(window)


# --- dates ---


def test_a_zone_without_dates_is_in_force_throughout():
    assert timeline(ALWAYS, WEEK, HERE) == Timeline(((utc(1), utc(8)),), ((utc(1), utc(8)),))


def test_a_zone_without_periods_is_never_in_force():
    assert timeline((), WEEK, HERE) == Timeline((), ())


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2, 8) - TICK, NO),
        (utc(2, 8), YES),
        (utc(3, 8), YES),
        (utc(3, 8) + TICK, NO),
    ],
)
def test_both_dates_of_a_period_belong_to_it(at, expected):
    assert judged((period(utc(2, 8), utc(3, 8)),), at) == expected


@pytest.mark.parametrize(
    ("dates", "span"), [((None, utc(3)), (utc(1), utc(3))), ((utc(3), None), (utc(3), utc(8)))]
)
def test_a_missing_date_is_open_ended(dates, span):
    assert timeline((period(*dates),), WEEK, HERE).certain == (span,)


def test_any_of_several_periods_will_do():
    found = timeline((period(utc(2), utc(3)), period(utc(5), utc(6)), period(utc(3), utc(4))), WEEK, HERE)

    assert found.certain == found.possible == ((utc(2), utc(4)), (utc(5), utc(6)))


@pytest.mark.parametrize(("second", "ends"), [(58, utc(3, 23, 59, 58)), (59, utc(4)), (0, utc(3, 23, 59, 0))])
def test_an_end_with_59_seconds_runs_to_the_next_full_minute(second, ends):
    assert timeline((period(None, utc(3, 23, 59, second)),), WEEK, HERE).certain == ((utc(1), ends),)


def test_an_end_a_fraction_after_59_seconds_runs_to_the_same_full_minute():
    late = utc(3, 23, 59, 59) + timedelta(microseconds=900_000)

    assert timeline((period(None, late),), WEEK, HERE).certain == ((utc(1), utc(4)),)


@pytest.mark.parametrize("tz", [None, UTC])
def test_the_last_and_the_first_moment_of_the_calendar_are_dates_like_others(tz):
    first, last = datetime.min.replace(tzinfo=tz), datetime(9999, 12, 31, 23, 59, 59, tzinfo=tz)

    for window in (WEEK, Window(BEGINNING, BEGINNING), Window(END, END), Window(utc(1), END)):
        assert meets(timeline((period(first, last),), window, HERE).possible, (window.start, window.end))
    assert judged((period(first, last),), utc(1)) == YES


@pytest.mark.parametrize("ends", [(None, None), (clock("22:00"), clock("06:00")), (local("22:00"), None)])
def test_a_schedule_reaches_both_ends_of_the_calendar(ends):
    for at in (BEGINNING, END):
        assert judged(scheduled(daily(*ends)), at) != NO


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2, 22) - TICK, NO),
        (utc(2, 22), NAIVE),
        (utc(4, 2) - TICK, NAIVE),
        (utc(4, 2), YES),
        (utc(5, 22), YES),
        (utc(5, 22) + TICK, NAIVE),
        (utc(7, 2), NAIVE),
        (utc(7, 2) + TICK, NO),
    ],
)
def test_dates_without_an_offset_are_in_doubt_for_14_hours(at, expected):
    start, end = (day.replace(tzinfo=None) for day in (utc(3, 12), utc(6, 12)))

    assert judged((period(start, end),), at) == expected


@pytest.mark.parametrize(("at", "expected"), [(utc(2), UNREADABLE), (utc(4), UNREADABLE), (utc(6), NO)])
def test_a_start_that_cannot_be_read_is_possible_until_the_end(at, expected):
    unreadable = TimePeriod(moment(None), moment(utc(5)))

    assert judged((unreadable,), at) == expected


@pytest.mark.parametrize(("at", "expected"), [(utc(2), NO), (utc(4), UNREADABLE)])
def test_an_end_that_cannot_be_read_is_possible_from_the_start(at, expected):
    assert judged((TimePeriod(moment(utc(3)), moment(None)),), at) == expected


def test_dates_in_the_wrong_order_are_never():
    assert timeline((period(utc(5), utc(3)),), WEEK, HERE).possible == ()


# --- permanence ---


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(3, 12), YES),
        (utc(3, 7), NO),
        (utc(6, 12), unknown(Reason.PERMANENT_WITH_DATES)),
        (utc(6, 7), NO),
        (utc(1, 12), unknown(Reason.PERMANENT_WITH_DATES)),
    ],
)
def test_outside_the_dates_of_a_permanent_period_its_schedule_is_unknown(at, expected):
    periods = (
        period(
            utc(2),
            utc(5),
            schedule=(daily(clock("08:00"), clock("17:00")),),
            doubt=Reason.PERMANENT_WITH_DATES,
        ),
    )

    assert judged(periods, at) == expected


def test_outside_the_dates_of_a_permanent_period_what_the_schedule_leaves_open_stays_open():
    entry = daily(clock("08:00"), UnreadableTime("dusk"))
    periods = (period(utc(2), utc(5), schedule=(entry,), doubt=Reason.PERMANENT_WITH_DATES),)

    outside = judged(periods, utc(6))

    assert outside == unknown(Reason.PERMANENT_WITH_DATES, Reason.SCHEDULE_NOT_READABLE)


def test_a_period_that_says_nothing_is_possible_throughout():
    found = timeline((TimePeriod(doubt=Reason.APPLICABILITY_NOT_STATED),), WEEK, HERE)

    assert found == Timeline((), ((utc(1), utc(8)),), frozenset([Reason.APPLICABILITY_NOT_STATED]))


def test_a_doubt_that_another_period_settles_leaves_no_reason():
    doubtful = TimePeriod(moment(None))

    assert timeline((doubtful, TimePeriod()), WEEK, HERE).reasons == frozenset()
    assert timeline((doubtful, period(utc(2))), WEEK, HERE).reasons == {Reason.SCHEDULE_NOT_READABLE}
    assert timeline((doubtful, period(utc(1), utc(5))), Window(utc(2), utc(4)), HERE).reasons == frozenset()


def test_a_doubt_outside_the_dates_leaves_no_reason():
    periods = (period(utc(20), schedule=(daily(days_readable=False),)),)

    assert timeline(periods, WEEK, HERE) == Timeline((), ())


# --- clock times ---


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2, 8) - TICK, NO),
        (utc(2, 8), YES),
        (utc(2, 17), YES),
        (utc(2, 17) + TICK, NO),
        (utc(3, 12), NO),
        (utc(9, 12), YES),
    ],
)
def test_an_entry_is_in_force_on_its_days_both_ends_included(at, expected):
    assert judged(scheduled(daily(clock("08:00"), clock("17:00"), TUE)), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2, 22), YES),
        (utc(3, 5), YES),
        (utc(3, 6), YES),
        (utc(3, 6) + TICK, NO),
        (utc(2, 5), NO),
        (utc(3, 22), NO),
    ],
)
def test_an_end_before_its_start_belongs_to_the_day_it_starts_on(at, expected):
    assert judged(scheduled(daily(clock("22:00"), clock("06:00"), TUE)), at) == expected


def test_an_end_equal_to_the_start_is_24_hours():
    found = timeline(scheduled(daily(clock("09:00"), clock("09:00"), TUE)), WEEK, HERE)

    assert found.certain == ((utc(2, 9), utc(3, 9)),)


@pytest.mark.parametrize("end", ["24:00", "00:00", "23:59", "23:59:59", "23:59:30"])
def test_a_day_ends_at_its_end(end):
    found = timeline(scheduled(daily(clock("00:00"), clock(end), TUE)), WEEK, HERE)

    assert found.certain == ((utc(2), utc(3)),)


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ("17:29:59", utc(2, 17, 30)),
        ("17:29:59.9", utc(2, 17, 30)),
        ("17:29:58", utc(2, 17, 29, 58)),
        ("17:59", utc(2, 17, 59)),
        ("23:58", utc(2, 23, 58)),
        ("23:58:59", utc(2, 23, 59)),
    ],
)
def test_a_clock_end_with_59_seconds_runs_to_the_next_full_minute(end, until):
    found = timeline(scheduled(daily(clock("08:00"), clock(end), TUE)), WEEK, HERE)

    assert found.certain == ((utc(2, 8), until),)


def test_a_start_with_59_seconds_is_taken_as_it_is():
    found = timeline(scheduled(daily(clock("08:00:59"), clock("09:00"), TUE)), WEEK, HERE)

    assert found.certain == ((utc(2, 8, 0, 59), utc(2, 9)),)


def test_the_weekday_is_that_of_the_starts_own_offset():
    found = timeline(scheduled(daily(clock("01:00", 2), clock("03:00", 2), TUE)), WEEK, HERE)

    assert found.certain == ((utc(1, 23), utc(2, 1)),)


@pytest.mark.parametrize(
    ("offset", "starts"), [(14, utc(1, 10)), (-12, utc(2, 12)), (99, utc(5, 21) - timedelta(8))]
)
def test_an_offset_moves_a_turn_to_another_day(offset, starts):
    window = Window(utc(1) - timedelta(7), utc(8))

    found = timeline(scheduled(daily(clock("00:00", offset), clock("01:00", offset), TUE)), window, HERE)

    assert (starts, starts + timedelta(hours=1)) in found.certain


def test_the_ends_of_an_entry_may_have_different_offsets():
    found = timeline(scheduled(daily(clock("08:00", 2), clock("17:00", 0), TUE)), WEEK, HERE)

    assert found.certain == ((utc(2, 6), utc(2, 17)),)


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        (None, clock("06:00", 2), (utc(1, 22), utc(2, 4))),
        (clock("20:00", 2), None, (utc(2, 18), utc(2, 22))),
    ],
)
def test_a_missing_end_is_that_of_the_day_in_the_offset_of_the_other(start, end, span):
    assert timeline(scheduled(daily(start, end, TUE)), WEEK, HERE).certain == (span,)


def test_days_that_follow_each_other_are_one_span():
    found = timeline(scheduled(daily(clock("00:00"), clock("23:59"), TUE | WED | THU)), WEEK, HERE)

    assert found.certain == ((utc(2), utc(5)),)


def test_any_entry_of_a_schedule_will_do_within_the_dates():
    entries = (daily(clock("08:00"), clock("09:00"), TUE), daily(clock("20:00"), clock("21:00"), WED))

    found = timeline((period(utc(2, 8, 30), utc(4), schedule=entries),), WEEK, HERE)

    assert found.certain == ((utc(2, 8, 30), utc(2, 9)), (utc(3, 20), utc(3, 21)))


def test_an_entry_without_days_is_never():
    assert timeline(scheduled(daily(days=frozenset())), WEEK, HERE).possible == ()


@pytest.mark.parametrize(
    "entry",
    [
        daily(days=frozenset(), days_readable=False),
        daily(UnreadableTime("dawn"), clock("08:00")),
        daily(clock("08:00"), UnreadableTime("late")),
    ],
)
def test_an_entry_that_cannot_be_read_is_possible_throughout(entry):
    found = timeline(scheduled(entry), WEEK, HERE)

    assert found == Timeline((), ((utc(1), utc(8)),), frozenset([Reason.SCHEDULE_NOT_READABLE]))


# --- clock times without an offset ---


def test_every_day_without_an_offset_is_certain():
    for entry in (daily(), daily(local("00:00"), local("24:00")), daily(local("00:00"), local("23:59"))):
        assert timeline(scheduled(entry), WEEK, HERE) == timeline(ALWAYS, WEEK, HERE)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(1, 18) - TICK, NO),
        (utc(1, 18), NAIVE),
        (utc(3, 5), NAIVE),
        (utc(3, 5) + TICK, NO),
    ],
)
def test_a_clock_time_without_an_offset_is_possible_under_any_offset(at, expected):
    assert judged(scheduled(daily(local("08:00"), local("17:00"), TUE)), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(utc(1, 12) - TICK, NAIVE), (utc(1, 12), YES), (utc(4, 10), YES), (utc(4, 10) + TICK, NAIVE)],
)
def test_a_clock_time_without_an_offset_is_certain_under_every_offset(at, expected):
    assert judged(scheduled(daily(local("00:00"), local("23:59"), MON | TUE | WED | THU)), at) == expected


def test_entries_without_an_offset_are_put_together_before_they_are_doubted():
    split = scheduled(daily(local("00:00"), local("12:00")), daily(local("12:00"), local("24:00")))

    assert timeline(split, WEEK, HERE) == timeline(ALWAYS, WEEK, HERE)


def test_a_missing_end_beside_a_clock_time_without_an_offset_has_none_either():
    for entry in (daily(local("08:00"), None, TUE), daily(None, local("08:00"), TUE)):
        assert timeline(scheduled(entry), WEEK, HERE).reasons == {Reason.NAIVE_TIME}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (utc(2, 8) - TICK, NO),
        (utc(2, 8), YES),
        (utc(2, 8) + TICK, NAIVE),
        (utc(3, 8), NAIVE),
        (utc(3, 8) + TICK, NO),
    ],
)
def test_an_end_without_an_offset_is_some_time_in_the_24_hours_after_the_start(at, expected):
    assert judged(scheduled(daily(clock("08:00"), local("17:00"), TUE)), at) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [(utc(1, 18) - TICK, NO), (utc(1, 18), NAIVE), (utc(3, 17), NAIVE), (utc(3, 17) + TICK, NO)],
)
def test_a_start_without_an_offset_is_some_time_around_its_day(at, expected):
    assert judged(scheduled(daily(local("08:00"), clock("17:00"), TUE)), at) == expected


def test_a_clock_time_without_an_offset_mixes_with_an_event():
    for ends in ((local("08:00"), DaylightEvent.SS), (DaylightEvent.SR, local("20:00"))):
        found = timeline(scheduled(daily(*ends, WED)), WEEK, HERE)

        assert found.reasons == {Reason.NAIVE_TIME}
        assert meets(found.possible, (utc(3, 12), utc(3, 12)))
        assert not meets(found.possible, (utc(6), utc(6)))


# --- daylight; by the almanac of skyfield at 5 E 52 N ---

RISES, NEXT_RISES = utc(2, 3, 25, 14), utc(3, 3, 24, 29)
SETS, NEXT_SETS, DUSK = utc(2, 19, 51, 23), utc(3, 19, 52, 25), utc(2, 20, 38, 12)


@pytest.mark.parametrize(
    ("start", "end", "near"),
    [
        (DaylightEvent.SR, DaylightEvent.SS, (RISES, SETS)),
        (DaylightEvent.SS, DaylightEvent.SR, (SETS, NEXT_RISES)),
        (DaylightEvent.SS, DaylightEvent.EECT, (SETS, DUSK)),
        (DaylightEvent.SR, DaylightEvent.SR, (RISES, NEXT_RISES)),
        (DaylightEvent.SS, clock("22:00"), (SETS, utc(2, 22))),
        (DaylightEvent.SS, clock("19:00"), (SETS, utc(3, 19))),
        (clock("12:00"), DaylightEvent.SS, (utc(2, 12), SETS)),
        (clock("12:00"), DaylightEvent.SR, (utc(2, 12), NEXT_RISES)),
        (clock("21:00"), DaylightEvent.SS, (utc(2, 21), NEXT_SETS)),
        (None, DaylightEvent.SR, (utc(1, 23, 40), RISES)),
        (DaylightEvent.SS, None, (SETS, utc(2, 23, 40))),
    ],
)
def test_events_and_clock_times_mix(start, end, near):
    found = timeline(scheduled(daily(start, end, TUE)), WEEK, HERE)

    (span,) = found.certain
    assert found.reasons == frozenset()
    for ours, theirs, edge, outward in zip(span, near, (start, end), (-1, 1), strict=True):
        if isinstance(edge, DaylightEvent):
            assert abs(ours - theirs - outward * timedelta(minutes=2)) < timedelta(seconds=10)
        else:
            assert ours == theirs


def test_only_the_end_that_is_an_event_is_widened():
    found = timeline(scheduled(daily(DaylightEvent.SR, clock("12:00"), TUE)), WEEK, HERE)

    assert found.certain[0][1] == utc(2, 12)


# --- a timeline and a window in it ---


def test_touching_counts_within_a_timeline():
    found = timeline((period(utc(2), utc(3)),), WEEK, HERE)

    assert found.during(Window(utc(3), utc(4))) == YES
    assert found.during(Window(utc(3) + TICK, utc(4))) == NO
    assert found.during(Window(utc(1), utc(2))) == YES


def test_a_timeline_in_doubt_says_why():
    with pytest.raises(ValueError, match="reasons"):
        Timeline((), ((utc(1), utc(2)),))
    with pytest.raises(ValueError, match="reasons"):
        Timeline((), (), frozenset([Reason.NAIVE_TIME]))


def test_the_window_cuts_what_runs_past_it():
    found = timeline(scheduled(daily(clock("22:00"), clock("06:00"))), Window(utc(2, 5), utc(2, 23)), HERE)

    assert found.certain == ((utc(2, 5), utc(2, 6)), (utc(2, 22), utc(2, 23)))


# --- spans ---

_minutes = st.integers(0, 12)
_spans = st.lists(st.tuples(_minutes, _minutes).map(lambda ends: tuple(sorted(ends))), max_size=5)


def _as_spans(pairs):
    return union((from_microseconds(a), from_microseconds(b)) for a, b in pairs)


def _as_set(spans):
    return {n for a, b in spans for n in range(to_microseconds(a), to_microseconds(b) + 1)}


@settings(max_examples=1000)
@given(_spans, _spans)
def test_spans_are_sets_of_instants(one, other):
    a, b = _as_spans(one), _as_spans(other)

    assert _as_set(a) == {n for low, high in one for n in range(low, high + 1)}
    assert _as_set(union([*a, *b])) == _as_set(a) | _as_set(b)
    assert _as_set(intersection(a, b)) == _as_set(a) & _as_set(b)
    assert _as_set(difference(a, b)) == _as_set(a) - _as_set(b)
    assert all(meets(a, span) == bool(_as_set(a) & _as_set([span])) for span in b)


def test_spans_without_an_instant_between_them_are_one():
    assert union([(utc(1), utc(2)), (utc(2) + TICK, utc(3))]) == ((utc(1), utc(3)),)
    assert len(union([(utc(1), utc(2)), (utc(2) + 2 * TICK, utc(3))])) == 2


def test_a_span_without_a_start_or_an_end_keeps_none():
    assert shifted(BEGINNING, timedelta(1)) == BEGINNING
    assert shifted(END, -timedelta(1)) == END
    assert shifted(END - SECOND, timedelta(1)) == END
    assert shifted(BEGINNING + SECOND, -timedelta(1)) == BEGINNING
    assert union([(BEGINNING, END), (BEGINNING, utc(1))]) == ((BEGINNING, END),)
    assert difference(((BEGINNING, END),), ((BEGINNING, END),)) == ()


# --- laws ---

_moments = st.integers(-72, 14 * 24).map(lambda hours: utc(1) + timedelta(hours=hours))
_clocks = st.builds(
    lambda tens, offset: ClockTime(
        "", tens * 600.0 if tens < 145 else 86_340.0, offset and timedelta(minutes=offset[0])
    ),
    st.integers(0, 145),
    st.one_of(st.none(), st.tuples(st.sampled_from([-720, -210, 0, 60, 120, 345, 840]))),
)
_times = st.one_of(st.none(), _clocks, st.sampled_from(DaylightEvent), st.just(UnreadableTime("soon")))
_days = st.one_of(st.just(EVERY_DAY), st.frozensets(st.sampled_from(Weekday)))
_dates = st.one_of(
    st.none(),
    st.builds(lambda at, naive: moment(at.replace(tzinfo=None) if naive else at), _moments, st.booleans()),
    st.just(moment(None)),
)
_periods = st.builds(
    TimePeriod,
    _dates,
    _dates,
    st.lists(st.builds(DailyPeriod, _days, _times, _times), max_size=3).map(tuple),
    st.sampled_from([None, None, Reason.PERMANENT_WITH_DATES, Reason.APPLICABILITY_NOT_STATED]),
)
_places = st.sampled_from(
    [HERE, (18.0, 69.0, 19.0, 70.0), (179.5, -20.0, 180.5, -19.0), (0.0, 90.0, 0.0, 90.0)]
)


@st.composite
def _windows(draw):
    start, end = sorted((draw(_moments), draw(_moments)))
    return Window(start, end)


def _covers(outer, inner) -> bool:
    return difference(inner, outer) == ()


@settings(max_examples=1000)
@given(st.lists(_periods, max_size=3), _windows(), _windows(), _places)
def test_a_longer_window_says_the_same_about_a_shorter_one(periods, one, other, place):
    outer = Window(min(one.start, other.start), max(one.end, other.end))

    long, short = (timeline(tuple(periods), window, place) for window in (outer, one))

    asked = ((one.start, one.end),)
    assert intersection(long.certain, asked) == short.certain
    assert intersection(long.possible, asked) == short.possible
    assert short.reasons <= long.reasons
    assert long.during(outer).truth >= short.during(one).truth


@settings(max_examples=1000)
@given(st.lists(_periods, max_size=3), _windows(), _places)
def test_what_is_certain_is_possible_and_lies_in_the_window(periods, window, place):
    found = timeline(tuple(periods), window, place)

    assert _covers(found.possible, found.certain)
    assert _covers(((window.start, window.end),), found.possible)
    assert found.certain == union(found.certain)
    assert found.possible == union(found.possible)


@settings(max_examples=1000)
@given(st.lists(_periods, max_size=3), _periods, _windows(), _places)
def test_one_more_period_never_takes_anything_away(periods, more, window, place):
    fewer, all_ = (timeline(tuple(some), window, place) for some in (periods, [*periods, more]))

    assert _covers(all_.certain, fewer.certain)
    assert _covers(all_.possible, fewer.possible)
    assert all_.certain == union([*fewer.certain, *timeline((more,), window, place).certain])


# --- the same by counting minutes ---


def _minutes_in_force(entry: DailyPeriod, first: int, last: int, *, naive: bool) -> set[int]:
    """Walk from each start, minute by minute, to the first time a clock shows the end; days from 2026-06-01."""
    start, end = entry.start, entry.end
    start_offset, end_offset = (0 if naive else at.utc_offset // timedelta(minutes=1) for at in (start, end))
    found = set()
    for day in range(first, last):
        if list(Weekday)[day % 7] not in entry.days:
            continue
        minute = day * 1440 + int(start.seconds) // 60 - start_offset
        found.add(minute)
        while True:
            minute += 1
            found.add(minute)
            if (minute + end_offset) % 1440 == int(end.seconds) // 60 % 1440:
                break
        if end.seconds == 86_340:
            found.add(minute + 1)
    return found


def _minutes_of(spans) -> set[int]:
    found = set()
    for span in spans:
        a, b = ((at - utc(1)) / timedelta(minutes=1) for at in span)
        assert a.is_integer()
        assert b.is_integer()
        found |= set(range(int(a), int(b) + 1))
    return found


_offset_clocks = _clocks.filter(lambda at: at.utc_offset is not None)
_local_clocks = _clocks.filter(lambda at: at.utc_offset is None)


@settings(max_examples=1000)
@given(
    st.lists(st.builds(DailyPeriod, _days, _offset_clocks, _offset_clocks), min_size=1, max_size=2),
    st.integers(0, 6),
)
def test_a_schedule_is_what_a_watch_shows_minute_by_minute(entries, day):
    asked = Window(utc(1 + day), utc(3 + day))

    found = timeline(scheduled(*entries), asked, HERE)

    expected = set().union(*(_minutes_in_force(entry, day - 3, day + 4, naive=False) for entry in entries))
    assert _minutes_of(found.certain) == expected & set(range(day * 1440, (day + 2) * 1440 + 1))
    assert found.possible == found.certain


@settings(max_examples=1000)
@given(
    st.lists(st.builds(DailyPeriod, _days, _local_clocks, _local_clocks), min_size=1, max_size=3),
    st.integers(0, 6),
)
def test_a_schedule_without_offsets_is_tried_under_every_offset(entries, day):
    asked = Window(utc(1 + day), utc(2 + day))

    found = timeline(scheduled(*entries), asked, HERE)

    local_minutes = set().union(
        *(_minutes_in_force(entry, day - 3, day + 4, naive=True) for entry in entries)
    )
    first = day * 1440 - 12 * 60
    active = np.isin(np.arange(first, (day + 1) * 1440 + 14 * 60 + 1), list(local_minutes))
    # Row by row, what holds from 12 hours before a minute of the window to 14 hours after it.
    tried = np.lib.stride_tricks.sliding_window_view(active, 26 * 60 + 1)
    assert _minutes_of(found.certain) == set(np.flatnonzero(tried.all(axis=1)) + day * 1440)
    assert _minutes_of(found.possible) == set(np.flatnonzero(tried.any(axis=1)) + day * 1440)

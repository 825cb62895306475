"""Reading members that ED-269 and ED-318 share, and collecting every defect on the way.

In documents null, an empty string and an empty list count as absent, one value where a list belongs is a list
of one, and a number written as a string is that number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from zones_api.domain.altitude import (
    METRES_PER_FOOT,
    Height,
    Limit,
    VerticalExtent,
    VerticalReference,
)
from zones_api.domain.civil_time import clocks_change
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import Bilingual
from zones_api.domain.zone import (
    ClockTime,
    DailyPeriod,
    DaylightEvent,
    Flag,
    Moment,
    Purpose,
    Text,
    TimeOfDay,
    TimePeriod,
    UnreadableTime,
    Weekday,
    ZoneAuthority,
    ZoneType,
)
from zones_api.errors import Defect
from zones_api.formats import strict_json

COUNTRY_NOT_STATED = "ZZZ"
"""The country of zones that do not name theirs: a code that ISO 3166 leaves to its users."""
UNLIMITED = 99_999.0
"""The number national feeds write for "no upper limit"."""
UNLIMITED_FLIGHT_LEVEL = 999.0

_CLOCK = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_N = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"P(?:{_N}Y)?(?:{_N}M)?(?:{_N}W)?(?:{_N}D)?(?:T(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?", re.IGNORECASE
)
_LONGEST_YEAR_DAYS, _LONGEST_MONTH_DAYS = 366, 31
"""A lead time in years or months has no length of its own: whoever asks that long before is never late."""
_SPELLINGS = {"REQ_AUTHORISATION": ZoneType.REQ_AUTHORIZATION}
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass
class Found:
    """The defects found so far in one zone or document, each with its JSON pointer."""

    defects: list[Defect] = field(default_factory=list)

    def stop(self, code: str, pointer: str, detail: str | Bilingual) -> None:
        """Record a defect that refuses the whole document or draft."""
        english, dutch = (detail, None) if isinstance(detail, str) else (detail.en, detail.nl)
        self.defects.append(Defect(code, pointer, english, "stop", dutch))

    def quarantine(self, code: Reason, pointer: str, detail: str) -> None:
        """Record a defect that makes the zone impossible to evaluate."""
        self.defects.append(Defect(code, pointer, detail, "quarantine"))

    def flag(self, code: Reason, pointer: str, detail: str) -> None:
        """Record a doubt that leaves the zone in force and goes with every answer about it."""
        self.defects.append(Defect(code, pointer, detail, "flag"))

    def note(self, code: Reason, pointer: str, detail: str) -> None:
        """Record a departure from the format that changes no answer."""
        self.defects.append(Defect(code, pointer, detail, "note"))

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The doubts that go with the zone, without repetitions."""
        flags = (Flag(Reason(d.code), d.pointer, d.detail) for d in self.defects if d.severity == "flag")
        return tuple(dict.fromkeys(flags))

    @property
    def quarantined(self) -> bool:
        """Whether anything was found that sets the zone aside."""
        return any(defect.severity == "quarantine" for defect in self.defects)


def absent(value: Any) -> bool:
    """Say whether a value counts as not given."""
    return value is None or value in ("", [])


def as_list(value: Any) -> list[Any]:
    """Return a list of what was given: nothing, one or many."""
    if absent(value):
        return []
    return list(value) if isinstance(value, list) else [value]


def as_number(value: Any) -> float | None:
    """Return a number, also from a string that is one; None where there is none to be read."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def as_text(value: Any) -> str | None:
    """Return a text without the blanks around it, None where there is none."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def shown(value: Any) -> str:
    """Return a value as it is shown to people: a text as it is, anything else as the one JSON text that it has."""
    return value if isinstance(value, str) else strict_json.canonical(value).decode()


def word(kind: type[_Word], value: Any) -> _Word | None:
    """Return the member of an enumeration that a published word means, whatever its case and blanks."""
    text = (as_text(value) or "").upper().replace(" ", "_")
    return kind(text) if text in kind.__members__ else None


def region(value: Any) -> int | None:
    """Return the number of a region, None where there is none to be read."""
    number = as_number(value)
    return int(number) if number is not None and number.is_integer() and 0 <= number <= 65_535 else None


def zone_type(value: Any, found: Found, at: str, spelled: str) -> tuple[ZoneType | None, str]:
    """Return what a zone requires and the word as published; `spelled` is how this format writes authorisation."""
    published = as_text(value) or ""
    upper = published.upper().replace(" ", "_")
    recognised = word(ZoneType, published) or _SPELLINGS.get(upper)
    if recognised is None:
        found.flag(Reason.RESTRICTION_UNRECOGNISED, at, f"The restriction {published!r} is not a known word.")
    elif recognised is ZoneType.REQ_AUTHORIZATION and upper != spelled:
        found.note(Reason.MEMBER_INVALID, at, f"{published!r} is another format's spelling of {spelled}.")
    return recognised, published


def texts(value: Any, found: Found, at: str, *, tagged: bool) -> tuple[Text, ...]:
    """Return texts in their languages; `tagged` formats want each to name its language."""
    result = []
    for number, item in enumerate(as_list(value)):
        lang = as_text(item.get("lang")) if isinstance(item, dict) else None
        text = as_text(item.get("text")) if isinstance(item, dict) else as_text(item)
        if text is None:
            found.note(Reason.MEMBER_INVALID, f"{at}/{number}", "This text is empty or not a text.")
            continue
        if tagged and lang is None:
            found.note(Reason.MEMBER_MISSING, f"{at}/{number}/lang", "The text does not name its language.")
        result.append(Text(text, lang))
    return tuple(result)


def extent(
    lower: Any,
    lower_reference: Any,
    upper: Any,
    upper_reference: Any,
    unit: Any,
    found: Found,
    at: dict[str, str],
) -> VerticalExtent:
    """Return a zone's heights; `at` has the JSON pointers of "lower", "upper" and "unit".

    A unit and a reference matter only for a limit that needs one. The lower limit needs none where it is absent
    or zero (the surface), the upper where it is absent, 99999 or flight level 999 (unlimited).
    """
    metres = {"M": 1.0, "FT": METRES_PER_FOOT}.get((as_text(unit) or "").upper())
    flight_level = (as_text(unit) or "").upper() == "FL"

    def read(value: Any, reference: Any, end: str, boundless: tuple[float, ...]) -> Limit | Reason | None:
        number = None if absent(value) else as_number(value)
        if absent(value) or number in boundless:
            return None
        datum = word(VerticalReference, reference)
        datum = None if datum is VerticalReference.TAKEOFF else datum
        if number is None or datum is None or metres is None:
            what = "number" if number is None else "reference" if datum is None else "unit"
            found.flag(Reason.LIMIT_UNREADABLE, at[end], f"The {end} limit's {what} cannot be read.")
            return Reason.LIMIT_UNREADABLE
        return Limit(Height(number * metres, datum), number, str(unit).strip())

    sentinels = (UNLIMITED, UNLIMITED_FLIGHT_LEVEL) if flight_level else (UNLIMITED,)
    low = read(lower, lower_reference, "lower", (0.0,))
    top_at_zero = not absent(upper) and as_number(upper) == 0.0
    if low is None and top_at_zero:
        found.flag(Reason.LIMITS_MEANINGLESS, at["upper"], "Both height limits are zero or the surface.")
        return VerticalExtent(doubt=Reason.LIMITS_MEANINGLESS)
    high = read(upper, upper_reference, "upper", sentinels)
    if isinstance(low, Reason) or isinstance(high, Reason):
        return VerticalExtent(doubt=Reason.LIMIT_UNREADABLE)
    return VerticalExtent(low, high)


def moment(value: Any, found: Found, at: str) -> Moment | None:
    """Return a date and time as published, in UTC where an offset was given; None where nothing was."""
    if absent(value):
        return None
    read = date_time(value)
    if read is None:
        found.flag(Reason.SCHEDULE_NOT_READABLE, at, f"{shown(value)[:60]!r} is not a date and time.")
    elif read.tzinfo is None:
        found.flag(Reason.NAIVE_TIME, at, f"{value!r} has no offset from UTC.")
    return Moment(shown(value), read)


def date_time(value: Any) -> datetime | None:
    """Return an RFC 3339 date-time, naive where no offset was given, None where it is not one."""
    match = _DATE_TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    date, clock, seconds, fraction, offset = match.groups()
    iso = f"{date}T{clock}:{seconds or '00'}{(fraction or '')[:7]}{_colon(offset)}"
    try:
        read = datetime.fromisoformat(iso)
        return read if read.tzinfo is None else (read - read.utcoffset()).replace(tzinfo=UTC)  # type: ignore[operator]
    except (ValueError, OverflowError):
        return None


def periods(value: Any, found: Found, at: str, *, has_permanent: bool) -> tuple[TimePeriod, ...]:
    """Return the periods of ED-318's `limitedApplicability` or, with `permanent`, of ED-269's `applicability`."""
    result = []
    for number, item in enumerate(as_list(value)):
        here = f"{at}/{number}"
        if not isinstance(item, dict):
            found.flag(Reason.SCHEDULE_NOT_READABLE, here, "This period is not an object.")
            result.append(TimePeriod(start=Moment(shown(item)[:60], None)))
            continue
        start = moment(item.get("startDateTime"), found, f"{here}/startDateTime")
        end = moment(item.get("endDateTime"), found, f"{here}/endDateTime")
        schedule = tuple(
            entry
            for name in ("schedule", "dailyPeriod")
            for entry in daily_periods(item.get(name), found, f"{here}/{name}")
        )
        doubt = _permanence(item, start, end, schedule, found, here) if has_permanent else None
        result.append(TimePeriod(start, end, schedule, doubt))
    return tuple(result)


def _is_permanent(value: Any, found: Found, at: str) -> bool | None:
    """Say whether a period is permanent; None where that cannot be read, which is flagged."""
    word_ = str(value).strip().upper()
    if absent(value) or word_ in ("NO", "N", "FALSE"):
        return False
    if word_ not in ("YES", "Y", "TRUE"):
        found.flag(Reason.MEMBER_INVALID, at, f"{shown(value)[:60]!r} is neither YES nor NO.")
        return None
    return True


def flag_fixed_hours(periods: tuple[TimePeriod, ...], country: str | None, found: Found, at: str) -> None:
    """Flag clock times in UTC for more than half a year in which the country's clocks change.

    A schedule for a shorter time may well have been written in UTC on purpose, and one for a winter or a summer was.
    """
    for number, period in enumerate(periods):
        clocks = [end for daily in period.schedule for end in (daily.start, daily.end)]
        in_utc = any(isinstance(end, ClockTime) and end.utc_offset == timedelta(0) for end in clocks)
        if in_utc and _is_lasting(period, country or ""):
            what = "The weekly times stay in UTC all year, though the country's clocks change for summer."
            found.flag(Reason.SCHEDULE_WITHOUT_DST, f"{at}/{number}", what)


def _is_lasting(period: TimePeriod, country: str) -> bool:
    start, end = (
        moment.at.replace(tzinfo=UTC) if moment and moment.at else None
        for moment in (period.start, period.end)
    )
    is_short = start is not None and end is not None and end - start <= timedelta(days=183)
    return not is_short and clocks_change(country, start, end)


def _permanence(
    item: dict[str, Any],
    start: Moment | None,
    end: Moment | None,
    schedule: tuple[DailyPeriod, ...],
    found: Found,
    at: str,
) -> Reason | None:
    permanent = _is_permanent(item.get("permanent"), found, f"{at}/permanent")
    if permanent is not False and (start or end):
        found.flag(Reason.PERMANENT_WITH_DATES, at, "The period is permanent, or may be, and has dates.")
        return Reason.PERMANENT_WITH_DATES
    if not permanent and not (start or end or schedule):
        found.flag(
            Reason.APPLICABILITY_NOT_STATED, at, "The period is not permanent and says no dates or times."
        )
        return Reason.APPLICABILITY_NOT_STATED
    return None


def daily_periods(value: Any, found: Found, at: str) -> tuple[DailyPeriod, ...]:
    """Return the entries of a weekly schedule; one that says nothing at all limits nothing and is passed over."""
    result = []
    for number, item in enumerate(as_list(value)):
        here = f"{at}/{number}"
        if not isinstance(item, dict):
            found.flag(Reason.SCHEDULE_NOT_READABLE, here, "This entry of the schedule is not an object.")
            result.append(DailyPeriod(frozenset(), days_readable=False))
            continue
        if all(absent(member) for member in item.values()):
            if len(as_list(value)) == 1:
                found.note(Reason.MEMBER_INVALID, here, "This entry of the schedule says nothing.")
                continue
            found.flag(Reason.SCHEDULE_NOT_READABLE, here, "This entry says nothing, beside others that do.")
            result.append(DailyPeriod(frozenset(), days_readable=False))
            continue
        days = [as_text(day) or "" for day in as_list(item.get("day"))]
        known = {day.upper() for day in days} <= {*Weekday.__members__, "ANY"}
        if not known or not days:
            found.flag(Reason.SCHEDULE_NOT_READABLE, f"{here}/day", "The days cannot be read.")
        every = "ANY" in {day.upper() for day in days}
        result.append(
            DailyPeriod(
                frozenset(Weekday if every else (Weekday(day.upper()) for day in days) if known else ()),
                _time_of_day(item, "start", found, here),
                _time_of_day(item, "end", found, here),
                days_readable=known and bool(days),
            )
        )
    return tuple(result)


def _time_of_day(item: dict[str, Any], end: str, found: Found, at: str) -> TimeOfDay | None:
    event, clock = item.get(f"{end}Event"), item.get(f"{end}Time")
    if absent(event) and absent(clock):
        return None
    if not absent(event) and not absent(clock):
        found.flag(
            Reason.SCHEDULE_NOT_READABLE, f"{at}/{end}Time", "A clock time and a daylight event together."
        )
        return UnreadableTime(f"{shown(clock)} {shown(event)}")
    if not absent(event):
        read: TimeOfDay | None = word(DaylightEvent, event)
        name, value = f"{end}Event", event
    else:
        read, name, value = _clock_time(clock), f"{end}Time", clock
    if read is None:
        found.flag(Reason.SCHEDULE_NOT_READABLE, f"{at}/{name}", f"{shown(value)[:60]!r} is not a time.")
        return UnreadableTime(shown(value))
    if isinstance(read, ClockTime) and read.utc_offset is None:
        found.flag(Reason.NAIVE_TIME, f"{at}/{name}", f"{value!r} has no offset from UTC.")
    return read


def _clock_time(value: Any) -> ClockTime | None:
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    hours, minutes, seconds, offset = match.groups()
    after_midnight = int(hours) * 3600 + int(minutes) * 60 + float(seconds or 0)
    if int(minutes) > 59 or float(seconds or 0) >= 60 or after_midnight > 86_400:
        return None
    return ClockTime(value.strip(), after_midnight, _offset(offset))


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text.upper() == "Z":
        return timedelta(0)
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    if minutes > 14 * 60:
        return None
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)


def _colon(offset: str | None) -> str:
    if offset is None or offset.upper() == "Z":
        return "+00:00" if offset else ""
    return offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"


def authorities(value: Any, found: Found, at: str, *, tagged: bool) -> tuple[ZoneAuthority, ...]:
    """Return whom to ask, as far as it can be read."""
    result = []
    for number, item in enumerate(as_list(value)):
        here = f"{at}/{number}"
        if not isinstance(item, dict):
            found.note(Reason.MEMBER_INVALID, here, "This authority is not an object.")
            continue
        purpose = word(Purpose, item.get("purpose"))
        if purpose is None:
            what = "does not say its purpose" if absent(item.get("purpose")) else "has an unknown purpose"
            found.note(Reason.MEMBER_MISSING, f"{here}/purpose", f"The authority {what}.")
        interval = as_text(item.get("intervalBefore"))
        lead_time = _duration(interval) if interval else None
        if interval and lead_time is None:
            found.note(
                Reason.MEMBER_INVALID, f"{here}/intervalBefore", f"{interval!r} is not an ISO 8601 duration."
            )
        names, services, contacts = (
            texts(item.get(member), found, f"{here}/{member}", tagged=tagged)
            for member in ("name", "service", "contactName")
        )
        result.append(
            ZoneAuthority(
                purpose=purpose,
                name=names,
                service=services,
                contact_name=contacts,
                site_url=_contact(item.get("siteURL")),
                email=_contact(item.get("email")),
                phone=_contact(item.get("phone")),
                interval_before=interval,
                lead_time=lead_time,
            )
        )
    if not result:
        found.note(Reason.MEMBER_MISSING, at, "The zone names no authority.")
    return tuple(result)


def _contact(value: Any) -> str | None:
    """Return one line of contact, also where a feed wraps it in a list or a tagged text."""
    parts = [as_text(item.get("text") if isinstance(item, dict) else item) for item in as_list(value)]
    return "; ".join(part for part in parts if part) or None


def _duration(text: str) -> timedelta | None:
    """Return the length of an ISO 8601 duration, the longest that years and months can be; decimals are read too."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (
        float((group or "0").replace(",", ".")) for group in match.groups()
    )
    days += years * _LONGEST_YEAR_DAYS + months * _LONGEST_MONTH_DAYS
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def duration(length: timedelta) -> str:
    """Return a length of time as ISO 8601 has it, in days, hours, minutes and seconds."""
    seconds = length.seconds
    clock = "".join(
        f"{count}{unit}"
        for count, unit in ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
        if count
    )
    days = f"{length.days}D" if length.days else ""
    return f"P{days}{f'T{clock}' if clock else ''}" if days or clock else "PT0S"

"""A published UAS geographical zone (Article 15 of Regulation (EU) 2019/947; ED-269, ED-318)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from zones_api.domain.altitude import VerticalExtent
from zones_api.domain.geometry import Circle, Footprint, Polygon, Spot, footprint
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import BEGINNING, END, Span


class ZoneType(StrEnum):
    """What a zone requires, in ED-318's words. ED-269 calls it `restriction`."""

    USPACE = "USPACE"
    PROHIBITED = "PROHIBITED"
    REQ_AUTHORIZATION = "REQ_AUTHORIZATION"
    CONDITIONAL = "CONDITIONAL"
    NO_RESTRICTION = "NO_RESTRICTION"


class Purpose(StrEnum):
    """What one asks an authority for."""

    AUTHORIZATION = "AUTHORIZATION"
    NOTIFICATION = "NOTIFICATION"
    INFORMATION = "INFORMATION"


class DaylightEvent(StrEnum):
    """Begin of morning civil twilight, sunrise, sunset, end of evening civil twilight (ED-318)."""

    BMCT = "BMCT"
    SR = "SR"
    SS = "SS"
    EECT = "EECT"


class Weekday(StrEnum):
    """ED-318's day words, in the order of `datetime.weekday()`."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as published; `lang` is None where the publisher did not say."""

    text: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneAuthority:
    """Whom to ask. `interval_before` is the published ISO 8601 duration, `lead_time` the same if readable."""

    purpose: Purpose | None = None
    name: tuple[Text, ...] = ()
    service: tuple[Text, ...] = ()
    contact_name: tuple[Text, ...] = ()
    site_url: str | None = None
    email: str | None = None
    phone: str | None = None
    interval_before: str | None = None
    lead_time: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time as published. `at` is aware, naive where no offset was given, None if unreadable."""

    published: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day: seconds after midnight in `utc_offset`, which is None where none was given."""

    published: str
    seconds: float
    utc_offset: timedelta | None


@dataclass(frozen=True, slots=True)
class UnreadableTime:
    """A time of day that is not in any form we know."""

    published: str


TimeOfDay = ClockTime | DaylightEvent | UnreadableTime


@dataclass(frozen=True, slots=True)
class DailyPeriod:
    """From `start` to `end` on each of `days`; a missing start or end is that of the day."""

    days: frozenset[Weekday]
    start: TimeOfDay | None = None
    end: TimeOfDay | None = None
    days_readable: bool = True


@dataclass(frozen=True, slots=True)
class TimePeriod:
    """Dates (a missing one is open-ended) and a weekly schedule (none is all the time).

    `doubt` is PERMANENT_WITH_DATES where, outside the dates, the zone may apply all the same, and
    APPLICABILITY_NOT_STATED where an ED-269 period says neither that it is permanent nor when.
    """

    start: Moment | None = None
    end: Moment | None = None
    schedule: tuple[DailyPeriod, ...] = ()
    doubt: Reason | None = None


ALWAYS: tuple[TimePeriod, ...] = (TimePeriod(),)


@dataclass(frozen=True)
class AirspaceVolume:
    """A footprint through heights."""

    shapes: tuple[Polygon | Circle | Spot, ...]
    vertical: VerticalExtent

    @cached_property
    def footprints(self) -> tuple[Footprint, ...]:
        """Where the volume certainly and possibly is, one for each shape; computed once."""
        return tuple(footprint(shape) for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class CodedCondition:
    """What an authority requires of the operations that a condition fits; None fits any operation.

    Masses are in grams, heights in metres above ground at the flight's top, both inclusive. A fitting flight
    whose top may be above `then_max_height_m` is prohibited.
    """

    then: ZoneType
    then_max_height_m: float | None = None
    category: frozenset[str] | None = None
    subcategory: frozenset[str] | None = None
    uas_class: frozenset[str] | None = None
    max_takeoff_mass_g: float | None = None
    vlos: bool | None = None
    max_height_m: float | None = None


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """What somebody reviewed an exact published text to mean, on a date and by a source; it may only be stricter."""

    text: str
    conditions: tuple[CodedCondition, ...]
    source: str
    reviewed_on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What an organisation decided of a zone that was set aside: another version of it applies, or it is gone.

    `feature` is the digest of the zone as published, and `pointer` where that stands in the document now; None where
    it stands there no more: the decision is then void, and its version only the last good one. `version` names the
    version in its place, None is gone. `last_good` is the version and format that the publisher's own documents left
    in force, None if none. `bounds` is the box of what was set aside, None is anywhere in its data set.
    """

    feature: str
    pointer: str | None
    country: str
    identifier: str | None
    version: str | None
    last_good: tuple[str, str] | None
    organisation: str
    decided_at: datetime
    revision: int
    legal_basis: str
    reason: str | None = None
    bounds: tuple[float, float, float, float] | None = None

    @property
    def stands(self) -> bool:
        """Whether the publisher's document still has what was decided on."""
        return self.pointer is not None


@dataclass(frozen=True, slots=True)
class Flag:
    """A doubt about a zone's data that leaves it in force."""

    reason: Reason
    pointer: str
    detail: str


@dataclass(frozen=True)
class UASZone:
    """One published version of a zone. `published_type` is the publisher's own word.

    `uspace_class` is ED-269's word for the services that a zone requires, `data_source` ED-318's on where it is from.
    """

    country: str
    identifier: str
    type: ZoneType | None
    published_type: str
    volumes: tuple[AirspaceVolume, ...]
    applicability: tuple[TimePeriod, ...] = ALWAYS
    variant: str | None = None
    name: tuple[Text, ...] = ()
    restriction_conditions: str | None = None
    coded_conditions: tuple[CodedCondition, ...] = ()
    reason: tuple[str, ...] = ()
    other_reason_info: tuple[Text, ...] = ()
    regulation_exemption: str | None = None
    message: tuple[Text, ...] = ()
    authorities: tuple[ZoneAuthority, ...] = ()
    extended_properties: dict[str, object] = field(default_factory=dict)
    region: int | None = None
    uspace_class: str | None = None
    data_source: dict[str, object] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()

    @property
    def footprints(self) -> tuple[Footprint, ...]:
        """Where any of the volumes is."""
        return tuple(shape for volume in self.volumes for shape in volume.footprints)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, around everything the zone possibly covers."""
        boxes = [shape.bounds for shape in self.footprints]
        wests, souths, easts, norths = zip(*boxes, strict=True)
        return min(wests), min(souths), max(easts), max(norths)

    @property
    def may_exempt(self) -> bool:
        """Whether the zone may exempt someone from another zone's rule; it never lifts one by itself."""
        return (
            self.type is ZoneType.NO_RESTRICTION
            or self.variant == "CUSTOMIZED"
            or (self.regulation_exemption or "").upper() == "YES"
            or "EXCLUDED" in (self.restriction_conditions or "").upper()
        )


@dataclass(frozen=True)
class PublishedZone:
    """A zone as the register holds it: `data_set` names its document, `version` is the digest of its content.

    `valid` is when the register says that this version is in force, besides what the zone itself says of its
    times. `legal_basis` is what the authority that published it rests on, None where its format has no such member.
    `reading` is what its texts are read as, where that is switched on for its data set.
    `format` is the one that its content was read in. `mended` is the decision that put it in the place of what its
    publisher published, None where it is as published.
    """

    zone: UASZone
    data_set: str
    version: str
    valid: Span = (BEGINNING, END)
    legal_basis: str | None = None
    reading: tuple[ReadingRow, ...] = ()
    format: str = ""
    mended: Decision | None = None

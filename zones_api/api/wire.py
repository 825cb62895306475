"""The wire shape of an answer: what callers of the web get and `--json` prints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, Field

from zones_api.domain.altitude import VerticalReference
from zones_api.domain.reasons import Reason

OutcomeName = Literal[
    "NO_ZONE", "INFORMATION", "CONDITIONAL", "USPACE", "AUTHORIZATION_REQUIRED", "UNRECOGNISED", "PROHIBITED"
]


FROM = Field(validation_alias=AliasChoices("from", "start"), serialization_alias="from")
TO = Field(validation_alias=AliasChoices("to", "end"), serialization_alias="to")
"""Python keeps the word `from` for itself; both aliases are given, so that the description says what is sent."""


class BothLanguages(BaseModel):
    """A text of the service, in English and Dutch."""

    en: str
    nl: str


class PublishedText(BaseModel):
    """A text of a publisher, untranslated."""

    text: str
    lang: str | None


class ReasonOut(BaseModel):
    """Why something cannot be told, or what to know about the data."""

    code: Reason
    sentence: BothLanguages


class HeightOut(BaseModel):
    """A height in metres above its reference."""

    metres: float
    reference: VerticalReference


class AskedHeights(BaseModel):
    """`lower` null is the ground, `upper` null is without limit."""

    lower: HeightOut | None
    upper: HeightOut | None


class AskedLeg(BaseModel):
    """A leg as it was decided: its positions, and the buffer around it."""

    type: str
    ends: Annotated[
        list[list[float]], Field(description="The point, or the two ends of a leg; none for an area")
    ]
    bounds: Annotated[list[float], Field(description="west, south, east, north in degrees, with the buffer")]
    heights: Annotated[
        AskedHeights | None,
        Field(
            description="Where each leg has heights of its own: those of this one",
            exclude_if=lambda heights: heights is None,
        ),
    ] = None


class OperationOut(BaseModel):
    """What flies, as far as it was stated."""

    category: str | None
    subcategory: str | None
    uas_class: str | None
    takeoff_mass_g: float | None
    vlos: bool | None


class Asked(BaseModel):
    """The question as it was understood. Where each leg has heights of its own, `heights` is what they all lie within."""

    digest: Annotated[
        str, Field(description="SHA-256 of what was asked; the same question has the same digest")
    ]
    legs: list[AskedLeg]
    buffer_m: float
    heights: AskedHeights
    start: Annotated[datetime, FROM]
    end: Annotated[datetime, TO]
    operation: OperationOut
    ground_elevation_m: float | None
    geoid_undulation_m: float | None
    takeoff_elevation_m: float | None


class LimitOut(BaseModel):
    """A height limit as published, and in metres above the ground here (a range where that is not exact)."""

    published: float
    uom: str
    reference: VerticalReference
    metres: float
    above_ground_here_m: tuple[float, float]


class LimitsOut(BaseModel):
    """`lower` null is the surface, `upper` null is no limit."""

    lower: LimitOut | None
    upper: LimitOut | None
    doubt: Reason | None


class TimeOut(BaseModel):
    """A moment in UTC and in the zone's civil time (null where its country's is not known)."""

    utc: datetime
    local: datetime | None
    time_zone: Annotated[str | None, Field(description="IANA name")]


class AuthorityOut(BaseModel):
    """Whom to ask."""

    purpose: str | None
    name: list[PublishedText]
    service: list[PublishedText]
    contact_name: list[PublishedText]
    site_url: str | None
    email: str | None
    phone: str | None
    interval_before: Annotated[str | None, Field(description="How long before the flight to ask, ISO 8601")]
    ask_by: Annotated[
        TimeOut | None, Field(description="The start of the question less that, where it can be read")
    ]


class FlagOut(BaseModel):
    """Something doubtful in the zone's data."""

    code: Reason
    pointer: str
    detail: str
    dutch: str


class ReadingOut(BaseModel):
    """What a published text is read as, beside what is published; it may only be stricter."""

    text: Annotated[str, Field(description="The published text, letter for letter")]
    conditions: Annotated[
        list[dict[str, Any]], Field(description="As `extendedProperties.coded_conditions` are written")
    ]
    source: str
    reviewed_on: date


class DecisionOut(BaseModel):
    """What was decided of a zone that its publisher published in a form that cannot be evaluated."""

    data_set: str
    country: str
    identifier: Annotated[str | None, Field(description="Null where it has none that can be read")]
    decision: Literal["mended", "gone"]
    by: Annotated[str, Field(description="The organisation")]
    at: datetime
    revision: int
    legal_basis: str
    reason: str | None
    stands: Annotated[
        bool,
        Field(description="False where its publisher changed it since: it is set aside again meanwhile"),
    ]
    sentence: BothLanguages


class ZoneOut(BaseModel):
    """A zone, as published; or where `mended` says so, as it was put in the place of what was published."""

    country: str
    identifier: str
    version: Annotated[str, Field(description="Digest of the zone's content")]
    data_set: str
    name: list[PublishedText]
    type: Annotated[str | None, Field(description="In ED-318's words; null where the word is not known")]
    published_type: Annotated[str, Field(description="The publisher's own word")]
    variant: str | None
    legal_basis: Annotated[
        str | None,
        Field(description="What the authority that published it here rests on; null as its publisher has it"),
    ]
    reason: list[str]
    limits: LimitsOut
    conditions: str | None
    coded_conditions: Annotated[
        bool, Field(description="Whether its authority coded conditions; `outcome` is what they require")
    ]
    reading: Annotated[
        list[ReadingOut],
        Field(description="What its texts are read as, where its data set is read with a table"),
    ]
    mended: Annotated[
        DecisionOut | None, Field(description="Who decided that it applies; null where it is as published")
    ]
    message: list[PublishedText]
    authorities: list[AuthorityOut]
    may_exempt: Annotated[
        bool, Field(description="The zone may exempt someone from another; it never lifts one here")
    ]
    flags: list[FlagOut]


class CrossingOut(BaseModel):
    """Where a leg goes into or out of a zone."""

    position: Annotated[list[float], Field(description="Longitude, latitude")]
    distance_m: Annotated[float, Field(description="Metres from the leg's start")]


class PassageOut(BaseModel):
    """A stretch of a leg inside a zone, or within the buffer of it."""

    entry: CrossingOut
    exit: CrossingOut


class HeightsAboveGround(BaseModel):
    """Metres above ground, outward where the ground is not known exactly; `upper` null is without limit."""

    lower: float
    upper: float | None


class EncounterOut(BaseModel):
    """One volume of a zone on one leg: where, and at which heights the flight may be in it."""

    leg: int
    applies: Literal["yes", "unknown"]
    passages: list[PassageOut]
    heights_above_ground_m: HeightsAboveGround


class ActiveOut(BaseModel):
    """A span of the window in which the zone is in force, or may be."""

    start: Annotated[TimeOut, FROM]
    end: Annotated[TimeOut, TO]
    certain: bool


class AppliesOut(ZoneOut):
    """A zone that applies, or of which that cannot be told."""

    applies: Literal["yes", "unknown"]
    outcome: Annotated[
        OutcomeName,
        Field(description="What it requires, after its coded conditions and the reading of its texts if any"),
    ]
    outcome_as_published: Annotated[
        OutcomeName, Field(description="The same without the reading of its texts")
    ]
    reasons: list[ReasonOut]
    legs: Annotated[list[int], Field(description="The legs it is met on, counted from 0")]
    encounters: list[EncounterOut]
    active: Annotated[list[ActiveOut], Field(description="When it is in force within the window asked about")]
    next_change: Annotated[
        TimeOut | None, Field(description="When it next comes into or goes out of force, within a week")
    ]


class ClearanceOut(BaseModel):
    """How far a zone is missed in height, at least and at most, and by which of its limits."""

    leg: Annotated[int, Field(description="The leg that comes nearest, counted from 0")]
    vertical_m: tuple[float, float]
    limit: LimitOut
    above: Annotated[bool, Field(description="The zone lies above what was asked about")]


class AboveOut(ZoneOut):
    """A zone that starts above what was asked about."""

    clearance: ClearanceOut


class NotApplicableOut(ZoneOut):
    """A zone at this place that does not apply, and why not."""

    why: Literal["HEIGHT", "TIME"]
    sentence: BothLanguages
    clearance: ClearanceOut | None


class ZoneRef(BaseModel):
    """Which zone is meant."""

    country: str
    identifier: str


class NearbyOut(ZoneRef):
    """A zone that is missed on the ground, by at least so many metres."""

    name: list[PublishedText]
    published_type: str
    horizontal_m: int
    leg: Annotated[int, Field(description="The leg that comes nearest, counted from 0")]


class UpcomingOut(ZoneRef):
    """A zone here that comes into force, or may, within a day of the start."""

    starts_at: TimeOut


class FreeHeightOut(BaseModel):
    """The greatest whole metres above ground up to which no zone restricts or may; null is no limit."""

    metres: int | None
    reference: Literal["AGL"] = "AGL"


class WindowOut(BaseModel):
    """From one moment to another, both included."""

    start: Annotated[TimeOut, FROM]
    end: Annotated[TimeOut, TO]


class AskOut(ZoneRef):
    """Whom to ask about a zone, and the last moment to ask."""

    authority: AuthorityOut


class ChangeOut(BaseModel):
    """What would make exactly this question meet no restricting zone; nothing where it does so already."""

    max_height: Annotated[
        HeightOut | None, Field(description="The greatest whole height at which it passes, else null")
    ]
    windows: Annotated[
        list[WindowOut],
        Field(description="The nearest times before and after, within seven days, at which it passes"),
    ]
    ask: list[AskOut]


class GeneralRuleOut(BaseModel):
    """A rule that holds apart from zones."""

    code: Literal["OPEN_120M"]
    result: Literal["MET", "EXCEEDED", "CANNOT_TELL", "NOT_APPLICABLE"]
    sentence: BothLanguages
    source: str


class QuarantinedOut(BaseModel):
    """A zone near this place that could not be read; it counts as possible."""

    country: str
    identifier: str | None
    published_type: str | None
    defects: list[str]


class DataSetOut(BaseModel):
    """A document the answer rests on."""

    data_set: str
    title: str | None
    provider: list[PublishedText]
    limitations: Annotated[
        list[PublishedText], Field(description="What the publisher says it is not good for")
    ]
    format: str
    digest: str
    revision: int | None
    zones: int
    quarantined: int
    issued: Annotated[datetime | None, Field(description="As the document states; null is not stated")]
    valid_from: datetime | None
    valid_to: datetime | None
    received_at: datetime | None
    covers: Annotated[bool, Field(description="Whether it can vouch for a part of the question")]
    reading: Annotated[str | None, Field(description="The table its texts are read with; null is none")]


class AssessmentOut(BaseModel):
    """The answer proper: the same question at the same revision gives the same bytes."""

    question: Asked
    revision: Annotated[
        int | None, Field(description="The register's revision; null where zones come from files")
    ]
    engine_version: str
    verdict: str
    known: OutcomeName
    possible: OutcomeName
    at_least: Annotated[bool, Field(description="More may be required than the verdict says")]
    complete: Annotated[
        bool, Field(description="Whether all zones of this place and time are loaded and readable")
    ]
    reasons: list[ReasonOut]
    zones: list[AppliesOut]
    exemption_candidates: Annotated[
        list[ZoneRef], Field(description="Zones here that may exempt someone from another; they lift nothing")
    ]
    above: Annotated[list[AboveOut], Field(description="Zones that start above what was asked about")]
    upcoming: list[UpcomingOut]
    not_applicable: list[NotApplicableOut]
    nearby: Annotated[list[NearbyOut], Field(description="The nearest zones missed by less than 5 km")]
    max_free_height: Annotated[FreeHeightOut | None, Field(description="Null where the data is not complete")]
    what_would_change_it: ChangeOut
    general_rules: list[GeneralRuleOut]
    quarantined: list[QuarantinedOut]
    gone: Annotated[
        list[DecisionOut],
        Field(description="Zones here that are published unreadably and were decided to be gone"),
    ]
    data_sets: list[DataSetOut]
    not_checked: list[BothLanguages]


class FeedOut(BaseModel):
    """A document that is kept fresh from its publisher's server; null is never."""

    checked_at: Annotated[
        datetime | None, Field(description="When the publisher last sent it, or said that it is unchanged")
    ]
    changed_at: datetime | None
    failed_at: datetime | None
    failure: Annotated[str | None, Field(description="The last failure; the last good version stands")]
    is_failing: Annotated[bool, Field(description="Whether nothing succeeded since that failure")]


class DataAge(BaseModel):
    """How old a data set is. Null is not stated."""

    data_set: str
    issued_age_s: float | None
    received_age_s: float | None
    checked_age_s: Annotated[
        float | None,
        Field(description="Since its publisher last said that this is its document; null where nobody asks"),
    ]
    feed: FeedOut | None


class LegVerdictOut(BaseModel):
    """What is answered of one leg by itself, by the rules of the whole answer."""

    leg: Annotated[int, Field(description="Counted from 0, as the question's legs")]
    verdict: str
    at_least: Annotated[bool, Field(description="More may be required than the verdict says")]


class GroundOut(BaseModel):
    """The ground at a place on a leg, by the terrain model: at least and at most so high."""

    distance_m: Annotated[float, Field(description="Metres from the leg's start")]
    elevation_m: Annotated[
        tuple[float, float] | None, Field(description="Above mean sea level; null where it is not known")
    ]


class Answer(BaseModel):
    """One headline, one sentence, then what proves it.

    `verdict` is the assessment's, unless `stale` names data that is too old to rest it on.
    """

    verdict: str
    at_least: Annotated[
        bool, Field(description="More may be required than the verdict says; also where data is stale")
    ]
    headline: BothLanguages
    sentence: BothLanguages
    warnings: Annotated[
        list[PublishedText], Field(description="What the publishers say their data is not good for")
    ]
    assessment: AssessmentOut
    legs: Annotated[
        list[LegVerdictOut],
        Field(description="The verdict of each leg by itself; like `verdict`, worse where data is stale"),
    ]
    ground: Annotated[
        list[list[GroundOut]] | None,
        Field(
            description="Along each leg that is a line, for a picture; null where the service has no terrain model"
        ),
    ]
    revision: int | None
    revision_published_at: datetime | None
    evaluated_at: datetime
    confirmed_age_s: Annotated[
        float | None,
        Field(description="Seconds since the register last confirmed this revision; null for files"),
    ]
    data: list[DataAge]
    stale: Annotated[
        list[str], Field(description="Data sets that are older than this service accepts; they cover nothing")
    ]


class ZoneAround(ZoneRef):
    """A zone that applies, or may, somewhere around the place."""

    everywhere: Annotated[
        bool, Field(description="Whether it certainly applies at every place within the uncertainty")
    ]


class AroundOut(BaseModel):
    """What applies within the metres to which a place is known."""

    uncertainty_m: float
    uniform: Annotated[
        bool | None,
        Field(
            description="Whether every place there has the same verdict, that of `somewhere`; false where it differs,"
            " or cannot be shown not to; null where it cannot be told what applies"
        ),
    ]
    everywhere: Annotated[
        str | None,
        Field(
            description="The strictest verdict of which at least as much certainly holds at every place there; null is none"
        ),
    ]
    sentence: BothLanguages
    zones: list[ZoneAround]
    somewhere: Annotated[Answer, Field(description="The answer for a flight anywhere there")]


class PlaceAnswer(Answer):
    """The answer for a place."""

    around: Annotated[
        AroundOut | None,
        Field(
            description="What applies around it; only where `uncertainty_m` was given",
            exclude_if=lambda around: around is None,
        ),
    ] = None

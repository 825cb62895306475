"""The answer as callers get it. The web and the command line both print what `answer` returns.

`assessment` is a function of the question, the revision and the engine's version, equal to the byte. What depends
on the moment of answering (ages, evaluated_at) stands beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from zones_api import __version__
from zones_api.domain import texts
from zones_api.domain.altitude import Height, Limit, Surroundings, VerticalReference, above_ground_m
from zones_api.domain.assessment import Assessment, Finding, Miss
from zones_api.domain.data_set import DataSet, QuarantinedZone
from zones_api.domain.flight import Question
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import Bilingual
from zones_api.domain.truth import Truth
from zones_api.domain.zone import AirspaceVolume, PublishedZone, Text, ZoneAuthority
from zones_api.formats import strict_json
from zones_api.snapshot import Snapshot

OutcomeName = Literal[
    "NO_ZONE", "INFORMATION", "CONDITIONAL", "USPACE", "AUTHORIZATION_REQUIRED", "UNRECOGNISED", "PROHIBITED"
]


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


class Asked(BaseModel):
    """The question as it was understood."""

    digest: Annotated[
        str, Field(description="SHA-256 of what was asked; the same question has the same digest")
    ]
    legs: list[AskedLeg]
    buffer_m: float
    heights: AskedHeights
    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]


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


class FlagOut(BaseModel):
    """Something doubtful in the zone's data."""

    code: Reason
    pointer: str
    detail: str


class ZoneOut(BaseModel):
    """A zone, as published."""

    country: str
    identifier: str
    version: Annotated[str, Field(description="Digest of the zone's content")]
    data_set: str
    name: list[PublishedText]
    type: Annotated[str | None, Field(description="In ED-318's words; null where the word is not known")]
    published_type: Annotated[str, Field(description="The publisher's own word")]
    variant: str | None
    reason: list[str]
    limits: LimitsOut
    conditions: str | None
    message: list[PublishedText]
    authorities: list[AuthorityOut]
    may_exempt: Annotated[
        bool, Field(description="The zone may exempt someone from another; it never lifts one here")
    ]
    flags: list[FlagOut]


class AppliesOut(ZoneOut):
    """A zone that applies, or of which that cannot be told."""

    applies: Literal["yes", "unknown"]
    outcome: OutcomeName
    reasons: list[ReasonOut]
    legs: Annotated[list[int], Field(description="The legs it is met on, counted from 0")]


class NotApplicableOut(ZoneOut):
    """A zone at this place that does not apply, and why not."""

    why: Literal["HEIGHT", "TIME"]
    sentence: BothLanguages


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
    above: Annotated[list[ZoneOut], Field(description="Zones that start above what was asked about")]
    not_applicable: list[NotApplicableOut]
    quarantined: list[QuarantinedOut]
    data_sets: list[DataSetOut]
    not_checked: list[BothLanguages]


class DataAge(BaseModel):
    """How old a data set is. Null is not stated."""

    data_set: str
    issued_age_s: float | None
    received_age_s: float | None


class Answer(BaseModel):
    """One headline, one sentence, then what proves it."""

    verdict: str
    headline: BothLanguages
    sentence: BothLanguages
    warnings: Annotated[
        list[PublishedText], Field(description="What the publishers say their data is not good for")
    ]
    assessment: AssessmentOut
    revision: int | None
    revision_published_at: datetime | None
    evaluated_at: datetime
    confirmed_age_s: Annotated[
        float | None,
        Field(description="Seconds since the register last confirmed this revision; null for files"),
    ]
    data: list[DataAge]


def answer(
    assessment: Assessment, snapshot: Snapshot, now: datetime, confirmed_at: datetime | None = None
) -> Answer:
    """Return the answer to send or print.

    Args:
        assessment: What the engine said.
        snapshot: The zones it was said of.
        now: The moment of answering, UTC.
        confirmed_at: When the register last confirmed the snapshot's revision; None where there is no register.
    """
    near = [data_set for data_set in snapshot.data_sets if _matters(data_set, assessment)]
    limitations = list(dict.fromkeys(text for data_set in near for text in data_set.limitations))
    return Answer(
        verdict=assessment.verdict,
        headline=_both(texts.HEADLINES[assessment.verdict]),
        sentence=_both(texts.sentence(assessment, _as_of(snapshot, assessment))),
        warnings=_texts(limitations),
        assessment=_assessment(assessment, snapshot, near),
        revision=snapshot.revision,
        revision_published_at=snapshot.published_at,
        evaluated_at=now,
        confirmed_age_s=_age(confirmed_at, now),
        data=[
            DataAge(
                data_set=data_set.key,
                issued_age_s=_age(data_set.issued, now),
                received_age_s=_age(data_set.received_at, now),
            )
            for data_set in near
        ],
    )


def _matters(data_set: DataSet, assessment: Assessment) -> bool:
    """Say whether a data set covers the question or has a zone in the answer."""
    published = [found.published for found in assessment.findings] + [
        miss.published for miss in assessment.misses
    ]
    named = {zone.data_set for zone in published}
    set_aside = any(zone in assessment.quarantined for zone in data_set.quarantined)
    return set_aside or data_set.key in named or data_set.key in assessment.covered_by


def _assessment(assessment: Assessment, snapshot: Snapshot, near: Sequence[DataSet]) -> AssessmentOut:
    around = snapshot.territories.surroundings(assessment.question.bounds)
    above = [miss for miss in assessment.misses if miss.starts_above]
    others = [miss for miss in assessment.misses if not miss.starts_above]
    return AssessmentOut(
        question=_asked(assessment.question),
        revision=snapshot.revision,
        engine_version=__version__,
        verdict=assessment.verdict,
        known=assessment.known.name,
        possible=assessment.possible.name,
        at_least=assessment.at_least,
        complete=assessment.complete,
        reasons=[_reason(reason) for reason in assessment.reasons],
        zones=[_applies(finding, around) for finding in assessment.findings],
        above=[ZoneOut(**_zone(miss.published, miss.volume, around)) for miss in above],
        not_applicable=[_not_applicable(miss, around) for miss in others],
        quarantined=[_quarantined(zone) for zone in assessment.quarantined],
        data_sets=[_data_set(data_set, assessment) for data_set in near],
        not_checked=[_both(text) for text in texts.NOT_CHECKED],
    )


def _asked(question: Question) -> Asked:
    heights = AskedHeights(lower=_height(question.heights.lower), upper=_height(question.heights.upper))
    start, end = question.window.start, question.window.end
    parts = [
        [_positions(leg.geometry) for leg in question.legs],
        question.legs[0].buffer_m,
        heights.model_dump(mode="json"),
        [start.isoformat(), end.isoformat()],
    ]
    legs = [
        AskedLeg(
            type=leg.geometry.geom_type,
            ends=_ends(leg.geometry),
            bounds=[round(bound, 7) for bound in leg.bounds],
        )
        for leg in question.legs
    ]
    digest = hashlib.sha256(strict_json.canonical(parts)).hexdigest()
    return Asked(
        digest=digest, legs=legs, buffer_m=question.legs[0].buffer_m, heights=heights, start=start, end=end
    )


def _ends(geometry: BaseGeometry) -> list[list[float]]:
    positions = _positions(geometry)
    match geometry.geom_type:
        case "Point":
            return positions
        case "LineString":
            return [positions[0], positions[-1]]
    return []


def _positions(geometry: BaseGeometry) -> list[list[float]]:
    return [[float(x), float(y)] for x, y in shapely.get_coordinates(geometry)]


def _applies(finding: Finding, around: Surroundings) -> AppliesOut:
    return AppliesOut(
        **_zone(finding.published, finding.volume, around),
        applies="yes" if finding.judgement.truth is Truth.YES else "unknown",
        outcome=finding.outcome.name,
        reasons=[_reason(reason) for reason in sorted(finding.judgement.reasons)],
        legs=list(finding.legs),
    )


def _not_applicable(miss: Miss, around: Surroundings) -> NotApplicableOut:
    return NotApplicableOut(
        **_zone(miss.published, miss.volume, around),
        why=miss.why.value,
        sentence=_both(texts.WHY_NOT[miss.why]),
    )


def _zone(published: PublishedZone, volume: AirspaceVolume, around: Surroundings) -> dict[str, Any]:
    zone = published.zone
    return {
        "country": zone.country,
        "identifier": zone.identifier,
        "version": published.version,
        "data_set": published.data_set,
        "name": _texts(zone.name),
        "type": zone.type,
        "published_type": zone.published_type,
        "variant": zone.variant,
        "reason": list(zone.reason),
        "limits": LimitsOut(
            lower=_limit(volume.vertical.lower, around),
            upper=_limit(volume.vertical.upper, around),
            doubt=volume.vertical.doubt,
        ),
        "conditions": zone.restriction_conditions,
        "message": _texts(zone.message),
        "authorities": [_authority(authority) for authority in zone.authorities],
        "may_exempt": zone.may_exempt,
        "flags": [FlagOut(code=flag.reason, pointer=flag.pointer, detail=flag.detail) for flag in zone.flags],
    }


def _limit(limit: Limit | None, around: Surroundings) -> LimitOut | None:
    if limit is None:
        return None
    here = above_ground_m(limit.height, around)
    return LimitOut(
        published=limit.published,
        uom=limit.uom,
        reference=limit.height.reference,
        metres=round(limit.height.value_m, 3),
        above_ground_here_m=(round(here.low, 3), round(here.high, 3)),
    )


def _authority(authority: ZoneAuthority) -> AuthorityOut:
    return AuthorityOut(
        purpose=authority.purpose,
        name=_texts(authority.name),
        service=_texts(authority.service),
        contact_name=_texts(authority.contact_name),
        site_url=authority.site_url,
        email=authority.email,
        phone=authority.phone,
        interval_before=authority.interval_before,
    )


def _quarantined(zone: QuarantinedZone) -> QuarantinedOut:
    return QuarantinedOut(
        country=zone.country,
        identifier=zone.identifier,
        published_type=zone.published_type,
        defects=[f"{defect.pointer}: {defect.detail}" for defect in zone.defects],
    )


def _data_set(data_set: DataSet, assessment: Assessment) -> DataSetOut:
    return DataSetOut(
        data_set=data_set.key,
        title=data_set.title,
        provider=_texts(data_set.provider),
        limitations=_texts(data_set.limitations),
        format=data_set.format,
        digest=data_set.digest,
        revision=data_set.revision,
        zones=data_set.zones,
        quarantined=len(data_set.quarantined),
        issued=data_set.issued,
        valid_from=data_set.valid_from,
        valid_to=data_set.valid_to,
        received_at=data_set.received_at,
        covers=data_set.key in assessment.covered_by,
    )


def _as_of(snapshot: Snapshot, assessment: Assessment) -> Bilingual:
    names = ", ".join(assessment.covered_by)
    if not snapshot.coverages:
        return Bilingual("no zones are loaded", "er zijn geen zones geladen")
    if snapshot.revision is None:
        return Bilingual(
            f"from files: {names or 'none covers it'}", f"uit bestanden: {names or 'geen dekt dit'}"
        )
    published = snapshot.published_at
    when = f" of {published:%Y-%m-%d %H:%M} UTC" if published else ""
    when_nl = f" van {published:%Y-%m-%d %H:%M} UTC" if published else ""
    in_en, in_nl = (f"in {names}, ", f"in {names}, ") if names else ("", "")
    return Bilingual(
        f"{in_en}revision {snapshot.revision}{when}", f"{in_nl}revisie {snapshot.revision}{when_nl}"
    )


def _reason(reason: Reason) -> ReasonOut:
    return ReasonOut(code=reason, sentence=_both(texts.SENTENCES[reason]))


def _both(text: Bilingual) -> BothLanguages:
    return BothLanguages(en=text.en, nl=text.nl)


def _texts(published: Sequence[Text]) -> list[PublishedText]:
    return [PublishedText(text=text.text, lang=text.lang) for text in published]


def _height(height: Height | None) -> HeightOut | None:
    return None if height is None else HeightOut(metres=round(height.value_m, 3), reference=height.reference)


def _age(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else round((now - then).total_seconds(), 1)

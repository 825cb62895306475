"""From what the engine says to what callers get. The web and the command line both print what `answer` returns.

`assessment` is a function of the question, the revision and the engine's version, equal to the byte. What depends
on the moment of answering (ages, evaluated_at, staleness) stands beside it and may only worsen the verdict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from zones_api import __version__
from zones_api.api.wire import (
    AboveOut,
    ActiveOut,
    Answer,
    AppliesOut,
    AroundOut,
    Asked,
    AskedHeights,
    AskedLeg,
    AskOut,
    AssessmentOut,
    AuthorityOut,
    BothLanguages,
    ChangeOut,
    ClearanceOut,
    CrossingOut,
    DataAge,
    DataSetOut,
    DecisionOut,
    EncounterOut,
    FeedOut,
    FlagOut,
    FreeHeightOut,
    GeneralRuleOut,
    GroundOut,
    HeightOut,
    HeightsAboveGround,
    LegVerdictOut,
    LimitOut,
    LimitsOut,
    NearbyOut,
    NotApplicableOut,
    OperationOut,
    PassageOut,
    PlaceAnswer,
    PublishedText,
    QuarantinedOut,
    ReadingOut,
    ReasonOut,
    TimeOut,
    UpcomingOut,
    WindowOut,
    ZoneAround,
    ZoneRef,
)
from zones_api.domain import texts
from zones_api.domain.altitude import Gap, Height, HeightRange, Limit, Surroundings, above_ground_m
from zones_api.domain.applicability import Timeline
from zones_api.domain.assessment import Assessment, Encounter, Finding, Miss
from zones_api.domain.civil_time import TIME_ZONES, local
from zones_api.domain.data_set import DataSet, QuarantinedZone
from zones_api.domain.feed import FeedState
from zones_api.domain.flight import Question
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.overlap import turns_to_meet
from zones_api.domain.passage import Passage
from zones_api.domain.reasons import Reason
from zones_api.domain.relief import relief
from zones_api.domain.spans import difference
from zones_api.domain.territory import Terrain
from zones_api.domain.texts import Bilingual, in_dutch
from zones_api.domain.truth import Judgement, Truth
from zones_api.domain.uncertainty import applies_everywhere, everywhere, is_uniform
from zones_api.domain.zone import (
    AirspaceVolume,
    Decision,
    Flag,
    PublishedZone,
    Purpose,
    Text,
    UASZone,
    ZoneAuthority,
)
from zones_api.formats import strict_json
from zones_api.formats.readings import condition_to_json
from zones_api.snapshot import Snapshot


def answer(
    assessment: Assessment,
    snapshot: Snapshot,
    now: datetime,
    confirmed_at: datetime | None = None,
    stale_after: timedelta | None = None,
    confirm_within: timedelta | None = None,
    feeds: Mapping[str, FeedState] | None = None,
) -> Answer:
    """Return the answer to send or print.

    Args:
        assessment: What the engine said.
        snapshot: The zones it was said of.
        now: The moment of answering, UTC.
        confirmed_at: When the register last confirmed the snapshot's revision; None where there is no register.
        stale_after: How old a document may be before nothing rests on it; None is however old.
        confirm_within: How long ago the register may last have confirmed the revision; None is however long.
        feeds: What is known of the documents that are kept fresh, by their data set.
    """
    followed = feeds or {}
    unconfirmed = (
        confirm_within is not None and confirmed_at is not None and now - confirmed_at > confirm_within
    )
    near = [data_set for data_set in snapshot.data_sets if _matters(data_set, assessment)]
    limitations = list(dict.fromkeys(text for data_set in near for text in data_set.limitations))
    stale = [
        each.key for each in near if is_stale(each, now, stale_after, followed.get(each.key)) or unconfirmed
    ]
    verdict = _resting_on(assessment.verdict, stale)
    sentence = texts.sentence(assessment, _as_of(snapshot, assessment))
    return Answer(
        verdict=verdict,
        at_least=_more_than(verdict, stale, at_least=assessment.at_least),
        headline=both(texts.HEADLINES[verdict]),
        sentence=both(texts.SENTENCES[Reason.DATASET_STALE] if verdict != assessment.verdict else sentence),
        warnings=published_texts(limitations),
        assessment=_assessment(assessment, snapshot, near),
        legs=list(_legs(assessment, stale)),
        ground=_ground(assessment.question, snapshot.territories.terrain),
        revision=snapshot.revision,
        revision_published_at=snapshot.published_at,
        evaluated_at=now,
        confirmed_age_s=_age(confirmed_at, now),
        data=[data_age(data_set, followed.get(data_set.key), now) for data_set in near],
        stale=stale,
    )


def place_answer(
    said: Answer, wider: Question | None, ask: Callable[[Question], tuple[Assessment, Answer]]
) -> PlaceAnswer:
    """Return the answer for a place, with what applies around it where it is known to some metres only.

    Args:
        said: The answer at the place itself.
        wider: The question about everywhere around it, or None.
        ask: What the engine and the service say to a question, as they said it of the place.
    """
    if wider is None:
        return PlaceAnswer(**dict(said))
    found, somewhere = ask(wider)
    holds = everywhere(found)
    # What rests on stale data is not known of any place.
    if somewhere.verdict != found.verdict and holds in (Verdict.NO_ZONE_FOUND, Verdict.CONDITIONAL):
        holds = None
    uniform = None if somewhere.verdict == Verdict.UNKNOWN else is_uniform(found)
    place = wider.legs[0]
    around = AroundOut(
        uncertainty_m=place.buffer_m,
        uniform=uniform,
        everywhere=holds,
        sentence=both(
            texts.around(
                place.buffer_m, uniform, holds, Verdict(somewhere.verdict), at_least=somewhere.at_least
            )
        ),
        zones=[
            ZoneAround(**_ref(each.published.zone).model_dump(), everywhere=applies_everywhere(each, place))
            for each in found.findings
        ],
        somewhere=somewhere,
    )
    return PlaceAnswer(**dict(said), around=around)


def _resting_on(verdict: Verdict, stale: Sequence[str]) -> Verdict:
    mild = (Verdict.NO_ZONE_FOUND, Verdict.CONDITIONAL)
    return Verdict.UNKNOWN if stale and verdict in mild else verdict


def _more_than(verdict: Verdict, stale: Sequence[str], *, at_least: bool) -> bool:
    return at_least or (bool(stale) and verdict in (Verdict.AUTHORIZATION_REQUIRED, Verdict.USPACE))


def _legs(assessment: Assessment, stale: Sequence[str]) -> Iterator[LegVerdictOut]:
    for leg, weighed in enumerate(assessment.by_leg):
        verdict = _resting_on(weighed.verdict, stale)
        yield LegVerdictOut(
            leg=leg, verdict=verdict, at_least=_more_than(verdict, stale, at_least=weighed.at_least)
        )


def _ground(question: Question, terrain: Terrain | None) -> list[list[GroundOut]] | None:
    """Return the ground along the legs; None for a question without a line, and where no terrain is known."""
    if terrain is None or not any(leg.geometry.geom_type == "LineString" for leg in question.legs):
        return None
    return [
        [
            GroundOut(
                distance_m=round(each.distance_m, 1),
                elevation_m=(round(each.elevation_m.low, 1), round(each.elevation_m.high, 1))
                if each.elevation_m
                else None,
            )
            for each in along
        ]
        for along in relief(question.legs, terrain)
    ]


CLOCKS_AGREE_TO = timedelta(minutes=1)
"""How far the clocks of two instances may lie apart."""


def is_stale(
    data_set: DataSet, now: datetime, stale_after: timedelta | None, feed: FeedState | None = None
) -> bool:
    """Say whether a document is too old, by its own date or by when it was received; one from the future is.

    One that is kept fresh is as old as the last time its publisher said that it is still theirs. The register's own
    data sets are as new as the register.
    """
    known = [moment for moment in (data_set.issued, data_set.received_at) if moment is not None]
    if stale_after is None or data_set.own:
        return False
    if any(moment > now for moment in known):
        return True
    checked_at = feed.vouches_for(data_set) if feed else None
    if checked_at is not None and checked_at <= now + CLOCKS_AGREE_TO and now - checked_at <= stale_after:
        return False
    return not known or now - min(known) > stale_after


def data_age(data_set: DataSet, feed: FeedState | None, now: datetime) -> DataAge:
    """Return how old a data set is, and what is known of its feed where it has one."""
    return DataAge(
        data_set=data_set.key,
        issued_age_s=_age(data_set.issued, now),
        received_age_s=_age(data_set.received_at, now),
        checked_age_s=_age(feed.vouches_for(data_set), now) if feed else None,
        feed=FeedOut(
            checked_at=feed.checked_at,
            changed_at=feed.changed_at,
            failed_at=feed.failed_at,
            failure=feed.failure,
            is_failing=feed.is_failing,
        )
        if feed
        else None,
    )


def _matters(data_set: DataSet, assessment: Assessment) -> bool:
    """Say whether a data set concerns the place or has a zone in the answer."""
    published = [found.published for found in assessment.findings] + [
        miss.published for miss in assessment.misses
    ]
    named = {zone.data_set for zone in published}
    set_aside = any(zone in assessment.quarantined for zone in data_set.quarantined)
    return set_aside or data_set.key in named or data_set.key in assessment.concerned


def _assessment(assessment: Assessment, snapshot: Snapshot, near: Sequence[DataSet]) -> AssessmentOut:
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
        reasons=[reason_out(reason) for reason in assessment.reasons],
        zones=[_applies(finding, assessment) for finding in assessment.findings],
        exemption_candidates=[
            _ref(finding.published.zone)
            for finding in assessment.findings
            if finding.published.zone.may_exempt
        ],
        above=[
            AboveOut(
                **_zone(miss.published, miss.volume, assessment, miss.leg),
                clearance=_clearance(miss.gap, miss.leg, assessment),
            )
            for miss in above
            if miss.gap
        ],
        upcoming=[
            UpcomingOut(
                **_ref(miss.published.zone).model_dump(),
                starts_at=time_out(miss.upcoming, miss.published.zone.country),
            )
            for miss in assessment.misses
            if miss.upcoming
        ],
        not_applicable=[_not_applicable(miss, assessment) for miss in others],
        nearby=[
            NearbyOut(
                **_ref(neighbour.published.zone).model_dump(),
                name=published_texts(neighbour.published.zone.name),
                published_type=neighbour.published.zone.published_type,
                horizontal_m=neighbour.metres,
                leg=neighbour.leg,
            )
            for neighbour in assessment.nearby
        ],
        quarantined=[_quarantined(zone) for zone in assessment.quarantined],
        gone=[
            decision_out(data_set.key, decision)
            for data_set in snapshot.data_sets
            for decision in data_set.decisions
            if decision.version is None and _is_near(decision, assessment.question)
        ],
        max_free_height=(
            FreeHeightOut(metres=assessment.advice.max_free_height.metres)
            if assessment.advice.max_free_height
            else None
        ),
        what_would_change_it=_change(assessment),
        general_rules=[
            GeneralRuleOut(
                code="OPEN_120M",
                result=assessment.advice.open_category_height.value,
                sentence=both(texts.OPEN_120M[assessment.advice.open_category_height]),
                source="Regulation (EU) 2019/947, Annex, UAS.OPEN.010(2)",
            )
        ],
        data_sets=[_data_set(data_set, assessment) for data_set in near],
        not_checked=[both(text) for text in texts.NOT_CHECKED],
    )


def _is_near(decision: Decision, question: Question) -> bool:
    """Say whether what was decided on may touch a question."""
    bounds = decision.bounds
    if bounds is None:
        return True
    return any(True for leg in question.legs for _ in turns_to_meet(leg.bounds, bounds))


def decision_out(data_set: str, decision: Decision) -> DecisionOut:
    """Return a decision as callers get it."""
    return DecisionOut(
        data_set=data_set,
        country=decision.country,
        identifier=decision.identifier,
        decision="gone" if decision.version is None else "mended",
        by=decision.organisation,
        at=decision.decided_at,
        revision=decision.revision,
        legal_basis=decision.legal_basis,
        reason=decision.reason,
        stands=decision.stands,
        sentence=both(texts.decided(decision)),
    )


def _change(assessment: Assessment) -> ChangeOut:
    advice, start = assessment.advice, assessment.question.window.start
    restricting = [f.published.zone for f in assessment.findings if f.outcome > Outcome.INFORMATION]
    country = restricting[0].country if restricting else ""
    ask = [
        AskOut(**_ref(zone).model_dump(), authority=_authority(authority, zone, start))
        for zone in restricting
        for authority in sorted(zone.authorities, key=lambda each: each.purpose is not Purpose.AUTHORIZATION)
    ]
    return ChangeOut(
        max_height=height_out(advice.max_height),
        windows=[
            WindowOut(start=time_out(window.start, country), end=time_out(window.end, country))
            for window in advice.windows
        ],
        ask=ask if assessment.verdict is not Verdict.NO_ZONE_FOUND else [],
    )


def _ref(zone: UASZone) -> ZoneRef:
    return ZoneRef(country=zone.country, identifier=zone.identifier)


def time_out(moment: datetime, country: str) -> TimeOut:
    """Return a moment in UTC and in a country's civil time."""
    return TimeOut(utc=moment, local=local(moment, country), time_zone=TIME_ZONES.get(country))


def _asked(question: Question) -> Asked:
    start, end = question.window.start, question.window.end
    operation = OperationOut(**asdict(question.operation))
    given = {
        "ground_elevation_m": question.ground_elevation_m,
        "geoid_undulation_m": question.geoid_undulation_m,
        "takeoff_elevation_m": question.takeoff_elevation_m,
    }
    parts = [
        [_ends(leg.geometry) or _positions(leg.geometry) for leg in question.legs],
        question.legs[0].buffer_m,
        _stated(question.heights),
        [start.isoformat(), end.isoformat()],
        operation.model_dump(mode="json"),
        given,
    ]
    if question.by_leg is not None:
        parts.append([_stated(heights) for heights in question.by_leg])
    legs = [
        AskedLeg(
            type=leg.geometry.geom_type,
            ends=_ends(leg.geometry),
            bounds=[round(bound, 7) for bound in leg.bounds],
            heights=None if question.by_leg is None else _heights(question.by_leg[number]),
        )
        for number, leg in enumerate(question.legs)
    ]
    return Asked(
        digest=hashlib.sha256(strict_json.canonical(parts)).hexdigest(),
        legs=legs,
        buffer_m=question.legs[0].buffer_m,
        heights=_heights(question.heights),
        start=start,
        end=end,
        operation=operation,
        **given,
    )


def _stated(heights: HeightRange) -> list[Any]:
    return [None if end is None else [end.value_m, end.reference] for end in heights.ends]


def _heights(heights: HeightRange) -> AskedHeights:
    return AskedHeights(lower=height_out(heights.lower), upper=height_out(heights.upper))


def _ends(geometry: BaseGeometry) -> list[list[float]]:
    positions = _positions(geometry)
    match geometry.geom_type:
        case "Point":
            return positions
        case "LineString":
            return [positions[0], positions[-1]]
    return []


def _positions(geometry: BaseGeometry) -> list[list[float]]:
    # Zero added: the same place may be written with a minus before the zero.
    return [[float(x) + 0.0, float(y) + 0.0] for x, y in shapely.get_coordinates(geometry)]


def _applies(finding: Finding, assessment: Assessment) -> AppliesOut:
    zone = finding.published.zone
    return AppliesOut(
        **_zone(finding.published, finding.volume, assessment, finding.legs[0]),
        applies=_truth(finding.judgement),
        outcome=finding.outcome.name,
        outcome_as_published=finding.as_published.name,
        reasons=[reason_out(reason) for reason in sorted(finding.judgement.reasons)],
        legs=list(finding.legs),
        encounters=[_encounter(encounter) for encounter in finding.encounters],
        active=list(_active(finding.active, zone.country)),
        next_change=time_out(finding.next_change, zone.country) if finding.next_change else None,
    )


def _truth(judgement: Judgement) -> Any:
    return "yes" if judgement.truth is Truth.YES else "unknown"


def _encounter(encounter: Encounter) -> EncounterOut:
    top_m = encounter.top_m
    return EncounterOut(
        leg=encounter.leg,
        applies=_truth(encounter.judgement),
        passages=[_passage(passage) for passage in encounter.passages],
        heights_above_ground_m=HeightsAboveGround(
            lower=round(encounter.bottom_m, 3), upper=None if top_m is None else round(top_m, 3)
        ),
    )


def _passage(passage: Passage) -> PassageOut:
    ends = ((passage.entry, passage.entry_m), (passage.exit, passage.exit_m))
    entry, leaving = (
        CrossingOut(position=[round(lon, 7), round(lat, 7)], distance_m=round(metres, 1))
        for (lon, lat), metres in ends
    )
    return PassageOut(entry=entry, exit=leaving)


def _active(timeline: Timeline, country: str) -> Iterator[ActiveOut]:
    doubtful = difference(timeline.possible, timeline.certain)
    spans = [(span, True) for span in timeline.certain] + [(span, False) for span in doubtful]
    for (start, end), certain in sorted(spans):
        yield ActiveOut(start=time_out(start, country), end=time_out(end, country), certain=certain)


def _not_applicable(miss: Miss, assessment: Assessment) -> NotApplicableOut:
    return NotApplicableOut(
        **_zone(miss.published, miss.volume, assessment, miss.leg),
        why=miss.why.value,
        sentence=both(texts.WHY_NOT[miss.why]),
        clearance=_clearance(miss.gap, miss.leg, assessment) if miss.gap else None,
    )


def _clearance(gap: Gap, leg: int, assessment: Assessment) -> ClearanceOut:
    limit = _limit(gap.limit, assessment.surroundings[leg])
    assert limit is not None
    metres = (round(gap.metres.low, 3), round(gap.metres.high, 3))
    return ClearanceOut(leg=leg, vertical_m=metres, limit=limit, above=gap.above)


def _zone(
    published: PublishedZone, volume: AirspaceVolume, assessment: Assessment, leg: int = 0
) -> dict[str, Any]:
    zone, around = published.zone, assessment.surroundings[leg]
    start = assessment.question.window.start
    return {
        "country": zone.country,
        "identifier": zone.identifier,
        "version": published.version,
        "data_set": published.data_set,
        "name": published_texts(zone.name),
        "type": zone.type,
        "published_type": zone.published_type,
        "variant": zone.variant,
        "legal_basis": published.legal_basis,
        "reason": list(zone.reason),
        "limits": LimitsOut(
            lower=_limit(volume.vertical.lower, around),
            upper=_limit(volume.vertical.upper, around),
            doubt=volume.vertical.doubt,
        ),
        "conditions": zone.restriction_conditions,
        "coded_conditions": bool(zone.coded_conditions),
        "reading": [
            ReadingOut(
                text=row.text,
                conditions=[condition_to_json(condition) for condition in row.conditions],
                source=row.source,
                reviewed_on=row.reviewed_on,
            )
            for row in published.reading
        ],
        "mended": decision_out(published.data_set, published.mended) if published.mended else None,
        "message": published_texts(zone.message),
        "authorities": [_authority(authority, zone, start) for authority in zone.authorities],
        "may_exempt": zone.may_exempt,
        "flags": [_flag(flag) for flag in zone.flags],
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


def _authority(authority: ZoneAuthority, zone: UASZone, start: datetime) -> AuthorityOut:
    try:
        ask_by = None if authority.lead_time is None else start - authority.lead_time
    except OverflowError:
        ask_by = None
    return AuthorityOut(
        purpose=authority.purpose,
        name=published_texts(authority.name),
        service=published_texts(authority.service),
        contact_name=published_texts(authority.contact_name),
        site_url=authority.site_url,
        email=authority.email,
        phone=authority.phone,
        interval_before=authority.interval_before,
        ask_by=None if ask_by is None else time_out(ask_by, zone.country),
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
        provider=published_texts(data_set.provider),
        limitations=published_texts(data_set.limitations),
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
        reading=data_set.reading.title if data_set.reading else None,
    )


def _as_of(snapshot: Snapshot, assessment: Assessment) -> Bilingual:
    names = ", ".join(texts.resting_on(assessment))
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


def reason_out(reason: Reason) -> ReasonOut:
    """Return a reason with its sentence."""
    return ReasonOut(code=reason, sentence=both(texts.SENTENCES[reason]))


def both(text: Bilingual) -> BothLanguages:
    """Return a text as callers get it."""
    return BothLanguages(en=text.en, nl=text.nl)


def published_texts(published: Sequence[Text]) -> list[PublishedText]:
    """Return published texts as callers get them."""
    return [PublishedText(text=text.text, lang=text.lang) for text in published]


def height_out(height: Height | None) -> HeightOut | None:
    """Return a height as callers get it."""
    return None if height is None else HeightOut(metres=round(height.value_m, 3), reference=height.reference)


def _age(then: datetime | None, now: datetime) -> float | None:
    return None if then is None else round((now - then).total_seconds(), 1)


def _flag(flag: Flag) -> FlagOut:
    dutch = in_dutch(flag.reason, flag.detail) or flag.detail
    return FlagOut(code=flag.reason, pointer=flag.pointer, detail=flag.detail, dutch=dutch)

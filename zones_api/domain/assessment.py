"""The one decision: which zones apply to a question, what they require, and what cannot be told.

Everything that answers, on the web, on a phone or on the command line, asks `assess`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from zones_api.domain.altitude import Surroundings, overlap, starts_above
from zones_api.domain.applicability import applies
from zones_api.domain.data_set import Coverage, QuarantinedZone
from zones_api.domain.flight import Question
from zones_api.domain.overlap import meets, turns_to_meet
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, Judgement, Truth, all_of, any_of
from zones_api.domain.zone import AirspaceVolume, PublishedZone, ZoneType


class Outcome(IntEnum):
    """What a zone requires, mildest first."""

    NO_ZONE = 0
    INFORMATION = 1
    CONDITIONAL = 2
    USPACE = 3
    AUTHORIZATION_REQUIRED = 4
    UNRECOGNISED = 5
    PROHIBITED = 6


class Verdict(StrEnum):
    """The headline of an answer."""

    PROHIBITED = "PROHIBITED"
    AUTHORIZATION_REQUIRED = "AUTHORIZATION_REQUIRED"
    USPACE = "USPACE"
    CONDITIONAL = "CONDITIONAL"
    NO_ZONE_FOUND = "NO_ZONE_FOUND"
    UNKNOWN = "UNKNOWN"


class WhyNot(StrEnum):
    """Why a zone at this place does not apply to the question."""

    HEIGHT = "HEIGHT"
    TIME = "TIME"


@dataclass(frozen=True)
class Finding:
    """One zone's part in the answer. `legs` are the numbers of the legs it applies or may apply to, from 0."""

    published: PublishedZone
    judgement: Judgement
    outcome: Outcome
    volume: AirspaceVolume
    legs: tuple[int, ...]


@dataclass(frozen=True)
class Miss:
    """A zone at this place that does not apply, and why not."""

    published: PublishedZone
    volume: AirspaceVolume
    why: WhyNot
    starts_above: bool


@dataclass(frozen=True)
class Assessment:
    """The answer: what is known, what is possible, and the verdict between them."""

    question: Question
    verdict: Verdict
    known: Outcome
    possible: Outcome
    at_least: bool
    complete: bool
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    misses: tuple[Miss, ...]
    quarantined: tuple[QuarantinedZone, ...]
    covered_by: tuple[str, ...]


def assess(
    question: Question,
    zones: Iterable[PublishedZone],
    coverages: Sequence[Coverage],
    around: Surroundings,
) -> Assessment:
    """Answer a question from all zones that may be near it and the data sets they come from."""
    results = [_examine(published, question, around) for published in zones]
    findings = sorted((r for r in results if isinstance(r, Finding)), key=_worst_first)
    misses = tuple(r for r in results if isinstance(r, Miss))
    quarantined = tuple(_quarantined_near(question, coverages))
    gaps, covered_by = _coverage(question, coverages)
    if quarantined:
        gaps |= {Reason.ZONE_QUARANTINED}

    yes = [finding.outcome for finding in findings if finding.judgement.truth is Truth.YES]
    known = max(yes, default=Outcome.NO_ZONE)
    maybe = [finding.outcome for finding in findings] + [
        outcome_of_word(q.published_type) for q in quarantined
    ]
    possible = max(maybe, default=Outcome.NO_ZONE)
    recognised = max((o for o in yes if o is not Outcome.UNRECOGNISED), default=Outcome.NO_ZONE)
    verdict = decide(known, possible, recognised, complete=not gaps)
    doubts = frozenset().union(gaps, *(finding.judgement.reasons for finding in findings))
    if any(finding.outcome is Outcome.UNRECOGNISED for finding in findings):
        doubts |= {Reason.RESTRICTION_UNRECOGNISED}
    return Assessment(
        question=question,
        verdict=verdict,
        known=known,
        possible=possible,
        at_least=_at_least(verdict, known, possible, recognised, complete=not gaps),
        complete=not gaps,
        reasons=tuple(reason for reason in Reason if reason in doubts),
        findings=tuple(findings),
        misses=misses,
        quarantined=quarantined,
        covered_by=covered_by,
    )


def decide(known: Outcome, possible: Outcome, recognised: Outcome, *, complete: bool) -> Verdict:
    """Return the verdict for what is known and possible; `recognised` is the worst known with a readable word."""
    if known is Outcome.PROHIBITED:
        return Verdict.PROHIBITED
    if recognised is Outcome.AUTHORIZATION_REQUIRED:
        return Verdict.AUTHORIZATION_REQUIRED
    if recognised is Outcome.USPACE:
        return Verdict.USPACE
    if complete and known is possible is Outcome.CONDITIONAL:
        return Verdict.CONDITIONAL
    if complete and possible <= Outcome.INFORMATION:
        return Verdict.NO_ZONE_FOUND
    return Verdict.UNKNOWN


def outcome_of(zone_type: ZoneType | None) -> Outcome:
    """Return what a zone of this type requires; an unreadable type is never dropped."""
    match zone_type:
        case ZoneType.NO_RESTRICTION:
            return Outcome.INFORMATION
        case ZoneType.CONDITIONAL:
            return Outcome.CONDITIONAL
        case ZoneType.USPACE:
            return Outcome.USPACE
        case ZoneType.REQ_AUTHORIZATION:
            return Outcome.AUTHORIZATION_REQUIRED
        case ZoneType.PROHIBITED:
            return Outcome.PROHIBITED
        case None:
            return Outcome.UNRECOGNISED


def outcome_of_word(word: str | None) -> Outcome:
    """Return what a restriction word of ED-318 requires."""
    known = {zone_type.value: zone_type for zone_type in ZoneType}
    return outcome_of(known.get(word or ""))


def _at_least(
    verdict: Verdict, known: Outcome, possible: Outcome, recognised: Outcome, *, complete: bool
) -> bool:
    if verdict not in (Verdict.AUTHORIZATION_REQUIRED, Verdict.USPACE):
        return False
    return possible > recognised or known is Outcome.UNRECOGNISED or not complete


def _examine(published: PublishedZone, question: Question, around: Surroundings) -> Finding | Miss | None:
    """Return the zone's part in the answer, why it has none, or None where it lies elsewhere."""
    zone = published.zone
    in_time = applies(zone.applicability, question.window)
    best: Finding | None = None
    miss: Miss | None = None
    for volume in zone.volumes:
        met = [any_of(meets(leg, shape) for shape in volume.footprints) for leg in question.legs]
        here = any_of(met)
        if here == NO:
            continue
        at_height = overlap(question.heights, volume.vertical, around)
        judgement = all_of((here, at_height, in_time))
        if judgement == NO:
            above = starts_above(question.heights, volume.vertical, around)
            why = WhyNot.HEIGHT if at_height == NO else WhyNot.TIME
            miss = miss or Miss(published, volume, why, starts_above=above and why is WhyNot.HEIGHT)
            continue
        legs = tuple(number for number, leg in enumerate(met) if leg != NO)
        best = _better(best, Finding(published, judgement, outcome_of(zone.type), volume, legs))
    return best or miss


def _better(best: Finding | None, other: Finding) -> Finding:
    """Combine what two volumes of one zone say: either is enough, and all the legs count."""
    if best is None:
        return other
    surer = other if other.judgement.truth > best.judgement.truth else best
    return Finding(
        surer.published,
        best.judgement | other.judgement,
        surer.outcome,
        surer.volume,
        tuple(sorted({*best.legs, *other.legs})),
    )


def _worst_first(finding: Finding) -> tuple[int, int, str, str]:
    zone = finding.published.zone
    return -finding.judgement.truth, -finding.outcome, zone.country, zone.identifier


def _coverage(question: Question, coverages: Sequence[Coverage]) -> tuple[frozenset[Reason], tuple[str, ...]]:
    """Return what is missing for a complete answer, and the data sets that cover any of the legs."""
    gaps: frozenset[Reason] = frozenset()
    covering: set[str] = set()
    for leg in question.legs:
        doubts = [(coverage, coverage.doubts((leg,), question.window)) for coverage in coverages]
        sure = {coverage.data_set.key for coverage, doubt in doubts if not doubt}
        covering |= sure
        if any(Reason.DATASET_EXPIRED in doubt for _, doubt in doubts):
            gaps |= {Reason.DATASET_EXPIRED}
        elif not sure:
            gaps |= {Reason.OUTSIDE_COVERAGE}
    return gaps, tuple(sorted(covering))


def _quarantined_near(question: Question, coverages: Sequence[Coverage]) -> Iterable[QuarantinedZone]:
    """Yield the zones set aside whose bounds touch the question; one without bounds may be anywhere."""
    boxes = [leg.bounds for leg in question.legs]
    for coverage in coverages:
        for zone in coverage.data_set.quarantined:
            if zone.bounds is None or any(
                any(True for _ in turns_to_meet(box, zone.bounds)) for box in boxes
            ):
                yield zone

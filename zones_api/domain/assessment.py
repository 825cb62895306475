"""The one decision: which zones apply to a question, what they require, and what cannot be told.

Everything that answers, on the web, on a phone or on the command line, asks `assess`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import shapely

from zones_api.domain.advice import Advice, advise
from zones_api.domain.altitude import Gap, HeightRange, Surroundings, above_ground_m, gap
from zones_api.domain.applicability import Timeline
from zones_api.domain.data_set import Coverage, QuarantinedZone
from zones_api.domain.flight import Question
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.overlap import Place, at_least_m
from zones_api.domain.passage import Passage, clearance_m, passages
from zones_api.domain.reasons import Reason
from zones_api.domain.scene import Check, Met, Scene, Touch, Weighed, look, widened
from zones_api.domain.truth import NO, YES, Judgement, any_of
from zones_api.domain.zone import AirspaceVolume, PublishedZone

UPCOMING = timedelta(hours=24)
"""How far ahead of the start zones that come into force are named."""
NEARBY_M = 5_000.0
"""Zones missed by less are named, the nearest few of them."""
_MOST_NEARBY = 5


class WhyNot(StrEnum):
    """Why a zone at this place does not apply to the question."""

    HEIGHT = "HEIGHT"
    TIME = "TIME"


@dataclass(frozen=True)
class Encounter:
    """One volume on one leg: where the leg is in it, and between which heights above ground (metres, outward).

    A `top_m` of None is without limit. An area has no passages.
    """

    leg: int
    volume: AirspaceVolume
    judgement: Judgement
    passages: tuple[Passage, ...]
    bottom_m: float
    top_m: float | None


@dataclass(frozen=True)
class Finding:
    """One zone's part in the answer; `volume` is the one most surely met.

    `as_published` is the outcome without the reading of the zone's texts, if they are read.
    """

    published: PublishedZone
    judgement: Judgement
    outcome: Outcome
    as_published: Outcome
    volume: AirspaceVolume
    encounters: tuple[Encounter, ...]
    active: Timeline
    next_change: datetime | None

    @property
    def legs(self) -> tuple[int, ...]:
        """The numbers of the legs it applies or may apply to, from 0."""
        return tuple(sorted({encounter.leg for encounter in self.encounters}))


@dataclass(frozen=True)
class Miss:
    """A zone at this place that does not apply, and why not: by which gap in height, or when it would.

    `leg` is the one that comes nearest to it in height, `upcoming` is when it comes into force within a day, for certain or possibly.
    """

    published: PublishedZone
    volume: AirspaceVolume
    why: WhyNot
    leg: int
    gap: Gap | None
    upcoming: datetime | None

    @property
    def starts_above(self) -> bool:
        """Whether the zone starts above everything asked about."""
        return self.gap is not None and self.gap.above


@dataclass(frozen=True)
class Neighbour:
    """A zone that is missed on the ground: by so many metres, rounded down, on the leg that comes nearest."""

    published: PublishedZone
    metres: int
    leg: int


@dataclass(frozen=True)
class Assessment:
    """The answer: what is known, what is possible, and the verdict between them; `by_leg` of each leg by itself."""

    question: Question
    verdict: Verdict
    known: Outcome
    possible: Outcome
    at_least: bool
    complete: bool
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    misses: tuple[Miss, ...]
    nearby: tuple[Neighbour, ...]
    quarantined: tuple[QuarantinedZone, ...]
    covered_by: tuple[str, ...]
    concerned: tuple[str, ...]
    advice: Advice
    surroundings: tuple[Surroundings, ...]
    by_leg: tuple[Weighed, ...]


def assess(
    question: Question,
    zones: Iterable[PublishedZone],
    coverages: Sequence[Coverage],
    surroundings: Callable[[Place], Surroundings],
    check: Check = lambda: None,
) -> Assessment:
    """Answer a question from all zones that may be near it and the data sets they come from.

    Args:
        question: Where, how high, when and, if stated, what flies.
        zones: At least all zones whose bounds touch the question's; those within NEARBY_M are named too.
        coverages: Every data set, with the area for which it is complete.
        surroundings: What is known of the ground and the geoid along a leg.
        check: Called between pieces of work; raises where the question has taken too long.
    """
    candidates = tuple(zones)
    scene = look(question, candidates, coverages, surroundings, check)
    weighed = scene.weigh(question.profile, question.window)
    results = [_examine(met, scene) for met in scene.met]
    findings = tuple(sorted((r for r in results if isinstance(r, Finding)), key=_worst_first))
    doubts = weighed.gaps.union(*(finding.judgement.reasons for finding in findings))
    if any(finding.outcome is Outcome.UNRECOGNISED for finding in findings):
        doubts |= {Reason.RESTRICTION_UNRECOGNISED}
    complete = not weighed.gaps
    return Assessment(
        question=question,
        verdict=weighed.verdict,
        known=weighed.known,
        possible=weighed.possible,
        at_least=weighed.at_least,
        complete=complete,
        reasons=tuple(reason for reason in Reason if reason in doubts),
        findings=findings,
        misses=tuple(
            sorted((r for r in results if isinstance(r, Miss)), key=lambda miss: _named(miss.published))
        ),
        nearby=_nearby(scene, candidates),
        quarantined=scene.quarantined,
        covered_by=scene.covered_by,
        concerned=scene.concerned,
        advice=advise(scene, weighed),
        surroundings=tuple(scene.around(leg) for leg in range(len(question.legs))),
        by_leg=scene.weigh_each(question.profile, question.window),
    )


def _examine(met: Met, scene: Scene) -> Finding | Miss:
    """Return a zone's part in the answer, or why it has none."""
    scene.check()
    question = scene.question
    in_force = met.in_force(question.window)
    judged = [(touch, touch.here & scene.at_height(question.profile, touch)) for touch in met.touches]
    judged = [(touch, judgement) for touch, judgement in judged if judgement != NO]
    if not judged or in_force == NO:
        return _missed(met, scene, at_height=bool(judged))
    encounters = tuple(_encounter(touch, judgement & in_force, scene) for touch, judgement in judged)
    surest = max(encounters, key=lambda encounter: encounter.judgement.truth)
    legs, unread = _legs_that_count(encounters), replace(met, published=replace(met.published, reading=()))
    return Finding(
        met.published,
        any_of(judgement for _, judgement in judged) & in_force,
        scene.outcome(met, question.profile, legs),
        scene.outcome(unread, question.profile, legs),
        surest.volume,
        encounters,
        met.during,
        _next_change(met),
    )


def _legs_that_count(encounters: Sequence[Encounter]) -> set[int]:
    """Return the legs on which the zone certainly applies or, if there are none, all on which it may."""
    surely = {encounter.leg for encounter in encounters if encounter.judgement == YES}
    return surely or {encounter.leg for encounter in encounters}


def _encounter(touch: Touch, judgement: Judgement, scene: Scene) -> Encounter:
    leg = scene.question.legs[touch.leg]
    found = {passage for shape in touch.volume.footprints for passage in passages(leg, shape)}
    bottom_m, top_m = _flown_m(touch, scene.question.profile[touch.leg], scene.around(touch.leg))
    ordered = tuple(sorted(found, key=lambda passage: (passage.entry_m, passage.exit_m)))
    return Encounter(touch.leg, touch.volume, judgement, ordered, bottom_m, top_m)


def _flown_m(touch: Touch, heights: HeightRange, around: Surroundings) -> tuple[float, float | None]:
    """Return the heights above ground, outward, at which the flight may be inside the volume."""
    vertical = touch.volume.vertical
    zone = [None if limit is None else limit.height for limit in (vertical.lower, vertical.upper)]
    lows = [above_ground_m(end, around).low for end in (heights.lower, zone[0]) if end is not None]
    highs = [above_ground_m(end, around).high for end in (heights.upper, zone[1]) if end is not None]
    bottom_m = max(0.0, *lows) if lows else 0.0
    return bottom_m, max(bottom_m, min(highs)) if highs else None


def _missed(met: Met, scene: Scene, *, at_height: bool) -> Miss:
    if at_height:
        starts = (start for start, _ in met.around.possible)
        upcoming = next((s for s in starts if timedelta(0) < s - met.window.start <= UPCOMING), None)
        return Miss(met.published, met.touches[0].volume, WhyNot.TIME, met.touches[0].leg, None, upcoming)
    gaps = [
        (touch, gap(scene.question.profile[touch.leg], touch.volume.vertical, scene.around(touch.leg)))
        for touch in met.touches
        if not touch.other_geoid
    ]
    missed = [(touch, found) for touch, found in gaps if found is not None]
    if not missed:
        return Miss(met.published, met.touches[0].volume, WhyNot.HEIGHT, met.touches[0].leg, None, None)
    touch, nearest = min(missed, key=lambda pair: _gap_order(pair[1]))
    return Miss(met.published, touch.volume, WhyNot.HEIGHT, touch.leg, nearest, None)


def _nearby(scene: Scene, candidates: Sequence[PublishedZone]) -> tuple[Neighbour, ...]:
    """Return the nearest zones that the question misses on the ground."""
    legs = scene.question.legs
    whole = [shapely.GeometryCollection([leg.geometry for leg in legs])]
    met = {id(each.published) for each in scene.met}
    found = []
    for published in candidates:
        if id(published) not in met:
            scene.check()
            metres = min(float(at_least_m(whole, shape)[0]) for shape in published.zone.footprints)
            if metres - legs[0].buffer_m <= NEARBY_M:
                found.append((metres, _named(published), published))
    nearest = [
        Neighbour(published, *_clearance_m(scene, published))
        for *_, published in sorted(found, key=lambda pair: pair[:2])[:_MOST_NEARBY]
    ]
    return tuple(sorted(nearest, key=lambda neighbour: (neighbour.metres, _named(neighbour.published))))


def _clearance_m(scene: Scene, published: PublishedZone) -> tuple[int, int]:
    """Return the whole metres on the ground between a zone and the question, rounded down, and on which leg."""
    legs, nearest_m, nearest = scene.question.legs, math.inf, 0
    for shape in published.zone.footprints:
        bounds_m = at_least_m([leg.geometry for leg in legs], shape) - legs[0].buffer_m
        for number in np.argsort(bounds_m).tolist():
            if bounds_m[number] >= nearest_m:
                break
            scene.check()
            nearest_m, nearest = min((nearest_m, nearest), (clearance_m(legs[number], shape), number))
    return math.floor(nearest_m), nearest


def _gap_order(found: Gap) -> tuple[float, float]:
    return found.metres.low, found.metres.high


def _next_change(met: Met) -> datetime | None:
    """Return the first moment after the window's start at which the zone comes into or goes out of force."""
    horizon = widened(met.window)
    spans = (*met.around.certain, *met.around.possible)
    moments = {moment for span in spans for moment in span if met.window.start < moment < horizon.end}
    return min(moments, default=None)


def _worst_first(finding: Finding) -> tuple[int, int, tuple[str, ...]]:
    return -finding.judgement.truth, -finding.outcome, _named(finding.published)


def _named(published: PublishedZone) -> tuple[str, ...]:
    """Return what orders zones that nothing else does, so that an answer has one order."""
    return published.zone.country, published.zone.identifier, published.data_set, published.version

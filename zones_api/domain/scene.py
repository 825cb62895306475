"""Where a question lies: the zones it meets on the ground and the data that covers it, found once.

Heights and times are weighed against a scene as often as needed: for the answer, and for what would change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from zones_api.domain.altitude import HeightRange, Surroundings, VerticalExtent, overlap, with_datum_doubt
from zones_api.domain.applicability import Timeline, Window, timeline
from zones_api.domain.conditions import required
from zones_api.domain.data_set import Coverage, QuarantinedZone
from zones_api.domain.flight import Profile, Question
from zones_api.domain.geometry import Bounds
from zones_api.domain.outcome import Outcome, Verdict, at_least, decide, outcome_of_word
from zones_api.domain.overlap import Place, meets, turns_to_meet
from zones_api.domain.reasons import Reason
from zones_api.domain.truth import NO, YES, Judgement, any_of
from zones_api.domain.zone import AirspaceVolume, PublishedZone

HORIZON = timedelta(days=7)
"""How far before and after the window other times are looked for."""

OTHER_GEOID_M = 5.0
"""How far a document's mean sea level may lie from that of EGM96 where it names another geoid.

The national height systems of Europe lie within about 2.5 m of each other (Belgium's DNG 2.3 m below the others).
"""

Check = Callable[[], None]
"""Called between pieces of work; raises where a question has taken too long."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A volume that a leg meets on the ground, or may; `other_geoid` where its heights are not above EGM96."""

    leg: int
    volume: AirspaceVolume
    here: Judgement
    other_geoid: bool


@dataclass(frozen=True)
class Met:
    """A zone that the question meets on the ground, or may; `place` is the box that both touch."""

    published: PublishedZone
    touches: tuple[Touch, ...]
    place: Bounds
    window: Window

    @cached_property
    def during(self) -> Timeline:
        """When the zone is in force within the window asked about."""
        return self._timeline(self.window)

    @cached_property
    def around(self) -> Timeline:
        """The same from a week before the window to a week after it."""
        return self._timeline(widened(self.window))

    def _timeline(self, window: Window) -> Timeline:
        published = self.published
        return timeline(published.zone.applicability, window, self.place).within(published.valid)

    def in_force(self, window: Window) -> Judgement:
        """Say whether the zone is in force at any moment of a window within a week of the one asked about."""
        return self.during.during(window) if window == self.window else self.around.during(window)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known and possible for some heights and some window, and what is missing for a complete answer."""

    known: Outcome
    possible: Outcome
    recognised: Outcome
    gaps: frozenset[Reason]

    @property
    def verdict(self) -> Verdict:
        """The headline."""
        return decide(self.known, self.possible, self.recognised, complete=not self.gaps)

    @property
    def at_least(self) -> bool:
        """Whether more may be required than the headline says."""
        return at_least(self.verdict, self.known, self.possible, self.recognised, complete=not self.gaps)


@dataclass(frozen=True, slots=True)
class Covering:
    """Which legs a data set covers, and which it concerns: those that touch its area at all."""

    coverage: Coverage
    covers: tuple[bool, ...]
    concerns: tuple[bool, ...]


@dataclass(frozen=True)
class Scene:
    """The zones met, the data sets, and the zones set aside near a question; `around` is what each leg stands on."""

    question: Question
    met: tuple[Met, ...]
    coverages: tuple[Covering, ...]
    quarantined: tuple[QuarantinedZone, ...]
    surroundings: Callable[[Place], Surroundings]
    check: Check
    _around: dict[int, Surroundings] = field(default_factory=dict)

    def around(self, leg: int) -> Surroundings:
        """Return what is known of the ground and the geoid along a leg; looked up once."""
        if leg not in self._around:
            # A terrain model reads its file for each leg.
            self.check()
            self._around[leg] = self.surroundings(self.question.legs[leg])
        return self._around[leg]

    def level(self, heights: HeightRange) -> Profile:
        """Return the same heights for every leg."""
        return (heights,) * len(self.question.legs)

    def at_height(self, profile: Profile, touch: Touch) -> Judgement:
        """Say whether a leg's heights meet a volume on it."""
        heights, vertical = profile[touch.leg], touch.volume.vertical
        if vertical == VerticalExtent():
            return YES
        if touch.other_geoid:
            return with_datum_doubt(heights, vertical, self.around(touch.leg), OTHER_GEOID_M)
        return overlap(heights, vertical, self.around(touch.leg))

    def outcome(self, met: Met, profile: Profile, legs: Iterable[int]) -> Outcome:
        """Return what a zone requires of the operation asked about on these legs."""
        published, operation = met.published, self.question.operation
        if not published.zone.coded_conditions and not published.reading:
            return required(published, operation, HeightRange(), Surroundings())
        return max(required(published, operation, profile[leg], self.around(leg)) for leg in legs)

    def weigh(self, profile: Profile, window: Window) -> Weighed:
        """Return what is known and possible at these heights and in this window."""
        yes: list[Outcome] = []
        maybe = [outcome_of_word(zone.published_type) for zone in self.quarantined]
        for met, legs, surely in self._applying(profile, window):
            if surely:
                yes.append(self.outcome(met, profile, surely))
            maybe.append(self.outcome(met, profile, legs))
        return _weighed(yes, maybe, self.gaps(window))

    def weigh_each(self, profile: Profile, window: Window) -> tuple[Weighed, ...]:
        """Return of each leg by itself what is known and possible on it, and what is missing for an answer to it."""
        yes: list[list[Outcome]] = [[] for _ in self.question.legs]
        maybe = [[outcome_of_word(zone.published_type) for zone in near] for near in self._set_aside]
        for met, legs, surely in self._applying(profile, window):
            for leg in legs:
                (yes if leg in surely else maybe)[leg].append(self.outcome(met, profile, (leg,)))
        return tuple(map(_weighed, yes, maybe, self._gaps_by_leg(window)))

    def _applying(self, profile: Profile, window: Window) -> Iterator[tuple[Met, set[int], set[int]]]:
        """Yield the zones that apply or may, with the legs on which they do or may, and those on which they surely do."""
        for met in self.met:
            self.check()
            in_force = met.in_force(window)
            if in_force == NO:
                continue
            judged = [(touch.leg, touch.here & self.at_height(profile, touch)) for touch in met.touches]
            legs = {leg for leg, judgement in judged if judgement != NO}
            surely = {leg for leg, judgement in judged if judgement == YES} if in_force == YES else set()
            if legs:
                yield met, legs, surely

    def gaps(self, window: Window) -> frozenset[Reason]:
        """Return what is missing for a complete answer in a window."""
        return frozenset[Reason]().union(*self._gaps_by_leg(window))

    def _gaps_by_leg(self, window: Window) -> list[frozenset[Reason]]:
        doubts = [(each, each.coverage.doubt(window)) for each in self.coverages]
        found = []
        for leg, set_aside in enumerate(self._set_aside):
            gaps = {Reason.ZONE_QUARANTINED} if set_aside else set()
            concerning = [(each, doubt) for each, doubt in doubts if each.concerns[leg]]
            if any(doubt is Reason.DATASET_EXPIRED for _, doubt in concerning):
                gaps.add(Reason.DATASET_EXPIRED)
            elif not any(doubt is None and each.covers[leg] for each, doubt in concerning):
                undeclared = any(each.coverage.area is None for each, _ in concerning)
                gaps.add(Reason.COVERAGE_NOT_DECLARED if undeclared else Reason.OUTSIDE_COVERAGE)
            found.append(frozenset(gaps))
        return found

    @cached_property
    def _set_aside(self) -> tuple[tuple[QuarantinedZone, ...], ...]:
        """Of each leg the zones set aside that may touch it."""
        return tuple(
            tuple(zone for zone in self.quarantined if _may_touch(zone, leg.bounds))
            for leg in self.question.legs
        )

    @property
    def covered_by(self) -> tuple[str, ...]:
        """The keys of the data sets that cover any of the legs in the window asked about."""
        window = self.question.window
        return tuple(
            each.coverage.data_set.key
            for each in self.coverages
            if any(each.covers) and each.coverage.doubt(window) is None
        )

    @property
    def concerned(self) -> tuple[str, ...]:
        """The keys of the data sets that concern any of the legs, whether they can vouch for it or not."""
        return tuple(each.coverage.data_set.key for each in self.coverages if any(each.concerns))


def look(
    question: Question,
    zones: Iterable[PublishedZone],
    coverages: Sequence[Coverage],
    surroundings: Callable[[Place], Surroundings],
    check: Check,
) -> Scene:
    """Return the scene of a question among the zones that may be near it."""
    other_geoids = {c.data_set.key for c in coverages if c.data_set.has_other_geoid}
    met = []
    for published in zones:
        check()
        if not any(True for _ in turns_to_meet(question.bounds, published.zone.bounds)):
            continue
        touches = tuple(_touches(published, question, published.data_set in other_geoids, check))
        if touches:
            place = _common(question.bounds, published.zone.bounds)
            met.append(Met(published, touches, place, question.window))
    covered = []
    for coverage in coverages:
        check()
        concerns = tuple(coverage.concerns(leg) for leg in question.legs)
        covers = tuple(
            concern and coverage.covers(leg) for leg, concern in zip(question.legs, concerns, strict=True)
        )
        covered.append(Covering(coverage, covers, concerns))
    return Scene(
        question,
        tuple(met),
        tuple(covered),
        tuple(_quarantined_near(question, coverages)),
        surroundings,
        check,
    )


def widened(window: Window) -> Window:
    """Return a window with the horizon on both sides, as far as the calendar goes."""
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    start = window.start - HORIZON if window.start - earliest > HORIZON else earliest
    end = window.end + HORIZON if latest - window.end > HORIZON else latest
    return Window(start, end)


def _touches(
    published: PublishedZone, question: Question, other_geoid: bool, check: Check
) -> Iterable[Touch]:
    for number, leg in enumerate(question.legs):
        for volume in published.zone.volumes:
            check()
            here = any_of(meets(leg, shape) for shape in volume.footprints)
            if here != NO:
                yield Touch(number, volume, here, other_geoid)


def _common(asked: Bounds, zone: Bounds) -> Bounds:
    """Return a box that holds all that two boxes share, in the longitudes of the zone; they touch."""
    turns = [*turns_to_meet(asked, zone)]
    if not turns:
        return zone
    # Across the antimeridian they may share a part on either side of it.
    west, east = max(asked[0] + min(turns), zone[0]), min(asked[2] + max(turns), zone[2])
    return west, max(asked[1], zone[1]), east, min(asked[3], zone[3])


def _quarantined_near(question: Question, coverages: Sequence[Coverage]) -> Iterable[QuarantinedZone]:
    """Yield the zones set aside whose bounds touch the question; one without bounds may be anywhere."""
    boxes = [leg.bounds for leg in question.legs]
    for coverage in coverages:
        for zone in coverage.data_set.quarantined:
            if any(_may_touch(zone, box) for box in boxes):
                yield zone


def _may_touch(zone: QuarantinedZone, box: Bounds) -> bool:
    return zone.bounds is None or any(True for _ in turns_to_meet(box, zone.bounds))


def _weighed(yes: list[Outcome], maybe: list[Outcome], gaps: frozenset[Reason]) -> Weighed:
    surely = [Outcome.NO_ZONE, *yes]
    recognised = max(outcome for outcome in surely if outcome is not Outcome.UNRECOGNISED)
    return Weighed(max(surely), max(surely + maybe), recognised, gaps)

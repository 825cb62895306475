"""What publishing a draft would change: which zones it lies over, which area it adds or takes away, which verdicts.

A preview for people, never a decision. Areas are those of outlines (`geometry.outline`): that of a circle lies
outside it by up to 0.1 % of its radius and has 0.07 % more area. What crosses the antimeridian is compared the short
way around the globe. Of two zones that only touch on the ground, or share less than LEAST_KM2, neither lies over the
other; in height and in time touching counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import HeightRange, Surroundings, VerticalExtent
from zones_api.domain.altitude import overlap as heights_overlap
from zones_api.domain.assessment import Assessment
from zones_api.domain.difference import Difference, differences
from zones_api.domain.drafting import DraftContent, Item
from zones_api.domain.geometry import Disc, Footprint, area_km2, outline, shifted
from zones_api.domain.outcome import Outcome, Verdict, outcome_of
from zones_api.domain.overlap import Place, turns_to_meet
from zones_api.domain.spans import Span, meets
from zones_api.domain.spans import shifted as later
from zones_api.domain.timeslices import Slice, cut
from zones_api.domain.truth import NO
from zones_api.domain.zone import AirspaceVolume, PublishedZone, UASZone, ZoneType

LEAST_KM2 = 1e-6
"""Zones that share less than this, a square metre, do not lie over each other: their edges are drawn alike."""

_VERDICTS = {
    Verdict.NO_ZONE_FOUND: Outcome.NO_ZONE,
    Verdict.CONDITIONAL: Outcome.CONDITIONAL,
    Verdict.USPACE: Outcome.USPACE,
    Verdict.AUTHORIZATION_REQUIRED: Outcome.AUTHORIZATION_REQUIRED,
    Verdict.PROHIBITED: Outcome.PROHIBITED,
    Verdict.UNKNOWN: Outcome.UNRECOGNISED,
}


class Compared(StrEnum):
    """How what is drafted compares with something else; CANNOT_TELL where a rule or a verdict is not known."""

    STRICTER = "STRICTER"
    MILDER = "MILDER"
    SAME = "SAME"
    CANNOT_TELL = "CANNOT_TELL"


@dataclass(frozen=True)
class Area:
    """Polygons in lon/lat degrees, possibly none, and their size on the ellipsoid in square kilometres."""

    geometry: BaseGeometry
    km2: float


@dataclass(frozen=True)
class DrawnVolume:
    """A volume, its outline in lon/lat degrees, and what is known of the ground and the geoid all over that."""

    volume: AirspaceVolume
    outline: BaseGeometry
    around: Surroundings


@dataclass(frozen=True)
class Overlap:
    """Where a drafted zone lies over another at heights that both have, or may have.

    `drafted_is` compares their types' words; coded conditions may require something else of an operation.
    """

    published: PublishedZone
    drafted_is: Compared
    area: Area


@dataclass(frozen=True)
class ZoneImpact:
    """What one item of a draft changes: the zones it lies over, by name, and the area where it is new or gone.

    Both areas are of zones that restrict; those of a zone that only informs are empty.
    """

    item: Item
    overlaps: tuple[Overlap, ...]
    added: Area
    removed: Area


@dataclass(frozen=True)
class Impact:
    """What a draft changes, item by item in its order, and the area that all of its zones add and take away.

    What one zone leaves and another takes over for the same time is neither added nor taken away in total.
    """

    zones: tuple[ZoneImpact, ...]
    added: Area
    removed: Area


@dataclass(frozen=True)
class VerdictChange:
    """One question's two answers; `after_is` compares the verdicts, `differences` are all that is different."""

    before: Verdict
    after: Verdict
    after_is: Compared
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class VerdictChanges:
    """The answers of questions before and after, in the order given."""

    answers: tuple[VerdictChange, ...]

    @property
    def counts(self) -> Mapping[Compared, int]:
        """How many verdicts are stricter, milder, the same or not to be compared; zeros too."""
        counted = Counter(answer.after_is for answer in self.answers)
        return {each: counted[each] for each in Compared}

    @property
    def moves(self) -> Mapping[tuple[Verdict, Verdict], int]:
        """How many went from one verdict to another; those that stay are left out."""
        return Counter((each.before, each.after) for each in self.answers if each.before is not each.after)


def impact(
    content: DraftContent,
    before: Sequence[PublishedZone],
    after: Sequence[PublishedZone],
    published_at: datetime,
    surroundings: Callable[[Place], Surroundings] = lambda _: Surroundings(),
) -> Impact:
    """Return what a draft would change on the map.

    Args:
        content: The draft.
        before: The zones of the register as it is; at least all versions of those that the draft changes.
        after: The zones of the register as it would be (`after_publication`); what a draft lies over is found here.
        published_at: When it would be published, UTC.
        surroundings: What is known of the ground and the geoid all over a place.
    """
    standing = _by_name(each for each in before if each.data_set == content.data_set)
    index = shapely.STRtree(_boxes(after))
    changes, overlaps = [], []
    for item in content.items:
        span = item.span(published_at)
        was = standing[item.country, item.identifier]
        changes.append(_Change(span, tuple((each.valid, _restricted(each.zone)) for each in was), item))
        others = _others(item, content.data_set, span, after, index) if item.zone else []
        over = overlaps_of(drawn(item.zone, surroundings), item.zone, others) if item.zone else ()
        overlaps.append(tuple(sorted(over, key=lambda each: _named(each.published))))
    zones = [
        ZoneImpact(change.item, over, *map(_area, _moved([change])))
        for change, over in zip(changes, overlaps, strict=True)
    ]
    together: dict[Span, list[_Change]] = defaultdict(list)
    for change in changes:
        together[change.span].append(change)
    moved = [_moved(group) for group in together.values()]
    added, removed = ([each[which] for each in moved] for which in (0, 1))
    return Impact(tuple(zones), _area(shapely.union_all(added)), _area(shapely.union_all(removed)))


def after_publication(
    before: Sequence[PublishedZone],
    content: DraftContent,
    published_at: datetime,
    version_of: Callable[[bytes], str],
) -> tuple[PublishedZone, ...]:
    """Return the register's zones as publishing a draft would leave them: those it leaves alone first, in their order.

    Args:
        before: The zones of the register as it is, of any data sets.
        content: The draft.
        published_at: When it would be published, UTC.
        version_of: The name of a zone's version, from the canonical JSON of its features.
    """
    names = {(item.country, item.identifier) for item in content.items}
    own = [each for each in before if each.data_set == content.data_set and _name(each.zone) in names]
    slices = {name: [Slice(each, each.valid) for each in zones] for name, zones in _by_name(own).items()}
    for item in content.items:
        span, name = item.span(published_at), (item.country, item.identifier)
        _, left = cut(slices.get(name, []), span)
        kept = [each for each in slices.get(name, []) if not meets((each.valid,), span)]
        if item.zone is not None:
            version = version_of(item.content or b"")
            made = PublishedZone(item.zone, content.data_set, version, span, content.legal_reference)
            kept.append(Slice(made, span))
        slices[name] = [*kept, *left]
    changed = {id(each) for each in own}
    return (
        *(each for each in before if id(each) not in changed),
        *(replace(each.what, valid=each.valid) for many in slices.values() for each in many),
    )


def changed_verdicts(pairs: Iterable[tuple[Assessment, Assessment]]) -> VerdictChanges:
    """Return how the answers to the same questions before and after a publication differ."""
    return VerdictChanges(
        tuple(
            VerdictChange(
                before.verdict,
                after.verdict,
                Compared.SAME
                if before.verdict is after.verdict
                else compared(_VERDICTS[after.verdict], _VERDICTS[before.verdict]),
                differences(before, after),
            )
            for before, after in pairs
        )
    )


def compared(drafted: Outcome, other: Outcome) -> Compared:
    """Say whether a drafted outcome is stricter or milder than another; one that is not recognised cannot be told."""
    if Outcome.UNRECOGNISED in (drafted, other):
        return Compared.CANNOT_TELL
    if drafted is other:
        return Compared.SAME
    return Compared.STRICTER if drafted > other else Compared.MILDER


def drawn(zone: UASZone, surroundings: Callable[[Place], Surroundings]) -> tuple[DrawnVolume, ...]:
    """Return the volumes of a zone with their outlines; the ground is looked up only for those with a limit."""

    def draw(volume: AirspaceVolume) -> DrawnVolume:
        line = _outlined(volume)
        limitless = volume.vertical == VerticalExtent() or line.is_empty
        return DrawnVolume(volume, line, Surroundings() if limitless else surroundings(Place(line)))

    return tuple(draw(volume) for volume in zone.volumes)


def overlaps_of(
    drafted: Sequence[DrawnVolume], zone: UASZone, others: Iterable[PublishedZone]
) -> Iterator[Overlap]:
    """Yield the zones that a drafted zone lies over, each once, whichever hours they are in force."""
    seen = set()
    for published in others:
        if _named(published) in seen or not _meet(published.zone.bounds, zone.bounds):
            continue
        seen.add(_named(published))
        shared = [
            common(mine.outline, _outlined(volume))
            for volume in published.zone.volumes
            for mine in drafted
            if _meet_in_height(mine, volume.vertical)
        ]
        area = _area(shapely.union_all(shared))
        if area.km2 >= LEAST_KM2:
            yield Overlap(published, compared(outcome_of(zone.type), outcome_of(published.zone.type)), area)


def common(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Return the polygons that two geometries share, in the longitudes of the first."""
    turned = [shifted(b, turn) for turn in turns_to_meet(b.bounds, a.bounds)]
    return _polygons(shapely.union_all(shapely.intersection(a, np.asarray(turned, dtype=object))))


def without(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry that are not in another."""
    turned = [shifted(b, turn) for turn in turns_to_meet(b.bounds, a.bounds)]
    return _polygons(shapely.difference(a, shapely.union_all(turned)))


@dataclass(frozen=True)
class _Change:
    """An item over its span: what stands of its zone, when, and where that restricts."""

    span: Span
    was: tuple[tuple[Span, BaseGeometry], ...]
    item: Item

    @cached_property
    def will(self) -> BaseGeometry:
        return _restricted(self.item.zone)


def _moved(changes: Sequence[_Change]) -> tuple[BaseGeometry, BaseGeometry]:
    """Return what changes over one span add and take away, at any moment of it."""
    start, end = changes[0].span
    was = [each for change in changes for each in change.was]
    edges = {later(until, timedelta.resolution) for (_, until), _ in was} | {since for (since, _), _ in was}
    will = shapely.union_all([change.will for change in changes])
    added, removed = [], []
    for moment in sorted({start, *(edge for edge in edges if start < edge < end)}):
        then = shapely.union_all([area for span, area in was if meets((span,), (moment, moment))])
        added.append(without(will, then))
        removed.append(without(then, will))
    return shapely.union_all(added), shapely.union_all(removed)


def _restricted(zone: UASZone | None) -> BaseGeometry:
    if zone is None or zone.type is ZoneType.NO_RESTRICTION:
        return shapely.Polygon()
    return shapely.union_all([_outlined(volume) for volume in zone.volumes])


def _others(
    item: Item, data_set: str, span: Span, after: Sequence[PublishedZone], index: shapely.STRtree
) -> list[PublishedZone]:
    """Return the zones whose boxes meet an item's while it applies, in their order, its own versions left out."""
    assert item.zone is not None
    west, south, east, north = item.zone.bounds
    boxes = [shapely.box(west + turn, south, east + turn, north) for turn in (0.0, -360.0, 360.0)]
    near = [after[number] for number in np.unique(index.query(boxes)[1])]
    own = (data_set, item.country, item.identifier)
    return [each for each in near if (each.data_set, *_name(each.zone)) != own and meets((each.valid,), span)]


def _meet_in_height(mine: DrawnVolume, other: VerticalExtent) -> bool:
    vertical = mine.volume.vertical
    ends = () if vertical.doubt else (vertical.lower, vertical.upper)
    heights = HeightRange(*(limit.height if limit else None for limit in ends))
    return heights_overlap(heights, other, mine.around) != NO


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return any(True for _ in turns_to_meet(a, b))


def _boxes(zones: Sequence[PublishedZone]) -> NDArray[np.object_]:
    bounds = np.array([each.zone.bounds for each in zones], dtype=np.float64).reshape(-1, 4)
    return np.asarray(shapely.box(*bounds.T), dtype=object)


def _outlined(volume: AirspaceVolume) -> BaseGeometry:
    lines = [_disc_outline(each) if isinstance(each, Disc) else outline(each) for each in volume.footprints]
    return _polygons(lines[0] if len(lines) == 1 else shapely.union_all(lines))


@lru_cache(maxsize=20_000)
def _disc_outline(disc: Footprint) -> BaseGeometry:
    """Return the outline of a disc; it takes over a millisecond to draw, and registers are asked about often."""
    return outline(disc)


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry without its points and lines."""
    if geometry.geom_type == "Polygon":
        return geometry
    parts = shapely.get_parts(geometry)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))


def _area(geometry: BaseGeometry) -> Area:
    polygons = _polygons(geometry)
    return Area(polygons, area_km2(polygons))


def _by_name(zones: Iterable[PublishedZone]) -> dict[tuple[str, str], list[PublishedZone]]:
    found: dict[tuple[str, str], list[PublishedZone]] = defaultdict(list)
    for each in zones:
        found[_name(each.zone)].append(each)
    return found


def _name(zone: UASZone) -> tuple[str, str]:
    return zone.country, zone.identifier


def _named(published: PublishedZone) -> tuple[str, ...]:
    return (*_name(published.zone), published.data_set, published.version)

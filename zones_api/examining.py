"""What a draft would do if it were published: every defect, how much it changes, and that in one sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from zones_api.domain.altitude import Surroundings
from zones_api.domain.competence import DRAWN_ALIKE_DEGREES, SUFFICES, Competence, Mode, lack
from zones_api.domain.drafting import Draft, DraftContent, Item
from zones_api.domain.geometry import area_km2, outline, sketch
from zones_api.domain.overlap import Place
from zones_api.domain.people import Organisation
from zones_api.domain.spans import Span, meets
from zones_api.domain.territory import Territories
from zones_api.domain.zone import PublishedZone, UASZone, ZoneType
from zones_api.errors import Defect
from zones_api.formats import strict_json
from zones_api.formats.drafts import read_draft
from zones_api.store import people, register

BRAKE_ZONES, BRAKE_PART_OF_ZONES, BRAKE_PART_OF_AREA = 5, 0.05, 0.10
"""A publication that changes more than this part of the zones (and at least so many), or of the restricted area, of
its data set needs two approvals."""
_OF_ITEM = re.compile(r"/items/(\d+)")
EMERGENCY_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Examined:
    """What a draft would do: `content` is None where it cannot be read.

    `places` are where the defects lie, by their JSON pointers up to the item; `zones_known` is how many zones its data
    set then has, or had. `brake` says why one approval is not enough, None where it is.
    """

    content: DraftContent | None
    defects: tuple[Defect, ...]
    places: Mapping[str, BaseGeometry]
    zones_known: int = 0
    brake: str | None = None
    sentence: str = ""

    @property
    def stopped(self) -> bool:
        """Whether it cannot be submitted or published as it is."""
        return any(defect.severity == "stop" for defect in self.defects)


def examine(
    connection: Connection,
    draft: Draft,
    published_at: datetime,
    territories: Territories,
    emergency_km2: float,
) -> Examined:
    """Read a draft's content and weigh it against the register as it is.

    Args:
        connection: A transaction that sees one state.
        draft: The draft.
        published_at: The moment it would be published.
        territories: What is known of the ground, for heights above it.
        emergency_km2: The largest area of an emergency.
    """
    read = read_draft(strict_json.loads(draft.content), published_at)
    if read.content is None:
        return Examined(None, read.defects, {})
    content = read.content
    kind = register.kind_of(connection, content.data_set)
    if kind == "mirrored":
        what = f"Data set {content.data_set!r} is mirrored from documents: it changes when they are imported."
        stop = Defect("DATA_SET_MIRRORED", "/data_set", what)
        return Examined(None, (*read.defects, stop), {})
    before = register.zones_of(connection, content.data_set)
    held = _needed(connection, draft, content)
    standing = _standing(before, content.items, published_at)
    defects, places = list(read.defects), dict[str, BaseGeometry]()
    for number, (item, zones) in enumerate(zip(content.items, standing, strict=True)):
        at = f"/items/{number}"
        if item.zone is None and not zones:
            what = f"There is no zone {item.name} in {content.data_set!r} over that time to withdraw."
            defects.append(Defect("NOTHING_TO_WITHDRAW", at, what))
        defects += _competence_defects(
            held, territories.surroundings_of, item, zones, at, places, published_at
        )
    if content.coverage is not None:
        defects += _coverage_defects(held, content.coverage, places)
    if content.emergency:
        defects += _emergency_defects(content, standing, published_at, emergency_km2)
    changed = [(item.zone, zones) for item, zones in zip(content.items, standing, strict=True)]
    _place_items(content.items, defects, places)
    names = {(each.zone.country, each.zone.identifier) for each in before}
    return Examined(
        content,
        tuple(defects),
        places,
        len(names | {(item.country, item.identifier) for item in content.items}),
        _brake(before, changed, published_at),
        _sentence(content, standing),
    )


def _place_items(items: Sequence[Item], defects: Sequence[Defect], places: dict[str, BaseGeometry]) -> None:
    """Put the zones that have defects on the map, where nothing more exact is there."""
    for defect in defects:
        found = _OF_ITEM.match(defect.pointer)
        zone = items[int(found.group(1))].zone if found else None
        if found and zone and found.group() not in places:
            places[found.group()] = shapely.union_all([outline(shape) for shape in zone.footprints])


def _needed(
    connection: Connection, draft: Draft, content: DraftContent
) -> list[tuple[Organisation, Mode, list[Competence]]]:
    """Return which organisations must be competent, for what, and the competences that they have."""
    needed = [(draft.publisher, Mode.EMERGENCY if content.emergency else Mode.PUBLISH)]
    if draft.organisation != draft.publisher:
        needed.append((draft.organisation, Mode.PROPOSE))
    return [
        (organisation, mode, [each for _, each in people.competences(connection, organisation.id)])
        for organisation, mode in needed
    ]


def _standing(
    before: Sequence[PublishedZone], items: Sequence[Item], published_at: datetime
) -> list[list[UASZone]]:
    """Return, for each item, the versions of its zone that apply over any of its time, as known now."""
    versions: dict[tuple[str, str], list[PublishedZone]] = defaultdict(list)
    for each in before:
        versions[each.zone.country, each.zone.identifier].append(each)
    return [
        [
            each.zone
            for each in versions[item.country, item.identifier]
            if meets((each.valid,), item.span(published_at))
        ]
        for item in items
    ]


def _coverage_defects(
    held: Sequence[tuple[Organisation, Mode, Sequence[Competence]]],
    coverage: BaseGeometry,
    places: dict[str, BaseGeometry],
) -> list[Defect]:
    """Return where a data set would vouch for a place that an organisation has no say over."""
    defects = []
    for organisation, mode, competences in held:
        areas = [each.area for each in competences if each.mode in SUFFICES[mode]]
        outside = coverage.difference(shapely.union_all(areas).buffer(DRAWN_ALIKE_DEGREES))
        if not outside.is_empty:
            what = (
                f"{organisation.name} may not vouch for all of this area: a part lies outside its competence."
            )
            defects.append(Defect("OUTSIDE_COMPETENCE", "/coverage", what))
            places["/coverage"] = outside
    return defects


def _competence_defects(
    held: Sequence[tuple[Organisation, Mode, Sequence[Competence]]],
    surroundings: Callable[[Place], Surroundings],
    item: Item,
    standing: Sequence[UASZone],
    at: str,
    places: dict[str, BaseGeometry],
    published_at: datetime,
) -> list[Defect]:
    """Return what the organisations lack to change what stands, and to put what is new in its place."""
    defects = []
    for organisation, mode, competences in held:
        span: Span = item.span(published_at)
        for zone in [*standing, *([item.zone] if item.zone else [])]:
            lacking = lack(zone, span, mode, competences, surroundings)
            if lacking is None:
                continue
            code = "OUTSIDE_COMPETENCE"
            defects.append(
                Defect(code, at, f"{organisation.name} may not change {item.name}: {lacking.detail}")
            )
            if lacking.outside is not None:
                places[at] = lacking.outside
            break
    return defects


def _emergency_defects(
    content: DraftContent, standing: Sequence[Sequence[UASZone]], published_at: datetime, max_km2: float
) -> list[Defect]:
    """Return what does not fit an emergency: it adds, for a day at most, over a limited area, and says why."""
    defects = []
    if not content.reason:
        defects.append(Defect("REASON_MISSING", "/reason", "An emergency needs its reason in `reason`."))
    for number, (item, zones) in enumerate(zip(content.items, standing, strict=True)):
        at = f"/items/{number}"
        if item.zone is None or zones:
            what = f"An emergency only adds zones: {item.name} exists. Change it with an approved draft."
            defects.append(Defect("EMERGENCY_ONLY_ADDS", at, what))
        if item.end is None or item.end > published_at + EMERGENCY_LASTS:
            what = (
                f"A zone published in an emergency ends within {EMERGENCY_LASTS // timedelta(hours=1)} hours."
            )
            defects.append(Defect("EMERGENCY_TOO_LONG", f"{at}/valid/to", what))
    shapes = [outline(shape) for item in content.items if item.zone for shape in item.zone.footprints]
    size_km2 = area_km2(shapely.union_all(shapes)) if shapes else 0.0
    if size_km2 > max_km2:
        what = f"An emergency covers at most {max_km2:g} km² and this is {size_km2:.1f} km²."
        defects.append(Defect("EMERGENCY_TOO_LARGE", "/items", what))
    return defects


def _brake(
    before: Sequence[PublishedZone],
    changed: Sequence[tuple[UASZone | None, Sequence[UASZone]]],
    published_at: datetime,
) -> str | None:
    """Say how much of a data set changes if one approval is not enough for that; filling an empty one is not much."""
    now = [each.zone for each in before if meets((each.valid,), (published_at, published_at))]
    if not now:
        return None
    if len(changed) >= BRAKE_ZONES and len(changed) > BRAKE_PART_OF_ZONES * len(now):
        return f"This changes {len(changed)} zones of a data set of {len(now)}"
    was_km2 = area_km2(_restricted(now))
    # What the other zones cover too is counted here all the same: the brake rather grips too early.
    before_it = _restricted([zone for _, zones in changed for zone in zones])
    after_it = _restricted([zone for zone, _ in changed if zone])
    moved_km2 = area_km2(shapely.symmetric_difference(before_it, after_it))
    if moved_km2 <= BRAKE_PART_OF_AREA * was_km2:
        return None
    return f"This adds or takes away {moved_km2:.1f} km² of a restricted area of {was_km2:.1f} km²"


def _restricted(zones: Sequence[UASZone]) -> BaseGeometry:
    restricting = [zone for zone in zones if zone.type is not ZoneType.NO_RESTRICTION]
    return shapely.union_all([sketch(shape) for zone in restricting for shape in zone.footprints])


def _sentence(content: DraftContent, standing: Sequence[Sequence[UASZone]]) -> str:
    """Return in one sentence what publishing changes, for whoever flies there."""
    pairs = list(zip(content.items, standing, strict=True))
    new = [item.name for item, zones in pairs if item.zone and not zones]
    changed = [item.name for item, zones in pairs if item.zone and zones]
    gone = [item.name for item, _ in pairs if not item.zone]
    parts = [
        f"{verb} {len(names)} zone{'s' if len(names) != 1 else ''} ({_first(names)})"
        for verb, names in (("adds", new), ("changes", changed), ("withdraws", gone))
        if names
    ]
    said = [*parts[:-2], " and ".join(parts[-2:])]
    types = sorted({item.zone.type or item.zone.published_type for item in content.items if item.zone})
    rule = (
        f", for everyone who flies there: {', '.join(types)}" if types else ", for everyone who flies there"
    )
    return f"Publishing {', '.join(said)} in data set {content.data_set}, {_when(content.items)}{rule}."


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _when(items: Sequence[Item]) -> str:
    starts, ends = {item.start for item in items}, {item.end for item in items}
    if len(starts) > 1 or len(ends) > 1:
        return "each over its own time"
    start, end = starts.pop(), ends.pop()
    since = "from the moment of publication" if start is None else f"from {start:%Y-%m-%d %H:%M} UTC"
    return f"{since} until " + ("further notice" if end is None else f"{end:%Y-%m-%d %H:%M} UTC")

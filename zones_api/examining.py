"""What a draft would do if it were published: every defect, how much it changes, and that in one sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from zones_api.deciding import Decided, decide
from zones_api.domain.altitude import Surroundings
from zones_api.domain.competence import DRAWN_ALIKE_DEGREES, SUFFICES, Competence, Mode, lack
from zones_api.domain.drafting import Draft, DraftContent, Item
from zones_api.domain.geometry import Bounds, area_km2, outline, sketch
from zones_api.domain.hints import Hint, gravest_first, hints, limit_in_words
from zones_api.domain.overlap import Place
from zones_api.domain.people import Organisation
from zones_api.domain.spans import END, meets
from zones_api.domain.territory import Territories
from zones_api.domain.texts import Bilingual, moment, type_in_words
from zones_api.domain.zone import ALWAYS, PublishedZone, UASZone, ZoneType
from zones_api.errors import Defect
from zones_api.formats import strict_json
from zones_api.formats.drafts import read_draft
from zones_api.store import drafts, people, register

BRAKE_ZONES, BRAKE_PART_OF_ZONES, BRAKE_PART_OF_AREA = 5, 0.05, 0.10
"""A publication that changes more than this part of the zones (and at least so many), or of the restricted area, of
its data set needs two approvals."""
_OF_ITEM = re.compile(r"/items/(\d+)")
VOUCHING_TYPES = frozenset({ZoneType.PROHIBITED, ZoneType.REQ_AUTHORIZATION, ZoneType.CONDITIONAL})
"""Who may publish all of these in an area, up to VOUCHING_HEIGHT_M above ground, can say that there are none."""
VOUCHING_HEIGHT_M = 1_000.0
EMERGENCY_LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Examined:
    """What a draft would do: `content` is None where it cannot be read.

    `hints` is everything there is to say, each with its JSON pointer into the content. `zones_known` is how many zones
    its data set then has, or had. `vouches_until` is when the competence for its coverage ends. `brake` says why one approval is not enough, None where it is.
    `decided` is what it decides of zones that a mirrored data set set aside, None where its data set is the register's own.
    """

    content: DraftContent | None
    hints: tuple[Hint, ...]
    zones_known: int = 0
    vouches_until: datetime = END
    brake: Bilingual | None = None
    sentence: Bilingual | None = None
    decided: Decided | None = None

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What the hints say."""
        return tuple(hint.defect for hint in self.hints)

    @property
    def stopped(self) -> bool:
        """Whether it cannot be submitted or published as it is."""
        return any(defect.severity == "stop" for defect in self.defects)


@dataclass(frozen=True)
class Surrounded:
    """What a draft is weighed against besides the register itself.

    `near` returns the zones whose boxes touch a box; None looks for nothing but what stops a draft, which is far
    quicker. `emergency_km2` is the largest area of an emergency.
    """

    territories: Territories
    emergency_km2: float
    near: Callable[[Bounds], Sequence[PublishedZone]] | None = None


def examine(connection: Connection, draft: Draft, published_at: datetime, around: Surrounded) -> Examined:
    """Read a draft's content and weigh it against the register as it is.

    Args:
        connection: A transaction that sees one state.
        draft: The draft.
        published_at: The moment it would be published.
        around: What else it is weighed against.

    Returns:
        What it would do, its hints with what stops it first.
    """
    found = _examined(connection, draft, published_at, around)
    return replace(found, hints=tuple(gravest_first(found.hints)))


def _examined(connection: Connection, draft: Draft, published_at: datetime, around: Surrounded) -> Examined:
    read = read_draft(strict_json.loads(draft.content), published_at)
    said = [Hint(defect) for defect in read.defects]
    if read.content is None:
        return Examined(None, tuple(said))
    content = read.content
    if register.kind_of(connection, content.data_set) == "mirrored":
        return _examine_decisions(connection, draft, content, said, published_at, around)
    mending = [number for number, item in enumerate(content.items) if item.mends is not None]
    if mending:
        what = Bilingual(
            f"{content.data_set!r} is no mirrored data set: nothing of it was set aside.",
            f"{content.data_set!r} is geen gespiegelde dataset: er is niets van apart gezet.",
        )
        at = f"/items/{mending[0]}/mends"
        return Examined(None, (*said, _stop("NOT_SET_ASIDE", at, what)))
    publisher = register.publisher_of(connection, content.data_set)
    if publisher not in (None, draft.publisher.key):
        what = Bilingual(
            f"Data set {content.data_set!r} is published by {publisher}: choose a name of your own.",
            f"Dataset {content.data_set!r} wordt gepubliceerd door {publisher}: kies een eigen naam.",
        )
        return Examined(None, (*said, _stop("DATA_SET_OF_OTHERS", "/data_set", what)))
    before = register.zones_of(connection, content.data_set)
    standing = _standing(before, content.items, published_at)
    held = _needed(connection, draft, content)
    for number, (item, zones) in enumerate(zip(content.items, standing, strict=True)):
        at = f"/items/{number}"
        if item.zone is None and not zones:
            what = Bilingual(
                f"There is no zone {item.name} in {content.data_set!r} over that time to withdraw.",
                f"Er is in {content.data_set!r} over die tijd geen zone {item.name} om in te trekken.",
            )
            said.append(_stop("NOTHING_TO_WITHDRAW", at, what))
        said += _competence_hints(held, around.territories.surroundings_of, item, zones, at, published_at)
        if item.zone is not None:
            said += _zone_hints(item, item.zone, zones, at, content, published_at, around)
    vouches_until = END
    if content.coverage is not None and not content.coverage.is_empty:
        competent = _competent_to_vouch(held, published_at)
        said += _coverage_hints(competent, content.coverage)
        vouches_until = min((each.valid[1] for _, many in competent for each in many), default=END)
    if content.emergency:
        open_km2 = drafts.unconfirmed_km2(connection, published_at - EMERGENCY_LASTS)
        said += _emergency_hints(content, standing, published_at, around.emergency_km2, open_km2)
    changed = [(item.zone, zones) for item, zones in zip(content.items, standing, strict=True)]
    names = {(each.zone.country, each.zone.identifier) for each in before}
    return Examined(
        content,
        tuple(_on_the_map(hint, content.items) for hint in said),
        len(names | {(item.country, item.identifier) for item in content.items}),
        vouches_until,
        _brake(connection, content, before, changed, published_at),
        _sentence(content, standing),
    )


def _examine_decisions(
    connection: Connection,
    draft: Draft,
    content: DraftContent,
    said: list[Hint],
    published_at: datetime,
    around: Surrounded,
) -> Examined:
    """Weigh what a draft decides of zones set aside: what it changes, and where it takes doubt away."""
    others = [number for number, item in enumerate(content.items) if item.mends is None]
    if others or content.coverage is not None or content.emergency:
        what = Bilingual(
            f"Data set {content.data_set!r} is mirrored from documents: it changes when they are imported, and but for"
            " decisions on the zones that were set aside, by no draft.",
            f"Dataset {content.data_set!r} is gespiegeld uit documenten: zij verandert als die worden ingelezen, en op"
            " besluiten over apart gezette zones na door geen concept.",
        )
        return Examined(None, (*said, _stop("DATA_SET_MIRRORED", "/data_set", what)))
    before = register.zones_of(connection, content.data_set)
    decided = decide(connection, content, draft.publisher, published_at, before, around.territories)
    if not isinstance(decided, Decided):
        return Examined(None, (*said, *(Hint(defect) for defect in decided)))
    held = _needed(connection, draft, content)
    competent = _competent_to_vouch(held, published_at)
    surroundings = around.territories.surroundings_of
    for number, (item, zones, doubt) in enumerate(
        zip(decided.items, decided.standing, decided.doubts, strict=True)
    ):
        at = f"/items/{number}"
        # What its publisher left without an answer before the decision is not what one must be competent for.
        from_now_on = replace(item, start=None)
        said += _competence_hints(held, surroundings, from_now_on, zones, at, published_at)
        if doubt is None:
            what = Bilingual(
                f"Nobody declares where {content.data_set!r} is complete, and {item.name} may lie anywhere.",
                f"Niemand verklaart waar {content.data_set!r} volledig is, en {item.name} kan overal liggen.",
            )
            said.append(_stop("OUTSIDE_COMPETENCE", at, what))
        else:
            said += _coverage_hints(competent, doubt, at)
        if item.zone is not None and not item.undoes:
            said += _zone_hints(from_now_on, item.zone, zones, at, content, published_at, around)
    changed = [(item.zone, zones) for item, zones in zip(decided.items, decided.standing, strict=True)]
    names = {(each.zone.country, each.zone.identifier) for each in before}
    return Examined(
        replace(content, items=decided.items),
        tuple(_on_the_map(hint, decided.items) for hint in said),
        len(names | {(item.country, item.identifier) for item in decided.items if item.zone}),
        brake=_brake(connection, content, before, changed, published_at),
        sentence=_decision(content.data_set, decided.items),
        decided=decided,
    )


def _decision(data_set: str, items: Sequence[Item]) -> Bilingual:
    """Return in one sentence what a draft decides."""
    undone = [item.name for item in items if item.undoes]
    mended = [item.name for item in items if item.zone and not item.undoes]
    gone = [item.name for item in items if not item.zone and not item.undoes]
    parts = [
        Bilingual(f"{does.en} {_first(names).en}", f"{does.nl} {_first(names).nl}")
        for does, names in (
            (Bilingual("decides what applies in the place of", "besluit wat geldt in plaats van"), mended),
            (
                Bilingual(
                    "decides that nothing applies any more in the place of",
                    "besluit dat niets meer geldt in plaats van",
                ),
                gone,
            ),
            (Bilingual("undoes what was decided of", "draait terug wat besloten was over"), undone),
        )
        if names
    ]
    said = _listed(parts)
    return Bilingual(
        f"Publishing {said.en}, set aside in data set {data_set}, until its publisher changes it there.",
        f"Publiceren {said.nl}, apart gezet in dataset {data_set}, totdat de uitgever dat daar verandert.",
    )


def _listed(parts: Sequence[Bilingual]) -> Bilingual:
    """Return parts of a sentence in a row."""
    en, nl = [part.en for part in parts], [part.nl for part in parts]
    return Bilingual(
        ", ".join([*en[:-2], " and ".join(en[-2:])]), ", ".join([*nl[:-2], " en ".join(nl[-2:])])
    )


def _stop(code: str, pointer: str, what: Bilingual, place: BaseGeometry | None = None) -> Hint:
    return Hint(Defect(code, pointer, what.en, dutch=what.nl), place)


def _on_the_map(hint: Hint, items: Sequence[Item]) -> Hint:
    """Return a hint with the zone it is about as its place, where it has none more exact."""
    found = _OF_ITEM.match(hint.defect.pointer)
    zone = items[int(found.group(1))].zone if found else None
    if zone is None or hint.place is not None:
        return hint
    return replace(hint, place=shapely.union_all([outline(shape) for shape in zone.footprints]))


def _zone_hints(
    item: Item,
    zone: UASZone,
    standing: Sequence[UASZone],
    at: str,
    content: DraftContent,
    published_at: datetime,
    around: Surrounded,
) -> list[Hint]:
    found = hints(
        zone,
        standing,
        around.near(zone.bounds) if around.near else (),
        item.span(published_at),
        published_at,
        around.territories.surroundings_of,
        stops_only=around.near is None,
    )
    return [
        replace(hint, defect=replace(hint.defect, pointer=f"{at}/feature{hint.defect.pointer}"))
        for hint in found
        if not (content.emergency and hint.defect.code == "IN_FORCE_SOON")
    ]


def vouching(
    content: DraftContent, said: Mapping[str, Any], published_at: datetime, until: datetime
) -> dict[str, Any]:
    """Return what a data set says of itself after a draft: its coverage, and from and until when it vouches for it.

    Args:
        content: The draft.
        said: What it says of itself before, as the register keeps it.
        published_at: When the draft is published.
        until: When the competence for its coverage ends.
    """
    coverage = content.coverage
    if coverage is None:
        return dict(said)
    others = {
        name: value for name, value in said.items() if name not in ("coverage", "valid_from", "valid_to")
    }
    if coverage.is_empty:
        return others
    declared = said.get("coverage")
    # For what it covered before it vouches from then on; for what is new, from now on.
    is_new = declared is None or not shapely.covers(shapely.from_geojson(declared), coverage)
    return others | {
        "coverage": shapely.to_geojson(coverage),
        "valid_from": published_at.isoformat() if is_new else said["valid_from"],
        "valid_to": None if until == END else until.isoformat(),
    }


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


def _competent_to_vouch(
    held: Sequence[tuple[Organisation, Mode, Sequence[Competence]]], at: datetime
) -> list[tuple[Organisation, list[Competence]]]:
    """Return the competences with which an organisation can vouch that there are no other zones than it lists."""
    return [
        (
            organisation,
            [
                each
                for each in competences
                if each.mode in SUFFICES[mode]
                and each.zone_types >= VOUCHING_TYPES
                and (each.max_height_m is None or each.max_height_m >= VOUCHING_HEIGHT_M)
                and each.valid[0] <= at <= each.valid[1]
            ],
        )
        for organisation, mode, competences in held
    ]


def _coverage_hints(
    competent: Sequence[tuple[Organisation, Sequence[Competence]]],
    coverage: BaseGeometry,
    at: str = "/coverage",
) -> list[Hint]:
    """Return where a data set would vouch for a place that an organisation has no say over."""
    found = []
    for organisation, competences in competent:
        areas = [each.area for each in competences]
        outside = coverage.difference(shapely.union_all(areas).buffer(DRAWN_ALIKE_DEGREES))
        if not outside.is_empty:
            types = _types(VOUCHING_TYPES)
            what = Bilingual(
                f"{organisation.name} may not vouch for all of this area: for a part of it, it has no competence now"
                f" for every type of zone that restricts ({types.en}) up to {VOUCHING_HEIGHT_M:g} m.",
                f"{organisation.name} mag niet voor heel dit gebied instaan: voor een deel ervan heeft zij nu geen"
                f" bevoegdheid voor elk type zone dat beperkt ({types.nl}) tot {VOUCHING_HEIGHT_M:g} m.",
            )
            found.append(_stop("OUTSIDE_COMPETENCE", at, what, outside))
    return found


def _competence_hints(
    held: Sequence[tuple[Organisation, Mode, Sequence[Competence]]],
    surroundings: Callable[[Place], Surroundings],
    item: Item,
    standing: Sequence[UASZone],
    at: str,
    published_at: datetime,
) -> list[Hint]:
    """Return what the organisations lack to change what stands, and to put what is new in its place."""
    found = []
    for organisation, mode, competences in held:
        for zone in [*standing, *([item.zone] if item.zone else [])]:
            lacking = lack(zone, item.span(published_at), mode, competences, surroundings)
            if lacking is not None:
                # What is lacking is said in English alone.
                what = f"{organisation.name} may not change {item.name}: {lacking.detail}"
                is_drafted = zone is item.zone and not item.undoes
                pointer = f"{at}/feature{lacking.pointer}" if is_drafted and lacking.pointer else at
                found.append(Hint(Defect("OUTSIDE_COMPETENCE", pointer, what), lacking.outside))
                break
    return found


def _emergency_hints(
    content: DraftContent,
    standing: Sequence[Sequence[UASZone]],
    published_at: datetime,
    max_km2: float,
    open_km2: float,
) -> list[Hint]:
    """Return what does not fit an emergency: it adds, for a day at most, over a limited area, and says why."""
    found = []
    if not content.reason:
        what = Bilingual(
            "An emergency needs its reason in `reason`.", "Een noodgeval vermeldt zijn reden in `reason`."
        )
        found.append(_stop("REASON_MISSING", "/reason", what))
    for number, (item, zones) in enumerate(zip(content.items, standing, strict=True)):
        at = f"/items/{number}"
        if item.start is not None and item.start < published_at:
            what = Bilingual(
                "A zone published in an emergency does not change what applied before.",
                "Een zone die in een noodgeval gepubliceerd wordt, verandert niet wat eerder gold.",
            )
            found.append(_stop("EMERGENCY_IN_THE_PAST", f"{at}/valid/from", what))
        if item.zone is None or zones:
            what = Bilingual(
                f"An emergency only adds zones: {item.name} exists. Change it with an approved draft.",
                f"Een noodgeval voegt alleen zones toe: {item.name} bestaat. Wijzig die met een goedgekeurd concept.",
            )
            found.append(_stop("EMERGENCY_ONLY_ADDS", at, what))
        if item.end is None or item.end > published_at + EMERGENCY_LASTS:
            hours = EMERGENCY_LASTS // timedelta(hours=1)
            what = Bilingual(
                f"A zone published in an emergency ends within {hours} hours.",
                f"Een zone die in een noodgeval gepubliceerd wordt, eindigt binnen {hours} uur.",
            )
            found.append(_stop("EMERGENCY_TOO_LONG", f"{at}/valid/to", what))
    if content.coverage is not None:
        what = Bilingual(
            "An emergency declares no coverage: that takes an approved draft.",
            "Een noodgeval verklaart geen dekking: dat vraagt een goedgekeurd concept.",
        )
        found.append(_stop("EMERGENCY_ONLY_ADDS", "/coverage", what))
    shapes = [outline(shape) for item in content.items if item.zone for shape in item.zone.footprints]
    size_km2 = area_km2(shapely.union_all(shapes)) if shapes else 0.0
    if size_km2 + open_km2 > max_km2:
        beside = Bilingual("", "")
        if open_km2:
            beside = Bilingual(
                f", beside {open_km2:.1f} km² that nobody confirmed yet",
                f", naast {open_km2:.1f} km² die nog niemand bevestigd heeft",
            )
        what = Bilingual(
            f"An emergency covers at most {max_km2:g} km² and this is {size_km2:.1f} km²{beside.en}.",
            f"Een noodgeval beslaat ten hoogste {max_km2:g} km² en dit is {size_km2:.1f} km²{beside.nl}.",
        )
        found.append(_stop("EMERGENCY_TOO_LARGE", "/items", what))
    return found


def _brake(
    connection: Connection,
    content: DraftContent,
    before: Sequence[PublishedZone],
    changed: Sequence[tuple[UASZone | None, Sequence[UASZone]]],
    published_at: datetime,
) -> Bilingual | None:
    """Say how much of a data set changes if one approval is not enough for that; filling an empty register is not much.

    A data set that is new is weighed against the whole register.
    """
    moved_km2 = area_km2(shapely.union_all([_moved(zone, standing) for zone, standing in changed]))
    coming = [each.zone for each in before if each.valid[1] >= published_at]
    if coming:
        zones, km2 = len({(z.country, z.identifier) for z in coming}), area_km2(_restricted(coming))
        what = "data set", "dataset"
    else:
        (zones, km2), what = register.size(connection, published_at), ("register", "register")
    if not zones:
        return None
    if content.coverage is not None:
        return Bilingual(
            "This declares anew where the data set lists every zone",
            "Dit verklaart opnieuw waar de dataset elke zone noemt",
        )
    if len(changed) >= BRAKE_ZONES and len(changed) > BRAKE_PART_OF_ZONES * zones:
        return Bilingual(
            f"This changes {len(changed)} zones of a {what[0]} of {zones}",
            f"Dit wijzigt {len(changed)} zones van een {what[1]} van {zones}",
        )
    if moved_km2 > BRAKE_PART_OF_AREA * km2:
        return Bilingual(
            f"This changes {moved_km2:.1f} km² of a {what[0]} that restricts {km2:.1f} km²",
            f"Dit wijzigt {moved_km2:.1f} km² van een {what[1]} met beperkingen over {km2:.1f} km²",
        )
    return None


def _moved(zone: UASZone | None, standing: Sequence[UASZone]) -> BaseGeometry:
    """Return where a change restricts more or less than before: all of it where anything but the outline changes.

    What other zones cover too is counted all the same: the brake rather grips too early.
    """
    now = _restricted([zone] if zone else [])
    moved = [] if standing else [now]
    # One by one: what is small today and large tomorrow is not as large today.
    for each in standing:
        same = zone is not None and _rule(each) == _rule(zone)
        moved.append((shapely.symmetric_difference if same else shapely.union)(_restricted([each]), now))
    return shapely.union_all(moved)


def _rule(zone: UASZone) -> object:
    verticals = [volume.vertical for volume in zone.volumes]
    return zone.type, verticals, zone.applicability, zone.coded_conditions, zone.may_exempt


def _restricted(zones: Sequence[UASZone]) -> BaseGeometry:
    restricting = [zone for zone in zones if zone.type is not ZoneType.NO_RESTRICTION]
    return shapely.union_all([sketch(shape) for zone in restricting for shape in zone.footprints])


def _sentence(content: DraftContent, standing: Sequence[Sequence[UASZone]]) -> Bilingual:
    """Return in one sentence what publishing changes, for whoever flies there."""
    pairs = list(zip(content.items, standing, strict=True))
    new = [item.name for item, zones in pairs if item.zone and not zones]
    changed = [item.name for item, zones in pairs if item.zone and zones]
    gone = [item.name for item, _ in pairs if not item.zone]
    parts = [
        Bilingual(
            f"{does.en.format(_zones(names))} ({_first(names).en})",
            f"{does.nl.format(_zones(names))} ({_first(names).nl})",
        )
        for does, names in (
            (Bilingual("adds {}", "voegt {} toe"), new),
            (Bilingual("changes {}", "wijzigt {}"), changed),
            (Bilingual("withdraws {}", "trekt {} in"), gone),
        )
        if names
    ]
    types = _types({item.zone.type or item.zone.published_type for item in content.items if item.zone})
    rule, limits = Bilingual("", ""), _limits(content.items)
    if types.en:
        rule = Bilingual(f": {types.en}", f": {types.nl}")
    vouches = Bilingual("", "")
    if content.coverage is not None:
        km2 = area_km2(content.coverage)
        vouches = Bilingual(
            f"; the data set then lists every zone in {km2:.0f} km²",
            f"; de dataset noemt dan elke zone in {km2:.0f} km²",
        )
        if content.coverage.is_empty:
            vouches = Bilingual(
                "; the data set then no longer lists every zone anywhere",
                "; de dataset noemt dan nergens meer elke zone",
            )
    said, when, data_set = _listed(parts), _when(content.items), content.data_set
    return Bilingual(
        f"Publishing {said.en} in data set {data_set}, {when.en}, for everyone who flies there{limits.en}{rule.en}"
        f"{vouches.en}.",
        f"Publiceren {said.nl} in dataset {data_set}, {when.nl}, voor iedereen die daar vliegt{limits.nl}{rule.nl}"
        f"{vouches.nl}.",
    )


def _limits(items: Sequence[Item]) -> Bilingual:
    """Return between which heights, and whether at times of its own: whoever publishes signs for these too."""
    zones = [item.zone for item in items if item.zone]
    extents = {volume.vertical for zone in zones for volume in zone.volumes}
    heights = Bilingual(", each at its own heights", ", elk op eigen hoogten") if zones else Bilingual("", "")
    if len(extents) == 1:
        (extent,) = extents
        lower, upper = limit_in_words(extent.lower), limit_in_words(extent.upper)
        if extent.lower is None:
            lower = Bilingual("the surface", "de grond")
        heights = Bilingual(f" from {lower.en} to {upper.en}", f" van {lower.nl} tot {upper.nl}")
    if all(zone.applicability == ALWAYS for zone in zones):
        return heights
    return Bilingual(
        f"{heights.en}, at the dates and weekly times in it",
        f"{heights.nl}, op de data en weektijden die erin staan",
    )


def _types(words: Collection[str]) -> Bilingual:
    said = [type_in_words(word) for word in sorted(words)]
    return Bilingual(", ".join(each.en for each in said), ", ".join(each.nl for each in said))


def _zones(names: Sequence[str]) -> str:
    return f"{len(names)} zone{'s' if len(names) != 1 else ''}"


def _first(names: Sequence[str]) -> Bilingual:
    said, more = ", ".join(names[:3]), len(names) - 3
    return (
        Bilingual(f"{said} and {more} more", f"{said} en nog {more}") if more > 0 else Bilingual(said, said)
    )


def _when(items: Sequence[Item]) -> Bilingual:
    starts, ends = {item.start for item in items}, {item.end for item in items}
    if len(starts) > 1 or len(ends) > 1:
        return Bilingual("each over its own time", "elk over haar eigen tijd")
    start, end = starts.pop(), ends.pop()
    countries = {item.country for item in items}
    country = countries.pop() if len(countries) == 1 else ""
    since = Bilingual("from the moment of publication", "vanaf het moment van publicatie")
    if start is not None:
        at = moment(start, country)
        since = Bilingual(f"from {at.en}", f"vanaf {at.nl}")
    until = Bilingual("further notice", "nader order")
    if end is not None:
        until = moment(end, country)
    return Bilingual(f"{since.en} until {until.en}", f"{since.nl} tot {until.nl}")

"""What a draft decides of zones that a mirrored data set set aside, against its document as it is now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from zones_api.domain.data_set import QuarantinedZone, undecided
from zones_api.domain.drafting import DraftContent, Item
from zones_api.domain.people import Organisation
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.territory import Territories
from zones_api.domain.zone import Decision, PublishedZone, UASZone
from zones_api.errors import Defect, InputTooLarge, InvalidInput
from zones_api.formats import mending, strict_json
from zones_api.formats.decisions import read_decisions, with_decisions
from zones_api.formats.document import read_zone, version_of
from zones_api.formats.members import COUNTRY_NOT_STATED
from zones_api.store import mirrored, register
from zones_api.store.ledger import DataSetChange
from zones_api.store.register import HeldContent

NOT_AS_THINGS_STAND = frozenset({"NOT_SET_ASIDE", "NOT_DECIDED"})
"""The codes of what is no defect of a draft: what it decides on is not there, or not any more."""


@dataclass(frozen=True)
class Decided:
    """What a draft decides: `items` as they change the register, and what stands of each over its time.

    `doubts` is where each takes away the doubt about a zone set aside, or brings it back; None is where nobody can say.
    `decisions` and `quarantined` are all that the data set then has.
    """

    data_set: DataSetChange
    items: tuple[Item, ...]
    standing: tuple[tuple[UASZone, ...], ...]
    doubts: tuple[BaseGeometry | None, ...]
    decisions: tuple[Decision, ...]
    quarantined: tuple[QuarantinedZone, ...]

    @property
    def changing(self) -> tuple[Item, ...]:
        """The items that change what is in force."""
        return tuple(
            item for item, zones in zip(self.items, self.standing, strict=True) if item.zone or zones
        )


@dataclass(frozen=True)
class _SetAside:
    """A zone set aside, what was decided of it, and what is in force under its name."""

    zone: QuarantinedZone
    since: datetime
    decision: Decision | None
    in_force: tuple[HeldContent, ...]

    @property
    def name(self) -> tuple[str | None, str | None]:
        """What it must be called where it is mended; None is free."""
        if self.decision is not None and self.decision.version is not None:
            return self.decision.country, self.decision.identifier
        stated = self.zone.country != COUNTRY_NOT_STATED or self.in_force
        return self.zone.country if stated else None, self.zone.identifier

    @property
    def last_good(self) -> tuple[str, str] | None:
        """The version and format that its publisher's documents left in force."""
        if self.decision is not None:
            return self.decision.last_good
        return (self.in_force[0].version, self.in_force[0].format) if self.in_force else None


@dataclass(frozen=True)
class _Register:
    """A mirrored data set as it is: `value` is its document, None where that is not JSON."""

    connection: Connection
    data_set: DataSetChange
    value: Any
    before: Sequence[PublishedZone]

    @cached_property
    def set_aside(self) -> Mapping[str, Sequence[QuarantinedZone]]:
        """The zones set aside, by the digest of their feature as published."""
        found = defaultdict[str, list[QuarantinedZone]](list)
        for zone in self.data_set.quarantined:
            found[mending.digest_of(mending.value_at(self.value, zone.pointer))].append(zone)
        return found

    @cached_property
    def since(self) -> Mapping[str, datetime]:
        """Since when each zone is set aside, by its place in the document."""
        found = mirrored.set_aside(self.connection, self.data_set.key)
        return {each.zone.pointer: each.since_at for each in found}

    @cached_property
    def names(self) -> Counter[tuple[str, str | None]]:
        """How many zones set aside have a name."""
        return Counter((zone.country, zone.identifier) for zone in self.data_set.quarantined)

    @cached_property
    def features(self) -> frozenset[str]:
        """The digest of every feature of the document."""
        places = {zone.pointer.rpartition("/")[0] for zone in self.data_set.quarantined}
        lists = [mending.value_at(self.value, place) for place in places]
        return frozenset(mending.digest_of(each) for many in lists if isinstance(many, list) for each in many)

    def find(self, item: Item) -> _SetAside | Defect:
        """Return the zone set aside that an item decides on, or why that cannot be decided on."""
        if self.value is None:
            what = (
                f"The document of {self.data_set.key!r} has no features as published that a decision could name:"
                " mend the zone in a data set of your own."
            )
            return Defect("NOT_SET_ASIDE", "/mends", what)
        same = self.set_aside.get(item.mends or "", ())
        if not same:
            what = (
                f"{self.data_set.key!r} has no zone set aside whose feature has this digest: it may have changed or"
                " been mended by its publisher. Read what is set aside again."
            )
            return Defect("NOT_SET_ASIDE", "/mends", what)
        zone = same[0]
        decided = read_decisions(self.data_set.metadata)
        decision = next((each for each in decided if each.pointer == zone.pointer), None)
        if decision is None and zone.identifier is not None:
            void = [each for each in decided if not each.stands]
            decision = next(
                (e for e in void if (e.country, e.identifier) == (zone.country, zone.identifier)), None
            )
        if item.undoes and (decision is None or not decision.stands):
            return Defect("NOT_DECIDED", "/mends", "Nothing is decided of this zone that could be undone.")
        name = (decision.country, decision.identifier) if decision else (zone.country, zone.identifier)
        in_force: tuple[HeldContent, ...] = ()
        if name[1] is not None:
            in_force = register.in_force_of(self.connection, self.data_set.key, name[0], name[1])
        if len(same) > 1 or self._stands_again(zone) or len(in_force) > 1:
            what = "The document has several zones of this name: only its publisher can put that right."
            return Defect("MENDS_UNCLEAR", "/mends", what)
        return _SetAside(zone, self.since[zone.pointer], decision, in_force)

    def _stands_again(self, zone: QuarantinedZone) -> bool:
        """Say whether the document has another zone of that name, that can be read or not."""
        if zone.identifier is None:
            return False
        if self.names[zone.country, zone.identifier] > 1:
            return True
        held = register.in_force_of(self.connection, self.data_set.key, zone.country, zone.identifier)
        published = [feature for each in held for feature in strict_json.loads(each.content)]
        return any(mending.digest_of(feature) in self.features for feature in published)

    def misnamed(self, item: Item, found: _SetAside) -> Defect | None:
        """Return what is wrong with the name by which an item calls a zone."""
        given, name = (item.country, item.identifier), found.name
        if item.zone is None:
            name = (name[0] or found.zone.country, name[1] or found.zone.pointer)
        if any(must not in (None, is_) for must, is_ in zip(name, given, strict=True)):
            must = " ".join(each or "(any)" for each in name)
            return Defect("MENDS_OTHER_NAME", "", f"This zone is called {must} there, and not {item.name}.")
        if given in ((found.zone.country, found.zone.identifier), name):
            return None
        key = self.data_set.key
        if given in self.names or register.in_force_of(self.connection, key, *given):
            return Defect("NAME_TAKEN", "", f"{key!r} has another zone {item.name}: choose another name.")
        return None

    def standing(self, item: Item) -> list[PublishedZone]:
        """Return everything known now of the zone of an item, at whatever time."""
        name = item.country, item.identifier
        return [each for each in self.before if (each.zone.country, each.zone.identifier) == name]

    def effect(self, item: Item, found: _SetAside) -> Item:
        """Return an item as it changes what is in force.

        What is new holds from when its publisher left off, as far back as that is: before the decision too.
        """
        if item.undoes:
            assert found.decision is not None
            if found.decision.last_good is None:
                return item
            name = self.data_set.key, item.country, item.identifier
            held = register.content_of(self.connection, *name, *found.decision.last_good)
            zone = read_zone(held.format, held.content)
            return replace(item, zone=zone, content=held.content, format=held.format)
        ends = [each.valid[1] for each in self.standing(item)]
        if item.zone is None or END in ends:
            return item
        start = max(max(ends) + timedelta.resolution, found.since) if ends else BEGINNING
        return replace(item, start=start)


def decide(
    connection: Connection,
    content: DraftContent,
    publisher: Organisation,
    published_at: datetime,
    before: Sequence[PublishedZone],
    territories: Territories,
) -> Decided | tuple[Defect, ...]:
    """Return what a draft decides of a mirrored data set, or why it cannot.

    Args:
        connection: A transaction that sees one state.
        content: The draft.
        publisher: Whose decision it is.
        published_at: The moment it would be published.
        before: The data set's zones as known now.
        territories: The areas of countries, where the document declares none.
    """
    data_set = register.mirrored(connection, content.data_set)
    assert data_set is not None
    there = _Register(connection, data_set, published_in(connection, content.data_set), before)
    found, defects = list[tuple[Item, _SetAside]](), list[Defect]()
    for number, item in enumerate(content.items):
        each = there.find(item)
        wrong = each if isinstance(each, Defect) else there.misnamed(item, each)
        if wrong is not None:
            defects.append(replace(wrong, pointer=f"/items/{number}{wrong.pointer}"))
        elif not isinstance(each, Defect):
            found.append((item, each))
    if defects:
        return tuple(defects)
    items = tuple(there.effect(item, each) for item, each in found)
    revision = (register.current_revision(connection) or 0) + 1
    made = [
        Decision(
            item.mends or "",
            each.zone.pointer,
            item.country,
            item.identifier if item.zone else each.name[1],
            version_of(item.content) if item.content is not None else None,
            each.last_good,
            publisher.name,
            published_at,
            revision,
            content.legal_reference,
            content.reason,
        )
        for item, each in found
        if not item.undoes
    ]
    over = [each.decision for _, each in found if each.decision is not None]
    kept = [each for each in read_decisions(data_set.metadata) if each not in over]
    quarantined, decisions = undecided(data_set.quarantined, (*kept, *made))
    return Decided(
        replace(data_set, metadata=with_decisions(data_set.metadata, decisions)),
        items,
        tuple(
            tuple(each.zone for each in there.standing(item) if each.valid[1] >= published_at)
            for item, _ in found
        ),
        tuple(_doubt(each.zone, data_set, territories) for _, each in found),
        decisions,
        quarantined,
    )


def published_in(connection: Connection, key: str) -> Any:
    """Return the document of a mirrored data set; None where it is not JSON, or its features were made from it."""
    kept = mirrored.document_of(connection, key)
    if kept is None or kept.format != register.said_of(connection, key).get("format", kept.format):
        return None
    try:
        return strict_json.loads(mirrored.bytes_of(connection, kept.digest))
    except (InvalidInput, InputTooLarge):
        return None


def _doubt(zone: QuarantinedZone, data_set: DataSetChange, territories: Territories) -> BaseGeometry | None:
    """Return where a zone set aside may lie within the area that its data set vouches for."""
    declared = data_set.metadata.get("coverage")
    area = shapely.from_geojson(declared) if declared else territories.area_of(frozenset(data_set.countries))
    if zone.bounds is None:
        return None if area is None or area.is_empty else area
    box = shapely.box(*zone.bounds)
    inside = box if area is None else shapely.intersection(box, area)
    return box if inside.is_empty else inside

"""What publishing a draft would change: for the map, and for flights that are sent along."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import shapely
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from zones_api.api.answers import both
from zones_api.api.auth import Doors, SignedIn
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import FlightQuestion
from zones_api.api.wire import BothLanguages, ZoneRef
from zones_api.domain.data_set import DataSet
from zones_api.domain.difference import Changed
from zones_api.domain.impact import (
    Area,
    Compared,
    VerdictChange,
    ZoneImpact,
    after_publication,
    changed_verdicts,
    impact,
)
from zones_api.errors import DraftDefective
from zones_api.examining import Examined, vouching
from zones_api.formats import ed318
from zones_api.formats.document import version_of
from zones_api.snapshot import Snapshot, build_snapshot

MAX_FLIGHTS = 100
router = APIRouter(tags=["authorities"], route_class=JsonRoute)


class ImpactQuestion(BaseModel):
    """Flights whose answers are compared; there may be none. Nothing of them is stored."""

    model_config = ConfigDict(extra="forbid")

    flights: Annotated[list[FlightQuestion], Field(max_length=MAX_FLIGHTS)] = []


class AreaOut(BaseModel):
    """An area on the ground."""

    km2: float
    geometry: Annotated[dict[str, Any], Field(description="GeoJSON, longitude and latitude")]


class OverlapOut(ZoneRef):
    """A zone that the drafted one lies over, at heights and times that both have."""

    data_set: str
    published_type: str
    drafted_is: Compared
    area: AreaOut


class ItemImpact(ZoneRef):
    """What one item changes."""

    change: str
    overlaps: list[OverlapOut]
    added: AreaOut
    removed: AreaOut


class FlightImpact(BaseModel):
    """How the answer to one flight would change."""

    before: str
    after: str
    after_is: Compared
    differences: list[Changed]


class ImpactOut(BaseModel):
    """What publishing the draft now would change, against the revision named."""

    digest: str
    revision: int | None
    sentence: BothLanguages | None
    items: list[ItemImpact]
    added: AreaOut
    removed: AreaOut
    flights: list[FlightImpact]
    counts: Annotated[dict[Compared, int], Field(description="How many flights' verdicts change, and how")]


@router.post("/v1/drafts/{draft_id}/impact", response_model=ImpactOut, responses=RESPONSES)
def preview(
    draft_id: UUID, asked: ImpactQuestion, caller: SignedIn, doors: Doors, service: CurrentService
) -> ImpactOut:
    """Say what publishing a draft now would change, on the map and for flights. Nothing is written."""
    now = service.now()
    before = service.following.current()
    draft, found = doors.desk.examine(caller, draft_id, now, before.near)
    if found.content is None:
        raise DraftDefective(
            "What cannot be read changes nothing yet: validation says what is wrong.", found.defects
        )
    zones = after_publication(before.zones, found.content, now, version_of)
    changed = impact(found.content, before.zones, zones, now, doors.desk.territories.surroundings_of)
    questions = [flight.question() for flight in asked.flights]
    answers = []
    if questions:
        after = as_published(before, zones, found, now)
        check = service.time_limit()
        answers = [(before.answer(each, check), after.answer(each, check)) for each in questions]
    verdicts = changed_verdicts(answers)
    return ImpactOut(
        digest=draft.digest,
        revision=before.revision,
        sentence=both(found.sentence) if found.sentence else None,
        items=[_item(each) for each in changed.zones],
        added=_area(changed.added),
        removed=_area(changed.removed),
        flights=[_flight(each) for each in verdicts.answers],
        counts=dict(verdicts.counts),
    )


def as_published(before: Snapshot, zones: Any, found: Examined, now: datetime) -> Snapshot:
    """Return the snapshot as it would be: with the draft's zones, and its data set and coverage."""
    content, until = found.content, found.vouches_until
    assert content is not None
    data_sets = {each.key: each for each in before.data_sets}
    if found.decided is not None:
        mirrored = data_sets[content.data_set]
        decided = found.decided
        data_sets[mirrored.key] = replace(
            mirrored, quarantined=decided.quarantined, decisions=decided.decisions
        )
        return build_snapshot(zones, data_sets.values(), before.territories, before.revision, now)
    own = data_sets.get(content.data_set) or DataSet(
        content.data_set, ed318.NAME, "", frozenset(), 0, own=True, received_at=now
    )
    said = (
        {}
        if own.coverage is None
        else {"coverage": shapely.to_geojson(own.coverage), "valid_from": own.valid_from}
    )
    after = vouching(content, said, now, until)
    own = replace(
        own,
        coverage=shapely.from_geojson(after["coverage"]) if after.get("coverage") else None,
        valid_from=_moment(after.get("valid_from")),
        valid_to=_moment(after.get("valid_to")),
    )
    data_sets[own.key] = own
    return build_snapshot(zones, data_sets.values(), before.territories, before.revision, now)


def _item(changed: ZoneImpact) -> ItemImpact:
    return ItemImpact(
        country=changed.item.country,
        identifier=changed.item.identifier,
        change="assert" if changed.item.zone else "withdraw",
        overlaps=[
            OverlapOut(
                country=each.published.zone.country,
                identifier=each.published.zone.identifier,
                data_set=each.published.data_set,
                published_type=each.published.zone.published_type,
                drafted_is=each.drafted_is,
                area=_area(each.area),
            )
            for each in changed.overlaps
        ],
        added=_area(changed.added),
        removed=_area(changed.removed),
    )


def _area(area: Area) -> AreaOut:
    return AreaOut(km2=round(area.km2, 6), geometry=json.loads(shapely.to_geojson(area.geometry)))


def _flight(change: VerdictChange) -> FlightImpact:
    return FlightImpact(
        before=change.before,
        after=change.after,
        after_is=change.after_is,
        differences=[each.what for each in change.differences],
    )


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value

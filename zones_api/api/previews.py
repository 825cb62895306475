"""A draft as others would see it if it were published now: in an answer, and in the formats of publications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from zones_api.api.auth import Doors, SignedIn
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.impact import as_published
from zones_api.api.problems import RESPONSES
from zones_api.api.publications import LossOut, PublicationFormat, losses_out
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import Answer
from zones_api.domain.drafting import Draft, DraftContent
from zones_api.domain.impact import after_publication
from zones_api.errors import Defect, DraftDefective, UnacceptableInput, WrongState
from zones_api.examining import Examined
from zones_api.formats.document import version_of
from zones_api.formats.exports.publication import Publication
from zones_api.snapshot import Snapshot

router = APIRouter(prefix="/v1/drafts/{draft_id}", tags=["authorities"], route_class=JsonRoute)


class DraftExport(BaseModel):
    """The zones of a draft as a publication would have them, with everything that the format cannot carry."""

    digest: Annotated[str, Field(description="Of the draft's content")]
    format: PublicationFormat
    media_type: str
    file_name: str
    zones: int
    document: Annotated[str, Field(description="The file, as text")]
    losses: list[LossOut]


@router.post("/status", response_model=Answer, responses=RESPONSES)
def status(
    draft_id: UUID, asked: StatusQuestion, caller: SignedIn, doors: Doors, service: CurrentService
) -> Response:
    """Say what would apply at a place if the draft were published now. Nothing is written."""
    if asked.known_at is not None:
        what = "A draft is known at no revision: leave `known_at` out."
        raise UnacceptableInput(what, (Defect("VALUE_UNACCEPTABLE", "/known_at", what),))
    now, before = service.now(), service.following.current()
    draft, found = doors.desk.examine(caller, draft_id, now, before.near)
    after = _after(draft, found, before, now)
    said = service.said(asked.question(now), after, service.following.confirmed_at, service.time_limit())
    return service.respond(said, before)


@router.get("/exports/{format}", response_model=DraftExport, responses=RESPONSES)
def export(
    draft_id: UUID,
    format: PublicationFormat,  # noqa: A002 - its name in the address
    caller: SignedIn,
    doors: Doors,
    service: CurrentService,
) -> DraftExport:
    """Return the draft's zones in a format of publications, and what would be lost. Nothing is written."""
    now, before = service.now(), service.following.current()
    draft, found = doors.desk.examine(caller, draft_id, now, before.near)
    after = _after(draft, found, before, now)
    assert found.content is not None
    made = service.publications.preview(_publication(after, found.content, now), format)
    return DraftExport(
        digest=draft.digest,
        format=format,
        media_type=made.media_type,
        file_name=f"draft-{draft.digest[:8]}.{made.suffix}",
        zones=made.zones,
        document=made.data.decode(),
        losses=losses_out(made),
    )


def _after(draft: Draft, found: Examined, before: Snapshot, now: datetime) -> Snapshot:
    """Return the register's zones as publishing a draft would leave them.

    Raises:
        WrongState: If it is published, or never will be.
        DraftDefective: If it cannot be read.
    """
    if not draft.steps:
        raise WrongState(f"This draft is {draft.state}: there is nothing to preview.", draft=draft.id)
    if found.content is None:
        raise DraftDefective(
            "What cannot be read shows nothing yet: validation says what is wrong.", found.defects
        )
    return as_published(before, after_publication(before.zones, found.content, now, version_of), found, now)


def _publication(after: Snapshot, content: DraftContent, now: datetime) -> Publication:
    names = {(item.country, item.identifier) for item in content.items if item.zone is not None}
    zones = tuple(
        each
        for each in after.zones
        if each.data_set == content.data_set
        and (each.zone.country, each.zone.identifier) in names
        and each.valid[1] >= now
    )
    if not zones:
        raise WrongState("This draft takes zones away and leaves none of them to export.")
    data_sets = tuple(each for each in after.data_sets if each.key == content.data_set)
    return Publication(zones, data_sets, published_at=now, part="a draft, not published")

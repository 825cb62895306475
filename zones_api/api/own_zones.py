"""For authorities: the zones that they publish, and drafts that change, correct, end or withdraw one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from zones_api import authoring
from zones_api.amending import Amendment, Doing, Why, content_of, own_zones
from zones_api.api.answers import published_texts
from zones_api.api.auth import Doors, SignedIn, Writing
from zones_api.api.authorities import DraftOut, told
from zones_api.api.bodies import JsonRoute
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import Moment
from zones_api.api.wire import PublishedText, ZoneRef
from zones_api.domain.spans import ends_told
from zones_api.domain.zone import PublishedZone
from zones_api.formats.drafts import SHORT_NAME

router = APIRouter(prefix="/v1/own-zones", tags=["authorities"], route_class=JsonRoute)


class OwnZoneOut(ZoneRef):
    """A version of a zone, as it is known now."""

    data_set: str
    version: Annotated[str, Field(description="Digest of the zone's content")]
    name: list[PublishedText]
    published_type: str
    legal_basis: str | None
    valid_from: Annotated[datetime | None, Field(description="Null is always before")]
    valid_to: Annotated[datetime | None, Field(description="The last instant; null is until further notice")]


class OwnZones(BaseModel):
    """The zones that the caller's organisations publish, by data set, country, identifier and time."""

    zones: list[OwnZoneOut]


class AmendmentIn(BaseModel):
    """Which zone, what is to be done with it, and why: it was right and changes, or it was wrong from the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_set: Annotated[str, Field(pattern=f"^{SHORT_NAME}$")]
    country: Annotated[str, Field(max_length=100)]
    identifier: Annotated[str, Field(max_length=500)]
    change: Annotated[Doing, Field(description="It goes on in another form, or it ends")]
    why: Annotated[
        Why,
        Field(
            description="`changed`: what applied was right; `wrong`: it is corrected over the time it applied"
        ),
    ]
    start: Annotated[
        Moment | None,
        Field(
            alias="from",
            description="From when on; if left out the publication, or the start of the version that was wrong",
        ),
    ] = None
    title: Annotated[str | None, Field(max_length=500)] = None
    reason: Annotated[
        str | None, Field(max_length=10_000, description="A correction needs one in the end")
    ] = None
    legal_reference: Annotated[
        str | None, Field(max_length=10_000, description="If left out that of what was wrong, else none yet")
    ] = None
    organisation: Annotated[str | None, Field(description="Whose draft it is, as for any draft")] = None
    publisher: str | None = None


@router.get("", response_model=OwnZones, responses=RESPONSES)
def zones(caller: SignedIn, doors: Doors) -> OwnZones:
    """Return the zones that the caller's organisations publish, as known now, at whatever time they apply."""
    return OwnZones(zones=[_own(each) for each in own_zones(doors.desk.engine, caller)])


@router.post("/drafts", response_model=DraftOut, status_code=201, responses=RESPONSES)
def amend(asked: AmendmentIn, write: Writing) -> Response:
    """Begin a draft that changes, corrects, ends or withdraws a published zone; what was known of it stays known."""
    amendment = Amendment(
        asked.data_set,
        asked.country,
        asked.identifier,
        asked.change,
        asked.why,
        asked.start,
        asked.title,
        asked.reason,
        asked.legal_reference,
    )

    def act(work: authoring.Work) -> authoring.Reply:
        content = content_of(work, amendment)
        return told(authoring.create(work, asked.organisation, asked.publisher, content), work.caller, 201)

    return write.once(act)


def _own(published: PublishedZone) -> OwnZoneOut:
    zone, (start, end) = published.zone, ends_told(published.valid)
    return OwnZoneOut(
        country=zone.country,
        identifier=zone.identifier,
        data_set=published.data_set,
        version=published.version,
        name=published_texts(zone.name),
        published_type=zone.published_type,
        legal_basis=published.legal_basis,
        valid_from=start,
        valid_to=end,
    )

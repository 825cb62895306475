"""For anyone: what applies at a place, and what the register said when."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from zones_api.api.answers import published_texts
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService, Service, each_once
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import PlaceAnswer, PublishedText
from zones_api.domain.revision import ZoneVersion
from zones_api.domain.spans import ends_told
from zones_api.errors import NotFound

router = APIRouter(tags=["public"], route_class=JsonRoute)


@router.get("/v1/status", response_model=PlaceAnswer, responses=RESPONSES, dependencies=[Depends(each_once)])
async def status(asked: Annotated[StatusQuestion, Query()], service: CurrentService) -> Response:
    """Say which zones apply at a place, at a height and a moment; `known_at` is what was known when."""
    return await _answer(asked, service)


@router.post("/v1/status", response_model=PlaceAnswer, responses=RESPONSES)
async def status_of(asked: StatusQuestion, service: CurrentService) -> Response:
    """Say the same; the place stays out of addresses and their logs."""
    return await _answer(asked, service)


async def _answer(asked: StatusQuestion, service: Service) -> Response:
    if asked.known_at is None:
        return service.answer_place(asked)
    then = await run_in_threadpool(service.as_known, asked.known_at)
    return service.answer_place(asked, then)


class EmergencyOut(BaseModel):
    """A publication that one person made alone within the last day."""

    revision: int
    published_at: datetime
    reason: str
    confirm_by: datetime
    confirmed_at: Annotated[datetime | None, Field(description="When a second person stood behind it")]
    overdue: Annotated[bool, Field(description="Nobody confirmed it in time; its zones stay in force")]


class Emergencies(BaseModel):
    """The emergency publications of the last day, the newest first."""

    emergencies: list[EmergencyOut]


@router.get("/v1/emergencies", response_model=Emergencies, responses=RESPONSES)
async def emergencies(service: CurrentService) -> Emergencies:
    """Return the publications of the last day that one person made alone, and whether a second one confirmed them."""
    now = service.now()
    return Emergencies(
        emergencies=[
            EmergencyOut(
                revision=each.revision,
                published_at=each.published_at,
                reason=each.reason,
                confirm_by=each.confirm_by,
                confirmed_at=each.confirmed_at,
                overdue=each.is_overdue(now),
            )
            for each in service.following.emergencies
        ]
    )


class VersionOut(BaseModel):
    """What was said of a zone: in force from `valid_from` to `valid_to`, known since and until the revisions named."""

    data_set: str
    version: Annotated[str, Field(description="Digest of the zone's content")]
    name: list[PublishedText]
    published_type: str
    legal_basis: Annotated[str | None, Field(description="What the authority that published it rests on")]
    valid_from: Annotated[datetime | None, Field(description="Null is always before")]
    valid_to: Annotated[datetime | None, Field(description="The last instant; null is until further notice")]
    known_since: Annotated[int, Field(description="The revision that said so first")]
    known_since_at: datetime
    known_until: Annotated[
        int | None, Field(description="The revision that said otherwise; null is known now")
    ]
    known_until_at: datetime | None


class Versions(BaseModel):
    """Everything that was ever said of a zone, what is known last first."""

    country: str
    identifier: str
    versions: list[VersionOut]


@router.get("/v1/zones/{country}/{identifier:path}/versions", response_model=Versions, responses=RESPONSES)
def versions(country: str, identifier: str, service: CurrentService) -> Versions:
    """Return every version of a zone there ever was, with both of its times."""
    if "\0" in country + identifier:
        raise NotFound("There never was such a zone.")
    found = service.of_register().history.versions(country, identifier)
    return Versions(country=country, identifier=identifier, versions=[_version(each) for each in found])


class ZoneContent(BaseModel):
    """A version of a zone as its publisher wrote it."""

    data_set: str
    version: str
    format: str
    features: list[Any]


@router.get(
    "/v1/zones/{country}/{identifier:path}/versions/{version}",
    response_model=ZoneContent,
    responses=RESPONSES,
)
def content(
    country: str,
    identifier: str,
    version: str,
    data_set: Annotated[str, Query(description="The data set that has, or had, the version")],
    service: CurrentService,
) -> ZoneContent:
    """Return a version of a zone as its publisher wrote it, before anything is read into it or exported of it."""
    if "\0" in country + identifier + version + data_set:
        raise NotFound("There never was such a zone.")
    held = service.of_register().history.content(data_set, country, identifier, version)
    return ZoneContent(
        data_set=data_set, version=version, format=held.format, features=json.loads(held.content)
    )


def _version(version: ZoneVersion) -> VersionOut:
    start, end = ends_told(version.valid)
    return VersionOut(
        data_set=version.data_set,
        version=version.version,
        name=published_texts(version.zone.name),
        published_type=version.zone.published_type,
        legal_basis=version.legal_basis,
        valid_from=start,
        valid_to=end,
        known_since=version.since,
        known_since_at=version.since_at,
        known_until=version.until,
        known_until_at=version.until_at,
    )


class RevisionOut(BaseModel):
    """A revision, the hash of its record, and its signed head: base64 of what was signed, and of the signature."""

    revision: int
    published_at: datetime
    reason: str
    hash: Annotated[str, Field(description="SHA-256 of the record, which holds the hash before it")]
    head: str | None
    key_id: str | None
    signature: Annotated[str | None, Field(description="Ed25519 over the head")]


class Revisions(BaseModel):
    """Revisions, the newest first; `next` is the address of those before them."""

    revisions: list[RevisionOut]
    next: str | None


@router.get("/v1/revisions", response_model=Revisions, responses=RESPONSES)
def revisions(
    service: CurrentService,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Revisions:
    """Return the register's revisions with their signed heads; keep one to prove later that nothing before it changed."""
    found = service.of_register().history.revisions(before, limit)
    said = [
        RevisionOut(
            revision=each.number,
            published_at=each.published_at,
            reason=each.reason,
            hash=each.hash,
            head=_base64(each.head),
            key_id=each.key_id,
            signature=_base64(each.signature),
        )
        for each in found
    ]
    more = len(found) == limit and found[-1].number > 1
    return Revisions(
        revisions=said, next=f"/v1/revisions?before={found[-1].number}&limit={limit}" if more else None
    )


def _base64(data: bytes | None) -> str | None:
    return base64.b64encode(data).decode() if data is not None else None

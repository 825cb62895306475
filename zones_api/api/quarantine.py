"""The zones that were set aside, for anyone to see and for authorities to mend.

What is wrong with what was published is as public as that itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zones_api import authoring
from zones_api.api.answers import decision_out
from zones_api.api.auth import Doors, Writing
from zones_api.api.authorities import DraftOut, told
from zones_api.api.bodies import JsonRoute
from zones_api.api.problems import RESPONSES
from zones_api.api.wire import DecisionOut, ZoneRef
from zones_api.domain.data_set import SetAside
from zones_api.domain.texts import in_dutch
from zones_api.errors import Defect
from zones_api.formats.drafts import SHORT_NAME
from zones_api.formats.mending import InPlace
from zones_api.originals import Unreadable, unreadable

router = APIRouter(route_class=JsonRoute)


class DefectOut(BaseModel):
    """One thing wrong in a document."""

    severity: Literal["stop", "quarantine", "flag", "warn", "note"]
    code: str
    pointer: Annotated[str, Field(description="JSON pointer into the document")]
    sentence: str
    dutch: Annotated[str | None, Field(description="The same in Dutch, where it is written")]


def defect_out(defect: Defect) -> DefectOut:
    """Return a defect as it is sent."""
    return DefectOut(
        severity=defect.severity,
        code=defect.code,
        pointer=defect.pointer,
        sentence=defect.detail,
        dutch=defect.dutch or in_dutch(defect.code, defect.detail),
    )


class SetAsideOut(BaseModel):
    """A zone that cannot be evaluated: near it answers are not complete, unless something was decided of it."""

    data_set: str
    country: str
    identifier: Annotated[str | None, Field(description="Null where it has none that can be read")]
    published_type: str | None
    pointer: Annotated[str, Field(description="Where it stands in the document, as a JSON pointer")]
    bounds: Annotated[
        list[float] | None, Field(description="West, south, east, north; null is anywhere in the data set")
    ]
    since_revision: int
    since: datetime
    defects: list[DefectOut]
    decision: Annotated[DecisionOut | None, Field(description="What stands decided of it; null is nothing")]


class Quarantine(BaseModel):
    """The zones that are set aside now, by data set and in the order of their documents."""

    total: int
    zones: list[SetAsideOut]
    next: Annotated[str | None, Field(description="The address of those after them")]


class LastGoodOut(ZoneRef):
    """The version of it that is in force meanwhile."""

    version: str
    format: str
    features: Annotated[list[Any], Field(description="As published")]


class SetAsideWhole(SetAsideOut):
    """A zone that is set aside, with what was published and what stays in force."""

    document: Annotated[str, Field(description="SHA-256 of the document")]
    format: str
    feature: Annotated[
        Any, Field(description="As published; null where the document is not JSON, or was converted")
    ]
    feature_digest: Annotated[
        str | None, Field(description="SHA-256 of its canonical JSON: what `mends` of a draft names it by")
    ]
    last_good: LastGoodOut | None


class ToMend(BaseModel):
    """Which zone a draft is to mend, and whose draft it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_set: Annotated[str, Field(pattern=f"^{SHORT_NAME}$")]
    zone: Annotated[str, Field(description="Its identifier, or its JSON pointer in the document")]
    into: Annotated[
        str | None, Field(pattern=f"^{SHORT_NAME}$", description="A data set of the organisation's own")
    ] = None
    in_place: Annotated[
        InPlace | None,
        Field(description="Decide in the mirrored data set itself: mend it, say it is gone, or undo that"),
    ] = None
    organisation: str | None = None
    publisher: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> ToMend:
        if self.into is not None and self.in_place is not None:
            raise ValueError(
                "`into` is a data set of one's own, `in_place` the mirrored one: name one of them."
            )
        return self


@router.get("/v1/quarantine", response_model=Quarantine, responses=RESPONSES, tags=["public"])
def quarantine(
    doors: Doors,
    data_set: Annotated[str | None, Query(pattern=f"^{SHORT_NAME}$")] = None,
    after: Annotated[int, Query(ge=0, le=10**9, description="So many are left out")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Quarantine:
    """Return the zones that are set aside now, each with every defect and since when."""
    found = doors.originals.quarantine(data_set)
    here = found[after : after + limit]
    more = f"&data_set={data_set}" if data_set else ""
    return Quarantine(
        total=len(found),
        zones=[SetAsideOut(**_line(each)) for each in here],
        next=f"/v1/quarantine?after={after + limit}&limit={limit}{more}"
        if after + limit < len(found)
        else None,
    )


@router.get(
    "/v1/quarantine/{data_set}/zone", response_model=SetAsideWhole, responses=RESPONSES, tags=["public"]
)
def set_aside_zone(
    data_set: str,
    doors: Doors,
    zone: Annotated[str, Query(max_length=500, description="Its identifier, or its JSON pointer")],
) -> SetAsideWhole:
    """Return one zone that is set aside, as published, and its last good version."""
    return _whole(doors.originals.unreadable(data_set, zone))


@router.post(
    "/v1/quarantine/drafts",
    response_model=DraftOut,
    status_code=201,
    responses=RESPONSES,
    tags=["authorities"],
)
def mend(asked: ToMend, write: Writing) -> Response:
    """Begin a draft from a zone that is set aside, with all of it that could be kept, for a person to mend or end."""

    def act(work: authoring.Work) -> authoring.Reply:
        content = unreadable(work.connection, asked.data_set, asked.zone).draft(asked.into, asked.in_place)
        draft = authoring.create(work, asked.organisation, asked.publisher, content)
        return told(draft, work.caller, 201)

    return write.once(act)


def _line(each: SetAside) -> dict[str, Any]:
    zone = each.zone
    return {
        "data_set": each.data_set,
        "country": zone.country,
        "identifier": zone.identifier,
        "published_type": zone.published_type,
        "pointer": zone.pointer,
        "bounds": list(zone.bounds) if zone.bounds else None,
        "since_revision": each.since,
        "since": each.since_at,
        "defects": [defect_out(defect) for defect in zone.defects],
        "decision": decision_out(each.data_set, each.decision) if each.decision else None,
    }


def _whole(read: Unreadable) -> SetAsideWhole:
    last = read.last_good
    return SetAsideWhole(
        **_line(read.found),
        document=read.document.digest,
        format=read.document.format,
        feature=read.feature,
        feature_digest=read.digest,
        last_good=LastGoodOut(
            country=last.zone.country,
            identifier=last.zone.identifier,
            version=last.version,
            format=last.format,
            features=last.features,
        )
        if last
        else None,
    )

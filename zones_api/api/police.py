"""For the police: what applied at a place, as it was known then and as it is known now."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from zones_api.api.answers import answer, both, place_answer
from zones_api.api.auth import Doors, SignedIn
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import Answer, BothLanguages, PlaceAnswer, ZoneRef
from zones_api.domain.assessment import Assessment
from zones_api.domain.difference import Changed, differences
from zones_api.domain.flight import Question
from zones_api.domain.people import Action, Caller
from zones_api.domain.texts import DIFFERENCES
from zones_api.errors import NotEntitled

router = APIRouter(tags=["police"], route_class=JsonRoute)


class PoliceQuestion(StatusQuestion):
    """What applied at a place, and why it is asked. The question is logged apart, for the retention that is set."""

    purpose: Annotated[
        str, Field(min_length=3, max_length=500, description="What the answer is for, in a few words")
    ]
    case_reference: Annotated[
        str | None, Field(max_length=200, description="The case it belongs to; may follow later")
    ] = None


class DifferenceOut(BaseModel):
    """One thing in which the two answers differ."""

    what: Changed
    zone: ZoneRef | None
    sentence: BothLanguages


class PoliceAnswer(BaseModel):
    """Two answers to one question; a correction after the moment asked about changes the second alone."""

    look: Annotated[
        UUID, Field(description="Under which this look was written down; a case may be named later")
    ]
    asked_at: datetime
    as_known_then: PlaceAnswer
    as_known_now: PlaceAnswer
    differ: bool
    differences: list[DifferenceOut]


@router.post("/v1/police/status", response_model=PoliceAnswer, responses=RESPONSES)
def police_status(asked: PoliceQuestion, caller: SignedIn, doors: Doors, service: CurrentService) -> Response:
    """Say what applies or applied at a place, as known then and as known now, and how these differ.

    `known_at` is when it was known; the moment asked about if left out.
    """
    _require_police(caller)
    now = service.now()
    question = asked.question(now)
    then = service.as_known(asked.known_at or min(asked.at or now, now))
    newest = service.following.current()
    record = json.loads(asked.model_dump_json(exclude={"purpose", "case_reference"}, exclude_none=True))
    look = doors.history.look(
        caller, asked.purpose, asked.case_reference, record, (then.revision, newest.revision), now
    )
    check = service.time_limit()

    def as_then(about: Question) -> tuple[Assessment, Answer]:
        found = then.answer(about, check)
        return found, answer(found, then, now, now)

    def as_now(about: Question) -> tuple[Assessment, Answer]:
        found = newest.answer(about, check)
        return found, service.told(found, newest, service.following.confirmed_at)

    (before, said_then), (after, said_now) = as_then(question), as_now(question)
    found = [
        DifferenceOut(
            what=each.what,
            zone=ZoneRef(country=each.zone[0], identifier=each.zone[1]) if each.zone else None,
            sentence=both(DIFFERENCES[each.what]),
        )
        for each in differences(before, after)
    ]
    wider = asked.question_around(now)
    said = PoliceAnswer(
        look=look,
        asked_at=now,
        as_known_then=place_answer(said_then, wider, as_then),
        as_known_now=place_answer(said_now, wider, as_now),
        differ=bool(found),
        differences=found,
    )
    return Response(said.model_dump_json(by_alias=True), media_type="application/json")


class CaseReference(BaseModel):
    """The case that a look belongs to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case_reference: Annotated[str, Field(min_length=1, max_length=200)]


class Noted(BaseModel):
    """What was written down."""

    look: UUID
    case_reference: str


@router.post("/v1/police/looks/{look}/case", response_model=Noted, status_code=201, responses=RESPONSES)
def name_case(
    look: UUID, said: CaseReference, caller: SignedIn, doors: Doors, service: CurrentService
) -> Noted:
    """Say afterwards to which case a look of one's own belongs. It is added to the log; said again it adds nothing."""
    _require_police(caller)
    doors.history.name_case(caller, look, said.case_reference, service.now())
    return Noted(look=look, case_reference=said.case_reference)


def _require_police(caller: Caller) -> None:
    if not caller.organisations(Action.ASK_AS_POLICE):
        raise NotEntitled("To ask as the police you need to be police of an organisation.")

"""For anyone: what applies at a place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import Answer
from zones_api.errors import Defect, InvalidInput

router = APIRouter(tags=["public"], route_class=JsonRoute)


def _each_once(request: Request) -> None:
    """Refuse an address that gives a member twice: either value may have been meant."""
    given = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        detail = f"{twice[0]} is given more than once."
        raise InvalidInput(detail, tuple(Defect("GIVEN_TWICE", f"/{name}", detail) for name in twice))


@router.get("/v1/status", response_model=Answer, responses=RESPONSES, dependencies=[Depends(_each_once)])
async def status(asked: Annotated[StatusQuestion, Query()], service: CurrentService) -> Response:
    """Say which zones apply at a place, at a height and a moment."""
    return service.answer(asked.question(service.now()))


@router.post("/v1/status", response_model=Answer, responses=RESPONSES)
async def status_of(asked: StatusQuestion, service: CurrentService) -> Response:
    """Say the same; the place stays out of addresses and their logs."""
    return service.answer(asked.question(service.now()))

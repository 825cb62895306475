"""For anyone: what applies at a place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import StatusQuestion
from zones_api.api.wire import Answer

router = APIRouter(tags=["public"], route_class=JsonRoute)


@router.get("/v1/status", response_model=Answer, responses=RESPONSES)
async def status(asked: Annotated[StatusQuestion, Query()], service: CurrentService) -> Response:
    """Say which zones apply at a place, at a height and a moment."""
    return service.answer(asked.question(service.now()))


@router.post("/v1/status", response_model=Answer, responses=RESPONSES)
async def status_of(asked: StatusQuestion, service: CurrentService) -> Response:
    """Say the same; the place stays out of addresses and their logs."""
    return service.answer(asked.question(service.now()))

"""For anyone: what applies at a place."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from zones_api.api.answers import Answer
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import StatusQuestion

router = APIRouter(tags=["public"])


@router.get("/v1/status", response_model=Answer, responses=RESPONSES)
async def status(asked: Annotated[StatusQuestion, Query()], service: CurrentService) -> Response:
    """Say which zones apply at a place, at a height and a moment."""
    return service.answer(asked.question(service.now()))

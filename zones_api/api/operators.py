"""For operators: checking a planned flight."""

from __future__ import annotations

from fastapi import APIRouter, Response

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import FlightQuestion
from zones_api.api.wire import Answer

router = APIRouter(tags=["operators"], route_class=JsonRoute)


@router.post("/v1/flight-checks", response_model=Answer, responses=RESPONSES)
async def check_flight(asked: FlightQuestion, service: CurrentService) -> Response:
    """Say which zones a planned flight meets on which legs, and what they require. Nothing is stored."""
    return service.answer(asked.question())

"""For operators: checking a planned flight."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService, Service
from zones_api.api.missions import MissionAnswer, answer_file
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import FlightQuestion, MissionOptions
from zones_api.api.uploads import parts_of
from zones_api.api.wire import Answer
from zones_api.errors import InvalidInput
from zones_api.formats import strict_json
from zones_api.formats.missions.limits import MAX_BYTES

router = APIRouter(tags=["operators"], route_class=JsonRoute)


@router.post("/v1/flight-checks", response_model=Answer, responses=RESPONSES)
async def check_flight(asked: FlightQuestion, service: CurrentService) -> Response:
    """Say which zones a planned flight meets on which legs, and what they require. Nothing is stored."""
    return service.answer(asked.question())


def _form() -> dict[str, Any]:
    """Return how OpenAPI describes the form; its models stand among the components already."""
    options = MissionOptions.model_json_schema(ref_template="#/components/schemas/{model}")
    options.pop("$defs", None)
    file = {"type": "string", "format": "binary", "description": "The mission file, of at most 20 MB"}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file, "options": options}}
    encoding = {"options": {"contentType": "application/json"}}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}


@router.post(
    "/v1/flight-checks/file",
    response_model=MissionAnswer,
    responses=RESPONSES,
    openapi_extra={"requestBody": _form()},
)
async def check_file(request: Request, service: CurrentService) -> Response:
    """Say what the flights of a mission file were taken to mean, then which zones they meet. Nothing is stored."""
    parts = await parts_of(request, ("file", "options"), MAX_BYTES)
    if "file" not in parts:
        raise InvalidInput("The form has no part file: the mission file itself.")
    options = strict_json.loads(parts["options"]) if "options" in parts else {}
    try:
        asked = MissionOptions.model_validate(options)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return await run_in_threadpool(_answered, service, parts["file"], asked)


def _answered(service: Service, data: bytes, options: MissionOptions) -> Response:
    check, confirmed_at = service.time_limit(), service.following.confirmed_at
    snapshot = service.following.current()
    answered = partial(service.said, snapshot=snapshot, confirmed_at=confirmed_at, check=check)
    ground = snapshot.territories.surroundings
    return service.respond(answer_file(data, options, service.now(), ground, answered, check), snapshot)

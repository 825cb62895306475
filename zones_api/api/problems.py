"""Every error as RFC 9457 problem+json, from one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from zones_api import errors
from zones_api.errors import InvalidInput, ZonesError
from zones_api.formats.strict_json import pointer

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

TABLE: dict[type[ZonesError], tuple[int, str, str]] = {
    errors.InvalidInput: (400, "invalid-input", "The request is not of the form asked for"),
    errors.UnacceptableInput: (422, "unacceptable-input", "The request is well formed but cannot be meant"),
    errors.UnsupportedMediaType: (
        415,
        "unsupported-media-type",
        "The body is not of a type that is read here",
    ),
    errors.InputTooLarge: (413, "input-too-large", "The request asks for more than one request may"),
    errors.DocumentRefused: (422, "document-refused", "The zone document cannot be taken"),
    errors.NoSnapshot: (503, "no-snapshot", "No zones are loaded yet"),
    errors.RegisterUnavailable: (503, "register-unavailable", "The register cannot be reached"),
    errors.EmbeddedPostGISFailed: (503, "embedded-postgis-failed", "The private database does not run"),
    errors.NotSignedIn: (401, "not-signed-in", "It is not known who asks"),
    errors.SignInUnavailable: (503, "sign-in-unavailable", "Who asks cannot be told now"),
    errors.NotEntitled: (403, "not-entitled", "Who asks may not do this"),
    errors.NotFound: (404, "not-found", "There is no such thing"),
    errors.WrongState: (409, "wrong-state", "This cannot be done as things stand"),
    errors.Stale: (412, "stale", "It has changed since it was read"),
    errors.PreconditionMissing: (428, "precondition-missing", "Say which version this is about"),
    errors.KeyReused: (422, "key-reused", "The Idempotency-Key belongs to another request"),
    errors.DraftDefective: (422, "draft-defective", "The draft cannot be taken as it is"),
    errors.KeysMissing: (503, "keys-missing", "The service's own secrets cannot be read"),
    errors.ExportFailed: (500, "export-failed", "The export would not say what was published"),
    errors.GeodataUnusable: (503, "geodata-unusable", "What is needed to compare heights cannot be read"),
}
"""Each class of failure: status, the last part of the problem's type, title."""

_TITLES = {
    404: ("not-found", "There is nothing at this address"),
    405: ("method-not-allowed", "Not with this method"),
}
_UNEXPECTED = (500, "unexpected", "Something went wrong on our side")

log = structlog.get_logger()


class FieldProblem(BaseModel):
    """One thing wrong with a request."""

    code: str
    pointer: Annotated[
        str, Field(description="JSON pointer (RFC 6901) into the part of the request it is in")
    ]
    located_in: Annotated[str, Field(alias="in", description="body, query or path")]
    detail: str


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: Annotated[str, Field(description="A URI reference that names the kind of problem")]
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldProblem] = []
    versions: Annotated[
        list[dict[str, Any]],
        Field(description="Of a draft that has changed: what was read, and what is there now"),
    ] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "The request cannot be answered as it is", "model": Problem},
    "5XX": {"description": "The service cannot answer now", "model": Problem},
}
"""What every route declares; FastAPI then adds no 422 of its own."""


def install(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(ZonesError, _on_zones_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


async def _on_zones_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ZonesError)
    status, slug, title = TABLE[type(error)]
    if status >= 500:
        log.warning("failed", kind=type(error).__name__, detail=error.detail, **error.context)
    defects = error.defects if isinstance(error, InvalidInput) else ()
    found = [_field(d.code, d.pointer, "body", d.detail) for d in defects]
    versions = error.versions if isinstance(error, errors.Stale) else ()
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return _problem(request, status, slug, title, error.detail, found, headers, versions)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    defects = list(defects_of(error.errors()))
    too_long = any(code == "too_long" for _, code, *_ in defects)
    status, slug, title = TABLE[errors.InputTooLarge if too_long else errors.InvalidInput]
    found = [_field(code, where, located_in, detail) for located_in, code, where, detail in defects[:100]]
    first = found[0]
    where = f" ({first['pointer']})" if first["pointer"] else ""
    return _problem(request, status, slug, title, f"{first['detail']}{where}", found)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    slug, title = _TITLES.get(error.status_code, ("request-refused", "The request was refused"))
    detail = f"{request.method} {request.url.path}: {error.detail}."
    return _problem(request, error.status_code, slug, title, detail, headers=error.headers)


def unexpected(request: Request) -> Response:
    """Return what a caller gets for a fault of ours: nothing of its cause, and the id under which it was logged."""
    status, slug, title = _UNEXPECTED
    detail = "This is a fault of the service. Please report it with the request_id."
    return _problem(request, status, slug, title, detail)


def defects_of(found: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str, str]]:
    """Yield, for each of pydantic's errors, where it is, its code, its JSON pointer and a plain sentence."""
    for item in found:
        located_in, *steps = item["loc"] or ("body",)
        if located_in not in ("body", "query", "path", "header"):
            located_in, steps = "body", list(item["loc"])
        member = item.get("ctx", {}).get("member")
        # A union's tag stands in the location but not in the document.
        steps = [step for step in steps if step not in ("Point", "LineString", "Polygon", "MultiPolygon")]
        where = pointer(*steps, *([member] if member else []))
        is_position = item.get("ctx", {}).get("field_type") == "Tuple"
        yield str(located_in), "position_form" if is_position else str(item["type"]), where, _sentence(item)


def _sentence(item: Mapping[str, Any]) -> str:
    match item["type"]:
        case "missing":
            return "This is missing."
        case "extra_forbidden":
            return "There is no such member here."
        case "timezone_aware":
            return "A time needs its offset from UTC, as in 2026-05-01T12:00:00Z or …+02:00."
        case "union_tag_invalid" | "union_tag_not_found":
            *others, last = re.findall(r"\w+", item["ctx"]["expected_tags"])
            return f"The type must be {', '.join(others)} or {last}."
        case "too_long" if item.get("ctx", {}).get("field_type") == "Tuple":
            return "A position is longitude, latitude; heights are stated apart."
    message = str(item["msg"])
    return f"{message}." if not message.endswith(".") else message


def _field(code: str, where: str, located_in: str, detail: str) -> dict[str, str]:
    return {"code": code, "pointer": where, "in": located_in, "detail": detail}


def _problem(
    request: Request,
    status: int,
    slug: str,
    title: str,
    detail: str,
    found: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    versions: tuple[dict[str, Any], ...] = (),
) -> Response:
    problem = Problem(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        detail=detail,
        request_id=request.scope.get("request_id", ""),
        errors=[FieldProblem.model_validate(item) for item in found or []],
        versions=list(versions),
    )
    extra = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    return Response(
        problem.model_dump_json(by_alias=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), **extra},
    )

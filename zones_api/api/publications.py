"""For anyone: what the register publishes, as files in the formats that others read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService, Service, each_once, is_known
from zones_api.api.problems import RESPONSES
from zones_api.api.questions import KnownAt
from zones_api.errors import Defect, InvalidInput
from zones_api.formats.exports.export import Export
from zones_api.formats.exports.losses import Loss
from zones_api.publications import Selection
from zones_api.snapshot import Snapshot

router = APIRouter(tags=["catalogue"], route_class=JsonRoute)


class PublicationFormat(StrEnum):
    """The formats of publications."""

    ED318 = "ed318"
    ED269 = "ed269"
    GEOJSON = "geojson"
    KML = "kml"


class PublicationQuestion(BaseModel):
    """Which zones, as known when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    revision: Annotated[int | None, Field(ge=1, le=2**53, description="The register at this revision")] = None
    known_at: Annotated[
        KnownAt | None,
        Field(description="As known at this revision (its number) or at this time; as known now if left out"),
    ] = None
    bbox: Annotated[
        str | None,
        Field(max_length=200, description="west,south,east,north in degrees: the zones that touch this box"),
    ] = None
    data_set: Annotated[str | None, Field(max_length=63, description="The zones of this data set alone")] = (
        None
    )
    country: Annotated[
        str | None,
        Field(max_length=100, description="The zones of this country alone, by its code of three letters"),
    ] = None

    @model_validator(mode="after")
    def _one_time(self) -> PublicationQuestion:
        if self.revision is not None and self.known_at is not None:
            raise ValueError("revision and known_at say the same thing: give one of them")
        return self

    @property
    def selection(self) -> Selection:
        """The zones that are asked for.

        Raises:
            InvalidInput: If the box is not one.
        """
        return Selection(self.data_set, self.country, None if self.bbox is None else read_box(self.bbox))


def read_box(text: str) -> tuple[float, float, float, float]:
    """Return a box from its four numbers; one whose west is east of its east crosses the antimeridian.

    Raises:
        InvalidInput: If it is not one.
    """
    what = "bbox is west,south,east,north in degrees, as in 4.5,52,5,52.5."
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput(what, (Defect("BBOX_INVALID", "/bbox", what),)) from error
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput(what, (Defect("BBOX_INVALID", "/bbox", what),))
    return west, south, east, north


class LossOut(BaseModel):
    """One thing that a publication says otherwise, or not at all, than it was published; it is never milder."""

    country: Annotated[str | None, Field(description="Null where it is about the publication as a whole")]
    identifier: Annotated[str | None, Field(description="As published")]
    code: str
    sentence: str


class Losses(BaseModel):
    """Everything that a publication could not carry as it was published."""

    format: PublicationFormat
    revision: int | None
    zones: Annotated[int, Field(description="How many zones the publication has")]
    digest: Annotated[str, Field(description="SHA-256 of the publication, hexadecimal")]
    losses: list[LossOut]


Asked = Annotated[PublicationQuestion, Query()]
_ONCE = [Depends(each_once)]
_BODIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The publication",
        "content": {
            "application/geo+json": {},
            "application/json": {},
            "application/vnd.google-earth.kml+xml": {},
        },
    },
    304: {"description": "It is still what If-None-Match names"},
    **RESPONSES,
}


@router.get("/v1/publications/{format}", response_class=Response, responses=_BODIES, dependencies=_ONCE)
def publication(
    format: PublicationFormat,  # noqa: A002 - its name in the address
    asked: Asked,
    request: Request,
    service: CurrentService,
) -> Response:
    """Return the register's zones as a file; the same revision always gives the same bytes.

    Nothing in it is milder than as published; what the format cannot carry is listed by `/losses`.
    """
    snapshot = _snapshot(asked, service)
    made = service.publications.export(snapshot, asked.selection, format)
    name = "-".join(["zones", *_parts(asked), f"r{snapshot.revision or 0}"])
    link = f"/v1/publications/{format}/losses"
    query = urlencode(dict(request.query_params))
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{made.suffix}"',
        "Link": f'<{link}{f"?{query}" if query else ""}>; rel="describedby"; type="application/json"',
    }
    return _answer(made.data, f'"{made.digest}"', made.media_type, asked, snapshot, request, headers)


@router.get(
    "/v1/publications/{format}/losses",
    response_model=Losses,
    responses={304: _BODIES[304], **RESPONSES},
    dependencies=_ONCE,
)
def losses(format: PublicationFormat, asked: Asked, request: Request, service: CurrentService) -> Response:  # noqa: A002
    """Return everything that a publication says otherwise than it was published, or leaves out."""
    snapshot = _snapshot(asked, service)
    made = service.publications.export(snapshot, asked.selection, format)
    said = Losses(
        format=format,
        revision=snapshot.revision,
        zones=made.zones,
        digest=made.digest,
        losses=losses_out(made),
    )
    tag = f'"{made.digest}-losses"'
    return _answer(said.model_dump_json().encode(), tag, "application/json", asked, snapshot, request, {})


# A HEAD is answered as its GET; the server leaves the body out.
router.add_api_route(
    "/v1/publications/{format}", publication, methods=["HEAD"], include_in_schema=False, dependencies=_ONCE
)
router.add_api_route(
    "/v1/publications/{format}/losses", losses, methods=["HEAD"], include_in_schema=False, dependencies=_ONCE
)


def _snapshot(asked: PublicationQuestion, service: Service) -> Snapshot:
    at = asked.revision if asked.revision is not None else asked.known_at
    return service.following.current() if at is None else service.as_known(at)


def _parts(asked: PublicationQuestion) -> Iterator[str]:
    """Yield what tells a file's name from that of others; letters, digits and hyphens alone."""
    for part in (asked.data_set, asked.country, "part" if asked.bbox else None):
        if part:
            yield "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in part)


def losses_out(made: Export) -> list[LossOut]:
    """Return the losses of an export as they are sent."""
    return [loss_out(loss) for loss in made.losses]


def loss_out(loss: Loss) -> LossOut:
    """Return a loss as it is sent."""
    country, identifier = loss.zone or (None, None)
    return LossOut(country=country, identifier=identifier, code=loss.code, sentence=loss.sentence)


def _answer(
    data: bytes,
    tag: str,
    media_type: str,
    asked: PublicationQuestion,
    snapshot: Snapshot,
    request: Request,
    more: dict[str, str],
) -> Response:
    fixed = asked.revision is not None or isinstance(asked.known_at, int)
    headers = more | {
        "ETag": tag,
        "Cache-Control": "public, max-age=3600" if fixed else "public, no-cache",
        "Zones-Revision": str(snapshot.revision or 0),
    }
    if is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)

"""The data sets, publishers' documents as they came, and documents that authorities' machines bring."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from zones_api import intake
from zones_api.api.answers import data_age, is_stale, published_texts
from zones_api.api.auth import Doors, SignedIn, Write, key_of_write
from zones_api.api.bodies import within_limit
from zones_api.api.deps import CurrentService, RegisterDoors, is_known
from zones_api.api.problems import RESPONSES
from zones_api.api.quarantine import DefectOut, defect_out
from zones_api.api.wire import DataAge, PublishedText
from zones_api.authoring import Reply, Work
from zones_api.domain.people import Action
from zones_api.errors import InvalidInput, UnsupportedMediaType
from zones_api.formats.drafts import SHORT_NAME
from zones_api.publishing import Imported, ImportResult

router = APIRouter()

MAX_UPLOAD_BYTES = 25_000_000
"""The largest document taken over HTTP; the command line takes larger ones."""
MAX_DEFECTS = 1000
_FORMS = ("multipart/", "application/x-www-form-urlencoded")


class DataSetLine(BaseModel):
    """A data set as it stands: mirrored from a publisher's documents, or the register's own."""

    data_set: str
    kind: Literal["mirrored", "own"]
    title: str | None
    provider: list[PublishedText]
    format: str
    revision: Annotated[int | None, Field(description="The revision that changed it last")]
    digest: Annotated[
        str, Field(description="SHA-256 of the document; of the revision's record where there is none")
    ]
    zones: int
    quarantined: int
    issued: datetime | None
    valid_from: datetime | None
    valid_to: datetime | None
    received_at: datetime | None
    stale: Annotated[bool, Field(description="Whether it is too old to vouch for a place here")]
    age: DataAge


class DataSets(BaseModel):
    """All data sets at a revision, by name."""

    revision: int | None
    data_sets: list[DataSetLine]


@router.get("/v1/data-sets", response_model=DataSets, responses=RESPONSES, tags=["public"])
async def data_sets(service: CurrentService) -> DataSets:
    """Return the data sets, how many zones of each are set aside, and how old they are."""
    now, snapshot, feeds = service.now(), service.following.current(), service.following.feeds
    return DataSets(
        revision=snapshot.revision,
        data_sets=[
            DataSetLine(
                data_set=each.key,
                kind="own" if each.own else "mirrored",
                title=each.title,
                provider=published_texts(each.provider),
                format=each.format,
                revision=each.revision,
                digest=each.digest,
                zones=each.zones,
                quarantined=len(each.quarantined),
                issued=each.issued,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                received_at=each.received_at,
                stale=is_stale(each, now, service.stale_after, feeds.get(each.key)),
                age=data_age(each, feeds.get(each.key), now),
            )
            for each in snapshot.data_sets
        ],
    )


@router.get(
    "/v1/data-sets/{key}/document",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}, "application/octet-stream": {}}},
        304: {"description": "It is the one whose ETag was sent"},
        **RESPONSES,
    },
    tags=["public"],
)
def document(
    key: str,
    doors: Doors,
    revision: Annotated[
        int | None, Query(ge=1, le=2**53, description="As of this one; else the newest")
    ] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Return a publisher's document byte for byte, as it was imported."""
    found = doors.originals.document(key, revision)
    ending = re.search(r"\.[A-Za-z0-9]{1,10}\Z", found.file_name)
    name = f"{key}-{found.revision}{ending.group().lower() if ending else '.json'}"
    headers = {
        "ETag": f'"{found.digest}"',
        "Cache-Control": "no-cache",
        "Zones-Revision": str(found.revision),
    }
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    is_json = found.format in ("ed269", "ed318")
    return StreamingResponse(
        doors.originals.pieces(found),
        media_type="application/json" if is_json else "application/octet-stream",
        headers=headers
        | {
            "Content-Length": str(found.size),
            "Content-Disposition": f'attachment; filename="{name}"',
            # The publisher's text is shown by no browser as a page of this service.
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


class ImportedOut(BaseModel):
    """What became of a document; zones that were set aside are there with every defect."""

    data_set: str
    revision: Annotated[int | None, Field(description="The revision that the register is at")]
    is_new: Annotated[bool, Field(description="False where the register held this document already")]
    format: str
    digest: str
    added: int
    changed: int
    removed: int
    unchanged: int
    quarantined: int
    notices: Annotated[list[str], Field(description="Decisions on zones set aside that it made void")]
    defects: Annotated[list[DefectOut], Field(description="All that was found; the first 1000")]
    defect_count: int


def _entitled(
    data_set: Annotated[
        str, Query(pattern=f"^{SHORT_NAME}$", description="Which data set it is a version of")
    ],
    caller: SignedIn,
    doors: Doors,
) -> RegisterDoors:
    doors.intake.require(caller, data_set)
    return doors


async def _upload(
    request: Request,
    caller: SignedIn,
    doors: Annotated[RegisterDoors, Depends(_entitled)],
    service: CurrentService,
    idempotency_key: Annotated[
        str | None, Header(description="A new one for each write; the same again for a repetition of it")
    ] = None,
) -> tuple[Write, bytes]:
    key = key_of_write(idempotency_key)
    kind = request.headers.get("content-type", "").strip().lower()
    if kind.startswith(_FORMS):
        raise UnsupportedMediaType("Send the document itself as the body, not a form.")
    data = await within_limit(request, MAX_UPLOAD_BYTES)
    head = f"{request.method}\n{request.url.path}?{request.url.query}\n".encode()
    digest = hashlib.sha256(head + data).hexdigest()
    return Write(doors.desk, caller, key, digest, service.now, Action.IMPORT_DOCUMENT), data


@router.post(
    "/v1/imports",
    response_model=ImportedOut,
    status_code=201,
    responses=RESPONSES,
    tags=["authorities"],
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {}, "application/octet-stream": {}}}
    },
)
def import_document(
    data_set: str,
    doors: Doors,
    upload: Annotated[tuple[Write, bytes], Depends(_upload)],
    file_name: Annotated[str | None, Query(max_length=100, pattern=r"^[\w. ()+-]+$")] = None,
    accept_fewer_zones: Annotated[
        bool, Query(description="Take a document with far fewer zones than before")
    ] = False,
) -> Response:
    """Take a publisher's document, at most 25 MB, into a mirrored data set as a revision."""
    write, data = upload
    if not data:
        raise InvalidInput("The body is empty: it is the document.")
    name = file_name or f"{data_set}.json"
    submission = doors.intake.read(data_set, name, data, accept_fewer_zones=accept_fewer_zones)

    def act(work: Work) -> Reply:
        done = intake.take(work, submission)
        return _told(done, done.documents[0], submission.document)

    return write.once(act)


def _told(done: ImportResult, imported: Imported, document: Any) -> Reply:
    said = ImportedOut(
        data_set=imported.data_set,
        revision=done.revision,
        is_new=done.is_new,
        format=document.format,
        digest=document.digest,
        added=imported.added,
        changed=imported.changed,
        removed=imported.removed,
        unchanged=imported.unchanged,
        quarantined=len(imported.quarantined),
        notices=list(imported.notices),
        defects=[defect_out(each) for each in document.defects[:MAX_DEFECTS]],
        defect_count=len(document.defects),
    )
    headers = {
        "Zones-Revision": str(done.revision or 0),
        "Location": f"/v1/data-sets/{imported.data_set}/document",
    }
    return Reply(201 if done.is_new else 200, headers, said.model_dump_json())

"""For authorities: drafts, their review and their publication."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from zones_api import authoring
from zones_api.api.answers import both
from zones_api.api.auth import Doors, SignedIn, Writing
from zones_api.api.bodies import JsonRoute
from zones_api.api.deps import CurrentService
from zones_api.api.problems import RESPONSES
from zones_api.api.wire import BothLanguages
from zones_api.authoring import Published, Reply, Work
from zones_api.domain.drafting import Draft, Opinion, State
from zones_api.domain.hints import Hint
from zones_api.domain.people import Action, Caller
from zones_api.domain.texts import in_dutch
from zones_api.errors import PreconditionMissing, Stale
from zones_api.examining import Examined
from zones_api.formats.drafts import first_start

MAX_VERSION = 1_000_000

router = APIRouter(tags=["authorities"], route_class=JsonRoute)

IfMatch = Annotated[str | None, Header(description="The ETag of the draft as you read it")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewDraft(_In):
    """A draft to begin. Its content may still be defective: validation says what is missing."""

    organisation: Annotated[
        str | None, Field(description="Whose draft it is; may be left out by who drafts for one alone")
    ] = None
    publisher: Annotated[
        str | None,
        Field(description="The organisation that reviews and publishes it; the same if left out"),
    ] = None
    content: Annotated[
        dict[str, Any],
        Field(description="title, data_set, legal_reference, reason, items, coverage, emergency"),
    ]


class Seen(_In):
    """The digest of what the caller saw: a step is taken on that and on nothing else."""

    digest: str


class ReviewIn(Seen):
    """What a reviewer says of a draft."""

    verdict: Annotated[
        Opinion,
        Field(description="Sent back, it is a draft again; rejected, it stays readable and can go nowhere"),
    ]
    comment: Annotated[
        str | None, Field(max_length=10_000, description="Only an approval may go without one")
    ] = None


class Named(BaseModel):
    """An organisation."""

    key: str
    name: str


class ReviewOut(BaseModel):
    """What a reviewer said of one version; `counts` is whether it approves the draft as it is now."""

    by: str
    version: int
    digest: str
    verdict: Opinion
    comment: str | None
    at: datetime
    counts: bool


class DraftOut(BaseModel):
    """A draft as it stands."""

    id: UUID
    organisation: Named
    publisher: Named
    state: State
    version: int
    digest: Annotated[str, Field(description="SHA-256 of the content; reviews and publication name it")]
    content: Annotated[dict[str, Any] | None, Field(description="Null in a list of drafts")]
    title: Annotated[str | None, Field(description="Null where the content has none yet")]
    starts_at: Annotated[
        datetime | None,
        Field(description="When its first change starts; null is the moment of publication"),
    ]
    authors: list[str]
    reviews: list[ReviewOut]
    next_steps: list[str]
    your_steps: Annotated[list[str], Field(description="Those of the next steps that the caller may take")]
    created_at: datetime
    written_at: datetime
    revision: Annotated[int | None, Field(description="The revision that published it")]


class DraftVersion(BaseModel):
    """What a draft said in one of its versions."""

    version: int
    content: dict[str, Any]


class DraftList(BaseModel):
    """The drafts that concern the caller's organisations, the newest first, at most 200."""

    drafts: list[DraftOut]


class HintOut(BaseModel):
    """One thing to look at in a draft: `stop` keeps it from being submitted, `warn` and `note` do not."""

    severity: Literal["stop", "warn", "note"]
    code: str
    pointer: Annotated[str, Field(description="JSON pointer into the content")]
    sentence: str
    dutch: Annotated[
        str | None, Field(description="The sentence in Dutch; null where it is written in English alone")
    ]
    place: Annotated[dict[str, Any] | None, Field(description="Where on the map, as GeoJSON")]


class Validation(BaseModel):
    """Everything there is to say of a draft, and in one sentence what publishing it would do."""

    digest: str
    can_be_submitted: bool
    hints: list[HintOut]
    sentence: Annotated[BothLanguages | None, Field(description="Null where the draft cannot be read")]
    needs_second_approval: Annotated[
        BothLanguages | None,
        Field(description="Why one approval is not enough: how much of the data set changes"),
    ]


class PublishedOut(BaseModel):
    """What a publication made."""

    draft: DraftOut
    revision: int
    revision_hash: str
    published_at: datetime
    sentence: BothLanguages
    confirm_by: Annotated[
        datetime | None, Field(description="When a second person must have confirmed an emergency")
    ]


class Me(BaseModel):
    """Who the caller is here."""

    name: str
    may: Annotated[dict[str, int], Field(description="For how many organisations they may do what")]


@router.get("/v1/me", response_model=Me, responses=RESPONSES)
def me(caller: SignedIn) -> Me:
    """Say who the caller is here and what they may do."""
    return Me(name=caller.name, may={action: len(caller.organisations(action)) for action in Action})


@router.post("/v1/drafts", response_model=DraftOut, status_code=201, responses=RESPONSES)
def create(asked: NewDraft, write: Writing) -> Response:
    """Begin a draft."""
    return write.once(
        lambda work: told(
            authoring.create(work, asked.organisation, asked.publisher, asked.content), work.caller, 201
        )
    )


@router.get("/v1/drafts", response_model=DraftList, responses=RESPONSES)
def list_drafts(
    caller: SignedIn, doors: Doors, state: Annotated[list[State] | None, Query()] = None
) -> DraftList:
    """Return the drafts that concern the caller's organisations."""
    found = doors.desk.list(caller, state or list(State))
    return DraftList(drafts=[_draft_out(each, caller).model_copy(update={"content": None}) for each in found])


@router.get("/v1/drafts/{draft_id}", response_model=DraftOut, responses=RESPONSES)
def read(draft_id: UUID, caller: SignedIn, doors: Doors) -> Response:
    """Return a draft, with the ETag that an edit needs."""
    reply = told(doors.desk.read(caller, draft_id), caller)
    return Response(reply.body, headers=dict(reply.headers), media_type="application/json")


@router.get("/v1/drafts/{draft_id}/versions/{version}", response_model=DraftVersion, responses=RESPONSES)
def read_version(
    draft_id: UUID,
    version: Annotated[int, Path(ge=1, le=MAX_VERSION)],
    caller: SignedIn,
    doors: Doors,
) -> DraftVersion:
    """Return what a draft said in one of its versions: the one that was sent back, for instance."""
    content = doors.desk.read_version(caller, draft_id, version)
    return DraftVersion(version=version, content=json.loads(content))


@router.patch("/v1/drafts/{draft_id}", response_model=DraftOut, responses=RESPONSES)
def edit(draft_id: UUID, patch: dict[str, Any], write: Writing, if_match: IfMatch = None) -> Response:
    """Change a draft's content by a JSON merge patch (RFC 7396); what was approved of it no longer counts."""
    if if_match is None:
        raise PreconditionMissing("Say which draft you saw: send its ETag as If-Match.")

    def act(work: Work) -> Reply:
        try:
            return told(
                authoring.edit(
                    work,
                    draft_id,
                    lambda draft: _etag(draft) == if_match,
                    lambda content: _merged(content, patch),
                ),
                work.caller,
            )
        except Stale as error:
            raise Stale(error.detail, _both_versions(work, draft_id, if_match), **error.context) from error

    return write.once(act)


@router.post("/v1/drafts/{draft_id}/validation", response_model=Validation, responses=RESPONSES)
def validate(draft_id: UUID, caller: SignedIn, doors: Doors, service: CurrentService) -> Validation:
    """Say everything that is wrong with a draft, and what publishing it now would do. Nothing is written."""
    near = service.following.current().near
    return _validation(*doors.desk.examine(caller, draft_id, service.now(), near))


@router.post("/v1/drafts/{draft_id}/submission", response_model=DraftOut, responses=RESPONSES)
def submit(draft_id: UUID, seen: Seen, write: Writing) -> Response:
    """Hand a draft to its reviewers."""
    return write.once(lambda work: told(authoring.submit(work, draft_id, seen.digest), work.caller))


@router.post("/v1/drafts/{draft_id}/reviews", response_model=DraftOut, responses=RESPONSES)
def review(draft_id: UUID, said: ReviewIn, write: Writing) -> Response:
    """Approve a draft that somebody else wrote, send it back to its authors, or reject it for good."""
    return write.once(
        lambda work: told(
            authoring.review(work, draft_id, said.digest, said.verdict, said.comment),
            work.caller,
        )
    )


@router.post(
    "/v1/drafts/{draft_id}/publication", response_model=PublishedOut, status_code=201, responses=RESPONSES
)
def publish(draft_id: UUID, seen: Seen, write: Writing) -> Response:
    """Make a draft the register's next revision."""
    return write.once(lambda work: _published(authoring.publish(work, draft_id, seen.digest), work.caller))


@router.post("/v1/drafts/{draft_id}/confirmation", response_model=DraftOut, responses=RESPONSES)
def confirm(draft_id: UUID, seen: Seen, write: Writing) -> Response:
    """Stand behind an emergency publication as its second person."""
    return write.once(lambda work: told(authoring.confirm(work, draft_id, seen.digest), work.caller))


@router.post("/v1/drafts/{draft_id}/abandonment", response_model=DraftOut, responses=RESPONSES)
def abandon(draft_id: UUID, seen: Seen, write: Writing) -> Response:
    """Give a draft up; it stays readable."""
    return write.once(lambda work: told(authoring.abandon(work, draft_id, seen.digest), work.caller))


def _etag(draft: Draft) -> str:
    return f'"{draft.version}.{len(draft.reviews)}-{draft.state}"'


def told(draft: Draft, caller: Caller, status: int = 200) -> Reply:
    """Return a draft as a person's write is answered with it."""
    headers = {"ETag": _etag(draft), "Location": f"/v1/drafts/{draft.id}"}
    return Reply(status, headers, _draft_out(draft, caller).model_dump_json())


def _published(done: Published, caller: Caller) -> Reply:
    said = PublishedOut(
        draft=_draft_out(done.draft, caller),
        revision=done.revision,
        revision_hash=done.hash,
        published_at=done.published_at,
        sentence=both(done.sentence),
        confirm_by=done.confirm_by,
    )
    headers = {"ETag": _etag(done.draft), "Zones-Revision": str(done.revision)}
    return Reply(201, headers, said.model_dump_json())


def _draft_out(draft: Draft, caller: Caller) -> DraftOut:
    counting = draft.approvals
    content = json.loads(draft.content)
    title = content.get("title")
    return DraftOut(
        id=draft.id,
        organisation=Named(key=draft.organisation.key, name=draft.organisation.name),
        publisher=Named(key=draft.publisher.key, name=draft.publisher.name),
        state=draft.state,
        version=draft.version,
        digest=draft.digest,
        content=content,
        title=title if isinstance(title, str) else None,
        starts_at=first_start(content),
        authors=list(draft.authors.values()),
        reviews=[
            ReviewOut(
                by=each.name,
                version=each.version,
                digest=each.digest,
                verdict=each.opinion,
                comment=each.comment,
                at=each.at,
                counts=each in counting,
            )
            for each in draft.reviews
        ],
        next_steps=list(draft.steps),
        your_steps=list(draft.steps_of(caller)),
        created_at=draft.created_at,
        written_at=draft.written_at,
        revision=draft.revision,
    )


def _validation(draft: Draft, found: Examined) -> Validation:
    return Validation(
        digest=draft.digest,
        can_be_submitted=not found.stopped,
        hints=[_hint(each) for each in found.hints],
        sentence=both(found.sentence) if found.sentence else None,
        needs_second_approval=both(found.brake) if found.brake else None,
    )


def _hint(hint: Hint) -> HintOut:
    defect = hint.defect
    return HintOut(
        severity="warn" if defect.severity in ("flag", "quarantine") else defect.severity,
        code=defect.code,
        pointer=defect.pointer,
        sentence=defect.detail,
        dutch=defect.dutch or in_dutch(defect.code, defect.detail),
        place=json.loads(shapely.to_geojson(hint.place)) if hint.place is not None else None,
    )


def _merged(target: Any, patch: Any) -> Any:
    """Return a value with a merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _both_versions(work: Work, draft_id: UUID, if_match: str) -> tuple[dict[str, Any], ...]:
    """Return the version that the caller saw, if it can be told which, and the present one."""
    now = authoring.reread(work, draft_id)
    seen = re.fullmatch(r'"(\d{1,6})\..*"', if_match)
    found: list[dict[str, Any]] = []
    content = authoring.version_of(work, draft_id, int(seen.group(1))) if seen else None
    if seen and content is not None:
        found.append({"version": int(seen.group(1)), "content": json.loads(content)})
    found.append({"version": now.version, "etag": _etag(now), "content": json.loads(now.content)})
    return tuple(found)

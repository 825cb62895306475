"""Drafts and what happened to them. Row-level security shows a transaction only those it may see."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geography
from sqlalchemy import Connection, cast, func, insert, select, text, true, update

from zones_api.domain.drafting import Draft, Opinion, Review, State
from zones_api.domain.people import Organisation
from zones_api.errors import NotFound
from zones_api.formats import strict_json
from zones_api.store import schema
from zones_api.store.people import organisation_number


def see(connection: Connection, organisations: Iterable[int]) -> None:
    """Let the rest of the transaction see the drafts that concern these organisations, and no others."""
    seen = ",".join(str(number) for number in sorted(organisations))
    connection.execute(text("SELECT set_config('zones.organisations', :seen, true)"), {"seen": seen})


def add(
    connection: Connection,
    draft_id: UUID,
    organisation: Organisation,
    publisher: Organisation,
    content: bytes,
    author: int,
    now: datetime,
) -> None:
    """Write a new draft."""
    values = {
        "id": draft_id,
        "organisation_id": organisation.id,
        "publisher_id": publisher.id,
        "state": State.DRAFT.value,
        "version": 1,
        "created_at": now,
    }
    connection.execute(insert(schema.draft).values(values))
    _add_version(connection, draft_id, 1, content, author, now)


def add_version(connection: Connection, draft: Draft, content: bytes, author: int, now: datetime) -> None:
    """Write a draft's next version."""
    _add_version(connection, draft.id, draft.version + 1, content, author, now)
    connection.execute(
        update(schema.draft).where(schema.draft.c.id == draft.id).values(version=draft.version + 1)
    )


def set_state(connection: Connection, draft_id: UUID, state: State) -> None:
    """Move a draft to a state."""
    connection.execute(update(schema.draft).where(schema.draft.c.id == draft_id).values(state=state.value))


def add_review(
    connection: Connection, draft: Draft, reviewer: int, opinion: Opinion, comment: str | None, now: datetime
) -> None:
    """Write what somebody said of the draft's newest version."""
    values = {
        "draft_id": draft.id,
        "version": draft.version,
        "digest": draft.digest,
        "reviewer_id": reviewer,
        "verdict": opinion.value,
        "comment": comment,
        "reviewed_at": now,
    }
    connection.execute(insert(schema.review).values(values))


def find(connection: Connection, draft_id: UUID) -> Draft:
    """Return a draft as it stands.

    Raises:
        NotFound: If there is none that this transaction may see.
    """
    table, version = schema.draft.c, schema.draft_version.c
    row = connection.execute(
        select(
            schema.draft, version.content, version.digest, version.written_at, schema.publication.c.revision
        )
        .join(schema.draft_version, (version.draft_id == table.id) & (version.version == table.version))
        .outerjoin(schema.publication, schema.publication.c.draft_id == table.id)
        .where(table.id == draft_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such draft, or none that you may see.")
    authors = connection.execute(
        select(schema.person.c.id, schema.person.c.name)
        .join(schema.draft_version, version.author_id == schema.person.c.id)
        .where(version.draft_id == draft_id)
        .order_by(version.version)
    )
    return Draft(
        row.id,
        organisation_number(connection, row.organisation_id),
        organisation_number(connection, row.publisher_id),
        State(row.state),
        row.version,
        row.content,
        row.digest,
        {author.id: author.name for author in authors},
        tuple(_reviews(connection, draft_id, State(row.state))),
        row.created_at,
        row.written_at,
        row.revision,
        strict_json.loads(row.content).get("emergency") is True,
    )


def hold(connection: Connection, draft_id: UUID) -> None:
    """Let nobody else take a step with a draft until the end of the transaction."""
    connection.execute(select(schema.draft.c.id).where(schema.draft.c.id == draft_id).with_for_update())


def content_of(connection: Connection, draft_id: UUID, version: int) -> bytes | None:
    """Return what a draft said in an earlier version, None if it has no such version."""
    table = schema.draft_version.c
    content: bytes | None = connection.scalar(
        select(table.content).where(table.draft_id == draft_id, table.version == version)
    )
    return content


def numbers(connection: Connection, states: Iterable[State], limit: int) -> list[UUID]:
    """Return the drafts in some states that this transaction may see, the newest first."""
    table = schema.draft.c
    rows = connection.execute(
        select(table.id)
        .where(table.state.in_([state.value for state in states]))
        .order_by(table.created_at.desc(), table.id)
        .limit(limit)
    )
    return list(rows.scalars())


def add_publication(
    connection: Connection,
    revision: int,
    draft: Draft,
    publisher: int,
    evidence: bytes,
    confirm_by: datetime | None,
) -> None:
    """Write which draft a revision published, and what it rested on."""
    values = {
        "revision": revision,
        "draft_id": draft.id,
        "published_by": publisher,
        "evidence": evidence,
        "confirm_by": confirm_by,
    }
    connection.execute(insert(schema.publication).values(values))


@dataclass(frozen=True)
class Emergency:
    """A publication that one person alone made, and whether a second one stands behind it."""

    revision: int
    draft: UUID
    published_at: datetime
    published_by: int
    reason: str
    confirm_by: datetime
    confirmed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the second person is late."""
        return self.confirmed_at is None and now > self.confirm_by


def emergencies(connection: Connection, since: datetime | None = None) -> list[Emergency]:
    """Return the emergency publications, the newest first; all, or those since a moment and any unconfirmed."""
    publication, revision = schema.publication.c, schema.revision.c
    confirmed = schema.confirmation.c
    rows = connection.execute(
        select(schema.publication, revision.published_at, revision.reason, confirmed.confirmed_at)
        .join(schema.revision, revision.number == publication.revision)
        .outerjoin(schema.confirmation, confirmed.revision == publication.revision)
        .where(publication.confirm_by.is_not(None))
        .where(true() if since is None else (revision.published_at >= since) | confirmed.revision.is_(None))
        .order_by(publication.revision.desc())
    )
    return [
        Emergency(
            row.revision,
            row.draft_id,
            row.published_at,
            row.published_by,
            row.reason,
            row.confirm_by,
            row.confirmed_at,
        )
        for row in rows
    ]


def unconfirmed_km2(connection: Connection, since: datetime) -> float:
    """Return the area of the emergencies published since a moment that nobody confirmed, overlaps counted each time."""
    publication, slice_ = schema.publication.c, schema.zone_slice.c
    m2 = connection.scalar(
        select(func.sum(func.ST_Area(cast(slice_.geom, Geography))))
        .join(schema.revision, schema.revision.c.number == func.lower(slice_.known))
        .join(schema.publication, publication.revision == schema.revision.c.number)
        .outerjoin(schema.confirmation, schema.confirmation.c.revision == publication.revision)
        .where(publication.confirm_by.is_not(None), schema.confirmation.c.revision.is_(None))
        .where(schema.revision.c.published_at >= since)
    )
    return float(m2 or 0.0) / 1e6


def add_confirmation(connection: Connection, revision: int, person: int, now: datetime) -> None:
    """Write that a second person stands behind an emergency publication."""
    values = {"revision": revision, "person_id": person, "confirmed_at": now}
    connection.execute(insert(schema.confirmation).values(values))


def add_refusal(
    connection: Connection, person: int, draft_id: UUID | None, what: str, why: str, now: datetime
) -> None:
    """Write down that somebody was refused a step."""
    values = {"refused_at": now, "person_id": person, "draft_id": draft_id, "what": what, "why": why}
    connection.execute(insert(schema.refusal).values(values))


@dataclass(frozen=True)
class Answered:
    """A request, by the digest of it, and what it was answered with."""

    request_digest: str
    status: int
    headers: Mapping[str, str]
    body: str


def answered(connection: Connection, person: int, key: str) -> Answered | None:
    """Return the request that a person sent with an Idempotency-Key, and its answer; None if the key is new."""
    table = schema.idempotency
    row = connection.execute(
        select(table).where(table.c.person_id == person, table.c.key == key)
    ).one_or_none()
    if row is None:
        return None
    return Answered(row.request_digest, row.status, **strict_json.loads(row.response))


def keep_answer(connection: Connection, person: int, key: str, answer: Answered, now: datetime) -> None:
    """Keep the answer to a write, in the transaction of the write."""
    values = {
        "person_id": person,
        "key": key,
        "request_digest": answer.request_digest,
        "status": answer.status,
        "response": strict_json.canonical({"headers": dict(answer.headers), "body": answer.body}),
        "answered_at": now,
    }
    connection.execute(insert(schema.idempotency).values(values))


def forget_answers(connection: Connection) -> int:
    """Delete the answers to writes of over a week ago, which nobody sends again; return how many."""
    return int(connection.scalar(select(func.forget_answers())) or 0)


def _add_version(
    connection: Connection, draft_id: UUID, version: int, content: bytes, author: int, now: datetime
) -> None:
    values = {
        "draft_id": draft_id,
        "version": version,
        "content": content,
        "digest": hashlib.sha256(content).hexdigest(),
        "author_id": author,
        "written_at": now,
    }
    connection.execute(insert(schema.draft_version).values(values))


def _reviews(connection: Connection, draft_id: UUID, state: State) -> list[Review]:
    """Return the reviews of a draft. Before a draft could be rejected for good, "rejected" was said of sending it back."""
    table = schema.review.c
    rows: Any = connection.execute(
        select(schema.review, schema.person.c.name)
        .join(schema.person, schema.person.c.id == table.reviewer_id)
        .where(table.draft_id == draft_id)
        .order_by(table.id)
    )
    return [
        Review(
            row.reviewer_id,
            row.name,
            row.version,
            row.digest,
            Opinion.SENT_BACK
            if row.verdict == Opinion.REJECTED and state is not State.REJECTED
            else Opinion(row.verdict),
            row.comment,
            row.reviewed_at,
        )
        for row in rows
    ]

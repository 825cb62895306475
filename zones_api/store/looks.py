"""The looks of the police, apart from everything else: the service writes them down and cannot read one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Interval, cast, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.exc import IntegrityError

from zones_api.errors import NotFound
from zones_api.store import schema


def add_look(
    connection: Connection,
    look_id: UUID,
    person: int,
    purpose: str,
    case_reference: str | None,
    question: Mapping[str, Any],
    revisions: tuple[int | None, int | None],
    now: datetime,
) -> None:
    """Write down who asked what, why, and from which revisions it was answered: as known then, and now."""
    values = {
        "id": look_id,
        "looked_at": now,
        "person_id": person,
        "purpose": purpose,
        "case_reference": case_reference,
        "question": dict(question),
        "revision_then": revisions[0],
        "revision_now": revisions[1],
    }
    connection.execute(insert(schema.police_look).values(values))


def add_case(connection: Connection, look_id: UUID, person: int, case_reference: str, now: datetime) -> None:
    """Write down to which case a look belongs; saying the same again adds nothing.

    Raises:
        NotFound: If there is no such look of this person's; the database says so, for the service cannot read any.
    """
    values = {
        "id": uuid5(look_id, case_reference),
        "look_id": look_id,
        "person_id": person,
        "case_reference": case_reference,
        "added_at": now,
    }
    try:
        connection.execute(insert_or_not(schema.police_case).values(values).on_conflict_do_nothing())
    except IntegrityError as error:
        raise NotFound("There is no such look of yours.") from error


def forget(connection: Connection, keep: timedelta) -> int:
    """Delete the looks that are older than their retention; return how many. Those of the last 30 days stay."""
    return int(connection.scalar(select(func.forget_looks(cast(keep, Interval)))) or 0)

"""The looks of the police, apart from everything else: the service writes them down and cannot read one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Interval, cast, func, insert, select

from zones_api.store import schema


def add_look(
    connection: Connection,
    person: int,
    purpose: str,
    case_reference: str | None,
    question: Mapping[str, Any],
    revisions: tuple[int | None, int | None],
    now: datetime,
) -> None:
    """Write down who asked what, why, and from which revisions it was answered: as known then, and now."""
    values = {
        "looked_at": now,
        "person_id": person,
        "purpose": purpose,
        "case_reference": case_reference,
        "question": dict(question),
        "revision_then": revisions[0],
        "revision_now": revisions[1],
    }
    # Inline, because to return its number the service would have to read the row.
    connection.execute(insert(schema.police_look).values(values).inline())


def forget(connection: Connection, keep: timedelta) -> int:
    """Delete the looks that are older than their retention; return how many. Those of the last 30 days stay."""
    return int(connection.scalar(select(func.forget_looks(cast(keep, Interval)))) or 0)

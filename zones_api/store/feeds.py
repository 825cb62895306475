"""What is known of the feeds, and whose turn it is to fetch one. These are states, not facts: they are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from zones_api.domain.feed import FeedState
from zones_api.store import schema
from zones_api.store.register import domain_errors

_LOCK = 0x7A666565
"""The first half of the advisory locks of feeds; the second is the data set's."""
_MEMBERS = [field.name for field in fields(FeedState)]


def all_states(connection: Connection) -> dict[str, FeedState]:
    """Return what is known of every feed there ever was, by its data set."""
    rows = connection.execute(select(schema.feed).order_by(schema.feed.c.data_set))
    return {row.data_set: _state(row) for row in rows}


def find(connection: Connection, data_set: str) -> FeedState | None:
    """Return what is known of a data set's feed, None if nothing is."""
    row = connection.execute(select(schema.feed).where(schema.feed.c.data_set == data_set)).one_or_none()
    return _state(row) if row is not None else None


def keep(connection: Connection, state: FeedState) -> None:
    """Write what is known of a feed, over what was known before."""
    values = asdict(state)
    changed = {name: value for name, value in values.items() if name != "data_set"}
    connection.execute(
        insert(schema.feed).values(values).on_conflict_do_update(index_elements=["data_set"], set_=changed)
    )


@contextmanager
def turn(engine: Engine, data_set: str) -> Iterator[Callable[[], None] | None]:
    """Give a function that makes sure that nobody else fetches a feed meanwhile; None if somebody else does.

    The database ends the turn of a program that dies.

    Raises:
        RegisterUnavailable: If the database cannot be reached, or the turn is lost.
    """
    with (
        domain_errors(),
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        taken = connection.scalar(select(func.pg_try_advisory_lock(_LOCK, func.hashtext(data_set))))
        if not taken:
            yield None
            return
        try:
            # Over a connection that was lost this fails; over one that was not, nobody else has the turn.
            yield lambda: _ask(connection)
        finally:
            _give_back(connection, data_set)


def _ask(connection: Connection) -> None:
    with domain_errors():
        connection.execute(text("SELECT 1"))


def _give_back(connection: Connection, data_set: str) -> None:
    try:
        connection.execute(select(func.pg_advisory_unlock(_LOCK, func.hashtext(data_set))))
    except BaseException:
        connection.invalidate()
        raise


def _state(row: Any) -> FeedState:
    return FeedState(**{name: getattr(row, name) for name in _MEMBERS})

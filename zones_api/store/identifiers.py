"""The names that zones have in exports: given once, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select, text

from zones_api.store import schema

_LOCK = 0x7A6F6E65_78
"""The advisory lock under which names are given, so that no two zones get one."""
Key = tuple[str, str]
"""A zone's country and identifier."""


def lock(connection: Connection) -> None:
    """Let nobody else give names until the end of the transaction."""
    connection.execute(text("SET LOCAL lock_timeout = '30s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def given(connection: Connection) -> dict[Key, str]:
    """Return every name that was given."""
    table = schema.export_identifier.c
    rows = connection.execute(select(table.country, table.identifier, table.exported))
    return {(row.country, row.identifier): row.exported for row in rows}


def own(connection: Connection, form: str) -> set[str]:
    """Return the identifiers of a form (a regular expression) that some zone has or ever had by itself."""
    table = schema.zone_version.c
    found = select(table.identifier).where(table.identifier.regexp_match(f"^{form}$")).distinct()
    return set(connection.scalars(found))


def give(connection: Connection, names: Mapping[Key, str]) -> None:
    """Write down names that are new."""
    rows = [
        {"country": country, "identifier": identifier, "exported": name}
        for (country, identifier), name in sorted(names.items())
    ]
    if rows:
        connection.execute(insert(schema.export_identifier), rows)

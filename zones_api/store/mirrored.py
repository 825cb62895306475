"""What publishers' documents brought: their bytes, and the zones of them that were set aside."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, true

from zones_api.domain.data_set import KeptDocument, QuarantinedZone, SetAside
from zones_api.errors import Defect
from zones_api.store import register, schema


def document_of(connection: Connection, key: str, revision: int | None = None) -> KeptDocument | None:
    """Return the document of a data set at a revision (None is the newest), None if it has none."""
    version, document = schema.data_set_version.c, schema.document.c
    row = connection.execute(
        select(version.revision, document.digest, document.format, document.file_name, document.received_at)
        .add_columns(func.octet_length(document.content).label("size"))
        .join_from(schema.data_set_version, schema.document, version.document_id == document.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .where(true() if revision is None else version.revision <= revision)
        .order_by(version.revision.desc())
        .limit(1)
    ).one_or_none()
    return KeptDocument(key, *row) if row is not None else None


def bytes_of(connection: Connection, digest: str) -> bytes:
    """Return the bytes of a document that is there."""
    found: bytes = connection.execute(
        select(schema.document.c.content).where(schema.document.c.digest == digest)
    ).scalar_one()
    return bytes(found)


def set_aside(connection: Connection, key: str | None = None) -> list[SetAside]:
    """Return the zones that the newest versions of data sets set aside, of one data set or of all, in their order.

    A zone that names itself is the same from version to version by its country and identifier, another by its place.
    """
    table, version = schema.quarantine.c, schema.data_set_version.c
    rows = connection.execute(
        select(schema.data_set.c.key, version.revision, schema.revision.c.published_at)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .join(schema.revision, schema.revision.c.number == version.revision)
        .where(true() if key is None else schema.data_set.c.key == key)
        .order_by(schema.data_set.c.key, version.revision.desc())
    ).all()
    versions: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for row in rows:
        versions[row.key].append((row.revision, row.published_at))
    found = []
    for name, times in versions.items():
        newest = connection.execute(
            select(schema.quarantine)
            .join(schema.data_set_version, version.id == table.data_set_version_id)
            .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
            .where(schema.data_set.c.key == name, version.revision == times[0][0])
            .order_by(table.id)
        ).all()
        if newest:
            names = _names_by_revision(connection, name)
            decided = {each.pointer: each for each in register.decisions_of(connection, name)}
            found += [
                SetAside(name, _zone(row), *_since(_name(row), times, names), decided.get(row.pointer))
                for row in newest
            ]
    return found


def _names_by_revision(connection: Connection, key: str) -> dict[int, set[tuple[str, str]]]:
    table, version = schema.quarantine.c, schema.data_set_version.c
    names: dict[int, set[tuple[str, str]]] = defaultdict(set)
    rows = connection.execute(
        select(version.revision, table.country, table.identifier, table.pointer)
        .join(schema.data_set_version, version.id == table.data_set_version_id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
    )
    for row in rows:
        names[row.revision].add(_name(row))
    return names


def _name(row: Any) -> tuple[str, str]:
    return row.country, row.identifier if row.identifier is not None else row.pointer


def _since(
    name: tuple[str, str], times: list[tuple[int, datetime]], names: dict[int, set[tuple[str, str]]]
) -> tuple[int, datetime]:
    """Return the first of the unbroken run of versions, up to the newest, that set a zone aside."""
    since = times[0]
    for time in times:
        if name not in names.get(time[0], ()):
            break
        since = time
    return since


def _zone(row: Any) -> QuarantinedZone:
    return QuarantinedZone(
        row.country,
        row.identifier,
        row.pointer,
        row.published_type,
        tuple(row.bounds) if row.bounds else None,
        tuple(Defect(**defect) for defect in row.defects),
    )

"""Reading everything that was ever published as streams, in the order of revisions, so that it can be proven elsewhere.

Every row is read as it lies there, also one that an attacker changed: nothing is joined so that a row without its
counterpart falls out, and times are microseconds, because a database knows times that no `datetime` can hold.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Select, extract, func, select
from sqlalchemy.sql.elements import ColumnElement

from zones_api.store import schema

_ROWS_AT_ONCE = 200
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision and its signed head; the head's members are None where it was written without a key."""

    number: int
    published_at_us: Decimal
    reason: str
    record: bytes
    hash: str
    head: bytes | None
    key_id: str | None
    signature: bytes | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What was published of a zone; `data_set` is None if its data set is gone."""

    revision: int
    data_set: str | None
    country: str
    identifier: str
    occurrence: int
    legal_basis: str | None
    version: str
    format: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DataSetRow:
    """What a data set says of itself from a revision on; `document` is the digest of its document."""

    revision: int
    id: int
    key: str | None
    kind: str | None
    document: str | None
    metadata: Any
    countries: list[str]
    zones: int


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A zone set aside in a version of a data set, as its digest in the record is made of."""

    revision: int
    data_set_version: int
    zone: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """Which draft a revision published, and what it rested on."""

    revision: int
    draft_id: UUID
    published_by: int
    confirm_by_us: Decimal | None
    evidence: bytes


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A publisher's bytes; `revision` is the first that read them, None if none did."""

    revision: int | None
    digest: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A row of the projection: `until` is None while it is known now; `version_*` name the version it shows."""

    data_set: str | None
    country: str
    identifier: str
    occurrence: int
    valid_from_us: Decimal | None
    valid_from_included: bool
    valid_to_us: Decimal | None
    valid_to_included: bool
    since: int | None
    until: int | None
    version_revision: int | None
    version: str | None
    version_is_of_same_zone: bool | None


class InOrder(Generic[_R]):
    """Rows in the order of a number, None last, each given once: so that several streams are read side by side."""

    def __init__(
        self, rows: Generator[_R], number: Callable[[_R], int | None] = attrgetter("revision")
    ) -> None:
        self._rows, self.number = rows, number
        self._next = next(rows, None)

    def close(self) -> None:
        """Let go of the rows that are left."""
        self._rows.close()

    def up_to(self, number: int | None) -> Iterator[_R]:
        """Give the rows that are left up to a number; None is all that are left."""
        while self._next is not None and (number is None or self._is_by(self._next, number)):
            row, self._next = self._next, next(self._rows, None)
            yield row

    def _is_by(self, row: _R, number: int) -> bool:
        at = self.number(row)
        return at is not None and at <= number


def count_revisions(connection: Connection) -> int:
    """Return how many revisions there are."""
    return connection.scalar(select(func.count()).select_from(schema.revision)) or 0


def revisions(connection: Connection) -> Generator[RevisionRow]:
    """Give all revisions, the first first."""
    table, signed = schema.revision.c, schema.signed_head.c
    rows = (
        select(table.number, _us(table.published_at), table.reason, table.record, table.hash)
        .add_columns(signed.head, signed.key_id, signed.signature)
        .outerjoin_from(schema.revision, schema.signed_head, signed.revision == table.number)
        .order_by(table.number)
    )
    return _stream(connection, rows, RevisionRow)


def heads_without_revision(connection: Connection) -> list[int]:
    """Return the numbers of revisions whose signed head is there and which are not, at most 100."""
    signed = schema.signed_head.c
    rows = (
        select(signed.revision)
        .where(signed.revision.not_in(select(schema.revision.c.number)))
        .order_by(signed.revision)
        .limit(100)
    )
    return list(connection.execute(rows).scalars())


def versions(connection: Connection) -> Generator[VersionRow]:
    """Give every version of every zone, by revision."""
    table = schema.zone_version.c
    rows = (
        select(table.revision, schema.data_set.c.key, table.country, table.identifier, table.occurrence)
        .add_columns(table.legal_basis, table.version, table.format, table.content)
        .outerjoin_from(schema.zone_version, schema.data_set, schema.data_set.c.id == table.data_set_id)
        .order_by(table.revision, table.id)
    )
    return _stream(connection, rows, VersionRow)


def data_sets(connection: Connection) -> Generator[DataSetRow]:
    """Give every version of every data set, by revision."""
    table, named = schema.data_set_version.c, schema.data_set.c
    rows = (
        select(table.revision, table.id, named.key, named.kind, schema.document.c.digest)
        .add_columns(table.metadata, table.countries, table.zones)
        .outerjoin_from(schema.data_set_version, schema.data_set, named.id == table.data_set_id)
        .outerjoin(schema.document, schema.document.c.id == table.document_id)
        .order_by(table.revision, table.id)
    )
    return _stream(connection, rows, DataSetRow)


def quarantined(connection: Connection) -> Generator[QuarantineRow]:
    """Give every zone that was set aside, by revision and as they were written."""
    table, version = schema.quarantine.c, schema.data_set_version.c
    members = (table.pointer, table.country, table.identifier, table.published_type, table.bounds)
    rows = (
        select(version.revision, version.id, *members, table.defects)
        .join_from(schema.quarantine, schema.data_set_version, version.id == table.data_set_version_id)
        .order_by(version.revision, table.id)
    )
    names = [column.name for column in (*members, table.defects)]

    def read(revision: int, data_set_version: int, *zone: Any) -> QuarantineRow:
        return QuarantineRow(revision, data_set_version, dict(zip(names, zone, strict=True)))

    return _stream(connection, rows, read)


def publications(connection: Connection) -> Generator[PublicationRow]:
    """Give every publication, by revision."""
    table = schema.publication.c
    rows = select(
        table.revision, table.draft_id, table.published_by, _us(table.confirm_by), table.evidence
    ).order_by(table.revision)
    return _stream(connection, rows, PublicationRow)


def documents(connection: Connection) -> Generator[DocumentRow]:
    """Give the publishers' bytes, one document at a time."""
    table, version = schema.document.c, schema.data_set_version.c
    first = select(func.min(version.revision)).where(version.document_id == table.id).scalar_subquery()
    rows = select(first, table.digest, table.content).order_by(table.id)
    return _stream(connection, rows, DocumentRow, at_once=1)


def slices(connection: Connection) -> Generator[SliceRow]:
    """Give the whole projection, by the revision that ended a slice; those known now come last."""
    table, version = schema.zone_slice.c, schema.zone_version.c
    same = (
        (table.data_set_id == version.data_set_id)
        & (table.country == version.country)
        & (table.identifier == version.identifier)
        & (table.occurrence == version.occurrence)
    )
    rows = (
        select(schema.data_set.c.key, table.country, table.identifier, table.occurrence)
        .add_columns(_us(func.lower(table.valid)), func.lower_inc(table.valid))
        .add_columns(_us(func.upper(table.valid)), func.upper_inc(table.valid))
        .add_columns(func.lower(table.known), func.upper(table.known))
        .add_columns(version.revision, version.version, same)
        .outerjoin_from(schema.zone_slice, schema.data_set, schema.data_set.c.id == table.data_set_id)
        .outerjoin(schema.zone_version, version.id == table.zone_version_id)
        .order_by(func.upper(table.known), table.id)
    )
    return _stream(connection, rows, SliceRow)


def _us(at: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a time as microseconds since the start of 1970: a number also where it is infinite."""
    return extract("epoch", at) * 1_000_000


def _stream(
    connection: Connection, rows: Select[Any], read: Callable[..., _R], at_once: int = _ROWS_AT_ONCE
) -> Generator[_R]:
    """Give rows as they come; one that is not read to its end must be closed before its connection is."""
    with connection.execute(rows, execution_options={"yield_per": at_once}) as result:
        for row in result:
            yield read(*row)


def share_snapshot(connection: Connection) -> str:
    """Return the name under which another connection sees what this transaction sees, while it lasts."""
    return str(connection.scalar(select(func.pg_export_snapshot())))

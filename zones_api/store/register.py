"""Reading the register at a revision and writing a new one, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import shapely
from geoalchemy2 import Geography
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    bindparam,
    case,
    cast,
    create_engine,
    distinct,
    event,
    func,
    make_url,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import SQLAlchemyError

from zones_api.domain.data_set import DataSet, QuarantinedZone, undecided
from zones_api.domain.revision import RevisionHead, ZoneVersion
from zones_api.domain.zone import Decision, PublishedZone, Text, UASZone
from zones_api.errors import Defect, RegisterUnavailable
from zones_api.formats import ed318, members, strict_json
from zones_api.formats.decisions import read_decisions
from zones_api.formats.document import read_zone
from zones_api.formats.readings import read_reading
from zones_api.store import schema
from zones_api.store.ledger import CHANNEL, DataSetChange, from_range

SERVICE_ROLE = "zones_app"
_PUBLISHING_LOCK = 0x7A6F6E73
"""The advisory lock that makes the order of revisions the order of commits."""

Key = tuple[str, str, int]
"""Country, identifier, occurrence: what names a zone within its data set."""


@dataclass(frozen=True)
class Contents:
    """All that is in force at a revision; None before the first."""

    revision: int | None
    published_at: datetime | None
    zones: tuple[PublishedZone, ...]
    data_sets: tuple[DataSet, ...]


def open_register(url: str) -> Engine:
    """Return an engine for the register's database; nothing is connected yet."""
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # they are drafts, and what the police asked
        pool_size=5,
        max_overflow=5,
        pool_timeout=10,
        connect_args={"connect_timeout": 5},
    )

    @event.listens_for(engine, "connect")
    def _in_utc(dbapi_connection: Any, _record: Any) -> None:
        with dbapi_connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
        dbapi_connection.commit()

    return engine


def as_service(owner_url: str) -> str:
    """Return the address of the same database for the role of the service, which can change no fact."""
    return make_url(owner_url).set(username=SERVICE_ROLE).render_as_string(hide_password=False)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a read-only transaction that sees one state of the register.

    Raises:
        RegisterUnavailable: If the database cannot be reached or fails.
    """
    with domain_errors(), engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction in which nobody else publishes; it is committed at the end.

    Raises:
        RegisterUnavailable: If the database cannot be reached or fails; nothing is then written.
    """
    with domain_errors(), engine.begin() as connection:
        lock_publishing(connection)
        yield connection


def lock_publishing(connection: Connection) -> None:
    """Let nobody else publish until the end of the transaction."""
    connection.execute(text("SET LOCAL lock_timeout = '30s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PUBLISHING_LOCK})


def wait_for_turn(connection: Connection, person: int, key: str) -> None:
    """Let no other write of a person with the same key go on until the end of the transaction."""
    connection.execute(text("SET LOCAL lock_timeout = '30s'"))
    turn = select(func.pg_advisory_xact_lock(func.hashtext(str(person)), func.hashtext(key)))
    connection.execute(turn)


@contextmanager
def appending(engine: Engine) -> Iterator[Connection]:
    """Give a transaction for what is written beside the register's revisions; it is committed at the end.

    Raises:
        RegisterUnavailable: If the database cannot be reached or fails; nothing is then written.
    """
    with domain_errors(), engine.begin() as connection:
        yield connection


@contextmanager
def announcements(engine: Engine) -> Iterator[Callable[[float], None]]:
    """Give a function that waits for the next announced revision, at most so many seconds.

    Raises:
        RegisterUnavailable: If the connection is lost.
    """
    with domain_errors():
        raw = engine.raw_connection()
        try:
            driver: psycopg.Connection[Any] = raw.driver_connection  # type: ignore[assignment]
            driver.autocommit = True
            driver.execute(f"LISTEN {CHANNEL}")

            def wait(seconds: float) -> None:
                for _ in driver.notifies(timeout=seconds, stop_after=1):
                    pass

            yield wait
        finally:
            raw.invalidate()


@contextmanager
def domain_errors() -> Iterator[None]:
    """Turn failures of the database into RegisterUnavailable; the driver's words go to the log alone."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise RegisterUnavailable(
            "The register's database cannot be used right now.", error=str(error)
        ) from error


def current_revision(connection: Connection) -> int | None:
    """Return the number of the newest revision, None before the first."""
    number: int | None = connection.scalar(select(func.max(schema.revision.c.number)))
    return number


def revision_at(connection: Connection, at: datetime) -> int | None:
    """Return the last revision published by a moment, None if there was none yet.

    Whoever is publishing is waited for: the time of their revision may lie before that moment.
    """
    table = schema.revision.c
    newest = connection.scalar(select(func.max(table.published_at)))
    if newest is None or at > newest:  # times rise strictly, so before that nothing can be published any more
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _PUBLISHING_LOCK})
    number: int | None = connection.scalar(select(func.max(table.number)).where(table.published_at <= at))
    return number


def has_revision(connection: Connection, number: int) -> bool:
    """Say whether there is a revision of that number."""
    return bool(connection.scalar(select(func.count()).where(schema.revision.c.number == number)))


def heads(connection: Connection, before: int | None, limit: int) -> tuple[RevisionHead, ...]:
    """Return revisions with their signed heads, the newest first: all, or those before a number."""
    table, signed = schema.revision.c, schema.signed_head.c
    rows = connection.execute(
        select(table.number, table.published_at, table.reason, table.hash)
        .add_columns(signed.head, signed.key_id, signed.signature)
        .outerjoin_from(schema.revision, schema.signed_head, signed.revision == table.number)
        .where(true() if before is None else table.number < before)
        .order_by(table.number.desc())
        .limit(limit)
    )
    return tuple(RevisionHead(**row) for row in rows.mappings())


def versions_of(connection: Connection, country: str, identifier: str) -> tuple[ZoneVersion, ...]:
    """Return everything that was ever said of a zone, what is known last first."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    since, until = schema.revision.alias("since").c, schema.revision.alias("until").c
    rows = connection.execute(
        select(schema.data_set.c.key, slice_.valid, slice_.known)
        .add_columns(
            version.occurrence, version.version, version.legal_basis, version.format, version.content
        )
        .add_columns(since.published_at.label("since_at"), until.published_at.label("until_at"))
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .join(since.number.table, since.number == func.lower(slice_.known))
        .outerjoin(until.number.table, until.number == func.upper(slice_.known))
        .where(version.country == country, version.identifier == identifier)
        .order_by(func.lower(slice_.known).desc(), schema.data_set.c.key, version.occurrence, slice_.valid)
    )
    return tuple(
        ZoneVersion(
            row.key,
            row.occurrence,
            row.version,
            from_range(row.valid),
            row.known.lower,
            row.since_at,
            row.known.upper,
            row.until_at,
            row.legal_basis,
            read_zone(row.format, row.content),
        )
        for row in rows
    )


def kind_of(connection: Connection, key: str) -> str | None:
    """Return whether a data set is mirrored or the register's own; None if there is none of that name."""
    kind: str | None = connection.scalar(select(schema.data_set.c.kind).where(schema.data_set.c.key == key))
    return kind


def own_data_sets(connection: Connection) -> list[str]:
    """Return the names of the register's own data sets, in their order."""
    table = schema.data_set.c
    return list(connection.scalars(select(table.key).where(table.kind == "own").order_by(table.key)))


def publisher_of(connection: Connection, key: str) -> str | None:
    """Return the organisation that first published in one of the register's own data sets, None if it is new."""
    version = schema.data_set_version.c
    record = connection.scalar(
        select(schema.revision.c.record)
        .join(schema.data_set_version, version.revision == schema.revision.c.number)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .order_by(version.revision)
        .limit(1)
    )
    organisation: str | None = strict_json.loads(record).get("organisation") if record is not None else None
    return organisation


def size(connection: Connection, at: datetime) -> tuple[int, float]:
    """Return how many zones known now apply at a moment or later, and their area together in square kilometres.

    Where zones or versions of one overlap, each counts.
    """
    slice_ = schema.zone_slice.c
    row = connection.execute(
        select(
            func.count(distinct(tuple_(slice_.data_set_id, slice_.country, slice_.identifier))).label(
                "zones"
            ),
            func.sum(func.ST_Area(cast(slice_.geom, Geography))).label("m2"),
        ).where(func.upper_inf(slice_.known), func.upper_inf(slice_.valid) | (func.upper(slice_.valid) > at))
    ).one()
    return row.zones, (row.m2 or 0.0) / 1e6


def said_of(connection: Connection, key: str) -> dict[str, Any]:
    """Return what a data set says of itself now, as the register keeps it; empty if it is new."""
    version = schema.data_set_version.c
    metadata: dict[str, Any] | None = connection.scalar(
        select(version.metadata)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .order_by(version.revision.desc())
        .limit(1)
    )
    return metadata or {}


def decisions_of(connection: Connection, key: str) -> tuple[Decision, ...]:
    """Return what was decided of zones that a data set set aside, as it stands now."""
    return read_decisions(said_of(connection, key))


def mirrored(connection: Connection, key: str) -> DataSetChange | None:
    """Return what a mirrored data set says of itself now, None if there is no such data set."""
    version = schema.data_set_version.c
    row = connection.execute(
        select(schema.data_set_version, schema.document.c.digest)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .join(schema.document, schema.document.c.id == version.document_id)
        .where(schema.data_set.c.key == key)
        .order_by(version.revision.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return DataSetChange(
        key,
        "mirrored",
        row.metadata,
        row.countries,
        row.zones,
        row.digest,
        row.document_id,
        _quarantined(connection, row.id),
    )


def zones_of(connection: Connection, key: str) -> tuple[PublishedZone, ...]:
    """Return what is known now of the zones of one data set, in force at whatever time."""
    revision = current_revision(connection)
    return () if revision is None else _zones_known(connection, {}, revision, key)


def load(
    connection: Connection,
    known: Mapping[tuple[str, str, str], UASZone] | None = None,
    revision: int | None = None,
) -> Contents:
    """Return all that was known at a revision, in force at whatever time.

    Args:
        connection: A transaction that sees one state.
        known: Zones already read, by data set, version and format; they are taken as they are.
        revision: Its number; None is the newest.
    """
    table = schema.revision.c
    found = select(table.number, table.published_at).order_by(table.number.desc()).limit(1)
    if revision is not None:
        found = found.where(table.number <= revision)
    at = connection.execute(found).one_or_none()
    if at is None:
        return Contents(None, None, (), ())
    zones = _zones_known(connection, known or {}, at.number)
    lasting = [each for each in zones if each.valid[1] >= at.published_at]
    return Contents(at.number, at.published_at, zones, _data_sets(connection, lasting, at.number))


def _zones_known(
    connection: Connection,
    known: Mapping[tuple[str, str, str], UASZone],
    revision: int,
    data_set: str | None = None,
) -> tuple[PublishedZone, ...]:
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(version.id, version.version, version.format, version.legal_basis)
        .add_columns(slice_.valid, schema.data_set.c.key)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(slice_.known.contains(cast(revision, BigInteger)))
        .where(true() if data_set is None else schema.data_set.c.key == data_set)
        .order_by(
            schema.data_set.c.key, version.country, version.identifier, version.occurrence, slice_.valid
        )
    ).all()
    unread = [row.id for row in rows if (row.key, row.version, row.format) not in known]
    contents = {
        row.id: read_zone(row.format, row.content)
        for row in connection.execute(
            select(version.id, version.format, version.content).where(
                version.id == func.any(bindparam("ids", unread))
            )
        )
    }
    return tuple(
        PublishedZone(
            known.get((row.key, row.version, row.format)) or contents[row.id],
            row.key,
            row.version,
            from_range(row.valid),
            row.legal_basis,
            format=row.format,
        )
        for row in rows
    )


def _data_sets(connection: Connection, zones: Sequence[PublishedZone], revision: int) -> tuple[DataSet, ...]:
    version = schema.data_set_version.c
    newest = (
        select(schema.data_set_version)
        .add_columns(_received_in(version).label("received_in"))
        .where(version.revision <= revision)
        .ext(distinct_on(version.data_set_id))
        .order_by(version.data_set_id, version.revision.desc())
        .subquery()
    )
    received = schema.revision.alias("received").c
    rows = connection.execute(
        select(newest, schema.data_set.c.key, schema.data_set.c.kind, schema.revision.c.hash)
        .add_columns(schema.document.c.digest, schema.document.c.format)
        .add_columns(received.published_at.label("received_at"))
        .join(schema.data_set, schema.data_set.c.id == newest.c.data_set_id)
        .outerjoin(schema.document, schema.document.c.id == newest.c.document_id)
        .join(schema.revision, schema.revision.c.number == newest.c.revision)
        .join(received.number.table, received.number == newest.c.received_in)
        .order_by(schema.data_set.c.key)
    ).all()
    found = []
    for row in rows:
        set_aside, decisions = undecided(_quarantined(connection, row.id), read_decisions(row.metadata))
        found.append(
            DataSet(
                key=row.key,
                format=row.metadata.get("format") or row.format or ed318.NAME,
                digest=row.digest or row.hash,
                own=row.kind == "own",
                countries=frozenset(row.countries),
                zones=sum(zone.data_set == row.key for zone in zones),
                received_at=row.received_at,
                revision=row.revision,
                quarantined=set_aside,
                decisions=decisions,
                **_metadata_from_json(row.metadata),
            )
        )
    return tuple(found)


def _received_in(version: Any) -> Any:
    """Return the revision in which the document of a version came; one of the register's own is as new as itself."""
    earlier = schema.data_set_version.alias("earlier").c
    other = earlier.document_id.is_distinct_from(version.document_id)
    before = (
        select(func.max(earlier.revision))
        .where(earlier.data_set_id == version.data_set_id, earlier.revision < version.revision, other)
        .scalar_subquery()
    )
    since = schema.data_set_version.alias("since").c
    return case(
        (version.document_id.is_(None), version.revision),
        else_=select(func.min(since.revision))
        .where(since.data_set_id == version.data_set_id, since.revision > func.coalesce(before, 0))
        .scalar_subquery(),
    )


def _quarantined(connection: Connection, data_set_version_id: int) -> tuple[QuarantinedZone, ...]:
    table = schema.quarantine.c
    rows = connection.execute(
        select(schema.quarantine).where(table.data_set_version_id == data_set_version_id).order_by(table.id)
    )
    return tuple(
        QuarantinedZone(
            row.country,
            row.identifier,
            row.pointer,
            row.published_type,
            tuple(row.bounds) if row.bounds else None,
            tuple(Defect(**defect) for defect in row.defects),
        )
        for row in rows
    )


def last_document(connection: Connection, key: str) -> tuple[str, str] | None:
    """Return the digest of the document a data set was last read from and the format it was read in, None if new."""
    version = schema.data_set_version.c
    row = connection.execute(
        select(schema.document.c.digest, schema.document.c.format, version.metadata)
        .join(schema.data_set_version, version.document_id == schema.document.c.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .order_by(version.revision.desc())
        .limit(1)
    ).one_or_none()
    return (row.digest, row.metadata.get("format") or row.format) if row else None


def versions_in_force(connection: Connection, key: str) -> dict[Key, tuple[str, str]]:
    """Return the version of each zone of a data set that is in force until further notice, and its format."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(version.country, version.identifier, version.occurrence, version.version, version.format)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key, func.upper_inf(slice_.known), func.upper_inf(slice_.valid))
    )
    return {(row.country, row.identifier, row.occurrence): (row.version, row.format) for row in rows}


@dataclass(frozen=True)
class HeldContent:
    """A version of a zone as the register holds it."""

    version: str
    format: str
    content: bytes


def contents_in_force(connection: Connection, key: str) -> dict[Key, HeldContent]:
    """Return the content of each zone of a data set that is in force until further notice."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(
            version.country,
            version.identifier,
            version.occurrence,
            version.version,
            version.format,
            version.content,
        )
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key, func.upper_inf(slice_.known), func.upper_inf(slice_.valid))
    )
    return {
        (row.country, row.identifier, row.occurrence): HeldContent(row.version, row.format, row.content)
        for row in rows
    }


def ever_known(connection: Connection, key: str) -> set[Key]:
    """Return every zone that a data set ever had."""
    version = schema.zone_version.c
    rows = connection.execute(
        select(version.country, version.identifier, version.occurrence)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .distinct()
    )
    return {(row.country, row.identifier, row.occurrence) for row in rows}


def _metadata_from_json(values: dict[str, Any]) -> dict[str, Any]:
    times = {name: members.date_time(values.get(name)) for name in ("issued", "valid_from", "valid_to")}
    texts = {
        name: tuple(Text(**text) for text in values.get(name) or ()) for name in ("provider", "limitations")
    }
    values = {name: value for name, value in values.items() if name not in ("format", "decisions")}
    coverage, reading = values.get("coverage"), values.get("reading")
    area = shapely.from_geojson(coverage) if coverage else None
    read = read_reading(reading) if reading else None
    return {**values, **times, **texts, "coverage": area, "reading": read}


def last_good(connection: Connection, key: str, country: str, identifier: str) -> tuple[str, bytes] | None:
    """Return the format and content of a zone's version in force, None if it has none."""
    found = in_force_of(connection, key, country, identifier)
    return (found[0].format, found[0].content) if found else None


def content_of(
    connection: Connection,
    key: str,
    country: str,
    identifier: str,
    version: str,
    format_name: str | None = None,
) -> HeldContent:
    """Return a version that a zone of a data set has, or had; in whichever format it is held where none is named."""
    table = schema.zone_version.c
    found = connection.execute(
        select(table.format, table.content)
        .join(schema.data_set, schema.data_set.c.id == table.data_set_id)
        .where(schema.data_set.c.key == key, table.country == country, table.identifier == identifier)
        .where(table.version == version, *([table.format == format_name] if format_name else []))
        .order_by(table.revision)
        .limit(1)
    ).one()
    return HeldContent(version, found.format, bytes(found.content))


def in_force_of(connection: Connection, key: str, country: str, identifier: str) -> tuple[HeldContent, ...]:
    """Return what a data set has in force until further notice under a zone's name, in the order of its document."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(version.version, version.format, version.content)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(
            schema.data_set.c.key == key,
            version.country == country,
            version.identifier == identifier,
            func.upper_inf(slice_.known),
            func.upper_inf(slice_.valid),
        )
        .order_by(version.occurrence)
    )
    return tuple(HeldContent(row.version, row.format, bytes(row.content)) for row in rows)

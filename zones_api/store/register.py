"""Reading the register at a revision and writing a new one, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import shapely
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range, distinct_on
from sqlalchemy.exc import SQLAlchemyError

from zones_api.domain.data_set import DataSet, QuarantinedZone
from zones_api.domain.geometry import outline
from zones_api.domain.zone import PublishedZone, Text, UASZone
from zones_api.errors import Defect, RegisterUnavailable
from zones_api.formats import members
from zones_api.formats.document import Document, Metadata, ReadZone, read_zone
from zones_api.store import schema

CHANNEL = "zones_revision"
"""Where a new revision is announced, at commit, with its number."""
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
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PUBLISHING_LOCK})
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


def load(connection: Connection, known: Mapping[tuple[str, str], PublishedZone] | None = None) -> Contents:
    """Return what is in force at the newest revision.

    Args:
        connection: A transaction that sees one state.
        known: Zones already read, by data set and version; they are taken as they are.
    """
    known = known or {}
    newest = connection.execute(
        select(schema.revision.c.number, schema.revision.c.published_at)
        .order_by(schema.revision.c.number.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return Contents(None, None, (), ())
    zones = _zones_in_force(connection, known)
    return Contents(newest.number, newest.published_at, zones, _data_sets(connection, zones))


def _zones_in_force(
    connection: Connection, known: Mapping[tuple[str, str], PublishedZone]
) -> tuple[PublishedZone, ...]:
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(version.id, version.version, schema.data_set.c.key)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(func.upper_inf(slice_.known))
        .order_by(schema.data_set.c.key, version.country, version.identifier, version.occurrence)
    ).all()
    unread = [row.id for row in rows if (row.key, row.version) not in known]
    contents = {
        row.id: read_zone(row.format, row.content)
        for row in connection.execute(
            select(version.id, version.format, version.content).where(
                version.id == func.any(bindparam("ids", unread))
            )
        )
    }
    return tuple(
        known.get((row.key, row.version)) or PublishedZone(contents[row.id], row.key, row.version)
        for row in rows
    )


def _data_sets(connection: Connection, zones: Sequence[PublishedZone]) -> tuple[DataSet, ...]:
    version = schema.data_set_version.c
    newest = (
        select(schema.data_set_version)
        .ext(distinct_on(version.data_set_id))
        .order_by(version.data_set_id, version.revision.desc())
        .subquery()
    )
    rows = connection.execute(
        select(newest, schema.data_set.c.key, schema.document.c.digest, schema.document.c.format)
        .add_columns(schema.revision.c.published_at.label("received_at"))
        .join(schema.data_set, schema.data_set.c.id == newest.c.data_set_id)
        .join(schema.document, schema.document.c.id == newest.c.document_id)
        .join(schema.revision, schema.revision.c.number == newest.c.revision)
        .order_by(schema.data_set.c.key)
    ).all()
    return tuple(
        DataSet(
            key=row.key,
            format=row.format,
            digest=row.digest,
            countries=frozenset(row.countries),
            zones=sum(zone.data_set == row.key for zone in zones),
            received_at=row.received_at,
            revision=row.revision,
            quarantined=_quarantined(connection, row.id),
            **_metadata_from_json(row.metadata),
        )
        for row in rows
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


def document_digest(connection: Connection, key: str) -> str | None:
    """Return the digest of the document a data set was last read from, None if it is new."""
    version = schema.data_set_version.c
    digest: str | None = connection.scalar(
        select(schema.document.c.digest)
        .join(schema.data_set_version, version.document_id == schema.document.c.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key)
        .order_by(version.revision.desc())
        .limit(1)
    )
    return digest


def versions_in_force(connection: Connection, key: str) -> dict[Key, str]:
    """Return the version of each zone of a data set that is in force."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    rows = connection.execute(
        select(version.country, version.identifier, version.occurrence, version.version)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(schema.data_set.c.key == key, func.upper_inf(slice_.known))
    )
    return {(row.country, row.identifier, row.occurrence): row.version for row in rows}


def begin_revision(connection: Connection, now: datetime, reason: str) -> int:
    """Write the next revision and announce it at commit; return its number.

    Times rise strictly, whatever the clock does.
    """
    last = connection.execute(
        select(schema.revision.c.number, schema.revision.c.published_at)
        .order_by(schema.revision.c.number.desc())
        .limit(1)
    ).one_or_none()
    number = last.number + 1 if last else 1
    published_at = max(now, last.published_at + timedelta(microseconds=1)) if last else now
    connection.execute(
        insert(schema.revision).values(number=number, published_at=published_at, reason=reason)
    )
    connection.execute(select(func.pg_notify(CHANNEL, str(number))))
    return number


def save_document(
    connection: Connection, data: bytes, document: Document, file_name: str, now: datetime
) -> int:
    """Keep a document's bytes, once; return its number."""
    table = schema.document
    found: int | None = connection.scalar(select(table.c.id).where(table.c.digest == document.digest))
    if found is not None:
        return found
    values = {
        "digest": document.digest,
        "content": data,
        "format": document.format,
        "file_name": file_name,
        "received_at": now,
    }
    saved: int = connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one()
    return saved


def save_data_set(
    connection: Connection,
    key: str,
    revision: int,
    document_id: int,
    document: Document,
    quarantined: Iterable[QuarantinedZone],
) -> int:
    """Write a new version of a data set with the zones set aside; return the number of the data set."""
    table = schema.data_set
    data_set_id: int | None = connection.scalar(select(table.c.id).where(table.c.key == key))
    if data_set_id is None:
        data_set_id = connection.execute(insert(table).values(key=key).returning(table.c.id)).scalar_one()
    version_id = connection.execute(
        insert(schema.data_set_version)
        .values(
            data_set_id=data_set_id,
            revision=revision,
            document_id=document_id,
            metadata=_metadata_to_json(document.metadata),
            countries=sorted(document.countries),
            zones=len(document.zones),
        )
        .returning(schema.data_set_version.c.id)
    ).scalar_one()
    rows = [
        {
            "data_set_version_id": version_id,
            "pointer": zone.pointer,
            "country": zone.country,
            "identifier": zone.identifier,
            "published_type": zone.published_type,
            "bounds": list(zone.bounds) if zone.bounds else None,
            "defects": [asdict(defect) for defect in zone.defects],
        }
        for zone in quarantined
    ]
    if rows:
        connection.execute(insert(schema.quarantine), rows)
    assert data_set_id is not None
    return data_set_id


def close_zones(connection: Connection, data_set_id: int, keys: Iterable[Key], revision: int) -> None:
    """End what is known of these zones with the revision before this one."""
    slice_ = schema.zone_slice
    rows = [{"c": country, "i": identifier, "o": occurrence} for country, identifier, occurrence in keys]
    if rows:
        connection.execute(
            update(slice_)
            .where(
                slice_.c.data_set_id == data_set_id,
                slice_.c.country == bindparam("c"),
                slice_.c.identifier == bindparam("i"),
                slice_.c.occurrence == bindparam("o"),
                func.upper_inf(slice_.c.known),
            )
            .values(known=func.int8range(func.lower(slice_.c.known), revision)),
            rows,
        )


def add_zones(
    connection: Connection,
    data_set_id: int,
    zones: Mapping[Key, ReadZone],
    revision: int,
    document_id: int,
    format_name: str,
) -> None:
    """Write versions of zones, each in force at any time from this revision on."""
    if not zones:
        return
    version = schema.zone_version
    common = {
        "data_set_id": data_set_id,
        "revision": revision,
        "document_id": document_id,
        "format": format_name,
    }
    ids = connection.execute(
        insert(version).returning(version.c.id, sort_by_parameter_order=True),
        [
            common | _key_columns(key) | {"version": read.version, "content": read.content}
            for key, read in zones.items()
        ],
    ).scalars()
    connection.execute(
        insert(schema.zone_slice),
        [
            {
                "zone_version_id": zone_version_id,
                "data_set_id": data_set_id,
                "valid": Range(None, None, bounds="()"),
                "known": Range(revision, None, bounds="[)"),
                "geom": _outline_of(read.zone),
            }
            | _key_columns(key)
            for zone_version_id, (key, read) in zip(ids, zones.items(), strict=True)
        ],
    )


def _key_columns(key: Key) -> dict[str, Any]:
    return dict(zip(("country", "identifier", "occurrence"), key, strict=True))


def _outline_of(zone: UASZone) -> str:
    shapes = [outline(footprint) for volume in zone.volumes for footprint in volume.footprints]
    return f"SRID=4326;{shapely.to_wkt(shapely.union_all(shapes), rounding_precision=-1)}"


def _metadata_to_json(metadata: Metadata) -> dict[str, Any]:
    values = asdict(replace(metadata, coverage=None))
    if metadata.coverage is not None:
        values["coverage"] = shapely.to_geojson(metadata.coverage)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _metadata_from_json(values: dict[str, Any]) -> dict[str, Any]:
    times = {name: members.date_time(values.get(name)) for name in ("issued", "valid_from", "valid_to")}
    texts = {
        name: tuple(Text(**text) for text in values.get(name) or ()) for name in ("provider", "limitations")
    }
    coverage = values.get("coverage")
    area = shapely.from_geojson(coverage) if coverage else None
    return {**values, **times, **texts, "coverage": area}


def last_good(connection: Connection, key: str, country: str, identifier: str) -> tuple[str, bytes] | None:
    """Return the format and content of a zone's version in force, None if it has none."""
    version, slice_ = schema.zone_version.c, schema.zone_slice.c
    row = connection.execute(
        select(version.format, version.content)
        .join(schema.zone_slice, slice_.zone_version_id == version.id)
        .join(schema.data_set, schema.data_set.c.id == version.data_set_id)
        .where(
            schema.data_set.c.key == key,
            version.country == country,
            version.identifier == identifier,
            func.upper_inf(slice_.known),
        )
        .order_by(version.occurrence)
        .limit(1)
    ).one_or_none()
    return (row.format, row.content) if row else None

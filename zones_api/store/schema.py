"""The register's tables, as the migrations make them; a test compares the two.

Facts are written once: triggers refuse every change to them, and the service's role has no right to try (the
migrations say which tables these are). `zone_slice` is a projection of the facts that answers as-of questions; it
can be rebuilt from them, and the service can change it only through the function `close_slices`.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import INT8RANGE, JSONB, TSTZRANGE, ExcludeConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _bytes(name: str, **options: Any) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, **options)


revision = Table(
    "revision",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="gap-free, from 1"),
    Column(
        "published_at", DateTime(timezone=True), nullable=False, comment="strictly rising with the number"
    ),
    Column("reason", Text, nullable=False),
    _bytes("record", comment="canonical JSON of what the revision is and changes, with the hash before it"),
    Column("hash", Text, nullable=False, unique=True, comment="SHA-256 of the record, hexadecimal"),
    CheckConstraint("number > 0", name="number_positive"),
    UniqueConstraint("published_at"),
)

document = Table(
    "document",
    metadata,
    _id(),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the bytes, hexadecimal"),
    _bytes("content", comment="the publisher's bytes, untouched"),
    Column("format", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)

data_set = Table(
    "data_set",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column(
        "kind",
        Text,
        nullable=False,
        server_default="mirrored",
        comment="mirrored from a publisher's documents, or the register's own, changed by drafts",
    ),
    CheckConstraint("key ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="key_form"),
    CheckConstraint("kind IN ('mirrored', 'own')", name="kind_known"),
)

data_set_version = Table(
    "data_set_version",
    metadata,
    _id(),
    Column("data_set_id", ForeignKey("data_set.id"), nullable=False),
    Column("revision", ForeignKey("revision.number"), nullable=False),
    Column("document_id", ForeignKey("document.id"), comment="null where the register is the source"),
    Column("metadata", JSONB, nullable=False, comment="what the document says of itself"),
    Column("countries", ARRAY(Text), nullable=False),
    Column("zones", Integer, nullable=False),
    UniqueConstraint("data_set_id", "revision"),
)

zone_version = Table(
    "zone_version",
    metadata,
    _id(),
    Column("data_set_id", ForeignKey("data_set.id"), nullable=False),
    Column("country", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column(
        "occurrence", Integer, nullable=False, comment="1, or more where a document gives a key other content"
    ),
    Column("revision", ForeignKey("revision.number"), nullable=False),
    Column("document_id", ForeignKey("document.id"), comment="null where the register is the source"),
    Column("legal_basis", Text, comment="what the authority that published it rests on"),
    Column("format", Text, nullable=False),
    Column("version", Text, nullable=False, comment="start of the SHA-256 of the content"),
    _bytes("content", comment="canonical JSON of the features as published"),
    UniqueConstraint(
        "data_set_id",
        "country",
        "identifier",
        "occurrence",
        "revision",
        "version",
        name="uq_zone_version_key",
    ),
)

zone_slice = Table(
    "zone_slice",
    metadata,
    _id(),
    Column("zone_version_id", ForeignKey("zone_version.id"), nullable=False),
    Column("data_set_id", ForeignKey("data_set.id"), nullable=False),
    Column("country", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("valid", TSTZRANGE, nullable=False, comment="when the zone is in force"),
    Column("known", INT8RANGE, nullable=False, comment="the revisions that say so"),
    Column(
        "geom",
        Geometry(srid=4326, spatial_index=False),
        nullable=False,
        comment="covers the zone, never less",
    ),
    CheckConstraint("NOT isempty(valid) AND NOT isempty(known)", name="times_not_empty"),
    ExcludeConstraint(
        ("data_set_id", "="),
        ("country", "="),
        ("identifier", "="),
        ("occurrence", "="),
        ("valid", "&&"),
        ("known", "&&"),
        name="ex_zone_slice_one_version_at_a_time",
        using="gist",
    ),
    Index("ix_zone_slice_place_and_times", "geom", "valid", "known", postgresql_using="gist"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    Column("data_set_version_id", ForeignKey("data_set_version.id"), nullable=False),
    Column("pointer", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("identifier", Text),
    Column("published_type", Text),
    Column("bounds", JSONB, comment="west, south, east, north in degrees; null is anywhere"),
    Column("defects", JSONB, nullable=False),
)

"""The register's tables, as the migrations make them; a test compares the two.

Facts are written once: triggers refuse every change to them, and the service's role has no right to try (the
migrations say which tables these are). `zone_slice` is a projection of the facts that answers as-of questions; it
can be rebuilt from them, and the service can change it only through the function `close_slices`. Drafts are seen by
the organisations they concern alone (row-level security); each version of one is kept.
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
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
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


def _at(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


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

organisation = Table(
    "organisation",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    CheckConstraint("key ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="key_form"),
)

person = Table(
    "person",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, comment="how the register's own commands name them"),
    Column("name", Text, nullable=False),
    CheckConstraint("key ~ '^[a-z0-9][a-z0-9.-]{0,62}$'", name="key_form"),
)

identity = Table(
    "identity",
    metadata,
    _id(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    UniqueConstraint("issuer", "subject"),
)
"""How an OpenID provider names a person; a person may have several."""

membership = Table(
    "membership",
    metadata,
    _id(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("role", Text, nullable=False),
    _at("granted_at"),
    _at("ended_at", nullable=True),
    Index(
        "uq_membership_one_at_a_time",
        "person_id",
        "organisation_id",
        "role",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
)

competence = Table(
    "competence",
    metadata,
    _id(),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("mode", Text, nullable=False),
    Column("zone_types", ARRAY(Text), nullable=False),
    Column("max_height_m", Float, comment="metres above ground; null is without limit"),
    Column("valid", TSTZRANGE, nullable=False),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("legal_basis", Text, nullable=False),
    _at("granted_at"),
    _at("ended_at", nullable=True),
    CheckConstraint("mode IN ('propose', 'publish', 'emergency')", name="mode_known"),
    CheckConstraint("NOT isempty(valid)", name="valid_not_empty"),
)

api_token = Table(
    "api_token",
    metadata,
    _id(),
    Column("person_id", ForeignKey("person.id"), nullable=False, comment="who answers for what it does"),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False, comment="roles; only those that the person has count"),
    _bytes("secret_hmac", unique=True, comment="HMAC-SHA256 of the secret, which is kept nowhere"),
    _at("created_at"),
    _at("expires_at"),
    _at("revoked_at", nullable=True),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, comment="whose people write it"),
    Column(
        "publisher_id",
        ForeignKey("organisation.id"),
        nullable=False,
        comment="the organisation whose people review and publish it",
    ),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="of its newest content, from 1"),
    _at("created_at"),
    CheckConstraint(
        "state IN ('draft', 'submitted', 'approved', 'published', 'rejected', 'abandoned')",
        name="state_known",
    ),
)

draft_version = Table(
    "draft_version",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _bytes("content", comment="canonical JSON"),
    Column("digest", Text, nullable=False, comment="SHA-256 of the content, hexadecimal"),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    _at("written_at"),
)

review = Table(
    "review",
    metadata,
    _id(),
    Column("draft_id", ForeignKey("draft.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False, comment="of what was reviewed"),
    Column("reviewer_id", ForeignKey("person.id"), nullable=False),
    Column("verdict", Text, nullable=False),
    Column("comment", Text),
    _at("reviewed_at"),
    UniqueConstraint("draft_id", "version", "reviewer_id"),
    CheckConstraint("verdict IN ('approved', 'sent back', 'rejected')", name="verdict_known"),
)

publication = Table(
    "publication",
    metadata,
    Column("revision", ForeignKey("revision.number"), primary_key=True, autoincrement=False),
    Column("draft_id", ForeignKey("draft.id"), nullable=False, unique=True),
    Column("published_by", ForeignKey("person.id"), nullable=False),
    _at("confirm_by", nullable=True),
    _bytes(
        "evidence", comment="canonical JSON: who wrote, approved and published; its digest is in the record"
    ),
)

confirmation = Table(
    "confirmation",
    metadata,
    Column("revision", ForeignKey("publication.revision"), primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    _at("confirmed_at"),
)
"""That a second person stands behind an emergency publication."""

signed_head = Table(
    "signed_head",
    metadata,
    Column("revision", ForeignKey("revision.number"), primary_key=True, autoincrement=False),
    _bytes("head", comment="canonical JSON: the revision's number, time and hash"),
    Column("key_id", Text, nullable=False, comment="start of the SHA-256 of the public key, hexadecimal"),
    _bytes("signature", comment="Ed25519 over the head"),
)

refusal = Table(
    "refusal",
    metadata,
    _id(),
    _at("refused_at"),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("draft_id", Uuid),
    Column("what", Text, nullable=False, comment="what was tried"),
    Column("why", Text, nullable=False),
)
"""Every step with a draft that was refused to somebody."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", Text, nullable=False, comment="SHA-256 of method, path and body"),
    Column("status", Integer, nullable=False),
    _bytes("response", comment="canonical JSON: headers and body as answered"),
    _at("answered_at"),
)

feed = Table(
    "feed",
    metadata,
    Column("data_set", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("digest", Text, comment="SHA-256 of the document last taken, hexadecimal"),
    Column("etag", Text, comment="of that document, as its server said"),
    Column("last_modified", Text, comment="of that document, as its server said"),
    _at("checked_at", nullable=True),
    _at("changed_at", nullable=True),
    _at("failed_at", nullable=True),
    Column("failure", Text, comment="the last failure, in a sentence"),
    Column("failures", Integer, nullable=False, comment="since the last success"),
    _at("next_at", nullable=True),
    CheckConstraint("data_set ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="data_set_form"),
)
"""What is known of the documents that are fetched again and again: a state, changed by each check."""

police_look = Table(
    "police_look",
    metadata,
    Column("id", Uuid, primary_key=True),
    _at("looked_at"),
    Column("person_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_reference", Text),
    Column("question", JSONB, nullable=False),
    Column("revision_then", BigInteger),
    Column("revision_now", BigInteger),
    UniqueConstraint("id", "person_id"),
)
"""Every look of the police. The service may write one and read none."""

police_case = Table(
    "police_case",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("look_id", Uuid, nullable=False),
    Column("person_id", BigInteger, nullable=False, comment="who looked: nobody else's look is named"),
    Column("case_reference", Text, nullable=False),
    _at("added_at"),
    ForeignKeyConstraint(
        ("look_id", "person_id"), ("police_look.id", "police_look.person_id"), ondelete="CASCADE"
    ),
)
"""To which case a look belongs, where that was said afterwards."""

export_identifier = Table(
    "export_identifier",
    metadata,
    Column("country", Text, primary_key=True),
    Column("identifier", Text, primary_key=True),
    Column(
        "exported", Text, nullable=False, unique=True, comment="its name in exports, never another zone's"
    ),
    CheckConstraint("exported ~ '^[A-Za-z0-9_-]{1,7}$'", name="exported_form"),
)
"""The names that zones have in exports whose own identifiers have not the form of one there."""

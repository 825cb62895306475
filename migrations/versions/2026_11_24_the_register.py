"""The register: documents, revisions, data sets, zones and their slices."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
STILL_WORKS_FOR = ()


def upgrade() -> None:
    op.create_table(
        "data_set",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_data_set_key_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_set")),
        sa.UniqueConstraint("key", name=op.f("uq_data_set_key")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the bytes, hexadecimal"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the publisher's bytes, untouched"),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("digest", name=op.f("uq_document_digest")),
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="gap-free, from 1"),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="strictly rising with the number",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_revision_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
        sa.UniqueConstraint("published_at", name=op.f("uq_revision_published_at")),
    )
    op.create_table(
        "data_set_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("data_set_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("metadata", postgresql.JSONB(), nullable=False, comment="what the document says of itself"),
        sa.Column("countries", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("zones", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_set_id"], ["data_set.id"], name=op.f("fk_data_set_version_data_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_data_set_version_document_id")
        ),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_data_set_version_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_set_version")),
        sa.UniqueConstraint("data_set_id", "revision", name=op.f("uq_data_set_version_data_set_id_revision")),
    )
    op.create_table(
        "zone_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("data_set_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column(
            "occurrence",
            sa.Integer(),
            nullable=False,
            comment="1, or more where a document gives a key other content",
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False, comment="start of the SHA-256 of the content"),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="canonical JSON of the features as published"
        ),
        sa.ForeignKeyConstraint(["data_set_id"], ["data_set.id"], name=op.f("fk_zone_version_data_set_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_zone_version_document_id")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_zone_version_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_version")),
        sa.UniqueConstraint(
            "data_set_id", "country", "identifier", "occurrence", "revision", name="uq_zone_version_key"
        ),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("data_set_version_id", sa.BigInteger(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=True),
        sa.Column("published_type", sa.Text(), nullable=True),
        sa.Column(
            "bounds",
            postgresql.JSONB(),
            nullable=True,
            comment="west, south, east, north in degrees; null is anywhere",
        ),
        sa.Column("defects", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["data_set_version_id"], ["data_set_version.id"], name=op.f("fk_quarantine_data_set_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "zone_slice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("zone_version_id", sa.BigInteger(), nullable=False),
        sa.Column("data_set_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False, comment="when the zone is in force"),
        sa.Column("known", postgresql.INT8RANGE(), nullable=False, comment="the revisions that say so"),
        sa.Column(
            "geom",
            Geometry(srid=4326, spatial_index=False),
            nullable=False,
            comment="covers the zone, never less",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("data_set_id"), "="),
            (sa.column("country"), "="),
            (sa.column("identifier"), "="),
            (sa.column("occurrence"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("known"), "&&"),
            using="gist",
            name="ex_zone_slice_one_version_at_a_time",
        ),
        sa.ForeignKeyConstraint(["data_set_id"], ["data_set.id"], name=op.f("fk_zone_slice_data_set_id")),
        sa.ForeignKeyConstraint(
            ["zone_version_id"], ["zone_version.id"], name=op.f("fk_zone_slice_zone_version_id")
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND NOT isempty(known)", name=op.f("ck_zone_slice_times_not_empty")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_slice")),
    )
    op.create_index(
        "ix_zone_slice_place_and_times",
        "zone_slice",
        ["geom", "valid", "known"],
        unique=False,
        postgresql_using="gist",
    )

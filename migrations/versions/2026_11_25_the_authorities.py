"""The authorities: people, competences, drafts, publications, and the looks of the police."""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from zones_api.errors import RegisterUnavailable

revision = "0003"
down_revision = "0002"
STILL_WORKS_FOR = ()

FACTS = ("draft_version", "review", "publication", "confirmation", "signed_head", "refusal")
"""What is written once, besides what the migration before this names."""
PEOPLE = ("organisation", "person", "identity", "membership", "competence", "api_token")
"""What the owner keeps and the service only reads: it could otherwise give itself any right."""

DRAFTS_OF_ONES_OWN = """
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned ON draft USING (
    ARRAY[organisation_id, publisher_id]
    && string_to_array(current_setting('zones.organisations', true), ',')::bigint[]
);
ALTER TABLE draft_version ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned ON draft_version USING (draft_id IN (SELECT id FROM draft));
ALTER TABLE review ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned ON review USING (draft_id IN (SELECT id FROM draft));
"""

FORGETTING = """
CREATE FUNCTION forget_looks(keep interval) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH forgotten AS (
        DELETE FROM police_look WHERE looked_at < now() - greatest(keep, interval '30 days') RETURNING 1
    )
    SELECT count(*) FROM forgotten
$$;
COMMENT ON FUNCTION forget_looks IS 'Delete the looks of the police that are older than their retention.';
REVOKE ALL ON FUNCTION forget_looks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_looks TO zones_app;

CREATE FUNCTION forget_answers() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH forgotten AS (DELETE FROM idempotency WHERE answered_at < now() - interval '7 days' RETURNING 1)
    SELECT count(*) FROM forgotten
$$;
COMMENT ON FUNCTION forget_answers IS 'Delete the answers to writes that nobody sends again.';
REVOKE ALL ON FUNCTION forget_answers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_answers TO zones_app;
"""
"""The service forgets what is too old and cannot hide what is new."""


def upgrade() -> None:
    require_roles(op.get_bind())
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_organisation_key_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("key", name=op.f("uq_organisation_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="how the register's own commands name them"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z0-9][a-z0-9.-]{0,62}$'", name=op.f("ck_person_key_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("key", name=op.f("uq_person_key")),
    )
    op.create_table(
        "police_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case_reference", sa.Text(), nullable=True),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision_then", sa.BigInteger(), nullable=True),
        sa.Column("revision_now", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_look")),
        sa.UniqueConstraint("id", "person_id", name=op.f("uq_police_look_id_person_id")),
    )
    op.create_table(
        "police_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column(
            "person_id",
            sa.BigInteger(),
            nullable=False,
            comment="who looked: nobody else's look is named",
        ),
        sa.Column("case_reference", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["look_id", "person_id"],
            ["police_look.id", "police_look.person_id"],
            name=op.f("fk_police_case_look_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_police_case")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False, comment="who answers for what it does"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "scopes",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="roles; only those that the person has count",
        ),
        sa.Column(
            "secret_hmac",
            sa.LargeBinary(),
            nullable=False,
            comment="HMAC-SHA256 of the secret, which is kept nowhere",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("secret_hmac", name=op.f("uq_api_token_secret_hmac")),
    )
    op.create_table(
        "competence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("zone_types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "max_height_m", sa.Float(), nullable=True, comment="metres above ground; null is without limit"
        ),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "area",
            geoalchemy2.types.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "mode IN ('propose', 'publish', 'emergency')", name=op.f("ck_competence_mode_known")
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_competence_valid_not_empty")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_competence_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False, comment="whose people write it"),
        sa.Column(
            "publisher_id",
            sa.BigInteger(),
            nullable=False,
            comment="the organisation whose people review and publish it",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="of its newest content, from 1"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'published', 'abandoned')",
            name=op.f("ck_draft_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_draft_organisation_id")
        ),
        sa.ForeignKeyConstraint(["publisher_id"], ["organisation.id"], name=op.f("fk_draft_publisher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_table(
        "idempotency",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False, comment="SHA-256 of method, path and body"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column(
            "response",
            sa.LargeBinary(),
            nullable=False,
            comment="canonical JSON: headers and body as answered",
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_idempotency_person_id")),
        sa.PrimaryKeyConstraint("person_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(
        "uq_membership_one_at_a_time",
        "membership",
        ["person_id", "organisation_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "refusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False, comment="what was tried"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_refusal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_table(
        "signed_head",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "head",
            sa.LargeBinary(),
            nullable=False,
            comment="canonical JSON: the revision's number, time and hash",
        ),
        sa.Column(
            "key_id", sa.Text(), nullable=False, comment="start of the SHA-256 of the public key, hexadecimal"
        ),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="Ed25519 over the head"),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_signed_head_revision")),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_signed_head")),
    )
    op.create_table(
        "draft_version",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="canonical JSON"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the content, hexadecimal"),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_draft_version_author_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_version_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "version", name=op.f("pk_draft_version")),
    )
    op.create_table(
        "publication",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=False),
        sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "evidence",
            sa.LargeBinary(),
            nullable=False,
            comment="canonical JSON: who wrote, approved and published; its digest is in the record",
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_publication_draft_id")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("fk_publication_published_by")),
        sa.ForeignKeyConstraint(["revision"], ["revision.number"], name=op.f("fk_publication_revision")),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_publication")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_publication_draft_id")),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="of what was reviewed"),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('approved', 'rejected')", name=op.f("ck_review_verdict_known")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_review_draft_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "draft_id", "version", "reviewer_id", name=op.f("uq_review_draft_id_version_reviewer_id")
        ),
    )
    op.create_table(
        "confirmation",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_confirmation_person_id")),
        sa.ForeignKeyConstraint(
            ["revision"], ["publication.revision"], name=op.f("fk_confirmation_revision")
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_confirmation")),
    )
    protect()


def require_roles(connection: Connection) -> None:
    """Roles belong to the whole cluster, so an administrator makes them: see docs/operating.md."""
    if not connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = 'zones_police_log'")):
        raise RegisterUnavailable(
            "The database has no role zones_police_log. A superuser makes it: CREATE ROLE zones_police_log NOLOGIN"
        )


def protect() -> None:
    for fact in FACTS:
        op.execute(
            f"CREATE TRIGGER {fact}_is_a_fact BEFORE UPDATE OR DELETE ON {fact}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {fact}_stays BEFORE TRUNCATE ON {fact}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(DRAFTS_OF_ONES_OWN)
    op.execute(FORGETTING)
    op.execute(f"GRANT SELECT, INSERT ON {', '.join(FACTS)}, draft, idempotency TO zones_app")
    op.execute(f"GRANT SELECT ON {', '.join(PEOPLE)} TO zones_app")
    op.execute("GRANT UPDATE (state, version) ON draft TO zones_app")
    op.execute("GRANT INSERT ON police_look, police_case TO zones_app")
    op.execute("GRANT USAGE ON SCHEMA public TO zones_police_log")
    op.execute("GRANT SELECT, DELETE ON police_look, police_case TO zones_police_log")

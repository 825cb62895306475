"""The names that zones have in exports, given once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
STILL_WORKS_FOR = ("0003",)


def upgrade() -> None:
    op.create_table(
        "export_identifier",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("exported", sa.Text(), nullable=False, comment="its name in exports, never another zone's"),
        sa.CheckConstraint(
            "exported ~ '^[A-Za-z0-9_-]{1,7}$'", name=op.f("ck_export_identifier_exported_form")
        ),
        sa.PrimaryKeyConstraint("country", "identifier", name=op.f("pk_export_identifier")),
        sa.UniqueConstraint("exported", name=op.f("uq_export_identifier_exported")),
    )
    op.execute(
        "CREATE TRIGGER export_identifier_is_a_fact BEFORE UPDATE OR DELETE ON export_identifier"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER export_identifier_stays BEFORE TRUNCATE ON export_identifier"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("GRANT SELECT, INSERT ON export_identifier TO zones_app")

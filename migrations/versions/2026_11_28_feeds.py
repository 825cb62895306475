"""What is known of the documents that are fetched again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
STILL_WORKS_FOR = ()
"""A zone may be kept with a dialect that earlier programs cannot read."""


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("data_set", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column(
            "digest", sa.Text(), nullable=True, comment="SHA-256 of the document last taken, hexadecimal"
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="of that document, as its server said"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="of that document, as its server said"),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True, comment="the last failure, in a sentence"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="since the last success"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("data_set ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_feed_data_set_form")),
        sa.PrimaryKeyConstraint("data_set", name=op.f("pk_feed")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON feed TO zones_app")

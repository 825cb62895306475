"""A draft that is rejected for good, apart from one that is sent back to its authors."""

from alembic import op

revision = "0006"
down_revision = "0005"
STILL_WORKS_FOR = ()
"""An earlier program knows no draft that is rejected."""


def upgrade() -> None:
    # A review is a fact: what "rejected" was said of before stays as it was written, and is read as sent back.
    op.drop_constraint(op.f("ck_draft_state_known"), "draft", type_="check")
    op.create_check_constraint(
        op.f("ck_draft_state_known"),
        "draft",
        "state IN ('draft', 'submitted', 'approved', 'published', 'rejected', 'abandoned')",
    )
    op.drop_constraint(op.f("ck_review_verdict_known"), "review", type_="check")
    op.create_check_constraint(
        op.f("ck_review_verdict_known"), "review", "verdict IN ('approved', 'sent back', 'rejected')"
    )

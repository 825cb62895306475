"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
STILL_WORKS_FOR = (${repr(down_revision)},)  # the program of the release before; () if it does not


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

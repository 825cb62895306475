"""Run the migrations on the connection that `zones_api.store.migrating` hands over."""

from alembic import context
from sqlalchemy import Connection, text

from zones_api.store.schema import metadata

LOCK_TIMEOUT = "4s"
STATEMENT_TIMEOUT = "60s"


def run(connection: Connection) -> None:
    """Migrate in one transaction; a migration that needs more time raises the limits itself, and says why."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=lambda _object, name, kind, *_: not (kind == "table" and name == "spatial_ref_sys"),
        compare_type=True,
    )
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        context.run_migrations()


run(context.config.attributes["connection"])

"""Bringing a database to the schema this program needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from zones_api.errors import RegisterUnavailable
from zones_api.store.register import domain_errors

_LOCK = 0x7A6F6E65
"""The advisory lock under which migrations run, so that two starters do not migrate at once."""


_STILL = "Still works for programs of schema: "


def migrate(engine: Engine, migrations: Path) -> bool:
    """Migrate the database to the newest schema; return whether there was anything to do.

    Safe to run by several programs at once, and again.

    Raises:
        RegisterUnavailable: If the database is newer than this program, cannot be reached, or lacks the
            extensions postgis and btree_gist.
    """
    config = _config(migrations)
    with domain_errors(), engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            if _is_current(MigrationContext.configure(connection).get_current_revision(), config):
                return False
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _note_what_still_works(connection, config)
            connection.commit()
            return True
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            connection.commit()


def require_current(engine: Engine, migrations: Path) -> None:
    """Make sure the database has a schema that this program works with: its own, or a newer one that says so.

    So a service of the release before goes on working while and after another one migrates.

    Raises:
        RegisterUnavailable: If it has not; the sentence names the command to run.
    """
    with domain_errors(), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        note = connection.scalar(text("SELECT obj_description(to_regclass('alembic_version'))")) or ""
    own = ScriptDirectory.from_config(_config(migrations)).get_current_head()
    if current != own and note.startswith(_STILL) and own in note.removeprefix(_STILL).split(", "):
        return
    if not _is_current(current, _config(migrations)):
        raise RegisterUnavailable("The database is not at this program's schema. Run: zones migrate")


def require_service_role(engine: Engine) -> None:
    """Make sure that the program could not change what was published even if it were told to.

    Raises:
        RegisterUnavailable: If it is connected as a superuser or as one who owns the register's tables.
    """
    too_much = (
        "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relname = 'revision'"
        " AND pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_roles WHERE rolname = current_user"
    )
    with domain_errors(), engine.connect() as connection:
        if connection.scalar(text(too_much)):
            raise RegisterUnavailable(
                "ZONES_DATABASE_URL names a user who could change what was published. Migrate as that user; serve,"
                " import and ask as zones_app."
            )


def require_owner(engine: Engine) -> None:
    """Make sure that the program is connected as the register's owner.

    Raises:
        RegisterUnavailable: If it is not.
    """
    owns = "SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = 'person'::regclass"
    with domain_errors(), engine.connect() as connection:
        if not connection.scalar(text(owns)):
            raise RegisterUnavailable(
                "Only the database's owner keeps the people: name that user in ZONES_DATABASE_URL for this command."
            )


def _note_what_still_works(connection: Connection, config: Config) -> None:
    """Write beside the schema's version which older programs still work with it, as its migration says."""
    script = ScriptDirectory.from_config(config)
    head = script.get_revision(script.get_current_head() or "")
    works: tuple[str, ...] = head.module.STILL_WORKS_FOR
    note = f"{_STILL}{', '.join(works)}"
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{note}'"))


def _is_current(current: str | None, config: Config) -> bool:
    script = ScriptDirectory.from_config(config)
    known = {migration.revision for migration in script.walk_revisions()}
    if current is not None and current not in known:
        raise RegisterUnavailable(
            f"The database has schema {current}, which this program does not know. Use a newer program."
        )
    return current == script.get_current_head()


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config

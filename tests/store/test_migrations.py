"""The migrations make the schema the code describes, once, and by anyone at any time."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, make_url, text

from tests.documents import collection, feature
from tests.registers import database
from zones_api.errors import RegisterUnavailable
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.store import schema
from zones_api.store.migrating import migrate, require_current, require_service_role
from zones_api.store.register import load, open_register, reading

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_migrations_make_what_the_schema_describes(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _o, name, kind, *_: (kind, name) != ("table", "spatial_ref_sys")},
        )

        differences = compare_metadata(context, schema.metadata)

    assert differences == []


def test_migrating_again_does_nothing(engine: Engine) -> None:
    assert migrate(engine, MIGRATIONS) is False


def test_several_programs_may_migrate_at_once(cluster: str) -> None:
    with database(cluster, "unmigrated", template=None) as url:
        engine, done = open_register(url), []
        threads = [
            threading.Thread(target=lambda: done.append(migrate(engine, MIGRATIONS))) for _ in range(3)
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        assert sorted(done) == [False, False, True]
        engine.dispose()


def test_a_database_that_is_behind_or_ahead_is_refused(owner: Engine) -> None:
    require_current(owner, MIGRATIONS)

    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(RegisterUnavailable, match="newer program"):
        require_current(owner, MIGRATIONS)
    with pytest.raises(RegisterUnavailable, match="newer program"):
        migrate(owner, MIGRATIONS)

    with owner.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(RegisterUnavailable, match="zones migrate"):
        require_current(owner, MIGRATIONS)


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
STILL_WORKS_FOR = {works}


def upgrade() -> None:
    op.add_column("document", sa.Column("colour", sa.Text(), nullable=True))
"""


@pytest.mark.parametrize("still_works", [True, False])
def test_the_program_of_the_release_before_works_on_a_schema_that_says_so(
    engine: Engine, owner: Engine, tmp_path: Path, still_works: bool
) -> None:
    data = collection(feature("A"))
    submission = Submission("ours", "a.json", data, read_document(data))
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    shutil.copytree(MIGRATIONS, tmp_path / "next")
    works = (head,) if still_works else ()
    (tmp_path / "next" / "versions" / "next.py").write_text(NEXT.format(head=head, works=works), "utf-8")
    import_documents(engine, [submission], lambda: NOW)

    assert migrate(owner, tmp_path / "next") is True

    if still_works:
        require_current(engine, MIGRATIONS)
        more = collection(feature("A"), feature("B"))
        import_documents(engine, [Submission("ours", "b.json", more, read_document(more))], lambda: NOW)
        with reading(engine) as connection:
            assert len(load(connection).zones) == 2
    else:
        with pytest.raises(RegisterUnavailable, match="newer program"):
            require_current(engine, MIGRATIONS)


def test_a_migration_that_cannot_get_its_lock_changes_nothing_and_holds_nobody_up(
    engine: Engine, owner: Engine, tmp_path: Path
) -> None:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    shutil.copytree(MIGRATIONS, tmp_path / "next")
    (tmp_path / "next" / "versions" / "next.py").write_text(NEXT.format(head=head, works=()), "utf-8")

    with engine.begin() as busy:
        busy.execute(text("SELECT count(*) FROM document"))
        with pytest.raises(RegisterUnavailable) as raised:
            migrate(owner, tmp_path / "next")

    assert "lock timeout" in raised.value.context["error"]
    require_current(engine, MIGRATIONS)


def test_who_could_change_facts_is_refused(engine: Engine, owner: Engine, cluster: str) -> None:
    superuser = open_register(make_url(cluster).set(username="postgres").render_as_string())

    require_service_role(engine)
    for each in (owner, superuser):
        with pytest.raises(RegisterUnavailable, match="as zones_app"):
            require_service_role(each)

    superuser.dispose()


def test_a_database_that_cannot_be_reached_is_one_clear_error() -> None:
    nowhere = open_register("postgresql+psycopg://zones@127.0.0.1:9/zones")

    with pytest.raises(RegisterUnavailable, match="cannot be used right now") as raised, reading(nowhere):
        pass

    assert "127.0.0.1" in raised.value.context["error"]
    assert "127.0.0.1" not in raised.value.detail

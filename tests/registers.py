"""Databases of a test's own in the session's cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

TEMPLATE = "zones"
"""The migrated database that a register is copied from."""


@contextmanager
def database(cluster: str, name: str, template: str | None = TEMPLATE) -> Iterator[str]:
    """Make a database, give its address as its owner, and drop it whoever is still connected.

    Without a template it is one that `zones migrate` was never run on: it has the extensions alone.
    """
    admin = create_engine(
        make_url(cluster).set(username="postgres", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    copied = f"TEMPLATE {template}" if template else ""
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {copied} OWNER zones_owner"))
    if template is None:
        superuser = create_engine(make_url(cluster).set(username="postgres", database=name))
        with superuser.begin() as connection:
            connection.execute(text("CREATE EXTENSION postgis; CREATE EXTENSION btree_gist"))
        superuser.dispose()
    try:
        yield make_url(cluster).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()

"""Opening what the settings name: the register's database, as its service or its owner, and the secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from zones_api.domain.territory import Territories
from zones_api.embedded import running
from zones_api.formats.territories import read_territories
from zones_api.keys import Keys, make_keys, read_keys
from zones_api.settings import Settings
from zones_api.store.migrating import migrate, require_current, require_owner, require_service_role
from zones_api.store.register import as_service, open_register


@contextmanager
def register_of(settings: Settings) -> Iterator[Engine]:
    """Give the register's database for the service: the one that is named, or the private one, started and migrated."""
    if settings.database_url is not None:
        with engine_at(settings.database_url) as engine:
            require_current(engine, settings.migrations)
            require_service_role(engine)
            yield engine
        return
    with running(settings.data_folder) as url:
        with engine_at(url) as owner:
            migrate(owner, settings.migrations)
        with engine_at(as_service(url)) as engine:
            yield engine


@contextmanager
def register_as_owner(settings: Settings) -> Iterator[Engine]:
    """Give the register's database for its owner, who alone keeps the people and their rights."""
    if settings.database_url is not None:
        with engine_at(settings.database_url) as engine:
            require_current(engine, settings.migrations)
            require_owner(engine)
            yield engine
        return
    with running(settings.data_folder) as url, engine_at(url) as engine:
        migrate(engine, settings.migrations)
        yield engine


@contextmanager
def engine_at(url: str) -> Iterator[Engine]:
    """Give an engine for a database, and close its connections afterwards."""
    engine = open_register(url)
    try:
        yield engine
    finally:
        engine.dispose()


def secrets_folder(settings: Settings) -> Path:
    """Return where the service's own secrets lie."""
    return settings.secrets_folder or settings.data_folder / "secrets"


def keys_of(settings: Settings) -> Keys:
    """Return the service's own secrets; with the private PostGIS they are made when they are first needed.

    Raises:
        KeysMissing: If they are not there, beside a database that is named: two services would make different ones.
    """
    if settings.database_url is None:
        make_keys(secrets_folder(settings))
    return read_keys(secrets_folder(settings))


def territories_of(settings: Settings) -> Territories:
    """Return what is known of countries and their ground."""
    return read_territories(settings.geodata, settings.terrain_file, settings.terrain_margin_m)

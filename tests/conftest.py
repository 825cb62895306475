"""Real parts for all tests: one private PostGIS a session, a migrated database a test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, make_url

from tests import authority
from tests.authority import Bench
from tests.registers import database
from zones_api.domain.territory import Territories
from zones_api.embedded import running
from zones_api.formats.territories import read_territories
from zones_api.keys import make_keys
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, open_register

ROOT = Path(__file__).resolve().parent.parent
_numbers = count(1)

settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a private PostGIS whose database is migrated and used as a template."""
    # pytest's own folder may lie below one that the server's user cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="zones-tests-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with running(folder / "postgis", durable=False) as url:
            engine = open_register(url)
            migrate(engine, ROOT / "migrations")
            engine.dispose()
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def register_url(cluster: str) -> Iterator[str]:
    """The address of an empty register of a test's own."""
    with database(cluster, f"zones_test_{next(_numbers)}") as url:
        yield as_service(url)


@pytest.fixture
def engine(register_url: str) -> Iterator[Engine]:
    """An engine on an empty register."""
    engine = open_register(register_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(register_url: str) -> Iterator[Engine]:
    """An engine on the same register as its owner, who may change its schema."""
    url = make_url(register_url).set(username="zones_owner").render_as_string(hide_password=False)
    engine = open_register(url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def territories() -> Territories:
    """The coverage areas and ground bounds that the project ships."""
    return read_territories(ROOT / "geodata")


@pytest.fixture(scope="session")
def demonstration() -> Path:
    """The demonstration zones."""
    return ROOT / "geodata" / "demonstration" / "netherlands-demonstration.ed318.json"


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real zone files, where the machine has one."""
    folder = os.environ.get("ZONES_SAMPLE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real files are read where ZONES_SAMPLE_DATA names their folder")
    return Path(folder)


@pytest.fixture
def register_of_one_example(cluster: str) -> Callable[[], AbstractContextManager[Engine]]:
    """Give an empty register each time it is called: one for each example of a random test."""
    return lambda: _empty_register(cluster)


@contextmanager
def _empty_register(cluster: str) -> Iterator[Engine]:
    with database(cluster, f"zones_test_{next(_numbers)}") as url:
        engine = open_register(as_service(url))
        try:
            yield engine
        finally:
            engine.dispose()


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder with a service's own secrets."""
    make_keys(tmp_path / "secrets")
    return tmp_path / "secrets"


@pytest.fixture
def bench(engine: Engine, owner: Engine, tmp_path: Path, territories: Territories) -> Iterator[Bench]:
    """A register with its people, asked over HTTP."""
    with authority.bench(engine, owner, tmp_path / "secrets", territories) as made:
        yield made

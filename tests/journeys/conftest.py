"""Folders and environments for processes of a test's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that also an unprivileged server can enter."""
    folder = Path(tempfile.mkdtemp(prefix="zones-journey-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZONES_", "PG"))}
    return kept | {"ZONES_DATA_FOLDER": str(home / "data folder"), "ZONES_PORT": "0"}

"""Every reader that the outside can hand bytes to: what the fuzzer tries and what the corpus is replayed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_json
from zones_api.formats.document import read_document
from zones_api.formats.drafts import read_draft
from zones_api.formats.readings import read_reading_file

CORPUS = Path(__file__).parent / "corpus"
"""A folder for each reader: files it takes to start from, and `find-…`, on which it once failed."""


def _draft(data: bytes) -> Any:
    value = strict_json.loads(data)
    return read_draft(value, datetime(2026, 11, 28, tzinfo=UTC)) if isinstance(value, dict) else None


READERS: dict[str, Callable[[bytes], Any]] = {
    "document": read_document,
    "draft": _draft,
    "reading": read_reading_file,
}


def read(name: str, data: bytes) -> Any:
    """Return what a reader makes of bytes, None where it refuses them; anything else that it raises is a fault."""
    try:
        return READERS[name](data)
    except (InvalidInput, InputTooLarge):
        return None

"""Switzerland: ED-269 whose title says when it was made."""

from __future__ import annotations

import re
from typing import Any

from zones_api.formats.dialects.dialect import Metadata, ed269_metadata, ed269_of
from zones_api.formats.dialects.steps import reasons_at
from zones_api.formats.members import Found, date_time

_MADE = re.compile(r"\bcreated on (\S+)", re.IGNORECASE)


def _metadata(value: Any, found: Found) -> Metadata:
    """Return the title, and the moment that it says; a date without a time says too little."""
    read = ed269_metadata(value, found)
    match = _MADE.search(read.get("title") or "")
    moment = date_time(match[1]) if match else None
    return read | {"issued": moment if moment and moment.tzinfo else None}


DIALECT = ed269_of(
    "CHE", "ed269-switzerland", "BAZL, Switzerland", (reasons_at("/reason"),), metadata=_metadata
)

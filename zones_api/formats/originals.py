"""What a zone was before an export of ours changed it, in a member of its `extendedProperties`."""

from __future__ import annotations

from typing import Any

MEMBER = "zones_api_export"
"""The member of `extendedProperties` that an export writes: names, words and texts as published, and the losses."""
_LONGEST = 100


def restored(extended: Any, country: str | None, identifier: str | None) -> tuple[str | None, str | None]:
    """Return the country and identifier a zone had before it was exported; those given where it was not renamed.

    They are restored only beside the very names that the export gave.
    """
    record = extended.get(MEMBER) if isinstance(extended, dict) else None
    if not isinstance(record, dict) or record.get("exported_as") != [country, identifier]:
        return country, identifier
    was = record.get("published_as")
    if not isinstance(was, list) or len(was) != 2 or not all(_is_name(name) for name in was):
        return country, identifier
    return was[0], was[1]


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _LONGEST and name == name.strip()

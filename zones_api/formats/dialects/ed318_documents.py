"""ED-318 as the standard has it."""

from __future__ import annotations

from zones_api.formats import ed318
from zones_api.formats.dialects.dialect import Dialect, is_collection

PLAIN = Dialect(
    ed318.NAME,
    "any, as EUROCAE ED-318 has it",
    ed318,
    recognises=is_collection,
    fits=is_collection,
    locate=lambda _value: "/features",
    metadata=ed318.read_metadata,
)

"""Luxembourg: ED-269 with a byte order mark and nothing else of its own."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at

DIALECT = ed269_of(
    "LUX", "ed269-luxembourg", "Direction de l'Aviation Civile, Luxembourg", (reasons_at("/reason"),)
)

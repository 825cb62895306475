"""Austria: ED-269 as a bare list. Every zone has a regulation exemption, which lifts nothing by itself."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at, yes_or_no

DIALECT = ed269_of(
    "AUT",
    "ed269-austria",
    "Austro Control, Austria",
    (reasons_at("/reason"), yes_or_no("/regulationExemption")),
)

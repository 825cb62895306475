"""Bulgaria: ED-269 with words for nothing in members that nothing is decided by."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at, yes_or_no

DIALECT = ed269_of(
    "BGR",
    "ed269-bulgaria",
    "Civil Aviation Administration, Bulgaria",
    (reasons_at("/reason"), yes_or_no("/regulationExemption")),
)

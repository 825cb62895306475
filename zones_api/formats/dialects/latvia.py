"""Latvia: ED-269 with many volumes in one zone, and reasons in one text."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at, yes_or_no

DIALECT = ed269_of(
    "LVA",
    "ed269-latvia",
    "Civil Aviation Agency, Latvia",
    (reasons_at("/reason"), yes_or_no("/regulationExemption")),
)

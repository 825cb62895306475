"""France: ED-269 with html in its messages, which is kept as published, and reasons in one text."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at, yes_or_no

DIALECT = ed269_of(
    "FRA",
    "ed269-france",
    "DGAC, France",
    (reasons_at("/reason"), yes_or_no("/regulationExemption")),
)

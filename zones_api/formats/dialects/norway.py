"""Norway: ED-269 without applicability, and ED-318 whose contacts are texts in a language (Frequentis)."""

from zones_api.formats.dialects.dialect import ed269_of, ed318_of
from zones_api.formats.dialects.steps import reasons_at, yes_or_no

DIALECT = ed269_of(
    "NOR",
    "ed269-norway",
    "Norway",
    (reasons_at("/reason"), yes_or_no("/regulationExemption")),
)
ED318 = ed318_of("NOR", "ed318-norway", "Norway (Frequentis)", (reasons_at("/properties/reason"),))

"""Finland: Traficom's ED-269. The authority's site is spelled `siteUrl`."""

from zones_api.formats.dialects.dialect import ed269_of
from zones_api.formats.dialects.steps import reasons_at, renamed_in

DIALECT = ed269_of(
    "FIN",
    "ed269-finland",
    "Traficom, Finland",
    (renamed_in("/zoneAuthority", "siteUrl", "siteURL"), reasons_at("/reason")),
)

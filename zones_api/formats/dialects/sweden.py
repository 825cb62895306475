"""Sweden: LFV's ED-318. Swedish texts carry the tag of Northern Sami, and authorities no purpose."""

from zones_api.formats.dialects.dialect import ed318_of
from zones_api.formats.dialects.steps import language_tags

DIALECT = ed318_of("SWE", "ed318-sweden", "LFV, Sweden", (language_tags("/properties", {"se-SE": "sv-SE"}),))

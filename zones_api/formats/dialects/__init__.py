"""The ways in which zone documents are written: the two standards, and the dialects of those who publish."""

from __future__ import annotations

from typing import Any

from zones_api.formats.dialects import (
    austria,
    bulgaria,
    ed269_documents,
    ed318_documents,
    enaire,
    finland,
    france,
    ireland,
    latvia,
    luxembourg,
    norway,
    sweden,
    switzerland,
    zones_in_properties,
)
from zones_api.formats.dialects.dialect import Dialect, ReadFeature, existing, features_of, read

__all__ = ["ALL", "Dialect", "ReadFeature", "existing", "features_of", "named", "read", "recognised"]

_IN_ORDER: tuple[Dialect, ...] = (
    ed269_documents.OBJECTS_2020,
    ed269_documents.ZONE_LIST,
    zones_in_properties.ESTONIA,
    zones_in_properties.OTHERS,
    enaire.DIALECT,
    ireland.DIALECT,
    sweden.DIALECT,
    norway.ED318,
    ed318_documents.PLAIN,
    finland.DIALECT,
    luxembourg.DIALECT,
    switzerland.DIALECT,
    austria.DIALECT,
    bulgaria.DIALECT,
    latvia.DIALECT,
    norway.DIALECT,
    france.DIALECT,
    ed269_documents.PLAIN,
)
"""The first that recognises a document is its dialect: so the narrower ones stand before the standards."""

ALL: dict[str, Dialect] = {dialect.name: dialect for dialect in _IN_ORDER}


def recognised(value: Any) -> Dialect | None:
    """Return the dialect of a document by its content, None where it is no zone document."""
    return next((dialect for dialect in _IN_ORDER if dialect.recognises(value)), None)


def named(name: str) -> Dialect | None:
    """Return the dialect of a name, whatever its case."""
    return ALL.get(name.strip().lower())

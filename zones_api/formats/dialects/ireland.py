"""Ireland: the IAA's ED-318. The metadata have another name, and texts are plain, without a language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zones_api.formats import ed318
from zones_api.formats.dialects.dialect import Dialect, Metadata, is_collection
from zones_api.formats.dialects.steps import reasons_at
from zones_api.formats.members import Found

_NAME = "datasetMetadata"


def _metadata(value: Any, found: Found) -> Metadata:
    inside = Found()
    read = ed318.read_metadata({**value, "metadata": value.get(_NAME)}, inside)
    found.defects.extend(
        replace(defect, pointer=defect.pointer.replace("/metadata", f"/{_NAME}", 1))
        for defect in inside.defects
    )
    return read


def _recognises(value: Any) -> bool:
    return is_collection(value) and _NAME in value


DIALECT = Dialect(
    "ed318-ireland",
    "Irish Aviation Authority",
    ed318,
    recognises=_recognises,
    fits=_recognises,
    locate=lambda _value: "/features",
    metadata=_metadata,
    steps=(reasons_at("/properties/reason"),),
)

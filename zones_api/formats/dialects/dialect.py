"""What a dialect is: how it is recognised, where its zones stand, and what it does otherwise than the standard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from zones_api.domain.zone import UASZone
from zones_api.errors import Defect
from zones_api.formats import ed269, ed318
from zones_api.formats.dialects.reshaping import Reshaping, Step
from zones_api.formats.members import Found, as_text

Metadata = dict[str, Any]
"""What a document says of itself, by the names of the members of `document.Metadata`."""


@dataclass(frozen=True)
class Dialect:
    """A way of writing zone documents; its name is kept with every zone, and read by the same rules for ever.

    `publisher` is who writes so. `reader` reads a feature once the `steps` have been taken. `recognises` says whether
    a whole document is certainly of this dialect, `fits` whether it may be read so where someone says it is.
    `locate` returns where its zones stand.
    """

    name: str
    publisher: str
    reader: ModuleType
    recognises: Callable[[Any], bool]
    fits: Callable[[Any], bool]
    locate: Callable[[Any], str]
    metadata: Callable[[Any, Found], Metadata]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class ReadFeature:
    """A feature as read: `zone` is None where it cannot be evaluated.

    The pointers of `defects` lead into the feature as published. `geometry` is what can be seen of where it is, and
    `misplaced` whether that could not be read.
    """

    zone: UASZone | None
    defects: tuple[Defect, ...]
    key: tuple[str | None, str | None, str | None]
    geometry: Any
    misplaced: bool


def read(
    dialect: Dialect, feature: Any, check: Callable[[UASZone | None, Found], UASZone | None] | None = None
) -> ReadFeature:
    """Return what a feature of a dialect says, and every defect; `check` may set the zone aside all the same."""
    shape = Reshaping(feature)
    for step in dialect.steps:
        step(shape)
    found = Found()
    zone = dialect.reader.read_feature(shape.feature, found, "")
    zone = check(zone, found) if check else zone
    zone = None if shape.found.quarantined else zone
    misplaced = any(d.severity == "quarantine" and d.pointer.startswith("/geometry") for d in found.defects)
    geometry = shape.feature.get("geometry") if isinstance(shape.feature, dict) else None

    def there(pointer: str) -> str:
        return existing(feature, shape.published_at(existing(shape.feature, pointer)))

    if zone is not None and (zone.flags or shape.found.flags):
        flags = [*shape.found.flags, *(replace(flag, pointer=there(flag.pointer)) for flag in zone.flags)]
        zone = replace(zone, flags=tuple(dict.fromkeys(flags)))
    defects = (replace(defect, pointer=there(defect.pointer)) for defect in found.defects)
    key = dialect.reader.read_key(shape.feature)
    return ReadFeature(zone, (*shape.found.defects, *defects), key, geometry, misplaced)


def existing(value: Any, pointer: str) -> str:
    """Return a pointer without the steps into what the publisher did not write: a list of one, a text's members."""
    kept = []
    for step in pointer.split("/")[1:]:
        if isinstance(value, str | int | float):
            break
        if isinstance(value, list):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
        elif isinstance(value, dict) and step in value:
            value = value[step]
        elif step == "0" and value is not None:
            continue
        else:
            value = None
        kept.append(step)
    return "".join(f"/{step}" for step in kept)


def features_of(value: Any, at: str) -> list[Any]:
    """Return the list that stands at the pointer of a document's zones; an empty one where none does."""
    there = value.get(at[1:]) if at and isinstance(value, dict) else value
    return there if isinstance(there, list) else []


def is_collection(value: Any) -> bool:
    """Say whether a document is a GeoJSON FeatureCollection."""
    return isinstance(value, dict) and value.get("type") == "FeatureCollection"


def ed269_at(value: Any) -> str:
    """Return where the zones of an ED-269 document stand: the whole of it, or its `features`."""
    return "" if isinstance(value, list) else "/features"


def is_ed269(value: Any) -> bool:
    """Say whether a document is a list of zones or an object with one, and no GeoJSON."""
    if isinstance(value, dict):
        return value.get("type") not in ("FeatureCollection", "Feature") and isinstance(
            value.get("features"), list
        )
    return isinstance(value, list)


def ed269_metadata(value: Any, _found: Found) -> Metadata:
    """Return the title, which is all that ED-269 has."""
    return {"title": as_text(value.get("title"))} if isinstance(value, dict) else {}


def ed269_of(
    country: str,
    name: str,
    publisher: str,
    steps: tuple[Step, ...] = (),
    metadata: Callable[[Any, Found], Metadata] = ed269_metadata,
) -> Dialect:
    """Return a country's way of writing ED-269: recognised by the one country that its zones name."""
    return Dialect(
        name,
        publisher,
        ed269,
        recognises=lambda value: is_ed269(value) and _countries(value, ed269) == {country},
        fits=lambda value: is_ed269(value) and country in _countries(value, ed269),
        locate=ed269_at,
        metadata=metadata,
        steps=steps,
    )


def ed318_of(country: str, name: str, publisher: str, steps: tuple[Step, ...] = ()) -> Dialect:
    """Return a country's way of writing ED-318: recognised by the one country that its zones name."""
    return Dialect(
        name,
        publisher,
        ed318,
        recognises=lambda value: is_collection(value) and _countries(value, ed318) == {country},
        fits=lambda value: is_collection(value) and country in _countries(value, ed318),
        locate=lambda _value: "/features",
        metadata=ed318.read_metadata,
        steps=steps,
    )


def _countries(value: Any, reader: ModuleType) -> set[str]:
    keys = (reader.read_key(feature) for feature in features_of(value, ed269_at(value)))
    return {country for country, _, _ in keys if country}

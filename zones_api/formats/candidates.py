"""What each zone of a file would be in a draft: an ED-318 feature, which field became which, and what was lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zones_api.domain.reasons import Reason
from zones_api.domain.zone import PublishedZone, UASZone
from zones_api.errors import Defect
from zones_api.formats import dialects, ed269, ed318, originals, strict_json
from zones_api.formats.document import Document, ReadZone
from zones_api.formats.exports import ed318 as ed318_export
from zones_api.formats.exports.losses import Loss
from zones_api.formats.exports.publication import Publication
from zones_api.formats.exports.targets import ED318
from zones_api.formats.exports.zones import names_of, outward_zones
from zones_api.formats.offices.mapping import ColumnMapping

_LONGEST = 120
_OF_ED269 = {"restriction": "type", "type": "variant", "applicability": "limitedApplicability"}
"""What ED-318 calls otherwise; a `uSpaceClass` is kept aside."""
_ASIDE = {"uSpaceClass": "extendedProperties"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a file and the one of ED-318 that it became; `value` is what stands in the file.

    `old` None is that the mapping or the format's reader says it, `new` None that it became none.
    """

    old: str | None
    new: str | None
    value: str


@dataclass(frozen=True)
class Candidate:
    """A zone of a file, and the feature that a draft would have."""

    zone: UASZone
    feature: dict[str, Any]
    fields: tuple[Field, ...]
    losses: tuple[Loss, ...]
    defects: tuple[Defect, ...]


def candidates(document: Document, mapping: ColumnMapping | None, most: int) -> list[Candidate]:
    """Return the first zones of a document as a draft would have them.

    A zone that is one ED-318 feature stays as it stands, right or wrong: its author can mend it. Every other is written
    as an export writes it, never milder, with its losses.
    """
    return [_candidate(document, read, mapping) for read in document.zones[:most]]


def _candidate(document: Document, read: ReadZone, mapping: ColumnMapping | None) -> Candidate:
    features = json.loads(read.content)
    spoken = dialects.ALL[document.format]
    defects = tuple(defect for feature in features for defect in dialects.read(spoken, feature).defects)
    is_kept = document.format == ed318.NAME and len(features) == 1
    made, losses = (features[0], ()) if is_kept else _written(document, read)
    fields = _fields(document, features, made, mapping, defects)
    return Candidate(read.zone, made, tuple(fields), losses, defects)


def _written(document: Document, read: ReadZone) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    key = "import"
    published = PublishedZone(read.zone, key, read.version, format=document.format)
    data_set = document.data_set(key)
    publication = Publication((published,), (data_set,))
    told, left_out = outward_zones(publication, names_of(publication), ED318)
    if not told:
        # Never in force by its own times: as it stands, for its author to see why.
        properties = {"identifier": read.zone.identifier, "country": read.zone.country}
        return {"type": "Feature", "geometry": None, "properties": properties}, left_out
    (outward,) = told
    made = ed318_export.feature(outward, data_set.provider)
    # The record of an export is of what is published, and this is not.
    extended = {
        name: value
        for name, value in made["properties"]["extendedProperties"].items()
        if name != originals.MEMBER
    }
    properties = {name: value for name, value in made["properties"].items() if name != "extendedProperties"}
    made["properties"] = properties | ({"extendedProperties": extended} if extended else {})
    return made, tuple(outward.lost)


def _fields(
    document: Document,
    features: Sequence[Any],
    made: Mapping[str, Any],
    mapping: ColumnMapping | None,
    defects: Sequence[Defect],
) -> list[Field]:
    unknown = {each.pointer.rsplit("/", 1)[-1] for each in defects if each.code == Reason.MEMBER_UNKNOWN}
    properties = made["properties"]
    if mapping is not None:
        source = properties.get("extendedProperties", {}).get("source", {})
        attributes = source.get("attributes", {}) if isinstance(source, Mapping) else {}
        columns = set(mapping.columns.values())
        return [
            *(
                Field(column, member, _shown(attributes.get(column)))
                for member, column in mapping.columns.items()
            ),
            *(Field(None, member, _shown(value)) for member, value in mapping.values.items()),
            *(Field(name, None, _shown(value)) for name, value in attributes.items() if name not in columns),
        ]
    first = features[0]
    if document.format == ed269.NAME and isinstance(first, Mapping):
        new = _OF_ED269 | _ASIDE
        return [
            Field(name, None if name in unknown else new.get(name, name), _shown(value))
            for name, value in first.items()
        ]
    if document.format == ed318.NAME and document.converted_from is None:
        held = {**first["properties"], "geometry": first.get("geometry")}
        return [Field(name, None if name in unknown else name, _shown(value)) for name, value in held.items()]
    return [
        *(Field(None, name, _shown(value)) for name, value in properties.items()),
        *(Field(name, None, "") for name in sorted(unknown)),
    ]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else strict_json.canonical(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

"""For whoever drafts: what each zone of a file would become in a draft. Nothing is written."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from zones_api.api.auth import Doors, SignedIn
from zones_api.api.deps import RegisterDoors
from zones_api.api.problems import RESPONSES
from zones_api.api.publications import LossOut, loss_out
from zones_api.api.quarantine import DefectOut, defect_out
from zones_api.api.uploads import parts_of
from zones_api.api.wire import ZoneRef
from zones_api.domain.people import Action, Caller
from zones_api.errors import InvalidInput, NotEntitled
from zones_api.formats.candidates import Candidate, candidates
from zones_api.formats.document import Document
from zones_api.formats.files import How, read_file
from zones_api.formats.offices import gis
from zones_api.formats.offices.gis import Layer, OfficeFile
from zones_api.formats.offices.mapping import MEMBERS, REQUIRED, ColumnMapping, guessed, read_mapping

MAX_BYTES = 10_000_000
MAX_MAPPING_BYTES = 1_000_000
MAX_CANDIDATES = 500
MAX_DEFECTS = 1_000
MAX_SAMPLES, LONGEST_WORD = 20, 100
_WGS84 = "WGS 84, longitude and latitude, as the format has it"

router = APIRouter(tags=["authorities"])


class FieldOut(BaseModel):
    """A field of the file and the one of ED-318 that it became."""

    old: Annotated[str | None, Field(description="Null where the mapping or the format's reader says it")]
    new: Annotated[str | None, Field(description="Null where it became none: it is not in the zone's rule")]
    value: Annotated[str, Field(description="What stands in the file, shortened")]


class CandidateOut(ZoneRef):
    """A zone of the file, and the feature that a draft's item would have."""

    name: str | None
    published_type: str
    feature: dict[str, Any]
    fields: list[FieldOut]
    losses: list[LossOut]
    defects: list[DefectOut]


class SetAside(BaseModel):
    """A zone of the file that cannot be evaluated, with every defect."""

    country: str
    identifier: str | None
    pointer: str
    defects: list[DefectOut]


class ColumnOut(BaseModel):
    """A column of a layer, with its first different values."""

    name: str
    samples: list[str]


class LayerOut(BaseModel):
    """A layer of a file that does not say which column means what."""

    name: str
    coordinate_system: Annotated[str | None, Field(description="Null where the file does not say it")]
    rows: int
    columns: list[ColumnOut]
    guessed: Annotated[
        dict[str, str],
        Field(description="Columns by the member they may be, by their names; for a person to check"),
    ]


class ImportPreview(BaseModel):
    """What was read of a file. Either `zones`, or the `layers` that first need a mapping."""

    format: str
    digest: Annotated[str | None, Field(description="SHA-256 of the file")]
    coordinate_system: str | None
    said: Annotated[list[str], Field(description="How it was read as a whole, in sentences")]
    zone_count: int
    zones: Annotated[list[CandidateOut], Field(description=f"The first {MAX_CANDIDATES}")]
    quarantined: list[SetAside]
    defects: Annotated[list[DefectOut], Field(description=f"All that was found; the first {MAX_DEFECTS}")]
    layers: list[LayerOut]
    members: Annotated[list[str], Field(description="What a mapping can say; given where one is needed")]
    required: Annotated[list[str], Field(description="What it must say")]


_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "At most 10 MB"},
                    "mapping": {
                        "type": "string",
                        "description": "Which column means what, in JSON or TOML: docs/importing-from-gis.md",
                    },
                },
            }
        }
    },
}


@router.post(
    "/v1/imports/preview",
    response_model=ImportPreview,
    responses=RESPONSES,
    openapi_extra={"requestBody": _FORM},
)
async def preview(request: Request, caller: SignedIn, doors: Doors) -> ImportPreview:
    """Say what each zone of a file would become in a draft, what that loses, and what is set aside.

    Files are ED-318, ED-269 and their dialects, AIXM 5.1, and with a mapping GeoJSON, KML, KMZ, GeoPackage and zipped
    shapefiles. Nothing is written: a draft is begun with the features that a person chooses.
    """
    _require_drafter(caller)
    parts = await parts_of(request, ("file", "mapping"), MAX_BYTES)
    data, given = parts.get("file"), parts.get("mapping")
    if data is None:
        raise InvalidInput("The form has no part file: the file with zones itself.")
    mapping = read_mapping(given) if given else None
    return await run_in_threadpool(_looked_at, doors, data, mapping)


def _require_drafter(caller: Caller) -> None:
    if not caller.organisations(Action.WRITE_DRAFT):
        raise NotEntitled("To look at a file for a draft you need to be drafter of an organisation.")


def _looked_at(doors: RegisterDoors, data: bytes, mapping: ColumnMapping | None) -> ImportPreview:
    with doors.intake.one_at_a_time():
        if mapping is None and gis.is_office_file(data):
            return _layers(gis.read_layers(data))
        document = read_file(data, How(mapping))
        if mapping is None and not document.zones and (file := _as_layers(data)) is not None:
            return _layers(file)
        return _zones(document, candidates(document, mapping, MAX_CANDIDATES))


def _as_layers(data: bytes) -> OfficeFile | None:
    """Return a file as layers where it is GeoJSON whose features are no zones yet; None where it is none."""
    try:
        return gis.read_layers(data)
    except InvalidInput:
        return None


def _layers(file: OfficeFile) -> ImportPreview:
    return ImportPreview(
        format=file.format,
        digest=None,
        coordinate_system=None,
        said=[],
        zone_count=0,
        zones=[],
        quarantined=[],
        defects=[],
        layers=[_layer(each) for each in file.layers],
        members=list(MEMBERS),
        required=list(REQUIRED),
    )


def _layer(layer: Layer) -> LayerOut:
    columns = [ColumnOut(name=column, samples=_samples(layer, column)) for column in layer.columns]
    return LayerOut(
        name=layer.name,
        coordinate_system=layer.crs,
        rows=len(layer.rows),
        columns=columns,
        guessed=guessed(layer),
    )


def _samples(layer: Layer, column: str) -> list[str]:
    """Return the first different values of a column that are short enough to be words."""
    values = (row.attributes.get(column) for row in layer.rows)
    words = (str(value) for value in values if value not in (None, ""))
    return list(dict.fromkeys(word for word in words if len(word) <= LONGEST_WORD))[:MAX_SAMPLES]


def _zones(document: Document, found: list[Candidate]) -> ImportPreview:
    return ImportPreview(
        format=document.published_in,
        digest=document.digest,
        coordinate_system=_coordinate_system(found),
        said=list(document.said),
        zone_count=len(document.zones),
        zones=[_candidate(each) for each in found],
        quarantined=[
            SetAside(
                country=each.country,
                identifier=each.identifier,
                pointer=each.pointer,
                defects=[defect_out(defect) for defect in each.defects],
            )
            for each in document.quarantined
        ],
        defects=[defect_out(each) for each in document.defects[:MAX_DEFECTS]],
        layers=[],
        members=[],
        required=[],
    )


def _coordinate_system(found: list[Candidate]) -> str:
    """Return the coordinate system of the file; one that was converted says it with each of its zones."""
    for each in found:
        source = each.zone.extended_properties.get("source")
        if isinstance(source, dict) and isinstance(source.get("coordinateSystem"), str):
            return str(source["coordinateSystem"])
    return _WGS84


def _candidate(each: Candidate) -> CandidateOut:
    zone = each.zone
    return CandidateOut(
        country=zone.country,
        identifier=zone.identifier,
        name=zone.name[0].text if zone.name else None,
        published_type=zone.published_type,
        feature=each.feature,
        fields=[FieldOut(old=field.old, new=field.new, value=field.value) for field in each.fields],
        losses=[loss_out(loss) for loss in each.losses],
        defects=[defect_out(defect) for defect in each.defects],
    )

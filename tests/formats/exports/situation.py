"""What tests of exports share: a publication of documents, its export, and the official schemas."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from referencing.jsonschema import DRAFT7

from zones_api.formats.document import Document, read_document
from zones_api.formats.exports.export import Export, export
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.zones import names_of


def publication(data: bytes, **about: Any) -> Publication:
    """Return what a document publishes, as if it were all there is."""
    document = read_document(data)
    return Publication(document.published_as("zones"), (document.data_set("zones"),), **about)


def exported(data: bytes, format_name: str = "ed318", vertices: int = 24, **about: Any) -> Export:
    """Return the export of a document."""
    of = publication(data, **about)
    return export(of, format_name, names_of(of), Options(vertices))


def as_json(made: Export) -> dict[str, Any]:
    """Return the value of an export in JSON."""
    value: dict[str, Any] = json.loads(made.data)
    return value


def codes(made: Export) -> set[str]:
    """Return the codes of what was lost."""
    return {str(loss.code) for loss in made.losses}


def read(made: Export) -> Document:
    """Return an export, read back."""
    return read_document(made.data)


def official_schema() -> Callable[[Any], list[str]]:
    """Return what says all that the official schemas of ED-318 hold against a document."""
    folder = os.environ.get("ZONES_SCHEMAS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("the official schemas are read where ZONES_SCHEMAS names their folder")
    base = "https://schemas.example/"
    resources = [
        (base + path.name, DRAFT7.create_resource(json.loads(path.read_text(encoding="utf-8"))))
        for path in Path(folder).glob("Schema_*.json")
    ]
    validator = jsonschema.Draft7Validator(
        {"$ref": base + "Schema_GeoZones.json"},
        registry=referencing.Registry().with_resources(resources),
        format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER,
    )
    return lambda value: [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

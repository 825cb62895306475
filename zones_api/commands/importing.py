"""Files on their way into the register from the command line: with a mapping, and looked at before they are taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from zones_api.app import utc_now
from zones_api.commands import (
    terminal,
)
from zones_api.domain.zone import UASZone
from zones_api.errors import DocumentRefused, InputTooLarge, InvalidInput
from zones_api.formats.document import Document
from zones_api.formats.drafts import SHORT_NAME
from zones_api.formats.files import How, read_file
from zones_api.formats.offices.mapping import ColumnMapping, read_mapping, with_assignments
from zones_api.opening import keys_of, register_of
from zones_api.previewing import Preview
from zones_api.previewing import preview as preview_of
from zones_api.publishing import Submission, data_set_of, import_documents
from zones_api.settings import Settings

EXIT_BAD_INPUT = 2
MAX_DOCUMENT_BYTES = 200_000_000
MAX_MAPPING_BYTES = 1_000_000
_stderr = Console(stderr=True, highlight=False)
_stdout = Console(highlight=False)


def mapping_of(
    file: bytes | None, columns: list[str], values: list[str], layer: str | None, crs: str | None
) -> ColumnMapping | None:
    """Return the mapping that a person gives in a file and in words; None where they give none.

    Raises:
        InvalidInput: If it cannot be read.
    """
    if file is None and not (columns or values or layer or crs):
        return None
    given = read_mapping(file) if file is not None else ColumnMapping()
    return with_assignments(given, columns, values, layer, crs)


def one_mapping(files: list[Path], mapping: ColumnMapping | None) -> None:
    """Look that a mapping goes with one file.

    Raises:
        InvalidInput: If there are several: a mapping is of one layer's columns.
    """
    if mapping is not None and len(files) > 1:
        raise InvalidInput("A mapping goes with one file: import them one at a time.")


def print_preview(found: Preview, document: Document, file: Path, console: Console) -> None:
    """Print what an import would change, zone by zone."""
    console.print(
        f"[bold]{escape(file.name)}[/] → data set [bold]{found.data_set}[/] ({document.published_in}). This is a"
        " preview: nothing is written."
    )
    for sentence in document.said:
        console.print(f"  {escape(sentence)}", soft_wrap=True)
    for zone in found.new:
        console.print(f"  [bold]new[/] {_named(zone)}: {escape(zone.published_type)}")
    for changed in found.changed:
        console.print(f"  [bold]changed[/] {_named(changed.zone)}")
        for member in changed.members:
            console.print(f"    {escape(member.sentence)}", soft_wrap=True)
        if not changed.members:
            console.print("    It means the same in other words.")
    for zone in found.removed:
        console.print(f"  [bold]withdrawn[/] {_named(zone)}: {escape(zone.published_type)}")
    for zone in found.kept:
        console.print(
            f"  [bold]kept[/] {_named(zone)}: its new version is set aside, the last good one stands."
        )
    for notice in found.notices:
        console.print(f"  [bold]![/] {escape(notice)}", soft_wrap=True)
    for unread in found.quarantined:
        why = "; ".join(defect.detail for defect in unread.defects if defect.severity == "quarantine")
        console.print(f"  [bold]set aside[/] {escape(str(unread.identifier))}: {escape(why)}", soft_wrap=True)
    console.print(
        f"It would be {len(found.new)} new, {len(found.changed)} changed, {len(found.removed)} withdrawn,"
        f" {found.unchanged} as they were, {len(found.quarantined)} set aside."
    )
    if found.refused is not None:
        console.print(f"[bold]It would be refused:[/] {escape(found.refused)}", soft_wrap=True)


def _named(zone: UASZone) -> str:
    name = zone.name[0].text if zone.name else ""
    return escape(f"{zone.country} {zone.identifier} {name}".strip())


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="ED-269, ED-318 or AIXM 5.1 documents; with a mapping also GeoJSON, KML, KMZ, a GeoPackage or a"
            " zipped shapefile.",
            metavar="FILE...",
        ),
    ],
    data_set: Annotated[
        str | None, typer.Option(help="The data set the document is a version of [from the file's name].")
    ] = None,
    accept_fewer_zones: Annotated[
        bool, typer.Option("--accept-fewer-zones", help="Take a document with far fewer zones than before.")
    ] = False,
    dialect: Annotated[
        str | None,
        typer.Option(help="The dialect the documents are in, as in docs/importing.md [by their content]."),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Print what would change, zone by zone, and write nothing.")
    ] = False,
    mapping: Annotated[
        Path | None,
        typer.Option(help="Which column means what, in TOML or JSON (docs/importing-from-gis.md)."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A member's column, as identifier=CODE; once for each."),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--set", help="What holds for every row, as country=NLD; once for each."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="The layer to read, of a file with several.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="The coordinate system, as EPSG:28992, of a file that does not say it.")
    ] = None,
) -> None:
    """Read zone documents into the register, as one revision; the same file again changes nothing."""
    if data_set and not re.fullmatch(SHORT_NAME, data_set):
        raise InvalidInput("--data-set is a name of small letters, digits and dashes, at most 63.")
    if data_set and len(files) > 1:
        raise InvalidInput("--data-set goes with one file: each document is a data set of its own.")
    said = read_bytes(mapping, MAX_MAPPING_BYTES) if mapping else None
    mapped = mapping_of(said, column or [], fixed or [], layer, crs)
    one_mapping(files, mapped)
    how = How(mapped, dialect)
    settings = Settings()
    names = {data_set: files[0]} if data_set else {}
    if preview:
        documents = read_documents(files, names, how)
        with register_of(settings) as engine:
            _preview(engine, documents, accept_fewer_zones=accept_fewer_zones)
    with register_of(settings) as engine:
        take(engine, settings, files, names, how, accept_fewer_zones=accept_fewer_zones)


def take(
    engine: Engine,
    settings: Settings,
    files: list[Path],
    names: dict[str, Path],
    how: How,
    *,
    accept_fewer_zones: bool,
) -> None:
    """Read documents into the register as one revision, and report on them."""
    documents = read_documents(files, names, how)
    submissions = [
        Submission(key, path.name, read_bytes(path, MAX_DOCUMENT_BYTES), document, accept_fewer_zones)
        for key, (path, document) in documents.items()
    ]
    with _stderr.status("Writing to the register"):
        result = import_documents(engine, submissions, utc_now, keys_of(settings).sign)
    paths = {key: path for key, (path, _) in documents.items()}
    terminal.print_import(result, paths, {key: document for key, (_, document) in documents.items()}, _stderr)


def _preview(
    engine: Engine, documents: dict[str, tuple[Path, Document]], *, accept_fewer_zones: bool
) -> NoReturn:
    refused = False
    for key, (path, document) in documents.items():
        found = preview_of(engine, Submission(key, path.name, b"", document, accept_fewer_zones))
        print_preview(found, document, path, _stdout)
        refused = refused or found.refused is not None
    raise typer.Exit(EXIT_BAD_INPUT if refused else 0)


def read_documents(files: list[Path], names: dict[str, Path], how: How) -> dict[str, tuple[Path, Document]]:
    """Return the documents by the data set they are a version of, with a bar on a terminal."""
    documents: dict[str, tuple[Path, Document]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_stderr, transient=True) as progress:
        for path in files:
            key = next((name for name, named in names.items() if named == path), data_set_of(path.name))
            if key in documents:
                raise InvalidInput(
                    f"{path} and {documents[key][0]} would both be data set {key!r}; rename one."
                )
            task = progress.add_task(path.name, total=None)
            advance = partial(progress.update, task)
            try:
                document = read_file(read_bytes(path, MAX_DOCUMENT_BYTES), how, _telling(advance))
            except DocumentRefused as error:
                raise DocumentRefused(f"{path.name}: {error.detail}", error.defects) from error
            documents[key] = (path, document)
    return documents


def _telling(advance: Callable[..., None]) -> Callable[[int, int], None]:
    return lambda done, total: advance(completed=done, total=total)


def read_bytes(path: Path, limit: int) -> bytes:
    """Return a file's bytes.

    Raises:
        InputTooLarge: If it is larger than the limit.
        InvalidInput: If it cannot be read.
    """
    try:
        if path.stat().st_size > limit:
            raise InputTooLarge(f"{path} is larger than {limit} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error

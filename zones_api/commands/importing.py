"""Files on their way into the register from the command line: with a mapping, and looked at before they are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from zones_api.domain.zone import UASZone
from zones_api.errors import InvalidInput
from zones_api.formats.document import Document, read_converted, read_document
from zones_api.formats.offices import aixm, gis
from zones_api.formats.offices.mapping import ColumnMapping, convert, read_mapping, with_assignments
from zones_api.previewing import Preview

MAX_MAPPING_BYTES = 1_000_000
Progress = Callable[[int, int], None]


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


@dataclass(frozen=True)
class How:
    """What a person says of how files are to be read: which column means what, or the dialect they are in."""

    mapping: ColumnMapping | None = None
    dialect: str | None = None


def read_file(data: bytes, how: How, progress: Progress | None = None) -> Document:
    """Return the zones of a file: of a zone document as it is, of any other as the mapping says.

    Raises:
        DocumentRefused: If the document as a whole cannot be taken.
        InvalidInput: If it needs a mapping and there is none or it does not fit; this lists the columns there are.
    """
    mapping = how.mapping
    if mapping is not None and how.dialect is not None:
        raise InvalidInput(
            "A dialect is of a zone document, whose members need no mapping: give one of the two."
        )
    if how.dialect is None and gis.is_office_file(data):
        return read_converted(convert(gis.read_layers(data), mapping or ColumnMapping()), data, progress)
    if mapping is None:
        return read_document(data, progress, dialect=how.dialect)
    if aixm.is_xml(data):
        return read_converted(aixm.convert(data, mapping), data, progress)
    return read_converted(convert(gis.read_layers(data), mapping), data, progress)


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

"""A file of whatever kind with zones in it: a zone document as it is, any other as a mapping says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zones_api.errors import InvalidInput
from zones_api.formats.document import Document, read_converted, read_document
from zones_api.formats.offices import aixm, gis
from zones_api.formats.offices.mapping import ColumnMapping, convert

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class How:
    """What a person says of how files are to be read: which column means what, or the dialect they are in."""

    mapping: ColumnMapping | None = None
    dialect: str | None = None


def read_file(data: bytes, how: How, progress: Tell | None = None) -> Document:
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

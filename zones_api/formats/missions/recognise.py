"""Any mission file: which format it is by its content, never by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import ModuleType

from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_xml, strict_zip
from zones_api.formats.missions import geojson, gpx, kml, litchi, points_csv, qgc, ugcs, wpl, wpml
from zones_api.formats.missions.limits import MAX_BYTES, refused

_READERS: tuple[ModuleType, ...] = (wpml, kml, gpx, qgc, ugcs, geojson, wpl, litchi, points_csv)
"""In the order in which they are asked: WPML before KML, which it is made of, GeoJSON last of those in JSON, and any
table after the tables that are known."""
_WITH_COLUMNS: tuple[ModuleType, ...] = (points_csv,)
"""Those whose columns a person may name."""
_HEAD = 4_096
_ED269 = re.compile(rb'"(?:UASZoneList|horizontalProjection)"\s*:')
_ED318 = re.compile(rb'"(?:zoneAuthority|limitedApplicability)"\s*:')
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)


def read_mission_file(data: bytes, columns: Mapping[str, str] | None = None) -> MissionFile:
    """Return the flights of a mission file.

    Args:
        data: The file's bytes.
        columns: Which column of a CSV file means what, for a file whose columns have other names.

    Raises:
        InvalidInput: If it is no format that is read, or not as that format is.
        InputTooLarge: If it is larger than what is read.
    """
    if len(data) > MAX_BYTES:
        raise InputTooLarge(f"The file has {len(data):,} bytes; {MAX_BYTES:,} are read at most.")
    _refuse_others(data)
    reader = next((each for each in _asked(columns) if columns or each.recognises(data)), None)
    if reader is None:
        raise _unknown(data)
    read: MissionFile = reader.read(data, columns) if reader in _WITH_COLUMNS else reader.read(data)
    return read


def _asked(columns: Mapping[str, str] | None) -> tuple[ModuleType, ...]:
    return _WITH_COLUMNS if columns else _READERS


def _refuse_others(data: bytes) -> None:
    """Refuse what people often send in place of a mission file, and say what it is."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if not head.strip(b" \t\r\n\0"):
        raise refused("The file is empty.")
    if _HTML.match(head):
        raise refused(
            "The file is a web page (HTML), not a mission file; save the file that the page links to."
        )
    is_json = head.lstrip().startswith((b"{", b"["))
    zones = (
        ("ED-269" if _ED269.search(data) else "ED-318" if _ED318.search(data) else None) if is_json else None
    )
    if strict_xml.root_name(data) == "AIXMBasicMessage":
        zones = "AIXM"
    if zones:
        raise refused(f"This is a zone document ({zones}); import it with `zones import FILE`.")


def _unknown(data: bytes) -> InvalidInput:
    names = ", ".join(reader.NAME for reader in _READERS)
    what = (
        "is a zip archive without a KML or WPML file" if strict_zip.looks_like_zip(data) else "is not known"
    )
    return refused(f"The format of the file {what}. Mission files are read as {names}.")

"""Which format a mission file is in, by its content, and its reading."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import geojson

MAX_BYTES = 20_000_000

Reader = Callable[[bytes], MissionFile]

_READERS: tuple[tuple[Callable[[bytes], bool], Reader], ...] = ((geojson.is_geojson, geojson.read),)


def read_mission_file(data: bytes, columns: Mapping[str, str] | None = None) -> MissionFile:
    """Return the flights of a mission file of any format that is read here.

    Args:
        data: The file.
        columns: Which column of a CSV file holds what, where its names do not say so.

    Raises:
        InvalidInput: If it is of no format that is read here, or not as its format should be.
        InputTooLarge: If it is larger than MAX_BYTES.
    """
    if len(data) > MAX_BYTES:
        raise InputTooLarge(f"The file is larger than {MAX_BYTES} bytes.")
    if columns is not None:
        raise InvalidInput("Columns are named for CSV files only.")
    for recognises, read in _READERS:
        if recognises(data):
            return read(data)
    raise InvalidInput("The file is of no mission format that is read here.")

"""GeoPackages and zipped shapefiles, read by GDAL in a process of its own with limits of time and memory."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_json, strict_zip

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_UNPACKED_BYTES = 200_000_000
_LIMITS = {
    "memory_bytes": 3_000_000_000,
    "cpu_s": 120,
    "answer_bytes": 1_000_000_000,
    "most_rows": MAX_ROWS,
    "most_columns": MAX_COLUMNS,
}
_PATIENCE_S = 180
_NEEDED, _OPTIONAL = (".shp", ".shx", ".dbf"), (".prj", ".cpg")
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "GDAL_HTTP_TIMEOUT": "1",
    "PROJ_NETWORK": "OFF",
    "CPL_DEBUG": "OFF",
    "OGR_GPKG_NUM_THREADS": "1",
    "GDAL_SKIP": "OGR_VRT,VRT,HTTP,WFS,OAPIF,OGCAPI,CSW,EEDA,Elasticsearch,Carto,AmigoCloud,PLSCENES,NGW,GDALG,ADBC,"
    "WMS,WCS,WMTS,DAAS,PDF,SQLite,GPSBabel,STACIT,STACTA,ODS,XLSX,GML,GMLAS,KML,LIBKML,GTFS,DXF,CSV,PMTiles,MBTiles",
}
"""No driver that fetches something or reads a file that names another; the two that are wanted are checked."""


def read_geopackage(data: bytes) -> list[dict[str, Any]]:
    """Return the layers of a GeoPackage: `name`, `crs`, `columns`, `values` by column, `shapes` as WKB, `curved`.

    Raises:
        InvalidInput: If it cannot be read, or what reads it is not installed.
        InputTooLarge: If it has too many rows, columns or bytes, or takes too much time.
    """
    return _read("geopackage", data)


def read_shapefiles(members: dict[str, bytes]) -> list[dict[str, Any]]:
    """Return the layers of the shapefiles among the files of a zip archive.

    Only their own five files are looked at, and each under a name of ours: nothing beside them can be drawn in.

    Raises:
        InvalidInput: If a shapefile is incomplete or cannot be read, or what reads it is not installed.
    """
    stems = [name[:-4] for name in members if name.lower().endswith(".shp")]
    return [layer for stem in stems for layer in _one_shapefile(stem, members)]


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the files of a zip archive of zones."""
    return strict_zip.members(data, MAX_UNPACKED_BYTES)


def _one_shapefile(stem: str, members: dict[str, bytes]) -> list[dict[str, Any]]:
    parts = {}
    for ending in _NEEDED + _OPTIONAL:
        found = [name for name in members if name[:-4] == stem and name[-4:].lower() == ending]
        if found:
            parts[ending] = members[found[0]]
        elif ending in _NEEDED:
            raise InvalidInput(
                f"The zip file has {stem}.shp without {stem}{ending}: a shapefile is both, and .dbf."
            )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for ending, part in parts.items():
            archive.writestr(zipfile.ZipInfo(f"layer{ending}"), part)
    layers = _read("shapefile", packed.getvalue())
    return [layer | {"name": stem.replace("\\", "/").split("/")[-1]} for layer in layers]


def _read(kind: str, data: bytes) -> list[dict[str, Any]]:
    if importlib.util.find_spec("pyogrio") is None:
        raise InvalidInput(
            "GeoPackages and shapefiles are read with pyogrio, which is not installed: pip install 'zones-api[gis]'."
        )
    worker = Path(__file__).with_name("gdal_worker.py")
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answered:
        given.write(json.dumps({"kind": kind, **_LIMITS}).encode() + b"\n" + data)
        given.seek(0)
        try:
            done = subprocess.run(  # our own script, without a shell
                [sys.executable, "-I", str(worker)],
                stdin=given,
                stdout=answered,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT,
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise InputTooLarge(f"The file could not be read within {_PATIENCE_S} seconds.") from error
        answered.seek(0)
        return _layers(answered.read(), done.returncode)


def _layers(answer: bytes, code: int) -> list[dict[str, Any]]:
    try:
        said = strict_json.loads(answer)
    except (InvalidInput, InputTooLarge):
        said = {}
    if "refused" in said:
        raise InvalidInput(said["refused"])
    if code != 0 or "layers" not in said:
        raise InvalidInput("The file cannot be read: reading it failed or took too much time or memory.")
    layers: list[dict[str, Any]] = said["layers"]
    return layers

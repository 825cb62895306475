"""A process of its own that reads one GeoPackage or shapefile with GDAL, and nothing else.

Run as a script, by `gdal.py` alone: a file that makes GDAL crash, or eat time or memory, ends this process. It
imports nothing of this program. In: one line of JSON (`kind`, limits), then the file's bytes. Out: JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import sys
import warnings
from typing import Any

_DRIVERS = {"geopackage": "GPKG", "shapefile": "ESRI Shapefile"}
_CURVES = ("CURVE", "CIRCULAR", "COMPOUND", "SURFACE")


class Refused(Exception):
    """A file that is not read; its text is for the user."""


def main() -> None:
    """Read what is asked on standard input; write it, or why not, to standard output."""
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    for what, most in (
        (resource.RLIMIT_AS, asked["memory_bytes"]),
        (resource.RLIMIT_CPU, asked["cpu_s"]),
        (resource.RLIMIT_FSIZE, asked["answer_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        answer: dict[str, Any] = {"layers": _read(asked, data)}
    except Refused as error:
        answer = {"refused": str(error)}
    except MemoryError:
        answer = {"refused": "Reading the file takes too much memory."}
    except Exception as error:  # noqa: BLE001 - whatever the library says of a hostile file
        answer = {"refused": f"The file cannot be read: {str(error)[:300]}"}
    json.dump(answer, sys.stdout, ensure_ascii=True)
    sys.stdout.flush()
    # Nothing that a hostile file left behind is cleaned up: the process simply ends.
    os._exit(0)


def _read(asked: dict[str, Any], data: bytes) -> list[dict[str, Any]]:
    import pyogrio  # type: ignore[import-untyped]

    driver = _DRIVERS[asked["kind"]]
    pyogrio.set_gdal_config_options(
        {"OGR_SQLITE_LOAD_EXTENSIONS": "NO", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none"}
    )
    names = _tables(data) if driver == "GPKG" else [None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_layer(data, name, driver, asked) for name in names]


def _tables(data: bytes) -> list[str]:
    """Return the names of the layers of a GeoPackage, having looked that it holds only plain tables."""
    base = sqlite3.connect(":memory:")
    base.deserialize(data)
    base.execute("PRAGMA trusted_schema = OFF")
    kinds = {
        name: (kind, sql or "")
        for name, kind, sql in base.execute("SELECT name, type, sql FROM sqlite_master")
    }
    for name, (kind, sql) in kinds.items():
        text = sql.upper()
        if kind == "table" and text.startswith("CREATE VIRTUAL") and "USING RTREE" not in text:
            raise Refused(f"The GeoPackage has a virtual table, {name!r}; none but its own index is read.")
    layers = [
        name for (name,) in base.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
    ]
    for name in layers:
        if kinds.get(name, ("", ""))[0] != "table":
            raise Refused(f"Layer {name!r} is not a table of the GeoPackage; views are not read.")
    if not layers:
        raise Refused("The GeoPackage has no layer of features.")
    return layers


def _layer(data: bytes, name: str | None, driver: str, asked: dict[str, Any]) -> dict[str, Any]:
    from pyogrio import raw, read_info

    info = read_info(data, layer=name)
    if info["driver"] != driver:
        raise Refused(f"The file was taken for {info['driver']}, which is not read.")
    if len(info["fields"]) > asked["most_columns"]:
        raise Refused(
            f"Layer {info['layer_name']!r} has {len(info['fields'])} columns; at most {asked['most_columns']} are read."
        )
    if info["features"] > asked["most_rows"]:
        raise Refused(
            f"Layer {info['layer_name']!r} has {info['features']} rows; at most {asked['most_rows']} are read."
        )
    read, fids, geometries, columns = raw.read(
        data,
        layer=name,
        force_2d=True,
        return_fids=True,
        datetime_as_string=True,
        max_features=asked["most_rows"] + 1,
    )
    if len(fids) > asked["most_rows"]:
        raise Refused(f"Layer {info['layer_name']!r} has more than {asked['most_rows']} rows.")
    curved = (
        _curved(data, name, info["geometry_name"], len(fids)) if driver == "GPKG" else [False] * len(fids)
    )
    if geometries is None:
        geometries = [None] * len(fids)
    return {
        "name": info["layer_name"],
        "crs": read["crs"],
        "columns": [str(field) for field in read["fields"]],
        "values": [[_plain(value) for value in column.tolist()] for column in columns],
        "shapes": [None if shape is None else bytes(shape).hex() for shape in geometries],
        "curved": curved,
    }


def _curved(data: bytes, name: str | None, geometry: str, rows: int) -> list[bool]:
    """Return which rows have arcs: what they are read as has straight edges inside them."""
    from pyogrio import raw

    quoted, column = (f'"{(text or "").replace(chr(34), chr(34) * 2)}"' for text in (name, geometry))
    _, _, _, (kinds,) = raw.read(
        data,
        sql=" ".join(["SELECT", f"ST_GeometryType({column})", "AS kind FROM", quoted]),
        read_geometry=False,
    )
    if len(kinds) != rows:
        raise Refused(f"Layer {name!r} cannot be read twice alike.")
    return [any(word in str(kind).upper() for word in _CURVES) for kind in kinds]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - not NaN
    return None if str(value) == "NaT" else str(value)[:1000]


if __name__ == "__main__":
    main()

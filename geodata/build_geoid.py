"""Cut the part around Europe out of NGA's EGM96 15-minute grid, as PROJ packages it.

Nothing is computed: a node of the part is the same four bytes as in the whole. Once cut, every node is read
back through PROJ and compared with the source.

Usage, with `egm96_15.gtx` (Debian's package proj-data has it in /usr/share/proj):

    python geodata/build_geoid.py path/to/egm96_15.gtx
"""

import hashlib
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

OUTPUT = Path(__file__).parent / "geoid" / "egm96-15-europe.gtx"

SOURCE_SHA256 = "c02a6eb70a7a78efebe5adf3ade626eb75390e170bb8b3f36136a2c28f5326a0"
SOUTH, NORTH = 27.0, 72.0
WEST, EAST = -32.0, 46.0

# GTX: latitude and longitude of the first node, the steps, rows, columns; rows run north, columns east.
HEADER = struct.Struct(">ddddii")


def main(source: Path) -> None:
    """Write the part of `source` and print its digest."""
    whole = source.read_bytes()
    if hashlib.sha256(whole).hexdigest() != SOURCE_SHA256:
        raise SystemExit(f"{source} is not the EGM96 15-minute grid that this was made for")
    content = cut(whole)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(content)
    check(OUTPUT, nodes(content))
    print(
        f"{nodes(content).shape} nodes, {len(content)} bytes, mean {nodes(content).mean(dtype=float):.6f} m"
    )
    print(f"{OUTPUT.name} sha256 {hashlib.sha256(content).hexdigest()}")


def cut(whole: bytes) -> bytes:
    """Return the part of a grid between the bounds, their own nodes included."""
    south, west, step_lat, step_lon, _, _ = HEADER.unpack_from(whole)
    rows = slice(round((SOUTH - south) / step_lat), round((NORTH - south) / step_lat) + 1)
    columns = slice(round((WEST - west) / step_lon), round((EAST - west) / step_lon) + 1)
    part = nodes(whole)[rows, columns]
    return HEADER.pack(SOUTH, WEST, step_lat, step_lon, *part.shape) + part.tobytes()


def nodes(grid: bytes) -> NDArray[Any]:
    """Return the undulations of a grid in metres, (rows, columns), southernmost row first."""
    *_, rows, columns = HEADER.unpack_from(grid)
    return np.frombuffer(grid, ">f4", offset=HEADER.size).reshape(rows, columns)


def check(grid: Path, expected: NDArray[Any]) -> None:
    """Stop unless PROJ reads from the file what was put into it.

    Raises:
        SystemExit: If a node differs.
    """
    transformer = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
        f' +step +proj=vgridshift +grids="{grid.resolve()}" +multiplier=1'
    )
    rows, columns = expected.shape
    lons, lats = np.meshgrid(np.linspace(WEST, EAST, columns), np.linspace(SOUTH, NORTH, rows))
    read = transformer.transform(lons.ravel(), lats.ravel(), np.zeros(lons.size), errcheck=True)[2]
    if not np.allclose(read, expected.ravel(), rtol=0.0, atol=1e-9):
        raise SystemExit("PROJ reads other undulations than were written")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))

"""How long a tile of the map takes to draw, and how large it is, over many made-up zones in one register.

    python benchmarks/tiles.py [ZONES] [ROUNDS]

One zone in five is a ring of 200 corners with a hole, the others are circles; one in ten has a weekly schedule, one in
twenty applies by daylight. Medians over tiles around Utrecht, each drawn and none taken from memory.
"""

import json
import math
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from zones_api.app import configure_logging, utc_now
from zones_api.embedded import running
from zones_api.following import read_snapshot
from zones_api.formats.document import read_document
from zones_api.formats.territories import read_territories
from zones_api.publishing import Submission, import_documents
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, open_register
from zones_api.tiles import Tile, Tiles

ROOT = Path(__file__).resolve().parent.parent
WEEKLY = [{"schedule": [{"day": ["MON", "WED"], "startTime": "08:00Z", "endTime": "17:00Z"}]}]
DAYLIGHT = [{"schedule": [{"day": ["ANY"], "startEvent": "SR", "endEvent": "SS"}]}]


def document(zones: int) -> bytes:
    """Return an ED-318 document of zones over the Netherlands."""
    pick = random.Random(1)
    features = [_feature(number, pick) for number in range(zones)]
    return json.dumps({"type": "FeatureCollection", "metadata": {}, "features": features}).encode()


def _feature(number: int, pick: random.Random) -> dict[str, Any]:
    lon, lat = pick.uniform(3.6, 7.0), pick.uniform(51.0, 53.4)
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    radius_m = 10 ** pick.uniform(1.5, 4)
    geometry = {
        "type": "Point",
        "coordinates": [lon, lat],
        "extent": {"subType": "Circle", "radius": radius_m},
        "layer": layer,
    }
    if number % 5 == 0:
        rings = [_ring(lon, lat, radius_m, 1), _ring(lon, lat, radius_m / 3, -1)]
        geometry = {"type": "Polygon", "coordinates": rings, "layer": layer}
    properties = {
        "identifier": f"Z{number}",
        "country": "NLD",
        "type": pick.choice(["PROHIBITED", "REQ_AUTHORIZATION", "CONDITIONAL"]),
        "variant": "COMMON",
        "name": [{"text": f"Natura 2000 {number}", "lang": "en-GB"}],
        "reason": [pick.choice(["NATURE", "AIR_TRAFFIC", "SENSITIVE"])],
        "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
    }
    if number % 10 == 1:
        properties["limitedApplicability"] = WEEKLY
    if number % 20 == 2:
        properties["limitedApplicability"] = DAYLIGHT
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _ring(lon: float, lat: float, radius_m: float, turn: int) -> list[list[float]]:
    reach = radius_m / 111_320
    points = []
    for corner in range(200):
        azimuth, out = turn * math.tau * corner / 200, reach * (1 + 0.1 * math.sin(corner))
        points.append(
            [
                lon + out * math.cos(azimuth) / math.cos(math.radians(lat)),
                lat + out * math.sin(azimuth),
            ]
        )
    return [*points, points[0]]


def around(zoom: int, number: int) -> Tile:
    """Return a tile near Utrecht, another one for each number where there are so many."""
    size = 2**zoom
    spread = max(0, zoom - 7)
    column = int((5.12 + 180) / 360 * size) + number % (spread + 1)
    row = int((1 - math.asinh(math.tan(math.radians(52.09))) / math.pi) / 2 * size) + number // 2 % (
        spread + 1
    )
    return Tile(zoom, column, row)


def main(zones: int, rounds: int) -> None:
    """Print the table."""
    configure_logging("warning")
    data = document(zones)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgis") as url:
            owner, engine = open_register(url), open_register(as_service(url))
            migrate(owner, ROOT / "migrations")
            import_documents(
                engine, [Submission("measured", "zones.json", data, read_document(data))], utc_now
            )
            snapshot = read_snapshot(engine, read_territories(ROOT / "geodata"))
            tiles, today = Tiles(engine), utc_now().date()
            before = time.perf_counter()
            tiles.tile(snapshot, around(5, 0), today)
            first_s = time.perf_counter() - before
            print(
                f"{zones} zones; the first tile of a day, when every zone is described: {first_s:.2f} s; medians"
            )
            for zoom in (5, 8, 11):
                times, sizes = [], []
                for number in range(rounds):
                    tiles.forget()
                    before = time.perf_counter()
                    drawn = tiles.tile(snapshot, around(zoom, number), today)
                    times.append(time.perf_counter() - before)
                    sizes.append(len(drawn))
                took_ms, kb = statistics.median(times) * 1e3, statistics.median(sizes) / 1e3
                print(f"  zoom {zoom:2}   {took_ms:8.0f} ms   {kb:8.1f} kB")
            owner.dispose()
            engine.dispose()


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["5000", "7"][len(sys.argv) - 1 :])))

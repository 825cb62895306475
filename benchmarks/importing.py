"""How long reading and importing a large document takes, and how much memory it needs at most.

    python benchmarks/importing.py [FILE … | ZONES VERTICES]

Each step runs in a process of its own, so that its peak is its own. Without arguments: 14,000 zones of about 95 MB
in all, and 100,000 small ones; with files, those.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from math import cos, pi, sin
from pathlib import Path

from zones_api.app import configure_logging, utc_now
from zones_api.embedded import running
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, open_register

ROOT = Path(__file__).resolve().parent.parent
SIZES = [(14_000, 160), (100_000, 4)]


def write(path: Path, zones: int, vertices: int) -> None:
    """Write an ED-318 document of polygons over the Netherlands, one zone after the other."""
    with path.open("w") as file:
        file.write('{"type": "FeatureCollection", "metadata": {}, "features": [')
        for number, feature in enumerate(_features(zones, vertices)):
            file.write(("," if number else "") + "\n" + json.dumps(feature))
        file.write("]}\n")


def _features(zones: int, vertices: int) -> Iterator[dict[str, object]]:
    draw = random.Random(5)
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    for number in range(zones):
        lon, lat = draw.uniform(4, 6.5), draw.uniform(51.5, 53)
        turns = [2 * pi * step / vertices for step in range(vertices)]
        ring = [[lon + 0.01 * cos(turn), lat + 0.006 * sin(turn)] for turn in turns]
        yield {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]], "layer": layer},
            "properties": {
                "identifier": f"Z{number}",
                "country": "NLD",
                "type": "PROHIBITED",
                "variant": "COMMON",
                "name": [{"text": f"Zone {number}", "lang": "en-GB"}],
                "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
            },
        }


def read(path: Path) -> None:
    """Read a document and say what that took."""
    start = time.perf_counter()
    document = read_document(path.read_bytes())
    _tell(f"read {len(document.zones)} zones", start)


def import_(path: Path, url: str) -> None:
    """Read a document and import it into an empty register, and say what that took."""
    configure_logging("warning")
    engine, start = open_register(as_service(url)), time.perf_counter()
    data = path.read_bytes()
    import_documents(engine, [Submission("benchmark", path.name, data, read_document(data))], utc_now)
    _tell("read and imported", start)
    engine.dispose()


def _tell(what: str, start: float) -> None:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    elapsed_s, own_s = time.perf_counter() - start, time.process_time()
    print(
        f"  {what:20s} {elapsed_s:6.1f} s, {own_s:6.1f} s of computing   {peak_mb:5.0f} MB at most",
        flush=True,
    )


def main(sizes: list[tuple[int, int]]) -> None:
    """Print the table for documents made here."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for zones, vertices in sizes:
            path = Path(folder) / "zones.json"
            write(path, zones, vertices)
            measure(path, f"{zones} zones of {vertices} points")


def measure(path: Path, what: str) -> None:
    """Print what a document takes."""
    configure_logging("warning")
    print(f"{what}, {path.stat().st_size / 1e6:.1f} MB", flush=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgis") as url:
            owner = open_register(url)
            migrate(owner, ROOT / "migrations")
            owner.dispose()
            for step in (["read", str(path)], ["import", str(path), url]):
                subprocess.run([sys.executable, __file__, *step], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["read", path]:
            read(Path(path))
        case ["import", path, url]:
            import_(Path(path), url)
        case [zones, vertices] if zones.isdecimal():
            main([(int(zones), int(vertices))])
        case []:
            main(SIZES)
        case files:
            for file in files:
                measure(Path(file), Path(file).name)

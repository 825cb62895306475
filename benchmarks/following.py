"""How long a service takes to follow a new revision, beside loading all of it anew, side by side in one run.

    python benchmarks/following.py [ZONES] [ROUNDS]

A register of so many circles is made; then one of them changes at a time. Medians and their ratio.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from zones_api.app import configure_logging, utc_now
from zones_api.embedded import running
from zones_api.following import Following, catch_up, read_snapshot
from zones_api.formats.document import read_document
from zones_api.formats.territories import read_territories
from zones_api.publishing import Submission, import_documents
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, open_register

ROOT = Path(__file__).resolve().parent.parent


def document(zones: int, changed: int) -> bytes:
    """Return an ED-318 document of circles over the Netherlands, of which one has another radius."""
    layer = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [4.0 + 2.0 * (number % 100) / 100, 51.6 + 1.4 * (number // 100) / 100],
                "extent": {"subType": "Circle", "radius": 300 + (number == changed)},
                "layer": layer,
            },
            "properties": {
                "identifier": f"Z{number}",
                "country": "NLD",
                "type": "PROHIBITED",
                "variant": "COMMON",
                "name": [{"text": f"Zone {number}", "lang": "en-GB"}],
                "zoneAuthority": [{"purpose": "INFORMATION", "email": "zones@example.org"}],
            },
        }
        for number in range(zones)
    ]
    return json.dumps({"type": "FeatureCollection", "metadata": {}, "features": features}).encode()


def seconds(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def main(zones: int, rounds: int) -> None:
    """Print the table."""
    configure_logging("warning")
    territories, following = read_territories(ROOT / "geodata"), Following()
    anew, followed = [], []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgis") as url:
            owner, engine = open_register(url), open_register(as_service(url))
            migrate(owner, ROOT / "migrations")
            for number in range(rounds + 1):
                data = document(zones, number)
                submission = Submission("benchmark", "zones.json", data, read_document(data))
                import_documents(engine, [submission], utc_now)
                if number:
                    followed.append(seconds(lambda: catch_up(engine, territories, following, utc_now)))
                    anew.append(seconds(lambda: read_snapshot(engine, territories)))
                else:
                    catch_up(engine, territories, following, utc_now)
            owner.dispose()
            engine.dispose()
    full_s, delta_s = statistics.median(anew), statistics.median(followed)
    print(f"{zones} zones, two of them change in each of {rounds} revisions; medians")
    print(f"  loading all anew   {full_s * 1000:8.0f} ms")
    print(f"  following          {delta_s * 1000:8.0f} ms   {full_s / delta_s:.1f} times as fast")


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["5000", "7"][len(sys.argv) - 1 :])))

"""How long a question takes, from memory and from PostGIS, side by side in one run.

    python benchmarks/questions.py ZONE_FILE [ROUNDS]

The same random places are asked of the snapshot (full answer, three-valued, with heights and time) and of PostGIS
(one indexed ST_Intersects on the register's outlines, which decides less). Medians and their ratio.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from zones_api.app import configure_logging, create_app, utc_now
from zones_api.domain.altitude import Height, HeightRange, VerticalReference
from zones_api.domain.applicability import Window
from zones_api.domain.flight import flight, location
from zones_api.embedded import running
from zones_api.following import Following, read_snapshot
from zones_api.formats.document import read_document
from zones_api.formats.territories import read_territories
from zones_api.publishing import Submission, import_documents
from zones_api.store.migrating import migrate
from zones_api.store.register import open_register

ROOT = Path(__file__).resolve().parent.parent
UP_TO_50_M = HeightRange(upper=Height(50.0, VerticalReference.AGL))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON)


def median_us(ask: Callable[[tuple[float, float]], object], places: list[tuple[float, float]]) -> float:
    """Return the median time of asking about each place, in microseconds."""
    times = []
    for place in places:
        before = time.perf_counter()
        ask(place)
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1e6


def from_postgis(connection: Connection, place: tuple[float, float]) -> object:
    """Ask the register's outlines which zones may be met at a place."""
    query = (
        "SELECT v.country, v.identifier FROM zone_slice s JOIN zone_version v ON v.id = s.zone_version_id"
        " WHERE ST_Intersects(s.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) AND upper_inf(s.known)"
    )
    return connection.execute(text(query), {"lon": place[0], "lat": place[1]}).all()


def main(file: Path, rounds: int) -> None:
    """Print the table."""
    configure_logging("warning")
    pick = random.Random(1)
    places = [(pick.uniform(3.6, 6.8), pick.uniform(51.4, 53.2)) for _ in range(rounds)]
    legs = [
        tuple((lon + pick.uniform(-0.1, 0.1), lat + pick.uniform(-0.05, 0.05)) for _ in range(10))
        for lon, lat in places
    ]
    data = file.read_bytes()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder) / "postgis") as url:
            engine = open_register(url)
            migrate(engine, ROOT / "migrations")
            before = time.perf_counter()
            document = read_document(data)
            read = time.perf_counter()
            import_documents(engine, [Submission("measured", file.name, data, document)], utc_now)
            taken = time.perf_counter()
            snapshot = read_snapshot(engine, read_territories(ROOT / "geodata"))
            loaded = time.perf_counter()
            client = TestClient(create_app(Following(snapshot, utc_now())))
            address = "/v1/status?max_height=50&reference=AGL"
            with engine.connect() as connection:
                memory = median_us(lambda p: snapshot.answer(location(p, UP_TO_50_M, WINDOW)), places)
                postgis = median_us(lambda p: from_postgis(connection, p), places)
            web = median_us(lambda p: client.get(f"{address}&lon={p[0]}&lat={p[1]}"), places)
            flights = iter(legs)
            checks = median_us(
                lambda _: snapshot.answer(flight(next(flights), UP_TO_50_M, WINDOW, 30.0)), places
            )
            engine.dispose()
    print(f"{len(document.zones)} zones, {rounds} places; medians")
    print(f"  reading the document              {(read - before) * 1e3:10.0f} ms")
    print(f"  writing it to the register        {(taken - read) * 1e3:10.0f} ms")
    print(f"  loading the snapshot              {(loaded - taken) * 1e3:10.0f} ms")
    print(f"  a location, from memory           {memory:10.0f} us")
    print(f"  ST_Intersects in PostGIS          {postgis:10.0f} us   ({postgis / memory:.1f} times that)")
    print(f"  GET /v1/status, in process        {web:10.0f} us")
    print(f"  a flight of 9 legs, 30 m buffer   {checks:10.0f} us")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500)

"""What goes into the register comes out the same, and PostGIS agrees with the engine about where zones are."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from tests.documents import circle, collection, feature
from zones_api.domain.overlap import meets, point
from zones_api.domain.territory import Territories
from zones_api.domain.truth import NO
from zones_api.following import read_snapshot
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOLE = [[5.25, 52.03], [5.25, 52.07], [5.35, 52.07], [5.35, 52.03], [5.25, 52.03]]


def document() -> bytes:
    shell = feature()["geometry"]["coordinates"][0]
    ringed = feature()["geometry"] | {"coordinates": [shell, HOLE]}
    return collection(
        feature("RING", geometry=ringed),
        feature("DISC", geometry=circle(5.3, 52.05, 1500)),
        feature("BIG", geometry=circle(5.0, 52.3, 60_000)),
        feature("DATELINE", geometry=circle(179.9, 10.0, 50_000)),
        provider=[{"text": "Ons", "lang": "nl-NL"}],
        issued="2026-11-01T00:00:00+01:00",
        validTo="2027-01-01T00:00:00Z",
        technicalLimitations=[{"text": "Not for navigation.", "lang": "en-GB"}],
    )


def test_zones_and_metadata_come_out_as_they_went_in(engine: Engine) -> None:
    data = document()
    read = read_document(data)

    import_documents(engine, [Submission("ours", "ours.json", data, read)], lambda: NOON)
    snapshot = read_snapshot(engine, Territories())

    assert {p.zone.identifier: p.zone for p in snapshot.zones} == {
        z.zone.identifier: z.zone for z in read.zones
    }
    assert {p.version for p in snapshot.zones} == {z.version for z in read.zones}
    data_set = snapshot.data_sets[0]
    assert (data_set.issued, data_set.valid_to) == (read.metadata.issued, read.metadata.valid_to)
    assert (data_set.provider, data_set.limitations) == (read.metadata.provider, read.metadata.limitations)
    assert (data_set.digest, data_set.received_at, data_set.revision) == (read.digest, NOON, 1)


def test_postgis_finds_every_zone_that_the_engine_says_is_met(engine: Engine) -> None:
    data = document()
    import_documents(engine, [Submission("ours", "ours.json", data, read_document(data))], lambda: NOON)
    zones = read_snapshot(engine, Territories()).zones
    pick = random.Random(8318)
    places = [(pick.uniform(4.9, 5.6), pick.uniform(51.9, 52.4)) for _ in range(400)]
    places += [(5.2, 52.05), (5.25, 52.05), (5.3, 52.05), (5.3, 52.0), (179.9, 10.2)]

    with engine.connect() as connection:
        for lon, lat in places:
            found = connection.execute(
                text(
                    "SELECT identifier FROM zone_slice"
                    " WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
                ),
                {"lon": lon, "lat": lat},
            ).scalars()
            met = {
                p.zone.identifier
                for p in zones
                if any(meets(point(lon, lat), shape) != NO for shape in p.zone.volumes[0].footprints)
            }
            extra = set(found)

            assert met <= extra, (lon, lat)
            # An outline covers its disc and little more; a polygon is itself.
            assert extra - met <= {"BIG", "DISC", "DATELINE"}

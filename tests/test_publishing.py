"""Documents become revisions, and nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from tests.documents import circle, collection, feature
from tests.formats.national import finland, written
from zones_api.domain.spans import END
from zones_api.domain.territory import Territories
from zones_api.domain.zone import PublishedZone
from zones_api.errors import DocumentRefused
from zones_api.following import Following, catch_up, read_snapshot
from zones_api.formats.document import read_document
from zones_api.publishing import ImportResult, Submission, import_documents
from zones_api.snapshot import Snapshot
from zones_api.store.register import load, reading, size

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def taken(engine: Engine, data: bytes, data_set: str = "ours", **options: bool) -> ImportResult:
    submission = Submission(data_set, f"{data_set}.json", data, read_document(data), **options)
    return import_documents(engine, [submission], lambda: NOON)


def snapshot_of(engine: Engine) -> Snapshot:
    return read_snapshot(engine, Territories())


def identifiers(engine: Engine) -> list[str]:
    """Return what applies until further notice."""
    return [published.zone.identifier for published in lasting(engine)]


def lasting(engine: Engine) -> list[PublishedZone]:
    return [published for published in snapshot_of(engine).zones if published.valid[1] == END]


def test_an_import_is_one_revision_with_all_its_zones(engine: Engine) -> None:
    documents = [collection(feature("A"), feature("B")), collection(feature("C"))]
    submissions = [
        Submission(f"d{i}", "f.json", data, read_document(data)) for i, data in enumerate(documents)
    ]

    result = import_documents(engine, submissions, lambda: NOON)

    assert (result.revision, result.is_new) == (1, True)
    assert [imported.added for imported in result.documents] == [2, 1]
    assert identifiers(engine) == ["A", "B", "C"]


def test_the_same_file_again_changes_nothing(engine: Engine) -> None:
    data = collection(feature("A"), feature("B"))
    taken(engine, data)

    again = taken(engine, data)

    assert (again.revision, again.is_new) == (1, False)
    assert again.documents[0].unchanged == 2
    assert snapshot_of(engine).revision == 1


def test_the_same_file_in_another_dialect_is_read_anew_and_the_past_stays_as_it_was(engine: Engine) -> None:
    data = written(finland())
    for dialect in ("ed269", "ed269-finland"):
        submission = Submission("ours", "f.json", data, read_document(data, dialect=dialect))
        result = import_documents(engine, [submission], lambda: NOON)
        following = snapshot_of(engine)
        assert [data_set.format for data_set in following.data_sets] == [dialect]

    assert (result.revision, result.documents[0].changed) == (2, 2)
    sites = {
        each.format: each.zone.authorities[0].site_url
        for each in following.zones
        if each.zone.identifier == "EFXXUAS1"
    }
    assert sites == {"ed269": None, "ed269-finland": "https://example.org/uas"}


def test_a_service_that_follows_reads_a_zone_anew_in_another_dialect(engine: Engine) -> None:
    data, following = written(finland()), Following()
    for dialect in ("ed269", "ed269-finland"):
        submission = Submission("ours", "f.json", data, read_document(data, dialect=dialect))
        import_documents(engine, [submission], lambda: NOON)
        catch_up(engine, Territories(), following, lambda: NOON)

    assert following.snapshot is not None
    now = [each for each in following.snapshot.zones if each.valid[1] == END]
    assert [each.zone.authorities[0].site_url for each in now] == ["https://example.org/uas", None]


def test_a_new_version_adds_changes_and_withdraws(engine: Engine) -> None:
    taken(engine, collection(feature("A"), feature("B"), feature("C")))

    result = taken(engine, collection(feature("A"), feature("B", type="CONDITIONAL"), feature("D")))

    imported = result.documents[0]
    assert (imported.added, imported.changed, imported.removed, imported.unchanged) == (1, 1, 1, 1)
    assert identifiers(engine) == ["A", "B", "D"]
    assert snapshot_of(engine).revision == 2


def test_what_was_known_before_stays_written(engine: Engine) -> None:
    taken(engine, collection(feature("A")))
    taken(engine, collection(feature("A", type="CONDITIONAL")))

    with engine.connect() as connection:
        known = connection.execute(text("SELECT known::text FROM zone_slice ORDER BY id")).scalars().all()

    assert known == ["[1,2)", "[2,)", "[2,)"]


def test_two_versions_of_a_zone_cannot_be_in_force_at_once(engine: Engine) -> None:
    taken(engine, collection(feature("A")))

    with (
        engine.connect() as connection,
        pytest.raises(Exception, match="ex_zone_slice_one_version_at_a_time"),
    ):
        connection.execute(
            text(
                "INSERT INTO zone_slice (zone_version_id, data_set_id, country, identifier, occurrence, valid, known, geom)"
                " SELECT zone_version_id, data_set_id, country, identifier, occurrence, valid, '[5,)', geom FROM zone_slice"
            )
        )


def test_a_document_of_one_data_set_leaves_the_others_alone(engine: Engine) -> None:
    taken(engine, collection(feature("A")), "one")
    taken(engine, collection(feature("A")), "two")

    taken(engine, collection(feature("B")), "two")

    assert [(p.data_set, p.zone.identifier) for p in lasting(engine)] == [
        ("one", "A"),
        ("two", "B"),
    ]


def test_a_zone_set_aside_keeps_its_last_good_version(engine: Engine) -> None:
    taken(engine, collection(feature("A", geometry=circle(4.5, 52.0, 500)), feature("B")))

    broken = {"type": "Polygon", "coordinates": "lost"}
    result = taken(engine, collection(feature("A", geometry=broken), feature("B")))

    assert result.documents[0].removed == 0
    assert identifiers(engine) == ["A", "B"]
    set_aside = snapshot_of(engine).data_sets[0].quarantined
    assert [zone.identifier for zone in set_aside] == ["A"]
    west, south, east, north = set_aside[0].bounds or (0, 0, 0, 0)
    assert west < 4.5 < east
    assert south < 52.0 < north
    assert set_aside[0].defects


def test_a_document_with_far_fewer_zones_is_held(engine: Engine) -> None:
    ten = [feature(f"Z{number}") for number in range(10)]
    taken(engine, collection(*ten))

    with pytest.raises(DocumentRefused, match="held"):
        taken(engine, collection(*ten[:6]))

    assert snapshot_of(engine).revision == 1
    assert taken(engine, collection(*ten[:7])).revision == 2
    assert taken(engine, collection(*ten[:1]), accept_fewer_zones=True).revision == 3


def test_a_refused_document_writes_nothing_of_the_others(engine: Engine) -> None:
    ten = collection(*[feature(f"Z{number}") for number in range(10)])
    taken(engine, ten, "ten")
    both = [("new", collection(feature("N"))), ("ten", collection(feature("Z0")))]
    submissions = [Submission(name, "f.json", data, read_document(data)) for name, data in both]

    with pytest.raises(DocumentRefused):
        import_documents(engine, submissions, lambda: NOON)

    assert snapshot_of(engine).revision == 1
    assert len(identifiers(engine)) == 10


def test_two_zones_with_one_identifier_both_count(engine: Engine) -> None:
    taken(engine, collection(feature("A"), feature("A", type="CONDITIONAL"), feature("A")))

    types = sorted(published.zone.published_type for published in snapshot_of(engine).zones)

    assert types == ["CONDITIONAL", "PROHIBITED"]


def test_times_of_revisions_rise_even_when_the_clock_does_not(engine: Engine) -> None:
    for number, moment in enumerate([NOON, NOON, NOON - timedelta(hours=1)]):
        data = collection(feature(f"Z{number}"))
        import_documents(
            engine,
            [Submission("ours", "f.json", data, read_document(data), True)],
            lambda moment=moment: moment,
        )

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT number, published_at FROM revision ORDER BY number")).all()

    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[0].published_at < rows[1].published_at < rows[2].published_at


def test_the_publishers_bytes_are_kept(engine: Engine) -> None:
    data = b"\xef\xbb\xbf" + collection(feature("A"))
    taken(engine, data)

    with engine.connect() as connection:
        kept = connection.execute(text("SELECT content FROM document")).scalar_one()

    assert bytes(kept) == data


def test_an_older_document_can_be_imported_again(engine: Engine) -> None:
    first, second = collection(feature("A")), collection(feature("A", type="CONDITIONAL"))
    taken(engine, first)
    taken(engine, second)

    result = taken(engine, first)

    assert (result.revision, result.documents[0].changed) == (3, 1)
    assert snapshot_of(engine).zones[0].zone.published_type == "PROHIBITED"


def test_a_zone_set_aside_without_a_country_keeps_its_last_good_version_too(engine: Engine) -> None:
    nameless, broken = feature("A"), feature("A", geometry=None)
    for value in (nameless, broken):
        del value["properties"]["country"]
    taken(engine, collection(nameless, feature("B")))

    result = taken(engine, collection(broken, feature("B")))

    assert result.documents[0].removed == 0
    assert identifiers(engine) == ["B", "A"]


def test_the_bounds_of_a_zone_set_aside_hold_its_last_good_version_and_what_can_be_read(
    engine: Engine,
) -> None:
    taken(engine, collection(feature("A", geometry=circle(4.5, 52.0, 500)), feature("B")))
    half = {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], [5.1, "?"], [5, 52]]]}

    taken(engine, collection(feature("A", geometry=half), feature("B")))

    bounds = snapshot_of(engine).data_sets[0].quarantined[0].bounds
    assert bounds is not None
    assert bounds[0] < 4.5
    assert bounds[2] >= 5.1


def test_a_zone_that_a_later_document_drops_or_changes_still_applied_before(engine: Engine) -> None:
    days = [NOON + timedelta(days=number) for number in (0, 10, 20)]
    documents = [("A", "B"), ("B",), ("A", "B")]
    for day, names in zip(days, documents, strict=True):
        message = [{"text": f"of day {day.day}", "lang": "en-GB"}]
        data = collection(*(feature(name, message=message) for name in names))
        submission = Submission("ours", "zones.json", data, read_document(data), accept_fewer_zones=True)
        import_documents(engine, [submission], lambda day=day: day)

    with reading(engine) as connection:
        zones = load(connection).zones

    def at(day: datetime) -> list[tuple[str, str]]:
        return [(z.zone.identifier, z.zone.message[0].text) for z in zones if z.valid[0] <= day <= z.valid[1]]

    first, second, third = (f"of day {day.day}" for day in days)
    assert at(days[0] - timedelta(days=300)) == [("A", first), ("B", first)]
    assert at(days[1] - timedelta.resolution) == [("A", first), ("B", first)]
    assert at(days[1]) == [("B", second)]
    assert at(days[2]) == [("A", third), ("B", third)]


def test_the_registers_size_is_that_of_what_applies_from_now_on(engine: Engine) -> None:
    taken(engine, collection(feature("A"), feature("B"), feature("C")))
    with reading(engine) as connection:
        three = size(connection, NOON)

    taken(engine, collection(feature("A"), feature("B")))
    with reading(engine) as connection:
        before, after = (size(connection, NOON + timedelta(seconds=second)) for second in (-1, 1))

    assert three[0] == before[0] == 3
    assert after == (2, pytest.approx(three[1] * 2 / 3))

"""What was published stays as it was: in both times, in the chain of hashes, and against the service itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.authority import COVERAGE, Bench, asserting
from tests.documents import collection, feature
from tests.registers import database
from zones_api.domain.spans import BEGINNING, END, Span
from zones_api.domain.timeslices import Slice, cut
from zones_api.formats import strict_json
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.store import ledger, schema
from zones_api.store.ledger import Change, DataSetChange
from zones_api.store.migrating import migrate
from zones_api.store.register import as_service, load, open_register, reading, writing

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FACTS = (
    "revision document data_set data_set_version zone_version quarantine"
    " draft_version review publication confirmation signed_head refusal"
)
WRITTEN_BY_THE_SERVICE = [*FACTS.split(), "zone_slice", "draft", "idempotency"]


@pytest.fixture
def superuser(register_url: str) -> Iterator[Engine]:
    made = create_engine(make_url(register_url).set(username="postgres"))
    yield made
    made.dispose()


def take(engine: Engine, *identifiers: str, reason: str = "a") -> None:
    data = collection(*(feature(name) for name in identifiers), name=reason)
    submission = Submission("ours", "zones.json", data, read_document(data), accept_fewer_zones=True)
    import_documents(engine, [submission], lambda: NOW)


def assertion(name: str, valid: Span, message: str) -> Change:
    """Return the change that makes a zone with a message apply over a span."""
    raw = feature(name, message=[{"text": message, "lang": "en-GB"}])
    zone = read_document(collection(raw)).zones[0].zone
    return Change("own", "NLD", name, valid=valid, zone=zone, content=strict_json.canonical([raw]))


def publish(engine: Engine, *changes: Change) -> int:
    with writing(engine) as connection:
        opening = ledger.open_revision(connection, NOW)
        data_set = DataSetChange("own", "own", {}, [], 0)
        ledger.write_revision(connection, opening, "a test", [data_set], changes, {"kind": "publication"})
    return opening.number


def known(engine: Engine, revision: int, at: datetime) -> list[str]:
    """Return the messages of what applied at a moment, as known at a revision."""
    with reading(engine) as connection:
        contents = load(connection, revision=revision)
    return sorted(p.zone.message[0].text for p in contents.zones if p.valid[0] <= at <= p.valid[1])


def hours(start: int | None, end: int | None) -> Span:
    """Return the span between two hours, its end not included."""
    return (
        BEGINNING if start is None else NOW + timedelta(hours=start),
        END if end is None else NOW + timedelta(hours=end) - timedelta.resolution,
    )


def test_a_correction_of_the_past_changes_nothing_that_was_known_before_it(engine: Engine) -> None:
    first = publish(engine, assertion("A", hours(-10, None), "5 km"))
    corrected = publish(engine, assertion("A", hours(-5, -1), "6 km"))
    then = NOW - timedelta(hours=3)

    assert known(engine, first, then) == ["5 km"]
    assert known(engine, corrected, then) == ["6 km"]
    assert known(engine, corrected, NOW - timedelta(hours=7)) == ["5 km"]
    assert known(engine, corrected, NOW) == ["5 km"]
    assert known(engine, corrected, NOW - timedelta(hours=1)) == ["5 km"]
    assert known(engine, corrected, NOW - timedelta(hours=11)) == []


def test_a_withdrawal_ends_a_zone_from_its_moment_on_and_not_before(engine: Engine) -> None:
    publish(engine, assertion("A", hours(-10, None), "here"))
    withdrawn = publish(engine, Change("own", "NLD", "A", valid=hours(0, None)))

    assert known(engine, withdrawn, NOW - timedelta.resolution) == ["here"]
    assert known(engine, withdrawn, NOW) == []
    assert known(engine, withdrawn - 1, NOW) == ["here"]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 8), st.one_of(st.none(), st.integers(1, 6))),
        min_size=1,
        max_size=8,
    )
)
def test_slices_say_what_a_plain_list_of_changes_says(changes: list[tuple[bool, int, int | None]]) -> None:
    slices: list[Slice[int]] = []
    facts: list[tuple[Span, int | None]] = []
    for number, (asserts, start, length) in enumerate(changes):
        span = hours(start, None if length is None else start + length)
        facts.append((span, number if asserts else None))
        ended, left = cut(slices, span)
        slices = [each for each in slices if each not in ended] + left
        slices += [Slice(number, span)] if asserts else []

        for hour in range(-1, 18):
            for at in (NOW + timedelta(hours=hour), NOW + timedelta(hours=hour) - timedelta.resolution):
                newest = [what for valid, what in facts if valid[0] <= at <= valid[1]][-1:]
                expected = [what for what in newest if what is not None]
                assert [each.what for each in slices if each.valid[0] <= at <= each.valid[1]] == expected


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.booleans(), st.integers(-4, 4), st.sampled_from([None, 1, 3])),
        min_size=2,
        max_size=6,
    )
)
def test_no_past_answer_ever_changes(
    register_of_one_example: Any, changes: list[tuple[str, bool, int, int | None]]
) -> None:
    with register_of_one_example() as engine:
        facts: list[tuple[str, Span, str | None]] = []
        said: dict[tuple[int, int], list[str]] = {}
        for name, asserts, start, length in changes:
            span, message = hours(start, None if length is None else start + length), f"number {len(facts)}"
            change = assertion(name, span, message) if asserts else Change("own", "NLD", name, valid=span)
            revision = publish(engine, change)
            facts.append((name, span, message if asserts else None))

            for hour in (-5, -1, 0, 2, 9):
                at = NOW + timedelta(hours=hour)
                expected = []
                for each in "AB":
                    last = [m for n, valid, m in facts if n == each and valid[0] <= at <= valid[1]][-1:]
                    expected += [message for message in last if message is not None]
                said[revision, hour] = sorted(expected)
        for (revision, hour), expected in said.items():
            assert known(engine, revision, NOW + timedelta(hours=hour)) == expected


def test_each_revision_has_a_record_chained_to_the_one_before(engine: Engine) -> None:
    take(engine, "A", "B")
    take(engine, "A", "C")
    publish(engine, assertion("X", hours(0, None), "own"))

    with reading(engine) as connection:
        rows = connection.execute(text("SELECT number, record, hash FROM revision ORDER BY number")).all()

    previous = None
    for row in rows:
        record = json.loads(row.record)
        assert hashlib.sha256(row.record).hexdigest() == row.hash
        assert (record["revision"], record["previous"]) == (row.number, previous)
        previous = row.hash
    assert [c["identifier"] for c in json.loads(rows[1].record)["changes"]] == ["B", "C"]
    assert [c["content"] is None for c in json.loads(rows[1].record)["changes"]] == [True, False]


MAY = {
    ("zones_app", "draft", "UPDATE"),
    ("zones_app", "export_identifier", "INSERT"),
    ("zones_app", "feed", "INSERT"),
    ("zones_app", "feed", "UPDATE"),
    ("zones_app", "police_look", "INSERT"),
    ("zones_app", "police_case", "INSERT"),
    *(("zones_app", table, "INSERT") for table in WRITTEN_BY_THE_SERVICE),
    *(
        ("zones_app", table, "SELECT")
        for table in sorted({*schema.metadata.tables} - {"police_look", "police_case"})
    ),
    ("zones_police_log", "police_look", "SELECT"),
    ("zones_police_log", "police_look", "DELETE"),
    ("zones_police_log", "police_case", "SELECT"),
    ("zones_police_log", "police_case", "DELETE"),
}
"""Everything that a role of the service may do with a table; columns of an UPDATE are tested apart."""


def test_each_role_may_do_with_each_table_what_is_listed_and_nothing_else(superuser: Engine) -> None:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    may = set()
    with superuser.connect() as connection:
        for role in ("zones_app", "zones_police_log"):
            for table in schema.metadata.tables:
                for kind in kinds:
                    held = "table" if kind in ("DELETE", "TRUNCATE") else "any_column"
                    if connection.scalar(
                        text(f"SELECT has_{held}_privilege(:role, :table, :kind)"),
                        {"role": role, "table": table, "kind": kind},
                    ):
                        may.add((role, table, kind))

    assert may == MAY


@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_service_cannot_change_what_was_published(engine: Engine, attack: str) -> None:
    take(engine, "A")
    for table in [*FACTS.split(), "zone_slice"]:
        column = schema.metadata.tables[table].columns.values()[1].name
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(attack.format(table, column, column)))


def test_of_a_draft_the_service_changes_its_state_and_version_alone(superuser: Engine) -> None:
    for column in schema.draft.columns:
        with superuser.connect() as connection:
            connection.execute(text("SET ROLE zones_app"))
            if column.name in ("state", "version"):
                connection.execute(text(f"UPDATE draft SET {column.name} = {column.name} WHERE false"))
            else:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    connection.execute(text(f"UPDATE draft SET {column.name} = {column.name} WHERE false"))


@pytest.mark.parametrize(
    "attack",
    [
        "SET session_replication_role = replica",
        "ALTER TABLE revision DISABLE TRIGGER ALL",
        "SET ROLE zones_owner",
    ],
)
def test_the_service_cannot_put_the_protection_aside(engine: Engine, attack: str) -> None:
    with (
        engine.connect() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(attack))


@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_owner_is_stopped_by_the_triggers(bench: Bench, attack: str) -> None:
    fill_every_table_of_facts(bench)
    for fact in FACTS.split():
        column = schema.metadata.tables[fact].columns.values()[1].name

        with (
            bench.owner.connect() as connection,
            pytest.raises(ProgrammingError, match="never changed"),
        ):
            connection.execute(text(attack.format(fact, column, column)))


def fill_every_table_of_facts(bench: Bench) -> None:
    """Import, set a zone aside, publish, publish in an emergency and confirm it, and be refused something."""
    data = collection(feature("A"), feature("B", geometry={"type": "Polygon", "coordinates": []}))
    import_documents(
        bench.engine, [Submission("ours", "z.json", data, read_document(data))], lambda: bench.now
    )
    bench.published(coverage=COVERAGE)
    until = (bench.now + timedelta(hours=1)).isoformat()
    item = asserting("E", valid={"from": None, "to": until})
    draft = bench.draft(emergency=True, reason="a fire", items=[item])
    assert bench.step("cees", draft, "publication").status_code == 201
    assert bench.step("cees", draft, "confirmation").status_code == 403
    assert bench.step("bram", draft, "confirmation").status_code == 200
    with bench.owner.connect() as connection:
        for fact in FACTS.split():
            assert connection.scalar(text(f"SELECT count(*) FROM {fact}")), fact


def test_only_the_newest_revision_ends_a_slice(engine: Engine) -> None:
    take(engine, "A")
    take(engine, "A", "B")
    with engine.begin() as connection:
        ids = list(connection.execute(text("SELECT id FROM zone_slice")).scalars())

        for at in (1, 3):
            assert connection.scalar(text("SELECT close_slices(:ids, :at)"), {"ids": ids, "at": at}) == 0


def test_a_table_of_the_services_own_is_not_taken_for_the_registers(engine: Engine) -> None:
    take(engine, "A")
    take(engine, "A", "B")
    take(engine, "A", "B", "C")
    with engine.begin() as connection:
        ids = list(connection.execute(text("SELECT id FROM zone_slice")).scalars())
        connection.execute(text("CREATE TEMP TABLE revision AS SELECT 2 AS number"))

        assert connection.scalar(text("SELECT close_slices(:ids, 2)"), {"ids": ids}) == 0


def test_a_live_register_is_upgraded_with_a_record_for_all_it_published(cluster: str) -> None:
    with database(cluster, "live", template=None) as url:
        owner = open_register(url)
        with owner.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            fill_as_the_first_release_did(connection)
            connection.commit()

        assert migrate(owner, MIGRATIONS) is True

        with owner.connect() as connection:
            rows = connection.execute(text("SELECT record, hash FROM revision ORDER BY number")).all()
        records = [json.loads(row.record) for row in rows]
        assert [record["previous"] for record in records] == [None, rows[0].hash]
        assert [
            [(c["identifier"], c["content"] is not None) for c in record["changes"]] for record in records
        ] == [
            [("A", True), ("B", True)],
            [("B", False), ("C", True)],
        ]
        service = open_register(as_service(url))
        take(service, "A", "C", "D", reason="later")
        with reading(service) as connection:
            assert {p.zone.identifier for p in load(connection, revision=1).zones} == {"A", "B"}
            assert {p.zone.identifier for p in load(connection).zones} == {"A", "C", "D"}
        owner.dispose()
        service.dispose()


def fill_as_the_first_release_did(connection: Connection) -> None:
    """Write two imports with the columns that the first release had: A and B, then A and C."""
    for number in (1, 2):
        connection.execute(
            text(
                "INSERT INTO revision VALUES (:n, CAST('2026-11-01' AS timestamptz) + :n * interval '1 h', 'import')"
            ),
            {"n": number},
        )
        connection.execute(
            text(
                "INSERT INTO document (digest, content, format, file_name, received_at)"
                " VALUES (:d, '{}', 'ED-318', 'a', now())"
            ),
            {"d": f"digest {number}"},
        )
    connection.execute(text("INSERT INTO data_set (key) VALUES ('ours')"))
    connection.execute(
        text(
            "INSERT INTO data_set_version (data_set_id, revision, document_id, metadata, countries, zones)"
            " VALUES (1, 1, 1, '{}', '{NLD}', 2), (1, 2, 2, '{}', '{NLD}', 2)"
        )
    )
    for identifier, since, until in (("A", 1, None), ("B", 1, 2), ("C", 2, None)):
        content = strict_json.canonical([feature(identifier)])
        connection.execute(
            text(
                "WITH v AS (INSERT INTO zone_version (data_set_id, country, identifier, occurrence, revision,"
                " document_id, format, version, content)"
                " VALUES (1, 'NLD', :i, 1, :since, 1, 'ed318', :v, :c) RETURNING id)"
                " INSERT INTO zone_slice (zone_version_id, data_set_id, country, identifier, occurrence, valid,"
                " known, geom) SELECT id, 1, 'NLD', :i, 1, '(,)', int8range(:since, :until),"
                " ST_SetSRID(ST_Point(5, 52), 4326) FROM v"
            ),
            {
                "i": identifier,
                "since": since,
                "until": until,
                "c": content,
                "v": hashlib.sha256(content).hexdigest()[:16],
            },
        )

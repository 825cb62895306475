"""Readings in the register: switched on for a data set, kept, shown beside what is published, never softer."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from typer.testing import CliRunner

from tests.documents import collection, feature
from zones_api.api.answers import answer
from zones_api.cli import app
from zones_api.domain.altitude import Height, HeightRange, Surroundings, VerticalReference
from zones_api.domain.applicability import Window
from zones_api.domain.conditions import required
from zones_api.domain.flight import Operation, location
from zones_api.domain.outcome import Outcome
from zones_api.domain.territory import Territories
from zones_api.domain.zone import CodedCondition, PublishedZone, ReadingRow, ZoneType
from zones_api.errors import NotFound
from zones_api.following import read_snapshot
from zones_api.formats.document import read_document
from zones_api.formats.readings import read_reading, read_reading_file
from zones_api.publishing import Submission, import_documents, switch_reading
from zones_api.snapshot import Snapshot, build_snapshot
from zones_api.store.register import load, reading

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
HERE = (4.5, 52.1)
CLOSED = "Flights in the OPEN category are not allowed here"
TABLE = read_reading(
    {
        "title": "What our texts require",
        "rows": [
            {
                "text": CLOSED,
                "conditions": [{"when": {"category": ["open"]}, "then": {"type": "PROHIBITED"}}],
                "source": "the text itself",
                "reviewed_on": "2026-11-28",
            }
        ],
    }
)
DUTCH = read_reading_file(
    (Path(__file__).parents[1] / "geodata" / "readings" / "netherlands.toml").read_bytes()
)


def read_as(text: str, zone_type: str = "CONDITIONAL") -> bytes:
    return collection(feature("A", type=zone_type, message=[{"text": text, "lang": "en-GB"}]))


def take(engine: Engine, data: bytes, at: datetime = NOON) -> None:
    import_documents(engine, [Submission("ours", "ours.json", data, read_document(data))], lambda: at)


def snapshot_of(engine: Engine) -> Snapshot:
    return read_snapshot(engine, Territories())


def asked(snapshot: Snapshot, operation: Operation) -> Outcome:
    here = snapshot.zones[0].zone.footprints[0].bounds
    place = ((here[0] + here[2]) / 2, (here[1] + here[3]) / 2)
    question = replace(location(place, HeightRange(), Window(LATER, LATER)), operation=operation)
    return snapshot.answer(question).known


def test_a_reading_that_is_switched_on_decides_where_it_is_stricter(engine: Engine) -> None:
    take(engine, read_as(CLOSED))
    before = asked(snapshot_of(engine), Operation(category="open"))

    result = switch_reading(engine, "ours", TABLE, lambda: LATER)

    after = snapshot_of(engine)
    assert (result.revision, result.is_new) == (2, True)
    assert before is Outcome.CONDITIONAL
    assert asked(after, Operation(category="open")) is Outcome.PROHIBITED
    assert asked(after, Operation()) is Outcome.PROHIBITED
    assert asked(after, Operation(category="specific")) is Outcome.CONDITIONAL


def test_a_text_that_differs_by_a_letter_stays_as_it_is_published(engine: Engine) -> None:
    take(engine, read_as(CLOSED + "."))

    switch_reading(engine, "ours", TABLE, lambda: LATER)

    assert asked(snapshot_of(engine), Operation(category="open")) is Outcome.CONDITIONAL


def test_an_answer_shows_what_is_published_and_what_it_is_read_as(engine: Engine) -> None:
    take(engine, read_as(CLOSED))
    switch_reading(engine, "ours", TABLE, lambda: LATER)
    snapshot = snapshot_of(engine)
    here = snapshot.zones[0].zone.footprints[0].bounds
    place = ((here[0] + here[2]) / 2, (here[1] + here[3]) / 2)

    said = answer(
        snapshot.answer(location(place, HeightRange(), Window(LATER, LATER))), snapshot, LATER, LATER
    )

    zone = said.assessment.zones[0]
    assert (zone.published_type, zone.outcome_as_published, zone.outcome) == (
        "CONDITIONAL",
        "CONDITIONAL",
        "PROHIBITED",
    )
    assert [(row.text, row.source, str(row.reviewed_on)) for row in zone.reading] == [
        (CLOSED, "the text itself", "2026-11-28")
    ]
    assert zone.reading[0].conditions == [{"when": {"category": ["open"]}, "then": {"type": "PROHIBITED"}}]
    assert said.assessment.data_sets[0].reading == "What our texts require"


def test_a_later_document_is_read_with_the_same_table(engine: Engine) -> None:
    take(engine, read_as("Something else"))
    switch_reading(engine, "ours", TABLE, lambda: NOON)

    take(engine, read_as(CLOSED), NOON + timedelta(days=1))

    assert asked(snapshot_of(engine), Operation(category="open")) is Outcome.PROHIBITED


def test_switched_off_the_texts_are_as_published_and_the_past_stays_as_it_was(engine: Engine) -> None:
    take(engine, read_as(CLOSED))
    switch_reading(engine, "ours", TABLE, lambda: LATER)

    result = switch_reading(engine, "ours", None, lambda: LATER)

    with reading(engine) as connection:
        then = load(connection, revision=2)
    past = build_snapshot(then.zones, then.data_sets, Territories(), then.revision, then.published_at)
    assert result.revision == 3
    assert asked(snapshot_of(engine), Operation(category="open")) is Outcome.CONDITIONAL
    assert asked(past, Operation(category="open")) is Outcome.PROHIBITED


def test_the_same_table_again_changes_nothing(engine: Engine) -> None:
    take(engine, read_as(CLOSED))
    switch_reading(engine, "ours", TABLE, lambda: LATER)

    again = switch_reading(engine, "ours", TABLE, lambda: LATER)

    assert (again.revision, again.is_new) == (2, False)


def test_a_table_makes_no_document_younger(engine: Engine) -> None:
    take(engine, read_as("An older text"), NOON - timedelta(days=1))
    take(engine, read_as(CLOSED))

    switch_reading(engine, "ours", TABLE, lambda: LATER)

    data_set = snapshot_of(engine).data_sets[0]
    assert data_set.received_at == NOON
    assert data_set.revision == 3


def test_a_data_set_that_is_not_mirrored_here_has_no_reading(engine: Engine) -> None:
    with pytest.raises(NotFound, match="no mirrored data set 'theirs'"):
        switch_reading(engine, "theirs", TABLE, lambda: NOON)


conditions = st.builds(
    CodedCondition,
    then=st.sampled_from(ZoneType),
    then_max_height_m=st.sampled_from([None, 30.0, 60.0]),
    category=st.sampled_from([None, frozenset({"open"}), frozenset({"open", "specific"})]),
    subcategory=st.sampled_from([None, frozenset({"A1", "A2"})]),
    max_height_m=st.sampled_from([None, 50.0]),
)


@given(
    zone_type=st.sampled_from([*ZoneType, None]),
    coded=st.lists(conditions, max_size=2),
    rows=st.lists(st.lists(conditions, min_size=1, max_size=3), max_size=2),
    operation=st.builds(
        Operation,
        category=st.sampled_from([None, "open", "specific"]),
        subcategory=st.sampled_from([None, "A1", "A3"]),
    ),
    top_m=st.sampled_from([None, 0.0, 30.0, 45.0, 120.0]),
)
def test_a_reading_never_softens(zone_type, coded, rows, operation, top_m):
    published = read_document(read_as(CLOSED)).published_as("ours")[0]
    zone = replace(published.zone, type=zone_type, coded_conditions=tuple(coded))
    heights = HeightRange(upper=None if top_m is None else Height(top_m, VerticalReference.AGL))
    table = tuple(ReadingRow(CLOSED, tuple(row), "by hand", NOON.date()) for row in rows)

    plain, read = (
        required(PublishedZone(zone, "ours", "0", reading=reading), operation, heights, Surroundings())
        for reading in ((), table)
    )

    assert read >= plain


@pytest.mark.skipif("ZONES_SAMPLE_DATA" not in os.environ, reason="needs real files: set ZONES_SAMPLE_DATA")
def test_every_conditional_zone_of_the_dutch_document_has_a_row():
    data = (Path(os.environ["ZONES_SAMPLE_DATA"]) / "feeds" / "netherlands.ed269.json").read_bytes()

    zones = [read.zone for read in read_document(data).zones]

    with_row = {zone.type for zone in zones if DUTCH.of(zone)}
    assert with_row == {ZoneType.CONDITIONAL}
    assert sum(bool(DUTCH.of(zone)) for zone in zones) == 713


@pytest.mark.parametrize(
    ("subcategory", "top_m", "expected"),
    [
        ("A1", 30.0, Outcome.CONDITIONAL),
        ("A2", 30.5, Outcome.PROHIBITED),
        ("A3", 10.0, Outcome.PROHIBITED),
        (None, 10.0, Outcome.PROHIBITED),
    ],
)
def test_the_low_flying_routes_are_open_to_a1_and_a2_up_to_30_m(subcategory, top_m, expected):
    row = next(row for row in DUTCH.rows if "max 30m" in row.text)
    zone = read_document(read_as(row.text)).published_as("ours")[0].zone
    published = PublishedZone(zone, "ours", "0", reading=DUTCH.of(zone))

    outcome = required(
        published,
        Operation(category="open", subcategory=subcategory),
        HeightRange(upper=Height(top_m, VerticalReference.AGL)),
        Surroundings(),
    )

    assert outcome is expected


def test_the_command_line_lists_the_tables_it_has(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["reading", "on", "ours", "nowhere"])

    assert "netherlands" in str(result.exception)

"""Readings: what can be said in a table, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from zones_api.domain.zone import CodedCondition, ZoneType
from zones_api.errors import InvalidInput
from zones_api.formats.readings import read_reading, read_reading_file, reading_to_json

ROW = {
    "text": "No open category here.",
    "conditions": [{"when": {"category": ["open"]}, "then": {"type": "PROHIBITED"}}],
    "source": "the text itself",
    "reviewed_on": "2026-11-28",
}


def test_a_table_says_its_texts_conditions_sources_and_dates():
    reading = read_reading({"title": "Ours", "rows": [ROW]})

    row = reading.rows[0]
    assert (reading.title, row.text, row.source) == ("Ours", "No open category here.", "the text itself")
    assert row.reviewed_on == date(2026, 11, 28)
    assert row.conditions == (CodedCondition(ZoneType.PROHIBITED, category=frozenset({"open"})),)


def test_what_the_register_keeps_reads_back_the_same():
    conditions = [
        {
            "when": {
                "category": ["open"],
                "subcategory": ["A1", "A2"],
                "uas_class": ["C0", "none"],
                "max_takeoff_mass_g": 250,
                "vlos": False,
                "max_height_m": 50,
            },
            "then": {"type": "CONDITIONAL", "max_height_m": 30},
        },
        {"when": {}, "then": {"type": "REQ_AUTHORIZATION"}},
    ]
    reading = read_reading({"title": "Ours", "rows": [ROW | {"conditions": conditions}]})

    kept = reading_to_json(reading)

    assert read_reading(kept) == reading
    assert kept["rows"][0]["reviewed_on"] == "2026-11-28"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"text": " "}, "/rows/0/text"),
        ({"text": 7}, "/rows/0/text"),
        ({"source": None}, "/rows/0/source"),
        ({"reviewed_on": "28 November"}, "/rows/0/reviewed_on"),
        ({"reviewed_on": None}, "/rows/0/reviewed_on"),
        ({"conditions": []}, "/rows/0/conditions"),
        ({"conditions": [{"when": {}, "then": {"type": "FORBIDDEN"}}]}, "/rows/0/conditions/0/then/type"),
        (
            {"conditions": [{"when": {"category": ["oepn"]}, "then": {"type": "PROHIBITED"}}]},
            "/rows/0/conditions/0/when/category",
        ),
        ({"remark": "softer"}, "/rows/0/remark"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_whole_table(change, pointer):
    with pytest.raises(InvalidInput) as refused:
        read_reading({"title": "Ours", "rows": [ROW | change]})

    assert pointer in [defect.pointer for defect in refused.value.defects]
    assert refused.value.detail.startswith("The reading was refused: ")


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], "/title"),
        ({"rows": [ROW]}, "/title"),
        ({"title": "Ours", "rows": []}, "/rows"),
        ({"title": "Ours", "rows": ["text"]}, "/rows/0"),
        ({"title": "Ours", "rows": [ROW, ROW]}, "/rows/1/text"),
        ({"title": "Ours", "rows": [ROW], "on": True}, "/on"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(value, pointer):
    with pytest.raises(InvalidInput) as refused:
        read_reading(value)

    assert pointer in [defect.pointer for defect in refused.value.defects]


@pytest.mark.parametrize("data", [b"title = ", b"\xff\xfe", b""])
def test_a_file_that_is_no_toml_is_refused(data):
    with pytest.raises(InvalidInput, match="The reading"):
        read_reading_file(data)


def test_the_table_that_comes_with_the_program_can_be_read():
    shipped = Path(__file__).parents[2] / "geodata" / "readings" / "netherlands.toml"

    reading = read_reading_file(shipped.read_bytes())

    assert len(reading.rows) == 3

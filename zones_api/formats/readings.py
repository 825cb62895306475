"""A reading: a reviewed table of what exact published texts mean, as a TOML file and as the register keeps it.

::

    title = "Dutch UAS zones: what their messages require"

    [[rows]]
    text = "Flights in the OPEN category are not allowed here"
    source = "the text itself"
    reviewed_on = 2026-11-28
    conditions = [{when = {category = ["open"]}, then = {type = "PROHIBITED"}}]

`conditions` are written as coded conditions are: the first that fits an operation decides.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from datetime import date
from typing import Any

from zones_api.domain.data_set import Reading
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import CodedCondition, ReadingRow, ZoneType
from zones_api.errors import InvalidInput
from zones_api.formats.conditions import coded_conditions
from zones_api.formats.members import Found, as_text

MAX_ROWS = 1_000
_MEMBERS = {"text", "conditions", "source", "reviewed_on"}


def read_reading_file(data: bytes) -> Reading:
    """Return the reading of a TOML file.

    Raises:
        InvalidInput: If anything in it cannot be read; nothing of a reading is passed over.
    """
    try:
        value = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"The reading is not a TOML file: {error}.") from error
    return read_reading(value)


def read_reading(value: Any) -> Reading:
    """Return a reading from its members; dates may be texts.

    Raises:
        InvalidInput: If anything in it cannot be read; it carries every defect.
    """
    found = Found()
    members = value if isinstance(value, dict) else {}
    for name in sorted(members.keys() - {"title", "rows"}):
        found.stop(Reason.MEMBER_UNKNOWN, f"/{name}", "There is no such member of a reading.")
    title = as_text(members.get("title"))
    if title is None:
        found.stop(Reason.MEMBER_MISSING, "/title", "The reading has no title.")
    given = members.get("rows")
    if not isinstance(given, list) or not 0 < len(given) <= MAX_ROWS:
        found.stop(Reason.MEMBER_MISSING, "/rows", f"A reading has between 1 and {MAX_ROWS} rows.")
        given = []
    rows = [_row(row, found, f"/rows/{number}") for number, row in enumerate(given)]
    texts = [row.text for row in rows if row]
    for number, text in enumerate(texts):
        if text in texts[:number]:
            found.stop(Reason.MEMBER_INVALID, f"/rows/{number}/text", "This text has a row already.")
    if found.defects:
        first = found.defects[0]
        raise InvalidInput(f"The reading was refused: {first.pointer}: {first.detail}", tuple(found.defects))
    assert title is not None
    return Reading(title, tuple(row for row in rows if row))


def reading_to_json(reading: Reading) -> dict[str, Any]:
    """Return a reading as the register keeps it, from which `read_reading` gives the same."""
    rows = [
        {
            "text": row.text,
            "conditions": [condition_to_json(condition) for condition in row.conditions],
            "source": row.source,
            "reviewed_on": row.reviewed_on.isoformat(),
        }
        for row in reading.rows
    ]
    return {"title": reading.title, "rows": rows}


def condition_to_json(condition: CodedCondition) -> dict[str, Any]:
    """Return a coded condition as documents write it."""
    members = asdict(condition)
    then = {"type": condition.then.value, "max_height_m": members.pop("then_max_height_m")}
    del members["then"]
    when = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in members.items()}
    return {"when": _stated(when), "then": _stated(then)}


def _stated(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _row(value: Any, found: Found, at: str) -> ReadingRow | None:
    if not isinstance(value, dict):
        found.stop(Reason.MEMBER_INVALID, at, "A row has a text, conditions, a source and reviewed_on.")
        return None
    for name in sorted(value.keys() - _MEMBERS):
        found.stop(Reason.MEMBER_UNKNOWN, f"{at}/{name}", "There is no such member of a row.")
    text, source = value.get("text"), as_text(value.get("source"))
    if not isinstance(text, str) or not text.strip():
        found.stop(Reason.MEMBER_MISSING, f"{at}/text", "The row does not say which text it reads.")
    if source is None:
        found.stop(
            Reason.MEMBER_MISSING, f"{at}/source", "The row does not say where its meaning comes from."
        )
    reviewed_on = _date(value.get("reviewed_on"))
    if reviewed_on is None:
        found.stop(Reason.MEMBER_INVALID, f"{at}/reviewed_on", "The row does not say when it was reviewed.")
    inside = Found()
    conditions = coded_conditions(
        {"coded_conditions": value.get("conditions")}, ZoneType.CONDITIONAL, inside, at
    )
    for defect in inside.defects:
        found.stop(defect.code, defect.pointer.replace("/coded_conditions", "/conditions"), defect.detail)
    if not conditions and not inside.defects:
        found.stop(Reason.MEMBER_MISSING, f"{at}/conditions", "The row has no conditions.")
    if not isinstance(text, str) or source is None or reviewed_on is None:
        return None
    return ReadingRow(text, conditions, source, reviewed_on)


def _date(value: Any) -> date | None:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

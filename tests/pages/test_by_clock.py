"""Times that keep to the clock, as the page divides a period: against the clock itself and the engine's reading of both."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.documents import collection, feature
from zones_api.domain.applicability import Window, timeline
from zones_api.domain.zone import TimePeriod
from zones_api.formats.document import read_document

DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
PLACE = (5.0, 52.0, 5.0, 52.0)
NIGHT = timedelta(hours=26)


def _divided(asked: list[dict[str, Any]], time_zone: str) -> list[list[dict[str, Any]]]:
    script = Path(__file__).with_name("by_clock.mjs")
    node = Path(sys.executable).with_name("node")
    printed = subprocess.run(
        [node, "--no-warnings", script],
        check=True,
        capture_output=True,
        input=json.dumps(asked).encode(),
        env=os.environ | {"TZ": time_zone},
    )
    made: list[list[dict[str, Any]]] = json.loads(printed.stdout)
    return made


def _periods(limited: list[dict[str, Any]]) -> tuple[TimePeriod, ...]:
    return read_document(collection(feature(limitedApplicability=limited))).zones[0].zone.applicability


def _in_force(periods: tuple[TimePeriod, ...], at: datetime) -> bool:
    return bool(timeline(periods, Window(at, at + timedelta(seconds=1)), PLACE).certain)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("time_zone", ["Europe/Amsterdam", "Europe/London", "Europe/Helsinki"])
def test_divided_times_are_those_of_the_clock_all_year(time_zone: str) -> None:
    roll = random.Random(time_zone)
    asked, meant = [], []
    for _ in range(20):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=roll.randrange(40_000_000))
        rows = [
            {
                "day": [day for day in DAYS if roll.random() < 0.5] or ["ANY"],
                "startTime": f"{roll.randrange(24):02}:{roll.choice((0, 30)):02}:00Z",
                "endTime": f"{roll.randrange(24):02}:00:00Z",
            }
            for _ in range(roll.choice((1, 2)))
        ]
        start = now + timedelta(days=roll.randrange(300))
        end = start + timedelta(days=roll.randrange(200, 1200))
        dates = (
            {"startDateTime": _written(start), "endDateTime": _written(end)} if roll.random() < 0.5 else {}
        )
        asked.append({"period": {**dates, "schedule": rows}, "now": _written(now)})
        meant.append((now, start, end, bool(dates), _periods([{"schedule": rows}])))
    clock = ZoneInfo(time_zone)

    def ahead(at: datetime) -> timedelta:
        return at.astimezone(clock).utcoffset() or timedelta(0)

    tried = 0
    for made, (now, start, end, is_dated, rows_alone) in zip(_divided(asked, time_zone), meant, strict=True):
        assert len(made) > 1
        divided = _periods(made)
        for _ in range(60):
            at = now + timedelta(minutes=roll.randrange(4 * 365 * 1440))
            if ahead(at - NIGHT) != ahead(at + NIGHT):
                continue  # that night has an hour less or more
            if is_dated and not start <= at < end:
                assert not _in_force(divided, at)
                continue
            tried += 1
            assert _in_force(divided, at) == _in_force(rows_alone, at + ahead(at) - ahead(now)), (made, at)
    assert tried > 500


def test_what_has_no_end_goes_on_with_the_times_of_winter_and_of_summer() -> None:
    week = {"schedule": [{"day": ["ANY"], "startTime": "08:00:00Z", "endTime": "16:00:00Z"}]}

    (made,) = _divided([{"period": week, "now": "2026-11-29T00:31:07.751Z"}], "Europe/Amsterdam")

    assert all(each["endDateTime"].endswith("T01:00:00Z") for each in made[:-1])
    assert [each["endDateTime"] for each in made[:-1]] == [each["startDateTime"] for each in made[1:]]
    assert made[-1]["startDateTime"] == "2031-10-26T01:00:00Z"
    periods = _periods(made)
    for month, hour, expected in (
        (7, 7, True),
        (7, 15, True),
        (7, 16, False),
        (7, 6, False),
        (1, 7, True),
        (1, 6, False),
    ):
        at = datetime(2032, month, 7, hour, 30, tzinfo=UTC)
        assert _in_force(periods, at) is expected, at


def test_a_night_in_which_the_clock_changes_has_no_gap() -> None:
    week = {"schedule": [{"day": ["SAT"], "startTime": "21:00:00Z", "endTime": "05:00:00Z"}]}

    (made,) = _divided([{"period": week, "now": "2027-01-15T12:00:00Z"}], "Europe/Amsterdam")

    night = Window(datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC))
    assert timeline(_periods(made), night, PLACE).certain == (
        (datetime(2027, 3, 27, 21, tzinfo=UTC), datetime(2027, 3, 28, 4, tzinfo=UTC)),
    )

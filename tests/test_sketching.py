"""Drawing on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.test_cli import run


@pytest.fixture
def draw(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda *arguments: run(capsys, monkeypatch, "draw", *arguments)


def test_a_block_is_printed_as_geojson_and_its_doubts_beside_it(draw: Any) -> None:
    code, out, err = draw(
        "coordinates", "615742N 0285523E - 615621N 0285922E - 615800N 0290000E", "--country", "fin"
    )

    assert code == 0
    assert json.loads(out)["type"] == "Polygon"
    assert (
        err == "flag: The ring was open; its last point (3) has been joined to its first (1). (RING_CLOSED)\n"
    )


def test_what_stops_a_block_is_said_and_nothing_printed(draw: Any) -> None:
    code, out, err = draw("coordinates", "616142N 0285523E - 615621N 0285922E - 615800N 0290000E")

    assert (code, out) == (1, "")
    assert "61 minutes" in err


@pytest.mark.parametrize("centre", ["EHAM", "52.3086N 4.76389E"])
def test_a_circle_is_drawn_around_a_code_or_a_place(draw: Any, centre: str) -> None:
    code, out, _ = draw("circle", centre, "--radius", "3", "--uom", "NM")

    assert code == 0
    assert json.loads(out)["extent"] == {"subType": "Circle", "radius": 5556.0}
    assert json.loads(out)["coordinates"] == [4.76389, 52.3086]


def test_a_corridor_says_both_widths(draw: Any) -> None:
    code, out, err = draw("corridor", "52.4000N 4.7000E - 52.3000N 4.7600E", "--each-side", "500")

    assert code == 0
    assert json.loads(out)["type"] == "Polygon"
    assert "The corridor is 1000 m wide: 500 m on each side." in err


def test_a_runway_needs_two_points_and_something_to_draw(draw: Any) -> None:
    thresholds = "52.3136N 4.7376E - 52.3185N 4.7778E"

    drawn = draw(
        "runway",
        thresholds,
        "--around",
        "2000",
        "--approach",
        "15000",
        "--half-width",
        "150",
        "--splay",
        "15",
    )
    one_point = draw("runway", "52.3136N 4.7376E", "--around", "2000")
    nothing = draw("runway", thresholds)

    assert drawn[0] == 0
    assert json.loads(drawn[1])["type"] == "Polygon"
    assert (one_point[0], nothing[0]) == (2, 2)
    assert "approach" in nothing[2]

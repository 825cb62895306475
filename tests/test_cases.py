"""Every situation of `tests/cases/*.toml` gets its answer, and the same one from every door.

The doors are the library, the web (`GET` and `POST /v1/status`, `POST /v1/flight-checks`) and the command line
(`zones status`, `zones check`); a few situations also go through the installed program as a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.application import application
from tests.situations import Asked, Case, question, read_cases
from zones_api import cli
from zones_api.api.questions import FlightQuestion, StatusQuestion
from zones_api.domain.assessment import Assessment
from zones_api.domain.territory import Territories
from zones_api.domain.truth import Truth
from zones_api.errors import DocumentRefused
from zones_api.following import Following
from zones_api.formats.document import read_document
from zones_api.snapshot import Snapshot, build_snapshot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CASES = read_cases()
LISTS = ("above", "quarantined", "nearby", "upcoming", "exemption_candidates")
"""Members of an answer that list zones; a case lists their identifiers."""
MILDER_THAN_CONDITIONAL = ("NO_ZONE", "INFORMATION")


def test_there_are_many_cases_and_no_two_have_one_title() -> None:
    titles = [case.title for case in CASES]

    assert len(titles) >= 150
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize(
    "slip",
    [
        'rule = "Because."\nanswers = { verdict = "PROHIBITED" }',
        'answer = { verdict = "PROHIBITED" }',
        'rule = "Because."\nzones = [{ ids = "A" }]\nanswer = { verdict = "PROHIBITED" }',
        'rule = "Because."\nask = { hight = "50 m AGL" }\nanswer = { verdict = "PROHIBITED" }',
        'rule = "Because."\nanswer = { verdict = "PROHIBITED", aplies = ["A"] }',
    ],
)
def test_a_slip_of_the_pen_is_not_taken_for_a_case(slip: str, tmp_path: Path) -> None:
    (tmp_path / "slip.toml").write_text(f'[[case]]\ntitle = "A slip"\n{slip}\n', "utf-8")

    with pytest.raises(ValueError, match="A slip"):
        read_cases(tmp_path)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.theme}: {case.title}") for case in CASES])
def test_the_answer_is_the_rules_at_every_door(
    case: Case,
    territories: Territories,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = _written(case, tmp_path)
    if case.answer.get("refused"):
        _expect_refused(files, capsys, monkeypatch)
        return
    snapshot = _snapshot(files, territories)
    asked = question(case.ask)

    by_library = _from_library(snapshot, asked)
    by_door = {
        **_from_web(snapshot, asked),
        **_from_command_line(files, asked, tmp_path, capsys, monkeypatch),
        **(_from_process(files, asked, tmp_path) if case.real_process else {}),
    }

    expected = _expected(case.answer)
    for assessment in by_library:
        in_words = _in_words(assessment)
        known = in_words.keys() & expected.keys()
        assert {name: in_words[name] for name in known} == {name: expected[name] for name in known}
    for door, said in by_door.items():
        assert _said(said, expected) == expected, door
    first = by_door["POST /v1/flight-checks"]
    for door, said in by_door.items():
        assert said == first, door


# The doors


def _written(case: Case, folder: Path) -> list[Path]:
    files = []
    for name, content in case.files().items():
        file = folder / f"{name}.json"
        file.write_bytes(content)
        files.append(file)
    return files


def _snapshot(files: list[Path], territories: Territories) -> Snapshot:
    documents = {file.stem: read_document(file.read_bytes()) for file in files}
    zones = [zone for key, document in documents.items() for zone in document.published_as(key)]
    data_sets = [document.data_set(key) for key, document in documents.items()]
    return build_snapshot(zones, data_sets, territories)


def _from_library(snapshot: Snapshot, asked: Asked) -> list[Assessment]:
    questions = [FlightQuestion.model_validate_json(json.dumps(asked.body)).question()]
    if asked.status is not None:
        questions.append(StatusQuestion.model_validate_json(json.dumps(asked.status)).question(NOW))
    return [snapshot.answer(each) for each in questions]


def _from_web(snapshot: Snapshot, asked: Asked) -> dict[str, Any]:
    with TestClient(application(Following(snapshot, NOW), lambda: NOW)) as client:
        responses = {"POST /v1/flight-checks": client.post("/v1/flight-checks", json=asked.body)}
        if asked.status is not None:
            responses["GET /v1/status"] = client.get("/v1/status", params=asked.status)
            responses["POST /v1/status"] = client.post("/v1/status", json=asked.status)
    for response in responses.values():
        assert response.status_code == 200, response.text
    return {door: response.json()["assessment"] for door, response in responses.items()}


def _from_command_line(
    files: list[Path],
    asked: Asked,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    said = {}
    for arguments in _commands(files, asked, folder):
        code, out, err = _run(capsys, monkeypatch, arguments)
        assert out, err
        said[f"zones {arguments[0]}"] = _answer_with_its_exit_code(out, code)
    return said


def _from_process(files: list[Path], asked: Asked, folder: Path) -> dict[str, Any]:
    said = {}
    for arguments in _commands(files, asked, folder):
        program = Path(sys.executable).parent / "zones"
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout, done.stderr
        said[f"zones {arguments[0]}, a process"] = _answer_with_its_exit_code(done.stdout, done.returncode)
    return said


def _commands(files: list[Path], asked: Asked, folder: Path) -> Iterable[list[str]]:
    zones = [text for file in files for text in ("--zones", str(file))]
    flight, options = asked.check_options()
    flight_file = folder / "flight.geojson"
    flight_file.write_text(json.dumps(flight), "utf-8")
    yield ["check", str(flight_file), *options, *zones, "--json"]
    if asked.status is not None:
        yield ["status", *asked.status_options(), *zones, "--json"]


def _run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> tuple[int, str, str]:
    capsys.readouterr()  # what the other doors have logged
    monkeypatch.setattr("sys.argv", ["zones", *arguments])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    out, err = capsys.readouterr()
    return int(exit_.value.code or 0), out, err


def _answer_with_its_exit_code(out: str, code: int) -> dict[str, Any]:
    assessment: dict[str, Any] = json.loads(out)["assessment"]
    found_nothing = 0 if assessment["verdict"] == "NO_ZONE_FOUND" else 3
    assert code == (found_nothing if assessment["known"] in MILDER_THAN_CONDITIONAL else 1)
    return assessment


def _expect_refused(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = [text for file in files for text in ("--zones", str(file))]

    with pytest.raises(DocumentRefused):
        read_document(files[0].read_bytes())
    code, out, err = _run(capsys, monkeypatch, ["status", "--lon", "5.3", "--lat", "52.05", *zones])

    assert (code, out) == (2, "")
    assert err.strip().startswith("zones: ")


# What was said, in the words of the cases


def _in_words(assessment: Assessment) -> dict[str, Any]:
    found = [(f.judgement.truth, f.published.zone.identifier) for f in assessment.findings]
    return {
        "verdict": str(assessment.verdict),
        "applies": sorted(identifier for truth, identifier in found if truth is Truth.YES),
        "unknown": sorted(identifier for truth, identifier in found if truth is Truth.UNKNOWN),
        "known": assessment.known.name,
        "possible": assessment.possible.name,
        "complete": assessment.complete,
        "at_least": assessment.at_least,
    }


def _expected(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer must say; lists of zones in order, and nothing where applies or unknown is left out."""
    expected = {"applies": [], "unknown": []} | answer
    lists = {name for name in expected if name in ("applies", "unknown", *LISTS)}
    return expected | {name: sorted(expected[name]) for name in lists}


def _said(assessment: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {name: _member(assessment, name, value) for name, value in expected.items()}


def _member(assessment: dict[str, Any], name: str, expected: Any) -> Any:
    """Return what was said about a member of a case, in the form in which cases say it."""
    zones, missed = assessment["zones"], assessment["not_applicable"]
    match name:
        case "applies" | "unknown":
            word = "yes" if name == "applies" else "unknown"
            return sorted(zone["identifier"] for zone in zones if zone["applies"] == word)
        case _ if name in LISTS:
            return sorted(zone["identifier"] for zone in assessment[name])
        case "not_applicable":
            return {zone["identifier"]: zone["why"] for zone in missed}
        case "outcome" | "legs":
            return {zone["identifier"]: zone[name] for zone in zones if zone["identifier"] in expected}
        case "reasons":
            return [code for code in expected if code in _codes(assessment["reasons"])]
        case "not_reasons":
            return [code for code in expected if code not in _codes(assessment["reasons"])]
        case "zone_reasons":
            return _of_zones(zones, expected, "reasons")
        case "flags":
            return _of_zones([*zones, *missed, *assessment["above"]], expected, "flags")
    return _at(assessment, name.split("."), expected)


def _of_zones(zones: list[Any], expected: dict[str, list[str]], member: str) -> dict[str, list[str]]:
    found = {zone["identifier"]: _codes(zone[member]) for zone in zones}
    return {name: [code for code in codes if code in found[name]] for name, codes in expected.items()}


def _codes(items: list[dict[str, Any]]) -> list[str]:
    return [item["code"] for item in items]


def _at(value: Any, path: list[str], expected: Any) -> Any:
    """Return what stands at a path: members by name, items of a list by number, identifier or code."""
    for step in path:
        if isinstance(value, list) and not step.isdigit():
            value = next(item for item in value if step in (item.get("identifier"), item.get("code")))
        else:
            value = value[int(step) if isinstance(value, list) else step]
    if isinstance(expected, dict) and expected.keys() == {"at_least", "at_most"}:
        return expected if expected["at_least"] <= value <= expected["at_most"] else value
    # TOML has no null.
    return "null" if value is None else value

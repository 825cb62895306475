"""The command line of whoever keeps the register's people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, make_url

from tests.test_cli import run
from zones_api.app import utc_now
from zones_api.domain.people import Action
from zones_api.errors import NotSignedIn
from zones_api.identity import Identity
from zones_api.keys import make_keys, read_keys
from zones_api.store import people
from zones_api.store.register import reading

AREA = {"type": "Polygon", "coordinates": [[[4, 51.5], [6, 51.5], [6, 53], [4, 53], [4, 51.5]]]}


@pytest.fixture
def zones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, register_url: str, secrets: Path
) -> Any:
    """The command line as the owner of a named database."""
    owner = make_url(register_url).set(username="zones_owner").render_as_string()
    monkeypatch.setenv("ZONES_DATABASE_URL", owner)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    return lambda *arguments: run(capsys, monkeypatch, *arguments)


@pytest.fixture
def area(tmp_path: Path) -> Path:
    path = tmp_path / "area.json"
    path.write_text(json.dumps(AREA), "utf-8")
    return path


def test_a_person_is_added_given_a_role_and_a_key_and_loses_them(
    zones: Any, engine: Engine, secrets: Path
) -> None:
    for command in (
        ["organisation", "add", "caa", "The CAA"],
        ["person", "add", "anna", "Anna de Vries"],
        ["person", "grant", "anna", "--organisation", "caa", "--role", "drafter", "--role", "auditor"],
    ):
        code, _, err = zones(*command)
        assert code == 0, err
    code, made, err = zones("token", "create", "anna", "--name", "laptop", "--role", "drafter", "--hours", 2)
    assert (code, "It is not shown again" in err) == (0, True)
    key, identity = made.strip(), Identity(engine, read_keys(secrets))

    caller = identity.caller(key, utc_now())
    listed, tokens = zones("person", "list")[1], zones("token", "list")[1]
    zones("person", "end", "anna", "--organisation", "caa", "--role", "drafter")
    without = identity.caller(key, utc_now())
    zones("token", "revoke", 1)

    assert (caller.name, caller.organisations(Action.WRITE_DRAFT)) == ("Anna de Vries", {1})
    assert "anna" in listed
    assert "drafter" in listed
    assert "auditor" in listed
    assert "laptop" in tokens
    assert key not in tokens
    assert without.organisations(Action.WRITE_DRAFT) == frozenset()
    with pytest.raises(NotSignedIn):
        identity.caller(key, utc_now())


def test_a_competence_is_given_shown_and_taken_away(zones: Any, engine: Engine, area: Path) -> None:
    zones("organisation", "add", "caa", "The CAA")
    common = ["competence", "add", "caa", "--mode", "publish", "--area", area, "--type", "PROHIBITED"]

    code, _, err = zones(
        *common, "--legal-basis", "an act", "--max-height", 500, "--from", "2026-01-01T00:00:00+01:00"
    )
    with reading(engine) as connection:
        ((key, held),) = people.competences(connection)
    shown = zones("competence", "list")[1]
    ended = zones("competence", "end", held.id)
    again = zones("competence", "end", held.id)

    assert code == 0, err
    assert (key, held.mode, held.max_height_m, held.area.bounds) == ("caa", "publish", 500, (4, 51.5, 6, 53))
    assert held.valid[0].isoformat() == "2025-12-31T23:00:00+00:00"
    assert "500 m AGL" in shown
    assert "an act" in shown
    assert (ended[0], again[0]) == (0, 2)
    with reading(engine) as connection:
        assert people.competences(connection) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["person", "grant", "nobody", "--organisation", "caa", "--role", "drafter"],
            "There is no person 'nobody'.",
        ),
        (["person", "add", "Anna!", "Anna"], "'Anna!' is no short name"),
        (["organisation", "add", "", "x"], "'' is no short name"),
        (["organisation", "add", "a.b", "x"], "'a.b' is no short name"),
        (["person", "add", "--", "-anna", "Anna"], "'-anna' is no short name"),
        (["token", "revoke", "7"], "There is no API key number 7"),
        (["token", "create", "nobody", "--name", "x", "--role", "drafter"], "There is no person 'nobody'."),
        (
            [
                "competence",
                "add",
                "caa",
                "--mode",
                "publish",
                "--area",
                "nowhere.json",
                "--type",
                "PROHIBITED",
                "--legal-basis",
                "x",
            ],
            "nowhere.json cannot be read as GeoJSON.",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(zones: Any, arguments: list[str], sentence: str) -> None:
    code, out, err = zones(*arguments)

    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_an_area_that_is_no_area_is_refused(zones: Any, tmp_path: Path) -> None:
    zones("organisation", "add", "caa", "The CAA")
    crossed = {"type": "Polygon", "coordinates": [[[4, 51], [5, 52], [5, 51], [4, 52], [4, 51]]]}
    for number, shape in enumerate(
        ({"type": "Point", "coordinates": [4, 52]}, crossed, [1], {"type": "Feature"})
    ):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(shape), "utf-8")

        code, _, err = zones(
            "competence",
            "add",
            "caa",
            "--mode",
            "propose",
            "--area",
            path,
            "--type",
            "USPACE",
            "--legal-basis",
            "x",
        )

        assert code == 2
        assert str(path.name) in err.replace("\n", "")


def test_only_the_owner_keeps_people(zones: Any, register_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)

    code, _, err = zones("organisation", "add", "caa", "The CAA")

    assert (code, "Only the database's owner keeps the people" in err) == (2, True)


def test_keys_are_made_once_for_their_user_alone(
    zones: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(folder))

    first, second = zones("keys"), zones("keys")

    assert first[0] == second[0] == 0
    assert first[1] == second[1]
    assert first[1].startswith("-----BEGIN PUBLIC KEY-----")
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert make_keys(folder) is False


def test_secrets_that_are_not_there_or_not_ours_are_a_sentence(
    zones: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, register_url: str
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    for content, sentence in (
        (None, "zones keys"),
        (b"zz", "are not what zones keys wrote"),
        (b"ab", "are not what"),
    ):
        folder = tmp_path / f"secrets-{content!r}"
        folder.mkdir()
        if content is not None:
            make_keys(folder)
            (folder / "tokens.key").write_bytes(content)
        monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(folder))

        code, _, err = zones("serve", "--port", "0")

        assert (code, sentence in err) == (2, True), err

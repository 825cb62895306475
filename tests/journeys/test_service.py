"""The program as people run it: real processes, a private PostGIS, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.documents import collection, feature
from tests.service import ROOT, ZONES, Service, run


def postgres_runs_on(home: Path) -> bool:
    """Say whether a server runs on a data folder of this home, by its process's own working directory."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")[0]
            where = (process / "cwd").readlink()
        except OSError:
            continue
        if command.endswith(b"postgres") and home in where.parents:
            return True
    return False


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_newcomer_starts_asks_and_stops(
    home: Path, environment: dict[str, str], with_signal: signal.Signals
) -> None:
    service = Service(environment, home / "log", "--demo")

    offered = next(line.strip() for line in service.welcome if "/#" in line)
    asked = dict(parse_qsl(offered.partition("#")[2]))
    question = f"lon={asked['lon']}&lat={asked['lat']}&max_height={asked['height']}&reference=AGL"
    said = service.get(f"/v1/status?{question}")
    assert said["verdict"] == "PROHIBITED"
    assert postgres_runs_on(home)

    code = service.stop(with_signal)
    assert code in (0, 130)
    assert not postgres_runs_on(home)


def test_a_second_start_finds_its_zones_again_and_a_killed_one_leaves_nothing_broken(
    home: Path, environment: dict[str, str]
) -> None:
    Service(environment, home / "log", "--demo").stop(signal.SIGKILL)

    service = Service(environment, home / "log", "--demo")

    assert service.get("/health/ready")["zones"] == 30
    assert service.get("/health/ready")["revision"] == 1
    service.stop(signal.SIGTERM)
    assert not postgres_runs_on(home)


def test_an_import_in_one_process_is_answered_by_another_soon(
    home: Path, environment: dict[str, str]
) -> None:
    service = Service(environment, home / "log")
    file = home / "ours.json"
    file.write_bytes(collection(feature("SQUARE")))
    assert service.get("/v1/status?lon=5.3&lat=52.05")["verdict"] == "UNKNOWN"

    imported = run(environment, "import", str(file))
    committed = time.monotonic()
    while service.get("/health/ready")["revision"] != 1 and time.monotonic() - committed < 5:
        time.sleep(0.02)
    waited = time.monotonic() - committed

    assert imported.returncode == 0, imported.stderr
    assert waited < 5
    assert service.get("/v1/status?lon=5.3&lat=52.05")["verdict"] == "PROHIBITED"
    service.stop(signal.SIGTERM)


def test_the_service_goes_on_answering_when_its_database_is_killed(
    home: Path, environment: dict[str, str]
) -> None:
    service = Service(environment | {"ZONES_CONFIRM_WITHIN": "PT1.5S"}, home / "log", "--demo")
    pid = int((home / "data folder" / "data" / "postmaster.pid").read_text("utf-8").split()[0])

    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while service.get("/health/ready")["confirmed_age_s"] < 2 and time.monotonic() < end:
        time.sleep(0.1)

    said = service.get("/v1/status?lon=4.7639&lat=52.31")
    assert said["verdict"] == "PROHIBITED"
    assert said["confirmed_age_s"] > 1
    free = service.get("/v1/status?lon=5.9&lat=52.6&max_height=10&reference=AGL")
    assert (free["assessment"]["verdict"], free["verdict"]) == ("NO_ZONE_FOUND", "UNKNOWN")
    assert free["stale"] != []

    again = run(environment, "status", "--lon", "4.7639", "--lat", "52.31")

    assert again.returncode == 1, again.stderr
    end = time.monotonic() + 15
    while service.get("/health/ready")["confirmed_age_s"] > 1 and time.monotonic() < end:
        time.sleep(0.1)
    assert (
        service.get("/v1/status?lon=5.9&lat=52.6&max_height=10&reference=AGL")["verdict"] == "NO_ZONE_FOUND"
    )
    service.stop(signal.SIGTERM)


def test_a_port_in_use_is_one_sentence(home: Path, environment: dict[str, str]) -> None:
    service = Service(environment, home / "log")

    port = service.address.rsplit(":", 1)[1]
    second = run(environment, "serve", "--port", port)

    assert second.returncode == 2
    assert "Choose another with --port" in second.stderr
    assert "Traceback" not in second.stderr
    service.stop(signal.SIGTERM)


def test_the_example_draws_approves_publishes_and_asks(home: Path, environment: dict[str, str]) -> None:
    service = Service(environment, home / "log", "--demo")
    example = ROOT / "docs" / "examples" / "publish.py"

    done = subprocess.run(
        [sys.executable, example, service.address], capture_output=True, text=True, check=False, timeout=60
    )

    service.stop(signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["Published: revision 2", "There now: Prohibited"]


def test_an_emergency_is_answered_by_every_instance_within_five_seconds(
    home: Path, environment: dict[str, str]
) -> None:
    here, there = Service(environment, home / "log", "--demo"), Service(environment, home / "log")
    key = here.post("/v1/demonstration/sign-in", {"person": "demo-publisher"})["token"]
    drafter = here.post("/v1/demonstration/sign-in", {"person": "demo-drafter"})["token"]
    content = json.loads((ROOT / "docs" / "examples" / "draft.json").read_text("utf-8"))["content"]
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    content |= {"emergency": True, "reason": "a fire"}
    content["items"][0]["valid"] = {"from": None, "to": until}
    asked = "/v1/status?lon=4.9&lat=52.1&max_height=50&reference=AGL"
    draft = here.post("/v1/drafts", {"content": content}, drafter)
    assert there.get(asked)["verdict"] == "NO_ZONE_FOUND"

    here.post(f"/v1/drafts/{draft['id']}/publication", {"digest": draft["digest"]}, key)
    committed = time.monotonic()
    while there.get(asked)["verdict"] != "PROHIBITED" and time.monotonic() - committed < 5:
        time.sleep(0.02)
    waited = time.monotonic() - committed

    assert waited < 5
    assert [each["reason"] for each in there.get("/v1/emergencies")["emergencies"]] == ["a fire"]
    assert "emergency published" in (home / "log").read_text("utf-8")
    here.stop(signal.SIGTERM)
    there.stop(signal.SIGTERM)


def test_nobody_signs_in_without_a_key_beside_a_named_database(
    home: Path, environment: dict[str, str], register_url: str, secrets: Path
) -> None:
    named = environment | {"ZONES_DATABASE_URL": register_url, "ZONES_SECRETS_FOLDER": str(secrets)}

    asked_once = subprocess.run(
        [*ZONES, "serve", "--demo-sign-in"],
        env=named,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    service = Service(named, home / "log", "--demo")
    with pytest.raises(urllib.error.HTTPError) as refused:
        service.get("/v1/demonstration/people")
    refused.value.close()
    service.stop(signal.SIGTERM)
    asked_twice = Service(named | {"ZONES_DEMO_SIGN_IN": "true"}, home / "log", "--demo-sign-in")
    people = asked_twice.get("/v1/demonstration/people")
    asked_twice.stop(signal.SIGTERM)

    assert asked_once.returncode == 2
    assert "would let anyone publish in the database that is named" in asked_once.stderr
    assert refused.value.code == 404
    assert len(people["people"]) == 5


def test_with_a_database_named_the_private_one_is_not_touched(
    home: Path, environment: dict[str, str], register_url: str, secrets: Path
) -> None:
    named = environment | {"ZONES_DATABASE_URL": register_url, "ZONES_SECRETS_FOLDER": str(secrets)}

    service = Service(named, home / "log", "--demo")

    assert service.get("/health/ready")["zones"] == 30
    service.stop(signal.SIGTERM)
    assert not (home / "data folder").exists()


def test_the_log_is_json_with_request_ids_and_without_the_place_asked_about(
    home: Path, environment: dict[str, str]
) -> None:
    service = Service(environment, home / "log")

    service.get("/v1/status?lon=5.123456&lat=52.05")
    service.stop(signal.SIGTERM)

    text = (home / "log").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    request = next(line for line in lines if line.get("path") == "/v1/status")
    assert (request["status"], request["method"]) == (200, "GET")
    assert request["request_id"]
    assert "5.123456" not in text


def test_files_answer_without_any_register(home: Path, environment: dict[str, str]) -> None:
    file = home / "ours.json"
    file.write_bytes(collection(feature("SQUARE")))

    answered = run(environment, "status", "--lon", "5.3", "--lat", "52.05", "--zones", str(file))

    assert answered.returncode == 1, answered.stderr
    assert "Prohibited" in answered.stdout
    assert not (home / "data folder").exists()

"""Following a publisher's document in processes of their own: told to stop, killed, and from within the service."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.documents import collection, feature
from tests.publisher import Asked, offering, publishing
from tests.service import ROOT, ZONES, Service
from zones_api.comparison import check_database
from zones_api.fetching import Feed
from zones_api.mirroring import Mirror, check
from zones_api.store.register import load, reading

TEN = collection(*(feature(f"Z{number}") for number in range(10)))


@pytest.fixture
def named(environment: dict[str, str], register_url: str, secrets: Path) -> dict[str, str]:
    return environment | {"ZONES_DATABASE_URL": register_url, "ZONES_SECRETS_FOLDER": str(secrets)}


def following(environment: dict[str, str], log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as said:
        return subprocess.Popen(
            [*ZONES, "follow", *arguments], env=environment, cwd=ROOT, stdout=said, stderr=said
        )


def test_a_follower_ends_at_once_when_it_is_told_to(home: Path, named: dict[str, str]) -> None:
    with publishing() as publisher:
        asked = []

        def hang(request: Asked) -> None:
            asked.append(1)
            for _ in range(600):
                if process.poll() is not None:
                    return
                time.sleep(0.05)

        publisher.does = hang
        process = following(named, home / "log", publisher.url)
        end = time.monotonic() + 120
        while not asked and time.monotonic() < end:
            time.sleep(0.02)
        assert asked, (home / "log").read_text("utf-8")
        started = time.monotonic()

        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 0
        assert time.monotonic() - started < 15  # the server would have kept it waiting for longer


@pytest.mark.parametrize("after_s", [0.0, 0.1])
def test_a_follower_killed_between_fetching_and_importing_leaves_the_register_whole(
    home: Path, named: dict[str, str], engine: Engine, after_s: float
) -> None:
    with publishing() as publisher:
        offer = offering(TEN)

        def kill(request: Asked) -> None:
            offer(request)
            time.sleep(after_s)
            process.kill()

        publisher.does = kill
        process = following(named, home / "log", publisher.url, "--once")
        assert process.wait(120) in (-signal.SIGKILL, 0)
        faults = verified(engine)
        publisher.does = offer

        again = check(Mirror(engine, lambda: datetime.now(UTC), lambda: 0.0), Feed("zones", publisher.url))

    assert faults == 0
    assert again is not None
    assert again.failures == 0
    assert verified(engine) == 0
    with reading(engine) as connection:
        assert len(load(connection).zones) == 10


def verified(engine: Engine) -> int:
    with reading(engine) as connection:
        return check_database(connection).fault_count


def test_a_service_follows_what_is_configured_and_answers_meanwhile(
    home: Path, named: dict[str, str]
) -> None:
    with publishing() as publisher:
        publisher.does = offering(TEN)
        feeds = [{"data_set": "national", "url": publisher.url, "every": "PT1M"}]
        service = Service(named | {"ZONES_FEEDS": json.dumps(feeds)}, home / "log")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            listed = service.get("/v1/data-sets")["data_sets"]
            if listed and listed[0]["age"]["feed"]:
                break
            time.sleep(0.1)
        answer = service.get("/v1/status?lon=5.3&lat=52.05")
        code = service.stop(signal.SIGTERM)

    assert listed[0]["age"]["feed"]["failure"] is None
    assert listed[0]["zones"] == 10
    assert answer["verdict"] == "PROHIBITED"
    assert code in (0, -signal.SIGTERM)

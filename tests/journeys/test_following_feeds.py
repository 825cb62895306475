"""Following a publisher's document in processes of their own: told to stop, killed, and from within the service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.documents import collection, feature
from tests.publisher import Asked, offering, publishing
from tests.service import ROOT, ZONES, Service, run

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
        end = time.monotonic() + 30
        while not asked and time.monotonic() < end:
            time.sleep(0.02)
        assert asked, (home / "log").read_text("utf-8")
        started = time.monotonic()

        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1])
def test_a_follower_killed_between_fetching_and_importing_leaves_the_register_whole(
    home: Path, named: dict[str, str], after_s: float
) -> None:
    with publishing() as publisher:
        offer = offering(TEN)

        def kill(request: Asked) -> None:
            offer(request)
            time.sleep(after_s)
            os.kill(process.pid, signal.SIGKILL)

        publisher.does = kill
        process = following(named, home / "log", publisher.url, "--once")
        assert process.wait(30) in (-signal.SIGKILL, 0)
        verified = run(named, "verify")
        publisher.does = offer

        again = run(named, "follow", publisher.url, "--once")

    assert verified.returncode == 0, verified.stdout
    assert again.returncode == 0, again.stderr
    assert run(named, "verify").returncode == 0
    assert "zones " in run(named, "follow", "--status").stdout


def test_the_command_line_says_what_came_of_it(home: Path, named: dict[str, str]) -> None:
    with publishing() as publisher:
        publisher.does = offering(collection(feature("A"), feature("BAD", geometry=None)))
        new = run(named, "follow", publisher.url, "--once", "--data-set", "national")
        same = run(named, "follow", publisher.url, "--once", "--data-set", "national")
        publisher.does = offering(b"<html>")
        held = run(named, "follow", publisher.url, "--once", "--data-set", "national")
    status = run(named, "follow", "--status")
    listed = run(named, "quarantine")
    shown = run(named, "quarantine", "show", "national", "BAD")
    exported = run(named, "quarantine", "export", "national", "BAD", "--into", "caa-zones")
    document = run(named, "document", "national", "-o", str(home / "document.json"))
    none = run(named, "document", "none", "-o", str(home / "none.json"))

    assert (new.returncode, same.returncode, held.returncode) == (0, 0, 1)
    assert "national: a new document." in new.stderr
    assert "national: unchanged." in same.stderr
    assert "HTML page" in held.stderr
    assert "HTML page" in status.stdout
    assert "NLD BAD" in listed.stdout
    assert "has no geometry" in listed.stdout
    assert "no last good version" in shown.stdout
    content = json.loads(exported.stdout)["content"]
    assert (content["data_set"], content["items"][0]["feature"]) == (
        "caa-zones",
        feature("BAD", geometry=None),
    )
    assert document.returncode == 0, document.stderr
    assert (home / "document.json").read_bytes() == collection(feature("A"), feature("BAD", geometry=None))
    assert none.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "No document is followed"),
        (["ftp://zones.example.org/z.json"], "https address"),
        (["https://zones.example.org/z.json", "--every", "PT1S"], "once a minute"),
        (["https://zones.example.org/z.json", "--every", "often"], "PT15M"),
        (["https://a.example.org/z.json", "https://b.example.org/z.json"], "one data set"),
        (["https://a.example.org/z.json?key=secret", "--data-set", "A B"], "small letters"),
    ],
)
def test_wrong_usage_is_one_sentence(environment: dict[str, str], arguments: list[str], says: str) -> None:
    said = run(environment, "follow", *arguments)

    assert said.returncode == 2
    assert says in said.stderr
    assert "secret" not in said.stderr


def test_a_service_follows_what_is_configured_and_answers_meanwhile(
    home: Path, named: dict[str, str]
) -> None:
    with publishing() as publisher:
        publisher.does = offering(TEN)
        feeds = [{"data_set": "national", "url": publisher.url, "every": "PT1M"}]
        service = Service(named | {"ZONES_FEEDS": json.dumps(feeds)}, home / "log")
        end = time.monotonic() + 20
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


def test_a_service_with_feeds_that_cannot_be_meant_does_not_start(named: dict[str, str]) -> None:
    wrong = json.dumps([{"data_set": "national", "url": "https://zones.example.org/z.json", "evry": "PT1M"}])

    said = run(named | {"ZONES_FEEDS": wrong}, "serve")

    assert said.returncode == 2
    assert "evry" in said.stderr

"""kill -9 of the service and of its database while an authority publishes: what was acknowledged stays."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.authority import asserting, competence
from tests.documents import circle
from tests.service import ROOT, Service, run
from zones_api.domain.people import Role
from zones_api.embedded import running
from zones_api.identity import issue_token
from zones_api.keys import make_keys, read_keys
from zones_api.store import people
from zones_api.store.migrating import migrate
from zones_api.store.register import open_register, writing

ROUNDS = int(os.environ.get("ZONES_CRASHES", "3"))
"""How often something is killed; `make crashes` does it far more often."""
PATIENCE_S = 120.0
"""How long a request is sent again: a busy machine takes its time to start a service and its database."""


class Authority:
    """Its people, with keys that outlive the service, and one that asks again until it is answered."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self.environment = home, environment
        self.service: Service | None = None
        self.started = 0
        self.keys = _people(home / "data folder")

    def start(self) -> None:
        """Start the service if it does not run."""
        if self.service is None or self.service.process.poll() is not None:
            if self.service is not None:
                self.service.close()
            self.service = Service(self.environment, self.home / "log")
            self.started += 1

    def until_answered(self, person: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Send the same request with the same key until it is answered, however often all is killed meanwhile."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.start()
            assert self.service is not None
            request = urllib.request.Request(
                self.service.address + path,
                json.dumps(body).encode(),
                {
                    "Authorization": f"Bearer {self.keys[person]}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": key,
                },
            )
            try:
                with urllib.request.urlopen(request, timeout=20) as said:
                    answer: dict[str, Any] = json.load(said)
                    return answer
            except urllib.error.HTTPError as error:
                said_no = error.read()
                error.close()
                if error.code != 503:
                    raise AssertionError(said_no) from error
                time.sleep(0.2)
            except (urllib.error.URLError, ConnectionError, TimeoutError, json.JSONDecodeError):
                time.sleep(0.05)
        raise AssertionError(f"{path} was never answered")

    def publish(self, number: int) -> dict[str, Any]:
        """Take one zone from a draft to its revision."""
        geometry = circle(4.5 + 0.001 * number, 52.3, 500)
        content = {
            "title": f"Zone {number}",
            "data_set": "caa-zones",
            "legal_reference": "an act",
            "items": [asserting(f"Z{number}", geometry=geometry)],
        }
        draft = self.until_answered("anna", "/v1/drafts", {"content": content}, f"draft-{number}")
        path, seen = f"/v1/drafts/{draft['id']}", {"digest": draft["digest"]}
        self.until_answered("anna", f"{path}/submission", seen, f"submit-{number}")
        for person in ("bram", "evert"):
            self.until_answered(
                person, f"{path}/reviews", seen | {"verdict": "approved"}, f"{person}-{number}"
            )
        return self.until_answered("cees", f"{path}/publication", seen, f"publish-{number}")

    def kill(self, what: str) -> None:
        """Kill the service, its database or both, at once."""
        if what != "service":
            try:
                pid = int(
                    (self.home / "data folder" / "data" / "postmaster.pid").read_text("utf-8").split()[0]
                )
                os.kill(pid, signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                pass  # it is starting
        if what != "database" and self.service is not None:
            self.service.process.kill()


def _people(folder: Path) -> dict[str, str]:
    """Put an authority's people into the private register of a folder, and return a key of each."""
    people_ = {"anna": Role.DRAFTER, "bram": Role.APPROVER, "evert": Role.APPROVER, "cees": Role.PUBLISHER}
    now, keys = datetime.now(UTC), {}
    make_keys(folder / "secrets")
    with running(folder) as url:
        owner = open_register(url)
        migrate(owner, ROOT / "migrations")
        with writing(owner) as connection:
            people.add_organisation(connection, "caa", "The CAA")
            for person, role in people_.items():
                people.add_person(connection, person, person.title())
                people.grant(connection, person, "caa", role, now)
            people.add_competence(connection, "caa", competence(), now)
        for number, (person, role) in enumerate(people_.items()):
            secret, day = f"{number:043d}", timedelta(hours=24)
            keys[person] = issue_token(
                owner, read_keys(folder / "secrets"), secret, person, "a test", [role], day, now
            )
        owner.dispose()
    return keys


def test_nothing_that_was_acknowledged_is_lost(home: Path, environment: dict[str, str]) -> None:
    chance = random.Random(8318)
    authority = Authority(home, environment)
    acknowledged: list[dict[str, Any]] = []
    done = threading.Event()

    def publish_all_the_time() -> None:
        while not done.is_set():
            acknowledged.append(authority.publish(len(acknowledged)))

    authority.start()
    publisher = threading.Thread(target=publish_all_the_time)
    publisher.start()
    for number in range(ROUNDS):
        before = len(acknowledged)
        time.sleep(chance.uniform(0.05, 1.5))
        authority.kill(("service", "database", "both")[number % 3])
        # It also starts the database again, which the service leaves to the next command.
        verified = run(environment, "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        end = time.monotonic() + PATIENCE_S
        while len(acknowledged) <= before and publisher.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
    done.set()
    publisher.join(5 * PATIENCE_S)

    authority.start()
    assert authority.service is not None
    said = authority.service.get("/v1/revisions?limit=500")["revisions"]
    kept = {revision["revision"]: revision["hash"] for revision in said}
    assert len(acknowledged) > ROUNDS
    assert kept == {each["revision"]: each["revision_hash"] for each in acknowledged}
    assert sorted(kept) == list(range(1, len(acknowledged) + 1))
    end = time.monotonic() + 5
    while authority.service.get("/health/ready")["revision"] < len(acknowledged) and time.monotonic() < end:
        time.sleep(0.05)
    assert authority.service.get("/health/ready")["zones"] == len(acknowledged)
    copy = str(home / "copy.dump")
    made = run(environment, "backup", copy)
    authority.service.stop(signal.SIGTERM)
    elsewhere = environment | {"ZONES_DATA_FOLDER": str(home / "elsewhere")}
    public_key = home / "public-key.pem"
    public_key.write_text(read_keys(home / "data folder" / "secrets").public_pem, "ascii")
    restored = run(elsewhere, "restore", copy, "--public-key", str(public_key))
    assert made.returncode == restored.returncode == 0, made.stderr + restored.stdout + restored.stderr
    assert f"up to revision {len(acknowledged)} " in restored.stdout
    assert authority.started > ROUNDS // 3

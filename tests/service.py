"""The program in processes of its own, as people run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ZONES = [sys.executable, "-m", "zones_api.cli"]


class Service:
    """A running `zones serve` and its address."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str, folder: Path = ROOT) -> None:
        self.log = log
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(
                [*ZONES, "serve", *arguments],
                env=environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.process.stdout is not None
        self.welcome = []
        for line in self.process.stdout:
            self.welcome.append(line)
            if line.startswith("Stop with"):
                break
        assert self.welcome, log.read_text("utf-8")
        self.address = next(word for word in self.welcome[0].split() if word.startswith("http://"))

    def get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.address + path, timeout=30) as response:
            said: dict[str, Any] = json.load(response)
            return said

    def post(self, path: str, body: Any, token: str | None = None) -> dict[str, Any]:
        """Send a write, a new one each time, and return what is answered."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            said: dict[str, Any] = json.load(response)
            return said

    def stop(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        return self.close()

    def close(self) -> int:
        """Wait for its end, and return its exit code."""
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ZONES, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

"""What the documentation says is so: its example runs, its links lead somewhere, its lists are whole."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zones_api.domain.outcome import Verdict
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import HEADLINES
from zones_api.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = ROOT / "docs" / "decisions"
PROGRAM = ".venv/bin/zones"

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)


def read(page: Path) -> str:
    return page.read_text("utf-8")


def commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console block with the lines it prints."""
    for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        yield command, lines


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README as a newcomer does, in a terminal of 100 columns without colours."""
    program, *arguments = shlex.split(command)
    assert program == PROGRAM
    unwanted = ("ZONES_", "PG", "FORCE_COLOR", "TTY_", "PYTHONIOENCODING")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return subprocess.run(
        [sys.executable, "-m", "zones_api.cli", *arguments],
        env=environment | {"COLUMNS": "100", "PYTHONUTF8": "1", "NO_COLOR": "1"},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_the_readme_shows_what_the_program_answers() -> None:
    blocks = _CONSOLE.findall(read(ROOT / "README.md"))
    exit_code = None

    assert blocks
    for command, expected in (shown for block in blocks for shown in commands(block)):
        if command == "echo $?":
            assert expected == [str(exit_code)]
            continue
        finished = run(command)
        exit_code = finished.returncode
        # A terminal shows no blanks at the ends of lines, and an editor removes them.
        assert [line.rstrip() for line in finished.stdout.splitlines()] == expected, finished.stderr
    assert exit_code is not None


def anchors(page: Path) -> set[str]:
    """Return the names that the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", read(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [a or b for a, b in _LINK.findall(_FENCED.sub("", read(page)))]
    broken = []

    for target in targets:
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.is_file() or (anchor and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


def test_the_index_of_decisions_lists_every_record_once() -> None:
    records = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    listed = re.findall(r"\]\((\d{4}-[^)]+\.md)\)", read(DECISIONS / "README.md"))

    assert records
    assert listed == records
    assert [name[:4] for name in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]


def test_every_reason_and_every_headline_is_explained() -> None:
    said = read(ROOT / "docs" / "answers.md")

    assert [reason for reason in Reason if f"| `{reason}` |" not in said] == []
    for verdict in Verdict:
        assert f"| `{verdict}` | {HEADLINES[verdict].en} | {HEADLINES[verdict].nl} |" in said


def test_every_setting_is_explained() -> None:
    said = read(ROOT / "docs" / "operating.md")

    assert [name for name in Settings.model_fields if f"| `ZONES_{name.upper()}` |" not in said] == []

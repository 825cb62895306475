"""Rules that machines keep."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from fastapi.routing import APIRoute
from openapi_spec_validator import validate

from zones_api.api import (
    authorities,
    data_sets,
    geometry_tools,
    impact,
    import_previews,
    map_settings,
    neighbours,
    operations,
    operators,
    own_zones,
    police,
    previews,
    public,
    publications,
    quarantine,
    schedules,
    search,
    tiles,
)
from zones_api.app import create_app
from zones_api.domain.assessment import WhyNot
from zones_api.domain.outcome import Verdict
from zones_api.domain.reasons import Reason
from zones_api.domain.texts import HEADLINES, SENTENCES, WHY_NOT, decided
from zones_api.domain.zone import Decision
from zones_api.following import Following

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_openapi_document_is_valid_and_what_the_code_describes() -> None:
    committed = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))

    validate(committed)

    assert committed == json.loads(json.dumps(create_app(Following()).openapi()))


IN_THREADS = (
    authorities,
    geometry_tools,
    impact,
    neighbours,
    own_zones,
    police,
    previews,
    publications,
    quarantine,
    schedules,
    search,
    tiles,
)
OF_THE_REGISTER = {
    "/v1/zones/{country}/{identifier:path}/versions",
    "/v1/zones/{country}/{identifier:path}/versions/{version}",
    "/v1/revisions",
    "/v1/data-sets/{key}/document",
    "/v1/imports",
}


def test_handlers_that_answer_from_memory_run_on_the_loop_and_those_of_the_register_in_threads() -> None:
    routes = [
        (route, door in IN_THREADS or route.path in OF_THE_REGISTER)
        for door in (public, operators, operations, data_sets, import_previews, map_settings, *IN_THREADS)
        for route in door.router.routes
        if isinstance(route, APIRoute)
    ]

    assert routes
    assert all(inspect.iscoroutinefunction(route.endpoint) is not waits for route, waits in routes)


def test_every_code_and_headline_has_its_text_in_both_languages() -> None:
    for texts, codes in ((SENTENCES, Reason), (HEADLINES, Verdict), (WHY_NOT, WhyNot)):
        assert set(texts) == set(codes)
        assert all(text.en and text.nl and text.en != text.nl for text in texts.values())


def test_no_text_promises_that_a_flight_is_allowed_safe_or_clear() -> None:
    every = [text for texts in (SENTENCES, HEADLINES, WHY_NOT) for text in texts.values()]
    at = datetime(2026, 11, 28, tzinfo=UTC)
    for pointer, version in (("/0", "v"), (None, "v"), ("/0", None)):
        decision = Decision("f", pointer, "NLD", "Q1", version, None, "The caa", at, 3, "an act")
        every.append(decided(decision))

    for text in every:
        words = {word.strip(".,;:()").lower() for word in f"{text.en} {text.nl}".split()}
        assert not words & {"allowed", "safe", "clear", "toegestaan", "veilig", "vrij"}


def test_the_lock_files_name_versions_and_hashes_and_no_addresses() -> None:
    for name in ("run", "dev"):
        lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
        packages = [line for line in lines if line and not line.startswith((" ", "#"))]

        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
        assert not any("://" in line or line.startswith("--") for line in lines)


def test_the_domain_needs_no_framework_to_be_imported() -> None:
    code = (
        "import sys, zones_api.domain.assessment, zones_api.domain.texts;"
        "sys.exit(bool({'fastapi', 'pydantic', 'sqlalchemy', 'psycopg', 'structlog'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

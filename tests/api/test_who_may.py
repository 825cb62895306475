"""Every call, by everyone, on what is theirs, what is somebody else's and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from tests import authority
from tests.authority import NOW, PEOPLE, Bench, content
from tests.documents import feature
from zones_api.domain.people import POLICY, Action, Role
from zones_api.domain.territory import Territories
from zones_api.store import people
from zones_api.store.register import writing

PUBLIC = [
    ("GET", "/v1/status"),
    ("POST", "/v1/status"),
    ("POST", "/v1/flight-checks"),
    ("POST", "/v1/flight-checks/file"),
    ("GET", "/v1/zones/{country}/{identifier}/versions"),
    ("GET", "/v1/zones/{country}/{identifier}/versions/{version}"),
    ("GET", "/v1/revisions"),
    ("GET", "/v1/emergencies"),
    ("GET", "/v1/geometry-tools/aerodromes"),
    ("POST", "/v1/geometry-tools/coordinates"),
    ("POST", "/v1/geometry-tools/circle"),
    ("POST", "/v1/geometry-tools/corridor"),
    ("POST", "/v1/geometry-tools/runway"),
    ("POST", "/v1/geometry-tools/ring"),
    ("POST", "/v1/geometry-tools/combine"),
    ("POST", "/v1/geometry-tools/split"),
    ("POST", "/v1/geometry-tools/snap"),
    ("POST", "/v1/geometry-tools/neighbours"),
    ("POST", "/v1/schedules/activations"),
    ("GET", "/v1/publications/{format}"),
    ("GET", "/v1/publications/{format}/losses"),
    ("GET", "/v1/search"),
    ("GET", "/v1/map-settings"),
    ("GET", "/tiles/{z}/{x}/{y}.mvt"),
    ("GET", "/v1/data-sets"),
    ("GET", "/v1/data-sets/{key}/document"),
    ("GET", "/v1/quarantine"),
    ("GET", "/v1/quarantine/{data_set}/zone"),
    ("GET", "/v1"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
]
"""Open to anyone, and no more open to anyone in particular."""
SIGNED_IN = [("GET", "/v1/me"), ("GET", "/v1/drafts"), ("GET", "/v1/own-zones")]
"""Open to whoever is signed in; what they then see is tested apart."""
OF_A_DRAFT = {
    ("GET", "/v1/drafts/{draft_id}"): Action.READ_DRAFT,
    ("GET", "/v1/drafts/{draft_id}/versions/{version}"): Action.READ_DRAFT,
    ("PATCH", "/v1/drafts/{draft_id}"): Action.WRITE_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/validation"): Action.READ_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/impact"): Action.READ_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/status"): Action.READ_DRAFT,
    ("GET", "/v1/drafts/{draft_id}/exports/{format}"): Action.READ_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/submission"): Action.WRITE_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/reviews"): Action.REVIEW_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/publication"): Action.PUBLISH_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/confirmation"): Action.REVIEW_DRAFT,
    ("POST", "/v1/drafts/{draft_id}/abandonment"): Action.WRITE_DRAFT,
}
OTHERS = [
    ("POST", "/v1/drafts"),
    ("POST", "/v1/quarantine/drafts"),
    ("POST", "/v1/imports"),
    ("POST", "/v1/police/status"),
    ("POST", "/v1/police/looks/{look}/case"),
    ("POST", "/v1/own-zones/drafts"),
    ("POST", "/v1/imports/preview"),
    ("GET", "/v1/demonstration/people"),
    ("POST", "/v1/demonstration/sign-in"),
]
"""With a test of their own below; amending a published zone has it in test_own_zones.py, previewing an import in test_import_previews.py."""
READERS = POLICY[Action.READ_DRAFT]


@pytest.fixture(scope="module")
def matrix(
    cluster: str, territories: Territories, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Matrix]:
    """One register for all cells, with a person for each role and a draft of each organisation."""
    with authority.register_of_its_own(cluster, "zones_of_a_matrix") as (engine, owner):
        yield from _matrix(engine, owner, tmp_path_factory.mktemp("matrix"), territories)


def _matrix(engine: Engine, owner: Engine, folder: Path, territories: Territories) -> Iterator[Matrix]:
    with authority.bench(engine, owner, folder / "secrets", territories) as bench:
        for role in Role:
            PEOPLE[f"m-{role}"] = ("caa", [role])
            with writing(owner) as connection:
                people.add_person(connection, f"m-{role}", role.title())
                people.grant(connection, f"m-{role}", "caa", role, NOW)
        own = bench.draft("anna")
        other = bench.draft("olga")
        yield Matrix(bench, own, other)


class Matrix:
    def __init__(self, bench: Bench, own: dict[str, Any], other: dict[str, Any]) -> None:
        self.bench = bench
        self.drafts = {"own": own["id"], "other": other["id"], "none": str(UUID(int=99_999))}

    def call(self, role: str, method: str, path: str, draft: str | None = None) -> int:
        filled = path.replace("{draft_id}", self.drafts[draft] if draft else "").replace("{version}", "1")
        filled = filled.replace("{country}", "NLD").replace("{identifier}", "T1").replace("{format}", "ed318")
        filled = filled.replace("{z}/{x}/{y}", "0/0/0")
        body = None if method == "GET" else {"digest": "0" * 64}
        if path.endswith("/impact"):
            body = {"flights": []}
        if path.endswith("{draft_id}/status"):
            body = {"lon": 4.8, "lat": 52.3}
        if path.endswith("/reviews"):
            body = {"digest": "0" * 64, "verdict": "rejected"}
        if method == "PATCH":
            body = {"title": "changed"}
        person = None if role == "anonymous" else f"m-{role}"
        return self.bench.call(person, method, filled, body, If_Match='"0.0-x"').status_code


def routes(bench: Bench) -> set[tuple[str, str]]:
    described = bench.client.get("/openapi.json").json()["paths"]
    return {(method.upper(), path) for path, methods in described.items() for method in methods}


def test_every_call_has_its_row_here(matrix: Matrix) -> None:
    assert routes(matrix.bench) == {*PUBLIC, *SIGNED_IN, *OF_A_DRAFT, *OTHERS}


@pytest.mark.parametrize(("method", "path"), PUBLIC)
@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_what_is_public_asks_nobody_who_they_are(matrix: Matrix, role: str, method: str, path: str) -> None:
    assert matrix.call(role, method, path) not in (401, 403, 500)


@pytest.mark.parametrize(("method", "path"), SIGNED_IN)
@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_what_is_ones_own_needs_to_know_whose_it_is(
    matrix: Matrix, role: str, method: str, path: str
) -> None:
    assert matrix.call(role, method, path) == (401 if role == "anonymous" else 200)


@pytest.mark.parametrize(("method", "path"), OF_A_DRAFT)
@pytest.mark.parametrize("role", ["anonymous", *Role])
@pytest.mark.parametrize("draft", ["own", "other", "none"])
def test_a_draft_is_there_for_its_organisations_alone(
    matrix: Matrix, role: str, method: str, path: str, draft: str
) -> None:
    said = matrix.call(role, method, path, draft)

    if role == "anonymous":
        assert said == 401
    elif draft != "own" or role not in READERS:
        assert said == 404
    elif role not in POLICY[OF_A_DRAFT[method, path]]:
        assert said == 403
    else:
        assert said in (200, 409, 412)


@pytest.mark.parametrize("role", ["anonymous", *Role])
@pytest.mark.parametrize(
    ("organisation", "entitled"), [("caa", 201), ("other", 403), ("nobody", 404), (None, 201)]
)
def test_a_draft_is_begun_by_a_drafter_of_the_organisation(
    matrix: Matrix, role: str, organisation: str | None, entitled: int
) -> None:
    body = {"organisation": organisation, "content": content()}
    person = None if role == "anonymous" else f"m-{role}"

    said = matrix.bench.call(person, "POST", "/v1/drafts", body).status_code

    if role == "anonymous":
        assert said == 401
    elif role == Role.DRAFTER or organisation == "nobody":
        assert said == entitled
    else:
        assert said == 403


@pytest.mark.parametrize("role", ["anonymous", *Role])
@pytest.mark.parametrize("organisation", ["caa", "other"])
@pytest.mark.parametrize("in_place", [None, "mend", "gone"])
def test_a_zone_set_aside_is_mended_by_a_drafter_of_the_organisation(
    matrix: Matrix, role: str, organisation: str, in_place: str | None
) -> None:
    matrix.bench.set_aside("national")
    body = {"data_set": "national", "zone": "Q1", "organisation": organisation, "in_place": in_place}
    person = None if role == "anonymous" else f"m-{role}"

    said = matrix.bench.call(person, "POST", "/v1/quarantine/drafts", body).status_code

    if role == "anonymous":
        assert said == 401
    elif role == Role.DRAFTER and organisation == "caa":
        assert said == 201
    else:
        assert said == 403


@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_a_document_is_brought_by_an_importer_of_the_data_sets_organisation(
    matrix: Matrix, role: str
) -> None:
    person = None if role == "anonymous" else f"m-{role}"
    body = {"type": "FeatureCollection", "features": [feature("A"), feature("B")]}

    ours = matrix.bench.call(person, "POST", "/v1/imports?data_set=national", body).status_code
    nobodys = matrix.bench.call(person, "POST", "/v1/imports?data_set=foreign", body).status_code

    assert ours in ({401} if role == "anonymous" else {200, 201} if role == Role.IMPORTER else {403})
    assert nobodys == (401 if role == "anonymous" else 403)


@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_only_the_police_ask_as_the_police(matrix: Matrix, role: str) -> None:
    body = {"lon": 4.8, "lat": 52.3, "purpose": "an incident"}
    person = None if role == "anonymous" else f"m-{role}"

    said = matrix.bench.call(person, "POST", "/v1/police/status", body).status_code

    assert said == {"anonymous": 401, Role.POLICE: 200}.get(role, 403)
    path = f"/v1/police/looks/{UUID(int=1)}/case"
    named = matrix.bench.call(person, "POST", path, {"case_reference": "PL-1"}).status_code
    assert named == {"anonymous": 401, Role.POLICE: 404}.get(role, 403)


@pytest.mark.parametrize("role", ["anonymous", *Role])
def test_but_in_a_demonstration_nobody_signs_in_without_a_key(matrix: Matrix, role: str) -> None:
    person = None if role == "anonymous" else f"m-{role}"

    for method, path in OTHERS[7:]:
        body = {"person": "demo-publisher"} if method == "POST" else None
        assert matrix.bench.call(person, method, path, body).status_code == 404


@pytest.mark.parametrize("role", Role)
def test_a_list_of_drafts_shows_only_those_one_may_read(matrix: Matrix, role: Role) -> None:
    said = matrix.bench.call(f"m-{role}", "GET", "/v1/drafts").json()["drafts"]

    seen = {draft["id"] for draft in said}
    assert matrix.drafts["other"] not in seen
    assert (matrix.drafts["own"] in seen) == (role in READERS)


def test_behind_the_policy_the_database_shows_no_draft_of_others_either(matrix: Matrix) -> None:
    from sqlalchemy import text

    for seen, expected in (("", 0), ("1", None), ("2", 1), ("3", 0)):
        with matrix.bench.engine.begin() as connection:
            connection.execute(text("SELECT set_config('zones.organisations', :seen, true)"), {"seen": seen})
            organisations = set(connection.execute(text("SELECT organisation_id FROM draft")).scalars())
            versions = connection.scalar(text("SELECT count(*) FROM draft_version"))
            reviews = connection.scalar(text("SELECT count(*) FROM review"))
        assert organisations <= ({int(seen)} if seen else set())
        assert reviews == 0
        if expected is not None:
            assert versions == expected

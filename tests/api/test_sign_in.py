"""Signing in at an identity provider, and what the register then knows of one."""

from __future__ import annotations

from functools import partial

import pytest
from fastapi.testclient import TestClient

from tests.authority import Bench
from tests.test_access_tokens import AUDIENCE, Provider, Seconds, made, served
from zones_api.access_tokens import AccessTokens, Issuer, fetch_json_bytes
from zones_api.api.deps import RegisterDoors
from zones_api.app import create_app
from zones_api.domain.people import Role
from zones_api.errors import WrongState
from zones_api.history import History
from zones_api.identity import Identity
from zones_api.intake import Intake
from zones_api.originals import Originals
from zones_api.store import people
from zones_api.store.register import writing


def signing_in_at(bench: Bench, provider: Provider) -> None:
    """Let the bench's service accept access tokens of a provider."""
    issuers = [Issuer(provider.url, AUDIENCE)]
    tokens = AccessTokens(issuers, partial(fetch_json_bytes, timeout_s=5), Seconds())
    doors = RegisterDoors(
        History(bench.engine, bench.territories, bench.following, bench.desk.new_id),
        Identity(bench.engine, bench.keys, tokens),
        bench.desk,
        Originals(bench.engine),
        Intake(bench.engine, {}),
    )
    application = create_app(bench.following, lambda: bench.now, register=doors)
    bench.client = TestClient(application, raise_server_exceptions=False)


def test_a_person_who_signs_in_elsewhere_is_the_same_person(bench: Bench) -> None:
    with served() as provider:
        signing_in_at(bench, provider)
        bench.tokens["anna at her provider"] = made(provider, sub="u-17")

        unknown = bench.call("anna at her provider", "GET", "/v1/me")
        with writing(bench.owner) as connection:
            people.add_identity(connection, "anna", provider.url, "u-17")
        known = bench.call("anna at her provider", "GET", "/v1/me")
        draft = bench.draft("anna")
        bench.step("anna at her provider", draft, "submission")
        with writing(bench.owner) as connection:
            people.grant(connection, "anna", "caa", Role.APPROVER, bench.now)
        approved = bench.step("anna at her provider", draft, "reviews", verdict="approved")

    assert (unknown.status_code, known.status_code) == (401, 200)
    assert "ask whoever keeps its people to add your identity 'u-17'" in unknown.json()["detail"]
    assert known.json()["name"] == "Anna"
    assert approved.status_code == 403


def test_a_provider_that_does_not_answer_is_not_the_callers_fault(bench: Bench) -> None:
    with served() as provider:
        signing_in_at(bench, provider)
        provider.down = True
        bench.tokens["anna"] = made(provider)

        said = bench.call("anna", "GET", "/v1/me")

    assert (said.status_code, said.json()["type"]) == (503, "/problems/sign-in-unavailable")
    assert "retry-after" in said.headers


def test_an_identity_is_one_persons(bench: Bench) -> None:
    with writing(bench.owner) as connection:
        people.add_identity(connection, "anna", "https://id.example", "u-17")
        people.add_identity(connection, "anna", "https://id.example", "u-17")
        with pytest.raises(WrongState, match="another person's"):
            people.add_identity(connection, "bram", "https://id.example", "u-17")

"""The access token of a certified OpenID provider is taken, and its ID token is not."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

import pytest

from zones_api.access_tokens import AccessTokens, Issuer, Subject, fetch_json_bytes
from zones_api.errors import NotSignedIn

FOLDER = Path(__file__).parent / "openid"
AUDIENCE = "https://zones.example/api"
RETURN_TO = "http://127.0.0.1:9/signed-in"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that runs while the tests of this module do."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("needs Node.js and the packages of tests/openid: make openid")
    command = [node, "provider.mjs", AUDIENCE, RETURN_TO]
    with subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            # It says other things first; if it dies, its output ends.
            lines = (line.strip() for line in process.stdout)
            url = next((line for line in lines if line.startswith("http://127.0.0.1:")), None)
            assert url is not None, "the provider did not start"
            yield url
        finally:
            process.kill()


class _UntilReturned(HTTPRedirectHandler):
    """Follows redirects as a browser does, up to the one back to the client."""

    def redirect_request(self, *arguments: Any) -> Request | None:
        return None if arguments[-1].startswith(RETURN_TO) else super().redirect_request(*arguments)


def signed_in(issuer: str) -> dict[str, Any]:
    """What the token endpoint gives after sign-in with an authorization code and PKCE."""
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), _UntilReturned)
    about = json.loads(fetch_json_bytes(f"{issuer}/.well-known/openid-configuration", 5))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
    client = {"client_id": "console", "redirect_uri": RETURN_TO, "resource": AUDIENCE}
    asked = {
        **client,
        "response_type": "code",
        "scope": "openid profile zones",
        "state": "s",
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    with pytest.raises(HTTPError) as returned:
        browser.open(f"{about['authorization_endpoint']}?{urlencode(asked)}", timeout=10)
    with returned.value as answer:
        given = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert given.get("state") == ["s"], given
    body = {**client, "grant_type": "authorization_code", "code": given["code"][0], "code_verifier": VERIFIER}
    with browser.open(about["token_endpoint"], urlencode(body).encode(), timeout=10) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def given(issuer: str) -> dict[str, Any]:
    return signed_in(issuer)


def tokens_of(issuer: str, audience: str) -> AccessTokens:
    return AccessTokens([Issuer(issuer, audience)], partial(fetch_json_bytes, timeout_s=5), time.monotonic)


def test_the_access_token_says_who_signed_in(issuer: str, given: dict[str, Any]) -> None:
    tokens = tokens_of(issuer, AUDIENCE)

    subject = tokens.subject_of(given["access_token"], datetime.now(UTC))

    assert subject == Subject(issuer, "u-17", "Ans de Vries")


def test_the_access_token_expires(issuer: str, given: dict[str, Any]) -> None:
    tokens = tokens_of(issuer, AUDIENCE)

    with pytest.raises(NotSignedIn, match="expired"):
        tokens.subject_of(
            given["access_token"], datetime.now(UTC) + timedelta(seconds=given["expires_in"] + 61)
        )


def test_the_access_token_is_for_no_other_audience(issuer: str, given: dict[str, Any]) -> None:
    tokens = tokens_of(issuer, "https://other.example/api")

    with pytest.raises(NotSignedIn, match="not meant for this register"):
        tokens.subject_of(given["access_token"], datetime.now(UTC))


def test_the_id_token_is_for_its_client_and_not_for_us(issuer: str, given: dict[str, Any]) -> None:
    tokens = tokens_of(issuer, AUDIENCE)

    with pytest.raises(NotSignedIn, match="not meant for this register"):
        tokens.subject_of(given["id_token"], datetime.now(UTC))


def test_the_id_token_is_refused_even_if_we_had_its_clients_name(issuer: str, given: dict[str, Any]) -> None:
    tokens = tokens_of(issuer, "console")

    with pytest.raises(NotSignedIn, match="ID token"):
        tokens.subject_of(given["id_token"], datetime.now(UTC))

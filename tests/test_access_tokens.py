"""Access tokens of an issuer that answers over HTTP; every rule is broken once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import Key, OctKey, generate_key
from joserfc.jws import JWSRegistry

from zones_api.access_tokens import (
    GRACE_S,
    KEYS_LAST_S,
    LARGEST_ANSWER,
    LARGEST_TOKEN,
    RETRY_S,
    AccessTokens,
    Issuer,
    Subject,
    fetch_json_bytes,
)
from zones_api.errors import NotSignedIn, SignInUnavailable

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
AUDIENCE = "https://zones.example/api"
DISCOVERY = "/.well-known/openid-configuration"
fetch = partial(fetch_json_bytes, timeout_s=5)


@cache
def key_named(kid: str, kind: str = "EC", size: str | int = "P-256") -> Key:
    return generate_key(kind, size, {"kid": kid})


class Provider(ThreadingHTTPServer):
    """An identity provider: what it answers at each path, and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.down = False
        self.about: dict[str, Any] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.show(key_named("first"))

    def show(self, *keys: Key) -> None:
        self.show_keys(*(key.as_dict(private=False) for key in keys))

    def show_keys(self, *keys: Any) -> None:
        self.pages["/keys"] = (200, {}, json.dumps({"keys": keys}).encode())

    def page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.down:
            return 503, {}, b""
        if path == DISCOVERY and path not in self.pages:
            return 200, {}, json.dumps(self.about).encode()
        return self.pages.get(path, (404, {}, b""))


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        status, headers, body = self.server.page(self.path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with served() as server:
        yield server


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.value = 1000.0

    def __call__(self) -> float:
        return self.value


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def tokens(provider: Provider, seconds: Seconds) -> AccessTokens:
    return AccessTokens([Issuer(provider.url, AUDIENCE)], fetch, seconds)


def at(offset_s: float) -> int:
    return int(NOW.timestamp() + offset_s)


def claims_of(provider: Provider, **changes: Any) -> dict[str, Any]:
    claims = {
        "iss": provider.url,
        "aud": AUDIENCE,
        "sub": "u-17",
        "client_id": "console",
        "iat": at(-60),
        "exp": at(240),
        "jti": "t1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def made(
    provider: Provider, key: Key | None = None, header: dict[str, Any] | None = None, **changes: Any
) -> str:
    """A good token, but for what a test says; None leaves a claim or a header out."""
    key = key or key_named("first")
    parts = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
    parts = {name: value for name, value in parts.items() if value is not None}
    return jwt.encode(
        parts, claims_of(provider, **changes), key, algorithms=[parts["alg"]], default_type=None
    )


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(header: bytes, claims: bytes) -> str:
    return f"{base64url(header)}.{base64url(claims)}.e30"


def by_hand(header: Any, claims: Any, sign: Any = lambda _: b"") -> str:
    signed = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(claims).encode())}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def signed_by_hand(provider: Provider, header: dict[str, Any], **changes: Any) -> str:
    """A token with a header that no decent library would sign, signed well all the same."""
    good = made(provider, **changes)
    body = good.split(".")[1]
    parts = {"alg": "ES256", "typ": "at+jwt", "kid": "first", **header}
    head = base64url(json.dumps(parts).encode())
    signature = JWSRegistry.algorithms["ES256"].sign(f"{head}.{body}".encode(), key_named("first"))
    return f"{head}.{body}.{base64url(signature)}"


def refused(tokens: AccessTokens, token: str, now: datetime = NOW) -> NotSignedIn:
    with pytest.raises(NotSignedIn) as caught:
        tokens.subject_of(token, now)
    return caught.value


def test_a_good_token_says_who_signed_in(provider: Provider, tokens: AccessTokens) -> None:
    token = made(provider, name="Ans de Vries")

    subject = tokens.subject_of(token, NOW)

    assert subject == Subject(provider.url, "u-17", "Ans de Vries")


@pytest.mark.parametrize("name", [None, "", "  ", 7, "a\nb", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_none(provider: Provider, tokens: AccessTokens, name: object) -> None:
    token = made(provider, name=name)

    subject = tokens.subject_of(token, NOW)

    assert subject.name is None


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(
    ("algorithm", "kind", "size"),
    [
        ("RS256", "RSA", 2048),
        ("RS384", "RSA", 2048),
        ("RS512", "RSA", 2048),
        ("PS256", "RSA", 2048),
        ("PS384", "RSA", 2048),
        ("PS512", "RSA", 2048),
        ("ES256", "EC", "P-256"),
        ("ES384", "EC", "P-384"),
        ("ES512", "EC", "P-521"),
        ("EdDSA", "OKP", "Ed25519"),
        ("Ed25519", "OKP", "Ed25519"),
    ],
)
def test_every_asymmetric_algorithm_of_the_list_is_taken(
    provider: Provider, tokens: AccessTokens, algorithm: str, kind: str, size: str | int
) -> None:
    key = key_named("k", kind, size)
    provider.show(key)

    subject = tokens.subject_of(made(provider, key, {"alg": algorithm}), NOW)

    assert subject.subject == "u-17"


def test_the_current_spelling_of_eddsa_is_taken_without_a_warning(
    provider: Provider, tokens: AccessTokens
) -> None:
    key = key_named("k", "OKP", "Ed25519")
    provider.show(key)
    with pytest.warns(SecurityWarning):
        token = made(provider, key, {"alg": "EdDSA"})

    assert tokens.subject_of(token, NOW).subject == "u-17"


@pytest.mark.parametrize(
    "change", [lambda url: url + "/", lambda url: url.upper(), lambda _: "https://evil.example"]
)
def test_nothing_is_fetched_for_an_issuer_that_is_not_allowed(
    provider: Provider, tokens: AccessTokens, change: Any
) -> None:
    token = made(provider, iss=change(provider.url))

    error = refused(tokens, token)

    assert "issuer" in error.detail
    assert provider.asked == []


def test_nothing_is_fetched_before_a_token_arrives_or_for_one_that_can_never_do(
    provider: Provider, tokens: AccessTokens
) -> None:
    refused(tokens, by_hand({"alg": "HS256", "kid": "first"}, claims_of(provider)))

    assert provider.asked == []


@pytest.mark.parametrize(
    "audience", [None, "", [], "https://zones.example", AUDIENCE + "/v1", ["a", "b"], [7], {"a": 1}]
)
def test_a_token_for_another_audience_is_refused(
    provider: Provider, tokens: AccessTokens, audience: object
) -> None:
    error = refused(tokens, made(provider, aud=audience))

    assert "not meant for this register" in error.detail


def test_a_token_may_be_for_others_too(provider: Provider, tokens: AccessTokens) -> None:
    token = made(provider, aud=["https://other.example", AUDIENCE])

    assert tokens.subject_of(token, NOW).subject == "u-17"


def test_the_audience_of_one_issuer_is_not_that_of_another(provider: Provider, seconds: Seconds) -> None:
    with served() as other:
        tokens = AccessTokens(
            [Issuer(provider.url, AUDIENCE), Issuer(other.url, "elsewhere")], fetch, seconds
        )

        refused(tokens, made(other))

        assert tokens.subject_of(made(other, aud="elsewhere"), NOW).issuer == other.url


def test_a_token_lasts_less_than_a_minute_beyond_its_end(provider: Provider, tokens: AccessTokens) -> None:
    token = made(provider, exp=at(0))

    assert tokens.subject_of(token, NOW + timedelta(seconds=59)).subject == "u-17"
    assert "expired" in refused(tokens, token, NOW + timedelta(seconds=60)).detail


@pytest.mark.parametrize("claim", ["nbf", "iat"])
def test_a_token_of_the_future_is_refused_but_for_a_minute(
    provider: Provider, tokens: AccessTokens, claim: str
) -> None:
    assert tokens.subject_of(made(provider, **{claim: at(60)}), NOW).subject == "u-17"

    error = refused(tokens, made(provider, **{claim: at(61)}))

    assert error.context["claim"] == claim


@pytest.mark.parametrize("value", [None, "tomorrow", float("nan"), float("inf"), True])
@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_a_token_without_times_is_refused(
    provider: Provider, tokens: AccessTokens, claim: str, value: object
) -> None:
    error = refused(tokens, made(provider, **{claim: value}))

    assert error.context["claim"] == claim


def test_a_shared_secret_made_of_the_public_key_signs_nothing(
    provider: Provider, tokens: AccessTokens
) -> None:
    key = key_named("rsa", "RSA", 2048)
    provider.show(key)
    tokens.subject_of(made(provider, key, {"alg": "RS256"}), NOW)
    for public in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        forged = by_hand(
            {"alg": "HS256", "typ": "at+jwt", "kid": "rsa"},
            claims_of(provider),
            lambda signed, secret=public: hmac.digest(secret, signed, hashlib.sha256),
        )

        refused(tokens, forged)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, 7, ["ES256"], "ES256K", "dir"])
def test_an_algorithm_outside_the_list_is_refused(
    provider: Provider, tokens: AccessTokens, algorithm: object
) -> None:
    forged = by_hand({"alg": algorithm, "typ": "at+jwt", "kid": "first"}, claims_of(provider))

    refused(tokens, forged)


def test_a_symmetric_key_of_the_issuer_is_not_used(provider: Provider, tokens: AccessTokens) -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"})
    provider.show_keys(secret.as_dict(private=True))

    refused(tokens, made(provider, secret, {"alg": "HS256"}))


def test_a_changed_claim_breaks_the_signature(provider: Provider, tokens: AccessTokens) -> None:
    head, _, signature = made(provider).split(".")
    other = made(provider, sub="u-18").split(".")[1]

    error = refused(tokens, f"{head}.{other}.{signature}")

    assert "signature" in error.detail


def test_a_key_of_the_same_name_that_is_not_the_issuers_signs_nothing(
    provider: Provider, tokens: AccessTokens
) -> None:
    stranger = generate_key("EC", "P-256", {"kid": "first"})

    error = refused(tokens, made(provider, stranger))

    assert "signature" in error.detail


def test_a_key_that_the_token_brings_along_is_not_used(provider: Provider, tokens: AccessTokens) -> None:
    stranger = generate_key("EC", "P-256", {"kid": "stranger"})
    provider.pages["/stranger"] = (200, {}, json.dumps({"keys": [stranger.as_dict(private=False)]}).encode())
    header = {"jwk": stranger.as_dict(private=False), "jku": f"{provider.url}/stranger"}

    refused(tokens, made(provider, stranger, header))

    assert "/stranger" not in provider.asked


def test_the_keys_are_fetched_once_while_they_are_fresh(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    seconds.value += KEYS_LAST_S - 1

    tokens.subject_of(made(provider), NOW)

    assert provider.asked == [DISCOVERY, "/keys"]


def test_forged_key_names_make_the_issuer_be_asked_once_in_half_a_minute(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    forged = [made(provider, key_named("first"), {"kid": f"forged-{n}"}) for n in range(5)]

    for step in (0, RETRY_S - 1):
        seconds.value += step
        for token in forged:
            refused(tokens, token)
    assert provider.asked.count("/keys") == 1
    seconds.value += 1
    for token in forged:
        refused(tokens, token)

    assert provider.asked.count("/keys") == 2


def test_a_new_key_is_known_as_soon_as_a_token_names_it(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    seconds.value += RETRY_S
    provider.show(key_named("first"), key_named("second"))

    assert tokens.subject_of(made(provider, key_named("second")), NOW).subject == "u-17"
    assert tokens.subject_of(made(provider), NOW).subject == "u-17"


def test_a_key_that_the_issuer_took_back_is_refused_once_the_keys_are_old(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    provider.show(key_named("second"))
    seconds.value += KEYS_LAST_S

    refused(tokens, made(provider))


def test_the_last_keys_do_while_the_issuer_is_down_for_an_hour_and_no_longer(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    provider.down = True
    seconds.value += KEYS_LAST_S + GRACE_S - 1
    assert tokens.subject_of(made(provider), NOW).subject == "u-17"
    seconds.value += 1

    with pytest.raises(SignInUnavailable) as caught:
        tokens.subject_of(made(provider), NOW)

    assert "503" in caught.value.context["reason"]
    assert "503" not in caught.value.detail
    provider.down = False
    seconds.value += RETRY_S
    assert tokens.subject_of(made(provider), NOW).subject == "u-17"


def test_an_issuer_that_is_down_is_asked_once_in_half_a_minute(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    provider.down = True

    for step in (0, RETRY_S - 1, 1):
        seconds.value += step
        with pytest.raises(SignInUnavailable):
            tokens.subject_of(made(provider), NOW)

    assert provider.asked == [DISCOVERY, DISCOVERY]


def test_an_issuer_that_nobody_hears_is_unavailable(seconds: Seconds) -> None:
    with served() as gone:
        token = made(gone)
    tokens = AccessTokens([Issuer(gone.url, AUDIENCE)], fetch, seconds)

    with pytest.raises(SignInUnavailable):
        tokens.subject_of(token, NOW)


def test_whether_an_unknown_key_is_real_cannot_be_told_while_the_issuer_is_down(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    tokens.subject_of(made(provider), NOW)
    provider.down = True
    seconds.value += RETRY_S

    with pytest.raises(SignInUnavailable):
        tokens.subject_of(made(provider, key_named("second")), NOW)

    assert tokens.subject_of(made(provider), NOW).subject == "u-17"


def test_an_unknown_key_is_refused_again_once_the_issuer_is_back(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    provider.down = True
    with pytest.raises(SignInUnavailable):
        tokens.subject_of(made(provider), NOW)
    provider.down = False
    seconds.value += RETRY_S

    refused(tokens, made(provider, key_named("second")))


def test_a_known_key_does_not_wait_while_the_issuer_is_slow(provider: Provider, seconds: Seconds) -> None:
    asked, go_on = threading.Event(), threading.Event()
    go_on.set()

    def slowly(url: str) -> bytes:
        asked.set()
        assert go_on.wait(10)
        return fetch(url)

    tokens = AccessTokens([Issuer(provider.url, AUDIENCE)], slowly, seconds)
    tokens.subject_of(made(provider), NOW)
    seconds.value += KEYS_LAST_S
    go_on.clear()
    asked.clear()
    with ThreadPoolExecutor(1) as pool:
        try:
            waits = pool.submit(tokens.subject_of, made(provider), NOW)
            assert asked.wait(10)

            does_not = tokens.subject_of(made(provider), NOW)

            assert does_not.subject == "u-17"
            assert not waits.done()
        finally:
            go_on.set()
        assert waits.result(10).subject == "u-17"


def test_one_issuers_trouble_is_not_anothers(provider: Provider, seconds: Seconds) -> None:
    with served() as other:
        other.down = True
        tokens = AccessTokens([Issuer(provider.url, AUDIENCE), Issuer(other.url, AUDIENCE)], fetch, seconds)
        with pytest.raises(SignInUnavailable):
            tokens.subject_of(made(other), NOW)

        assert tokens.subject_of(made(provider), NOW).issuer == provider.url


def test_a_token_of_one_issuer_with_the_key_of_another_is_refused(
    provider: Provider, seconds: Seconds
) -> None:
    with served() as other:
        other.show(key_named("second"))
        tokens = AccessTokens([Issuer(provider.url, AUDIENCE), Issuer(other.url, AUDIENCE)], fetch, seconds)
        tokens.subject_of(made(other, key_named("second")), NOW)

        refused(tokens, made(provider, key_named("second")))


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_a_token_typed_as_an_access_token_is_one(provider: Provider, tokens: AccessTokens, kind: str) -> None:
    token = made(provider, header={"typ": kind}, client_id=None, nonce="n")

    assert tokens.subject_of(token, NOW).subject == "u-17"


@pytest.mark.parametrize("kind", [None, "JWT", "jwt"])
@pytest.mark.parametrize(
    "evidence", [{"client_id": "c"}, {"scope": "zones"}, {"scp": "zones"}, {"scope": "z", "typ": "Bearer"}]
)
def test_a_token_without_a_type_of_its_own_must_have_what_access_tokens_have(
    provider: Provider, tokens: AccessTokens, kind: str | None, evidence: dict[str, str]
) -> None:
    token = made(provider, header={"typ": kind}, **{"client_id": None, **evidence})

    assert tokens.subject_of(token, NOW).subject == "u-17"


@pytest.mark.parametrize("kind", [None, "JWT"])
@pytest.mark.parametrize(
    "sign",
    [
        {"client_id": None},
        {"client_id": None, "azp": "console"},
        {"nonce": "n"},
        {"at_hash": "h"},
        {"c_hash": "h"},
        {"s_hash": "h"},
        {"typ": "ID"},
        {"typ": "Refresh"},
    ],
)
def test_an_id_token_is_refused_even_if_its_audience_is_ours(
    provider: Provider, tokens: AccessTokens, kind: str | None, sign: dict[str, str | None]
) -> None:
    error = refused(tokens, made(provider, header={"typ": kind}, **sign))

    assert "ID token" in error.detail


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "application/jwt+at", "", 7])
def test_a_token_of_another_type_is_refused(provider: Provider, tokens: AccessTokens, kind: object) -> None:
    refused(tokens, signed_by_hand(provider, {"typ": kind}))


def test_a_token_made_by_hand_with_a_good_header_is_good(provider: Provider, tokens: AccessTokens) -> None:
    token = signed_by_hand(provider, {"x-of-the-issuer": "certificate " * 100})

    assert tokens.subject_of(token, NOW).subject == "u-17"


@pytest.mark.parametrize(
    "extension",
    [
        {"crit": ["kid"]},
        {"crit": []},
        {"crit": ["exp"], "exp": 1},
        {"crit": 7},
        {"b64": True},
        {"b64": False, "crit": ["b64"]},
    ],
)
def test_an_extension_that_must_be_understood_is_refused(
    provider: Provider, tokens: AccessTokens, extension: dict[str, Any]
) -> None:
    refused(tokens, signed_by_hand(provider, extension))


def test_a_token_may_be_as_large_as_the_limit_and_no_larger(provider: Provider, tokens: AccessTokens) -> None:
    room = LARGEST_TOKEN - len(made(provider, padding=""))
    largest = max(
        (made(provider, padding="x" * n) for n in range(room * 3 // 4 - 6, room * 3 // 4 + 3)),
        key=lambda token: (len(token) <= LARGEST_TOKEN, len(token)),
    )
    assert LARGEST_TOKEN - 2 <= len(largest) <= LARGEST_TOKEN

    assert tokens.subject_of(largest, NOW).subject == "u-17"
    assert "too long" in refused(tokens, made(provider, padding="x" * room)).detail


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "\x00.\x00.\x00",
        by_hand([], {}),
        by_hand("alg", {"iss": "x"}),
        by_hand(["alg"], {"iss": "x"}),
        by_hand({"alg": "ES256"}, ["iss"]),
        by_hand({"alg": "ES256"}, {"iss": ["x"]}),
        by_hand({"alg": "ES256"}, {}),
        by_hand({"alg": "ES256", "kid": 7}, {"iss": "x"}),
        raw(b"[" * 5000, b"{}"),
        raw(b'{"alg":"ES256"}', b"[" * 5000),
        raw(b'{"alg":"ES256"}', b"\xff"),
    ],
)
def test_what_is_no_token_is_refused(provider: Provider, tokens: AccessTokens, token: str) -> None:
    error = refused(tokens, token)

    assert "JSON web token" in error.detail
    assert provider.asked == []


@pytest.mark.parametrize("signature", ["", "e30", "!!!!"])
def test_a_signature_of_another_form_is_refused(
    provider: Provider, tokens: AccessTokens, signature: str
) -> None:
    signed = made(provider).rpartition(".")[0]

    refused(tokens, f"{signed}.{signature}")


@pytest.mark.parametrize("subject", [None, "", 7, "x" * 256, "a\x00b", "é"])
def test_a_token_that_names_nobody_is_refused(
    provider: Provider, tokens: AccessTokens, subject: object
) -> None:
    refused(tokens, made(provider, sub=subject))


def test_a_token_bound_to_a_key_is_refused_as_its_proof_is_not_asked_for(
    provider: Provider, tokens: AccessTokens
) -> None:
    error = refused(tokens, made(provider, cnf={"jkt": "x"}))

    assert "bound to a key" in error.detail


def test_no_error_shows_the_token(provider: Provider, tokens: AccessTokens) -> None:
    broken = [
        made(provider, aud="x"),
        made(provider, exp=1),
        made(provider, iss="x"),
        made(provider)[:-4] + "AAAA",
    ]

    errors = [refused(tokens, token) for token in broken]

    for error, token in zip(errors, broken, strict=True):
        said = f"{error.detail} {error.context}"
        assert not any(part in said for part in token.split("."))


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": 7},
        {"jwks_uri": "http://keys.example/keys"},
        {"jwks_uri": "http://localhost.example/keys"},
        {"jwks_uri": "http://127.0.0.1@keys.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "/keys"},
        {"jwks_uri": "https://["},
    ],
)
def test_keys_are_taken_from_no_address_that_the_issuer_does_not_protect(
    provider: Provider, seconds: Seconds, change: dict[str, object]
) -> None:
    fetched: list[str] = []

    def noted(url: str) -> bytes:
        fetched.append(url)
        return fetch(url)

    tokens = AccessTokens([Issuer(provider.url, AUDIENCE)], noted, seconds)
    provider.about |= change

    with pytest.raises(SignInUnavailable):
        tokens.subject_of(made(provider), NOW)

    assert fetched == [provider.url + DISCOVERY]


@pytest.mark.parametrize("path", [DISCOVERY, "/keys"])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"keys": {}}', b"[" * 100_000, b"\xff"])
def test_an_answer_that_makes_no_sense_leaves_sign_in_unavailable(
    provider: Provider, tokens: AccessTokens, path: str, body: bytes
) -> None:
    provider.pages[path] = (200, {}, body)

    with pytest.raises(SignInUnavailable):
        tokens.subject_of(made(provider), NOW)


def test_an_issuer_without_any_key_has_signed_nothing(provider: Provider, tokens: AccessTokens) -> None:
    provider.show()

    refused(tokens, made(provider))


def test_an_issuer_may_be_written_with_a_slash_at_its_end(provider: Provider, seconds: Seconds) -> None:
    url = f"{provider.url}/"
    provider.about["issuer"] = url
    fetched: list[str] = []

    def noted(address: str) -> bytes:
        fetched.append(address)
        return fetch(address)

    tokens = AccessTokens([Issuer(url, AUDIENCE)], noted, seconds)

    assert tokens.subject_of(made(provider, iss=url), NOW).issuer == url
    assert fetched[0] == provider.url + DISCOVERY


def test_a_key_that_is_not_understood_does_not_spoil_the_others(
    provider: Provider, tokens: AccessTokens
) -> None:
    good = key_named("first").as_dict(private=False)
    provider.show_keys(
        7,
        "EC",
        {},
        {"kty": "AKP"},
        {"kty": ["EC"]},
        {"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": "", "e": ""},
        good,
    )

    assert tokens.subject_of(made(provider), NOW).subject == "u-17"


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_short_rsa_key_is_not_used(provider: Provider, tokens: AccessTokens) -> None:
    short = key_named("short", "RSA", 1024)
    provider.show(short)

    refused(tokens, made(provider, short, {"alg": "RS256"}))


def test_a_key_whose_private_half_is_public_is_not_used(provider: Provider, tokens: AccessTokens) -> None:
    provider.show_keys(key_named("first").as_dict(private=True))

    refused(tokens, made(provider))


@pytest.mark.parametrize("member", [{"use": "enc"}, {"alg": "ES384"}, {"key_ops": ["sign"]}])
def test_a_key_for_something_else_is_not_used(
    provider: Provider, tokens: AccessTokens, member: dict[str, Any]
) -> None:
    provider.show_keys({**key_named("first").as_dict(private=False), **member})

    refused(tokens, made(provider))


def test_two_keys_of_one_name_are_told_apart_by_their_kind(provider: Provider, tokens: AccessTokens) -> None:
    provider.show(key_named("first", "RSA", 2048), key_named("first"))

    assert tokens.subject_of(made(provider), NOW).subject == "u-17"
    assert tokens.subject_of(made(provider, header={"kid": None}), NOW).subject == "u-17"


def test_a_token_may_leave_its_key_out_if_there_is_one_only(
    provider: Provider, tokens: AccessTokens, seconds: Seconds
) -> None:
    token = made(provider, header={"kid": None})
    assert tokens.subject_of(token, NOW).subject == "u-17"
    provider.show(key_named("first"), key_named("second"))
    seconds.value += KEYS_LAST_S

    refused(tokens, token)


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("http://id.example", AUDIENCE),
        ("ftp://id.example", AUDIENCE),
        ("id.example", AUDIENCE),
        ("https://", AUDIENCE),
        ("https://id.example?x=1", AUDIENCE),
        ("https://id.example#x", AUDIENCE),
        ("https://id.example", ""),
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_not_configured(url: str, audience: str) -> None:
    with pytest.raises(ValueError, match=r"id\.example|https://"):
        Issuer(url, audience)


@pytest.mark.parametrize(
    "url", ["https://id.example", "http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"]
)
def test_an_issuer_is_on_https_or_on_this_machine(url: str) -> None:
    assert Issuer(url, AUDIENCE).url == url


def test_an_issuer_is_configured_once(seconds: Seconds) -> None:
    twice = [Issuer("https://id.example", "a"), Issuer("https://id.example", "b")]

    with pytest.raises(ValueError, match="twice"):
        AccessTokens(twice, fetch, seconds)


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    with served() as other:
        provider.pages["/away"] = (302, {"Location": f"{other.url}/keys"}, b"")

        with pytest.raises(OSError, match="302"):
            fetch(f"{provider.url}/away")

        assert other.asked == []


def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(provider: Provider) -> None:
    provider.pages["/large"] = (200, {}, b" " * LARGEST_ANSWER)
    provider.pages["/larger"] = (200, {}, b" " * (LARGEST_ANSWER + 1))

    assert len(fetch(f"{provider.url}/large")) == LARGEST_ANSWER
    with pytest.raises(ValueError, match="more than"):
        fetch(f"{provider.url}/larger")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "data:,x", "ftp://127.0.0.1/x"])
def test_nothing_but_http_is_fetched(url: str) -> None:
    with pytest.raises(OSError, match="unknown url type"):
        fetch(url)


@pytest.mark.parametrize("path", ["/a b", "/a\nb"])
def test_an_address_that_cannot_be_sent_is_no_crash(provider: Provider, path: str) -> None:
    with pytest.raises(OSError, match="did not answer"):
        fetch(provider.url + path)

"""Whether an access token of an identity provider is genuine, meant for this register, and whose it is.

The network and the clocks are handed in. A token is trusted for nothing before its signature is verified: what it
says of itself only chooses among the issuers that are allowed, and nothing is fetched for any other.

Source: RFC 9068 (JWT access tokens), RFC 8725 (JWT best practice), OpenID Connect Discovery 1.0.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    UnknownHandler,
)

from joserfc.errors import ClaimError, ExpiredTokenError, JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import Key, RSAKey, import_key
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact
from joserfc.jwt import JWTClaimsRegistry

from zones_api.errors import NotSignedIn, SignInUnavailable

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Signatures with a private key only: one with a shared secret could be made by whoever reads the public key."""
LARGEST_TOKEN = 8 * 1024
LARGEST_ANSWER = 1024 * 1024
LEEWAY_S = 60
KEYS_LAST_S = 600
"""How old the keys of an issuer may be before it is asked for them again."""
GRACE_S = 3600
"""How much older they may become while the issuer does not answer."""
RETRY_S = 30
"""An issuer is asked at most once in this time, whatever tokens arrive."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")
_ID_TOKEN_HAS = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
_ACCESS_TOKEN_HAS = frozenset({"client_id", "scope", "scp"})

_T = TypeVar("_T")

Fetch = Callable[[str], bytes]
"""Returns what an address answers; raises OSError if it does not, ValueError if the answer cannot be used."""


@dataclass(frozen=True)
class Issuer:
    """An identity provider whose access tokens are taken, and the audience that they must be meant for.

    `url` is compared as it is written, letter by letter.

    Raises:
        ValueError: If the URL is not https (http will do on this machine itself), or there is no audience.
    """

    url: str
    audience: str

    def __post_init__(self) -> None:
        _require_protected(self.url)
        if "?" in self.url or "#" in self.url:
            raise ValueError(f"{self.url} is not an issuer: it has a query or a fragment.")
        if not self.audience:
            raise ValueError(f"Say for which audience the tokens of {self.url} must be.")


@dataclass(frozen=True)
class Subject:
    """Whom a token is about: `subject` never changes and is unique at its issuer; `name` is for display alone."""

    issuer: str
    subject: str
    name: str | None


class AccessTokens:
    """Tells whose access token it is. Threads may share it."""

    def __init__(self, issuers: Sequence[Issuer], fetch: Fetch, seconds: Callable[[], float]) -> None:
        """Take the issuers that are allowed; none of them is asked anything before a token of theirs arrives.

        Args:
            issuers: Each URL once.
            fetch: How their keys are fetched.
            seconds: A clock that only goes forward; its zero does not matter.

        Raises:
            ValueError: If a URL is there twice.
        """
        self._providers = {issuer.url: _Provider(issuer, fetch, seconds) for issuer in issuers}
        if len(self._providers) != len(issuers):
            raise ValueError("An issuer is there twice.")

    def subject_of(self, token: str, now: datetime) -> Subject:
        """Return whom an access token is about.

        Raises:
            NotSignedIn: If it is not an access token of an allowed issuer for this register, valid now.
            SignInUnavailable: If that cannot be told, because its issuer has not given its keys for too long.
        """
        signed, claims = _read(token)
        header = signed.headers()
        kind = _kind(header)
        provider = self._providers.get(claims["iss"])
        if provider is None:
            # The issuer is the caller's own text until the signature is verified.
            raise NotSignedIn(
                "This access token is of an issuer that is not accepted here.", issuer=claims["iss"][:200]
            )
        issuer = provider.issuer
        key = provider.key(header.get("kid"), header["alg"])
        if key is None or not _is_signed(signed, key):
            raise NotSignedIn(
                "The signature of this access token cannot be verified.",
                issuer=issuer.url,
                kid=str(header.get("kid"))[:100],
            )
        _check_times_and_audience(claims, issuer, now)
        _check_purpose(kind, claims, issuer)
        return Subject(issuer.url, claims["sub"], _display_name(claims.get("name")))


class _Registry(JWSRegistry):
    """The algorithms that are taken. Providers still say EdDSA, which the library warns of since RFC 9864."""

    max_header_length = LARGEST_TOKEN

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"{name} is not taken.")
        return self.algorithms[name]


_REGISTRY = _Registry(strict_check_header=False)


def _read(token: str) -> tuple[CompactSignature, dict[str, Any]]:
    """Return a token's parts and its claims, none of which is verified yet; `iss` is a string."""
    if len(token) > LARGEST_TOKEN:
        raise NotSignedIn("This access token is too long.", size=len(token))
    try:
        signed = extract_compact(token.encode(), None, _REGISTRY)
        claims = json.loads(signed.payload)
        _member(claims, "iss", str)
        _REGISTRY.check_header(signed.headers())
        _REGISTRY.get_alg(signed.headers()["alg"])
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotSignedIn(
            "This is not a JSON web token with an asymmetric signature and an issuer.",
            reason=type(error).__name__,
        ) from error
    return signed, claims


def _kind(header: Mapping[str, Any]) -> str:
    """Return `at+jwt` or `jwt`, what a token's header says that it is."""
    if "crit" in header or "b64" in header:
        raise NotSignedIn("This access token has an extension that is not understood here.")
    kind = str(header.get("typ", "jwt")).lower().removeprefix("application/")
    if kind not in {"at+jwt", "jwt"}:
        raise NotSignedIn("This token's type is not that of an access token.", typ=kind[:50])
    return kind


def _is_signed(signed: CompactSignature, key: Key) -> bool:
    try:
        return validate_compact(signed, key, registry=_REGISTRY)
    except (JoseError, ValueError):
        return False


def _check_times_and_audience(claims: dict[str, Any], issuer: Issuer, now: datetime) -> None:
    expected = JWTClaimsRegistry(
        now=math.floor(now.timestamp()),
        leeway=LEEWAY_S,
        exp={"essential": True},
        iat={"essential": True},
        aud={"essential": True, "value": issuer.audience},
    )
    try:
        expected.validate(claims)
    except ExpiredTokenError as error:
        raise NotSignedIn("This access token has expired: sign in again.", issuer=issuer.url) from error
    except ClaimError as error:
        raise NotSignedIn(
            "This access token is not meant for this register, or not valid at this time.",
            issuer=issuer.url,
            claim=error.claim,
        ) from error


def _check_purpose(kind: str, claims: Mapping[str, Any], issuer: Issuer) -> None:
    if kind == "jwt" and not _looks_like_access(claims):
        raise NotSignedIn(
            "This is not an access token; an ID token is for its client alone.", issuer=issuer.url
        )
    if "cnf" in claims:
        raise NotSignedIn(
            "This access token is bound to a key of its client, which is not supported here.",
            issuer=issuer.url,
        )
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise NotSignedIn("This access token does not say who signed in.", issuer=issuer.url)


def _looks_like_access(claims: Mapping[str, Any]) -> bool:
    """Tell an access token of a provider that gives it no type of its own from an ID token.

    An ID token for a client of the audience's own name has our audience too, and need not have a nonce: so the
    token must have what only access tokens have, and nothing that only ID tokens have.
    """
    return (
        not _ID_TOKEN_HAS & claims.keys()
        and bool(_ACCESS_TOKEN_HAS & claims.keys())
        and claims.get("typ", "Bearer") == "Bearer"
    )


def _display_name(name: object) -> str | None:
    return name[:200] if isinstance(name, str) and name.strip() and name.isprintable() else None


@dataclass(frozen=True)
class _Held:
    """The keys of an issuer, and when they were asked for."""

    keys: tuple[Key, ...]
    asked_at: float

    def key(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key of a name, or the only one if the token names none."""
        fitting = [key for key in self.keys if _REGISTRY.filter_algorithms(key, [algorithm])]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == kid), None)


class _Provider:
    """An issuer and its keys, as it last gave them."""

    def __init__(self, issuer: Issuer, fetch: Fetch, seconds: Callable[[], float]) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._seconds = seconds
        self._held: _Held | None = None
        self._asked_at = -math.inf
        self._trouble: str | None = None
        self._asking = Lock()

    def key(self, kid: str | None, algorithm: str) -> Key | None:
        """Return a key of the issuer, asking it again where that may help; None if it has none such.

        Raises:
            SignInUnavailable: If the issuer does not answer and what it last said is too old, or no answer to this.
        """
        held = self._usable()
        found = held.key(kid, algorithm) if held else None
        if held is None or found is None or self._seconds() - held.asked_at >= KEYS_LAST_S:
            # Whoever has a key that will do does not wait while another asks the issuer.
            if self._asking.acquire(blocking=found is None):
                try:
                    self._ask()
                finally:
                    self._asking.release()
            held = self._usable()
            found = held.key(kid, algorithm) if held else None
        if held is None or (found is None and self._trouble):
            raise SignInUnavailable(
                f"The identity provider cannot be used now, so it is not known who asks. Try again in {RETRY_S} seconds.",
                issuer=self.issuer.url,
                reason=self._trouble,
            )
        return found

    def _usable(self) -> _Held | None:
        held = self._held
        return held if held and self._seconds() - held.asked_at < KEYS_LAST_S + GRACE_S else None

    def _ask(self) -> None:
        now = self._seconds()
        if now - self._asked_at < RETRY_S:
            return
        self._asked_at = now
        try:
            self._held = _Held(_fetch_keys(self.issuer, self._fetch), now)
            self._trouble = None
        except (OSError, ValueError, RecursionError) as error:
            self._trouble = f"{type(error).__name__}: {error}"


def _fetch_keys(issuer: Issuer, fetch: Fetch) -> tuple[Key, ...]:
    """Return the keys that an issuer signs with now; those of unknown form or too weak are left out."""
    about = json.loads(fetch(issuer.url.removesuffix("/") + "/.well-known/openid-configuration"))
    if _member(about, "issuer", str) != issuer.url:
        raise ValueError("The discovery document is of another issuer.")
    address = _member(about, "jwks_uri", str)
    _require_protected(address)
    listed = _member(json.loads(fetch(address)), "keys", list)
    return tuple(key for key in map(_import, listed) if key is not None)


def _import(listed: Any) -> Key | None:
    try:
        key = import_key(listed) if isinstance(listed, dict) else None
    except (JoseError, ValueError, TypeError, LookupError):
        return None
    if key is None or key.is_private or (isinstance(key, RSAKey) and key.raw_value.key_size < 2048):
        return None
    return key


def _member(value: Any, name: str, kind: type[_T]) -> _T:
    """Return a member of a JSON object; ValueError if there is no such object or member, or it is of another type."""
    member = value.get(name) if isinstance(value, dict) else None
    if not isinstance(member, kind):
        raise ValueError(f"The answer has no {name}, or it is not a {kind.__name__}.")  # noqa: TRY004
    return member


def _require_protected(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        raise ValueError(f"{url} is not an https address.")


def fetch_json_bytes(url: str, timeout_s: float) -> bytes:
    """Return what an address answers, of at most `LARGEST_ANSWER` bytes; no redirect is followed.

    The environment's proxies are not used.

    Args:
        url: An http or https address.
        timeout_s: How long to wait for the connection, and for each part of the answer.

    Raises:
        OSError: If there is no answer, or it is not one of success.
        ValueError: If the answer is too large.
    """
    opener = OpenerDirector()
    for handler in (HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler, UnknownHandler):
        opener.add_handler(handler())
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "zones-api"})  # noqa: S310 - no other scheme has a handler
    try:
        with opener.open(request, timeout=timeout_s) as response:
            data: bytes = response.read(LARGEST_ANSWER + 1)
    except HTTPException as error:
        raise OSError(f"{url} did not answer in HTTP: {type(error).__name__}") from error
    if len(data) > LARGEST_ANSWER:
        raise ValueError(f"{url} answers more than {LARGEST_ANSWER} bytes.")
    return data

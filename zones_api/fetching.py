"""Fetching a publisher's document over HTTP: within limits, only where whoever runs the service said, and only if new.

Every way in which that can fail is a sentence, not an exception: a feed that fails is a state to show. Sentences never
hold the address, which may hold a secret.

Source: RFC 9110 (conditional requests, Retry-After, redirects).
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR, socket
from typing import ClassVar
from urllib.parse import SplitResult, urljoin, urlsplit

from zones_api.formats.drafts import SHORT_NAME

SHORTEST_INTERVAL, LONGEST_INTERVAL = timedelta(minutes=1), timedelta(days=7)
DEFAULT_INTERVAL = timedelta(minutes=15)
MAX_REDIRECTS = 5
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_VALIDATOR = 1000
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[^/?#@]+")


@dataclass(frozen=True)
class Feed:
    """Where a publisher's document is fetched from, and which data set it is.

    `redirects_to` are origins (`https://files.example.org`), besides its own, that it may send us on to.

    Raises:
        ValueError: If the address is not https (http will do on this machine itself), or anything else is not of its form.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    data_set: str
    url: str
    every: timedelta = DEFAULT_INTERVAL
    redirects_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(SHORT_NAME, self.data_set):
            raise ValueError("A data set's name is small letters, digits and dashes, at most 63.")
        _require_usable(self.url)
        for origin in self.redirects_to:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin such as https://files.example.org.")
            _require_usable(origin)
        if not SHORTEST_INTERVAL <= self.every <= LONGEST_INTERVAL:
            raise ValueError("A document is fetched at most once a minute and at least once a week.")

    @property
    def shown_url(self) -> str:
        """The address without its query, which may hold a secret."""
        return self.url.partition("?")[0]

    @property
    def file_name(self) -> str:
        """The last part of the address's path."""
        return re.sub(r"[^\w.-]+", "-", urlsplit(self.url).path.rpartition("/")[2])[:100] or self.data_set


@dataclass(frozen=True)
class Limits:
    """How much a document may be, and how long may pass: for each part of an answer, and for all of it."""

    most_bytes: int = 200_000_000
    silence_s: float = 20.0
    all_s: float = 300.0


@dataclass(frozen=True)
class Fetched:
    """The document, and how to ask later whether it is still that."""

    data: bytes
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Unchanged:
    """The document is the one that we have."""


@dataclass(frozen=True)
class Failed:
    """Why there is no document, in a sentence, and how long the server asks to be left alone."""

    sentence: str
    retry_after: timedelta | None = None


Answer = Fetched | Unchanged | Failed


def fetch(
    feed: Feed,
    etag: str | None,
    last_modified: str | None,
    now: Callable[[], datetime],
    limits: Limits = Limits(),
) -> Answer:
    """Return a feed's document, or that it is the one we have.

    The environment's proxies are not used. A redirect is followed to the feed's own origin and those it names.

    Args:
        feed: Where from.
        etag: The ETag of the document we have; None if it is to be sent whatever it is.
        last_modified: Its Last-Modified.
        now: The clock, for a Retry-After that names a moment.
        limits: How much, and how long.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "zones-api"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    url = feed.url
    for _ in range(MAX_REDIRECTS + 1):
        answer = _ask(url, headers, now, limits)
        if not isinstance(answer, _Redirected):
            return answer
        moved = _moved(url, answer.location, feed)
        if isinstance(moved, Failed):
            return moved
        url = moved
    return Failed(f"The server redirects more than {MAX_REDIRECTS} times.")


@dataclass(frozen=True)
class _Redirected:
    location: str


def _ask(
    url: str, headers: dict[str, str], now: Callable[[], datetime], limits: Limits
) -> Answer | _Redirected:
    parts = urlsplit(url)
    connection = _connection(parts, limits.silence_s)
    ended = threading.Event()
    watch: threading.Timer | None = None
    try:
        connection.connect()
        # The connection forgets its socket once an answer has begun.
        watch = threading.Timer(limits.all_s, _cut, (connection.sock, ended))
        watch.daemon = True
        watch.start()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers=headers)
        is_conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
        answer = _read(connection.getresponse(), is_conditional, now, limits)
    except (OSError, HTTPException, ValueError) as error:
        answer = Failed(_sentence(error, limits))
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()
    if ended.is_set() and not isinstance(answer, Unchanged):
        return Failed(f"The whole document did not come within {limits.all_s:g} s.")
    return answer


def _connection(parts: SplitResult, silence_s: float) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return HTTPSConnection(host, parts.port, timeout=silence_s, context=ssl.create_default_context())
    return HTTPConnection(host, parts.port, timeout=silence_s)


def _cut(connected: socket, ended: threading.Event) -> None:
    """End a connection that another thread waits for."""
    ended.set()
    with suppress(OSError):
        connected.shutdown(SHUT_RDWR)


def _read(
    response: HTTPResponse, is_conditional: bool, now: Callable[[], datetime], limits: Limits
) -> Answer | _Redirected:
    status = response.status
    if status == HTTPStatus.NOT_MODIFIED:
        return (
            Unchanged()
            if is_conditional
            else Failed("The server says “not modified” to who has no document yet.")
        )
    if status in _REDIRECTS:
        location = response.headers.get("Location")
        return (
            _Redirected(location) if location else Failed("The server redirects and does not say where to.")
        )
    if status != HTTPStatus.OK:
        named = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else f"{status}"
        return Failed(f"The server answered {named}.", _retry_after(response, now()))
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        return Failed("The server sent the document compressed, which it was not asked to do.")
    data = bytearray()
    while chunk := response.read1(1 << 16):
        data += chunk
        if len(data) > limits.most_bytes:
            return Failed(f"The document is larger than {limits.most_bytes} bytes.")
    if response.length:
        return Failed(f"The document was cut off: {response.length} bytes of it are missing.")
    kind = response.headers.get_content_type()
    if kind in ("text/html", "application/xhtml+xml") or _HTML.match(data):
        return Failed("The server answered with an HTML page, not with a zone document.")
    return Fetched(bytes(data), _validator(response, "ETag"), _validator(response, "Last-Modified"))


def _validator(response: HTTPResponse, name: str) -> str | None:
    value = response.headers.get(name)
    return (
        value
        if value and value.isascii() and value.isprintable() and len(value) <= _LONGEST_VALIDATOR
        else None
    )


def _retry_after(response: HTTPResponse, now: datetime) -> timedelta | None:
    """Return how long the server asks to be left alone; in seconds or until a moment, None where it does not say."""
    said = (response.headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta())


def _moved(url: str, location: str, feed: Feed) -> str | Failed:
    """Return where a redirect leads, if that is where the feed's server may send us."""
    try:
        to = urljoin(url, location)
        _require_usable(to)
        if _origin(to) in {_origin(each) for each in (feed.url, *feed.redirects_to)}:
            return to
    except ValueError:
        return Failed("The server redirects to an address that is not one of https.")
    host = urlsplit(to).hostname
    return Failed(f"The server redirects to {host}, another host, port or scheme than this feed names.")


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _require_usable(url: str) -> None:
    parts = urlsplit(url)
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError("An address has no spaces and no letters but ASCII.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("An address holds no user name and no password.")
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not allowed or not parts.hostname or parts.port == 0:
        raise ValueError("A document is fetched from an https address (http only from this machine itself).")


def _sentence(error: Exception, limits: Limits) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"The server's certificate cannot be trusted: {error.verify_message}."
        case ssl.SSLError():
            return "The protected connection (TLS) to the server failed."
        case TimeoutError():
            return f"The server did not answer for {limits.silence_s:g} s."
        case ConnectionRefusedError():
            return "The server refused the connection."
        case HTTPException():
            return f"The server did not answer in HTTP, or its answer was cut off ({type(error).__name__})."
        case OSError(strerror=str(why)) if why:
            return f"The server cannot be reached: {why}."
    return "The server cannot be reached."

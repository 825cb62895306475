"""Fetching a document from a real server: everything that can go wrong is one sentence, and nothing hangs."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.documents import collection, feature
from tests.publisher import Asked, Publisher, answering, offering, publishing
from zones_api.fetching import Answer, Failed, Feed, Fetched, Limits, Unchanged, fetch

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DOCUMENT = collection(feature("A"))
SHORT = Limits(most_bytes=10_000, silence_s=0.3, all_s=1.0)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


def asking(publisher: Publisher, etag: str | None = None, limits: Limits = SHORT, **feed: object) -> Answer:
    return fetch(Feed("ours", publisher.url, **feed), etag, None, lambda: NOW, limits)  # type: ignore[arg-type]


def failure(answer: Answer) -> str:
    assert isinstance(answer, Failed), answer
    return answer.sentence


def test_a_document_comes_with_what_asks_for_it_again(publisher: Publisher) -> None:
    publisher.does = answering(200, DOCUMENT, ETag='W/"1"', Last_Modified="Sat, 28 Nov 2026 11:00:00 GMT")

    answer = asking(publisher)

    assert answer == Fetched(DOCUMENT, 'W/"1"', "Sat, 28 Nov 2026 11:00:00 GMT")
    assert publisher.asked[0]["accept-encoding"] == "identity"
    assert "if-none-match" not in publisher.asked[0]


def test_an_unchanged_document_is_not_sent_again(publisher: Publisher) -> None:
    publisher.does = offering(DOCUMENT)
    first = asking(publisher)
    assert isinstance(first, Fetched)

    assert asking(publisher, first.etag) == Unchanged()


def test_a_date_alone_asks_for_it_again_too(publisher: Publisher) -> None:
    publisher.does = answering(304)
    changed = "Sat, 28 Nov 2026 11:00:00 GMT"

    answer = fetch(Feed("ours", publisher.url), None, changed, lambda: NOW, SHORT)

    assert answer == Unchanged()
    assert publisher.asked[0]["if-modified-since"] == changed


def test_unchanged_is_no_answer_to_who_has_nothing(publisher: Publisher) -> None:
    publisher.does = answering(304)

    assert "no document yet" in failure(asking(publisher))


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 500, 503, 599])
def test_any_other_status_is_named(publisher: Publisher, status: int) -> None:
    publisher.does = answering(status)

    assert f"answered {status}" in failure(asking(publisher))


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sat, 28 Nov 2026 12:30:00 GMT", timedelta(minutes=30)),
        ("Sat, 28 Nov 2026 11:30:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
    ],
)
def test_a_server_may_say_when_to_come_again(publisher: Publisher, said: str, wait: timedelta | None) -> None:
    publisher.does = answering(503, Retry_After=said)

    answer = asking(publisher)

    assert isinstance(answer, Failed)
    assert answer.retry_after == wait


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "application/json"),
        (b"\xef\xbb\xbf \n<HTML lang='en'>", "application/json"),
        (b'{"type": "FeatureCollection"}', "text/html; charset=utf-8"),
    ],
)
def test_an_html_page_is_no_document(publisher: Publisher, body: bytes, kind: str) -> None:
    publisher.does = answering(200, body, Content_Type=kind)

    assert "HTML page" in failure(asking(publisher))


@pytest.mark.parametrize("declared", [True, False])
def test_a_document_that_is_too_large_is_not_read_to_its_end(publisher: Publisher, declared: bool) -> None:
    sent = []

    def endless(asked: Asked) -> None:
        asked.send_response(200)
        if declared:
            asked.send_header("Content-Length", "1000000000")
        asked.end_headers()
        for _ in range(1000):
            asked.wfile.write(b"x" * 100_000)
            sent.append(1)

    publisher.does = endless

    assert "larger than 10000 bytes" in failure(asking(publisher))
    assert len(sent) < 1000


def test_a_document_that_is_cut_off_is_no_document(publisher: Publisher) -> None:
    publisher.does = answering(200, DOCUMENT[:-20], Content_Length=str(len(DOCUMENT)))

    assert "20 bytes of it are missing" in failure(asking(publisher))


def test_a_chunked_document_that_is_cut_off_is_no_document(publisher: Publisher) -> None:
    def behave(asked: Asked) -> None:
        asked.protocol_version = "HTTP/1.1"
        asked.send_response(200)
        asked.send_header("Transfer-Encoding", "chunked")
        asked.end_headers()
        asked.wfile.write(b"400\r\n{\r\n")
        asked.close_connection = True

    publisher.does = behave

    assert "cut off" in failure(asking(publisher))


def test_a_compressed_document_is_refused(publisher: Publisher) -> None:
    publisher.does = answering(200, b"\x1f\x8b", Content_Encoding="gzip")

    assert "compressed" in failure(asking(publisher))


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_a_while(publisher: Publisher) -> None:
    let_go = threading.Event()
    publisher.does = lambda _asked: let_go.wait(10) and None
    started = time.monotonic()

    said = failure(asking(publisher))

    let_go.set()
    assert "did not answer for 0.3 s" in said
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("headers_too", [True, False])
def test_a_server_that_trickles_is_cut_off(publisher: Publisher, headers_too: bool) -> None:
    let_go = threading.Event()

    def trickle(asked: Asked) -> None:
        asked.wfile.write(b"HTTP/1.0 200 OK\r\n" + (b"" if headers_too else b"\r\n"))
        for _ in range(200):
            if let_go.wait(0.05):
                return
            asked.wfile.write(b"x")
            asked.wfile.flush()

    publisher.does = trickle
    started = time.monotonic()

    said = failure(asking(publisher))

    let_go.set()
    assert "did not come within 1 s" in said
    assert time.monotonic() - started < 5


def test_what_does_not_speak_http_is_said(publisher: Publisher) -> None:
    publisher.does = lambda asked: asked.wfile.write(b"220 mail.example.org ESMTP\r\n") and None

    assert "did not answer in HTTP" in failure(asking(publisher))


def test_a_server_that_is_not_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    answer = fetch(Feed("ours", f"http://127.0.0.1:{port}/z.json"), None, None, lambda: NOW, SHORT)

    assert failure(answer) == "The server refused the connection."


def test_a_host_that_has_no_address_is_said() -> None:
    answer = fetch(Feed("ours", "https://zones.invalid/z.json"), None, None, lambda: NOW, SHORT)

    assert "cannot be reached" in failure(answer)


def test_a_redirect_on_the_same_server_is_followed(publisher: Publisher) -> None:
    def behave(asked: Asked) -> None:
        if asked.path == "/zones.json":
            answering(302, Location="/new/zones.json")(asked)
        else:
            answering(200, DOCUMENT)(asked)

    publisher.does = behave

    assert isinstance(asking(publisher), Fetched)


def test_a_redirect_in_a_circle_ends(publisher: Publisher) -> None:
    publisher.does = answering(302, Location="/zones.json")

    assert "more than 5 times" in failure(asking(publisher))
    assert len(publisher.asked) == 6


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:1/zones.json",
        "https://127.0.0.1/zones.json",
        "file:///etc/passwd",
        "//elsewhere.example.org/zones.json",
        "https://user@elsewhere.example.org/zones.json",
        "http://[",
    ],
)
def test_a_redirect_to_elsewhere_is_refused(publisher: Publisher, to: str) -> None:
    publisher.does = answering(302, Location=to)

    assert "redirects to" in failure(asking(publisher))
    assert len(publisher.asked) == 1


def test_a_redirect_to_an_origin_that_was_named_is_followed(publisher: Publisher) -> None:
    with publishing() as other:
        other.does = answering(200, DOCUMENT)
        publisher.does = answering(302, Location=other.url)

        refused = asking(publisher)
        followed = asking(publisher, redirects_to=(f"http://127.0.0.1:{other.port}",))

    assert "than this feed names" in failure(refused)
    assert isinstance(followed, Fetched)


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate for 127.0.0.1 that nobody signed but itself, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    from ipaddress import ip_address

    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))  # noqa: DTZ001 - as the library wants it
        .not_valid_after(datetime(2100, 1, 1))  # noqa: DTZ001
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return file


def test_a_certificate_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, "publisher")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    with publishing(tls) as publisher:
        publisher.does = answering(200, DOCUMENT)
        refused = asking(publisher, limits=Limits(silence_s=5, all_s=10))
        monkeypatch.setenv("SSL_CERT_FILE", str(file))

        trusted = asking(publisher, limits=Limits(silence_s=5, all_s=10))

    assert "certificate cannot be trusted" in failure(refused)
    assert isinstance(trusted, Fetched)


def test_a_server_without_tls_where_it_is_asked_for_is_said(publisher: Publisher) -> None:
    answer = fetch(Feed("ours", f"https://127.0.0.1:{publisher.port}/z.json"), None, None, lambda: NOW, SHORT)

    assert "protected connection" in failure(answer)


@pytest.mark.parametrize(
    "url",
    [
        "http://zones.example.org/z.json",
        "ftp://zones.example.org/z.json",
        "file:///z.json",
        "https:///z.json",
        "https://user:secret@zones.example.org/z.json",
        "https://zones.example.org/a b.json",
        "https://zones.example.org:x/z.json",
        "https://zones.example.org/z\r\nHost: other",
    ],
)
def test_an_address_that_will_not_do_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError):
        Feed("ours", url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"data_set": "Not A Name"},
        {"every": timedelta(seconds=59)},
        {"every": timedelta(days=8)},
        {"redirects_to": ("https://files.example.org/path",)},
        {"redirects_to": ("http://files.example.org",)},
    ],
)
def test_a_feed_that_cannot_be_meant_is_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Feed(**({"data_set": "ours", "url": "https://zones.example.org/z.json"} | wrong))  # type: ignore[arg-type]

"""A publisher's server on this machine, which does to whoever asks what a test says."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

Asked = BaseHTTPRequestHandler
Behaviour = Callable[[Asked], None]


class Publisher:
    """A server at `url`; `does` is what it does with a request, `asked` are the headers of those it got."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port, self.scheme = port, scheme
        self.asked: list[dict[str, str]] = []
        self.does: Behaviour = gone

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/zones.json"


@contextmanager
def publishing(tls: SSLContext | None = None) -> Iterator[Publisher]:
    """Run a publisher's server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append({name.lower(): value for name, value in self.headers.items()})
            try:
                publisher.does(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A handshake that a client breaks off is what some tests want."""

    server = Server(("127.0.0.1", 0), Handler)
    publisher = Publisher(server.server_port, "https" if tls else "http")
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def gone(asked: Asked) -> None:
    answering(404)(asked)


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer so, every time."""

    def behave(asked: Asked) -> None:
        asked.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"Content-Length": str(len(body))} | named).items():
            asked.send_header(name, value)
        asked.end_headers()
        asked.wfile.write(body)

    return behave


def offering(body: bytes) -> Behaviour:
    """Answer with a document, or that it is unchanged, as its ETag says."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'

    def behave(asked: Asked) -> None:
        if asked.headers.get("If-None-Match") == etag:
            answering(304)(asked)
        else:
            answering(200, body, ETag=etag, Content_Type="application/json")(asked)

    return behave

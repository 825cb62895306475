"""One line in the log for each request, and an id that the caller and the log share. Query strings stay out."""

from __future__ import annotations

import re
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zones_api.api.problems import unexpected

log = structlog.get_logger()

_USABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLog:
    """Give each request its id, in the scope, the log and the answer's X-Request-ID.

    A caller's own X-Request-ID is taken over if it is plain.
    """

    def __init__(self, app: ASGIApp, new_id: Callable[[], str], seconds: Callable[[], float]) -> None:
        self.app = app
        self.new_id = new_id
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _USABLE_ID.fullmatch(given) else self.new_id()
        scope["request_id"] = request_id
        started, status, started_to_answer = self.seconds(), 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, started_to_answer
            if message["type"] == "http.response.start":
                status, started_to_answer = message["status"], True
                headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
                if not any(name.lower() == b"cache-control" for name, _ in message["headers"]):
                    headers.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            except Exception:
                log.exception("unexpected")
                if started_to_answer:
                    raise
                await unexpected(Request(scope, receive))(scope, receive, send_with_id)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round((self.seconds() - started) * 1000, 1),
                )

"""Reading a JSON body within a limit and strictly, before FastAPI sees it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from zones_api.errors import InputTooLarge, UnsupportedMediaType
from zones_api.formats import strict_json

MAX_BODY_BYTES = 5_000_000


class _ReadRequest(Request):
    """A request whose JSON has been read already."""

    def hold(self, body: bytes, value: Any) -> None:
        self._body = body
        self._json = value


class JsonRoute(APIRoute):
    """A route whose body is JSON of at most MAX_BODY_BYTES: no NaN, no duplicate keys, no endless nesting."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler behind our reader."""
        answer = super().get_route_handler()

        async def read_then_answer(request: Request) -> Response:
            read = _ReadRequest(request.scope, request.receive)
            if self.body_field is not None:
                kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
                if kind != "application/json" and not kind.endswith("+json"):
                    raise UnsupportedMediaType("Send JSON, and say so: Content-Type: application/json.")
                body = await within_limit(request, MAX_BODY_BYTES)
                read.hold(body, strict_json.loads(body))
            return await answer(read)

        return read_then_answer


async def within_limit(request: Request, most: int) -> bytes:
    """Return the body, and stop reading as soon as it is too large, whatever its Content-Length says."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise InputTooLarge(f"The body is larger than {most} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)

"""Who is calling, and writes that can be repeated without harm."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from zones_api.api.deps import CurrentService, RegisterDoors
from zones_api.authoring import Desk, Reply, Work
from zones_api.domain.people import Caller
from zones_api.errors import InvalidInput, NotSignedIn

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def _register(service: CurrentService) -> RegisterDoors:
    return service.of_register()


Doors = Annotated[RegisterDoors, Depends(_register)]


def _caller(request: Request, doors: Doors, service: CurrentService) -> Caller:
    kind, _, credential = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not credential.strip():
        raise NotSignedIn("Sign in: send Authorization: Bearer and an API key or access token.")
    return doors.identity.caller(credential.strip(), service.now())


SignedIn = Annotated[Caller, Depends(_caller)]


@dataclass(frozen=True)
class Write:
    """A write that a person asks for: the same request with the same Idempotency-Key is done once."""

    desk: Desk
    caller: Caller
    key: str
    request_digest: str
    clock: Callable[[], datetime]

    def once(self, act: Callable[[Work], Reply]) -> Response:
        """Do the write, or answer again what was answered before; it is committed before it is answered."""
        reply = self.desk.once(self.caller, self.key, self.request_digest, self.clock, act)
        return Response(reply.body, reply.status, headers=dict(reply.headers), media_type="application/json")


async def _write(
    request: Request,
    caller: SignedIn,
    doors: Doors,
    service: CurrentService,
    idempotency_key: Annotated[
        str | None, Header(description="A new one for each write; the same again for a repetition of it")
    ] = None,
) -> Write:
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise InvalidInput(
            "A write needs an Idempotency-Key: up to 255 printable characters that you never used before."
        )
    parts = (request.method, request.url.path, request.headers.get("if-match", ""))
    head = "\n".join(parts).encode() + b"\n"
    digest = hashlib.sha256(head + await request.body()).hexdigest()
    return Write(doors.desk, caller, idempotency_key, digest, service.now)


Writing = Annotated[Write, Depends(_write)]
